// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { ARENA_QUOTA = 16 << 20, KEY_TEXT = 41 };

/* ---- connecting --------------------------------------------------------------------
 */

static void settings_path(const struct world *world, const char *name,
                          char ret_path[256])
{
    snprintf(ret_path, 256, "%s/%s.ini", world->folder, name);
}

int raw_add(struct world *world, const char *name, bool sandbox,
            const char *const *people)
{
    const char *words[64] = {"entente", "client", "add", name, "--write-to"};
    char path[256];
    size_t count = 5;
    settings_path(world, name, path);
    words[count++] = path;
    words[count++] = "--endpoint";
    words[count++] = world->endpoint;
    if (sandbox) {
        words[count++] = "--sandbox";
    }
    for (size_t i = 0; people != NULL && people[i] != NULL; i++) {
        words[count++] = "--speaks-for";
        words[count++] = people[i];
    }
    return world_entente(world, words);
}

struct keys {
    char server[KEY_TEXT];
    char own[KEY_TEXT];
    char secret[KEY_TEXT];
};

static void read_keys(const char *path, struct keys *keys)
{
    char line[512];
    bool of_broker = false;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (line[0] == '[') {
            of_broker = strncmp(line, "[broker]", 8) == 0;
        }
        char *place = of_broker ? keys->server : keys->own;
        (void)sscanf(line, "public_key = %40s", place);
        (void)sscanf(line, "secret_key = %40s", keys->secret);
    }
    fclose(file);
}

void raw_invent(struct world *world, const char *name, const char *known)
{
    char path[256];
    struct keys keys = {0};
    settings_path(world, known, path);
    read_keys(path, &keys);
    assert_int_equal(zmq_curve_keypair(keys.own, keys.secret), 0);
    settings_path(world, name, path);
    FILE *file = fopen(path, "wx");
    assert_non_null(file);
    fprintf(file,
            "[broker]\npublic_key = %s\n[client]\npublic_key = %s\nsecret_key = %s\n",
            keys.server, keys.own, keys.secret);
    assert_int_equal(fclose(file), 0);
}

static void set_number(void *socket, int option, int value)
{
    assert_int_equal(zmq_setsockopt(socket, option, &value, sizeof(value)), 0);
}

void raw_open(struct raw_client *client, struct world *world, const char *name)
{
    struct keys keys = {0};
    *client = (struct raw_client){.world = world};
    settings_path(world, name, client->path);
    read_keys(client->path, &keys);
    arena_init(&client->sending, ARENA_QUOTA);
    arena_init(&client->received, ARENA_QUOTA);
    client->context = zmq_ctx_new();
    client->socket = zmq_socket(client->context, ZMQ_DEALER);
    assert_non_null(client->socket);
    set_number(client->socket, ZMQ_LINGER, 0);
    set_number(client->socket, ZMQ_SNDTIMEO, WORLD_PATIENCE_MS);
    set_number(client->socket, ZMQ_SNDHWM, 0);
    set_number(client->socket, ZMQ_RCVHWM, 0);
    assert_int_equal(
        zmq_setsockopt(client->socket, ZMQ_CURVE_SERVERKEY, keys.server, KEY_TEXT), 0);
    assert_int_equal(
        zmq_setsockopt(client->socket, ZMQ_CURVE_PUBLICKEY, keys.own, KEY_TEXT), 0);
    assert_int_equal(
        zmq_setsockopt(client->socket, ZMQ_CURVE_SECRETKEY, keys.secret, KEY_TEXT), 0);
    assert_int_equal(zmq_connect(client->socket, world->endpoint), 0);
}

void raw_close(struct raw_client *client)
{
    zmq_close(client->socket);
    zmq_ctx_term(client->context);
    arena_finish(&client->sending);
    arena_finish(&client->received);
}

void raw_join(struct raw_client *client, struct world *world, const char *name,
              bool sandbox, const char *const *people)
{
    assert_int_equal(raw_add(world, name, sandbox, people), 0);
    raw_open(client, world, name);
    raw_greet(client);
}

/* ---- saying ------------------------------------------------------------------------
 */

void raw_send(struct raw_client *client, const void *bytes, size_t size)
{
    assert_int_equal(zmq_send(client->socket, bytes, size, 0), (int)size);
}

void raw_send_more(struct raw_client *client, const void *bytes, size_t size)
{
    assert_int_equal(zmq_send(client->socket, bytes, size, ZMQ_SNDMORE), (int)size);
}

static bool is_request(enum entente_body body)
{
    return body != ENTENTE_HELLO && body != ENTENTE_HEARTBEAT &&
           body != ENTENTE_EVENT_ACK;
}

uint8_t *raw_write(struct raw_client *client, const struct entente_envelope *envelope,
                   size_t *ret_size)
{
    struct entente_envelope whole = *envelope;
    struct entente_bytes frame;
    if (whole.version == 0) {
        whole.version = ENTENTE_PROTOCOL_VERSION;
    }
    if (is_request(whole.body) && whole.request_counter == 0) {
        whole.request_epoch = client->request_epoch;
        whole.request_counter = ++client->counter;
    }
    arena_reset(&client->sending);
    assert_true(codec_encode(&whole, &client->sending, &frame));
    uint8_t *bytes = arena_copy(&client->sending, frame.data, frame.size);
    assert_non_null(bytes);
    *ret_size = frame.size;
    return bytes;
}

void raw_say(struct raw_client *client, const struct entente_envelope *envelope)
{
    size_t size;
    const uint8_t *bytes = raw_write(client, envelope, &size);
    raw_send(client, bytes, size);
}

/* ---- hearing -----------------------------------------------------------------------
 */

const struct entente_envelope *raw_hear(struct raw_client *client, int patience_ms)
{
    zmq_msg_t message;
    zmq_pollitem_t item = {.socket = client->socket, .events = ZMQ_POLLIN};
    if (zmq_poll(&item, 1, patience_ms) <= 0) {
        return NULL;
    }
    zmq_msg_init(&message);
    assert_true(zmq_msg_recv(&message, client->socket, 0) >= 0);
    assert_false(zmq_msg_more(&message));
    struct entente_envelope *envelope = NULL;
    struct codec_error error = {0};
    struct codec_notes notes;
    arena_reset(&client->received);
    bool understood =
        codec_decode(zmq_msg_data(&message), zmq_msg_size(&message), CODEC_BROKER,
                     &client->received, &envelope, &error, &notes);
    zmq_msg_close(&message);
    if (!understood) {
        fail_msg("the broker said what cannot be read: code %u, %s, body %u",
                 error.code, error.parameter_count > 0 ? error.parameters[0] : "",
                 notes.body);
    }
    return envelope;
}

static const struct entente_envelope *hear(struct raw_client *client)
{
    enum { LOOK_EVERY_MS = 500 };
    const struct entente_envelope *envelope = NULL;
    for (int waited = 0; envelope == NULL && waited < WORLD_PATIENCE_MS;
         waited += LOOK_EVERY_MS) {
        envelope = raw_hear(client, LOOK_EVERY_MS);
        if (envelope == NULL && !world_broker_runs(client->world)) {
            break;
        }
    }
    if (envelope == NULL) {
        world_show_log(client->world);
        fail_msg("the broker says nothing");
    }
    return envelope;
}

const struct entente_envelope *raw_await(struct raw_client *client,
                                         enum entente_body body)
{
    const struct entente_envelope *envelope;
    do {
        envelope = hear(client);
    } while (envelope->body != body);
    return envelope;
}

const struct entente_welcome *raw_greet(struct raw_client *client)
{
    struct entente_hello hello = {.software = "raw", .wants_events = true};
    const struct entente_envelope say = {.body = ENTENTE_HELLO, .hello = &hello};
    const struct entente_envelope *heard;
    raw_say(client, &say);
    while ((heard = hear(client))->body != ENTENTE_WELCOME) {
        /* A broker that has just begun may still be without its database. */
        if (heard->body == ENTENTE_ERROR && heard->error->code == ERROR_UNAVAILABLE) {
            raw_say(client, &say);
        }
    }
    const struct entente_welcome *welcome = heard->welcome;
    client->request_epoch = welcome->request_epoch;
    client->publication_epoch = welcome->publication_epoch;
    client->event_epoch = welcome->event_epoch;
    client->counter = 0;
    client->sequence = 0;
    client->sandbox = welcome->sandbox;
    return welcome;
}

const struct entente_envelope *raw_reply(struct raw_client *client, uint64_t counter)
{
    const struct entente_envelope *envelope;
    do {
        envelope = hear(client);
    } while (envelope->request_counter != counter);
    return envelope;
}

const struct entente_envelope *raw_ask(struct raw_client *client,
                                       const struct entente_envelope *envelope)
{
    raw_say(client, envelope);
    return raw_reply(client, envelope->request_counter != 0 ? envelope->request_counter
                                                            : client->counter);
}

unsigned raw_code(struct raw_client *client, const struct entente_envelope *envelope)
{
    const struct entente_envelope *reply = raw_ask(client, envelope);
    if (reply->body != ENTENTE_ERROR) {
        return 0;
    }
    assert_non_null(reply->error->sentence);
    assert_true(strlen(reply->error->sentence) > 10);
    return reply->error->code;
}

size_t raw_settle(struct raw_client *client)
{
    struct entente_heartbeat heartbeat = {0};
    size_t count = 0;
    raw_say(client, &(struct entente_envelope){.body = ENTENTE_HEARTBEAT,
                                               .heartbeat = &heartbeat});
    while (hear(client)->body != ENTENTE_PULSE) {
        count++;
    }
    return count;
}

bool raw_is_refused(const struct entente_envelope *reply, unsigned code)
{
    if (reply->body == ENTENTE_ERROR && reply->error->code == code &&
        reply->error->sentence != NULL) {
        return true;
    }
    print_message("not refused with %u, but a %s: %u %s\n", code,
                  codec_body_name(reply->body),
                  reply->body == ENTENTE_ERROR ? reply->error->code : 0,
                  reply->body == ENTENTE_ERROR ? reply->error->sentence : "");
    return false;
}

void raw_expect_error(struct raw_client *client, unsigned code)
{
    assert_true(raw_is_refused(raw_await(client, ENTENTE_ERROR), code));
}

unsigned raw_says_free(struct raw_client *client, const char *person,
                       const char *source)
{
    enum { DAY = 1440 };
    int32_t day = client->world->day;
    struct entente_identifier who = world_identifier(person);
    struct entente_span coverage = {day, day + 30 * DAY};
    struct entente_range free = {
        .start = day, .end = day + 20 * DAY, .kind = ENTENTE_FREE};
    struct entente_publish publish = {.source = source,
                                      .person = &who,
                                      .publication = ENTENTE_SNAPSHOT,
                                      .epoch = client->publication_epoch,
                                      .sequence = ++client->sequence,
                                      .coverage = &coverage,
                                      .as_of_ms = (int64_t)day * 60000,
                                      .lease_seconds = LIMIT_LEASE_SECONDS,
                                      .ranges = &free,
                                      .ranges_count = 1};
    const struct entente_envelope envelope = {.body = ENTENTE_PUBLISH,
                                              .publish = &publish};
    return raw_code(client, &envelope);
}

void raw_is_free(struct raw_client *client, const char *person, const char *source)
{
    assert_int_equal(raw_says_free(client, person, source), 0);
}
