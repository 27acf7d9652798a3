// SPDX-License-Identifier: Apache-2.0

/*
 * blame.h - why there is no slot: who could not come how often, and who blocks together
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_BLAME_H
#define MATCHER_BLAME_H

#include "matcher/candidates.h"
#include "matcher/explain.h"
#include "matcher/free_time.h"
#include "matcher/score.h"
#include "matcher/slot.h"

/*
 * How often, over all starts of @list, the person of @time could not come, and why.
 * At @attends of them they can; @scratch has room for as many ranges as
 * time->busy has.
 *
 * Cannot fail.  Linear in the ranges.
 */
struct match_blame blame_count(const struct free_time *time, size_t attends,
                               int32_t duration, const struct candidates *list,
                               struct interval_set *scratch);

/*
 * Store the smallest set of indispensable parties that shuts out every start in
 * ret_why->blocking, its count and whether it is exact.  Of several that are equally
 * small, the one with the smallest ids; parties are listed by ascending id (index,
 * where ids are equal).
 *
 * The key of each tally of @sheet holds who attends there: bit i for party i.  No start
 * has all the indispensable parties, and there is at least one start.  The list and the
 * tallies are overwritten.
 *
 * Cannot fail.  With P parties and M runs of starts with the same attendance, P * P * M
 * steps at worst; a pair of parties that does not belong to a blocking set is as a rule
 * discarded after a few.
 */
void blame_find_blocking(const struct match_request *request, struct score_sheet *sheet,
                         struct match_why *ret_why);

#endif
