// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/agenda_read.h"

#include "adapters/ics/agenda_reader.h"
#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t floor_minute(int64_t second)
{
    int64_t minute = second / 60;

    return second % 60 < 0 ? minute - 1 : minute;
}

struct span_list *agenda_reader_list(struct agenda *agenda, enum agenda_kind kind)
{
    switch (kind) {
    case AGENDA_KIND_NONE:
        return NULL;
    case AGENDA_KIND_BUSY:
        return &agenda->busy;
    case AGENDA_KIND_TENTATIVE:
        return &agenda->tentative;
    case AGENDA_KIND_UNAVAILABLE:
        return &agenda->unavailable;
    case AGENDA_KIND_FREE:
        return &agenda->free;
    }
    return NULL;
}

bool agenda_reader_add(struct agenda_reader *reader, enum agenda_kind kind, int64_t utc,
                       int64_t end, unsigned line)
{
    struct span_list *list = agenda_reader_list(reader->agenda, kind);
    int64_t from = utc < reader->from ? reader->from : utc;
    int64_t until = end > reader->until ? reader->until : end;

    if (list == NULL || from >= until) {
        return true;
    }
    bool inward = kind == AGENDA_KIND_FREE;
    int64_t first = inward ? floor_minute(from + 59) : floor_minute(from);
    int64_t last = inward ? floor_minute(until) : floor_minute(until + 59);
    return span_list_add(list, (int32_t)first, (int32_t)last) ||
           ics_error_set(reader->error, line, "more than %d ranges", AGENDA_RANGES_MAX);
}

/* The METHOD of every component's calendar, looked up once. */
static bool find_methods(struct agenda_reader *reader)
{
    const struct ics_file *file = &reader->file;

    reader->methods = calloc(file->component_count, sizeof *reader->methods);
    if (reader->methods == NULL) {
        return ics_error_set(reader->error, 1, "out of memory");
    }
    for (size_t i = 0; i < file->component_count; i++) {
        size_t parent = file->components[i].parent;
        reader->methods[i] = parent == ICS_NONE ? ics_text_value(file, i, "METHOD")
                                                : reader->methods[parent];
    }
    return true;
}

/* The value of @name in the first calendar that has it. */
static const char *calendar_value(const struct ics_file *file, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < file->component_count && value == NULL;
         i = file->components[i].next_sibling) {
        value = ics_text_value(file, i, name);
    }
    return value;
}

static const char *floating_zone(const struct agenda_reader *reader)
{
    const char *stated = calendar_value(&reader->file, "X-WR-TIMEZONE");

    if (reader->options->policy == AGENDA_POLICY_ADAPTER && stated != NULL &&
        zone_known(stated)) {
        return stated;
    }
    return reader->options->zone;
}

static int compare_occurrence(const void *a, const void *b)
{
    const struct agenda_occurrence *first = a;
    const struct agenda_occurrence *second = b;

    return first->utc < second->utc ? -1 : first->utc > second->utc ? 1 : 0;
}

static bool finish_lists(struct agenda_reader *reader)
{
    struct agenda *agenda = reader->agenda;

    span_list_normalise(&agenda->busy);
    span_list_normalise(&agenda->tentative);
    span_list_normalise(&agenda->unavailable);
    span_list_normalise(&agenda->free);
    if (agenda->busy.count + agenda->tentative.count + agenda->unavailable.count +
            agenda->free.count >
        AGENDA_RANGES_MAX) {
        return ics_error_set(reader->error, 1, "more than %d ranges",
                             AGENDA_RANGES_MAX);
    }
    if (agenda->occurrence_count > 0) {
        qsort(agenda->occurrences, agenda->occurrence_count,
              sizeof *agenda->occurrences, compare_occurrence);
    }
    return true;
}

static bool read_all(struct agenda_reader *reader)
{
    const char *position = calendar_value(&reader->file, "X-ENTENTE-POSITION");
    bool events_only = reader->options->policy == AGENDA_POLICY_EVENTS;

    (void)snprintf(reader->agenda->position, sizeof reader->agenda->position, "%s",
                   position != NULL ? position : "");
    return find_methods(reader) &&
           agenda_events_add(reader, "VEVENT", ICS_NONE, AGENDA_KIND_NONE) &&
           (events_only || (agenda_availability_add_freebusy(reader) &&
                            agenda_availability_add(reader))) &&
           finish_lists(reader);
}

/* Say in which component the line of the error is. */
static void place_error(const struct ics_file *file, struct ics_error *error)
{
    for (size_t i = 0; i < file->property_count; i++) {
        if (file->properties[i].line == error->line) {
            ics_error_place(error, file, file->properties[i].component);
            return;
        }
    }
}

bool agenda_read(const char *bytes, size_t size, const struct agenda_options *options,
                 struct agenda *ret_agenda, struct ics_error *ret_error)
{
    struct agenda agenda = {.covered_from = options->from,
                            .covered_until = options->until};
    struct agenda_reader reader = {.options = options,
                                   .from = (int64_t)options->from * 60,
                                   .until = (int64_t)options->until * 60,
                                   .agenda = &agenda,
                                   .error = ret_error};

    if (!zone_known(options->zone)) {
        return ics_error_set(ret_error, 0, "the time zone \"%.60s\" is not known",
                             options->zone != NULL ? options->zone : "");
    }
    if (!ics_text_parse(bytes, size, &reader.file, ret_error)) {
        return false;
    }
    ics_zones_init(&reader.zones, &reader.file, floating_zone(&reader),
                   reader.until + (int64_t)400 * ICS_SECONDS_PER_DAY);
    bool good = read_all(&reader);
    if (!good) {
        place_error(&reader.file, ret_error);
    }
    ics_zones_finish(&reader.zones);
    ics_series_finish(&reader.scratch);
    free(reader.methods);
    ics_text_finish(&reader.file);
    if (good) {
        *ret_agenda = agenda;
    } else {
        agenda_finish(&agenda);
    }
    return good;
}

void agenda_finish(struct agenda *agenda)
{
    span_list_finish(&agenda->busy);
    span_list_finish(&agenda->tentative);
    span_list_finish(&agenda->unavailable);
    span_list_finish(&agenda->free);
    free(agenda->own);
    free(agenda->occurrences);
    *agenda = (struct agenda){0};
}
