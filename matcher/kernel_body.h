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
#include "matcher/kernel_vec.h"

#include <string.h>

enum {
    GROUP = 8,  /* people who are counted together */
    PLACES = 7, /* bits of a count of people */
    STRIP = 12, /* vectors that are worked on at once: they fit the registers */
    FIRST = 8,  /* people who are looked at before it is asked what is left */
    FEW = 12,   /* days that are better looked at one by one */
};

/* What is set @cells in a row, in @width vectors. */
INLINE void cells_in_a_row(vec *x, const size_t width, uint32_t cells)
{
    for (uint32_t have = 1; have < cells;) {
        uint32_t by = 2 * have <= cells ? have : cells - have;
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
}

/* One bit for each word of @width vectors that is zero. */
INLINE struct kernel_days words_zero(const vec *x, const size_t width)
{
    struct kernel_days zero = {{0, 0}};

    for (size_t i = 0; i < width; i++) {
        zero.bits[i * LANES / 64] |= lanes_zero(x[i]) << (i * LANES % 64);
    }
    return zero;
}

INLINE void store_strip(const vec *x, const size_t width, uint64_t *words)
{
    for (size_t i = 0; i < width; i++) {
        store_any(words + i * LANES, x[i]);
    }
}

/* Which words of @width vectors are not zero. */
INLINE struct kernel_days words_left(const vec *x, const size_t width)
{
    struct kernel_days zero = words_zero(x, width);
    struct kernel_days all = kernel_days_below((uint32_t)(width * LANES));
    return (struct kernel_days){
        {~zero.bits[0] & all.bits[0], ~zero.bits[1] & all.bits[1]}};
}

/*
 * AND @width vectors of the words of several people from word @at on, and keep what is set
 * ask->cells in a row; of the words from before, too, where @from is not the first person.
 * Returns the places of the words that are not zero then; all others are undefined.
 */
INLINE struct kernel_days strip(const struct kernel_ask *ask, size_t from, size_t until,
                                size_t at, const size_t width, uint64_t *words)
{
    const uint64_t *const *rings = ask->rings;
    const uint64_t *ring = plain(rings[from] + ask->first + at);
    vec x[STRIP];

    for (size_t i = 0; i < width; i++) {
        x[i] = load(ring + i * LANES);
    }
    for (size_t p = from + 1; p < until; p++) {
        ring = plain(rings[p] + ask->first + at);
        for (size_t i = 0; i < width; i++) {
            x[i] &= load(ring + i * LANES);
        }
    }
    words += at;
    cells_in_a_row(x, width, ask->cells);
    for (size_t i = 0; from > 0 && i < width; i++) {
        x[i] &= load_any(words + i * LANES);
    }
    struct kernel_days left = words_left(x, width);

    if ((left.bits[0] | left.bits[1]) != 0) {
        store_strip(x, width, words);
    }
    return kernel_days_up(left, (uint32_t)at);
}

/* Ask the people from @from on, and before @until, about @days. */
INLINE struct kernel_days prune_all(const struct kernel_ask *ask, size_t from,
                                    size_t until, struct kernel_days days,
                                    uint64_t *words)
{
    size_t end = (size_t)ask->blocks * KERNEL_BLOCK;
    struct kernel_days left = {{0, 0}};
    size_t at = 0;

    for (; at + (size_t)STRIP * LANES <= end; at += (size_t)STRIP * LANES) {
        left = kernel_days_either(left, strip(ask, from, until, at, STRIP, words));
    }
    for (; at + (size_t)4 * LANES <= end; at += (size_t)4 * LANES) {
        left = kernel_days_either(left, strip(ask, from, until, at, 4, words));
    }
    for (; at < end; at += LANES) {
        left = kernel_days_either(left, strip(ask, from, until, at, 1, words));
    }
    return kernel_days_both(days, left);
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
                word &= ask->rings[i][ask->first + place];
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
        x.part[i] = load_any(day + i * KERNEL_BYTES);
    }
    return x;
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

/* The steps of @x that are set @by steps further on, too. */
INLINE struct steps and_further(struct steps x, uint32_t by)
{
    struct steps low = x;
    if (by >= 64) {
        low = next_word(low);
        by -= 64;
    }
    struct steps high = next_word(low);
    for (size_t i = 0; i < PARTS; i++) {
        vec down = shift_down(low.part[i], by);
        vec up = shift_up(high.part[i], 64 - by);
#if KERNEL_BYTES == 64
        x.part[i] = (vec)_mm512_ternarylogic_epi64((__m512i)x.part[i], (__m512i)down,
                                                   (__m512i)up, 0xe0);
#else
        x.part[i] &= down | up;
#endif
    }
    return x;
}

/* For each of @count days the steps from which @steps in a row are set. */
INLINE void steps_in_a_row(struct steps *x, const size_t count, uint32_t steps)
{
    for (uint32_t have = 1; have < steps;) {
        uint32_t by = 2 * have <= steps ? have : steps - have;
        if (by < 64) {
            for (size_t i = 0; i < count; i++) {
                x[i] = and_further(x[i], by);
            }
        } else {
            for (size_t i = 0; i < count; i++) {
                x[i] = and_further(x[i], by);
            }
        }
        have += by;
    }
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
    uint64_t words[KERNEL_LOOK];
    for (size_t i = 0; i < PARTS; i++) {
        store_any(words + i * LANES, x.part[i]);
    }
    words[KERNEL_WORDS - 1] &= UINT32_MAX;
    memcpy(day->starts, words, sizeof(day->starts));
    return count + ((words[0] | words[1] | words[2] | words[3] | words[4]) != 0);
#endif
}

/* The starts of everybody on the day that lies @at bytes behind the first. */
INLINE struct steps day_starts(const struct kernel_ask *ask, size_t at)
{
    struct steps x = load_steps(ask->planes[0] + at);

    for (size_t p = 1; p < ask->count; p++) {
        struct steps other = load_steps(ask->planes[p] + at);
        for (size_t i = 0; i < PARTS; i++) {
            x.part[i] &= other.part[i];
        }
    }
    steps_in_a_row(&x, 1, ask->steps);
    return x;
}

static size_t starts(const struct kernel_ask *ask, struct kernel_days days,
                     struct kernel_day ret_days[static KERNEL_DAYS])
{
    struct kernel_days turns = kernel_turns(ask, days);
    size_t count = 0;

    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            struct steps x = day_starts(ask, (size_t)turn * KERNEL_PLANE_BYTES);

            count = keep_day(x, turn, ret_days, count);
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

/* Add those of @count people, a GROUP at most, who have all cells from word @at on. */
INLINE void count_rings(struct counter *counter, const uint64_t *const *rings,
                        const size_t count, size_t at, uint32_t cells)
{
    vec x[GROUP] = {0};

    for (size_t i = 0; i < count; i++) {
        x[i] = load(rings[i] + at);
    }
    for (uint32_t have = 1; have < cells;) {
        uint32_t by = 2 * have <= cells ? have : cells - have;
        for (size_t i = 0; i < count; i++) {
            x[i] = and_turned(x[i], by);
        }
        have += by;
    }
    count_group(counter, x);
}

static struct kernel_days quorum_prune(const struct kernel_ask *ask, size_t needed)
{
    struct kernel_days days = ask->days;

    for (size_t at = 0; at < (size_t)ask->blocks * KERNEL_BLOCK; at += LANES) {
        struct counter counter = {0};
        size_t p = 0;

        for (; p + GROUP <= ask->count; p += GROUP) {
            count_rings(&counter, ask->rings + p, GROUP, ask->first + at, ask->cells);
        }
        if (p < ask->count) {
            count_rings(&counter, ask->rings + p, ask->count - p, ask->first + at,
                        ask->cells);
        }
        uint64_t none = lanes_zero(is_enough(&counter, needed));
        days.bits[at / 64] &= ~(none << (at % 64));
    }
    return days;
}

/* Add those of @count people, a GROUP at most, who have all steps. */
INLINE void count_people(struct counter counter[PARTS],
                         const unsigned char *const *planes, const size_t count,
                         size_t at, uint32_t steps)
{
    struct steps x[GROUP] = {0};

    for (size_t i = 0; i < count; i++) {
        x[i] = load_steps(planes[i] + at);
    }
    steps_in_a_row(x, count, steps);
    for (size_t k = 0; k < PARTS; k++) {
        vec part[GROUP];
        for (size_t i = 0; i < GROUP; i++) {
            part[i] = x[i].part[k];
        }
        count_group(&counter[k], part);
    }
}

/* Where enough people have all steps on the day that lies @at bytes behind the first. */
INLINE struct steps count_day(const struct kernel_ask *ask, size_t at, size_t needed)
{
    struct counter counter[PARTS] = {0};
    struct steps enough;
    size_t p = 0;

    for (; p + GROUP <= ask->count; p += GROUP) {
        count_people(counter, ask->planes + p, GROUP, at, ask->steps);
    }
    if (p < ask->count) {
        count_people(counter, ask->planes + p, ask->count - p, at, ask->steps);
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

/* Where the starts of a day begin and end, as bits; returns which words have any. */
INLINE unsigned find_changes(const uint64_t *starts, bool open, uint64_t *words)
{
    uint64_t before = open;
    unsigned any = 0;

    for (unsigned i = 0; i < KERNEL_WORDS; i++) {
        words[i] = starts[i] ^ (starts[i] << 1 | before);
        before = starts[i] >> 63;
        words[i] &= i + 1 < KERNEL_WORDS ? UINT64_MAX : UINT32_MAX;
        any |= (unsigned)(words[i] != 0) << i;
    }
    return any;
}

/* Write the minutes of @changes in a word of @starts; its first step is at minute @at.
 * Returns how many there are; some more are written. */
INLINE size_t list_changes(uint64_t changes, uint64_t starts, int32_t at,
                           int32_t *minutes)
{
#if KERNEL_BYTES == 64
    const __m512i lanes =
        _mm512_setr_epi32(0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75);
    const __m512i step = _mm512_set1_epi32(KERNEL_STEP);
    uint64_t ends = changes & ~starts;
    size_t count = 0;

    for (uint32_t bit = 0; bit < 64; bit += 16) {
        __mmask16 here = (__mmask16)(changes >> bit);
        __m512i x =
            _mm512_add_epi32(lanes, _mm512_set1_epi32(at + (int32_t)bit * KERNEL_STEP));
        x = _mm512_mask_sub_epi32(x, (__mmask16)(ends >> bit), x, step);
        _mm512_storeu_si512(minutes + count, _mm512_maskz_compress_epi32(here, x));
        count += (size_t)__builtin_popcount(here);
    }
    return count;
#else
    size_t count = (size_t)__builtin_popcountll(changes);
    /* Beginnings and ends take turns. */
    bool ends = !(starts >> __builtin_ctzll(changes) & 1);
    int32_t even = ends ? at - KERNEL_STEP : at;
    int32_t odd = ends ? at : at - KERNEL_STEP;

    /* Four at once, too many at the end: no branch for each. */
    for (size_t i = 0; i < count; i += 4) {
        for (size_t k = 0; k < 4; k++) {
#if KERNEL_BYTES == 32
            int32_t bit = (int32_t)_tzcnt_u64(changes);
#else
            int32_t bit = __builtin_ctzll(changes | UINT64_C(1) << 63);
#endif
            minutes[i + k] = (k % 2 == 0 ? even : odd) + KERNEL_STEP * bit;
            changes &= changes - 1;
        }
    }
    return count;
#endif
}

static size_t changes(const uint64_t starts[static KERNEL_WORDS], bool open, int32_t at,
                      int32_t ret_minutes[static KERNEL_CHANGES])
{
    uint64_t words[KERNEL_WORDS];
    size_t count = 0;

    for (unsigned left = find_changes(starts, open, words); left != 0;
         left &= left - 1) {
        int32_t word = __builtin_ctz(left);
        count += list_changes(words[word], starts[word], at + 64 * KERNEL_STEP * word,
                              ret_minutes + count);
    }
    return count;
}

const struct kernel_table KERNEL_NAME = {
    .prune = prune,
    .starts = starts,
    .quorum_prune = quorum_prune,
    .quorum = quorum,
    .changes = changes,
};

#endif
