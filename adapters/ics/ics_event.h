// SPDX-License-Identifier: Apache-2.0

/*
 * ics_event.h - one VEVENT or AVAILABLE, and the times at which it takes place
 *
 * DTSTART is always one of the times, also where the rule does not meet it, and then it
 * does not count towards COUNT.  With DTEND and DURATION both, DTEND is used.  Without
 * either, a date lasts one day and a time nothing.  EXRULE, which RFC 5545 took away,
 * is ignored: that can only make somebody busier than they are.
 *
 * Units       Seconds, see ics_value.h.
 */
#ifndef ADAPTERS_ICS_ICS_EVENT_H
#define ADAPTERS_ICS_ICS_EVENT_H

#include "adapters/ics/ics_text.h"
#include "adapters/ics/ics_value.h"
#include "adapters/ics/ics_zone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ics_event {
    size_t component;
    unsigned line;
    struct ics_moment start;
    struct ics_value_duration duration;
    bool is_bare_date; /* DTSTART is a date without VALUE=DATE, as old Google files have
                          it */
};

struct ics_occurrence {
    int64_t local; /* on the clock of its own value */
    int64_t utc;
    int64_t end; /* UTC */
    bool is_date;
    bool is_replaced; /* for the use of the caller */
};

struct ics_series {
    struct ics_occurrence *items; /* rising by utc, each utc once */
    size_t count;
    size_t capacity;
};

/* Read start and length of component @component. */
bool ics_event_read(const struct ics_file *file, struct ics_zones *zones,
                    size_t component, struct ics_event *ret,
                    struct ics_error *ret_error);

/* Put the times of @event that start before UTC @horizon into @series, which is emptied
 * first. With @single its rules and dates are not looked at. */
bool ics_event_expand(const struct ics_file *file, struct ics_zones *zones,
                      const struct ics_event *event, int64_t horizon, bool single,
                      struct ics_series *series, struct ics_error *ret_error);

void ics_series_finish(struct ics_series *series);

/* Read the period start/end or start/duration of @length bytes on the clock of
 * @property. */
bool ics_event_period(struct ics_zones *zones, const struct ics_property *property,
                      const char *text, size_t length, struct ics_occurrence *ret,
                      struct ics_error *ret_error);

#endif
