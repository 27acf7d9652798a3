// SPDX-License-Identifier: Apache-2.0

/*
 * record_outline.h - what sources tell at a glance, before a record is made of them
 */
#ifndef MATCHER_RECORD_OUTLINE_H
#define MATCHER_RECORD_OUTLINE_H

#include "matcher/record_draft.h"

#include <string.h>

/* What all of @sources cover; 0, 0 if that is nothing. */
struct match_span record_outline_known(const struct match_source *sources,
                                       size_t source_count);

/* Room for the changes and classes of @sources, whether they are valid or not.  More
 * days than RECORD_DAYS_MAX: no record holds them. */
struct record_needs record_outline_needs(const struct match_source *sources,
                                         size_t source_count);

/* The same, and are limits and ranges of @sources what match_search() takes? */
enum match_status record_outline_check(const struct match_source *sources,
                                       size_t source_count,
                                       struct record_needs *ret_needs);

/* Has @range a common class while nothing else lies over it? */
static inline bool record_outline_is_plain(const struct match_range *range)
{
    bool is_limited = (range->purposes | range->modalities) != 0;
    return range->place == 0 && !((range->kind == MATCH_FREE) & is_limited);
}

/* Do @a and @b differ in their time only, as far as their bytes tell? */
static inline bool record_outline_is_alike(const struct match_range *a,
                                           const struct match_range *b)
{
    uint64_t of_a;
    uint64_t of_b;
    static_assert(offsetof(struct match_range, purposes) ==
                          offsetof(struct match_range, kind) + 4 &&
                      offsetof(struct match_range, kind) == 8,
                  "eight bytes that can be looked at together");
    memcpy(&of_a, &a->kind, sizeof(of_a));
    memcpy(&of_b, &b->kind, sizeof(of_b));
    return of_a == of_b && a->place == b->place;
}

#endif
