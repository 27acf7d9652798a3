// SPDX-License-Identifier: Apache-2.0

/*
 * The broker dies at every frame that it sends and on each side of every COMMIT, one at
 * a time, in the middle of one story:
 *
 *     three publish  request  accept accept shift  accept accept  confirmed
 *
 * After each death it is started again.  Whatever was acknowledged is there, every
 * client learns how it ended, and no event is applied twice or left out.
 */
#include "tests/scenario/world.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define CHRIS "idnps:899700000003"

static struct world world;

struct awaited {
    uint8_t meeting[16];
    uint32_t version;
};

static bool everybody_knows(void *context)
{
    const struct awaited *awaited = context;
    for (size_t i = 0; i < world.client_count; i++) {
        const struct world_event *last =
            world_last_event(&world.clients[i], awaited->meeting);
        if (last == NULL || last->state != ENTENTE_CONFIRMED ||
            last->version < awaited->version) {
            return false;
        }
    }
    return true;
}

static struct entente_range free_from(int from_hour, int until_hour)
{
    return (struct entente_range){.start = world.day + from_hour * 60,
                                  .end = world.day + until_hour * 60,
                                  .kind = ENTENTE_FREE};
}

static void each_event_was_applied_once(const struct world_client *client)
{
    for (size_t i = 0; i < client->event_count; i++) {
        assert_int_equal(client->events[i].sequence, i + 1);
    }
}

static void accept(struct world_client *client, const char *person,
                   const struct entente_meeting **meeting)
{
    assert_int_equal(world_answer(client, *meeting, person, ENTENTE_ACCEPT, 0, meeting),
                     ENTENTE_OK);
}

static void play(void)
{
    struct world_client *north =
        world_add_client(&world, "north", false, (const char *[]){ANNA, BEN, NULL});
    struct world_client *south =
        world_add_client(&world, "south", false, (const char *[]){CHRIS, NULL});
    struct entente_range anna = free_from(8, 12);
    struct entente_range ben = free_from(10, 16);
    struct entente_range chris = free_from(9, 13);
    assert_int_equal(world_publish(north, ANNA, &anna, 1), ENTENTE_OK);
    assert_int_equal(world_publish(north, BEN, &ben, 1), ENTENTE_OK);
    assert_int_equal(world_publish(south, CHRIS, &chris, 1), ENTENTE_OK);

    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN),
                                       world_identifier(CHRIS)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false),
                                      world_party(&who[2], false)};
    struct entente_span window = {world.day, world.day + 1440};
    struct entente_spec spec = world_spec(parties, 3, &window);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(north, &spec, &meeting), ENTENTE_OK);
    accept(north, ANNA, &meeting);
    accept(north, BEN, &meeting);
    assert_int_equal(world_answer(south, meeting, CHRIS, ENTENTE_SHIFT,
                                  world.day + 11 * 60, &meeting),
                     ENTENTE_OK);
    accept(north, ANNA, &meeting);
    accept(north, BEN, &meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, world.day + 11 * 60);

    struct awaited awaited = {.version = meeting->version};
    memcpy(awaited.meeting, meeting->id.data, sizeof(awaited.meeting));
    assert_true(world_until(&world, everybody_knows, &awaited));
    each_event_was_applied_once(north);
    each_event_was_applied_once(south);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM meeting"),
                     1);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM claim"),
                     3);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM command"),
                     6);
}

static unsigned long read_count(const char *path)
{
    unsigned long count = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu", &count), 1);
    fclose(file);
    return count;
}

static unsigned long count_failpoints(void)
{
    char path[256];
    world_create_stopped(&world);
    snprintf(path, sizeof(path), "%s/passes", world.folder);
    setenv("ENTENTE_FAILPOINT_COUNT", path, 1);
    world_start_broker(&world, NULL);
    unsetenv("ENTENTE_FAILPOINT_COUNT");
    play();
    unsigned long count = read_count(path);
    world_destroy(&world);
    return count;
}

static void test_the_broker_may_die_anywhere(void **state)
{
    (void)state;
    unsigned long count = count_failpoints();
    unsigned long step = getenv("ENTENTE_TEST_VALGRIND") != NULL ? 40
                         : getenv("ENTENTE_TEST_QUICK") != NULL  ? 17
                                                                 : 1;
    unsigned long deaths = 0;
    print_message("%lu failpoints in the story\n", count);
    assert_true(count > 20);
    for (unsigned long n = 1; n <= count; n += step) {
        char failpoint[32];
        snprintf(failpoint, sizeof(failpoint), "*:%lu", n);
        world_create_stopped(&world);
        world.revive = true;
        world_start_broker(&world, failpoint);
        play();
        deaths += world.deaths;
        world_destroy(&world);
    }
    /* Heartbeats come when they come: a few of the last may not have been reached. */
    print_message("the broker died %lu times\n", deaths);
    assert_true(deaths * 10 >= count / step * 8);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_broker_may_die_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
