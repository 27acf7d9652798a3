// SPDX-License-Identifier: Apache-2.0

/*
 * Merit: what each count means, and in which order they decide.
 */
#include "matcher/score.h"

#include "tests/matcher/story.h"

#include <string.h>

static void test_each_criterion_decides_before_the_next(void **state)
{
    (void)state;
    /* Each of these is better than the one below it, by one criterion, although it is
     * worse by all that follow. */
    static const struct match_merit falling[] = {
        {0, 0, 9, 9, 9, 0, 9, 9, 900}, {1, 9, 9, 9, 9, 0, 9, 9, 900},
        {1, 8, 1, 9, 9, 0, 9, 9, 900}, {1, 8, 2, 1, 9, 0, 9, 9, 900},
        {1, 8, 2, 2, 1, 0, 9, 9, 900}, {1, 8, 2, 2, 2, 9, 9, 9, 900},
        {1, 8, 2, 2, 2, 8, 1, 9, 900}, {1, 8, 2, 2, 2, 8, 2, 1, 900},
        {1, 8, 2, 2, 2, 8, 2, 2, 15},  {1, 8, 2, 2, 2, 8, 2, 2, 30},
        /* one band more, and the earliest start */
    };

    static const struct match_request request;
    for (size_t i = 0; i < ARRAY_SIZE(falling); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(falling); j++) {
            struct match_slot a = {.start = 1000 - (minute_t)i, .merit = falling[i]};
            struct match_slot b = {.start = 1000 - (minute_t)j, .merit = falling[j]};
            int order = match_compare(&request, &a, &b);
            assert_int_equal(order < 0 ? -1 : order > 0, i < j ? -1 : i > j);
        }
    }
}

static void test_unusable_minutes_count_in_bands(void **state)
{
    (void)state;
    static const struct match_request request;
    struct match_slot early = {.start = 10, .merit = {.unusable = 29}};
    struct match_slot late = {.start = 20, .merit = {.unusable = 15}};

    assert_true(match_compare(&request, &early, &late) < 0);
    early.merit.unusable = 30;
    assert_true(match_compare(&request, &early, &late) > 0);
    late.start = 10;
    late.merit.unusable = 30;
    assert_int_equal(match_compare(&request, &early, &late), 0);
}

// clang-format off
static const struct {
    const char *why;
    const char *party;
    int start;        /* of one hour, in quarters of an hour */
    int unusable;     /* minutes */
} gaps[] = {
    {"a slot that fills its stretch leaves nothing",  "..####..",            2,  0},
    {"a short gap before it",                         "..#####.",            3, 15},
    {"a short gap after it",                          "..#####.",            2, 15},
    {"only the short one of two gaps counts",         ".##########.",        3, 30},
    {"both gaps are short",                           ".#######.",           3, 30 + 15},
    {"a gap of one slot can be used",                 ".########.",          1,  0},
    {"a gap one unit shorter can not",                ".#######.",           1, 45},
    {"two long gaps",                                 ".############.",      5,  0},
    {"the stretch is not cut at the request's window", "############",       3, 45},
    {"a party that does not attend wastes nothing",   ".###B###.",           3,  0},
};
// clang-format on

static void test_gaps_too_short_for_a_slot_are_unusable(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(gaps); i++) {
        static struct story story;
        struct match_slot slot;

        story_begin(&story);
        story_party(&story, MATCH_OPTIONAL, gaps[i].party);
        story.windows[0] = (struct match_span){story_at(&story, gaps[i].start),
                                               story_at(&story, gaps[i].start + 4)};
        (void)story_judge(&story, story_at(&story, gaps[i].start), &slot);
        if (slot.merit.unusable != gaps[i].unusable) {
            fail_msg("%s: %s at %d leaves %d, not %d", gaps[i].why, gaps[i].party,
                     gaps[i].start, gaps[i].unusable, slot.merit.unusable);
        }
        if (slot.reason[0] == MATCH_ATTENDS) {
            story_search(&story);
            assert_int_equal(story.result.count, 1);
            assert_int_equal(story.result.slots[0].merit.unusable, gaps[i].unusable);
        }
    }
}

// clang-format off
static const struct {
    const char *why;
    const char *party;
    int typical;
    int inferred;
    int preferred;
    int avoid;
} hours[] = {
    {"declared",                                      "####", 0, 0, 0, 0},
    {"one quarter inferred is inferred",              "##i#", 0, 1, 0, 0},
    {"one quarter typical is typical",                "##y#", 1, 0, 0, 0},
    {"typical is not counted as inferred as well",    "iiyi", 1, 0, 0, 0},
    {"preferred throughout",                          "pppp", 0, 0, 1, 0},
    {"three quarters preferred are not preferred",    "ppp#", 0, 0, 0, 0},
    {"one quarter to be avoided is avoided",          "##a#", 0, 0, 0, 1},
    {"what is to be avoided right behind it is not",  "####aaaa", 0, 0, 0, 0},
    {"who does not attend is not counted",            "pyBi", 0, 0, 0, 0},
    {"and neither is who is unknown",                 "pyi?", 0, 0, 0, 0},
};
// clang-format on

static void test_certainty_and_preference_count_parties(void **state)
{
    (void)state;
    static struct story all;
    struct match_slot slot;
    struct match_merit sum = {0};
    int attending = 0;

    story_begin(&all);
    for (size_t i = 0; i < ARRAY_SIZE(hours); i++) {
        static struct story story;
        story_begin(&story);
        story_party(&story, MATCH_OPTIONAL, hours[i].party);
        story_party(&all, MATCH_OPTIONAL, hours[i].party);
        (void)story_judge(&story, 0, &slot);
        if (slot.merit.typical != hours[i].typical ||
            slot.merit.inferred != hours[i].inferred ||
            slot.merit.preferred != hours[i].preferred ||
            slot.merit.avoid != hours[i].avoid) {
            fail_msg("%s: %s", hours[i].why, hours[i].party);
        }
        sum.typical += hours[i].typical;
        sum.inferred += hours[i].inferred;
        sum.preferred += hours[i].preferred;
        sum.avoid += hours[i].avoid;
        attending += slot.reason[0] == MATCH_ATTENDS;
    }

    (void)story_judge(&all, 0, &slot);
    assert_int_equal(slot.merit.typical, sum.typical);
    assert_int_equal(slot.merit.inferred, sum.inferred);
    assert_int_equal(slot.merit.preferred, sum.preferred);
    assert_int_equal(slot.merit.avoid, sum.avoid);
    assert_int_equal(slot.merit.optional_present, attending);
}

static void test_two_ranges_may_say_different_things_of_one_minute(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    /* Typical and declared at once is declared; preferred and avoid at once is both. */
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "yyyy");
    story_source(&story, "####");
    story_party(&story, MATCH_INDISPENSABLE, "pppp");
    story_source(&story, "..a.");
    assert_true(story_judge(&story, 0, &slot));
    assert_int_equal(slot.merit.typical, 0);
    assert_int_equal(slot.merit.inferred, 0);
    assert_int_equal(slot.merit.preferred, 1);
    assert_int_equal(slot.merit.avoid, 1);

    /* What the request does not admit says nothing. */
    story.request.certainties = 1u << MATCH_TYPICAL;
    assert_false(story_judge(&story, 0, &slot));
    story_expect_reasons(&story, &slot, "an");
    assert_int_equal(slot.merit.typical, 1);
}

static void test_bands_are_counted_in_civil_days(void **state)
{
    (void)state;
    static struct story story;
    struct match_offset paris = {0, 120};
    struct match_slot slot;
    minute_t target = story_minute(2026, 7, 14, 10, 0);
    static const struct {
        int day;
        int hour; /* UTC; the civil day begins at 22:00 the evening before */
        int band;
    } days[] = {
        {1, 12, 0},  {14, 12, 0}, {14, 21, 0}, {14, 22, 1},
        {15, 12, 1}, {21, 21, 1}, {21, 22, 2}, {30, 12, 2},
    };

    story_begin(&story);
    story_party(&story, MATCH_OPTIONAL, "####");
    story.request.offsets = &paris;
    story.request.offset_count = 1;
    story.request.has_target = true;
    story.request.target = target;
    for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
        minute_t start = story_minute(2026, 7, days[i].day, days[i].hour, 0);
        (void)story_judge(&story, start, &slot);
        assert_int_equal(slot.merit.date_band, days[i].band);
        assert_int_equal(slot.merit.civil_day,
                         start / 1440 + (days[i].hour >= 22 ? 1 : 0));
    }
}

static void test_without_a_target_the_earliest_window_takes_its_place(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_OPTIONAL, "####");
    story.windows[0] = (struct match_span){20000, 30000};
    story.windows[1] = (struct match_span){1440 * 2 + 700, 20000};
    story.request.window_count = 2;
    (void)story_judge(&story, 1440 * 2, &slot);
    assert_int_equal(slot.merit.date_band, 0);
    (void)story_judge(&story, 1440 * 9, &slot);
    assert_int_equal(slot.merit.date_band, 1);
    (void)story_judge(&story, 1440 * 10, &slot);
    assert_int_equal(slot.merit.date_band, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_criterion_decides_before_the_next),
        cmocka_unit_test(test_unusable_minutes_count_in_bands),
        cmocka_unit_test(test_gaps_too_short_for_a_slot_are_unusable),
        cmocka_unit_test(test_certainty_and_preference_count_parties),
        cmocka_unit_test(test_two_ranges_may_say_different_things_of_one_minute),
        cmocka_unit_test(test_bands_are_counted_in_civil_days),
        cmocka_unit_test(test_without_a_target_the_earliest_window_takes_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
