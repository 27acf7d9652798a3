// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_zone.h"

#include "adapters/ics/ics_rule.h"
#include "adapters/ics/windows_zones.h"
#include "proto/zone.h"
#include "proto/zone_date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ONSETS_MAX 4000

static bool copy_name(char target[64], const char *name)
{
    if (strlen(name) >= 64 || !zone_known(name)) {
        return false;
    }
    (void)snprintf(target, 64, "%s", name);
    return true;
}

/* Europe/Paris at the end of any path. */
static bool find_iana(const char *tzid, char target[64])
{
    const char *at = tzid;

    if (copy_name(target, tzid)) {
        return true;
    }
    if (tzid[0] != '/') {
        return false;
    }
    while (at != NULL) {
        if (copy_name(target, at + 1)) {
            return true;
        }
        at = strchr(at + 1, '/');
    }
    return false;
}

static size_t find_vtimezone(const struct ics_file *file, const char *tzid)
{
    for (size_t i = 0; i < file->component_count; i++) {
        if (ics_text_is(&file->components[i], "VTIMEZONE")) {
            const char *value = ics_text_value(file, i, "TZID");
            if (value != NULL && strcmp(value, tzid) == 0) {
                return i;
            }
        }
    }
    return ICS_NONE;
}

static int compare_onset(const void *a, const void *b)
{
    int64_t first = ((const struct ics_onset *)a)->utc;
    int64_t second = ((const struct ics_onset *)b)->utc;

    return first < second ? -1 : first > second ? 1 : 0;
}

static bool add_onset(struct ics_zone *zone, int64_t local, int32_t from, int32_t to)
{
    if (zone->onset_count == ONSETS_MAX) {
        return false;
    }
    zone->onsets[zone->onset_count++] =
        (struct ics_onset){.utc = local - from, .offset = to};
    return true;
}

struct observance {
    struct ics_value_time start;
    int32_t from;
    int32_t to;
};

static bool read_observance(const struct ics_file *file, size_t component,
                            struct observance *ret, struct ics_error *error)
{
    const char *start = ics_text_value(file, component, "DTSTART");
    const char *from = ics_text_value(file, component, "TZOFFSETFROM");
    const char *to = ics_text_value(file, component, "TZOFFSETTO");

    if (start == NULL || from == NULL || to == NULL ||
        !ics_value_parse_time(start, strlen(start), &ret->start) ||
        !ics_value_parse_offset(from, &ret->from) ||
        !ics_value_parse_offset(to, &ret->to)) {
        return ics_error_set(
            error, file->components[component].line,
            "the %s of a time zone lacks a good DTSTART, TZOFFSETFROM or "
            "TZOFFSETTO",
            file->components[component].name);
    }
    return true;
}

static bool expand_rule(const struct ics_property *property,
                        const struct observance *observance, int64_t horizon,
                        struct ics_zone *zone, struct ics_error *error)
{
    struct ics_rule rule = {0};
    int64_t local = 0;
    bool good = true;

    if (!ics_rule_begin(property, &observance->start, &rule, error)) {
        return false;
    }
    if (!rule.is_seasonal) {
        ics_rule_finish(&rule);
        return ics_error_set(error, property->line,
                             "a time zone that changes more often than monthly");
    }
    while (good && ics_rule_next(&rule, &local) && local <= horizon) {
        int64_t compared = rule.until.is_utc ? local - observance->from : local;
        int64_t until =
            rule.until.local + (rule.until.is_date ? ICS_SECONDS_PER_DAY - 1 : 0);
        if (rule.has_until && compared > until) {
            break;
        }
        good = local == observance->start.local ||
               add_onset(zone, local, observance->from, observance->to);
    }
    ics_rule_finish(&rule);
    return good ||
           ics_error_set(error, property->line, "the time zone has too many changes");
}

static bool expand_dates(const struct ics_property *property,
                         const struct observance *observance, struct ics_zone *zone,
                         struct ics_error *error)
{
    const char *at = property->value;

    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        struct ics_value_time time = {0};
        if (!ics_value_parse_time(at, length, &time) ||
            !add_onset(zone, time.is_utc ? time.local + observance->from : time.local,
                       observance->from, observance->to)) {
            return ics_error_set(error, property->line,
                                 "RDATE is not understood: %.60s", property->value);
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return true;
}

static bool expand_observance(const struct ics_file *file, size_t component,
                              int64_t horizon, struct ics_zone *zone,
                              struct ics_error *error)
{
    struct observance observance = {0};

    if (!read_observance(file, component, &observance, error)) {
        return false;
    }
    if (!add_onset(zone, observance.start.local, observance.from, observance.to)) {
        return ics_error_set(error, file->components[component].line,
                             "the time zone has too many changes");
    }
    const struct ics_property *property = NULL;
    while ((property = ics_text_find(file, component, "RRULE",
                                     property != NULL ? property + 1 : NULL)) != NULL) {
        if (!expand_rule(property, &observance, horizon, zone, error)) {
            return false;
        }
    }
    while ((property = ics_text_find(file, component, "RDATE",
                                     property != NULL ? property + 1 : NULL)) != NULL) {
        if (!expand_dates(property, &observance, zone, error)) {
            return false;
        }
    }
    return true;
}

/* The offset before the first change, as the earliest observance tells it. */
static int32_t offset_before(const struct ics_file *file, size_t vtimezone)
{
    int64_t earliest = INT64_MAX;
    int32_t offset = 0;
    struct ics_error ignored;

    for (size_t i = vtimezone + 1; i < file->components[vtimezone].next_sibling; i++) {
        struct observance observance = {0};
        if (read_observance(file, i, &observance, &ignored) &&
            observance.start.local < earliest) {
            earliest = observance.start.local;
            offset = observance.from;
        }
    }
    return offset;
}

static bool read_vtimezone(const struct ics_file *file, size_t vtimezone,
                           int64_t horizon, struct ics_zone *zone,
                           struct ics_error *error)
{
    unsigned line = file->components[vtimezone].line;

    zone->onsets = calloc(ONSETS_MAX, sizeof *zone->onsets);
    if (zone->onsets == NULL) {
        return ics_error_set(error, line, "out of memory");
    }
    zone->onsets[zone->onset_count++] =
        (struct ics_onset){.utc = INT64_MIN, .offset = offset_before(file, vtimezone)};
    for (size_t i = vtimezone + 1; i < file->components[vtimezone].next_sibling; i++) {
        if ((ics_text_is(&file->components[i], "STANDARD") ||
             ics_text_is(&file->components[i], "DAYLIGHT")) &&
            !expand_observance(file, i, horizon, zone, error)) {
            return false;
        }
    }
    if (zone->onset_count == 1) {
        return ics_error_set(error, line, "a time zone without STANDARD or DAYLIGHT");
    }
    qsort(zone->onsets, zone->onset_count, sizeof *zone->onsets, compare_onset);
    return true;
}

static bool resolve(struct ics_zones *zones, const char *tzid, unsigned line,
                    struct ics_zone *zone, struct ics_error *error)
{
    if (find_iana(tzid, zone->iana)) {
        return true;
    }
    const char *windows = windows_zones_iana(tzid);
    size_t vtimezone = find_vtimezone(zones->file, tzid);
    if (vtimezone == ICS_NONE) {
        if (windows != NULL && copy_name(zone->iana, windows)) {
            return true;
        }
        return ics_error_set(error, line, "the time zone \"%.60s\" is not known", tzid);
    }
    const char *location = ics_text_value(zones->file, vtimezone, "X-LIC-LOCATION");
    if (location != NULL && find_iana(location, zone->iana)) {
        return true;
    }
    return read_vtimezone(zones->file, vtimezone, zones->horizon, zone, error);
}

static void destroy(struct ics_zone *zone)
{
    free(zone->tzid);
    free(zone->onsets);
    free(zone);
}

static const struct ics_zone *add_zone(struct ics_zones *zones, const char *tzid,
                                       unsigned line, struct ics_error *error)
{
    struct ics_zone *zone = calloc(1, sizeof *zone);

    if (zone != NULL) {
        zone->tzid = strdup(tzid);
    }
    if (zone == NULL || zone->tzid == NULL) {
        (void)ics_error_set(error, line, "out of memory");
    } else if (zones->count == ICS_ZONES_MAX) {
        (void)ics_error_set(error, line, "more than %d time zones", ICS_ZONES_MAX);
    } else if (resolve(zones, tzid, line, zone, error)) {
        zones->zones[zones->count++] = zone;
        return zone;
    }
    if (zone != NULL) {
        destroy(zone);
    }
    return NULL;
}

void ics_zones_init(struct ics_zones *zones, const struct ics_file *file,
                    const char *floating, int64_t horizon)
{
    *zones = (struct ics_zones){.file = file, .horizon = horizon};
    (void)snprintf(zones->floating, sizeof zones->floating, "%s", floating);
}

void ics_zones_finish(struct ics_zones *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        destroy(zones->zones[i]);
    }
    *zones = (struct ics_zones){0};
}

bool ics_zones_of(struct ics_zones *zones, const struct ics_property *property,
                  const struct ics_zone **ret_zone, struct ics_error *ret_error)
{
    char tzid[256];

    if (!ics_text_check_params(property, ret_error)) {
        return false;
    }
    *ret_zone = NULL;
    if (!ics_text_param(property, "TZID", tzid, sizeof tzid)) {
        return true;
    }
    for (size_t i = 0; i < zones->count && *ret_zone == NULL; i++) {
        if (strcmp(zones->zones[i]->tzid, tzid) == 0) {
            *ret_zone = zones->zones[i];
        }
    }
    if (*ret_zone == NULL) {
        *ret_zone = add_zone(zones, tzid, property->line, ret_error);
    }
    return *ret_zone != NULL;
}

bool ics_zones_moment(struct ics_zones *zones, const struct ics_property *property,
                      struct ics_moment *ret, struct ics_error *ret_error)
{
    struct ics_moment moment = {0};

    if (!ics_zones_of(zones, property, &moment.zone, ret_error)) {
        return false;
    }
    if (!ics_value_parse_time(property->value, strlen(property->value),
                              &moment.value)) {
        return ics_error_set(ret_error, property->line,
                             "%.40s is not a date or a time: %.60s", property->name,
                             property->value);
    }
    if (moment.value.is_utc || moment.value.is_date) {
        moment.zone = NULL;
    }
    *ret = moment;
    return true;
}

static int64_t utc_by_onsets(const struct ics_zone *zone, int64_t local)
{
    size_t i = 0;

    while (i + 1 < zone->onset_count &&
           local - zone->onsets[i].offset >= zone->onsets[i + 1].utc &&
           local - zone->onsets[i + 1].offset >= zone->onsets[i + 1].utc) {
        i++;
    }
    return local - zone->onsets[i].offset;
}

int64_t ics_zones_utc(const struct ics_zones *zones, const struct ics_moment *moment,
                      int64_t local)
{
    const struct ics_zone *zone = moment->zone;
    struct zone_civil civil = {0};
    int32_t minute = 0;

    if (moment->value.is_utc) {
        return local;
    }
    if (zone != NULL && zone->iana[0] == '\0') {
        return utc_by_onsets(zone, local);
    }
    int64_t day = zone_date_floor(local, ICS_SECONDS_PER_DAY);
    int of_day = (int)(local - day * ICS_SECONDS_PER_DAY);
    zone_date_from_days(day, &civil);
    civil.hour = of_day / 3600;
    civil.minute = of_day / 60 % 60;
    const char *name = zone != NULL ? zone->iana : zones->floating;
    if (!zone_from_civil(name, &civil, &minute)) {
        return local; /* beyond the year 4000, where no zone is known */
    }
    return (int64_t)minute * 60 + of_day % 60;
}
