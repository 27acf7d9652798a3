// SPDX-License-Identifier: Apache-2.0

/*
 * check.h - is a request one that can be searched
 *
 * The rest of the matcher relies on what is checked here and does not look again.
 */
#ifndef MATCHER_CHECK_H
#define MATCHER_CHECK_H

#include "matcher/slot.h"

/* How many people there are, and what they have. */
struct check_crowd {
    size_t people;
    size_t members; /* of the largest pool; 0: there is none */
    size_t sources;
    size_t claims;
    size_t records; /* people who have one */
    size_t decoded; /* ranges of all records */
    size_t ranges;  /* of the one who has the most, claims and record counted in */
    size_t plain;   /* parties that come first and have a record, no more */
    bool asks;      /* somebody is asked though unknown */
    bool all_must;  /* nobody but plain parties who have to come and are known */
};

/* Everything about @request except where its slots may lie and the ranges and claims of
 * its people; and how many these are, but for what plain parties have in their records,
 * which are not read.  Linear in people, sources, offsets and legs. */
enum match_status check_limits(const struct match_request *request,
                               struct check_crowd *ret_crowd);

/* Count what plain parties have in their records, too. */
void check_weigh(const struct match_request *request, struct check_crowd *crowd);

/* The windows, or the slots picked by hand. */
enum match_status check_windows(const struct match_request *request);

/* Whether @range says something that can be. */
static inline bool check_is_range_valid(const struct match_range *range)
{
    if (range->start >= range->end || range->kind < MATCH_FREE ||
        range->kind > MATCH_TENTATIVE) {
        return false;
    }
    return range->kind != MATCH_FREE ||
           (range->certainty >= MATCH_DECLARED && range->certainty <= MATCH_TYPICAL &&
            range->preference <= MATCH_AVOID);
}

/* What the ranges of a source say together. */
struct check_survey {
    int64_t longest; /* minutes; no range is longer */
    uint8_t says;    /* PERSON_SAYS_... of person.h */
};

/* Whether the ranges of @source are valid and in order, and what they say; that only if
 * they are.  Linear. */
bool check_source(const struct match_source *source, struct check_survey *ret_survey);

/* The ranges and claims of everybody.  Linear in their number.  @ret_surveys is NULL, or
 * gets one of each source, one person's after the other's. */
enum match_status check_ranges(const struct match_request *request,
                               const struct check_crowd *crowd,
                               struct check_survey *ret_surveys);

/* Whether the members of the pools, of which there is one at least, are all different
 * people; @table has room for check_names_bound() of them.  Linear. */
enum match_status check_names(const struct match_request *request,
                              const struct check_crowd *crowd, uint64_t *table);
size_t check_names_bound(const struct check_crowd *crowd);

#endif
