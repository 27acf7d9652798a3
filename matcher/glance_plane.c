// SPDX-License-Identifier: Apache-2.0
#include "matcher/glance_plane.h"

/* Begin a run with @start alone, which is @minute minutes after the midnight of @day. */
static struct glance_run begin_run(const struct glance_ask *ask, int32_t day,
                                   uint32_t minute, size_t place)
{
    uint32_t duration = (uint32_t)ask->request->duration;
    uint32_t step = (minute + RECORD_PLANE_CELL - 1) / RECORD_PLANE_CELL;
    uint32_t behind = (minute + duration) / RECORD_PLANE_CELL;
    uint32_t length = behind > step ? behind - step : 0;

    return (struct glance_run){
        .day = day,
        .minute = (uint16_t)minute,
        .step = (uint16_t)step,
        .length = (uint8_t)(length < GLANCE_STEPS ? length : GLANCE_STEPS),
        .stride = 1,
        .first = (uint8_t)place,
        .count = 1,
    };
}

/* Whether the next start, @minutes after the last one of @run and on the same day, goes
 * on with it: it does then. */
static bool go_on(struct glance_run *run, uint32_t minutes)
{
    uint32_t stride = minutes / RECORD_PLANE_CELL;

    if (minutes % RECORD_PLANE_CELL != 0 ||
        run->count * stride + run->length > GLANCE_STEPS ||
        (run->count > 1 && run->stride != stride)) {
        return false;
    }
    run->stride = (uint8_t)stride;
    run->count++;
    return true;
}

void glance_find_runs(struct glance_ask *ask)
{
    uint32_t duration = (uint32_t)ask->request->duration;
    const minute_t *starts = ask->starts.starts;
    int64_t midnight = INT64_MIN / 2;
    int32_t day = 0;
    struct glance_run *run = ask->runs;

    ask->is_even = duration % RECORD_PLANE_CELL == 0 &&
                   duration / RECORD_PLANE_CELL < GLANCE_STEPS;
    ask->run_count = 0;
    for (size_t i = 0; i < ask->starts.count; i++) {
        bool is_next = starts[i] - midnight < MINUTES_PER_DAY;

        if (is_next && go_on(run, (uint32_t)(starts[i] - starts[i - 1]))) {
            continue;
        }
        if (!is_next) {
            day = minute_day(starts[i]);
            midnight = (int64_t)day * MINUTES_PER_DAY;
        }
        run = &ask->runs[ask->run_count];
        *run = begin_run(ask, day, (uint32_t)(starts[i] - midnight), i);
        ask->run_count++;
        ask->is_even = ask->is_even && run->minute % RECORD_PLANE_CELL == 0;
    }
}

/* The cells of its day's ring word that a slot which begins at @minute touches. */
static uint64_t cells_of(uint32_t minute, uint32_t duration)
{
    uint32_t first = minute / RECORD_CELL;
    uint32_t cells = (minute + duration - 1) / RECORD_CELL - first + 1;

    cells = cells <= RECORD_AHEAD + 1 ? cells : RECORD_AHEAD + 1;
    uint64_t row = ((uint64_t)1 << cells) - 1;
    first %= AXIS_WORD;
    return row << first | row >> 1 >> (AXIS_WORD - 1 - first);
}

static uint64_t may_by_ring(const struct glance_ask *ask,
                            const struct match_record *record, uint64_t asked)
{
    uint32_t duration = (uint32_t)ask->request->duration;
    uint64_t may = 0;

    for (size_t i = 0; i < ask->run_count; i++) {
        const struct glance_run *run = &ask->runs[i];
        uint64_t left = asked & glance_places(run);
        uint64_t word = record_ring(record)[record_ring_at(record, run->day)];

        for (; left != 0; left &= left - 1) {
            uint32_t place = (uint32_t)__builtin_ctzll(left);
            uint32_t minute =
                run->minute + (place - run->first) * run->stride * RECORD_PLANE_CELL;
            may |= (uint64_t)((cells_of(minute, duration) & ~word) == 0) << place;
        }
    }
    return may;
}

/* The starts of @run that are in @steps, of which the lowest is that of the first one. */
static uint64_t pick(const struct glance_run *run, uint64_t steps)
{
    uint64_t starts = 0;

    if (run->stride == 1) {
        return steps << run->first & glance_places(run);
    }
    for (uint32_t i = 0; i < run->count; i++) {
        starts |= (steps >> (i * run->stride) & 1) << i;
    }
    return starts << run->first;
}

uint64_t glance_may(const struct glance_ask *ask, const struct match_record *record,
                    uint64_t asked)
{
    const unsigned char *cells = NULL;
    uint64_t may = 0;

    if (!glance_has_plane(ask, record)) {
        return may_by_ring(ask, record, asked);
    }
    cells = record_cells(record);
    for (size_t i = 0; i < ask->run_count; i++) {
        const struct glance_run *run = &ask->runs[i];
        uint32_t day = (uint32_t)(run->day - record->first_day);

        if (day < record->day_count && (asked & glance_places(run)) != 0) {
            may |= pick(run,
                        glance_erode(glance_steps(cells, day, run->step), run->length));
        }
    }
    return may & asked;
}
