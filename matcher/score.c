// SPDX-License-Identifier: Apache-2.0
#include "matcher/score.h"

#include "matcher/calendar.h"
#include "matcher/candidates.h"

#include <assert.h>
#include <string.h>

enum {
    UNUSABLE_BAND = 15, /* minutes */
    DAYS_SOON = 7,      /* after the target's civil day */
    HEADS_MAX = MATCH_PARTIES_MAX * MATCH_POOL_MAX,
};

/* Where each count stands.  More optional parties and more preferred time are better, so
 * those two count down. */
enum {
    HEAD_BITS = SCORE_BITS, /* 0 .. HEADS_MAX */
    PARTY_BITS = 7,         /* 0 .. MATCH_PARTIES_MAX */
    DAY_BITS = 12,
    INFERRED_SHIFT = 0, /* of high */
    TYPICAL_SHIFT = INFERRED_SHIFT + HEAD_BITS,
    ASKED_SHIFT = TYPICAL_SHIFT + HEAD_BITS,
    OPTIONAL_SHIFT = ASKED_SHIFT + PARTY_BITS,
    BAND_SHIFT = OPTIONAL_SHIFT + PARTY_BITS,
    DAY_SHIFT = 0, /* of low */
    AVOID_SHIFT = DAY_SHIFT + DAY_BITS,
    PREFERRED_SHIFT = AVOID_SHIFT + HEAD_BITS,
};

static_assert(HEADS_MAX < 1 << HEAD_BITS, "a count of people fits");
static_assert(MATCH_PARTIES_MAX < 1 << PARTY_BITS, "a count of parties fits");
static_assert(MATCH_WINDOW_DAYS_MAX + 8 < 1 << DAY_BITS, "a day of the windows fits");
static_assert(BAND_SHIFT + 2 <= 64 && PREFERRED_SHIFT + HEAD_BITS <= 64, "all fits");

/* What counts down begins as high as it can be. */
#define NOBODY_HIGH ((uint64_t)MATCH_PARTIES_MAX << OPTIONAL_SHIFT)
#define NOBODY_LOW ((uint64_t)HEADS_MAX << PREFERRED_SHIFT)

struct score_weight score_weight_optional(void)
{
    return (struct score_weight){.high = 0 - ((uint64_t)1 << OPTIONAL_SHIFT)};
}

struct score_weight score_weight(enum person_merit merit)
{
    static const struct score_weight weights[PERSON_MERITS] = {
        [PERSON_TYPICAL] = {.high = (uint64_t)1 << TYPICAL_SHIFT},
        [PERSON_INFERRED] = {.high = (uint64_t)1 << INFERRED_SHIFT},
        [PERSON_PREFERRED] = {.low = 0 - ((uint64_t)1 << PREFERRED_SHIFT)},
        [PERSON_AVOID] = {.low = (uint64_t)1 << AVOID_SHIFT},
    };
    return weights[merit];
}

void score_count(const uint32_t people[static PERSON_MERITS], struct score_tally *tally)
{
    tally->high += ((uint64_t)people[PERSON_TYPICAL] << TYPICAL_SHIFT) +
                   ((uint64_t)people[PERSON_INFERRED] << INFERRED_SHIFT);
    tally->low += ((uint64_t)people[PERSON_AVOID] << AVOID_SHIFT) -
                  ((uint64_t)people[PERSON_PREFERRED] << PREFERRED_SHIFT);
}

void score_begin(struct score_counts *counts, size_t words)
{
    counts->words = words;
    memset(counts->most, 0, sizeof(counts->most));
}

/* Bits of the numbers from 0 to @most. */
static size_t levels_of(uint32_t most)
{
    size_t levels = 0;
    for (; most != 0; most >>= 1) {
        levels++;
    }
    return levels;
}

static uint64_t *planes_of(const struct score_counts *counts, size_t which)
{
    return counts->planes + which * SCORE_LEVELS * counts->words;
}

void score_add(struct score_counts *counts, size_t which, const uint64_t *plane)
{
    size_t words = counts->words;
    size_t before = levels_of(counts->most[which]);
    size_t levels = levels_of(counts->most[which] + 1);
    uint64_t *planes = planes_of(counts, which);

    assert(levels <= SCORE_LEVELS);
    counts->most[which]++;
    if (levels > before) {
        memset(planes + before * words, 0, words * sizeof(planes[0]));
    }
    for (size_t word = 0; word < words; word++) {
        uint64_t carry = plane[word];
        for (size_t level = 0; level < levels; level++) {
            uint64_t *at = &planes[level * words + word];
            uint64_t both = *at & carry;
            *at ^= carry;
            carry = both;
        }
    }
}

/* Each of 8 bits as a byte of its own, the lowest first. */
static uint64_t spread(uint64_t bits)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t apart = bits * ones & 0x8040201008040201; /* bit i of byte i */
    return (apart + 0x7f * ones) >> 7 & ones;
}

/* The numbers of the eight starts from @place on, a byte each. */
static uint64_t read_eight(const struct score_counts *counts, size_t which,
                           size_t place)
{
    const uint64_t *at = planes_of(counts, which) + place / AXIS_WORD;
    size_t levels = levels_of(counts->most[which]);
    uint64_t numbers = 0;

    for (size_t level = 0; level < levels; level++) {
        uint64_t bits = at[level * counts->words] >> (place % AXIS_WORD) & 0xff;
        numbers |= spread(bits) << level;
    }
    return numbers;
}

/* What the counts of the eight starts from @place on come to. */
static void tally_eight(const struct score_counts *counts, size_t place, size_t count,
                        struct score_tally *tallies)
{
    uint64_t numbers[SCORE_COUNTS];

    for (size_t which = 0; which < SCORE_COUNTS; which++) {
        numbers[which] = read_eight(counts, which, place);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t number[SCORE_COUNTS];
        for (size_t which = 0; which < SCORE_COUNTS; which++) {
            number[which] = numbers[which] >> (8 * i) & 0xff;
        }
        tallies[i] = (struct score_tally){
            .high = ((MATCH_PARTIES_MAX - number[SCORE_OPTIONAL]) << OPTIONAL_SHIFT) +
                    (number[SCORE_ASKED] << ASKED_SHIFT) +
                    (number[PERSON_TYPICAL] << TYPICAL_SHIFT) +
                    (number[PERSON_INFERRED] << INFERRED_SHIFT),
            .low = ((HEADS_MAX - number[PERSON_PREFERRED]) << PREFERRED_SHIFT) +
                   (number[PERSON_AVOID] << AVOID_SHIFT),
        };
    }
}

struct score_days score_find_days(const struct match_request *request, minute_t first)
{
    return score_find_days_from(request, first, calendar_read(request, first).day);
}

struct score_days score_find_days_from(const struct match_request *request,
                                       minute_t first, int32_t first_day)
{
    minute_t target =
        request->has_target ? request->target : candidates_earliest(request, first);
    struct score_days days = {
        /* A clock put back over midnight, by two days at most, can make the day go
         * back. */
        .zero = first_day - 2,
        .target = calendar_read(request, target).day,
    };
    return days;
}

uint64_t score_find_band(const struct score_days *days, int32_t civil_day)
{
    if (civil_day <= days->target) {
        return 0;
    }
    return civil_day - days->target <= DAYS_SOON ? 1 : 2;
}

void score_begin_one(const struct score_days *days, int32_t civil_day,
                     struct score_tally *ret_tally)
{
    *ret_tally = (struct score_tally){
        .high = NOBODY_HIGH + (score_find_band(days, civil_day) << BAND_SHIFT),
        .low = NOBODY_LOW + ((uint64_t)(uint32_t)(civil_day - days->zero) << DAY_SHIFT),
    };
}

void score_begin_some(const struct match_request *request,
                      const struct score_days *days, const struct axis *starts,
                      uint64_t some, struct score_tally *tallies)
{
    struct civil civil = {0};

    for (; some != 0; some &= some - 1) {
        size_t place = (size_t)__builtin_ctzll(some);
        minute_t start = starts->starts[place];

        if (civil.until == 0 || start >= civil.until) {
            civil = calendar_read(request, start);
        }
        score_begin_one(days, civil.day, &tallies[place]);
    }
}

void score_finish(const struct match_request *request, const struct score_days *days,
                  const struct axis *starts, const struct score_counts *counts,
                  struct score_tally *tallies)
{
    enum { EIGHT = 8 };
    struct civil civil = calendar_read(request, starts->starts[0]);

    for (size_t i = 0; i < starts->count; i += EIGHT) {
        size_t left = starts->count - i;
        tally_eight(counts, i, left < EIGHT ? left : EIGHT, tallies + i);
    }
    for (size_t i = 0; i < starts->count; i++) {
        if (starts->starts[i] >= civil.until) {
            civil = calendar_read(request, starts->starts[i]);
        }
        tallies[i].high += score_find_band(days, civil.day) << BAND_SHIFT;
        tallies[i].low += (uint64_t)(uint32_t)(civil.day - days->zero) << DAY_SHIFT;
    }
}

static int order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int score_compare(const struct score_tally *a, const struct score_tally *b)
{
    if (a->high != b->high) {
        return a->high < b->high ? -1 : 1;
    }
    if (a->low != b->low) {
        return a->low < b->low ? -1 : 1;
    }
    return order(a->unusable / UNUSABLE_BAND, b->unusable / UNUSABLE_BAND);
}

uint64_t score_band(const struct score_tally *tally)
{
    return tally->high >> BAND_SHIFT;
}

static int32_t read_count(uint64_t key, int shift, int bits)
{
    return (int32_t)((key >> shift) & (((uint64_t)1 << bits) - 1));
}

int32_t score_day(const struct score_days *days, const struct score_tally *tally)
{
    return read_count(tally->low, DAY_SHIFT, DAY_BITS) + days->zero;
}

struct score_tally score_ideal(uint64_t band, uint32_t optional, uint32_t preferred)
{
    return (struct score_tally){
        .high =
            (band << BAND_SHIFT) + NOBODY_HIGH - ((uint64_t)optional << OPTIONAL_SHIFT),
        .low = NOBODY_LOW - ((uint64_t)preferred << PREFERRED_SHIFT),
    };
}

bool score_is_alike(const struct score_tally *a, const struct score_tally *b)
{
    return a->high == b->high && a->low >> AVOID_SHIFT == b->low >> AVOID_SHIFT;
}

void score_merit(const struct score_days *days, const struct score_tally *tally,
                 struct match_merit *ret_merit)
{
    *ret_merit = (struct match_merit){
        .date_band = (int32_t)score_band(tally),
        .optional_present =
            MATCH_PARTIES_MAX - read_count(tally->high, OPTIONAL_SHIFT, PARTY_BITS),
        .asked = read_count(tally->high, ASKED_SHIFT, PARTY_BITS),
        .typical = read_count(tally->high, TYPICAL_SHIFT, HEAD_BITS),
        .inferred = read_count(tally->high, INFERRED_SHIFT, HEAD_BITS),
        .preferred = HEADS_MAX - read_count(tally->low, PREFERRED_SHIFT, HEAD_BITS),
        .avoid = read_count(tally->low, AVOID_SHIFT, HEAD_BITS),
        .civil_day = score_day(days, tally),
        .unusable =
            (int32_t)(tally->unusable < INT32_MAX ? tally->unusable : INT32_MAX),
    };
}

static int order_signed(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int match_compare(const struct match_request *request, const struct match_slot *a,
                  const struct match_slot *b)
{
    const struct match_merit *x = &a->merit;
    const struct match_merit *y = &b->merit;
    int by_start = order_signed(a->start, b->start);
    const int orders[] = {
        order_signed(x->date_band, y->date_band),
        request->urgent ? by_start : 0,
        order_signed(y->optional_present, x->optional_present),
        order_signed(x->asked, y->asked),
        order_signed(x->typical, y->typical),
        order_signed(x->inferred, y->inferred),
        order_signed(y->preferred, x->preferred),
        order_signed(x->avoid, y->avoid),
        order_signed(x->civil_day, y->civil_day),
        order_signed(x->unusable / UNUSABLE_BAND, y->unusable / UNUSABLE_BAND),
        by_start,
        order_signed(a->option, b->option),
    };

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}
