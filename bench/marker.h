// SPDX-License-Identifier: Apache-2.0

/*
 * marker.h - one agenda that grows by an hour at a time, and the search that sees it
 *
 * 90 days of an office of number 0, and behind them one hour that was not there before:
 * another one in each round.
 */
#ifndef BENCH_MARKER_H
#define BENCH_MARKER_H

#include "adapters/sdk/client.h"
#include "bench/workload.h"

#include <stdbool.h>

struct marker {
    struct entente_client *publisher;
    struct entente_client *searcher; /* the same one, or at another broker */
    struct entente_span coverage;
    struct entente_range ranges[WORKLOAD_RANGES_MAX + 1];
    size_t count;
};

/* Milliseconds of one round. */
struct marker_times {
    double search;    /* before anything was published */
    double durable;   /* until the publisher was told */
    double matchable; /* until the searcher saw it */
};

void marker_create(struct marker *marker, uint64_t seed);

/* Publish the hour of @round and search until it is found. */
struct marker_times marker_round(struct marker *marker, int round);

#endif
