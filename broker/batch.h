// SPDX-License-Identifier: Apache-2.0

/*
 * batch.h - several commands decided together: what was loaded, what it has become
 *
 * Pure: no SQL, no clock, no socket.  Commands are decided in the order of their
 * arrival, each seeing the effects of those before it.  Claims are changed in the index
 * at once and put back by batch_undo() when the transaction fails.
 *
 * Ownership   Everything lives in the batch's arena, or in the command's own.
 */
#ifndef BROKER_BATCH_H
#define BROKER_BATCH_H

#include "broker/clients.h"
#include "broker/index.h"
#include "broker/negotiation.h"
#include "broker/propose.h"
#include "broker/store/store.h"
#include "proto/arena.h"
#include "proto/codec.h"

/* One step that a meeting has taken in this batch. */
struct passed {
    const struct transition *row; /* from, event, to */
    uint32_t version;             /* after it, and the next three */
    uint32_t proposal;
    uint32_t option;
    struct entente_span during;
    int party; /* who did it; -1: the organizer or time */
    uint32_t channel;
    int64_t client;                  /* whose command it was; 0: time's */
    struct propose_kept kept;        /* the search behind it */
    const struct entente_said *said; /* NULL: nothing beyond the event */
};

/* One meeting as the batch sees it. */
struct matter {
    struct entente_meeting *meeting; /* changed in place */
    uint32_t base_version;           /* as loaded; 0: made in this batch */
    bool changed;
    bool tell_organizer;
    bool tell_parties;
    size_t held_before;                  /* slots, as loaded */
    bool waited_before;                  /* for a time, as loaded */
    const struct store_due *dues_before; /* as loaded */
    size_t due_count_before;
    bool had_past;            /* some of its time was over, as loaded */
    uint32_t seen_to;         /* bit per reason: has been due in this batch */
    uint64_t just_dropped;    /* bit per party: told this once more */
    uint64_t tell_owners;     /* bit per party */
    uint64_t remind;          /* bit per party: told even if no other party is */
    struct propose_kept kept; /* the last search, which the next step may rest on */
    int32_t
        common_start; /* of a series that is made in this batch: what all were to have */

    /* From base_version on, in order: the database walks it once more (migration 0006). */
    struct passed *path;
    size_t path_count;
    size_t path_capacity;
};

enum outcome {
    OUTCOME_DECIDED = 1,
    OUTCOME_NEEDS = 2, /* once more in the next batch, with wider locks */
};

/* One thing to decide: a message of a client, or something due. */
struct command {
    struct command *next;
    struct arena arena;
    const struct client *client; /* NULL: due */
    uint32_t peer;
    struct entente_envelope *envelope;
    struct store_command_key key;
    uint8_t digest[32];
    struct store_due due;
    int64_t arrived_ms; /* monotonic */
    uint64_t heard;     /* the request_epoch of the conversation it came in */

    /* Wanted under lock. */
    struct store_id meeting;
    bool has_meeting;
    bool with_people;
    bool with_divergences; /* what has diverged lately is read, too */
    const int64_t *people; /* of a request's parties; then of those linked to it */
    size_t people_count;
    const int64_t **linked; /* of a sequence: where the people of each link begin */

    /* Found out while deciding: locked beside them in the next round. */
    struct store_id *others; /* meetings, with their people */
    size_t other_count;
    size_t other_capacity;
    int64_t *more_people;
    size_t more_people_count;
    size_t more_people_capacity;

    /* Has to be decided before it (fair.h); in the batch's arena. */
    struct store_due *first;
    size_t first_count;
    size_t first_capacity;
    unsigned waited; /* how often it has let others pass */

    /* Decided. */
    struct entente_bytes reply; /* the frame; empty: none */
    bool failed;                /* the reply is a refusal: nothing is recorded */
    bool repeated;              /* answered by reading `meeting` again */
    bool recorded;
    uint32_t version;
    bool again; /* undecided: belongs into the next batch */
    bool reads; /* a question that is before the database */

    /* A publication (publisher.c); the last part of a snapshot, the others hang on it.
     */
    struct store_publication publication;
    struct command *parts;
};

struct claim_before {
    int64_t person;
    uint8_t meeting[16];
    struct index_hold holds[INDEX_CLAIMS_MAX];
    size_t count;
};

/* What a command that is only tried has met; code 0: it would be carried out. */
struct refusal {
    unsigned code;
    const char *parameters[8];
    size_t parameters_count;
    const char *sentence;
    const struct entente_slot *slots; /* the nearest ones */
    size_t slots_count;
};

struct batch {
    struct arena arena;
    struct index *index;
    struct proposer *proposer;
    struct seal *seal;
    const struct clients *clients;

    /* Not NULL: a command is only tried, nothing is locked, nothing is said. */
    struct refusal *refusal;

    const struct store_loaded *loaded;
    struct fair_row *fair_rows; /* of loaded->sooner, those not seen to (fair.c) */
    size_t fair_count;
    bool any_frozen; /* is the time of anybody who is locked? */
    int64_t now_ms;
    struct command *commands;       /* in order of arrival */
    const struct command *deciding; /* one of them */

    struct matter *matters;
    size_t matter_count;
    size_t matter_capacity;
    uint32_t *places;            /* of matters by their ids: index + 1, 0 is free */
    size_t place_count;          /* a power of two, or 0 */
    struct claim_before *before; /* one per person and meeting, the first state */
    size_t before_count;
    size_t before_capacity;

    /* Beside the meetings. */
    struct store_ack *acks;
    size_t ack_count;
    size_t ack_capacity;
    struct store_result *results;
    size_t result_count;
    size_t result_capacity;
    struct store_due *dues_done;
    size_t due_done_count;
    size_t due_done_capacity;
    struct store_divergence *divergences;
    size_t divergence_count;
    size_t divergence_capacity;
    int64_t *trips; /* clients whose breakers open */
    size_t trip_count;
    size_t trip_capacity;
    bool exhausted; /* the arena is used up: nothing may be written */
};

/* ---- for the loop ------------------------------------------------------------------
 */

/* Begin a batch on empty lists; arena, index, proposer, seal and clients stay. */
void batch_reset(struct batch *batch);

/* Lay out what was loaded. */
MUST_CHECK bool batch_open(struct batch *batch, const struct store_loaded *loaded);

/* Decide every command (broker/dispatch.c says how). */
void batch_decide(struct batch *batch);

/* What has to be written; lives in the batch's arena.  False: memory is used up. */
MUST_CHECK bool batch_collect(struct batch *batch, struct store_changes *ret_changes);

/* Put the index back to what it was before the batch. */
void batch_undo(struct batch *batch);

/* ---- for the handlers --------------------------------------------------------------
 */

struct matter *batch_matter(struct batch *batch, const uint8_t *meeting); /* or NULL */
struct matter *batch_new_matter(struct batch *batch, struct entente_meeting *meeting);

/* How many slots it holds that are not agreed. */
size_t batch_slots_held(const struct entente_meeting *meeting);

/* Is every person of this meeting locked in this batch? */
bool batch_holds_people(const struct batch *batch,
                        const struct entente_meeting *meeting);

/* Is the time of anybody of this meeting frozen? */
bool batch_has_frozen(const struct batch *batch, const uint8_t *meeting);

/* Is the time of anybody frozen whom @command has locked, or about whose meeting it says
 * something? */
bool batch_is_frozen(const struct batch *batch, const struct command *command);

/* @matter has gone through @row, which @party (-1: the organizer or time) has caused, and
 * is now at its present version. */
void batch_pass(struct batch *batch, struct matter *matter,
                const struct transition *row, int party);

/* Set what @matter claims of @person from now on. */
void batch_claim(struct batch *batch, const struct matter *matter, int64_t person,
                 const struct index_hold *holds, size_t count);

/* What @command needs under lock beside what it has; the handler then returns
 * OUTCOME_NEEDS.  Naming one twice is fine. */
void batch_need_meeting(struct batch *batch, struct command *command,
                        const uint8_t *meeting);
void batch_need_person(struct batch *batch, struct command *command, int64_t person);

/* Is this person locked in this batch? */
bool batch_holds_person(const struct batch *batch, int64_t person);

/* Has the meeting of @before given back time of the person since the batch began? */
bool batch_has_released(const struct batch *batch, const struct claim_before *before);

/* One more element in one of the batch's lists; NULL when memory is used up. */
void *batch_grow(struct batch *batch, void **list, size_t *count, size_t *capacity,
                 size_t size);

/* Answer a command: with the meeting as it now is, with "done", or with a refusal whose
 * parameters are texts (end with NULL).  @meeting may be NULL. */
enum outcome reply_meeting(struct batch *batch, struct command *command,
                           struct matter *matter);
enum outcome reply_done(struct batch *batch, struct command *command);
enum outcome refuse(struct batch *batch, struct command *command, unsigned code,
                    const struct entente_meeting *meeting, ...)
    __attribute__((sentinel));

/* A number as text, in the batch's arena. */
const char *batch_number(struct batch *batch, int64_t number);

#endif
