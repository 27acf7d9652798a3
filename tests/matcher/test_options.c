// SPDX-License-Identifier: Apache-2.0

/*
 * Ways to meet: modality and place, in order of preference; and how sure tentative time
 * is.
 */
#include "tests/matcher/story.h"

enum { ON_SITE = 1, REMOTE = 2, HERE = 7, THERE = 8 };

/* Let range @index of @party hold for @modality (0: any) at @place (0: anywhere). */
static void limit(struct story *story, size_t party, size_t index, uint8_t modality,
                  uint16_t place)
{
    struct match_range *range = &story->ranges[party][0][index];
    range->modalities = (uint8_t)(modality == 0 ? 0 : 1u << modality);
    range->place = place;
}

static void test_the_option_named_first_is_better_where_all_else_is_equal(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_option(&story, REMOTE, 0);
    story_option(&story, ON_SITE, HERE);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_expect(&story, "everything is offered", "1111");
    assert_int_equal(story.result.slots[0].option, 0);
    story.options[0] = (struct match_option){ON_SITE, HERE};
    story.options[1] = (struct match_option){REMOTE, 0};
    story_expect(&story, "everything is offered", "1111");
    assert_int_equal(story.result.slots[0].option, 0);
}

static void test_an_option_admits_what_is_offered_for_it(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 4;
    story_option(&story, ON_SITE, HERE);
    story_option(&story, REMOTE, 0);
    story_party(&story, MATCH_INDISPENSABLE, "pppp####iiii");
    limit(&story, 0, 0, ON_SITE, THERE); /* elsewhere */
    limit(&story, 0, 1, ON_SITE, HERE);
    limit(&story, 0, 2, REMOTE, 0);
    story_expect(&story, "an hour on site, one remote", "....11112222");
    assert_int_equal(story.result.slots[0].option, 0);
    assert_int_equal(story.result.slots[1].option, 1);

    /* An hour that is half on site and half remote is neither. */
    story.request.window_count = 1;
    story.windows[0] = (struct match_span){story_at(&story, 6), story_at(&story, 10)};
    story_expect(&story, "half and half", "............");
}

static void test_one_start_is_returned_once_with_its_best_option(void **state)
{
    (void)state;
    static struct story story;

    /* Ben can only come remotely, and Anna is surer then. */
    story_begin(&story);
    story.request.wanted = 8;
    story.request.apart = 1;
    story_option(&story, ON_SITE, 0);
    story_option(&story, REMOTE, 0);
    story_party(&story, MATCH_INDISPENSABLE, "yyyy");
    story_source(&story, "####");
    story_party(&story, MATCH_OPTIONAL, "####");
    limit(&story, 1, 0, REMOTE, 0);
    story.ranges[0][1][0].modalities = 1u << REMOTE;
    story_expect(&story, "more optional parties, surer", "1111");
    assert_int_equal(story.result.slots[0].option, 1);
    assert_int_equal(story.result.slots[0].merit.optional_present, 1);
    assert_int_equal(story.result.slots[0].merit.typical, 0);

    struct match_slot slot;
    assert_true(story_judge_option(&story, 0, 0, &slot));
    story_expect_reasons(&story, &slot, "an");
    assert_int_equal(slot.merit.typical, 1);
    assert_true(match_compare(&story.request, &story.result.slots[0], &slot) < 0);
    /* The option decides last. */
    slot = story.result.slots[0];
    slot.option = 0;
    assert_true(match_compare(&story.request, &slot, &story.result.slots[0]) < 0);
}

static void test_unusable_minutes_decide_between_options(void **state)
{
    (void)state;
    static struct story story;

    /* On site Anna has a quarter more, which nobody can use then. */
    story_begin(&story);
    story_option(&story, ON_SITE, 0);
    story_option(&story, REMOTE, 0);
    story_party(&story, MATCH_INDISPENSABLE, "#####");
    story_source(&story, "####.");
    story.ranges[0][0][0].modalities = 1u << ON_SITE;
    story.ranges[0][1][0].modalities = 1u << REMOTE;
    story_expect(&story, "remote wastes nothing", "1111.");
    assert_int_equal(story.result.slots[0].option, 1);
    assert_int_equal(story.result.slots[0].merit.unusable, 0);
    story.request.urgent = true;
    story_expect(&story, "nor does it in a hurry", "1111.");
    assert_int_equal(story.result.slots[0].option, 1);
}

static void test_a_party_may_attend_in_its_own_way(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_option(&story, ON_SITE, HERE);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    limit(&story, 0, 0, REMOTE, 0);
    story_expect(&story, "remote time is not on site", "....");
    story.parties[0].modality = REMOTE;
    story_expect(&story, "unless this party attends remotely", "1111");
    limit(&story, 0, 0, REMOTE, THERE);
    story_expect(&story, "there is not here", "....");
    story.parties[0].place = THERE;
    story_expect(&story, "unless this party sits there", "1111");
}

static void test_a_modality_that_no_range_can_name_admits_what_admits_all(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_option(&story, 8, 0);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_expect(&story, "open to every modality", "1111");
    story.ranges[0][0][0].modalities = UINT8_MAX;
    story_expect(&story, "open to the first eight", "....");
}

static void test_soft_tentative_time_can_be_used_and_is_not_sure(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 2;
    struct match_party *anna = story_party(&story, MATCH_INDISPENSABLE, "####....");
    story_source(&story, "..TT....");
    story_expect(&story, "tentative time is busy", "........");
    story.request.tentative = MATCH_TENTATIVE_SOFT;
    story_expect(&story, "soft, it is not", "1111....");
    assert_int_equal(story.result.slots[0].merit.typical, 1);
    anna->buffer_before = 60;
    story_expect(&story, "and is not widened", "1111....");

    /* Not offered, it cannot be used. */
    story_begin(&story);
    story.request.tentative = MATCH_TENTATIVE_SOFT;
    story_party(&story, MATCH_INDISPENSABLE, "##TT##");
    story_expect(&story, "tentative and nothing else", "......");
    struct match_slot slot;
    assert_false(story_judge(&story, 0, &slot));
    story_expect_reasons(&story, &slot, "n");
}

static void test_tentative_time_right_beside_a_slot_says_nothing(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story.request.tentative = MATCH_TENTATIVE_SOFT;
    story_party(&story, MATCH_INDISPENSABLE, "############");
    story_source(&story, "TTTT....TTTT");
    assert_true(story_judge(&story, story_at(&story, 4), &slot));
    assert_int_equal(slot.merit.typical, 0);
    assert_true(story_judge(&story, story_at(&story, 4) - 1, &slot));
    assert_int_equal(slot.merit.typical, 1);
    assert_true(story_judge(&story, story_at(&story, 4) + 1, &slot));
    assert_int_equal(slot.merit.typical, 1);
}

static void test_urgent_requests_take_the_earlier_start(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 3;
    story_party(&story, MATCH_INDISPENSABLE, "yyyy....iiii....####");
    story_party(&story, MATCH_OPTIONAL, "........####....####");
    story_expect(&story, "the best comes first", "3333....2222....1111");
    story.request.urgent = true;
    story_expect(&story, "in a hurry the first comes first", "1111....2222....3333");
    for (size_t i = 0; i + 1 < story.result.count; i++) {
        assert_true(match_compare(&story.request, &story.result.slots[i],
                                  &story.result.slots[i + 1]) < 0);
    }
    /* But not beyond the date band. */
    story.request.has_target = true;
    story.request.target = -MINUTES_PER_DAY;
    story_expect(&story, "all are too late", "1111....2222....3333");
    assert_int_equal(story.result.slots[0].merit.date_band, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_option_named_first_is_better_where_all_else_is_equal),
        cmocka_unit_test(test_an_option_admits_what_is_offered_for_it),
        cmocka_unit_test(test_one_start_is_returned_once_with_its_best_option),
        cmocka_unit_test(test_unusable_minutes_decide_between_options),
        cmocka_unit_test(test_a_party_may_attend_in_its_own_way),
        cmocka_unit_test(test_a_modality_that_no_range_can_name_admits_what_admits_all),
        cmocka_unit_test(test_soft_tentative_time_can_be_used_and_is_not_sure),
        cmocka_unit_test(test_tentative_time_right_beside_a_slot_says_nothing),
        cmocka_unit_test(test_urgent_requests_take_the_earlier_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
