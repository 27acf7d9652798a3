// SPDX-License-Identifier: Apache-2.0
#include "matcher/record.h"

#include "matcher/record_outline.h"
#include "matcher/record_pack.h"
#include "matcher/record_sweep.h"

#include <string.h>

size_t record_bound(const struct match_source *sources, size_t source_count,
                    unsigned shape)
{
    struct record_needs needs = record_outline_needs(sources, source_count);
    return needs.days > RECORD_DAYS_MAX ? 0 : record_pack_bound(&needs, shape);
}

static size_t workspace_of(const struct record_needs *needs, size_t source_count)
{
    return record_sweep_size(source_count) + record_draft_size(needs);
}

size_t record_workspace_size(const struct match_source *sources, size_t source_count)
{
    struct record_needs needs = record_outline_needs(sources, source_count);
    return workspace_of(&needs, source_count);
}

/* Known span, notice and daily cap of all sources. */
static struct record_frame frame_of(const struct match_source *sources,
                                    size_t source_count)
{
    struct record_frame frame = {.known = record_outline_known(sources, source_count)};
    for (size_t i = 0; i < source_count; i++) {
        int32_t cap = sources[i].daily_cap;
        frame.notice =
            frame.notice < sources[i].notice ? sources[i].notice : frame.notice;
        if (cap > 0 && (frame.daily_cap == 0 || cap < frame.daily_cap)) {
            frame.daily_cap = cap;
        }
    }
    return frame;
}

enum match_status record_build(const struct match_source *sources, size_t source_count,
                               unsigned shape, void *workspace, size_t workspace_size,
                               void *memory, size_t memory_size)
{
    struct record_needs needs;
    enum match_status status = record_outline_check(sources, source_count, &needs);
    if (status != MATCH_OK) {
        return status;
    }
    if (needs.days > RECORD_DAYS_MAX ||
        workspace_size < workspace_of(&needs, source_count)) {
        return MATCH_NO_ROOM;
    }
    unsigned char *work = workspace;
    struct match_span always = {INT32_MIN, INT32_MAX};
    struct record_frame frame = frame_of(sources, source_count);
    struct record_draft draft;

    frame.shape = shape;
    record_draft_init(&draft, &needs, work + record_sweep_size(source_count));
    record_sweep(sources, source_count, &always, &frame.known, work, &draft);
    record_draft_finish(&draft);
    return record_pack(&draft, &frame, memory, memory_size);
}

/* Room for what is kept of @old too. */
static void add_old_needs(const struct match_record *old,
                          const struct match_source *source, struct record_needs *needs)
{
    uint32_t classes = record_class_count(old);
    uint32_t items = 0;
    for (uint32_t i = 0; i < classes; i++) {
        items += record_classes(old)[i].count;
    }
    /* Each class of the old record once more, without its offers. */
    needs->classes += 2 * classes;
    needs->items += 2 * items;

    /* From the first day of both to the last. */
    if (source->range_count > 0 && old->day_count > 0) {
        int64_t gap = (int64_t)minute_day(source->ranges[0].start) - old->first_day;
        gap = gap < 0 ? -gap : gap;
        needs->days += gap < RECORD_DAYS_MAX ? (uint32_t)gap : RECORD_DAYS_MAX;
    }
    needs->days += old->day_count + 1;
    needs->days = needs->days < RECORD_DAYS_MAX ? needs->days : RECORD_DAYS_MAX;
    needs->changes += old->change_count + needs->days;
    needs->changes =
        needs->changes < RECORD_CHANGES_MAX ? needs->changes : RECORD_CHANGES_MAX;
}

static struct record_needs patch_needs(const struct match_record *old,
                                       const struct match_source *source)
{
    struct record_needs needs = record_outline_needs(source, 1);
    add_old_needs(old, source, &needs);
    return needs;
}

size_t record_patch_bound(const struct match_record *old,
                          const struct match_source *source)
{
    struct record_needs needs = patch_needs(old, source);
    return record_pack_bound(&needs,
                             old->flags & RECORD_RING_ASKED ? RECORD_WIDE_RING : 0);
}

size_t record_patch_workspace_size(const struct match_record *old,
                                   const struct match_source *source)
{
    struct record_needs needs = patch_needs(old, source);
    return workspace_of(&needs, 1);
}

/* Put down [from, until) of @class; what it offers counts inside @known only. */
static void put(struct record_draft *draft, int64_t from, int64_t until, uint32_t class,
                const struct match_span *known)
{
    if (class == RECORD_NOTHING) {
        return;
    }
    if (class < RECORD_OFFERED || (known->start <= from && until <= known->end)) {
        record_draft_put(draft, from, until, class);
        return;
    }
    int64_t start = known->start < from ? from : known->start;
    int64_t end = known->end > until ? until : known->end;
    uint32_t unknown = record_draft_unknown(draft, class);

    start = start > until ? until : start;
    end = end < start ? start : end;
    if (unknown != RECORD_NOTHING && from < start) {
        record_draft_put(draft, from, start, unknown);
    }
    if (start < end) {
        record_draft_put(draft, start, end, class);
    }
    if (unknown != RECORD_NOTHING && end < until) {
        record_draft_put(draft, end, until, unknown);
    }
}

/* Put down what @old says of [from, until), of which @known is known now. */
static void put_old(const struct match_record *old, int64_t from, int64_t until,
                    const struct match_span *known, struct record_draft *draft)
{
    if (from >= until) {
        return;
    }
    int64_t day = minute_day(from) - (int64_t)old->first_day;
    day = day < 0 ? 0 : day;
    int64_t midnight = (old->first_day + day) * MINUTES_PER_DAY;

    for (; day < old->day_count && midnight < until; day++) {
        int64_t start = from - midnight;
        int64_t end =
            until - midnight < MINUTES_PER_DAY ? until - midnight : MINUTES_PER_DAY;
        uint32_t i = record_day_begin(old, (uint32_t)day);
        uint32_t after = record_day_begin(old, (uint32_t)day + 1);

        while (i + 1 < after && record_change_minute(old, i + 1) <= start) {
            i++;
        }
        for (; i < after && record_change_minute(old, i) < end; i++) {
            int32_t minute = record_change_minute(old, i);
            int64_t next =
                i + 1 < after ? record_change_minute(old, i + 1) : MINUTES_PER_DAY;
            put(draft, midnight + (minute < start ? start : minute),
                midnight + (next > end ? end : next), record_change_class(old, i),
                known);
        }
        midnight += MINUTES_PER_DAY;
    }
}

/* The days that the draft has to have: those of @span, and where offers are forgotten. */
static void find_touched(const struct match_span *span, struct record_frame *frame)
{
    const struct match_record *old = frame->old;
    bool empty = span->start >= span->end;
    bool earlier = frame->known.start > old->known_start;
    bool later = frame->known.end < old->known_end;
    int32_t old_last = old->first_day + (int32_t)old->day_count - 1;

    frame->first = minute_day(span->start);
    frame->last = empty ? frame->first - 1 : minute_day((int64_t)span->end - 1);
    if (old->known_start < old->known_end && (earlier || later)) {
        if (empty) {
            frame->first = old->first_day;
            frame->last = old_last;
        }
        frame->first = frame->first < old->first_day ? frame->first : old->first_day;
        frame->last = frame->last > old_last ? frame->last : old_last;
    }
}

/* The classes of @old, with the same numbers. */
static void take_classes(const struct match_record *old, struct record_draft *draft)
{
    struct record_item items[RECORD_DEPTH_MAX];
    uint32_t count = record_class_count(old);
    for (uint32_t i = 0; i < count; i++) {
        struct record_class class = record_classes(old)[i];
        memcpy(items, record_items(old) + class.first, class.count * sizeof(*items));
        record_draft_class(draft, class.busy, class.tentative, items, class.count);
    }
}

enum match_status record_patch(const struct match_record *old,
                               const struct match_span *span,
                               const struct match_source *source, void *workspace,
                               size_t workspace_size, void *memory, size_t memory_size)
{
    struct record_needs needs;
    enum match_status status = record_outline_check(source, 1, &needs);
    if (status != MATCH_OK) {
        return status;
    }
    add_old_needs(old, source, &needs);
    if (workspace_size < workspace_of(&needs, 1)) {
        return MATCH_NO_ROOM;
    }
    unsigned char *work = workspace;
    struct record_draft draft;
    struct record_frame frame = frame_of(source, 1);
    struct match_span within = *span;

    frame.old = old;
    frame.shape = (old->flags & RECORD_PLANE_ASKED ? RECORD_WITH_PLANE : 0U) |
                  (old->flags & RECORD_RING_ASKED ? RECORD_WIDE_RING : 0U);
    find_touched(span, &frame);
    within.end = within.end < within.start ? within.start : within.end;

    record_draft_init(&draft, &needs, work + record_sweep_size(1));
    take_classes(old, &draft);
    if (frame.first <= frame.last) {
        int64_t from = (int64_t)frame.first * MINUTES_PER_DAY;
        int64_t until = ((int64_t)frame.last + 1) * MINUTES_PER_DAY;
        put_old(old, from, within.start, &frame.known, &draft);
        record_sweep(source, 1, &within, &frame.known, work, &draft);
        put_old(old, within.end, until, &frame.known, &draft);
    }
    record_draft_finish(&draft);
    return record_pack(&draft, &frame, memory, memory_size);
}

size_t record_size(const struct match_record *record)
{
    return record->size;
}
