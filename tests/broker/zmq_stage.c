// SPDX-License-Identifier: Apache-2.0

#include "tests/broker/zmq_stage.h"

#include "broker/wire_zmq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

int64_t stage_now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum wire_verdict judge(void *context, const char key[WIRE_KEY_TEXT])
{
    struct stage *stage = context;

    stage->questions++;
    if (stage->is_undecided) {
        return WIRE_UNDECIDED;
    }
    for (size_t i = 0; i < stage->listed_count; i++) {
        if (strcmp(stage->listed[i], key) == 0) {
            return WIRE_ALLOW;
        }
    }
    return WIRE_DENY;
}

void stage_prepare(struct stage *stage)
{
    *stage = (struct stage){.folder = "/tmp/entente-wire-XXXXXX"};
    assert_non_null(mkdtemp(stage->folder));
    assert_int_equal(wire_zmq_make_keypair(stage->public_key, stage->secret_key),
                     STATUS_OK);
}

void stage_open_at(struct stage *stage, const char *endpoint)
{
    const struct wire_zmq_settings settings = {
        .endpoint = endpoint,
        .secret_key = stage->secret_key,
        .judge = judge,
        .judge_context = stage,
        .max_frame = STAGE_MAX_FRAME,
    };

    assert_int_equal(wire_zmq_create(&settings, &stage->wire), STATUS_OK);
}

void stage_open(struct stage *stage)
{
    stage_prepare(stage);
    stage_open_at(stage, "tcp://127.0.0.1:*");
}

void stage_close(struct stage *stage)
{
    char path[128];

    if (stage->wire != NULL) {
        stage->wire->destroy(stage->wire);
    }
    snprintf(path, sizeof(path), "%s/wire", stage->folder);
    unlink(path);
    rmdir(stage->folder);
}

void client_make(struct client *client)
{
    *client = (struct client){0};
    assert_int_equal(wire_zmq_make_keypair(client->public_key, client->secret_key),
                     STATUS_OK);
    client->context = zmq_ctx_new();
    client->socket = zmq_socket(client->context, ZMQ_DEALER);
    assert_non_null(client->socket);
    client_set(client, ZMQ_LINGER, 0);
}

void client_list(struct stage *stage, const struct client *client)
{
    assert_true(stage->listed_count < STAGE_LISTED_MAX);
    memcpy(stage->listed[stage->listed_count++], client->public_key, WIRE_KEY_TEXT);
}

void client_set(struct client *client, int option, int value)
{
    assert_int_equal(zmq_setsockopt(client->socket, option, &value, sizeof(value)), 0);
}

static void set_text(struct client *client, int option, const char *text)
{
    assert_int_equal(zmq_setsockopt(client->socket, option, text, strlen(text) + 1), 0);
}

void client_connect(struct client *client, const struct stage *stage,
                    const char *endpoint, enum mechanism mechanism)
{
    switch (mechanism) {
    case WITH_CURVE:
        set_text(client, ZMQ_CURVE_SERVERKEY, stage->public_key);
        set_text(client, ZMQ_CURVE_PUBLICKEY, client->public_key);
        set_text(client, ZMQ_CURVE_SECRETKEY, client->secret_key);
        break;
    case WITH_PLAIN:
        set_text(client, ZMQ_PLAIN_USERNAME, "admin");
        set_text(client, ZMQ_PLAIN_PASSWORD, "admin");
        break;
    case WITH_NULL:
        break;
    }
    assert_int_equal(
        zmq_socket_monitor(client->socket, "inproc://monitor", ZMQ_EVENT_ALL), 0);
    client->monitor = zmq_socket(client->context, ZMQ_PAIR);
    assert_int_equal(zmq_connect(client->monitor, "inproc://monitor"), 0);
    assert_int_equal(zmq_connect(client->socket, endpoint), 0);
}

void client_join(struct client *client, struct stage *stage)
{
    client_make(client);
    client_list(stage, client);
    client_connect(client, stage, wire_zmq_endpoint(stage->wire), WITH_CURVE);
}

void client_close(struct client *client)
{
    if (client->monitor != NULL) {
        zmq_socket_monitor(client->socket, NULL, 0);
        zmq_close(client->monitor);
    }
    zmq_close(client->socket);
    zmq_ctx_term(client->context);
}

void client_say(struct client *client, const char *text)
{
    assert_int_equal(zmq_send(client->socket, text, strlen(text), ZMQ_DONTWAIT),
                     strlen(text));
}

/* Wait until the wire or @socket has something to say. */
static void wait_for_either(struct stage *stage, void *socket, int64_t until_ms)
{
    struct pollfd descriptors[WIRE_ZMQ_DESCRIPTORS];
    zmq_pollitem_t items[WIRE_ZMQ_DESCRIPTORS + 1] = {0};
    int count = 0;

    if (stage->wire != NULL) {
        size_t given =
            stage->wire->descriptors(stage->wire, descriptors, WIRE_ZMQ_DESCRIPTORS);
        for (size_t i = 0; i < given; i++) {
            items[count].fd = descriptors[i].fd;
            items[count++].events = ZMQ_POLLIN;
        }
    }
    if (socket != NULL) {
        items[count].socket = socket;
        items[count++].events = ZMQ_POLLIN;
    }
    int64_t left_ms = until_ms - stage_now_ms();
    if (left_ms <= 0) {
        fail_msg("nothing happened before the deadline");
    }
    zmq_poll(items, count, left_ms);
}

static bool step(struct stage *stage, struct wire_frame *ret_frame)
{
    bool has_arrived = false;

    if (stage->wire != NULL) {
        assert_int_equal(stage->wire->receive(stage->wire, &has_arrived, ret_frame),
                         STATUS_OK);
    }
    return has_arrived;
}

void client_expect(struct client *client, struct stage *stage, const char *text)
{
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
    char got[256];
    struct wire_frame frame;

    for (;;) {
        int size = zmq_recv(client->socket, got, sizeof(got) - 1, ZMQ_DONTWAIT);
        if (size >= 0) {
            assert_int_equal(size, strlen(text));
            assert_memory_equal(got, text, strlen(text));
            return;
        }
        assert_false(step(stage, &frame));
        wait_for_either(stage, client->socket, until_ms);
    }
}

int stage_wait_event(struct stage *stage, struct client *client, int events)
{
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
    struct wire_frame frame;
    uint8_t head[6];
    uint16_t event = 0;

    for (;;) {
        while (zmq_recv(client->monitor, head, sizeof(head), ZMQ_DONTWAIT) >= 0) {
            zmq_recv(client->monitor, NULL, 0, 0);
            memcpy(&event, head, sizeof(event));
            if ((event & events) != 0) {
                return event;
            }
        }
        assert_false(step(stage, &frame));
        wait_for_either(stage, client->monitor, until_ms);
    }
}

struct wire_frame stage_next(struct stage *stage)
{
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
    struct wire_frame frame = {0};

    while (!step(stage, &frame)) {
        wait_for_either(stage, NULL, until_ms);
    }
    return frame;
}

uint32_t stage_expect(struct stage *stage, const struct client *client,
                      const char *text)
{
    struct wire_frame frame = stage_next(stage);

    assert_string_equal(frame.key, client->public_key);
    assert_int_equal(frame.size, strlen(text));
    assert_memory_equal(frame.bytes, text, strlen(text));
    return frame.peer;
}

void stage_expect_nothing_else(struct stage *stage)
{
    struct client newcomer;

    client_join(&newcomer, stage);
    client_say(&newcomer, "last");
    stage_expect(stage, &newcomer, "last");
    stage->listed_count--;
    client_close(&newcomer);
}
