// SPDX-License-Identifier: Apache-2.0

/*
 * test_zap_attacks.c - strangers and thieves at the broker's wire, over real sockets
 *
 * The three doors that libzmq 4.3.4 leaves open come first.  Each is shown open on a
 * bare ROUTER, so that the attack is known to be real here, and shut on ours.
 */
#include "broker/wire_zmq.h"
#include "broker/wire_zmq_guard.h"
#include "tests/broker/zmq_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

/* What a broker would have without our care: CURVE, a ZAP domain, no handler. */
struct bare {
    struct stage stage; /* keys only; its wire stays closed */
    void *context;
    void *router;
    char endpoint[WIRE_ZMQ_ENDPOINT_MAX];
};

static void bare_make(struct bare *bare)
{
    const int on = 1;
    const int no_linger = 0;

    stage_prepare(&bare->stage);
    bare->context = zmq_ctx_new();
    bare->router = zmq_socket(bare->context, ZMQ_ROUTER);
    assert_int_equal(zmq_setsockopt(bare->router, ZMQ_CURVE_SERVER, &on, sizeof(on)),
                     0);
    assert_int_equal(
        zmq_setsockopt(bare->router, ZMQ_LINGER, &no_linger, sizeof(no_linger)), 0);
    assert_int_equal(zmq_setsockopt(bare->router, ZMQ_CURVE_SECRETKEY,
                                    bare->stage.secret_key, WIRE_KEY_TEXT),
                     0);
    assert_int_equal(zmq_setsockopt(bare->router, ZMQ_ZAP_DOMAIN, WIRE_ZMQ_ZAP_DOMAIN,
                                    strlen(WIRE_ZMQ_ZAP_DOMAIN)),
                     0);
}

static void bare_bind(struct bare *bare)
{
    size_t size = sizeof(bare->endpoint);

    assert_int_equal(zmq_bind(bare->router, "tcp://127.0.0.1:*"), 0);
    assert_int_equal(
        zmq_getsockopt(bare->router, ZMQ_LAST_ENDPOINT, bare->endpoint, &size), 0);
}

static void bare_close(struct bare *bare)
{
    zmq_close(bare->router);
    zmq_ctx_term(bare->context);
    stage_close(&bare->stage);
}

/* The routing id and the text of the next message of a bare ROUTER. */
static int bare_receive(struct bare *bare, uint8_t id[256], char text[64])
{
    zmq_pollitem_t item = {.socket = bare->router, .events = ZMQ_POLLIN};

    assert_int_equal(zmq_poll(&item, 1, STAGE_DEADLINE_MS), 1);
    int id_size = zmq_recv(bare->router, id, 255, 0);
    int size = zmq_recv(bare->router, text, 63, 0);
    assert_true(size >= 0);
    text[size] = '\0';
    return id_size;
}

/* ---- Door 1: a CURVE server without a ZAP handler lets every key in ---- */

static void test_bare_router_lets_an_unlisted_key_in(void **state)
{
    struct bare bare;
    struct client stranger;
    uint8_t id[256];
    char text[64];

    (void)state;
    bare_make(&bare);
    bare_bind(&bare);
    client_make(&stranger);
    client_connect(&stranger, &bare.stage, bare.endpoint, WITH_CURVE);
    client_say(&stranger, "let me in");
    bare_receive(&bare, id, text);
    assert_string_equal(text, "let me in");
    client_close(&stranger);
    bare_close(&bare);
}

static void test_guarded_router_without_handler_lets_nobody_in(void **state)
{
    struct bare bare;
    struct client stranger;

    (void)state;
    bare_make(&bare);
    assert_false(wire_zmq_guard_holds(bare.router));
    assert_true(wire_zmq_guard(bare.router, bare.stage.secret_key, STAGE_MAX_FRAME));
    assert_true(wire_zmq_guard_holds(bare.router));
    bare_bind(&bare);
    client_make(&stranger);
    client_connect(&stranger, &bare.stage, bare.endpoint, WITH_CURVE);
    client_say(&stranger, "let me in");
    assert_true(
        (stage_wait_event(&bare.stage, &stranger, STAGE_OUTCOME) & STAGE_REFUSED) != 0);
    assert_int_equal(zmq_recv(bare.router, NULL, 0, ZMQ_DONTWAIT), -1);
    client_close(&stranger);
    bare_close(&bare);
}

static void test_an_unlisted_key_gets_nothing_through(void **state)
{
    struct stage stage;
    struct client stranger;

    (void)state;
    stage_open(&stage);
    assert_true(wire_zmq_is_enforcing(stage.wire));
    client_make(&stranger);
    client_connect(&stranger, &stage, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    client_say(&stranger, "let me in");
    assert_true((stage_wait_event(&stage, &stranger, STAGE_OUTCOME) & STAGE_REFUSED) !=
                0);
    assert_true(stage.questions > 0);
    stage_expect_nothing_else(&stage);
    client_close(&stranger);
    stage_close(&stage);
}

/* The strangers knock before the broker exists, so that they are served in the very
 * first moment that the address is there. */
static void lose_the_race(void)
{
    struct stage stage;
    struct client strangers[4];
    char endpoint[128];

    stage_prepare(&stage);
    snprintf(endpoint, sizeof(endpoint), "ipc://%s/wire", stage.folder);
    for (int i = 0; i < 4; i++) {
        client_make(&strangers[i]);
        client_set(&strangers[i], ZMQ_RECONNECT_IVL, 1);
        client_connect(&strangers[i], &stage, endpoint, WITH_CURVE);
        client_say(&strangers[i], "first!");
    }
    stage_wait_event(&stage, &strangers[3], ZMQ_EVENT_CONNECT_RETRIED);
    stage_open_at(&stage, endpoint);
    for (int i = 0; i < 4; i++) {
        int event = stage_wait_event(&stage, &strangers[i], STAGE_OUTCOME);
        assert_true((event & STAGE_REFUSED) != 0);
    }
    stage_expect_nothing_else(&stage);
    for (int i = 0; i < 4; i++) {
        client_close(&strangers[i]);
    }
    stage_close(&stage);
}

static void test_the_start_up_race_is_lost(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        lose_the_race();
    }
}

/* The broker's loop hangs: nobody answers, so nobody comes in, listed or not. */
static void test_no_answer_is_a_refusal(void **state)
{
    struct stage stage;
    struct client stranger;

    (void)state;
    stage_open(&stage);
    client_make(&stranger);
    client_connect(&stranger, &stage, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    client_say(&stranger, "let me in");

    struct wire *wire = stage.wire;
    stage.wire = NULL; /* nobody steps it now */
    assert_true((stage_wait_event(&stage, &stranger, STAGE_OUTCOME) & STAGE_REFUSED) !=
                0);
    stage.wire = wire;
    assert_int_equal(stage.questions, 0);
    stage_expect_nothing_else(&stage);
    client_close(&stranger);
    stage_close(&stage);
}

static void test_undecided_is_not_in(void **state)
{
    struct stage stage;
    struct client stranger;

    (void)state;
    stage_open(&stage);
    stage.is_undecided = true;
    client_make(&stranger);
    client_connect(&stranger, &stage, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    client_say(&stranger, "let me in");
    assert_true((stage_wait_event(&stage, &stranger, STAGE_OUTCOME) & STAGE_REFUSED) !=
                0);
    assert_true(stage.questions > 0);

    /* The answer comes when the one who asked has gone. */
    stage.is_undecided = false;
    stage.wire->judge_again(stage.wire);
    stage_expect_nothing_else(&stage);
    client_close(&stranger);
    stage_close(&stage);
}

/* ---- Door 2: after a poll the routing frame has lost the sender's key ---- */

/* The properties are empty on a bare ROUTER as well as with a handler; what the test
 * needs is only that a prefetched routing frame has none and the payload has. */
static void test_bare_router_loses_the_property_after_a_poll(void **state)
{
    struct bare bare;
    struct client client;
    zmq_msg_t id;
    zmq_msg_t payload;

    (void)state;
    bare_make(&bare);
    bare_bind(&bare);
    client_make(&client);
    client_connect(&client, &bare.stage, bare.endpoint, WITH_CURVE);
    client_say(&client, "who am I?");
    zmq_pollitem_t item = {.socket = bare.router, .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, STAGE_DEADLINE_MS), 1);
    zmq_msg_init(&id);
    zmq_msg_init(&payload);
    assert_true(zmq_msg_recv(&id, bare.router, 0) >= 0);
    assert_true(zmq_msg_recv(&payload, bare.router, 0) >= 0);
    assert_null(zmq_msg_gets(&id, "Socket-Type"));
    assert_string_equal(zmq_msg_gets(&payload, "Socket-Type"), "DEALER");
    zmq_msg_close(&id);
    zmq_msg_close(&payload);
    client_close(&client);
    bare_close(&bare);
}

/* Ask for the descriptors until one is readable, and once more: now ZeroMQ has looked
 * at its next message, which is when the key would be lost. */
static void look_before_receiving(struct stage *stage)
{
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
    struct pollfd descriptors[WIRE_ZMQ_DESCRIPTORS];

    do {
        size_t count =
            stage->wire->descriptors(stage->wire, descriptors, WIRE_ZMQ_DESCRIPTORS);
        if (poll(descriptors, (nfds_t)count, 100) > 0) {
            break;
        }
    } while (stage_now_ms() < until_ms);
    (void)stage->wire->descriptors(stage->wire, descriptors, WIRE_ZMQ_DESCRIPTORS);
}

static void test_interleaved_frames_keep_their_senders(void **state)
{
    struct stage stage;
    struct client clients[3];
    uint32_t peers[3] = {0};
    int counts[3] = {0};

    (void)state;
    stage_open(&stage);
    for (int i = 0; i < 3; i++) {
        client_join(&clients[i], &stage);
    }
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 3; i++) {
            client_say(&clients[i], i == 0 ? "zero" : i == 1 ? "one" : "two");
        }
    }
    for (int n = 0; n < 150; n++) {
        look_before_receiving(&stage);
        struct wire_frame frame = stage_next(&stage);
        int sender = frame.bytes[0] == 'z' ? 0 : frame.bytes[0] == 'o' ? 1 : 2;

        assert_string_equal(frame.key, clients[sender].public_key);
        if (counts[sender]++ == 0) {
            peers[sender] = frame.peer;
        }
        assert_int_equal(frame.peer, peers[sender]);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(counts[i], 50);
        assert_int_not_equal(peers[i], peers[(i + 1) % 3]);
        client_close(&clients[i]);
    }
    stage_close(&stage);
}

/* ---- Door 3: a routing id is whatever the client says it is ---- */

static void test_bare_router_hands_the_victims_mail_to_the_thief(void **state)
{
    struct bare bare;
    struct client victim;
    struct client thief;
    uint8_t id[256];
    char text[64];
    const int on = 1;

    (void)state;
    bare_make(&bare);
    assert_int_equal(zmq_setsockopt(bare.router, ZMQ_ROUTER_HANDOVER, &on, sizeof(on)),
                     0);
    bare_bind(&bare);
    client_make(&victim);
    client_make(&thief);
    zmq_setsockopt(victim.socket, ZMQ_ROUTING_ID, "dr-martin", 9);
    zmq_setsockopt(thief.socket, ZMQ_ROUTING_ID, "dr-martin", 9);
    client_connect(&victim, &bare.stage, bare.endpoint, WITH_CURVE);
    client_say(&victim, "hello");
    assert_int_equal(bare_receive(&bare, id, text), 9);
    client_connect(&thief, &bare.stage, bare.endpoint, WITH_CURVE);
    client_say(&thief, "hello");
    assert_int_equal(bare_receive(&bare, id, text), 9);

    zmq_send(bare.router, "dr-martin", 9, ZMQ_SNDMORE);
    zmq_send(bare.router, "for the victim", 14, 0);
    client_expect(&thief, &bare.stage, "for the victim");
    client_close(&victim);
    client_close(&thief);
    bare_close(&bare);
}

/* A thief with a valid key of its own takes @id and speaks; none of it counts. */
static void steal(struct stage *stage, const void *id, size_t size)
{
    struct client victim;
    struct client thief;
    struct client witness;

    client_join(&victim, stage);
    client_say(&victim, "hello");
    uint32_t peer = stage_expect(stage, &victim, "hello");
    const uint8_t own_id[5] = {0, (uint8_t)(peer >> 24), (uint8_t)(peer >> 16),
                               (uint8_t)(peer >> 8), (uint8_t)peer};

    client_make(&thief);
    client_list(stage, &thief);
    assert_int_equal(zmq_setsockopt(thief.socket, ZMQ_ROUTING_ID,
                                    id != NULL ? id : own_id,
                                    id != NULL ? size : sizeof(own_id)),
                     0);
    client_connect(&thief, stage, wire_zmq_endpoint(stage->wire), WITH_CURVE);
    stage_wait_event(stage, &thief, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    client_say(&thief, "I am the victim");

    /* Whoever comes after the thief is heard, and the thief is not. */
    client_join(&witness, stage);
    client_say(&witness, "witness");
    stage_expect(stage, &witness, "witness");

    assert_int_equal(stage->wire->send(stage->wire, peer, (const uint8_t *)"secret", 6),
                     STATUS_OK);
    client_expect(&victim, stage, "secret");
    assert_int_equal(zmq_recv(thief.socket, NULL, 0, ZMQ_DONTWAIT), -1);

    client_say(&victim, "still me");
    assert_int_equal(stage_expect(stage, &victim, "still me"), peer);
    client_close(&witness);
    client_close(&thief);
    client_close(&victim);
    stage->listed_count = 0;
}

static void test_no_routing_id_is_worth_stealing(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage);
    steal(&stage, NULL, 0); /* the victim's very own, were it known */
    steal(&stage, "dr-martin", 9);
    steal(&stage, "\0abc", 4);
    steal(&stage, "\0abcd",
          5); /* in the form of an automatic one, but never given out */
    steal(&stage, "\1abcd", 5);
    steal(&stage, "\0abcde", 6);
    stage_close(&stage);
}

/* Nobody is there under the name that a client chose: the broker has no way to speak to
 * it, and the rightful owner cannot be kept out by it. */
static void test_squatting_keeps_nobody_out(void **state)
{
    struct stage stage;
    struct client squatter;
    struct client owner;

    (void)state;
    stage_open(&stage);
    client_make(&squatter);
    client_list(&stage, &squatter);
    zmq_setsockopt(squatter.socket, ZMQ_ROUTING_ID, "dr-martin", 9);
    client_connect(&squatter, &stage, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    stage_wait_event(&stage, &squatter, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    client_say(&squatter, "mine");

    client_join(&owner, &stage);
    client_say(&owner, "hello");
    uint32_t peer = stage_expect(&stage, &owner, "hello");
    assert_int_equal(stage.wire->send(stage.wire, peer, (const uint8_t *)"yours", 5),
                     STATUS_OK);
    client_expect(&owner, &stage, "yours");
    client_close(&owner);
    client_close(&squatter);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bare_router_lets_an_unlisted_key_in),
        cmocka_unit_test(test_guarded_router_without_handler_lets_nobody_in),
        cmocka_unit_test(test_an_unlisted_key_gets_nothing_through),
        cmocka_unit_test(test_the_start_up_race_is_lost),
        cmocka_unit_test(test_no_answer_is_a_refusal),
        cmocka_unit_test(test_undecided_is_not_in),
        cmocka_unit_test(test_bare_router_loses_the_property_after_a_poll),
        cmocka_unit_test(test_interleaved_frames_keep_their_senders),
        cmocka_unit_test(test_bare_router_hands_the_victims_mail_to_the_thief),
        cmocka_unit_test(test_no_routing_id_is_worth_stealing),
        cmocka_unit_test(test_squatting_keeps_nobody_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
