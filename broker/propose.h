// SPDX-License-Identifier: Apache-2.0

/*
 * propose.h - gathers everybody's time from the index, asks the matcher, names the
 * slots
 *
 * Units       minutes (UTC); now in milliseconds.
 * Ownership   Answers live in the arena given.
 * Threads     One proposer, one thread.
 */
#ifndef BROKER_PROPOSE_H
#define BROKER_PROPOSE_H

#include "broker/index.h"
#include "broker/must_check.h"
#include "broker/status.h"
#include "proto/arena.h"
#include "proto/message.h"

struct proposer;

MUST_CHECK enum status proposer_create(struct index *index,
                                       struct proposer **ret_proposer);
void proposer_destroy(struct proposer *proposer); /* NULL is fine */

/* How far a request is relaxed to see what would help. */
enum { PROPOSE_WIDER_DAYS = 2 };

/* An explanation costs a hundred searches: only who reads it asks for it. */
enum propose_why {
    PROPOSE_WHY_NEVER = 0,
    PROPOSE_WHY_IF_NONE = 1, /* when nothing suits */
    PROPOSE_WHY_ALWAYS = 2,
};

struct propose_question {
    const struct entente_spec *spec; /* parties that are `dropped` are left out */
    const int64_t *people;           /* by party; pools: anything */
    /* Of parties that stand for a pool whose members are not in the spec: who is chosen is
     * an index into the people of the pool. */
    const struct entente_kept_pool *pools;
    size_t pools_count;
    const uint8_t *meeting; /* its own claims and echoes do not count; or NULL */
    int64_t now_ms;
    size_t wanted;
    enum propose_why why;
    bool keeps;      /* what was searched among */
    bool only_found; /* but where nothing is found, which leaves all as it was */
    bool first_only; /* of a series the first one: the slots name the others all the
                        same, whether they suit or not */
    int32_t near;    /* the slots nearest to this start; 0: the best */

    /* A shift: only these times; or exactly this start (0: none), exempt from grid,
     * weekdays and times of day but not from windows and notice.  not_start (0: none)
     * is never answered. */
    size_t must_attend; /* the index of a party, + 1; 0: as the request says */
    const struct entente_span *within;
    size_t within_count;
    int32_t exact;
    int32_t not_start;
    const int32_t *refused; /* nor these, but as an exact start */
    size_t refused_count;
    uint64_t willing; /* bit per party: with `exact`, their own diary does not count,
                         whatever it says; what is claimed of them does */
};

/* What stands behind an answer, for whoever doubts it (evidence.h). */
struct propose_kept {
    bool searched;
    struct entente_bytes evidence; /* empty: too large to be kept */
};

struct propose_answer {
    struct entente_slot *slots; /* best first */
    size_t slot_count;
    struct entente_why_not *why_not; /* NULL: not asked for */
    struct propose_kept kept;        /* if it was asked for */
};

/*
 * STATUS_OK       answered; slot_count 0 means that nothing suits everybody
 * STATUS_REFUSED  the zone is not known, or the matcher does not take the request
 * STATUS_FAILED   memory is used up
 */
MUST_CHECK enum status propose(struct proposer *proposer,
                               const struct propose_question *question,
                               struct arena *arena, struct propose_answer *ret_answer);

/*
 * Make the search again that @evidence was kept of: is its answer the same?
 * STATUS_DAMAGED: this is no evidence, or of another shape.
 */
MUST_CHECK enum status propose_again(struct proposer *proposer,
                                     const struct entente_bytes *evidence,
                                     struct arena *arena, bool *ret_same);

/*
 * The same in three steps, the second of which another thread may take, with a proposer of
 * its own.  Until it is released @question, what it points at and @arena stay, and are
 * touched by nobody else.  On any status but STATUS_OK there is nothing to release.
 */
struct inquiry;
MUST_CHECK enum status propose_prepare(struct proposer *proposer,
                                       const struct propose_question *question,
                                       struct arena *arena,
                                       struct inquiry **ret_inquiry);
MUST_CHECK enum status propose_answer(struct proposer *proposer,
                                      struct inquiry *inquiry,
                                      struct propose_answer *ret_answer);
void propose_release(struct proposer *proposer, struct inquiry *inquiry);

/* Roughly what one pass over all starts of @inquiry costs: starts, times people, options
 * and occurrences.  An explanation takes many passes. */
int64_t propose_weight(const struct inquiry *inquiry);

/* Many people, of whom the question is when each can come. */
struct propose_crowd {
    const struct entente_who_is_free *who;
    const struct index_person *const *people; /* by member; NULL: never */
    size_t count;
    int64_t now_ms;
};

/* Which of them can come at each start: ret_people->at and at_count.  In three steps, with
 * the statuses and rules of those of propose(). */
struct survey;
MUST_CHECK enum status propose_who_prepare(struct proposer *proposer,
                                           const struct propose_crowd *crowd,
                                           struct arena *arena,
                                           struct survey **ret_survey);
/* How many of them have yet to be asked: most others are answered already. */
size_t propose_who_left(const struct survey *survey);
MUST_CHECK enum status propose_who_answer(struct proposer *proposer,
                                          struct survey *survey,
                                          struct entente_free_people *ret_people);
void propose_who_release(struct proposer *proposer, struct survey *survey);

/*
 * A member of a pool, or NULL: nobody knows them here, or they cannot be a member.
 */
const struct index_person *propose_member(const struct index *index,
                                          const struct entente_identifier *member);

/*
 * The times of one person that the index offers between @from and @until: admitted free
 * ranges less what is busy and claimed, and where it is known at all.  Never a title.
 */
MUST_CHECK enum status propose_free(const struct index_person *person, int32_t from,
                                    int32_t until, uint32_t purposes, int64_t now_ms,
                                    struct arena *arena,
                                    struct entente_free_ranges *ret_ranges);

#endif
