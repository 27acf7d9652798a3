// SPDX-License-Identifier: Apache-2.0

/*
 * The search as a whole, drawn: see story.h for the letters.  A slot is an hour, four
 * characters, unless a story says otherwise.
 */
#include "matcher/slot.h"

#include "tests/matcher/story.h"

// clang-format off
static const struct {
    const char *why;
    const char *anna;
    const char *ben;
    const char *chris; /* optional, or NULL */
    size_t wanted;
    const char *slots;
} stories[] = {
    {
        .why   = "the hour that both have",
        .anna  = "#########.......",
        .ben   = ".....##########.",
        .slots = ".....1111.......",
    },
    {
        .why   = "ranges are half-open: an hour between two engagements is an hour",
        .anna  = "BBBB####BBBB....",
        .ben   = "################",
        .slots = "....1111........",
    },
    {
        .why   = "a quarter less is no hour",
        .anna  = "BBBB###BBBB.....",
        .ben   = "################",
        .slots = "................",
    },
    {
        .why   = "touching ranges are one",
        .anna  = "..##ii..........",
        .ben   = "################",
        .slots = "..1111..........",
    },
    {
        .why   = "tentative is busy",
        .anna  = "##T####B........",
        .ben   = "################",
        .slots = "...1111.........",
    },
    {
        .why   = "somebody else's claim is busy",
        .anna  = "##C####B........",
        .ben   = "################",
        .slots = "...1111.........",
    },
    {
        .why   = "unknown is not free",
        .anna  = "????####........",
        .ben   = "################",
        .slots = "....1111........",
    },
    {
        .why   = "covered and not offered is not free",
        .anna  = "######..........",
        .ben   = "..BB##......####",
        .slots = "................",
    },
    {
        .why   = "an optional party is waited for",
        .anna  = "################",
        .ben   = "################",
        .chris = "......####......",
        .slots = "......1111......",
    },
    {
        .why   = "an optional party who can never come is done without",
        .anna  = "..####..........",
        .ben   = "################",
        .chris = "..........######",
        .slots = "..1111..........",
    },
    {
        .why   = "declared time before inferred, inferred before typical",
        .anna  = "yyyyiiii####....",
        .ben   = "################",
        .slots = "........1111....",
    },
    {
        .why   = "an optional party weighs more than certainty",
        .anna  = "yyyy####........",
        .ben   = "################",
        .chris = "####............",
        .slots = "1111............",
    },
    {
        .why   = "time that is preferred before time that is not",
        .anna  = "####pppp####....",
        .ben   = "################",
        .slots = "....1111........",
    },
    {
        .why   = "time to be avoided last",
        .anna  = "aaaa####........",
        .ben   = "################",
        .slots = "....1111........",
    },
    {
        .why   = "a slot at the edge leaves no gap that nobody can use",
        .anna  = "..#####B####....",
        .ben   = "..#####B####....",
        .slots = "........1111....",
    },
    {
        .why   = "three slots, none within an hour of another",
        .anna  = "################",
        .ben   = "################",
        .wanted = 3,
        .slots = "111122223333....",
    },
    {
        .why   = "the best first, then the best of what is left",
        .anna  = "######pppp######",
        .ben   = "################",
        .wanted = 3,
        .slots = "2222..1111..3333",
    },
    {
        .why   = "time to be avoided right behind a slot does not touch it",
        .anna  = "####aaaa####....",
        .ben   = "################",
        .slots = "1111............",
    },
    {
        .why   = "just as far apart as asked for is far enough, on both sides",
        .anna  = "..####pppp####..",
        .ben   = "################",
        .wanted = 3,
        .slots = "..222211113333..",
    },
    {
        .why   = "no more slots than there are",
        .anna  = ".####....####...",
        .ben   = "################",
        .wanted = 9,
        .slots = ".1111....2222...",
    },
};
// clang-format on

static void test_the_best_slots_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        static struct story story;

        story_begin(&story);
        story.request.wanted = stories[i].wanted > 0 ? stories[i].wanted : 1;
        story_party(&story, MATCH_INDISPENSABLE, stories[i].anna);
        story_party(&story, MATCH_INDISPENSABLE, stories[i].ben);
        if (stories[i].chris) {
            story_party(&story, MATCH_OPTIONAL, stories[i].chris);
        }
        story_expect(&story, stories[i].why, stories[i].slots);
    }
}

static void test_two_sources_of_one_person_must_both_cover(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "############");
    story_source(&story, "???.....????");
    story_expect(&story, "from where both have spoken", "...1111.....");

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "############");
    story_source(&story, "????????????");
    story_expect(&story, "a stale source: unknown", "............");
    assert_int_equal(story.why.blame[0].unknown, story.why.candidates);
}

static void test_buffers_keep_a_distance_from_what_is_busy(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    struct match_party *anna = story_party(&story, MATCH_INDISPENSABLE, "B#######B###");
    story_expect(&story, "without", ".1111.......");
    anna->buffer_before = 15;
    story_expect(&story, "time needed before the slot", "..1111......");
    anna->buffer_after = 30;
    story_expect(&story, "and after it", "..1111......");
    anna->buffer_before = 16;
    story_expect(&story, "a minute more is one quarter more", "............");
}

static void test_slots_keep_the_distance_asked_for(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "################");
    story.request.wanted = 3;
    story.request.apart = 90;
    story_expect(&story, "starts an hour and a half apart", "1111..2222..3333");
    story.request.apart = 15;
    story_search(&story);
    /* The two that leave no gap at an edge too small, then the next that leaves none.
     */
    assert_int_equal(story.result.count, 3);
    assert_int_equal(story.result.slots[0].start, 0);
    assert_int_equal(story.result.slots[1].start, 60);
    assert_int_equal(story.result.slots[2].start, 75);
    story.request.apart = 10000;
    story_search(&story);
    assert_int_equal(story.result.count, 1);
}

static void test_limits_of_the_request(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "################");
    story.request.earliest = 20;
    story_expect(&story, "notice", "....1111........");
    assert_int_equal(story.why.candidates, 11); /* 30, 45 .. 180 */
    story.request.grid = 60;
    story_expect(&story, "grid", "....1111........");
    story.request.times_of_day[0] = (struct match_span){90, 190};
    story.request.times_of_day_count = 1;
    story_expect(&story, "times of day", "........1111....");
    assert_int_equal(story.why.candidates, 1);
    story.request.weekdays = 1u << 4;
    story_expect(&story, "weekdays", "................");
    assert_int_equal(story.why.candidates, 0);
    assert_int_equal(story.why.blocking_count, 0);
}

static void test_picked_slots_take_the_place_of_windows(void **state)
{
    (void)state;
    static struct story story;
    static const minute_t picked[] = {61, 180, 7, 61};

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BBBB#####.######");
    story.windows[0] = (struct match_span){5, 4}; /* not looked at */
    story.request.picked = picked;
    story.request.picked_count = ARRAY_SIZE(picked);
    story.request.wanted = 4;
    story.request.weekdays = 1;
    story_search(&story);
    assert_int_equal(story.why.candidates, 3);
    assert_int_equal(story.why.feasible, 2);
    assert_int_equal(story.result.count, 2);
    assert_int_equal(story.result.slots[0].start, 61);
    assert_int_equal(story.result.slots[1].start, 180);

    story.request.earliest = 62;
    story_search(&story);
    assert_int_equal(story.result.count, 1);
    assert_int_equal(story.result.slots[0].start, 180);
}

static void test_a_night_across_the_end_of_summer_time(void **state)
{
    (void)state;
    static struct story story;
    static struct match_offset paris[2];
    minute_t change = story_minute(2026, 10, 25, 1, 0);

    paris[0] = (struct match_offset){story_minute(2026, 3, 29, 1, 0), 120};
    paris[1] = (struct match_offset){change, 60};
    story_begin(&story);
    story.origin = change - 60; /* 02:00, the first time */
    story_party(&story, MATCH_INDISPENSABLE, "################");
    story.request.offsets = paris;
    story.request.offset_count = 2;
    story.request.duration = 120;
    story.request.grid = 60;
    story.request.times_of_day[0] = (struct match_span){120, 180};
    story.request.times_of_day_count = 1;

    /* From 02:00 to 03:00 are two hours in this night. */
    story_expect(&story, "the hour that comes twice", "11111111........");
    assert_int_equal(story.why.candidates, 1);

    /* In March there is no 02:30. */
    story_begin(&story);
    story.origin = story_minute(2026, 3, 29, 0, 0); /* 01:00 */
    paris[0] = (struct match_offset){story_minute(2025, 10, 26, 1, 0), 60};
    paris[1] = (struct match_offset){story_minute(2026, 3, 29, 1, 0), 120};
    story_party(&story, MATCH_INDISPENSABLE, "..####......");
    story.request.offsets = paris;
    story.request.offset_count = 2;
    story.request.times_of_day[0] = (struct match_span){90, 240};
    story.request.times_of_day_count = 1;
    story_expect(&story, "from 01:30 to 03:30", "..1111......");
    story.request.times_of_day[0].end = 180;
    story_expect(&story, "01:30 to 03:00 is half an hour", "............");
}

static void test_a_slot_across_midnight_needs_both_days(void **state)
{
    (void)state;
    static struct story story;

    /* From Thursday 23:00. */
    story_begin(&story);
    story.origin = 1440 - 60;
    story_party(&story, MATCH_INDISPENSABLE, "..####..####");
    story.request.weekdays = 1u << 3 | 1u << 4;
    story_expect(&story, "Thursday and Friday", "..1111......");
    story.request.weekdays = 1u << 4;
    story_expect(&story, "Friday only", "........1111");
    story.request.weekdays = 1u << 3;
    story_expect(&story, "Thursday only", "............");
}

static void test_the_target_date_draws_slots_near(void **state)
{
    (void)state;
    static struct story story;

    /* Anna offers an hour every night at midnight, and prefers every other one. */
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "....");
    for (size_t i = 0; i < 10; i++) {
        minute_t start = (minute_t)i * 1440;
        story.ranges[0][0][i] = (struct match_range){
            .start = start,
            .end = start + 60,
            .kind = MATCH_FREE,
            .certainty = MATCH_DECLARED,
            .preference = i % 2 == 0 ? MATCH_NEUTRAL : MATCH_PREFERRED,
        };
    }
    story.sources[0][0].coverage = (struct match_span){0, 14400};
    story.sources[0][0].range_count = 10;
    story.windows[0] = (struct match_span){0, 14400};
    story.request.has_target = true;
    story.request.target = 100;
    story.request.wanted = 10;
    story_search(&story);
    static const int days[] = {0, 1, 3, 5, 7, 2, 4, 6, 9, 8};
    assert_int_equal(story.result.count, 10);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(story.result.slots[i].start, days[i] * 1440);
    }
}

static void test_the_answer_says_who_comes_and_who_does_not(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_OPTIONAL, "B###");
    story_party(&story, MATCH_OPTIONAL, "###?");
    story_party(&story, MATCH_OPTIONAL, "##.#");
    story_party(&story, MATCH_OPTIONAL, "iiii");
    story_search(&story);
    assert_int_equal(story.result.count, 1);
    story_expect_reasons(&story, &story.result.slots[0], "abuna");
    assert_int_equal(story.result.slots[0].merit.optional_present, 1);
    assert_int_equal(story.result.slots[0].merit.inferred, 1);
    assert_int_equal(story.result.slots[0].end, 60);
    assert_int_equal(story.why.blame[1].busy, 0);
}

static void test_a_start_can_be_judged_by_itself(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "#######B");
    story_party(&story, MATCH_OPTIONAL, "..iiiiii");
    story.request.earliest = 10000;
    story.request.weekdays = 1;

    assert_true(story_judge(&story, 7, &slot));
    story_expect_reasons(&story, &slot, "an");
    assert_int_equal(slot.merit.unusable, 7 + 38);
    assert_true(story_judge(&story, 30, &slot));
    story_expect_reasons(&story, &slot, "aa");
    assert_int_equal(slot.merit.inferred, 1);
    assert_false(story_judge(&story, 60, &slot));
    story_expect_reasons(&story, &slot, "ba");

    /* Where nobody has said anything, and without any window. */
    story.request.window_count = 0;
    assert_false(story_judge(&story, -1000000, &slot));
    story_expect_reasons(&story, &slot, "uu");
    assert_int_equal(slot.merit.date_band, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_best_slots_are_found),
        cmocka_unit_test(test_two_sources_of_one_person_must_both_cover),
        cmocka_unit_test(test_buffers_keep_a_distance_from_what_is_busy),
        cmocka_unit_test(test_slots_keep_the_distance_asked_for),
        cmocka_unit_test(test_limits_of_the_request),
        cmocka_unit_test(test_picked_slots_take_the_place_of_windows),
        cmocka_unit_test(test_a_night_across_the_end_of_summer_time),
        cmocka_unit_test(test_a_slot_across_midnight_needs_both_days),
        cmocka_unit_test(test_the_target_date_draws_slots_near),
        cmocka_unit_test(test_the_answer_says_who_comes_and_who_does_not),
        cmocka_unit_test(test_a_start_can_be_judged_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
