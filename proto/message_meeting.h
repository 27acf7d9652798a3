// SPDX-License-Identifier: Apache-2.0

/*
 * message_meeting.h - what is asked for, and the meeting that comes of it
 *
 * Units, absence, ownership and names: message.h, which includes this.
 */
#ifndef PROTO_MESSAGE_MEETING_H
#define PROTO_MESSAGE_MEETING_H

#include "proto/message_agenda.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- requests ----------------------------------------------------------------------
 */

struct entente_place {
    const char *key;
    const char *label;
    const char *address;
    const char *link; /* of a video meeting held there */
};

struct entente_option {
    uint32_t modality;
    const char *place; /* key of one of spec.places; NULL: nobody has to travel */
};

/* How long it takes to get from one place to another.  The keys are those of spec.places
 * and those that agendas give with their ranges. */
struct entente_leg {
    const char *from;
    const char *to;
    uint32_t minutes;
};

enum entente_tentative {
    ENTENTE_TENTATIVE_EXCLUDED = 1,
    ENTENTE_TENTATIVE_SOFT = 2,
};

enum entente_step {
    ENTENTE_WEEKLY = 1,
    ENTENTE_FORTNIGHTLY = 2,
    ENTENTE_MONTHLY = 3, /* the same weekday of the month */
};

enum entente_rule {
    ENTENTE_EVERY_PROFESSIONAL = 1,
    ENTENTE_ALL_INDISPENSABLE = 2,
    ENTENTE_QUORUM = 3,
    ENTENTE_ORGANIZER_DECIDES = 4,
};

/* Who is served first of those that wait for a slot. */
enum entente_priority {
    ENTENTE_ROUTINE = 1,
    ENTENTE_SOON = 2,
    ENTENTE_PRESSING = 3,
};

/* When somebody needed leaves a confirmed meeting and nobody can take the place. */
enum entente_withdrawal {
    ENTENTE_REOPEN = 1,
    ENTENTE_CANCELS = 2,
};

enum entente_nature {
    ENTENTE_SYNTHESIS = 1, /* réunion de synthèse */
    ENTENTE_CARE_TEAM = 2, /* équipe de soins */
    ENTENTE_RCP = 3,       /* réunion de concertation pluriprofessionnelle */
    ENTENTE_DISCHARGE = 4, /* sortie d'hospitalisation */
    ENTENTE_SCHOOLING = 5, /* équipe de suivi de la scolarisation */
    ENTENTE_HOME_VISIT = 6,
    ENTENTE_OTHER_NATURE = 7,
};

struct entente_interval {
    uint32_t from_minutes; /* civil minutes of the day, 0 .. 1440 */
    uint32_t until_minutes;
};

/* What is asked for. */
struct entente_spec {
    uint32_t duration_minutes;
    uint32_t grid_minutes; /* default 15; divides a day */
    const char *zone;      /* IANA name; default Europe/Paris */
    struct entente_span *windows;
    size_t windows_count;
    int32_t *picked; /* starts picked by hand, instead of windows */
    size_t picked_count;
    uint32_t weekdays; /* bit 0 is Monday; 0: every day */
    struct entente_interval *times_of_day;
    size_t times_of_day_count;
    uint32_t notice_minutes;    /* minimum notice */
    int32_t target;             /* its civil day is the target date */
    uint32_t certainties;       /* bits (1 << enum entente_certainty); 0: all */
    uint32_t purposes;          /* default ENTENTE_FOR_MEETINGS */
    uint32_t apart_minutes;     /* between alternatives; default the duration */
    uint32_t tentative;         /* enum entente_tentative; default excluded */
    const char *holiday_region; /* whose public holidays; default all of France's */

    struct entente_party *parties;
    size_t parties_count;
    struct entente_identifier *subject; /* the patient concerned, present or not */
    const char *subject_name;
    uint32_t patient_presence; /* enum entente_presence; default absent */
    bool patient_must_accept;

    uint32_t nature;    /* enum entente_nature */
    const char *reason; /* in plain words; health data: sealed at rest */
    const char *title;  /* neutral: may stand in any agenda */
    struct entente_place *places;
    size_t places_count;
    const char *link; /* of a video meeting */
    uint32_t modality;
    const char *place;

    uint32_t rule;           /* enum entente_rule; default every professional */
    uint32_t answer_minutes; /* to answer in; default 2880 */
    int64_t search_until_ms; /* search deadline; default the end of the last window.  In
                                the past: at once */
    struct entente_identifier *organizer; /* acts for the meeting; a party or not */
    const char
        *business_identifier; /* shared by all agendas, e.g. the DUI's event id */
    const char *mes_writer; /* name of the one client that writes the patient's entry */

    struct entente_option *options; /* ways to meet, the preferred one first */
    size_t options_count;
    uint32_t quorum; /* at least so many people present */
    bool urgent;     /* the earlier start counts more than who can come */
    bool without_public_holidays;
    uint32_t held_slots;    /* how many are held at once: a poll; default 1 */
    uint32_t occurrences;   /* of a series; default 1 */
    const char *recurrence; /* instead of occurrences and step: an RRULE */
    uint32_t step;          /* enum entente_step; default weekly */
    struct entente_leg *legs;
    size_t legs_count;

    uint32_t silence;         /* enum entente_silence; default expires */
    uint32_t patient_silence; /* default as silence, but never a yes */
    uint32_t *reminders; /* minutes before the answer is due; 0 alone: none; default at
                            half and at an eighth of the time given */
    size_t reminders_count;
    uint32_t priority;      /* enum entente_priority; default routine */
    uint32_t on_withdrawal; /* enum entente_withdrawal; default reopen */
};

struct entente_search {
    struct entente_spec *spec;
    uint32_t slots; /* default 5 */
    bool explain;   /* why_not, though there are slots */
    int32_t near;   /* the slots nearest to this start; 0: the best */
};

/* Which of these people can come at each of these starts? */
struct entente_who_is_free {
    struct entente_party *people; /* a pool: its members are asked about */
    int32_t start;                /* the first one */
    uint32_t starts;              /* how many; default 1 */
    uint32_t step_minutes;        /* from start to start; default 15 */
    uint32_t duration_minutes;
    uint32_t certainties; /* as in a spec, and the next two */
    uint32_t purposes;
    uint32_t tentative;
    bool mine; /* instead of members: everybody whose agenda this client publishes */
};

struct entente_free_at {
    int32_t start;
    uint32_t count;               /* of the members */
    struct entente_bytes members; /* bit (i mod 8) of byte (i / 8): member i can come */
};

struct entente_free_people {
    struct entente_free_at *at; /* every start that was asked for, in order */
    size_t at_count;
    uint32_t *unknown; /* members whom nobody knows here */
    size_t unknown_count;
    struct entente_identifier
        *people; /* mine: who they are, in the order of the bits */
    size_t people_count;
};

/* A meeting that follows another one. */
struct entente_linked {
    struct entente_spec *spec;
    uint32_t min_gap_minutes; /* from the end of the one before to its start */
    uint32_t max_gap_minutes; /* 0: no bound */
};

struct entente_request {
    struct entente_spec *spec;
    struct entente_actor *actor;
    struct entente_linked *sequence; /* after the first, in order */
    size_t sequence_count;
};

struct entente_answer {
    struct entente_bytes meeting;
    uint32_t proposal;
    struct entente_identifier *party;
    uint32_t kind;   /* enum entente_answer_kind */
    uint32_t reason; /* enum entente_reason_code */
    const char *comment;
    struct entente_span *ranges; /* shift: acceptable times */
    size_t ranges_count;
    int32_t
        counter_start; /* shift: one exact start; 0: none.  Without ranges and start:
                              not this one */
    struct entente_actor *actor;
    struct entente_party *substitute; /* delegate: who comes instead */
    struct entente_graded *grades;    /* accept: what suits, of several candidates */
    size_t grades_count;
    bool series; /* the same to every open occurrence of the series */
};

enum entente_decision {
    ENTENTE_PROPOSE_SLOT = 1,
    ENTENTE_WITHOUT_PARTY = 2,
    ENTENTE_SEARCH_ON = 3,     /* with other windows, or longer */
    ENTENTE_CONFIRM = 4,       /* as it is, whoever has not answered */
    ENTENTE_MOVE = 5,          /* a confirmed meeting */
    ENTENTE_REPLACE_PARTY = 6, /* party by substitute */
};

struct entente_decide {
    struct entente_bytes meeting;
    uint32_t version; /* on which the decision is based */
    uint32_t decision;
    int32_t start;                    /* of the slot to propose, confirm, or move to */
    struct entente_identifier *party; /* to go on without, or to replace */
    struct entente_actor *actor;
    struct entente_span *windows; /* search on, move: instead of the request's */
    size_t windows_count;
    int64_t search_until_ms;          /* search on: the new deadline */
    struct entente_party *substitute; /* replace: who comes instead */
    bool series;                      /* move: every later occurrence by as much */
    int32_t *picked;                  /* search on, move: instead of windows */
    size_t picked_count;
};

struct entente_cancel {
    struct entente_bytes meeting;
    struct entente_identifier *party; /* absent: the organizer cancels */
    uint32_t reason;
    const char *comment;
    struct entente_actor *actor;
    bool series; /* every open occurrence of the series */
};

enum entente_owner_decision {
    ENTENTE_OWNER_KEEPS = 1, /* the meeting stands */
    ENTENTE_OWNER_MOVES = 2, /* the meeting must be moved */
    ENTENTE_OWNER_ERROR = 3, /* the agenda is mistaken, and will be put right */
};

/* What the owner of an agenda says when the agenda contradicts a meeting. */
struct entente_owner_answer {
    struct entente_bytes meeting;
    struct entente_identifier *party; /* whose agenda it is */
    uint32_t decision;                /* enum entente_owner_decision */
    const char *comment;
    struct entente_actor *actor;
};

struct entente_get {
    struct entente_bytes meeting;
};

struct entente_list {
    uint32_t state;              /* enum entente_state; 0: all that are not over */
    bool all;                    /* those that are over too */
    struct entente_bytes after;  /* the last id of the page before */
    uint32_t limit;              /* default 100 */
    struct entente_bytes series; /* only those of the series with this id */
};

/* ---- meetings ----------------------------------------------------------------------
 */

/* Stored: append, never renumber. */
enum entente_state {
    ENTENTE_SEARCHING = 1,
    ENTENTE_PROPOSED = 2,
    ENTENTE_CONFIRMED = 3,
    ENTENTE_MOVING = 4,
    ENTENTE_WAITING_ORGANIZER = 5,
    ENTENTE_CANCELLED = 6,
    ENTENTE_EXPIRED = 7,
    ENTENTE_DONE = 8,
};

struct entente_attendance {
    uint32_t party;   /* index into spec.parties */
    uint32_t absence; /* enum entente_absence; 0: attends */
};

struct entente_chosen {
    uint32_t party;    /* index into spec.parties */
    uint32_t *members; /* indices into its members */
    size_t members_count;
};

struct entente_slot {
    int32_t start;
    int32_t end;
    struct entente_attendance *absent; /* who does not attend, but for those dropped */
    size_t absent_count;
    int32_t date_band; /* the merits, see matcher/slot.h */
    uint32_t optional_present;
    uint32_t typical;
    uint32_t inferred;
    uint32_t preferred;
    uint32_t avoid;
    uint32_t unusable_minutes;
    uint32_t option; /* index into spec.options */
    uint32_t heads;  /* people present, as the quorum counts them */
    struct entente_chosen *chosen;
    size_t chosen_count;
    int32_t *again; /* starts of the later occurrences of a series */
    size_t again_count;
    uint32_t *asked; /* parties who attend, but are not known to be free */
    size_t asked_count;
};

struct entente_blame {
    uint32_t party; /* index into spec.parties */
    uint32_t busy;
    uint32_t unknown;
    uint32_t not_offered; /* or short of notice, or the day is full */
    uint32_t too_far;
};

enum entente_relaxation_kind {
    ENTENTE_OTHER_OPTION = 1,   /* modality and place */
    ENTENTE_SHORTER = 2,        /* by minutes */
    ENTENTE_WIDER = 3,          /* the last window ends minutes later */
    ENTENTE_WITHOUT_ONE = 4,    /* party becomes optional */
    ENTENTE_SMALLER_POOL = 5,   /* party needs needed of its members */
    ENTENTE_SMALLER_QUORUM = 6, /* needed heads */
};

struct entente_relaxation {
    uint32_t kind;  /* enum entente_relaxation_kind */
    uint32_t party; /* index into spec.parties */
    uint32_t needed;
    uint32_t minutes;
    uint32_t modality;
    const char *place;
    uint32_t feasible; /* starts that would suit then */
    int32_t first;     /* the earliest of them */
};

struct entente_why_not {
    uint32_t candidates;
    uint32_t feasible;
    struct entente_blame *blame;
    size_t blame_count;
    uint32_t *blocking; /* indices: the smallest set that blocks */
    size_t blocking_count;
    bool blocking_is_exact;
    bool quorum_blocks; /* all could come, but the heads are too few */
    struct entente_relaxation *relaxations; /* the cheapest kind first */
    size_t relaxations_count;
    bool too_large; /* nothing of all this was looked for: it takes too long */
};

struct entente_proposal {
    uint32_t number;
    int32_t start;
    int32_t end;
    int64_t answer_by_ms;
    uint32_t option;                 /* index into spec.options */
    struct entente_slot *candidates; /* of a poll: all that are held, the best first */
    size_t candidates_count;
};

/* Where a meeting stands in its series, or in a sequence. */
struct entente_series {
    struct entente_bytes id; /* 16 bytes, the same for all of them */
    uint32_t index;          /* from 0 */
    uint32_t count;
    uint32_t
        *conflicts; /* indices of those that the common time does not suit: each has
                            its own, or none yet */
    size_t conflicts_count;
};

enum entente_result_kind {
    ENTENTE_APPLIED = 1,
    ENTENTE_REFUSED = 2,
    ENTENTE_UNKNOWN_RESULT = 3,
    ENTENTE_DELETED_RESULT = 4, /* applied once, and taken out since */
};

struct entente_result {
    const char *client; /* name of the client that reports */
    const char *source; /* its key of the agenda */
    uint32_t version;   /* of the meeting that was applied or refused */
    uint32_t kind;      /* enum entente_result_kind */
    uint32_t reason;    /* enum entente_reason_code */
    const char *comment;
};

/* Why the meeting is where it is: the row of the negotiation table that moved it last.
 */
struct entente_meeting {
    struct entente_bytes id; /* 16 bytes, UUIDv7 */
    uint32_t
        version;    /* rises with every change of which the reader hears, not always by
                         one; SEQUENCE in an agenda */
    uint32_t state; /* enum entente_state */
    struct entente_spec *spec;
    struct entente_proposal
        *proposal;                  /* PROPOSED, MOVING, WAITING_ORGANIZER with hold */
    struct entente_span *confirmed; /* CONFIRMED, MOVING, DONE: the agreed time */
    struct entente_slot *alternatives; /* WAITING_ORGANIZER, refused shift */
    size_t alternatives_count;
    struct entente_why_not *why_not; /* SEARCHING, EXPIRED without a slot */
    struct entente_result *results;
    size_t results_count;
    const char *last_event; /* what moved it, a code: "accepted", "expired", ... */
    struct entente_actor *last_actor;
    uint32_t
        reason; /* enum entente_reason_code for which the organizer has cancelled it */
    uint32_t rounds; /* proposals made so far */
    int64_t created_ms;
    int64_t updated_ms;
    int64_t search_until_ms;
    int64_t hold_until_ms; /* end of the hold kept while the organizer is asked */
    const char *organizer_client; /* name of the client that asked for it */
    uint32_t confirmed_option;    /* of the agreed time; index into spec.options */
    struct entente_series *series;

    /* Kept in the store, never on the wire. */
    struct entente_kept *kept;
};

#include "proto/message_kept.h"

#endif
