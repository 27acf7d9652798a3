// SPDX-License-Identifier: Apache-2.0

/*
 * people_internal.h - what the files of people.h share (for matcher/, its tests and benches)
 */
#ifndef MATCHER_PEOPLE_INTERNAL_H
#define MATCHER_PEOPLE_INTERNAL_H

#include "matcher/people.h"

#include <assert.h>

enum {
    PEOPLE_ROWS = MINUTES_PER_DAY / PEOPLE_CELL, /* a day */
    PEOPLE_LAST_DAY = 741000,                    /* in the year 3998 */
};

struct people_block {
    uint64_t rows[PEOPLE_DAYS][PEOPLE_ROWS][PEOPLE_WORDS];

    /* Who has a free stretch on that day that no row shows. */
    uint64_t brief[PEOPLE_DAYS][PEOPLE_WORDS];

    uint64_t noticed[PEOPLE_WORDS]; /* whose sources want notice */
    uint64_t capped[PEOPLE_WORDS];  /* whose sources have a daily cap */
    int32_t notice;                 /* nobody wanted a longer one, ever */
    int32_t is_capped;              /* somebody had a daily cap once */

    int32_t day[PEOPLE_DAYS]; /* which day the rows there hold; of another they know
                                 nothing */
};

static_assert(sizeof(struct people_block) <= PEOPLE_BLOCK_SIZE, "a block is one page");

/* The bits of one person on up to PEOPLE_DAYS days. */
struct people_column {
    uint64_t starts[PEOPLE_DAYS][(PEOPLE_ROWS + 63) / 64];
    uint32_t brief; /* by day */
};

/* What @person's bits are on the @days days from @first_day on. */
void people_column(const struct match_person *person, int32_t first_day, int32_t days,
                   struct people_column *ret_column);

/*
 * Show each range of @person that touches [from, until), of all sources and unsorted, to
 * @see; claims are not among them.
 */
void people_walk(const struct match_person *person, minute_t from, minute_t until,
                 void (*see)(void *context, const struct match_range *range),
                 void *context);

/* What all sources of @person cover; empty if there is none. */
struct match_span people_known(const struct match_person *person);

/* The longest notice and the strictest daily cap (0: none) of @person. */
void people_terms(const struct match_person *person, int32_t *ret_notice,
                  int32_t *ret_cap);

/* Whether @question can be asked at all. */
enum match_status people_check(const struct people_question *question);

/* Whether it asks for no more than time that is free in any way. */
bool people_is_plain(const struct people_question *question);

/* Whether @person can come to the slot at @start. */
bool people_can_come(const struct people_question *question,
                     const struct match_person *person, minute_t start);

/* Where the rows of @day stand, which is not negative. */
static inline uint32_t people_place(int32_t day)
{
    return (uint32_t)day % PEOPLE_DAYS;
}

#endif
