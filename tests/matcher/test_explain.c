// SPDX-License-Identifier: Apache-2.0

/*
 * What would make a slot, and what it costs.
 */
#include "tests/matcher/story.h"

enum { DAY = MINUTES_PER_DAY, ON_SITE = 1, REMOTE = 2 };

static const struct match_leeway all_leeway = {
    .shorter_by = MATCH_DURATION_MAX,
    .wider_days = 3,
    .without_party = true,
};

static void test_the_least_that_helps_is_named(void **state)
{
    (void)state;
    static struct story story;

    /* Half an hour less, a day more, or without Ben. */
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "########");
    story_party(&story, MATCH_INDISPENSABLE, "######BB");
    story_party(&story, MATCH_INDISPENSABLE, "BBBB####");
    for (size_t i = 0; i < 3; i++) {
        story.sources[i][0].coverage.end = 4 * DAY;
        story.ranges[i][0][2] = (struct match_range){.start = 2 * DAY - 60,
                                                     .end = 2 * DAY,
                                                     .kind = MATCH_FREE,
                                                     .certainty = MATCH_DECLARED};
        story.ranges[i][0][story.sources[i][0].range_count++] = story.ranges[i][0][2];
    }
    story_explain(&story, &all_leeway);
    assert_int_equal(story.why.feasible, 0);
    assert_int_equal(story.why.blocking_count, 2);
    assert_int_equal(story.why.relaxation_count, 4);
    const struct match_relaxation *relaxation = story.why.relaxations;
    assert_int_equal(relaxation[0].kind, MATCH_SHORTER);
    assert_int_equal(relaxation[0].minutes, 30);
    assert_int_equal(relaxation[0].feasible, 1);
    assert_int_equal(relaxation[0].first, story_at(&story, 4));
    assert_int_equal(relaxation[1].kind, MATCH_WIDER);
    assert_int_equal(relaxation[1].minutes, 2 * DAY);
    assert_int_equal(relaxation[1].first, 2 * DAY - 60);
    assert_int_equal(relaxation[2].kind, MATCH_WITHOUT_PARTY);
    assert_int_equal(relaxation[2].party, 2); /* more starts without this one */
    assert_int_equal(relaxation[2].feasible, 3);
    assert_int_equal(relaxation[2].first, 0);
    assert_int_equal(relaxation[3].party, 1);
    assert_int_equal(relaxation[3].feasible, 1);
    assert_int_equal(relaxation[3].first, story_at(&story, 4));
}

static void test_nothing_is_relaxed_beyond_the_leeway(void **state)
{
    (void)state;
    static struct story story;
    struct match_leeway leeway = {.shorter_by = 29, .wider_days = 0};

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "##BB");
    story_explain(&story, &leeway);
    assert_int_equal(story.why.relaxation_count, 0);
    leeway.shorter_by = 30;
    story_explain(&story, &leeway);
    assert_int_equal(story.why.relaxation_count, 1);
    /* A slot keeps one step of the grid. */
    leeway.shorter_by = MATCH_DURATION_MAX;
    story.request.grid = 45;
    story_explain(&story, &leeway);
    assert_int_equal(story.why.relaxation_count, 0);
}

static void test_what_gives_no_more_starts_is_not_named(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "????");
    story_explain(&story, &all_leeway);
    /* Without the only one there would be nobody. */
    assert_int_equal(story.why.relaxation_count, 0);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_explain(&story, &all_leeway);
    assert_int_equal(story.why.relaxation_count, 1);
    assert_int_equal(story.why.relaxations[0].kind, MATCH_WITHOUT_PARTY);
    /* Nor what was possible anyway. */
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    struct match_leeway leeway = {.without_party = true};
    story_explain(&story, &leeway);
    assert_int_equal(story.why.feasible, 1);
    assert_int_equal(story.why.relaxation_count, 0);
}

static void test_another_way_to_meet(void **state)
{
    (void)state;
    static struct story story;
    static const struct match_option others[] = {
        {ON_SITE, 0}, {REMOTE, 0}, {REMOTE, 0}, {0, 0}};
    struct match_leeway leeway = {.others = others, .other_count = 4};

    story_begin(&story);
    story_option(&story, ON_SITE, 0);
    story_party(&story, MATCH_INDISPENSABLE, "####iiii");
    story.ranges[0][0][0].modalities = 1u << REMOTE;
    story.ranges[0][0][1].modalities = 1u << ON_SITE;
    story.windows[0].end = story_at(&story, 6);
    story_explain(&story, &leeway);
    assert_int_equal(story.why.feasible, 0);
    assert_int_equal(story.why.relaxation_count, 2);
    /* Any way at all gives more starts than remote; asked for ways are not repeated. */
    assert_int_equal(story.why.relaxations[0].kind, MATCH_OTHER_OPTION);
    assert_int_equal(story.why.relaxations[0].option.modality, 0);
    assert_int_equal(story.why.relaxations[0].feasible, 3);
    assert_int_equal(story.why.relaxations[1].option.modality, REMOTE);
    assert_int_equal(story.why.relaxations[1].feasible, 1);
}

static void test_fewer_members_and_fewer_heads(void **state)
{
    (void)state;
    static struct story story;
    struct match_leeway leeway = {.without_party = true};

    story_begin(&story);
    story_party(&story, MATCH_OPTIONAL, "####");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_INDISPENSABLE, "BBBB");
    story_party(&story, MATCH_INDISPENSABLE, "BBBB");
    story_pool(&story, 1, 4);
    story_explain(&story, &leeway);
    assert_int_equal(story.why.relaxation_count, 2);
    assert_int_equal(story.why.relaxations[0].kind, MATCH_WITHOUT_PARTY);
    assert_int_equal(story.why.relaxations[1].kind, MATCH_SMALLER_POOL);
    assert_int_equal(story.why.relaxations[1].party, 1);
    assert_int_equal(story.why.relaxations[1].needed, 2);

    /* Three heads are there when the pool needs two. */
    story.parties[1].needed = 2;
    story.request.quorum = 5;
    story_explain(&story, &leeway);
    assert_true(story.why.quorum_blocks);
    assert_int_equal(story.why.relaxation_count, 1);
    assert_int_equal(story.why.relaxations[0].kind, MATCH_SMALLER_QUORUM);
    assert_int_equal(story.why.relaxations[0].needed, 3);
}

static void test_blame_tells_every_reason(void **state)
{
    (void)state;
    static struct story story;
    static const struct match_leg legs[] = {{1, 2, 60}, {2, 1, 60}};

    /* An hour each: busy, too far, fine, not offered, unknown; and the first two are
     * within the notice. */
    story_begin(&story);
    story.request.grid = 60;
    story_option(&story, 0, 1);
    story.request.legs = legs;
    story.request.leg_count = 2;
    story_party(&story, MATCH_INDISPENSABLE, "####BBBB############....????");
    story.ranges[0][0][1].place = 2;
    story.sources[0][0].notice = 180;
    story_search(&story);
    assert_int_equal(story.why.candidates, 7);
    assert_int_equal(story.why.feasible, 2);
    assert_int_equal(story.why.blame[0].busy, 1);
    assert_int_equal(story.why.blame[0].too_far, 2);
    assert_int_equal(story.why.blame[0].not_offered, 1);
    assert_int_equal(story.why.blame[0].unknown, 1);
    assert_int_equal(story.why.blame[0].short_notice, 0);
    story.request.leg_count = 0;
    story_search(&story);
    assert_int_equal(story.why.blame[0].too_far, 0);
    assert_int_equal(story.why.blame[0].short_notice, 2);
    story.sources[0][0].notice = 0;
    story.sources[0][0].daily_cap = 1;
    story.claims[0][0] = (struct match_span){story_at(&story, 4), story_at(&story, 8)};
    story.parties[0].person.claim_count = 1;
    story_search(&story);
    assert_int_equal(story.why.blame[0].day_full, 4);
}

static void test_blame_asks_for_any_option_and_tells_of_the_first(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.grid = 60;
    story_option(&story, ON_SITE, 0);
    story_option(&story, REMOTE, 0);
    story_party(&story, MATCH_INDISPENSABLE, "####....");
    story_party(&story, MATCH_INDISPENSABLE, "########");
    story.ranges[0][0][0].modalities = 1u << REMOTE;
    story.ranges[1][0][0].modalities = 1u << ON_SITE;
    story_search(&story);
    assert_int_equal(story.why.feasible, 0);
    assert_int_equal(story.why.blame[0].not_offered, 1);
    assert_int_equal(story.why.blame[1].not_offered, 0);
    /* One can come remotely only, the other on site only: both block. */
    assert_int_equal(story.why.blocking_count, 2);
    assert_true(story.why.blocking_is_exact);
}

static void test_a_request_without_any_start_can_be_relaxed(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story.windows[0].end = 30;
    story_explain(&story, &all_leeway);
    assert_int_equal(story.why.candidates, 0);
    assert_int_equal(story.why.relaxation_count, 2);
    assert_int_equal(story.why.relaxations[0].kind, MATCH_SHORTER);
    assert_int_equal(story.why.relaxations[0].minutes, 30);
    assert_int_equal(story.why.relaxations[1].kind, MATCH_WIDER);
    assert_int_equal(story.why.relaxations[1].feasible, 1);
    /* Slots picked by hand have no window that could be wider. */
    static const minute_t picked[] = {15};
    story.request.picked = picked;
    story.request.picked_count = 1;
    story_explain(&story, &all_leeway);
    assert_int_equal(story.why.candidates, 1);
    assert_int_equal(story.why.relaxation_count, 1);
    assert_int_equal(story.why.relaxations[0].kind, MATCH_SHORTER);
}

static void test_the_window_stays_within_400_days(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BBBB");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story.windows[0] = (struct match_span){0, MATCH_WINDOW_DAYS_MAX * DAY - DAY / 2};
    story.request.grid = 1440;
    story_explain(&story, &all_leeway);
    assert_int_equal(story.why.candidates, MATCH_WINDOW_DAYS_MAX);
    assert_int_equal(story.why.relaxation_count, 1);
    assert_int_equal(story.why.relaxations[0].kind, MATCH_WITHOUT_PARTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_least_that_helps_is_named),
        cmocka_unit_test(test_nothing_is_relaxed_beyond_the_leeway),
        cmocka_unit_test(test_what_gives_no_more_starts_is_not_named),
        cmocka_unit_test(test_another_way_to_meet),
        cmocka_unit_test(test_fewer_members_and_fewer_heads),
        cmocka_unit_test(test_blame_tells_every_reason),
        cmocka_unit_test(test_blame_asks_for_any_option_and_tells_of_the_first),
        cmocka_unit_test(test_a_request_without_any_start_can_be_relaxed),
        cmocka_unit_test(test_the_window_stays_within_400_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
