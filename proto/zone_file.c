// SPDX-License-Identifier: Apache-2.0

#include "proto/zone_file.h"

#include "proto/zone_date.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_YEAR 2199 /* rules are expanded up to here */
#define FILE_SIZE_MAX                                                                  \
    ((size_t)64 * 1024) /* the largest file of tzdata 2026 has 4 KiB */
#define TRANSITIONS_MAX 4096

/* The bytes that are left to read.  Reading past the end gives zeros and sets failed.
 */
struct cursor {
    const unsigned char *at;
    size_t left;
    bool failed;
};

/* One change of a POSIX rule: a day of the year and the second of its local day. */
struct rule_date {
    char kind; /* 'M' month.week.weekday, 'J' day without leap days, '0' day from 0 */
    int month;
    int week;
    int day;
    int32_t second;
};

/* What the last line of a zone file says about all the time after its last transition.
 */
struct rule {
    bool has_summer;
    int32_t standard; /* seconds east */
    int32_t summer;
    struct rule_date begin;
    struct rule_date end;
};

/* --- a compiled zone file (RFC 8536) --- */

static const unsigned char *take(struct cursor *cursor, size_t size)
{
    if (cursor->left < size) {
        cursor->failed = true;
        return NULL;
    }
    const unsigned char *bytes = cursor->at;

    cursor->at += size;
    cursor->left -= size;
    return bytes;
}

static uint64_t big_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

struct header {
    uint32_t is_utc_count;
    uint32_t is_standard_count;
    uint32_t leap_count;
    uint32_t time_count;
    uint32_t type_count;
    uint32_t text_count;
};

static bool take_header(struct cursor *cursor, struct header *ret)
{
    const unsigned char *bytes = take(cursor, 44);

    if (bytes == NULL || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2') {
        return false;
    }
    ret->is_utc_count = (uint32_t)big_endian(bytes + 20, 4);
    ret->is_standard_count = (uint32_t)big_endian(bytes + 24, 4);
    ret->leap_count = (uint32_t)big_endian(bytes + 28, 4);
    ret->time_count = (uint32_t)big_endian(bytes + 32, 4);
    ret->type_count = (uint32_t)big_endian(bytes + 36, 4);
    ret->text_count = (uint32_t)big_endian(bytes + 40, 4);
    return ret->time_count <= TRANSITIONS_MAX && ret->type_count >= 1 &&
           ret->type_count <= 256 && ret->leap_count <= TRANSITIONS_MAX &&
           ret->text_count <= TRANSITIONS_MAX && ret->is_utc_count <= 256 &&
           ret->is_standard_count <= 256;
}

static size_t body_size(const struct header *header, size_t time_size)
{
    return header->time_count * (time_size + 1) + header->type_count * (size_t)6 +
           header->text_count + header->leap_count * (time_size + 4) +
           header->is_standard_count + header->is_utc_count;
}

/* Spans of equal offset are one span: a change of the abbreviation alone is none for
 * us. */
static void add_span(struct zone_rules *zone, int64_t second, int32_t offset)
{
    int64_t from = zone_date_floor(second, 60);
    int32_t minutes = (int32_t)zone_date_floor((int64_t)offset + 30, 60);

    if (from <= INT32_MIN) {
        zone->spans[0].offset_minutes = minutes;
    } else if (from <= INT32_MAX &&
               zone->spans[zone->count - 1].offset_minutes != minutes) {
        zone->spans[zone->count++] =
            (struct zone_span){.from = (int32_t)from, .offset_minutes = minutes};
    }
}

/* --- the rule in the last line: CET-1CEST,M3.5.0,M10.5.0/3 --- */

static bool parse_number(const char **text, int maximum, int *ret)
{
    int value = 0;
    const char *at = *text;

    while (isdigit((unsigned char)*at) && value <= maximum) {
        value = value * 10 + (*at++ - '0');
    }
    if (at == *text || value > maximum) {
        return false;
    }
    *text = at;
    *ret = value;
    return true;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool parse_clock(const char **text, int32_t *ret)
{
    int sign = **text == '-' ? -1 : 1;
    int part[3] = {0, 0, 0};

    if (**text == '-' || **text == '+') {
        (*text)++;
    }
    if (!parse_number(text, 167, &part[0])) {
        return false;
    }
    for (int i = 1; i < 3 && **text == ':'; i++) {
        (*text)++;
        if (!parse_number(text, 59, &part[i])) {
            return false;
        }
    }
    *ret = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return true;
}

static bool skip_abbreviation(const char **text)
{
    const char *at = *text;

    if (*at == '<') {
        at = strchr(at, '>');
        if (at == NULL) {
            return false;
        }
        *text = at + 1;
        return true;
    }
    while (isalpha((unsigned char)*at)) {
        at++;
    }
    bool found = at > *text;
    *text = at;
    return found;
}

static bool parse_rule_date(const char **text, struct rule_date *ret)
{
    struct rule_date date = {.kind = '0', .second = 2 * 3600};
    bool good = **text == ',';

    (*text)++;
    if (good && **text == 'M') {
        (*text)++;
        date.kind = 'M';
        good = parse_number(text, 12, &date.month) && date.month >= 1 &&
               *(*text)++ == '.' && parse_number(text, 5, &date.week) &&
               date.week >= 1 && *(*text)++ == '.' && parse_number(text, 6, &date.day);
    } else if (good) {
        if (**text == 'J') {
            (*text)++;
            date.kind = 'J';
        }
        good = parse_number(text, 365, &date.day);
    }
    if (good && **text == '/') {
        (*text)++;
        good = parse_clock(text, &date.second);
    }
    *ret = date;
    return good;
}

static bool parse_rule(const char *text, struct rule *ret)
{
    struct rule rule = {0};
    int32_t west = 0;

    if (!skip_abbreviation(&text) || !parse_clock(&text, &west)) {
        return false;
    }
    rule.standard = -west;
    if (*text != '\0') {
        rule.has_summer = true;
        rule.summer = rule.standard + 3600;
        if (!skip_abbreviation(&text)) {
            return false;
        }
        if (*text != ',') {
            if (!parse_clock(&text, &west)) {
                return false;
            }
            rule.summer = -west;
        }
        if (!parse_rule_date(&text, &rule.begin) ||
            !parse_rule_date(&text, &rule.end)) {
            return false;
        }
    }
    *ret = rule;
    return *text == '\0';
}

/* The local second, counted from 1970-01-01T00:00 local, at which @date falls in @year.
 */
static int64_t rule_second(const struct rule_date *date, int year)
{
    int64_t day = zone_date_to_days(year, 1, 1);

    if (date->kind == '0') {
        day += date->day;
    } else if (date->kind == 'J') {
        day += date->day - 1 +
               (date->day >= 60 && zone_date_days_in_month(year, 2) == 29 ? 1 : 0);
    } else {
        int64_t first = zone_date_to_days(year, date->month, 1);
        int weekday_of_first = (int)(((first + 4) % 7 + 7) % 7); /* 0 Sunday */
        int offset = (date->day - weekday_of_first + 7) % 7 + (date->week - 1) * 7;

        if (offset >= zone_date_days_in_month(year, date->month)) {
            offset -= 7;
        }
        day = first + offset;
    }
    return day * 86400 + date->second;
}

static void expand_rule(struct zone_rules *zone, const struct rule *rule, int64_t after)
{
    struct zone_civil last = {0};

    zone_date_from_days(zone_date_floor(after, 86400), &last);
    for (int year = last.year < 1970 ? 1970 : last.year; year <= LAST_YEAR; year++) {
        int64_t begin = rule_second(&rule->begin, year) - rule->standard;
        int64_t end = rule_second(&rule->end, year) - rule->summer;
        bool begin_first = begin < end;

        for (int i = 0; i < 2; i++) {
            bool is_begin = (i == 0) == begin_first;
            int64_t second = is_begin ? begin : end;

            if (second > after) {
                add_span(zone, second, is_begin ? rule->summer : rule->standard);
            }
        }
    }
}

/* --- loading --- */

static bool read_transitions(struct cursor *cursor, struct zone_rules *zone,
                             int64_t *ret_last)
{
    struct header header = {0};

    if (!take_header(cursor, &header) || take(cursor, body_size(&header, 4)) == NULL ||
        !take_header(cursor, &header)) {
        return false;
    }
    size_t rest = body_size(&header, 8) - header.time_count * (size_t)9 -
                  header.type_count * (size_t)6;
    const unsigned char *times = take(cursor, header.time_count * (size_t)8);
    const unsigned char *indices = take(cursor, header.time_count);
    const unsigned char *types = take(cursor, header.type_count * (size_t)6);
    (void)take(cursor, rest);
    if (cursor->failed) {
        return false;
    }
    add_span(zone, INT64_MIN, (int32_t)(uint32_t)big_endian(types, 4));
    for (uint32_t i = 0; i < header.time_count; i++) {
        if (indices[i] >= header.type_count) {
            return false;
        }
        int64_t second = (int64_t)big_endian(times + i * (size_t)8, 8);
        add_span(zone, second,
                 (int32_t)(uint32_t)big_endian(types + indices[i] * (size_t)6, 4));
        *ret_last = second;
    }
    return true;
}

static bool read_zone(const unsigned char *bytes, size_t size, struct zone_rules *zone)
{
    struct cursor cursor = {.at = bytes, .left = size};
    struct rule rule = {0};
    char text[128] = "";
    int64_t last = INT32_MIN;

    zone->count = 1;
    zone->spans[0] = (struct zone_span){.from = INT32_MIN};
    if (!read_transitions(&cursor, zone, &last) || cursor.left < 2 ||
        cursor.left > sizeof text) {
        return false;
    }
    memcpy(text, cursor.at + 1, cursor.left - 2); /* between two line ends */
    if (text[0] == '\0') {
        return true;
    }
    if (!parse_rule(text, &rule)) {
        return false;
    }
    if (rule.has_summer) {
        expand_rule(zone, &rule, last);
    }
    return true;
}

static size_t read_file(const char *name, unsigned char *bytes, size_t capacity)
{
    const char *directory = getenv("TZDIR");
    char path[512];
    int length = snprintf(
        path, sizeof path, "%s/%s",
        directory != NULL && directory[0] == '/' ? directory : "/usr/share/zoneinfo",
        name);

    if (length < 0 || (size_t)length >= sizeof path) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return 0;
    }
    size_t size = fread(bytes, 1, capacity, file);
    (void)fclose(file);
    return size;
}

bool zone_file_load(const char *name, struct zone_rules *ret_rules)
{
    size_t capacity = (size_t)1 + TRANSITIONS_MAX + (size_t)2 * (LAST_YEAR - 1970 + 1);
    unsigned char *bytes = malloc(FILE_SIZE_MAX);
    struct zone_rules rules = {.spans = calloc(capacity, sizeof *rules.spans)};
    bool good = false;

    if (bytes != NULL && rules.spans != NULL) {
        size_t size = read_file(name, bytes, FILE_SIZE_MAX);
        good = read_zone(bytes, size, &rules);
        if (!good && strcmp(name, "UTC") == 0) {
            rules.count = 1; /* a machine without tzdata still knows UTC */
            rules.spans[0] = (struct zone_span){.from = INT32_MIN};
            good = true;
        }
    }
    free(bytes);
    if (!good) {
        free(rules.spans);
        return false;
    }
    struct zone_span *fitted = realloc(rules.spans, rules.count * sizeof *rules.spans);
    rules.spans = fitted != NULL ? fitted : rules.spans;
    *ret_rules = rules;
    return true;
}
