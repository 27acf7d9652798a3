// SPDX-License-Identifier: Apache-2.0

/*
 * Records, by example: what lies where, and what is told.
 */
#include "tests/matcher/record_story.h"

static void test_touching_offers_are_one(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 9, 30)),
                               offer(AT(0, 9, 30), AT(0, 10, 0)),
                               offer(AT(0, 10, 1), AT(0, 10, 2))};
    struct match_range wanted[] = {offer(AT(0, 9, 0), AT(0, 10, 0)),
                                   offer(AT(0, 10, 1), AT(0, 10, 2))};
    struct match_source source = covered(of, 3);
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, wanted, 2);
    assert_int_equal(record->change_count, 4);
    assert_int_equal(record->first_day, MONDAY);
    assert_int_equal(record->day_count, 1);
}

static void test_a_stretch_over_midnight_is_one_when_told(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 22, 0), AT(2, 3, 0))};
    struct match_source source = covered(of, 1);
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, of, 1);
    assert_int_equal(record->day_count, 3);
    struct match_source part;
    assert_int_equal(record_ranges(record, AT(1, 0, 0), AT(1, 0, 0), told, MANY, &part),
                     0);
    assert_int_equal(part.coverage.end, 0);

    /* 22:00 is cell 132, and 4 more hours are not enough to make all of them. */
    uint64_t word = record_ring(record)[record_ring_at(record, MONDAY)];
    uint64_t wanted = 0;
    for (int cell = 132; cell < 144 + RECORD_AHEAD; cell++) {
        wanted |= (uint64_t)1 << (cell % 64);
    }
    assert_true(word == wanted);
    assert_true(record_ring(record)[record_ring_at(record, MONDAY + 1)] == UINT64_MAX);
}

/* Nobody says anything about most days, and a record has nothing to do there. */
static void test_days_without_anything_are_free_of_changes(void **state)
{
    (void)state;
    struct match_source nothing = covered(NULL, 0);
    build(&nothing, 1, RECORD_WITH_PLANE);
    assert_told(record, NULL, 0);
    assert_int_equal(record->day_count, 0);
    for (size_t i = 0; i < record->ring_days; i++) {
        assert_true(record_ring(record)[i] == 0);
    }

    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 10, 0)),
                               offer(AT(60, 9, 0), AT(60, 10, 0))};
    struct match_source source = covered(of, 2);
    build(&source, 1, RECORD_WITH_PLANE);
    assert_told(record, of, 2);
    assert_int_equal(record->day_count, 61);
    assert_int_equal(record->change_count, 4);
}

/* Midnight comes, and after 96 days a word of the ring is that of another day: whoever
 * asks for the new one may find bits of the old one, never too few. */
static void test_days_beyond_the_ring_share_its_words(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 10, 0)),
                               offer(AT(96, 14, 0), AT(96, 14, 30))};
    struct match_source source = covered(of, 2);
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, of, 2);
    uint64_t morning = (uint64_t)0x3f << 54;
    uint64_t afternoon = (uint64_t)0x7 << (84 - 64);
    assert_int_equal(record->ring_days, RECORD_RING_DAYS);
    assert_true(record_ring(record)[record_ring_at(record, MONDAY)] ==
                (morning | afternoon));

    /* A patch takes its part out of the word and leaves the other. */
    struct match_span span = {AT(0, 0, 0), AT(1, 0, 0)};
    struct match_source none = covered(NULL, 0);
    patch(span, &none);
    assert_told(patched, &of[1], 1);
    assert_int_equal(patched->first_day, MONDAY + 96);
    assert_true(record_ring(patched)[record_ring_at(patched, MONDAY)] == afternoon);

    build(&source, 1, RECORD_WIDE_RING);
    assert_int_equal(record->ring_days, 2 * RECORD_RING_DAYS);
    assert_true(record_ring(record)[record_ring_at(record, MONDAY)] == morning);
}

static void test_what_is_said_outside_the_coverage(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 12, 0)),
                               engaged(AT(0, 11, 0), AT(0, 13, 0), 7)};
    struct match_source source = covered(of, 2);
    source.coverage = (struct match_span){AT(0, 10, 0), AT(0, 10, 30)};
    struct match_range wanted[] = {offer(AT(0, 10, 0), AT(0, 10, 30)), of[1]};
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, wanted, 2);

    /* Stale: what it offered is not known any more, where it is busy is. */
    source.coverage = (struct match_span){AT(0, 10, 0), AT(0, 10, 0)};
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, &of[1], 1);
    assert_int_equal(record->known_start, 0);
    assert_int_equal(record->known_end, 0);
}

/* Known is what all cover, busy what one says, free what one offers. */
static void test_two_sources(void **state)
{
    (void)state;
    struct match_range first[] = {offer(AT(0, 9, 0), AT(0, 12, 0))};
    struct match_range second[] = {engaged(AT(0, 10, 0), AT(0, 10, 30), 0),
                                   offer(AT(0, 11, 0), AT(0, 14, 0))};
    struct match_source sources[] = {covered(first, 1), covered(second, 2)};
    sources[0].coverage = (struct match_span){AT(0, 0, 0), AT(0, 13, 0)};
    sources[0].notice = 60;
    sources[1].notice = 30;
    sources[0].daily_cap = 5;
    sources[1].daily_cap = 4;
    struct match_range wanted[] = {offer(AT(0, 9, 0), AT(0, 10, 0)),
                                   engaged(AT(0, 10, 0), AT(0, 10, 30), 0),
                                   offer(AT(0, 10, 30), AT(0, 13, 0))};
    build(sources, 2, RECORD_FOR_INDEX);
    assert_told(record, wanted, 3);
    assert_int_equal(record->notice, 60);
    assert_int_equal(record->daily_cap, 4);
    assert_int_equal(record->known_end, AT(0, 13, 0));

    /* Without any source nothing is known. */
    build(NULL, 0, RECORD_FOR_INDEX);
    assert_told(record, NULL, 0);
    assert_int_equal(record->known_end, 0);
}

/* Overlapping engagements at several places keep each its place. */
static void test_places_of_engagements(void **state)
{
    (void)state;
    struct match_range of[] = {engaged(AT(0, 9, 0), AT(0, 11, 0), 1),
                               engaged(AT(0, 10, 0), AT(0, 12, 0), 2),
                               engaged(AT(0, 10, 0), AT(0, 12, 0), 0)};
    struct match_range wanted[] = {
        engaged(AT(0, 9, 0), AT(0, 10, 0), 1), engaged(AT(0, 10, 0), AT(0, 11, 0), 1),
        engaged(AT(0, 10, 0), AT(0, 11, 0), 2), engaged(AT(0, 11, 0), AT(0, 12, 0), 2)};
    struct match_source source = covered(of, 3);
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, wanted, 4);
    assert_true(record->flags & RECORD_HAS_PLACES);
}

/* A neutral offer of what a preferred one offers too says nothing; a surer one does. */
static void test_offers_that_another_one_outdoes(void **state)
{
    (void)state;
    struct match_range of[] = {offer(AT(0, 9, 0), AT(0, 10, 0)),
                               offer(AT(0, 9, 0), AT(0, 10, 0)),
                               offer(AT(0, 9, 0), AT(0, 10, 0))};
    of[1].preference = MATCH_PREFERRED;
    of[2].certainty = MATCH_TYPICAL;
    of[2].modalities = 2;
    struct match_source source = covered(of, 3);
    build(&source, 1, RECORD_FOR_INDEX);
    struct match_source as_told;
    assert_int_equal(tell(record, &as_told), 2);
    assert_int_equal(record->certainties, 1 << MATCH_DECLARED | 1 << MATCH_TYPICAL);
    assert_int_equal(record->preferences, 1 << MATCH_NEUTRAL | 1 << MATCH_PREFERRED);
    assert_int_equal(record->modalities_all, 2);
    assert_int_equal(record->modalities_any, UINT8_MAX);

    /* For fewer purposes and at one place only, it adds nothing to the wider offer. */
    of[1] = of[0];
    of[1].purposes = 6;
    of[1].place = 3;
    source.range_count = 2;
    build(&source, 1, RECORD_FOR_INDEX);
    assert_told(record, of, 1);
}

static void test_more_classes_than_a_narrow_record_holds(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        ranges[i] = offer(AT(i, 9, 0), AT(i, 10, 0));
        ranges[i].purposes = 1U << (i % 32);
        ranges[i].place = (uint16_t)(i / 32);
    }
    struct match_source source = covered(ranges, 19);
    build(&source, 1, RECORD_FOR_INDEX);
    assert_false(record->flags & RECORD_IS_WIDE);
    assert_told(record, ranges, 19);
    assert_int_equal(record_class_count(record), 19);

    source.range_count = 40;
    build(&source, 1, RECORD_FOR_INDEX);
    assert_true(record->flags & RECORD_IS_WIDE);
    assert_told(record, ranges, 40);
    assert_true(record->purposes_any == UINT32_MAX);
    assert_true(record->purposes_all == 0);

    /* A patch makes it narrow again when it leaves few enough. */
    struct match_span span = {AT(5, 0, 0), AT(1000, 0, 0)};
    struct match_source none = covered(NULL, 0);
    patch(span, &none);
    assert_false(patched->flags & RECORD_IS_WIDE);
    assert_int_equal(record_class_count(patched), 5);
    assert_told(patched, ranges, 5);
}

static void test_dense_calendars_have_a_plane(void **state)
{
    (void)state;
    for (int i = 0; i < 70; i++) {
        ranges[i] = offer(AT(0, 0, 20 * i), AT(0, 0, 20 * i + 10));
    }
    struct match_source source = covered(ranges, 70);
    build(&source, 1, RECORD_FOR_INDEX);
    assert_true(record->flags & RECORD_HAS_PLANE);
    assert_int_equal(record_cells(record)[0], 0x33);
    assert_true(record_ragged(record)[0] == 0);

    /* Five minutes that are not all free are not marked, and the day is. */
    ranges[0].start++;
    build(&source, 1, RECORD_FOR_INDEX);
    assert_int_equal(record_cells(record)[0], 0x32);
    assert_true(record_ragged(record)[0] == 1);
    assert_told(record, ranges, 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_touching_offers_are_one),
        cmocka_unit_test(test_a_stretch_over_midnight_is_one_when_told),
        cmocka_unit_test(test_days_without_anything_are_free_of_changes),
        cmocka_unit_test(test_days_beyond_the_ring_share_its_words),
        cmocka_unit_test(test_what_is_said_outside_the_coverage),
        cmocka_unit_test(test_two_sources),
        cmocka_unit_test(test_places_of_engagements),
        cmocka_unit_test(test_offers_that_another_one_outdoes),
        cmocka_unit_test(test_more_classes_than_a_narrow_record_holds),
        cmocka_unit_test(test_dense_calendars_have_a_plane),
    };
    return cmocka_run_group_tests(tests, record_story_set_up, record_story_tear_down);
}
