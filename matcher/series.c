// SPDX-License-Identifier: Apache-2.0
#include "matcher/series.h"

#include "matcher/calendar.h"
#include "matcher/slot.h"

enum {
    DAYS_PER_WEEK = 7,
    MONTHS_PER_YEAR = 12,
    LAST_BEGINS = 29, /* from this day of the month on it is the last of its weekday */
    LONGEST_STEP_DAYS = 35, /* of a monthly series */
    CLOCK_DAYS = 2,         /* by which civil clocks may differ */
    CYCLE_DAYS = 146097,    /* the calendar repeats itself after 400 years */
    CYCLE_YEARS = 400,
    CYCLE_MONTHS = CYCLE_YEARS * MONTHS_PER_YEAR,
    MARCH_FIRST_0 = 719468 /* days from 0000-03-01 to 1970-01-01 */
};

int64_t series_days(const struct match_request *request)
{
    int64_t steps = (int64_t)series_length(request) - 1;

    if (steps == 0) {
        return 0;
    }
    /* From any day of a month it is up to four weeks to the last of its weekday. */
    bool to_last = request->step == MATCH_MONTHLY_LAST;
    return steps * LONGEST_STEP_DAYS + (to_last ? 4 * DAYS_PER_WEEK : 0) + CLOCK_DAYS;
}

/* Months counted from March of the year 0 on, so that a leap day ends its year, and days
 * of the month from 0. */
struct date {
    int64_t month;
    int32_t day;
};

/* Days of the year before month @month (0 is March): 31, 30, 31, 30, 31 again and
 * again. */
static int32_t days_before(int32_t month)
{
    return (153 * month + 2) / 5;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The days from 0000-03-01 to the first of @month. */
static int64_t first_of(int64_t month)
{
    int64_t year = floor_divide(month, MONTHS_PER_YEAR);
    int32_t of_year = (int32_t)(month - year * MONTHS_PER_YEAR);

    return year * 365 + floor_divide(year, 4) - floor_divide(year, 100) +
           floor_divide(year, CYCLE_YEARS) + days_before(of_year);
}

static struct date read_date(int32_t civil_day)
{
    int64_t days = (int64_t)civil_day + MARCH_FIRST_0;

    /* A guess that is never too early, and hardly too late. */
    int64_t month = floor_divide(days * CYCLE_MONTHS, CYCLE_DAYS) + 1;
    while (first_of(month) > days) {
        month--;
    }
    return (struct date){.month = month, .day = (int32_t)(days - first_of(month))};
}

/* The civil day @months months after @civil_day that is the same weekday of its month:
 * the first Monday, ... the fourth, or (always if @last) the last. */
static int32_t same_weekday(int32_t civil_day, int32_t months, bool last)
{
    struct date date = read_date(civil_day);
    int64_t first = first_of(date.month + months) - MARCH_FIRST_0;
    int64_t next = first_of(date.month + months + 1) - MARCH_FIRST_0;
    int32_t beyond = calendar_weekday(civil_day) - calendar_weekday((int32_t)first);
    int64_t day = first + (beyond < 0 ? beyond + DAYS_PER_WEEK : beyond);

    if (!last && date.day + 1 < LAST_BEGINS) {
        return (int32_t)(day + (int64_t)(date.day / DAYS_PER_WEEK) * DAYS_PER_WEEK);
    }
    while (day + DAYS_PER_WEEK < next) {
        day += DAYS_PER_WEEK;
    }
    return (int32_t)day;
}

static bool find_day(const struct match_request *request, int32_t civil_day,
                     uint32_t number, int32_t *ret_day)
{
    switch (request->step) {
    case MATCH_WEEKLY:
        *ret_day = civil_day + (int32_t)number * DAYS_PER_WEEK;
        return true;
    case MATCH_FORTNIGHTLY:
        *ret_day = civil_day + (int32_t)number * 2 * DAYS_PER_WEEK;
        return true;
    case MATCH_MONTHLY:
    case MATCH_MONTHLY_LAST:
        *ret_day = same_weekday(civil_day, (int32_t)number,
                                request->step == MATCH_MONTHLY_LAST);
        return true;
    }
    return false;
}

/* The first minute at which the civil clock shows @minute on @day. */
static bool find_minute(const struct match_request *request, int32_t day,
                        int32_t minute, minute_t *ret_at)
{
    int64_t reading = (int64_t)day * MINUTES_PER_DAY + minute;

    if (request->offset_count == 0) {
        *ret_at = (minute_t)reading;
        return reading <= INT32_MAX;
    }
    for (size_t i = 0; i < request->offset_count; i++) {
        const struct match_offset *offset = &request->offsets[i];
        int64_t at = reading - offset->offset_minutes;
        bool begun = i == 0 || at >= offset->from;
        bool over = i + 1 < request->offset_count && at >= offset[1].from;
        if (begun && !over && at <= INT32_MAX) {
            *ret_at = (minute_t)at;
            return true;
        }
    }
    return false;
}

bool match_occurrence(const struct match_request *request, minute_t start,
                      uint32_t number, minute_t *ret_start)
{
    struct civil civil = calendar_read(request, start);
    minute_t found = start;
    int32_t day = 0;

    if (number >= MATCH_OCCURRENCES_MAX) {
        return false;
    }
    if (number > 0 && (!find_day(request, civil.day, number, &day) ||
                       !find_minute(request, day, civil.minute, &found))) {
        return false;
    }
    if (found > INT32_MAX - request->duration) {
        return false;
    }
    *ret_start = found;
    return true;
}

bool series_allows(const struct match_request *request, minute_t start)
{
    for (uint32_t i = 1; i < series_length(request); i++) {
        minute_t occurrence;
        if (!match_occurrence(request, start, i, &occurrence) ||
            !calendar_allows(request, occurrence, occurrence + request->duration,
                             request->picked_count > 0)) {
            return false;
        }
    }
    return true;
}
