// SPDX-License-Identifier: Apache-2.0

/*
 * person.h - when one person can come, why not, and how well it suits
 *
 * The Rules of request.h for one person and one way to meet, for all starts of a batch at
 * once.  This is the definition: everything that is quicker must give the same.
 *
 *     offered     ....####.####......    runs of admitted free ranges that are known
 *     fits        ....#....##........    places at which the slot lies in one run
 *     busy        .........#.........    places at which the slot touches something
 *     can come    ....#.....#........    fits, less busy (and too far, notice, cap)
 *
 * Ownership   Everything is borrowed.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_PERSON_H
#define MATCHER_PERSON_H

#include "matcher/axis.h"
#include "matcher/check.h"
#include "matcher/interval_set.h"
#include "matcher/slot.h"

/* What the ranges of a person say; bits. */
enum {
    PERSON_SAYS_DECLARED = 1u << 0, /* free ranges: by certainty, then by preference */
    PERSON_SAYS_INFERRED = 1u << 1,
    PERSON_SAYS_TYPICAL = 1u << 2,
    PERSON_SAYS_PREFERENCE = 3, /* 1 << (this + preference) */
    PERSON_SAYS_PREFERRED = 1u << (PERSON_SAYS_PREFERENCE + MATCH_PREFERRED),
    PERSON_SAYS_AVOID = 1u << (PERSON_SAYS_PREFERENCE + MATCH_AVOID),
    PERSON_SAYS_TENTATIVE = 1u << 6,
    PERSON_SAYS_BUSY = 1u << 7,
};

/* Somebody of the request: a party, or a member of a pool. */
struct person {
    const struct match_source *sources;
    size_t source_count;
    const struct match_span *claims;
    const uint16_t *claim_places;
    size_t claim_count;
    struct match_span known; /* start >= end: nothing is known */
    int32_t buffer_before;
    int32_t buffer_after;
    int64_t not_before; /* the notice of all sources; INT64_MIN: none */
    int32_t daily_cap;  /* 0: none */
    int64_t longest;    /* minutes; no range is longer */
    uint8_t says;       /* by any range */
    bool asks;          /* also where nothing is known */
};

/* How somebody attends. */
struct way {
    uint8_t modality;
    uint16_t place;
};

/* Starts that are judged together, and the instants at which their occurrences begin:
 * without a series the starts themselves. */
struct batch {
    struct axis starts;
    struct axis instants;
    const uint32_t
        *at; /* the place of occurrence i of start j, at [j * each + i]; NULL:
                           no series */
    size_t each;
};

enum { PERSON_MINUTES_SETS = 23 };

/* Where the ranges of people who have very many are painted (minutes.h). */
struct person_minutes {
    uint64_t *sets; /* PERSON_MINUTES_SETS, one behind the other */
    size_t words;   /* of each; 0: nobody has so many */
    uint64_t *marks;
    bool has_marks; /* those of the batch's instants; false once these are others */
};

/* Sets and planes that an evaluation overwrites. */
struct person_scratch {
    struct interval_set offered; /* each with room for person_bound() of the largest */
    struct interval_set busy;
    struct interval_set free; /* twice as much room */
    struct interval_set order;
    uint64_t *instants; /* a plane of the batch's instants; used by a series only */
    uint64_t *other;    /* another one */
    uint64_t *gaps;     /* a number for each of them; used by a series only */
    struct person_minutes minutes;
};

struct question {
    const struct match_request *request;
    const struct batch *batch;
    struct way way;
    struct person_scratch *scratch;
};

/* Planes of starts, by the reason less one. */
enum {
    PERSON_REASONS = MATCH_DAY_FULL,
    PERSON_SCAN = 16, /* ranges that are looked at one by one */
};

/* Planes of starts at which somebody attends. */
enum person_merit {
    PERSON_TYPICAL,
    PERSON_INFERRED,
    PERSON_PREFERRED,
    PERSON_AVOID,
    PERSON_MERITS,
};

/* @match as one of a party with the buffers of @party; of each of its sources there is a
 * survey. */
void person_read(const struct match_request *request, const struct match_person *match,
                 const struct match_party *party, const struct check_survey *surveys,
                 struct person *ret_person);

/* The most ranges that @record can say of any span; quicker and more generous than
 * record_range_count(). */
size_t person_record_bound(const struct match_record *record);

/* The most ranges that a set of @match can have before it is made canonical. */
size_t person_bound(const struct match_person *match);

/* No leg of @request is longer; minutes.  Quick and generous where there are many. */
int32_t person_farthest(const struct match_request *request);

/* At which starts @person can come. */
void person_attend(const struct question *question, const struct person *person,
                   uint64_t *ret_plane);

/* At which starts which reason keeps @person away; they may overlap, and the first one
 * counts.  @ret_planes are PERSON_REASONS planes, one behind the other. */
void person_reasons(const struct question *question, const struct person *person,
                    uint64_t *ret_planes);

/* Those of the starts in @attend at which @person, who can come as far as anybody knows,
 * is not known to be free all the time. */
void person_asked(const struct question *question, const struct person *person,
                  const uint64_t *attend, uint64_t *ret_plane);

/* What can be said of the starts in @attend, at which @person can come: PERSON_MERITS
 * planes, one behind the other.  *@ret_any has the bits (1 << enum person_merit) of those
 * that are not empty; the others are not written. */
void person_merits(const struct question *question, const struct person *person,
                   const uint64_t *attend, uint64_t *planes, unsigned *ret_any);

/* Add the unusable minutes beside the slot to @unusable, at each start in @attend. */
void person_add_gaps(const struct question *question, const struct person *person,
                     const uint64_t *attend, uint64_t *unusable);

#endif
