// SPDX-License-Identifier: Apache-2.0

/*
 * propose_internal.h - shared by propose*.c, and nobody else
 */
#ifndef BROKER_PROPOSE_INTERNAL_H
#define BROKER_PROPOSE_INTERNAL_H

#include "broker/evidence.h"
#include "broker/propose.h"
#include "matcher/explain.h"

/* So many people are a crowd, of whom the index keeps rows: 2 MiB of them at least. */
enum { PROPOSE_CROWD = 64 };

struct proposer {
    struct index *index;
    void *workspace;
    size_t workspace_size;
    struct match_result result; /* too large for the stack, like the next */
    struct match_why why;
    uint8_t evidence[EVIDENCE_BYTES]; /* worked in */
};

/* One question on its way to the matcher. */
struct inquiry {
    const struct propose_question *question;
    struct index *index;
    struct arena *arena;
    struct match_request request;
    struct match_party parties[MATCH_PARTIES_MAX];
    size_t party_of[MATCH_PARTIES_MAX];     /* index into spec.parties */
    uint32_t *member_of[MATCH_PARTIES_MAX]; /* of a pool: into its members */
    const char **strange_places;            /* keys that the index does not know */
    size_t strange_count;
    minute_t exact;
    struct shelf_pin pin; /* from propose_prepare() on */
};

/* propose.c: the slots that @inquiry asks for into proposer->result. */
MUST_CHECK enum status proposer_ask(struct proposer *proposer,
                                    const struct inquiry *inquiry);

/* propose.c: match_search() into proposer->result, for a request without pools. */
MUST_CHECK enum status proposer_search(struct proposer *proposer,
                                       const struct match_request *request);

/* propose_again.c: what @inquiry was given, and answered with proposer->result. */
MUST_CHECK enum status inquiry_keep(struct proposer *proposer,
                                    const struct inquiry *inquiry,
                                    struct propose_kept *ret_kept);

/* propose_request.c: everything but parties.  STATUS_REFUSED: the zone is not known. */
MUST_CHECK enum status inquiry_gather(struct inquiry *inquiry);

/* The number of a place, the same within one question; 0 for NULL.  0 too for a key that
 * neither an agenda nor, with @is_new false, this question has named before. */
uint16_t inquiry_place(struct inquiry *inquiry, const char *key, bool is_new);

/* propose_party.c.  False when the arena is used up. */
MUST_CHECK bool inquiry_gather_parties(struct inquiry *inquiry);

/* propose_answer.c.  NULL when the arena is used up. */
struct entente_slot *inquiry_name_slots(const struct inquiry *inquiry,
                                        const struct match_result *result);
struct entente_why_not *inquiry_name_why(const struct inquiry *inquiry,
                                         const struct match_why *matched);

#endif
