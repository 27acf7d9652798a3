// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of several meetings that are asked for as one: the same hour week after week,
 * what happens where it does not suit, and what is said to all of them at once.
 */
#include "proto/zone.h"
#include "tests/scenario/rules.h"
#include "tests/scenario/seek.h"
#include "tests/scenario/weeks.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

/*
 *     week       1      2      3      4
 *     anna     ######  ######  ######  ######
 *     ben      ######  ######  ######  ######
 *     meeting  MM      MM      MM      MM       each its own, all of one series
 */
static void test_the_same_hour_of_every_week_is_held_and_agreed_as_one(void **state)
{
    (void)state;
    weeks_are_free(0);
    const struct entente_meeting *meeting = weeks_asked(WEEKS);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->series->conflicts_count, 0);
    weeks_all_are(ENTENTE_PROPOSED);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].proposal->start,
                         world.day + (int32_t)i * WEEK + 9 * HOUR);
    }
    assert_int_equal(circle_claims(), 2 * WEEKS);

    assert_int_equal(weeks_say(anna, ANNA, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    weeks_all_are(ENTENTE_PROPOSED);
    assert_int_equal(weeks_say(ben, BEN, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    weeks_all_are(ENTENTE_CONFIRMED);
    assert_int_equal(world_overlaps(&world), 0);
    weeks_call_off();
}

/* What does not suit is shown, and goes on searching; the others are held. */
static void test_an_occurrence_that_does_not_suit_is_a_conflict(void **state)
{
    (void)state;
    weeks_are_free(3);
    const struct entente_meeting *meeting = weeks_asked(WEEKS);
    assert_int_equal(meeting->series->conflicts_count, 1);
    assert_int_equal(meeting->series->conflicts[0], 2);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].state,
                         i == 2 ? ENTENTE_SEARCHING : ENTENTE_PROPOSED);
        assert_int_equal(list->meetings[i].series->conflicts_count, 1);
    }
    weeks_call_off();
}

/* Ben has another hour on the day after in the third week: that one only is elsewhere. */
static void test_a_conflict_gets_a_time_of_its_own(void **state)
{
    (void)state;
    struct entente_range ranges[WEEKS];
    weeks_are_free(0);
    for (int week = 0; week < WEEKS; week++) {
        int32_t day = week * WEEK + (week == 2 ? DAY : 0);
        ranges[week] = seek_range(day + 9 * HOUR, day + 12 * HOUR, ENTENTE_FREE);
    }
    seek_publish(ben, BEN, ranges, WEEKS, NULL);
    struct entente_range more[WEEKS + 1];
    for (int week = 0; week < WEEKS; week++) {
        int32_t day = week * WEEK;
        more[week] = seek_range(day + 9 * HOUR, day + 12 * HOUR, ENTENTE_FREE);
    }
    more[WEEKS] = seek_range(2 * WEEK + DAY + 10 * HOUR, 2 * WEEK + DAY + 11 * HOUR,
                             ENTENTE_FREE);
    seek_publish(anna, ANNA, more, WEEKS + 1, NULL);

    weeks_asked(WEEKS);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    assert_int_equal(list->meetings[2].state, ENTENTE_PROPOSED);
    assert_int_equal(list->meetings[2].proposal->start,
                     world.day + 2 * WEEK + DAY + 10 * HOUR);
    assert_int_equal(list->meetings[2].series->conflicts_count, 1);
    assert_int_equal(list->meetings[2].series->conflicts[0], 2);
    weeks_call_off();
}

/* Only the second week is moved; the others keep their time and their answers. */
static void test_one_occurrence_is_moved_by_itself(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    struct circle_kept kept;
    weeks_are_free(0);
    weeks_asked(WEEKS);
    assert_int_equal(weeks_say(anna, ANNA, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    int32_t later = list->meetings[1].proposal->start + HOUR;
    const struct entente_meeting *second = circle_keep(&list->meetings[1], &kept);
    second = circle_says(ben, BEN, ENTENTE_SHIFT, later, second);
    assert_int_equal(second->proposal->start, later);
    list = weeks_listed(coordinator);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].state, ENTENTE_PROPOSED);
        assert_int_equal(list->meetings[i].proposal->number, i == 1 ? 2 : 1);
        assert_int_equal(list->meetings[i].spec->parties[0].answer,
                         i == 1 ? 0 : ENTENTE_ACCEPT);
    }
    weeks_call_off();
}

/* From the second week on it is an hour later; the first one stays. */
static void test_the_rest_of_a_series_is_moved_by_as_much(void **state)
{
    (void)state;
    weeks_are_free(0);
    const struct entente_meeting *meeting = weeks_asked(WEEKS);
    assert_int_equal(weeks_say(anna, ANNA, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    assert_int_equal(weeks_say(ben, BEN, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    struct entente_identifier who = world_identifier(ANNA);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    struct entente_decide order = {
        .actor = &(struct entente_actor){.who = &who, .channel = 1},
        .meeting = list->meetings[1].id,
        .version = list->meetings[1].version,
        .decision = ENTENTE_MOVE,
        .start = world.day + WEEK + 10 * HOUR,
        .series = true};
    const struct entente_envelope all = {.body = ENTENTE_DECIDE, .decide = &order};
    assert_int_equal(world_call(coordinator, &all, &meeting), ENTENTE_OK);
    for (int i = 0; i < WEEKS; i++) {
        const struct entente_meeting *one = &weeks_listed(coordinator)->meetings[i];
        assert_int_equal(one->state == ENTENTE_MOVING, i > 0);
        assert_int_equal(one->proposal->start - world.day - i * WEEK, (9 + !!i) * HOUR);
    }
    weeks_call_off();
}

static bool has_begun(void *context)
{
    (void)context;
    const struct entente_list list = {.series = {weeks_series, sizeof(weeks_series)}};
    const struct entente_meeting_list *found = NULL;
    return entente_client_list(coordinator->sdk, &list, PATIENCE_MS, &found) ==
           ENTENTE_OK;
}

/* Nobody is free at first: the series waits, and becomes one as soon as there is time. */
static void test_a_series_without_time_waits(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    seek_publish(anna, ANNA, NULL, 0, NULL);
    seek_publish(ben, BEN, NULL, 0, NULL);
    assert_int_equal(weeks_ask(WEEKS, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_null(meeting->series);
    memcpy(weeks_series, meeting->id.data, sizeof(weeks_series));
    weeks_are_free(0);
    assert_true(world_until(&world, has_begun, NULL));
    weeks_all_are(ENTENTE_PROPOSED);
    weeks_call_off();
}

/* Ben cannot come the first time: that one is the conflict, and the others are held. */
static void test_the_first_one_may_be_the_conflict(void **state)
{
    (void)state;
    weeks_are_free(1);
    const struct entente_meeting *meeting = weeks_asked(WEEKS);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_int_equal(meeting->series->conflicts_count, 1);
    assert_int_equal(meeting->series->conflicts[0], 0);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    for (size_t i = 1; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].state, ENTENTE_PROPOSED);
        assert_int_equal(list->meetings[i].proposal->start,
                         world.day + (int32_t)i * WEEK + 9 * HOUR);
    }
    /* And as soon as Ben can, it is proposed, too. */
    weeks_are_free(0);
    circle_learns(ben, meeting, ENTENTE_PROPOSED);
    weeks_all_are(ENTENTE_PROPOSED);
    weeks_call_off();
}

/* The same out of the waiting list: nobody had any time before. */
static void test_so_it_may_where_all_have_waited(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    seek_publish(anna, ANNA, NULL, 0, NULL);
    seek_publish(ben, BEN, NULL, 0, NULL);
    assert_int_equal(weeks_ask(WEEKS, &meeting), ENTENTE_OK);
    memcpy(weeks_series, meeting->id.data, sizeof(weeks_series));
    weeks_are_free(1);
    assert_true(world_until(&world, has_begun, NULL));
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    assert_int_equal(list->meetings[0].state, ENTENTE_SEARCHING);
    assert_int_equal(list->meetings[WEEKS - 1].state, ENTENTE_PROPOSED);
    weeks_call_off();
}

/* The organizer looks elsewhere for a series that waits: all of it is found there. */
static void test_searching_on_finds_all_of_it(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    weeks_are_free(0);
    seek_publish(ben, BEN, NULL, 0, NULL);
    assert_int_equal(weeks_ask(WEEKS - 1, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    memcpy(weeks_series, meeting->id.data, sizeof(weeks_series));
    uint32_t version = meeting->version;
    circle_keep(meeting, &kept);
    kept.meeting.version = version;
    struct entente_range days[WEEKS];
    for (int week = 0; week < WEEKS; week++) {
        int32_t day = week * WEEK + 5 * DAY;
        days[week] = seek_range(day + 9 * HOUR, day + 12 * HOUR, ENTENTE_FREE);
    }
    seek_publish(anna, ANNA, days, WEEKS, NULL);
    seek_publish(ben, BEN, days, WEEKS, NULL);
    struct entente_span window = {world.day + 4 * DAY, world.day + 6 * DAY};
    assert_int_equal(rules_search_on(&window, &kept.meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    assert_int_equal(list->meetings_count, WEEKS - 1);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].state, ENTENTE_PROPOSED);
        assert_int_equal(list->meetings[i].proposal->start,
                         world.day + (int32_t)i * WEEK + 5 * DAY + 9 * HOUR);
    }
    weeks_call_off();
}

/* ---- as calendars say it -----------------------------------------------------------
 */

/* The date so many days after the world's, as 20261218. */
static const char *date_after(int days)
{
    static char text[16];
    struct zone_civil civil;
    assert_true(zone_to_civil("UTC", world.day + days * DAY, &civil));
    snprintf(text, sizeof(text), "%04d%02d%02d", civil.year, civil.month, civil.day);
    return text;
}

static void test_until_a_day(void **state)
{
    (void)state;
    char rule[64];
    const struct entente_meeting *meeting = NULL;
    weeks_are_free(0);
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%s", date_after(14));
    weeks_recurrence = rule;
    meeting = weeks_asked(3); /* the last day counts */
    assert_int_equal(meeting->series->conflicts_count, 0);
    weeks_call_off();
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%sT120000Z", date_after(13));
    meeting = weeks_asked(2);
    weeks_call_off();
    /* Where the longest series does not suit, the next one does. */
    weeks_are_free(1);
    weeks_window_days = 8;
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%s", date_after(21));
    meeting = weeks_asked(3);
    assert_int_equal(meeting->series->conflicts_count, 0);
    assert_int_equal(meeting->proposal->start, world.day + WEEK + 9 * HOUR);
    weeks_call_off();
    weeks_window_days = 3;
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%s", date_after(-1));
    assert_int_equal(weeks_ask(0, &meeting), ENTENTE_ERROR_FIELD_CONFLICT);
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%s", date_after(7 * 64 + 3));
    assert_int_equal(weeks_ask(0, &meeting), ENTENTE_ERROR_SERIES_TOO_LONG);
    weeks_recurrence = NULL;
}

/* A search, of which nothing is held, goes by the same rule. */
static void test_a_search_until_a_day(void **state)
{
    (void)state;
    static const char *const people[] = {ANNA, BEN, NULL};
    char rule[64];
    struct seek seek;
    weeks_are_free(1);
    seek_begin(&seek, people);
    seek.window.end = world.day + 8 * DAY;
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%s", date_after(21));
    seek.spec.recurrence = rule;
    const struct entente_search_result *result = seek_found(&seek);
    assert_true(result->slots_count > 0);
    assert_int_equal(result->slots[0].start, world.day + WEEK + 9 * HOUR);
    assert_int_equal(result->slots[0].again_count, 2);
    snprintf(rule, sizeof(rule), "FREQ=WEEKLY;UNTIL=%s", date_after(28));
    result = seek_found(&seek); /* the fifth week suits nobody */
    assert_int_equal(result->slots_count, 0);
    assert_non_null(result->why_not);
}

/* The last day of its weekday in the month of @day, after the world's day. */
static int last_of_month(int day)
{
    struct zone_civil civil;
    int month;
    int last = day;
    assert_true(zone_to_civil("UTC", world.day + day * DAY, &civil));
    month = civil.month;
    for (; civil.month == month; day += 7) {
        last = day;
        assert_true(zone_to_civil("UTC", world.day + (day + 7) * DAY, &civil));
    }
    return last;
}

/* How many days after the world's it begins, where midnight is an hour or two ahead. */
static int day_of(const struct entente_meeting *meeting)
{
    return (meeting->proposal->start + 2 * HOUR - world.day) / DAY;
}

/* Also where it is the fourth of its month, and where it is the fifth. */
static void test_the_last_weekday_of_the_month(void **state)
{
    (void)state;
    static const char *const names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    const struct entente_range all = seek_range(0, 120 * DAY, ENTENTE_FREE);
    struct entente_span coverage = {world.day, world.day + 120 * DAY};
    const struct entente_publish like = {.coverage = &coverage};
    seek_publish(anna, ANNA, &all, 1, &like);
    seek_publish(ben, BEN, &all, 1, &like);
    weeks_window_days = 40;
    for (int weekday = 0; weekday < 7; weekday++) {
        char rule[64];
        snprintf(rule, sizeof(rule), "FREQ=MONTHLY;COUNT=3;BYDAY=-1%s", names[weekday]);
        weeks_recurrence = rule;
        weeks_asked(3);
        const struct entente_meeting_list *list = weeks_listed(coordinator);
        int day = day_of(&list->meetings[0]);
        for (size_t i = 0; i < 3; i++) {
            struct zone_civil civil;
            int32_t start = list->meetings[i].proposal->start;
            assert_true(zone_to_civil("Europe/Paris", start, &civil));
            assert_int_equal(civil.weekday, weekday + 1);
            assert_int_equal(day_of(&list->meetings[i]), last_of_month(day));
            day = last_of_month(day) + 7; /* in the month after */
        }
        weeks_call_off();
    }
    weeks_window_days = 3;
    weeks_recurrence = NULL;
}

static void test_nobody_else_sees_a_series(void **state)
{
    (void)state;
    weeks_are_free(0);
    weeks_asked(WEEKS);
    const struct entente_list list = {.series = {weeks_series, sizeof(weeks_series)}};
    const struct entente_meeting_list *found = NULL;
    assert_int_equal(entente_client_list(chris->sdk, &list, PATIENCE_MS, &found),
                     ENTENTE_ERROR_UNKNOWN_MEETING);
    weeks_call_off();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_hour_of_every_week_is_held_and_agreed_as_one),
        cmocka_unit_test(test_an_occurrence_that_does_not_suit_is_a_conflict),
        cmocka_unit_test(test_a_conflict_gets_a_time_of_its_own),
        cmocka_unit_test(test_one_occurrence_is_moved_by_itself),
        cmocka_unit_test(test_the_rest_of_a_series_is_moved_by_as_much),
        cmocka_unit_test(test_a_series_without_time_waits),
        cmocka_unit_test(test_the_first_one_may_be_the_conflict),
        cmocka_unit_test(test_so_it_may_where_all_have_waited),
        cmocka_unit_test(test_searching_on_finds_all_of_it),
        cmocka_unit_test(test_until_a_day),
        cmocka_unit_test(test_a_search_until_a_day),
        cmocka_unit_test(test_the_last_weekday_of_the_month),
        cmocka_unit_test(test_nobody_else_sees_a_series),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
