// SPDX-License-Identifier: Apache-2.0

/*
 * freebusy.h - when somebody is free: what the agenda offers, or working hours minus
 * what is busy
 *
 * Units       Minutes since 1970-01-01T00:00Z; working hours in minutes of the civil
 * day.
 *
 * Ownership   freebusy_finish() frees what freebusy_make() filled.
 */
#ifndef ADAPTERS_ICS_FREEBUSY_H
#define ADAPTERS_ICS_FREEBUSY_H

#include "adapters/ics/agenda_read.h"
#include "adapters/ics/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FREEBUSY_HOURS_MAX 64

/* One weekly working time on the clock of the agenda's zone.  until is at most 24:00.
 */
struct freebusy_hour {
    int weekday; /* 1 Monday .. 7 Sunday */
    int from;
    int until;
};

struct freebusy_hours {
    struct freebusy_hour items[FREEBUSY_HOURS_MAX];
    size_t count;
};

/* What is published.  The four lists are disjoint. */
struct freebusy {
    struct span_list declared; /* free: offered by the agenda itself */
    struct span_list inferred; /* free: working hours in which nothing is written */
    struct span_list busy;     /* busy or unavailable */
    struct span_list tentative;
};

/* Read "Mon-Fri 09:00-12:30,14:00-18:00; Sat 09:00-12:00".  French names of days (lun,
 * mar, mer, jeu, ven, sam, dim) are understood too. */
bool freebusy_parse_hours(const char *text, struct freebusy_hours *ret_hours);

/* Combine @agenda with @hours (NULL: none) on the clock of @zone, inside the agenda's
 * coverage. False if there is no memory. */
bool freebusy_make(const struct agenda *agenda, const struct freebusy_hours *hours,
                   const char *zone, struct freebusy *ret_freebusy);

void freebusy_finish(struct freebusy *freebusy);

#endif
