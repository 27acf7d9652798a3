// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve_day.h"

#include "matcher/kernel_days.h"

#include <assert.h>
#include <string.h>

/* The classes of the common ones that say free, by bit: one offer, not tentative. */
#define COMMON_FREE                                                                    \
    (((uint32_t)1 << RECORD_DECLARED_TENTATIVE) - ((uint32_t)1 << RECORD_OFFERED))

static bool is_free(const struct match_record *record, uint32_t class)
{
    if (class < RECORD_COMMON) {
        return COMMON_FREE >> class & 1;
    }
    const struct record_class *entry = &record_classes(record)[class - RECORD_COMMON];
    const struct record_item *items = record_items(record) + entry->first;
    bool offered = false;

    for (size_t i = 0; i < entry->count; i++) {
        offered = offered || items[i].kind == MATCH_FREE;
    }
    return offered && !entry->busy && !entry->tentative;
}

/* Add the starts in [first, last], in minutes from the day's midnight. */
static void add_starts(uint64_t *starts, int32_t first, int32_t last)
{
    int32_t from = (first + SIEVE_STEP - 1) / SIEVE_STEP;
    int32_t to = last / SIEVE_STEP;

    if (last < 0 || from > to) {
        return;
    }
    for (int32_t word = from / 64; word <= to / 64; word++) {
        uint64_t bits = UINT64_MAX;
        if (word == from / 64) {
            bits &= UINT64_MAX << (from % 64);
        }
        if (word == to / 64) {
            bits &= UINT64_MAX >> (63 - to % 64);
        }
        starts[word] |= bits;
    }
}

/* Where the stretch ends that reaches the end of day @i of the record, in minutes from
 * there on; no further than @enough. */
static int32_t goes_on(const struct match_record *record, uint32_t i, int32_t enough)
{
    int32_t minutes = 0;

    for (i++; i < record->day_count && minutes < enough; i++) {
        uint32_t change = record_day_begin(record, i);

        /* A day begins with nothing offered. */
        if (change == record_day_begin(record, i + 1) ||
            record_change_minute(record, change) > 0) {
            return minutes;
        }
        for (; change < record_day_begin(record, i + 1); change++) {
            if (!is_free(record, record_change_class(record, change))) {
                return minutes + record_change_minute(record, change);
            }
        }
        minutes += MINUTES_PER_DAY;
    }
    return minutes;
}

void sieve_day_starts(const struct match_record *record, int32_t day, int32_t duration,
                      uint64_t ret_starts[static KERNEL_WORDS])
{
    uint32_t i = (uint32_t)(day - record->first_day);
    int32_t open = -1;

    memset(ret_starts, 0, KERNEL_WORDS * sizeof(ret_starts[0]));
    assert(day >= record->first_day && i < record->day_count);
    for (uint32_t change = record_day_begin(record, i);
         change < record_day_begin(record, i + 1); change++) {
        int32_t minute = record_change_minute(record, change);
        bool now = is_free(record, record_change_class(record, change));

        if (now && open < 0) {
            open = minute;
        } else if (!now && open >= 0) {
            add_starts(ret_starts, open, minute - duration);
            open = -1;
        }
    }
    if (open >= 0) {
        int32_t last = MINUTES_PER_DAY - duration + goes_on(record, i, duration);
        add_starts(ret_starts, open,
                   last < MINUTES_PER_DAY ? last : MINUTES_PER_DAY - 1);
    }
}

/* The 64 bits of @half, each of its bits twice. */
static uint64_t twice(uint32_t half)
{
    uint64_t x = half;

    x = (x | x << 16) & 0x0000ffff0000ffffU;
    x = (x | x << 8) & 0x00ff00ff00ff00ffU;
    x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fU;
    x = (x | x << 2) & 0x3333333333333333U;
    x = (x | x << 1) & 0x5555555555555555U;
    return x | x << 1;
}

/* The starts that a ring word leaves: a cell is two steps, and there are 144 of them. */
static void unfold(uint64_t word, uint64_t starts[static KERNEL_WORDS])
{
    static_assert(2 * SIEVE_STEP == RECORD_CELL, "two steps in a cell");

    starts[0] = starts[2] = twice((uint32_t)word);
    starts[1] = starts[3] = twice((uint32_t)(word >> 32));
    starts[4] = starts[0] & UINT32_MAX;
}

static uint64_t any(const uint64_t starts[static KERNEL_WORDS])
{
    return starts[0] | starts[1] | starts[2] | starts[3] | starts[4];
}

static void all_starts(const struct sieve *sieve, int32_t day, uint64_t word,
                       uint64_t ret_starts[static KERNEL_WORDS])
{
    unfold(word, ret_starts);
    for (size_t i = 0; i < sieve->ask.count && any(ret_starts) != 0; i++) {
        uint64_t one[KERNEL_WORDS];

        sieve_day_starts(sieve->people[i], day, sieve->asked->duration, one);
        for (size_t k = 0; k < KERNEL_WORDS; k++) {
            ret_starts[k] &= one[k];
        }
    }
}

enum { PLACES = 7 /* bits of a number of people */ };

static_assert(KERNEL_PEOPLE < 1 << PLACES, "everybody can be counted");

/* Count bit by bit how many people are free, and keep where these are enough. */
static void enough_starts(const struct sieve *sieve, int32_t day,
                          uint64_t ret_starts[static KERNEL_WORDS])
{
    uint64_t number[PLACES][KERNEL_WORDS] = {{0}};

    for (size_t i = 0; i < sieve->ask.count; i++) {
        uint64_t carry[KERNEL_WORDS];

        sieve_day_starts(sieve->people[i], day, sieve->asked->duration, carry);
        for (size_t place = 0; any(carry) != 0; place++) {
            for (size_t k = 0; k < KERNEL_WORDS; k++) {
                uint64_t sum = number[place][k] ^ carry[k];
                carry[k] &= number[place][k];
                number[place][k] = sum;
            }
        }
    }
    memset(ret_starts, 0xff, KERNEL_WORDS * sizeof(ret_starts[0]));
    for (size_t place = 0; place < PLACES; place++) {
        for (size_t k = 0; k < KERNEL_WORDS; k++) {
            ret_starts[k] = sieve->asked->needed >> place & 1
                                ? ret_starts[k] & number[place][k]
                                : ret_starts[k] | number[place][k];
        }
    }
}

void sieve_ask_changes(struct sieve *sieve, struct kernel_days turns)
{
    sieve->found = 0;
    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            struct kernel_day *found = &sieve->days[sieve->found];
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            int32_t day = sieve->day + (int32_t)turn;

            *found = (struct kernel_day){.turn = turn};
            if (sieve->asked->needed == sieve->ask.count) {
                uint64_t word = sieve->words[kernel_place(&sieve->ask, turn)];
                all_starts(sieve, day, word, found->starts);
            } else {
                enough_starts(sieve, day, found->starts);
            }
            sieve->found += any(found->starts) != 0;
        }
    }
}

void sieve_ask_rings(struct sieve *sieve, struct kernel_days turns)
{
    sieve->found = 0;
    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            struct kernel_day *found = &sieve->days[sieve->found];
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);

            *found = (struct kernel_day){.turn = turn};
            unfold(sieve->words[kernel_place(&sieve->ask, turn)], found->starts);
            sieve->found++;
        }
    }
}
