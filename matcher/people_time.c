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

/* Enter the free stretch [start, end), in minutes from the first day's midnight on. */
static void enter(int32_t start, int32_t end, int32_t days,
                  struct people_column *column)
{
    /* Counted from a day before, so that the divisions round down. */
    int32_t first =
        (start + MINUTES_PER_DAY + PEOPLE_CELL - 1) / PEOPLE_CELL - PEOPLE_ROWS;
    int32_t last = (end + MINUTES_PER_DAY - PEOPLE_WINDOW) / PEOPLE_CELL - PEOPLE_ROWS;

    if (last < first) {
        int32_t day = (start + MINUTES_PER_DAY) / MINUTES_PER_DAY - 1;
        int32_t last_day = (end - 1 + MINUTES_PER_DAY) / MINUTES_PER_DAY - 1;
        for (; day <= last_day; day++) {
            column->brief |= day >= 0 && day < days ? 1U << day : 0;
        }
        return;
    }
    first = first > 0 ? first : 0;
    last = last < days * PEOPLE_ROWS ? last : days * PEOPLE_ROWS - 1;
    while (first <= last) {
        int32_t day = first / PEOPLE_ROWS;
        int32_t row = first % PEOPLE_ROWS;
        int32_t stop = last - day * PEOPLE_ROWS;
        stop = stop < PEOPLE_ROWS ? stop : PEOPLE_ROWS - 1;
        for (; row <= stop; row = (row | 63) + 1) {
            uint64_t bits = UINT64_MAX << row % 64;
            if (stop / 64 == row / 64) {
                bits &= UINT64_MAX >> (63 - stop % 64);
            }
            column->starts[day][row / 64] |= bits;
        }
        first = (day + 1) * PEOPLE_ROWS;
    }
}

void people_column(const struct match_person *person, int32_t first_day, int32_t days,
                   struct people_column *ret_column)
{
    struct map map;
    uint32_t words = (uint32_t)(days * MINUTES_PER_DAY + 2 * MARGIN + 63) / 64;

    assert(days >= 1 && days <= PEOPLE_DAYS);
    map.from = first_day * MINUTES_PER_DAY - MARGIN;
    map.until = map.from + days * MINUTES_PER_DAY + 2 * MARGIN;
    memset(map.offered, 0, words * sizeof(*map.offered));
    memset(map.busy, 0, words * sizeof(*map.busy));
    memset(ret_column, 0, sizeof(*ret_column));

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
