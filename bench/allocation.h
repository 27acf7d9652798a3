// SPDX-License-Identifier: Apache-2.0

/*
 * allocation.h - how often this program has asked for memory
 *
 * malloc and its like are replaced in the whole program, the C library's own calls
 * included, by some that count.  Under AddressSanitizer, which replaces them itself,
 * nothing is counted.
 */
#ifndef BENCH_ALLOCATION_H
#define BENCH_ALLOCATION_H

#include <stdbool.h>
#include <stdint.h>

bool allocation_is_counted(void);

/* Calls of malloc, calloc, realloc and aligned_alloc so far, of this thread. */
uint64_t allocation_count(void);

#endif
