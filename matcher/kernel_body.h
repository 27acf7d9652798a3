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

enum {
    STRIP = KERNEL_BYTES == 16 ? 8 : 4, /* vectors that are worked on at once */
    SOME = 12,                          /* people: a loop that the compiler unrolls */
    FEW = 4, /* days of a block that are better looked at one by one */
    WORD = 64 * KERNEL_STEP,
    DAY = KERNEL_STEPS * KERNEL_STEP, /* minutes */
    BATCH = 16,                       /* days whose changes are looked for at once */
    PIECES =
        BATCH * (KERNEL_WORDS + 1) + KERNEL_LOOK, /* of these; some more are written */
    SLOTS = 4,                                    /* changes that are written at once */
};

INLINE void and_strip(vec *x, const size_t width, const uint64_t *ring)
{
    for (size_t i = 0; i < width; i++) {
        x[i] &= load(ring + i * LANES);
    }
}

/* AND @width vectors of everybody's words from word @at on. */
INLINE void and_people(const struct kernel_ask *ask, size_t at, vec *x,
                       const size_t width)
{
    const uint64_t *const *rings = ask->rings;
    const size_t count = ask->count;
    const size_t some = count < SOME ? count : SOME;
    const uint64_t *ring = plain(rings[0] + ask->first + at);
    size_t p = 1;

    for (size_t i = 0; i < width; i++) {
        x[i] = load(ring + i * LANES);
    }
    for (; p < some; p++) {
        and_strip(x, width, plain(rings[p] + ask->first + at));
    }
    for (; p < count; p++) {
        and_strip(x, width, plain(rings[p] + ask->first + at));
    }
}

/*
 * What is set ask->cells in a row in everybody's words from word @at on, @width vectors of
 * them: in @words if it is there.  One bit for each word that is not zero then.
 */
INLINE uint64_t strip(const struct kernel_ask *ask, size_t at, const size_t width,
                      uint64_t *words)
{
    uint64_t zero = 0;
    vec x[STRIP];

    and_people(ask, at, x, width);
    cells_in_a_row(x, width, ask->cells);
    for (size_t i = 0; i < width; i++) {
        zero |= lanes_zero(x[i]) << (i * LANES);
    }
    if (words != NULL) {
        for (size_t i = 0; i < width; i++) {
            store_any(words + at + i * LANES, x[i]);
        }
    }
    return zero ^ (((uint64_t)1 << (width * LANES)) - 1);
}

/* Look at all words, the days of which are in @days. */
INLINE struct kernel_days prune_all(const struct kernel_ask *ask, uint64_t *words)
{
    size_t end = (size_t)ask->blocks * KERNEL_BLOCK;
    uint64_t left[2] = {0, 0};
    size_t at = 0;

    /* A strip never reaches over the end of a set's word. */
    for (; at + (size_t)STRIP * LANES <= end; at += (size_t)STRIP * LANES) {
        uint64_t bits = strip(ask, at, STRIP, words) << (at % 64);
        left[0] |= at < 64 ? bits : 0;
        left[1] |= at < 64 ? 0 : bits;
    }
    for (; at < end; at += LANES) {
        uint64_t bits = strip(ask, at, 1, words) << (at % 64);
        left[0] |= at < 64 ? bits : 0;
        left[1] |= at < 64 ? 0 : bits;
    }
    return (struct kernel_days){
        {left[0] & ask->days.bits[0], left[1] & ask->days.bits[1]}};
}

/* Look at a few days, one by one. */
INLINE struct kernel_days prune_few(const struct kernel_ask *ask, uint64_t *words)
{
    struct kernel_days days = ask->days;

    for (size_t half = 0; half < 2; half++) {
        for (uint64_t left = days.bits[half]; left != 0; left &= left - 1) {
            size_t place = half * 64 + (size_t)__builtin_ctzll(left);
            uint64_t word = UINT64_MAX;

            for (size_t i = 0; i < ask->count; i++) {
                word &= ask->rings[i][ask->first + place];
            }
            word = in_a_row(word, ask->cells);
            if (words != NULL) {
                words[place] = word;
            }
            if (word == 0) {
                days.bits[half] &= ~(left & -left);
            }
        }
    }
    return days;
}

static struct kernel_days prune(const struct kernel_ask *ask, uint64_t *ret_words)
{
    return kernel_days_count(ask->days) * LANES < (size_t)ask->blocks * FEW
               ? prune_few(ask, ret_words)
               : prune_all(ask, ret_words);
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

static size_t starts(const struct kernel_ask *ask, struct kernel_days turns,
                     struct kernel_day ret_days[static KERNEL_DAYS])
{
    size_t count = 0;

    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            struct steps x = day_starts(ask, (size_t)turn * KERNEL_PLANE_BYTES);

            count += keep_day(x, turn, ret_days + count) != 0;
        }
    }
    return count;
}

/* Words of changes that are not zero, and the minutes at which they begin. */
struct pieces {
    uint64_t bits[PIECES];
    int32_t at[PIECES];
};

/* Add the changes of @day, which begins at minute @at, behind the first @listed ones;
 * @before is 1 if the step before it is a start.  Returns how many there are. */
INLINE size_t add_pieces(struct pieces *pieces, size_t listed,
                         const struct kernel_day *day, uint64_t before, int32_t at)
{
    uint64_t *bits = pieces->bits + listed;
    int32_t *minutes = pieces->at + listed;
#if KERNEL_BYTES == 64
    const __m512i own = _mm512_setr_epi64(-1, -1, -1, -1, UINT32_MAX, 0, 0, 0);
    const __m256i words =
        _mm256_setr_epi32(0, WORD, 2 * WORD, 3 * WORD, 4 * WORD, 0, 0, 0);
    __m512i x = _mm512_load_si512(day->starts);
    __m512i low = _mm512_alignr_epi64(x, _mm512_set1_epi64((int64_t)(before << 63)), 7);
    __m512i up = _mm512_or_si512(_mm512_slli_epi64(x, 1), _mm512_srli_epi64(low, 63));

    x = _mm512_and_si512(_mm512_xor_si512(x, up), own);
    __mmask8 any = _mm512_test_epi64_mask(x, x);
    __m256i where = _mm256_add_epi32(words, _mm256_set1_epi32(at));
    _mm512_storeu_si512(bits, _mm512_maskz_compress_epi64(any, x));
    _mm256_storeu_si256((__m256i *)minutes, _mm256_maskz_compress_epi32(any, where));
    return (size_t)__builtin_popcount(any);
#else
    size_t count = 0;

    for (int32_t i = 0; i < KERNEL_WORDS; i++) {
        uint64_t word = day->starts[i] ^ (day->starts[i] << 1 | before);

        before = day->starts[i] >> 63;
        bits[count] = i + 1 < KERNEL_WORDS ? word : word & UINT32_MAX;
        minutes[count] = at + WORD * i;
        count += bits[count] != 0;
    }
    return count;
#endif
}

#if KERNEL_BYTES == 64
/* Write the minutes of those of 16 steps that are in @changes; where they are in @ends,
 * one step less. */
INLINE void list_few(uint64_t changes, uint64_t ends, __m512i steps, int32_t *minutes)
{
    const __m512i step = _mm512_set1_epi32(KERNEL_STEP);
    __m512i said = _mm512_mask_sub_epi32(steps, (__mmask16)ends, steps, step);

    _mm512_storeu_si512(minutes, _mm512_maskz_compress_epi32((__mmask16)changes, said));
}

/* Write the minutes of many @changes, of which the first is an end if @ends is 1. */
INLINE void list_many(uint64_t changes, size_t ends, int32_t at, int32_t *minutes)
{
    const __m512i lanes =
        _mm512_setr_epi32(0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75);
    const __m512i next = _mm512_set1_epi32(16 * KERNEL_STEP);
    __m512i steps = _mm512_add_epi32(lanes, _mm512_set1_epi32(at));
    uint64_t are_ends = changes;

    /* An odd number of changes up to there, or an even one.  Nothing waits so until the
     * changes before it are counted. */
    for (uint32_t by = 1; by < 64; by *= 2) {
        are_ends ^= are_ends << by;
    }
    are_ends ^= ends - 1;
    list_few(changes, are_ends, steps, minutes);
    steps = _mm512_add_epi32(steps, next);
    list_few(changes >> 16, are_ends >> 16, steps,
             minutes + __builtin_popcountll(changes & UINT16_MAX));
    steps = _mm512_add_epi32(steps, next);
    list_few(changes >> 32, are_ends >> 32, steps,
             minutes + __builtin_popcountll(changes & UINT32_MAX));
    steps = _mm512_add_epi32(steps, next);
    list_few(changes >> 48, are_ends >> 48, steps,
             minutes + __builtin_popcountll(changes << 16));
}
#endif

/* The number of the lowest bit of @x, or any if there is none. */
INLINE int32_t lowest(uint64_t x)
{
#if KERNEL_BYTES >= 32
    uint64_t bit = _tzcnt_u64(x);
#else
    uint64_t bit = (uint64_t)__builtin_ctzll(x | UINT64_C(1) << 63);
#endif
    return (int32_t)bit;
}

/* Write the minutes of @changes, which are not zero and begin at minute @at; the first of
 * them is an end if @ends is 1.  Returns how many there are; some more are written. */
INLINE size_t list_changes(uint64_t changes, size_t ends, int32_t at, int32_t *minutes)
{
    size_t count = (size_t)__builtin_popcountll(changes);
    int32_t even = at - (int32_t)ends * KERNEL_STEP;
    int32_t odd = at - KERNEL_STEP + (int32_t)ends * KERNEL_STEP;

#if KERNEL_BYTES == 64
    if (count > SLOTS) {
        list_many(changes, ends, at, minutes);
        return count;
    }
#endif
    /* Some at once, too many at the end: no branch for each. */
    for (size_t i = 0; i < count; i += SLOTS) {
        for (size_t k = 0; k < SLOTS; k++) {
            minutes[i + k] = (k % 2 == 0 ? even : odd) + KERNEL_STEP * lowest(changes);
            changes &= changes - 1;
        }
    }
    return count;
}

static size_t changes(const struct kernel_day *days, size_t count, bool open,
                      int32_t at, int32_t *ret_minutes)
{
    size_t said = 0;
    uint32_t next = count > 0 ? days[0].turn : 0;
    uint64_t before = open;
    struct pieces pieces;

    for (size_t i = 0; i < count;) {
        size_t end = count - i < BATCH ? count : i + BATCH;
        size_t listed = 0;

        for (; i < end; i++) {
            uint32_t turn = days[i].turn;

            /* Hardly ever, whereas gaps are frequent: one branch. */
            if ((before & ((turn ^ next) | -(turn ^ next)) >> 31) != 0) {
                pieces.bits[listed] = 1;
                pieces.at[listed] = at + DAY * (int32_t)next;
                listed++;
                before = 0;
            }
            listed +=
                add_pieces(&pieces, listed, &days[i], before, at + DAY * (int32_t)turn);
            before = days[i].starts[KERNEL_WORDS - 1] >> (KERNEL_STEPS % 64 - 1);
            next = turn + 1;
        }
        for (size_t k = 0; k < listed; k++) {
            said += list_changes(pieces.bits[k], (said + open) % 2, pieces.at[k],
                                 ret_minutes + said);
        }
    }
    return said;
}

const struct kernel_table KERNEL_NAME = {
    .prune = prune,
    .starts = starts,
    .quorum_prune = quorum_prune,
    .quorum = quorum,
    .changes = changes,
};

#endif
