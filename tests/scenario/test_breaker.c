// SPDX-License-Identifier: Apache-2.0

/*
 * An import gone wrong: many agendas of one client diverge at once.  Nothing is moved, the
 * operator is alarmed and decides, and all of it is still so after the broker was killed.
 */
#include "tests/scenario/diverge.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { STAFF = 14 };

static char texts[STAFF][32];
static const char *staff[STAFF + 1];
static struct world_client *hospital;
static uint8_t meetings[STAFF][16];

static int set_up(void **state)
{
    circle_set_up(state);
    for (int i = 0; i < STAFF; i++) {
        snprintf(texts[i], sizeof(texts[i]), "idnps:8997000001%02d", i);
        staff[i] = texts[i];
    }
    hospital = world_add_client(&world, "hospital", false, staff);
    return 0;
}

static void is_free(const char *person, bool busy_too)
{
    struct entente_range ranges[] = {
        {.start = world.day + 8 * HOUR,
         .end = world.day + 12 * HOUR,
         .kind = ENTENTE_FREE},
        {.start = world.day + 8 * HOUR,
         .end = world.day + 18 * HOUR,
         .kind = ENTENTE_BUSY},
    };
    assert_int_equal(world_publish(hospital, person, ranges, busy_too ? 2 : 1),
                     ENTENTE_OK);
}

/* A meeting of each one alone, confirmed. */
static void everybody_has_a_meeting(void)
{
    for (int i = 0; i < STAFF; i++) {
        struct entente_identifier who = world_identifier(staff[i]);
        struct entente_party party = world_party(&who, false);
        struct entente_span window = {world.day, world.day + DAY};
        struct entente_spec spec = world_spec(&party, 1, &window);
        const struct entente_meeting *meeting = NULL;
        is_free(staff[i], false);
        assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
        memcpy(meetings[i], meeting->id.data, 16);
        meeting = circle_says(hospital, staff[i], ENTENTE_ACCEPT, 0, meeting);
        assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    }
}

static int64_t number(const char *sql)
{
    return pg_database_number(world.database, "%s", sql);
}

static int breaker(const char *word, const char *client, const char *option)
{
    const char *words[] = {"entente", "breaker", word, client, option, NULL};
    return world_entente(&world, words);
}

static int64_t confirmed(void)
{
    return number("SELECT count(*) FROM meeting WHERE state = 3");
}

static void test_an_import_gone_wrong_moves_nothing(void **state)
{
    (void)state;
    everybody_has_a_meeting();
    for (int i = 0; i < STAFF; i++) {
        is_free(staff[i], true);
    }
    diverge_settle_down();
    assert_int_equal(number("SELECT count(*) FROM breaker WHERE tripped IS NOT NULL"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM divergence"), STAFF);
    assert_int_equal(number("SELECT count(*) FROM divergence WHERE NOT held_back"), 10);

    /* Neither time nor a crash reopens any of them. */
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    world_advance(&world, 180);
    diverge_settle_down();
    assert_int_equal(confirmed(), STAFF);
    assert_int_equal(breaker("list", NULL, NULL), 0);

    /* Put right, and reset: all of it is forgotten. */
    for (int i = 0; i < STAFF; i++) {
        is_free(staff[i], false);
    }
    assert_int_equal(breaker("reset", "hospital", NULL), 0);
    diverge_settle_down();
    assert_int_equal(number("SELECT count(*) FROM breaker"), 0);
    assert_int_equal(number("SELECT count(*) FROM divergence"), 0);
    world_advance(&world, 180);
    diverge_settle_down();
    assert_int_equal(confirmed(), STAFF);
}

static void test_the_operator_says_that_it_is_real(void **state)
{
    (void)state;
    for (int i = 0; i < STAFF; i++) {
        is_free(staff[i], true);
    }
    diverge_settle_down();
    assert_int_equal(number("SELECT count(*) FROM breaker WHERE tripped IS NOT NULL"),
                     1);
    assert_int_equal(breaker("reset", "hospital", "--real"), 0);
    diverge_settle_down();
    assert_int_equal(number("SELECT count(*) FROM divergence WHERE held_back"), 0);
    assert_int_equal(confirmed(), STAFF);
    world_advance(&world, 180);
    diverge_settle_down();
    assert_int_equal(confirmed(), 0);
    assert_int_equal(number("SELECT count(*) FROM meeting WHERE state = 5"), STAFF);
}

static void on_day(const char *person, int day, bool busy)
{
    struct entente_range range = {.start = world.day + day * DAY + 8 * HOUR,
                                  .end = world.day + day * DAY + 12 * HOUR,
                                  .kind = busy ? ENTENTE_BUSY : ENTENTE_FREE};
    assert_int_equal(world_publish(hospital, person, &range, 1), ENTENTE_OK);
}

/* What diverges is looked at again once, whoever of its people it was. */
static void test_two_people_of_one_meeting(void **state)
{
    (void)state;
    struct entente_identifier who[] = {world_identifier(staff[0]),
                                       world_identifier(staff[1])};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false)};
    struct entente_span window = {world.day + 2 * DAY, world.day + 3 * DAY};
    struct entente_spec spec = world_spec(parties, 2, &window);
    const struct entente_meeting *meeting = NULL;
    on_day(staff[0], 2, false);
    on_day(staff[1], 2, false);
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    meeting = circle_says(hospital, staff[0], ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(hospital, staff[1], ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    on_day(staff[0], 2, true);
    on_day(staff[1], 2, true);
    diverge_settle_down();
    assert_int_equal(number("SELECT max(n) FROM (SELECT count(*) AS n FROM divergence"
                            " GROUP BY meeting) AS t"),
                     2);
    assert_int_equal(breaker("reset", "hospital", NULL), 0);
    assert_int_equal(breaker("reset", "hospital", "--real"), 0);
    assert_int_equal(breaker("reset", "hospital", "--forget"), 0);
    diverge_settle_down();
}

static void test_words_that_are_wrong(void **state)
{
    (void)state;
    assert_int_equal(breaker("reset", "nobody", NULL), 1);
    assert_int_equal(breaker("reset", NULL, NULL), 2);
    assert_int_equal(breaker("open", NULL, NULL), 2);
    const char *both[] = {"entente", "breaker",  "reset", "hospital",
                          "--real",  "--forget", NULL};
    assert_int_equal(world_entente(&world, both), 2);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_import_gone_wrong_moves_nothing),
        cmocka_unit_test(test_the_operator_says_that_it_is_real),
        cmocka_unit_test(test_two_people_of_one_meeting),
        cmocka_unit_test(test_words_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
