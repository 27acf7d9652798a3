// SPDX-License-Identifier: Apache-2.0
#include "matcher/calendar.h"

enum { THURSDAY = 3, DAYS_PER_WEEK = 7 }; /* 1970-01-01 was a Thursday */

/* The first offset that begins after @at. */
static size_t find_next_offset(const struct match_request *request, minute_t at)
{
    size_t low = 0;
    size_t high = request->offset_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (request->offsets[middle].from <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct civil calendar_read(const struct match_request *request, minute_t at)
{
    int64_t offset = 0;
    minute_t until = INT32_MAX;

    if (request->offset_count > 0) {
        size_t next = find_next_offset(request, at);
        if (next == 0) {
            next = 1; /* the first entry also holds before its from */
        }
        offset = request->offsets[next - 1].offset_minutes;
        if (next < request->offset_count) {
            until = request->offsets[next].from;
        }
    }

    int64_t reading = (int64_t)at + offset;
    int32_t minute = (int32_t)minute_of_day(reading);
    minute_t midnight = minute_add(at, MINUTES_PER_DAY - minute);
    struct civil civil = {
        .day = minute_day(reading),
        .minute = minute,
        .until = midnight < until ? midnight : until,
    };
    return civil;
}

int calendar_weekday(int32_t civil_day)
{
    int32_t weekday = (civil_day % DAYS_PER_WEEK + THURSDAY) % DAYS_PER_WEEK;
    return weekday < 0 ? weekday + DAYS_PER_WEEK : weekday;
}

size_t calendar_stretch_bound(const struct match_request *request, minute_t from,
                              minute_t until)
{
    int64_t minutes = from < until ? (int64_t)until - from : 0;
    size_t changes = find_next_offset(request, until) - find_next_offset(request, from);

    /* Under one offset, n minutes lie on at most n / 1440 + 2 days. */
    return (size_t)(minutes / MINUTES_PER_DAY) + 2 * (changes + 1);
}

bool calendar_is_limited(const struct match_request *request)
{
    const uint8_t every_day = (1u << DAYS_PER_WEEK) - 1;

    return request->times_of_day_count > 0 || request->closed_day_count > 0 ||
           (request->weekdays != 0 && request->weekdays != every_day);
}

static bool is_closed(const struct match_request *request, int32_t civil_day)
{
    size_t low = 0;
    size_t high = request->closed_day_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (request->closed_days[middle] < civil_day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < request->closed_day_count && request->closed_days[low] == civil_day;
}

static bool is_day_allowed(const struct match_request *request, int32_t civil_day)
{
    return (request->weekdays == 0 ||
            (request->weekdays & (1u << calendar_weekday(civil_day))) != 0) &&
           !is_closed(request, civil_day);
}

/* The union of the allowed times of day, in civil minutes, in @ret_times. */
static void unite_times_of_day(const struct match_request *request,
                               struct interval_set *ret_times)
{
    minute_t start[MATCH_TIMES_OF_DAY_MAX];
    minute_t end[MATCH_TIMES_OF_DAY_MAX];
    struct interval_set scratch = {start, end, 0, MATCH_TIMES_OF_DAY_MAX};

    ret_times->count = 0;
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        interval_set_append(ret_times, request->times_of_day[i].start,
                            request->times_of_day[i].end);
    }
    if (request->times_of_day_count == 0) {
        interval_set_append(ret_times, 0, MINUTES_PER_DAY);
    }
    interval_set_normalise(ret_times, &scratch);
}

void calendar_allowed(const struct match_request *request, minute_t from,
                      minute_t until, struct interval_set *ret_allowed)
{
    minute_t start[MATCH_TIMES_OF_DAY_MAX];
    minute_t end[MATCH_TIMES_OF_DAY_MAX];
    struct interval_set times = {start, end, 0, MATCH_TIMES_OF_DAY_MAX};
    unite_times_of_day(request, &times);

    ret_allowed->count = 0;
    for (minute_t at = from; at < until;) {
        struct civil civil = calendar_read(request, at);
        minute_t stop = civil.until < until ? civil.until : until;
        bool allowed = is_day_allowed(request, civil.day);

        for (size_t i = 0; allowed && i < times.count; i++) {
            minute_t begins = minute_add(at, (int64_t)times.start[i] - civil.minute);
            minute_t ends = minute_add(at, (int64_t)times.end[i] - civil.minute);
            interval_set_append(ret_allowed, begins > at ? begins : at,
                                ends < stop ? ends : stop);
        }
        at = stop;
    }
}

/* Whether the times of day allow all of [from, until), in civil minutes. */
static bool are_times_allowed(const struct match_request *request, int32_t from,
                              int32_t until)
{
    bool goes_on = true;

    while (goes_on && from < until && request->times_of_day_count > 0) {
        goes_on = false;
        for (size_t i = 0; i < request->times_of_day_count; i++) {
            const struct match_span *times = &request->times_of_day[i];
            if (times->start <= from && from < times->end) {
                from = times->end;
                goes_on = true;
            }
        }
    }
    return goes_on;
}

bool calendar_allows(const struct match_request *request, minute_t from, minute_t until,
                     bool picked)
{
    for (minute_t at = from; at < until;) {
        struct civil civil = calendar_read(request, at);
        minute_t stop = civil.until < until ? civil.until : until;
        bool allowed = picked ? !is_closed(request, civil.day)
                              : is_day_allowed(request, civil.day) &&
                                    are_times_allowed(request, civil.minute,
                                                      civil.minute + (stop - at));
        if (!allowed) {
            return false;
        }
        at = stop;
    }
    return true;
}
