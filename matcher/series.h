// SPDX-License-Identifier: Apache-2.0

/*
 * series.h - the occurrences of a meeting that is held again and again
 *
 * match_occurrence() of slot.h is here, too.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_SERIES_H
#define MATCHER_SERIES_H

#include "matcher/request.h"

/* How many occurrences a slot of @request has. */
static inline size_t series_length(const struct match_request *request)
{
    return request->occurrences > 1 ? request->occurrences : 1;
}

/* How many days lie, at most, between the first and the last occurrence. */
int64_t series_days(const struct match_request *request);

/* Whether all occurrences but the first of @start exist and lie where the weekdays, times
 * of day and closed days of @request allow; for a picked start closed days only. */
bool series_allows(const struct match_request *request, minute_t start);

#endif
