// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/times.h"

#include "adapters/cli/language.h"
#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ZONE "Europe/Paris" /* of the wire, see message.h */

enum { DATE_LENGTH = 10, MINUTES_MAX = 10 * 366 * 1440 };

static const char *const days[] = {N_("Monday"),   N_("Tuesday"), N_("Wednesday"),
                                   N_("Thursday"), N_("Friday"),  N_("Saturday"),
                                   N_("Sunday")};
static const char *const months[] = {N_("January"), N_("February"), N_("March"),
                                     N_("April"),   N_("May"),      N_("June"),
                                     N_("July"),    N_("August"),   N_("September"),
                                     N_("October"), N_("November"), N_("December")};

bool times_parse(const char *text, const char *zone, int32_t *ret)
{
    char whole[DATE_LENGTH + sizeof("T00:00")];
    int offsets[2];
    int32_t minute;
    if (strlen(text) != DATE_LENGTH) {
        if (!zone_parse_time(text, zone, &minute) ||
            zone_fit(text, zone, minute, offsets) != ZONE_ONCE) {
            return false;
        }
        *ret = minute;
        return true;
    }
    snprintf(whole, sizeof(whole), "%sT00:00", text);
    return zone_parse_time(whole, zone, ret);
}

const char *times_trouble(const char *text, const char *zone)
{
    static char buffer[2 * TIMES_TEXT];
    int offsets[2] = {0, 0};
    int32_t minute;
    enum zone_fit fit = zone_parse_time(text, zone, &minute)
                            ? zone_fit(text, zone, minute, offsets)
                            : ZONE_ONCE;
    if (fit == ZONE_ONCE) {
        return NULL;
    }
    char shown[2][16];
    for (size_t i = 0; i < 2; i++) {
        int distance = abs(offsets[i]);
        snprintf(shown[i], sizeof(shown[i]), "%c%02d:%02d", offsets[i] < 0 ? '-' : '+',
                 distance / 60 % 100, distance % 60);
    }
    snprintf(buffer, sizeof(buffer),
             fit == ZONE_TWICE
                 ? _("the clocks show it twice that night; write %.16s%s or %.16s%s")
                 : _("the clocks skip it that night; write %.16s%s or %.16s%s"),
             text, shown[0], text, shown[1]);
    return buffer;
}

static bool parse_clock(const char *text, size_t length, uint32_t *ret_minutes)
{
    static const char shape[] = "00:00";
    if (length != 5) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == ':' ? text[i] != ':' : !digit) {
            return false;
        }
    }
    uint32_t hour = (uint32_t)(text[0] - '0') * 10 + (uint32_t)(text[1] - '0');
    uint32_t minute = (uint32_t)(text[3] - '0') * 10 + (uint32_t)(text[4] - '0');
    if (minute > 59 || hour * 60 + minute > 1440) {
        return false;
    }
    *ret_minutes = hour * 60 + minute;
    return true;
}

/* The end of a range, which may say no more than its time of day. */
static bool parse_end(const char *text, const char *zone, int32_t from, int32_t *ret)
{
    uint32_t minutes;
    struct zone_civil civil;
    if (!parse_clock(text, strlen(text), &minutes)) {
        return times_parse(text, zone, ret);
    }
    if (minutes == 1440 || !zone_to_civil(zone, from, &civil)) {
        return false;
    }
    civil.hour = (int)(minutes / 60);
    civil.minute = (int)(minutes % 60);
    int offsets[2];
    char whole[TIMES_TEXT];
    snprintf(whole, sizeof(whole), "%04d-%02d-%02dT%.5s", civil.year % 10000,
             civil.month, civil.day, text);
    return zone_from_civil(zone, &civil, ret) &&
           zone_fit(whole, zone, *ret, offsets) == ZONE_ONCE;
}

bool times_parse_span(const char *text, const char *zone, struct entente_span *ret)
{
    char from[64];
    struct entente_span span;
    const char *slash = strchr(text, '/');
    if (slash == NULL || (size_t)(slash - text) >= sizeof(from)) {
        return false;
    }
    memcpy(from, text, (size_t)(slash - text));
    from[slash - text] = '\0';
    if (!times_parse(from, zone, &span.start) ||
        !parse_end(slash + 1, zone, span.start, &span.end) || span.end <= span.start) {
        return false;
    }
    *ret = span;
    return true;
}

/* A number and how many minutes its unit has. */
static bool parse_part(const char **at, uint64_t *ret_minutes)
{
    static const struct {
        const char *name;
        uint32_t minutes;
    } units[] = {{"min", 1}, {"m", 1}, {"h", 60}, {"d", 1440}, {"j", 1440}};
    char *end;
    if (**at < '0' || **at > '9') {
        return false;
    }
    unsigned long number = strtoul(*at, &end, 10);
    if (number > MINUTES_MAX) {
        return false;
    }
    *at = end;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(*at, units[i].name, length) == 0) {
            *at += length;
            *ret_minutes = (uint64_t)number * units[i].minutes;
            return true;
        }
    }
    *ret_minutes = number;
    return *end == '\0';
}

bool times_parse_length(const char *text, uint32_t *ret_minutes)
{
    uint64_t total = 0;
    const char *at = text;
    do {
        uint64_t minutes;
        if (!parse_part(&at, &minutes)) {
            return false;
        }
        total += minutes;
    } while (*at != '\0' && total <= MINUTES_MAX);
    if (total > MINUTES_MAX) {
        return false;
    }
    *ret_minutes = (uint32_t)total;
    return true;
}

bool times_parse_hours(const char *text, struct entente_interval *ret)
{
    struct entente_interval hours;
    if (strlen(text) != 11 || text[5] != '-' ||
        !parse_clock(text, 5, &hours.from_minutes) ||
        !parse_clock(text + 6, 5, &hours.until_minutes) ||
        hours.from_minutes >= hours.until_minutes) {
        return false;
    }
    *ret = hours;
    return true;
}

/* 0 for Monday; -1 when @text begins with no day. */
static int read_day(const char *text)
{
    static const char names[2][7][4] = {
        {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
        {"lun", "mar", "mer", "jeu", "ven", "sam", "dim"}};
    for (int language = 0; language < 2; language++) {
        for (int day = 0; day < 7; day++) {
            if (strncmp(text, names[language][day], 3) == 0) {
                return day;
            }
        }
    }
    return -1;
}

bool times_parse_weekdays(const char *text, uint32_t *ret_bits)
{
    uint32_t bits = 0;
    const char *at = text;
    for (;;) {
        int first = read_day(at);
        int last = first;
        if (first < 0) {
            return false;
        }
        at += 3;
        if (*at == '-') {
            last = read_day(at + 1);
            at += 4;
        }
        if (last < 0) {
            return false;
        }
        for (int day = first;; day = (day + 1) % 7) {
            bits |= 1U << day;
            if (day == last) {
                break;
            }
        }
        if (*at == '\0') {
            *ret_bits = bits;
            return true;
        }
        if (*at++ != ',') {
            return false;
        }
    }
}

void times_say_day(int32_t minute, const char *zone, char *ret, size_t size)
{
    struct zone_civil civil = {.month = 1, .weekday = 1};
    zone_to_civil(zone == NULL ? DEFAULT_ZONE : zone, minute, &civil);
    const char *weekday = gettext(days[civil.weekday - 1]);
    const char *month = gettext(months[civil.month - 1]);
    if (civil.day == 1) {
        /* TRANSLATORS: weekday, month, year: the first day of the month */
        snprintf(ret, size, _("%s 1 %s %d"), weekday, month, civil.year);
    } else {
        /* TRANSLATORS: weekday, day of the month, month, year */
        snprintf(ret, size, _("%s %d %s %d"), weekday, civil.day, month, civil.year);
    }
}

void times_say_span(int32_t from, int32_t until, const char *zone, char *ret,
                    size_t size)
{
    char day[TIMES_TEXT];
    struct zone_civil start = {0};
    struct zone_civil end = {0};
    zone_to_civil(zone == NULL ? DEFAULT_ZONE : zone, from, &start);
    zone_to_civil(zone == NULL ? DEFAULT_ZONE : zone, until, &end);
    times_say_day(from, zone, day, sizeof(day));
    if (until == 0 || end.day != start.day || until - from >= 1440) {
        /* TRANSLATORS: day, hour, minute */
        snprintf(ret, size, _("%s, %02d:%02d"), day, start.hour, start.minute);
    } else {
        /* TRANSLATORS: day, hour, minute, hour, minute */
        snprintf(ret, size, _("%s, %02d:%02d to %02d:%02d"), day, start.hour,
                 start.minute, end.hour, end.minute);
    }
}
