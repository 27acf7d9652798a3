// SPDX-License-Identifier: Apache-2.0

/*
 * Interval sets: stories drawn as timelines, and the same laws minute by minute on
 * random sets.  RANDOM_SEED in the environment repeats a run.
 */
#include "matcher/interval_set.h"

#include "tests/matcher/random_request.h"
#include "tests/matcher/story.h"
#include "tests/support/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 60, ROUNDS = 20000, ROUNDS_SLOW = 500 };

// clang-format off
static const struct {
    const char *why;
    const char *anna;
    const char *ben;
    const char *both;
    const char *rest; /* anna's, without ben's */
} pairs[] = {
    {
        .why  = "an overlap is what both have",
        .anna = "..######....",
        .ben  = ".....######.",
        .both = ".....###....",
        .rest = "..###.......",
    },
    {
        .why  = "ranges are half-open: back to back is not an overlap",
        .anna = "######......",
        .ben  = "......######",
        .both = "............",
        .rest = "######......",
    },
    {
        .why  = "a long range may meet several short ones",
        .anna = ".##########.",
        .ben  = "##..##..##..",
        .both = ".#..##..##..",
        .rest = "..##..##..#.",
    },
    {
        .why  = "stitched sets reach the documented bound of a + b - 1 ranges",
        .anna = "####.####.##",
        .ben  = "..####.####.",
        .both = "..##.#.##.#.",
        .rest = "##....#....#",
    },
    {
        .why  = "each range can cut another in two: a + b ranges are left",
        .anna = "############",
        .ben  = ".#..##..##..",
        .both = ".#..##..##..",
        .rest = "#.##..##..##",
    },
    {
        .why  = "one range may cut the ends of two",
        .anna = "#####..#####",
        .ben  = "...#######..",
        .both = "...##..###..",
        .rest = "###.......##",
    },
    {
        .why  = "somebody without free time leaves nothing, and takes nothing",
        .anna = "............",
        .ben  = "############",
        .both = "............",
        .rest = "............",
    },
    {
        .why  = "what is equal is all in both",
        .anna = ".##..#....#.",
        .ben  = ".##..#....#.",
        .both = ".##..#....#.",
        .rest = "............",
    },
};

static const struct {
    const char *why;
    const char *set;
    int32_t before;
    int32_t after;
    const char *wide;
} widened[] = {
    {"both sides grow",                      "....##......", 2, 1, "..#####....."},
    {"what touches then is one range",       "..##..##....", 1, 1, ".########..."},
    {"a gap just as long is closed",         "##..##......", 2, 0, "######......"},
    {"a gap one longer stays open",          "##...##.....", 2, 0, "##.####....."},
    {"nothing grows out of nothing",         "............", 5, 5, "............"},
    {"no minute more is no change",          ".#.##.......", 0, 0, ".#.##......."},
};

static const struct {
    const char *why;
    const char *set;
    int32_t length;
    const char *starts;
} fitted[] = {
    {"a slot may start where it still ends in time", "..######..##", 3, "..####......"},
    {"one minute fits everywhere",                   "..######..##", 1, "..######..##"},
    {"just as long fits once",                       "..######..##", 6, "..#........."},
    {"what is longer does not fit",                  "..######..##", 7, "............"},
};
// clang-format on

static void expect(const char *why, struct timeline *got, const char *want)
{
    const char *drawn = timeline_draw(got, strlen(want));
    if (strcmp(drawn, want) != 0) {
        fail_msg("%s\n  want %s\n  got  %s", why, want, drawn);
    }
    assert_true(interval_set_is_canonical(&got->set));
}

static void test_intersection_is_the_time_in_both(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        struct timeline anna;
        struct timeline ben;
        struct timeline both;
        timeline_read(pairs[i].anna, &anna);
        timeline_read(pairs[i].ben, &ben);
        timeline_blank(&both);

        interval_set_intersect(&anna.set, &ben.set, &both.set);
        expect(pairs[i].why, &both, pairs[i].both);
        interval_set_intersect(&ben.set, &anna.set, &both.set);
        expect(pairs[i].why, &both, pairs[i].both);
    }
}

static void test_difference_is_the_time_in_one_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        struct timeline anna;
        struct timeline ben;
        struct timeline rest;
        timeline_read(pairs[i].anna, &anna);
        timeline_read(pairs[i].ben, &ben);
        timeline_blank(&rest);

        interval_set_subtract(&anna.set, &ben.set, &rest.set);
        expect(pairs[i].why, &rest, pairs[i].rest);
    }
}

static void test_widening_merges_what_then_touches(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(widened); i++) {
        struct timeline set;
        timeline_read(widened[i].set, &set);
        interval_set_widen(&set.set, widened[i].before, widened[i].after, &set.set);
        expect(widened[i].why, &set, widened[i].wide);
    }
}

static void test_fitting_finds_the_starts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(fitted); i++) {
        struct timeline set;
        timeline_read(fitted[i].set, &set);
        interval_set_fit(&set.set, fitted[i].length, &set.set);
        expect(fitted[i].why, &set, fitted[i].starts);
    }
}

static void test_ranges_in_any_order_become_one_union(void **state)
{
    (void)state;
    static const struct match_span appended[] = {
        {8, 10}, {0, 2}, {1, 4}, {4, 5}, {9, 9}, {7, 3}, {0, 1}, {10, 11}, {2, 3},
    };
    struct timeline set;
    struct timeline scratch;
    timeline_blank(&set);
    timeline_blank(&scratch);

    for (size_t i = 0; i < ARRAY_SIZE(appended); i++) {
        interval_set_append(&set.set, appended[i].start, appended[i].end);
    }
    interval_set_normalise(&set.set, &scratch.set);
    expect("empty and reversed ranges add nothing", &set, "#####...###.");
}

static void test_touching_ranges_merge_as_they_are_appended(void **state)
{
    (void)state;
    struct timeline set;
    timeline_blank(&set);
    interval_set_append(&set.set, 1, 3);
    interval_set_append(&set.set, 3, 5);
    interval_set_append(&set.set, 4, 5);
    interval_set_append(&set.set, 6, 7);
    assert_int_equal(set.set.count, 2);
    expect("9-10 and 10-11 are 9-11", &set, ".####.#.");
}

static void test_what_is_no_set_is_known(void **state)
{
    (void)state;
    static const struct {
        minute_t start[2];
        minute_t end[2];
        size_t capacity;
        bool is_canonical;
    } sets[] = {
        {{0, 20}, {10, 30}, 2, true},  {{0, 20}, {10, 30}, 1, false},
        {{0, 20}, {10, 20}, 2, false}, {{0, 20}, {10, 19}, 2, false},
        {{0, 10}, {10, 30}, 2, false}, {{0, 9}, {10, 30}, 2, false},
        {{5, 20}, {4, 30}, 2, false},
    };
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        minute_t start[2] = {sets[i].start[0], sets[i].start[1]};
        minute_t end[2] = {sets[i].end[0], sets[i].end[1]};
        struct interval_set set = {
            .start = start, .end = end, .count = 2, .capacity = sets[i].capacity};
        assert_int_equal(interval_set_is_canonical(&set), sets[i].is_canonical);
    }
}

static void test_time_stops_at_the_ends_of_its_type(void **state)
{
    (void)state;
    struct timeline set;
    timeline_blank(&set);
    interval_set_append(&set.set, INT32_MIN + 2, INT32_MIN + 9);
    interval_set_append(&set.set, INT32_MAX - 9, INT32_MAX - 2);
    interval_set_widen(&set.set, 1440, 1440, &set.set);
    assert_int_equal(set.set.start[0], INT32_MIN);
    assert_int_equal(set.set.end[1], INT32_MAX);
    assert_int_equal(minute_add(INT32_MAX, 1), INT32_MAX);
    assert_int_equal(minute_add(INT32_MIN, -1), INT32_MIN);
    assert_int_equal(minute_add(-5, 7), 2);
}

/* A random set, and the same minute by minute. */
static void draw_set(struct dice *dice, struct timeline *ret_set, bool *ret_minutes)
{
    struct timeline scratch;
    int ranges = dice_between(dice, 0, 12);

    timeline_blank(ret_set);
    timeline_blank(&scratch);
    memset(ret_minutes, 0, WIDTH * sizeof(bool));
    for (int i = 0; i < ranges; i++) {
        minute_t start = dice_between(dice, 0, WIDTH - 1);
        minute_t end = dice_between(dice, start, start + 8);
        end = end < WIDTH ? end : WIDTH;
        interval_set_append(&ret_set->set, start, end);
        for (minute_t at = start; at < end; at++) {
            ret_minutes[at] = true;
        }
    }
    interval_set_normalise(&ret_set->set, &scratch.set);
}

static void expect_minutes(struct timeline *got, const bool *want)
{
    const char *drawn = timeline_draw(got, WIDTH);
    assert_true(interval_set_is_canonical(&got->set));
    for (int at = 0; at < WIDTH; at++) {
        assert_int_equal(drawn[at] == '#', want[at]);
    }
}

static void check_round(struct dice *dice)
{
    struct timeline a;
    struct timeline b;
    struct timeline got;
    bool in_a[WIDTH];
    bool in_b[WIDTH];
    bool want[WIDTH];
    draw_set(dice, &a, in_a);
    draw_set(dice, &b, in_b);
    timeline_blank(&got);
    expect_minutes(&a, in_a);

    for (int at = 0; at < WIDTH; at++) {
        want[at] = in_a[at] && in_b[at];
    }
    interval_set_intersect(&a.set, &b.set, &got.set);
    expect_minutes(&got, want);
    assert_true(a.set.count + b.set.count == 0 ||
                got.set.count < a.set.count + b.set.count);

    for (int at = 0; at < WIDTH; at++) {
        want[at] = in_a[at] && !in_b[at];
    }
    interval_set_subtract(&a.set, &b.set, &got.set);
    expect_minutes(&got, want);
    assert_true(got.set.count <= a.set.count + b.set.count);

    int length = dice_between(dice, 1, 6);
    for (int at = 0; at < WIDTH; at++) {
        want[at] = at + length <= WIDTH;
        for (int i = at; want[at] && i < at + length; i++) {
            want[at] = in_a[i];
        }
    }
    interval_set_fit(&a.set, length, &got.set);
    expect_minutes(&got, want);
}

static void test_sets_agree_with_counting_minutes(void **state)
{
    (void)state;
    const char *given = getenv("RANDOM_SEED");
    struct dice dice = {given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL)};
    int rounds = getenv("ENTENTE_TEST_VALGRIND") ? ROUNDS_SLOW : ROUNDS;

    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    for (int round = 0; round < rounds; round++) {
        check_round(&dice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intersection_is_the_time_in_both),
        cmocka_unit_test(test_difference_is_the_time_in_one_only),
        cmocka_unit_test(test_widening_merges_what_then_touches),
        cmocka_unit_test(test_fitting_finds_the_starts),
        cmocka_unit_test(test_ranges_in_any_order_become_one_union),
        cmocka_unit_test(test_touching_ranges_merge_as_they_are_appended),
        cmocka_unit_test(test_what_is_no_set_is_known),
        cmocka_unit_test(test_time_stops_at_the_ends_of_its_type),
        cmocka_unit_test(test_sets_agree_with_counting_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
