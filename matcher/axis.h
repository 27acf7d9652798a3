// SPDX-License-Identifier: Apache-2.0

/*
 * axis.h - the starts that are judged together, and sets of them as bits
 *
 * Shape       A plane is a set of places on an axis: bit i % 64 of word i / 64 stands for
 *             starts[i].  Bits beyond the last place are 0.
 *
 *             A long axis has buckets, of equal length in time: in which place the first
 *             start of each stands.  A place is then found in a few instructions.
 *
 * Units       minute_t.
 *
 * Ownership   All memory is the caller's.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_AXIS_H
#define MATCHER_AXIS_H

#include "matcher/minute.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AXIS_SHORT = 64, /* places; an axis up to this length needs no buckets */
    AXIS_WORD = 64,  /* places in a word of a plane */
    AXIS_SCAN = 8,   /* places that are looked at one by one */
};

struct axis {
    const minute_t *starts; /* ascend strictly */
    size_t count;
    size_t words;           /* of a plane */
    const uint32_t *before; /* by bucket, and how many there are in all; NULL: none */
    uint64_t per_minute;    /* buckets, in 2^-32 */
};

static inline size_t axis_words(size_t count)
{
    return (count + AXIS_WORD - 1) / AXIS_WORD;
}

/* How many buckets an axis of @count starts at most @reach minutes apart can need. */
size_t axis_bucket_bound(size_t count, int64_t reach);

/* @starts as an axis; @buckets has room for axis_bucket_bound() of them. */
void axis_make(const minute_t *starts, size_t count, uint32_t *buckets,
               struct axis *ret_axis);

/* The place of the first start at or after @at; axis->count if there is none. */
static inline size_t axis_find(const struct axis *axis, int64_t at)
{
    const minute_t *starts = axis->starts;
    size_t count = axis->count;

    if (axis->before) {
        if (at <= starts[0]) {
            return 0;
        }
        if (at > starts[count - 1]) {
            return count;
        }
        uint64_t beyond = (uint64_t)(at - starts[0]);
        size_t bucket = (size_t)((beyond * axis->per_minute) >> 32);
        size_t place = axis->before[bucket];
        size_t until = axis->before[bucket + 1];
        while (until - place > AXIS_SCAN) {
            size_t middle = place + (until - place) / 2;
            place = starts[middle] < at ? middle : place;
            until = starts[middle] < at ? until : middle;
        }
        while (starts[place] < at) {
            place++;
        }
        return place;
    }

    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        bool right = starts[low + half] < at;
        low = right ? low + half + 1 : low;
        count = right ? count - half - 1 : half;
    }
    return low;
}

/* axis_find() for what is as a rule soon after the start at @place. */
static inline size_t axis_find_after(const struct axis *axis, size_t place, int64_t at)
{
    const minute_t *starts = axis->starts;
    size_t until = axis->count - place > AXIS_SCAN ? place + AXIS_SCAN : axis->count;

    while (place < until && starts[place] < at) {
        place++;
    }
    return place < until || until == axis->count ? place : axis_find(axis, at);
}

/* Empty @plane. */
static inline void plane_zero(uint64_t *plane, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        plane[i] = 0;
    }
}

/* Put every place of @axis into @plane. */
void plane_fill(const struct axis *axis, uint64_t *plane);

/* Put the places [from, until) into @plane, or take them out. */
void plane_set(uint64_t *plane, size_t from, size_t until);
void plane_clear(uint64_t *plane, size_t from, size_t until);

/* plane_set(), for places that are as a rule few. */
static inline void plane_paint(uint64_t *plane, size_t from, size_t until)
{
    size_t word = from / AXIS_WORD;

    if (from < until && word == (until - 1) / AXIS_WORD) {
        plane[word] |= (UINT64_MAX << (from % AXIS_WORD)) &
                       (UINT64_MAX >> (AXIS_WORD - 1 - (until - 1) % AXIS_WORD));
        return;
    }
    plane_set(plane, from, until);
}

/* How many places are in @plane. */
size_t plane_count(const uint64_t *plane, size_t words);

bool plane_is_empty(const uint64_t *plane, size_t words);

static inline bool plane_has(const uint64_t *plane, size_t place)
{
    return (plane[place / AXIS_WORD] >> (place % AXIS_WORD) & 1) != 0;
}

/* The first place at or after @from that is in @plane; words * AXIS_WORD if there is
 * none. */
size_t plane_next(const uint64_t *plane, size_t words, size_t from);

#endif
