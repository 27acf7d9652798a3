// SPDX-License-Identifier: Apache-2.0

/*
 * recurrence.h - a series that is asked for as text
 *
 * Read is the part of an RRULE (RFC 5545, section 3.3.10) that a series here can say: so
 * many meetings, each a week, two weeks or a month after the one before, on the same
 * weekday and at the same civil time.
 *
 *     FREQ=WEEKLY;COUNT=6                     six weeks in a row
 *     FREQ=WEEKLY;INTERVAL=2;COUNT=6;BYDAY=TU every other Tuesday
 *     FREQ=MONTHLY;COUNT=6;BYDAY=2TU          the second Tuesday of six months in a row
 *
 * Parts come in any order, each once, in capitals or not; "RRULE:" may stand before them.
 * Where there is no BYDAY, the weekday is that of the first meeting.
 *
 * Threads     No shared state.
 */
#ifndef PROTO_RECURRENCE_H
#define PROTO_RECURRENCE_H

#include "proto/message.h"

struct recurrence {
    uint32_t occurrences; /* at least 1 */
    uint32_t step;        /* enum entente_step */
    uint32_t weekdays;    /* one bit, as in entente_spec; 0: any day */
    uint32_t nth;         /* so many of its weekday in its month, 1 .. 4; 0: any */
};

/* Read @text.  False: *ret_why is what would be right, in words. */
bool recurrence_read(const char *text, struct recurrence *ret, const char **ret_why);

/* The series of @spec, which has been checked: by text, or by occurrences and step. */
struct recurrence recurrence_of(const struct entente_spec *spec);

/* Whether a meeting of the series may begin on @civil_day, days since 1970-01-01. */
bool recurrence_admits(const struct recurrence *recurrence, int32_t civil_day);

#endif
