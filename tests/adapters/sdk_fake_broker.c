// SPDX-License-Identifier: Apache-2.0

#include "tests/adapters/sdk_fake_broker.h"

#include "adapters/sdk/clock.h"
#include "proto/limits.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

enum { SILENCE_MS = 60, TURN_MS = 10 };

static void listen_at(struct fake_broker *broker, const char *endpoint)
{
    const int yes = 1;
    const int zero = 0;
    size_t size = sizeof broker->endpoint;

    broker->context = zmq_ctx_new();
    broker->zap = zmq_socket(broker->context, ZMQ_REP);
    assert_int_equal(zmq_setsockopt(broker->zap, ZMQ_LINGER, &zero, sizeof zero), 0);
    assert_int_equal(zmq_bind(broker->zap, "inproc://zeromq.zap.01"), 0);
    broker->router = zmq_socket(broker->context, ZMQ_ROUTER);
    assert_int_equal(zmq_setsockopt(broker->router, ZMQ_LINGER, &zero, sizeof zero), 0);
    assert_int_equal(zmq_setsockopt(broker->router, ZMQ_CURVE_SERVER, &yes, sizeof yes),
                     0);
    assert_int_equal(zmq_setsockopt(broker->router, ZMQ_CURVE_SECRETKEY,
                                    broker->server_secret, FAKE_KEY_SIZE),
                     0);
    assert_int_equal(zmq_setsockopt(broker->router, ZMQ_ZAP_DOMAIN, "test", 4), 0);
    assert_int_equal(zmq_bind(broker->router, endpoint), 0);
    assert_int_equal(
        zmq_getsockopt(broker->router, ZMQ_LAST_ENDPOINT, broker->endpoint, &size), 0);
}

static void vanish(struct fake_broker *broker)
{
    zmq_close(broker->router);
    zmq_close(broker->zap);
    zmq_ctx_term(broker->context);
}

void fake_broker_start(struct fake_broker *broker)
{
    *broker = (struct fake_broker){0};
    arena_init(&broker->received, LIMIT_ARENA_BYTES);
    arena_init(&broker->sending, LIMIT_ARENA_BYTES);
    assert_int_equal(zmq_curve_keypair(broker->server_public, broker->server_secret),
                     0);
    assert_int_equal(zmq_curve_keypair(broker->client_public, broker->client_secret),
                     0);
    listen_at(broker, "tcp://127.0.0.1:*");
}

void fake_broker_restart(struct fake_broker *broker)
{
    char endpoint[sizeof broker->endpoint];

    memcpy(endpoint, broker->endpoint, sizeof endpoint);
    vanish(broker);
    listen_at(broker, endpoint);
}

void fake_broker_stop(struct fake_broker *broker)
{
    vanish(broker);
    arena_finish(&broker->received);
    arena_finish(&broker->sending);
}

struct entente_settings fake_broker_settings(struct fake_broker *broker,
                                             const char *const *endpoints, size_t count)
{
    return (struct entente_settings){
        .endpoints = endpoints,
        .endpoints_count = count,
        .server_public_key = broker->server_public,
        .public_key = broker->client_public,
        .secret_key = broker->client_secret,
        .software = "test",
        .context = broker,
        .heartbeat_ms = 100,
        /* A loaded machine must not make the client give up where no test wants it. */
        .liveness = 100,
        .back_off_min_ms = 2,
        .back_off_max_ms = 20,
        .linger_ms = 1,
    };
}

/* The handler of RFC 27: version, request id, domain, address, identity, mechanism,
 * key.
 */
static void judge_keys(struct fake_broker *broker)
{
    char parts[8][64];
    size_t count = 0;
    int more = 1;
    size_t size = sizeof more;

    while (more && count < 8) {
        int length = zmq_recv(broker->zap, parts[count], sizeof parts[0] - 1,
                              count == 0 ? ZMQ_DONTWAIT : 0);
        if (length < 0) {
            return;
        }
        parts[count++][length < 63 ? length : 63] = '\0';
        zmq_getsockopt(broker->zap, ZMQ_RCVMORE, &more, &size);
    }
    const char *answer[] = {"1.0", parts[1], broker->refuse_keys ? "400" : "200",
                            "",    "",       ""};
    for (size_t i = 0; i < 6; i++) {
        zmq_send(broker->zap, answer[i], strlen(answer[i]), i < 5 ? ZMQ_SNDMORE : 0);
    }
}

static void answer_heartbeat(struct fake_broker *broker)
{
    struct entente_source_state stale = {.source = broker->stale};
    struct entente_pulse pulse = {
        .now_ms = 1800000000000, .stale = &stale, .stale_count = broker->stale ? 1 : 0};

    broker->heartbeats++;
    if (!broker->ignore_pulses) {
        fake_broker_say(
            broker, &(struct entente_envelope){.body = ENTENTE_PULSE, .pulse = &pulse});
    }
}

/* One frame if there is one; NULL if not, or if it was a heartbeat. */
static struct entente_envelope *receive(struct fake_broker *broker)
{
    struct entente_envelope *envelope;
    struct codec_error error;
    struct codec_notes notes;
    zmq_msg_t frame;

    int size =
        zmq_recv(broker->router, broker->peer, sizeof broker->peer, ZMQ_DONTWAIT);
    if (size < 0) {
        return NULL;
    }
    broker->peer_size = (size_t)size;
    zmq_msg_init(&frame);
    assert_true(zmq_msg_recv(&frame, broker->router, 0) >= 0);
    assert_false(zmq_msg_more(&frame));
    arena_reset(&broker->received);
    bool understood =
        codec_decode(zmq_msg_data(&frame), zmq_msg_size(&frame), CODEC_CLIENT,
                     &broker->received, &envelope, &error, &notes);
    zmq_msg_close(&frame);
    if (!understood) {
        fail_msg("the client sent nonsense: %s", error_name(error.code));
    }
    if (envelope->body == ENTENTE_HEARTBEAT) {
        answer_heartbeat(broker);
        return NULL;
    }
    return envelope;
}

/* Let both sides do what they can, and wait a little for either. */
static struct entente_envelope *turn(struct fake_broker *broker)
{
    int descriptor = -1;
    size_t size = sizeof descriptor;

    if (broker->client) {
        (void)entente_client_step(broker->client, 0);
    }
    judge_keys(broker);
    struct entente_envelope *envelope = receive(broker);
    if (!envelope) {
        zmq_getsockopt(broker->router, ZMQ_FD, &descriptor, &size);
        struct pollfd ready[] = {
            {.fd = descriptor, .events = POLLIN},
            {.fd = broker->client ? entente_client_fd(broker->client) : -1,
             .events = POLLIN},
        };
        (void)poll(ready, 2, TURN_MS);
    }
    return envelope;
}

struct entente_envelope *fake_broker_await(struct fake_broker *broker,
                                           enum entente_body body)
{
    int64_t until = clock_now_ms() + FAKE_PATIENCE_MS;

    while (clock_now_ms() < until) {
        struct entente_envelope *envelope = turn(broker);
        if (envelope && envelope->body != body) {
            fail_msg("%s came where %s was due", codec_body_name(envelope->body),
                     codec_body_name(body));
        }
        if (envelope) {
            return envelope;
        }
    }
    fail_msg("no %s came", codec_body_name(body));
    return NULL;
}

void fake_broker_until(struct fake_broker *broker, const bool *flag)
{
    int64_t until = clock_now_ms() + FAKE_PATIENCE_MS;

    while (!*flag) {
        const struct entente_envelope *envelope = turn(broker);
        if (envelope) {
            fail_msg("%s came and was not due", codec_body_name(envelope->body));
        }
        if (clock_now_ms() >= until) {
            fail_msg("it did not happen");
        }
    }
}

void fake_broker_expect_silence(struct fake_broker *broker)
{
    int64_t until = clock_now_ms() + SILENCE_MS;

    while (clock_now_ms() < until) {
        const struct entente_envelope *envelope = turn(broker);
        if (envelope) {
            fail_msg("%s came and was not due", codec_body_name(envelope->body));
        }
    }
}

void fake_broker_say_bytes(struct fake_broker *broker, const void *bytes, size_t size)
{
    assert_true(
        zmq_send(broker->router, broker->peer, broker->peer_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->router, bytes, size, 0) >= 0);
}

void fake_broker_say(struct fake_broker *broker,
                     const struct entente_envelope *envelope)
{
    struct entente_bytes frame;

    arena_reset(&broker->sending);
    assert_true(codec_encode(envelope, &broker->sending, &frame));
    fake_broker_say_bytes(broker, frame.data, frame.size);
}

struct entente_welcome fake_broker_usual_welcome(void)
{
    return (struct entente_welcome){
        .version = 1,
        .client = "vendor",
        .now_ms = 1800000000000,
        .request_epoch = 7,
        .publication_epoch = 70,
        .event_epoch = 700,
        .last_event_issued = 1000,
        .credit_events = 256,
    };
}

struct entente_hello *fake_broker_welcome(struct fake_broker *broker,
                                          const struct entente_welcome *welcome)
{
    struct entente_welcome copy = welcome ? *welcome : fake_broker_usual_welcome();
    struct entente_hello *hello = fake_broker_await(broker, ENTENTE_HELLO)->hello;

    fake_broker_say(
        broker, &(struct entente_envelope){.body = ENTENTE_WELCOME, .welcome = &copy});
    return hello;
}

void fake_broker_say_done(struct fake_broker *broker, uint64_t epoch, uint64_t counter)
{
    struct entente_done done = {0};

    fake_broker_say(broker, &(struct entente_envelope){.request_epoch = epoch,
                                                       .request_counter = counter,
                                                       .body = ENTENTE_DONE_REPLY,
                                                       .done = &done});
}

void fake_broker_say_error(struct fake_broker *broker, uint64_t epoch, uint64_t counter,
                           enum error_code code)
{
    struct entente_error error = {.code = code, .sentence = error_template(code)};

    fake_broker_say(broker, &(struct entente_envelope){.request_epoch = epoch,
                                                       .request_counter = counter,
                                                       .body = ENTENTE_ERROR,
                                                       .error = &error});
}

void fake_broker_say_event(struct fake_broker *broker, uint64_t epoch,
                           uint64_t sequence)
{
    uint8_t id[16];
    memset(id, (int)sequence, sizeof id);
    struct entente_identifier who = {.system = "urn:oid:1.2.250.1.71.4.2.1",
                                     .value = "899700000017"};
    struct entente_party party = {.kind = ENTENTE_PROFESSIONAL,
                                  .importance = ENTENTE_INDISPENSABLE,
                                  .identifier = &who};
    struct entente_span window = {.start = 30000000, .end = 30001440};
    struct entente_spec spec = {.duration_minutes = 60,
                                .windows = &window,
                                .windows_count = 1,
                                .parties = &party,
                                .parties_count = 1};
    struct entente_span agreed = {.start = 30000060, .end = 30000120};
    struct entente_meeting meeting = {.id = {.data = id, .size = sizeof id},
                                      .version = 3,
                                      .state = ENTENTE_CONFIRMED,
                                      .spec = &spec,
                                      .confirmed = &agreed};
    struct entente_event event = {
        .sequence = sequence, .epoch = epoch, .meeting = &meeting};

    fake_broker_say(broker,
                    &(struct entente_envelope){.body = ENTENTE_EVENT, .event = &event});
}
