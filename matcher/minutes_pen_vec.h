// SPDX-License-Identifier: Apache-2.0

/*
 * minutes_pen_vec.h - the part of minutes_pen.h for vectors
 */
#ifndef MATCHER_MINUTES_PEN_VEC_H
#define MATCHER_MINUTES_PEN_VEC_H

#include "matcher/minutes.h"

#if defined(__AVX2__)
#include <immintrin.h>

#if defined(__AVX512F__)

struct pen {
    __m512i floor; /* the first minute of the run */
    __m512i reach; /* the one after its last */
    __m512i inset;
    __m512i longer;
    __m512i drawn; /* all that is in the word so far */
    int64_t base;  /* the first minute of the word */
    uint64_t *at;
    int64_t last; /* minute of all words */
};

static inline __m512i pen_lengths(const int32_t *lengths)
{
    return _mm512_cvtepi32_epi64(_mm256_loadu_si256((const void *)lengths));
}

static inline void pen_begin(struct pen *pen, const struct minutes_brush *brush,
                             uint64_t *words, size_t word_count)
{
    pen->floor = pen->reach = _mm512_set1_epi64(INT64_MIN / 2);
    pen->inset = pen_lengths(brush->inset);
    pen->longer = pen_lengths(brush->longer);
    pen->drawn = _mm512_loadu_si512(words);
    pen->base = 0;
    pen->at = words;
    pen->last = (int64_t)word_count * 64 - 1;
}

/* @words further on; 0 or 1 if nothing has been painted there before. */
static inline void pen_turn(struct pen *pen, bool is_first, int64_t words)
{
    pen->base += words * 64;
    pen->at += words * MINUTES_LANES;
    pen->drawn = is_first ? _mm512_maskz_mov_epi64((__mmask8)(words - 1), pen->drawn)
                          : _mm512_loadu_si512(pen->at);
}

/* Put what of the runs lies in the word there. */
static inline void pen_draw(struct pen *pen)
{
    const __m512i none = _mm512_setzero_si512();
    const __m512i ones = _mm512_set1_epi64(-1);
    const __m512i base = _mm512_set1_epi64(pen->base);
    __m512i low = _mm512_max_epi64(_mm512_sub_epi64(pen->floor, base), none);
    __m512i high = _mm512_max_epi64(_mm512_sub_epi64(pen->reach, base), none);

    pen->drawn =
        _mm512_or_si512(pen->drawn, _mm512_andnot_si512(_mm512_sllv_epi64(ones, high),
                                                        _mm512_sllv_epi64(ones, low)));
}

static inline void pen_store(const struct pen *pen)
{
    _mm512_storeu_si512(pen->at, pen->drawn);
}

/* Whether a run reaches beyond the word. */
static inline bool pen_goes_on(const struct pen *pen)
{
    return _mm512_cmpgt_epi64_mask(pen->reach, _mm512_set1_epi64(pen->base + 64)) != 0;
}

/* [@from, @until), which begins in the word or before it, becomes part of the runs in
 * @lanes. */
static inline void pen_join(struct pen *pen, unsigned lanes, int64_t from,
                            int64_t until)
{
    __m512i begin = _mm512_set1_epi64(from);
    __m512i end = _mm512_add_epi64(_mm512_set1_epi64(until), pen->longer);
    __mmask8 fresh = _mm512_mask_cmpgt_epi64_mask((__mmask8)lanes, begin, pen->reach);

    pen->floor = _mm512_mask_add_epi64(pen->floor, fresh, begin, pen->inset);
    pen->reach = _mm512_mask_max_epi64(pen->reach, (__mmask8)lanes, pen->reach, end);
}

#else

struct pen {
    __m256i floor; /* of all lanes, 32 bits each */
    __m256i reach;
    __m256i inset;
    __m256i longer;
    __m256i drawn[2]; /* words of four lanes each */
    int64_t base;
    uint64_t *at;
    int64_t last;
};

/* What begins or ends further away than this is the same in all words. */
enum { PEN_BEFORE = -4 * MATCH_DURATION_MAX, PEN_AFTER = INT32_MAX / 2 };

static inline void pen_load(struct pen *pen)
{
    pen->drawn[0] = _mm256_loadu_si256((const void *)pen->at);
    pen->drawn[1] = _mm256_loadu_si256((const void *)(pen->at + 4));
}

static inline void pen_begin(struct pen *pen, const struct minutes_brush *brush,
                             uint64_t *words, size_t word_count)
{
    pen->floor = pen->reach = _mm256_set1_epi32(2 * PEN_BEFORE);
    pen->inset = _mm256_loadu_si256((const void *)brush->inset);
    pen->longer = _mm256_loadu_si256((const void *)brush->longer);
    pen->base = 0;
    pen->at = words;
    pen->last = (int64_t)word_count * 64 - 1;
    pen_load(pen);
}

static inline void pen_turn(struct pen *pen, bool is_first, int64_t words)
{
    pen->base += words * 64;
    pen->at += words * MINUTES_LANES;
    if (is_first) {
        const __m256i kept = _mm256_set1_epi64x(words - 1);
        pen->drawn[0] = _mm256_and_si256(pen->drawn[0], kept);
        pen->drawn[1] = _mm256_and_si256(pen->drawn[1], kept);
    } else {
        pen_load(pen);
    }
}

static inline __m256i pen_between(__m128i low, __m128i high)
{
    const __m256i ones = _mm256_set1_epi64x(-1);
    return _mm256_andnot_si256(_mm256_sllv_epi64(ones, _mm256_cvtepi32_epi64(high)),
                               _mm256_sllv_epi64(ones, _mm256_cvtepi32_epi64(low)));
}

static inline void pen_draw(struct pen *pen)
{
    const __m256i none = _mm256_setzero_si256();
    const __m256i base = _mm256_set1_epi32((int32_t)pen->base);
    __m256i low = _mm256_max_epi32(_mm256_sub_epi32(pen->floor, base), none);
    __m256i high = _mm256_max_epi32(_mm256_sub_epi32(pen->reach, base), none);

    pen->drawn[0] =
        _mm256_or_si256(pen->drawn[0], pen_between(_mm256_castsi256_si128(low),
                                                   _mm256_castsi256_si128(high)));
    pen->drawn[1] =
        _mm256_or_si256(pen->drawn[1], pen_between(_mm256_extracti128_si256(low, 1),
                                                   _mm256_extracti128_si256(high, 1)));
}

static inline void pen_store(const struct pen *pen)
{
    _mm256_storeu_si256((void *)pen->at, pen->drawn[0]);
    _mm256_storeu_si256((void *)(pen->at + 4), pen->drawn[1]);
}

static inline bool pen_goes_on(const struct pen *pen)
{
    const __m256i next = _mm256_set1_epi32((int32_t)pen->base + 64);
    return _mm256_movemask_epi8(_mm256_cmpgt_epi32(pen->reach, next)) != 0;
}

static inline int32_t pen_clamp(int64_t minute)
{
    minute = minute < PEN_BEFORE ? PEN_BEFORE : minute;
    return (int32_t)(minute > PEN_AFTER ? PEN_AFTER : minute);
}

static inline void pen_join(struct pen *pen, unsigned lanes, int64_t from,
                            int64_t until)
{
    const __m256i bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    __m256i in = _mm256_cmpeq_epi32(
        _mm256_and_si256(_mm256_set1_epi32((int32_t)lanes), bits), bits);
    __m256i begin = _mm256_set1_epi32(pen_clamp(from));
    __m256i end = _mm256_add_epi32(_mm256_set1_epi32(pen_clamp(until)), pen->longer);
    __m256i fresh = _mm256_and_si256(in, _mm256_cmpgt_epi32(begin, pen->reach));

    pen->floor =
        _mm256_blendv_epi8(pen->floor, _mm256_add_epi32(begin, pen->inset), fresh);
    pen->reach = _mm256_blendv_epi8(pen->reach, _mm256_max_epi32(pen->reach, end), in);
}

#endif

/* Go on to the word of @minute. */
static void pen_go_on(struct pen *pen, int64_t minute)
{
    pen_store(pen);
    while (minute >= pen->base + 64) {
        int64_t words = pen_goes_on(pen) ? 1 : (minute - pen->base) / 64;
        pen_turn(pen, false, words);
        pen_draw(pen);
        pen_store(pen);
    }
}

static inline void pen_add(struct pen *pen, bool is_first, unsigned lanes, int64_t from,
                           int64_t until)
{
    /* To the next word, or not; seldom further. */
    pen_turn(pen, is_first, from >= pen->base + 64);
    pen_draw(pen);
    if (from >= pen->base + 64) {
        pen_go_on(pen, from);
    }
    pen_join(pen, lanes, from, until);
    pen_draw(pen);
    pen_store(pen);
}

static inline void pen_end(struct pen *pen)
{
    pen_go_on(pen, pen->last);
}

#endif

#endif
