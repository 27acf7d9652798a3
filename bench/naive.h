// SPDX-License-Identifier: Apache-2.0

/*
 * naive.h - the loop that one writes first, as the yardstick of the slot search
 *
 * For every start on the grid, for every person, look through the ranges; then rank
 * what is left.  It takes requests whose parties are all indispensable, with one source
 * of free, declared, neutral ranges, no claims and no buffers; one window; no limits on
 * weekdays or times of day.  It does not say who blocks.
 */
#ifndef BENCH_NAIVE_H
#define BENCH_NAIVE_H

#include "matcher/request.h"

/* The starts of the best slots, best first, into @ret (room for request->wanted);
 * returns how many there are. */
size_t naive_search(const struct match_request *request, minute_t *ret);

#endif
