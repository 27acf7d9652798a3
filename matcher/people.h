// SPDX-License-Identifier: Apache-2.0

/*
 * people.h - who of very many people is free
 *
 * People are numbers from 0 on; the caller knows who they are.  What is free is kept in
 * rows of bits, one bit a person.  The row of 09:10 says who is free for PEOPLE_WINDOW
 * minutes from 09:10 on; there is one for each PEOPLE_CELL minutes of PEOPLE_DAYS days.
 *
 *     person        0123456789...
 *     09:10         .#..##.#..        # free from 09:10 to 09:25: known, offered in any
 *     09:25         .#..#..#.#          way, not busy, not tentative, not claimed
 *     09:10-09:40   .#..#..#..        both AND-ed: who is free for half an hour
 *
 * Exact       The rows alone decide a slot that begins and ends on cells and is no shorter
 *             than the window.  Of any other slot, and of questions that ask for more
 *             than free time (how sure, which purpose, where, buffers, travel), they
 *             leave some people in doubt, whose agendas are then looked at; so are
 *             people whose sources want notice or have a daily cap, if it matters.  The
 *             answer is always that of request.h.
 *
 * Shape       A block holds PEOPLE_BLOCK people, all their rows and little else, in
 *             2 MiB: one huge page.  Blocks are added as people come.
 *
 *             The rows of a day stand at [utc day mod PEOPLE_DAYS].  Those of a past day
 *             become those of a new one when people_fill() finds the time; until then
 *             the new day is answered from the agendas.  So nothing stops at midnight.
 *             A whole new calendar waits for people_fill(), too, beside the rows; those
 *             of PEOPLE_BLOCK people at once wait for each other.
 *
 * Units       minute_t; days are UTC days since 1970-01-01.
 *
 * Ownership   The memory is the caller's: struct people, and every block.
 *
 * Threads     Any number may ask at the same time while nobody changes anything.
 */
#ifndef MATCHER_PEOPLE_H
#define MATCHER_PEOPLE_H

#include "matcher/slot.h"

enum {
    PEOPLE_CELL = 5,     /* minutes */
    PEOPLE_WINDOW = 15,  /* minutes, a few cells */
    PEOPLE_DAYS = 14,    /* from today on */
    PEOPLE_BLOCK = 4096, /* people */
    PEOPLE_WORDS = 64,   /* 64-bit words of a set, for a block */
    PEOPLE_BLOCKS_MAX = 1024,
};

#define PEOPLE_BLOCK_SIZE ((size_t)2 << 20) /* bytes; also the best alignment */

struct people_block;

struct people {
    int32_t today;
    uint32_t block_count;
    uint32_t fill_next; /* where people_fill() goes on: day by day, block by block */
    uint32_t fill_word; /* and in that block, whose day is not yet full */
    uint64_t pending[PEOPLE_BLOCKS_MAX / 64]; /* blocks that people_fill() looks at */
    struct people_block *blocks[PEOPLE_BLOCKS_MAX];
};

/* Where the time of people is found. */
struct people_agendas {
    /* Fill *@ret_person with the time of person @who; false if there is nobody.  What it
     * points at stays until the next call; a record, until the question is answered.
     * Somebody may be asked for more than once. */
    bool (*person)(void *context, uint32_t who, struct match_person *ret_person);
    void *context;
};

/* What is asked of everybody.  All zero but the duration: any free time. */
struct people_question {
    int32_t duration;           /* minutes, 1 .. MATCH_DURATION_MAX */
    struct match_option option; /* as in struct match_request, from here on */
    uint8_t certainties;
    uint32_t purposes;
    enum match_tentative tentative;
    int32_t buffer_before;
    int32_t buffer_after;
    const struct match_leg *legs;
    size_t leg_count;
    minute_t now;
    const struct match_offset *offsets; /* whose civil day counts for daily caps */
    size_t offset_count;
};

/* Start with nobody, on UTC day @today. */
void people_init(struct people *people, int32_t today);

/* Add room for PEOPLE_BLOCK people at @memory: PEOPLE_BLOCK_SIZE bytes of any content,
 * aligned to 64 bytes at least.  False if there are PEOPLE_BLOCKS_MAX blocks already. */
bool people_grow(struct people *people, void *memory);

/* 64-bit words of a set of everybody: bit (who mod 64) of word (who / 64). */
size_t people_words(const struct people *people);

/*
 * Person @who had the time @before and has the time @after from now on; NULL: none.
 * Both must be what they claim to be: the rows change where the two differ.
 */
void people_replace(struct people *people, uint32_t who,
                    const struct match_person *before,
                    const struct match_person *after);

/* Person @who has the time @person from now on, which differs from what it was in
 * [from, until) only: an appointment, a claim. */
void people_touch(struct people *people, uint32_t who,
                  const struct match_person *person, minute_t from, minute_t until);

/* It is UTC day @today, not before the last one given. */
void people_roll(struct people *people, int32_t today);

/*
 * Do some of what was put off: a person's new calendar is entered (some microseconds), or
 * one day of some hundred people is filled, the nearest day first (some 200 microseconds).
 * False if there was nothing left to do.  Answers are the same before and after, but
 * sooner.
 */
bool people_fill(struct people *people, const struct people_agendas *agendas);

/*
 * Who can come to the slot at @start?
 *
 * @within names those who are asked (a set; NULL: everybody), @ret_set receives those who
 * can, and *@ret_count how many they are.  @ret_set may be @within; NULL if only their
 * number matters, and @ret_count if it does not.  @agendas may be NULL if nobody is to be
 * looked at: then people whom the rows leave in doubt are not in the answer.
 *
 * MATCH_BAD_DURATION, MATCH_BAD_LIMITS, MATCH_BAD_OPTIONS, or MATCH_BAD_WINDOW for a slot
 * outside the years 1970 to 4000, with nothing changed, for a question that cannot be
 * asked.
 */
enum match_status people_find(const struct people *people,
                              const struct people_agendas *agendas,
                              const struct people_question *question, minute_t start,
                              const uint64_t *within, uint64_t *ret_set,
                              size_t *ret_count);

/* Some of the people, and where to go on. */
struct people_page {
    uint32_t from; /* nobody before this one */
    uint32_t *ids; /* receives them, ascending */
    size_t capacity;
    size_t count;  /* written: how many of them are in use */
    uint32_t next; /* written: `from` of the next page; UINT32_MAX: there is none */
};

/* The same people as numbers, at most page->capacity (at least 1) of them. */
enum match_status people_list(const struct people *people,
                              const struct people_agendas *agendas,
                              const struct people_question *question, minute_t start,
                              const uint64_t *within, struct people_page *page);

/*
 * Which of the *@count people @ids, strictly ascending, can come?  Those are stored in
 * @ret_ids, which may be @ids, and *@count becomes their number.  MATCH_BAD_POOL if @ids
 * do not ascend.  Numbers beyond the last block are nobody.
 */
enum match_status people_among(const struct people *people,
                               const struct people_agendas *agendas,
                               const struct people_question *question, minute_t start,
                               const uint32_t *ids, uint32_t *ret_ids, size_t *count);

/* @first, and then every @step minutes, together @count starts. */
struct people_grid {
    minute_t first;
    int32_t step; /* 1 .. MINUTES_PER_DAY */
    size_t count; /* 1 .. MINUTES_PER_DAY */
};

/*
 * Who can come at each start of @grid?  How many they are is stored in @ret_counts; who
 * they are in @ret_sets, one set after the other, if that is not NULL.  MATCH_BAD_GRID
 * for an impossible @grid.
 */
enum match_status people_starts(const struct people *people,
                                const struct people_agendas *agendas,
                                const struct people_question *question,
                                const struct people_grid *grid, const uint64_t *within,
                                uint32_t *ret_counts, uint64_t *ret_sets);

#endif
