// SPDX-License-Identifier: Apache-2.0

/*
 * agenda_reader.h - what the parts of the calendar-file reader share; for agenda_*.c
 * only
 *
 * Ownership   A reader belongs to one call of agenda_read().
 */
#ifndef ADAPTERS_ICS_AGENDA_READER_H
#define ADAPTERS_ICS_AGENDA_READER_H

#include "adapters/ics/agenda_read.h"
#include "adapters/ics/ics_event.h"
#include "adapters/ics/ics_text.h"
#include "adapters/ics/ics_zone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum agenda_kind {
    AGENDA_KIND_NONE,
    AGENDA_KIND_BUSY,
    AGENDA_KIND_TENTATIVE,
    AGENDA_KIND_UNAVAILABLE,
    AGENDA_KIND_FREE,
};

struct agenda_reader {
    const struct agenda_options *options;
    struct ics_file file;
    const char **methods; /* for each component: the METHOD of its calendar, or NULL */
    struct ics_zones zones;
    int64_t from; /* seconds */
    int64_t until;
    struct ics_series scratch;
    struct agenda *agenda;
    size_t occurrence_capacity;
    struct ics_error *error;
};

/* Add [utc, end), in seconds, to the list of @kind, clipped and rounded. */
bool agenda_reader_add(struct agenda_reader *reader, enum agenda_kind kind, int64_t utc,
                       int64_t end, unsigned line);

/* The list of @kind, or NULL for AGENDA_KIND_NONE. */
struct span_list *agenda_reader_list(struct agenda *agenda, enum agenda_kind kind);

/*
 * Add the times of every component @name below component @parent (ICS_NONE: wherever it
 * stands), series and their exceptions together, as @kind; AGENDA_KIND_NONE lets the
 * policy choose for each event.
 */
bool agenda_events_add(struct agenda_reader *reader, const char *name, size_t parent,
                       enum agenda_kind kind);

/* Add every VFREEBUSY and narrow the coverage if there is nothing else in the file. */
bool agenda_availability_add_freebusy(struct agenda_reader *reader);

/* Add every VAVAILABILITY, the one with the higher priority over the others. */
bool agenda_availability_add(struct agenda_reader *reader);

#endif
