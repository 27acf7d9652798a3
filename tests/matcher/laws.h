// SPDX-License-Identifier: Apache-2.0

/*
 * laws.h - one random request, its answer, and the answer to what became of it
 *
 * Threads     None.
 */
#ifndef TESTS_MATCHER_LAWS_H
#define TESTS_MATCHER_LAWS_H

#include "tests/matcher/random_request.h"

enum { LAWS_ROUNDS = 4000, LAWS_CHOSEN = 1 << 16 };

/* An answer with room of its own for the chosen members. */
struct laws_answer {
    struct match_result result;
    struct match_why why;
    uint16_t chosen[LAWS_CHOSEN];
};

extern struct random_request question;
extern struct laws_answer before;
extern struct laws_answer after;
extern struct dice dice; /* RANDOM_SEED in the environment repeats a run */

/* cmocka's set up: the dice. */
int laws_set_up(void **state);

/* Draw another question. */
void laws_draw(void);

/* Print the question and fail. */
void laws_fail(const char *why);

void laws_search(const struct match_request *request, struct laws_answer *ret_answer);
void laws_explain(const struct match_request *request, struct laws_answer *ret_answer);

/* The members chosen of pool @party at slot @slot. */
const uint16_t *laws_chosen(const struct laws_answer *answer, size_t slot,
                            size_t party);

bool laws_attends(const struct laws_answer *answer, size_t slot, size_t party);

/* Before and after agree if party i of the one is party place[i] of the other; NULL: if
 * each is where it was. */
void laws_expect_same(const struct match_request *request, const size_t *place,
                      const char *why);

/* Everybody's person in turn, be they a party or a member; both counters begin at 0.
 * NULL after the last one. */
struct match_person *laws_next_person(size_t *party, size_t *member);

#endif
