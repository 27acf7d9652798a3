// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_event.h"

#include "adapters/ics/ics_rule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SERIES_MAX 400000

/* The times that EXDATE takes out: by the second, and by the day. */
struct exclusions {
    int64_t *seconds;
    size_t second_count;
    int64_t *days;
    size_t day_count;
};

static int compare_number(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a;
    int64_t second = *(const int64_t *)b;

    return first < second ? -1 : first > second ? 1 : 0;
}

static int compare_occurrence(const void *a, const void *b)
{
    return compare_number(&((const struct ics_occurrence *)a)->utc,
                          &((const struct ics_occurrence *)b)->utc);
}

static int64_t end_of(const struct ics_zones *zones, const struct ics_moment *start,
                      int64_t local, const struct ics_value_duration *duration)
{
    int64_t day_end =
        ics_zones_utc(zones, start, local + duration->days * ICS_SECONDS_PER_DAY);

    return day_end + duration->seconds;
}

static bool append(struct ics_series *series, const struct ics_occurrence *occurrence,
                   unsigned line, struct ics_error *error)
{
    if (series->count == SERIES_MAX) {
        return ics_error_set(error, line, "the event takes place more than %d times",
                             SERIES_MAX);
    }
    if (series->count == series->capacity) {
        size_t wanted = series->capacity == 0 ? 64 : series->capacity * 2;
        void *grown = realloc(series->items, wanted * sizeof *series->items);
        if (grown == NULL) {
            return ics_error_set(error, line, "out of memory");
        }
        series->items = grown;
        series->capacity = wanted;
    }
    series->items[series->count++] = *occurrence;
    return true;
}

static bool append_local(const struct ics_zones *zones, const struct ics_event *event,
                         const struct ics_moment *clock, int64_t local,
                         struct ics_series *series, struct ics_error *error)
{
    struct ics_occurrence occurrence = {.local = local,
                                        .utc = ics_zones_utc(zones, clock, local),
                                        .is_date = clock->value.is_date};

    occurrence.end = end_of(zones, clock, local, &event->duration);
    return append(series, &occurrence, event->line, error);
}

/* --- start and length --- */

static bool read_end(struct ics_zones *zones, const struct ics_property *property,
                     struct ics_event *event, struct ics_error *error)
{
    struct ics_moment end = {0};

    if (!ics_zones_moment(zones, property, &end, error)) {
        return false;
    }
    if (event->start.value.is_date && end.value.is_date) {
        event->duration.days =
            (end.value.local - event->start.value.local) / ICS_SECONDS_PER_DAY;
        /* Some programs write the last day instead of the day behind it. */
        event->duration.days = event->duration.days == 0 ? 1 : event->duration.days;
    } else {
        event->duration.seconds =
            ics_zones_utc(zones, &end, end.value.local) -
            ics_zones_utc(zones, &event->start, event->start.value.local);
    }
    if (event->duration.days < 0 || event->duration.seconds < 0) {
        return ics_error_set(error, property->line, "DTEND is before DTSTART");
    }
    return true;
}

bool ics_event_read(const struct ics_file *file, struct ics_zones *zones,
                    size_t component, struct ics_event *ret,
                    struct ics_error *ret_error)
{
    struct ics_event event = {.component = component,
                              .line = file->components[component].line};
    const struct ics_property *start = ics_text_find(file, component, "DTSTART", NULL);
    const struct ics_property *end = ics_text_find(file, component, "DTEND", NULL);
    const struct ics_property *duration =
        ics_text_find(file, component, "DURATION", NULL);
    char type[16];

    if (start == NULL) {
        return ics_error_set(ret_error, event.line, "the %s has no DTSTART",
                             file->components[component].name);
    }
    if (!ics_zones_moment(zones, start, &event.start, ret_error)) {
        return false;
    }
    event.is_bare_date = event.start.value.is_date &&
                         !(ics_text_param(start, "VALUE", type, sizeof type) &&
                           strcasecmp(type, "DATE") == 0);
    if (end != NULL) {
        if (!read_end(zones, end, &event, ret_error)) {
            return false;
        }
    } else if (duration != NULL) {
        if (!ics_value_parse_duration(duration->value, strlen(duration->value),
                                      &event.duration) ||
            event.duration.days < 0 || event.duration.seconds < 0) {
            return ics_error_set(ret_error, duration->line,
                                 "DURATION is not understood: %.60s", duration->value);
        }
    } else if (event.start.value.is_date) {
        event.duration.days = 1;
    }
    *ret = event;
    return true;
}

/* --- recurrence --- */

static bool is_past_until(const struct ics_rule *rule, int64_t local, int64_t utc)
{
    const struct ics_value_time *until = &rule->until;

    if (!rule->has_until) {
        return false;
    }
    if (until->is_date) {
        return ics_value_day(local) > until->local;
    }
    return until->is_utc ? utc > until->local : local > until->local;
}

static bool expand_rule(const struct ics_zones *zones, const struct ics_event *event,
                        const struct ics_property *property, int64_t horizon,
                        struct ics_series *series, struct ics_error *error)
{
    struct ics_rule rule = {0};
    int64_t local = 0;
    int times = 0;
    bool good = true;

    if (!ics_rule_begin(property, &event->start.value, &rule, error)) {
        return false;
    }
    if (event->is_bare_date && rule.has_until && !rule.until.is_date) {
        good = ics_error_set(error, property->line,
                             "UNTIL is a date and time, but DTSTART is a date");
    }
    while (good && ics_rule_next(&rule, &local)) {
        int64_t utc = ics_zones_utc(zones, &event->start, local);
        if (utc >= horizon || is_past_until(&rule, local, utc)) {
            break;
        }
        if (++times > ICS_RULE_TIMES_MAX) {
            good =
                ics_error_set(error, property->line,
                              "the rule gives more than %d times up to the end of the "
                              "range asked for",
                              ICS_RULE_TIMES_MAX);
            break;
        }
        good = append_local(zones, event, &event->start, local, series, error);
    }
    ics_rule_finish(&rule);
    return good;
}

bool ics_event_period(struct ics_zones *zones, const struct ics_property *property,
                      const char *text, size_t length, struct ics_occurrence *ret,
                      struct ics_error *ret_error)
{
    const char *slash = memchr(text, '/', length);
    struct ics_moment start = {0};
    struct ics_moment end = {0};
    struct ics_value_duration duration = {0};

    if (!ics_zones_of(zones, property, &start.zone, ret_error)) {
        return false;
    }
    end.zone = start.zone;
    size_t first = slash != NULL ? (size_t)(slash - text) : 0;
    bool good = slash != NULL && ics_value_parse_time(text, first, &start.value);
    if (!good) {
        return ics_error_set(ret_error, property->line, "%.40s is not a period: %.80s",
                             property->name, text);
    }
    struct ics_occurrence occurrence = {
        .local = start.value.local,
        .utc = ics_zones_utc(zones, &start, start.value.local),
        .is_date = start.value.is_date};
    const char *rest = slash + 1;
    size_t left = length - first - 1;
    if (ics_value_parse_time(rest, left, &end.value)) {
        occurrence.end = ics_zones_utc(zones, &end, end.value.local);
    } else if (ics_value_parse_duration(rest, left, &duration)) {
        occurrence.end = end_of(zones, &start, start.value.local, &duration);
    } else {
        good = false;
    }
    if (!good || occurrence.end < occurrence.utc) {
        return ics_error_set(ret_error, property->line, "%.40s is not a period: %.80s",
                             property->name, text);
    }
    *ret = occurrence;
    return true;
}

static bool expand_dates(struct ics_zones *zones, const struct ics_event *event,
                         const struct ics_property *property, int64_t horizon,
                         struct ics_series *series, struct ics_error *error)
{
    const char *at = property->value;

    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        struct ics_moment moment = {0};
        struct ics_occurrence occurrence = {0};
        if (memchr(at, '/', length) != NULL) {
            if (!ics_event_period(zones, property, at, length, &occurrence, error)) {
                return false;
            }
        } else if (!ics_zones_of(zones, property, &moment.zone, error)) {
            return false;
        } else if (!ics_value_parse_time(at, length, &moment.value)) {
            return ics_error_set(error, property->line,
                                 "RDATE is not understood: %.80s", at);
        } else {
            int64_t local = moment.value.local;
            occurrence = (struct ics_occurrence){
                .local = local,
                .utc = ics_zones_utc(zones, &moment, local),
                .end = end_of(zones, &moment, local, &event->duration),
                .is_date = moment.value.is_date};
        }
        if (occurrence.utc < horizon &&
            !append(series, &occurrence, property->line, error)) {
            return false;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return true;
}

/* --- EXDATE --- */

static bool push(int64_t **numbers, size_t *count, int64_t number)
{
    if ((*count & (*count - 1)) == 0) {
        size_t wanted = *count == 0 ? 1 : *count * 2;
        int64_t *grown = realloc(*numbers, wanted * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        *numbers = grown;
    }
    (*numbers)[(*count)++] = number;
    return true;
}

static bool add_exclusions(struct ics_zones *zones, const struct ics_event *event,
                           const struct ics_property *property,
                           struct exclusions *exclusions, struct ics_error *error)
{
    const char *at = property->value;
    struct ics_moment moment = {0};

    if (!ics_zones_of(zones, property, &moment.zone, error)) {
        return false;
    }
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        if (!ics_value_parse_time(at, length, &moment.value)) {
            return ics_error_set(error, property->line,
                                 "EXDATE is not understood: %.80s", at);
        }
        int64_t local = moment.value.local;
        bool by_day = moment.value.is_date || event->start.value.is_date;
        bool pushed = by_day ? push(&exclusions->days, &exclusions->day_count,
                                    ics_value_day(local))
                             : push(&exclusions->seconds, &exclusions->second_count,
                                    ics_zones_utc(zones, &moment, local));
        if (!pushed) {
            return ics_error_set(error, property->line, "out of memory");
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return true;
}

static bool contains(const int64_t *numbers, size_t count, int64_t number)
{
    return count > 0 &&
           bsearch(&number, numbers, count, sizeof number, compare_number) != NULL;
}

static bool exclude(const struct ics_file *file, struct ics_zones *zones,
                    const struct ics_event *event, struct ics_series *series,
                    struct ics_error *error)
{
    struct exclusions exclusions = {0};
    const struct ics_property *property = NULL;
    bool good = true;

    while (good &&
           (property = ics_text_find(file, event->component, "EXDATE",
                                     property != NULL ? property + 1 : NULL)) != NULL) {
        good = add_exclusions(zones, event, property, &exclusions, error);
    }
    if (good && exclusions.second_count > 0) {
        qsort(exclusions.seconds, exclusions.second_count, sizeof(int64_t),
              compare_number);
    }
    if (good && exclusions.day_count > 0) {
        qsort(exclusions.days, exclusions.day_count, sizeof(int64_t), compare_number);
    }
    size_t kept = 0;
    for (size_t i = 0; good && i < series->count; i++) {
        const struct ics_occurrence *item = &series->items[i];
        if (!contains(exclusions.seconds, exclusions.second_count, item->utc) &&
            !contains(exclusions.days, exclusions.day_count,
                      ics_value_day(item->local))) {
            series->items[kept++] = *item;
        }
    }
    series->count = good ? kept : series->count;
    free(exclusions.seconds);
    free(exclusions.days);
    return good;
}

/* --- all of it --- */

static void sort_series(struct ics_series *series)
{
    size_t kept = 0;

    if (series->count == 0) {
        return;
    }
    qsort(series->items, series->count, sizeof *series->items, compare_occurrence);
    for (size_t i = 1; i < series->count; i++) {
        struct ics_occurrence *last = &series->items[kept];
        if (series->items[i].utc != last->utc) {
            series->items[++kept] = series->items[i];
        } else if (series->items[i].end > last->end) {
            last->end = series->items[i].end;
        }
    }
    series->count = kept + 1;
}

bool ics_event_expand(const struct ics_file *file, struct ics_zones *zones,
                      const struct ics_event *event, int64_t horizon, bool single,
                      struct ics_series *series, struct ics_error *ret_error)
{
    const struct ics_property *property = NULL;
    int64_t first = event->start.value.local;

    series->count = 0;
    if (ics_zones_utc(zones, &event->start, first) < horizon &&
        !append_local(zones, event, &event->start, first, series, ret_error)) {
        return false;
    }
    if (single) {
        return true;
    }
    while ((property = ics_text_find(file, event->component, "RRULE",
                                     property != NULL ? property + 1 : NULL)) != NULL) {
        if (!expand_rule(zones, event, property, horizon, series, ret_error)) {
            return false;
        }
    }
    while ((property = ics_text_find(file, event->component, "RDATE",
                                     property != NULL ? property + 1 : NULL)) != NULL) {
        if (!expand_dates(zones, event, property, horizon, series, ret_error)) {
            return false;
        }
    }
    sort_series(series);
    return exclude(file, zones, event, series, ret_error);
}

void ics_series_finish(struct ics_series *series)
{
    free(series->items);
    *series = (struct ics_series){0};
}
