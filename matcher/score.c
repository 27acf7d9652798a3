// SPDX-License-Identifier: Apache-2.0
#include "matcher/score.h"

#include "matcher/calendar.h"

#include <assert.h>
#include <string.h>

enum {
    UNUSABLE_BAND = 15, /* minutes */
    DAYS_SOON = 7,      /* after the target's civil day */
};

/* Where each count stands in a key.  More optional parties and more preferred time are
 * better, so those two count down from MATCH_PARTIES_MAX. */
enum {
    UNUSABLE_SHIFT = 0,
    UNUSABLE_BITS = 14,
    DAY_SHIFT = UNUSABLE_SHIFT + UNUSABLE_BITS,
    DAY_BITS = 10,
    PARTY_BITS = 7, /* 0 .. MATCH_PARTIES_MAX */
    AVOID_SHIFT = DAY_SHIFT + DAY_BITS,
    PREFERRED_SHIFT = AVOID_SHIFT + PARTY_BITS,
    INFERRED_SHIFT = PREFERRED_SHIFT + PARTY_BITS,
    TYPICAL_SHIFT = INFERRED_SHIFT + PARTY_BITS,
    OPTIONAL_SHIFT = TYPICAL_SHIFT + PARTY_BITS,
    BAND_SHIFT = OPTIONAL_SHIFT + PARTY_BITS,
};

static_assert(MATCH_PARTIES_MAX < 1 << PARTY_BITS, "a count of parties fits");
static_assert(2 * MATCH_PARTIES_MAX * MATCH_DURATION_MAX / UNUSABLE_BAND <
                  1 << UNUSABLE_BITS,
              "two gaps per party fit");
static_assert(MATCH_WINDOW_DAYS_MAX + 8 < 1 << DAY_BITS, "a day of the windows fits");
static_assert(BAND_SHIFT + 2 <= 64, "three bands fit");

#define AVOID ((uint64_t)1 << AVOID_SHIFT)
#define PREFERRED ((uint64_t)1 << PREFERRED_SHIFT)
#define INFERRED ((uint64_t)1 << INFERRED_SHIFT)
#define TYPICAL ((uint64_t)1 << TYPICAL_SHIFT)
#define OPTIONAL ((uint64_t)1 << OPTIONAL_SHIFT)

/* Add @tally from the first start of [from, until) on, and take it away behind the last
 * one. */
static void add(struct score_sheet *sheet, minute_t from, minute_t until,
                struct score_tally tally)
{
    size_t begin = candidates_before(&sheet->list, from);
    size_t end = candidates_before(&sheet->list, until);

    if (begin >= end) {
        return;
    }
    sheet->tallies[begin].key += tally.key;
    sheet->tallies[begin].unusable += tally.unusable;
    sheet->tallies[begin].slope += tally.slope;
    if (end < sheet->list.count) {
        sheet->tallies[end].key -= tally.key;
        sheet->tallies[end].unusable -= tally.unusable;
        sheet->tallies[end].slope -= tally.slope;
    }
}

/* Add @weight to the key of every start in @set. */
static void add_weight(struct score_sheet *sheet, const struct interval_set *set,
                       uint64_t weight)
{
    for (size_t i = 0; i < set->count; i++) {
        add(sheet, set->start[i], set->end[i], (struct score_tally){.key = weight});
    }
}

/*
 * A slot of @duration minutes in a free stretch [start, end) leaves two gaps.
 *
 *     stretch   |<---- before ---->|slot|<- after ->|
 *     before    start of the slot - start: counts while it is 1 .. duration - 1
 *     after     end - duration - start of the slot: likewise
 */
static void add_gaps(struct score_sheet *sheet, const struct interval_set *free,
                     int32_t duration)
{
    for (size_t i = 0; i < free->count; i++) {
        minute_t start = free->start[i];
        minute_t end = free->end[i];
        if ((int64_t)end - start < duration) {
            continue;
        }
        minute_t last = end - duration; /* the slot that ends with the stretch */
        minute_t far_before = minute_add(start, duration);
        minute_t near_after = minute_add(last, 1 - (int64_t)duration);

        struct score_tally grows = {.unusable = 0 - (uint32_t)start, .slope = 1};
        struct score_tally shrinks = {.unusable = (uint32_t)last, .slope = UINT32_MAX};

        add(sheet, start + 1, far_before <= last ? far_before : last + 1, grows);
        add(sheet, near_after > start ? near_after : start, last, shrinks);
    }
}

void score_begin(struct score_sheet *sheet)
{
    memset(sheet->tallies, 0, sheet->list.count * sizeof(sheet->tallies[0]));
}

/* A slot is on typical time unless all of it is sure, on inferred time unless all of it
 * is declared; what is declared is sure too. */
static void add_certainty(const struct match_request *request,
                          const struct match_party *party, struct match_span slots,
                          struct score_sheet *sheet, struct score_scratch *scratch)
{
    struct interval_set *plane = &scratch->time.plane;

    add_weight(sheet, &scratch->attend, TYPICAL);
    free_time_gather(request, party, FREE_TIME_SURE, slots, &scratch->time);
    interval_set_fit(plane, request->duration, plane);
    interval_set_intersect(&scratch->attend, plane, &scratch->both);
    add_weight(sheet, &scratch->both, INFERRED - TYPICAL);

    free_time_gather(request, party, FREE_TIME_DECLARED, slots, &scratch->time);
    interval_set_fit(plane, request->duration, plane);
    interval_set_intersect(&scratch->attend, plane, &scratch->both);
    add_weight(sheet, &scratch->both, 0 - INFERRED);
}

void score_add_party(const struct match_request *request,
                     const struct match_party *party, const struct free_time *time,
                     struct score_sheet *sheet, struct score_scratch *scratch)
{
    const struct candidates *list = &sheet->list;
    if (list->count == 0) {
        return;
    }

    int32_t duration = request->duration;
    struct match_span slots = {
        .start = list->starts[0],
        .end = list->starts[list->count - 1] + duration,
    };
    struct interval_set *plane = &scratch->time.plane;
    struct interval_set *attend = &scratch->attend;
    struct interval_set *both = &scratch->both;

    interval_set_fit(&time->free, duration, attend);
    if (party->importance == MATCH_OPTIONAL) {
        add_weight(sheet, attend, 0 - OPTIONAL);
    }
    if ((time->certainties & ~(1u << MATCH_DECLARED)) != 0) {
        add_certainty(request, party, slots, sheet, scratch);
    }
    if ((time->preferences & (1u << MATCH_PREFERRED)) != 0) {
        free_time_gather(request, party, FREE_TIME_PREFERRED, slots, &scratch->time);
        interval_set_fit(plane, duration, plane);
        interval_set_intersect(attend, plane, both);
        add_weight(sheet, both, 0 - PREFERRED);
    }
    if ((time->preferences & (1u << MATCH_AVOID)) != 0) {
        free_time_gather(request, party, FREE_TIME_AVOID, slots, &scratch->time);
        interval_set_widen(plane, duration - 1, 0, plane);
        interval_set_intersect(attend, plane, both);
        add_weight(sheet, both, AVOID);
    }
    add_gaps(sheet, &time->free, duration);
}

static uint64_t find_band(int32_t day, int32_t target_day)
{
    if (day <= target_day) {
        return 0;
    }
    return day - target_day <= DAYS_SOON ? 1 : 2;
}

void score_finish(const struct match_request *request, struct score_sheet *sheet)
{
    if (sheet->list.count == 0) {
        return;
    }

    minute_t target = request->has_target
                          ? request->target
                          : candidates_earliest(request, sheet->list.starts[0]);
    int32_t target_day = calendar_read(request, target).day;
    struct civil civil = calendar_read(request, sheet->list.starts[0]);
    /* A clock put back over midnight, by two days at most, can make the day go back. */
    int32_t day_zero = civil.day - 2;
    struct score_tally sum = {
        .key = MATCH_PARTIES_MAX * OPTIONAL + MATCH_PARTIES_MAX * PREFERRED,
    };

    for (size_t i = 0; i < sheet->list.count; i++) {
        struct score_tally *tally = &sheet->tallies[i];
        minute_t start = sheet->list.starts[i];

        if (start >= civil.until) {
            civil = calendar_read(request, start);
        }
        sum.key += tally->key;
        sum.unusable += tally->unusable;
        sum.slope += tally->slope;
        tally->unusable = sum.unusable + sum.slope * (uint32_t)start;
        tally->key = sum.key + (find_band(civil.day, target_day) << BAND_SHIFT) +
                     ((uint64_t)(uint32_t)(civil.day - day_zero) << DAY_SHIFT) +
                     tally->unusable / UNUSABLE_BAND;
    }
}

static int32_t read_key(uint64_t key, int shift)
{
    return (int32_t)((key >> shift) & ((1u << PARTY_BITS) - 1));
}

struct match_merit score_merit(const struct match_request *request,
                               const struct score_sheet *sheet, size_t index)
{
    uint64_t key = sheet->tallies[index].key;
    struct match_merit merit = {
        .date_band = (int32_t)(key >> BAND_SHIFT),
        .optional_present = MATCH_PARTIES_MAX - read_key(key, OPTIONAL_SHIFT),
        .typical = read_key(key, TYPICAL_SHIFT),
        .inferred = read_key(key, INFERRED_SHIFT),
        .preferred = MATCH_PARTIES_MAX - read_key(key, PREFERRED_SHIFT),
        .avoid = read_key(key, AVOID_SHIFT),
        .civil_day = calendar_read(request, sheet->list.starts[index]).day,
        .unusable = (int32_t)sheet->tallies[index].unusable,
    };
    return merit;
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int match_compare(const struct match_request *request, const struct match_slot *a,
                  const struct match_slot *b)
{
    (void)request;
    const struct match_merit *x = &a->merit;
    const struct match_merit *y = &b->merit;
    const int orders[] = {
        order(x->date_band, y->date_band),
        order(y->optional_present, x->optional_present),
        order(x->typical, y->typical),
        order(x->inferred, y->inferred),
        order(y->preferred, x->preferred),
        order(x->avoid, y->avoid),
        order(x->civil_day, y->civil_day),
        order(x->unusable / UNUSABLE_BAND, y->unusable / UNUSABLE_BAND),
        order(a->start, b->start),
    };

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}
