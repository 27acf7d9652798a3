// SPDX-License-Identifier: Apache-2.0

/*
 * agreement_internal.h - what the parts of agreement.h have in common
 *
 * Threads     None.
 */
#ifndef TESTS_MATCHER_AGREEMENT_INTERNAL_H
#define TESTS_MATCHER_AGREEMENT_INTERNAL_H

#include "tests/matcher/oracle.h"
#include "tests/matcher/random_request.h"

/* The first thing that the two disagree on; empty as long as there is none. */
extern char agreement_complaint[256];

__attribute__((format(printf, 1, 2))) void agreement_complain(const char *format, ...);

void agreement_compare(const char *what, int64_t want, int64_t got);

/* Another request is explained from now on. */
void agreement_explain_begin(void);

/* Compare the explanations of @asked, which says what @r says; the oracle's is worked out
 * once for each request. */
void agreement_explain(const struct random_request *r,
                       const struct match_request *asked, const struct oracle *oracle,
                       void *workspace, size_t size);

#endif
