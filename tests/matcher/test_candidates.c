// SPDX-License-Identifier: Apache-2.0

/*
 * Candidate starts: windows, grid, notice and slots picked by hand.
 */
#include "matcher/candidates.h"

#include "tests/matcher/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 };

/* Lists of what a request allows, with their memory. */
static struct {
    minute_t memory[6][MOST];
    minute_t starts[MOST];
    struct candidates list;
} found;

static struct interval_set set_in(size_t index)
{
    struct interval_set set = {found.memory[index], found.memory[index + 1], 0, MOST};
    return set;
}

static void list(const struct match_request *request)
{
    struct candidates_scratch scratch = {
        .allowed = set_in(0),
        .windows = set_in(2),
        .starts = set_in(4),
    };

    struct candidates_bounds bounds;
    candidates_find_bounds(request, &bounds);
    assert_true(bounds.starts <= MOST);
    found.list = (struct candidates){.starts = found.starts, .capacity = bounds.starts};
    candidates_list(request, &scratch, &found.list);
    if (found.list.count > 0) {
        assert_true(found.starts[found.list.count - 1] - found.starts[0] <=
                    bounds.reach);
    }
}

/* The starts as "60 75 90", relative to @origin. */
static void expect_starts(const struct match_request *request, minute_t origin,
                          const char *want)
{
    char got[1024] = "";

    list(request);
    for (size_t i = 0; i < found.list.count; i++) {
        size_t length = strlen(got);
        snprintf(got + length, sizeof(got) - length, "%s%d", i > 0 ? " " : "",
                 (int)(found.starts[i] - origin));
    }
    assert_string_equal(got, want);
}

static void test_a_slot_lies_wholly_in_one_window(void **state)
{
    (void)state;
    static const struct match_span windows[] = {{0, 90}, {90, 165}, {100, 130}};
    struct match_request request = {
        .duration = 60,
        .windows = windows,
        .window_count = 3,
        .earliest = INT32_MIN,
    };

    /* Touching windows are not joined; a window that is too short allows nothing. */
    expect_starts(&request, 0, "0 15 30 90 105");
}

static void test_windows_may_come_in_any_order_and_overlap(void **state)
{
    (void)state;
    static const struct match_span windows[] = {{60, 135}, {0, 75}, {30, 105}};
    struct match_request request = {
        .duration = 60,
        .windows = windows,
        .window_count = 3,
        .earliest = INT32_MIN,
    };

    expect_starts(&request, 0, "0 15 30 45 60 75");
}

static void test_no_slot_starts_before_the_notice(void **state)
{
    (void)state;
    static const struct match_span window = {0, 120};
    struct match_request request = {
        .duration = 60, .windows = &window, .window_count = 1, .earliest = 16};

    expect_starts(&request, 0, "30 45 60");
    request.earliest = 60;
    expect_starts(&request, 0, "60");
    request.earliest = 61;
    expect_starts(&request, 0, "");
}

static void test_the_grid_starts_anew_at_civil_midnight(void **state)
{
    (void)state;
    static const struct match_offset nepal = {0, 345};
    static const struct match_span window = {1080, 1080 + 240};
    struct match_request request = {
        .duration = 30,
        .grid = 60,
        .windows = &window,
        .window_count = 1,
        .earliest = INT32_MIN,
        .offsets = &nepal,
        .offset_count = 1,
    };

    /* 18:00Z is 23:45 in Kathmandu: full hours are at a quarter past, by UTC. */
    expect_starts(&request, 1080, "15 75 135 195");
    /* Every 25 minutes: the last before midnight is 23:45 (57 * 25 = 1425). */
    request.grid = 25;
    expect_starts(&request, 1080, "0 15 40 65 90 115 140 165 190");
    request.grid = 1440;
    expect_starts(&request, 1080, "15");
}

static void test_the_grid_lives_through_clock_changes(void **state)
{
    (void)state;
    minute_t october = story_minute(2026, 10, 25, 0, 0);
    minute_t march = story_minute(2026, 3, 29, 0, 0);
    struct match_offset paris[] = {{march + 60, 120}, {october + 60, 60}};
    struct match_span window = {october, october + 180};
    struct match_request request = {
        .duration = 60,
        .grid = 60,
        .windows = &window,
        .window_count = 1,
        .earliest = INT32_MIN,
        .offsets = paris,
        .offset_count = 2,
    };

    /* 02:00, 02:00 again, 03:00. */
    expect_starts(&request, october, "0 60 120");
    /* A clock that goes back by half an hour, from 11:30 to 11:00. */
    paris[0].offset_minutes = 660;
    paris[1].offset_minutes = 630;
    expect_starts(&request, october, "0 90");
}

static void test_every_minute_must_be_allowed(void **state)
{
    (void)state;
    static const struct match_span window = {0, 1440};
    struct match_request request = {
        .duration = 60,
        .grid = 30,
        .windows = &window,
        .window_count = 1,
        .earliest = INT32_MIN,
        .times_of_day = {{480, 600}, {840, 900}, {1000, 1030}},
        .times_of_day_count = 3,
    };

    expect_starts(&request, 0, "480 510 540 840");
    request.weekdays = 1u << 4; /* Friday; the window is a Thursday */
    expect_starts(&request, 0, "");
}

static void test_picked_starts_are_exempt_from_all_but_the_notice(void **state)
{
    (void)state;
    static const minute_t picked[] = {707, 13, 500, 13, 1, 500};
    struct match_request request = {
        .duration = 60,
        .picked = picked,
        .picked_count = ARRAY_SIZE(picked),
        .earliest = 2,
        .weekdays = 1u << 6,
        .times_of_day = {{0, 1}},
        .times_of_day_count = 1,
    };

    expect_starts(&request, 0, "13 500 707");
    assert_int_equal(candidates_earliest(&request, 99), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slot_lies_wholly_in_one_window),
        cmocka_unit_test(test_windows_may_come_in_any_order_and_overlap),
        cmocka_unit_test(test_no_slot_starts_before_the_notice),
        cmocka_unit_test(test_the_grid_starts_anew_at_civil_midnight),
        cmocka_unit_test(test_the_grid_lives_through_clock_changes),
        cmocka_unit_test(test_every_minute_must_be_allowed),
        cmocka_unit_test(test_picked_starts_are_exempt_from_all_but_the_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
