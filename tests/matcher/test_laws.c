// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of the search on random requests: what must not change the answer does not.
 * RANDOM_SEED in the environment repeats a run.
 */
#include "tests/matcher/laws.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

static void test_the_same_request_gives_the_same_answer(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        laws_search(&question.request, &before);
        laws_search(&question.request, &after);
        laws_expect_same(&question.request, NULL, "the same request, another answer");
    }
}

static void shuffle(size_t count, size_t *ret_place)
{
    for (size_t i = 0; i < count; i++) {
        ret_place[i] = i;
    }
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)dice_between(&dice, 0, (int32_t)i - 1);
        size_t kept = ret_place[i - 1];
        ret_place[i - 1] = ret_place[j];
        ret_place[j] = kept;
    }
}

static void test_the_order_of_parties_changes_nothing(void **state)
{
    (void)state;
    static struct match_party parties[RANDOM_PARTIES];
    size_t place[RANDOM_PARTIES]; /* where the party with this index went */

    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        size_t count = question.request.party_count;
        struct match_request other = question.request;
        laws_search(&question.request, &before);
        laws_explain(&question.request, &before);
        shuffle(count, place);
        for (size_t i = 0; i < count; i++) {
            parties[place[i]] = question.parties[i];
        }
        other.parties = parties;
        laws_search(&other, &after);
        laws_explain(&other, &after);
        laws_expect_same(&question.request, place, "the order of parties matters");

        assert_int_equal(before.why.blocking_count, after.why.blocking_count);
        assert_int_equal(before.why.quorum_blocks, after.why.quorum_blocks);
        for (size_t i = 0; i < before.why.blocking_count; i++) {
            assert_int_equal(place[before.why.blocking[i]], after.why.blocking[i]);
        }
        for (size_t i = 0; i < count; i++) {
            assert_memory_equal(&before.why.blame[i], &after.why.blame[place[i]],
                                sizeof(before.why.blame[i]));
        }
    }
}

/* Whoever was chosen of the first party is chosen still, at place[member]. */
static void expect_same_members(const struct match_party *pool, const size_t *place,
                                size_t slot)
{
    for (size_t n = 0; n < pool->needed; n++) {
        size_t member = place[laws_chosen(&before, slot, 0)[n]];
        size_t found = 0;
        for (size_t m = 0; m < pool->needed; m++) {
            found += laws_chosen(&after, slot, 0)[m] == member ? 1 : 0;
        }
        if (found != 1) {
            laws_fail("the order of members matters");
        }
    }
}

static void test_the_order_of_members_changes_nothing(void **state)
{
    (void)state;
    static struct match_person members[RANDOM_PEOPLE];
    size_t place[RANDOM_PEOPLE];

    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        if (question.parties[0].member_count < 2) {
            continue;
        }
        struct match_party *pool = &question.parties[0];
        laws_search(&question.request, &before);
        shuffle(pool->member_count, place);
        for (size_t i = 0; i < pool->member_count; i++) {
            members[place[i]] = pool->members[i];
        }
        pool->members = members;
        laws_search(&question.request, &after);
        assert_int_equal(before.result.count, after.result.count);
        for (size_t i = 0; i < before.result.count; i++) {
            if (!laws_attends(&before, i, 0)) {
                continue;
            }
            expect_same_members(pool, place, i);
        }
    }
}

static int compare_ranges(const void *a, const void *b)
{
    const struct match_range *x = a;
    const struct match_range *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Cut every range that is long enough at a random minute, or put those together again
 * that touch and say the same. */
static size_t split(const struct match_source *source, struct match_range *ret_ranges)
{
    size_t count = 0;
    for (size_t i = 0; i < source->range_count; i++) {
        struct match_range left = source->ranges[i];
        struct match_range right = source->ranges[i];
        if (left.end - left.start > 1) {
            left.end = dice_between(&dice, left.start + 1, left.end - 1);
            right.start = left.end;
            ret_ranges[count++] = right;
        }
        ret_ranges[count++] = left;
    }
    return count;
}

static bool says_the_same(const struct match_range *a, const struct match_range *b)
{
    return a->kind == b->kind && a->certainty == b->certainty &&
           a->preference == b->preference && a->modalities == b->modalities &&
           a->purposes == b->purposes && a->place == b->place;
}

static size_t merge(const struct match_source *source, struct match_range *ret_ranges)
{
    size_t count = 0;
    for (size_t i = 0; i < source->range_count; i++) {
        size_t onto = count;
        for (size_t j = 0; j < count; j++) {
            if (ret_ranges[j].end == source->ranges[i].start &&
                says_the_same(&ret_ranges[j], &source->ranges[i])) {
                onto = j;
            }
        }
        if (onto < count) {
            ret_ranges[onto].end = source->ranges[i].end;
        } else {
            ret_ranges[count++] = source->ranges[i];
        }
    }
    return count;
}

static void change_ranges(size_t (*change)(const struct match_source *,
                                           struct match_range *))
{
    static struct match_range changed[2 * RANDOM_RANGES];
    size_t used = 0;
    for (size_t s = 0; s < question.sources_used; s++) {
        struct match_source *source = &question.sources[s];
        size_t count = change(source, &changed[used]);
        qsort(&changed[used], count, sizeof(changed[0]), compare_ranges);
        source->ranges = &changed[used];
        source->range_count = count;
        used += count;
    }
}

static void test_splitting_ranges_changes_nothing(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        laws_search(&question.request, &before);
        change_ranges(split);
        laws_search(&question.request, &after);
        laws_expect_same(&question.request, NULL, "splitting ranges matters");
    }
}

static void test_merging_equal_ranges_that_touch_changes_nothing(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        laws_search(&question.request, &before);
        change_ranges(merge);
        laws_search(&question.request, &after);
        laws_expect_same(&question.request, NULL, "merging ranges matters");
    }
}

/* One that is given twice, or one that knows everything and has nothing to say. */
static void test_a_useless_source_changes_nothing(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        struct match_source sources[8];
        size_t party = 0;
        size_t member = 0;

        laws_draw();
        laws_search(&question.request, &before);
        struct match_person *person = laws_next_person(&party, &member);
        if (person->source_count == 0) {
            continue;
        }
        memset(sources, 0, sizeof(sources));
        memcpy(sources, person->sources, person->source_count * sizeof(sources[0]));
        if (dice_chance(&dice, 50)) {
            sources[person->source_count] = sources[0];
        } else {
            sources[person->source_count].coverage.start = INT32_MIN;
            sources[person->source_count].coverage.end = INT32_MAX;
        }
        person->sources = sources;
        person->source_count++;
        laws_search(&question.request, &after);
        laws_expect_same(&question.request, NULL, "a useless source matters");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_request_gives_the_same_answer),
        cmocka_unit_test(test_the_order_of_parties_changes_nothing),
        cmocka_unit_test(test_the_order_of_members_changes_nothing),
        cmocka_unit_test(test_splitting_ranges_changes_nothing),
        cmocka_unit_test(test_merging_equal_ranges_that_touch_changes_nothing),
        cmocka_unit_test(test_a_useless_source_changes_nothing),
    };
    return cmocka_run_group_tests(tests, laws_set_up, NULL);
}
