// SPDX-License-Identifier: Apache-2.0

/*
 * What a patch does to days that it does not name: where their changes begin, which word of
 * the ring they have, and whether there is a plane.
 *
 * Each record is the one that is built from what both say, byte by byte.
 */
#include "tests/matcher/record_story.h"

#include <string.h>

enum { GROUPS = 4, DAYS = GROUPS * RECORD_DAY_GROUP };

/* An hour offered on each of @count days. */
static void offer_days(int count)
{
    for (int day = 0; day < count; day++) {
        ranges[day] = offer(AT(day, 9, 0), AT(day, 10, 0));
    }
}

/* @patched is what is built of @count ranges. */
static void assert_built_of(size_t count, unsigned shape)
{
    struct match_source all = covered(ranges, count);
    build(&all, 1, shape);
    assert_int_equal(record_size(patched), record_size(record));
    assert_memory_equal(patched, record, record_size(record));
}

static void test_days_begin_later_behind_many_changes(void **state)
{
    (void)state;
    offer_days(DAYS);
    struct match_source before = covered(ranges, DAYS);
    build(&before, 1, RECORD_FOR_INDEX);

    /* All days of two groups and a half are written anew, with two hours each. */
    enum { FIRST = 3, END = 2 * RECORD_DAY_GROUP + 5 };
    struct match_range *news = ranges + MANY / 2;
    size_t made = 0;
    for (int day = FIRST; day < END; day++) {
        news[made++] = offer(AT(day, 9, 0), AT(day, 10, 0));
        news[made++] = offer(AT(day, 14, 0), AT(day, 15, 0));
    }
    struct match_source source = covered(news, made);
    patch((struct match_span){AT(FIRST, 0, 0), AT(END, 0, 0)}, &source);

    size_t count = 0;
    for (int day = 0; day < DAYS; day++) {
        ranges[count++] = offer(AT(day, 9, 0), AT(day, 10, 0));
        if (day >= FIRST && day < END) {
            ranges[count++] = offer(AT(day, 14, 0), AT(day, 15, 0));
        }
    }
    assert_built_of(count, RECORD_FOR_INDEX);
}

static void test_a_wide_ring_grows_with_the_days(void **state)
{
    (void)state;
    offer_days(RECORD_RING_DAYS / 2);
    struct match_source before = covered(ranges, RECORD_RING_DAYS / 2);
    build(&before, 1, RECORD_WIDE_RING);
    assert_int_equal(record->ring_days, RECORD_RING_DAYS);

    struct match_range late =
        offer(AT(2 * RECORD_RING_DAYS, 9, 0), AT(2 * RECORD_RING_DAYS, 9, 30));
    struct match_source source = covered(&late, 1);
    patch((struct match_span){late.start, late.end}, &source);
    assert_int_equal(patched->ring_days, 4 * RECORD_RING_DAYS);
    ranges[RECORD_RING_DAYS / 2] = late;
    assert_built_of(RECORD_RING_DAYS / 2 + 1, RECORD_WIDE_RING);
}

static void test_many_changes_bring_a_plane(void **state)
{
    (void)state;
    enum { PARTS = 96 };
    offer_days(3);
    struct match_source before = covered(ranges, 3);
    build(&before, 1, RECORD_FOR_INDEX);
    assert_int_equal(record->plane_at, 0);

    /* The day in the middle, in pieces of ten minutes with five between them. */
    struct match_range *news = ranges + MANY / 2;
    for (int i = 0; i < PARTS; i++) {
        news[i] = offer(AT(1, 0, 15 * i), AT(1, 0, 15 * i + 10));
    }
    struct match_source source = covered(news, PARTS);
    patch((struct match_span){AT(1, 0, 0), AT(2, 0, 0)}, &source);
    assert_int_not_equal(patched->plane_at, 0);
    ranges[PARTS + 1] = ranges[2];
    memcpy(&ranges[1], news, PARTS * sizeof(*news));
    assert_built_of(PARTS + 2, RECORD_FOR_INDEX);
}

/* What is offered on a day: on some of them not to the five minutes that a plane has. */
static struct match_range hours_of(int day, int round)
{
    return offer(AT(day, 9, (day * 7 + round) % 3), AT(day, 10 + day % 5, round % 2));
}

static void test_planes_are_copied_around_the_days_that_change(void **state)
{
    enum { LONG = 150 };
    static const int firsts[] = {0, 1, 62, 63, 64, 65, 126, 127, 128, 129, LONG - 1};
    (void)state;

    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        for (int length = 1; length < 2 * LONG; length += length < 3 ? 1 : 61) {
            int first = firsts[i];
            int end = first + length < LONG ? first + length : LONG;
            for (int day = 0; day < LONG; day++) {
                ranges[day] = hours_of(day, 0);
            }
            struct match_source before = covered(ranges, LONG);
            build(&before, 1, RECORD_WITH_PLANE);
            for (int day = first; day < end; day++) {
                ranges[day] = hours_of(day, length);
            }
            struct match_source news = covered(ranges + first, (size_t)(end - first));
            patch((struct match_span){AT(first, 0, 0), AT(end, 0, 0)}, &news);
            assert_built_of(LONG, RECORD_WITH_PLANE);
        }
    }
}

/* Each minute is offered for another purpose: there are fewer numbers for that than ranges. */
static void test_more_is_said_than_there_are_numbers_for(void **state)
{
    enum { TOO_MANY = 70000, FIT = 65500 };
    static struct match_range of[TOO_MANY];
    (void)state;

    for (int i = 0; i < TOO_MANY; i++) {
        of[i] = offer(AT(0, 0, i), AT(0, 0, i + 1));
        of[i].purposes = (uint32_t)i + 1;
    }
    struct match_source source = covered(of, TOO_MANY);
    refuse(&source, MATCH_NO_ROOM);
    source.range_count = FIT;
    build(&source, 1, RECORD_FOR_INDEX);
    assert_int_equal(record_class_count(record), FIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_begin_later_behind_many_changes),
        cmocka_unit_test(test_a_wide_ring_grows_with_the_days),
        cmocka_unit_test(test_many_changes_bring_a_plane),
        cmocka_unit_test(test_planes_are_copied_around_the_days_that_change),
        cmocka_unit_test(test_more_is_said_than_there_are_numbers_for),
    };
    return cmocka_run_group_tests(tests, record_story_set_up, record_story_tear_down);
}
