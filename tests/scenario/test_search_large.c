// SPDX-License-Identifier: Apache-2.0

/*
 * Searches that take long are answered beside the others, and are gone with the broker.
 */
#include "tests/scenario/seek.h"
#include "tests/support/test.h"

#include <signal.h>
#include <string.h>

enum { DAYS = 60, AT_ONCE = 32 };

static const char *const all[] = {ANNA, BEN, CHRIS, NULL};

/* Anna in the mornings, Ben and Chris in the afternoons; a start every minute. */
static void large(struct seek *seek)
{
    struct entente_range hours[DAYS];
    for (int i = 0; i < DAYS; i++) {
        hours[i] = seek_range(i * DAY + 480, i * DAY + 600, ENTENTE_FREE);
    }
    seek_publish(anna, ANNA, hours, DAYS, NULL);
    for (int i = 0; i < DAYS; i++) {
        hours[i] = seek_range(i * DAY + 840, i * DAY + 960, ENTENTE_FREE);
    }
    seek_publish(ben, BEN, hours, DAYS, NULL);
    seek_publish(chris, CHRIS, hours, DAYS, NULL);
    seek_begin(seek, all);
    seek->window.end = world.day + DAYS * DAY;
    seek->spec.grid_minutes = 1;
}

static void test_a_large_search_is_answered_with_its_reasons(void **state)
{
    (void)state;
    struct seek seek;
    large(&seek);
    const struct entente_search_result *result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_int_equal(result->why_not->blocking_count, 2);
    assert_int_equal(result->why_not->blame_count, 3);
    assert_true(result->why_not->relaxations_count > 0);
    assert_false(result->why_not->too_large);
    seek.parties[0].importance = ENTENTE_OPTIONAL;
    seek_starts(seek_found(&seek),
                (const int32_t[]){840, 900, DAY + 840, DAY + 900, 2 * DAY + 840}, 5);
}

/* In a batch everybody would wait for the reasons of so large a request. */
static void test_a_large_request_says_that_it_is(void **state)
{
    (void)state;
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    large(&seek);
    seek.spec.search_until_ms = 1;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_EXPIRED);
    assert_true(meeting->why_not->too_large);
    assert_int_equal(meeting->why_not->blame_count, 0);
    seek.spec.grid_minutes = 15;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_false(meeting->why_not->too_large);
    assert_int_equal(meeting->why_not->blocking_count, 2);
}

struct outcome {
    size_t answered;
    enum entente_code last;
};

static void hear(void *context, enum entente_code code,
                 const struct entente_envelope *reply)
{
    struct outcome *outcome = context;
    (void)reply;
    outcome->answered++;
    outcome->last = code;
}

static void ask_at_once(struct seek *seek, struct outcome *outcome)
{
    const struct entente_envelope ask = {.body = ENTENTE_SEARCH,
                                         .search = &seek->search};
    for (int i = 0; i < AT_ONCE; i++) {
        assert_int_equal(
            entente_client_submit(coordinator->sdk, &ask, hear, outcome, NULL),
            ENTENTE_OK);
    }
}

static void test_many_at_once_and_others_between(void **state)
{
    (void)state;
    struct seek seek;
    struct outcome outcome = {0};
    struct seek small;
    large(&seek);
    ask_at_once(&seek, &outcome);
    seek_begin(&small, (const char *[]){BEN, NULL});
    seek_starts(seek_found(&small),
                (const int32_t[]){840, 900, DAY + 840, DAY + 900, 2 * DAY + 840}, 5);
    /* What is published meanwhile changes nothing that is being read. */
    seek_publish(ben, BEN, NULL, 0, NULL);
    while (outcome.answered < AT_ONCE) {
        assert_int_equal(outcome.last, ENTENTE_OK);
        entente_client_step(coordinator->sdk, 10);
    }
    assert_int_equal(outcome.last, ENTENTE_OK);
}

static void test_a_broker_that_ends_leaves_nothing_behind(void **state)
{
    (void)state;
    struct seek seek;
    struct outcome outcome = {0};
    large(&seek);
    ask_at_once(&seek, &outcome);
    while (outcome.answered == 0) {
        entente_client_step(coordinator->sdk, 10);
    }
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    /* Sent again after the new connection, and answered. */
    while (outcome.answered < AT_ONCE) {
        entente_client_step(coordinator->sdk, 10);
    }
    assert_int_equal(outcome.last, ENTENTE_OK);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_large_search_is_answered_with_its_reasons),
        cmocka_unit_test(test_a_large_request_says_that_it_is),
        cmocka_unit_test(test_many_at_once_and_others_between),
        cmocka_unit_test(test_a_broker_that_ends_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
