// SPDX-License-Identifier: Apache-2.0

/*
 * agreement.h - whether the matcher and the oracle say the same of a request
 *
 * Threads     None: the working memory is kept from call to call.
 */
#ifndef TESTS_MATCHER_AGREEMENT_H
#define TESTS_MATCHER_AGREEMENT_H

#include "tests/matcher/random_request.h"

enum {
    AGREE_ON_SEARCH = 1 << 0, /* also match_count() and match_compare() */
    AGREE_ON_JUDGE = 1 << 1,  /* also match_occurrence() */
    AGREE_ON_NEAREST = 1 << 2,
    AGREE_ON_EXPLAIN = 1 << 3,
    AGREE_ON_AGAIN = 1 << 4,   /* the same input, other memory: the same bytes */
    AGREE_ON_RECORDS = 1 << 5, /* every kernel, people by record or by sources */
    AGREE_ON_RANGES = 1 << 6,  /* what records say is what sources said: no search */
    AGREE_ON_EVERYTHING = (1 << 7) - 1,
};

/* What the requests were like: a test that never meets an answer shows little. */
struct agreement_seen {
    long rounds;
    long answered; /* at least one slot */
    long tied;     /* the best two differ by nothing but their start */
    long blocked;  /* no slot, with parties to blame */
    long large;    /* ... four of them or more: beyond what is exact */
    long quorum;   /* no slot, because of the heads */
    long changed;  /* answered, across a clock change */
    long pools;    /* answered, with a pool that attends */
    long scarce;   /* ... as many members can come as it needs, or one fewer */
    long others;   /* the best slot is of another option than the first */
    long far;      /* somebody is too far away */
    long late;     /* somebody is told too late */
    long full;     /* somebody's day is full */
    long series;   /* answered, several occurrences */
    long relaxed;  /* explained, with a relaxation that helps */
    long recorded; /* asked by record, too */
};

extern struct agreement_seen agreement_seen;

/* NULL if both say the same of @what; otherwise what they disagree on, in a text that
 * lasts until the next call. */
const char *agreement_check(struct random_request *r, unsigned what);

#endif
