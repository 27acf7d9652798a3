// SPDX-License-Identifier: Apache-2.0

/*
 * record_board.h - random people, and a naive board of what their sources say
 *
 * One answer for each minute, painted range by range in the words of request.h.
 */
#ifndef TESTS_MATCHER_RECORD_BOARD_H
#define TESTS_MATCHER_RECORD_BOARD_H

#include "matcher/request.h"

enum {
    SOURCES = 3,
    RANGES = 400,
    DAYS = 8,
    MARGIN = 2, /* days on both sides where nothing is said */
    BOARD = (DAYS + 2 * MARGIN) * MINUTES_PER_DAY,
};

/* One person's sources, and the ranges they point at. */
struct story {
    struct match_source sources[SOURCES];
    struct match_range ranges[SOURCES][RANGES];
    size_t count;
    minute_t origin; /* midnight */
    uint32_t days;
};

/* What a request and its option ask of a free minute. */
struct question {
    uint8_t certainties;
    uint32_t purposes;
    uint8_t modality;
    uint16_t place;
    bool soft;
};

/* What is answered for one minute. */
struct answer {
    bool known;
    bool busy;
    uint8_t places; /* engagements that count for travel: bit (1 << place) */
    bool free;
    bool declared;
    bool inferred;
    bool tentative;
    bool preferred;
    bool avoid;
};

/* Begin with the seed in RANDOM_SEED, or with any, and print it. */
void record_board_seed(void);

uint32_t below(uint32_t bound);

void a_story(struct story *story);

/* Source @at of @story anew; @variety 0 .. 4. */
void a_source(struct story *story, size_t at, uint32_t variety);

struct question a_question(void);

/* By start, then by end; for qsort(). */
int in_order(const void *left, const void *right);

/* Minute 0 of @board, which has BOARD of them, is MARGIN days before @origin. */
void fill_board(const struct match_source *sources, size_t count, minute_t origin,
                const struct question *question, struct answer *board);

#endif
