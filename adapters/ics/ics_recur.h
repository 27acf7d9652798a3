// SPDX-License-Identifier: Apache-2.0

/*
 * ics_recur.h - the times of a recurrence rule in the Gregorian calendar (RFC
 * 5545, 3.3.10)
 *
 * libical 3.0.16 expands rules too, but it gets 47 of the 146 rules of libical's own
 * later test table wrong (BYSETPOS below a month, BYWEEKNO at the turn of a year,
 * INTERVAL with BYHOUR ...), leaves times out, and can search for centuries, second by
 * second, for a time that never comes.  Here the work is bounded;
 * tests/adapters/test_ics_corpus.c holds the table against it.
 *
 * How         A rule names periods (every third month) and in each a set: all days that
 * pass every BY part, times all times of day that pass.  BYSETPOS picks from that set.
 *             What DTSTART would have to fill in becomes a BY part when the rule
 * begins.
 *
 * Units       Local times in seconds, see ics_value.h.
 *
 * Ownership   ics_recur_destroy() frees what ics_recur_create() made.
 */
#ifndef ADAPTERS_ICS_ICS_RECUR_H
#define ADAPTERS_ICS_ICS_RECUR_H

#include "adapters/ics/ics_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rising periods, so that they can be compared. */
enum ics_recur_frequency {
    ICS_RECUR_SECONDLY,
    ICS_RECUR_MINUTELY,
    ICS_RECUR_HOURLY,
    ICS_RECUR_DAILY,
    ICS_RECUR_WEEKLY,
    ICS_RECUR_MONTHLY,
    ICS_RECUR_YEARLY,
};

#define ICS_RECUR_LIST_MAX 400

/* The numbers of one BY part. */
struct ics_recur_list {
    int16_t items[ICS_RECUR_LIST_MAX];
    size_t count;
};

struct ics_recur_rule {
    enum ics_recur_frequency frequency;
    int64_t interval;              /* at least 1 */
    int64_t count;                 /* 0: without end */
    int week_start;                /* 1 Monday .. 7 Sunday */
    struct ics_recur_list seconds; /* 0..60 */
    struct ics_recur_list minutes; /* 0..59 */
    struct ics_recur_list hours;   /* 0..23 */
    struct ics_recur_list
        weekdays; /* ordinal * 8 + weekday; the ordinal is 0 for each */
    struct ics_recur_list
        monthdays; /* 1..31 and -1..-31, as all below count from the end */
    struct ics_recur_list yeardays;
    struct ics_recur_list weeks;
    struct ics_recur_list months; /* 1..12 */
    struct ics_recur_list positions;
};

struct ics_recur;

/* Begin @rule for a series that starts at @start.  NULL without memory. */
struct ics_recur *ics_recur_create(const struct ics_recur_rule *rule,
                                   const struct ics_value_time *start);

/* The next time, in rising order.  False when there is none before the year 2500, or
 * when half a million periods in a row had none. */
bool ics_recur_next(struct ics_recur *recur, int64_t *ret_local);

void ics_recur_destroy(struct ics_recur *recur);

#endif
