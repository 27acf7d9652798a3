// SPDX-License-Identifier: Apache-2.0

/*
 * minutes_pen.h - where ranges are being painted: the last run of ranges of each lane, and
 * the words at which they have arrived
 *
 * For minutes_body.h, and for the instruction set that it is compiled for.  With vectors
 * there is one word of all lanes at a time; without them each lane is painted alone.
 */
#ifndef MATCHER_MINUTES_PEN_H
#define MATCHER_MINUTES_PEN_H

#include "matcher/minutes.h"

#if defined(__AVX2__)
#include "matcher/minutes_pen_vec.h"
#else

struct pen {
    const struct minutes_brush *brush;
    int64_t floor[MINUTES_LANES]; /* the first minute of the run */
    int64_t reach[MINUTES_LANES]; /* the one after its last */
    uint64_t *words;
    int64_t count; /* minutes of them */
};

static inline void pen_begin(struct pen *pen, const struct minutes_brush *brush,
                             uint64_t *words, size_t word_count)
{
    pen->brush = brush;
    pen->words = words;
    pen->count = (int64_t)word_count * 64;
    for (size_t lane = 0; lane < MINUTES_LANES; lane++) {
        pen->floor[lane] = pen->reach[lane] = INT64_MIN / 2;
    }
}

static inline void pen_set(uint64_t *words, int64_t from, int64_t until)
{
    for (int64_t at = from; at < until;) {
        int64_t next = (at / 64 + 1) * 64;
        int64_t count = (next < until ? next : until) - at;

        words[at / 64 * MINUTES_LANES] |= UINT64_MAX >> (64 - count) << (at % 64);
        at = next;
    }
}

/* The minutes [@from, @until) in @lanes; @from ascends. */
static inline void pen_add(struct pen *pen, bool is_first, unsigned lanes, int64_t from,
                           int64_t until)
{
    (void)is_first;
    for (; lanes != 0; lanes &= lanes - 1) {
        size_t lane = (size_t)__builtin_ctz(lanes);
        int64_t end = until + pen->brush->longer[lane];

        if (from > pen->reach[lane]) {
            pen->floor[lane] = from + pen->brush->inset[lane];
        }
        pen->reach[lane] = end > pen->reach[lane] ? end : pen->reach[lane];
        int64_t begin = from > pen->floor[lane] ? from : pen->floor[lane];
        pen_set(pen->words + lane, begin > 0 ? begin : 0,
                end < pen->count ? end : pen->count);
    }
}

static inline void pen_end(struct pen *pen)
{
    (void)pen;
}

#endif

#endif
