// SPDX-License-Identifier: Apache-2.0

/*
 * Series that are asked for as text, and parties who are asked although nobody knows
 * whether they are free.
 */
#include "proto/zone.h"
#include "tests/scenario/seek.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

static const char *const both[] = {ANNA, BEN, NULL};
static const char *const anna_alone[] = {ANNA, NULL};

/* ---- series ------------------------------------------------------------------------
 */

static const char *weekday_of(int32_t minute, uint32_t *ret_nth)
{
    static const char *const names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    struct zone_civil civil;
    assert_true(zone_to_civil("UTC", minute, &civil));
    *ret_nth = (uint32_t)(civil.day - 1) / 7 + 1;
    return names[civil.weekday - 1];
}

static void anna_has_her_hours(int days)
{
    struct entente_range hours[64];
    for (int i = 0; i < days; i++) {
        hours[i] = seek_range(i * DAY + 480, i * DAY + 600, ENTENTE_FREE);
    }
    seek_publish(anna, ANNA, hours, (size_t)days, NULL);
}

static void test_a_weekly_series_by_text(void **state)
{
    (void)state;
    char rule[64];
    uint32_t nth = 0;
    struct seek seek;
    anna_has_her_hours(56);
    seek_begin(&seek, anna_alone);
    seek.window.end = world.day + 7 * DAY;
    seek.search.slots = 10;
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=%s",
             weekday_of(world.day + 2 * DAY, &nth));
    seek.spec.recurrence = rule;
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){2 * DAY + 480, 2 * DAY + 540}, 2);
    assert_int_equal(result->slots[0].again_count, 3);
    for (int32_t i = 0; i < 3; i++) {
        assert_int_equal(result->slots[0].again[i] - world.day,
                         (2 + 14 * (i + 1)) * DAY + 480);
    }
    /* Without a weekday any will do; the fifth of them is not known any more. */
    seek.spec.recurrence = "FREQ=WEEKLY;INTERVAL=2;COUNT=4";
    assert_int_equal(seek_found(&seek)->slots_count, 10);
    seek.spec.recurrence = "FREQ=WEEKLY;INTERVAL=2;COUNT=5";
    assert_int_equal(seek_found(&seek)->slots_count, 0);
}

static void test_a_monthly_series_begins_on_its_weekday_of_the_month(void **state)
{
    (void)state;
    char rule[64];
    struct seek seek;
    int32_t first = 0;
    uint32_t nth = 0;
    anna_has_her_hours(60);
    seek_begin(&seek, anna_alone);
    seek.window.end = world.day + 14 * DAY;
    seek.search.slots = 64;
    /* A day that is no fifth of its weekday. */
    while (strlen(weekday_of(world.day + first * DAY, &nth)) == 0 || nth > 4) {
        first++;
    }
    snprintf(rule, sizeof(rule), "FREQ=MONTHLY;COUNT=2;BYDAY=%u%s", (unsigned)nth,
             weekday_of(world.day + first * DAY, &nth));
    seek.spec.recurrence = rule;
    const struct entente_search_result *result = seek_found(&seek);
    assert_true(result->slots_count > 0);
    for (size_t i = 0; i < result->slots_count; i++) {
        int32_t start = result->slots[i].start - world.day;
        assert_int_equal(start / DAY, first);
        assert_int_equal(result->slots[i].again_count, 1);
        int32_t later = result->slots[i].again[0] - world.day - start;
        assert_true(later == 28 * DAY || later == 35 * DAY);
    }
}

static void refused(struct seek *seek, const char *rule, unsigned code,
                    const char *says)
{
    const struct entente_search_result *result = NULL;
    seek->spec.recurrence = rule;
    assert_int_equal(seek_ask(seek, &result), code);
    if (strstr(entente_client_sentence(coordinator->sdk), says) == NULL) {
        fail_msg("%s does not say %s", entente_client_sentence(coordinator->sdk), says);
    }
}

static void test_what_a_series_cannot_say_is_refused(void **state)
{
    (void)state;
    struct seek seek;
    seek_begin(&seek, anna_alone);
    refused(&seek, "FREQ=DAILY;COUNT=5", ENTENTE_ERROR_BAD_RECURRENCE, "FREQ=WEEKLY");
    refused(&seek, "FREQ=WEEKLY", ENTENTE_ERROR_BAD_RECURRENCE, "COUNT is needed");
    refused(&seek, "FREQ=WEEKLY;COUNT=3;UNTIL=20270101", ENTENTE_ERROR_BAD_RECURRENCE,
            "COUNT");
    refused(&seek, "FREQ=WEEKLY;COUNT=65", ENTENTE_ERROR_SERIES_TOO_LONG, "64");
    seek.spec.occurrences = 2;
    refused(&seek, "FREQ=WEEKLY;COUNT=2", ENTENTE_ERROR_FIELD_CONFLICT, "one way");
    seek.spec.occurrences = 0;
    seek.spec.weekdays = 1;
    refused(&seek, "FREQ=WEEKLY;COUNT=2;BYDAY=TU", ENTENTE_ERROR_FIELD_CONFLICT,
            "weekday");
    const struct entente_meeting *meeting = NULL;
    seek.spec.weekdays = 0;
    /* A series of one is a meeting. */
    anna_has_her_hours(3);
    seek.spec.recurrence = "FREQ=WEEKLY;COUNT=1";
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    circle_called_off(meeting);
}

/* ---- asked though unknown ------------------------------------------------------------
 */

/* Anna has two hours on each of two days; of Ben only the second day is known, where he
 * has one of them. */
static void ben_is_known_on_the_second_day(void)
{
    const struct entente_range hours[] = {
        seek_range(480, 600, ENTENTE_FREE),
        seek_range(DAY + 480, DAY + 600, ENTENTE_FREE)};
    struct entente_span second = {world.day + DAY, world.day + 3 * DAY};
    const struct entente_publish known = {.coverage = &second};
    const struct entente_range one = seek_range(DAY + 540, DAY + 600, ENTENTE_FREE);
    seek_publish(anna, ANNA, hours, 2, NULL);
    seek_publish(ben, BEN, &one, 1, &known);
}

static void test_a_search_asks_whom_nobody_knows_to_be_free(void **state)
{
    (void)state;
    struct seek seek;
    ben_is_known_on_the_second_day();
    seek_begin(&seek, both);
    seek_starts(seek_found(&seek), (const int32_t[]){DAY + 540}, 1);
    seek.parties[1].ask_if_unknown = true;
    seek.spec.target = world.day + 2 * DAY; /* the day alone decides nothing */
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){DAY + 540, 480, 540}, 3);
    assert_int_equal(result->slots[0].asked_count, 0);
    assert_int_equal(result->slots[1].asked_count, 1);
    assert_int_equal(result->slots[1].asked[0], 1);
    assert_int_equal(result->slots[1].absent_count, 0);
    assert_int_equal(result->slots[1].heads, 2);
}

static void test_a_guest_can_be_asked(void **state)
{
    (void)state;
    struct seek seek;
    ben_is_known_on_the_second_day();
    seek_begin(&seek, both);
    seek.parties[1] = (struct entente_party){.kind = ENTENTE_GUEST,
                                             .name = "Mr Smith",
                                             .contact = "smith@example.org",
                                             .ask_if_unknown = true};
    seek.spec.quorum = 2;
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){480, 540, DAY + 480, DAY + 540}, 4);
    assert_int_equal(result->slots[3].asked_count, 1);
    seek.parties[1].ask_if_unknown = false;
    assert_int_equal(seek_found(&seek)->slots_count, 0);
}

static void test_who_is_asked_is_waited_for(void **state)
{
    (void)state;
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    ben_is_known_on_the_second_day();
    seek_begin(&seek, both);
    seek.window.end = world.day + DAY; /* nothing is known of Ben */
    seek.parties[1].ask_if_unknown = true;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start, world.day + 480);
    assert_true(meeting->spec->parties[1].attends);
    assert_true(meeting->spec->parties[1].asked);
    assert_false(meeting->spec->parties[0].asked);
    struct circle_kept kept;
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);

    /* It is his time now, whatever his agenda knows: he cannot be asked twice. */
    seek_publish(anna, ANNA,
                 &(struct entente_range){.start = world.day + 480,
                                         .end = world.day + 660,
                                         .kind = ENTENTE_FREE},
                 1, NULL);
    seek_starts(seek_found(&seek), (const int32_t[]){540, 600}, 2);
    circle_called_off(shown);
}

static void test_a_room_that_nobody_knows_does_not_say_yes_by_itself(void **state)
{
    (void)state;
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    ben_is_known_on_the_second_day();
    seek_begin(&seek, both);
    seek.window.end = world.day + DAY;
    seek.parties[1].kind = ENTENTE_RESOURCE;
    seek.parties[1].ask_if_unknown = true;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    struct circle_kept kept;
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_called_off(shown);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_weekly_series_by_text),
        cmocka_unit_test(test_a_monthly_series_begins_on_its_weekday_of_the_month),
        cmocka_unit_test(test_what_a_series_cannot_say_is_refused),
        cmocka_unit_test(test_a_search_asks_whom_nobody_knows_to_be_free),
        cmocka_unit_test(test_a_guest_can_be_asked),
        cmocka_unit_test(test_who_is_asked_is_waited_for),
        cmocka_unit_test(test_a_room_that_nobody_knows_does_not_say_yes_by_itself),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
