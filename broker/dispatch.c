// SPDX-License-Identifier: Apache-2.0

/*
 * dispatch.c - the part of broker.h that knows which message goes which way
 */
#include "broker/broker.h"

#include "broker/due.h"
#include "broker/fair.h"
#include "broker/handle.h"
#include "broker/log.h"
#include "broker/person.h"
#include "broker/series.h"
#include "proto/limits.h"

#include <string.h>

/* ---- what a batch needs ------------------------------------------------------------
 */

static void want_meeting(struct command *command, const struct entente_bytes *meeting,
                         bool with_people)
{
    memcpy(command->meeting.bytes, meeting->data, sizeof(command->meeting.bytes));
    command->has_meeting = true;
    command->with_people = command->with_people || with_people;
}

/* Find the people of each link of a sequence, too. */
static bool prepare_links(struct broker *broker, struct command *command)
{
    const struct entente_request *request = command->envelope->request;
    const struct people people = {.index = broker->index, .seal = broker->seal};
    size_t links = request->sequence_count;
    size_t most = command->people_count + links * LIMIT_PARTIES;
    struct codec_error refusal;
    if (links == 0) {
        return true;
    }
    int64_t *all = arena_array(&command->arena, most, sizeof(*all));
    command->linked = arena_array(&command->arena, links, sizeof(*command->linked));
    if (all == NULL || command->linked == NULL) {
        speak_error(broker, command, ERROR_OVERLOADED);
        return false;
    }
    size_t count = command->people_count;
    memcpy(all, command->people, count * sizeof(*all));
    for (size_t i = 0; i < links; i++) {
        struct person_found found;
        if (!person_of_parties(&people, request->sequence[i].spec, PERSON_REQUEST,
                               command->client, &command->arena, &found, &refusal)) {
            speak_refusal(broker, command, &refusal);
            return false;
        }
        command->linked[i] = all + count;
        memcpy(all + count, found.people, found.count * sizeof(*all));
        count += found.count;
    }
    command->people = all;
    command->people_count = count;
    return true;
}

static bool prepare_request(struct broker *broker, struct command *command)
{
    const struct entente_spec *spec = command->envelope->request->spec;
    const struct people people = {.index = broker->index, .seal = broker->seal};
    struct codec_error refusal;
    struct person_found found;
    if (!person_of_parties(&people, spec, PERSON_REQUEST, command->client,
                           &command->arena, &found, &refusal)) {
        speak_refusal(broker, command, &refusal);
        return false;
    }
    command->people = found.people;
    command->people_count = found.count;
    return prepare_links(broker, command);
}

/* The session that acknowledges; NULL: it has been replaced since. */
static struct session *session_acking(const struct broker *broker,
                                      const struct command *command)
{
    struct session *session = session_of_client(broker, command->client->id);
    bool same = session != NULL && session->peer == command->peer;
    return same ? session : NULL;
}

/* Credit is given back as soon as the word comes: the next events do not wait until it has
 * been written down.  False: it has been answered already, or one that waits says it, too:
 * acknowledgements have no number, so that nothing else bounds how many wait. */
static bool give_credit(struct broker *broker, struct command *command)
{
    const struct entente_event_ack *ack = command->envelope->event_ack;
    struct session *session = session_acking(broker, command);
    if (session == NULL) {
        return false;
    }
    if (ack->epoch != session->event_epoch || ack->sequence > session->sent) {
        struct codec_error refusal = {.code = ERROR_OLD_EVENT,
                                      .parameters = {"acknowledged"},
                                      .parameter_count = 1};
        speak_refusal(broker, command, &refusal);
        return false;
    }
    if (ack->sequence > session->acked) {
        /* Only a client that had used up its credit has been kept waiting. */
        session->dirty =
            session->dirty || session->sent - session->acked >= LIMIT_CREDIT_EVENTS;
        session->acked = ack->sequence;
    }
    if (session->acks != NULL) {
        return false;
    }
    session->acks = command;
    return true;
}

/* What is written is all that has been acknowledged by now.  One that could not be written
 * before has nothing to say if another one waits behind it. */
static bool prepare_event_ack(struct broker *broker, struct command *command)
{
    struct entente_event_ack *ack = command->envelope->event_ack;
    struct session *session = session_acking(broker, command);
    bool other = session != NULL && session->acks != NULL && session->acks != command;
    if (session == NULL || other || ack->epoch != session->event_epoch) {
        return false;
    }
    ack->sequence = session->acked;
    session->acks = NULL;
    return true;
}

static bool prepare_answer(struct broker *broker, struct command *command)
{
    (void)broker;
    /* A plain accept locks no person. */
    const struct entente_answer *answer = command->envelope->answer;
    want_meeting(command, &answer->meeting, answer->kind != ENTENTE_ACCEPT);
    return true;
}

static bool prepare_decide(struct broker *broker, struct command *command)
{
    (void)broker;
    want_meeting(command, &command->envelope->decide->meeting, true);
    return true;
}

static bool prepare_cancel(struct broker *broker, struct command *command)
{
    (void)broker;
    want_meeting(command, &command->envelope->cancel->meeting, true);
    return true;
}

static bool prepare_event_result(struct broker *broker, struct command *command)
{
    const struct entente_event_result *result = command->envelope->event_result;
    const struct session *session = session_of_peer(broker, command->peer);
    if (result->kind == ENTENTE_DELETED_RESULT &&
        (session == NULL || !session->reports_deletion)) {
        struct codec_error refusal = {
            .code = ERROR_CAPABILITY,
            .parameters = {"event_result.kind", CAPABILITY_DELETION},
            .parameter_count = 2};
        speak_refusal(broker, command, &refusal);
        return false;
    }
    command->with_divergences =
        result->kind == ENTENTE_REFUSED || result->kind == ENTENTE_DELETED_RESULT;
    want_meeting(command, &result->meeting, command->with_divergences);
    return true;
}

static bool prepare_owner_answer(struct broker *broker, struct command *command)
{
    (void)broker;
    command->with_divergences = true; /* the other time is looked at, too */
    want_meeting(command, &command->envelope->owner_answer->meeting, true);
    return true;
}

enum lane { LANE_SESSION, LANE_PUBLISH, LANE_READ, LANE_BATCH };

struct route {
    enum entente_body body;
    enum lane lane;
    bool idempotent; /* recorded under its request id, and answered again from there */
    /* LANE_BATCH: what it needs under lock (false: answered already), and deciding it.
     */
    bool (*prepare)(struct broker *broker, struct command *command);
    enum outcome (*handle)(struct batch *batch, struct command *command);
};

// clang-format off
static const struct route routes[] = {
    { ENTENTE_HELLO,        LANE_SESSION, false, NULL,                 NULL },
    { ENTENTE_HEARTBEAT,    LANE_SESSION, false, NULL,                 NULL },
    { ENTENTE_PUBLISH,      LANE_PUBLISH, false, NULL,                 NULL },
    { ENTENTE_WITHDRAW,     LANE_PUBLISH, false, NULL,                 NULL },
    { ENTENTE_QUERY_FREE,   LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_SEARCH,       LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_WHO_IS_FREE,  LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_EXPLAIN,      LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_PREVIEW,      LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_RECONCILE,    LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_GET,          LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_LIST,         LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_STATUS_QUERY, LANE_READ,    false, NULL,                 NULL },
    { ENTENTE_REQUEST,      LANE_BATCH,   true,  prepare_request,      handle_request },
    { ENTENTE_ANSWER,       LANE_BATCH,   true,  prepare_answer,       handle_answer },
    { ENTENTE_DECIDE,       LANE_BATCH,   true,  prepare_decide,       handle_decide },
    { ENTENTE_CANCEL,       LANE_BATCH,   true,  prepare_cancel,       handle_cancel },
    { ENTENTE_EVENT_ACK,    LANE_BATCH,   false, prepare_event_ack,    handle_event_ack },
    { ENTENTE_EVENT_RESULT, LANE_BATCH,   false, prepare_event_result, handle_event_result },
    { ENTENTE_OWNER_ANSWER, LANE_BATCH,   true,  prepare_owner_answer, handle_owner_answer },
};
// clang-format on

static const struct route *route_of(enum entente_body body)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (routes[i].body == body) {
            return &routes[i];
        }
    }
    return NULL;
}

/* ---- a frame comes in --------------------------------------------------------------
 */

static bool admit(struct broker *broker, struct command *command)
{
    struct session *session = session_of_peer(broker, command->peer);
    enum entente_body body = command->envelope->body;
    if (body == ENTENTE_HELLO) {
        return true;
    }
    if (session == NULL || session->client != command->client) {
        speak_error(broker, command, ERROR_HELLO_FIRST);
        return false;
    }
    session->seen_ms = broker_mono_ms();
    session->heard = true;
    command->heard = session->request_epoch;
    bool is_request = command->key.counter != 0;
    if ((is_request && command->client->in_flight >= LIMIT_IN_FLIGHT) ||
        broker->commands.count + broker->publications.count + broker->questions.count +
                broker->to_read.count >=
            BROKER_QUEUE_COMMANDS) {
        speak_error(broker, command, ERROR_OVERLOADED);
        return false;
    }
    if (is_request) {
        if (command->key.epoch == 0 || command->key.epoch > session->request_epoch) {
            struct codec_error refusal = {
                .code = ERROR_REQUEST_ID,
                .parameters = {"of this epoch", "it was never granted; see welcome"},
                .parameter_count = 2};
            speak_refusal(broker, command, &refusal);
            return false;
        }
    }
    if (person_production_ins_in(command->envelope)) {
        struct codec_error refusal = {.code = ERROR_PRODUCTION_INS,
                                      .parameters = {"INS-NIR, INS-NIA"},
                                      .parameter_count = 1};
        speak_refusal(broker, command, &refusal);
        return false;
    }
    if (is_request) {
        clients_request(&broker->clients, command->client->id);
    }
    return true;
}

static void send_down(struct broker *broker, struct command *command)
{
    const struct route *route = route_of(command->envelope->body);
    if (route == NULL) {
        speak_error(broker, command, ERROR_NOT_ALLOWED_HERE);
        session_answered(broker, command);
        command_destroy(command);
        return;
    }
    switch (route->lane) {
    case LANE_SESSION:
        if (route->body == ENTENTE_HELLO) {
            session_hello(broker, command);
        } else {
            session_heartbeat(broker, command);
        }
        return;
    case LANE_PUBLISH:
        publisher_add(broker, command);
        return;
    case LANE_READ:
        reader_add(broker, command);
        return;
    case LANE_BATCH:
        if (route->body == ENTENTE_EVENT_ACK && !give_credit(broker, command)) {
            command_destroy(command);
            return;
        }
        writer_add(broker, command);
        return;
    }
}

static void count_unknown(struct broker *broker, const struct command *command,
                          uint64_t count)
{
    struct session *session = session_of_peer(broker, command->peer);
    broker->unknown_fields += count;
    if (session != NULL) {
        session->unknown_fields += count;
    }
}

static bool take_in(struct broker *broker, struct command *command,
                    const struct wire_frame *frame)
{
    struct codec_error refusal = {0};
    struct codec_notes notes = {0};
    bool understood =
        codec_decode(frame->bytes, frame->size, CODEC_CLIENT, &command->arena,
                     &command->envelope, &refusal, &notes);
    count_unknown(broker, command, notes.unknown_fields);
    command->key = (struct store_command_key){.client = command->client->id,
                                              .epoch = notes.request_epoch,
                                              .counter = notes.request_counter};
    if (!understood) {
        if (notes.request_epoch > INT64_MAX || notes.request_counter > INT64_MAX) {
            /* Such a number cannot stand in a reply, either. */
            command->key.epoch = 0;
            command->key.counter = 0;
        }
        speak_refusal(broker, command, &refusal);
        return false;
    }
    const struct seal_piece whole = {frame->bytes, frame->size};
    if (seal_hash(&whole, 1, command->digest) != STATUS_OK) {
        speak_error(broker, command, ERROR_OVERLOADED);
        return false;
    }
    return admit(broker, command);
}

void dispatch_frame(struct broker *broker, const struct wire_frame *frame)
{
    const struct client *client = clients_by_key(&broker->clients, frame->key);
    if (client == NULL) {
        return;
    }
    struct command *command = command_create();
    if (command == NULL) {
        log_line(LOG_ERROR, "dispatch", "out of memory: a frame was dropped");
        return;
    }
    command->peer = frame->peer;
    command->client = client;
    if (client->revoked) {
        struct session *session = session_of_peer(broker, frame->peer);
        if (session != NULL) {
            session_end(broker, session);
        }
        speak_error(broker, command, ERROR_REVOKED);
        command_destroy(command);
        return;
    }
    if (take_in(broker, command, frame)) {
        send_down(broker, command);
    } else {
        command_destroy(command);
    }
}

bool dispatch_prepare(struct broker *broker, struct command *command)
{
    return command->client == NULL ||
           route_of(command->envelope->body)->prepare(broker, command);
}

/* ---- deciding ----------------------------------------------------------------------
 */

static const struct store_command *recorded(const struct batch *batch,
                                            const struct command *command)
{
    for (size_t i = 0; i < batch->loaded->command_count; i++) {
        const struct store_command *row = &batch->loaded->commands[i];
        if (row->key.client == command->key.client &&
            row->key.epoch == command->key.epoch &&
            row->key.counter == command->key.counter) {
            return row;
        }
    }
    return NULL;
}

/* Its client has gone on to another conversation, perhaps with another broker, and has
 * perhaps been told there that the same command is refused: it is not carried out here. */
static bool is_overtaken(const struct batch *batch, const struct command *command)
{
    for (size_t i = 0; i < batch->loaded->overtaken_count; i++) {
        if (batch->loaded->overtaken[i] == command->key.client) {
            return true;
        }
    }
    return false;
}

/* The same id earlier in this very batch: it will have been recorded by the next one.
 */
static bool is_twin(const struct batch *batch, const struct command *command)
{
    for (const struct command *c = batch->commands; c != command; c = c->next) {
        if (c->client == command->client && c->key.epoch == command->key.epoch &&
            c->key.counter == command->key.counter && c->key.counter != 0) {
            return true;
        }
    }
    return false;
}

static void decide(struct batch *batch, struct command *command)
{
    bool frozen = batch_is_frozen(batch, command);
    if (command->client == NULL && frozen && command->due.reason == DUE_SEARCH) {
        handle_nothing_follows(batch, command); /* whoever releases searches again */
        return;
    }
    if (command->client == NULL) {
        command->again = !series_is_loaded(batch, command) ||
                         fair_waits(batch, command) ||
                         handle_due(batch, command) == OUTCOME_NEEDS;
        return;
    }
    const struct route *route = route_of(command->envelope->body);
    const struct store_command *row =
        route->idempotent ? recorded(batch, command) : NULL;
    if (row != NULL && memcmp(row->digest, command->digest, sizeof(row->digest)) != 0) {
        refuse(batch, command, ERROR_SAME_ID_OTHER_CONTENT, NULL,
               batch_number(batch, (int64_t)command->key.counter), NULL);
        return;
    }
    if (row != NULL) {
        command->repeated = true;
        command->meeting = row->meeting;
        return;
    }
    if (route->idempotent && is_overtaken(batch, command)) {
        return; /* nobody listens to the answer */
    }
    if (route->idempotent && is_twin(batch, command)) {
        command->again = true;
        return;
    }
    if (frozen) {
        refuse(batch, command, ERROR_FROZEN, NULL, NULL);
        return;
    }
    if (!series_is_loaded(batch, command) || fair_waits(batch, command)) {
        command->again = true;
        return;
    }
    if (series_moves(command)) {
        command->again = series_move(batch, command, route->handle) == OUTCOME_NEEDS;
        return;
    }
    series_tell(batch, command, route->handle);
    command->again = route->handle(batch, command) == OUTCOME_NEEDS;
}

/* What was due is over: nobody waits for it any more. */
static void note_seen_to(struct batch *batch, const struct command *command)
{
    struct matter *matter = command->client == NULL
                                ? batch_matter(batch, command->due.meeting.bytes)
                                : NULL;
    if (matter != NULL) {
        matter->seen_to |= 1U << command->due.reason;
    }
}

void batch_decide(struct batch *batch)
{
    for (struct command *c = batch->commands; c != NULL && !batch->exhausted;
         c = c->next) {
        batch->deciding = c;
        decide(batch, c);
        if (c->again) {
            c->with_people = true;
        } else {
            note_seen_to(batch, c);
        }
    }
}
