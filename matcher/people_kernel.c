// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_kernel.h"

#include "matcher/kernel.h"

static void all(const struct people_lines *lines, const uint64_t *within,
                uint64_t *ret_line)
{
    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t word = within != NULL ? within[w] : UINT64_MAX;
        for (size_t i = 0; i < lines->count; i++) {
            word &= lines->base[lines->offsets[i] + w];
        }
        ret_line[w] = word;
    }
}

static size_t count(const uint64_t *line)
{
    size_t sum = 0;

    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        for (uint64_t word = line[w]; word != 0; word &= word - 1) {
            sum++;
        }
    }
    return sum;
}

static size_t ids(const uint64_t *line, uint32_t first, uint32_t *ret_ids)
{
    size_t sum = 0;

    for (uint32_t w = 0; w < PEOPLE_WORDS; w++) {
        for (uint64_t word = line[w]; word != 0; word &= word - 1) {
            ret_ids[sum] = first + w * 64 + (uint32_t)__builtin_ctzll(word);
            sum++;
        }
    }
    return sum;
}

const struct people_kernel people_scalar = {
    .all = all,
    .count = count,
    .ids = ids,
};

const struct people_kernel *people_kernel_current(void)
{
    switch (match_kernel_in_use()) {
#if defined(__x86_64__)
    case MATCH_KERNEL_SSE4:
        return &people_x86_v2;
    case MATCH_KERNEL_AVX2:
        return &people_avx2;
    case MATCH_KERNEL_AVX512:
        return &people_avx512;
    case MATCH_KERNEL_NEON:
#elif defined(__aarch64__) && defined(__ARM_NEON)
    case MATCH_KERNEL_NEON:
        return &people_neon;
    case MATCH_KERNEL_SSE4:
    case MATCH_KERNEL_AVX2:
    case MATCH_KERNEL_AVX512:
#else
    case MATCH_KERNEL_SSE4:
    case MATCH_KERNEL_AVX2:
    case MATCH_KERNEL_AVX512:
    case MATCH_KERNEL_NEON:
#endif
    case MATCH_KERNEL_AUTO:
    case MATCH_KERNEL_SCALAR:
        break;
    }
    return &people_scalar;
}
