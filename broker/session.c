// SPDX-License-Identifier: Apache-2.0

/*
 * session.c - the part of broker.h that keeps conversations: hello, heartbeat, replaced
 */
#include "broker/broker.h"

#include "broker/log.h"
#include "proto/limits.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *broker_capabilities[] = {"can-hold", "can-move", "can-replay",
                                            CAPABILITY_DELETION};

struct session *session_of_peer(const struct broker *broker, uint32_t peer)
{
    return map_get(&broker->sessions, (uint64_t)peer + 1);
}

struct session *session_of_client(const struct broker *broker, int64_t client)
{
    return map_get(&broker->by_client, (uint64_t)client);
}

void session_end(struct broker *broker, struct session *session)
{
    map_remove(&broker->sessions, (uint64_t)session->peer + 1);
    if (session_of_client(broker, session->client->id) == session) {
        map_remove(&broker->by_client, (uint64_t)session->client->id);
        publisher_forget(broker, session->client->id);
    }
    free(session);
}

void session_answered(struct broker *broker, const struct command *command)
{
    struct session *session = session_of_peer(broker, command->peer);
    if (command->key.counter != 0) {
        clients_answered(&broker->clients, command->client->id);
    }
    if (session != NULL && session->acks == command) {
        session->acks = NULL;
    }
}

/* ---- hello -------------------------------------------------------------------------
 */

struct greeting {
    struct greeting *next;
    struct broker *broker;
    struct command *command;
    struct store_said said;
    struct store_hello hello;
    uint64_t round; /* what was committed before the hello is known here after it */
    int64_t until_ms;
    unsigned tries;
    bool overtaken; /* its client has said a newer hello to another broker */
};

static bool fill_sources(struct broker *broker, const struct client *client,
                         struct arena *arena, bool only_stale,
                         struct entente_source_state **ret_states, size_t *ret_count)
{
    struct entente_source_state *states =
        arena_array(arena, LIMIT_WELCOME_SOURCES, sizeof(*states));
    size_t cursor = 0;
    size_t count = 0;
    int64_t now_ms = broker_now_ms(broker);
    const struct index_source *source;
    while (states != NULL && count < LIMIT_WELCOME_SOURCES &&
           (source = index_next_source(broker->index, client->id, &cursor)) != NULL) {
        int64_t until = index_lease_until_ms(source);
        if (only_stale && until > now_ms) {
            continue;
        }
        states[count++] = (struct entente_source_state){
            .source = source->key,
            .epoch = source->epoch,
            .sequence = source->sequence,
            .lease_until_ms = until,
            .stale = until <= now_ms,
        };
    }
    *ret_states = states;
    *ret_count = count;
    return states != NULL;
}

/* The newest hello wins: whoever spoke for this client before is told so. */
static void replace(struct broker *broker, const struct client *client, uint32_t peer)
{
    struct session *old = session_of_client(broker, client->id);
    if (old == NULL) {
        return;
    }
    if (old->peer != peer) {
        struct command told = {.peer = old->peer};
        uint32_t old_peer = old->peer;
        session_end(broker, old);
        told.peer = old_peer;
        speak_error(broker, &told, ERROR_SESSION_REPLACED);
    } else {
        session_end(broker, old);
    }
}

static bool declares(const struct entente_hello *hello, const char *capability)
{
    for (size_t i = 0; i < hello->capabilities_count; i++) {
        if (strcmp(hello->capabilities[i], capability) == 0) {
            return true;
        }
    }
    return false;
}

static struct session *begin(struct broker *broker, const struct command *command,
                             const struct store_hello *hello)
{
    const struct entente_hello *said = command->envelope->hello;
    replace(broker, command->client, command->peer);
    struct session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return NULL;
    }
    /* What the client has applied counts, not what it had acknowledged: a client that
     * was restored from a backup is sent everything again. */
    bool knows = said->event_epoch == hello->event_epoch &&
                 said->last_event <= hello->last_issued;
    *session = (struct session){
        .peer = command->peer,
        .client = command->client,
        .wants_events = said->wants_events,
        .reports_deletion = declares(said, CAPABILITY_DELETION),
        .dirty = true,
        .event_epoch = hello->event_epoch,
        .publication_epoch = hello->publication_epoch,
        .request_epoch = hello->request_epoch,
        .sent = knows ? said->last_event : 0,
        .acked = knows ? said->last_event : 0,
        .issued = hello->last_issued,
        .seen_ms = broker_mono_ms(),
        .heard = true,
    };
    if (!map_put(&broker->sessions, (uint64_t)command->peer + 1, session)) {
        free(session);
        return NULL;
    }
    if (!map_put(&broker->by_client, (uint64_t)command->client->id, session)) {
        map_remove(&broker->sessions, (uint64_t)command->peer + 1);
        free(session);
        return NULL;
    }
    return session;
}

bool session_resync(struct broker *broker, const struct client *client,
                    const char *source, uint64_t epoch, uint64_t sequence)
{
    const struct session *session = session_of_client(broker, client->id);
    struct entente_source_state state = {
        .source = source, .epoch = epoch, .sequence = sequence, .stale = true};
    struct entente_resync resync = {.source = &state};
    const struct entente_envelope envelope = {
        .version = ENTENTE_PROTOCOL_VERSION, .body = ENTENTE_RESYNC, .resync = &resync};
    struct arena arena;
    if (session == NULL) {
        return false;
    }
    arena_init(&arena, LIMIT_ARENA_BYTES);
    bool asked = speak_if_room(broker, session->peer, &envelope, &arena);
    arena_finish(&arena);
    return asked;
}

/* What ran out while the client was away has to be said again.  What there is no room for
 * in its queue, where the answers to the client's own questions must still find theirs,
 * stands in each pulse until it has been said. */
static void resync_stale(struct broker *broker, const struct client *client,
                         const struct entente_welcome *welcome)
{
    size_t asked = 0;
    bool has_room = true;
    for (size_t i = 0; i < welcome->sources_count && asked < LIMIT_RESYNCS && has_room;
         i++) {
        const struct entente_source_state *state = &welcome->sources[i];
        if (state->stale) {
            has_room = session_resync(broker, client, state->source, state->epoch,
                                      state->sequence);
            asked++;
        }
    }
}

static void welcome(struct broker *broker, struct command *command,
                    const struct store_hello *hello)
{
    const struct client *client = command->client;
    struct entente_welcome words = {
        .version = ENTENTE_PROTOCOL_VERSION,
        .client = client->name,
        .now_ms = broker_now_ms(broker),
        .request_epoch = hello->request_epoch,
        .publication_epoch = hello->publication_epoch,
        .event_epoch = hello->event_epoch,
        .last_event_acked = hello->last_acked,
        .last_event_issued = hello->last_issued,
        .capabilities = broker_capabilities,
        .capabilities_count =
            sizeof(broker_capabilities) / sizeof(broker_capabilities[0]),
        .credit_events = LIMIT_CREDIT_EVENTS,
        .sandbox = client->sandbox,
    };
    struct entente_envelope envelope = {.version = ENTENTE_PROTOCOL_VERSION,
                                        .body = ENTENTE_WELCOME,
                                        .welcome = &words};
    if (begin(broker, command, hello) == NULL ||
        !index_heard(broker->index, client->id, broker_now_ms(broker)) ||
        !fill_sources(broker, client, &command->arena, false, &words.sources,
                      &words.sources_count)) {
        speak_error(broker, command, ERROR_OVERLOADED);
        return;
    }
    log_line(LOG_INFO, "session", "client %s says hello", client->name);
    speak(broker, command->peer, &envelope, &command->arena);
    resync_stale(broker, client, &words);
}

static void end_greeting(struct broker *broker, struct greeting *greeting)
{
    broker->greetings--;
    clients_greeted(&broker->clients, greeting->command->client->id);
    command_destroy(greeting->command);
    free(greeting);
}

static void hello_recorded(void *context, enum status status,
                           const struct store_hello *hello);

static void say(struct greeting *greeting)
{
    greeting->tries++;
    store_say_hello(greeting->broker->store, greeting->command->client->id,
                    &greeting->said, hello_recorded, greeting);
}

/*
 * The client knows of events or epochs that the database has never issued: the database
 * is older than that.  Nothing that it has issued since may be issued again, so a new
 * generation begins.  That is believed once in an hour; a client that says so more often
 * only has its own numbering begun afresh.
 */
static void meet_who_is_ahead(struct greeting *greeting)
{
    struct broker *broker = greeting->broker;
    const char *name = greeting->command->client->name;
    int64_t mono_ms = broker_mono_ms();
    int32_t generation = 0;
    char because[200];
    snprintf(because, sizeof(because),
             "Client %s had been told more than the database holds.", name);
    log_line(LOG_ERROR, "session",
             "client %s has event %" PRIu64 " of numbering %" PRIu64
             ", which was never issued",
             name, greeting->said.last_event, greeting->said.event_epoch);
    bool believed = broker->believed_ms == 0 ||
                    mono_ms - broker->believed_ms >= BROKER_BELIEVE_EVERY_MS;
    if (believed && store_renew_generation(broker->store, broker->generation, because,
                                           &generation) == STATUS_OK) {
        broker->believed_ms = mono_ms;
        follower_generation(broker, generation);
    } else {
        greeting->said.afresh = true;
    }
    say(greeting);
}

static void hello_recorded(void *context, enum status status,
                           const struct store_hello *hello)
{
    enum { TRIES = 3 };
    struct greeting *greeting = context;
    struct broker *broker = greeting->broker;
    if (hello != NULL && hello->ahead && greeting->tries < TRIES && !broker->stop) {
        meet_who_is_ahead(greeting);
        return;
    }
    if (status != STATUS_OK) {
        speak_error(broker, greeting->command, ERROR_UNAVAILABLE);
        end_greeting(broker, greeting);
        return;
    }
    assert(hello != NULL);
    /* Events follow: what is overdue by now must be seen to be so. */
    broker_heard_clock(broker, hello->now_ms);
    greeting->hello = *hello;
    greeting->round = follower_now(broker);
    greeting->until_ms = broker_mono_ms() + BROKER_GREET_MS;
    /* Behind the others: of two hellos of one client the newer one comes last, and wins. */
    struct greeting **place = &broker->welcomes;
    while (*place != NULL) {
        place = &(*place)->next;
    }
    *place = greeting;
    follower_wake_others(broker);
    session_greet(broker);
}

void session_greet(struct broker *broker)
{
    struct greeting **place = &broker->welcomes;
    while (*place != NULL) {
        struct greeting *greeting = *place;
        if (!follower_has(broker, greeting->round) &&
            broker_mono_ms() < greeting->until_ms) {
            place = &greeting->next;
            continue;
        }
        *place = greeting->next;
        follower_generation(broker, greeting->hello.generation);
        if (greeting->hello.generation < broker->generation) {
            /* Recorded before it began. */
            speak_error(broker, greeting->command, ERROR_HELLO_FIRST);
        } else if (greeting->overtaken) {
            speak_error(broker, greeting->command, ERROR_SESSION_REPLACED);
        } else {
            welcome(broker, greeting->command, &greeting->hello);
        }
        end_greeting(broker, greeting);
    }
}

void session_finish(struct broker *broker)
{
    struct greeting *greeting;
    while ((greeting = broker->welcomes) != NULL) {
        broker->welcomes = greeting->next;
        end_greeting(broker, greeting);
    }
}

void session_hello(struct broker *broker, struct command *command)
{
    const struct entente_hello *hello = command->envelope->hello;
    uint32_t least = hello->version_min == 0 ? 1 : hello->version_min;
    uint32_t most = hello->version_max == 0 ? 1 : hello->version_max;
    if (least > ENTENTE_PROTOCOL_VERSION || most < ENTENTE_PROTOCOL_VERSION) {
        struct codec_error refusal = {.code = ERROR_VERSION,
                                      .parameters = {least > ENTENTE_PROTOCOL_VERSION
                                                         ? "of hello.version_min"
                                                         : "of hello.version_max",
                                                     "1", "1"},
                                      .parameter_count = 3};
        speak_refusal(broker, command, &refusal);
        command_destroy(command);
        return;
    }
    bool has_room =
        broker->greetings < BROKER_GREETINGS && command->client->hellos < LIMIT_HELLOS;
    struct greeting *greeting = has_room ? calloc(1, sizeof(*greeting)) : NULL;
    if (greeting == NULL) {
        speak_error(broker, command, ERROR_OVERLOADED);
        command_destroy(command);
        return;
    }
    broker->greetings++;
    clients_hello(&broker->clients, command->client->id);
    greeting->broker = broker;
    greeting->command = command;
    greeting->said = (struct store_said){
        .event_epoch = hello->event_epoch,
        .last_event = hello->last_event,
        .replies_epoch = hello->replies_epoch,
        .replies_received = hello->replies_received,
        .wants_events = hello->wants_events,
    };
    say(greeting);
}

/* ---- heartbeat ---------------------------------------------------------------------
 */

void session_heartbeat(struct broker *broker, struct command *command)
{
    struct entente_pulse pulse = {.now_ms = broker_now_ms(broker)};
    struct entente_envelope envelope = {
        .version = ENTENTE_PROTOCOL_VERSION, .body = ENTENTE_PULSE, .pulse = &pulse};
    /* A lease that had run out is not renewed by being alive: what was said is too old,
     * and the client must say it again. */
    if (index_heard(broker->index, command->client->id, pulse.now_ms) &&
        fill_sources(broker, command->client, &command->arena, true, &pulse.stale,
                     &pulse.stale_count)) {
        speak(broker, command->peer, &envelope, &command->arena);
    }
    command_destroy(command);
}

static void tell_end(struct broker *broker, struct session *session, unsigned code)
{
    struct command told = {.peer = session->peer};
    session_end(broker, session);
    speak_error(broker, &told, code);
}

void session_overtaken(struct broker *broker, int64_t client, uint64_t request_epoch)
{
    struct session *session = session_of_client(broker, client);
    for (struct greeting *waits = broker->welcomes; waits != NULL;
         waits = waits->next) {
        bool older = waits->command->client->id == client &&
                     waits->hello.request_epoch < request_epoch;
        waits->overtaken = waits->overtaken || older;
    }
    if (session != NULL && session->request_epoch < request_epoch) {
        tell_end(broker, session, ERROR_SESSION_REPLACED);
    }
}

void session_end_all(struct broker *broker)
{
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        tell_end(broker, session, ERROR_HELLO_FIRST);
        cursor = 0;
    }
}

void session_end_revoked(struct broker *broker)
{
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        if (session->client->revoked) {
            tell_end(broker, session, ERROR_REVOKED);
        }
    }
}

void session_housekeeping(struct broker *broker)
{
    int64_t silent_since = broker_mono_ms() - BROKER_SESSION_SILENT_MS;
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        if (session->seen_ms < silent_since) {
            session_end(broker, session);
        }
    }
}
