// SPDX-License-Identifier: Apache-2.0

/*
 * What sources and calendars forbid: notice, daily caps, closed days.
 */
#include "tests/matcher/story.h"

enum { DAY = MINUTES_PER_DAY };

/* One party who is free for @days days. */
static void begin(struct story *story, int days)
{
    story_begin(story);
    story_party(story, MATCH_INDISPENSABLE, "####");
    story->ranges[0][0][0].end = days * DAY;
    story->sources[0][0].coverage.end = days * DAY;
    story->windows[0].end = days * DAY;
}

static void test_no_source_offers_within_its_notice(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story, 10);
    story.request.now = 100;
    story.sources[0][0].notice = 60;
    assert_false(story_judge(&story, 159, &slot));
    story_expect_reasons(&story, &slot, "s");
    assert_true(story_judge(&story, 160, &slot));
    story_search(&story);
    assert_int_equal(story.result.slots[0].start, 165);
    /* The longest notice counts, and none binds nothing, not even in the past. */
    story_source(&story, "....");
    story.sources[0][1].coverage.end = 10 * DAY;
    story.sources[0][1].notice = 70;
    assert_false(story_judge(&story, 169, &slot));
    assert_true(story_judge(&story, 170, &slot));
    story.sources[0][0].notice = 0;
    story.sources[0][1].notice = 0;
    assert_true(story_judge(&story, 0, &slot));
}

static void test_a_day_is_full_when_its_claims_reach_the_cap(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story, 3);
    story.claims[0][0] = (struct match_span){DAY - 30, DAY + 30}; /* begins on day 0 */
    story.claims[0][1] = (struct match_span){DAY + 600, DAY + 660};
    story.claims[0][2] = (struct match_span){DAY + 700, DAY + 760};
    story.parties[0].person.claim_count = 3;
    story.sources[0][0].daily_cap = 2;
    assert_true(story_judge(&story, 0, &slot));
    assert_false(story_judge(&story, DAY + 800, &slot));
    story_expect_reasons(&story, &slot, "d");
    assert_true(story_judge(&story, 2 * DAY, &slot));
    /* It is the day on which the slot begins. */
    assert_true(story_judge(&story, DAY - 100, &slot));
    assert_false(story_judge(&story, 2 * DAY - 1, &slot));
    story_expect_reasons(&story, &slot, "d");

    story.sources[0][0].daily_cap = 3;
    assert_true(story_judge(&story, DAY + 800, &slot));
    story_source(&story, "....");
    story.sources[0][1].coverage.end = 3 * DAY;
    story.sources[0][1].daily_cap = 1;
    assert_false(story_judge(&story, 0, &slot));
    assert_true(story_judge(&story, 2 * DAY, &slot));
}

static void test_the_civil_day_is_the_one_that_is_full(void **state)
{
    (void)state;
    static struct story story;
    static const struct match_offset paris = {0, 120};
    struct match_slot slot;

    begin(&story, 3);
    story.request.offsets = &paris;
    story.request.offset_count = 1;
    story.claims[0][0] = (struct match_span){DAY - 120, DAY - 90}; /* midnight */
    story.parties[0].person.claim_count = 1;
    story.sources[0][0].daily_cap = 1;
    assert_true(story_judge(&story, DAY - 200, &slot));
    assert_false(story_judge(&story, DAY, &slot));
    assert_false(story_judge(&story, 2 * DAY - 121, &slot));
    assert_true(story_judge(&story, 2 * DAY - 120, &slot));
}

static void test_reasons_come_in_their_order(void **state)
{
    (void)state;
    static struct story story;
    static const struct match_leg leg = {1, 2, 60};
    struct match_slot slot;

    /* Everything stands in the way at once, and is taken away bit by bit. */
    begin(&story, 1);
    story_option(&story, 0, 1);
    story.request.legs = &leg;
    story.request.leg_count = 1;
    story.sources[0][0].notice = 600;
    story.sources[0][0].daily_cap = 1;
    story.sources[0][0].coverage.start = 10;
    story.ranges[0][0][0].start = 20;
    story.ranges[0][0][1] =
        (struct match_range){.start = 90, .end = 100, .kind = MATCH_BUSY, .place = 2};
    story.sources[0][0].range_count = 2;
    story.claims[0][0] = (struct match_span){30, 40};
    story.parties[0].person.claim_count = 1;
    (void)story_judge(&story, 0, &slot);
    story_expect_reasons(&story, &slot, "b");
    story.claims[0][0] = (struct match_span){300, 310};
    (void)story_judge(&story, 0, &slot);
    story_expect_reasons(&story, &slot, "u");
    story.sources[0][0].coverage.start = 0;
    (void)story_judge(&story, 0, &slot);
    story_expect_reasons(&story, &slot, "n");
    story.ranges[0][0][0].start = 0;
    (void)story_judge(&story, 0, &slot);
    story_expect_reasons(&story, &slot, "f");
    story.ranges[0][0][1].place = 1;
    (void)story_judge(&story, 0, &slot);
    story_expect_reasons(&story, &slot, "s");
    story.sources[0][0].notice = 0;
    (void)story_judge(&story, 0, &slot);
    story_expect_reasons(&story, &slot, "d");
    story.sources[0][0].daily_cap = 2;
    assert_true(story_judge(&story, 0, &slot));
}

static void test_no_slot_touches_a_closed_day(void **state)
{
    (void)state;
    static struct story story;
    static const int32_t closed[] = {0, 2};
    static const minute_t picked[] = {DAY - 60, 2 * DAY - 60, 2 * DAY - 59};

    begin(&story, 3);
    story.request.grid = 60;
    story.request.closed_days = closed;
    story.request.closed_day_count = 2;
    story_search(&story);
    assert_int_equal(story.why.candidates, 24);
    assert_int_equal(story.result.slots[0].start, DAY);
    story.request.picked = picked;
    story.request.picked_count = 3;
    story_search(&story);
    assert_int_equal(story.why.candidates, 1);
    assert_int_equal(story.result.slots[0].start, 2 * DAY - 60);
    /* Whoever judges a start has decided to meet on it. */
    struct match_slot slot;
    assert_true(story_judge(&story, DAY - 60, &slot));
}

static void test_bad_limits_of_sources_and_calendars_are_refused(void **state)
{
    (void)state;
    static struct story story;
    static int32_t closed[MATCH_CLOSED_DAYS_MAX + 1];
    static struct match_leg legs[MATCH_LEGS_MAX + 1];

    begin(&story, 1);
    story.sources[0][0].notice = -1;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
    story.sources[0][0].notice = MATCH_NOTICE_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.sources[0][0].notice++;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
    begin(&story, 1);
    story.sources[0][0].daily_cap = -1;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
    begin(&story, 1);
    story.request.tentative = (enum match_tentative)2;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);

    begin(&story, 1);
    for (int i = 0; i <= MATCH_CLOSED_DAYS_MAX; i++) {
        closed[i] = 100 + i;
    }
    story.request.closed_days = closed;
    story.request.closed_day_count = MATCH_CLOSED_DAYS_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.request.closed_day_count++;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
    story.request.closed_day_count = 2;
    closed[1] = closed[0];
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
    story.request.closed_days = NULL;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);

    begin(&story, 1);
    for (size_t i = 0; i <= MATCH_LEGS_MAX; i++) {
        legs[i] = (struct match_leg){1, (uint16_t)(i + 1), MATCH_TRAVEL_MAX};
    }
    story.request.legs = legs;
    story.request.leg_count = MATCH_LEGS_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.request.leg_count++;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
    story.request.leg_count = 2;
    legs[1].minutes = -1;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
    legs[1].minutes = MATCH_TRAVEL_MAX + 1;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
    legs[1] = legs[0];
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
    legs[1].from = 0;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
    story.request.legs = NULL;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);

    begin(&story, 1);
    story.request.options = story.options;
    story.request.option_count = MATCH_OPTIONS_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.request.option_count++;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
    story.request.option_count = 1;
    story.request.options = NULL;
    assert_int_equal(story_status(&story), MATCH_BAD_OPTIONS);
}

/* As large as it may be, each by itself. */
static void test_limits_are_reached(void **state)
{
    static struct story story;
    static struct match_offset offsets[2];
    (void)state;

    begin(&story, 1);
    story.parties[0].buffer_before = MATCH_BUFFER_MAX;
    story.parties[0].buffer_after = MATCH_BUFFER_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    begin(&story, 1);
    story.request.wanted = MATCH_SLOTS_MAX;
    story.request.apart = INT32_MAX;
    story.request.weekdays = 0x7f;
    assert_int_equal(story_status(&story), MATCH_OK);
    begin(&story, 1);
    story.request.duration = MATCH_DURATION_MAX;
    story.request.grid = MINUTES_PER_DAY;
    assert_int_equal(story_status(&story), MATCH_OK);
    begin(&story, 1);
    story.request.duration = 1;
    story.request.grid = 1;
    assert_int_equal(story_status(&story), MATCH_OK);
    begin(&story, 1);
    for (size_t i = 0; i < MATCH_TIMES_OF_DAY_MAX; i++) {
        story.request.times_of_day[i] = (struct match_span){0, MINUTES_PER_DAY};
    }
    story.request.times_of_day_count = MATCH_TIMES_OF_DAY_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    for (int sign = -1; sign <= 1; sign += 2) {
        begin(&story, 1);
        offsets[0].offset_minutes = sign * MINUTES_PER_DAY;
        offsets[1] = (struct match_offset){1, -sign * MINUTES_PER_DAY};
        story.request.offsets = offsets;
        story.request.offset_count = 2;
        assert_int_equal(story_status(&story), MATCH_OK);
    }
    begin(&story, 1);
    story.request.quorum = (uint32_t)MATCH_PARTIES_MAX * MATCH_POOL_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_are_reached),
        cmocka_unit_test(test_no_source_offers_within_its_notice),
        cmocka_unit_test(test_a_day_is_full_when_its_claims_reach_the_cap),
        cmocka_unit_test(test_the_civil_day_is_the_one_that_is_full),
        cmocka_unit_test(test_reasons_come_in_their_order),
        cmocka_unit_test(test_no_slot_touches_a_closed_day),
        cmocka_unit_test(test_bad_limits_of_sources_and_calendars_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
