// SPDX-License-Identifier: Apache-2.0

/*
 * shrink_request.h - the least of a random request that still shows a disagreement
 */
#ifndef TESTS_MATCHER_SHRINK_REQUEST_H
#define TESTS_MATCHER_SHRINK_REQUEST_H

#include "tests/matcher/random_request.h"

/* Take away from @r whatever can go while @still_wrong keeps saying true of it. */
void shrink_request(struct random_request *r,
                    bool (*still_wrong)(struct random_request *r));

#endif
