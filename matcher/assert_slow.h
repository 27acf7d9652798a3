// SPDX-License-Identifier: Apache-2.0

/*
 * assert_slow.h - asserts that cost as much as the work they guard: test builds only
 */
#ifndef MATCHER_ASSERT_SLOW_H
#define MATCHER_ASSERT_SLOW_H

#include <assert.h>

#if defined(ENTENTE_TEST_BUILD)
#define assert_slow(condition) assert(condition)
#else
#define assert_slow(condition) ((void)0)
#endif

#endif
