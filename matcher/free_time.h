// SPDX-License-Identifier: Apache-2.0

/*
 * free_time.h - the time of one person, for those who show it: known, busy, free
 *
 * The Rules of request.h, as sets:
 *
 *     known     ..################..     one span: where all coverages overlap
 *     offered   ....##########......     free ranges that the request admits
 *     busy      ......###...........     busy, tentative, claims; widened by buffers
 *     free      ....##...####.......     known, offered, and not busy
 *
 * Units       minute_t.
 *
 * Ownership   The sets borrow the arrays that the caller gave them.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_FREE_TIME_H
#define MATCHER_FREE_TIME_H

#include "matcher/interval_set.h"
#include "matcher/slot.h"

struct free_time {
    struct match_span known; /* start >= end: nothing is known */
    struct interval_set busy;
    struct interval_set free;
};

/* Sets that a computation may overwrite; each with room for free_time_bound() ranges of
 * the largest party. */
struct free_time_scratch {
    struct interval_set offered;
    struct interval_set order;
};

/* The most ranges that any set of @party can have before it is made canonical, and that
 * busy and free together can have after. */
size_t free_time_bound(const struct match_party *party);

/*
 * Store what is known, busy and free of @party during @within in @ret_time, whose sets
 * each have room for free_time_bound() ranges.  Outside @within the answer is not
 * complete.
 *
 * Cannot fail.  Linear in the party's ranges for one source, times the logarithm of the
 * number of sources for several.
 */
void free_time_of(const struct match_request *request, const struct match_party *party,
                  struct match_span within, struct free_time_scratch *scratch,
                  struct free_time *ret_time);

/* The part of @a that is in @b too; empty (start >= end) if there is none. */
struct match_span free_time_overlap(struct match_span a, struct match_span b);

#endif
