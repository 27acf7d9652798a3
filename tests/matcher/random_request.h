// SPDX-License-Identifier: Apache-2.0

/*
 * random_request.h - match requests at random, likely enough to have answers and ties
 *
 * Ownership   A struct random_request holds everything that its request points at; it
 *             must not be copied or moved after it was drawn.
 */
#ifndef TESTS_MATCHER_RANDOM_REQUEST_H
#define TESTS_MATCHER_RANDOM_REQUEST_H

#include "matcher/request.h"

#include <stdio.h>

enum {
    RANDOM_PARTIES = 6,
    RANDOM_SOURCES = 3,
    RANDOM_RANGES = 96,
    RANDOM_CLAIMS = 8,
    RANDOM_WINDOWS = 4,
    RANDOM_PICKED = 12,
    RANDOM_OFFSETS = 16,
};

/* Repeatable randomness (splitmix64): any seed is as good as any other. */
struct dice {
    uint64_t state;
};

uint64_t dice_roll(struct dice *dice);

/* A number of [low, high], both included. */
int32_t dice_between(struct dice *dice, int32_t low, int32_t high);

struct random_request {
    struct match_request request;
    bool crosses_clock_change;
    minute_t from; /* the span within which everything lies, more or less */
    minute_t until;
    struct match_span windows[RANDOM_WINDOWS];
    minute_t picked[RANDOM_PICKED];
    struct match_offset offsets[RANDOM_OFFSETS];
    struct match_party parties[RANDOM_PARTIES];
    struct match_source sources[RANDOM_PARTIES][RANDOM_SOURCES];
    struct match_range ranges[RANDOM_PARTIES][RANDOM_SOURCES][RANDOM_RANGES];
    struct match_span claims[RANDOM_PARTIES][RANDOM_CLAIMS];
};

void random_request_draw(struct dice *dice, struct random_request *ret_random);

/* Print any request on a few lines, in minutes relative to its first window. */
void random_request_print(FILE *out, const struct match_request *request);

#endif
