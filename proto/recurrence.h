// SPDX-License-Identifier: Apache-2.0

/*
 * recurrence.h - a series that is asked for as text
 *
 * Read is the part of an RRULE (RFC 5545, section 3.3.10) that a series here can say: so
 * many meetings, or as many as there are until a day (that day included), each a week, two
 * weeks or a month after the one before, on the same weekday and at the same civil time.
 *
 *     FREQ=WEEKLY;COUNT=6                     six weeks in a row
 *     FREQ=WEEKLY;INTERVAL=2;COUNT=6;BYDAY=TU every other Tuesday
 *     FREQ=MONTHLY;COUNT=6;BYDAY=2TU          the second Tuesday of six months in a row
 *     FREQ=MONTHLY;COUNT=6;BYDAY=-1FR         the last Friday of each
 *     FREQ=WEEKLY;UNTIL=20261218              every week, the last time on that day at most
 *
 * Parts come in any order, each once, in capitals or not; "RRULE:" may stand before them.
 * Where there is no BYDAY, the weekday is that of the first meeting.  UNTIL is a day, or a
 * moment in UTC of which the day counts that the clocks of the request then show; COUNT and
 * UNTIL exclude each other, as there.
 *
 * Threads     No shared state.
 */
#ifndef PROTO_RECURRENCE_H
#define PROTO_RECURRENCE_H

#include "proto/message.h"

/* The clocks by which a request goes that names none. */
#define RECURRENCE_ZONE "Europe/Paris"

enum {
    RECURRENCE_LAST = 5, /* of its weekday in its month, the fourth or the fifth */
    RECURRENCE_TEXT = 64,
};

struct recurrence {
    uint32_t occurrences; /* at least 1; 0: as many as there are until a day */
    uint32_t step;        /* enum entente_step */
    uint32_t weekdays;    /* one bit, as in entente_spec; 0: any day */
    uint32_t nth; /* so many of its weekday in its month, 1 .. 4, or the last; 0: any */
    int32_t until;        /* where occurrences is 0: days since 1970-01-01, */
    bool until_is_moment; /* or minutes */
};

/* Read @text.  False: *ret_why is what would be right, in words. */
bool recurrence_read(const char *text, struct recurrence *ret, const char **ret_why);

/* The series of @spec, which has been checked: by text, or by occurrences and step. */
struct recurrence recurrence_of(const struct entente_spec *spec);

/* Whether a meeting of the series may begin on @civil_day, days since 1970-01-01. */
bool recurrence_admits(const struct recurrence *recurrence, int32_t civil_day);

/*
 * How many meetings a series until a day has depends on when the first one is.  The first
 * meeting of the @rank-th run, from the longest on, lies in [from, until), and each start
 * there has as many; LIMIT_OCCURRENCES + 1 means so many or more.  False: there are fewer
 * runs, or the zone of @spec is not known.
 */
struct recurrence_run {
    uint32_t occurrences;
    int32_t from;
    int32_t until;
};
bool recurrence_run(const struct entente_spec *spec, size_t rank,
                    struct recurrence_run *ret_run);

/* The same series with so many meetings, as text; @size should be RECURRENCE_TEXT. */
void recurrence_write(const struct recurrence *recurrence, uint32_t occurrences,
                      char *text, size_t size);

#endif
