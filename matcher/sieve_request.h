// SPDX-License-Identifier: Apache-2.0

/*
 * sieve_request.h - the starts of a request that its people's records leave
 *
 * Threads     No shared state but which kernel is in use.
 */
#ifndef MATCHER_SIEVE_REQUEST_H
#define MATCHER_SIEVE_REQUEST_H

#include "matcher/candidates.h"
#include "matcher/check.h"
#include "matcher/common.h"

enum { SIEVE_RUNS = 512 }; /* that are cut out of the windows */

/* What is left of the time in which a slot can begin. */
struct sieve_left {
    bool is_asked;   /* somebody was asked; otherwise everything is left */
    bool is_nothing; /* no start is left */
    int32_t beyond;  /* minutes by which each of the runs is longer */
    size_t count;
    struct match_run runs[SIEVE_RUNS];
};

/* Have what sieve_find_left() will read first fetched from memory while @request, of which
 * nothing is certain yet, is checked. */
void sieve_fetch(const struct match_request *request);

/* Leave out when some indispensable party that has a record cannot come for certain. */
void sieve_find_left(const struct match_request *request,
                     const struct check_crowd *crowd, struct sieve_left *ret_left);

/* As candidates_list(), without starts that are not left. */
void sieve_list(const struct match_request *request, const struct sieve_left *left,
                struct candidates_scratch *scratch, struct candidates *list);

#endif
