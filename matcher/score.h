// SPDX-License-Identifier: Apache-2.0

/*
 * score.h - how good each start is, for all starts at once
 *
 * Every count of the order of merit (slot.h) is constant over runs of starts: a party
 * attends from here to there, is on typical time from here to there.  So each run adds
 * a weight where it begins and takes it away where it ends, and one pass of running
 * sums gives the counts of every start.
 *
 *     preferred of anna   ...######......      +1 at 3, -1 at 9
 *     preferred of ben    .....########..      +1 at 5, -1 at 13
 *     preferred           ...1122221111..
 *
 * The counts of one start live in two numbers, the most important in the highest bits,
 * each turned so that less is better: the smaller pair is the better start, and running
 * sums of them are running sums of all counts.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_SCORE_H
#define MATCHER_SCORE_H

#include "matcher/person.h"
#include "matcher/slot.h"

struct score_weight {
    uint64_t high;
    uint64_t low;
};

struct score_tally {
    uint64_t high;     /* date band, optional parties, asked, typical, inferred */
    uint64_t low;      /* preferred, avoid, civil day */
    uint64_t unusable; /* minutes */
};

/* What the civil days of tallies are counted from, and the day of the target. */
struct score_days {
    int32_t zero;
    int32_t target;
};

/* @first is the earliest start that will be scored. */
struct score_days score_find_days(const struct match_request *request, minute_t first);

/* The same if it lies on @first_day. */
struct score_days score_find_days_from(const struct match_request *request,
                                       minute_t first, int32_t first_day);

uint64_t score_find_band(const struct score_days *days, int32_t civil_day);

/* How many people and optional parties something can be said of at each start, counted
 * for all starts of a word at once: a plane for each bit of each number. */
enum {
    SCORE_OPTIONAL = PERSON_MERITS, /* beside enum person_merit */
    SCORE_ASKED,
    SCORE_COUNTS,
    SCORE_LEVELS = 7, /* bits of MATCH_PARTIES_MAX */
    SCORE_BITS = 19,  /* of as many people as there can be, with all members of pools */
};

struct score_counts {
    uint64_t *planes; /* SCORE_COUNTS times SCORE_LEVELS, the lowest bits first */
    size_t words;     /* of each */
    uint32_t most[SCORE_COUNTS]; /* no number is larger */
};

/* Of one optional party, and of one person of whom @merit can be said, where starts are
 * counted one by one. */
struct score_weight score_weight_optional(void);
struct score_weight score_weight(enum person_merit merit);

/* Nobody; the planes are those of @words words. */
void score_begin(struct score_counts *counts, size_t words);

/* One more of @which at every start in @plane, MATCH_PARTIES_MAX times at most. */
void score_add(struct score_counts *counts, size_t which, const uint64_t *plane);

/* Count, for one start, as many people as each of enum person_merit can be said of. */
void score_count(const uint32_t people[static PERSON_MERITS],
                 struct score_tally *tally);

/* The tally of a start on @civil_day of which nothing has been counted but the band and the
 * day; it is finished. */
void score_begin_one(const struct score_days *days, int32_t civil_day,
                     struct score_tally *ret_tally);

/* Begin the tallies of the starts in @some, all of which are in one word, as finished ones
 * of which nothing has been counted but the band and the day. */
void score_begin_some(const struct match_request *request,
                      const struct score_days *days, const struct axis *starts,
                      uint64_t some, struct score_tally *tallies);

/* Make tallies of the counts, all but the unusable minutes: from here on they can be
 * compared and merits be read, and what is added to one of them belongs to that start
 * alone. */
void score_finish(const struct match_request *request, const struct score_days *days,
                  const struct axis *starts, const struct score_counts *counts,
                  struct score_tally *tallies);

/* Negative if @a is better than @b, not looking at start and option. */
int score_compare(const struct score_tally *a, const struct score_tally *b);

/* The date band of a finished tally, and the civil day. */
uint64_t score_band(const struct score_tally *tally);
int32_t score_day(const struct score_days *days, const struct score_tally *tally);

/* The tally of a start of @band at which @optional optional parties attend and @preferred
 * people are on time that they prefer, and nothing else can be said of anybody. */
struct score_tally score_ideal(uint64_t band, uint32_t optional, uint32_t preferred);

/* Whether @a and @b differ in nothing but the day and the unusable minutes. */
bool score_is_alike(const struct score_tally *a, const struct score_tally *b);

void score_merit(const struct score_days *days, const struct score_tally *tally,
                 struct match_merit *ret_merit);

#endif
