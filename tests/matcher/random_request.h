// SPDX-License-Identifier: Apache-2.0

/*
 * random_request.h - match requests at random: small, mean, and likely enough to have
 * answers and ties
 *
 * Most requests span less than two days and few people, so that the oracle can look at
 * every minute of very many of them; one in some hundred is large.  Ranges touch, last a
 * minute or a week, end at midnight, where a coverage ends or where the clock changes.
 *
 * Ownership   A struct random_request holds everything that its request points at; it
 *             must not be copied or moved after it was drawn.
 */
#ifndef TESTS_MATCHER_RANDOM_REQUEST_H
#define TESTS_MATCHER_RANDOM_REQUEST_H

#include "matcher/explain.h"

#include <stdio.h>

enum {
    RANDOM_PARTIES = MATCH_PARTIES_MAX,
    RANDOM_WINDOWS = 6,
    RANDOM_PICKED = 12,
    RANDOM_OFFSETS = 8,
    RANDOM_CLOSED = 4,
    RANDOM_OPTIONS = 4,
    RANDOM_PLACES = 4, /* 1 .. 4; 0 is nobody's */
    RANDOM_LEGS = RANDOM_PLACES * RANDOM_PLACES,
    RANDOM_PEOPLE = 512,
    RANDOM_SOURCES = 1024,
    RANDOM_RANGES = 8192,
    RANDOM_CLAIMS = 1024,
    RANDOM_MARKS = 32,
    RANDOM_OTHERS = 3,
};

/* What a request may have beyond people, windows and the plain limits. */
enum {
    RANDOM_PLAIN = 0,
    RANDOM_WAYS = 1 << 0, /* options, modalities, places, legs */
    RANDOM_POOLS = 1 << 1,
    RANDOM_CAPS = 1 << 2, /* notice and daily caps */
    RANDOM_SOFT = 1 << 3, /* tentative time is usable */
    RANDOM_QUORUM = 1 << 4,
    RANDOM_URGENT = 1 << 5,
    RANDOM_SERIES = 1 << 6,
    RANDOM_CLOSED_DAYS = 1 << 7,
    RANDOM_LARGE = 1 << 8, /* now and then many parties, large pools, weeks */
    RANDOM_EVERYTHING = (1 << 9) - 1,
};

/* Repeatable randomness (splitmix64): any seed is as good as any other. */
struct dice {
    uint64_t state;
};

/* Let @size bytes decide the next rolls of all dice, two of them each roll. */
void dice_load(const uint8_t *bytes, size_t size);

uint64_t dice_roll(struct dice *dice);

/* A number of [low, high], both included. */
int32_t dice_between(struct dice *dice, int32_t low, int32_t high);

/* True in @percent of 100 cases. */
bool dice_chance(struct dice *dice, int32_t percent);

struct random_request {
    struct match_request request;
    unsigned features; /* as asked for, less those that this one has not */
    bool crosses_clock_change;
    minute_t from; /* the span within which everything lies, more or less */
    minute_t until;
    struct match_leeway leeway;
    minute_t wanted; /* what match_nearest() may be asked for */

    minute_t marks[RANDOM_MARKS]; /* minutes at which something else happens */
    size_t mark_count;

    struct match_span windows[RANDOM_WINDOWS];
    minute_t picked[RANDOM_PICKED];
    struct match_offset offsets[RANDOM_OFFSETS];
    int32_t closed_days[RANDOM_CLOSED];
    struct match_option options[RANDOM_OPTIONS];
    struct match_option others[RANDOM_OTHERS];
    struct match_leg legs[RANDOM_LEGS];
    struct match_party parties[RANDOM_PARTIES];
    struct match_person people[RANDOM_PEOPLE];
    struct match_source sources[RANDOM_SOURCES];
    struct match_range ranges[RANDOM_RANGES];
    struct match_span claims[RANDOM_CLAIMS];
    uint16_t claim_places[RANDOM_CLAIMS];
    size_t people_used;
    size_t sources_used;
    size_t ranges_used;
    size_t claims_used;
    uint64_t next_id; /* ids are scattered, and each is given once */
};

/* A request of @features at most. */
void random_request_draw(struct dice *dice, unsigned features,
                         struct random_request *ret_random);

/* random_people.c: the parties of a request whose time and limits are drawn. */
void random_people_draw(struct dice *dice, struct random_request *r);

/* A minute near the request's span, often one at which something happens. */
minute_t random_request_minute(struct dice *dice, struct random_request *r);

/* Remember that something happens at @minute. */
void random_request_mark(struct dice *dice, struct random_request *r, minute_t minute);

/* Print any request on a few lines, in minutes relative to its first window. */
void random_request_print(FILE *out, const struct match_request *request);

#endif
