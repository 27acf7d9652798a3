// SPDX-License-Identifier: Apache-2.0

/*
 * kernel.h - which instruction set the innermost loops use
 *
 * Invariant   Every kernel gives bit for bit what the scalar one gives, only sooner.
 *
 * Threads     The kernel in use is the only state that searches share.  It is chosen by
 *             the first question, from what the processor can do; forcing another one is
 *             meant for measuring and for tests, and must not happen while somebody
 *             searches.
 */
#ifndef MATCHER_KERNEL_H
#define MATCHER_KERNEL_H

#include <stdbool.h>

enum match_kernel {
    MATCH_KERNEL_AUTO = 0, /* the fastest one that is available here */
    MATCH_KERNEL_SCALAR = 1,
    MATCH_KERNEL_SSE4 = 2, /* x86-64-v2 */
    MATCH_KERNEL_AVX2 = 3,
    MATCH_KERNEL_AVX512 = 4, /* F, BW, DQ and VL */
    MATCH_KERNEL_NEON = 5,
};

/* Whether it was compiled in and the processor can run it. */
bool match_kernel_available(enum match_kernel kernel);

/* Never MATCH_KERNEL_AUTO. */
enum match_kernel match_kernel_in_use(void);

/* Use @kernel from now on; false, and nothing changes, if it is not available. */
bool match_kernel_force(enum match_kernel kernel);

/* "auto", "scalar", "x86-64-v2", "avx2", "avx512", "neon".  Never NULL. */
const char *match_kernel_name(enum match_kernel kernel);

/* The kernel of that name; false if there is none. */
bool match_kernel_find(const char *name, enum match_kernel *ret_kernel);

#endif
