// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/freebusy.h"

#include "proto/zone.h"
#include "proto/zone_date.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define DAY 1440

static void skip_blanks(const char **text)
{
    while (**text == ' ' || **text == '\t') {
        (*text)++;
    }
}

static bool take_weekday(const char **text, int *ret)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri",
                                        "sat", "sun", "lun", "mar", "mer",
                                        "jeu", "ven", "sam", "dim"};

    skip_blanks(text);
    for (int i = 0; i < 14; i++) {
        if (strncasecmp(*text, names[i], 3) == 0 &&
            !isalpha((unsigned char)(*text)[3])) {
            *text += 3;
            *ret = i % 7 + 1;
            return true;
        }
    }
    return false;
}

static bool take_clock(const char **text, int *ret)
{
    const char *at = NULL;

    skip_blanks(text);
    at = *text;
    for (int i = 0; i < 5; i++) {
        if (i == 2 ? at[i] != ':' : !isdigit((unsigned char)at[i])) {
            return false;
        }
    }
    int hour = (at[0] - '0') * 10 + (at[1] - '0');
    int minute = (at[3] - '0') * 10 + (at[4] - '0');
    *text = at + 5;
    *ret = hour * 60 + minute;
    return minute <= 59 && *ret <= DAY;
}

static bool take_char(const char **text, char expected)
{
    skip_blanks(text);
    if (**text != expected) {
        return false;
    }
    (*text)++;
    return true;
}

/* "Mon-Fri 09:00-12:30,14:00-18:00" */
static bool take_days(const char **text, struct freebusy_hours *hours)
{
    int first = 0;
    int last = 0;

    if (!take_weekday(text, &first)) {
        return false;
    }
    last = first;
    if (take_char(text, '-') && !take_weekday(text, &last)) {
        return false;
    }
    do {
        struct freebusy_hour hour = {0};
        if (!take_clock(text, &hour.from) || !take_char(text, '-') ||
            !take_clock(text, &hour.until) || hour.from >= hour.until) {
            return false;
        }
        for (int day = first;; day = day % 7 + 1) {
            if (hours->count == FREEBUSY_HOURS_MAX) {
                return false;
            }
            hour.weekday = day;
            hours->items[hours->count++] = hour;
            if (day == last) {
                break;
            }
        }
    } while (take_char(text, ','));
    return true;
}

bool freebusy_parse_hours(const char *text, struct freebusy_hours *ret_hours)
{
    struct freebusy_hours hours = {0};

    do {
        if (!take_days(&text, &hours)) {
            return false;
        }
    } while (take_char(&text, ';'));
    skip_blanks(&text);
    if (*text != '\0') {
        return false;
    }
    *ret_hours = hours;
    return true;
}

/* The minute at which the clock of @zone shows @of_day on @day; 24:00 is the next
 * midnight. */
static bool minute_of(const char *zone, int64_t day, int of_day, int32_t *ret)
{
    struct zone_civil civil = {.hour = of_day % DAY / 60, .minute = of_day % 60};

    zone_date_from_days(day + of_day / DAY, &civil);
    return zone_from_civil(zone, &civil, ret);
}

static bool add_day(const struct freebusy_hours *hours, const char *zone, int64_t day,
                    struct span_list *list)
{
    struct zone_civil civil = {0};

    zone_date_from_days(day, &civil);
    for (size_t i = 0; i < hours->count; i++) {
        int32_t from = 0;
        int32_t until = 0;
        if (hours->items[i].weekday != civil.weekday) {
            continue;
        }
        if (!minute_of(zone, day, hours->items[i].from, &from) ||
            !minute_of(zone, day, hours->items[i].until, &until) ||
            !span_list_add(list, from, until)) {
            return false;
        }
    }
    return true;
}

static bool add_hours(const struct freebusy_hours *hours, const char *zone,
                      int32_t from, int32_t until, struct span_list *list)
{
    /* A local day begins at most a day away from the UTC day of the same date. */
    int64_t first = zone_date_floor(from, DAY) - 1;
    int64_t last = zone_date_floor(until, DAY) + 1;

    for (int64_t day = first; day <= last; day++) {
        if (!add_day(hours, zone, day, list)) {
            return false;
        }
    }
    span_list_normalise(list);
    span_list_clip(list, from, until);
    return true;
}

bool freebusy_make(const struct agenda *agenda, const struct freebusy_hours *hours,
                   const char *zone, struct freebusy *ret_freebusy)
{
    struct freebusy made = {0};
    bool good = span_list_unite(&made.busy, &agenda->busy) &&
                span_list_unite(&made.busy, &agenda->unavailable) &&
                span_list_unite(&made.tentative, &agenda->tentative) &&
                span_list_subtract(&made.tentative, &made.busy) &&
                span_list_unite(&made.declared, &agenda->free) &&
                span_list_subtract(&made.declared, &made.busy) &&
                span_list_subtract(&made.declared, &made.tentative);

    if (good && hours != NULL) {
        good = add_hours(hours, zone, agenda->covered_from, agenda->covered_until,
                         &made.inferred) &&
               span_list_subtract(&made.inferred, &made.busy) &&
               span_list_subtract(&made.inferred, &made.tentative) &&
               span_list_subtract(&made.inferred, &made.declared);
    }
    if (!good) {
        freebusy_finish(&made);
        return false;
    }
    *ret_freebusy = made;
    return true;
}

void freebusy_finish(struct freebusy *freebusy)
{
    span_list_finish(&freebusy->declared);
    span_list_finish(&freebusy->inferred);
    span_list_finish(&freebusy->busy);
    span_list_finish(&freebusy->tentative);
}
