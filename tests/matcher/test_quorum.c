// SPDX-License-Identifier: Apache-2.0

/*
 * At least so many heads.
 */
#include "tests/matcher/story.h"

static void test_a_quorum_counts_heads(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.grid = 60;
    story.request.wanted = 4;
    story_party(&story, MATCH_OPTIONAL, "########....");
    story_party(&story, MATCH_OPTIONAL, "####....####");
    story_party(&story, MATCH_OPTIONAL, "####....####");
    story_expect(&story, "nobody has to come", "111133332222");
    assert_int_equal(story.result.slots[0].heads, 3);
    story.request.quorum = 2;
    story_expect(&story, "two", "1111....2222");
    story.request.quorum = 3;
    story_expect(&story, "three", "1111........");
    story.request.quorum = 4;
    story_expect(&story, "four of three", "............");
    assert_true(story.why.quorum_blocks);
    assert_int_equal(story.why.blocking_count, 0);
}

static void test_pools_bring_the_members_they_need(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_OPTIONAL, "####");
    story_party(&story, MATCH_OPTIONAL, "####");
    story_party(&story, MATCH_OPTIONAL, "####");
    story_pool(&story, 1, 2);
    story.request.quorum = 3;
    story_expect(&story, "one and two of three", "1111");
    assert_int_equal(story.result.slots[0].heads, 3);
    story.request.quorum = 4;
    story_expect(&story, "the third member does not count", "....");
}

static void test_a_quorum_does_not_replace_who_must_come(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BBBB");
    story_party(&story, MATCH_OPTIONAL, "####");
    story.request.quorum = 1;
    story_expect(&story, "one is there, but the wrong one", "....");
    assert_false(story.why.quorum_blocks);
    assert_int_equal(story.why.blocking_count, 1);
    assert_false(story_judge(&story, 0, &slot));
    assert_int_equal(slot.heads, 1);
    story.parties[0].importance = MATCH_OPTIONAL;
    assert_true(story_judge(&story, 0, &slot));
    story.request.quorum = 2;
    assert_false(story_judge(&story, 0, &slot));
}

static void test_a_quorum_without_end_is_refused(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story.request.quorum = MATCH_PARTIES_MAX * MATCH_POOL_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.request.quorum++;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_quorum_counts_heads),
        cmocka_unit_test(test_pools_bring_the_members_they_need),
        cmocka_unit_test(test_a_quorum_does_not_replace_who_must_come),
        cmocka_unit_test(test_a_quorum_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
