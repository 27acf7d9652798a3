// SPDX-License-Identifier: Apache-2.0

/*
 * sieve_prefix.h - how many of the first starts of a request have to be evaluated
 *
 * The order of merit begins with the date: where many starts suit, those of the first days
 * decide.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_SIEVE_PREFIX_H
#define MATCHER_SIEVE_PREFIX_H

#include "matcher/slot.h"

#include <stddef.h>

/* How many of @starts, which ascend, to evaluate after @before of them were not enough: at
 * least one more. */
size_t sieve_prefix(const minute_t *starts, size_t count, size_t before);

/* The same after @result was chosen from those @before, and is not settled.  Where little
 * of it is final, the rest of the band or of all is evaluated at once: everybody's ranges
 * are read again each time. */
size_t sieve_prefix_after(const struct match_request *request,
                          const struct match_result *result, const minute_t *starts,
                          size_t count, size_t before);

/* What no slot can be better than, but for its day and its unusable minutes. */
struct sieve_ideal {
    int32_t optional;
    int32_t preferred;
};

enum {
    SIEVE_CLOCK_BACK = 2 /* days by which a clock put back can make a day go back */
};

struct sieve_ideal sieve_find_ideal(const struct match_request *request);

/* Whether a later slot of the same band cannot be better than one of @merit, except for
 * the unusable minutes. */
bool sieve_is_ideal(const struct sieve_ideal *ideal, const struct match_merit *merit);

/* Whether no start from @next on can take the place of a slot of @result, which was chosen
 * from all starts before it. */
bool sieve_is_settled(const struct match_request *request,
                      const struct match_result *result, minute_t next);

#endif
