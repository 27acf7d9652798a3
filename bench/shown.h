// SPDX-License-Identifier: Apache-2.0

/*
 * shown.h - the figures that were promised, each beside its target and its limit
 *
 * Each part measures what the table of cells does not have, writes its rows and notes what
 * has become of the promises about it; shown_print() then says all of them at once.
 *
 * Units       Nanoseconds unless a promise says otherwise.
 */
#ifndef BENCH_SHOWN_H
#define BENCH_SHOWN_H

#include "bench/table.h"

/* What holds when it is at most the target, or at least it. */
struct promise {
    const char *what;
    double target;
    double measured; /* NAN: could not be measured here */
    const char *unit;
    bool at_least;
    char limit[128]; /* what it runs into */
};

void shown_note(const char *what, double target, double measured, const char *unit,
                bool at_least, const char *limit, ...)
    __attribute__((format(printf, 6, 7)));

/* The parts. */
void shown_cells(const struct table *table); /* of the table that is there already */
void shown_model(struct table *table);       /* the full request model, allocations */
void shown_country(struct table *table);     /* everybody resident: cold, memory */
void shown_people(struct table *table);      /* who of very many is free */
void shown_updates(struct table *table);     /* a span, an appointment */
void shown_worst(struct table *table);       /* the worst case */

void shown_print(void);

#endif
