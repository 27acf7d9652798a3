// SPDX-License-Identifier: Apache-2.0

/*
 * The database is restored from an older backup.
 *
 *     backup ── a meeting is called off, another one confirmed ── restore
 *                       what agendas were told here is lost
 *
 * It is noticed at the first hello, or by a broker that lives; no number is used twice,
 * nobody is told the same thing twice, and the operator learns what is missing.
 */
#include "tests/scenario/seek.h"
#include "tests/scenario/world_hang.h"

#include "tests/support/test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static int64_t generation(void)
{
    return pg_database_number(world.database, "SELECT max(number) FROM generation");
}

static int restored(void)
{
    static const char *const words[] = {"entente", "restored", NULL};
    return world_entente(&world, words);
}

/* No meeting went back to an older version, and within a numbering nothing was left out
 * and nothing told again. */
static void told_in_order(const struct world_client *client)
{
    for (size_t i = 0; i < client->event_count; i++) {
        const struct world_event *one = &client->events[i];
        for (size_t j = 0; j < i; j++) {
            const struct world_event *other = &client->events[j];
            bool went_back = memcmp(one->meeting, other->meeting, 16) == 0 &&
                             one->version < other->version;
            assert_false(went_back);
        }
        bool follows = i == 0 || one->sequence == 1 ||
                       one->sequence == client->events[i - 1].sequence + 1;
        assert_true(follows);
    }
}

static bool is_back(void *context)
{
    const struct world_client *client = context;
    return entente_client_is_connected(client->sdk);
}

struct before {
    struct circle_kept first;  /* confirmed in the backup, called off since */
    struct circle_kept second; /* confirmed since */
    uint32_t version;          /* of the first one when it was called off */
    struct entente_position position;
    int64_t requests;
    int64_t publications;
};

/* Everything up to the restore. */
static void live_on(struct before *before)
{
    circle_everybody_is_free();
    const struct entente_meeting *first =
        circle_keep(circle_confirmed(false), &before->first);
    circle_learns(anna, first, ENTENTE_CONFIRMED);
    world_stop_broker(&world, SIGTERM);
    world_stop_another(&world, 2, SIGTERM);
    pg_database_save(world.database);
    world_start_broker(&world, NULL);
    world_start_another(&world, 2);
    assert_true(world_until(&world, is_back, anna));
    assert_true(world_until(&world, is_back, ben));
    assert_true(world_until(&world, is_back, coordinator));

    const struct entente_meeting *meeting = NULL;
    assert_int_equal(circle_cancel(coordinator, NULL, first, &meeting), ENTENTE_OK);
    before->version = meeting->version;
    circle_learns(anna, first, ENTENTE_CANCELLED);
    const struct entente_meeting *second =
        circle_keep(circle_confirmed(false), &before->second);
    circle_learns(anna, second, ENTENTE_CONFIRMED);
    circle_learns(ben, second, ENTENTE_CONFIRMED);
    before->position = anna->position;
    before->requests =
        pg_database_number(world.database, "SELECT max(request_epoch) FROM client");
    before->publications =
        pg_database_number(world.database, "SELECT max(publication_epoch) FROM client");
}

/* And what holds behind it. */
static void go_on(struct before *before)
{
    assert_true(world_until(&world, is_back, anna));
    assert_true(world_until(&world, is_back, ben));
    assert_true(world_until(&world, is_back, coordinator));
    /* What the backup says, in a version that nobody has seen. */
    struct entente_meeting *first = &before->first.meeting;
    first->version = before->version + 1;
    circle_learns(anna, first, ENTENTE_CONFIRMED);
    circle_learns(ben, first, ENTENTE_CONFIRMED);
    assert_true(anna->position.epoch > before->position.epoch);
    assert_true(pg_database_number(world.database,
                                   "SELECT min(request_epoch) FROM client"
                                   " WHERE request_epoch > 0") > before->requests);
    assert_true(pg_database_number(world.database,
                                   "SELECT min(publication_epoch) FROM client"
                                   " WHERE publication_epoch > 0") >
                before->publications);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM meeting"),
                     1);
    /* What is missing is told, and everything else goes on. */
    assert_int_equal(restored(), 4);
    assert_true(pg_database_number(world.database,
                                   "SELECT count(*) FROM ahead a JOIN client c"
                                   " ON c.id = a.client WHERE c.name IN ('anna', 'ben')"
                                   " AND said_event > issued_event") == 2);
    circle_everybody_is_free();
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(circle_cancel(coordinator, NULL, first, &meeting), ENTENTE_OK);
    circle_learns(anna, first, ENTENTE_CANCELLED);
    struct circle_kept third;
    const struct entente_meeting *asked = circle_keep(circle_confirmed(false), &third);
    circle_learns(anna, asked, ENTENTE_CONFIRMED);
    circle_learns(ben, asked, ENTENTE_CONFIRMED);
    told_in_order(anna);
    told_in_order(ben);
    assert_int_equal(world_overlaps(&world), 0);
}

static void test_noticed_at_the_first_hello(void **state)
{
    (void)state;
    struct before before = {0};
    live_on(&before);
    world_stop_broker(&world, SIGTERM);
    world_stop_another(&world, 2, SIGTERM);
    pg_database_restore(world.database);
    world_start_broker(&world, NULL);
    world_start_another(&world, 2);
    go_on(&before);
    assert_int_equal(generation(), 2);
}

/* Whoever says so again is not believed by the same broker for a while: only its own
 * numbering begins afresh. */
static void test_a_client_that_always_says_so(void **state)
{
    (void)state;
    circle_everybody_is_free();
    struct circle_kept kept;
    int64_t before = generation();
    for (int i = 0; i < 3; i++) {
        anna->position.sequence += 1000;
        world_reconnect(anna);
        const struct entente_meeting *asked = circle_keep(circle_asked(false), &kept);
        circle_learns(anna, asked, ENTENTE_PROPOSED);
        circle_called_off(asked);
    }
    assert_in_range(generation(), before, before + 1);
}

/* A broker that lives while the database under it becomes an older one. */
static void test_noticed_by_brokers_that_live(void **state)
{
    (void)state;
    struct before before = {0};
    int code = 0;
    live_on(&before);
    pg_database_restore(world.database);
    assert_int_equal(waitpid(world.broker, &code, 0), world.broker);
    world.broker = 0;
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 5);
    assert_int_equal(world_wait_for_another(&world, 2), 5);
    assert_int_equal(generation(), 2);
    world_start_broker(&world, NULL);
    world_start_another(&world, 2);
    go_on(&before);
    assert_int_equal(generation(), 2);
}

static void test_the_operator_says_so(void **state)
{
    (void)state;
    static const char *const begin[] = {"entente", "restored", "--begin", NULL};
    struct before before = {0};
    assert_int_equal(restored(), 0);
    live_on(&before);
    world_stop_broker(&world, SIGTERM);
    world_stop_another(&world, 2, SIGTERM);
    pg_database_restore(world.database);
    assert_int_equal(world_entente(&world, begin), 4);
    world_start_broker(&world, NULL);
    world_start_another(&world, 2);
    go_on(&before);
    assert_int_equal(generation(), 2);
}

/* Who is not sure whether it was begun begins again: that hides nobody who knew more. */
static void test_the_operator_says_so_twice(void **state)
{
    (void)state;
    static const char *const begin[] = {"entente", "restored", "--begin", NULL};
    struct before before = {0};
    live_on(&before);
    world_stop_broker(&world, SIGTERM);
    world_stop_another(&world, 2, SIGTERM);
    pg_database_restore(world.database);
    assert_int_equal(world_entente(&world, begin), 4);
    assert_int_equal(world_entente(&world, begin), 4);
    world_start_broker(&world, NULL);
    world_start_another(&world, 2);
    go_on(&before);
    assert_int_equal(generation(), 3);
}

static int two_brokers(void **state)
{
    circle_set_up(state);
    world_start_another(&world, 2);
    world_hang_on(anna, 2);
    return 0;
}

#define RESTORE_TEST(test)                                                             \
    cmocka_unit_test_setup_teardown(test, two_brokers, circle_tear_down)

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        RESTORE_TEST(test_noticed_at_the_first_hello),
        RESTORE_TEST(test_noticed_by_brokers_that_live),
        RESTORE_TEST(test_the_operator_says_so),
        RESTORE_TEST(test_the_operator_says_so_twice),
        RESTORE_TEST(test_a_client_that_always_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
