// SPDX-License-Identifier: Apache-2.0

/*
 * ics_rule.h - the times that a recurrence rule gives, by libical, with its traps
 * closed
 *
 * What libical does not get to see: UNTIL (it compares a UTC UNTIL with a local start
 * as if both were on one clock), parts that no standard knows (they are dropped), and
 * rules of less than a day that could run for hours without a result (they are
 * refused).
 *
 * Units       Local times in seconds, see ics_value.h.
 *
 * Ownership   A rule owns its iterator until ics_rule_finish().
 */
#ifndef ADAPTERS_ICS_ICS_RULE_H
#define ADAPTERS_ICS_ICS_RULE_H

#include "adapters/ics/ics_text.h"
#include "adapters/ics/ics_value.h"

#include <stdbool.h>
#include <stdint.h>

/* The most times that one rule is asked for. */
#define ICS_RULE_TIMES_MAX 300000

struct ics_rule {
    struct icalrecur_iterator_impl *iterator;
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
