// SPDX-License-Identifier: Apache-2.0

/*
 * One client says more than can be written down, while the database is held up: the others
 * are heard all the same.  And more than is kept of one person.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <stdio.h>

#define ANNA "idnps:899700000001"

enum {
    DAY = 1440,
    FLOOD = 70000, /* more than wait for the database, all clients together */
};

static struct world world;
static struct raw_client flood;
static struct raw_client other;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    raw_join(&flood, &world, "flood", false, (const char *[]){ANNA, NULL});
    raw_join(&other, &world, "other", false, NULL);
    raw_is_free(&flood, ANNA, "anna");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&flood);
    raw_close(&other);
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

/* No command can be carried out; what the index knows is still answered. */
static void hold_up(void)
{
    pg_database_run(world.database, "BEGIN; LOCK TABLE command");
}

/* Also behind a story that has failed. */
static int let_go(void **state)
{
    (void)state;
    pg_database_run(world.database, "COMMIT");
    return 0;
}

/* Say something about a meeting that nobody knows. */
static void say_something(void)
{
    static uint8_t nobody[16] = {1};
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {.meeting = {nobody, 16}, .actor = &actor};
    raw_say(&flood,
            &(struct entente_envelope){.body = ENTENTE_CANCEL, .cancel = &cancel});
}

static bool is_heard(struct raw_client *client)
{
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_query_free query = {
        .person = &who, .from = world.day, .until = world.day + DAY};
    const struct entente_envelope ask = {.body = ENTENTE_QUERY_FREE,
                                         .query_free = &query};
    unsigned code = raw_code(client, &ask);
    assert_true(code == 0 || code == ERROR_OVERLOADED);
    return code == 0;
}

static bool is_heard_again(void *context)
{
    return is_heard(context);
}

static bool is_written_down(void *context)
{
    return pg_database_number(world.database,
                              "SELECT acked_seq FROM recipient JOIN client"
                              "    ON client.id = client WHERE name = 'flood'") ==
           (int64_t) * (const uint64_t *)context;
}

/* ---- stories -----------------------------------------------------------------------
 */

/* Acknowledgements carry no number, and nobody counts them. */
static void test_acknowledgements_fill_no_queue(void **state)
{
    (void)state;
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party party = world_party(&who, false);
    struct entente_span window = {world.day, world.day + DAY};
    struct entente_spec spec = world_spec(&party, 1, &window);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_request request = {.spec = &spec, .actor = &actor};
    raw_say(&flood,
            &(struct entente_envelope){.body = ENTENTE_REQUEST, .request = &request});
    uint64_t last = raw_await(&flood, ENTENTE_EVENT)->event->sequence;

    hold_up();
    say_something();
    struct entente_event_ack ack = {.epoch = flood.event_epoch, .sequence = last};
    const struct entente_envelope says = {.body = ENTENTE_EVENT_ACK, .event_ack = &ack};
    for (size_t i = 0; i < FLOOD; i++) {
        raw_say(&flood, &says);
    }
    raw_settle(&flood);
    assert_true(is_heard(&other));
    let_go(state);
    assert_true(world_until(&world, is_written_down, &last));
}

/* How many requests of a client may wait does not begin anew with each conversation. */
static void test_a_new_conversation_is_no_way_round(void **state)
{
    (void)state;
    struct raw_client again;
    hold_up();
    for (size_t i = 0; i < LIMIT_IN_FLIGHT; i++) {
        say_something();
    }
    raw_settle(&flood);
    raw_open(&again, &world, "flood");
    raw_greet(&again);
    assert_false(is_heard(&again));
    assert_true(is_heard(&other));
    let_go(state);
    assert_true(world_until(&world, is_heard_again, &again));
    raw_close(&again);
}

/* Each publication goes through all agendas of its person. */
static void test_of_one_person_few_agendas(void **state)
{
    (void)state;
    char name[32];
    for (size_t i = 1; i < LIMIT_PERSON_SOURCES; i++) {
        snprintf(name, sizeof(name), "another %zu", i);
        raw_is_free(&flood, ANNA, name);
    }
    assert_int_equal(raw_says_free(&flood, ANNA, "one too many"), ERROR_TOO_MANY);
    raw_is_free(&flood, ANNA, name); /* what is there goes on */
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_one_person_few_agendas),
        cmocka_unit_test_teardown(test_acknowledgements_fill_no_queue, let_go),
        cmocka_unit_test_teardown(test_a_new_conversation_is_no_way_round, let_go),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
