// SPDX-License-Identifier: Apache-2.0

/*
 * message.h - everything that travels, as plain structs
 *
 * Both ends of the wire, and the store, work on these; the bytes are codec.c's
 * business. They carry the project's prefix because vendors' programs see them
 * (adapters/sdk).
 *
 * Units       Fields called start, end, from, until or target are minutes since
 *             1970-01-01T00:00Z, ranges half-open.  Fields ending in _ms are
 * milliseconds since then, in _minutes or _seconds lengths.
 *
 * Absence     0, false, NULL and a count of 0 mean that the field is absent.  An absent
 *             field takes the default that its comment names.
 *
 * Ownership   A decoded message lives in the arena that it was decoded into.  To
 * encode, the caller's structs only have to live during the call.
 *
 * Names       A member has the name of its field in the .proto files.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

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
    ENTENTE_POOL = 2, /* NOT_YET */
    ENTENTE_PATIENT = 3,
    ENTENTE_REPRESENTATIVE = 4,
    ENTENTE_GUEST = 5, /* NOT_YET: no agenda here */
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
    ENTENTE_DELEGATE = 4, /* NOT_YET */
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
    bool ask_if_unknown; /* NOT_YET: ask although not known to be free */
    uint32_t pool_size;  /* pools only: how many of the members */
    struct entente_identifier *members;
    size_t members_count;
    struct entente_identifier *represents; /* representatives only: whom */

    uint32_t answer;          /* enum entente_answer_kind; 0: not answered yet */
    uint32_t answer_reason;   /* enum entente_reason_code */
    uint32_t answer_proposal; /* the number of the proposal that was answered */
    int64_t answer_ms;
    struct entente_actor *answer_actor;
    bool
        dropped; /* no longer asked: declined, withdrew, or left out by the organizer */
    bool attends;     /* present at the current slot */
    uint32_t absence; /* enum entente_absence: why not, when attends is false */
};

/* Why somebody cannot come at a slot.  Never more than this is said. */
enum entente_absence {
    ENTENTE_IS_BUSY = 1,
    ENTENTE_IS_UNKNOWN = 2,
    ENTENTE_NOT_OFFERED = 3,
    ENTENTE_HAS_DECLINED = 4,
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
    const char *place;
};

enum entente_rule {
    ENTENTE_EVERY_PROFESSIONAL = 1,
    ENTENTE_ALL_INDISPENSABLE = 2, /* NOT_YET */
    ENTENTE_QUORUM = 3,            /* NOT_YET */
    ENTENTE_ORGANIZER_DECIDES = 4, /* NOT_YET */
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
    uint32_t grid_minutes; /* default 15 */
    const char *zone;      /* IANA name; default Europe/Paris */
    struct entente_span *windows;
    size_t windows_count;
    int32_t *picked; /* starts picked by hand, instead of windows */
    size_t picked_count;
    uint32_t weekdays; /* bit 0 is Monday; 0: every day */
    struct entente_interval *times_of_day;
    size_t times_of_day_count;
    uint32_t notice_minutes; /* minimum notice */
    int32_t target;          /* its civil day is the target date */
    uint32_t certainties;    /* bits (1 << enum entente_certainty); 0: all */
    uint32_t purposes;       /* default ENTENTE_FOR_MEETINGS */
    uint32_t apart_minutes;  /* between alternatives; default the duration */

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

    /* Carried, answered with NOT_YET. */
    struct entente_option *options;
    size_t options_count;
    uint32_t quorum;
    bool urgent;
    bool without_public_holidays;
    uint32_t held_slots;  /* how many are held at once; only 1 is served */
    uint32_t occurrences; /* of a series; only 1 is served */
    const char *recurrence;
};

struct entente_search {
    struct entente_spec *spec;
    uint32_t slots; /* default 5 */
};

struct entente_request {
    struct entente_spec *spec;
    struct entente_actor *actor;
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
    int32_t counter_start; /* shift: one exact start; 0: none */
    struct entente_actor *actor;
};

enum entente_decision {
    ENTENTE_PROPOSE_SLOT = 1,
    ENTENTE_WITHOUT_PARTY = 2,
    ENTENTE_SEARCH_ON = 3, /* NOT_YET: with other windows */
};

struct entente_decide {
    struct entente_bytes meeting;
    uint32_t version; /* on which the decision is based */
    uint32_t decision;
    int32_t start;                    /* of the slot to propose */
    struct entente_identifier *party; /* to go on without */
    struct entente_actor *actor;
};

struct entente_cancel {
    struct entente_bytes meeting;
    struct entente_identifier *party; /* absent: the organizer cancels */
    uint32_t reason;
    const char *comment;
    struct entente_actor *actor;
};

struct entente_get {
    struct entente_bytes meeting;
};

struct entente_list {
    uint32_t state;             /* enum entente_state; 0: all that are not over */
    bool all;                   /* those that are over too */
    struct entente_bytes after; /* the last id of the page before */
    uint32_t limit;             /* default 100 */
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

struct entente_slot {
    int32_t start;
    int32_t end;
    struct entente_attendance *absent; /* only those who do not attend */
    size_t absent_count;
    int32_t date_band; /* the merits, see matcher/slot.h */
    uint32_t optional_present;
    uint32_t typical;
    uint32_t inferred;
    uint32_t preferred;
    uint32_t avoid;
    uint32_t unusable_minutes;
};

struct entente_blame {
    uint32_t party; /* index into spec.parties */
    uint32_t busy;
    uint32_t unknown;
    uint32_t not_offered;
};

struct entente_why_not {
    uint32_t candidates;
    uint32_t feasible;
    struct entente_blame *blame;
    size_t blame_count;
    uint32_t *blocking; /* indices: the smallest set that blocks */
    size_t blocking_count;
    bool blocking_is_exact;
};

struct entente_proposal {
    uint32_t number;
    int32_t start;
    int32_t end;
    int64_t answer_by_ms;
};

enum entente_result_kind {
    ENTENTE_APPLIED = 1,
    ENTENTE_REFUSED = 2,
    ENTENTE_UNKNOWN_RESULT = 3,
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
    uint32_t version;        /* rises with every change; SEQUENCE in an agenda */
    uint32_t state;          /* enum entente_state */
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
    uint32_t reason; /* enum entente_reason_code of a cancellation */
    uint32_t rounds; /* proposals made so far */
    int64_t created_ms;
    int64_t updated_ms;
    int64_t search_until_ms;
    int64_t hold_until_ms; /* end of the hold kept while the organizer is asked */
    const char *organizer_client; /* name of the client that asked for it */

    /* Kept in the store, never on the wire. */
    struct entente_kept *kept;
};

/* What the broker remembers of a meeting beside what it shows. */
struct entente_kept {
    int64_t *people; /* the person of each of spec.parties; 0: none */
    size_t people_count;
    int64_t organizer;  /* client */
    int32_t held_start; /* the held claim, 0 when none */
    int32_t held_end;
    int32_t firm_start; /* the firm claim, 0 when none */
    int32_t firm_end;
};

/* ---- delivery ----------------------------------------------------------------------
 */

struct entente_event {
    uint64_t sequence; /* gapless for this client */
    uint64_t epoch;    /* of the recipient's numbering */
    struct entente_meeting *meeting;
};

struct entente_event_ack {
    uint64_t epoch;
    uint64_t sequence; /* this one and all before it */
};

struct entente_event_result {
    uint64_t sequence;
    struct entente_bytes meeting;
    uint32_t version;
    const char *source;
    uint32_t kind; /* enum entente_result_kind */
    uint32_t reason;
    const char *comment;
};

/* ---- conversation ------------------------------------------------------------------
 */

enum { ENTENTE_PROTOCOL_VERSION = 1 };

/* A client that may refuse, cancel, ... says so in hello by name:
 * "can-hold", "can-refuse", "can-cancel". */
struct entente_hello {
    uint32_t version_min; /* default 1 */
    uint32_t version_max; /* default 1 */
    const char *software;
    const char *software_version;
    const char **capabilities;
    size_t capabilities_count;
    uint64_t event_epoch;      /* of last_event */
    uint64_t last_event;       /* the last event applied; all after it are sent again */
    uint64_t replies_epoch;    /* replies up to here have been received, so that the */
    uint64_t replies_received; /* broker may forget those requests */
    bool wants_events;
};

struct entente_welcome {
    uint32_t version;
    const char *client; /* the name under which the broker knows this client */
    int64_t now_ms;
    uint64_t request_epoch;     /* to number requests in: counters start at 1 */
    uint64_t publication_epoch; /* to publish in */
    uint64_t event_epoch;
    uint64_t last_event_acked;
    uint64_t last_event_issued;
    const char **capabilities; /* of the broker */
    size_t capabilities_count;
    struct entente_source_state *sources;
    size_t sources_count;
    uint32_t credit_events;
    bool sandbox;
};

struct entente_heartbeat {
    uint64_t replies_epoch;
    uint64_t replies_received;
};

/* The answer to a heartbeat; every lease of the client has been renewed but these. */
struct entente_pulse {
    int64_t now_ms;
    struct entente_source_state *stale;
    size_t stale_count;
};

struct entente_error {
    uint32_t code; /* enum error_code, see errors.def */
    const char **parameters;
    size_t parameters_count;
    const char *sentence;            /* English, with the parameters in place */
    struct entente_meeting *meeting; /* the current state, where it helps */
};

/* A command without a result of its own has been carried out and is durable. */
struct entente_done {
    struct entente_source_state *source; /* after publish and withdraw */
};

struct entente_search_result {
    struct entente_slot *slots;
    size_t slots_count;
    struct entente_why_not *why_not;
};

struct entente_meeting_list {
    struct entente_meeting *meetings;
    size_t meetings_count;
    bool more;
};

/* The broker misses publications of a source and asks for a snapshot. */
struct entente_resync {
    struct entente_source_state *source;
};

struct entente_status_query {
    bool everything; /* operators only; otherwise the client's own figures */
};

struct entente_queue {
    const char *name;
    uint64_t length;
    int64_t oldest_ms; /* age of the oldest entry */
};

struct entente_status_report {
    int64_t now_ms;
    int64_t started_ms;
    uint64_t people;
    uint64_t sources;
    uint64_t stale_sources;
    uint64_t meetings_open;
    uint64_t undelivered_events;
    uint64_t overdue_holds;
    uint64_t clients_connected;
    uint64_t refused_results;
    uint64_t unknown_fields; /* seen and ignored since the start */
    struct entente_queue *queues;
    size_t queues_count;
    struct entente_source_state *stale; /* the first hundred */
    size_t stale_count;
};

/* Tags of the envelope's bodies: the numbers of the .proto file. */
enum entente_body {
    ENTENTE_HELLO = 10,
    ENTENTE_HEARTBEAT = 11,
    ENTENTE_PUBLISH = 12,
    ENTENTE_WITHDRAW = 13,
    ENTENTE_QUERY_FREE = 14,
    ENTENTE_SEARCH = 15,
    ENTENTE_REQUEST = 16,
    ENTENTE_ANSWER = 17,
    ENTENTE_DECIDE = 18,
    ENTENTE_CANCEL = 19,
    ENTENTE_GET = 20,
    ENTENTE_LIST = 21,
    ENTENTE_EVENT_ACK = 22,
    ENTENTE_EVENT_RESULT = 23,
    ENTENTE_STATUS_QUERY = 24,

    ENTENTE_WELCOME = 50,
    ENTENTE_PULSE = 51,
    ENTENTE_ERROR = 52,
    ENTENTE_DONE_REPLY = 53,
    ENTENTE_FREE_RANGES = 54,
    ENTENTE_SEARCH_RESULT = 55,
    ENTENTE_MEETING = 56,
    ENTENTE_MEETING_LIST = 57,
    ENTENTE_EVENT = 58,
    ENTENTE_STATUS_REPORT = 59,
    ENTENTE_RESYNC = 60,
};

/* One frame.  request_epoch and request_counter name the request, and stand again in
 * its reply; both are 0 in what is no request and no reply (events, acks, heartbeats).
 */
struct entente_envelope {
    uint32_t version; /* default 1 */
    uint64_t request_epoch;
    uint64_t request_counter;
    enum entente_body body;
    union {
        struct entente_hello *hello;
        struct entente_heartbeat *heartbeat;
        struct entente_publish *publish;
        struct entente_withdraw *withdraw;
        struct entente_query_free *query_free;
        struct entente_search *search;
        struct entente_request *request;
        struct entente_answer *answer;
        struct entente_decide *decide;
        struct entente_cancel *cancel;
        struct entente_get *get;
        struct entente_list *list;
        struct entente_event_ack *event_ack;
        struct entente_event_result *event_result;
        struct entente_status_query *status_query;
        struct entente_welcome *welcome;
        struct entente_pulse *pulse;
        struct entente_error *error;
        struct entente_done *done;
        struct entente_free_ranges *free_ranges;
        struct entente_search_result *search_result;
        struct entente_meeting *meeting;
        struct entente_meeting_list *meeting_list;
        struct entente_event *event;
        struct entente_status_report *status_report;
        struct entente_resync *resync;
    };
};

#endif
