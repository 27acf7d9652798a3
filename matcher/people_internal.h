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

enum {
    PEOPLE_COLUMN_WORDS = PEOPLE_ROWS / 32, /* a day; no day begins within a word */
    PEOPLE_PENDING = 32,  /* people of a block whose bits may wait to be flipped */
    PEOPLE_FLIPS_FEW = 3, /* words of them that are not worth waiting */
};

/* Which bits of one person are to be flipped: by where the rows of a day stand. */
struct people_flips {
    uint32_t rows[PEOPLE_DAYS][PEOPLE_COLUMN_WORDS];
};

/* A whole new calendar is hundreds of lines of memory: it waits until there is time.
 * Whoever asks sees it at once. */
struct people_pending {
    uint32_t member; /* of the block */
    struct people_flips flips;
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
    uint32_t pending_count;
    struct people_pending pending[PEOPLE_PENDING];
};

static_assert(sizeof(struct people_block) <= PEOPLE_BLOCK_SIZE, "a block is one page");

/* The bits of one person on up to PEOPLE_DAYS days. */
struct people_column {
    uint32_t starts[PEOPLE_DAYS][PEOPLE_COLUMN_WORDS];
    uint32_t brief; /* by day */
};

/* Flip them now. */
void people_flip(struct people_block *block, uint32_t member,
                 const struct people_flips *flips);

/* What waits of @member; NULL: nothing. */
struct people_pending *people_pending_find(struct people_block *block, uint32_t member);

/* Room for @member, of whom nothing waits yet; if there is none, another's turn comes. */
struct people_pending *people_pending_add(struct people_block *block, uint32_t member);

/* Flip what waits, and forget it; another one takes its place in the block. */
void people_pending_apply(struct people_block *block, struct people_pending *pending);

/* The bit of that member in row @row of the block, with what waits. */
bool people_pending_bit(const struct people_block *block,
                        const struct people_pending *pending, uint32_t row);

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

/* Fetch, step by step, what @record (NULL: nothing) says of the days from @from to
 * @until: first where it begins, then where its days are, then what they are. */
void people_fetch(const struct match_record *record);
void people_fetch_days(const struct match_record *record, minute_t from,
                       minute_t until);
void people_fetch_changes(const struct match_record *record, minute_t from,
                          minute_t until);

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
