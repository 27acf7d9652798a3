// SPDX-License-Identifier: Apache-2.0

/*
 * pace.h - lives of meetings at a given pace, and how long each accept takes
 *
 * A command is due at its time, whether those before it have been answered or not: the
 * next life that waits for nothing submits it.  An accept is timed from then to its reply.
 */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include "bench/life.h"
#include "bench/report.h"

#include <stddef.h>

struct pg_database;

struct pace {
    struct life *lives; /* idle, and draining: none goes on by itself */
    size_t count;
    double commands; /* a second */
    double seconds;
    double publications; /* a second */
    void *context;
    void (*turn)(void *context, int timeout_ms);
    void (*publish)(void *context, uint64_t number);
};

/* One round; milliseconds are added.  Returns how many commands a second were answered. */
double pace_run(const struct pace *pace, struct figure *ret_accepts);

/* So that the log of the next commits goes into segments that were used before: fills some
 * of them, then lets a checkpoint recycle them.  How many lie ready. */
int64_t pace_recycle_wal(struct pg_database *database);

#endif
