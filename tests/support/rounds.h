// SPDX-License-Identifier: Apache-2.0

/*
 * rounds.h - how often a repeated test repeats itself
 */
#ifndef TESTS_SUPPORT_ROUNDS_H
#define TESTS_SUPPORT_ROUNDS_H

#include <stddef.h>
#include <stdlib.h>

/* @usual rounds; under valgrind, which is some thirty times slower, a twentieth. */
static inline size_t rounds_of(size_t usual)
{
    enum { SLOWER = 20 };
    return getenv("ENTENTE_TEST_VALGRIND") == NULL ? usual : usual / SLOWER + 1;
}

#endif
