// SPDX-License-Identifier: Apache-2.0
#include "matcher/glance_plane.h"

void glance_place(struct glance_ask *ask)
{
    /* More days than there are before 1970, so that it is divided without a sign. */
    const int64_t lift = (int64_t)1 << 21;
    uint32_t duration = (uint32_t)ask->request->duration;

    if (ask->is_placed) {
        return;
    }
    ask->is_placed = true;
    ask->is_even = duration % RECORD_PLANE_CELL == 0 &&
                   duration / RECORD_PLANE_CELL < GLANCE_STEPS;
    for (size_t i = 0; i < ask->starts.count; i++) {
        struct glance_spot *spot = &ask->spots[i];
        uint64_t lifted = (uint64_t)(ask->starts.starts[i] + lift * MINUTES_PER_DAY);
        uint32_t minute = (uint32_t)(lifted % MINUTES_PER_DAY);
        uint32_t first = minute / RECORD_CELL;
        uint32_t cells = (minute + duration - 1) / RECORD_CELL - first + 1;
        uint32_t step = (minute + RECORD_PLANE_CELL - 1) / RECORD_PLANE_CELL;
        uint32_t behind = (minute + duration) / RECORD_PLANE_CELL;

        ask->is_even = ask->is_even && minute % RECORD_PLANE_CELL == 0;
        behind = behind < step ? step : behind;
        behind = behind - step < GLANCE_STEPS ? behind : step + GLANCE_STEPS;
        cells = cells <= RECORD_AHEAD + 1 ? cells : RECORD_AHEAD + 1;
        uint64_t row = ((uint64_t)1 << cells) - 1;
        first %= AXIS_WORD;
        spot->day = (int32_t)((int64_t)(lifted / MINUTES_PER_DAY) - lift);
        spot->minute = minute;
        spot->step = step;
        spot->within = ((uint64_t)1 << (behind - step)) - 1;
        spot->cells = row << first | row >> 1 >> (AXIS_WORD - 1 - first);
    }
}

static uint64_t may_by_ring(const struct glance_ask *ask,
                            const struct match_record *record, uint64_t asked)
{
    const uint64_t *words = record_ring(record);
    int32_t day = INT32_MIN;
    uint64_t word = 0;
    uint64_t may = 0;

    for (; asked != 0; asked &= asked - 1) {
        size_t i = (size_t)__builtin_ctzll(asked);
        const struct glance_spot *spot = &ask->spots[i];

        if (spot->day != day) {
            day = spot->day;
            word = words[record_ring_at(record, day)];
        }
        may |= (uint64_t)((spot->cells & ~word) == 0) << i;
    }
    return may;
}

uint64_t glance_may(struct glance_ask *ask, const struct match_record *record,
                    uint64_t asked)
{
    uint64_t may = 0;

    glance_place(ask);
    if (!glance_has_plane(ask, record)) {
        return may_by_ring(ask, record, asked);
    }
    for (; asked != 0; asked &= asked - 1) {
        size_t i = (size_t)__builtin_ctzll(asked);
        const struct glance_spot *spot = &ask->spots[i];
        uint32_t day = (uint32_t)(spot->day - record->first_day);

        if (day < record->day_count) {
            uint64_t steps = glance_steps(record, day, spot->step);
            may |= (uint64_t)((spot->within & ~steps) == 0) << i;
        }
    }
    return may;
}
