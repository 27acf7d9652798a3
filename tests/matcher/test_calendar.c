// SPDX-License-Identifier: Apache-2.0

/*
 * The civil clock: days, weekdays and times of day in Europe/Paris, whose offsets are
 * written by hand, across both changes of the clock.
 */
#include "matcher/calendar.h"

#include "tests/matcher/story.h"
#include "tests/support/timeline.h"

#include <string.h>

enum { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

static struct match_offset paris[4];

static int set_up(void **state)
{
    (void)state;
    paris[0] = (struct match_offset){story_minute(2025, 10, 26, 1, 0), 60};
    paris[1] = (struct match_offset){story_minute(2026, 3, 29, 1, 0), 120};
    paris[2] = (struct match_offset){story_minute(2026, 10, 25, 1, 0), 60};
    paris[3] = (struct match_offset){story_minute(2027, 3, 28, 1, 0), 120};
    return 0;
}

static struct match_request in_paris(void)
{
    struct match_request request = {
        .duration = 60,
        .offsets = paris,
        .offset_count = ARRAY_SIZE(paris),
    };
    return request;
}

static void expect_civil(const struct match_request *request, minute_t at,
                         minute_t midnight, int hour, int minute, int weekday)
{
    struct civil civil = calendar_read(request, at);
    assert_int_equal(civil.day, midnight / MINUTES_PER_DAY);
    assert_int_equal(civil.minute, hour * 60 + minute);
    assert_int_equal(calendar_weekday(civil.day), weekday);
}

static void test_without_offsets_the_clock_is_utc(void **state)
{
    (void)state;
    struct match_request request = {.duration = 60};

    expect_civil(&request, 0, 0, 0, 0, THURSDAY);
    expect_civil(&request, 1439, 0, 23, 59, THURSDAY);
    expect_civil(&request, 1440, 1440, 0, 0, FRIDAY);
    expect_civil(&request, -1, -1440, 23, 59, WEDNESDAY);
    expect_civil(&request, story_minute(2026, 11, 21, 22, 2),
                 story_minute(2026, 11, 21, 0, 0), 22, 2, SATURDAY);
}

static void test_summer_and_winter_in_paris(void **state)
{
    (void)state;
    struct match_request request = in_paris();

    expect_civil(&request, story_minute(2026, 7, 14, 22, 30),
                 story_minute(2026, 7, 15, 0, 0), 0, 30, WEDNESDAY);
    expect_civil(&request, story_minute(2026, 12, 24, 22, 30),
                 story_minute(2026, 12, 24, 0, 0), 23, 30, THURSDAY);
    /* The first offset also holds before its from. */
    expect_civil(&request, story_minute(2025, 7, 14, 8, 0),
                 story_minute(2025, 7, 14, 0, 0), 9, 0, MONDAY);
}

static void test_an_hour_comes_twice_in_october(void **state)
{
    (void)state;
    struct match_request request = in_paris();
    minute_t sunday = story_minute(2026, 10, 25, 0, 0);

    expect_civil(&request, sunday + 30, sunday, 2, 30, SUNDAY);
    expect_civil(&request, sunday + 59, sunday, 2, 59, SUNDAY);
    expect_civil(&request, sunday + 60, sunday, 2, 0, SUNDAY);
    expect_civil(&request, sunday + 90, sunday, 2, 30, SUNDAY);
    assert_int_equal(calendar_read(&request, sunday + 30).until, sunday + 60);
    assert_int_equal(calendar_read(&request, sunday + 60).until, sunday + 23 * 60);
}

static void test_an_hour_is_missing_in_march(void **state)
{
    (void)state;
    struct match_request request = in_paris();
    minute_t sunday = story_minute(2026, 3, 29, 0, 0);

    expect_civil(&request, sunday + 59, sunday, 1, 59, SUNDAY);
    expect_civil(&request, sunday + 60, sunday, 3, 0, SUNDAY);
    assert_int_equal(calendar_read(&request, sunday).until, sunday + 60);
}

/* Draw the allowed quarters of an hour of [from, until). */
static void expect_allowed(const struct match_request *request, minute_t from,
                           const char *want)
{
    struct timeline allowed;
    char drawn[TIMELINE_MAX + 1];
    size_t length = strlen(want);
    minute_t until = from + (minute_t)length * STORY_UNIT;

    timeline_blank(&allowed);
    calendar_allowed(request, from, until, &allowed.set);
    assert_true(interval_set_is_canonical(&allowed.set));
    assert_true(allowed.set.count <=
                MATCH_TIMES_OF_DAY_MAX * calendar_stretch_bound(request, from, until));
    for (size_t i = 0; i < length; i++) {
        minute_t at = from + (minute_t)i * STORY_UNIT;
        bool whole = timeline_covers(&allowed.set, at, at + STORY_UNIT);
        drawn[i] = whole ? '#' : '.';
    }
    drawn[length] = '\0';
    assert_string_equal(drawn, want);
}

static void test_times_of_day_follow_the_civil_clock(void **state)
{
    (void)state;
    struct match_request request = in_paris();

    /* 02:00 to 04:00 is two hours on an ordinary night, three in October (the clock
     * goes from 02:59 to 02:00), one in March (from 01:59 to 03:00). */
    request.times_of_day[0] = (struct match_span){120, 240};
    request.times_of_day_count = 1;
    expect_allowed(&request, story_minute(2026, 10, 24, 0, 0), "########............");
    expect_allowed(&request, story_minute(2026, 10, 25, 0, 0), "############........");
    expect_allowed(&request, story_minute(2026, 3, 28, 0, 0), "....########........");
    expect_allowed(&request, story_minute(2026, 3, 29, 0, 0), "....####............");
}

static void test_times_of_day_join_across_midnight(void **state)
{
    (void)state;
    struct match_request request = {.duration = 60};

    /* 23:00 to midnight and midnight to 00:30: Thursday into Friday is one range. */
    request.times_of_day[0] = (struct match_span){0, 30};
    request.times_of_day[1] = (struct match_span){1380, 1440};
    request.times_of_day_count = 2;
    expect_allowed(&request, 1440 - 120, "....######......");

    /* On Fridays only, the evening before is shut. */
    request.weekdays = 1u << FRIDAY;
    expect_allowed(&request, 1440 - 120, "........##......");
}

static void test_times_of_day_are_a_union(void **state)
{
    (void)state;
    struct match_request request = {.duration = 60};

    request.times_of_day[0] = (struct match_span){60, 90};
    request.times_of_day[1] = (struct match_span){15, 45};
    request.times_of_day[2] = (struct match_span){30, 60};
    request.times_of_day_count = 3;
    expect_allowed(&request, 0, ".#####..");
}

static void test_weekdays_begin_at_civil_midnight(void **state)
{
    (void)state;
    struct match_request request = in_paris();

    /* In July, Saturday begins at 22:00 UTC on Friday. */
    request.weekdays = 1u << SATURDAY;
    expect_allowed(&request, story_minute(2026, 7, 17, 21, 0), "....########");
    request.weekdays = 0x1f;
    expect_allowed(&request, story_minute(2026, 7, 17, 21, 0), "####........");
    assert_true(calendar_is_limited(&request));
    request.weekdays = 0x7f;
    assert_false(calendar_is_limited(&request));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_offsets_the_clock_is_utc),
        cmocka_unit_test(test_summer_and_winter_in_paris),
        cmocka_unit_test(test_an_hour_comes_twice_in_october),
        cmocka_unit_test(test_an_hour_is_missing_in_march),
        cmocka_unit_test(test_times_of_day_follow_the_civil_clock),
        cmocka_unit_test(test_times_of_day_join_across_midnight),
        cmocka_unit_test(test_times_of_day_are_a_union),
        cmocka_unit_test(test_weekdays_begin_at_civil_midnight),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
