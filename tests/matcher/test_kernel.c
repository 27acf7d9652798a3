// SPDX-License-Identifier: Apache-2.0

/*
 * Kernels: each that this processor can run gives bit for bit what the scalar one gives,
 * reads nothing outside of what it was given, and writes nothing else.  RANDOM_SEED in the
 * environment repeats a run.
 */
#include "matcher/kernel.h"
#include "matcher/kernel_days.h"
#include "matcher/kernel_table.h"

#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROUNDS = 600,
    CANARY = 0x5a,
    AFTER_TURN_2 = 3 * KERNEL_PLANE_BYTES,
    PLANE = KERNEL_DAYS * KERNEL_PLANE_BYTES + 64 - KERNEL_PLANE_BYTES,
};

/* SplitMix64. */
static uint64_t state;

static uint64_t any_word(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(((any_word() >> 32) * bound) >> 32);
}

static void begin_random(void)
{
    const char *seed = getenv("RANDOM_SEED");
    state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)state);
}

struct question {
    struct kernel_ask ask;
    size_t needed;
    uint64_t *ring_memory[KERNEL_PEOPLE];
    unsigned char *plane_memory[KERNEL_PEOPLE];
    const uint64_t *rings[KERNEL_PEOPLE];
    const unsigned char *planes[KERNEL_PEOPLE];
};

/* Bits in runs, so that many in a row happen: @full of 256 runs are set. */
static void fill(unsigned char *bytes, size_t size, uint32_t full, uint32_t longest)
{
    memset(bytes, 0, size);
    for (size_t bit = 0; bit < 8 * size;) {
        size_t end = bit + 1 + below(longest);
        bool set = below(256) < full;
        for (; bit < end && bit < 8 * size; bit++) {
            bytes[bit / 8] |= (unsigned char)(set << (bit % 8));
        }
    }
}

static void ask_anything(struct question *q)
{
    static const uint32_t full[] = {16, 128, 216, 250, 256};
    uint32_t count = below(4) == 0 ? 1 + below(KERNEL_PEOPLE) : 1 + below(12);
    uint32_t blocks = below(2) == 0 ? KERNEL_BLOCKS : 1 + below(KERNEL_BLOCKS);
    uint32_t share = full[below(5)];

    q->ask = (struct kernel_ask){
        .rings = q->rings,
        .planes = q->planes,
        .count = count,
        .blocks = blocks,
        .origin = below(blocks * KERNEL_BLOCK),
        .cells = 1 + below(below(2) == 0 ? 4 : KERNEL_CELLS),
        .steps = 1 + below(below(2) == 0 ? 8 : KERNEL_STEPS_MAX),
    };
    struct kernel_days all = {{UINT64_MAX, UINT64_MAX}};
    all = kernel_days_down(all, 128 - (1 + below(blocks * KERNEL_BLOCK)));
    q->ask.days = kernel_places(&q->ask, all);
    q->needed = 1 + below(count);
    for (uint32_t i = 0; i < count; i++) {
        /* As small as allowed, so that a sanitizer sees what lies beyond. */
        size_t ring = (size_t)blocks * KERNEL_BLOCK * sizeof(uint64_t);
        size_t plane = (size_t)blocks * KERNEL_BLOCK * KERNEL_PLANE_BYTES + 28;

        q->ring_memory[i] = aligned_alloc(64, ring);
        q->plane_memory[i] = malloc(plane);
        assert_non_null(q->ring_memory[i]);
        assert_non_null(q->plane_memory[i]);
        fill((unsigned char *)q->ring_memory[i], ring, share, 1 + below(20));
        fill(q->plane_memory[i], plane, share, 1 + below(60));
        q->rings[i] = q->ring_memory[i];
        q->planes[i] = q->plane_memory[i];
    }
}

static void forget(struct question *q)
{
    for (size_t i = 0; i < q->ask.count; i++) {
        free(q->ring_memory[i]);
        free(q->plane_memory[i]);
    }
}

/* Everything that a kernel can be asked. */
struct answer {
    struct kernel_days pruned;
    struct kernel_days enough;
    size_t start_count;
    size_t quorum_count;
    _Alignas(64) uint64_t words[KERNEL_DAYS];
    unsigned char guard[64];
    struct kernel_days unworded;
    size_t change_count;
    int32_t changes[KERNEL_DAYS * KERNEL_CHANGES];
    unsigned char middle[64];
    struct kernel_day starts[KERNEL_DAYS];
    struct kernel_day quorum[KERNEL_DAYS];
    unsigned char end[64];
};

static void answer_with(const struct kernel_table *kernel, const struct question *q,
                        struct answer *answer)
{
    memset(answer, CANARY, sizeof(*answer));
    struct kernel_days turns = kernel_turns(&q->ask, q->ask.days);

    answer->pruned = kernel->prune(&q->ask, answer->words);
    answer->unworded = kernel->prune(&q->ask, NULL);
    answer->start_count = kernel->starts(&q->ask, turns, answer->starts);
    answer->enough = kernel->quorum_prune(&q->ask, q->needed);
    answer->quorum_count = kernel->quorum(&q->ask, turns, q->needed, answer->quorum);
    answer->change_count = kernel->changes(answer->quorum, answer->quorum_count,
                                           q->needed % 2, -77, answer->changes);
    for (size_t i = 0; i < sizeof(answer->guard); i++) {
        assert_int_equal(answer->guard[i], CANARY);
        assert_int_equal(answer->middle[i], CANARY);
        assert_int_equal(answer->end[i], CANARY);
    }
}

static void compare(const struct answer *want, const struct answer *got)
{
    assert_memory_equal(&got->pruned, &want->pruned, sizeof(want->pruned));
    assert_memory_equal(&got->unworded, &want->pruned, sizeof(want->pruned));
    assert_memory_equal(&got->enough, &want->enough, sizeof(want->enough));
    assert_int_equal(got->start_count, want->start_count);
    assert_int_equal(got->quorum_count, want->quorum_count);
    assert_memory_equal(got->starts, want->starts,
                        want->start_count * sizeof(want->starts[0]));
    assert_memory_equal(got->quorum, want->quorum,
                        want->quorum_count * sizeof(want->quorum[0]));
    assert_int_equal(got->change_count, want->change_count);
    assert_memory_equal(got->changes, want->changes,
                        want->change_count * sizeof(want->changes[0]));
    for (uint32_t place = 0; place < KERNEL_DAYS; place++) {
        if (kernel_days_has(want->pruned, place)) {
            assert_true(got->words[place] == want->words[place]);
        }
    }
}

static void test_every_kernel_agrees_with_the_scalar_one(void **unused)
{
    static struct answer want;
    static struct answer got;
    static struct question q;
    (void)unused;

    begin_random();
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        ask_anything(&q);
        answer_with(&kernel_scalar, &q, &want);
        for (int i = MATCH_KERNEL_SSE4; i <= MATCH_KERNEL_NEON; i++) {
            if (match_kernel_force((enum match_kernel)i)) {
                answer_with(kernel_current(), &q, &got);
                compare(&want, &got);
            }
        }
        forget(&q);
    }
    assert_true(match_kernel_force(MATCH_KERNEL_AUTO));
}

/* What the words mean, by hand: one person, one day. */
static void test_the_scalar_kernel_means_what_it_says(void **unused)
{
    _Alignas(64) uint64_t ring[KERNEL_BLOCK] = {0};
    _Alignas(64) uint64_t words[KERNEL_DAYS];
    static unsigned char plane[PLANE];
    static struct kernel_day found[KERNEL_DAYS];
    const uint64_t *rings[] = {ring};
    const unsigned char *planes[] = {plane};
    struct kernel_ask ask = {.rings = rings,
                             .planes = planes,
                             .count = 1,
                             .blocks = 1,
                             .origin = 3,
                             .cells = 3,
                             .steps = 4,
                             .days = {{0xff, 0}}};
    (void)unused;

    /* The last cell goes on in the first. */
    ring[5] = UINT64_C(0x8000000000000003);
    struct kernel_days days = kernel_scalar.prune(&ask, words);
    assert_int_equal(days.bits[0], 1 << 5);
    assert_true(words[5] == UINT64_C(1) << 63);
    assert_int_equal(kernel_turns(&ask, days).bits[0], 1 << 2);

    /* Turn 2: four steps across midnight begin in the last two of the day. */
    plane[AFTER_TURN_2 - 1] = 0xe0;
    plane[AFTER_TURN_2] = 0x03;
    assert_int_equal(kernel_scalar.starts(&ask, kernel_turns(&ask, days), found), 1);
    assert_int_equal(found[0].turn, 2);
    assert_true(found[0].starts[4] == UINT64_C(3) << 29);
    ask.steps = 6;
    assert_int_equal(kernel_scalar.starts(&ask, kernel_turns(&ask, days), found), 0);
    ask.days.bits[0] = ~(UINT64_C(1) << 5);
    days = kernel_scalar.prune(&ask, words);
    assert_int_equal(days.bits[0] | days.bits[1], 0);
}

static void test_days_go_round_in_a_circle(void **unused)
{
    (void)unused;

    begin_random();
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        uint32_t blocks = 1 + below(KERNEL_BLOCKS);
        struct kernel_ask ask = {.blocks = blocks,
                                 .origin = below(blocks * KERNEL_BLOCK)};
        struct kernel_days turns = {{0, 0}};
        struct kernel_days places = {{0, 0}};

        for (uint32_t turn = 0; turn < blocks * KERNEL_BLOCK; turn++) {
            if (below(2) == 0) {
                kernel_days_add(&turns, turn);
                kernel_days_add(&places, kernel_place(&ask, turn));
            }
        }
        struct kernel_days to = kernel_places(&ask, turns);
        struct kernel_days back = kernel_turns(&ask, places);
        assert_memory_equal(&to, &places, sizeof(to));
        assert_memory_equal(&back, &turns, sizeof(back));
        assert_int_equal(kernel_days_count(to), kernel_days_count(turns));
    }
}

static void test_a_kernel_is_chosen_by_name(void **unused)
{
    enum match_kernel found = MATCH_KERNEL_NEON;
    (void)unused;

    for (int i = MATCH_KERNEL_AUTO; i <= MATCH_KERNEL_NEON; i++) {
        enum match_kernel kernel = (enum match_kernel)i;
        assert_true(match_kernel_find(match_kernel_name(kernel), &found));
        assert_int_equal(found, kernel);
        assert_int_equal(match_kernel_force(kernel), match_kernel_available(kernel));
        if (match_kernel_available(kernel) && kernel != MATCH_KERNEL_AUTO) {
            assert_int_equal(match_kernel_in_use(), kernel);
        }
    }
    assert_false(match_kernel_find("mmx", &found));
    assert_false(match_kernel_available((enum match_kernel)99));
    assert_false(match_kernel_force((enum match_kernel)99));
    assert_string_equal(match_kernel_name((enum match_kernel)99), "unknown");
    assert_true(match_kernel_available(MATCH_KERNEL_SCALAR));

    assert_true(match_kernel_force(MATCH_KERNEL_AUTO));
    assert_int_not_equal(match_kernel_in_use(), MATCH_KERNEL_AUTO);
    print_message("kernel in use: %s\n", match_kernel_name(match_kernel_in_use()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_scalar_kernel_means_what_it_says),
        cmocka_unit_test(test_every_kernel_agrees_with_the_scalar_one),
        cmocka_unit_test(test_days_go_round_in_a_circle),
        cmocka_unit_test(test_a_kernel_is_chosen_by_name),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
