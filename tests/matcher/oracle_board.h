// SPDX-License-Identifier: Apache-2.0

/*
 * oracle_board.h - the oracle's picture of a request: a byte for every minute of
 * everybody
 *
 * Ownership   oracle_board_make() allocates the rows, oracle_board_free() frees them.
 */
#ifndef TESTS_MATCHER_ORACLE_BOARD_H
#define TESTS_MATCHER_ORACLE_BOARD_H

#include "matcher/request.h"

/* What is true of one party at one minute.  A whole slot is judged by the bits that all
 * of its minutes have, and by those that any of them has. */
enum {
    KNOWN = 1 << 0,            /* covered by every source, and there is one */
    BUSY = 1 << 1,             /* under something busy, once widened */
    OFFERED = 1 << 2,          /* under an admitted free range */
    DECLARED = 1 << 3,         /* ... that is declared */
    NOT_ONLY_TYPICAL = 1 << 4, /* ... that is declared or inferred */
    PREFERRED = 1 << 5,        /* ... that is preferred */
    AVOIDED = 1 << 6,          /* ... that is marked avoid */
};

/* What the civil clock says of one minute. */
enum {
    ALLOWED = 1 << 0, /* the weekday and the time of day are */
    ON_GRID = 1 << 1,
};

/* One byte per minute of [from, until) and per party, and one more row for the clock.
 */
struct oracle_board {
    minute_t from;
    minute_t until;
    int32_t target_day;
    uint8_t *clock;
    uint8_t *minutes[MATCH_PARTIES_MAX];
};

/* A board for all starts of [first, last]: a duration more on each side, because the
 * length of a gap matters up to there. */
void oracle_board_make(const struct match_request *request, minute_t first,
                       minute_t last, struct oracle_board *ret_board);

void oracle_board_free(const struct match_request *request, struct oracle_board *board);

/* Civil days since 1970-01-01 at @minute. */
int32_t oracle_board_civil_day(const struct match_request *request, minute_t minute);

#endif
