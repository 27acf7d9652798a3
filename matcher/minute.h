// SPDX-License-Identifier: Apache-2.0

/*
 * minute.h - the unit of time
 *
 * Units       A minute_t counts minutes since 1970-01-01T00:00Z.  Ranges are half-open:
 *             [start, end) contains start and does not contain end.
 */
#ifndef MATCHER_MINUTE_H
#define MATCHER_MINUTE_H

#include <stdint.h>

typedef int32_t minute_t;

enum { MINUTES_PER_DAY = 1440 };

/* Days that are added before minutes are divided, so that it is done without a sign: a few
 * sums of minute_t before 1970 are nearer to it. */
enum { MINUTE_LIFT = 1 << 21 };

static inline uint64_t minute_lifted(int64_t minute)
{
    return (uint64_t)(minute + (int64_t)MINUTE_LIFT * MINUTES_PER_DAY);
}

/* The day of @minute since 1970-01-01, before which they are negative; and how many minutes
 * of that day are over.  Of minutes that a minute_t can hold, and as many again before and
 * after them. */
static inline int32_t minute_day(int64_t minute)
{
    return (int32_t)(minute_lifted(minute) / MINUTES_PER_DAY) - MINUTE_LIFT;
}

static inline uint32_t minute_of_day(int64_t minute)
{
    return (uint32_t)(minute_lifted(minute) % MINUTES_PER_DAY);
}

#endif
