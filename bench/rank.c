// SPDX-License-Identifier: Apache-2.0

/*
 * rank.c - the order of slot.h over windows of starts, written a second time
 *
 * It is what the peers need to answer which starts are best: they only know where
 * everybody is free.  Everybody is indispensable, every range is declared, the clock is
 * CLOCK_AHEAD minutes ahead of UTC.
 */
#include "bench/search_set.h"

#include <stdlib.h>

enum { MORNING = 600, EVENING = 960, WEEK = 7, BAND = 15 };

struct scored {
    minute_t start;
    int32_t date_band;
    int32_t preferred;
    int32_t avoid;
    int32_t day;
    int32_t unusable;
};

enum match_preference bench_preference(minute_t start)
{
    minute_t at = start % MINUTES_PER_DAY;
    return at < MORNING ? MATCH_PREFERRED : at >= EVENING ? MATCH_AVOID : MATCH_NEUTRAL;
}

static const struct match_span *around(const struct bench_person *person,
                                       minute_t start)
{
    size_t low = 0;
    size_t high = person->count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (person->spans[middle].start <= start) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &person->spans[low];
}

static int32_t gap(int32_t minutes, int32_t duration)
{
    return minutes < duration ? minutes : 0;
}

static struct scored score(const struct bench_cell *cell, size_t request,
                           minute_t start)
{
    int32_t day = (start + CLOCK_AHEAD) / MINUTES_PER_DAY;
    int32_t late = day - (cell->target[request] + CLOCK_AHEAD) / MINUTES_PER_DAY;
    struct scored scored = {.start = start,
                            .date_band = late <= 0      ? 0
                                         : late <= WEEK ? 1
                                                        : 2,
                            .day = day};
    for (uint32_t i = 0; i < cell->parties; i++) {
        const struct match_span *span =
            around(&cell->people->person[cell->request[request][i]], start);
        enum match_preference preference = bench_preference(span->start);
        scored.preferred += preference == MATCH_PREFERRED;
        scored.avoid += preference == MATCH_AVOID;
        scored.unusable += gap(start - span->start, cell->duration) +
                           gap(span->end - start - cell->duration, cell->duration);
    }
    return scored;
}

static int compare(const void *left, const void *right)
{
    const struct scored *a = left;
    const struct scored *b = right;
    const int32_t keys[][2] = {
        {a->date_band, b->date_band},
        {b->preferred, a->preferred},
        {a->avoid, b->avoid},
        {a->day, b->day},
        {a->unusable / BAND, b->unusable / BAND},
        {a->start, b->start},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return 0;
}

static bool is_apart(const struct match_run *taken, size_t count, minute_t start,
                     int32_t apart)
{
    for (size_t i = 0; i < count; i++) {
        if (abs(taken[i].first - start) < apart) {
            return false;
        }
    }
    return true;
}

size_t rank_windows(const struct bench_cell *cell, size_t request,
                    const struct match_run *windows, size_t count,
                    struct match_run *ret_windows)
{
    static struct scored scored[KIND_DAYS_MAX * MINUTES_PER_DAY / KIND_CELL];
    size_t total = 0;
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        for (minute_t start = windows[i].first; start <= windows[i].last;
             start += KIND_CELL) {
            scored[total++] = score(cell, request, start);
        }
    }
    qsort(scored, total, sizeof(scored[0]), compare);
    for (size_t i = 0; i < total && taken < cell->wanted; i++) {
        if (is_apart(ret_windows, taken, scored[i].start, cell->duration)) {
            ret_windows[taken++] = (struct match_run){scored[i].start, scored[i].start};
        }
    }
    return taken;
}
