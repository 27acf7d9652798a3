// SPDX-License-Identifier: Apache-2.0

/*
 * oracle_clock.h - the oracle's civil clock, and the starts that a request allows
 *
 * Units       minute_t (UTC); civil days since 1970-01-01, civil minutes since midnight.
 *
 * Ownership   oracle_clock_candidates() allocates, the caller frees.
 */
#ifndef TESTS_MATCHER_ORACLE_CLOCK_H
#define TESTS_MATCHER_ORACLE_CLOCK_H

#include "matcher/request.h"

struct oracle_civil {
    int32_t day;
    int32_t minute;
};

struct oracle_civil oracle_clock_read(const struct match_request *request,
                                      minute_t minute);

/* At least one: a request without a series is a series of one. */
uint32_t oracle_clock_occurrences(const struct match_request *request);

/* The start of occurrence @number of a slot at @start; false if there is none. */
bool oracle_clock_occurrence(const struct match_request *request, minute_t start,
                             uint32_t number, minute_t *ret_start);

/* The civil day of the target of a request; @start stands in where it has neither target
 * nor windows nor picked starts. */
int32_t oracle_clock_target_day(const struct match_request *request, minute_t start);

/* Every candidate start, ascending, in *ret_starts; how many there are. */
size_t oracle_clock_candidates(const struct match_request *request,
                               minute_t **ret_starts);

#endif
