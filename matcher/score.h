// SPDX-License-Identifier: Apache-2.0

/*
 * score.h - how good each start is, for all starts at once
 *
 * Every count of the order of merit (slot.h) is constant over runs of starts: a party
 * attends from here to there, is on typical time from here to there.  So each run adds
 * a weight where it begins and takes it away where it ends, and one pass of running
 * sums at the end gives the counts of every start.  Unusable minutes grow and shrink by
 * one per minute, so they are kept as constant + slope * start and summed up in the
 * same way.
 *
 *     preferred of anna   ...######......      +1 at 3, -1 at 9
 *     preferred of ben    .....########..      +1 at 5, -1 at 13
 *     preferred           ...1122221111..
 *
 * The counts of one start live in one 64-bit key, the most important in the highest
 * bits, each turned so that less is better: the smaller key is the better start, and
 * running sums of keys are running sums of all counts.  Equal keys mean that the
 * earlier start decides.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_SCORE_H
#define MATCHER_SCORE_H

#include "matcher/candidates.h"
#include "matcher/free_time.h"
#include "matcher/slot.h"

struct score_tally {
    uint64_t key;
    uint32_t unusable; /* modulo 2^32 until the sums are made */
    uint32_t slope;
};

/* Starts, indexed, and a tally for each. */
struct score_sheet {
    struct candidates list;
    struct score_tally *tallies;
};

struct score_scratch {
    struct free_time_scratch time;
    struct interval_set attend; /* room for free_time_bound() of the largest party */
    struct interval_set both;   /* room for twice as much */
};

/* Set all tallies of @sheet to nothing. */
void score_begin(struct score_sheet *sheet);

/* Count @party, whose effective time around all starts of @sheet is @time. */
void score_add_party(const struct match_request *request,
                     const struct match_party *party, const struct free_time *time,
                     struct score_sheet *sheet, struct score_scratch *scratch);

/* Make the sums: from here on the keys can be compared and merits be read. */
void score_finish(const struct match_request *request, struct score_sheet *sheet);

/* The merit of start @index of a finished @sheet. */
struct match_merit score_merit(const struct match_request *request,
                               const struct score_sheet *sheet, size_t index);

#endif
