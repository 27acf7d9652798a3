// SPDX-License-Identifier: Apache-2.0
#include "matcher/record_outline.h"

#include "matcher/check.h"

/* The outer bounds of all ranges, and how many there are. */
struct outline {
    size_t ranges;
    size_t plain; /* those that need no class of their own while they lie alone */
    bool overlaps;
    bool valid;
    int64_t start;
    int64_t end;
};

/* Ascends as (start, end) does. */
static inline int64_t order_of(const struct match_range *range)
{
    return (int64_t)((uint64_t)(int64_t)range->start << 32) +
           ((int64_t)range->end - INT32_MIN);
}

static void look_at(const struct match_source *source, struct outline *outline)
{
    const struct match_range *end = source->ranges + source->range_count;
    minute_t reached = INT32_MIN;
    int64_t last = INT64_MIN;
    size_t plain = 0;
    bool overlaps = false;
    bool valid = true;

    for (const struct match_range *range = source->ranges; range < end; range++) {
        int64_t order = order_of(range);
        plain += record_outline_is_plain(range);
        overlaps |= range->start < reached;
        valid &= check_is_range_valid(range) & (last <= order);
        reached = range->end > reached ? range->end : reached;
        last = order;
    }
    outline->ranges += source->range_count;
    outline->plain += plain;
    outline->overlaps |= overlaps;
    outline->valid &= valid;
    if (source->range_count > 0) {
        minute_t start = source->ranges[0].start;
        outline->start = start < outline->start ? start : outline->start;
        outline->end = reached > outline->end ? reached : outline->end;
    }
}

static struct outline outline_of(const struct match_source *sources,
                                 size_t source_count)
{
    struct outline outline = {.valid = true, .start = INT64_MAX, .end = INT64_MIN};
    size_t given = 0;
    for (size_t i = 0; i < source_count; i++) {
        if (sources[i].range_count > 0 && !sources[i].ranges) {
            outline.valid = false;
            continue;
        }
        given += sources[i].range_count > 0;
        look_at(&sources[i], &outline);
    }
    outline.overlaps |= given > 1;
    return outline;
}

struct match_span record_outline_known(const struct match_source *sources,
                                       size_t source_count)
{
    struct match_span known = {0, 0};
    for (size_t i = 0; i < source_count; i++) {
        const struct match_span *coverage = &sources[i].coverage;
        if (i == 0) {
            known = *coverage;
            continue;
        }
        known.start = known.start < coverage->start ? coverage->start : known.start;
        known.end = known.end > coverage->end ? coverage->end : known.end;
    }
    return known.start < known.end ? known : (struct match_span){0, 0};
}

static uint32_t at_most(size_t count, uint32_t most)
{
    return count < most ? (uint32_t)count : most;
}

/* Days from the first to the last, or more than a record holds. */
static uint32_t days_between(int64_t start, int64_t end)
{
    if (start >= end) {
        return 0;
    }
    int32_t days = minute_day(end - 1) - minute_day(start) + 1;
    return days > RECORD_DAYS_MAX ? RECORD_DAYS_MAX + 1U : (uint32_t)days;
}

static struct record_needs needs_of(const struct outline *outline)
{
    enum {
        EDGES = 4
    }; /* what is known begins and ends, each in the midst of a range */
    struct record_needs needs = {.days = days_between(outline->start, outline->end),
                                 .plain = outline->plain == outline->ranges &&
                                          !outline->overlaps};

    needs.changes =
        at_most(2 * outline->ranges + needs.days + EDGES, RECORD_CHANGES_MAX);
    if (!outline->overlaps) {
        needs.classes = at_most(outline->ranges - outline->plain, RECORD_CHANGES_MAX);
        needs.items = needs.classes;
        return needs;
    }
    size_t depth =
        outline->ranges < RECORD_DEPTH_MAX ? outline->ranges : RECORD_DEPTH_MAX;
    needs.classes = at_most(2 * outline->ranges + EDGES, RECORD_CHANGES_MAX);
    needs.items = at_most(needs.classes * depth, RECORD_ITEMS_MAX);
    return needs;
}

struct record_needs record_outline_needs(const struct match_source *sources,
                                         size_t source_count)
{
    struct outline outline = outline_of(sources, source_count);
    return needs_of(&outline);
}

enum match_status record_outline_check(const struct match_source *sources,
                                       size_t source_count,
                                       struct record_needs *ret_needs)
{
    for (size_t i = 0; i < source_count; i++) {
        if (sources[i].notice < 0 || sources[i].notice > MATCH_NOTICE_MAX ||
            sources[i].daily_cap < 0) {
            return MATCH_BAD_LIMITS;
        }
    }
    struct outline outline = outline_of(sources, source_count);
    if (!outline.valid) {
        return MATCH_BAD_RANGES;
    }
    *ret_needs = needs_of(&outline);
    return MATCH_OK;
}
