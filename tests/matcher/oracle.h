// SPDX-License-Identifier: Apache-2.0

/*
 * oracle.h - the answers of matcher/slot.h again, minute by minute and the slow way
 *
 * The oracle shares no code with the matcher and knows no interval algebra: it paints
 * one byte per party and minute, and judges every start by looking at every minute of
 * it. Where the two disagree, one of them has misread matcher/slot.h.
 *
 * Ownership   Allocates what it needs and frees it before it returns.
 */
#ifndef TESTS_MATCHER_ORACLE_H
#define TESTS_MATCHER_ORACLE_H

#include "matcher/slot.h"

struct oracle_answer {
    struct match_result result; /* result.blocking stays empty: see below */

    /* For an empty answer: the size of the smallest blocking set, 4 for every size
     * above three; 0 when there is nothing to explain. */
    size_t smallest_blocking;
};

/* @request is one that the matcher accepts: the oracle checks nothing. */
void oracle_search(const struct match_request *request,
                   struct oracle_answer *ret_answer);

void oracle_judge(const struct match_request *request, minute_t start,
                  struct match_slot *ret_slot, bool *ret_feasible);

/* True if the @count members are distinct indispensable parties, and at every candidate
 * start at least one of them cannot come. */
bool oracle_blocks(const struct match_request *request, const uint8_t *members,
                   size_t count);

#endif
