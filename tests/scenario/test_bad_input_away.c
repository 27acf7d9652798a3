// SPDX-License-Identifier: Apache-2.0

/*
 * PostgreSQL goes away and comes back, in an orderly way and by SIGKILL, under a broker
 * that has work to do.  On a cluster of this test's own.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"

enum { HOUR = 60, DAY = 1440 };

static struct world world;
static struct raw_client raw;
static struct world_client *anna;

/* The last line that cluster.sh prints. */
static void cluster(const char *word, char *ret_line, size_t size)
{
    char command[512];
    char line[1024];
    snprintf(command, sizeof(command), "'%s' %s away", CLUSTER_SCRIPT, word);
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
    (void)state;
    cluster("start", conninfo, sizeof(conninfo));
    atexit(remove_cluster);
    setenv("ENTENTE_TEST_DB", conninfo, 1);
    world_create(&world);
    raw_join(&raw, &world, "raw", false, NULL);
    anna = world_add_client(&world, "anna", false, (const char *[]){ANNA, NULL});
    const struct entente_range free[] = {
        {.start = world.day, .end = world.day + 20 * DAY, .kind = ENTENTE_FREE}};
    assert_int_equal(world_publish(anna, ANNA, free, 1), ENTENTE_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&raw);
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

static struct entente_identifier who;
static struct entente_party party;
static struct entente_span window;
static struct entente_spec spec;
static struct entente_actor actor;
static struct entente_request request;

static struct entente_envelope an_hour_of_anna(uint64_t counter)
{
    who = world_identifier(ANNA);
    party = world_party(&who, false);
    window = (struct entente_span){world.day, world.day + 20 * DAY};
    spec = world_spec(&party, 1, &window);
    actor = (struct entente_actor){.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    request = (struct entente_request){.spec = &spec, .actor = &actor};
    return (struct entente_envelope){.body = ENTENTE_REQUEST,
                                     .request = &request,
                                     .request_epoch = raw.request_epoch,
                                     .request_counter = counter};
}

static struct entente_envelope status_query(void)
{
    static struct entente_status_query query;
    return (struct entente_envelope){.body = ENTENTE_STATUS_QUERY,
                                     .status_query = &query};
}

static uint64_t open_meetings(void)
{
    const struct entente_envelope ask = status_query();
    const struct entente_envelope *reply = raw_ask(&raw, &ask);
    while (reply->body == ENTENTE_ERROR) {
        assert_true(raw_is_refused(reply, ERROR_UNAVAILABLE));
        reply = raw_ask(&raw, &ask);
    }
    return reply->status_report->meetings_open;
}

/* Say it again until it has been done; the meeting's id. */
static void done_in_the_end(uint64_t counter, uint8_t ret_id[16])
{
    const struct entente_envelope *reply = raw_reply(&raw, counter);
    while (reply->body == ENTENTE_ERROR) {
        assert_true(raw_is_refused(reply, ERROR_UNAVAILABLE));
        const struct entente_envelope ask = an_hour_of_anna(counter);
        reply = raw_ask(&raw, &ask);
    }
    assert_int_equal(reply->body, ENTENTE_MEETING);
    memcpy(ret_id, reply->meeting->id.data, 16);
}

struct numbered {
    uint64_t last;
};

static bool has_events(void *context)
{
    const struct numbered *numbered = context;
    return anna->event_count > 0 &&
           anna->events[anna->event_count - 1].sequence >= numbered->last;
}

/* Every event up to @last has come, once, in order. */
static void events_are_gapless(uint64_t last)
{
    struct numbered numbered = {last};
    assert_true(world_until(&world, has_events, &numbered));
    for (size_t i = 0; i < anna->event_count; i++) {
        assert_int_equal(anna->events[i].sequence, i + 1);
    }
}

/* ---- stories -----------------------------------------------------------------------
 */

static void test_an_orderly_end_and_a_new_start(void **state)
{
    (void)state;
    uint8_t before[16];
    uint8_t meanwhile[16];
    struct entente_envelope ask = an_hour_of_anna(++raw.counter);
    raw_say(&raw, &ask);
    done_in_the_end(raw.counter, before);

    cluster("stop", NULL, 0);
    /* The broker lives, and says what it cannot do. */
    raw_settle(&raw);
    ask = status_query();
    assert_int_equal(raw_code(&raw, &ask), ERROR_UNAVAILABLE);
    struct entente_get get = {.meeting = {before, 16}};
    ask = (struct entente_envelope){.body = ENTENTE_GET, .get = &get};
    assert_int_equal(raw_code(&raw, &ask), ERROR_UNAVAILABLE);
    /* What it knows by itself it still answers. */
    who = world_identifier(ANNA);
    struct entente_query_free query = {
        .person = &who, .from = world.day, .until = world.day + DAY};
    ask = (struct entente_envelope){.body = ENTENTE_QUERY_FREE, .query_free = &query};
    assert_int_equal(raw_code(&raw, &ask), 0);
    /* A command is put off, not lost, and not done. */
    ask = an_hour_of_anna(++raw.counter);
    assert_true(raw_is_refused(raw_ask(&raw, &ask), ERROR_UNAVAILABLE));
    /* This one waits for the database to come back; the SDK asks on by itself. */
    uint64_t waiting = ++raw.counter;
    ask = an_hour_of_anna(waiting);
    raw_say(&raw, &ask);
    assert_true(world_broker_runs(&world));

    cluster("start", NULL, 0);
    done_in_the_end(waiting, meanwhile);
    assert_int_equal(open_meetings(), 2);
    ask = (struct entente_envelope){.body = ENTENTE_GET, .get = &get};
    assert_int_equal(raw_code(&raw, &ask), 0);
    const struct entente_range half[] = {
        {.start = world.day, .end = world.day + 19 * DAY, .kind = ENTENTE_FREE}};
    assert_int_equal(world_publish(anna, ANNA, half, 1), ENTENTE_OK);
    events_are_gapless(2);
    assert_true(world_broker_runs(&world));
}

static void test_killed_with_work_on_the_way(void **state)
{
    (void)state;
    enum { ASKED = 40 };
    static uint8_t ids[ASKED][16];
    uint64_t had = open_meetings();
    uint64_t first = raw.counter + 1;
    for (size_t i = 0; i < ASKED; i++) {
        const struct entente_envelope ask = an_hour_of_anna(++raw.counter);
        raw_say(&raw, &ask);
        if (i == ASKED / 2) {
            cluster("kill", NULL, 0);
        }
    }
    raw.counter += 100; /* numbers of their own for what is asked between */
    cluster("start", NULL, 0);
    /* Replies come in any order: each is asked for by saying it once more. */
    for (size_t i = 0; i < ASKED; i++) {
        const struct entente_envelope ask = an_hour_of_anna(first + i);
        raw_say(&raw, &ask);
        done_in_the_end(first + i, ids[i]);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(ids[i], ids[j], 16);
        }
    }
    assert_int_equal(open_meetings(), had + ASKED);
    events_are_gapless(had + ASKED);
    assert_true(world_broker_runs(&world));
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_orderly_end_and_a_new_start),
        cmocka_unit_test(test_killed_with_work_on_the_way),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
