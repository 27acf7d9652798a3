// SPDX-License-Identifier: Apache-2.0

/*
 * search_internal.h - what search, count, judgement and explanation share
 *
 * Ownership   The arrays of a search lie in the caller's working memory.
 */
#ifndef MATCHER_SEARCH_INTERNAL_H
#define MATCHER_SEARCH_INTERNAL_H

#include "matcher/candidates.h"
#include "matcher/free_time.h"
#include "matcher/score.h"
#include "matcher/slot.h"

struct match_why;

/* Everything a search works on. */
struct search {
    const struct match_request *request;
    struct free_time times[MATCH_PARTIES_MAX];
    struct score_sheet sheet;
    struct score_scratch scratch;
    struct candidates_scratch candidates;
};

/* Check @request, lay @search out in the working memory and list the candidates; their
 * number is search->sheet.list.count. */
enum match_status search_begin(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct search *search);

/* Lay @search out for one start, of a request that has been checked. */
void search_lay_out_start(const struct match_request *request, void *workspace,
                          struct search *search);

/* The effective time of every party around the starts of the sheet. */
void search_compute_times(struct search *search);

/* Find out who attends at each start, bit i of its key for party i; @why, where it is
 * given, is told the blame. */
void search_attendance(struct search *search, struct match_why *why);

/* Keep the starts at which every indispensable party attends, if there are any; how
 * many these are. */
size_t search_keep_feasible(struct search *search);

#endif
