// SPDX-License-Identifier: Apache-2.0
#include "matcher/minutes.h"

#include "matcher/kernel.h"

#define MINUTES_KERNEL minutes_plain
#include "matcher/minutes_body.h"

const struct minutes_kernel *minutes_kernel_current(void)
{
    switch (match_kernel_in_use()) {
#if defined(__x86_64__)
    case MATCH_KERNEL_SSE4:
        return &minutes_x86_v2;
    case MATCH_KERNEL_AVX2:
        return &minutes_avx2;
    case MATCH_KERNEL_AVX512:
        return &minutes_avx512;
#else
    case MATCH_KERNEL_SSE4:
    case MATCH_KERNEL_AVX2:
    case MATCH_KERNEL_AVX512:
#endif
    case MATCH_KERNEL_NEON:
    case MATCH_KERNEL_AUTO:
    case MATCH_KERNEL_SCALAR:
        break;
    }
    return &minutes_plain;
}
