// SPDX-License-Identifier: Apache-2.0

/*
 * minutes_body.h - the innermost loops of minutes.h
 *
 * Included once by minutes.c, minutes_x86_v2.c, minutes_avx2.c and minutes_avx512.c, each
 * compiled for its instruction set; they define MINUTES_KERNEL.
 */
#ifndef MATCHER_MINUTES_BODY_H
#define MATCHER_MINUTES_BODY_H

#include "matcher/minutes.h"

#include <assert.h>

/* So that the header compiles alone. */
#ifndef MINUTES_KERNEL
#define MINUTES_KERNEL minutes_of_nobody
#endif

#if defined(__BMI2__)
#include <immintrin.h>
#include <string.h>

static_assert(offsetof(struct match_range, purposes) ==
                  offsetof(struct match_range, kind) + 4,
              "what a range says is one word");
#endif

/* Where what @range says is painted.  It decides no branch, for the next one may say
 * anything else. */
static inline struct minutes_layer *layer_of(const struct match_range *range,
                                             struct minutes_brush *brush)
{
#if defined(__BMI2__)
    uint64_t says;
    memcpy(&says, &range->kind, sizeof(says));
    unsigned key = (unsigned)_pext_u64(says, 0x030303);
    bool is_for_all = (says >> 24 | range->place) == 0;
#else
    unsigned key = minutes_key(range);
    bool is_for_all = (range->modalities | range->purposes | range->place) == 0;
#endif
    if (!is_for_all) {
        unsigned refused =
            ((range->purposes != 0) & ((range->purposes & brush->purposes) == 0)) |
            ((range->modalities != 0) &
             ((range->modalities & brush->modalities) == 0)) |
            ((range->place != 0) & (brush->place != 0) &
             (range->place != brush->place));
        key |= refused * MINUTES_REFUSED;
    }
    return &brush->layers[brush->layer_of[key]];
}

static void paint(const struct match_range *ranges, size_t count,
                  struct minutes_brush *brush)
{
    const struct match_range *end = ranges + count;
    const int64_t minutes = brush->count;

    for (const struct match_range *range = ranges; range < end; range++) {
        struct minutes_layer *layer = layer_of(range, brush);
        int64_t from = range->start - layer->before;
        int64_t until = range->end + layer->after;
        /* What touches or overlaps the last one goes on where that ended. */
        from = from < layer->reached ? layer->reached : from;
        from = from > minutes ? minutes : from;
        until = until > minutes ? minutes : until;
        until = until < from ? from : until;
        layer->reached = until;
        layer->words[from / 64] ^= (uint64_t)1 << (from % 64);
        layer->words[until / 64] ^= (uint64_t)1 << (until % 64);
    }
}

/* In each word: bit i becomes the parity of bits 0 to i. */
#define FILL_WORDS(words)                                                              \
    do {                                                                               \
        (words) ^= (words) << 1;                                                       \
        (words) ^= (words) << 2;                                                       \
        (words) ^= (words) << 4;                                                       \
        (words) ^= (words) << 8;                                                       \
        (words) ^= (words) << 16;                                                      \
        (words) ^= (words) << 32;                                                      \
    } while (0)

static void fill(uint64_t *words, size_t count)
{
    uint64_t carry = 0;
    size_t i = 0;

#if defined(__AVX512DQ__)
    typedef uint64_t eight __attribute__((vector_size(64), may_alias, aligned(8)));
    uint32_t inside = 0; /* all ones if the last minute so far is in the set */

    for (; i + 8 <= count; i += 8) {
        eight *at = (eight *)(void *)(words + i);
        eight filled = *at;
        FILL_WORDS(filled);
        uint32_t turns = _mm512_movepi64_mask((__m512i)filled);
        turns ^= turns << 1;
        turns ^= turns << 2;
        turns ^= turns << 4;
        turns ^= inside;
        *at = filled ^ (eight)_mm512_movm_epi64((__mmask8)(turns << 1 | (inside & 1)));
        inside = 0 - (turns >> 7 & 1);
    }
    carry = 0 - (uint64_t)(inside & 1);
#endif
    for (size_t at = i; at < count; at++) {
        uint64_t word = words[at];
        FILL_WORDS(word);
        words[at] = word;
    }
    for (; i < count; i++) {
        words[i] ^= carry;
        carry = 0 - (words[i] >> 63);
    }
}

static void join(uint64_t *restrict set, const uint64_t *restrict other, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        set[i] |= other[i];
    }
}

/* @from and what lies @by minutes after it, into @to. */
static void both(const uint64_t *restrict from, uint64_t *restrict to, size_t count,
                 int32_t by)
{
    const uint64_t *later = from + by / 64;
    int shift = by % 64;

    for (size_t i = 0; i < count; i++) {
        to[i] = from[i] & (later[i] >> shift | later[i + 1] << 1 << (63 - shift));
    }
}

static void either(const uint64_t *restrict from, uint64_t *restrict to, size_t count,
                   int32_t by)
{
    const uint64_t *later = from + by / 64;
    int shift = by % 64;

    for (size_t i = 0; i < count; i++) {
        to[i] = from[i] | later[i] >> shift | later[i + 1] << 1 << (63 - shift);
    }
}

static uint64_t *stretch(uint64_t *set, uint64_t *other, size_t count, int32_t length,
                         void (*step)(const uint64_t *restrict, uint64_t *restrict,
                                      size_t, int32_t))
{
    int32_t reach = 1;

    for (size_t i = count; i < count + MINUTES_GUARD; i++) {
        set[i] = 0;
        other[i] = 0;
    }
    while (reach < length) {
        int32_t by = length - reach < reach ? length - reach : reach;
        step(set, other, count, by);
        uint64_t *swapped = set;
        set = other;
        other = swapped;
        reach += by;
    }
    return set;
}

static uint64_t *throughout(uint64_t *set, uint64_t *other, size_t count,
                            int32_t length)
{
    return stretch(set, other, count, length, both);
}

static uint64_t *anywhere(uint64_t *set, uint64_t *other, size_t count, int32_t length)
{
    return stretch(set, other, count, length, either);
}

/* The bits of @word that are in @mask, pressed together. */
static inline uint64_t press(uint64_t word, uint64_t mask)
{
#if defined(__BMI2__)
    return _pext_u64(word, mask);
#else
    uint64_t pressed = 0;

    for (word &= mask; word != 0; word &= word - 1) {
        uint64_t before = (word & (0 - word)) - 1;
        pressed |= (uint64_t)1 << __builtin_popcountll(mask & before);
    }
    return pressed;
#endif
}

static void sample(const uint64_t *set, const uint64_t *marks, size_t count,
                   uint64_t *ret_plane)
{
    size_t place = 0;
    uint64_t word = 0;

    for (size_t i = 0; i < count; i++) {
        if (marks[i] == 0) {
            continue;
        }
        uint64_t found = press(set[i], marks[i]);
        size_t next = place + (size_t)__builtin_popcountll(marks[i]);
        bool is_full = next / 64 != place / 64;
        word |= found << (place % 64);
        ret_plane[place / 64] = word;
        word = is_full ? found >> 1 >> (63 - place % 64) : word;
        place = next;
    }
    if (place % 64 != 0) {
        ret_plane[place / 64] = word;
    }
}

const struct minutes_kernel MINUTES_KERNEL = {
    .paint = paint,
    .fill = fill,
    .join = join,
    .throughout = throughout,
    .anywhere = anywhere,
    .sample = sample,
};

#endif
