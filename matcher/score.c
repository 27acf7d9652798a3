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
    HEAD_BITS = 19, /* 0 .. HEADS_MAX */
    PARTY_BITS = 7, /* 0 .. MATCH_PARTIES_MAX */
    DAY_BITS = 12,
    INFERRED_SHIFT = 0, /* of high */
    TYPICAL_SHIFT = INFERRED_SHIFT + HEAD_BITS,
    OPTIONAL_SHIFT = TYPICAL_SHIFT + HEAD_BITS,
    BAND_SHIFT = OPTIONAL_SHIFT + PARTY_BITS,
    DAY_SHIFT = 0, /* of low */
    AVOID_SHIFT = DAY_SHIFT + DAY_BITS,
    PREFERRED_SHIFT = AVOID_SHIFT + HEAD_BITS,
};

static_assert(HEADS_MAX < 1 << HEAD_BITS, "a count of people fits");
static_assert(MATCH_PARTIES_MAX < 1 << PARTY_BITS, "a count of parties fits");
static_assert(MATCH_WINDOW_DAYS_MAX + 8 < 1 << DAY_BITS, "a day of the windows fits");
static_assert(BAND_SHIFT + 2 <= 64 && PREFERRED_SHIFT + HEAD_BITS <= 64, "all fits");
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

void score_begin(struct score_tally *tallies, size_t count)
{
    memset(tallies, 0, count * sizeof(tallies[0]));
}

void score_add(struct score_tally *tallies, const struct axis *starts,
               const uint64_t *plane, struct score_weight weight)
{
    uint64_t carry = 0;

    for (size_t i = 0; i < starts->words; i++) {
        uint64_t word = plane[i];
        uint64_t edges = word ^ (word << 1 | carry);
        carry = word >> (AXIS_WORD - 1);
        for (; edges != 0; edges &= edges - 1) {
            size_t bit = (size_t)__builtin_ctzll(edges);
            size_t place = i * AXIS_WORD + bit;
            if (place >= starts->count) {
                break;
            }
            uint64_t sign = (word >> bit & 1) != 0 ? 1 : UINT64_MAX;
            tallies[place].high += weight.high * sign;
            tallies[place].low += weight.low * sign;
        }
    }
}

struct score_days score_find_days(const struct match_request *request, minute_t first)
{
    minute_t target =
        request->has_target ? request->target : candidates_earliest(request, first);
    struct score_days days = {
        /* A clock put back over midnight, by two days at most, can make the day go
         * back. */
        .zero = calendar_read(request, first).day - 2,
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

void score_finish(const struct match_request *request, const struct score_days *days,
                  const struct axis *starts, struct score_tally *tallies)
{
    struct score_tally sum = {
        .high = (uint64_t)MATCH_PARTIES_MAX << OPTIONAL_SHIFT,
        .low = (uint64_t)HEADS_MAX << PREFERRED_SHIFT,
    };
    struct civil civil = calendar_read(request, starts->starts[0]);

    for (size_t i = 0; i < starts->count; i++) {
        if (starts->starts[i] >= civil.until) {
            civil = calendar_read(request, starts->starts[i]);
        }
        sum.high += tallies[i].high;
        sum.low += tallies[i].low;
        tallies[i].high = sum.high + (score_find_band(days, civil.day) << BAND_SHIFT);
        tallies[i].low =
            sum.low + ((uint64_t)(uint32_t)(civil.day - days->zero) << DAY_SHIFT);
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

struct match_merit score_merit(const struct score_days *days,
                               const struct score_tally *tally)
{
    struct match_merit merit = {
        .date_band = (int32_t)score_band(tally),
        .optional_present =
            MATCH_PARTIES_MAX - read_count(tally->high, OPTIONAL_SHIFT, PARTY_BITS),
        .typical = read_count(tally->high, TYPICAL_SHIFT, HEAD_BITS),
        .inferred = read_count(tally->high, INFERRED_SHIFT, HEAD_BITS),
        .preferred = HEADS_MAX - read_count(tally->low, PREFERRED_SHIFT, HEAD_BITS),
        .avoid = read_count(tally->low, AVOID_SHIFT, HEAD_BITS),
        .civil_day = read_count(tally->low, DAY_SHIFT, DAY_BITS) + days->zero,
        .unusable =
            (int32_t)(tally->unusable < INT32_MAX ? tally->unusable : INT32_MAX),
    };
    return merit;
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
