// SPDX-License-Identifier: Apache-2.0

/*
 * few_internal.h - shared by few.c and few_choose.c, and nobody else
 */
#ifndef MATCHER_FEW_INTERNAL_H
#define MATCHER_FEW_INTERNAL_H

#include "matcher/few.h"
#include "matcher/few_person.h"

#include <assert.h>

enum {
    FEW_PEOPLE = 32, /* parties and members, so that those of a pool are bits */
    FEW_POOLS = 4,
    FEW_BYTES = 8,                /* starts that are counted in one number */
    FEW_OPTIONAL = PERSON_MERITS, /* beside enum person_merit */
    FEW_COUNTS,
};

static_assert(FEW_PEOPLE <= UINT8_MAX, "all can be counted");

/* All that is known of the starts. */
struct few {
    const struct match_request *request;
    struct few_ask ask;
    struct few_person people[FEW_PEOPLE]; /* of the parties, one behind the other */
    size_t people_count;
    uint8_t first_of[MATCH_PARTIES_MAX]; /* by party */
    uint64_t depends;                    /* starts that differ from option to option */
    uint64_t suits;                      /* with any option */
    struct score_days days;
    int32_t civil_days[FEW_STARTS];

    /* The best option of each start. */
    struct score_tally best[FEW_STARTS];
    uint8_t option[FEW_STARTS];
    uint8_t chosen[FEW_POOLS][FEW_STARTS]; /* members */

    /* With the option that is looked at. */
    struct score_tally tallies[FEW_STARTS];
    uint64_t counts[FEW_COUNTS][FEW_STARTS / FEW_BYTES]; /* of people, a byte a start */
    uint64_t unusable[FEW_STARTS];                       /* minutes */
    uint8_t drawn[FEW_POOLS][FEW_STARTS];
};

/* Where @party is with @option. */
static inline uint16_t few_place(const struct few *few, const struct match_party *party,
                                 size_t option)
{
    return party->place != 0 ? party->place : search_option(few->request, option).place;
}

/* Where @person attends with @option. */
static inline uint64_t few_attend(const struct few *few,
                                  const struct few_person *person, size_t option)
{
    return person->claim_count == 0
               ? person->attend
               : person->attend &
                     ~few_far(&few->ask, person, few_place(few, person->party, option));
}

/* Choose the best of the starts that suit, far enough from each other, and say who comes. */
void few_choose(const struct few *few, struct match_result *result);

#endif
