// SPDX-License-Identifier: Apache-2.0
#include "matcher/record_outline.h"

#include "matcher/check.h"

/* The outer bounds of all ranges, and how many there are. */
struct outline {
    size_t ranges;
    size_t plain; /* those that need no class of their own while they lie alone */
    bool overlaps;
    bool uniform; /* one source, nothing overlaps, and all differ in their time only */
    bool valid;
    int64_t start;
    int64_t end;
};

static bool is_plain(const struct match_range *range)
{
    return range->place == 0 && (range->kind != MATCH_FREE ||
                                 (range->modalities == 0 && range->purposes == 0));
}

/* @start and @end of the ranges of a source are not looked at before @range; is it in
 * order after @last? */
static bool is_sorted(const struct match_range *last, const struct match_range *range)
{
    return last->start < range->start ||
           (last->start == range->start && last->end <= range->end);
}

/* How many ranges from @range on, up to @count, are like the one before, and after it? */
static size_t count_alike(const struct match_range *range, size_t count)
{
    const struct match_range first = range[-1];
    minute_t end = first.end;
    size_t alike = 0;
    while (alike < count && range[alike].start >= end &&
           range[alike].end > range[alike].start &&
           record_outline_is_alike(&range[alike], &first)) {
        end = range[alike++].end;
    }
    return alike;
}

static void look_at(const struct match_source *source, struct outline *outline)
{
    const struct match_range *ranges = source->ranges;
    size_t count = source->range_count;
    minute_t end = INT32_MIN;

    for (size_t i = 0; i < count;) {
        const struct match_range *range = &ranges[i];
        bool plain = is_plain(range);
        outline->uniform &= i == 0;
        outline->overlaps |= range->start < end;
        outline->valid &=
            check_is_range_valid(range) && (i == 0 || is_sorted(range - 1, range));
        end = range->end > end ? range->end : end;
        i++;
        if (end == range->end) {
            /* Most are like the one before. */
            size_t alike = count_alike(&ranges[i], count - i);
            outline->plain += plain ? alike : 0;
            i += alike;
            end = ranges[i - 1].end;
        }
        outline->plain += plain;
    }
    outline->ranges += count;
    if (count > 0) {
        outline->start =
            ranges[0].start < outline->start ? ranges[0].start : outline->start;
        outline->end = end > outline->end ? end : outline->end;
    }
}

static struct outline outline_of(const struct match_source *sources,
                                 size_t source_count)
{
    struct outline outline = {
        .uniform = true, .valid = true, .start = INT64_MAX, .end = INT64_MIN};
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
    outline.uniform &= given == 1 && !outline.overlaps;
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

int32_t record_outline_day(int64_t minute)
{
    int64_t day = minute / MINUTES_PER_DAY;
    return (int32_t)(minute % MINUTES_PER_DAY < 0 ? day - 1 : day);
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
    int32_t days = record_outline_day(end - 1) - record_outline_day(start) + 1;
    return days > RECORD_DAYS_MAX ? RECORD_DAYS_MAX + 1U : (uint32_t)days;
}

static struct record_needs needs_of(const struct outline *outline)
{
    enum {
        EDGES = 4
    }; /* what is known begins and ends, each in the midst of a range */
    struct record_needs needs = {.days = days_between(outline->start, outline->end),
                                 .uniform = outline->uniform};

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
