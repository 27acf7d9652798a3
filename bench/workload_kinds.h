// SPDX-License-Identifier: Apache-2.0

/*
 * workload_kinds.h - the ways in which people's time is cut up, for `./run bench matcher`
 *
 * real        Monday to Friday, lunch, an afternoon off, appointments of 15 to 30 minutes
 *             that fill four fifths of the first day and a third of the ninetieth; one
 *             person in five is away for twelve days
 * light       the same with a quarter of the appointments
 * roster      half-days that rotate from week to week, told three weeks ahead
 * midday      an hour or two around noon that is kept for such calls
 * wednesday   half of the people never on Wednesdays, most of August away
 * sparse      one consultation of one to three hours a week, a third of them missing
 * adversarial day and night, ranges of a few minutes that hardly ever meet but in a
 *             common skeleton: as many ranges and answers as can be
 *
 * Every start and end is a multiple of five minutes, so that a peer that counts in cells
 * of five minutes loses nothing.
 *
 * Units       UTC minutes; the calendars' clock is taken to be UTC.
 */
#ifndef BENCH_WORKLOAD_KINDS_H
#define BENCH_WORKLOAD_KINDS_H

#include "bench/workload.h"

enum {
    KIND_CELL = 5, /* minutes */
    KIND_MONDAY =
        20633 * 1440, /* 2026-06-29T00:00Z: ninety days have an August in them */
    KIND_DAYS_MAX = 366,
    KIND_RANGES_DAY = 288 / 2 + 1, /* of one day at most */
};

struct workload_kind {
    const char *name;
    int32_t duration; /* of the slot that is looked for */
    size_t (*make)(struct workload_random *random, uint32_t days,
                   struct match_span *ret_spans);
};

/* All of them, ending with one that has no name. */
extern const struct workload_kind workload_kinds[];

/* The one with that name, or NULL. */
const struct workload_kind *workload_kind_find(const char *name);

/*
 * Free ranges of person @number over @days from KIND_MONDAY on: sorted, disjoint, never
 * touching.  @ret_spans has room for days * KIND_RANGES_DAY; returns how many there are.
 */
size_t workload_kind_make(const struct workload_kind *kind, uint64_t seed,
                          uint64_t number, uint32_t days, struct match_span *ret_spans);

#endif
