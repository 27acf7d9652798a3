// SPDX-License-Identifier: Apache-2.0

/*
 * recorded.h - the same request with everybody's time as a record, and every kernel
 *
 * Ownership   The changed request is kept until the next call.
 *
 * Threads     None.
 */
#ifndef TESTS_MATCHER_RECORDED_H
#define TESTS_MATCHER_RECORDED_H

#include "matcher/request.h"

/* NULL if somebody says more than a record holds.  What shape the records have changes
 * from call to call. */
const struct match_request *recorded_request(const struct match_request *request);

/* The request that recorded_request() gave last, with the ranges that the records say in
 * the place of the records. */
const struct match_request *recorded_again(void);

size_t recorded_kernel_count(void);

/* Use the kernel of this number; its name, or NULL if it is not available here. */
const char *recorded_use_kernel(size_t number);

void recorded_use_best_kernel(void);

#endif
