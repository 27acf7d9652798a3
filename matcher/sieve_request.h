// SPDX-License-Identifier: Apache-2.0

/*
 * sieve_request.h - the starts of a request that its people's records leave
 *
 * Threads     No shared state but which kernel is in use.
 */
#ifndef MATCHER_SIEVE_REQUEST_H
#define MATCHER_SIEVE_REQUEST_H

#include "matcher/candidates.h"

/*
 * As candidates_list(), without starts at which some indispensable party that has a record
 * cannot come for certain.
 */
void sieve_candidates(const struct match_request *request,
                      struct candidates_scratch *scratch, struct candidates *ret_list);

#endif
