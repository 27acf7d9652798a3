// SPDX-License-Identifier: Apache-2.0

/*
 * glance_plane.h - a few steps of a plane at once (for glance*.c and few*.c)
 *
 * Units       steps of RECORD_PLANE_CELL minutes, from midnight of a record's day on.
 */
#ifndef MATCHER_GLANCE_PLANE_H
#define MATCHER_GLANCE_PLANE_H

#include "matcher/glance_walk.h"

#include <assert.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as the plane is defined");

/* Find the runs of the starts. */
void glance_find_runs(struct glance_ask *ask);

/* Which of @asked neither the plane nor the ring of @record rules out, of which it has one
 * at least. */
uint64_t glance_may(const struct glance_ask *ask, const struct match_record *record,
                    uint64_t asked);

/* The places of @run. */
static inline uint64_t glance_places(const struct glance_run *run)
{
    return (((uint64_t)1 << run->count) - 1) << run->first;
}

/* Whether @record has a plane that says where the person is free: what is tentative is not
 * free there. */
static inline bool glance_has_plane(const struct glance_ask *ask,
                                    const struct match_record *record)
{
    return (record->flags & RECORD_HAS_PLANE) != 0 &&
           !(ask->is_soft && (record->flags & RECORD_HAS_TENTATIVE) != 0);
}

/* GLANCE_STEPS steps from @step on of the day with index @day of a plane, in the lowest
 * bits; what lies behind the last day is 0. */
static inline uint64_t glance_steps(const unsigned char *cells, uint32_t day,
                                    uint32_t step)
{
    uint64_t steps = 0;

    memcpy(&steps, cells + (size_t)day * RECORD_PLANE_BYTES + step / 8, sizeof(steps));
    return steps >> (step % 8);
}

/* The steps from each of which on as many as @length are all in @steps. */
static inline uint64_t glance_erode(uint64_t steps, uint32_t length)
{
    uint32_t done = 1;

    if (length == 0) {
        return UINT64_MAX;
    }
    for (; 2 * done <= length; done *= 2) {
        steps &= steps >> done;
    }
    return steps & steps >> (length - done);
}

#endif
