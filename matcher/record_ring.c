// SPDX-License-Identifier: Apache-2.0

/*
 * record_ring.c - the words that rule days out, and the plane of five-minute cells
 */
#include "matcher/record_pack.h"

#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as the plane is defined");

/* A record and which of its first 32 classes are free, and which tentative. */
struct reading {
    const struct match_record *record;
    const struct record_draft *draft;
    uint32_t free;
    uint32_t tentative;
};

/* Offered and not busy: where somebody is busy, a class has no offers. */
static bool is_offered(const struct match_record *record, uint32_t class)
{
    const struct record_class *entry = &record_classes(record)[class - RECORD_COMMON];
    return record_items(record)[entry->first].kind == MATCH_FREE;
}

static bool is_free(const struct reading *reading, uint32_t class)
{
    return class < RECORD_NARROW_CLASSES ? (reading->free >> class & 1U) != 0
                                         : is_offered(reading->record, class);
}

static bool is_tentative(const struct reading *reading, uint32_t class)
{
    if (class < RECORD_NARROW_CLASSES) {
        return (reading->tentative >> class & 1U) != 0;
    }
    return record_classes(reading->record)[class - RECORD_COMMON].tentative != 0;
}

static struct reading read_record(const struct match_record *record,
                                  const struct record_draft *draft)
{
    struct reading reading = {.record = record, .draft = draft};
    uint32_t count = RECORD_COMMON + record_class_count(record);

    reading.tentative = 1U << RECORD_TENTATIVE | 1U << RECORD_DECLARED_TENTATIVE;
    for (uint32_t i = RECORD_OFFERED; i < RECORD_COMMON; i++) {
        reading.free |= 1U << i;
    }
    for (uint32_t i = RECORD_COMMON; i < count && i < RECORD_NARROW_CLASSES; i++) {
        reading.free |= (uint32_t)is_offered(record, i) << i;
        reading.tentative |=
            (uint32_t)record_classes(record)[i - RECORD_COMMON].tentative << i;
    }
    return reading;
}

static int32_t minute_after(const struct reading *reading, uint32_t i, uint32_t end)
{
    return i + 1 < end ? record_change_minute(reading->record, i + 1) : MINUTES_PER_DAY;
}

/* Of the stretch that goes on at the beginning of the day with index @day. */
static uint64_t fold_ahead(const struct reading *reading, uint32_t day)
{
    if (day >= reading->record->day_count) {
        return 0;
    }
    int32_t until = 0;
    uint32_t end = record_day_begin(reading->record, day + 1);
    for (uint32_t i = record_day_begin(reading->record, day); i < end; i++) {
        if (record_change_minute(reading->record, i) != until ||
            !is_free(reading, record_change_class(reading->record, i))) {
            break;
        }
        until = minute_after(reading, i, end);
        if (until >= RECORD_AHEAD * RECORD_CELL) {
            until = RECORD_AHEAD * RECORD_CELL;
            break;
        }
    }
    return until > 0
               ? record_draft_fold(MINUTES_PER_DAY, (uint32_t)(MINUTES_PER_DAY + until))
               : 0;
}

/* What the draft has put together already, or else what the changes say. */
static uint64_t part_of(const struct reading *reading, uint32_t day)
{
    const struct record_draft *draft = reading->draft;
    int64_t at = (int64_t)reading->record->first_day + day - draft->first_day;
    if (at >= 0 && at < draft->day_count) {
        return draft->words[at];
    }
    uint64_t word = 0;
    uint32_t end = record_day_begin(reading->record, day + 1);
    for (uint32_t i = record_day_begin(reading->record, day); i < end; i++) {
        if (is_free(reading, record_change_class(reading->record, i))) {
            word |=
                record_draft_fold((uint32_t)record_change_minute(reading->record, i),
                                  (uint32_t)minute_after(reading, i, end));
        }
    }
    return word;
}

static uint64_t word_of(const struct reading *reading, uint32_t day)
{
    uint64_t word = part_of(reading, day);
    uint32_t end = record_day_begin(reading->record, day + 1);
    if (end > record_day_begin(reading->record, day) &&
        is_free(reading, record_change_class(reading->record, end - 1))) {
        word |= fold_ahead(reading, day + 1);
    }
    return word;
}

/* The word of UTC day @day, which other days may share. */
static uint64_t shared_word_of(const struct reading *reading, int32_t day)
{
    uint64_t word = 0;
    int32_t ring_days = reading->record->ring_days;
    int32_t at = (day - reading->record->first_day) % ring_days;
    uint32_t i = (uint32_t)(at < 0 ? at + ring_days : at);
    for (; i < reading->record->day_count; i += (uint32_t)ring_days) {
        word |= word_of(reading, i);
    }
    return word;
}

static void fill_all(const struct reading *reading, bool all_drafted, uint64_t *ring)
{
    const struct record_draft *draft = reading->draft;
    uint32_t ring_days = reading->record->ring_days;
    uint32_t at = record_ring_at(reading->record, reading->record->first_day);

    memset(ring, 0, ring_days * sizeof(*ring));
    for (uint32_t i = 0; i < reading->record->day_count; i++) {
        ring[at] |=
            all_drafted && !draft->runs_on ? draft->words[i] : word_of(reading, i);
        at = at + 1 < ring_days ? at + 1 : 0;
    }
}

void record_ring_fill(struct match_record *record, const struct record_draft *draft,
                      const struct record_frame *frame)
{
    struct reading reading = read_record(record, draft);
    uint64_t *ring = (uint64_t *)(void *)(record + 1);
    const struct match_record *old = frame->old;

    if (!old || old->ring_days != record->ring_days ||
        frame->last - frame->first + 1 >= record->ring_days) {
        fill_all(&reading, old == NULL, ring);
        return;
    }
    memcpy(ring, record_ring(old), record->ring_days * sizeof(*ring));
    /* What a day begins with may go on from the day before. */
    for (int32_t day = frame->first - 1; day <= frame->last; day++) {
        ring[record_ring_at(record, day)] = shared_word_of(&reading, day);
    }
}

size_t record_plane_size(uint32_t day_count)
{
    enum { LOAD = 64 };
    return (day_count + 63) / 64 * sizeof(uint64_t) +
           (size_t)RECORD_PLANE_BYTES * day_count + LOAD;
}

/* Set the bits [from, until). */
static void set_bits(uint64_t *words, int32_t from, int32_t until)
{
    for (int32_t at = from; at < until;) {
        int32_t next = (at / 64 + 1) * 64;
        int32_t count = (next < until ? next : until) - at;
        words[at / 64] |= (~(uint64_t)0 >> (64 - count)) << (at % 64);
        at += count;
    }
}

/* Fill @cells; true if the day is ragged. */
static bool fill_cells(const struct reading *reading, uint32_t day,
                       unsigned char *cells)
{
    uint64_t words[(RECORD_PLANE_CELLS + 63) / 64] = {0};
    bool ragged = false;
    int32_t since = 0; /* of the free stretch, */
    int32_t until = 0; /* and its end; the same: there is none */
    uint32_t end = record_day_begin(reading->record, day + 1);

    for (uint32_t i = record_day_begin(reading->record, day); i <= end; i++) {
        int32_t minute =
            i < end ? record_change_minute(reading->record, i) : MINUTES_PER_DAY;
        uint32_t class =
            i < end ? record_change_class(reading->record, i) : RECORD_NOTHING;
        bool free = is_free(reading, class) && !is_tentative(reading, class);
        ragged |= is_tentative(reading, class);
        if (since < until && !free) {
            ragged |= since % RECORD_PLANE_CELL != 0 || until % RECORD_PLANE_CELL != 0;
            set_bits(words, (since + RECORD_PLANE_CELL - 1) / RECORD_PLANE_CELL,
                     until / RECORD_PLANE_CELL);
            since = until;
        }
        if (free) {
            since = since < until ? since : minute;
            until = minute_after(reading, i, end);
        }
    }
    memcpy(cells, words, RECORD_PLANE_BYTES);
    return ragged;
}

/* The @count ragged days of @old from @from on, which are those from @at on of @ragged. */
static void copy_ragged(const struct match_record *old, uint32_t from, uint32_t count,
                        uint64_t *ragged, uint32_t at)
{
    const uint64_t *there = record_ragged(old);

    while (count > 0) {
        /* What lies in one word of both. */
        uint32_t most = from % 64 > at % 64 ? from % 64 : at % 64;
        uint32_t part = count < 64 - most ? count : 64 - most;
        uint64_t days = there[from / 64] >> (from % 64) & (UINT64_MAX >> (64 - part));

        ragged[at / 64] |= days << (at % 64);
        from += part;
        at += part;
        count -= part;
    }
}

/* The days [first, last] of the new record as they are in the old one. */
static void copy_days(struct match_record *record, const struct match_record *old,
                      int64_t first, int64_t last)
{
    int64_t old_last = (int64_t)old->first_day + old->day_count - 1;
    int64_t new_last = (int64_t)record->first_day + record->day_count - 1;
    unsigned char *cells = (unsigned char *)record +
                           (record_cells(record) - (const unsigned char *)record);
    uint64_t *ragged = (uint64_t *)(void *)((unsigned char *)record + record->plane_at);

    first = first < old->first_day ? old->first_day : first;
    first = first < record->first_day ? record->first_day : first;
    last = last > old_last ? old_last : last;
    last = last > new_last ? new_last : last;
    if (first > last) {
        return;
    }
    uint32_t from = (uint32_t)(first - old->first_day);
    uint32_t at = (uint32_t)(first - record->first_day);
    uint32_t count = (uint32_t)(last - first) + 1;
    memcpy(cells + (size_t)RECORD_PLANE_BYTES * at,
           record_cells(old) + (size_t)RECORD_PLANE_BYTES * from,
           (size_t)RECORD_PLANE_BYTES * count);
    copy_ragged(old, from, count, ragged, at);
}

void record_plane_fill(struct match_record *record, const struct record_draft *draft,
                       const struct record_frame *frame)
{
    const struct match_record *old = frame->old;
    struct reading reading = read_record(record, draft);
    unsigned char *plane = (unsigned char *)record + record->plane_at;
    uint64_t *ragged = (uint64_t *)(void *)plane;
    unsigned char *cells = (unsigned char *)(ragged + (record->day_count + 63) / 64);
    bool copied = old && old->plane_at != 0;
    int64_t end = (int64_t)record->first_day + record->day_count;
    int64_t first = copied ? frame->first : record->first_day;
    int64_t last = copied ? frame->last : end - 1;

    /* Cells that are all written need not be emptied before. */
    bool is_full = copied && record->first_day >= old->first_day &&
                   end <= (int64_t)old->first_day + old->day_count;
    unsigned char *cells_end = cells + (size_t)RECORD_PLANE_BYTES * record->day_count;
    memset(plane, 0, (size_t)((is_full ? cells : cells_end) - plane));
    memset(cells_end, 0, record->size - (size_t)(cells_end - (unsigned char *)record));
    if (copied) {
        copy_days(record, old, INT32_MIN, first - 1);
        copy_days(record, old, last + 1, INT32_MAX);
    }
    first = first < record->first_day ? record->first_day : first;
    for (int64_t day = first; day <= last && day < end; day++) {
        uint32_t i = (uint32_t)(day - record->first_day);
        bool is_ragged =
            fill_cells(&reading, i, cells + (size_t)RECORD_PLANE_BYTES * i);
        ragged[i / 64] |= (uint64_t)is_ragged << (i % 64);
    }
}
