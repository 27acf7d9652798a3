// SPDX-License-Identifier: Apache-2.0

#include "bench/naive.h"

#include <assert.h>
#include <stdbool.h>

enum { STARTS_MAX = 16 * 1024 };

struct found {
    minute_t start;
    int32_t band;
    int32_t day;
    int32_t unusable; /* in bands of 15 minutes */
};

static const struct match_range *range_around(const struct match_party *party,
                                              minute_t start, minute_t end)
{
    const struct match_source *source = &party->person.sources[0];
    for (size_t i = 0; i < source->range_count; i++) {
        const struct match_range *range = &source->ranges[i];
        if (range->start <= start && range->end >= end) {
            return range;
        }
        if (range->start > start) {
            return NULL;
        }
    }
    return NULL;
}

static int32_t gap(int32_t minutes, int32_t duration)
{
    return minutes < duration ? minutes : 0;
}

static int32_t civil_day(const struct match_request *request, minute_t at)
{
    int32_t offset = 0;
    for (size_t i = 0; i < request->offset_count; i++) {
        if (i == 0 || request->offsets[i].from <= at) {
            offset = request->offsets[i].offset_minutes;
        }
    }
    return (at + offset) / MINUTES_PER_DAY;
}

static bool everybody_can(const struct match_request *request, minute_t start,
                          struct found *ret)
{
    minute_t end = start + request->duration;
    int32_t unusable = 0;
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_range *range =
            range_around(&request->parties[i], start, end);
        if (range == NULL) {
            return false;
        }
        unusable += gap(start - range->start, request->duration) +
                    gap(range->end - end, request->duration);
    }
    int32_t target = request->has_target ? request->target : request->windows[0].start;
    int32_t day = civil_day(request, start);
    int32_t late = day - civil_day(request, target);
    *ret = (struct found){
        .start = start,
        .band = late <= 0   ? 0
                : late <= 7 ? 1
                            : 2,
        .day = day,
        .unusable = unusable / 15,
    };
    return true;
}

static bool is_better(const struct found *a, const struct found *b)
{
    if (a->band != b->band) {
        return a->band < b->band;
    }
    if (a->day != b->day) {
        return a->day < b->day;
    }
    if (a->unusable != b->unusable) {
        return a->unusable < b->unusable;
    }
    return a->start < b->start;
}

static bool is_apart(const struct found *found, const minute_t *taken, size_t count,
                     int32_t apart)
{
    for (size_t i = 0; i < count; i++) {
        int32_t distance = found->start - taken[i];
        if (distance < apart && distance > -apart) {
            return false;
        }
    }
    return true;
}

size_t naive_search(const struct match_request *request, minute_t *ret)
{
    static struct found found[STARTS_MAX];
    size_t count = 0;
    size_t taken = 0;
    /* The grid lies on the civil clock, whose offsets are whole quarters of an hour. */
    minute_t first = request->windows[0].start;
    first = first < request->earliest ? request->earliest : first;
    first = (first + request->grid - 1) / request->grid * request->grid;
    for (minute_t start = first; start + request->duration <= request->windows[0].end;
         start += request->grid) {
        assert(count < STARTS_MAX);
        count += everybody_can(request, start, &found[count]);
    }
    int32_t apart = request->apart == 0 ? request->duration : request->apart;
    while (taken < request->wanted) {
        const struct found *best = NULL;
        for (size_t i = 0; i < count; i++) {
            if (is_apart(&found[i], ret, taken, apart) &&
                (best == NULL || is_better(&found[i], best))) {
                best = &found[i];
            }
        }
        if (best == NULL) {
            return taken;
        }
        ret[taken++] = best->start;
    }
    return taken;
}
