// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_hello.c - the beginning of a conversation
 *
 * It goes over the publisher's link, whose changes the other brokers follow in their
 * order: the newest hello wins, wherever it was said.
 */
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_meeting.h"
#include "broker/store/store_pg_write.h"

#include <stdlib.h>
#include <string.h>

enum { MEETING_BYTES = 4 << 20 };

/* Beyond this nobody can have been granted anything: such a number is not believed. */
static const uint64_t most_believable = UINT64_C(1) << 53;

static const struct pg_statement hello_client = {
    "hello_client",
    "UPDATE client SET request_epoch = greatest(request_epoch, $4::int8) + 1,"
    "       publication_epoch = publication_epoch + 1,"
    "       replies_epoch = $2::int8, replies_received = $3::int8"
    " WHERE id = $1::int8"
    " RETURNING request_epoch, publication_epoch, restored_requests,"
    "           (SELECT max(number) FROM generation), " PG_NOW ", sandbox"};

static const struct pg_statement hello_recipient = {
    "hello_recipient",
    "INSERT INTO recipient AS r (client) VALUES ($1::int8)"
    " ON CONFLICT (client) DO UPDATE SET epoch = r.epoch"
    " RETURNING r.epoch, r.last_seq, r.acked_seq, r.restored_epoch, r.restored_seq"};

static const struct pg_statement hello_oldest = {
    "hello_oldest",
    "SELECT coalesce(min(seq), 0) FROM outbox WHERE recipient = $1::int8"};

static const struct pg_statement outbox_forget = {
    "outbox_forget", "DELETE FROM outbox WHERE recipient = $1::int8"};

/* Alive, or ended lately: whoever missed the end still shows it. */
#define LIVE "(m.state <= 5 OR m.updated > " PG_NOW " - interval '90 days')"
#define SPOKEN_FOR                                                                     \
    "m.people && ARRAY(SELECT person FROM speaks_for WHERE client = $1::int8)"

/* What others have asked for: whether it concerns a patient is sealed. */
static const struct pg_statement recipient_look = {
    "recipient_look", "SELECT m.id, m.body, m.sealed FROM meeting m WHERE " LIVE
                      "   AND m.organizer <> $1::int8 AND " SPOKEN_FOR};

/* All of them but those that are kept from the client ($3).  One index for each half, then
 * row by row: read together, they would be a walk over all meetings. */
static const struct pg_statement recipient_begin = {
    "recipient_begin",
    "WITH concerned AS MATERIALIZED ("
    "  SELECT m.id FROM meeting m WHERE m.organizer = $1::int8"
    "   UNION SELECT m.id FROM meeting m WHERE " SPOKEN_FOR "),"
    " live AS MATERIALIZED ("
    "  SELECT m.id, m.version, row_number() OVER (ORDER BY m.id) AS n"
    "    FROM concerned c CROSS JOIN LATERAL"
    "         (SELECT * FROM meeting WHERE meeting.id = c.id OFFSET 0) AS m"
    "   WHERE " LIVE " AND m.id <> ALL ($3::uuid[])),"
    " told AS (INSERT INTO outbox (recipient, seq, meeting, version, at)"
    "  SELECT $1::int8, n, id, version, " PG_NOW " FROM live)"
    "UPDATE recipient SET epoch = greatest(epoch, $2::int8) + 1, acked_seq = 0,"
    "       forgotten_seq = 0, last_seq = (SELECT count(*) FROM live)"
    " WHERE client = $1::int8 RETURNING epoch, last_seq, acked_seq"};

static const struct pg_statement hello_ahead = {
    "hello_ahead",
    "INSERT INTO ahead (generation, client, said_epoch, said_event, issued_event,"
    "                   said_requests, granted_requests)"
    " SELECT max(number), $1::int8, $2::int8, $3::int8, $4::int8, $5::int8, $6::int8"
    "   FROM generation"
    " ON CONFLICT (generation, client) DO NOTHING"};

const struct pg_statement *const pg_hello_statements[] = {
    &hello_client,   &hello_recipient, &hello_oldest, &outbox_forget,
    &recipient_look, &recipient_begin, &hello_ahead,  NULL};

struct hello_ask {
    struct pg_ask ask;
    int64_t client;
    struct store_said said;
    store_hello_fn done;
    struct store_hello hello;
    uint64_t oldest; /* in the outbox; 0: nothing is */
    uint64_t restored_epoch;
    uint64_t restored_event;
    uint64_t restored_requests;
    bool sandbox;
    bool begins; /* a new numbering */
    bool looks;  /* at which meetings are not for it, before that */
    struct store_id *kept_back;
    size_t kept_back_count;
};

static void send_questions(struct hello_ask *ask, struct pg_link *link)
{
    struct pg_args args;
    pg_link_send_plain(link, &pg_begin);
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->client);
    pg_args_int8(&args, (int64_t)ask->said.replies_epoch);
    pg_args_int8(&args, (int64_t)ask->said.replies_received);
    pg_args_int8(&args, ask->said.afresh ? (int64_t)ask->said.replies_epoch : 0);
    pg_link_send(link, &hello_client, &args);
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->client);
    pg_link_send(link, &hello_recipient, &args);
    pg_link_send(link, &hello_oldest, &args);
}

/* It has what nobody has issued or granted: the database is older than that. */
static bool is_ahead(const struct hello_ask *ask)
{
    const struct store_said *said = &ask->said;
    if (said->afresh) {
        return false;
    }
    return (said->event_epoch == ask->hello.event_epoch &&
            said->last_event > ask->hello.last_issued) ||
           said->event_epoch > ask->hello.event_epoch ||
           said->replies_epoch >= ask->hello.request_epoch;
}

/* It stood beyond the database when the generation began. */
static bool was_ahead(const struct hello_ask *ask)
{
    const struct store_said *said = &ask->said;
    return (ask->restored_epoch != 0 && said->event_epoch == ask->restored_epoch &&
            said->last_event > ask->restored_event) ||
           (ask->restored_requests != 0 &&
            said->replies_epoch > ask->restored_requests &&
            said->replies_epoch < ask->restored_requests + PG_EPOCH_LEAP);
}

/* What it has not had is not there any more, or was numbered otherwise. */
static bool must_begin_again(const struct hello_ask *ask)
{
    const struct store_said *said = &ask->said;
    bool same = said->event_epoch == ask->hello.event_epoch;
    uint64_t after = same ? said->last_event : 0;
    bool nothing_left = ask->oldest == 0 && after < ask->hello.last_issued;
    return said->afresh ||
           (said->wants_events && ((said->event_epoch != 0 && !same) || nothing_left ||
                                   ask->oldest > after + 1));
}

static void send_ahead(struct hello_ask *ask, struct pg_link *link)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->client);
    pg_args_int8(&args, (int64_t)ask->said.event_epoch);
    pg_args_int8(&args, (int64_t)ask->said.last_event);
    pg_args_int8(&args, (int64_t)ask->restored_event);
    pg_args_int8(&args, (int64_t)ask->said.replies_epoch);
    pg_args_int8(&args, (int64_t)ask->restored_requests);
    pg_link_send(link, &hello_ahead, &args);
}

/* The live meetings of the client, numbered from 1. */
static void send_begin(struct hello_ask *ask, struct pg_link *link)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->client);
    pg_link_send(link, &outbox_forget, &args);
    pg_args_int8(&args, ask->said.afresh ? (int64_t)ask->said.event_epoch : 0);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, ask->kept_back_count);
    for (size_t i = 0; i < ask->kept_back_count; i++) {
        pg_array_uuid(&ids, ask->kept_back[i].bytes);
    }
    pg_array_end(&ids);
    pg_link_send(link, &recipient_begin, &args);
}

static enum status hello_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct hello_ask *ask = (struct hello_ask *)job;
    struct pg_args args;
    if (segment == 0) {
        send_questions(ask, link);
        return STATUS_OK;
    }
    if (segment == 1) {
        if (is_ahead(ask)) {
            ask->hello.ahead = true;
            return STATUS_REFUSED;
        }
        if (was_ahead(ask)) {
            send_ahead(ask, link);
        }
        ask->begins = must_begin_again(ask);
        ask->looks = ask->begins && !ask->sandbox;
    }
    if (segment == 1 && ask->looks) {
        pg_args_init(&args, &link->scratch);
        pg_args_int8(&args, ask->client);
        pg_link_send(link, &recipient_look, &args);
    } else if (segment == (ask->looks ? 2 : 1)) {
        if (ask->begins) {
            send_begin(ask, link);
        }
        pg_hello_feed(ask->ask.store, link, ask->client,
                      (int64_t)ask->hello.request_epoch);
    } else if (segment == (ask->looks ? 3 : 2)) {
        pg_link_send_plain(link, &pg_commit);
    }
    return STATUS_OK;
}

/* As matter_is_visible() has it, of what the client has not asked for itself.  What cannot
 * be read is nobody's. */
static enum status keep_back(struct hello_ask *ask, const PGresult *result)
{
    struct store *store = ask->ask.store;
    size_t count = (size_t)PQntuples(result);
    struct arena arena; /* of one meeting after the other */
    ask->kept_back =
        arena_array(&store->publisher.scratch, count, sizeof(*ask->kept_back));
    if (ask->kept_back == NULL) {
        return STATUS_FAILED;
    }
    arena_init(&arena, MEETING_BYTES);
    for (size_t i = 0; i < count; i++) {
        struct entente_meeting *meeting = NULL;
        enum status status =
            pg_meeting_read(store, result, (int)i, 0, &arena, &meeting);
        if (status != STATUS_OK || meeting->spec->subject != NULL) {
            pg_uuid(result, (int)i, 0, ask->kept_back[ask->kept_back_count++].bytes);
        }
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return STATUS_OK;
}

static enum status hello_result(struct pg_job *job,
                                const struct pg_statement *statement,
                                const PGresult *result)
{
    struct hello_ask *ask = (struct hello_ask *)job;
    struct store_hello *hello = &ask->hello;
    if (statement == &hello_client) {
        if (PQntuples(result) == 0) {
            return STATUS_REFUSED;
        }
        hello->request_epoch = (uint64_t)pg_int8(result, 0, 0);
        hello->publication_epoch = (uint64_t)pg_int8(result, 0, 1);
        ask->restored_requests = (uint64_t)pg_int8(result, 0, 2);
        hello->generation = pg_int4(result, 0, 3);
        hello->now_ms = pg_time_ms(result, 0, 4);
        ask->sandbox = pg_bool(result, 0, 5);
    } else if (statement == &recipient_look) {
        return keep_back(ask, result);
    } else if (statement == &hello_recipient || statement == &recipient_begin) {
        hello->event_epoch = (uint64_t)pg_int8(result, 0, 0);
        hello->last_issued = (uint64_t)pg_int8(result, 0, 1);
        hello->last_acked = (uint64_t)pg_int8(result, 0, 2);
        if (statement == &hello_recipient) {
            ask->restored_epoch = (uint64_t)pg_int8(result, 0, 3);
            ask->restored_event = (uint64_t)pg_int8(result, 0, 4);
        }
    } else if (statement == &hello_oldest) {
        ask->oldest = (uint64_t)pg_int8(result, 0, 0);
    }
    return STATUS_OK;
}

static void hello_finish(struct pg_job *job, enum status status)
{
    struct hello_ask *ask = (struct hello_ask *)job;
    bool told = status == STATUS_OK || ask->hello.ahead;
    ask->done(ask->ask.context, status, told ? &ask->hello : NULL);
    free(ask);
}

void store_say_hello(struct store *store, int64_t client, const struct store_said *said,
                     store_hello_fn done, void *context)
{
    struct hello_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->publisher, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = hello_send, .result = hello_result, .finish = hello_finish};
    ask->client = client;
    if (said != NULL && said->event_epoch < most_believable &&
        said->last_event < most_believable && said->replies_epoch < most_believable &&
        said->replies_received < most_believable) {
        ask->said = *said;
    }
    ask->done = done;
    pg_link_ask(&store->publisher, &ask->ask.job);
}
