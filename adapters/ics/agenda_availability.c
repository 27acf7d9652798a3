// SPDX-License-Identifier: Apache-2.0

/*
 * agenda_availability.c - VFREEBUSY (RFC 5545) and VAVAILABILITY (RFC 7953)
 */
#include "adapters/ics/agenda_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AVAILABILITY_MAX 100

struct named_kind {
    const char *name;
    enum agenda_kind kind;
};

static enum agenda_kind find_kind(const struct named_kind *kinds, size_t count,
                                  const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(kinds[i].name, name) == 0) {
            return kinds[i].kind;
        }
    }
    return AGENDA_KIND_BUSY; /* RFC 5545: a type that is not known is BUSY */
}

/* --- VFREEBUSY --- */

static bool add_periods(struct agenda_reader *reader,
                        const struct ics_property *property)
{
    static const struct named_kind kinds[] = {
        {"FREE", AGENDA_KIND_FREE},
        {"BUSY", AGENDA_KIND_BUSY},
        {"BUSY-UNAVAILABLE", AGENDA_KIND_UNAVAILABLE},
        {"BUSY-TENTATIVE", AGENDA_KIND_TENTATIVE},
    };
    char type[64] = "BUSY";
    const char *at = property->value;

    (void)ics_text_param(property, "FBTYPE", type, sizeof type);
    enum agenda_kind kind = find_kind(kinds, sizeof kinds / sizeof *kinds, type);
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        struct ics_occurrence period = {0};
        if (!ics_event_period(&reader->zones, property, at, length, &period,
                              reader->error) ||
            !agenda_reader_add(reader, kind, period.utc, period.end, property->line)) {
            return false;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return true;
}

/* The file speaks about what its VFREEBUSYs cover, as long as they touch each other. */
static bool cover(struct agenda_reader *reader, size_t component, bool *is_first)
{
    const struct ics_property *start =
        ics_text_find(&reader->file, component, "DTSTART", NULL);
    const struct ics_property *end =
        ics_text_find(&reader->file, component, "DTEND", NULL);
    struct ics_moment from = {0};
    struct ics_moment until = {0};
    struct agenda *agenda = reader->agenda;

    if (start == NULL || end == NULL) {
        return true;
    }
    if (!ics_zones_moment(&reader->zones, start, &from, reader->error) ||
        !ics_zones_moment(&reader->zones, end, &until, reader->error)) {
        return false;
    }
    int64_t first = ics_zones_utc(&reader->zones, &from, from.value.local);
    int64_t last = ics_zones_utc(&reader->zones, &until, until.value.local);
    first = first < reader->from ? reader->from : first;
    last = last > reader->until ? reader->until : last;
    int32_t begin = (int32_t)((first + 59) / 60);
    int32_t stop = (int32_t)(last / 60);
    if (begin >= stop) {
        begin = stop = reader->options->from;
    }
    if (*is_first) {
        *is_first = false;
        agenda->covered_from = begin;
        agenda->covered_until = stop;
    } else if (begin <= agenda->covered_until && stop >= agenda->covered_from) {
        agenda->covered_from =
            begin < agenda->covered_from ? begin : agenda->covered_from;
        agenda->covered_until =
            stop > agenda->covered_until ? stop : agenda->covered_until;
    }
    return true;
}

static bool has_component(const struct ics_file *file, const char *name)
{
    for (size_t i = 0; i < file->component_count; i++) {
        if (ics_text_is(&file->components[i], name)) {
            return true;
        }
    }
    return false;
}

bool agenda_availability_add_freebusy(struct agenda_reader *reader)
{
    const struct ics_file *file = &reader->file;
    bool alone =
        !has_component(file, "VEVENT") && !has_component(file, "VAVAILABILITY");
    bool is_first = true;

    for (size_t i = 0; i < file->component_count; i++) {
        const struct ics_property *property = NULL;
        const char *method = reader->methods[i];
        if (!ics_text_is(&file->components[i], "VFREEBUSY") ||
            (method != NULL && strcasecmp(method, "REQUEST") == 0)) {
            continue; /* somebody's question, not an answer */
        }
        while ((property = ics_text_find(file, i, "FREEBUSY",
                                         property != NULL ? property + 1 : NULL)) !=
               NULL) {
            if (!add_periods(reader, property)) {
                return false;
            }
        }
        if (alone && !cover(reader, i, &is_first)) {
            return false;
        }
    }
    return true;
}

/* --- VAVAILABILITY --- */

struct availability {
    size_t component;
    int rank; /* 1 wins over 9, and 9 over 10, which is "no priority" */
    struct span range;
    enum agenda_kind kind;
};

static bool read_limit(struct agenda_reader *reader, size_t component, const char *name,
                       int64_t *limit)
{
    const struct ics_property *property =
        ics_text_find(&reader->file, component, name, NULL);
    struct ics_moment moment = {0};

    if (property == NULL) {
        return true;
    }
    if (!ics_zones_moment(&reader->zones, property, &moment, reader->error)) {
        return false;
    }
    *limit = ics_zones_utc(&reader->zones, &moment, moment.value.local);
    return true;
}

static bool read_availability(struct agenda_reader *reader, size_t component,
                              struct availability *ret)
{
    static const struct named_kind kinds[] = {
        {"BUSY", AGENDA_KIND_BUSY},
        {"BUSY-UNAVAILABLE", AGENDA_KIND_UNAVAILABLE},
        {"BUSY-TENTATIVE", AGENDA_KIND_TENTATIVE},
    };
    const struct ics_file *file = &reader->file;
    const char *type = ics_text_value(file, component, "BUSYTYPE");
    const char *priority = ics_text_value(file, component, "PRIORITY");
    const struct ics_property *duration =
        ics_text_find(file, component, "DURATION", NULL);
    int rank = priority != NULL ? (int)strtol(priority, NULL, 10) % 10 : 0;
    int64_t from = reader->from;
    int64_t until = reader->until;

    if (!read_limit(reader, component, "DTSTART", &from) ||
        !read_limit(reader, component, "DTEND", &until)) {
        return false;
    }
    if (duration != NULL && ics_text_find(file, component, "DTEND", NULL) == NULL) {
        struct ics_value_duration length = {0};
        if (!ics_value_parse_duration(duration->value, strlen(duration->value),
                                      &length)) {
            return ics_error_set(reader->error, duration->line,
                                 "DURATION is not understood: %.60s", duration->value);
        }
        until = from + length.days * ICS_SECONDS_PER_DAY + length.seconds;
    }
    from = from < reader->from ? reader->from : from;
    until = until > reader->until ? reader->until : until;
    *ret = (struct availability){
        .component = component,
        .rank = rank < 1 || rank > 9 ? 10 : rank,
        .range = {.start = (int32_t)(from / 60), .end = (int32_t)((until + 59) / 60)},
        .kind = type == NULL ? AGENDA_KIND_UNAVAILABLE
                             : find_kind(kinds, sizeof kinds / sizeof *kinds, type)};
    return true;
}

static bool subtract_everywhere(struct agenda *layers, const struct span_list *taken)
{
    return span_list_subtract(&layers->busy, taken) &&
           span_list_subtract(&layers->tentative, taken) &&
           span_list_subtract(&layers->unavailable, taken) &&
           span_list_subtract(&layers->free, taken);
}

/* Lay one VAVAILABILITY over what those of lower rank have said. */
static bool lay_over(struct agenda_reader *reader,
                     const struct availability *availability, struct agenda *layers)
{
    struct agenda offered = {0};
    struct agenda *whole = reader->agenda;
    struct span_list range = {0};
    bool good =
        span_list_add(&range, availability->range.start, availability->range.end);

    reader->agenda = &offered;
    good = good && agenda_events_add(reader, "AVAILABLE", availability->component,
                                     AGENDA_KIND_FREE);
    reader->agenda = whole;
    free(offered.own);
    span_list_normalise(&offered.free);
    span_list_clip(&offered.free, availability->range.start, availability->range.end);
    good = good && subtract_everywhere(layers, &range) &&
           span_list_unite(&layers->free, &offered.free) &&
           span_list_subtract(&range, &offered.free) &&
           span_list_unite(agenda_reader_list(layers, availability->kind), &range);
    span_list_finish(&range);
    span_list_finish(&offered.free);
    return good;
}

static int compare_rank(const void *a, const void *b)
{
    return ((const struct availability *)b)->rank -
           ((const struct availability *)a)->rank;
}

static bool unite_all(struct agenda *agenda, const struct agenda *layers)
{
    return span_list_unite(&agenda->busy, &layers->busy) &&
           span_list_unite(&agenda->tentative, &layers->tentative) &&
           span_list_unite(&agenda->unavailable, &layers->unavailable) &&
           span_list_unite(&agenda->free, &layers->free);
}

bool agenda_availability_add(struct agenda_reader *reader)
{
    struct availability found[AVAILABILITY_MAX] = {0};
    struct agenda layers = {0};
    size_t count = 0;
    bool good = true;

    for (size_t i = 0; i < reader->file.component_count; i++) {
        if (!ics_text_is(&reader->file.components[i], "VAVAILABILITY")) {
            continue;
        }
        if (count == AVAILABILITY_MAX) {
            return ics_error_set(reader->error, reader->file.components[i].line,
                                 "more than %d VAVAILABILITY", AVAILABILITY_MAX);
        }
        if (!read_availability(reader, i, &found[count])) {
            return false;
        }
        count += found[count].range.start < found[count].range.end ? 1 : 0;
    }
    qsort(found, count, sizeof *found, compare_rank);
    reader->error->line = 0;
    for (size_t i = 0; i < count && good; i++) {
        good = lay_over(reader, &found[i], &layers);
    }
    good = good && unite_all(reader->agenda, &layers);
    if (!good && reader->error->line == 0) {
        (void)ics_error_set(reader->error, 1, "out of memory");
    }
    agenda_finish(&layers);
    return good;
}
