// SPDX-License-Identifier: Apache-2.0

/*
 * ics_rule.h - the times that an RRULE gives
 *
 * Gregorian rules are expanded by ics_recur.h, those of other calendars (RSCALE, RFC
 * 7529) by libical.  Parts that no standard knows are dropped, as readers of such files
 * do.
 *
 * Units       Local times in seconds, see ics_value.h.
 *
 * Ownership   A rule owns its iterators until ics_rule_finish().
 */
#ifndef ADAPTERS_ICS_ICS_RULE_H
#define ADAPTERS_ICS_ICS_RULE_H

#include "adapters/ics/ics_text.h"
#include "adapters/ics/ics_value.h"

#include <stdbool.h>
#include <stdint.h>

/* The most times that one rule is asked for. */
#define ICS_RULE_TIMES_MAX 300000

struct ics_recur;

struct ics_rule {
    struct ics_recur *recur;
    struct icalrecur_iterator_impl *iterator; /* where recur is NULL */
    char *rscale; /* libical's copy, which nobody else frees */
    bool is_date;
    bool is_seasonal; /* yearly or monthly: fit for a time zone */
    bool has_until;
    struct ics_value_time until;
};

/* Begin rule @property for a series that starts at @start.  On failure *ret_error names
 * the line. */
bool ics_rule_begin(const struct ics_property *property,
                    const struct ics_value_time *start, struct ics_rule *ret_rule,
                    struct ics_error *ret_error);

/* The next time, in rising order; false when there is none.  UNTIL is not looked at:
 * only the caller knows the zone that it must be compared in. */
bool ics_rule_next(struct ics_rule *rule, int64_t *ret_local);

void ics_rule_finish(struct ics_rule *rule);

#endif
