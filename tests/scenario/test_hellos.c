// SPDX-License-Identifier: Apache-2.0

/*
 * Two hellos of one client wait for what another broker has changed; and how many may.
 *
 *     first ──hello────────────────────────────────┐ waiting
 *     second ───────────hello──────────────────────┤ waiting
 *                                                  └─ the newest wins
 */
#include "tests/scenario/raw_client.h"
#include "tests/scenario/world_hang.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <signal.h>

static struct world world;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    world_start_another(&world, 2);
    assert_int_equal(raw_add(&world, "twice", false, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_stop_another(&world, 2, SIGTERM);
    world_destroy(&world);
    return 0;
}

static int64_t granted(void)
{
    return pg_database_number(world.database,
                              "SELECT request_epoch FROM client WHERE name = 'twice'");
}

/* A hello of which the database has heard when this returns. */
static void say_hello(struct raw_client *client)
{
    struct entente_hello hello = {.software = "raw", .wants_events = true};
    int64_t before = granted();
    raw_say(client, &(struct entente_envelope){.body = ENTENTE_HELLO, .hello = &hello});
    while (granted() == before) {
    }
}

static void test_of_two_hellos_that_wait_the_newer_one_wins(void **state)
{
    (void)state;
    struct raw_client first;
    struct raw_client second;
    raw_open(&first, &world, "twice");
    raw_greet(&first);
    raw_open(&second, &world, "twice");
    raw_greet(&second);
    raw_expect_error(&first, ERROR_SESSION_REPLACED);
    /* Nothing that the other broker has changed can be read. */
    pg_database_run(world.database, "BEGIN; LOCK TABLE broker");
    say_hello(&first);
    say_hello(&second);
    uint64_t epoch = raw_await(&second, ENTENTE_WELCOME)->welcome->request_epoch;
    pg_database_run(world.database, "COMMIT");
    assert_int_equal(epoch, granted());
    assert_int_equal(raw_settle(&second), 0);
    raw_expect_error(&first, ERROR_SESSION_REPLACED);
    raw_close(&first);
    raw_close(&second);
}

/* While the database hangs one client can have no more than so many of them wait, so that
 * there is room for the others'. */
static void test_a_client_has_few_hellos_waiting(void **state)
{
    (void)state;
    struct entente_hello hello = {.software = "raw"};
    const struct entente_envelope say = {.body = ENTENTE_HELLO, .hello = &hello};
    struct raw_client eager;
    size_t refused = 0;
    raw_open(&eager, &world, "twice");
    pg_database_run(world.database,
                    "BEGIN; SELECT FROM client WHERE name = 'twice' FOR UPDATE");
    for (size_t i = 0; i < LIMIT_HELLOS + 3; i++) {
        raw_say(&eager, &say);
    }
    for (size_t i = 0; i < 3; i++) {
        raw_expect_error(&eager, ERROR_OVERLOADED);
    }
    pg_database_run(world.database, "COMMIT");
    for (size_t i = 0; i < LIMIT_HELLOS; i++) {
        const struct entente_envelope *heard = raw_hear(&eager, WORLD_PATIENCE_MS);
        assert_non_null(heard);
        refused += heard->body != ENTENTE_WELCOME;
    }
    assert_true(refused < LIMIT_HELLOS);
    raw_greet(&eager);
    assert_int_equal(raw_settle(&eager), 0);
    raw_close(&eager);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_two_hellos_that_wait_the_newer_one_wins),
        cmocka_unit_test(test_a_client_has_few_hellos_waiting),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
