// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_internal.h"

#include "matcher/record_layout.h"

#include <string.h>

/* A bit for each minute of some days, and of a word more on either side: a stretch that
 * leaves the map is long enough for a row. */
enum {
    MARGIN = 64,
    MAP_WORDS = (PEOPLE_DAYS * MINUTES_PER_DAY + 2 * MARGIN + 63) / 64,
};

static_assert(MARGIN >= PEOPLE_WINDOW + 2 * PEOPLE_CELL, "what leaves the map is long");

struct map {
    minute_t from;
    minute_t until;
    uint64_t offered[MAP_WORDS];
    uint64_t busy[MAP_WORDS];
};

/* Set the bits of [start, end), cut to the map. */
static void mark(const struct map *map, uint64_t *words, minute_t start, minute_t end)
{
    if (start >= map->until || end <= map->from) {
        return;
    }
    uint32_t first = start > map->from ? (uint32_t)(start - map->from) : 0;
    uint32_t last = (uint32_t)((end < map->until ? end : map->until) - map->from) - 1;
    uint64_t head = UINT64_MAX << first % 64;
    uint64_t tail = UINT64_MAX >> (63 - last % 64);

    if (first / 64 == last / 64) {
        words[first / 64] |= head & tail;
        return;
    }
    words[first / 64] |= head;
    for (uint32_t i = first / 64 + 1; i < last / 64; i++) {
        words[i] = UINT64_MAX;
    }
    words[last / 64] |= tail;
}

static void mark_range(void *context, const struct match_range *range)
{
    struct map *map = context;
    mark(map, range->kind == MATCH_FREE ? map->offered : map->busy, range->start,
         range->end);
}

/* The first bit from @at on that is @set; @bits if there is none. */
static uint32_t next_bit(const uint64_t *words, uint32_t at, uint32_t bits, bool set)
{
    uint64_t flip = set ? 0 : UINT64_MAX;
    uint32_t i = at / 64;

    if (at >= bits) {
        return bits;
    }
    uint64_t word = (words[i] ^ flip) & UINT64_MAX << at % 64;
    while (word == 0) {
        i++;
        if (i * 64 >= bits) {
            return bits;
        }
        word = words[i] ^ flip;
    }
    uint32_t found = i * 64 + (uint32_t)__builtin_ctzll(word);
    return found < bits ? found : bits;
}

/* A free stretch that no row shows, on every day that it touches. */
static void enter_brief(int32_t start, int32_t end, int32_t days,
                        struct people_column *column)
{
    int32_t day = (start + MINUTES_PER_DAY) / MINUTES_PER_DAY - 1;
    int32_t last_day = (end - 1 + MINUTES_PER_DAY) / MINUTES_PER_DAY - 1;

    for (; day <= last_day; day++) {
        column->brief |= day >= 0 && day < days ? 1U << day : 0;
    }
}

/* Enter the free stretch [start, end), in minutes from the first day's midnight on. */
static void enter(int32_t start, int32_t end, int32_t days,
                  struct people_column *column)
{
    /* Counted from a day before, so that the divisions round down. */
    int32_t first =
        (start + MINUTES_PER_DAY + PEOPLE_CELL - 1) / PEOPLE_CELL - PEOPLE_ROWS;
    int32_t last = (end + MINUTES_PER_DAY - PEOPLE_WINDOW) / PEOPLE_CELL - PEOPLE_ROWS;

    if (last < first) {
        enter_brief(start, end, days, column);
        return;
    }
    first = first > 0 ? first : 0;
    last = last < days * PEOPLE_ROWS ? last : days * PEOPLE_ROWS - 1;
    if (last < first) {
        return;
    }

    /* The days follow each other without a gap. */
    uint32_t *words = column->starts[0];
    uint32_t word = (uint32_t)first / 32;
    uint32_t head = UINT32_MAX << first % 32;
    for (; word < (uint32_t)last / 32; word++) {
        words[word] |= head;
        head = UINT32_MAX;
    }
    words[word] |= head & UINT32_MAX >> (31 - last % 32);
}

/* Free stretches as they come, one after the other. */
struct stretch {
    const struct match_person *person;
    struct people_column *column;
    minute_t midnight; /* of the first day */
    minute_t from;     /* what is looked at */
    minute_t until;
    int32_t days;
    minute_t start; /* of the last one: it may go on */
    minute_t end;
    size_t claim; /* the first that may end after its start */
};

/* Enter the last stretch without what is claimed of it. */
static void finish(struct stretch *stretch)
{
    const struct match_span *claims = stretch->person->claims;
    size_t count = stretch->person->claim_count;
    size_t i = stretch->claim;
    minute_t start = stretch->start > stretch->from ? stretch->start : stretch->from;
    minute_t end = stretch->end < stretch->until ? stretch->end : stretch->until;

    while (i < count && claims[i].end <= start) {
        i++;
    }
    stretch->claim = i;
    for (; i < count && claims[i].start < end; i++) {
        if (start < claims[i].start) {
            enter(start - stretch->midnight, claims[i].start - stretch->midnight,
                  stretch->days, stretch->column);
        }
        start = claims[i].end;
    }
    if (start < end) {
        enter(start - stretch->midnight, end - stretch->midnight, stretch->days,
              stretch->column);
    }
}

static bool is_free(const struct match_record *record, uint32_t class)
{
    if (class < RECORD_COMMON) {
        return class >= RECORD_OFFERED && class < RECORD_DECLARED_TENTATIVE;
    }
    /* Of somebody who is neither, a class says what they offer. */
    const struct record_class *entry = &record_classes(record)[class - RECORD_COMMON];
    return !entry->busy && !entry->tentative;
}

static inline void add_free(struct stretch *stretch, minute_t start, minute_t end)
{
    if (start != stretch->end) {
        finish(stretch);
        stretch->start = start;
    }
    stretch->end = end;
}

static void add_day(struct stretch *stretch, uint32_t day)
{
    const struct match_record *record = stretch->person->record;
    minute_t midnight = (record->first_day + (int32_t)day) * MINUTES_PER_DAY;
    uint32_t i = record_day_begin(record, day);
    uint32_t after = record_day_begin(record, day + 1);

    for (; i < after; i++) {
        if (is_free(record, record_change_class(record, i))) {
            add_free(stretch, midnight + record_change_minute(record, i),
                     midnight + (i + 1 < after ? record_change_minute(record, i + 1)
                                               : MINUTES_PER_DAY));
        }
    }
}

/* The same of an ordinary record, without asking each time what it is. */
static void add_narrow_day(struct stretch *stretch, uint32_t day)
{
    const struct match_record *record = stretch->person->record;
    minute_t midnight = (record->first_day + (int32_t)day) * MINUTES_PER_DAY;
    const uint16_t *change = record_narrow(record) + record_day_begin(record, day);
    const uint16_t *after = record_narrow(record) + record_day_begin(record, day + 1);

    for (; change < after; change++) {
        if (is_free(record, *change & (RECORD_NARROW_CLASSES - 1U))) {
            add_free(stretch, midnight + (*change >> RECORD_NARROW_SHIFT),
                     midnight + (change + 1 < after ? change[1] >> RECORD_NARROW_SHIFT
                                                    : MINUTES_PER_DAY));
        }
    }
}

/* The same as below, read off the changes of a record. */
static void column_of_record(const struct match_person *person, int32_t first_day,
                             int32_t days, struct people_column *ret_column)
{
    const struct match_record *record = person->record;
    struct stretch stretch = {
        .person = person,
        .column = ret_column,
        .midnight = first_day * MINUTES_PER_DAY,
        .days = days,
    };
    int32_t first = first_day - 1 - record->first_day;
    int32_t last = first_day + days - record->first_day;

    stretch.from = stretch.midnight - MARGIN;
    stretch.until = stretch.midnight + days * MINUTES_PER_DAY + MARGIN;
    stretch.start = stretch.from;
    stretch.end = stretch.from;
    if (stretch.from < record->known_start) {
        stretch.from = record->known_start;
    }
    if (stretch.until > record->known_end) {
        stretch.until = record->known_end;
    }
    first = first > 0 ? first : 0;
    last = last < (int32_t)record->day_count ? last : (int32_t)record->day_count - 1;
    for (int32_t day = first; day <= last; day++) {
        if (record->flags & RECORD_IS_WIDE) {
            add_day(&stretch, (uint32_t)day);
        } else {
            add_narrow_day(&stretch, (uint32_t)day);
        }
    }
    finish(&stretch);
}

void people_column(const struct match_person *person, int32_t first_day, int32_t days,
                   struct people_column *ret_column)
{
    struct map map;
    uint32_t words = (uint32_t)(days * MINUTES_PER_DAY + 2 * MARGIN + 63) / 64;

    assert(days >= 1 && days <= PEOPLE_DAYS);
    memset(ret_column, 0, sizeof(*ret_column));
    if (person->record != NULL) {
        column_of_record(person, first_day, days, ret_column);
        return;
    }
    map.from = first_day * MINUTES_PER_DAY - MARGIN;
    map.until = map.from + days * MINUTES_PER_DAY + 2 * MARGIN;
    memset(map.offered, 0, words * sizeof(*map.offered));
    memset(map.busy, 0, words * sizeof(*map.busy));

    struct match_span known = people_known(person);
    if (known.start >= map.until || known.end <= map.from) {
        return;
    }
    people_walk(person, map.from, map.until, mark_range, &map);
    for (size_t i = 0; i < person->claim_count && person->claims[i].start < map.until;
         i++) {
        mark(&map, map.busy, person->claims[i].start, person->claims[i].end);
    }
    mark(&map, map.busy, map.from, known.start);
    mark(&map, map.busy, known.end, map.until);
    for (uint32_t i = 0; i < words; i++) {
        map.offered[i] &= ~map.busy[i];
    }

    uint32_t bits = (uint32_t)(map.until - map.from);
    uint32_t start = next_bit(map.offered, 0, bits, true);
    while (start < bits) {
        uint32_t end = next_bit(map.offered, start, bits, false);
        enter((int32_t)start - MARGIN, (int32_t)end - MARGIN, days, ret_column);
        start = next_bit(map.offered, end, bits, true);
    }
}
