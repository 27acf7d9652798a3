// SPDX-License-Identifier: Apache-2.0

/*
 * People with so many ranges that all minutes are painted: a law on random requests, asked
 * of each kernel.
 *
 * A single start is always judged range by range.  So what a search gives must be what
 * judging gives, and no start that is judged may be better than those.  RANDOM_SEED in the
 * environment repeats a run.
 */
#include "tests/support/test.h"

#include "matcher/kernel.h"
#include "matcher/slot.h"
#include "tests/matcher/random_request.h"
#include "tests/matcher/recorded.h"
#include "tests/support/rounds.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 500,
    PARTIES = 4,
    SOURCES = 3,
    RANGES = 700,
    DAYS = 4,
    REACH = DAYS * MINUTES_PER_DAY,
    MEMBERS = 3,
    CLAIMS = 4,
    JUDGED = 12, /* starts that are looked at beside those that are found */
    CHOSEN = MEMBERS * MATCH_SLOTS_MAX,
    RECORDED = 40, /* the bit of an id that recorded.h looks at */
};

static uint64_t first_seed(void)
{
    const char *given = getenv("RANDOM_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1;
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

struct crowd {
    struct match_request request;
    struct match_span window;
    struct match_option options[2];
    struct match_leg legs[2];
    struct match_party parties[PARTIES];
    struct match_person members[MEMBERS];
    struct match_source sources[PARTIES + MEMBERS][SOURCES];
    struct match_range ranges[PARTIES + MEMBERS][SOURCES][RANGES];
    struct match_span claims[PARTIES + MEMBERS][CLAIMS];
};

static int compare(const void *a, const void *b)
{
    const struct match_range *x = a;
    const struct match_range *y = b;
    int by_start = (x->start > y->start) - (x->start < y->start);
    return by_start != 0 ? by_start : (x->end > y->end) - (x->end < y->end);
}

/* A source of ranges that are mostly short, and mostly alike. */
static void draw_source(struct dice *dice, minute_t from, struct match_source *source,
                        struct match_range *ranges)
{
    bool is_mixed = dice_chance(dice, 70);
    bool is_limited = dice_chance(dice, 40);
    int32_t step = dice_chance(dice, 50) ? 5 : 1;
    int32_t longest = dice_chance(dice, 30) ? 700 : 12;

    source->range_count = (size_t)dice_between(dice, 0, RANGES);
    source->coverage.start = from + dice_between(dice, -500, 400);
    source->coverage.end = from + REACH - dice_between(dice, 0, 400);
    source->ranges = ranges;
    for (size_t i = 0; i < source->range_count; i++) {
        struct match_range *range = &ranges[i];
        *range = (struct match_range){.kind = MATCH_FREE, .certainty = MATCH_DECLARED};
        range->start = from + step * dice_between(dice, -300 / step, REACH / step);
        range->end = range->start + step * dice_between(dice, 1, longest);
        if (!is_mixed) {
            continue;
        }
        range->kind = dice_chance(dice, 85)   ? (uint8_t)MATCH_FREE
                      : dice_chance(dice, 50) ? (uint8_t)MATCH_BUSY
                                              : (uint8_t)MATCH_TENTATIVE;
        range->certainty = (uint8_t)dice_between(dice, 1, 3);
        range->preference = (uint8_t)dice_between(dice, 0, 2);
        if (is_limited) {
            range->purposes = (uint32_t)dice_between(dice, 0, 3);
            range->modalities = (uint8_t)(dice_between(dice, 0, 3) << 1);
            range->place = (uint16_t)dice_between(dice, 0, 2);
        }
        if (range->kind != MATCH_FREE && dice_chance(dice, 50)) {
            range->certainty = (uint8_t)dice_between(dice, 0, 255);
            range->preference = (uint8_t)dice_between(dice, 0, 255);
        }
    }
    qsort(ranges, source->range_count, sizeof(*ranges), compare);
}

static void draw_person(struct dice *dice, minute_t from, struct crowd *crowd,
                        size_t number, struct match_person *person)
{
    struct match_span *claims = crowd->claims[number];
    minute_t at = from - 100;

    *person = (struct match_person){
        .id = number + 1 + ((uint64_t)dice_between(dice, 0, 1) << RECORDED),
        .sources = crowd->sources[number],
        .claims = claims};
    person->source_count = (size_t)dice_between(dice, 1, SOURCES);
    for (size_t i = 0; i < person->source_count; i++) {
        draw_source(dice, from, &crowd->sources[number][i], crowd->ranges[number][i]);
    }
    person->claim_count = (size_t)dice_between(dice, 0, CLAIMS);
    for (size_t i = 0; i < person->claim_count; i++) {
        at += dice_between(dice, 0, REACH / CLAIMS);
        claims[i] = (struct match_span){at, at + dice_between(dice, 1, 60)};
        at = claims[i].end;
    }
}

static void draw(struct dice *dice, struct crowd *crowd)
{
    minute_t from = dice_between(dice, -3, 3) * 777777;
    struct match_request *request = &crowd->request;

    memset(crowd, 0, sizeof(*crowd));
    crowd->window = (struct match_span){from, from + REACH};
    for (int i = 0; i < 2; i++) {
        crowd->legs[i] = (struct match_leg){
            (uint16_t)(1 + i), (uint16_t)(2 - i),
            dice_chance(dice, 20)
                ? 0
                : dice_between(dice, 0, dice_chance(dice, 10) ? 1440 : 60)};
    }
    *request = (struct match_request){
        .duration = dice_chance(dice, 80) ? dice_between(dice, 1, 40)
                                          : dice_between(dice, 41, 1440),
        .grid = dice_chance(dice, 50) ? 5 : dice_between(dice, 1, 20),
        .windows = &crowd->window,
        .window_count = 1,
        .earliest = from,
        .now = from,
        .has_target = true,
        .target = from + dice_between(dice, 0, REACH),
        .certainties = (uint8_t)(dice_chance(dice, 30) ? 1u << MATCH_DECLARED : 0),
        .purposes = (uint32_t)dice_between(dice, 0, 3),
        .tentative = (enum match_tentative)dice_between(dice, 0, 1),
        .options = crowd->options,
        .option_count = (size_t)dice_between(dice, 1, 2),
        .parties = crowd->parties,
        .party_count = (size_t)dice_between(dice, 1, PARTIES),
        .wanted = (size_t)dice_between(dice, 1, 20),
        .quorum = (uint32_t)dice_between(dice, 0, 2),
        .urgent = dice_chance(dice, 20),
    };
    if (dice_chance(dice, 40)) {
        request->legs = crowd->legs;
        request->leg_count = 2;
    }
    if (dice_chance(dice, 20)) {
        request->occurrences = 2;
        request->step = MATCH_WEEKLY;
    }
    for (size_t i = 0; i < 2; i++) {
        crowd->options[i].modality = (uint8_t)dice_between(dice, 0, 2);
        crowd->options[i].place = (uint16_t)dice_between(dice, 1, 2);
    }
    for (size_t i = 0; i < request->party_count; i++) {
        struct match_party *party = &crowd->parties[i];
        party->id = i + 1;
        party->importance =
            dice_chance(dice, 60) ? MATCH_OPTIONAL : MATCH_INDISPENSABLE;
        party->buffer_before = dice_chance(dice, 30) ? dice_between(dice, 0, 90) : 0;
        party->buffer_after = dice_chance(dice, 30) ? dice_between(dice, 0, 90) : 0;
        draw_person(dice, from, crowd, i, &party->person);
    }
    if (dice_chance(dice, 30)) {
        struct match_party *pool = &crowd->parties[request->party_count - 1];
        pool->members = crowd->members;
        pool->member_count = MEMBERS;
        pool->needed = (size_t)dice_between(dice, 1, MEMBERS);
        for (size_t i = 0; i < MEMBERS; i++) {
            draw_person(dice, from, crowd, PARTIES + i, &crowd->members[i]);
        }
    }
}

/* What the search answers, as bytes; the caller frees it. */
static struct match_result *answer(const struct match_request *request)
{
    uint16_t chosen[CHOSEN] = {0};
    size_t size = match_workspace_size(request);
    void *workspace = malloc(size);
    struct match_result *result = calloc(1, sizeof(*result));

    assert_non_null(workspace);
    assert_non_null(result);
    result->chosen = chosen;
    result->chosen_capacity = CHOSEN;
    assert_int_equal(match_search(request, workspace, size, result), MATCH_OK);
    result->chosen = NULL;
    free(workspace);
    return result;
}

/* @start with @option, judged; whether it suits. */
static bool judge(const struct match_request *request, minute_t start, uint32_t option,
                  struct match_slot *ret_slot)
{
    static struct match_result result;
    uint16_t chosen[CHOSEN] = {0};
    size_t size = match_workspace_size(request);
    void *workspace = malloc(size);
    bool suits = false;

    assert_non_null(workspace);
    result.chosen = chosen;
    result.chosen_capacity = CHOSEN;
    assert_int_equal(
        match_judge(request, start, option, workspace, size, &result, &suits),
        MATCH_OK);
    *ret_slot = result.slots[0];
    free(workspace);
    return suits;
}

/* What was found is what judging gives. */
static void assert_judged(const struct match_request *request,
                          const struct match_result *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct match_slot *slot = &found->slots[i];
        struct match_slot judged;

        assert_true(judge(request, slot->start, slot->option, &judged));
        assert_int_equal(judged.heads, slot->heads);
        assert_memory_equal(judged.reason, slot->reason, sizeof(slot->reason));
        assert_memory_equal(&judged.merit, &slot->merit, sizeof(slot->merit));
    }
}

/* Nothing better than what was found has been missed at @start. */
static void assert_not_missed(const struct match_request *request,
                              const struct match_result *found, minute_t start,
                              uint32_t option)
{
    struct match_slot judged;

    if (!judge(request, start, option, &judged)) {
        return;
    }
    for (size_t i = 0; i < found->count; i++) {
        const struct match_slot *slot = &found->slots[i];
        if (abs(slot->start - start) < request->duration &&
            match_compare(request, slot, &judged) <= 0) {
            return;
        }
    }
    assert_int_equal(found->count, request->wanted);
    assert_true(match_compare(request, &found->slots[found->count - 1], &judged) <= 0);
}

/* A start that the request allows. */
static minute_t draw_start(struct dice *dice, const struct crowd *crowd)
{
    const struct match_request *request = &crowd->request;
    minute_t start;

    do {
        minute_t at =
            crowd->window.start + dice_between(dice, 0, REACH - request->duration);
        minute_t minute = at % MINUTES_PER_DAY;
        minute += minute < 0 ? MINUTES_PER_DAY : 0;
        start = at - minute % request->grid; /* the grid begins anew each day */
    } while (start < crowd->window.start);
    return start;
}

/* Where some people have records and others do not, records are painted as they are. */
static void test_painting_a_record_gives_what_its_ranges_give(void **state)
{
    (void)state;
    static struct crowd crowd;
    uint64_t seed = first_seed();
    size_t found = 0;

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct dice dice = {seed + round};
        draw(&dice, &crowd);
        const struct match_request *request = recorded_request(&crowd.request);

        if (request == NULL) {
            continue;
        }
        struct match_result *right = answer(&crowd.request);
        for (size_t kernel = 0; kernel < recorded_kernel_count(); kernel++) {
            if (recorded_use_kernel(kernel) == NULL) {
                continue;
            }
            struct match_result *given = answer(request);
            assert_int_equal(given->count, right->count);
            assert_memory_equal(given->slots, right->slots,
                                given->count * sizeof(given->slots[0]));
            free(given);
        }
        recorded_use_best_kernel();
        found += right->count;
        free(right);
    }
    assert_true(found > 0);
}

/* Each range of one party is for a purpose of its own. */
static void test_a_record_of_very_many_classes_is_told(void **state)
{
    (void)state;
    enum { EACH = 5, MANY = 5000 };
    static struct match_range ranges[MANY];
    const struct match_span window = {0, EACH * MANY};
    const struct match_range always = {0, EACH * MANY, .kind = MATCH_FREE,
                                       .certainty = MATCH_INFERRED};
    const struct match_source sources[] = {
        {.coverage = window, .ranges = ranges, .range_count = MANY},
        {.coverage = window, .ranges = &always, .range_count = 1},
    };
    struct match_party parties[2];
    const struct match_request request = {.duration = 2 * EACH,
                                          .grid = EACH,
                                          .windows = &window,
                                          .window_count = 1,
                                          .parties = parties,
                                          .party_count = 2,
                                          .wanted = 10};

    for (minute_t i = 0; i < MANY; i++) {
        ranges[i] = (struct match_range){EACH * i,
                                         EACH * (i + 1),
                                         .kind = i % 7 == 0 ? MATCH_BUSY : MATCH_FREE,
                                         .certainty = MATCH_DECLARED,
                                         .preference = MATCH_PREFERRED,
                                         .purposes = (uint32_t)i + 1};
    }
    for (size_t i = 0; i < 2; i++) {
        parties[i] = (struct match_party){
            .importance = MATCH_OPTIONAL,
            .id = i + 1,
            .person = {.id = (uint64_t)(1 - i) << RECORDED | (i + 1),
                       .sources = &sources[i],
                       .source_count = 1},
        };
    }
    struct match_result *right = answer(&request);
    struct match_result *given = answer(recorded_request(&request));
    assert_int_equal(right->count, request.wanted);
    assert_int_equal(given->count, right->count);
    assert_memory_equal(given->slots, right->slots,
                        given->count * sizeof(given->slots[0]));
    free(given);
    free(right);
}

static void test_painting_gives_what_looking_up_gives(void **state)
{
    (void)state;
    static struct crowd crowd;
    uint64_t seed = first_seed();
    size_t found = 0;

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct dice dice = {seed + round};
        const struct match_request *request = &crowd.request;
        draw(&dice, &crowd);
        struct match_result *right = answer(request);

        assert_judged(request, right);
        for (int i = 0; i < JUDGED; i++) {
            minute_t start = draw_start(&dice, &crowd);
            assert_not_missed(
                request, right, start,
                (uint32_t)dice_between(&dice, 0, (int)request->option_count - 1));
        }
        for (int kernel = MATCH_KERNEL_SCALAR; kernel <= MATCH_KERNEL_NEON; kernel++) {
            if (!match_kernel_force((enum match_kernel)kernel)) {
                continue;
            }
            struct match_result *given = answer(request);
            assert_int_equal(given->count, right->count);
            assert_memory_equal(given->slots, right->slots,
                                given->count * sizeof(given->slots[0]));
            free(given);
        }
        match_kernel_force(MATCH_KERNEL_AUTO);
        found += right->count;
        free(right);
    }
    assert_true(found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_painting_gives_what_looking_up_gives),
        cmocka_unit_test(test_painting_a_record_gives_what_its_ranges_give),
        cmocka_unit_test(test_a_record_of_very_many_classes_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
