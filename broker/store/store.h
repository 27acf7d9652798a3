// SPDX-License-Identifier: Apache-2.0

/*
 * store.h - what must survive, as an interface
 *
 * The loop asks, goes on with its work, and is called back from store_step().  Three
 * links work side by side: the writer decides batches (one at a time), the publisher
 * takes in availability, the reader answers questions with committed state only.  Each
 * link does one thing at a time, in the order asked.
 *
 * Units       int64 ..._ms are milliseconds since 1970-01-01Z.  Ids of meetings are 16
 *             bytes.  Persons, clients and sources are random positive int64.
 *
 * Ownership   What a question is given must live until its callback; it is not copied.
 *             What a callback is given lives in the arena named, or until it returns.
 *
 * Failure     STATUS_REFUSED      SQLSTATE class 22 or 23: bisect the batch
 *             STATUS_RETRY        40001, 40P01, 55P03, or the compare-and-set on a
 * version failed: the same again will do STATUS_UNAVAILABLE  classes 08, 53, 57, no
 * connection: nothing was done.  The link reconnects by itself; questions asked
 * meanwhile fail with this status at once. STATUS_UNKNOWN      the connection was lost,
 * timed out or warned at COMMIT: load the commands again (their insertion waits for the
 *                                 old backend) to learn what happened
 *             STATUS_DAMAGED      a stored value cannot be read or unsealed
 *             A failed batch has been rolled back as far as the connection allows.
 *
 * Logging     The store logs the SQLSTATE and the constraint's name, never the message:
 *             it quotes rows.
 */
#ifndef BROKER_STORE_STORE_H
#define BROKER_STORE_STORE_H

#include "broker/must_check.h"
#include "broker/seal.h"
#include "broker/status.h"
#include "broker/store/store_batch.h"
#include "broker/store/store_divergence.h"
#include "broker/store/store_events.h"
#include "broker/store/store_operator.h"
#include "proto/arena.h"
#include "proto/message.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct store_beginning; /* store_brokers.h */

struct store_settings {
    const char *conninfo;
    struct seal *seal;                 /* borrowed */
    int64_t broker;                    /* this broker's number */
    int commit_timeout_ms;             /* default 10000 */
    struct store_beginning *beginning; /* filled in by store_start(), from where
                                          store_create() goes on; NULL: this broker's
                                          number is not guarded, and the feed is
                                          followed from its beginning */
};

MUST_CHECK enum status store_create(const struct store_settings *settings,
                                    struct store **ret_store);
void store_destroy(struct store *store);

/* What to poll before the next step; at most five. */
size_t store_descriptors(struct store *store, struct pollfd *ret, size_t capacity);

/* Send what can be sent, read what has come, call back.  Never blocks. */
void store_step(struct store *store);

/* All links are connected, and nobody has taken this broker's place. */
bool store_is_up(const struct store *store);

/* ---- writer: load, (refresh,) write ------------------------------------------------
 */

struct store_wants {
    const struct store_command_key *commands;
    const uint64_t *heard; /* by command: the request_epoch of the conversation in which
                              it was heard; NULL: whichever */
    size_t command_count;
    const struct store_id *meetings; /* to lock and read; ids may repeat */
    const bool *with_people;         /* by meeting: lock its people too */
    size_t meeting_count;
    const int64_t *people; /* to lock beside; ids may repeat */
    size_t people_count;
    bool divergences;       /* read what has diverged lately, and of these meetings */
    bool holds;             /* count what clients hold (store_batch.h) */
    const int64_t *holders; /* of them; ids may repeat */
    size_t holder_count;
};

struct store_loaded {
    int64_t now_ms; /* the database's clock after the locks, plus the tests' offset,
                       never below updated_ms of a loaded meeting */
    struct store_command *commands; /* of those asked for, the ones that exist */
    size_t command_count;
    int64_t
        *overtaken; /* clients that have begun a newer conversation than was heard */
    size_t overtaken_count;
    struct entente_meeting **meetings; /* those that exist, unsealed, with `kept` */
    size_t meeting_count;
    const bool *frozen;          /* by meeting: somebody of it is; NULL: nobody */
    struct store_person *people; /* locked, by rising id */
    size_t people_count;
    struct store_breaker *breakers; /* if divergences were wanted */
    size_t breaker_count;
    struct store_divergence *divergences; /* of these meetings */
    size_t divergence_count;
    struct store_sooner *sooner; /* deadlines, then searches as fair.h ranks them */
    size_t sooner_count;
    struct store_hold *holds; /* if they were wanted */
    size_t hold_count;
    struct store_id *reported; /* of these meetings, those that have results */
    size_t reported_count;
};

typedef void (*store_loaded_fn)(void *context, enum status status,
                                const struct store_loaded *loaded);

/* Begin a transaction and load, in the one order that everybody uses: commands,
 * meetings, people (FOR NO KEY UPDATE, by rising id). */
void store_batch_load(struct store *store, unsigned writer,
                      const struct store_wants *wants, struct arena *arena,
                      store_loaded_fn done, void *context);

/* Everything the index needs of one person. */
struct store_source {
    int64_t source;
    int64_t client;
    int64_t person;
    const char *key;
    const char *name;
    uint64_t epoch;
    uint64_t sequence;
    int32_t coverage_start;
    int32_t coverage_end;
    int64_t as_of_ms;
    uint32_t lease_seconds;
    int32_t notice; /* minutes */
    int32_t daily_cap;
    int64_t heard_ms; /* its client was last heard of, anywhere; 0: not read */
    bool tacit;       /* its owner accepts by silence where that is asked for */
    const struct entente_range *ranges;
    size_t range_count;
};

struct store_claim {
    int64_t person;
    struct store_id meeting;
    int32_t start;
    int32_t end;
    const char *place; /* NULL: nowhere that is known */
};

struct store_availability {
    int64_t person;
    int64_t version;
    const struct store_source *sources;
    size_t source_count;
    const struct store_claim *claims; /* that end after now */
    size_t claim_count;
};

typedef void (*store_refreshed_fn)(void *context, enum status status,
                                   const struct store_availability *people,
                                   size_t count);

/* In the open transaction: read again what is known of people whose version is newer
 * than the index. */
void store_batch_refresh(struct store *store, unsigned writer, const int64_t *people,
                         size_t count, struct arena *arena, store_refreshed_fn done,
                         void *context);

struct store_due {
    struct store_id meeting;
    uint32_t reason; /* enum due_reason, broker/due.h */
    int64_t at_ms;
};

struct store_meeting_change {
    uint32_t base_version;                 /* compare-and-set; 0 inserts */
    const struct entente_meeting *meeting; /* with `kept`; sealed by the store */
    struct entente_bytes
        path;        /* a byte for each event since base_version: a way that the
                                  table does not have is STATUS_REFUSED */
    bool keeps_dues; /* what is due of it stays as it is: `dues` has none of it */
    bool
        waits; /* searched again when one of its people, or of its pools', becomes freer;
                   ranked by spec.priority, then by created_ms */
    bool sweeps; /* some of its time was past, of which an index may know nothing: what
                      it holds no longer is given up, whatever claims_removed says */
};

struct store_result {
    struct store_id meeting;
    int64_t client;
    const char *source;
    uint32_t version;
    uint32_t kind;
    uint32_t reason;
    const char *comment;
};

/* One step of a negotiation.  @evidence is sealed by the store; empty: none. */
struct store_decision {
    struct store_id meeting;
    uint32_t version; /* of the meeting after it */
    int64_t at_ms;
    uint32_t event; /* enum negotiation_event */
    uint32_t came_from;
    uint32_t went_to;
    int64_t client; /* 0: time did it */
    uint32_t channel;
    uint32_t party; /* its index + 1; 0: the organizer, or time */
    uint32_t proposal;
    int32_t start; /* of the time proposed or agreed after it; 0: none */
    int32_t end;
    uint32_t option;
    bool searched;
    uint32_t matcher; /* its MATCH_RULES (matcher/slot.h) */
    struct entente_bytes evidence;
    struct entente_bytes
        said;     /* codec_encode_said(); sealed by the store; empty: nothing */
    bool altered; /* read: what was sealed is not what was written */
};

struct store_changes {
    int64_t now_ms;
    const struct store_claim *claims_removed;
    size_t claims_removed_count;
    const struct store_claim *claims_added;
    size_t claims_added_count;
    const struct store_meeting_change *meetings;
    size_t meeting_count;
    const struct store_due *dues; /* all that the changed meetings have from now on, but
                                     those with keeps_dues */
    size_t due_count;
    const struct store_due *dues_done; /* of meetings that did not change */
    size_t dues_done_count;
    const struct store_command *commands;
    size_t command_count;
    const struct store_outbox *outbox;
    size_t outbox_count;
    const struct store_ack *acks;
    size_t ack_count;
    const struct store_result *results;
    size_t result_count;
    const struct store_divergence *divergences;
    size_t divergence_count;
    const int64_t *trips; /* clients whose breakers open */
    size_t trip_count;
    struct entente_bytes audit; /* what was done, for the chain; empty: no link */
    const struct store_decision *decisions;
    size_t decision_count;
};

typedef void (*store_written_fn)(void *context, enum status status,
                                 const struct store_written *written);

/* Write and commit, in this order: claims removed, claims added, meetings, commands,
 * decisions, recipients' counters by rising id and outbox, due, waiting, results, audit,
 * feed.
 * Meetings that wait for one of the people whose claims were removed become due
 * (DUE_SEARCH). */
void store_batch_write(struct store *store, unsigned writer,
                       const struct store_changes *changes, struct arena *arena,
                       store_written_fn done, void *context);

/* Roll the open transaction back; nothing is called back. */
void store_batch_abandon(struct store *store, unsigned writer);

/* ---- publisher ---------------------------------------------------------------------
 */

struct store_publication {
    int64_t source; /* 0: new, the id is given by the caller in new_source */
    int64_t new_source;
    int64_t client;
    int64_t person;
    const char *key;
    const char *structure;
    const char *name;
    uint64_t epoch;
    uint64_t sequence;
    int32_t coverage_start;
    int32_t coverage_end;
    int64_t as_of_ms;
    uint32_t lease_seconds;
    int32_t notice; /* minutes */
    int32_t daily_cap;
    bool tacit; /* its owner accepts by silence where that is asked for */
    const struct entente_range *ranges; /* the whole source, deltas already applied */
    size_t range_count;
    bool withdrawn; /* the source is removed */
};

struct store_published {
    int64_t now_ms;
    const struct store_person *people; /* new versions, one per publication */
    size_t count;
};

typedef void (*store_published_fn)(void *context, enum status status,
                                   const struct store_published *published);

/* One transaction for all; every person's version rises, meetings that wait for them
 * become due (DUE_SEARCH), meetings whose claims of them now lie under foreign busy time,
 * or did (a row of divergence), too (DUE_DIVERGENCE), the feed is written. */
void store_publish(struct store *store, const struct store_publication *publications,
                   size_t count, struct arena *arena, store_published_fn done,
                   void *context);

/* Remember that these clients were heard of, so that leases survive a restart, and,
 * also with a count of 0, that this broker lives. */
void store_heard(struct store *store, const int64_t *clients, size_t count);

struct store_lapse {
    int64_t source;
    uint64_t epoch; /* of what has run out: a newer publication has not */
    uint64_t sequence;
};

/* Remember that the leases of these sources have run out, so that they do not begin
 * again when a broker starts and the client has been heard of since. */
void store_lapsed(struct store *store, const struct store_lapse *lapses, size_t count);

/* ---- reader ------------------------------------------------------------------------
 */

struct store_client {
    int64_t id;
    const char *name;
    char public_key[41];
    bool sandbox;
    bool is_operator;
    bool revoked;
    int64_t heard_ms;
    int64_t people_revision; /* another one when whom it speaks for has changed */
    bool same_people;        /* as that revision was known already: they are not told */
    const int64_t *speaks_for; /* persons, rising */
    size_t speaks_for_count;
};

struct store_known_client {
    int64_t id;
    int64_t people_revision;
};

struct store_person_row {
    int64_t person;
    int64_t version;
    uint32_t kind;                  /* enum entente_party_kind */
    const char *system;             /* NULL for patients */
    const char *value;              /* NULL for patients */
    uint8_t blind[SEAL_BLIND_SIZE]; /* patients */
};

/* Who has come: everybody that a client here speaks for was there at start or is among
 * the people, unless the operator's transaction took longer than a minute. */
struct store_newcomers {
    const struct store_client *clients; /* every client (thousands, not millions) */
    size_t client_count;
    const struct store_person_row *people; /* made known since; see below */
    size_t people_count;
};

/* @newcomers is NULL unless @status is STATUS_OK. */
typedef void (*store_newcomers_fn)(void *context, enum status status,
                                   const struct store_newcomers *newcomers);

/* People from a minute before @people_since_ms on, or before now where the database's own
 * clock is behind that; and all clients.  @known, borrowed until the answer: of whom it is
 * known for which people they speak. */
void store_read_newcomers(struct store *store, int64_t people_since_ms,
                          const struct store_known_client *known, size_t known_count,
                          store_newcomers_fn done, void *context);

/* What a client's hello says of its own position; zeros: nothing. */
struct store_said {
    uint64_t event_epoch;
    uint64_t last_event;
    uint64_t replies_epoch;
    uint64_t replies_received;
    bool wants_events;
    bool afresh; /* begin a new numbering in any case, above what is said */
};

/* Raise the client's epochs for a new conversation, in a transaction of its own that
 * the other brokers follow.  Who cannot be told everything from where it stands begins a
 * new numbering with all its live meetings.  Who knows of more than was ever issued is
 * refused with `ahead` (STATUS_REFUSED, and hello is given): see store_begin_generation.
 */
struct store_hello {
    int64_t now_ms; /* the database's clock */
    bool ahead;
    int32_t generation;
    uint64_t request_epoch;
    uint64_t publication_epoch;
    uint64_t event_epoch;
    uint64_t last_issued;
    uint64_t last_acked;
};

typedef void (*store_hello_fn)(void *context, enum status status,
                               const struct store_hello *hello);

void store_say_hello(struct store *store, int64_t client, const struct store_said *said,
                     store_hello_fn done, void *context);

typedef void (*store_due_fn)(void *context, enum status status, int64_t now_ms,
                             const struct store_due *dues, size_t count);

/* What is due now: deadlines, the oldest first; then searches as fair.h ranks them.
 * Nothing while another broker sees to it. */
void store_read_due(struct store *store, size_t limit, store_due_fn done,
                    void *context);

typedef void (*store_meetings_fn)(void *context, enum status status,
                                  struct entente_meeting *const *meetings,
                                  size_t count);

/* These meetings (those that exist), with their results filled in. */
void store_read_meetings(struct store *store, const struct store_id *ids, size_t count,
                         struct arena *arena, store_meetings_fn done, void *context);

typedef void (*store_decisions_fn)(void *context, enum status status,
                                   const struct store_decision *decisions,
                                   size_t count);

/* At most @limit steps of one meeting behind version @after, unsealed, in their order. */
void store_read_decisions(struct store *store, const struct store_id *meeting,
                          uint32_t after, size_t limit, struct arena *arena,
                          store_decisions_fn done, void *context);

/* A page of the meetings that @client asked for or speaks for somebody in, by id. */
struct store_list {
    int64_t client;
    uint32_t state; /* 0: any */
    bool all;       /* those that are over too */
    bool has_after;
    struct store_id after;
    size_t limit;
};

void store_read_list(struct store *store, const struct store_list *list,
                     struct arena *arena, store_meetings_fn done, void *context);

struct store_figures {
    int64_t now_ms;
    uint64_t meetings_open;
    uint64_t undelivered_events;
    int64_t oldest_event_ms; /* age */
    uint64_t due_length;
    int64_t oldest_due_ms; /* age */
    uint64_t overdue_holds;
    uint64_t refused_results;
    uint64_t divergences; /* that somebody has to answer */
    uint64_t breakers;    /* that have tripped */
};

typedef void (*store_figures_fn)(void *context, enum status status,
                                 const struct store_figures *figures);

/* @client 0: everything. */
void store_read_figures(struct store *store, int64_t client, store_figures_fn done,
                        void *context);

/* ---- start: blocking, before the loop runs -----------------------------------------
 */

struct store_visitor {
    void *context;
    void (*person)(void *context, const struct store_person_row *row);
    void (*client)(void *context, const struct store_client *row);
    void (*source)(void *context, const struct store_source *row);
    void (*claim)(void *context, const struct store_claim *row);
    void (*clock)(void *context, int64_t now_ms); /* the database's; first of all.  May
                                                     be NULL */
};

/*
 * Check the schema, record that this broker lives, extend leases and deadlines by the
 * time in which no broker lived (*ret_outage_ms), and show everything the index needs,
 * people first.  STATUS_BAD_SCHEMA: `entente migrate` is needed, or this program is too
 * old.
 */
MUST_CHECK enum status store_start(const struct store_settings *settings,
                                   const struct store_visitor *visitor,
                                   int64_t *ret_outage_ms);

#endif
