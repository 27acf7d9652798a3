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
 *             milliseconds since then, in _minutes or _seconds lengths.
 *
 * Absence     0, false, NULL and a count of 0 mean that the field is absent.  An absent
 *             field takes the default that its comment names.
 *
 * Ownership   A decoded message lives in the arena that it was decoded into.  To
 *             encode, the caller's structs only have to live during the call.
 *
 * Names       A member has the name of its field in the .proto files.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "proto/message_agenda.h"
#include "proto/message_inquiry.h"
#include "proto/message_meeting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

/* Of the client: it notices when its user takes out what was applied.  Of the broker: it
 * may be told so (DELETED_RESULT). */
#define CAPABILITY_DELETION "can-report-deletion"

/* A client that may refuse, cancel, ... says so in hello by name:
 * "can-hold", "can-refuse", "can-cancel", CAPABILITY_DELETION. */
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
    uint64_t unknown_fields; /* ignored: of all since the start, or since its welcome */
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
    ENTENTE_WHO_IS_FREE = 25,
    ENTENTE_OWNER_ANSWER = 26,
    ENTENTE_PREVIEW = 27,
    ENTENTE_RECONCILE = 28,
    ENTENTE_EXPLAIN = 29,

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
    ENTENTE_FREE_PEOPLE = 61,
    ENTENTE_PREVIEW_RESULT = 62,
    ENTENTE_RECONCILED = 63,
    ENTENTE_DECISION_RECORD = 64,
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
        struct entente_who_is_free *who_is_free;
        struct entente_owner_answer *owner_answer;
        struct entente_preview *preview;
        struct entente_reconcile *reconcile;
        struct entente_explain *explain;
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
        struct entente_free_people *free_people;
        struct entente_preview_result *preview_result;
        struct entente_reconciled *reconciled;
        struct entente_decision_record *decision_record;
    };
};

#endif
