// SPDX-License-Identifier: Apache-2.0

/*
 * What several brokers need of the store: the feed of the others, hellos that say too
 * little or too much, and the purge.
 */
#include "broker/store/store_brokers.h"
#include "proto/limits.h"
#include "tests/store/store_world.h"

#include <string.h>

struct heard {
    bool done;
    enum status status;
    struct store_change changes[64];
    size_t count;
    bool gap;
    bool more;
    size_t rows;
    struct store_hello hello;
    bool has_hello;
};

static void until_done(struct world *world, struct heard *heard)
{
    while (!heard->done) {
        world_step(world);
    }
    assert_int_equal(heard->status, STATUS_OK);
}

/* ---- following ---------------------------------------------------------------------
 */

static void on_followed(void *context, enum status status,
                        const struct store_followed *rows)
{
    struct heard *heard = context;
    heard->done = true;
    heard->status = status;
    if (status == STATUS_OK) {
        assert_in_range(rows->count, 0, 64);
        memcpy(heard->changes, rows->changes, rows->count * sizeof(rows->changes[0]));
        heard->count = rows->count;
        heard->gap = rows->gap;
        heard->more = rows->more;
    }
}

static struct heard follow(struct world *world)
{
    struct heard heard = {0};
    store_follow(world->store, &world->arena, on_followed, &heard);
    until_done(world, &heard);
    return heard;
}

static void test_what_others_change_is_followed_once(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database,
                    "INSERT INTO broker (id, started, alive) VALUES (5, now(), now());"
                    "INSERT INTO feed (origin, seq, kind, person, version, at)"
                    " VALUES (-5, 1, 1, 2, 7, now()), (5, 1, 2, 3, 9, now()),"
                    " (77, 1, 1, 1, 2, now());"
                    "INSERT INTO feed (origin, seq, kind, client, version, at)"
                    " VALUES (5, 2, 4, 101, 0, now()), (-5, 2, 5, 102, 12, now())");
    struct heard heard = follow(world);
    assert_int_equal(heard.count, 4);
    assert_false(heard.gap);
    assert_int_equal(heard.changes[0].kind, STORE_AVAILABILITY);
    assert_int_equal(heard.changes[0].person, 2);
    assert_int_equal(heard.changes[0].version, 7);
    assert_int_equal(heard.changes[1].kind, STORE_HELLO);
    assert_int_equal(heard.changes[1].client, 102);
    assert_int_equal(heard.changes[1].version, 12);
    assert_int_equal(heard.changes[2].kind, STORE_CLAIMS);
    assert_int_equal(heard.changes[3].kind, STORE_RECIPIENT);
    assert_int_equal(follow(world).count, 0);

    pg_database_run(world->database,
                    "INSERT INTO feed (origin, seq, kind, person, version, at)"
                    " VALUES (5, 3, 1, 2, 8, now())");
    heard = follow(world);
    assert_int_equal(heard.count, 1);
    assert_false(heard.gap);
    /* The fourth was forgotten before it was read. */
    pg_database_run(world->database,
                    "INSERT INTO feed (origin, seq, kind, person, version, at)"
                    " VALUES (5, 5, 1, 2, 8, now())");
    assert_true(follow(world).gap);
    assert_false(follow(world).gap);
}

static void test_many_changes_come_page_by_page(void **state)
{
    struct world *world = *state;
    size_t count = 0;
    pg_database_run(world->database,
                    "INSERT INTO broker (id, started, alive) VALUES (5, now(), now());"
                    "INSERT INTO feed (origin, seq, kind, person, version, at)"
                    " SELECT 5, n, 3, NULL, 1, now() FROM generate_series(1, 30) n");
    struct heard heard = follow(world);
    count += heard.count;
    assert_false(heard.more);
    assert_int_equal(count, 30);
}

/* ---- hellos ------------------------------------------------------------------------
 */

static void on_hello(void *context, enum status status, const struct store_hello *hello)
{
    struct heard *heard = context;
    heard->done = true;
    heard->status = status;
    heard->has_hello = hello != NULL;
    if (hello != NULL) {
        heard->hello = *hello;
    }
}

static struct heard greet(struct world *world, const struct store_said *said)
{
    struct heard heard = {0};
    store_say_hello(world->store, 101, said, on_hello, &heard);
    while (!heard.done) {
        world_step(world);
    }
    assert_true(heard.has_hello);
    return heard;
}

/* Ten events, of which the first five are forgotten; of meetings that say nothing, so that
 * only a client that may see every one is told of them. */
static void have_events(struct world *world)
{
    pg_database_run(
        world->database,
        "INSERT INTO recipient (client, epoch, last_seq, acked_seq)"
        " VALUES (101, 3, 10, 6)"
        " ON CONFLICT (client) DO UPDATE SET epoch = 3, last_seq = 10,"
        " acked_seq = 6;"
        "UPDATE client SET sandbox = true WHERE id = 101;"
        "INSERT INTO meeting (id, version, state, people, organizer, created,"
        "                     updated, body, sealed)"
        " SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 1,"
        "  CASE n WHEN 3 THEN 6 ELSE 1 END, '{1}', 102, now(), now(), 'b',"
        "  's' FROM generate_series(1, 3) n;"
        "INSERT INTO outbox SELECT 101, n,"
        " '00000000-0000-0000-0000-000000000001', 1, now()"
        "  FROM generate_series(6, 10) n");
}

static void test_who_can_be_told_all_goes_on(void **state)
{
    struct world *world = *state;
    have_events(world);
    const struct store_said said = {
        .event_epoch = 3, .last_event = 5, .wants_events = true};
    struct heard heard = greet(world, &said);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.hello.event_epoch, 3);
    assert_int_equal(heard.hello.last_issued, 10);
}

static void test_what_cannot_be_read_is_told_to_nobody_without_the_sandbox(void **state)
{
    struct world *world = *state;
    have_events(world);
    pg_database_run(world->database, "UPDATE client SET sandbox = false");
    const struct store_said long_away = {
        .event_epoch = 3, .last_event = 4, .wants_events = true};
    struct heard heard = greet(world, &long_away);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.hello.event_epoch, 4);
    assert_int_equal(heard.hello.last_issued, 0);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM outbox"),
                     0);
}

static void test_who_cannot_begins_a_new_numbering(void **state)
{
    struct world *world = *state;
    have_events(world);
    const struct store_said long_away = {
        .event_epoch = 3, .last_event = 4, .wants_events = true};
    const struct store_said new_program = {.wants_events = true};
    const struct store_said command_line = {0};
    struct heard heard = greet(world, &command_line);
    assert_int_equal(heard.hello.event_epoch, 3);
    heard = greet(world, &long_away);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.hello.event_epoch, 4);
    assert_int_equal(heard.hello.last_issued, 3);
    assert_int_equal(heard.hello.last_acked, 0);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT count(*) FROM outbox"
                                        " WHERE recipient = 101 AND seq <= 3"),
                     3);
    /* It is told from the beginning: that is all there. */
    heard = greet(world, &new_program);
    assert_int_equal(heard.hello.event_epoch, 4);
}

static void test_who_knows_more_is_ahead(void **state)
{
    struct world *world = *state;
    have_events(world);
    const struct store_said events = {
        .event_epoch = 3, .last_event = 11, .wants_events = true};
    const struct store_said numbering = {
        .event_epoch = 4, .last_event = 1, .wants_events = true};
    const struct store_said requests = {.replies_epoch = 1000};
    const struct store_said *const ahead[] = {&events, &numbering, &requests};
    int64_t before = pg_database_number(
        world->database, "SELECT request_epoch FROM client WHERE id = 101");
    for (size_t i = 0; i < 3; i++) {
        struct heard heard = greet(world, ahead[i]);
        assert_int_equal(heard.status, STATUS_REFUSED);
        assert_true(heard.hello.ahead);
    }
    assert_int_equal(
        pg_database_number(world->database,
                           "SELECT request_epoch FROM client WHERE id = 101"),
        before);
    /* Told so and not believed: above what it says. */
    struct store_said afresh = events;
    afresh.afresh = true;
    afresh.replies_epoch = 1000;
    struct heard heard = greet(world, &afresh);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.hello.event_epoch, 4);
    assert_int_equal(heard.hello.request_epoch, 1001);
    /* What nobody can have been granted is not believed at all. */
    const struct store_said absurd = {.event_epoch = UINT64_MAX,
                                      .last_event = UINT64_MAX,
                                      .replies_epoch = UINT64_MAX,
                                      .wants_events = true};
    heard = greet(world, &absurd);
    assert_int_equal(heard.status, STATUS_OK);
}

/* ---- the purge ---------------------------------------------------------------------
 */

static void on_purged(void *context, enum status status, size_t rows)
{
    struct heard *heard = context;
    heard->done = true;
    heard->status = status;
    heard->rows = rows;
}

static size_t purge(struct world *world, size_t limit)
{
    struct heard heard = {0};
    store_purge(world->store, NULL, limit, on_purged, &heard);
    until_done(world, &heard);
    return heard.rows;
}

static int64_t count_of(struct world *world, const char *table)
{
    return pg_database_number(world->database, "SELECT count(*) FROM %s", table);
}

static void test_what_nobody_needs_is_forgotten(void **state)
{
    struct world *world = *state;
    have_events(world);
    pg_database_run(
        world->database,
        "DELETE FROM feed;"
        "UPDATE client SET replies_epoch = 4, replies_received = 10 WHERE id = 101;"
        /* Received two hours ago, not received, received just now, and too old. */
        "INSERT INTO command SELECT 101, e, n, sha256('x'), gen_random_uuid(), 1,"
        "  now() - age FROM (VALUES (4, 9, interval '2 hours'),"
        "  (4, 11, '2 hours'), (4, 10, '1 minute'), (5, 1, '31 days')) v (e, n, age);"
        "UPDATE outbox SET at = now() - interval '8 days' WHERE seq IN (6, 7);"
        "UPDATE outbox SET at = now() - interval '80 days' WHERE seq = 8;"
        "INSERT INTO feed (origin, seq, kind, at)"
        " SELECT 5, n, 3, now() - interval '2 hours' FROM generate_series(1, 4) n;"
        "INSERT INTO audit SELECT 5, n, now() - interval '4 years', '', '', ''"
        "  FROM generate_series(1, 3) n;"
        "INSERT INTO audit SELECT 5, 4, now() - interval '1 year', '', '', ''");
    /* Somebody else sees to it. */
    pg_database_run(world->database, "UPDATE lease SET broker = 5, until = 'infinity'");
    assert_int_equal(purge(world, 100), 0);
    pg_database_run(world->database,
                    "UPDATE lease SET broker = 0, until = '-infinity'");
    assert_int_equal(world_due(world, 1), STATUS_OK);

    assert_int_equal(purge(world, 100), 1 + 1 + 2 + 3 + 3);
    assert_int_equal(count_of(world, "command"), 2);
    /* Acknowledged: 6.  Older than seventy days, whoever it was for: 8. */
    assert_int_equal(pg_database_number(world->database, "SELECT sum(seq) FROM outbox"),
                     7 + 9 + 10);
    assert_int_equal(
        pg_database_number(world->database, "SELECT max(forgotten_seq) FROM recipient"),
        8);
    /* The next ones are numbered behind what was there. */
    assert_int_equal(pg_database_number(world->database, "SELECT seq FROM feed"), 4);
    assert_int_equal(pg_database_number(world->database, "SELECT seq FROM audit"), 4);
    assert_int_equal(purge(world, 100), 0);
}

static void test_a_little_at_a_time(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database,
                    "DELETE FROM feed; INSERT INTO feed (origin, seq, kind, at)"
                    " SELECT 5, n, 3, now() - interval '1 day'"
                    "   FROM generate_series(1, 100) n");
    assert_int_equal(world_due(world, 1), STATUS_OK);
    assert_int_equal(purge(world, 40), 40);
    assert_int_equal(purge(world, 40), 40);
    assert_int_equal(purge(world, 40), 19);
}

/* One broker at a time does what is due. */
static void test_what_is_due_is_leased(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database,
                    "INSERT INTO due VALUES (gen_random_uuid(), 2, now())");
    assert_int_equal(world_due(world, 10), STATUS_OK);
    assert_int_equal(world->count, 1);
    pg_database_run(world->database, "UPDATE lease SET broker = 5,"
                                     " until = clock_timestamp() + interval '1 hour'");
    assert_int_equal(world_due(world, 10), STATUS_OK);
    assert_int_equal(world->count, 0);
    pg_database_run(world->database, "UPDATE lease SET until = clock_timestamp()");
    assert_int_equal(world_due(world, 10), STATUS_OK);
    assert_int_equal(world->count, 1);
    assert_int_equal(pg_database_number(world->database, "SELECT broker FROM lease"),
                     77);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_what_others_change_is_followed_once),
        WORLD_TEST(test_many_changes_come_page_by_page),
        WORLD_TEST(test_who_can_be_told_all_goes_on),
        WORLD_TEST(test_who_cannot_begins_a_new_numbering),
        WORLD_TEST(test_what_cannot_be_read_is_told_to_nobody_without_the_sandbox),
        WORLD_TEST(test_who_knows_more_is_ahead),
        WORLD_TEST(test_what_nobody_needs_is_forgotten),
        WORLD_TEST(test_a_little_at_a_time),
        WORLD_TEST(test_what_is_due_is_leased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
