// SPDX-License-Identifier: Apache-2.0

#include "proto/zone.h"

#include "proto/zone_date.h"
#include "proto/zone_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTES_PER_DAY 1440
#define PARSE_FIRST_YEAR 2020
#define PARSE_LAST_YEAR 2100

struct zone {
    struct zone *next;
    char name[ZONE_NAME_MAX + 1];
    struct zone_rules rules;
};

static struct zone *known_zones;

/* Every name of tzdata begins with a capital; files that are no zones, and the
 * directories posix and right, do not. */
static bool is_name(const char *name)
{
    if (name == NULL || !(name[0] >= 'A' && name[0] <= 'Z') ||
        strlen(name) > ZONE_NAME_MAX) {
        return false;
    }
    for (const char *at = name; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr("/_+-", *at) == NULL) {
            return false;
        }
    }
    return true;
}

static struct zone *load_zone(const char *name)
{
    struct zone *zone = calloc(1, sizeof *zone);

    if (zone == NULL || !zone_file_load(name, &zone->rules)) {
        free(zone);
        return NULL;
    }
    (void)snprintf(zone->name, sizeof zone->name, "%s", name);
    return zone;
}

static const struct zone *find_zone(const char *name)
{
    if (!is_name(name)) {
        return NULL;
    }
    struct zone **link = &known_zones;
    while (*link != NULL && strcmp((*link)->name, name) != 0) {
        link = &(*link)->next;
    }
    struct zone *zone = *link;
    if (zone != NULL) {
        *link = zone->next;
    } else {
        zone = load_zone(name);
        if (zone == NULL) {
            return NULL;
        }
    }
    zone->next = known_zones; /* the last used is found first */
    known_zones = zone;
    return zone;
}

/* The span that covers @minute. */
static size_t span_at(const struct zone *zone, int64_t minute)
{
    size_t low = 0;
    size_t high = zone->rules.count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->rules.spans[middle].from <= minute) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* --- public functions --- */

bool zone_known(const char *name)
{
    return find_zone(name) != NULL;
}

size_t zone_spans(const char *name, int32_t from, int32_t until, struct zone_span *ret,
                  size_t capacity)
{
    const struct zone *zone = find_zone(name);

    if (zone == NULL || from >= until) {
        return 0;
    }
    size_t first = span_at(zone, from);
    size_t last = span_at(zone, (int64_t)until - 1);
    size_t count = last - first + 1;
    if (count > capacity) {
        return 0;
    }
    memcpy(ret, zone->rules.spans + first, count * sizeof *ret);
    ret[0].from = from;
    return count;
}

bool zone_to_civil(const char *name, int32_t minute, struct zone_civil *ret)
{
    const struct zone *zone = find_zone(name);

    if (zone == NULL) {
        return false;
    }
    int64_t local =
        (int64_t)minute + zone->rules.spans[span_at(zone, minute)].offset_minutes;
    int64_t day = zone_date_floor(local, MINUTES_PER_DAY);
    int of_day = (int)(local - day * MINUTES_PER_DAY);
    struct zone_civil civil = {.hour = of_day / 60, .minute = of_day % 60};

    zone_date_from_days(day, &civil);
    if (civil.year < 1 || civil.year > 4000) {
        return false;
    }
    *ret = civil;
    return true;
}

static bool is_civil(const struct zone_civil *civil)
{
    return civil->year >= 1 && civil->year <= 4000 && civil->month >= 1 &&
           civil->month <= 12 && civil->day >= 1 &&
           civil->day <= zone_date_days_in_month(civil->year, civil->month) &&
           civil->hour >= 0 && civil->hour <= 23 && civil->minute >= 0 &&
           civil->minute <= 59;
}

static int64_t local_minute(const struct zone_civil *civil)
{
    return zone_date_to_days(civil->year, civil->month, civil->day) * MINUTES_PER_DAY +
           (int64_t)civil->hour * 60 + civil->minute;
}

bool zone_from_civil(const char *name, const struct zone_civil *civil, int32_t *ret)
{
    const struct zone *zone = find_zone(name);

    if (zone == NULL || !is_civil(civil)) {
        return false;
    }
    int64_t local = local_minute(civil);
    /* No offset is larger than a day and a half, so the right span is near: walk from
     * the one that covers the day before, and take the first whose end lies after the
     * local time.  In a gap that is the span before it, in a repeated hour the first of
     * the two. */
    size_t i = span_at(zone, local - MINUTES_PER_DAY - MINUTES_PER_DAY / 2);
    while (i + 1 < zone->rules.count && local - zone->rules.spans[i].offset_minutes >=
                                            zone->rules.spans[i + 1].from) {
        int64_t with_next = local - zone->rules.spans[i + 1].offset_minutes;
        if (with_next < zone->rules.spans[i + 1].from) {
            break; /* the clocks skipped it */
        }
        i++;
    }
    *ret = (int32_t)(local - zone->rules.spans[i].offset_minutes);
    return true;
}

/* Two digits at @text, or -1. */
static int two_digits(const char *text)
{
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1])) {
        return -1;
    }
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* "Z", "+01:00" or "+0100", and nothing behind. */
static bool parse_offset(const char *text, int *ret)
{
    if (strcmp(text, "Z") == 0) {
        *ret = 0;
        return true;
    }
    size_t length = strlen(text);
    if ((text[0] != '+' && text[0] != '-') || (length != 5 && length != 6) ||
        (length == 6 && text[3] != ':')) {
        return false;
    }
    int hours = two_digits(text + 1);
    int minutes = two_digits(text + length - 2);
    if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) {
        return false;
    }
    *ret = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool zone_parse_time(const char *text, const char *zone, int32_t *ret_minute)
{
    if (text == NULL || strlen(text) < 16 || text[4] != '-' || text[7] != '-' ||
        text[10] != 'T' || text[13] != ':' || two_digits(text) < 0 ||
        two_digits(text + 2) < 0) {
        return false;
    }
    struct zone_civil civil = {.year = two_digits(text) * 100 + two_digits(text + 2),
                               .month = two_digits(text + 5),
                               .day = two_digits(text + 8),
                               .hour = two_digits(text + 11),
                               .minute = two_digits(text + 14)};
    const char *rest = text + 16;
    int32_t minute = 0;
    int offset = 0;

    if (strncmp(rest, ":00", 3) == 0) {
        rest += 3;
    }
    /* Far from the ends of int32_t, so that the sums below cannot overflow. */
    if (!is_civil(&civil) || civil.year < PARSE_FIRST_YEAR - 1 ||
        civil.year > PARSE_LAST_YEAR + 1) {
        return false;
    }
    if (rest[0] == '\0') {
        if (!zone_from_civil(zone, &civil, &minute)) {
            return false;
        }
    } else if (parse_offset(rest, &offset)) {
        minute = (int32_t)(local_minute(&civil) - offset);
    } else {
        return false;
    }
    if (minute < zone_date_to_days(PARSE_FIRST_YEAR, 1, 1) * MINUTES_PER_DAY ||
        minute >= zone_date_to_days(PARSE_LAST_YEAR + 1, 1, 1) * MINUTES_PER_DAY) {
        return false;
    }
    *ret_minute = minute;
    return true;
}

enum zone_fit zone_fit(const char *text, const char *name, int32_t minute,
                       int ret_offsets[2])
{
    const struct zone *zone = find_zone(name);
    int32_t local = 0;

    if (zone == NULL || strlen(text) > strlen("2026-11-21T09:30:00") ||
        strchr(text, 'Z') != NULL || !zone_parse_time(text, "UTC", &local)) {
        return ZONE_ONCE;
    }
    size_t at = span_at(zone, minute);
    const struct zone_span *span = &zone->rules.spans[at];
    if (local - minute != span->offset_minutes) {
        ret_offsets[0] = local - minute;
        ret_offsets[1] = span->offset_minutes;
        return ZONE_SKIPPED;
    }
    if (at + 1 < zone->rules.count && local - span[1].offset_minutes >= span[1].from) {
        ret_offsets[0] = span->offset_minutes;
        ret_offsets[1] = span[1].offset_minutes;
        return ZONE_TWICE;
    }
    return ZONE_ONCE;
}

void zone_format_time(int32_t minute, const char *zone, char *buffer, size_t size)
{
    struct zone_civil civil = {0};
    bool utc = zone == NULL || strcmp(zone, "UTC") == 0 ||
               !zone_to_civil(zone, minute, &civil);

    if (utc && !zone_to_civil("UTC", minute, &civil)) {
        (void)snprintf(buffer, size, "?");
        return;
    }
    int written =
        snprintf(buffer, size, "%04d-%02d-%02dT%02d:%02d%s", civil.year, civil.month,
                 civil.day, civil.hour, civil.minute, utc ? "Z" : "");
    if (!utc && written > 0 && (size_t)written < size) {
        int offset = (int)(local_minute(&civil) - minute);
        int distance = abs(offset);
        (void)snprintf(buffer + written, size - (size_t)written, "%c%02d:%02d",
                       offset < 0 ? '-' : '+', distance / 60, distance % 60);
    }
}
