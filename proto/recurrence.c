// SPDX-License-Identifier: Apache-2.0

#include "proto/recurrence.h"

#include "proto/zone_date.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    COUNT_MOST = 9999, /* that is read; how many are served is for others to say */
    DAYS_PER_WEEK = 7,
    NTH_MOST = 4,
    PART_BYTES = 32,
};

/* What has been read so far; NULL: the part is not there. */
struct parts {
    char text[6][PART_BYTES];
    bool is_there[6];
};

enum part { FREQ, INTERVAL, COUNT, BYDAY, WKST, UNTIL };

static const struct {
    const char *name;
    enum part part;
} names[] = {
    {"FREQ", FREQ},   {"INTERVAL", INTERVAL}, {"COUNT", COUNT},
    {"BYDAY", BYDAY}, {"WKST", WKST},         {"UNTIL", UNTIL},
};

static const char *const weekdays[DAYS_PER_WEEK] = {"MO", "TU", "WE", "TH",
                                                    "FR", "SA", "SU"};

/* The number of the weekday, from Monday on; DAYS_PER_WEEK if it is none. */
static unsigned find_weekday(const char *text)
{
    unsigned day = 0;
    while (day < DAYS_PER_WEEK && strcasecmp(text, weekdays[day]) != 0) {
        day++;
    }
    return day;
}

static bool fail(const char **ret_why, const char *why)
{
    *ret_why = why;
    return false;
}

/* One "NAME=value", from @from to @end. */
static bool read_part(const char *from, const char *end, struct parts *parts,
                      const char **ret_why)
{
    const char *equals = memchr(from, '=', (size_t)(end - from));
    if (equals == NULL || equals == from || equals + 1 == end) {
        return fail(ret_why, "it is made of parts as COUNT=6, with semicolons between");
    }
    size_t length = (size_t)(equals - from);
    size_t size = (size_t)(end - equals) - 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        enum part part = names[i].part;
        if (strlen(names[i].name) != length ||
            strncasecmp(names[i].name, from, length) != 0) {
            continue;
        }
        if (parts->is_there[part]) {
            return fail(ret_why, "each part stands once");
        }
        if (size >= PART_BYTES) {
            return fail(ret_why, part == BYDAY ? "BYDAY names one weekday; ask for a "
                                                 "series for each of several"
                                               : "one of its parts is too long");
        }
        memcpy(parts->text[part], equals + 1, size);
        parts->is_there[part] = true;
        return true;
    }
    return fail(ret_why, "only FREQ, INTERVAL, COUNT, UNTIL, BYDAY and WKST are read");
}

static bool read_parts(const char *text, struct parts *parts, const char **ret_why)
{
    static const char prefix[] = "RRULE:";
    if (strncasecmp(text, prefix, strlen(prefix)) == 0) {
        text += strlen(prefix);
    }
    for (;;) {
        const char *end = text + strcspn(text, ";");
        if (!read_part(text, end, parts, ret_why)) {
            return false;
        }
        if (*end == '\0') {
            return true;
        }
        text = end + 1;
    }
}

/* A number from 1 on, in digits only; 0 if it is none. */
static uint32_t read_number(const char *text)
{
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9' && number <= COUNT_MOST; text++) {
        number = 10 * number + (uint32_t)(*text - '0');
    }
    return *text == '\0' && number <= COUNT_MOST ? number : 0;
}

static bool read_step(const struct parts *parts, struct recurrence *ret,
                      const char **ret_why)
{
    const char *freq = parts->text[FREQ];
    uint32_t interval =
        parts->is_there[INTERVAL] ? read_number(parts->text[INTERVAL]) : 1;
    if (strcasecmp(freq, "WEEKLY") == 0 && (interval == 1 || interval == 2)) {
        ret->step = interval == 1 ? ENTENTE_WEEKLY : ENTENTE_FORTNIGHTLY;
        return true;
    }
    if (strcasecmp(freq, "MONTHLY") == 0 && interval == 1) {
        ret->step = ENTENTE_MONTHLY;
        return true;
    }
    return fail(ret_why, "a series is weekly (FREQ=WEEKLY), fortnightly "
                         "(FREQ=WEEKLY;INTERVAL=2) or monthly (FREQ=MONTHLY)");
}

static bool read_day(const struct parts *parts, struct recurrence *ret,
                     const char **ret_why)
{
    const char *text = parts->text[BYDAY];
    bool is_monthly = ret->step == ENTENTE_MONTHLY;
    if (is_monthly && strncmp(text, "-1", 2) == 0) {
        ret->nth = RECURRENCE_LAST;
        text += 2;
    } else if (is_monthly) {
        if (text[0] < '1' || text[0] > '0' + NTH_MOST) {
            return fail(ret_why,
                        "a monthly series keeps its weekday, the first to the "
                        "fourth of the month or the last: BYDAY=2TU is the second "
                        "Tuesday, BYDAY=-1TU the last");
        }
        ret->nth = (uint32_t)(text[0] - '0');
        text++;
    }
    unsigned day = find_weekday(text);
    if (parts->is_there[BYDAY] && day == DAYS_PER_WEEK) {
        return fail(ret_why, strchr(text, ',') != NULL
                                 ? "BYDAY names one weekday; ask for a series for each "
                                   "of several"
                                 : "BYDAY is a weekday: MO, TU, WE, TH, FR, SA or SU, "
                                   "in a monthly series with its number, as 2TU");
    }
    ret->weekdays = parts->is_there[BYDAY] ? 1U << day : 0;
    return true;
}

/* "20261218", or "20261218T225959Z". */
static bool read_until(const char *text, struct recurrence *ret)
{
    size_t length = strlen(text);
    size_t digits = strspn(text, "0123456789");
    char written[ZONE_TIME_SIZE];
    struct zone_civil civil;
    int32_t minute;
    if (digits != 8 ||
        (length != 8 && (length != 16 || (text[8] != 'T' && text[8] != 't') ||
                         strspn(text + 9, "0123456789") != 6 ||
                         (text[15] != 'Z' && text[15] != 'z')))) {
        return false;
    }
    bool is_moment = length == 16;
    snprintf(written, sizeof(written), "%.4s-%.2s-%.2sT%.2s:%.2sZ", text, text + 4,
             text + 6, is_moment ? text + 9 : "00", is_moment ? text + 11 : "00");
    if (!zone_parse_time(written, NULL, &minute) ||
        !zone_to_civil("UTC", minute, &civil)) {
        return false;
    }
    ret->until_is_moment = is_moment;
    ret->until = is_moment
                     ? minute
                     : (int32_t)zone_date_to_days(civil.year, civil.month, civil.day);
    return true;
}

static bool read_end(const struct parts *parts, struct recurrence *ret,
                     const char **ret_why)
{
    if (parts->is_there[COUNT] && parts->is_there[UNTIL]) {
        return fail(ret_why, "COUNT says how many meetings there are, or UNTIL until "
                             "when; not both");
    }
    if (parts->is_there[UNTIL]) {
        return read_until(parts->text[UNTIL], ret) ||
               fail(ret_why, "UNTIL is the last day, as UNTIL=20261218, or a moment in "
                             "UTC, as UNTIL=20261218T225959Z");
    }
    ret->occurrences = read_number(parts->text[COUNT]);
    return ret->occurrences > 0 ||
           fail(ret_why, "COUNT is needed, how many meetings there are: COUNT=6; or "
                         "UNTIL, the last day: UNTIL=20261218");
}

bool recurrence_read(const char *text, struct recurrence *ret, const char **ret_why)
{
    struct parts parts = {0};
    struct recurrence read = {0};
    if (!read_parts(text, &parts, ret_why)) {
        return false;
    }
    if (!parts.is_there[FREQ]) {
        return fail(ret_why, "FREQ is needed, as FREQ=WEEKLY");
    }
    if (!read_step(&parts, &read, ret_why) || !read_day(&parts, &read, ret_why)) {
        return false;
    }
    if (parts.is_there[WKST] && find_weekday(parts.text[WKST]) == DAYS_PER_WEEK) {
        return fail(ret_why, "WKST is a weekday, as MO");
    }
    if (!read_end(&parts, &read, ret_why)) {
        return false;
    }
    *ret = read;
    return true;
}

struct recurrence recurrence_of(const struct entente_spec *spec)
{
    struct recurrence found = {.occurrences = 1, .step = ENTENTE_WEEKLY};
    const char *why;
    if (spec->recurrence != NULL) {
        /* It has been read before: what cannot be read has been refused. */
        (void)recurrence_read(spec->recurrence, &found, &why);
        return found;
    }
    found.occurrences = spec->occurrences == 0 ? 1 : spec->occurrences;
    found.step = spec->step == 0 ? ENTENTE_WEEKLY : spec->step;
    return found;
}

bool recurrence_admits(const struct recurrence *recurrence, int32_t civil_day)
{
    struct zone_civil civil;
    zone_date_from_days(civil_day, &civil);
    uint32_t day = 1U << (civil.weekday - 1);
    uint32_t nth = (uint32_t)((civil.day - 1) / DAYS_PER_WEEK) + 1;
    return (recurrence->weekdays == 0 || (recurrence->weekdays & day) != 0) &&
           (recurrence->nth == 0 ||
            (recurrence->nth == RECURRENCE_LAST
                 ? civil.day + DAYS_PER_WEEK >
                       zone_date_days_in_month(civil.year, civil.month)
                 : recurrence->nth == nth));
}
