// SPDX-License-Identifier: Apache-2.0

/*
 * few_person.h - what a plain record and a few claims say of few starts (for few*.c)
 *
 * The same as glance.h says, of records that have nothing but common classes: nothing that
 * they say depends on the way in which somebody attends, and no engagement in them reaches
 * beyond itself.  So one walk through the changes of each day is enough for all options;
 * what claims say is put to it.
 *
 * Ownership   Everything is borrowed.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_FEW_PERSON_H
#define MATCHER_FEW_PERSON_H

#include "matcher/glance_walk.h"

enum {
    FEW_STARTS = AXIS_WORD,
    FEW_RUNS = 16,
    FEW_LANES = 16, /* numbers that are looked at together, whether they count or not */
};

/* Starts on one UTC day, none of them later than a slot after the one before. */
struct few_run {
    int32_t day;
    uint32_t place; /* of the first one */
    uint32_t count;
    minute_t first;
    minute_t last;
    uint64_t places;
    uint32_t step; /* of a plane: a slot before the first one */
    bool is_dense; /* there is a start at every step */
};

/* What is said of a class or of some starts: a word for each of GLANCE_SAYINGS, two by
 * two, and one that is not used. */
typedef uint64_t few_pair __attribute__((vector_size(16)));

enum { FEW_PAIRS = (GLANCE_SAYINGS + 1) / 2 };

/* The question, which is the same for everybody. */
struct few_ask {
    const struct match_request *request;
    int32_t farthest;                        /* minutes; nobody travels longer */
    uint8_t common[RECORD_COMMON];           /* what the classes say */
    few_pair says[RECORD_COMMON][FEW_PAIRS]; /* the same, all bits or none */
    const minute_t *starts;
    size_t count;                             /* of them, FEW_STARTS at most */
    uint64_t all;                             /* their places */
    uint16_t minutes[FEW_STARTS + FEW_LANES]; /* of their days */
    uint8_t run_of[FEW_STARTS];
    struct few_run runs[FEW_RUNS];
    size_t run_count;
    uint16_t step_of[FEW_STARTS]; /* of a plane, from the first start of the run on */
    uint32_t steps;               /* in a slot */
    bool has_windows; /* slots are whole steps, and those from a slot before each run to
                         one behind it lie on its day and can be read at once */
};

/* The changes on the day of a run. */
struct few_changes {
    uint16_t begin;
    uint16_t count;
};

/* One person. */
struct few_person {
    const struct match_record *record;
    const struct match_party *party;
    const struct match_span *claims; /* those that are near to any of the starts, */
    const uint16_t *claim_places;    /* and where they take place; NULL: nobody knows */
    size_t claim_count;
    uint64_t claimed; /* starts that are too near to a claim */
    uint64_t late;    /* starts that are too soon */
    uint64_t may;     /* those that the plane, if any, does not rule out */
    bool is_exact; /* it says of each minute around the slots whether they are free, */
    uint64_t windows[FEW_RUNS]; /* and this of the steps around each run */

    /* By start, where it was asked (few_look()). */
    uint64_t busy;
    uint64_t not_offered;
    uint64_t attend; /* those to which the person can come, wherever they are */
    uint64_t merits[PERSON_MERITS];

    struct few_changes changes[FEW_RUNS];
};

/* The places from @low on, before @high. */
static inline uint64_t few_places(size_t low, size_t high)
{
    return low < high ? UINT64_MAX >> (AXIS_WORD - (high - low)) << low : 0;
}

/* Ask @request about @count starts.  False if a slot ends on another day than it begins, or
 * if there are too many runs. */
bool few_begin(const struct match_request *request, const minute_t *starts,
               size_t count, struct few_ask *ret_ask);

/* Begin to look at @match, one of @party.  False if the record is not plain. */
bool few_meet(const struct few_ask *ask, const struct match_party *party,
              const struct match_person *match, struct few_person *ret_person);

/* What @person says of the starts in @asked. */
void few_look(const struct few_ask *ask, uint64_t asked, struct few_person *person);

/* The starts at which @person, who is at @here then, is too far from their claims. */
uint64_t few_far(const struct few_ask *ask, const struct few_person *person,
                 uint16_t here);

/* Add the gaps beside the slot at each start in @attend, to which @person comes, to
 * @unusable, by start.  False if another day may end them. */
bool few_add_gaps(const struct few_ask *ask, uint64_t attend,
                  const struct few_person *person, uint64_t *unusable);

#endif
