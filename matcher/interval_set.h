// SPDX-License-Identifier: Apache-2.0

/*
 * interval_set.h - time as sorted half-open ranges of minutes
 *
 * Units       minute_t, see minute.h.  Range i is [start[i], end[i]): it contains
 *             start[i] and does not contain end[i], so 9-10 and 10-11 do not overlap.
 *
 * Invariant   A set is canonical when every range is non-empty and each one starts
 *             strictly after the previous one ended (touching ranges are merged).
 *             Every function expects canonical sets and produces them, except
 *             interval_set_append and interval_set_normalise, which lead there.
 *
 * Ownership   Nothing in matcher/ allocates.  The caller owns the arrays a set points
 *             at and keeps them alive for as long as the set is used.
 *
 * Threads     No shared state: different threads may work on different sets.
 */
#ifndef MATCHER_INTERVAL_SET_H
#define MATCHER_INTERVAL_SET_H

#include "matcher/minute.h"

#include <stdbool.h>
#include <stddef.h>

/* Starts and ends live in two arrays, not one array of pairs, so that a SIMD kernel
 * can load eight neighbours of the same kind with a single instruction. */
struct interval_set {
    minute_t *start;
    minute_t *end;
    size_t count;    /* ranges in use */
    size_t capacity; /* ranges the arrays can hold */
};

/* True if the set keeps the invariant above.  Linear; meant for assertions and tests.
 */
bool interval_set_is_canonical(const struct interval_set *set);

/*
 * Add [start, end) behind the last range; an empty or reversed one is ignored.  A range
 * that starts inside the last range or where it ends is merged into it, so that a
 * sorted sequence comes out canonical; any other sequence needs interval_set_normalise.
 *
 * The set needs room for one more range.  Cannot fail.
 */
void interval_set_append(struct interval_set *set, minute_t start, minute_t end);

/*
 * Make a set canonical whose ranges were appended in any order: the union of all.
 * @scratch lends its arrays (capacity at least set->count); its content is lost.
 *
 * Cannot fail.  Linear times the logarithm of the number of ascending runs, thus linear
 * for a set that is sorted already.
 */
void interval_set_normalise(struct interval_set *set, struct interval_set *scratch);

/*
 * Store the time that is in both @a and @b in @ret_both, which shares no array with
 * them and has room for a->count + b->count ranges (one less is reached: the worst case
 * stitches one set through the gaps of the other).
 *
 *     a      ####.####.##     3 ranges
 *     b      ..####.####.     2 ranges
 *     both   ..##.#.##.#.     3 + 2 - 1 ranges
 *
 * Cannot fail.  Linear in a->count + b->count.
 */
void interval_set_intersect(const struct interval_set *a, const struct interval_set *b,
                            struct interval_set *ret_both);

/*
 * Store the time that is in @a and not in @b in @ret_rest, which shares no array with
 * them and has room for a->count + b->count ranges (each range of @b can cut at most
 * one range of @a in two).
 *
 *     a      ##########..     1 range
 *     b      ..##..##....     2 ranges
 *     rest   ##..##..##..     1 + 2 ranges
 *
 * Cannot fail.  Linear in a->count + b->count.
 */
void interval_set_subtract(const struct interval_set *a, const struct interval_set *b,
                           struct interval_set *ret_rest);

/*
 * Store every range of @set, begun @before minutes sooner and ended @after minutes
 * later (both at least 0), in @ret_wide; what then touches is merged.  @ret_wide may be
 * @set, else it has room for set->count ranges.  Stops at the ends of minute_t.
 *
 * Cannot fail.  Linear.
 */
void interval_set_widen(const struct interval_set *set, int32_t before, int32_t after,
                        struct interval_set *ret_wide);

/*
 * Store the minutes at which @length (at least 1) minutes can start and stay within one
 * range of @set in @ret_starts, which may be @set, else has room for set->count ranges.
 *
 *     set          ..######..##..####
 *     length 3     ..####........##..
 *
 * Cannot fail.  Linear.
 */
void interval_set_fit(const struct interval_set *set, int32_t length,
                      struct interval_set *ret_starts);

/* @at + @minutes, stopping at the ends of minute_t. */
static inline minute_t minute_add(minute_t at, int64_t minutes)
{
    int64_t sum = (int64_t)at + minutes;
    if (sum < INT32_MIN) {
        return INT32_MIN;
    }
    return sum > INT32_MAX ? INT32_MAX : (minute_t)sum;
}

#endif
