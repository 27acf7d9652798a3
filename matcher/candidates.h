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
    size_t capacity;
};

/* What candidates_list needs beside the list itself. */
struct candidates_scratch {
    struct interval_set allowed; /* each with room for as many as the bounds say */
    struct interval_set windows;
    struct interval_set starts; /* room for both of these together */
};

/* How much there can be of what a request allows. */
struct candidates_bounds {
    size_t starts;
    int64_t reach; /* minutes between any two of them */
    size_t windows;
    size_t allowed;
};

/* Of a request that has passed check_limits and check_windows. */
void candidates_find_bounds(const struct match_request *request,
                            struct candidates_bounds *ret_bounds);

/*
 * Store the starts in @list, which has room for as many as the bounds say.
 *
 * Cannot fail.  Linear in the days of the windows and the starts found.
 */
void candidates_list(const struct match_request *request,
                     struct candidates_scratch *scratch, struct candidates *list);

/* Add the starts of the windows that lie in @within, all of which come behind those that
 * are listed.  Not where slots are picked by hand.  Linear in the windows and in the days
 * of @within. */
void candidates_add(const struct match_request *request, struct match_span within,
                    struct candidates_scratch *scratch, struct candidates *list);

/* Civil minutes between two starts that may be. */
static inline int32_t candidates_grid(const struct match_request *request)
{
    enum { USUAL = 15 };
    return request->grid > 0 ? request->grid : USUAL;
}

/* The earliest start of the windows or picked slots; @otherwise if there is none. */
minute_t candidates_earliest(const struct match_request *request, minute_t otherwise);

#endif
