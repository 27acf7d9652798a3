// SPDX-License-Identifier: Apache-2.0

/*
 * recurrence_until.c - the part of recurrence.h that knows how many meetings there are until
 * a day
 */
#include "proto/recurrence.h"

#include "proto/limits.h"
#include "proto/zone_date.h"

#include <assert.h>
#include <stdio.h>

enum {
    DAYS_PER_WEEK = 7,
    MONTHS_PER_YEAR = 12,
    COUNTED = LIMIT_OCCURRENCES + 1, /* as many, or more */
};

static const char *zone_of(const struct entente_spec *spec)
{
    return spec->zone == NULL ? RECURRENCE_ZONE : spec->zone;
}

/* The day that the clocks of the request show. */
static bool day_of(const struct entente_spec *spec, int32_t minute, int32_t *ret_day)
{
    struct zone_civil civil;
    if (!zone_to_civil(zone_of(spec), minute, &civil)) {
        return false;
    }
    *ret_day = (int32_t)zone_date_to_days(civil.year, civil.month, civil.day);
    return true;
}

/* The day of @month (counted from the year 0) on which the series has its meeting. */
static int64_t day_in_month(const struct recurrence *series, int64_t month, int weekday)
{
    int64_t year = zone_date_floor(month, MONTHS_PER_YEAR);
    int of_year = (int)(month - year * MONTHS_PER_YEAR) + 1;
    int64_t first = zone_date_to_days(year, of_year, 1);
    int length = zone_date_days_in_month((int)year, of_year);
    struct zone_civil civil;
    zone_date_from_days(first, &civil);
    int64_t day = first + (weekday - civil.weekday + DAYS_PER_WEEK) % DAYS_PER_WEEK;
    if (series->nth != RECURRENCE_LAST) {
        return day + ((int64_t)series->nth - 1) * DAYS_PER_WEEK;
    }
    while (day + DAYS_PER_WEEK < first + length) {
        day += DAYS_PER_WEEK;
    }
    return day;
}

/* How many meetings there are from @day to @until, both included; COUNTED is the most. */
static uint32_t count_from(const struct recurrence *series, int32_t day, int32_t until)
{
    uint32_t count = 0;
    if (day > until || !recurrence_admits(series, day)) {
        return 0;
    }
    if (series->step != ENTENTE_MONTHLY) {
        int32_t step =
            series->step == ENTENTE_WEEKLY ? DAYS_PER_WEEK : 2 * DAYS_PER_WEEK;
        count = (uint32_t)((until - day) / step) + 1;
        return count < COUNTED ? count : COUNTED;
    }
    struct zone_civil civil;
    zone_date_from_days(day, &civil);
    int64_t month = (int64_t)civil.year * MONTHS_PER_YEAR + civil.month - 1;
    while (count < COUNTED &&
           day_in_month(series, month + count, civil.weekday) <= until) {
        count++;
    }
    return count;
}

/* ---- all the days on which it may begin --------------------------------------------
 */

/* By how many meetings there would be: bit n is "n are possible". */
struct counts {
    uint64_t possible[2];
    uint32_t wanted; /* where not 0: the days on which there would be so many */
    int32_t first;
    int32_t last;
};

static_assert(COUNTED < 128, "each count has its bit");

static void note_days(const struct recurrence *series, int32_t from, int32_t to,
                      int32_t until, struct counts *counts)
{
    for (int32_t day = from; day <= to; day++) {
        uint32_t count = count_from(series, day, until);
        counts->possible[count / 64] |= UINT64_C(1) << count % 64;
        if (count > 0 && count == counts->wanted) {
            counts->first = day < counts->first ? day : counts->first;
            counts->last = day > counts->last ? day : counts->last;
        }
    }
}

/* False: the clocks of the request are not known. */
static bool note_all(const struct entente_spec *spec, const struct recurrence *series,
                     struct counts *counts)
{
    int32_t until = series->until;
    int32_t from;
    int32_t to;
    if (series->until_is_moment && !day_of(spec, series->until, &until)) {
        return false;
    }
    for (size_t i = 0; i < spec->windows_count; i++) {
        int32_t last = spec->windows[i].end - (int32_t)spec->duration_minutes;
        if (!day_of(spec, spec->windows[i].start, &from) || !day_of(spec, last, &to)) {
            return false;
        }
        note_days(series, from, to, until, counts);
    }
    for (size_t i = 0; i < spec->picked_count; i++) {
        if (!day_of(spec, spec->picked[i], &from)) {
            return false;
        }
        note_days(series, from, from, until, counts);
    }
    return true;
}

static bool find_minute(const struct entente_spec *spec, int32_t day, int32_t *ret)
{
    struct zone_civil civil = {0};
    zone_date_from_days(day, &civil);
    return zone_from_civil(zone_of(spec), &civil, ret);
}

bool recurrence_run(const struct entente_spec *spec, size_t rank,
                    struct recurrence_run *ret_run)
{
    struct recurrence series = recurrence_of(spec);
    struct counts counts = {.first = INT32_MAX, .last = INT32_MIN};
    uint32_t wanted = COUNTED + 1;
    if (!note_all(spec, &series, &counts)) {
        return false;
    }
    for (size_t i = 0; i <= rank; i++) {
        do {
            wanted--;
        } while (wanted > 0 && (counts.possible[wanted / 64] >> wanted % 64 & 1) == 0);
        if (wanted == 0) {
            return false;
        }
    }
    counts.wanted = wanted;
    struct recurrence_run run = {.occurrences = wanted};
    if (!note_all(spec, &series, &counts) ||
        !find_minute(spec, counts.first, &run.from) ||
        !find_minute(spec, counts.last + 1, &run.until)) {
        return false;
    }
    *ret_run = run;
    return true;
}

void recurrence_write(const struct recurrence *series, uint32_t occurrences, char *text,
                      size_t size)
{
    static const char *const weekdays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    const char *day = "";
    for (unsigned i = 0; i < DAYS_PER_WEEK; i++) {
        if ((series->weekdays & 1U << i) != 0) {
            day = weekdays[i];
        }
    }
    char nth[16] = "";
    if (series->nth == RECURRENCE_LAST) {
        snprintf(nth, sizeof(nth), "-1");
    } else if (series->nth != 0) {
        snprintf(nth, sizeof(nth), "%u", (unsigned)series->nth);
    }
    snprintf(text, size, "FREQ=%s;COUNT=%u%s%s%s%s",
             series->step == ENTENTE_MONTHLY ? "MONTHLY" : "WEEKLY",
             (unsigned)occurrences,
             series->step == ENTENTE_FORTNIGHTLY ? ";INTERVAL=2" : "",
             day[0] == '\0' ? "" : ";BYDAY=", nth, day);
}
