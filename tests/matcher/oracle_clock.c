// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/oracle_clock.h"

#include <stdlib.h>
#include <string.h>

enum { DAY = 1440, WEEK = 7 };

struct oracle_civil oracle_clock_read(const struct match_request *request,
                                      minute_t minute)
{
    int64_t clock = minute;
    for (size_t i = 0; i < request->offset_count; i++) {
        if (i == 0 || request->offsets[i].from <= minute) {
            clock = (int64_t)minute + request->offsets[i].offset_minutes;
        }
    }
    /* Shifted far into the positive, so that division rounds down. */
    int64_t shifted = clock + (int64_t)4000000 * DAY;
    struct oracle_civil civil = {(int32_t)(shifted / DAY - 4000000),
                                 (int32_t)(shifted % DAY)};
    return civil;
}

/* Monday is 0; 1970-01-01 was a Thursday. */
static int32_t weekday_of(int32_t day)
{
    return ((day % WEEK + WEEK) + 3) % WEEK;
}

static int32_t days_of_month(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 1 && leap ? 1 : 0);
}

/* The day on which the month lies that is @months after the month of @day, and of @day
 * the day of its month, both counted from 0. */
static int32_t month_after(int32_t day, uint32_t months, int32_t *ret_length,
                           int32_t *ret_day_of_month)
{
    int32_t year = 2025; /* any year would do, but this one is near */
    int32_t month = 0;
    int32_t first = 20089;
    while (first > day) {
        month = (month + 11) % 12;
        year -= month == 11 ? 1 : 0;
        first -= days_of_month(year, month);
    }
    while (first + days_of_month(year, month) <= day) {
        first += days_of_month(year, month);
        month = (month + 1) % 12;
        year += month == 0 ? 1 : 0;
    }
    *ret_day_of_month = day - first;
    for (uint32_t i = 0; i < months; i++) {
        first += days_of_month(year, month);
        month = (month + 1) % 12;
        year += month == 0 ? 1 : 0;
    }
    *ret_length = days_of_month(year, month);
    return first;
}

/* The first Monday, ... the fourth, or the last (if @last, always), @months later. */
static int32_t same_weekday(int32_t day, uint32_t months, bool last)
{
    int32_t length = 0;
    int32_t day_of_month = 0;
    int32_t first = month_after(day, months, &length, &day_of_month);
    int32_t which = last ? 4 : day_of_month / WEEK; /* 0: the first */
    int32_t found = 0;
    int32_t seen = 0;
    for (int32_t i = 0; i < length; i++) {
        if (weekday_of(first + i) != weekday_of(day)) {
            continue;
        }
        if (seen <= which || which >= 4) {
            found = first + i;
        }
        seen++;
    }
    return found;
}

uint32_t oracle_clock_occurrences(const struct match_request *request)
{
    return request->occurrences > 1 ? request->occurrences : 1;
}

bool oracle_clock_occurrence(const struct match_request *request, minute_t start,
                             uint32_t number, minute_t *ret_start)
{
    if (number == 0) {
        *ret_start = start;
        return true;
    }
    struct oracle_civil first = oracle_clock_read(request, start);
    int32_t day = first.day;
    switch (request->step) {
    case MATCH_WEEKLY:
        day += (int32_t)number * WEEK;
        break;
    case MATCH_FORTNIGHTLY:
        day += (int32_t)number * 2 * WEEK;
        break;
    case MATCH_MONTHLY:
        day = same_weekday(first.day, number, false);
        break;
    case MATCH_MONTHLY_LAST:
        day = same_weekday(first.day, number, true);
        break;
    }

    /* The clock shows that time at a minute that lies some offset away from it. */
    bool found = false;
    for (size_t i = 0; i < request->offset_count || i == 0; i++) {
        int32_t offset =
            request->offset_count > 0 ? request->offsets[i].offset_minutes : 0;
        minute_t minute = day * DAY + first.minute - offset;
        struct oracle_civil civil = oracle_clock_read(request, minute);
        if (civil.day == day && civil.minute == first.minute &&
            (!found || minute < *ret_start)) {
            *ret_start = minute;
            found = true;
        }
    }
    return found;
}

int32_t oracle_clock_target_day(const struct match_request *request, minute_t start)
{
    if (request->has_target) {
        return oracle_clock_read(request, request->target).day;
    }
    minute_t earliest = INT32_MAX;
    for (size_t i = 0; i < request->picked_count; i++) {
        if (request->picked[i] < earliest) {
            earliest = request->picked[i];
        }
    }
    for (size_t i = 0; i < request->window_count && request->picked_count == 0; i++) {
        if (request->windows[i].start < earliest) {
            earliest = request->windows[i].start;
        }
    }
    if (request->picked_count + request->window_count == 0) {
        earliest = start;
    }
    return oracle_clock_read(request, earliest).day;
}

static bool is_closed(const struct match_request *request, struct oracle_civil civil)
{
    for (size_t i = 0; i < request->closed_day_count; i++) {
        if (request->closed_days[i] == civil.day) {
            return true;
        }
    }
    return false;
}

static bool is_allowed(const struct match_request *request, minute_t minute)
{
    struct oracle_civil civil = oracle_clock_read(request, minute);
    if (is_closed(request, civil)) {
        return false;
    }
    if (request->picked_count > 0) {
        return true;
    }
    bool time = request->times_of_day_count == 0;
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        time = time || (civil.minute >= request->times_of_day[i].start &&
                        civil.minute < request->times_of_day[i].end);
    }
    bool day = request->weekdays == 0 ||
               ((request->weekdays >> weekday_of(civil.day)) & 1) != 0;
    return time && day;
}

/* Minutes [from, until) of the first occurrences, looked up once: most starts share most
 * of their minutes with the one before. */
struct allowed {
    minute_t from;
    minute_t until;
    bool is_limited; /* if not, every minute is allowed */
    uint8_t *minutes;
};

static void paint_allowed(const struct match_request *request, minute_t from,
                          minute_t until, struct allowed *ret_allowed)
{
    ret_allowed->from = from;
    ret_allowed->until = until;
    ret_allowed->minutes = malloc((size_t)((int64_t)until - from));
    if (ret_allowed->minutes == NULL) {
        abort();
    }
    bool is_limited = request->weekdays != 0 || request->times_of_day_count > 0 ||
                      request->closed_day_count > 0;
    ret_allowed->is_limited = is_limited;
    for (minute_t m = from; m < until; m++) {
        ret_allowed->minutes[m - from] = !is_limited || is_allowed(request, m) ? 1 : 0;
    }
}

/* Every minute of every occurrence is allowed, and there is every occurrence. */
static bool is_allowed_throughout(const struct match_request *request,
                                  const struct allowed *allowed, minute_t start)
{
    if (memchr(&allowed->minutes[start - allowed->from], 0,
               (size_t)request->duration) != NULL) {
        return false;
    }
    for (uint32_t n = 1; n < oracle_clock_occurrences(request); n++) {
        minute_t first;
        if (!oracle_clock_occurrence(request, start, n, &first)) {
            return false;
        }
        minute_t end = allowed->is_limited ? first + request->duration : first;
        for (minute_t m = first; m < end; m++) {
            if (!is_allowed(request, m)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_in_a_window(const struct match_request *request, minute_t start)
{
    for (size_t i = 0; i < request->window_count; i++) {
        if (start >= request->windows[i].start &&
            (int64_t)start + request->duration <= request->windows[i].end) {
            return true;
        }
    }
    return false;
}

static bool is_picked(const struct match_request *request, minute_t start)
{
    for (size_t i = 0; i < request->picked_count; i++) {
        if (request->picked[i] == start) {
            return true;
        }
    }
    return false;
}

static bool is_candidate(const struct match_request *request,
                         const struct allowed *allowed, minute_t start)
{
    int32_t grid = request->grid > 0 ? request->grid : 15;
    if (start < request->earliest) {
        return false;
    }
    if (request->picked_count > 0) {
        return is_picked(request, start) &&
               is_allowed_throughout(request, allowed, start);
    }
    return is_in_a_window(request, start) &&
           oracle_clock_read(request, start).minute % grid == 0 &&
           is_allowed_throughout(request, allowed, start);
}

size_t oracle_clock_candidates(const struct match_request *request,
                               minute_t **ret_starts)
{
    minute_t first = INT32_MAX;
    minute_t last = INT32_MIN;
    for (size_t i = 0; i < request->picked_count; i++) {
        first = request->picked[i] < first ? request->picked[i] : first;
        last = request->picked[i] > last ? request->picked[i] : last;
    }
    for (size_t i = 0; i < request->window_count && request->picked_count == 0; i++) {
        const struct match_span *window = &request->windows[i];
        first = window->start < first ? window->start : first;
        last = window->end > last ? window->end : last;
    }

    struct allowed allowed;
    paint_allowed(request, first, last + request->duration, &allowed);
    size_t room = 256;
    size_t count = 0;
    minute_t *starts = malloc(room * sizeof(*starts));
    for (minute_t start = first; starts != NULL && start <= last; start++) {
        if (!is_candidate(request, &allowed, start)) {
            continue;
        }
        if (count == room) {
            room *= 4;
            minute_t *more = realloc(starts, room * sizeof(*starts));
            if (more == NULL) {
                abort();
            }
            starts = more;
        }
        starts[count] = start;
        count++;
    }
    free(allowed.minutes);
    *ret_starts = starts;
    return count;
}
