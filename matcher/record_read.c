// SPDX-License-Identifier: Apache-2.0

/*
 * record_read.c - a record told as the ranges of one source
 */
#include "matcher/record_layout.h"

/* The ranges that are told so far. */
struct teller {
    const struct match_record *record;
    minute_t from;
    minute_t until;
    struct match_range *ranges;
    size_t capacity;
    size_t count;
};

static void tell(struct teller *teller, const struct match_span *span,
                 const struct record_item *item)
{
    if (teller->count < teller->capacity) {
        teller->ranges[teller->count] = (struct match_range){
            .start = span->start,
            .end = span->end,
            .kind = item->kind,
            .certainty = item->certainty,
            .preference = item->preference,
            .modalities = item->modalities,
            .purposes = item->purposes,
            .place = item->place,
        };
    }
    teller->count++;
}

static bool has_items(const struct record_item *items, uint32_t count,
                      enum match_kind kind)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static void tell_class(struct teller *teller, const struct match_span *span,
                       const struct record_class *class,
                       const struct record_item *items)
{
    static const struct record_item busy = {.kind = MATCH_BUSY};
    static const struct record_item tentative = {.kind = MATCH_TENTATIVE};

    for (uint32_t i = 0; i < class->count; i++) {
        tell(teller, span, &items[i]);
    }
    if (class->busy && !has_items(items, class->count, MATCH_BUSY)) {
        tell(teller, span, &busy);
    }
    if (class->tentative && !has_items(items, class->count, MATCH_TENTATIVE)) {
        tell(teller, span, &tentative);
    }
}

/* Common classes, written out. */
static void tell_common(struct teller *teller, const struct match_span *span,
                        uint32_t number)
{
    bool is_tentative =
        number == RECORD_TENTATIVE || number == RECORD_DECLARED_TENTATIVE;
    uint32_t offered = number == RECORD_DECLARED_TENTATIVE ? RECORD_OFFERED : number;
    uint32_t which = offered >= RECORD_OFFERED ? offered - RECORD_OFFERED : 0;
    struct record_item offer = {
        .kind = MATCH_FREE,
        .certainty = (uint8_t)(1 + which / 3),
        .preference = (uint8_t)(which % 3),
    };
    struct record_class class = {
        .count = offered >= RECORD_OFFERED,
        .busy = number == RECORD_BUSY,
        .tentative = is_tentative,
    };
    tell_class(teller, span, &class, &offer);
}

/* [start, end) is in @number throughout, and neither the minute before nor the one after
 * is. */
static void tell_stretch(struct teller *teller, int64_t start, int64_t end,
                         uint32_t number)
{
    start = start < teller->from ? teller->from : start;
    end = end > teller->until ? teller->until : end;
    if (number == RECORD_NOTHING || start >= end) {
        return;
    }
    struct match_span span = {(minute_t)start, (minute_t)end};
    if (number < RECORD_COMMON) {
        tell_common(teller, &span, number);
        return;
    }
    const struct record_class *class =
        &record_classes(teller->record)[number - RECORD_COMMON];
    tell_class(teller, &span, class, record_items(teller->record) + class->first);
}

/* The index of the day that contains @minute, not before the first one or after the
 * last. */
static uint32_t day_near(const struct match_record *record, minute_t minute)
{
    int64_t day = (int64_t)minute_day(minute) - record->first_day;
    day = day >= record->day_count ? (int64_t)record->day_count - 1 : day;
    return (uint32_t)(day < 0 ? 0 : day);
}

static void tell_all(struct teller *teller)
{
    const struct match_record *record = teller->record;
    uint32_t day = day_near(record, teller->from);
    uint32_t last = day_near(record, teller->until - 1);
    int64_t start = 0;
    int64_t end = 0;
    uint32_t number = RECORD_NOTHING;

    for (; day <= last && record->day_count > 0; day++) {
        int64_t midnight =
            ((int64_t)record->first_day + (int32_t)day) * MINUTES_PER_DAY;
        uint32_t after = record_day_begin(record, day + 1);
        for (uint32_t i = record_day_begin(record, day); i < after; i++) {
            int64_t at = midnight + record_change_minute(record, i);
            uint32_t next = record_change_class(record, i);
            end = number != RECORD_NOTHING && end < at ? end : at;
            if (next != number || end < at) {
                tell_stretch(teller, start, end, number);
                start = at;
                number = next;
            }
            end = midnight + MINUTES_PER_DAY;
        }
    }
    tell_stretch(teller, start, end, number);
}

size_t record_ranges(const struct match_record *record, minute_t from, minute_t until,
                     struct match_range *ret_ranges, size_t capacity,
                     struct match_source *ret_source)
{
    struct teller teller = {.record = record,
                            .from = from,
                            .until = until,
                            .ranges = ret_ranges,
                            .capacity = capacity};
    if (from < until) {
        tell_all(&teller);
    }
    struct match_span known = {
        record->known_start < from ? from : record->known_start,
        record->known_end > until ? until : record->known_end,
    };
    *ret_source = (struct match_source){
        .coverage = known.start < known.end ? known : (struct match_span){0, 0},
        .ranges = ret_ranges,
        .range_count = teller.count < capacity ? teller.count : capacity,
        .notice = record->notice,
        .daily_cap = record->daily_cap,
    };
    return teller.count;
}

size_t record_range_count(const struct match_record *record)
{
    const struct record_class *classes = record_classes(record);
    size_t count = 0;
    for (uint32_t i = 0; i < record->change_count; i++) {
        uint32_t class = record_change_class(record, i);
        count += class == RECORD_NOTHING ? 0 : 1;
        count += class == RECORD_DECLARED_TENTATIVE;
        if (class >= RECORD_COMMON) {
            /* One is there already; busy and tentative may each add one more. */
            count += (size_t)classes[class - RECORD_COMMON].count + 1;
        }
    }
    return count;
}
