// SPDX-License-Identifier: Apache-2.0

/*
 * timeline.h - interval sets as drawings, and back
 *
 *     "..###..#"   one character per minute; '#' is in the set, anything else is not
 *
 * Ownership   A timeline holds its own arrays: it must not be copied or moved.
 */
#ifndef TESTS_SUPPORT_TIMELINE_H
#define TESTS_SUPPORT_TIMELINE_H

#include "matcher/interval_set.h"

enum { TIMELINE_MAX = 512 }; /* characters of one drawing */

struct timeline {
    struct interval_set set;
    minute_t start[TIMELINE_MAX];
    minute_t end[TIMELINE_MAX];
    char drawn[TIMELINE_MAX + 1];
};

/* An empty set with room for any drawing. */
void timeline_blank(struct timeline *ret_timeline);

/* The set that @drawing shows. */
void timeline_read(const char *drawing, struct timeline *ret_timeline);

/* The minutes [0, length) of the set, with '.' for what is not in it.  The text belongs
 * to the timeline and lives until it is drawn again. */
const char *timeline_draw(struct timeline *timeline, size_t length);

/* True if one range of @set holds all of [start, end). */
bool timeline_covers(const struct interval_set *set, minute_t start, minute_t end);

#endif
