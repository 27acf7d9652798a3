// SPDX-License-Identifier: Apache-2.0

/*
 * sieve_runs.h - the starts that the sieve leaves, as runs
 *
 * Units       minute_t; the steps of sieve.h.
 *
 * Threads     No shared state but which kernel is in use.
 */
#ifndef MATCHER_SIEVE_RUNS_H
#define MATCHER_SIEVE_RUNS_H

#include "matcher/common.h"
#include "matcher/sieve.h"

/* The runs as long as can be, ascending, at most @capacity into @ret_runs; how many there
 * are. */
size_t sieve_runs(const struct sieve_ask *ask, struct match_run *ret_runs,
                  size_t capacity);

#endif
