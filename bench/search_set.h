// SPDX-License-Identifier: Apache-2.0

/*
 * search_set.h - the questions of a cell as the matcher's own requests
 *
 * Ownership   Requests point into the set and into the cell's population.
 */
#ifndef BENCH_SEARCH_SET_H
#define BENCH_SEARCH_SET_H

#include "bench/method.h"
#include "matcher/slot.h"

enum { CLOCK_AHEAD = 120 /* minutes: summer in France */ };

struct search_set {
    const struct bench_cell *cell;
    struct match_request *requests;
    struct match_party *parties; /* cell->parties for each request */
    struct match_span window;
    struct match_offset clock;
    void *workspace;
    size_t workspace_size;
    struct match_result *result;
};

/* Requests for all windows of @cell, or for its best starts, by record or by source. */
void search_set_init(struct search_set *set, const struct bench_cell *cell,
                     bool by_record);
void search_set_finish(struct search_set *set);

#endif
