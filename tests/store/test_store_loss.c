// SPDX-License-Identifier: Apache-2.0

/*
 * Connections are lost at every step: what the store says about it is true, and it
 * comes back by itself.
 */
#include "tests/store/store_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char writer[] = "entente writer";

/* Of batches that are killed; the last one is left alone until it is done. */
enum { ROUNDS = 24 };

/* A command with its meeting and its claim: there as a whole or not at all. */
struct act {
    struct store_meeting_change meeting;
    struct store_claim claim;
    struct store_command command;
    struct store_outbox outbox;
    struct store_changes changes;
};

static void act_init(struct act *act, struct world *world, uint8_t n)
{
    *act = (struct act){
        .meeting = {.meeting = world_meeting(world, n, 1, ENTENTE_SEARCHING)},
        .claim = world_claim(1, n, n * 60, n * 60 + 60),
        .command = {.key = {.client = 101, .epoch = 1, .counter = n},
                    .meeting = world_id(n),
                    .version = 1},
        .outbox = {.client = 102, .meeting = world_id(n), .version = 1},
    };
    act->changes = (struct store_changes){
        .now_ms = WORLD_NOW_MS,
        .claims_added = &act->claim,
        .claims_added_count = 1,
        .meetings = &act->meeting,
        .meeting_count = 1,
        .commands = &act->command,
        .command_count = 1,
        .outbox = &act->outbox,
        .outbox_count = 1,
        .audit = {.data = (const uint8_t *)"act", .size = 3},
    };
}

/* Load the act's command until the store can tell; true when it is there. */
static bool is_known(struct world *world, struct act *act)
{
    struct store_wants wants = {.commands = &act->command.key, .command_count = 1};
    enum status status;
    do {
        world_until_up(world);
        status = world_load(world, &wants);
    } while (status == STATUS_RETRY || status == STATUS_UNAVAILABLE);
    assert_int_equal(status, STATUS_OK);
    store_batch_abandon(world->store, 0);
    return world->loaded.command_count == 1;
}

/* While there is no connection questions are answered at once, and then there is one.
 */
static void test_idle_link_comes_back(void **state)
{
    struct world *world = *state;
    assert_true(pg_database_kill(world->database, writer));
    world_until_down(world);
    assert_int_equal(world_begin(world), STATUS_UNAVAILABLE);
    world_until_up(world);
    assert_int_equal(world_begin(world), STATUS_OK);
    store_batch_abandon(world->store, 0);
}

/* The locks went with the connection, so the batch must not go on. */
static void test_lost_between_load_and_write(void **state)
{
    struct world *world = *state;
    struct act act;
    act_init(&act, world, 1);
    assert_int_equal(world_begin(world), STATUS_OK);
    assert_true(pg_database_kill(world->database, writer));
    assert_int_equal(world_write(world, &act.changes), STATUS_UNAVAILABLE);
    world_until_up(world);
    /* Not even on the new connection. */
    assert_int_equal(world_write(world, &act.changes), STATUS_UNAVAILABLE);
    assert_false(is_known(world, &act));
    assert_int_equal(world_do(world, &act.changes), STATUS_OK);
}

/* A batch that waits for a row gives up after a while, and the same again will do. */
static void test_locked_out(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database, "BEGIN");
    pg_database_run(world->database, "SELECT FROM person WHERE id = 3 FOR UPDATE");
    int64_t person = 3;
    struct store_wants wants = {.people = &person, .people_count = 1};
    assert_int_equal(world_load(world, &wants), STATUS_RETRY);
    pg_database_run(world->database, "ROLLBACK");
    assert_int_equal(world_load(world, &wants), STATUS_OK);
    store_batch_abandon(world->store, 0);
}

/* Make every COMMIT that carries a command wait until the test lets it go. */
static void hold_commits(struct world *world)
{
    pg_database_run(world->database,
                    "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
                    " 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';"
                    "CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON command"
                    " DEFERRABLE INITIALLY DEFERRED"
                    " FOR EACH ROW EXECUTE FUNCTION hold()");
    pg_database_run(world->database, "SELECT pg_advisory_lock(1)");
}

/* Step until somebody's COMMIT waits. */
static void until_held(struct world *world)
{
    while (pg_database_waiting(world->database, "locktype = 'advisory'") == 0) {
        world_step(world);
        assert_false(world->done);
    }
}

static void test_lost_during_commit(void **state)
{
    struct world *world = *state;
    struct act act;
    act_init(&act, world, 1);
    hold_commits(world);
    assert_int_equal(world_begin(world), STATUS_OK);
    world_ask_write(world, &act.changes);
    until_held(world);
    assert_true(pg_database_kill(world->database, writer));
    assert_int_equal(world_answer(world), STATUS_UNKNOWN);
    pg_database_run(world->database, "SELECT pg_advisory_unlock(1)");
    assert_false(is_known(world, &act));
    assert_int_equal(world_do(world, &act.changes), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM audit"),
                     1);
}

/* The commit that we gave up goes through after all: to load the command waits for it,
 * and finds it. */
static void test_late_commit_is_seen(void **state)
{
    struct world *world = *state;
    struct act act;
    act_init(&act, world, 1);
    hold_commits(world);
    world_restart(world, 500);
    assert_int_equal(world_begin(world), STATUS_OK);
    world_ask_write(world, &act.changes);
    assert_int_equal(world_answer(world), STATUS_UNKNOWN);

    struct store_wants wants = {.commands = &act.command.key, .command_count = 1};
    world_until_up(world);
    world_ask_load(world, &wants);
    while (pg_database_waiting(world->database, "locktype = 'transactionid'") == 0 &&
           !world->done) {
        world_step(world);
    }
    /* It waits, and does not say that there is no such command. */
    assert_true(!world->done || world->status != STATUS_OK);
    pg_database_run(world->database, "SELECT pg_advisory_unlock(1)");
    if (world_answer(world) == STATUS_OK) {
        assert_int_equal(world->loaded.command_count, 1);
        store_batch_abandon(world->store, 0);
    }
    assert_true(is_known(world, &act));
    /* The chain and the numbers go on behind what was committed late. */
    struct act next;
    act_init(&next, world, 2);
    assert_int_equal(world_do(world, &next.changes), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM audit"),
                     2);
}

/* A warning at COMMIT is how the server says that it gave up waiting for a standby. */
static void test_warning_at_commit(void **state)
{
    struct world *world = *state;
    struct act act;
    act_init(&act, world, 1);
    pg_database_run(world->database,
                    "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS"
                    " 'BEGIN RAISE WARNING ''secret''; RETURN NULL; END';"
                    "CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON command"
                    " DEFERRABLE INITIALLY DEFERRED"
                    " FOR EACH ROW EXECUTE FUNCTION warn()");
    assert_int_equal(world_do(world, &act.changes), STATUS_UNKNOWN);
    assert_true(is_known(world, &act));
}

/* The same command from elsewhere was faster: load again, and it is there. */
static void test_command_written_elsewhere(void **state)
{
    struct world *world = *state;
    struct act act;
    act_init(&act, world, 1);
    assert_int_equal(world_begin(world), STATUS_OK);
    pg_database_run(world->database,
                    "INSERT INTO command VALUES (101, 1, 1, decode(repeat('11', 32),"
                    " 'hex'), '00000000-0000-7000-8000-000000000000', 1, now())");
    assert_int_equal(world_write(world, &act.changes), STATUS_RETRY);
    assert_true(is_known(world, &act));
}

/* However far a batch has come when its backend is ended: what the store says holds. */
static void test_killed_after_every_step(void **state)
{
    struct world *world = *state;
    struct act act;
    int seen[3] = {0};
    uint64_t committed = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        uint8_t n = (uint8_t)round;
        act_init(&act, world, n);
        world_until_up(world);
        static const struct store_wants nothing = {0};
        world_ask_load(world, &nothing);
        enum status status = world_answer(world);
        assert_int_equal(status, STATUS_OK);
        world_ask_write(world, &act.changes);
        /* The server's answers come between the steps; each round lets one more in. */
        for (int steps = 1; !world->done && (steps < n || n == ROUNDS); steps++) {
            world_step(world);
            struct pollfd descriptors[3];
            poll(descriptors, (nfds_t)store_descriptors(world->store, descriptors, 3),
                 1);
        }
        (void)pg_database_kill(world->database, writer);
        status = world_answer(world);
        assert_true(status == STATUS_OK || status == STATUS_UNAVAILABLE ||
                    status == STATUS_UNKNOWN);
        seen[status == STATUS_OK ? 0 : status == STATUS_UNAVAILABLE ? 1 : 2]++;
        bool known = is_known(world, &act);
        assert_true(status == STATUS_UNKNOWN || known == (status == STATUS_OK));
        committed += known ? 1 : 0;
    }
    print_message("committed %d, unavailable %d, unknown %d\n", seen[0], seen[1],
                  seen[2]);
    assert_true(seen[0] > 0 && seen[1] > 0);
    static const char *const tables[] = {"claim", "meeting", "command", "outbox",
                                         "audit"};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        assert_int_equal(
            pg_database_number(world->database, "SELECT count(*) FROM %s", tables[i]),
            committed);
    }
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT last_seq FROM recipient WHERE client"
                                        " = 102"),
                     committed);
}

/* A publication may be lost at any point and given again: the last one stands, and the
 * feed has every number. */
static void test_publications_are_repeated(void **state)
{
    struct world *world = *state;
    for (uint8_t n = 1; n <= 8; n++) {
        struct store_publication publication = {
            .new_source = 501,
            .client = 101,
            .person = 1,
            .key = "a",
            .epoch = 1,
            .sequence = n,
            .coverage_start = WORLD_NOW,
            .coverage_end = WORLD_NOW + 60,
            .as_of_ms = WORLD_NOW_MS,
            .lease_seconds = 60,
        };
        world_until_up(world);
        world_ask_publish(world, &publication);
        for (uint8_t steps = 1; steps < n && !world->done; steps++) {
            world_step(world);
        }
        (void)pg_database_kill(world->database, "entente publisher");
        enum status status = world_answer(world);
        while (status != STATUS_OK) {
            assert_true(status == STATUS_UNAVAILABLE || status == STATUS_UNKNOWN ||
                        status == STATUS_RETRY);
            world_until_up(world);
            status = world_publish(world, &publication, 1);
        }
    }
    assert_int_equal(pg_database_number(world->database, "SELECT sequence FROM source"),
                     8);
    assert_int_equal(
        pg_database_number(world->database, "SELECT max(seq) - count(*) FROM feed"), 0);
}

/* A server that is not there: never up, and every question is answered. */
static void test_no_server(void **state)
{
    struct world *world = *state;
    struct store *real = world->store;
    struct store_settings settings = {.conninfo = "host=/nonexistent dbname=nothing",
                                      .seal = world->seal};
    assert_int_equal(store_create(&settings, &world->store), STATUS_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(world_begin(world), STATUS_UNAVAILABLE);
        assert_int_equal(world_hello(world, 101), STATUS_UNAVAILABLE);
    }
    assert_false(store_is_up(world->store));
    store_destroy(world->store);
    world->store = real;
}

/* A database that was not migrated is no database for us. */
static void test_no_schema(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database, "ALTER TABLE outbox RENAME TO elsewhere");
    pg_database_run(world->database, "SELECT pg_terminate_backend(pid, 10000)"
                                     "  FROM pg_stat_activity WHERE datname ="
                                     " current_database() AND pid <> pg_backend_pid()");
    world_until_down(world);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(world_begin(world), STATUS_UNAVAILABLE);
    }
    assert_false(store_is_up(world->store));
    pg_database_run(world->database, "ALTER TABLE elsewhere RENAME TO outbox");
    world_until_up(world);
}

/* Who closes the store gets an answer to what was still asked. */
static void test_questions_left_at_the_end(void **state)
{
    struct world *world = *state;
    static const struct store_wants nothing = {0};
    world_ask_load(world, &nothing);
    world_step(world);
    store_destroy(world->store);
    world->store = NULL;
    assert_true(world->done);
    world->done = false;
    world_restart(world, 0);
}

/* What the database says about rows does not reach the log. */
static void test_log_quotes_no_rows(void **state)
{
    struct world *world = *state;
    struct act act;
    char path[] = "/tmp/entente-log-XXXXXX";
    int file = mkstemp(path);
    int saved = dup(STDERR_FILENO);
    assert_true(file >= 0 && saved >= 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    act_init(&act, world, 1);
    enum status first = world_do(world, &act.changes);
    act_init(&act, world, 2);
    act.claim = world_claim(1, 2, 60, 120);
    enum status second = world_do(world, &act.changes);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);

    assert_int_equal(first, STATUS_OK);
    assert_int_equal(second, STATUS_REFUSED);
    char text[8192] = "";
    assert_true(pread(file, text, sizeof(text) - 1, 0) > 0);
    close(file);
    unlink(path);
    assert_non_null(strstr(text, "23P01"));
    char minute[16];
    snprintf(minute, sizeof(minute), "%d", WORLD_NOW + 60);
    assert_null(strstr(text, minute));
    assert_null(strstr(text, "Key"));
    assert_null(strstr(text, "canary"));
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_idle_link_comes_back),
        WORLD_TEST(test_lost_between_load_and_write),
        WORLD_TEST(test_locked_out),
        WORLD_TEST(test_lost_during_commit),
        WORLD_TEST(test_late_commit_is_seen),
        WORLD_TEST(test_warning_at_commit),
        WORLD_TEST(test_command_written_elsewhere),
        WORLD_TEST(test_killed_after_every_step),
        WORLD_TEST(test_publications_are_repeated),
        WORLD_TEST(test_no_server),
        WORLD_TEST(test_no_schema),
        WORLD_TEST(test_questions_left_at_the_end),
        WORLD_TEST(test_log_quotes_no_rows),
    };
    return cmocka_run_group_tests_name("lost connections", tests, NULL, NULL);
}
