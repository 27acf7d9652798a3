// SPDX-License-Identifier: Apache-2.0

/*
 * blame.h - who, together, leaves no start at all
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_BLAME_H
#define MATCHER_BLAME_H

#include "matcher/explain.h"

/* Starts and options, one after the other, which the same indispensable parties could
 * attend: bit i for party i. */
struct blame_run {
    uint64_t attends;
    uint32_t count;
};

/* Room for as many runs as there are starts and options. */
struct blame_sheet {
    struct blame_run *runs;
    size_t count;
};

/* One start more, with one option. */
void blame_add(struct blame_sheet *sheet, uint64_t attends);

/*
 * Store the smallest set of indispensable parties that shuts out every start of @sheet in
 * ret_why->blocking, its count and whether it is exact.  Of several that are equally
 * small, the one with the smallest ids; parties are listed by ascending id (index, where
 * ids are equal).
 *
 * No run has all the indispensable parties, and there is at least one.  The runs are put
 * into another order.
 *
 * Cannot fail.  With P parties and M runs, P * P * M steps at worst; a pair of parties
 * that does not belong to a blocking set is as a rule discarded after a few.
 */
void blame_find_blocking(const struct match_request *request, struct blame_sheet *sheet,
                         struct match_why *ret_why);

#endif
