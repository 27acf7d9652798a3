// SPDX-License-Identifier: Apache-2.0

/*
 * glance_walk.h - the stretches of a record around some starts (for glance*.c,
 *                 few*.c and brief.c, and nobody else)
 *
 * Units       minutes in 64 bits, so that nothing is too large near the end of time.
 */
#ifndef MATCHER_GLANCE_WALK_H
#define MATCHER_GLANCE_WALK_H

#include "matcher/glance.h"

/* What a class says of a minute. */
enum {
    GLANCE_NOT_OFFERED = 1 << 0,
    GLANCE_NOT_SURE = 1 << 1, /* typical, if at all */
    GLANCE_NOT_DECLARED = 1 << 2,
    GLANCE_NOT_PREFERRED = 1 << 3,
    GLANCE_AVOID = 1 << 4,
    GLANCE_TENTATIVE = 1 << 5, /* and that is no engagement */
    GLANCE_BUSY = 1 << 6,
    GLANCE_SAYINGS = 7,
    GLANCE_NOWHERE = GLANCE_NOT_OFFERED | GLANCE_NOT_SURE | GLANCE_NOT_DECLARED |
                     GLANCE_NOT_PREFERRED,
};

/* Add what can be said of those who come at @attend, where each of the planes @says is said
 * of the time of their slots, to @merits: the planes of enum person_merit. */
static inline void glance_praise(const uint64_t says[static GLANCE_SAYINGS],
                                 uint64_t attend, uint64_t merits[static PERSON_MERITS])
{
    uint64_t typical =
        says[__builtin_ctz(GLANCE_NOT_SURE)] | says[__builtin_ctz(GLANCE_TENTATIVE)];
    uint64_t inferred = ~typical & says[__builtin_ctz(GLANCE_NOT_DECLARED)];
    uint64_t preferred = ~says[__builtin_ctz(GLANCE_NOT_PREFERRED)];
    uint64_t avoid = says[__builtin_ctz(GLANCE_AVOID)];

    merits[PERSON_TYPICAL] |= attend & typical;
    merits[PERSON_INFERRED] |= attend & inferred;
    merits[PERSON_PREFERRED] |= attend & preferred;
    merits[PERSON_AVOID] |= attend & avoid;
}

/* What @class, which is not a common one, says. */
unsigned glance_says(const struct glance_view *view, uint32_t class);

/* Whether the free range or item with these attributes is admitted. */
static inline bool glance_admits(const struct glance_view *view,
                                 const struct record_item *item)
{
    const struct glance_ask *ask = view->ask;

    return (ask->certainties >> item->certainty & 1) != 0 &&
           (item->purposes == 0 || (item->purposes & ask->purposes) != 0) &&
           (item->modalities == 0 || (item->modalities & view->modalities) != 0) &&
           (item->place == 0 || view->way.place == 0 || item->place == view->way.place);
}

/* Starts that are looked at together, and the span in which something can matter to any of
 * them. */
struct glance_island {
    int64_t from;
    int64_t until;
};

/* Take the next island out of @left, which is not empty: starts whose spans, from @before
 * minutes before them to @after minutes behind them, overlap. */
static inline struct glance_island
glance_next(const struct glance_ask *ask, int64_t before, int64_t after, uint64_t *left)
{
    const minute_t *starts = ask->starts.starts;
    size_t first = (size_t)__builtin_ctzll(*left);
    struct glance_island island = {starts[first] - before, starts[first] + after};

    for (*left &= *left - 1; *left != 0; *left &= *left - 1) {
        int64_t start = starts[__builtin_ctzll(*left)];

        if (start - before > island.until) {
            break;
        }
        island.until = start + after;
    }
    return island;
}

/* From @from to @until the person is in @class. */
struct glance_stretch {
    int64_t from;
    int64_t until;
    uint32_t class;
};

/* The stretches of a record that touch an island, in order, one after the other. */
struct glance_walk {
    const struct match_record *record;
    int64_t from;
    int64_t until;
    int64_t midnight; /* of the day that is walked, */
    uint32_t change;  /* its next change, */
    uint32_t changes; /* and where they end */
    int64_t at;       /* where the next stretch begins */
    uint32_t class;   /* and what it is */
    bool is_wide;
};

enum { RECORD_NARROW_LAST = RECORD_NARROW_CLASSES - 1 }; /* of all classes there */

enum { GLANCE_SCAN = 16 }; /* changes of a day that are looked at one by one */

/* The changes that are numbers of 16 bits, up to the last one that is not after @minute of
 * their day: it is before walk->change then. */
static inline void glance_skip_narrow(struct glance_walk *walk, uint32_t minute)
{
    const uint16_t *changes = record_narrow(walk->record);
    uint32_t key = minute << RECORD_NARROW_SHIFT | (RECORD_NARROW_CLASSES - 1U);
    uint32_t at = walk->change;
    uint32_t end = walk->changes;

    while (end - at > GLANCE_SCAN) {
        uint32_t middle = at + (end - at) / 2;
        bool before = changes[middle] <= key;
        at = before ? middle : at;
        end = before ? end : middle;
    }
    while (at < end && changes[at] <= key) {
        at++;
    }
    if (at > walk->change) {
        walk->at = walk->midnight + (changes[at - 1] >> RECORD_NARROW_SHIFT);
        walk->class = changes[at - 1] & (RECORD_NARROW_CLASSES - 1U);
        walk->change = at;
    }
}

/* Begin the day at walk->midnight. */
static inline void glance_walk_day(struct glance_walk *walk, int64_t day)
{
    const struct match_record *record = walk->record;

    walk->at = walk->midnight;
    walk->class = RECORD_NOTHING;
    walk->change = 0;
    walk->changes = 0;
    day -= record->first_day;
    if (day >= 0 && day < (int64_t)record->day_count) {
        walk->change = record_day_begin(record, (uint32_t)day);
        walk->changes = record_day_begin(record, (uint32_t)day + 1);
        if (!walk->is_wide && walk->midnight < walk->from) {
            glance_skip_narrow(walk, (uint32_t)(walk->from - walk->midnight));
        }
    }
}

static inline struct glance_walk glance_walk_begin(const struct match_record *record,
                                                   const struct glance_island *island)
{
    int64_t day = minute_day(island->from);
    struct glance_walk walk = {.record = record,
                               .from = island->from,
                               .until = island->until,
                               .midnight = day * MINUTES_PER_DAY,
                               .is_wide = (record->flags & RECORD_IS_WIDE) != 0};

    glance_walk_day(&walk, day);
    return walk;
}

static inline bool glance_walk_next(struct glance_walk *walk,
                                    struct glance_stretch *ret_stretch)
{
    while (walk->at < walk->until) {
        struct glance_stretch stretch = {walk->at, 0, walk->class};

        if (walk->change < walk->changes) {
            const struct match_record *record = walk->record;
            uint32_t change = walk->change++;
            uint32_t minute = 0;

            if (walk->is_wide) {
                minute = record_wide(record)[change] >> RECORD_WIDE_SHIFT;
                walk->class =
                    record_wide(record)[change] & ((1U << RECORD_WIDE_SHIFT) - 1);
            } else {
                minute = record_narrow(record)[change] >> RECORD_NARROW_SHIFT;
                walk->class =
                    record_narrow(record)[change] & (RECORD_NARROW_CLASSES - 1U);
            }
            walk->at = walk->midnight + minute;
            stretch.until = walk->at;
        } else {
            walk->midnight += MINUTES_PER_DAY;
            stretch.until = walk->midnight;
            if (walk->midnight < walk->until) {
                glance_walk_day(walk, walk->midnight / MINUTES_PER_DAY);
            } else {
                walk->at = walk->midnight;
            }
        }
        if (stretch.until > walk->from && stretch.until > stretch.from) {
            *ret_stretch = stretch;
            return true;
        }
    }
    return false;
}

#endif
