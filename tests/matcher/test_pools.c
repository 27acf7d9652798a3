// SPDX-License-Identifier: Apache-2.0

/*
 * Pools, any few of whose members are enough, and heads.
 */
#include "tests/matcher/story.h"

#include <stdlib.h>
#include <string.h>

static void test_a_pool_attends_where_enough_members_can_come(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.grid = 60;
    story.request.wanted = 8;
    story_party(&story, MATCH_INDISPENSABLE, "####BBBB####....");
    story_party(&story, MATCH_INDISPENSABLE, "####....BBBB####");
    story_party(&story, MATCH_INDISPENSABLE, "BBBB....########");
    struct match_party *pool = story_pool(&story, 0, 1);
    story_expect(&story, "any one of three", "1111....22223333");
    pool->needed = 2;
    story_expect(&story, "any two of three", "1111....22223333");
    pool->needed = 3;
    story_expect(&story, "all three", "................");
    assert_int_equal(story.why.blocking_count, 1);
}

static void test_the_members_who_attend_are_named(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.grid = 60;
    story.request.wanted = 2;
    story_party(&story, MATCH_INDISPENSABLE, "########");
    story_party(&story, MATCH_INDISPENSABLE, "####BBBB");
    story_party(&story, MATCH_INDISPENSABLE, "########");
    story_party(&story, MATCH_INDISPENSABLE, "BBBB####");
    story_pool(&story, 1, 2);
    story_expect(&story, "two of three each time", "11112222");
    for (size_t i = 0; i < 2; i++) {
        const struct match_slot *slot = &story.result.slots[i];
        const uint16_t *chosen = &story.chosen[slot->chosen_at[1]];
        assert_int_equal(chosen[0], i == 0 ? 0 : 1);
        assert_int_equal(chosen[1], i == 0 ? 1 : 2);
        assert_int_equal(slot->heads, 3);
        assert_int_equal(slot->chosen_at[0], 0);
    }
    assert_int_equal(match_chosen_bound(&story.request), 2 * 2);
}

/* Who of @count members is chosen alone at 0. */
static size_t choose_one(struct story *story)
{
    struct match_slot slot;
    assert_true(story_judge(story, 0, &slot));
    return story->chosen[slot.chosen_at[0]];
}

static void test_who_suits_better_is_chosen(void **state)
{
    (void)state;
    /* Each member is better than the one before, and more loaded. */
    static const char *const members[] = {"yyyy", "iiia", "iiii", "####", "pppp"};
    static struct story story;

    story_begin(&story);
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        story_party(&story, MATCH_INDISPENSABLE, members[i]);
    }
    struct match_party *pool = story_pool(&story, 0, 1);
    for (size_t i = ARRAY_SIZE(members); i > 0; i--) {
        story.members[i - 1].load = (uint32_t)i;
        pool->member_count = i;
        assert_int_equal(choose_one(&story), i - 1);
    }
    /* All but the worst are counted in the merits. */
    struct match_slot slot;
    pool->member_count = ARRAY_SIZE(members);
    pool->needed = 4;
    assert_true(story_judge(&story, 0, &slot));
    assert_int_equal(slot.merit.typical, 0);
    assert_int_equal(slot.merit.inferred, 2);
    assert_int_equal(slot.merit.preferred, 1);
    assert_int_equal(slot.merit.avoid, 1);
    pool->needed = 5;
    assert_true(story_judge(&story, 0, &slot));
    assert_int_equal(slot.merit.typical, 1);
}

static void test_the_less_loaded_is_chosen_then_the_smaller_lot(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    for (size_t i = 0; i < 5; i++) {
        story_party(&story, MATCH_INDISPENSABLE, "####");
    }
    story_pool(&story, 0, 1);
    for (size_t i = 0; i < 5; i++) {
        story.members[i].load = i == 3 ? 2 : 3;
    }
    assert_int_equal(choose_one(&story), 3);
    story.members[3].load = 3;
    size_t best = 0;
    for (size_t i = 1; i < 5; i++) {
        best = match_draw(100 + i, 0) < match_draw(100 + best, 0) ? i : best;
    }
    assert_int_equal(choose_one(&story), best);
}

static void test_nobody_is_always_first(void **state)
{
    (void)state;
    static struct story story;
    size_t times[5] = {0};
    struct match_slot slot;

    story_begin(&story);
    for (size_t i = 0; i < 5; i++) {
        story_party(&story, MATCH_INDISPENSABLE, "####");
        story.sources[i][0].coverage.end = 200 * MINUTES_PER_DAY;
        story.ranges[i][0][0].end = 200 * MINUTES_PER_DAY;
    }
    story_pool(&story, 0, 1);
    for (int day = 0; day < 200; day++) {
        assert_true(story_judge(&story, day * MINUTES_PER_DAY, &slot));
        times[story.chosen[slot.chosen_at[0]]]++;
    }
    for (size_t i = 0; i < 5; i++) {
        assert_in_range(times[i], 20, 60);
    }
}

static void test_the_lot_is_a_known_function(void **state)
{
    (void)state;
    /* The first outputs of SplitMix64 begun at 0 are those of its finaliser over
     * multiples of its increment. */
    assert_true(match_draw(0x9e3779b97f4a7c15u, 0) == 0xe220a8397b1dcdafu);
    assert_true(match_draw(0x9e3779b97f4a7c14u, 1) == 0xe220a8397b1dcdafu);
    assert_true(match_draw(0x9e3779b97f4a7c16u, -1) == 0xe220a8397b1dcdafu);
    assert_true(match_draw(0, 0) == 0);
}

static void test_unusable_minutes_are_those_of_the_chosen(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "#####.");
    story_party(&story, MATCH_INDISPENSABLE, "####..");
    story_pool(&story, 0, 1);
    story.members[0].load = 1;
    assert_true(story_judge(&story, 0, &slot));
    assert_int_equal(slot.merit.unusable, 0);
    story.members[1].load = 2;
    assert_true(story_judge(&story, 0, &slot));
    assert_int_equal(slot.merit.unusable, 15);
}

static void test_a_pool_gives_the_reason_that_most_members_have(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "....");
    story_party(&story, MATCH_INDISPENSABLE, "BBBB");
    story_party(&story, MATCH_INDISPENSABLE, "....");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    struct match_party *pool = story_pool(&story, 0, 2);
    assert_false(story_judge(&story, 0, &slot));
    story_expect_reasons(&story, &slot, "n");
    pool->member_count = 2;
    assert_false(story_judge(&story, 0, &slot));
    story_expect_reasons(&story, &slot, "b"); /* of two that are equal the first */
    assert_int_equal(slot.heads, 0);
}

static void test_buffers_of_a_pool_hold_for_its_members(void **state)
{
    (void)state;
    static struct story story;
    struct match_slot slot;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "BB######");
    struct match_party *pool = story_pool(&story, 0, 1);
    assert_true(story_judge(&story, 30, &slot));
    pool->buffer_before = 10;
    assert_false(story_judge(&story, 39, &slot));
    story_expect_reasons(&story, &slot, "b");
    assert_true(story_judge(&story, 40, &slot));
}

static void test_an_optional_pool_is_counted_as_one_party(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 2;
    story_party(&story, MATCH_INDISPENSABLE, "########");
    story_party(&story, MATCH_OPTIONAL, "....####");
    story_party(&story, MATCH_OPTIONAL, "....####");
    story_pool(&story, 1, 2);
    story_expect(&story, "better with the pool", "22221111");
    assert_int_equal(story.result.slots[0].merit.optional_present, 1);
    assert_int_equal(story.result.slots[0].heads, 3);
    assert_int_equal(story.result.slots[1].heads, 1);
}

/* 4,096 members, every one of whom can come on one day of 64 only. */
static void test_the_largest_pool(void **state)
{
    (void)state;
    static struct match_person members[MATCH_POOL_MAX + 1];
    static struct match_range ranges[64];
    static struct match_source sources[64];
    static struct match_result result;
    static uint16_t chosen[64];
    static const struct match_span window = {0, 64 * MINUTES_PER_DAY};
    struct match_party pool = {
        .importance = MATCH_INDISPENSABLE,
        .members = members,
        .member_count = MATCH_POOL_MAX,
        .needed = 64,
    };
    struct match_request request = {
        .duration = 60,
        .grid = 1440,
        .windows = &window,
        .window_count = 1,
        .parties = &pool,
        .party_count = 1,
        .wanted = 1,
    };

    for (size_t i = 0; i < 64; i++) {
        minute_t day = (minute_t)i * MINUTES_PER_DAY;
        ranges[i] = (struct match_range){.start = day,
                                         .end = day + 60,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED};
        sources[i] = (struct match_source){
            .coverage = window, .ranges = &ranges[i], .range_count = 1};
    }
    for (size_t i = 0; i <= MATCH_POOL_MAX; i++) {
        members[i].id = i;
        members[i].sources = &sources[i % 64];
        members[i].source_count = 1;
    }
    result.chosen = chosen;
    result.chosen_capacity = 64;
    size_t size = match_workspace_size(&request);
    void *memory = malloc(size);
    uint32_t candidates = 0;
    uint32_t feasible = 0;
    assert_int_equal(match_count(&request, memory, size, &candidates, &feasible),
                     MATCH_OK);
    assert_int_equal(candidates, 64);
    assert_int_equal(feasible, 64);
    assert_int_equal(match_search(&request, memory, size, &result), MATCH_OK);
    assert_int_equal(result.count, 1);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(chosen[i], 64 * i);
    }
    pool.needed = 65;
    assert_int_equal(match_count(&request, memory, size, &candidates, &feasible),
                     MATCH_OK);
    assert_int_equal(feasible, 0);
    pool.member_count = MATCH_POOL_MAX + 1;
    assert_int_equal(match_workspace_size(&request), 0);
    assert_int_equal(match_search(&request, memory, size, &result), MATCH_BAD_POOL);
    free(memory);
}

static void test_bad_pools_are_refused(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    struct match_party *pool = story_pool(&story, 1, 1);
    assert_int_equal(story_status(&story), MATCH_OK);
    pool->needed = 0;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    pool->needed = 3;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    pool->needed = 2;
    assert_int_equal(story_status(&story), MATCH_OK);

    /* Nobody stands in a request twice; what a pool is called does not matter. */
    story.members[1].id = story.members[0].id;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    story.members[0].id = UINT64_MAX;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.members[1].id = UINT64_MAX;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    story.members[1].id = story.parties[0].id;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    story.parties[0].id = UINT64_MAX;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    story.members[1].id = pool->id;
    story.parties[0].id = 77;
    assert_int_equal(story_status(&story), MATCH_OK);

    /* Not in a pool of one either. */
    pool->member_count = 1;
    pool->needed = 1;
    story.members[0].id = 77;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    story.members[0].id = 78;
    assert_int_equal(story_status(&story), MATCH_OK);
    pool->member_count = 2;
    pool->needed = 2;

    pool->buffer_after = -1;
    assert_int_equal(story_status(&story), MATCH_BAD_LIMITS);
    pool->buffer_after = 0;
    pool->members = NULL;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
    pool->members = story.members;
    story.members[1].source_count = 1;
    story.members[1].sources = NULL;
    assert_int_equal(story_status(&story), MATCH_BAD_POOL);
}

static void test_chosen_members_need_room(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.wanted = 3;
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_pool(&story, 0, 2);
    assert_int_equal(match_chosen_bound(&story.request), 6);
    story.result.chosen_capacity = 6;
    assert_int_equal(story_status(&story), MATCH_OK);
    story.result.chosen_capacity = 5;
    assert_int_equal(story_status(&story), MATCH_NO_ROOM);
    story.result.chosen = NULL;
    story.result.chosen_capacity = 6;
    assert_int_equal(story_status(&story), MATCH_NO_ROOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pool_attends_where_enough_members_can_come),
        cmocka_unit_test(test_the_members_who_attend_are_named),
        cmocka_unit_test(test_who_suits_better_is_chosen),
        cmocka_unit_test(test_the_less_loaded_is_chosen_then_the_smaller_lot),
        cmocka_unit_test(test_nobody_is_always_first),
        cmocka_unit_test(test_the_lot_is_a_known_function),
        cmocka_unit_test(test_unusable_minutes_are_those_of_the_chosen),
        cmocka_unit_test(test_a_pool_gives_the_reason_that_most_members_have),
        cmocka_unit_test(test_buffers_of_a_pool_hold_for_its_members),
        cmocka_unit_test(test_an_optional_pool_is_counted_as_one_party),
        cmocka_unit_test(test_the_largest_pool),
        cmocka_unit_test(test_bad_pools_are_refused),
        cmocka_unit_test(test_chosen_members_need_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
