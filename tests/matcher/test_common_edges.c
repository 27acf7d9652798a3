// SPDX-License-Identifier: Apache-2.0

/*
 * Where common starts begin and end: for every minute at which a question, or what somebody
 * offers, can begin and end within a day, with each kernel.
 */
#include "matcher/common.h"
#include "matcher/kernel.h"

#include "tests/matcher/record_story.h"
#include "tests/support/rounds.h"

enum { DAYS = 3, PRIME = 7 };

static const int32_t durations[] = {5, 12, 30, 60, 330, 725, MINUTES_PER_DAY};

static minute_t step_up(minute_t at)
{
    return (at + MATCH_COMMON_STEP - 1) / MATCH_COMMON_STEP * MATCH_COMMON_STEP;
}

static minute_t step_down(minute_t at)
{
    return at / MATCH_COMMON_STEP * MATCH_COMMON_STEP;
}

/* What somebody offers who offers nothing else, asked within @within. */
static void assert_starts(struct match_span offered, struct match_span within,
                          int32_t duration)
{
    const struct match_record *both[] = {record, record};
    minute_t from = offered.start > within.start ? offered.start : within.start;
    minute_t until = offered.end < within.end ? offered.end : within.end;
    minute_t first = step_up(from);
    minute_t last = step_down(until - duration);

    for (size_t quorum = 0; quorum < 2; quorum++) {
        struct match_run runs[2];
        size_t count =
            quorum == 0 ? match_common_starts(both, 2, duration, &within, runs, 2)
                        : match_quorum_starts(both, 2, 1, duration, &within, runs, 2);
        assert_int_equal(count, first <= last ? 1 : 0);
        if (count == 1) {
            assert_int_equal(runs[0].first, first);
            assert_int_equal(runs[0].last, last);
        }
    }
}

static void offer_one(struct match_span offered, unsigned shape)
{
    ranges[0] = offer(offered.start, offered.end);
    struct match_source source = covered(ranges, 1);
    build(&source, 1, shape);
}

/* Minutes of the day in turn, by which every one of an hour is met. */
static int32_t minute_of_round(size_t round)
{
    return (int32_t)(round * PRIME * 11 % MINUTES_PER_DAY);
}

static void ask_every_way(unsigned shape)
{
    struct match_span all = {AT(0, 0, 0), AT(DAYS, 0, 0)};

    for (size_t d = 0; d < sizeof(durations) / sizeof(durations[0]); d++) {
        offer_one(all, shape);
        for (size_t round = 0; round < rounds_of(MINUTES_PER_DAY / 2); round++) {
            int32_t minute = minute_of_round(round);
            assert_starts(all, (struct match_span){AT(0, 0, minute), AT(2, 0, 0)},
                          durations[d]);
            assert_starts(all, (struct match_span){AT(0, 20, 0), AT(1, 0, minute)},
                          durations[d]);
        }
        for (size_t round = 0; round < rounds_of(MINUTES_PER_DAY); round += PRIME) {
            int32_t minute = minute_of_round(round);
            struct match_span late = {AT(0, 0, minute), AT(2, 0, 0)};
            offer_one(late, shape);
            assert_starts(late, all, durations[d]);
            struct match_span early = {AT(0, 3, 0), AT(1, 0, minute)};
            offer_one(early, shape);
            assert_starts(early, all, durations[d]);
        }
    }
}

static void test_starts_begin_and_end_to_the_minute(void **state)
{
    (void)state;
    for (int kernel = MATCH_KERNEL_SCALAR; kernel <= MATCH_KERNEL_NEON; kernel++) {
        if (match_kernel_force((enum match_kernel)kernel)) {
            ask_every_way(RECORD_FOR_INDEX);
            ask_every_way(RECORD_WITH_PLANE);
            ask_every_way(RECORD_WIDE_RING);
        }
    }
    assert_true(match_kernel_force(MATCH_KERNEL_AUTO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starts_begin_and_end_to_the_minute),
    };
    return cmocka_run_group_tests(tests, record_story_set_up, record_story_tear_down);
}
