// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_internal.h"

#include "matcher/record_layout.h"

/* Show what class @class of @record says of [start, end). */
static void show(const struct match_record *record, uint32_t class, minute_t start,
                 minute_t end, void (*see)(void *, const struct match_range *),
                 void *context)
{
    struct match_range range = {.start = start, .end = end, .kind = MATCH_FREE};

    if (class >= RECORD_COMMON) {
        const struct record_class *entry =
            &record_classes(record)[class - RECORD_COMMON];
        const struct record_item *items = record_items(record) + entry->first;
        for (uint32_t i = 0; i < entry->count; i++) {
            range.kind = items[i].kind;
            range.certainty = items[i].certainty;
            range.preference = items[i].preference;
            range.modalities = items[i].modalities;
            range.purposes = items[i].purposes;
            range.place = items[i].place;
            see(context, &range);
        }
        if (entry->busy || entry->tentative) {
            see(context, &(struct match_range){
                             .start = start,
                             .end = end,
                             .kind = entry->busy ? MATCH_BUSY : MATCH_TENTATIVE,
                         });
        }
        return;
    }
    if (class >= RECORD_OFFERED) {
        bool both = class == RECORD_DECLARED_TENTATIVE;
        uint32_t offer = both ? 0 : class - RECORD_OFFERED;
        range.certainty = (uint8_t)(MATCH_DECLARED + offer / 3);
        range.preference = (uint8_t)(offer % 3);
        see(context, &range);
        if (!both) {
            return;
        }
        class = RECORD_TENTATIVE;
    }
    if (class != RECORD_NOTHING) {
        range.kind = class == RECORD_BUSY ? MATCH_BUSY : MATCH_TENTATIVE;
        range.certainty = 0;
        range.preference = 0;
        see(context, &range);
    }
}

/* The record's days from that of @from to that of @last_minute; none if *ret_first is
 * greater. */
static void days_between(const struct match_record *record, minute_t from,
                         minute_t last_minute, int64_t *ret_first, int64_t *ret_last)
{
    int64_t first = (int64_t)minute_day(from) - record->first_day;
    int64_t last = (int64_t)minute_day(last_minute) - record->first_day;

    *ret_first = first > 0 ? first : 0;
    *ret_last = last < record->day_count ? last : (int64_t)record->day_count - 1;
}

void people_fetch(const struct match_record *record)
{
    if (record != NULL) {
        __builtin_prefetch(record);
    }
}

void people_fetch_days(const struct match_record *record, minute_t from, minute_t until)
{
    int64_t first;
    int64_t last;

    if (record != NULL) {
        days_between(record, from, until, &first, &last);
        if (first <= last) {
            __builtin_prefetch(&record_day_groups(record)[first / RECORD_DAY_GROUP]);
            __builtin_prefetch(&record_day_steps(record)[last + 1]);
        }
    }
}

void people_fetch_changes(const struct match_record *record, minute_t from,
                          minute_t until)
{
    enum { LINE = 64, LINES_MOST = 16 };
    int64_t first;
    int64_t last;

    if (record == NULL) {
        return;
    }
    days_between(record, from, until, &first, &last);
    if (first > last) {
        return;
    }
    size_t size = record->flags & RECORD_IS_WIDE ? sizeof(uint32_t) : sizeof(uint16_t);
    const char *changes = (const char *)record + record->changes_at;
    const char *at = changes + record_day_begin(record, (uint32_t)first) * size;
    const char *end = changes + record_day_begin(record, (uint32_t)last + 1) * size;
    for (int i = 0; i < LINES_MOST && at < end; i++, at += LINE) {
        __builtin_prefetch(at);
    }
}

static void walk_record(const struct match_record *record, minute_t from,
                        minute_t until, void (*see)(void *, const struct match_range *),
                        void *context)
{
    int64_t first;
    int64_t last;

    days_between(record, from, until - 1, &first, &last);
    for (int64_t day = first; day <= last; day++) {
        minute_t midnight = (minute_t)(record->first_day + day) * MINUTES_PER_DAY;
        uint32_t after = record_day_begin(record, (uint32_t)day + 1);
        for (uint32_t i = record_day_begin(record, (uint32_t)day); i < after; i++) {
            minute_t start = midnight + record_change_minute(record, i);
            minute_t end =
                midnight + (i + 1U < after ? record_change_minute(record, i + 1)
                                           : MINUTES_PER_DAY);
            if (start < until && end > from) {
                show(record, record_change_class(record, i), start, end, see, context);
            }
        }
    }
}

void people_walk(const struct match_person *person, minute_t from, minute_t until,
                 void (*see)(void *, const struct match_range *), void *context)
{
    if (person->record != NULL) {
        walk_record(person->record, from, until, see, context);
        return;
    }
    for (size_t s = 0; s < person->source_count; s++) {
        const struct match_source *source = &person->sources[s];
        for (size_t i = 0; i < source->range_count && source->ranges[i].start < until;
             i++) {
            if (source->ranges[i].end > from) {
                see(context, &source->ranges[i]);
            }
        }
    }
}

struct match_span people_known(const struct match_person *person)
{
    struct match_span known = {0, 0};

    if (person->record != NULL) {
        known.start = person->record->known_start;
        known.end = person->record->known_end;
        return known;
    }
    for (size_t s = 0; s < person->source_count; s++) {
        struct match_span one = person->sources[s].coverage;
        if (s == 0 || one.start > known.start) {
            known.start = one.start;
        }
        if (s == 0 || one.end < known.end) {
            known.end = one.end;
        }
    }
    return known.start < known.end ? known : (struct match_span){0, 0};
}

void people_terms(const struct match_person *person, int32_t *ret_notice,
                  int32_t *ret_cap)
{
    int32_t notice = 0;
    int32_t cap = 0;

    if (person->record != NULL) {
        notice = person->record->notice;
        cap = person->record->daily_cap;
    }
    for (size_t s = 0; s < person->source_count; s++) {
        int32_t other = person->sources[s].daily_cap;
        notice =
            person->sources[s].notice > notice ? person->sources[s].notice : notice;
        cap = other > 0 && (cap == 0 || other < cap) ? other : cap;
    }
    *ret_notice = notice;
    *ret_cap = cap;
}
