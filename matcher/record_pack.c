// SPDX-License-Identifier: Apache-2.0
#include "matcher/record_pack.h"

#include <string.h>

/* Changes a day from which on a plane is worth its bytes to everybody. */
enum { DENSE = 48 };

/* What the record is put together from: @old before the days of the draft, the draft,
 * @old after them. */
struct parts {
    uint32_t before; /* changes of the old record, [0, before) */
    uint32_t after;  /* and [after, total) */
    uint32_t total;
    uint32_t change_count;
    int64_t first_day;
    int64_t end_day;
    uint32_t class_count;
    uint32_t item_count;
    bool renumbered; /* some class of the draft does not occur any more */
    bool wide;
    bool long_days;
};

static size_t aligned(size_t size)
{
    return (size + RECORD_ALIGN - 1) & ~(size_t)(RECORD_ALIGN - 1);
}

static size_t even(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static uint32_t ring_days_of(uint32_t day_count, unsigned shape)
{
    uint32_t ring_days = RECORD_RING_DAYS;
    while (shape & RECORD_WIDE_RING && ring_days < day_count) {
        ring_days *= 2;
    }
    return ring_days;
}

size_t record_pack_bound(const struct record_needs *needs, unsigned shape)
{
    return aligned(sizeof(struct match_record) +
                   ring_days_of(needs->days, shape) * sizeof(uint64_t) +
                   even((needs->days + 1) * sizeof(uint16_t)) +
                   even(needs->changes * sizeof(uint32_t)) +
                   needs->classes * sizeof(struct record_class) +
                   even(needs->items * sizeof(struct record_item)) +
                   record_plane_size(needs->days));
}

/* The changes of the old record's days before @day. */
static uint32_t changes_before(const struct match_record *old, int64_t day)
{
    int64_t at = day - old->first_day;
    at = at < 0 ? 0 : at;
    at = at > old->day_count ? old->day_count : at;
    return record_day_begin(old, (uint32_t)at);
}

/* From the first day with changes to the last; the same: there are none. */
static void find_days(const struct record_draft *draft,
                      const struct record_frame *frame, struct parts *parts)
{
    const struct match_record *old = frame->old;
    int64_t first = draft->first_day;
    int64_t end = first + draft->day_count;

    if (old && parts->before > 0) {
        int64_t old_end = (int64_t)old->first_day + old->day_count;
        end = draft->day_count > 0 ? end : frame->first;
        end = draft->day_count > 0 || end < old_end ? end : old_end;
        while (draft->day_count == 0 && changes_before(old, end - 1) == parts->before) {
            end--;
        }
        first = old->first_day;
    }
    if (old && parts->after < parts->total) {
        int64_t next = (int64_t)frame->last + 1;
        next = next < old->first_day ? old->first_day : next;
        first = parts->before > 0 || draft->day_count > 0 ? first : next;
        while (first > frame->last && changes_before(old, first + 1) == parts->after) {
            first++;
        }
        end = (int64_t)old->first_day + old->day_count;
    }
    parts->first_day = first;
    parts->end_day = end;
}

static void mark(struct record_draft *draft, uint32_t class)
{
    if (class < RECORD_COMMON) {
        draft->common |= 1U << class;
    } else {
        draft->numbers[class - RECORD_COMMON] = 1;
    }
}

/* The classes of some changes of @old occur. */
static void mark_old(struct record_draft *draft, const struct match_record *old,
                     uint32_t from, uint32_t until)
{
    if (old->flags & RECORD_IS_WIDE) {
        for (uint32_t i = from; i < until; i++) {
            mark(draft, record_change_class(old, i));
        }
        return;
    }
    const uint16_t *changes = record_narrow(old);
    uint32_t all = old->common | ((1U << record_class_count(old)) - 1) << RECORD_COMMON;
    uint32_t seen = 0;
    for (uint32_t i = from; i < until && (seen & all) != all; i++) {
        seen |= 1U << (changes[i] & (RECORD_NARROW_CLASSES - 1));
    }
    for (seen &= all; seen != 0; seen &= seen - 1) {
        mark(draft, (uint32_t)__builtin_ctz(seen));
    }
}

/* What are the numbers in the record of the classes that occur? */
static void number_classes(struct record_draft *draft, const struct match_record *old,
                           struct parts *parts)
{
    if (old) {
        mark_old(draft, old, 0, parts->before);
        mark_old(draft, old, parts->after, parts->total);
    }
    for (uint32_t i = 0; i < draft->class_count; i++) {
        if (draft->numbers[i] == 0) {
            parts->renumbered = true;
            continue;
        }
        draft->numbers[i] = RECORD_COMMON + parts->class_count++;
        parts->item_count += draft->classes[i].count;
    }
    parts->wide = RECORD_COMMON + parts->class_count > RECORD_NARROW_CLASSES;
}

static uint32_t renumber(const struct record_draft *draft, uint32_t class)
{
    return class < RECORD_COMMON ? class : draft->numbers[class - RECORD_COMMON];
}

static unsigned char *bytes_at(struct match_record *record, uint32_t offset)
{
    return (unsigned char *)record + offset;
}

static void write_change(struct match_record *record, uint32_t at, uint32_t minute,
                         uint32_t class)
{
    unsigned char *changes = bytes_at(record, record->changes_at);
    if (record->flags & RECORD_IS_WIDE) {
        ((uint32_t *)(void *)changes)[at] = minute << RECORD_WIDE_SHIFT | class;
    } else {
        ((uint16_t *)(void *)changes)[at] =
            (uint16_t)(minute << RECORD_NARROW_SHIFT | class);
    }
}

static void copy_changes(struct match_record *record, uint32_t at,
                         const struct record_draft *draft,
                         const struct match_record *old, uint32_t from, uint32_t until,
                         bool renumbered)
{
    if (!renumbered && ((record->flags ^ old->flags) & RECORD_IS_WIDE) == 0) {
        size_t size = old->flags & RECORD_IS_WIDE ? sizeof(uint32_t) : sizeof(uint16_t);
        memcpy(bytes_at(record, record->changes_at) + at * size,
               (const unsigned char *)old + old->changes_at + from * size,
               (until - from) * size);
        return;
    }
    for (uint32_t i = from; i < until; i++) {
        write_change(record, at++, (uint32_t)record_change_minute(old, i),
                     renumber(draft, record_change_class(old, i)));
    }
}

static void write_changes(struct match_record *record, const struct record_draft *draft,
                          const struct match_record *old, const struct parts *parts)
{
    if (old) {
        copy_changes(record, 0, draft, old, 0, parts->before, parts->renumbered);
        copy_changes(record, parts->before + draft->change_count, draft, old,
                     parts->after, parts->total, parts->renumbered);
    }
    if (draft->class_count == 0) {
        /* A loop that the compiler can do eight at a time. */
        uint16_t *to = (uint16_t *)(void *)bytes_at(record, record->changes_at);
        to += parts->before;
        for (uint32_t i = 0; i < draft->change_count; i++) {
            uint32_t change = draft->changes[i];
            to[i] = (uint16_t)(change >> (RECORD_WIDE_SHIFT - RECORD_NARROW_SHIFT) |
                               change);
        }
        return;
    }
    for (uint32_t i = 0; i < draft->change_count; i++) {
        uint32_t change = draft->changes[i];
        write_change(record, parts->before + i, change >> RECORD_WIDE_SHIFT,
                     renumber(draft, change & ((1U << RECORD_WIDE_SHIFT) - 1)));
    }
}

static void write_classes(struct match_record *record, const struct record_draft *draft)
{
    struct record_class *classes =
        (struct record_class *)(void *)bytes_at(record, record->classes_at);
    struct record_item *items =
        (struct record_item *)(void *)bytes_at(record, record->items_at);
    uint32_t class_count = 0;
    uint32_t item_count = 0;

    for (uint32_t i = 0; i < draft->class_count; i++) {
        if (draft->numbers[i] == 0) {
            continue;
        }
        struct record_class class = draft->classes[i];
        memcpy(&items[item_count], &draft->items[class.first],
               class.count * sizeof(*items));
        class.first = item_count;
        item_count += class.count;
        classes[class_count++] = class;
    }
}

static void sum_up_offer(struct match_record *record, const struct record_item *offer)
{
    uint32_t purposes = offer->purposes != 0 ? offer->purposes : UINT32_MAX;
    uint8_t modalities = offer->modalities != 0 ? offer->modalities : UINT8_MAX;

    record->purposes_all &= purposes;
    record->purposes_any |= purposes;
    record->modalities_all &= modalities;
    record->modalities_any |= modalities;
    record->certainties |= (uint8_t)(1U << offer->certainty);
    record->preferences |= (uint8_t)(1U << offer->preference);
    record->flags |= offer->place != 0 ? RECORD_HAS_OFFER_PLACES : 0;
}

/* What all classes that occur say together. */
static void sum_up(struct match_record *record, uint32_t common)
{
    record->common = (uint16_t)(common & ~1U);
    record->purposes_all = UINT32_MAX;
    record->modalities_all = UINT8_MAX;
    if (common & (1U << RECORD_TENTATIVE | 1U << RECORD_DECLARED_TENTATIVE)) {
        record->flags |= RECORD_HAS_TENTATIVE;
    }
    if (common & 1U << RECORD_DECLARED_TENTATIVE) {
        common |= 1U << RECORD_OFFERED;
    }
    for (uint32_t i = RECORD_OFFERED; i < RECORD_DECLARED_TENTATIVE; i++) {
        if (common >> i & 1U) {
            uint32_t which = i - RECORD_OFFERED;
            struct record_item offer = {.certainty = (uint8_t)(1 + which / 3),
                                        .preference = (uint8_t)(which % 3)};
            sum_up_offer(record, &offer);
        }
    }
    const struct record_class *classes = record_classes(record);
    uint32_t class_count = record_class_count(record);
    uint32_t item_count = 0;
    for (uint32_t i = 0; i < class_count; i++) {
        record->flags |= classes[i].tentative ? RECORD_HAS_TENTATIVE : 0;
        item_count += classes[i].count;
    }
    for (uint32_t i = 0; i < item_count; i++) {
        const struct record_item *item = &record_items(record)[i];
        if (item->kind == MATCH_FREE) {
            sum_up_offer(record, item);
        } else {
            record->flags |= RECORD_HAS_PLACES;
        }
    }
}

/* The header, as far as it tells where everything is. */
static struct match_record lay_out(const struct record_frame *frame,
                                   const struct parts *parts)
{
    struct match_record record = {
        .first_day = (int32_t)parts->first_day,
        .day_count = (uint32_t)(parts->end_day - parts->first_day),
        .change_count = (uint16_t)parts->change_count,
        .known_start = frame->known.start,
        .known_end = frame->known.end,
        .notice = frame->notice,
        .daily_cap = frame->daily_cap,
        .flags = (uint8_t)((parts->wide ? RECORD_IS_WIDE : 0) |
                           (parts->long_days ? RECORD_LONG_DAYS : 0) |
                           (frame->shape & RECORD_WITH_PLANE ? RECORD_PLANE_ASKED : 0) |
                           (frame->shape & RECORD_WIDE_RING ? RECORD_RING_ASKED : 0)),
    };
    size_t change_size = parts->wide ? sizeof(uint32_t) : sizeof(uint16_t);
    record.ring_days = (uint16_t)ring_days_of(record.day_count, frame->shape);

    size_t at = sizeof(record) + record.ring_days * sizeof(uint64_t);
    at += record_days_size(record.day_count, parts->long_days);
    at = parts->wide ? (at + 3) & ~(size_t)3 : (at + 1) & ~(size_t)1;
    record.changes_at = (uint32_t)at;
    at += record.change_count * change_size;
    at = parts->class_count > 0 ? (at + 3) & ~(size_t)3 : at;
    record.classes_at = (uint32_t)at;
    at += parts->class_count * sizeof(struct record_class);
    record.items_at = (uint32_t)at;
    at += parts->item_count * sizeof(struct record_item);
    if (frame->shape & RECORD_WITH_PLANE ||
        record.change_count > (uint32_t)DENSE * record.day_count) {
        at = even(at);
        record.flags |= RECORD_HAS_PLANE;
        record.plane_at = (uint32_t)at;
        at += record_plane_size(record.day_count);
    }
    record.size = (uint32_t)aligned(at);
    return record;
}

static void clear(struct match_record *record, size_t from, size_t until)
{
    memset(bytes_at(record, (uint32_t)from), 0, until - from);
}

/* What lies between the parts for their alignment's sake: the same record is the same
 * bytes. */
static void clear_gaps(struct match_record *record, const struct parts *parts)
{
    size_t change_size = parts->wide ? sizeof(uint32_t) : sizeof(uint16_t);
    size_t days_end = sizeof(*record) + record->ring_days * sizeof(uint64_t) +
                      record_days_size(record->day_count, parts->long_days);

    clear(record, days_end, record->changes_at);
    clear(record, record->changes_at + record->change_count * change_size,
          record->classes_at);
    clear(record, record->items_at + parts->item_count * sizeof(struct record_item),
          record->plane_at != 0 ? record->plane_at : record->size);
}

enum match_status record_pack(struct record_draft *draft,
                              const struct record_frame *frame, void *memory,
                              size_t memory_size)
{
    const struct match_record *old = frame->old;
    struct parts parts = {0};
    if (old) {
        parts.total = old->change_count;
        parts.before = changes_before(old, frame->first);
        parts.after = changes_before(old, (int64_t)frame->last + 1);
    }
    parts.change_count = parts.before + draft->change_count + parts.total - parts.after;
    find_days(draft, frame, &parts);
    if (draft->overflowed || parts.change_count > RECORD_CHANGES_MAX ||
        parts.end_day - parts.first_day > draft->room.days) {
        return MATCH_NO_ROOM;
    }
    struct record_days days = {
        draft,           frame,
        parts.first_day, (uint32_t)(parts.end_day - parts.first_day) + 1,
        parts.before,    parts.before + draft->change_count - parts.after};
    parts.long_days = record_days_are_long(&days);
    number_classes(draft, old, &parts);

    struct match_record header = lay_out(frame, &parts);
    if (header.size > memory_size) {
        return MATCH_NO_ROOM;
    }
    struct match_record *record = memory;
    *record = header;
    clear_gaps(record, &parts);
    record_days_write(&days, record);
    write_changes(record, draft, old, &parts);
    write_classes(record, draft);
    sum_up(record, draft->common);
    record_ring_fill(record, draft, frame);
    if (record->plane_at != 0) {
        record_plane_fill(record, draft, frame);
    }
    return MATCH_OK;
}
