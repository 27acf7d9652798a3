// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of meetings, through a real broker:
 *
 *     anna    ..######....        two agendas at one vendor's, one at another's
 *     ben     .....######.
 *     chris   ..#######...
 *             .....^^^....
 */
#include "tests/scenario/world.h"

#include "tests/support/test.h"

#include <signal.h>
#include <string.h>

static struct world world;
static struct world_client *north; /* speaks for anna and ben */
static struct world_client *south; /* speaks for chris */

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define CHRIS "idnps:899700000003"

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    north = world_add_client(&world, "north", false, (const char *[]){ANNA, BEN, NULL});
    south = world_add_client(&world, "south", false, (const char *[]){CHRIS, NULL});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

static struct entente_range free_from(int from_hour, int until_hour)
{
    return (struct entente_range){.start = world.day + from_hour * 60,
                                  .end = world.day + until_hour * 60,
                                  .kind = ENTENTE_FREE};
}

struct awaited {
    struct world_client *client;
    uint8_t meeting[16];
    uint32_t state;
    uint32_t version;
};

static bool has_come(void *context)
{
    const struct awaited *awaited = context;
    const struct world_event *last =
        world_last_event(awaited->client, awaited->meeting);
    return last != NULL && last->state == awaited->state &&
           last->version >= awaited->version;
}

static void test_three_parties_agree(void **state)
{
    (void)state;
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
    spec.reason = "pansement complexe";
    const struct entente_meeting *meeting = NULL;

    assert_int_equal(world_request(north, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start, world.day + 10 * 60);
    struct awaited awaited = {.client = south, .state = ENTENTE_CONFIRMED};
    memcpy(awaited.meeting, meeting->id.data, 16);

    assert_int_equal(world_answer(north, meeting, ANNA, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    assert_int_equal(world_answer(north, meeting, BEN, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    /* Chris needs another time: eleven o'clock suits everybody. */
    assert_int_equal(world_answer(south, meeting, CHRIS, ENTENTE_SHIFT,
                                  world.day + 11 * 60, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->number, 2);
    assert_int_equal(meeting->proposal->start, world.day + 11 * 60);
    assert_int_equal(world_answer(north, meeting, ANNA, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    assert_int_equal(world_answer(north, meeting, BEN, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, world.day + 11 * 60);

    awaited.version = meeting->version;
    assert_true(world_until(&world, has_come, &awaited));
    awaited.client = north;
    assert_true(world_until(&world, has_come, &awaited));
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM claim"),
                     3);
    assert_int_equal(world_overlaps(&world), 0);
    assert_false(pg_database_contains(world.database, "pansement"));
}

static void test_a_broker_killed_and_restarted_knows_everything(void **state)
{
    (void)state;
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    const struct entente_meeting_list *list = NULL;
    assert_int_equal(entente_client_list(south->sdk, &(struct entente_list){0},
                                         WORLD_PATIENCE_MS, &list),
                     ENTENTE_OK);
    assert_int_equal(list->meetings_count, 1);
    assert_int_equal(list->meetings[0].state, ENTENTE_CONFIRMED);
    assert_string_equal(list->meetings[0].spec->reason, "pansement complexe");
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_parties_agree),
        cmocka_unit_test(test_a_broker_killed_and_restarted_knows_everything),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
