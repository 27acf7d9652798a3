// SPDX-License-Identifier: Apache-2.0

/*
 * A vendor's program whose lease has run out is asked for its agenda again, and the SDK
 * serves it by itself.  One that has gone is asked in vain, and nothing comes of it.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define CHRIS "idnps:899700000003"

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

struct lot {
    const char *client; /* its name */
    int64_t agendas;
};

static bool have_run_out(void *context)
{
    const struct lot *lot = context;
    return pg_database_number(
               world.database,
               "SELECT count(*) FROM source JOIN client ON client.id = client"
               " WHERE client.name = '%s' AND lease_seconds = 0",
               lot->client) == lot->agendas;
}

static bool has_written_what_it_heard(void *since_ms)
{
    return pg_database_number(world.database,
                              "SELECT count(*) FROM broker"
                              " WHERE extract(epoch FROM alive) * 1000 > %lld",
                              (long long)*(const int64_t *)since_ms) == 1;
}

/* Past every lease.  The broker writes down every two seconds that it lives and whom it
 * has heard, as of then: what was heard before the clock was moved must not count as
 * heard after it. */
static void let_every_lease_end(void)
{
    world_advance(&world, INT64_C(8) * DAY);
    int64_t moved_ms = pg_database_number(
        world.database, "SELECT extract(epoch FROM clock_timestamp() + shift) * 1000"
                        "  FROM test_clock");
    assert_true(world_until(&world, has_written_what_it_heard, &moved_ms));
    world_advance(&world, INT64_C(8) * DAY);
}

/* Its conversation ends at the first word that cannot be delivered; the second agenda
 * would have been asked for in it, too. */
static void test_who_has_gone_is_asked_in_vain(void **state)
{
    (void)state;
    const struct entente_range free[] = {
        {.start = world.day, .end = world.day + 20 * DAY, .kind = ENTENTE_FREE}};
    struct world_client *gone =
        world_add_client(&world, "gone", false, (const char *[]){BEN, CHRIS, NULL});
    assert_int_equal(world_publish(gone, BEN, free, 1), ENTENTE_OK);
    assert_int_equal(world_publish(gone, CHRIS, free, 1), ENTENTE_OK);
    entente_client_destroy(gone->sdk);
    gone->sdk = NULL;
    let_every_lease_end();
    assert_true(world_until(&world, have_run_out, &(struct lot){"gone", 2}));
    /* It says how it fared, with what reads its memory for it. */
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
}

/* As many agendas have run out as a welcome can name.  Their client is asked for some of
 * them, no more than leave room for its answers in its queue, and told of all. */
static void test_hundreds_of_agendas_run_out_at_once(void **state)
{
    (void)state;
    static const char *const people[] = {"idnps:899700000010",
                                         "idnps:899700000011",
                                         "idnps:899700000012",
                                         "idnps:899700000013",
                                         "idnps:899700000014",
                                         "idnps:899700000015",
                                         "idnps:899700000016",
                                         "idnps:899700000017",
                                         "idnps:899700000018",
                                         "idnps:899700000019",
                                         NULL};
    enum { PEOPLE = sizeof(people) / sizeof(people[0]) - 1 };
    struct raw_client many;
    raw_join(&many, &world, "many", false, people);
    for (size_t i = 0; i < LIMIT_WELCOME_SOURCES; i++) {
        char source[32];
        snprintf(source, sizeof(source), "agenda-%zu", i);
        raw_is_free(&many, people[i % PEOPLE], source);
    }
    raw_close(&many);
    let_every_lease_end();
    /* Leases that end under a conversation are asked for once more. */
    assert_true(world_until(&world, have_run_out,
                            &(struct lot){"many", LIMIT_WELCOME_SOURCES}));
    raw_open(&many, &world, "many");
    assert_int_equal(raw_greet(&many)->sources_count, LIMIT_WELCOME_SOURCES);
    struct entente_heartbeat beat = {0};
    raw_say(&many,
            &(struct entente_envelope){.body = ENTENTE_HEARTBEAT, .heartbeat = &beat});
    const struct entente_envelope *heard;
    size_t asked = 0;
    while ((heard = raw_hear(&many, WORLD_PATIENCE_MS)) != NULL &&
           heard->body == ENTENTE_RESYNC) {
        asked++;
    }
    assert_non_null(heard);
    assert_int_equal(heard->body, ENTENTE_PULSE);
    assert_int_equal(heard->pulse->stale_count, LIMIT_WELCOME_SOURCES);
    assert_int_equal(asked, LIMIT_RESYNCS);
    raw_close(&many);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_agenda_that_ran_out_is_served_again),
        cmocka_unit_test(test_who_has_gone_is_asked_in_vain),
        cmocka_unit_test(test_hundreds_of_agendas_run_out_at_once)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
