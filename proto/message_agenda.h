// SPDX-License-Identifier: Apache-2.0

/*
 * message_agenda.h - people, and what their agendas say
 *
 * Units, absence, ownership and names: message.h, which includes this.
 */
#ifndef PROTO_MESSAGE_AGENDA_H
#define PROTO_MESSAGE_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entente_bytes {
    const uint8_t *data;
    size_t size;
};

/* ---- people ------------------------------------------------------------------------
 */

/* system is a URI; "urn:oid:1.2.250.1.71.4.2.1" is the IDNPS (HL7 France FR Core,
 * fr-core-practitioner: the whole prefixed string, neither built nor interpreted). */
struct entente_identifier {
    const char *system;
    const char *value;
};

enum entente_channel {
    ENTENTE_OWN_SOFTWARE = 1,
    ENTENTE_SECRETARY = 2,
    ENTENTE_TELEPHONE = 3,
    ENTENTE_MAIL_LINK = 4,
    ENTENTE_CONSOLE = 5,
    ENTENTE_COMMAND_LINE = 6,
};

/* Who did it, on whose behalf, for which structure, and by which channel. */
struct entente_actor {
    struct entente_identifier *who;
    struct entente_identifier *on_behalf_of; /* absent: for themselves */
    const char *structure;                   /* the acting structure, e.g. its FINESS */
    uint32_t channel;                        /* enum entente_channel */
};

enum entente_party_kind {
    ENTENTE_PROFESSIONAL = 1,
    ENTENTE_POOL = 2, /* any pool_size of its members */
    ENTENTE_PATIENT = 3,
    ENTENTE_REPRESENTATIVE = 4,
    ENTENTE_GUEST = 5, /* known by name and contact only: no agenda here */
    ENTENTE_RESOURCE = 6,
};

enum entente_importance { ENTENTE_INDISPENSABLE = 1, ENTENTE_OPTIONAL = 2 };
enum entente_modality {
    ENTENTE_ON_SITE = 1,
    ENTENTE_VIDEO = 2,
    ENTENTE_PHONE = 3,
    ENTENTE_AT_HOME = 4
};
enum entente_presence { ENTENTE_ABSENT = 1, ENTENTE_SOFT = 2, ENTENTE_HARD = 3 };

enum entente_answer_kind {
    ENTENTE_ACCEPT = 1,
    ENTENTE_DECLINE = 2,
    ENTENTE_SHIFT = 3,
    ENTENTE_DELEGATE = 4, /* somebody else comes: substitute */
};

/* Why somebody declines, cancels, or an agenda refuses. */
enum entente_reason_code {
    ENTENTE_NOT_AVAILABLE = 1,
    ENTENTE_NOT_CONCERNED = 2,
    ENTENTE_ON_LEAVE = 3,
    ENTENTE_ILL = 4,
    ENTENTE_HOSPITALIZED = 5,
    ENTENTE_TRANSPORT = 6,
    ENTENTE_NO_LONGER_NEEDED = 7,
    ENTENTE_CONFLICT_IN_AGENDA = 8,
    ENTENTE_NOT_SUPPORTED = 9,
    ENTENTE_OTHER_REASON = 10,
};

/* What is done when a party has not answered in time. */
enum entente_silence {
    ENTENTE_SILENCE_EXPIRES = 1,  /* the proposal comes to nothing */
    ENTENTE_SILENCE_DECLINES = 2, /* counts as a no */
    ENTENTE_SILENCE_ACCEPTS = 3,  /* as a yes, of who has agreed to that; else as 5 */
    ENTENTE_SILENCE_SUBSTITUTES = 4, /* somebody else of the pool is asked */
    ENTENTE_SILENCE_ORGANIZER = 5,   /* the organizer decides */
};

/* What a party says of one of several candidate slots. */
enum entente_grade {
    ENTENTE_GRADE_YES = 1,
    ENTENTE_GRADE_IF_NEED_BE = 2,
    ENTENTE_GRADE_NO = 3,
};

struct entente_graded {
    int32_t start;  /* of the candidate */
    uint32_t grade; /* enum entente_grade */
};

/* How an agenda contradicts a meeting. */
enum entente_divergence_kind {
    ENTENTE_EVENT_REFUSED = 1,
    ENTENTE_EVENT_DELETED = 2,
    ENTENTE_FOREIGN_BUSY = 3,
    ENTENTE_NEW_TIME_BUSY = 4, /* MOVING: busy at the new time; the old one stands */
};

/* One member of the meeting.  The first part is the request's; the second is filled in
 * by the broker and ignored in a request. */
struct entente_party {
    uint32_t kind;       /* enum entente_party_kind */
    uint32_t importance; /* enum entente_importance; default indispensable.  The
                            patient's follows from spec.patient_presence. */
    struct entente_identifier *identifier;
    const char *structure; /* acting structure */
    const char *name;      /* shown to people */
    uint32_t modality;     /* enum entente_modality: how this party attends */
    const char *place;     /* key of one of spec.places */
    const char *contact;   /* guests only */
    uint32_t buffer_before_minutes;
    uint32_t buffer_after_minutes;
    bool ask_if_unknown;                /* ask although not known to be free; no pool */
    uint32_t pool_size;                 /* pools only: how many of the members */
    struct entente_identifier *members; /* of a pool, all different */
    size_t members_count;
    const char *member_system; /* instead of members, where all have the same system: */
    const char **member_values; /* decoding makes members of them */
    size_t member_values_count;
    struct entente_identifier *represents; /* representatives only: whom */
    uint32_t answer_minutes;               /* to answer in; default the request's */
    uint32_t silence; /* enum entente_silence; default the request's */

    uint32_t answer;          /* enum entente_answer_kind; 0: not answered yet */
    uint32_t answer_reason;   /* enum entente_reason_code */
    uint32_t answer_proposal; /* the number of the proposal that was answered */
    int64_t answer_ms;
    struct entente_actor *answer_actor;
    bool
        dropped; /* no longer asked: declined, withdrew, or left out by the organizer */
    bool attends;     /* present at the current slot */
    uint32_t absence; /* enum entente_absence: why not, when attends is false */
    uint32_t *chosen; /* of a pool: who is chosen, indices into members */
    size_t chosen_count;
    bool asked;           /* attends, but is not known to be free at the current slot */
    uint32_t replaces;    /* 1 + index of the party in whose place; 0: nobody's */
    bool recorded;        /* the organizer has recorded the answer on their behalf */
    uint32_t reminded;    /* how often, for the current proposal */
    int64_t answer_by_ms; /* this party's own deadline */
    uint32_t diverged;    /* enum entente_divergence_kind: their agenda contradicts */
    int64_t diverged_until_ms;     /* until then it is theirs to say what holds */
    struct entente_graded *grades; /* of the candidates */
    size_t grades_count;
    bool tacit;         /* has accepted by silence */
    uint32_t from_pool; /* number of the pool of the request, from 1; 0: none */
    bool
        despite_busy; /* comes at the agreed time though their own agenda is busy then */
};

/* Why somebody cannot come at a slot.  Never more than this is said. */
enum entente_absence {
    ENTENTE_IS_BUSY = 1,
    ENTENTE_IS_UNKNOWN = 2,
    ENTENTE_NOT_OFFERED = 3,
    ENTENTE_HAS_DECLINED = 4,
    ENTENTE_TOO_FAR = 5, /* only in answers to who has asked with legs */
};

/* ---- availability ------------------------------------------------------------------
 */

enum entente_range_kind { ENTENTE_FREE = 1, ENTENTE_BUSY = 2, ENTENTE_TENTATIVE = 3 };
enum entente_certainty {
    ENTENTE_DECLARED = 1,
    ENTENTE_INFERRED = 2,
    ENTENTE_TYPICAL = 3
};
enum entente_preference {
    ENTENTE_NEUTRAL = 1,
    ENTENTE_PREFERRED = 2,
    ENTENTE_AVOID = 3
};

/* Bits. */
enum entente_purpose {
    ENTENTE_FOR_MEETINGS = 1,      /* between professionals */
    ENTENTE_FOR_CONSULTATIONS = 2, /* with a patient */
    ENTENTE_FOR_VISITS = 4,        /* at the patient's home */
};

/* Bits; the classes of GAP/SAS TypeCreneau are PUBLIC, PRO and SNP. */
enum entente_audience {
    ENTENTE_PUBLIC = 1,
    ENTENTE_PROFESSIONALS = 2,
    ENTENTE_SNP = 4
};

struct entente_range {
    int32_t start;
    int32_t end;
    uint32_t kind;                /* enum entente_range_kind */
    uint32_t certainty;           /* default declared; free ranges only */
    uint32_t preference;          /* default neutral; free ranges only */
    uint32_t purposes;            /* bits; 0: any */
    uint32_t audience;            /* bits; 0: any */
    uint32_t modalities;          /* bits (1 << enum entente_modality); 0: any */
    const char *place;            /* opaque key of the vendor's */
    struct entente_bytes meeting; /* the id of the meeting of ours that it stands for */
    bool interruptible;           /* on call: not busy for meetings */
};

struct entente_span {
    int32_t start;
    int32_t end;
};

enum entente_publication { ENTENTE_SNAPSHOT = 1, ENTENTE_DELTA = 2 };

/* A snapshot replaces the source; its parts are numbered 1 .. parts and answered
 * together, once the last one is durable.  A delta replaces what the source says about
 * [coverage.start, coverage.end) by its ranges; sequence must be the source's + 1. */
struct entente_publish {
    const char *source; /* the client's own key of the agenda */
    struct entente_identifier *person;
    const char *structure;
    const char *name;     /* of the person, shown to people */
    uint32_t publication; /* enum entente_publication */
    uint64_t epoch;       /* granted in welcome */
    uint64_t sequence;    /* rises by one with every publication of this source */
    uint32_t part;        /* default 1 */
    uint32_t parts;       /* default 1 */
    struct entente_span *coverage;
    int64_t as_of_ms; /* when the agenda was read */
    uint32_t lease_seconds;
    struct entente_range *ranges;
    size_t ranges_count;
    uint32_t notice_minutes; /* from now on that this agenda does not offer */
    uint32_t daily_cap;      /* most meetings of ours on one civil day; 0: no cap */
    bool tacit_acceptance;   /* has agreed to accept by silence where it is asked for */
};

struct entente_withdraw {
    const char *source;
    uint64_t epoch;
    uint64_t sequence;
};

/* What the broker holds of a source. */
struct entente_source_state {
    const char *source;
    uint64_t epoch;
    uint64_t sequence;
    int64_t lease_until_ms;
    bool stale;
};

struct entente_query_free {
    struct entente_identifier *person;
    int32_t from;
    int32_t until;
    uint32_t purposes;
};

struct entente_free_ranges {
    struct entente_identifier *person;
    struct entente_span *known; /* fresh coverage */
    size_t known_count;
    struct entente_range *ranges; /* free time, claims taken off; never a title */
    size_t ranges_count;
    int64_t as_of_ms; /* of the oldest source that counts */
};

#endif
