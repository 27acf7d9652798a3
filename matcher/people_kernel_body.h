// SPDX-License-Identifier: Apache-2.0

/*
 * people_kernel_body.h - the innermost loops over vectors of PEOPLE_BYTES bytes
 *
 * Included once by people_kernel_x86_v2.c, people_kernel_avx2.c, people_kernel_avx512.c
 * and people_kernel_neon.c, each compiled for its instruction set; they define
 * PEOPLE_BYTES and PEOPLE_KERNEL.
 */
#ifndef MATCHER_PEOPLE_KERNEL_BODY_H
#define MATCHER_PEOPLE_KERNEL_BODY_H

#include "matcher/people_kernel.h"

/* So that the header compiles alone. */
#ifndef PEOPLE_BYTES
#define PEOPLE_BYTES 16
#define PEOPLE_KERNEL people_of_nobody
#endif

#if PEOPLE_BYTES >= 32
#include <immintrin.h>
#endif

/* A vector of words, and one that may lie anywhere. */
typedef uint64_t vec __attribute__((vector_size(PEOPLE_BYTES), may_alias));
typedef uint64_t vec_any
    __attribute__((vector_size(PEOPLE_BYTES), may_alias, aligned(8)));

enum {
    LANES = PEOPLE_BYTES / 8,
    STRIP = 8, /* vectors that are worked on at once: they fit the registers */
    STRIP_WORDS = STRIP * LANES,
};

static inline __attribute__((always_inline)) void
all_of_strip(const struct people_lines *lines, size_t at, const uint64_t *within,
             uint64_t *ret_line)
{
    vec sum[STRIP];

    const vec *first =
        (const vec *)(const void *)(lines->base + lines->offsets[0] + at);
    for (size_t v = 0; v < STRIP; v++) {
        sum[v] = first[v];
    }
    for (size_t i = 1; i < lines->count; i++) {
        const vec *line =
            (const vec *)(const void *)(lines->base + lines->offsets[i] + at);
        for (size_t v = 0; v < STRIP; v++) {
            sum[v] &= line[v];
        }
    }
    if (within != NULL) {
        const vec_any *mask = (const vec_any *)(const void *)(within + at);
        for (size_t v = 0; v < STRIP; v++) {
            sum[v] &= mask[v];
        }
    }
    vec_any *ret = (vec_any *)(void *)(ret_line + at);
    for (size_t v = 0; v < STRIP; v++) {
        ret[v] = sum[v];
    }
}

static void all(const struct people_lines *lines, const uint64_t *within,
                uint64_t *ret_line)
{
    if (lines->next != NULL) {
        people_lines_fetch(lines, lines->next);
    }
    for (size_t at = 0; at < PEOPLE_WORDS; at += STRIP_WORDS) {
        all_of_strip(lines, at, within, ret_line);
    }
}

#if PEOPLE_BYTES == 64

/* Sixteen bits at a time: their numbers, pressed together. */
static size_t ids(const uint64_t *line, uint32_t first, uint32_t *ret_ids)
{
    const __m512i count_up =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i numbers = _mm512_add_epi32(count_up, _mm512_set1_epi32((int)first));
    uint32_t *to = ret_ids;

    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t word = line[w];
        for (int part = 0; part < 4; part++) {
            __mmask16 bits = (__mmask16)(word >> 16 * part);
            __m512i found = _mm512_maskz_compress_epi32(bits, numbers);
            _mm512_storeu_si512(to, found);
            to += __builtin_popcountll((uint64_t)bits);
            numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(16));
        }
    }
    return (size_t)(to - ret_ids);
}

#else

/* Four numbers at a time whether there are so many or not: fewer branches go wrong. */
static size_t ids(const uint64_t *line, uint32_t first, uint32_t *ret_ids)
{
    uint32_t *to = ret_ids;

    for (uint32_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t word = line[w];
        uint32_t base = first + w * 64;
        int left = __builtin_popcountll(word);
        uint32_t *end = to + left;
        while (left > 0) {
            for (size_t i = 0; i < 4; i++) {
                to[i] = base + (uint32_t)__builtin_ctzll(word | 1ULL << 63);
                word &= word - 1;
            }
            to += 4;
            left -= 4;
        }
        to = end;
    }
    return (size_t)(to - ret_ids);
}

#endif

#if PEOPLE_BYTES >= 32

#if PEOPLE_BYTES == 64
#define SHUFFLE(table, index)                                                          \
    ((vec)_mm512_shuffle_epi8((__m512i)(table), (__m512i)(index)))
#define SUM_BYTES(x) ((vec)_mm512_sad_epu8((__m512i)(x), _mm512_setzero_si512()))
#else
#define SHUFFLE(table, index)                                                          \
    ((vec)_mm256_shuffle_epi8((__m256i)(table), (__m256i)(index)))
#define SUM_BYTES(x) ((vec)_mm256_sad_epu8((__m256i)(x), _mm256_setzero_si256()))
#endif

/* Every half byte's count is looked up; no byte of the sum gets beyond 128. */
static size_t count(const uint64_t *line)
{
    typedef uint8_t bytes __attribute__((vector_size(PEOPLE_BYTES)));
    const uint64_t low_counts = 0x0302020102010100;
    const uint64_t high_counts = 0x0403030203020201;
    vec table;
    bytes sum = {0};
    size_t total = 0;

    for (size_t i = 0; i < LANES; i++) {
        table[i] = i % 2 == 0 ? low_counts : high_counts;
    }
    for (size_t w = 0; w < PEOPLE_WORDS; w += LANES) {
        vec x = *(const vec_any *)(const void *)(line + w);
        sum += (bytes)SHUFFLE(table, x & 0x0f0f0f0f0f0f0f0f);
        sum += (bytes)SHUFFLE(table, x >> 4 & 0x0f0f0f0f0f0f0f0f);
    }
    vec sums = SUM_BYTES(sum);
    for (size_t i = 0; i < LANES; i++) {
        total += sums[i];
    }
    return total;
}

#else

static size_t count(const uint64_t *line)
{
    size_t sum = 0;

    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        sum += (size_t)__builtin_popcountll(line[w]);
    }
    return sum;
}

#endif

const struct people_kernel PEOPLE_KERNEL = {
    .all = all,
    .count = count,
    .ids = ids,
};

#endif
