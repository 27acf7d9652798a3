// SPDX-License-Identifier: Apache-2.0

/*
 * processors.h - processor time that each side of a measurement has used so far
 *
 * Units       seconds, of all processors together.
 */
#ifndef BENCH_PROCESSORS_H
#define BENCH_PROCESSORS_H

#include "bench/stand.h"

struct processors {
    double generator; /* this program, and those it has run to their end */
    double broker;
    double
        server; /* PostgreSQL: the postmaster, what it has started, and what has ended */
};

/* Reads what the kernel tells; 0 for what cannot be read. */
struct processors processors_read(const struct stand *stand);

/* Adds the difference of two readings to *@sum. */
void processors_add(struct processors *sum, const struct processors *before,
                    const struct processors *after);

#endif
