// SPDX-License-Identifier: Apache-2.0

/*
 * calendar.h - the civil clock of a request: days, weekdays, times of day
 *
 * Units       UTC minutes, except civil days (counted from 1970-01-01) and civil
 * minutes (counted from midnight) on the clock of the request's zone.
 *
 * Invariant   A *stretch* is a run of UTC minutes on one civil day under one offset: in
 *             it the civil clock runs forward without a jump.  A day on which the clock
 *             changes has two stretches or more; everything below walks stretches, and
 *             so needs no rule for hours that are missing or come twice.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_CALENDAR_H
#define MATCHER_CALENDAR_H

#include "matcher/interval_set.h"
#include "matcher/request.h"

/* What the civil clock shows at some UTC minute, and for how long it runs on evenly. */
struct civil {
    int32_t day;
    int32_t minute;
    minute_t until; /* end of the stretch; INT32_MAX also stands for "never" */
};

/* The civil clock of @request at @at.  Cannot fail.  Logarithmic in the offsets. */
struct civil calendar_read(const struct match_request *request, minute_t at);

/* 0 is Monday. */
int calendar_weekday(int32_t civil_day);

/* The most stretches that [from, until) can have. */
size_t calendar_stretch_bound(const struct match_request *request, minute_t from,
                              minute_t until);

/* True if weekdays, times of day or closed days shut any minute out. */
bool calendar_is_limited(const struct match_request *request);

/*
 * Store the minutes of [from, until) that the weekdays, times of day and closed days of
 * @request allow in @ret_allowed, which has room for MATCH_TIMES_OF_DAY_MAX ranges per
 * stretch.
 *
 * Cannot fail.
 */
void calendar_allowed(const struct match_request *request, minute_t from,
                      minute_t until, struct interval_set *ret_allowed);

/* Whether the weekdays, times of day and closed days of @request allow every minute of
 * [from, until); if @picked, only the closed days are asked. */
bool calendar_allows(const struct match_request *request, minute_t from, minute_t until,
                     bool picked);

#endif
