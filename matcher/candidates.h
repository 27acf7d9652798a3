// SPDX-License-Identifier: Apache-2.0

/*
 * candidates.h - the starts that a request's own limits allow
 *
 * Windows, notice, grid, weekdays, times of day, closed days and the occurrences of a
 * series, or the slots picked by hand; nothing about the parties.
 *
 * Units       minute_t.
 *
 * Invariant   The starts ascend strictly: one candidate per start.
 *
 * Ownership   The arrays are the caller's.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_CANDIDATES_H
#define MATCHER_CANDIDATES_H

#include "matcher/interval_set.h"
#include "matcher/request.h"

struct candidates {
    minute_t *starts;
    size_t count;
};

/* What candidates_list needs beside the list itself. */
struct candidates_scratch {
    struct interval_set allowed; /* room for candidates_allowed_bound() */
    struct interval_set windows; /* room for candidates_windows_bound() */
    struct interval_set starts;  /* room for both of these together */
};

/* The bounds below hold for a request that has passed check_limits and check_windows.
 */
size_t candidates_bound(const struct match_request *request);
int64_t candidates_reach_bound(const struct match_request *request); /* minutes between
                                                                        any two */
size_t candidates_allowed_bound(const struct match_request *request);
size_t candidates_windows_bound(const struct match_request *request);

/*
 * Store the starts in @ret_list, which has room for candidates_bound() of them.
 *
 * Cannot fail.  Linear in the days of the windows and the starts found.
 */
void candidates_list(const struct match_request *request,
                     struct candidates_scratch *scratch, struct candidates *ret_list);

/* The earliest start of the windows or picked slots; @otherwise if there is none. */
minute_t candidates_earliest(const struct match_request *request, minute_t otherwise);

#endif
