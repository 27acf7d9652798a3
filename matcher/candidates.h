// SPDX-License-Identifier: Apache-2.0

/*
 * candidates.h - the starts that a request's own limits allow
 *
 * Windows, notice, grid, weekdays and times of day, or the slots picked by hand;
 * nothing about the parties.
 *
 * Units       minute_t.
 *
 * Invariant   A list of starts ascends strictly: one candidate per start.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_CANDIDATES_H
#define MATCHER_CANDIDATES_H

#include "matcher/interval_set.h"
#include "matcher/request.h"

/* What candidates_list needs beside the list itself. */
struct candidates_scratch {
    struct interval_set allowed; /* room for candidates_allowed_bound() */
    struct interval_set windows; /* room for candidates_windows_bound() */
    struct interval_set starts;  /* room for both of these together */
};

/* The bounds below hold for a request that has passed check_limits and check_windows.
 */
size_t candidates_bound(const struct match_request *request);
size_t candidates_allowed_bound(const struct match_request *request);
size_t candidates_windows_bound(const struct match_request *request);

/*
 * Store the starts in @ret_starts, which has room for candidates_bound(); how many.
 *
 * Cannot fail.  Linear in the days of the windows and the starts found.
 */
size_t candidates_list(const struct match_request *request,
                       struct candidates_scratch *scratch, minute_t *ret_starts);

/*
 * The first index at or after @from whose start is not below @at; @count if there is
 * none.  Logarithmic in the distance, so that walking a list with it is never slower
 * than linear.
 */
size_t candidates_seek(const minute_t *starts, size_t count, size_t from, minute_t at);

/* The earliest start of the windows or picked slots; @otherwise if there is none. */
minute_t candidates_earliest(const struct match_request *request, minute_t otherwise);

#endif
