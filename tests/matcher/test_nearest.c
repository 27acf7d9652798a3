// SPDX-License-Identifier: Apache-2.0

/*
 * What lies nearest to a wanted start.
 */
#include "tests/matcher/story.h"

#include <stdlib.h>

enum { ON_SITE = 1, REMOTE = 2 };

/* The starts nearest to the @index-th quarter, in quarters, as "4 8"; -1 ends them. */
static void expect_nearest(struct story *story, int index, const int *want)
{
    size_t size = match_workspace_size(&story->request);
    void *memory = malloc(size);
    assert_int_equal(match_nearest(&story->request, story_at(story, index), memory,
                                   size, &story->result),
                     MATCH_OK);
    free(memory);
    size_t count = 0;
    for (; want[count] >= 0; count++) {
        assert_true(count < story->result.count);
        assert_int_equal(story->result.slots[count].start,
                         story_at(story, want[count]));
    }
    assert_int_equal(story->result.count, count);
}

static void test_the_nearest_feasible_starts_come_first(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 4;
    story_party(&story, MATCH_INDISPENSABLE, "########BBBB############");
    expect_nearest(&story, 10, (const int[]){12, 4, 16, 0, -1});
    expect_nearest(&story, 0, (const int[]){0, 4, 12, 16, -1});
    expect_nearest(&story, 1000, (const int[]){20, 16, 12, 4, -1});
    expect_nearest(&story, -1000, (const int[]){0, 4, 12, 16, -1});
    /* Of two that are equally near, the earlier. */
    expect_nearest(&story, 8, (const int[]){4, 12, 0, 16, -1});
    story.request.apart = 1;
    expect_nearest(&story, 8, (const int[]){4, 12, 3, 13, -1});
}

static void test_merit_does_not_matter_but_for_the_option(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_option(&story, ON_SITE, 0);
    story_option(&story, REMOTE, 0);
    story_party(&story, MATCH_INDISPENSABLE, "yyyyyyyy####");
    story_party(&story, MATCH_OPTIONAL, "####");
    story.ranges[1][0][0].modalities = 1u << REMOTE;
    story.windows[0].end = story_at(&story, 12);
    expect_nearest(&story, 1, (const int[]){1, -1});
    expect_nearest(&story, 0, (const int[]){0, -1});
    assert_int_equal(story.result.slots[0].option, 1);
    assert_int_equal(story.result.slots[0].merit.typical, 1);
    assert_int_equal(story.result.slots[0].merit.optional_present, 1);
    assert_int_equal(story.result.slots[0].heads, 2);
}

static void test_pools_choose_here_too(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 2;
    story_party(&story, MATCH_INDISPENSABLE, "BBBB####");
    story_party(&story, MATCH_INDISPENSABLE, "####BBBB");
    story_pool(&story, 0, 1);
    expect_nearest(&story, 5, (const int[]){4, 0, -1});
    assert_int_equal(story.chosen[story.result.slots[0].chosen_at[0]], 0);
    assert_int_equal(story.chosen[story.result.slots[1].chosen_at[0]], 1);
}

static void test_nothing_near_is_an_empty_answer(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BBBB");
    expect_nearest(&story, 0, (const int[]){-1});
    story.windows[0].end = 30;
    expect_nearest(&story, 0, (const int[]){-1});
    story.request.grid = -1;
    assert_int_equal(match_nearest(&story.request, 0, NULL, 0, &story.result),
                     MATCH_BAD_GRID);
    story.request.grid = 0;
    assert_int_equal(match_nearest(&story.request, 0, NULL, 0, &story.result),
                     MATCH_NO_ROOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_nearest_feasible_starts_come_first),
        cmocka_unit_test(test_merit_does_not_matter_but_for_the_option),
        cmocka_unit_test(test_pools_choose_here_too),
        cmocka_unit_test(test_nothing_near_is_an_empty_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
