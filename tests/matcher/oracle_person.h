// SPDX-License-Identifier: Apache-2.0

/*
 * oracle_person.h - the oracle's picture of one person: a byte for every minute
 *
 * The minutes are painted from the sources and claims, and a slot is judged by looking at
 * each of its minutes.  There is no interval algebra here.
 *
 * Ownership   A board and a row are the caller's; oracle_board_make() and
 *             oracle_person_paint() allocate, the caller frees.
 */
#ifndef TESTS_MATCHER_ORACLE_PERSON_H
#define TESTS_MATCHER_ORACLE_PERSON_H

#include "matcher/slot.h"

/* The minutes that matter: those around the occurrences of all candidates, one stretch
 * for each occurrence. */
struct oracle_board {
    uint32_t stretches;
    minute_t from[MATCH_OCCURRENCES_MAX];
    minute_t until[MATCH_OCCURRENCES_MAX];
    size_t at[MATCH_OCCURRENCES_MAX]; /* where the stretch begins in a row */
    size_t size;                      /* of a row */
};

/* One person of a party, who is asked to meet in one way. */
struct oracle_guest {
    const struct match_request *request;
    const struct match_party *party;
    const struct match_person *person;
    struct match_option way; /* what the party says for itself goes before the option */
    uint8_t *row;
};

/* When a slot takes place. */
struct oracle_times {
    uint32_t count;
    bool complete; /* every occurrence of the series is there */
    uint32_t number[MATCH_OCCURRENCES_MAX];
    minute_t start[MATCH_OCCURRENCES_MAX];
};

/* How a person can come to a slot. */
struct oracle_visit {
    enum match_reason reason;
    bool asked; /* nobody knows whether they are free; nothing else is said then */
    bool typical;
    bool inferred;
    bool preferred;
    bool avoid;
    int32_t unusable;
};

void oracle_times_of(const struct match_request *request, minute_t start,
                     struct oracle_times *ret_times);

/* A board for @count starts. */
void oracle_board_make(const struct match_request *request, const minute_t *starts,
                       size_t count, struct oracle_board *ret_board);

void oracle_person_paint(const struct oracle_board *board, struct oracle_guest *guest);

struct oracle_visit oracle_person_visit(const struct oracle_board *board,
                                        const struct oracle_guest *guest,
                                        const struct oracle_times *times);

#endif
