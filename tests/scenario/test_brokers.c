// SPDX-License-Identifier: Apache-2.0

/*
 * Several brokers on one database.
 *
 *     coordinator, ben ── broker 1 ──┐
 *                                    ├── PostgreSQL
 *     anna, chris ─────── broker 2 ──┘
 *
 * What one is told the other knows a moment later; who hangs where makes no difference;
 * one of them dies and the other goes on.
 */
#include "tests/scenario/seek.h"
#include "tests/scenario/world_hang.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZOE "ins-test:285017300000000"

static const char *const both[] = {ANNA, BEN, NULL};
static const char *const all[] = {ANNA, BEN, CHRIS, NULL};

static int two_brokers(void **state)
{
    circle_set_up(state);
    world_start_another(&world, 2);
    world_hang_on(anna, 2);
    world_hang_on(chris, 2);
    return 0;
}

/* ---- publications ------------------------------------------------------------------
 */

struct wish {
    struct seek seek;
    bool slots; /* there are some, or: there are none */
};

static bool finds(void *context)
{
    struct wish *wish = context;
    const struct entente_search_result *result = seek_found(&wish->seek);
    return (result->slots_count > 0) == wish->slots;
}

static void until_found(bool slots)
{
    struct wish wish = {.slots = slots};
    seek_begin(&wish.seek, both);
    assert_true(world_until(&world, finds, &wish));
}

/* Everybody is free, and every broker knows it. */
static void everybody_is_free_everywhere(void)
{
    struct wish wish = {.slots = true};
    circle_everybody_is_free();
    seek_begin(&wish.seek, all);
    assert_true(world_until(&world, finds, &wish));
}

static void test_what_one_is_told_the_other_knows(void **state)
{
    (void)state;
    circle_everybody_is_free();
    until_found(true);

    /* Another agenda of hers, in which she is busy; and it is withdrawn. */
    const struct entente_range day[] = {seek_range(0, 3 * DAY, ENTENTE_BUSY)};
    const struct entente_publish like = {.source = "second"};
    seek_publish(anna, ANNA, day, 1, &like);
    until_found(false);
    assert_int_equal(entente_client_withdraw(anna->sdk, "second", NULL, NULL),
                     ENTENTE_OK);
    until_found(true);
}

static void test_somebody_waits_here_and_time_comes_there(void **state)
{
    (void)state;
    circle_is_free(ben, BEN, 8, 18);
    const struct entente_meeting *meeting = NULL;
    circle_is_free(anna, ANNA, 20, 21);
    assert_int_equal(circle_ask(false, 0, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    struct circle_kept kept;
    memcpy(kept.id, meeting->id.data, sizeof(kept.id));
    kept.meeting = (struct entente_meeting){.id = {kept.id, 16}, .version = 2};
    circle_is_free(anna, ANNA, 8, 18);
    circle_learns(coordinator, &kept.meeting, ENTENTE_PROPOSED);
    circle_learns(anna, &kept.meeting, ENTENTE_PROPOSED);
    circle_called_off(&kept.meeting);
}

/* ---- who hangs where ---------------------------------------------------------------
 */

static void test_a_meeting_over_both(void **state)
{
    (void)state;
    everybody_is_free_everywhere();
    struct circle_kept kept;
    const struct entente_meeting *meeting = circle_asked(true);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    circle_learns(anna, asked, ENTENTE_PROPOSED);
    circle_learns(ben, asked, ENTENTE_PROPOSED);
    circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, asked);
    circle_says(ben, BEN, ENTENTE_ACCEPT, 0, asked);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_learns(coordinator, asked, ENTENTE_CONFIRMED);
    circle_learns(ben, asked, ENTENTE_CONFIRMED);
    circle_learns(anna, asked, ENTENTE_CONFIRMED);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(asked);
    circle_learns(chris, asked, ENTENTE_CANCELLED);
}

static void test_a_client_changes_over(void **state)
{
    (void)state;
    everybody_is_free_everywhere();
    struct circle_kept kept;
    const struct entente_meeting *asked = circle_keep(circle_asked(false), &kept);
    circle_learns(anna, asked, ENTENTE_PROPOSED);
    uint64_t told = anna->position.sequence;
    uint64_t numbering = anna->position.epoch;

    /* Said and answered at the second one; what she says at the first one stands on it. */
    circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, asked);
    world_hang_on(anna, 1);
    until_found(true);
    circle_says(ben, BEN, ENTENTE_ACCEPT, 0, asked);
    circle_learns(anna, asked, ENTENTE_CONFIRMED);
    assert_true(anna->position.sequence > told);
    assert_int_equal(anna->position.epoch, numbering);
    for (size_t i = 1; i < anna->event_count; i++) {
        assert_int_equal(anna->events[i].sequence, anna->events[i - 1].sequence + 1);
    }
    circle_is_free(anna, ANNA, 8, 12);
    world_hang_on(anna, 2);
    circle_is_free(anna, ANNA, 8, 18);
    circle_called_off(asked);
    circle_learns(anna, asked, ENTENTE_CANCELLED);
}

/* The SDK of a program that nobody of the world steps. */
static bool is_replaced(void *context)
{
    struct entente_client *sdk = context;
    entente_client_step(sdk, 0);
    return anna->stopped && anna->stopped_by == ENTENTE_ERROR_SESSION_REPLACED;
}

static void test_the_newest_hello_wins_on_any_broker(void **state)
{
    (void)state;
    anna->stopped = false;
    struct entente_client *before = world_hang_beside(anna, 1);
    assert_true(world_until(&world, is_replaced, before));
    entente_client_destroy(before);
    anna->stopped = false;
    before = world_hang_beside(anna, 2);
    assert_true(world_until(&world, is_replaced, before));
    entente_client_destroy(before);
    anna->stopped = false;
    circle_is_free(anna, ANNA, 8, 18);
}

static void test_two_never_share_a_number(void **state)
{
    (void)state;
    const char *words[] = {"entente",  "broker", "--listen", "ipc:///nowhere/at/all",
                           "--number", "2",      NULL};
    assert_int_equal(world_entente(&world, words), 1);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM broker"),
                     2);
}

/* With another one a patient who is known would be somebody new. */
static void test_the_key_file_of_another_database(void **state)
{
    (void)state;
    char folder[] = "/tmp/entente-keys-XXXXXX";
    char file[64];
    const char *make[] = {"entente", "keys", "make", "--keys", folder, NULL};
    const char *broker[] = {"entente", "broker", "--listen", "ipc:///nowhere/at/all",
                            "--keys",  folder,   "--number", "3",
                            NULL};
    const char *add[] = {"entente",   "client",       "add",        "other",
                         "--keys",    folder,         "--write-to", file,
                         "--sandbox", "--speaks-for", ZOE,          NULL};
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_asked(false), &kept);
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/other.ini", folder);
    assert_int_equal(world_entente(&world, make), 0);
    assert_int_equal(world_entente(&world, broker), 1);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM broker"),
                     2);
    /* Nor is anybody made known with it. */
    world_add_client(&world, "box", true, (const char *[]){ZOE, NULL});
    assert_int_equal(world_entente(&world, add), 1);
    assert_int_equal(
        pg_database_number(world.database,
                           "SELECT count(*) FROM person WHERE blind IS NOT NULL"),
        1);
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof(file), "%s/%s", folder,
                 i == 0 ? "seal.key" : "broker.key");
        assert_int_equal(unlink(file), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    circle_called_off(meeting);
}

/* ---- one of them is gone -----------------------------------------------------------
 */

static bool somebody_else_leads(void *context)
{
    return pg_database_number(world.database,
                              "SELECT broker FROM lease WHERE until > clock_timestamp()"
                              " UNION ALL SELECT 0 LIMIT 1") == *(int64_t *)context;
}

static void test_who_sees_to_deadlines_dies(void **state)
{
    (void)state;
    everybody_is_free_everywhere();
    struct circle_kept kept;
    const struct entente_meeting *asked = circle_keep(circle_asked(false), &kept);
    int64_t leader = pg_database_number(world.database, "SELECT broker FROM lease");
    int64_t other = 3 - leader;
    if (leader == 1) {
        world_hang_on(coordinator, 2);
        world_hang_on(ben, 2);
        world_stop_broker(&world, SIGKILL);
    } else {
        world_hang_on(anna, 1);
        world_hang_on(chris, 1);
        world_stop_another(&world, 2, SIGKILL);
    }
    assert_true(world_until(&world, somebody_else_leads, &other));
    world_advance(&world, INT64_C(20) * DAY);
    circle_learns(coordinator, asked, ENTENTE_EXPIRED);
    circle_learns(anna, asked, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
    if (leader == 1) {
        world_start_broker(&world, NULL);
        world_hang_on(coordinator, 1);
        world_hang_on(ben, 1);
    } else {
        world_start_another(&world, 2);
        world_hang_on(anna, 2);
        world_hang_on(chris, 2);
    }
    world.day += 21 * DAY;
}

/* Clients that know both go on by themselves with the one that lives. */
static void test_one_is_killed_and_the_other_goes_on(void **state)
{
    (void)state;
    static const size_t first[] = {1, 2};
    static const size_t second[] = {2, 1};
    world_hang(coordinator, first, 2);
    world_hang(ben, first, 2);
    world_hang(anna, second, 2);
    everybody_is_free_everywhere();
    struct circle_kept kept;
    const struct entente_meeting *asked = circle_keep(circle_asked(false), &kept);
    circle_learns(ben, asked, ENTENTE_PROPOSED);
    world_stop_broker(&world, SIGKILL);
    circle_says(ben, BEN, ENTENTE_ACCEPT, 0, asked);
    const struct entente_meeting *meeting =
        circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_learns(coordinator, asked, ENTENTE_CONFIRMED);
    circle_learns(ben, asked, ENTENTE_CONFIRMED);

    world_start_broker(&world, NULL);
    world_hang_on(coordinator, 1);
    world_stop_another(&world, 2, SIGKILL);
    meeting = NULL;
    assert_int_equal(circle_cancel(coordinator, NULL, asked, &meeting), ENTENTE_OK);
    circle_learns(ben, asked, ENTENTE_CANCELLED);
    circle_learns(anna, asked, ENTENTE_CANCELLED);
    world_start_another(&world, 2);
    world_hang_on(anna, 2);
    world_hang_on(chris, 2);
    assert_int_equal(world_overlaps(&world), 0);
}

/* The database is gone for an hour of everybody's clock: no answer is missing yet. */
static void test_nobody_is_late_because_the_database_was_away(void **state)
{
    (void)state;
    everybody_is_free_everywhere();
    struct circle_kept kept;
    const struct entente_meeting *asked = circle_keep(circle_asked(false), &kept);
    int64_t until = pg_database_number(
        world.database, "SELECT max(extract(epoch FROM at))::int8 FROM due");
    pg_database_run(world.database,
                    "INSERT INTO test_clock SELECT interval '0' WHERE NOT EXISTS"
                    " (SELECT FROM test_clock);"
                    "UPDATE test_clock SET shift = shift + interval '1 hour';"
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    const struct entente_meeting *meeting =
        circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_true(
        pg_database_number(world.database,
                           "SELECT max(extract(epoch FROM at))::int8 FROM due") >=
        until + 3500);
    circle_called_off(asked);
}

static void test_who_was_away_longer_than_the_feed_compares_everybody(void **state)
{
    (void)state;
    circle_everybody_is_free();
    world_hang_on(coordinator, 2);
    until_found(true);
    kill(world.others[2], SIGSTOP);
    circle_is_free(ben, BEN, 20, 21);
    circle_is_free(ben, BEN, 21, 22);
    pg_database_run(world.database,
                    "DELETE FROM feed f WHERE seq < (SELECT max(seq) FROM feed l"
                    " WHERE l.origin = f.origin)");
    kill(world.others[2], SIGCONT);
    until_found(false);
    circle_is_free(ben, BEN, 8, 18);
    until_found(true);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_one_is_told_the_other_knows),
        cmocka_unit_test(test_somebody_waits_here_and_time_comes_there),
        cmocka_unit_test(test_a_meeting_over_both),
        cmocka_unit_test(test_a_client_changes_over),
        cmocka_unit_test(test_the_newest_hello_wins_on_any_broker),
        cmocka_unit_test(test_two_never_share_a_number),
        cmocka_unit_test(test_the_key_file_of_another_database),
        cmocka_unit_test(test_who_sees_to_deadlines_dies),
        cmocka_unit_test(test_one_is_killed_and_the_other_goes_on),
        cmocka_unit_test(test_nobody_is_late_because_the_database_was_away),
        cmocka_unit_test(test_who_was_away_longer_than_the_feed_compares_everybody),
    };
    return cmocka_run_group_tests(tests, two_brokers, circle_tear_down);
}
