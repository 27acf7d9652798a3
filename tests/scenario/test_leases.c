// SPDX-License-Identifier: Apache-2.0

/*
 * A vendor's program whose lease has run out is asked for its agenda again, and the SDK
 * serves it by itself.
 */
#include "tests/scenario/world.h"

#include "tests/support/test.h"

#include <string.h>

#define ANNA "idnps:899700000001"

enum { DAY = 1440 };

static struct world world;
static struct world_client *anna;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    anna = world_add_client(&world, "anna", false, (const char *[]){ANNA, NULL});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

static bool has_published_twice(void *context)
{
    (void)context;
    return pg_database_number(world.database,
                              "SELECT count(*) FROM source"
                              " WHERE sequence >= 2 AND lease_seconds > 0") == 1;
}

static void test_an_agenda_that_ran_out_is_served_again(void **state)
{
    (void)state;
    const struct entente_range free[] = {
        {.start = world.day, .end = world.day + 20 * DAY, .kind = ENTENTE_FREE}};
    assert_int_equal(world_publish(anna, ANNA, free, 1), ENTENTE_OK);
    /* Longer than a lease may be. */
    world_advance(&world, INT64_C(8) * DAY);
    assert_true(world_until(&world, has_published_twice, NULL));

    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party party = world_party(&who, false);
    struct entente_span window = {world.day + 9 * DAY, world.day + 10 * DAY};
    struct entente_spec spec = world_spec(&party, 1, &window);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(anna, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_agenda_that_ran_out_is_served_again)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
