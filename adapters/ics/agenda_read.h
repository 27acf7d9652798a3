// SPDX-License-Identifier: Apache-2.0

/*
 * agenda_read.h - what a calendar file says about somebody's time
 *
 * A file is understood whole or not at all: one time that cannot be read makes
 * agenda_read() fail with the line of it, because time that is not known is not free.
 * Titles, places and people are never looked at, except for the owner's own PARTSTAT.
 * docs/ics.md has the rules.
 *
 * Units       Minutes since 1970-01-01T00:00Z.  What is busy is rounded outward to
 * minutes, what is free inward.
 *
 * Ownership   agenda_finish() frees what agenda_read() filled.  Options are borrowed.
 *
 * Threads     One at a time (see proto/zone.h).
 */
#ifndef ADAPTERS_ICS_AGENDA_READ_H
#define ADAPTERS_ICS_AGENDA_READ_H

#include "adapters/ics/ics_text.h"
#include "adapters/ics/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More ranges than this in one agenda are refused, as they are on the wire. */
#define AGENDA_RANGES_MAX 10000

#define AGENDA_MEETING_SIZE 128
#define AGENDA_POSITION_SIZE 64

enum agenda_policy {
    /* What the adapter publishes: everything that docs/ics.md lists. */
    AGENDA_POLICY_ADAPTER,
    /* VEVENT only; TRANSPARENT and CANCELLED are free, TENTATIVE is busy; METHOD,
     * PARTSTAT, X-MICROSOFT-CDO-BUSYSTATUS and X-WR-TIMEZONE are ignored; our own
     * events are events. */
    AGENDA_POLICY_EVENTS,
};

struct agenda_options {
    const char *zone; /* of dates and of times without a zone; a name of tzdata */
    int32_t from;
    int32_t until;
    enum agenda_policy policy;
    const char *owner;     /* "mailto:..." of the agenda's owner, or NULL */
    bool with_occurrences; /* fill agenda.occurrences */
};

/* An event that this project wrote. */
struct agenda_own {
    char meeting[AGENDA_MEETING_SIZE];
    int32_t version; /* X-ENTENTE-VERSION, 0 if it is lost */
    int32_t start;
    int32_t end;
    bool cancelled;
};

/* When an event takes place, and on which clock it was written. */
struct agenda_occurrence {
    int64_t utc;   /* seconds */
    int64_t local; /* seconds on its own clock */
    bool is_date;
};

struct agenda {
    struct span_list busy;
    struct span_list tentative;
    struct span_list unavailable; /* outside of what a VAVAILABILITY offers */
    struct span_list free;        /* offered by a VAVAILABILITY or as FBTYPE=FREE */
    struct agenda_own *own;
    size_t own_count;
    struct agenda_occurrence *occurrences; /* rising by utc */
    size_t occurrence_count;
    int32_t covered_from; /* the file speaks about [covered_from, covered_until) */
    int32_t covered_until;
    char position[AGENDA_POSITION_SIZE]; /* X-ENTENTE-POSITION, "" if there is none */
};

bool agenda_read(const char *bytes, size_t size, const struct agenda_options *options,
                 struct agenda *ret_agenda, struct ics_error *ret_error);

void agenda_finish(struct agenda *agenda);

/* The meeting whose event component @component is, or NULL if it is a foreign one.
 * Copies the meeting's id into @buffer. */
const char *agenda_own_meeting(const struct ics_file *file, size_t component,
                               char buffer[AGENDA_MEETING_SIZE]);

#endif
