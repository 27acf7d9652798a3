// SPDX-License-Identifier: Apache-2.0

/*
 * What patches do, by example, and where a record ends.
 */
#include "tests/matcher/record_story.h"

static void test_an_appointment_comes_and_goes(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 12, 0)),
                               offer(AT(1, 9, 0), AT(1, 12, 0)),
                               offer(AT(2, 9, 0), AT(2, 12, 0))};
    struct match_range made = engaged(AT(1, 10, 0), AT(1, 10, 20), 4);
    struct match_range wanted[] = {of[0], offer(AT(1, 9, 0), AT(1, 10, 0)), made,
                                   offer(AT(1, 10, 20), AT(1, 12, 0)), of[2]};
    struct match_source source = covered(of, 3);
    build(&source, 1, RECORD_FOR_INDEX);

    struct match_span span = {made.start, made.end};
    struct match_source news = covered(&made, 1);
    patch(span, &news);
    assert_told(patched, wanted, 5);
    /* Whoever reads the old one goes on reading it. */
    assert_told(record, of, 3);

    struct match_record *swap = record;
    record = patched;
    patched = swap;
    struct match_range again = offer(made.start, made.end);
    news = covered(&again, 1);
    patch(span, &news);
    assert_told(patched, of, 3);
    assert_int_equal(record_class_count(patched), 0);
}

/* The first and the last day go, and those before and after come. */
static void test_days_come_and_go_at_both_ends(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 12, 0)),
                               offer(AT(9, 9, 0), AT(9, 12, 0))};
    struct match_range other[] = {offer(AT(-5, 9, 0), AT(-5, 12, 0)),
                                  offer(AT(12, 9, 0), AT(12, 12, 0))};
    struct match_source source = covered(of, 2);
    struct match_source none = covered(NULL, 0);
    build(&source, 1, RECORD_FOR_INDEX);

    patch((struct match_span){AT(-300, 0, 0), AT(5, 0, 0)}, &none);
    assert_told(patched, &of[1], 1);
    assert_int_equal(patched->day_count, 1);
    patch((struct match_span){AT(5, 0, 0), AT(300, 0, 0)}, &none);
    assert_told(patched, &of[0], 1);
    assert_int_equal(patched->day_count, 1);
    patch((struct match_span){INT32_MIN, INT32_MAX}, &none);
    assert_told(patched, NULL, 0);
    assert_int_equal(patched->day_count, 0);
    patch((struct match_span){AT(700, 0, 0), AT(701, 0, 0)}, &none);
    assert_told(patched, of, 2);

    struct match_source news = covered(&other[0], 1);
    patch((struct match_span){AT(-5, 0, 0), AT(-4, 0, 0)}, &news);
    struct match_range earlier[] = {other[0], of[0], of[1]};
    assert_told(patched, earlier, 3);
    news = covered(&other[1], 1);
    patch((struct match_span){AT(12, 0, 0), AT(13, 0, 0)}, &news);
    struct match_range later[] = {of[0], of[1], other[1]};
    assert_told(patched, later, 3);
}

/* Room is needed for the days between, however little there is on either side. */
static void test_one_range_far_from_a_single_day(void **state)
{
    (void)state;
    struct match_range wanted[] = {offer(AT(0, 9, 0), AT(0, 12, 0)),
                                   offer(AT(300, 9, 0), AT(300, 12, 0))};
    struct match_source source = covered(&wanted[0], 1);
    build(&source, 1, RECORD_FOR_INDEX);

    struct match_source news = covered(&wanted[1], 1);
    patch((struct match_span){AT(300, 0, 0), AT(301, 0, 0)}, &news);
    assert_told(patched, wanted, 2);
    assert_int_equal(patched->day_count, 301);
}

/* An empty span brings another coverage, notice and cap, and nothing else. */
static void test_a_coverage_that_shrinks(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 12, 0)),
                               offer(AT(9, 9, 0), AT(9, 12, 0))};
    struct match_range wanted[] = {offer(AT(0, 10, 0), AT(0, 12, 0)),
                                   offer(AT(9, 9, 0), AT(9, 9, 1))};
    struct match_source source = covered(of, 2);
    build(&source, 1, RECORD_FOR_INDEX);
    struct match_source news = {.coverage = {AT(0, 10, 0), AT(9, 9, 1)},
                                .daily_cap = 3};
    patch((struct match_span){0, 0}, &news);
    assert_told(patched, wanted, 2);
    assert_int_equal(patched->daily_cap, 3);
    assert_int_equal(patched->known_start, AT(0, 10, 0));
}

static void test_the_ends_of_time(void **state)
{
    (void)state;
    struct match_range first = offer(INT32_MIN, INT32_MIN + 30);
    struct match_range last = offer(INT32_MAX - 1, INT32_MAX);
    struct match_source source = {
        .coverage = {INT32_MIN, INT32_MAX}, .ranges = &first, .range_count = 1};
    build(&source, 1, RECORD_WITH_PLANE);
    assert_told(record, &first, 1);
    source.ranges = &last;
    build(&source, 1, RECORD_WITH_PLANE);
    assert_told(record, &last, 1);
    struct match_source none = {.coverage = source.coverage};
    patch((struct match_span){INT32_MIN, INT32_MAX}, &none);
    assert_told(patched, NULL, 0);

    /* From one end to the other there are more days than a record has. */
    struct match_range both[] = {first, last};
    source.ranges = both;
    source.range_count = 2;
    assert_int_equal(record_bound(&source, 1, RECORD_FOR_INDEX), 0);
    refuse(&source, MATCH_NO_ROOM);
}

static void test_what_a_record_refuses(void **state)
{
    (void)state;
    struct match_range good = offer(AT(0, 9, 0), AT(0, 10, 0));
    struct match_range bad[] = {good, good, good, good, good, good, good};
    bad[0].end = bad[0].start;
    bad[1].kind = 0;
    bad[2].kind = 4;
    bad[3].certainty = 0;
    bad[4].certainty = 4;
    bad[5].preference = 3;
    bad[6].start = bad[6].end + 1;
    for (size_t i = 0; i < 7; i++) {
        struct match_source source = covered(&bad[i], 1);
        refuse(&source, MATCH_BAD_RANGES);
    }
    struct match_range pair[] = {offer(AT(0, 9, 0), AT(0, 10, 0)),
                                 offer(AT(0, 9, 0), AT(0, 9, 59))};
    struct match_source unsorted = covered(pair, 2);
    refuse(&unsorted, MATCH_BAD_RANGES);
    pair[1] = offer(AT(0, 8, 0), AT(0, 9, 0));
    refuse(&unsorted, MATCH_BAD_RANGES);
    pair[1] = offer(AT(0, 10, 0), AT(0, 10, 0));
    refuse(&unsorted, MATCH_BAD_RANGES);
    struct match_source nowhere = covered(NULL, 1);
    refuse(&nowhere, MATCH_BAD_RANGES);

    struct match_source limits[] = {covered(&good, 1), covered(&good, 1),
                                    covered(&good, 1)};
    limits[0].notice = -1;
    limits[1].notice = MATCH_NOTICE_MAX + 1;
    limits[2].daily_cap = -1;
    for (size_t i = 0; i < 3; i++) {
        refuse(&limits[i], MATCH_BAD_LIMITS);
    }
    limits[0].notice = MATCH_NOTICE_MAX;
    build(&limits[0], 1, 0);
    assert_int_equal(record_patch(record, &(struct match_span){0, 1}, &limits[2],
                                  workspace, MEMORY, patched, MEMORY),
                     MATCH_BAD_LIMITS);
}

/* Room is asked for beforehand, and what is too small is told. */
static void test_too_little_room(void **state)
{
    (void)state;
    struct match_range good = offer(AT(0, 9, 0), AT(0, 10, 0));
    struct match_source source = covered(&good, 1);
    size_t work = record_workspace_size(&source, 1);
    build(&source, 1, 0);
    size_t size = record_size(record);
    assert_int_equal(record_build(&source, 1, 0, workspace, work, record, size),
                     MATCH_OK);
    assert_int_equal(record_build(&source, 1, 0, workspace, work - 1, record, size),
                     MATCH_NO_ROOM);
    assert_int_equal(record_build(&source, 1, 0, workspace, work, record, size - 1),
                     MATCH_NO_ROOM);
    struct match_span span = {AT(0, 9, 30), AT(0, 10, 0)};
    work = record_patch_workspace_size(record, &source);
    assert_int_equal(
        record_patch(record, &span, &source, workspace, work, patched, size), MATCH_OK);
    assert_int_equal(
        record_patch(record, &span, &source, workspace, work - 1, patched, size),
        MATCH_NO_ROOM);
    assert_int_equal(
        record_patch(record, &span, &source, workspace, work, patched, size - 1),
        MATCH_NO_ROOM);
}

static void test_more_than_a_record_holds(void **state)
{
    (void)state;
    /* 32 different ranges over one minute are well, 33 are not. */
    for (int i = 0; i < 33; i++) {
        ranges[i] = engaged(AT(0, 9, 0), AT(0, 10, i), (uint16_t)(i + 1));
    }
    struct match_source source = covered(ranges, 32);
    build(&source, 1, 0);
    source.range_count = 33;
    refuse(&source, MATCH_NO_ROOM);

    /* The same one may lie there as often as it likes. */
    for (int i = 0; i < 10000; i++) {
        ranges[i] = engaged(AT(0, 9, 0), AT(1, 10, i), 1);
    }
    source.range_count = 10000;
    build(&source, 1, 0);
    struct match_range one = engaged(AT(0, 9, 0), AT(1, 10, 9999), 1);
    assert_told(record, &one, 1);

    /* One minute free, one not: 2 changes for each. */
    for (int i = 0; i < 33000; i++) {
        ranges[i] = offer(AT(0, 0, 2 * i), AT(0, 0, 2 * i + 1));
    }
    source.range_count = 32700;
    build(&source, 1, 0);
    assert_told(record, ranges, 32700);
    source.range_count = 33000;
    refuse(&source, MATCH_NO_ROOM);

    /* A patch that would make it too many is refused too. */
    source.ranges = ranges + 32700;
    source.range_count = 300;
    struct match_span span = {ranges[32700].start, ranges[32999].end};
    source.range_count = 32700;
    source.ranges = ranges;
    build(&source, 1, 0);
    struct match_source more = covered(ranges + 32700, 300);
    assert_int_equal(
        record_patch(record, &span, &more, workspace, MEMORY, patched, MEMORY),
        MATCH_NO_ROOM);
}

/* As many places as ranges, 31 of them at any time: classes are long, and many. */
static void test_classes_that_are_too_long_together(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        ranges[i] = offer(AT(0, 0, i), AT(0, 0, i + 31));
        ranges[i].place = (uint16_t)(i + 1);
    }
    struct match_source source = covered(ranges, 1000);
    build(&source, 1, 0);
    struct match_source as_told;
    assert_int_equal(tell(record, &as_told), 31 * 1000);
    source.range_count = 3000;
    refuse(&source, MATCH_NO_ROOM);
}

/* A patch may bring days that are too far from each other, or from those there are. */
static void test_patches_that_reach_too_far(void **state)
{
    (void)state;
    struct match_range here = offer(AT(0, 9, 0), AT(0, 10, 0));
    struct match_range far[] = {offer(AT(1, 9, 0), AT(1, 10, 0)),
                                offer(AT(20000, 9, 0), AT(20000, 10, 0))};
    struct match_span always = {INT32_MIN, INT32_MAX};
    struct match_source source = covered(&here, 1);
    source.coverage = always;
    build(&source, 1, 0);

    struct match_source news = {.coverage = always, .ranges = far, .range_count = 2};
    assert_int_equal(
        record_patch(record, &always, &news, workspace, MEMORY, patched, MEMORY),
        MATCH_NO_ROOM);
    far[1] = engaged(far[1].start, far[1].end, 0);
    assert_int_equal(
        record_patch(record, &always, &news, workspace, MEMORY, patched, MEMORY),
        MATCH_NO_ROOM);
    news.ranges = &far[1];
    news.range_count = 1;
    struct match_span there = {far[1].start, far[1].end};
    assert_int_equal(
        record_patch(record, &there, &news, workspace, MEMORY, patched, MEMORY),
        MATCH_NO_ROOM);
    patch(always, &news);
    assert_told(patched, &far[1], 1);
}

/* An offer on each day of [from, until); every third is not made of whole cells. */
static size_t offer_days(int from, int until, struct match_range *ret_ranges)
{
    size_t count = 0;

    for (int day = from; day < until; day++) {
        ret_ranges[count++] = offer(AT(day, 9, day % 3 == 0), AT(day, 12, 0));
    }
    return count;
}

/* Days that nobody mentions keep their cells, wherever among the others they come to lie:
 * the record is the one that would be built of all. */
static void test_days_move_when_others_come_or_go_before_them(void **state)
{
    enum { DAYS = 150, SHIFTS = 140 };
    (void)state;

    for (int shift = -SHIFTS; shift <= SHIFTS; shift += shift % 64 == 0 ? 1 : 3) {
        struct match_source source = covered(ranges, offer_days(0, DAYS, ranges));
        build(&source, 1, RECORD_WITH_PLANE);
        if (shift < 0) {
            source = covered(ranges, offer_days(shift, 0, ranges));
            patch((struct match_span){AT(shift, 0, 0), AT(0, 0, 0)}, &source);
        } else {
            source = covered(NULL, 0);
            patch((struct match_span){AT(0, 0, 0), AT(shift, 0, 0)}, &source);
        }
        source = covered(ranges, offer_days(shift, DAYS, ranges));
        build(&source, 1, RECORD_WITH_PLANE);
        assert_int_equal(record_size(patched), record_size(record));
        assert_memory_equal(patched, record, record_size(record));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_appointment_comes_and_goes),
        cmocka_unit_test(test_days_come_and_go_at_both_ends),
        cmocka_unit_test(test_one_range_far_from_a_single_day),
        cmocka_unit_test(test_a_coverage_that_shrinks),
        cmocka_unit_test(test_the_ends_of_time),
        cmocka_unit_test(test_what_a_record_refuses),
        cmocka_unit_test(test_too_little_room),
        cmocka_unit_test(test_more_than_a_record_holds),
        cmocka_unit_test(test_classes_that_are_too_long_together),
        cmocka_unit_test(test_patches_that_reach_too_far),
        cmocka_unit_test(test_days_move_when_others_come_or_go_before_them),
    };
    return cmocka_run_group_tests(tests, record_story_set_up, record_story_tear_down);
}
