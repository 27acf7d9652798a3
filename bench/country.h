// SPDX-License-Identifier: Apache-2.0

/*
 * country.h - very many people resident: their records side by side, as an index has them
 *
 * Everybody has a record of their own in the memory (workload "real", 90 days), made by two
 * threads.  Of 65,536 people the calendars are different; then they come again, for
 * making 1.2 million takes minutes and tells nothing more.
 */
#ifndef BENCH_COUNTRY_H
#define BENCH_COUNTRY_H

#include "bench/method.h"

struct country {
    size_t count;
    uint64_t seed;
    char *memory;
    size_t bytes;    /* of the records */
    size_t resident; /* by which the program has grown */
    struct match_record **record;
    double build_s; /* for one person, calendar and all, by one thread */
    double ranges;  /* of one person */
};

void country_init(struct country *country, uint64_t seed, size_t count);
void country_finish(struct country *country);

/* Bytes of memory that the program has now. */
size_t country_resident(void);

#endif
