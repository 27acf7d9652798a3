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
#include "matcher/kernel_quorum.h"
#include "matcher/kernel_steps.h"
#include "matcher/kernel_table.h"
#include "matcher/kernel_vec.h"

#include <string.h>

enum {
    STRIP = 12, /* vectors that are worked on at once: they fit the registers */
    FIRST = 8,  /* people who are looked at before it is asked what is left */
    FEW = 12,   /* days that are better looked at one by one */
};

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
    const __m512i next = _mm512_set1_epi32(16 * KERNEL_STEP);
    __m512i minute = _mm512_add_epi32(lanes, _mm512_set1_epi32(at));
    uint64_t ends = changes & ~starts;
    size_t count = 0;

    for (uint32_t bit = 0; bit < 64; bit += 16) {
        __mmask16 here = (__mmask16)(changes >> bit);
        __m512i x =
            _mm512_mask_sub_epi32(minute, (__mmask16)(ends >> bit), minute, step);

        _mm512_storeu_si512(minutes + count, _mm512_maskz_compress_epi32(here, x));
        count += (size_t)__builtin_popcount(here);
        minute = _mm512_add_epi32(minute, next);
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
