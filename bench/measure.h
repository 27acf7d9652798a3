// SPDX-License-Identifier: Apache-2.0

/*
 * measure.h - several methods on one cell: the same answer first, then the time in turns
 *
 * A round asks each method, one after the other, all requests of the cell (more than two
 * hundred different ones, so that no branch is learnt by heart), again and again for as
 * long as its budget lasts; the mean over them is the round's figure, and the median over
 * rounds the method's.  If a method is so slow that the budget ends before, the rounds ask
 * different parts of the requests.
 *
 * Units       Nanoseconds for one request.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bench/method.h"
#include "bench/report.h"

enum { MEASURE_METHODS_MAX = 24 };

struct measure_budget {
    int rounds;
    double
        round_s; /* a batch of one method takes about so long, at least one request */
    double check_s; /* comparing answers of one method */
};

struct measured {
    const struct method *method;
    struct figure rounds;
    double p99;      /* over the requests, of the fastest of several times for each */
    size_t compared; /* requests whose answers were compared with the merge's */
    bool is_same;
};

/* Medians and quartiles come from measured->rounds.  Methods that do not answer the cell
 * are left out; returns how many are in @ret_measured. */
size_t measure_cell(const struct bench_cell *cell, const struct method *const *methods,
                    const struct measure_budget *budget,
                    struct measured ret_measured[static MEASURE_METHODS_MAX]);

/* Something else that can be asked again and again. */
struct measure_loop {
    void (*ask)(void *context, size_t number);
    void *context;
    size_t count; /* numbers 0 .. count - 1 are different questions */
};

/* Rounds as above, of one method alone; returns the p99 over the questions. */
double measure_loop(const struct measure_loop *loop,
                    const struct measure_budget *budget, struct figure *ret_rounds);

void measured_free(struct measured *measured, size_t count);

/* On average, of the requests of @cell. */
double measure_windows(const struct bench_cell *cell);

#endif
