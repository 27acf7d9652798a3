// SPDX-License-Identifier: Apache-2.0

/*
 * conversation.c - connect, greet, stay alive, and what each arriving frame means
 *
 *     WAITING --connect_at--> GREETING --welcome--> OPEN
 *        ^                       |                   |
 *        +------- time, transport, HELLO_FIRST ------+
 *
 * SESSION_REPLACED, REVOKED and VERSION lead to STOPPED from everywhere, but for a session
 * that may have been replaced by a hello of our own: one whose welcome did not come in time
 * is not lost, a slow broker hears it after the next one, and the newest wins.
 */
#include "adapters/sdk/client_private.h"

#include "adapters/sdk/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/errors.h"
#include "proto/limits.h"

/* How much one turn takes in before the timers and the program get their turn. */
enum { FRAMES_PER_TURN = 256 };

/* How much later than its greeting was given up a hello may be heard. */
enum { ASTRAY_MS = 60000 };

static int64_t patience_ms(const struct entente_client *client)
{
    return (int64_t)client->settings.heartbeat_ms * client->settings.liveness;
}

/* Doubles with each round over all endpoints; half of it is left to chance, so that the
 * clients of a broker that comes back do not all come at once. */
static int64_t back_off_ms(const struct entente_client *client)
{
    uint64_t delay = client->settings.back_off_min_ms;
    uint64_t most = client->settings.back_off_max_ms;
    size_t rounds = client->failures / client->settings.endpoints_count;

    for (size_t i = 0; i < rounds && delay < most; i++) {
        delay *= 2;
    }
    if (delay > most) {
        delay = most;
    }
    return (int64_t)(delay / 2 + clock_chance((uint32_t)(delay / 2) + 1));
}

void conversation_lose(struct entente_client *client, const char *sentence)
{
    int64_t now = clock_now_ms();
    bool lasted =
        client->state == CLIENT_OPEN && now - client->opened_at > patience_ms(client);

    if (client->state == CLIENT_WAITING || client->state == CLIENT_STOPPED) {
        return;
    }
    session_close(client->session);
    client->state = CLIENT_WAITING;
    client->failures = lasted ? 0 : client->failures + 1;
    client->connect_at = now + back_off_ms(client);
    client->endpoint = (client->endpoint + 1) % client->settings.endpoints_count;
    requests_unsend(&client->requests);
    (void)snprintf(client->sentence, sizeof client->sentence, "%s", sentence);
    if (client->settings.on_disconnected) {
        client->callbacks++;
        client->settings.on_disconnected(client->settings.context, client->sentence);
        client->callbacks--;
    }
}

static void lose_endpoint(struct entente_client *client, const char *what)
{
    const char *trouble = session_trouble(client->session);
    char sentence[CLIENT_SENTENCE_SIZE];

    (void)snprintf(sentence, sizeof sentence, "%s %.200s%s%s.", what,
                   client->settings.endpoints[client->endpoint], trouble ? ": " : "",
                   trouble ? trouble : "");
    conversation_lose(client, sentence);
}

static void stop(struct entente_client *client, const struct entente_error *error)
{
    client->state = CLIENT_STOPPED;
    client->stopped = (enum entente_code)error->code;
    session_close(client->session);
    (void)snprintf(client->sentence, sizeof client->sentence, "%s",
                   error->sentence ? error->sentence : error_template(error->code));
    calls_end_all(client);
    if (client->settings.on_stopped) {
        client->callbacks++;
        client->settings.on_stopped(client->settings.context, client->stopped,
                                    client->sentence);
        client->callbacks--;
    }
}

/* What is neither a request nor kept: hello, heartbeat, acknowledgement. */
static bool say(struct entente_client *client, const struct entente_envelope *envelope)
{
    struct entente_bytes frame;

    arena_reset(&client->sending);
    return codec_encode(envelope, &client->sending, &frame) &&
           session_send(client->session, frame.data, frame.size);
}

static bool say_hello(struct entente_client *client)
{
    const struct entente_settings *settings = &client->settings;
    struct entente_hello hello = {
        .version_min = ENTENTE_PROTOCOL_VERSION,
        .version_max = ENTENTE_PROTOCOL_VERSION,
        .software = settings->software,
        .software_version = settings->software_version,
        .capabilities_count = settings->capabilities_count,
        .event_epoch = client->applied.epoch,
        .last_event = client->applied.sequence,
        .replies_epoch = client->request_epoch,
        .replies_received =
            client->request_epoch ? requests_received(&client->requests) : 0,
        .wants_events = settings->on_event != NULL,
    };

    /* The structs of the wire are the same for reading and writing, hence not const. */
    memcpy(&hello.capabilities, &settings->capabilities, sizeof hello.capabilities);
    return say(client, &(struct entente_envelope){.version = ENTENTE_PROTOCOL_VERSION,
                                                  .body = ENTENTE_HELLO,
                                                  .hello = &hello});
}

static void start_connection(struct entente_client *client, int64_t now)
{
    client->state = CLIENT_GREETING;
    client->greet_until = now + client->settings.connect_timeout_ms;
    if (!session_open(client->session, client->settings.endpoints[client->endpoint])) {
        lose_endpoint(client, "No connection can be made to");
    } else if (!say_hello(client)) {
        lose_endpoint(client, "The hello could not be sent to");
    }
}

static void say_heartbeat(struct entente_client *client, int64_t now)
{
    struct entente_heartbeat heartbeat = {
        .replies_epoch = client->request_epoch,
        .replies_received = requests_received(&client->requests),
    };

    client->heartbeat_at = now + client->settings.heartbeat_ms;
    /* When it does not go out the broker's silence will tell. */
    (void)say(client, &(struct entente_envelope){.version = ENTENTE_PROTOCOL_VERSION,
                                                 .body = ENTENTE_HEARTBEAT,
                                                 .heartbeat = &heartbeat});
}

bool conversation_keep_time(struct entente_client *client)
{
    int64_t now = clock_now_ms();

    if (client->state == CLIENT_WAITING && now >= client->connect_at) {
        start_connection(client, now);
    } else if (client->state == CLIENT_GREETING && now >= client->greet_until) {
        client->astray_until = now + ASTRAY_MS;
        lose_endpoint(client, "No welcome came from");
    } else if (client->state == CLIENT_OPEN &&
               now - client->received_at >= patience_ms(client)) {
        lose_endpoint(client, "Nothing more is heard from");
    } else if (client->state == CLIENT_OPEN && now >= client->heartbeat_at) {
        say_heartbeat(client, now);
    } else {
        return false;
    }
    return true;
}

static bool declares(const struct entente_welcome *welcome, const char *capability)
{
    for (size_t i = 0; i < welcome->capabilities_count; i++) {
        if (strcmp(welcome->capabilities[i], capability) == 0) {
            return true;
        }
    }
    return false;
}

static void take_welcome(struct entente_client *client,
                         const struct entente_welcome *welcome)
{
    if (client->state != CLIENT_GREETING) {
        return;
    }
    if (welcome->version > ENTENTE_PROTOCOL_VERSION) {
        stop(client, &(struct entente_error){.code = ERROR_VERSION,
                                             .sentence = "The broker chose a protocol "
                                                         "version that this client "
                                                         "does not speak."});
        return;
    }
    int64_t now = clock_now_ms();
    client->state = CLIENT_OPEN;
    client->opened_at = now;
    client->heartbeat_at = now + client->settings.heartbeat_ms;
    client->publication_epoch = welcome->publication_epoch;
    (void)snprintf(client->name, sizeof client->name, "%s",
                   welcome->client ? welcome->client : "");
    if (client->request_epoch == 0) {
        /* Kept for the life of the process: a request keeps its name on every
         * connection. */
        client->request_epoch = welcome->request_epoch;
        if (!calls_number(client)) {
            client->request_epoch = 0;
            conversation_lose(client, "There is no memory left to send requests.");
            return;
        }
    }
    client->takes_deletions = declares(welcome, CAPABILITY_DELETION);
    events_begin(client, welcome);
    publish_granted(client);
    if (client->settings.on_connected) {
        client->callbacks++;
        client->settings.on_connected(client->settings.context, welcome);
        client->callbacks--;
    }
}

static bool is_replaced_by_itself(const struct entente_client *client, unsigned code)
{
    return code == ERROR_SESSION_REPLACED && clock_now_ms() < client->astray_until;
}

static bool ends_everything(unsigned code)
{
    return code == ERROR_SESSION_REPLACED || code == ERROR_REVOKED ||
           code == ERROR_VERSION;
}

static void take_error(struct entente_client *client,
                       const struct entente_envelope *envelope)
{
    const struct entente_error *error = envelope->error;
    char sentence[CLIENT_SENTENCE_SIZE];

    (void)snprintf(sentence, sizeof sentence, "%s",
                   error->sentence ? error->sentence : error_template(error->code));
    if (error->code == ERROR_HELLO_FIRST ||
        is_replaced_by_itself(client, error->code)) {
        conversation_lose(client, sentence);
    } else if (ends_everything(error->code)) {
        stop(client, error);
    } else if (envelope->request_counter != 0) {
        calls_answer(client, envelope);
    } else if (client->state == CLIENT_GREETING) {
        /* A hello that is refused for its content will be refused again. */
        if (error_retry(error->code) == RETRY_NEVER) {
            stop(client, error);
        } else {
            conversation_lose(client, sentence);
        }
    } else {
        (void)client_fail(client, (enum entente_code)error->code, sentence);
    }
}

static void take_pulse(struct entente_client *client, const struct entente_pulse *pulse)
{
    for (size_t i = 0; i < pulse->stale_count; i++) {
        publish_resync(client, pulse->stale[i].source);
    }
}

static void take_frame(struct entente_client *client)
{
    struct entente_envelope *envelope;
    struct codec_error error;
    struct codec_notes notes;

    arena_reset(&client->received);
    if (!codec_decode(client->frame.data, client->frame.size, CODEC_BROKER,
                      &client->received, &envelope, &error, &notes)) {
        (void)client_refuse(client, &error);
        if (notes.request_epoch != 0 && notes.request_epoch == client->request_epoch) {
            calls_answer_unread(client, notes.request_counter);
        }
        if (client->state == CLIENT_GREETING) {
            /* No welcome will come of it: ask again rather than wait. */
            lose_endpoint(client, "The greeting cannot be read that came from");
        }
        return;
    }
    if (envelope->body == ENTENTE_WELCOME) {
        take_welcome(client, envelope->welcome);
    } else if (envelope->body == ENTENTE_ERROR) {
        take_error(client, envelope);
    } else if (client->state != CLIENT_OPEN) {
        return; /* The broker greets before it says anything else. */
    } else if (envelope->body == ENTENTE_PULSE) {
        take_pulse(client, envelope->pulse);
    } else if (envelope->body == ENTENTE_RESYNC) {
        publish_resync(client, envelope->resync->source->source);
    } else if (envelope->body == ENTENTE_EVENT) {
        events_take(client, envelope->event);
    } else {
        calls_answer(client, envelope);
    }
}

static bool is_connected(const struct entente_client *client)
{
    return client->state == CLIENT_GREETING || client->state == CLIENT_OPEN;
}

bool conversation_receive(struct entente_client *client)
{
    bool any = false;

    for (int i = 0; i < FRAMES_PER_TURN && is_connected(client); i++) {
        switch (session_receive(client->session, &client->frame)) {
        case SESSION_NOTHING:
            return any;
        case SESSION_LOST:
            lose_endpoint(client, "The connection is lost to");
            return true;
        case SESSION_FRAME:
            any = true;
            client->received_at = clock_now_ms();
            take_frame(client);
            break;
        }
    }
    return any;
}

static bool send_ack(struct entente_client *client)
{
    struct entente_event_ack ack = {.epoch = client->applied.epoch,
                                    .sequence = client->applied.sequence};

    if (!client->ack_due ||
        !say(client, &(struct entente_envelope){.version = ENTENTE_PROTOCOL_VERSION,
                                                .body = ENTENTE_EVENT_ACK,
                                                .event_ack = &ack})) {
        return false;
    }
    client->ack_due = false;
    return true;
}

bool conversation_send(struct entente_client *client, int64_t *ret_wake_at)
{
    uint64_t cursor = 0;
    struct request *request;

    if (client->state != CLIENT_OPEN) {
        return false;
    }
    bool any = send_ack(client);
    while ((request = requests_next_unsent(&client->requests, clock_now_ms(), &cursor,
                                           ret_wake_at))) {
        if (!session_send(client->session, request->bytes, request->size)) {
            break; /* The descriptor becomes readable when there is room again. */
        }
        request->sent = true;
        any = true;
    }
    return any;
}
