// SPDX-License-Identifier: Apache-2.0

/*
 * message_inquiry.h - questions about meetings: what would happen, what is known, what did
 *
 * Units, absence, ownership and names: message.h, which includes this.
 */
#ifndef PROTO_MESSAGE_INQUIRY_H
#define PROTO_MESSAGE_INQUIRY_H

#include "proto/message_meeting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What would come of this?  Exactly one of the four. */
struct entente_preview {
    struct entente_answer *answer;
    struct entente_decide *decide;
    struct entente_cancel *cancel;
    struct entente_request *request; /* nothing is held */
};

/* What would become of one of several meetings that belong together.  Indices are of its
 * own spec.parties. */
struct entente_touched_meeting {
    struct entente_bytes meeting; /* empty: it would be new */
    uint32_t index;               /* in its series */
    uint32_t state;               /* enum entente_state in which it would be */
    struct entente_span *before;  /* its time now, held or agreed */
    struct entente_slot *slot;    /* its time then; who does not come */
    uint32_t *asked_again;        /* as in entente_preview_result */
    size_t asked_again_count;
    uint32_t *lost;
    size_t lost_count;
    uint32_t code; /* the refusal that it would meet: it stays as it is; 0: none */
    const char **parameters;
    size_t parameters_count;
    bool conflict;      /* the common time of the series does not suit it */
    int32_t wanted;     /* the start that does not suit */
    uint32_t *blocking; /* the smallest set that blocks it then */
    size_t blocking_count;
};

/* Two meetings of a sequence that would not lie as far apart as was asked for. */
struct entente_broken_gap {
    uint32_t index; /* in the sequence, of the later one */
    int32_t from;   /* end of the one before */
    int32_t until;  /* start of the later one */
    uint32_t min_gap_minutes;
    uint32_t max_gap_minutes; /* 0: no bound */
};

/* Indices are of spec.parties. */
struct entente_preview_result {
    uint32_t state;             /* enum entente_state in which the meeting would be */
    struct entente_slot *slots; /* what would be proposed, the best first */
    size_t slots_count;
    uint32_t *asked_again; /* whose yes would not hold any more */
    size_t asked_again_count;
    uint32_t *lost; /* who would not come any more */
    size_t lost_count;
    uint32_t code; /* the refusal that it would meet, see errors.def; 0: none */
    const char **parameters;
    size_t parameters_count;
    const char *sentence; /* English, with the parameters in place */
    uint32_t *replaced;   /* in whose place somebody else would come */
    size_t replaced_count;
    struct entente_party *joined; /* who that would be; `replaces` says for whom */
    size_t joined_count;
    /* Of a series or a sequence: all that would change, or cannot, in order, the one that
     * is named among them. */
    struct entente_touched_meeting *meetings;
    size_t meetings_count;
    struct entente_broken_gap *broken_gaps;
    size_t broken_gaps_count;
    struct entente_why_not *why_not; /* a new meeting, which would go on searching */
    bool more;                       /* meetings than fit */
};

/* A meeting at the version that somebody has. */
struct entente_known {
    struct entente_bytes meeting;
    uint32_t version;
};

/* After a long absence: is this still all so?  The digest, or the list. */
struct entente_reconcile {
    struct entente_bytes digest; /* SHA-256, see inquiry.proto */
    struct entente_known *known; /* sorted by id */
    size_t known_count;
    struct entente_bytes after; /* the last id of the page before */
    bool last;                  /* no page follows: nothing is known above */
};

struct entente_reconciled {
    bool equal;
    struct entente_known *differing; /* version 0: over, or not the client's any more */
    size_t differing_count;
    bool more; /* than fit; ask again once these are put right */
};

/* How has this come about? */
struct entente_explain {
    struct entente_bytes meeting;
    uint32_t after; /* the last version of the page before */
    bool replay;    /* decide every step again, say whether it comes out alike */
};

enum entente_replay {
    ENTENTE_REPLAYED_ALIKE = 1,
    ENTENTE_REPLAYED_OTHERWISE = 2,
    ENTENTE_NOT_REPLAYED = 3, /* no search stands behind it */
    ENTENTE_NOT_KEPT = 4,     /* the search was too large to be kept */
    ENTENTE_OTHER_RULES = 5,  /* made by another matcher, whose rules were different */
    ENTENTE_EVIDENCE_ALTERED = 6, /* what was kept of the search is not what was written
                                     then */
};

/* What was said that led to a decision. */
struct entente_said {
    uint32_t answer; /* enum entente_answer_kind; 0: none of a party's own */
    uint32_t reason; /* enum entente_reason_code; who sees it: broker/view.h */
    struct entente_span *ranges; /* acceptable times */
    size_t ranges_count;
    int32_t counter_start; /* one exact start; 0: none */
    uint32_t substitute;   /* 1 + index into spec.parties: who comes instead */
    bool tacit;            /* by silence */
    bool recorded;         /* written down by the organizer on their behalf */
    struct entente_graded *grades;
    size_t grades_count;
};

/* One decision about a meeting. */
struct entente_decision_step {
    uint32_t version; /* of the meeting, after it */
    int64_t at_ms;
    const char *event; /* row of the negotiation table */
    uint32_t from;     /* enum entente_state */
    uint32_t to;
    uint32_t channel; /* enum entente_channel, if that was said */
    uint32_t party;   /* 1 + index into spec.parties; 0: the organizer's, or time's */
    struct entente_bytes digest; /* of what the search behind it was given and answered;
                                    empty: none, or not kept */
    struct entente_proposal *proposal; /* number, time and option after it */
    const char *client;                /* whose command it was; NULL: time did it */
    bool lawful;                       /* the negotiation's table has this row */
    uint32_t replay;                   /* enum entente_replay */
    struct entente_said *said;         /* NULL: nothing */
};

/* What has been decided about a meeting, in order. */
struct entente_decision_record {
    struct entente_bytes meeting;
    const char *matcher; /* its version */
    struct entente_decision_step *steps;
    size_t steps_count;
    bool more;
};

#endif
