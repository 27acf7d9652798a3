// SPDX-License-Identifier: Apache-2.0

/*
 * Who is elsewhere right before or after cannot be here in time.
 */
#include "tests/matcher/story.h"

enum { HERE = 1, THERE = 2 };

static const struct match_leg legs[] = {{HERE, THERE, 45}, {THERE, HERE, 30}};

static void begin(struct story *story)
{
    story_begin(story);
    story->request.legs = legs;
    story->request.leg_count = 2;
    story_option(story, 0, HERE);
}

static void test_the_way_from_the_last_engagement_takes_time(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BB######");
    story_expect(&story, "nobody knows where", "..1111..");
    story.ranges[0][0][0].place = HERE;
    story_judge(&story, story_at(&story, 2), &slot);
    story_expect_reasons(&story, &slot, "a");
    story.ranges[0][0][0].place = THERE;
    story_judge(&story, story_at(&story, 2), &slot);
    story_expect_reasons(&story, &slot, "f");
    /* Half an hour later to the minute. */
    assert_false(story_judge(&story, story_at(&story, 4) - 1, &slot));
    story_expect_reasons(&story, &slot, "f");
    assert_true(story_judge(&story, story_at(&story, 4), &slot));
}

/* Among many places the ways are not all looked through. */
static void test_the_way_is_found_among_many(void **state)
{
    (void)state;
    enum { PLACES = 40, WAYS = PLACES * PLACES };
    static struct match_leg many[WAYS];
    static struct story story;
    struct match_slot slot;

    begin(&story);
    for (size_t i = 0; i < WAYS; i++) {
        many[i] = (struct match_leg){.from = (uint16_t)(i / PLACES + 1),
                                     .to = (uint16_t)(i % PLACES + 1),
                                     .minutes = i == PLACES ? 45 : 15};
    }
    assert_int_equal(many[PLACES].from, THERE);
    assert_int_equal(many[PLACES].to, HERE);
    story.request.legs = many;
    story.request.leg_count = WAYS;
    story_party(&story, MATCH_INDISPENSABLE, "BB######");
    story.ranges[0][0][0].place = THERE;
    story.request.duration = 45;
    assert_false(story_judge(&story, story_at(&story, 5) - 1, &slot));
    story_expect_reasons(&story, &slot, "f");
    assert_true(story_judge(&story, story_at(&story, 5), &slot));
}

static void test_the_way_to_the_next_engagement_takes_time(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "########BB");
    story.ranges[0][0][1].place = THERE;
    /* It takes three quarters to get there. */
    assert_true(story_judge(&story, story_at(&story, 1), &slot));
    assert_false(story_judge(&story, story_at(&story, 1) + 1, &slot));
    story_expect_reasons(&story, &slot, "f");
    assert_false(story_judge(&story, story_at(&story, 4) + 1, &slot));
    story_expect_reasons(&story, &slot, "b");
}

static void test_claims_have_places_too(void **state)
{
    (void)state;
    static struct story story;
    static const uint16_t places[] = {THERE};
    struct match_slot slot;

    begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "CC######");
    assert_true(story_judge(&story, story_at(&story, 2), &slot));
    story.parties[0].person.claim_places = places;
    assert_false(story_judge(&story, story_at(&story, 4) - 1, &slot));
    story_expect_reasons(&story, &slot, "f");
    assert_true(story_judge(&story, story_at(&story, 4), &slot));
}

static void test_who_attends_from_nowhere_does_not_travel(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story);
    story_option(&story, 0, 0);
    story_party(&story, MATCH_INDISPENSABLE, "BB######");
    story.ranges[0][0][0].place = THERE;
    assert_false(story_judge_option(&story, story_at(&story, 2), 0, &slot));
    assert_true(story_judge_option(&story, story_at(&story, 2), 1, &slot));
    story.parties[0].place = THERE; /* and stays where they are */
    assert_true(story_judge_option(&story, story_at(&story, 2), 0, &slot));
}

static void test_no_leg_is_no_time_and_buffers_come_on_top_of_nothing(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story);
    struct match_party *anna = story_party(&story, MATCH_INDISPENSABLE, "BB######");
    story.ranges[0][0][0].place = 99;
    assert_true(story_judge(&story, story_at(&story, 2), &slot));
    story.ranges[0][0][0].place = THERE;
    /* The longer of the two counts, not the sum. */
    anna->buffer_before = 20;
    assert_true(story_judge(&story, story_at(&story, 4), &slot));
    assert_false(story_judge(&story, story_at(&story, 2) + 19, &slot));
    story_expect_reasons(&story, &slot, "b");
    assert_false(story_judge(&story, story_at(&story, 2) + 20, &slot));
    story_expect_reasons(&story, &slot, "f");
}

static void test_soft_tentative_time_is_no_journey(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "TT######");
    story.ranges[0][0][0].place = THERE;
    assert_false(story_judge(&story, story_at(&story, 2), &slot));
    story.request.tentative = MATCH_TENTATIVE_SOFT;
    assert_true(story_judge(&story, story_at(&story, 2), &slot));
}

static void test_the_members_of_a_pool_travel(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BB######");
    story_party(&story, MATCH_INDISPENSABLE, "BB######");
    story_pool(&story, 0, 1);
    story.ranges[0][0][0].place = THERE;
    assert_true(story_judge(&story, story_at(&story, 2), &slot));
    assert_int_equal(story.chosen[0], 1);
    story.ranges[1][0][0].place = THERE;
    assert_false(story_judge(&story, story_at(&story, 2), &slot));
    story_expect_reasons(&story, &slot, "f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_way_from_the_last_engagement_takes_time),
        cmocka_unit_test(test_the_way_is_found_among_many),
        cmocka_unit_test(test_the_way_to_the_next_engagement_takes_time),
        cmocka_unit_test(test_claims_have_places_too),
        cmocka_unit_test(test_who_attends_from_nowhere_does_not_travel),
        cmocka_unit_test(test_no_leg_is_no_time_and_buffers_come_on_top_of_nothing),
        cmocka_unit_test(test_soft_tentative_time_is_no_journey),
        cmocka_unit_test(test_the_members_of_a_pool_travel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
