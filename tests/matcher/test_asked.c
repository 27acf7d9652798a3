// SPDX-License-Identifier: Apache-2.0

/*
 * Parties who are asked although nobody knows whether they are free.
 */
#include "tests/matcher/story.h"

#include <string.h>

static struct match_party *
asked_party(struct story *story, enum match_importance importance, const char *drawing)
{
    struct match_party *party = story_party(story, importance, drawing);
    party->ask_if_unknown = true;
    return party;
}

static void test_who_is_asked_can_come_where_nobody_knows(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 4;
    story_party(&story, MATCH_INDISPENSABLE, "############");
    asked_party(&story, MATCH_INDISPENSABLE, "....####????");
    story_expect(&story, "known free first, then asked, never what is not offered",
                 "....11112222");
    assert_int_equal(story.result.slots[0].asked, 0);
    assert_int_equal(story.result.slots[1].asked, 1 << 1);
    assert_int_equal(story.result.slots[0].merit.asked, 0);
    assert_int_equal(story.result.slots[1].merit.asked, 1);
    assert_int_equal(story.result.slots[1].heads, 2);

    story.parties[1].ask_if_unknown = false;
    story_expect(&story, "unknown is not free", "....1111....");
}

static void test_an_hour_that_is_half_known_is_asked(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    asked_party(&story, MATCH_INDISPENSABLE, "??##..??");
    story_expect(&story, "half known", "1111....");
    assert_int_equal(story.result.slots[0].asked, 1);

    story_begin(&story);
    asked_party(&story, MATCH_INDISPENSABLE, "??.#..??");
    story_expect(&story, "half known, not offered", "........");
    assert_int_equal(story.why.blame[0].not_offered, 5);
    assert_int_equal(story.why.blame[0].unknown, 0);
}

static void test_nobody_is_asked_where_they_are_busy(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    /* What the second agenda does not cover is unknown, but busy is busy. */
    story_begin(&story);
    asked_party(&story, MATCH_INDISPENSABLE, "##BB####");
    story_source(&story, "????????");
    story_expect(&story, "busy in the middle", "....1111");
    assert_int_equal(story.result.slots[0].asked, 1);
    assert_false(story_judge(&story, story_at(&story, 0), &slot));
    story_expect_reasons(&story, &slot, "b");
    assert_int_equal(slot.asked, 0);

    story.parties[0].buffer_before = 15;
    story_expect(&story, "and needs a quarter before", "........");
}

static void test_who_has_no_agenda_can_only_be_asked(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "..####..");
    asked_party(&story, MATCH_OPTIONAL, "????????");
    story.parties[1].person.source_count = 0;
    story_expect(&story, "whenever the other can", "..1111..");
    assert_int_equal(story.result.slots[0].asked, 1 << 1);
    assert_int_equal(story.result.slots[0].merit.optional_present, 1);
    assert_true(story_judge(&story, story_at(&story, 2), &slot));
    assert_int_equal(slot.asked, 1 << 1);
    assert_int_equal(slot.heads, 2);

    story.request.quorum = 2;
    story_expect(&story, "and counts", "..1111..");
}

static void test_asked_comes_before_typical(void **state)
{
    (void)state;
    static struct story story;

    /* All of them on typical time is better than one of whom nobody knows. */
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####yyyy");
    asked_party(&story, MATCH_INDISPENSABLE, "????yyyy");
    story_expect(&story, "typical is known", "....1111");
    story.request.wanted = 2;
    story_search(&story);
    assert_int_equal(story.result.count, 2);
    assert_int_equal(story.result.slots[0].merit.typical, 2);
    assert_int_equal(story.result.slots[1].merit.asked, 1);
    assert_int_equal(story.result.slots[1].merit.typical, 0);
    assert_true(match_compare(&story.request, &story.result.slots[0],
                              &story.result.slots[1]) < 0);
}

static void test_of_asked_time_nothing_else_is_said(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    asked_party(&story, MATCH_INDISPENSABLE, "aaaay???");
    assert_true(story_judge(&story, story_at(&story, 1), &slot));
    assert_int_equal(slot.merit.asked, 0);
    assert_int_equal(slot.merit.avoid, 1);
    assert_int_equal(slot.merit.typical, 1);
    assert_int_equal(slot.merit.unusable, 15);
    assert_true(story_judge(&story, story_at(&story, 2), &slot));
    assert_int_equal(slot.merit.asked, 1);
    assert_int_equal(slot.merit.avoid, 0);
    assert_int_equal(slot.merit.typical, 0);
    assert_int_equal(slot.merit.unusable, 0);
}

static void test_a_series_is_asked_for_if_one_occurrence_is(void **state)
{
    (void)state;
    static struct story story;
    char weeks[64 + 1];

    /* Two weeks, a letter for each quarter of an hour, would be long: one source that
     * knows the first day only. */
    memset(weeks, '#', sizeof(weeks) - 1);
    weeks[sizeof(weeks) - 1] = '\0';
    story_begin(&story);
    asked_party(&story, MATCH_INDISPENSABLE, weeks);
    story.request.occurrences = 2;
    story.request.step = MATCH_WEEKLY;
    story_search(&story);
    assert_int_equal(story.result.count, 1);
    assert_int_equal(story.result.slots[0].asked, 1);
    assert_int_equal(story.result.slots[0].merit.asked, 1);

    story.parties[0].ask_if_unknown = false;
    story_search(&story);
    assert_int_equal(story.result.count, 0);
}

static void test_a_pool_is_not_asked(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "????");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_pool(&story, 0, 1)->ask_if_unknown = true;
    assert_int_equal(story_status(&story), MATCH_BAD_PARTIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_asked_can_come_where_nobody_knows),
        cmocka_unit_test(test_an_hour_that_is_half_known_is_asked),
        cmocka_unit_test(test_nobody_is_asked_where_they_are_busy),
        cmocka_unit_test(test_who_has_no_agenda_can_only_be_asked),
        cmocka_unit_test(test_asked_comes_before_typical),
        cmocka_unit_test(test_of_asked_time_nothing_else_is_said),
        cmocka_unit_test(test_a_series_is_asked_for_if_one_occurrence_is),
        cmocka_unit_test(test_a_pool_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
