// SPDX-License-Identifier: Apache-2.0

/*
 * client.h - the one header of a vendor's program: connect, publish, search, request,
 *            answer, listen
 *
 * A client keeps one connection to a broker: it says hello, sends heartbeats, connects
 * again when the broker falls silent, sends unanswered requests again under their old
 * numbers and takes up the events where the program left off.  docs/sdk.md tells the
 * story, adapters/example is the tutorial.
 *
 * Units       As in message.h.  Lengths of time carry their unit in the name.
 *
 * Ownership   What a function is given is copied before it returns.  What a callback is
 *             given lives during the callback.  What entente_client_call() and its kin
 *             return lives until the next of them.
 *
 * Threads     A client belongs to one thread at a time.  Callbacks run inside
 *             entente_client_step() and the functions that wait, on the caller's
 *             thread; the library's own thread only moves bytes.  A callback may
 * submit, publish and report, but not wait, step or destroy.
 *
 * Failure     A function that can fail says why with one of the codes below, which are
 *             the broker's own (docs/errors.md) and a few that arise on this side.
 *             entente_client_sentence() then has the English sentence.
 */
#ifndef ADAPTERS_SDK_CLIENT_H
#define ADAPTERS_SDK_CLIENT_H

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- codes -------------------------------------------------------------------------
 */

#define ERROR(name, number, retry, sentence) ENTENTE_ERROR_##name = (number),
enum entente_code {
    ENTENTE_OK = 0,

    /* Found on this side of the wire. */
    ENTENTE_ERROR_TIMEOUT = 1,       /* no answer yet; it may still come */
    ENTENTE_ERROR_STOPPED = 2,       /* the client has stopped for good, or is ending */
    ENTENTE_ERROR_MEMORY = 3,        /* no memory left */
    ENTENTE_ERROR_SETTINGS = 4,      /* a setting is missing or wrong */
    ENTENTE_ERROR_FILE = 5,          /* a file could not be read or written */
    ENTENTE_ERROR_IN_CALLBACK = 6,   /* not possible inside a callback */
    ENTENTE_ERROR_UNEXPECTED = 7,    /* the broker answered something else */
    ENTENTE_ERROR_NOT_DELIVERED = 8, /* that event has not been delivered yet */

/* The broker's. */
#include "proto/errors.def"
};
#undef ERROR

/* "STALE" for ENTENTE_ERROR_STALE.  Never NULL. */
const char *entente_code_name(unsigned code);

/* ---- settings ----------------------------------------------------------------------
 */

/* How far the program has come with its events.  Belongs with their effect: stored in
 * the same transaction, or the same file, events are applied exactly once. */
struct entente_position {
    uint64_t epoch;
    uint64_t sequence;
};

struct entente_client;

/* The outcome of a request, told exactly once: @code is ENTENTE_OK and @reply the
 * answer; or @code is the error and @reply the broker's envelope with it, NULL where
 * the error arose here (the client stopped or was destroyed). */
typedef void (*entente_reply_function)(void *context, enum entente_code code,
                                       const struct entente_envelope *reply);

/* Zeroed members take their defaults. */
struct entente_settings {
    const char *const *endpoints; /* "tcp://host:port", tried in turn */
    size_t endpoints_count;
    const char *server_public_key; /* Z85, 40 characters, like the next two */
    const char *public_key;
    const char *secret_key;

    const char *software;
    const char *software_version;
    const char *const *capabilities; /* "can-refuse"...: docs/protocol.md */
    size_t capabilities_count;

    struct entente_position position; /* of the last event that was applied */

    void *context; /* given to every function below */

    /* An event to be applied.  Store @position with the effect, then call
     * entente_client_applied().  Events come in order; those up to the last one applied
     * are not delivered again, those delivered but not applied are, after a new
     * connection.  A position may fall back when the broker was restored from a backup.
     * NULL: the client wants no events. */
    void (*on_event)(void *context, const struct entente_event *event,
                     struct entente_position position);

    /* The broker has said welcome: after every connection. */
    void (*on_connected)(void *context, const struct entente_welcome *welcome);

    /* The connection is gone, or could not be made; another one is being tried. */
    void (*on_disconnected)(void *context, const char *sentence);

    /* The client has stopped and will not connect again: its key was withdrawn, a newer
     * connection has taken over, or the broker speaks another version. */
    void (*on_stopped)(void *context, enum entente_code code, const char *sentence);

    /* The broker needs a snapshot of @source: publish one, now or soon.  NULL: the
     * client keeps what was published last and does so itself. */
    void (*on_resync)(void *context, const char *source);

    uint32_t heartbeat_ms;       /* default 1000 */
    uint32_t liveness;           /* silent heartbeats that mean lost; default 3 */
    uint32_t connect_timeout_ms; /* for the whole greeting; default 5000 */
    uint32_t back_off_min_ms;    /* before the next connection; default 100 */
    uint32_t back_off_max_ms;    /* default 30000 */
    uint32_t linger_ms;          /* for unsent frames at the end; default 1000 */
    uint32_t requests_max;       /* unanswered; default and at most 1024 */
    size_t bytes_max;            /* of unanswered requests; default 32 MiB */
};

/* ---- life --------------------------------------------------------------------------
 */

enum { ENTENTE_WHY_SIZE = 256 };

/*
 * Make a client.  Nothing is sent yet: entente_client_step() connects.
 *
 * Returns NULL when a setting is missing or wrong, and says so in @why (may be NULL).
 */
struct entente_client *entente_client_create(const struct entente_settings *settings,
                                             char *why, size_t why_size);

/*
 * The same with endpoints and keys out of a file, as `entente client add` writes it:
 *
 *     [broker]
 *     endpoint = tcp://broker.example:7411     (may be repeated)
 *     public_key = ...
 *     [client]
 *     name = ...
 *     public_key = ...
 *     secret_key = ...
 *
 * The file's endpoints and keys take the place of those in @settings (may be NULL).
 */
struct entente_client *entente_client_from_file(const char *path,
                                                const struct entente_settings *settings,
                                                char *why, size_t why_size);

/* Let unsent frames go out (linger_ms), tell every unanswered request that it ends with
 * ENTENTE_ERROR_STOPPED, and free everything.  NULL is fine. */
void entente_client_destroy(struct entente_client *client);

/* One descriptor for the program's own loop, the same for the client's whole life. When
 * it is readable call entente_client_step(client, 0).  Timers are in it too. */
int entente_client_fd(const struct entente_client *client);

/*
 * Do what is due: connect, send, receive, call back.  Waits at most @timeout_ms (0: not
 * at all, negative: without limit) until there was something to do.
 *
 * Returns ENTENTE_OK, or why the client has stopped for good.
 */
enum entente_code entente_client_step(struct entente_client *client, int timeout_ms);

/* Step until the broker has said welcome.  ENTENTE_ERROR_TIMEOUT leaves the client
 * trying; the sentence says what went wrong last. */
enum entente_code entente_client_connect(struct entente_client *client, int timeout_ms);

bool entente_client_is_connected(const struct entente_client *client);

/* What the last failure was, in English.  Never NULL, "" at first. */
const char *entente_client_sentence(const struct entente_client *client);

/* Does the broker declare that it knows DELETED_RESULT?  False before the first welcome. */
bool entente_client_may_report_deletion(const struct entente_client *client);

/* The name under which the broker knows this client; "" before the first welcome. */
const char *entente_client_name(const struct entente_client *client);

/* Requests that have not been answered yet. */
size_t entente_client_unanswered(const struct entente_client *client);

/* ---- requests ----------------------------------------------------------------------
 */

/*
 * Queue the request in @envelope (body and its member; the rest is filled in).  It is
 * sent, and sent again after every new connection and when the broker says OVERLOADED
 * or UNAVAILABLE, until it is answered: the broker carries it out once.
 *
 * @function (may be NULL) gets the outcome.  *@ret_counter (may be NULL) is its number.
 *
 * Fails with what the broker would say about the content (FIELD_MISSING, BAD_TEXT,
 * ...), TOO_LARGE, or OVERLOADED when requests_max or bytes_max is reached; then
 * nothing was queued and @function is not called.
 */
enum entente_code entente_client_submit(struct entente_client *client,
                                        const struct entente_envelope *envelope,
                                        entente_reply_function function, void *context,
                                        uint64_t *ret_counter);

/* Submit and step until the answer is there.  After ENTENTE_ERROR_TIMEOUT the request
 * stands and may still be carried out.  *@ret_reply is set too when the broker refused,
 * and NULL when there is no reply. */
enum entente_code entente_client_call(struct entente_client *client,
                                      const struct entente_envelope *envelope,
                                      int timeout_ms,
                                      const struct entente_envelope **ret_reply);

/* The broker's refusal of the last call, with parameters and the meeting's current
 * state; NULL when it was not refused by the broker. */
const struct entente_error *entente_client_refusal(const struct entente_client *client);

/* Calls, each with the one kind of result it has.  ret_ is untouched on failure. */
enum entente_code
entente_client_query_free(struct entente_client *client,
                          const struct entente_query_free *query, int timeout_ms,
                          const struct entente_free_ranges **ret_ranges);
enum entente_code
entente_client_search(struct entente_client *client,
                      const struct entente_search *search, int timeout_ms,
                      const struct entente_search_result **ret_result);
enum entente_code
entente_client_who_is_free(struct entente_client *client,
                           const struct entente_who_is_free *who, int timeout_ms,
                           const struct entente_free_people **ret_people);
enum entente_code entente_client_request(struct entente_client *client,
                                         const struct entente_request *request,
                                         int timeout_ms,
                                         const struct entente_meeting **ret_meeting);
enum entente_code entente_client_answer(struct entente_client *client,
                                        const struct entente_answer *answer,
                                        int timeout_ms,
                                        const struct entente_meeting **ret_meeting);
enum entente_code entente_client_decide(struct entente_client *client,
                                        const struct entente_decide *decide,
                                        int timeout_ms,
                                        const struct entente_meeting **ret_meeting);
enum entente_code entente_client_cancel(struct entente_client *client,
                                        const struct entente_cancel *cancel,
                                        int timeout_ms,
                                        const struct entente_meeting **ret_meeting);

/* Whose agenda contradicts a meeting says what holds. */
enum entente_code
entente_client_owner_answer(struct entente_client *client,
                            const struct entente_owner_answer *answer, int timeout_ms,
                            const struct entente_meeting **ret_meeting);

/* What would come of an answer, a decision, a cancellation or a request; nothing is changed,
 * and nothing is held. */
enum entente_code
entente_client_preview(struct entente_client *client,
                       const struct entente_preview *preview, int timeout_ms,
                       const struct entente_preview_result **ret_result);

/* Is what this program knows of its meetings still so?  By digest, or a page of at most
 * 1,024 ids and versions; then entente_client_get() for each that differs. */
enum entente_code
entente_client_reconcile(struct entente_client *client,
                         const struct entente_reconcile *reconcile, int timeout_ms,
                         const struct entente_reconciled **ret_reconciled);

/* The digest of what is known, for entente_client_reconcile(): of every meeting that is not
 * over its id and version, sorted by id.  False: they are not sorted, or one has no id. */
bool entente_digest(const struct entente_known *known, size_t count,
                    uint8_t ret_digest[32]);

/* What has been decided about a meeting; the next page is after the last version. */
enum entente_code
entente_client_explain(struct entente_client *client,
                       const struct entente_explain *explain, int timeout_ms,
                       const struct entente_decision_record **ret_record);

enum entente_code entente_client_get(struct entente_client *client,
                                     struct entente_bytes meeting, int timeout_ms,
                                     const struct entente_meeting **ret_meeting);
enum entente_code entente_client_list(struct entente_client *client,
                                      const struct entente_list *list, int timeout_ms,
                                      const struct entente_meeting_list **ret_list);
enum entente_code
entente_client_status(struct entente_client *client, bool everything, int timeout_ms,
                      const struct entente_status_report **ret_report);

/* ---- publication -------------------------------------------------------------------
 */

/*
 * Publish a source: source, person, coverage, ranges, as_of_ms and lease_seconds are
 * the caller's; publication is ENTENTE_SNAPSHOT (the default) or ENTENTE_DELTA; epoch,
 * sequence, part and parts are filled in.  A snapshot has up to 10,000 ranges, sorted,
 * and is cut into parts here; a delta has up to 512.
 *
 * @function (may be NULL) hears once how it ended: what is durable has ENTENTE_OK.  A
 * gap in the sequence or a new epoch is mended with a snapshot before it is told.
 *
 * Fails at once, with nothing sent, with TOO_MANY_RANGES, RANGES_UNSORTED,
 * RANGES_OVERLAP, RANGE_EMPTY, ... as the broker would, or OVERLOADED.
 */
enum entente_code entente_client_publish(struct entente_client *client,
                                         const struct entente_publish *publication,
                                         entente_reply_function function,
                                         void *context);

/* The source is no longer published by this client. */
enum entente_code entente_client_withdraw(struct entente_client *client,
                                          const char *source,
                                          entente_reply_function function,
                                          void *context);

/* ---- events ------------------------------------------------------------------------
 */

/* Every event up to @sequence has been applied and its position stored: the broker may
 * forget them.  ENTENTE_ERROR_NOT_DELIVERED when that one has not come yet. */
enum entente_code entente_client_applied(struct entente_client *client,
                                         uint64_t sequence);

/* What became of an event in the agenda (applied, refused with a reason, unknown,
 * deleted since): not the acknowledgement of having received it.  @source may be NULL.
 * ENTENTE_DELETED_RESULT is for programs that have declared "can-report-deletion"; where
 * the broker has not declared it either, an older one, nothing is sent:
 * ENTENTE_ERROR_CAPABILITY. */
enum entente_code entente_client_event_result(struct entente_client *client,
                                              const struct entente_event *event,
                                              const char *source,
                                              enum entente_result_kind kind,
                                              uint32_t reason, const char *comment);

/*
 * A position in a file, for programs that cannot store it with the effect: written by
 * renaming, and flushed.  This gives AT LEAST ONCE: when the machine stops between the
 * effect and the file, the event comes a second time.  Programs that use it compare the
 * meeting's id and version with what the agenda has.
 */
enum entente_code entente_position_load(const char *path, struct entente_position *ret);
enum entente_code entente_position_save(const char *path,
                                        struct entente_position position);

#ifdef __cplusplus
}
#endif

#endif
