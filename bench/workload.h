// SPDX-License-Identifier: Apache-2.0

/*
 * workload.h - office calendars that look real and come out the same for the same seed
 *
 * An office calendar is the free time of somebody who works Monday to Friday, takes
 * lunch, has one afternoon off each week and appointments of 15 to 30 minutes, many in
 * the first weeks and fewer later; one person in five is on holiday for twelve days.
 *
 * Units       UTC minutes; the calendar's clock is taken to be UTC.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "matcher/request.h"
#include "proto/message.h"

#include <stddef.h>
#include <stdint.h>

enum {
    WORKLOAD_DAYS = 90,
    WORKLOAD_RANGES_MAX = 4 * 1024,
};

struct workload_random {
    uint64_t state;
};

/* The generator of number @stream: streams of one seed do not depend on each other. */
struct workload_random workload_stream(uint64_t seed, uint64_t stream);

/* Less than @bound, which is at least 1. */
uint32_t workload_below(struct workload_random *random, uint32_t bound);

/* A Monday's midnight, the same for everybody, at least a week after today. */
minute_t workload_monday(void);

/* Free ranges of 90 days from @monday on: sorted, disjoint, never touching.  @ret has
 * room for WORKLOAD_RANGES_MAX; returns how many there are. */
size_t workload_office(struct workload_random *random, minute_t monday,
                       struct match_span *ret);

/* The same as they are published. */
size_t workload_office_ranges(struct workload_random *random, minute_t monday,
                              struct entente_range *ret);

#endif
