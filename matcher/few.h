// SPDX-License-Identifier: Apache-2.0

/*
 * few.h - the last stage of a search that has few starts left, among plain records
 *
 * The same as quick_run(), where a word of starts is left, as is usual after the sieve, and
 * records have common classes alone: everybody is asked once for all options, the days of
 * the starts are walked through as they lie, and nothing but the few starts is gone
 * through afterwards.
 *
 * Ownership   Nothing is touched in the search, and all memory is on the stack: some 16 KiB.
 */
#ifndef MATCHER_FEW_H
#define MATCHER_FEW_H

#include "matcher/search_internal.h"

/* Evaluate the starts of the list, and choose.  False if it cannot be done here; what
 * @result has then is of no use. */
bool few_run(const struct search *search, struct match_result *result);

#endif
