// SPDX-License-Identifier: Apache-2.0

/*
 * pool.h - parties of whom any few are enough: when there are, and who comes
 *
 * Members are counted for all starts at once: a counter is a stack of planes, the lowest
 * of which holds the ones, the next the twos, and so on.
 *
 * Ownership   Everything is borrowed.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_POOL_H
#define MATCHER_POOL_H

#include "matcher/person.h"
#include "matcher/score.h"

enum {
    POOL_LEVELS = 13, /* planes that count to MATCH_POOL_MAX */
    POOL_ATTEND = 0,  /* of the planes of a member */
    POOL_MERITS = 1,  /* from here on by enum person_merit */
    POOL_CHOSEN = 1 + PERSON_MERITS,
    POOL_PLANES = POOL_CHOSEN + 1,
    POOL_CLASSES = 16, /* of members who suit equally */
    POOL_CLASS_SHIFT = 16,
    POOL_WHO = (1 << POOL_CLASS_SHIFT) - 1,
};

struct pool {
    const struct match_party *party;
    const struct person *members;
};

/* For the pool with the most members. */
struct pool_scratch {
    uint64_t *counter; /* POOL_LEVELS planes, and one more */
    uint64_t *planes;  /* POOL_PLANES for each member */
    uint32_t *who;     /* members that could be chosen, and their classes */
    const struct match_party
        *looked_at; /* whose planes these are, of this batch and way; or NULL */
};

/* Add one at every place of @plane to @counter, which has planes enough. */
void pool_count_up(uint64_t *counter, const uint64_t *plane, size_t words);

/* The places at which @counter has reached @least. */
void pool_find_reached(const uint64_t *counter, size_t levels, size_t least,
                       uint64_t *ret_plane, size_t words);

/* The class of somebody at @place whose PERSON_MERITS planes of @words words begin at
 * @merits; the better one first. */
static inline size_t pool_class(const uint64_t *merits, size_t words, size_t place)
{
    bool typical = plane_has(merits + PERSON_TYPICAL * words, place);
    bool inferred = plane_has(merits + PERSON_INFERRED * words, place);
    bool preferred = plane_has(merits + PERSON_PREFERRED * words, place);
    bool avoid = plane_has(merits + PERSON_AVOID * words, place);

    return (size_t)typical << 3 | (size_t)inferred << 2 | (size_t)!preferred << 1 |
           avoid;
}

/* Member @member, who is of that class, as a candidate. */
static inline uint32_t pool_who(size_t member, size_t class_index)
{
    return (uint32_t)(class_index << POOL_CLASS_SHIFT | member);
}

/* Choose among the candidates @who, @count of them and more than are needed: those who come
 * on @civil_day are brought to the front. */
void pool_draw(const struct match_party *party, int32_t civil_day, uint32_t *who,
               size_t count);

/* At which starts enough members can come. */
void pool_attend(const struct question *question, const struct pool *pool,
                 struct pool_scratch *scratch, uint64_t *ret_plane);

/* Count the merits of the members that are chosen for every start of @attend, at which
 * enough can come, in @tallies, which have been summed up. */
void pool_score(const struct question *question, const struct pool *pool,
                const uint64_t *attend, struct pool_scratch *scratch,
                struct score_tally *tallies);

/* Choose the members for every start of @attend, at which enough can come: their planes
 * are in the scratch then, that of the chosen ones at POOL_CHOSEN. */
void pool_choose(const struct question *question, const struct pool *pool,
                 const uint64_t *attend, struct pool_scratch *scratch);

/* The plane @which of member @member, as pool_choose() left it. */
uint64_t *pool_plane(const struct question *question,
                     const struct pool_scratch *scratch, size_t member, size_t which);

/* Why a pool cannot come to the start at @place: the reason that most members have, who
 * are counted by reason in @counts, and of several the first. */
enum match_reason pool_reason(const uint32_t *counts);

#endif
