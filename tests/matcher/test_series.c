// SPDX-License-Identifier: Apache-2.0

/*
 * Meetings that are held again and again.
 */
#include "matcher/calendar.h"

#include "tests/matcher/story.h"

enum { DAY = MINUTES_PER_DAY, WEEK = 7 * DAY };

/* One party who is free for @weeks weeks from the first Monday of 2026 on. */
static void begin(struct story *story, enum match_step step, uint32_t occurrences,
                  int weeks)
{
    story_begin(story);
    story->origin = story_minute(2026, 1, 5, 0, 0);
    story_party(story, MATCH_INDISPENSABLE, "####");
    minute_t end = story->origin + weeks * WEEK;
    story->ranges[0][0][0].end = end;
    story->sources[0][0].coverage.end = end;
    story->windows[0].end = story->origin + WEEK;
    story->request.step = step;
    story->request.occurrences = occurrences;
    story->request.grid = 60;
}

static void test_every_occurrence_must_suit(void **state)
{
    (void)state;
    static struct story story;

    begin(&story, MATCH_WEEKLY, 3, 20);
    /* Busy at nine in the third week only. */
    minute_t nine = story.origin + 2 * WEEK + 540;
    story.ranges[0][0][1] =
        (struct match_range){.start = nine, .end = nine + 60, .kind = MATCH_BUSY};
    story.sources[0][0].range_count = 2;
    story.request.times_of_day[0] = (struct match_span){540, 660};
    story.request.times_of_day_count = 1;
    story.request.weekdays = 1;
    story_search(&story);
    assert_int_equal(story.why.candidates, 2);
    assert_int_equal(story.why.feasible, 1);
    assert_int_equal(story.why.blame[0].busy, 1);
    assert_int_equal(story.result.slots[0].start, story.origin + 600);
    assert_int_equal(story.result.slots[0].end, story.origin + 660);
    story.request.step = MATCH_FORTNIGHTLY;
    story_search(&story);
    assert_int_equal(story.why.feasible, 1); /* the second one is in the third week */
    story.request.occurrences = 2;
    story.request.step = MATCH_WEEKLY;
    story_search(&story);
    assert_int_equal(story.result.slots[0].start, story.origin + 540);
}

static void test_only_the_first_must_lie_in_a_window(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story, MATCH_WEEKLY, 20, 20);
    story_search(&story);
    assert_int_equal(story.why.feasible, 7 * 24);
    story.request.occurrences = 21;
    assert_false(story_judge(&story, story.origin, &slot));
    story_expect_reasons(&story, &slot, "u");
}

static void test_merits_are_those_of_all_minutes(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story, MATCH_WEEKLY, 2, 3);
    story.ranges[0][0][0].preference = MATCH_PREFERRED;
    assert_true(story_judge(&story, story.origin, &slot));
    assert_int_equal(slot.merit.preferred, 1);
    assert_int_equal(slot.merit.inferred, 0);
    assert_int_equal(slot.merit.unusable, 0);

    /* The second week is another range: inferred, to be avoided, and just long enough
     * with a quarter on either side. */
    minute_t second = story.origin + WEEK;
    story.ranges[0][0][0].end = second - 60;
    story.ranges[0][0][1] = (struct match_range){.start = second - 15,
                                                 .end = second + 75,
                                                 .kind = MATCH_FREE,
                                                 .certainty = MATCH_INFERRED,
                                                 .preference = MATCH_AVOID};
    story.sources[0][0].range_count = 2;
    assert_true(story_judge(&story, story.origin, &slot));
    assert_int_equal(slot.merit.preferred, 0);
    assert_int_equal(slot.merit.inferred, 1);
    assert_int_equal(slot.merit.avoid, 1);
    assert_int_equal(slot.merit.unusable, 30);
}

static void test_the_calendar_holds_for_all_occurrences(void **state)
{
    (void)state;
    static struct story story;
    int32_t closed = (int32_t)(story_minute(2026, 1, 13, 0, 0) / DAY);

    begin(&story, MATCH_WEEKLY, 2, 20);
    story.request.grid = 1440;
    story.request.closed_days = &closed;
    story.request.closed_day_count = 1;
    story_search(&story);
    assert_int_equal(story.why.candidates, 6); /* no Tuesday */
    minute_t tuesday = story.origin + DAY;
    story.request.picked = &tuesday;
    story.request.picked_count = 1;
    story_search(&story);
    assert_int_equal(story.why.candidates, 0);
}

static void test_months_keep_the_weekday(void **state)
{
    (void)state;
    static const struct {
        int month;
        int day;
        int later; /* months */
        int year_then;
        int month_then;
        int day_then;
    } dates[] = {
        {1, 1, 1, 2026, 2, 5},     /* the first Thursday */
        {1, 7, 1, 2026, 2, 4},     /* the first Wednesday */
        {1, 8, 1, 2026, 2, 12},    /* the second Thursday */
        {1, 28, 1, 2026, 2, 25},   /* the fourth Wednesday */
        {1, 29, 1, 2026, 2, 26},   /* the last Thursday */
        {1, 31, 1, 2026, 2, 28},   /* the last Saturday */
        {1, 29, 3, 2026, 4, 30},   /* the last Thursday, the fifth */
        {11, 30, 1, 2026, 12, 28}, /* the last Monday */
        {12, 31, 2, 2027, 2, 25},  {3, 1, 24, 2028, 3, 5}, /* the first Sunday */
        {2, 28, 24, 2028, 2, 26}, /* the fourth Saturday of a leap year */
        {1, 31, 25, 2028, 2, 26},  {6, 30, 63, 2031, 9, 30},
    };
    static struct match_request request = {
        .duration = 60, .step = MATCH_MONTHLY, .occurrences = 64};

    for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
        minute_t then = 0;
        minute_t start = story_minute(2026, dates[i].month, dates[i].day, 9, 30);
        assert_true(match_occurrence(&request, start, (uint32_t)dates[i].later, &then));
        assert_int_equal(then, story_minute(dates[i].year_then, dates[i].month_then,
                                            dates[i].day_then, 9, 30));
        assert_int_equal(calendar_weekday(start / DAY), calendar_weekday(then / DAY));
    }
}

static void test_the_last_of_its_weekday_stays_the_last(void **state)
{
    (void)state;
    static const struct {
        int month, day;
        uint32_t later;
        int year_then, month_then, day_then;
    } dates[] = {
        {2, 24, 1, 2026, 3, 31}, /* the fourth Tuesday is the last one of February */
        {2, 24, 2, 2026, 4, 28},  {3, 31, 1, 2026, 4, 28},  {4, 28, 8, 2026, 12, 29},
        {2, 24, 12, 2027, 2, 23}, {2, 24, 24, 2028, 2, 29},
    };
    static struct match_request request = {
        .duration = 60, .step = MATCH_MONTHLY_LAST, .occurrences = 64};

    for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
        minute_t then = 0;
        minute_t start = story_minute(2026, dates[i].month, dates[i].day, 9, 30);
        assert_true(match_occurrence(&request, start, dates[i].later, &then));
        assert_int_equal(then, story_minute(dates[i].year_then, dates[i].month_then,
                                            dates[i].day_then, 9, 30));
    }
}

static void test_occurrences_keep_the_civil_time(void **state)
{
    (void)state;
    static struct match_offset paris[] = {{0, 60}, {0, 120}, {0, 60}};
    struct match_request request = {
        .duration = 60,
        .step = MATCH_WEEKLY,
        .occurrences = 4,
        .offsets = paris,
        .offset_count = 3,
    };
    minute_t then = 0;

    paris[1].from = story_minute(2026, 3, 29, 1, 0);
    paris[2].from = story_minute(2026, 10, 25, 1, 0);
    /* Nine o'clock is an hour earlier in UTC after the change. */
    assert_true(match_occurrence(&request, story_minute(2026, 3, 23, 8, 0), 1, &then));
    assert_int_equal(then, story_minute(2026, 3, 30, 7, 0));
    assert_true(match_occurrence(&request, story_minute(2026, 3, 23, 8, 0), 0, &then));
    assert_int_equal(then, story_minute(2026, 3, 23, 8, 0));
    /* Half past two does not exist on the 29th of March; two and three o'clock are one. */
    assert_false(
        match_occurrence(&request, story_minute(2026, 3, 22, 1, 30), 1, &then));
    assert_false(match_occurrence(&request, story_minute(2026, 3, 22, 1, 0), 1, &then));
    assert_false(
        match_occurrence(&request, story_minute(2026, 3, 22, 1, 59), 1, &then));
    assert_true(match_occurrence(&request, story_minute(2026, 3, 22, 2, 0), 1, &then));
    assert_int_equal(then, story_minute(2026, 3, 29, 1, 0));
    /* It exists twice on the 25th of October, and the first counts. */
    assert_true(
        match_occurrence(&request, story_minute(2026, 10, 18, 0, 30), 1, &then));
    assert_int_equal(then, story_minute(2026, 10, 25, 0, 30));
    /* Begun at the second one, it goes on at the same time. */
    assert_true(
        match_occurrence(&request, story_minute(2026, 10, 25, 1, 30), 1, &then));
    assert_int_equal(then, story_minute(2026, 11, 1, 1, 30));
    request.step = (enum match_step)0;
    assert_false(match_occurrence(&request, story_minute(2026, 3, 23, 8, 0), 1, &then));
    request.step = MATCH_WEEKLY;
    assert_false(match_occurrence(&request, 0, MATCH_OCCURRENCES_MAX, &then));
    assert_false(match_occurrence(&request, INT32_MAX - 60 - WEEK + 61, 1, &then));
}

static void test_a_gap_in_the_clock_makes_a_start_impossible(void **state)
{
    (void)state;
    static struct story story;
    static struct match_offset paris[] = {{0, 60}, {0, 120}};
    struct match_slot slot;

    paris[1].from = story_minute(2026, 3, 29, 1, 0);
    begin(&story, MATCH_WEEKLY, 2, 20);
    story.request.offsets = paris;
    story.request.offset_count = 2;
    minute_t sunday = story_minute(2026, 3, 22, 0, 0);
    story.windows[0] = (struct match_span){sunday, sunday + 300};
    story_search(&story);
    assert_int_equal(story.why.candidates, 5 - 1);
    assert_true(story_judge(&story, sunday, &slot));
    assert_false(story_judge(&story, sunday + 60, &slot));
    story_expect_reasons(&story, &slot, "a"); /* to the one that exists */
}

static void test_bad_series_are_refused(void **state)
{
    (void)state;
    static struct story story;

    begin(&story, MATCH_WEEKLY, MATCH_OCCURRENCES_MAX, 80);
    assert_int_equal(story_status(&story), MATCH_OK);
    story.request.occurrences++;
    assert_int_equal(story_status(&story), MATCH_BAD_SERIES);
    story.request.occurrences = 2;
    story.request.step = (enum match_step)5;
    assert_int_equal(story_status(&story), MATCH_BAD_SERIES);
    story.request.step = (enum match_step)0;
    assert_int_equal(story_status(&story), MATCH_BAD_SERIES);
    story.request.occurrences = 1;
    assert_int_equal(story_status(&story), MATCH_OK);
}

static void test_time_ends(void **state)
{
    (void)state;
    static struct story story;
    static const struct match_offset behind = {0, -60};
    static const minute_t last = INT32_MAX;
    minute_t found = 7;

    begin(&story, MATCH_WEEKLY, 2, 2);
    assert_true(match_occurrence(&story.request, last - 60, 0, &found));
    assert_int_equal(found, last - 60);
    assert_false(match_occurrence(&story.request, last - 59, 0, &found));
    assert_true(match_occurrence(&story.request, last - 60 - WEEK, 1, &found));
    assert_int_equal(found, last - 60);
    assert_false(match_occurrence(&story.request, last - 59 - WEEK, 1, &found));
    assert_false(match_occurrence(&story.request, last - 60, 1, &found));
    /* On a clock that is behind, too. */
    story.request.offsets = &behind;
    story.request.offset_count = 1;
    assert_false(match_occurrence(&story.request, last - 60, 1, &found));
    assert_int_equal(found, last - 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_occurrence_must_suit),
        cmocka_unit_test(test_only_the_first_must_lie_in_a_window),
        cmocka_unit_test(test_merits_are_those_of_all_minutes),
        cmocka_unit_test(test_the_calendar_holds_for_all_occurrences),
        cmocka_unit_test(test_months_keep_the_weekday),
        cmocka_unit_test(test_the_last_of_its_weekday_stays_the_last),
        cmocka_unit_test(test_occurrences_keep_the_civil_time),
        cmocka_unit_test(test_a_gap_in_the_clock_makes_a_start_impossible),
        cmocka_unit_test(test_bad_series_are_refused),
        cmocka_unit_test(test_time_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
