// SPDX-License-Identifier: Apache-2.0

/*
 * sieve_day.h - the starts of single days, from the changes of records
 *
 * Units       see sieve.h.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_SIEVE_DAY_H
#define MATCHER_SIEVE_DAY_H

#include "matcher/sieve.h"

/* Fill sieve->days from the changes of sieve->people: the starts on the days of @turns, of
 * these those with any. */
void sieve_ask_changes(struct sieve *sieve, struct kernel_days turns);

/* Fill sieve->days from what the rings leave of these days: sieve->words. */
void sieve_ask_rings(struct sieve *sieve, struct kernel_days turns);

/*
 * The starts of @day, which is one of the record's, at which the person is free, as
 * common.h says, for @duration minutes.
 */
void sieve_day_starts(const struct match_record *record, int32_t day, int32_t duration,
                      uint64_t ret_starts[static KERNEL_WORDS]);

#endif
