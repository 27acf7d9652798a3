// SPDX-License-Identifier: Apache-2.0

/*
 * kernel_body.h - the innermost loops over vectors of KERNEL_BYTES bytes
 *
 * Included once by kernel_x86_v2.c, kernel_avx2.c, kernel_avx512.c and kernel_neon.c, each
 * compiled for its instruction set; they define KERNEL_BYTES and KERNEL_NAME.  Vectors
 * are never wider than the registers: the compiler would split them badly.
 */
#ifndef MATCHER_KERNEL_BODY_H
#define MATCHER_KERNEL_BODY_H

#include "matcher/kernel_days.h"
#include "matcher/kernel_table.h"

#include <string.h>

#ifndef KERNEL_BYTES /* when somebody looks at this file alone */
#define KERNEL_BYTES 16
#define KERNEL_NAME kernel_x86_v2
#endif

#if KERNEL_BYTES == 64 || defined(__SSE4_1__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

/* A vector of words, and one that may lie anywhere. */
typedef uint64_t vec __attribute__((vector_size(KERNEL_BYTES), may_alias));
typedef uint64_t vec_any
    __attribute__((vector_size(KERNEL_BYTES), may_alias, aligned(1)));

enum {
    LANES = KERNEL_BYTES / 8,
    PARTS = 64 / KERNEL_BYTES, /* vectors for the 64 bytes from a day on */
    GROUP = 8,                 /* people who are counted together */
    PLACES = 7,                /* bits of a count of people */
    STRIP = 12, /* vectors that are worked on at once: they fit the registers */
    FIRST = 8,  /* people who are looked at before it is asked what is left */
    FEW = 12,   /* days that are better looked at one by one */
};

INLINE vec load(const uint64_t *from)
{
    return *(const vec *)(const void *)from;
}

INLINE void store(uint64_t *to, vec x)
{
    *(vec *)(void *)to = x;
}

INLINE vec load_bytes(const unsigned char *from)
{
    return *(const vec_any *)(const void *)from;
}

INLINE uint64_t load_word(const unsigned char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof(word));
    return word;
}

/* One bit for each lane that is zero. */
INLINE uint64_t lanes_zero(vec x)
{
#if KERNEL_BYTES == 64
    return _mm512_testn_epi64_mask((__m512i)x, (__m512i)x);
#elif KERNEL_BYTES == 32
    __m256i zero = _mm256_cmpeq_epi64((__m256i)x, _mm256_setzero_si256());
    return (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(zero));
#elif defined(__SSE4_1__)
    __m128i zero = _mm_cmpeq_epi64((__m128i)x, _mm_setzero_si128());
    return (uint64_t)_mm_movemask_pd(_mm_castsi128_pd(zero));
#else
    return (uint64_t)(x[0] == 0) | (uint64_t)(x[1] == 0) << 1;
#endif
}

/* @x shifted by as many bits as the compiler knows, or does not: a shift by a register is
 * quicker where each lane may have its own. */
INLINE vec shift_down(vec x, uint32_t by)
{
#if KERNEL_BYTES == 64
    return (vec)_mm512_srlv_epi64((__m512i)x, _mm512_set1_epi64(by));
#elif KERNEL_BYTES == 32
    return (vec)_mm256_srlv_epi64((__m256i)x, _mm256_set1_epi64x(by));
#else
    return x >> by;
#endif
}

/* By 1 to 64 bits; by 64 nothing is left. */
INLINE vec shift_up(vec x, uint32_t by)
{
#if KERNEL_BYTES == 64
    return (vec)_mm512_sllv_epi64((__m512i)x, _mm512_set1_epi64(by));
#elif KERNEL_BYTES == 32
    return (vec)_mm256_sllv_epi64((__m256i)x, _mm256_set1_epi64x(by));
#else
    return x << 1 << (by - 1);
#endif
}

/* @x and what follows @by bits further on in each word, cyclically. */
INLINE vec and_turned(vec x, uint32_t by)
{
#if KERNEL_BYTES == 64
    return x & (vec)_mm512_rorv_epi64((__m512i)x, _mm512_set1_epi64(by));
#else
    return x & (shift_down(x, by) | shift_up(x, 64 - by));
#endif
}

INLINE uint64_t in_a_row(uint64_t x, uint32_t cells)
{
    for (uint32_t have = 1; have < cells;) {
        uint32_t by = 2 * have <= cells ? have : cells - have;
        x &= x >> by | x << (64 - by);
        have += by;
    }
    return x;
}

/* AND @width vectors of the words of several people from word @at on, and keep what is
 * set @cells in a row; of the words from before, too, where this is not the @begin.
 * Returns the places of the words that are zero then. */
INLINE struct kernel_days strip(const struct kernel_ask *ask, size_t from, size_t until,
                                size_t at, const size_t width, uint64_t *words)
{
    const uint64_t *const *rings = ask->rings;
    struct kernel_days zero = {{0, 0}};
    vec x[STRIP];

    for (size_t i = 0; i < width; i++) {
        x[i] = load(rings[from] + at + i * LANES);
    }
    for (size_t p = from + 1; p < until; p++) {
        const uint64_t *ring = rings[p] + at;
        for (size_t i = 0; i < width; i++) {
            x[i] &= load(ring + i * LANES);
        }
    }
    for (uint32_t have = 1; have < ask->cells;) {
        uint32_t by = 2 * have <= ask->cells ? have : ask->cells - have;
        if (by == 1) { /* Written out: a shift by a constant is cheaper. */
            for (size_t i = 0; i < width; i++) {
                x[i] = and_turned(x[i], 1);
            }
        } else {
            for (size_t i = 0; i < width; i++) {
                x[i] = and_turned(x[i], by);
            }
        }
        have += by;
    }
    for (size_t i = 0; i < width; i++) {
        if (from > 0) {
            x[i] &= load(words + at + i * LANES);
        }
        store(words + at + i * LANES, x[i]);
        zero.bits[i * LANES / 64] |= lanes_zero(x[i]) << (i * LANES % 64);
    }
    return kernel_days_up(zero, (uint32_t)at);
}

/* Ask the people from @from on, and before @until, about @days. */
INLINE struct kernel_days prune_all(const struct kernel_ask *ask, size_t from,
                                    size_t until, struct kernel_days days,
                                    uint64_t *words)
{
    size_t end = (size_t)ask->blocks * KERNEL_BLOCK;
    struct kernel_days zero = {{0, 0}};
    size_t at = 0;

    for (; at + (size_t)STRIP * LANES <= end; at += (size_t)STRIP * LANES) {
        zero = kernel_days_either(zero, strip(ask, from, until, at, STRIP, words));
    }
    for (; at < end; at += LANES) {
        zero = kernel_days_either(zero, strip(ask, from, until, at, 1, words));
    }
    days.bits[0] &= ~zero.bits[0];
    days.bits[1] &= ~zero.bits[1];
    return days;
}

/* Ask the people from @from on about the few days that are left, one by one. */
INLINE struct kernel_days prune_few(const struct kernel_ask *ask, size_t from,
                                    struct kernel_days days, uint64_t *words)
{
    for (size_t half = 0; half < 2; half++) {
        for (uint64_t left = days.bits[half]; left != 0; left &= left - 1) {
            size_t place = half * 64 + (size_t)__builtin_ctzll(left);
            uint64_t word = UINT64_MAX;

            for (size_t i = from; i < ask->count; i++) {
                word &= ask->rings[i][place];
            }
            words[place] &= in_a_row(word, ask->cells);
            if (words[place] == 0) {
                days.bits[half] &= ~(left & -left);
            }
        }
    }
    return days;
}

static struct kernel_days prune(const struct kernel_ask *ask,
                                uint64_t ret_words[static KERNEL_DAYS])
{
    size_t done = ask->count < FIRST + 4 ? ask->count : FIRST;
    struct kernel_days days = prune_all(ask, 0, done, ask->days, ret_words);

    while (done < ask->count) {
        if (kernel_days_count(days) <= FEW) {
            return prune_few(ask, done, days, ret_words);
        }
        size_t next = ask->count - done < FIRST ? ask->count : done + FIRST;
        days = prune_all(ask, done, next, days, ret_words);
        done = next;
    }
    return days;
}

/* A day's steps, and those that follow up to 512. */
struct steps {
    vec part[PARTS];
};

INLINE struct steps load_steps(const unsigned char *day)
{
    struct steps x;

    for (size_t i = 0; i < PARTS; i++) {
        x.part[i] = load_bytes(day + i * KERNEL_BYTES);
    }
    return x;
}

/* The words of @low but its first, and the first one of @high. */
INLINE vec next_words(vec low, vec high)
{
#if KERNEL_BYTES == 64
    return (vec)_mm512_alignr_epi64((__m512i)high, (__m512i)low, 1);
#elif KERNEL_BYTES == 32
    return __builtin_shufflevector(low, high, 1, 2, 3, 4);
#else
    return __builtin_shufflevector(low, high, 1, 2);
#endif
}

INLINE struct steps next_word(struct steps x)
{
    const vec zero = {0};
    struct steps next;

    for (size_t i = 0; i < PARTS; i++) {
        next.part[i] = next_words(x.part[i], i + 1 < PARTS ? x.part[i + 1] : zero);
    }
    return next;
}

/* The steps from which @steps in a row are set. */
INLINE struct steps steps_in_a_row(struct steps x, uint32_t steps)
{
    for (uint32_t have = 1; have < steps;) {
        uint32_t by = 2 * have <= steps ? have : steps - have;
        struct steps low = x;
        have += by;
        if (by >= 64) {
            low = next_word(low);
            by -= 64;
        }
        struct steps high = next_word(low);
        for (size_t i = 0; i < PARTS; i++) {
            x.part[i] &= shift_down(low.part[i], by) | shift_up(high.part[i], 64 - by);
        }
    }
    return x;
}

/* Add the day's own steps of @x to the list, unless there are none. */
INLINE size_t keep_day(struct steps x, uint32_t turn, struct kernel_day *days,
                       size_t count)
{
    struct kernel_day *day = &days[count];

    day->turn = turn;
    day->reserved = 0;
#if KERNEL_BYTES == 64
    const __m512i own = _mm512_setr_epi64(-1, -1, -1, -1, UINT32_MAX, 0, 0, 0);
    __m512i steps = _mm512_and_si512((__m512i)x.part[0], own);
    _mm512_mask_storeu_epi64(day->starts, 0x1f, steps);
    return count + (_mm512_test_epi64_mask(steps, steps) != 0);
#else
    _Alignas(KERNEL_BYTES) uint64_t words[KERNEL_LOOK];
    for (size_t i = 0; i < PARTS; i++) {
        store(words + i * LANES, x.part[i]);
    }
    words[KERNEL_WORDS - 1] &= UINT32_MAX;
    memcpy(day->starts, words, sizeof(day->starts));
    return count + ((words[0] | words[1] | words[2] | words[3] | words[4]) != 0);
#endif
}

static size_t starts(const struct kernel_ask *ask, struct kernel_days days,
                     struct kernel_day ret_days[static KERNEL_DAYS])
{
    struct kernel_days turns = kernel_turns(ask, days);
    size_t count = 0;

    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            size_t at = (size_t)turn * KERNEL_PLANE_BYTES;
            struct steps x = load_steps(ask->planes[0] + at);

            for (size_t p = 1; p < ask->count; p++) {
                struct steps other = load_steps(ask->planes[p] + at);
                for (size_t i = 0; i < PARTS; i++) {
                    x.part[i] &= other.part[i];
                }
            }
            count = keep_day(steps_in_a_row(x, ask->steps), turn, ret_days, count);
        }
    }
    return count;
}

/* For each bit of a vector a number, bit by bit: how many people have it set. */
struct counter {
    vec place[PLACES];
};

/* The sum of three bits stays in @sum, what is carried is returned. */
INLINE vec add_bits(vec *sum, vec a, vec b)
{
#if KERNEL_BYTES == 64
    __m512i s = (__m512i)*sum;
    *sum = (vec)_mm512_ternarylogic_epi64(s, (__m512i)a, (__m512i)b, 0x96);
    return (vec)_mm512_ternarylogic_epi64(s, (__m512i)a, (__m512i)b, 0xe8);
#else
    vec both = a ^ b;
    vec carry = (a & b) | (both & *sum);
    *sum ^= both;
    return carry;
#endif
}

INLINE void count_group(struct counter *counter, const vec x[GROUP])
{
    vec two[4];
    vec four[2];

    for (size_t i = 0; i < 4; i++) {
        two[i] = add_bits(&counter->place[0], x[2 * i], x[2 * i + 1]);
    }
    four[0] = add_bits(&counter->place[1], two[0], two[1]);
    four[1] = add_bits(&counter->place[1], two[2], two[3]);
    vec carry = add_bits(&counter->place[2], four[0], four[1]);
    for (size_t i = 3; i < PLACES; i++) {
        vec sum = counter->place[i] ^ carry;
        carry &= counter->place[i];
        counter->place[i] = sum;
    }
}

/* Where the number is at least @needed. */
INLINE vec is_enough(const struct counter *counter, size_t needed)
{
    vec enough = ~(vec){0};

    for (size_t i = 0; i < PLACES; i++) {
        enough =
            needed >> i & 1 ? counter->place[i] & enough : counter->place[i] | enough;
    }
    return enough;
}

static struct kernel_days quorum_prune(const struct kernel_ask *ask, size_t needed)
{
    struct kernel_days days = ask->days;

    for (size_t at = 0; at < (size_t)ask->blocks * KERNEL_BLOCK; at += LANES) {
        struct counter counter = {0};
        for (size_t p = 0; p < ask->count; p += GROUP) {
            vec x[GROUP];
            for (size_t i = 0; i < GROUP; i++) {
                x[i] = p + i < ask->count ? load(ask->rings[p + i] + at) : (vec){0};
            }
            for (uint32_t have = 1; have < ask->cells;) {
                uint32_t by = 2 * have <= ask->cells ? have : ask->cells - have;
                for (size_t i = 0; i < GROUP; i++) {
                    x[i] = and_turned(x[i], by);
                }
                have += by;
            }
            count_group(&counter, x);
        }
        uint64_t none = lanes_zero(is_enough(&counter, needed));
        days.bits[at / 64] &= ~(none << (at % 64));
    }
    return days;
}

/* Count those who have all steps on the day that lies @at bytes behind the first. */
INLINE struct steps count_day(const struct kernel_ask *ask, size_t at, size_t needed)
{
    struct counter counter[PARTS] = {0};
    struct steps enough;

    for (size_t p = 0; p < ask->count; p += GROUP) {
        vec x[PARTS][GROUP];
        for (size_t i = 0; i < GROUP; i++) {
            struct steps one = {0};
            if (p + i < ask->count) {
                one = steps_in_a_row(load_steps(ask->planes[p + i] + at), ask->steps);
            }
            for (size_t k = 0; k < PARTS; k++) {
                x[k][i] = one.part[k];
            }
        }
        for (size_t k = 0; k < PARTS; k++) {
            count_group(&counter[k], x[k]);
        }
    }
    for (size_t k = 0; k < PARTS; k++) {
        enough.part[k] = is_enough(&counter[k], needed);
    }
    return enough;
}

static size_t quorum(const struct kernel_ask *ask, struct kernel_days days,
                     size_t needed, struct kernel_day ret_days[static KERNEL_DAYS])
{
    struct kernel_days turns = kernel_turns(ask, days);
    size_t count = 0;

    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            struct steps enough =
                count_day(ask, (size_t)turn * KERNEL_PLANE_BYTES, needed);
            count = keep_day(enough, turn, ret_days, count);
        }
    }
    return count;
}

static size_t changes(const uint64_t starts[static KERNEL_WORDS], bool open, int32_t at,
                      int32_t ret_minutes[static KERNEL_CHANGES])
{
    uint64_t words[KERNEL_WORDS];
    uint64_t before = open;
    size_t done = 0;
    unsigned left = 0;

    /* All words first, as most of them have nothing. */
    for (unsigned i = 0; i < KERNEL_WORDS; i++) {
        words[i] = starts[i] ^ (starts[i] << 1 | before);
        before = starts[i] >> 63;
        left |= (unsigned)(words[i] != 0) << i;
    }
    words[KERNEL_WORDS - 1] &= UINT32_MAX;
    for (; left != 0; left &= left - 1) {
        int32_t word = __builtin_ctz(left);
        uint64_t bits = words[word];
        size_t count = (size_t)__builtin_popcountll(bits);
        /* Beginnings and ends take turns. */
        bool ends = (done & 1) != open;
        int32_t base = at + 64 * KERNEL_STEP * word;
        int32_t even = ends ? base - KERNEL_STEP : base;
        int32_t odd = ends ? base : base - KERNEL_STEP;

        /* Four at once, too many at the end: no branch for each. */
        for (size_t i = 0; i < count; i += 4) {
            for (size_t k = 0; k < 4; k++) {
                int32_t step = __builtin_ctzll(bits | UINT64_C(1) << 63);
                ret_minutes[done + i + k] =
                    (k % 2 == 0 ? even : odd) + KERNEL_STEP * step;
                bits &= bits - 1;
            }
        }
        done += count;
    }
    return done;
}

const struct kernel_table KERNEL_NAME = {
    .prune = prune,
    .starts = starts,
    .quorum_prune = quorum_prune,
    .quorum = quorum,
    .changes = changes,
};

#endif
