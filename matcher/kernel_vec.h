// SPDX-License-Identifier: Apache-2.0

/*
 * kernel_vec.h - vectors of words, of the width that kernel_body.h is compiled for
 */
#ifndef MATCHER_KERNEL_VEC_H
#define MATCHER_KERNEL_VEC_H

#include <stddef.h>
#include <stdint.h>

#ifndef KERNEL_BYTES /* when somebody looks at this file alone */
#define KERNEL_BYTES 16
#define KERNEL_NAME kernel_x86_v2
#endif

#if KERNEL_BYTES == 64 || defined(__SSE4_1__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline, unused))

/* A vector of words, and one that may lie anywhere. */
typedef uint64_t vec __attribute__((vector_size(KERNEL_BYTES), may_alias));
typedef uint64_t vec_any
    __attribute__((vector_size(KERNEL_BYTES), may_alias, aligned(1)));

enum {
    LANES = KERNEL_BYTES / 8,
    PARTS = 64 / KERNEL_BYTES, /* vectors for the 64 bytes from a day on */
};

INLINE vec load(const uint64_t *from)
{
    return *(const vec *)(const void *)from; /* aligned, as a record's ring is */
}

/* @at, of which the compiler does not know where it comes from: it would otherwise keep
 * a register for each multiple that is added to it. */
INLINE const uint64_t *plain(const uint64_t *at)
{
    __asm__("" : "+r"(at));
    return at;
}

INLINE vec load_any(const void *from)
{
    return *(const vec_any *)from;
}

INLINE void store_any(uint64_t *to, vec x)
{
    *(vec_any *)(void *)to = x;
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

#endif
