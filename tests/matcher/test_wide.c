// SPDX-License-Identifier: Apache-2.0

/*
 * People who say so many different things that their records need wide numbers for them: the
 * answer by record is the one that is found from sources.
 */
#include "matcher/record_layout.h"

#include "tests/matcher/random_request.h"
#include "tests/matcher/recorded.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PARTIES = 3, RANGES = 150, DAYS = 6, ROUNDS = 300, ROOM = 1 << 22, KEPT = 40 };

struct people {
    struct match_range ranges[PARTIES][RANGES];
    struct match_source sources[PARTIES];
    struct match_span claims[PARTIES];
    struct match_party parties[PARTIES];
};

static void *workspace;

static int compare(const void *a, const void *b)
{
    const struct match_range *x = a;
    const struct match_range *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return (x->end > y->end) - (x->end < y->end);
}

static struct match_range draw_range(struct dice *dice)
{
    minute_t start = dice_between(dice, 0, DAYS * MINUTES_PER_DAY - 1);
    struct match_range range = {
        .start = start,
        .end = start + dice_between(dice, 1, 500),
        .kind = MATCH_FREE,
        .certainty = (uint8_t)dice_between(dice, MATCH_DECLARED, MATCH_TYPICAL),
        .preference = (uint8_t)dice_between(dice, MATCH_NEUTRAL, MATCH_AVOID),
        .modalities = dice_chance(dice, 60) ? 0 : (uint8_t)dice_between(dice, 1, 7),
        .purposes = dice_chance(dice, 60) ? 0 : (uint32_t)dice_between(dice, 1, 1000),
        .place = (uint16_t)(dice_chance(dice, 80) ? 0 : dice_between(dice, 1, 3)),
    };
    if (dice_chance(dice, 15)) {
        range.kind = dice_chance(dice, 30) ? MATCH_TENTATIVE : MATCH_BUSY;
        range.end = range.start + dice_between(dice, 1, 90);
    }
    return range;
}

static void draw_party(struct dice *dice, struct people *people, size_t i)
{
    struct match_source *source = &people->sources[i];
    for (size_t j = 0; j < RANGES; j++) {
        people->ranges[i][j] = draw_range(dice);
    }
    qsort(people->ranges[i], RANGES, sizeof(people->ranges[i][0]), compare);
    *source = (struct match_source){.coverage = {-600, DAYS * MINUTES_PER_DAY + 600},
                                    .ranges = people->ranges[i],
                                    .range_count = RANGES};
    people->claims[i].start = dice_between(dice, 0, DAYS * MINUTES_PER_DAY);
    people->claims[i].end = people->claims[i].start + dice_between(dice, 1, 300);
    people->parties[i] = (struct match_party){
        .importance = i == 0 ? MATCH_INDISPENSABLE : MATCH_OPTIONAL,
        .id = i + 1,
        .person = {.id = (uint64_t)1 << 40 | i, /* has a record: recorded.c */
                   .sources = source,
                   .source_count = 1,
                   .claims = &people->claims[i],
                   .claim_count = dice_chance(dice, 50) ? 1 : 0},
        .buffer_before = dice_chance(dice, 30) ? dice_between(dice, 1, 90) : 0,
        .buffer_after = dice_chance(dice, 30) ? dice_between(dice, 1, 90) : 0,
    };
}

static struct match_request draw_request(struct dice *dice, struct people *people,
                                         struct match_span *window,
                                         struct match_option *options)
{
    for (size_t i = 0; i < PARTIES; i++) {
        draw_party(dice, people, i);
    }
    window->start = dice_between(dice, 0, 2 * MINUTES_PER_DAY);
    window->end = window->start + dice_between(dice, 60, 4 * MINUTES_PER_DAY);
    options[0] = (struct match_option){(uint8_t)dice_between(dice, 0, 2),
                                       (uint16_t)dice_between(dice, 0, 3)};
    options[1] = (struct match_option){(uint8_t)dice_between(dice, 0, 2), 0};
    return (struct match_request){
        .duration = 5 * dice_between(dice, 1, 24) + (dice_chance(dice, 20) ? 1 : 0),
        .grid = dice_chance(dice, 70) ? 15 : 7,
        .windows = window,
        .window_count = 1,
        .certainties = dice_chance(dice, 80) ? 0 : 1 << MATCH_DECLARED,
        .purposes = dice_chance(dice, 50) ? 0 : (uint32_t)dice_between(dice, 1, 1000),
        .tentative =
            dice_chance(dice, 50) ? MATCH_TENTATIVE_SOFT : MATCH_TENTATIVE_EXCLUDED,
        .options = options,
        .option_count = (size_t)dice_between(dice, 0, 2),
        .parties = people->parties,
        .party_count = PARTIES,
        .wanted = (size_t)dice_between(dice, 1, KEPT),
    };
}

static void test_wide_records_are_answered_as_sources_are(void **state)
{
    static struct people people;
    static struct match_result expected;
    static struct match_result result;
    const char *given = getenv("RANDOM_SEED");
    struct dice dice = {given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL)};
    size_t wide = 0;
    size_t answered = 0;
    (void)state;

    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct match_span window;
        struct match_option options[2];
        struct match_request request = draw_request(&dice, &people, &window, options);
        const struct match_request *recorded = recorded_request(&request);

        if (recorded == NULL) {
            continue; /* more than 32 ranges over a minute */
        }
        assert_int_equal(match_search(&request, workspace, ROOM, &expected), MATCH_OK);
        assert_int_equal(match_search(recorded, workspace, ROOM, &result), MATCH_OK);
        assert_int_equal(result.count, expected.count);
        assert_memory_equal(result.slots, expected.slots,
                            result.count * sizeof(result.slots[0]));
        wide += (recorded->parties[0].person.record->flags & RECORD_IS_WIDE) != 0;
        answered += result.count > 0;
    }
    assert_true(wide > rounds_of(ROUNDS) / 2);
    assert_true(answered > rounds_of(ROUNDS) / 4);
}

/* Everybody says the same, at such length that all together are more than half a million
 * ranges: records of optional parties are told then, but not those of pools. */
static void test_half_a_million_ranges_are_answered_as_sources_are(void **state)
{
    enum { MANY = 10000 };
    static struct match_range ranges[MANY];
    static struct match_party parties[MATCH_PARTIES_MAX];
    static struct match_result expected;
    static struct match_result result;
    static uint16_t chosen[2][MATCH_SLOTS_MAX];
    struct match_span window = {0, 2 * MANY};
    struct match_source source = {
        .coverage = window, .ranges = ranges, .range_count = MANY};
    struct match_request request = {.duration = 1,
                                    .grid = 240,
                                    .windows = &window,
                                    .window_count = 1,
                                    .parties = parties,
                                    .party_count = MATCH_PARTIES_MAX,
                                    .wanted = 3};
    (void)state;

    if (getenv("ENTENTE_TEST_VALGRIND") != NULL) {
        return; /* there is nothing in it that smaller ones have not */
    }
    for (int i = 0; i < MANY; i++) {
        ranges[i] = (struct match_range){.start = 2 * i,
                                         .end = 2 * i + 1,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED,
                                         .preference = (uint8_t)(i / 7 % 3)};
    }
    const struct match_person person = {
        .id = (uint64_t)1 << 40, .sources = &source, .source_count = 1};
    expected.chosen = chosen[0];
    result.chosen = chosen[1];
    expected.chosen_capacity = result.chosen_capacity = MATCH_SLOTS_MAX;
    for (size_t needed = 0; needed < 3; needed++) {
        bool optional = needed != 1;
        for (size_t i = 0; i < MATCH_PARTIES_MAX; i++) {
            parties[i] = (struct match_party){
                .importance = i > 0 && optional ? MATCH_OPTIONAL : MATCH_INDISPENSABLE,
                .id = i + 1,
                .person = person};
        }
        if (needed == 2) {
            parties[1] = (struct match_party){.importance = MATCH_OPTIONAL,
                                              .id = 2,
                                              .members = &person,
                                              .member_count = 1,
                                              .needed = 1};
        }
        const struct match_request *recorded = recorded_request(&request);
        assert_non_null(recorded);
        size_t size = match_workspace_size(&request);
        size_t other = match_workspace_size(recorded);
        void *room = test_malloc(size > other ? size : other);
        assert_int_equal(match_search(&request, room, size, &expected), MATCH_OK);
        assert_int_equal(match_search(recorded, room, other, &result), MATCH_OK);
        test_free(room);
        assert_int_equal(result.count, 3);
        assert_int_equal(expected.count, 3);
        assert_memory_equal(result.slots, expected.slots,
                            result.count * sizeof(result.slots[0]));
    }
}

/* A range until the end of time, among very many short ones. */
static void test_a_range_may_end_after_everything(void **state)
{
    (void)state;
    enum { EACH = 5, MANY = 2000 };
    static struct match_range ranges[MANY + 1];
    static struct match_result result;
    const struct match_span window = {0, EACH * MANY};
    const struct match_source source = {
        .coverage = {0, INT32_MAX}, .ranges = ranges, .range_count = MANY + 1};
    const struct match_party party = {
        .importance = MATCH_INDISPENSABLE,
        .person = {.sources = &source, .source_count = 1}};
    const struct match_request request = {.duration = 2 * EACH,
                                          .grid = EACH,
                                          .windows = &window,
                                          .window_count = 1,
                                          .parties = &party,
                                          .party_count = 1,
                                          .wanted = 1};

    ranges[0] = (struct match_range){-1, INT32_MAX, .kind = MATCH_FREE,
                                     .certainty = MATCH_DECLARED};
    for (minute_t i = 0; i < MANY; i++) {
        ranges[i + 1] =
            (struct match_range){EACH * i, EACH * i + 1, .kind = MATCH_BUSY};
    }
    /* So that the last ten minutes are free, or all but one. */
    ranges[MANY].kind = MATCH_FREE;
    ranges[MANY].certainty = ranges[MANY - 1].certainty = MATCH_DECLARED;
    for (size_t kernel = 0; kernel < recorded_kernel_count(); kernel++) {
        if (recorded_use_kernel(kernel) == NULL) {
            continue;
        }
        ranges[MANY - 1].kind = MATCH_BUSY;
        assert_int_equal(match_search(&request, workspace, ROOM, &result), MATCH_OK);
        assert_int_equal(result.count, 0);
        ranges[MANY - 1].kind = MATCH_FREE;
        assert_int_equal(match_search(&request, workspace, ROOM, &result), MATCH_OK);
        assert_int_equal(result.count, 1);
        assert_int_equal(result.slots[0].start, EACH * (MANY - 2));
    }
    recorded_use_best_kernel();
}

static int set_up(void **state)
{
    (void)state;
    workspace = malloc(ROOM);
    return workspace != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(workspace);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide_records_are_answered_as_sources_are),
        cmocka_unit_test(test_half_a_million_ranges_are_answered_as_sources_are),
        cmocka_unit_test(test_a_range_may_end_after_everything),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
