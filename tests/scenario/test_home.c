// SPDX-License-Identifier: Apache-2.0

/*
 * A standby is promoted, or an archive replayed: the database is found on another timeline.
 * Who lived through it and has found all that it had vouches for it; where nobody did, it
 * may be older, and a new generation begins before anybody is served.  On a cluster of this
 * test's own.
 */
#include "tests/scenario/circle.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last line that cluster.sh prints. */
static void cluster(const char *word, char *ret_line, size_t size)
{
    char command[512];
    char line[1024];
    snprintf(command, sizeof(command), "'%s' %s home", CLUSTER_SCRIPT, word);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe) != NULL) {
        if (ret_line != NULL) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(ret_line, size, "%s", line);
        }
    }
    assert_int_equal(pclose(pipe), 0);
}

static void remove_cluster(void)
{
    cluster("remove", NULL, 0);
}

static int set_up(void **state)
{
    char conninfo[1024] = "";
    cluster("start", conninfo, sizeof(conninfo));
    atexit(remove_cluster);
    setenv("ENTENTE_TEST_DB", conninfo, 1);
    return circle_set_up(state);
}

static void promote(void)
{
    cluster("promote", NULL, 0);
    pg_database_reconnect(world.database);
}

static int64_t generation(void)
{
    return pg_database_number(world.database, "SELECT max(number) FROM generation");
}

static bool is_told_anew(void *context)
{
    return anna->position.epoch > *(const uint64_t *)context;
}

static bool is_at_home(void *timeline)
{
    return pg_database_number(world.database, "SELECT timeline FROM home") ==
           *(const int64_t *)timeline;
}

static void test_a_broker_that_lives_vouches_for_it(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    circle_keep(circle_confirmed(false), &kept);
    int64_t before = pg_database_number(world.database, "SELECT timeline FROM home");
    int64_t after = before + 1;
    promote();
    assert_true(world_until(&world, is_at_home, &after));
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    circle_called_off(&kept.meeting);
    assert_int_equal(generation(), 1);
}

static void test_where_nobody_lived_a_new_generation_begins(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_confirmed(false), &kept);
    circle_learns(anna, meeting, ENTENTE_CONFIRMED);
    uint64_t epoch = anna->position.epoch;
    world_stop_broker(&world, SIGTERM);
    promote();
    world_start_broker(&world, NULL);
    assert_true(world_until(&world, is_told_anew, &epoch));
    assert_int_equal(generation(), 2);
    assert_int_equal(
        pg_database_number(world.database,
                           "SELECT count(*) FROM generation WHERE number = 2"
                           " AND because LIKE '%%it was restored, or a standby was "
                           "promoted.'"),
        1);
    circle_called_off(&kept.meeting);
    /* It is its home now. */
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    circle_everybody_is_free();
    circle_called_off(circle_confirmed(false));
    assert_int_equal(generation(), 2);
    assert_int_equal(world_overlaps(&world), 0);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_broker_that_lives_vouches_for_it),
        cmocka_unit_test(test_where_nobody_lived_a_new_generation_begins),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
