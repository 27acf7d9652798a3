// SPDX-License-Identifier: Apache-2.0

#include "broker/wire_zmq.h"
#include "tests/broker/zmq_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

static enum status tell(struct stage *stage, uint32_t peer, const char *text)
{
    return stage->wire->send(stage->wire, peer, (const uint8_t *)text, strlen(text));
}

static bool is_readable(struct stage *stage, int wait_ms)
{
    struct pollfd descriptors[WIRE_ZMQ_DESCRIPTORS];
    size_t count =
        stage->wire->descriptors(stage->wire, descriptors, WIRE_ZMQ_DESCRIPTORS);

    return poll(descriptors, (nfds_t)count, wait_ms) > 0;
}

static void test_a_word_and_its_reply(struct stage *stage)
{
    struct client client;

    client_join(&client, stage);
    client_say(&client, "hello");
    uint32_t peer = stage_expect(stage, &client, "hello");
    assert_int_equal(tell(stage, peer, "welcome"), STATUS_OK);
    client_expect(&client, stage, "welcome");
    client_close(&client);
    stage_close(stage);
}

static void test_over_tcp(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage);
    assert_memory_equal(wire_zmq_endpoint(stage.wire), "tcp://127.0.0.1:", 16);
    assert_true(wire_zmq_is_enforcing(stage.wire));
    test_a_word_and_its_reply(&stage);
}

static void test_over_ipc(void **state)
{
    struct stage stage;
    char endpoint[128];

    (void)state;
    stage_prepare(&stage);
    snprintf(endpoint, sizeof(endpoint), "ipc://%s/wire", stage.folder);
    stage_open_at(&stage, endpoint);
    assert_string_equal(wire_zmq_endpoint(stage.wire), endpoint);
    test_a_word_and_its_reply(&stage);
}

static void test_an_empty_frame_is_a_frame(void **state)
{
    struct stage stage;
    struct client client;

    (void)state;
    stage_open(&stage);
    client_join(&client, &stage);
    client_say(&client, "");
    stage_expect(&stage, &client, "");
    client_close(&client);
    stage_close(&stage);
}

static void test_a_peer_that_left_is_gone(void **state)
{
    struct stage stage;
    struct client client;
    enum status status = STATUS_OK;
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;

    (void)state;
    stage_open(&stage);
    client_join(&client, &stage);
    client_say(&client, "hello");
    uint32_t peer = stage_expect(&stage, &client, "hello");
    client_close(&client);

    while (status != STATUS_PEER_GONE && stage_now_ms() < until_ms) {
        status = tell(&stage, peer, "are you there?");
        (void)is_readable(&stage, 1);
    }
    assert_int_equal(status, STATUS_PEER_GONE);
    assert_int_equal(tell(&stage, peer + 1000, "nobody"), STATUS_PEER_GONE);
    stage_close(&stage);
}

static void test_who_comes_back_is_another_peer(void **state)
{
    struct stage stage;
    struct client client;

    (void)state;
    stage_open(&stage);
    client_join(&client, &stage);
    client_say(&client, "first");
    uint32_t first = stage_expect(&stage, &client, "first");

    const char *endpoint = wire_zmq_endpoint(stage.wire);
    assert_int_equal(zmq_disconnect(client.socket, endpoint), 0);
    assert_int_equal(zmq_connect(client.socket, endpoint), 0);
    client_say(&client, "second");
    uint32_t second = stage_expect(&stage, &client, "second");
    assert_int_not_equal(first, second);
    client_close(&client);
    stage_close(&stage);
}

/*
 *     slow    reads nothing       its queue fills, and then every frame is refused
 *     other   reads               hears everything meanwhile
 *     slow    reads again         everything that was accepted arrives, in order
 */
static void test_a_peer_that_does_not_read_is_full(void **state)
{
    struct stage stage;
    struct client slow;
    struct client other;
    static uint8_t big[STAGE_MAX_FRAME];
    static uint8_t got[STAGE_MAX_FRAME];
    uint32_t count = 0;
    enum status status = STATUS_OK;

    (void)state;
    stage_open(&stage);
    client_make(&slow);
    client_set(&slow, ZMQ_RCVHWM, 1);
    client_set(&slow, ZMQ_RCVBUF, 4096);
    client_list(&stage, &slow);
    client_connect(&slow, &stage, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    client_say(&slow, "hello");
    uint32_t slow_peer = stage_expect(&stage, &slow, "hello");
    client_join(&other, &stage);
    client_say(&other, "hello");
    uint32_t other_peer = stage_expect(&stage, &other, "hello");

    while (count < 100000) {
        memcpy(big, &count, sizeof(count));
        status = stage.wire->send(stage.wire, slow_peer, big, sizeof(big));
        if (status != STATUS_OK) {
            break;
        }
        count++;
    }
    assert_int_equal(status, STATUS_FULL);
    assert_true(count >= 256);
    assert_int_equal(tell(&stage, other_peer, "you hear me"), STATUS_OK);
    client_expect(&other, &stage, "you hear me");

    const int wait_ms = STAGE_DEADLINE_MS;
    client_set(&slow, ZMQ_RCVTIMEO, wait_ms);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = 0;
        assert_int_equal(zmq_recv(slow.socket, got, sizeof(got), 0), sizeof(got));
        memcpy(&number, got, sizeof(number));
        assert_int_equal(number, i);
    }
    client_close(&slow);
    client_close(&other);
    stage_close(&stage);
}

static void test_the_longest_frame_passes_and_one_byte_more_does_not(void **state)
{
    struct stage stage;
    struct client good;
    struct client loud;
    static uint8_t bytes[STAGE_MAX_FRAME + 1];

    (void)state;
    stage_open(&stage);
    client_join(&good, &stage);
    client_say(&good, "hello");
    uint32_t peer = stage_expect(&stage, &good, "hello");

    client_join(&loud, &stage);
    zmq_send(loud.socket, bytes, STAGE_MAX_FRAME, 0);
    assert_int_equal(stage_next(&stage).size, STAGE_MAX_FRAME);
    zmq_send(loud.socket, bytes, STAGE_MAX_FRAME + 1, 0);
    stage_wait_event(&stage, &loud, ZMQ_EVENT_DISCONNECTED);

    client_say(&good, "still here");
    assert_int_equal(stage_expect(&stage, &good, "still here"), peer);
    client_close(&loud);
    client_close(&good);
    stage_close(&stage);
}

static void test_only_one_payload_frame(void **state)
{
    struct stage stage;
    struct client client;

    (void)state;
    stage_open(&stage);
    client_join(&client, &stage);
    for (int parts = 2; parts <= 300; parts += 149) {
        for (int i = 1; i < parts; i++) {
            zmq_send(client.socket, "part", 4, ZMQ_SNDMORE);
        }
        zmq_send(client.socket, "end", 3, 0);
    }
    client_say(&client, "alone");
    stage_expect(&stage, &client, "alone");
    client_close(&client);
    stage_close(&stage);
}

/* A thousand bad messages are more than one receive() drops: the rest must still be
 * signalled. */
static void test_many_bad_messages_hide_no_good_one(void **state)
{
    struct stage stage;
    struct client client;

    (void)state;
    stage_open(&stage);
    client_join(&client, &stage);
    client_set(&client, ZMQ_SNDTIMEO, STAGE_DEADLINE_MS);
    client_say(&client, "before");
    stage_expect(&stage, &client, "before");
    for (int i = 0; i < 500; i++) {
        zmq_send(client.socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT);
        zmq_send(client.socket, "bad", 3, ZMQ_DONTWAIT);
    }
    client_say(&client, "after");
    stage_expect(&stage, &client, "after");
    client_close(&client);
    stage_close(&stage);
}

/* ZeroMQ signals a change once, and a send takes the signal in.  A frame that came just
 * before the broker spoke must not lie there until the next one comes. */
static void test_speaking_does_not_swallow_a_signal(void **state)
{
    struct stage stage;
    struct client client;

    (void)state;
    stage_open(&stage);
    client_join(&client, &stage);
    client_say(&client, "hello");
    uint32_t peer = stage_expect(&stage, &client, "hello");

    for (int round = 0; round < 50; round++) {
        struct wire_frame frame;
        bool has_arrived = true;
        while (has_arrived) {
            assert_int_equal(stage.wire->receive(stage.wire, &has_arrived, &frame),
                             STATUS_OK);
        }
        client_say(&client, "word");
        const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
        while (!is_readable(&stage, 100) && stage_now_ms() < until_ms) {
        }
        for (int i = 0; i < 4; i++) {
            assert_int_equal(tell(&stage, peer, "reply"), STATUS_OK);
        }
        assert_true(is_readable(&stage, STAGE_DEADLINE_MS));
        stage_expect(&stage, &client, "word");
        for (int i = 0; i < 4; i++) {
            client_expect(&client, &stage, "reply");
        }
    }
    client_close(&client);
    stage_close(&stage);
}

static void test_undecided_then_allowed(void **state)
{
    struct stage stage;
    struct client client;

    (void)state;
    stage_open(&stage);
    stage.is_undecided = true;
    client_join(&client, &stage);
    client_say(&client, "hello");
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
    while (stage.questions == 0 && stage_now_ms() < until_ms) {
        struct wire_frame frame;
        bool has_arrived = false;
        (void)is_readable(&stage, 100);
        assert_int_equal(stage.wire->receive(stage.wire, &has_arrived, &frame),
                         STATUS_OK);
        assert_false(has_arrived);
    }
    stage.wire->judge_again(stage.wire);
    assert_true(stage.questions >= 2);

    stage.is_undecided = false;
    stage.wire->judge_again(stage.wire);
    stage_expect(&stage, &client, "hello");
    client_close(&client);
    stage_close(&stage);
}

static void test_addresses_that_are_refused(void **state)
{
    struct stage stage;
    struct stage second;
    struct wire *wire = NULL;
    struct wire_zmq_settings settings = {.max_frame = 1024};

    (void)state;
    stage_open(&stage);
    stage_prepare(&second);
    settings.secret_key = second.secret_key;

    settings.endpoint = "inproc://anybody";
    assert_int_equal(wire_zmq_create(&settings, &wire), STATUS_FAILED);
    settings.endpoint = "tcp://nowhere";
    assert_int_equal(wire_zmq_create(&settings, &wire), STATUS_FAILED);
    settings.endpoint = wire_zmq_endpoint(stage.wire);
    assert_int_equal(wire_zmq_create(&settings, &wire), STATUS_FAILED);
    settings.endpoint = "tcp://127.0.0.1:*";
    settings.secret_key = "too short to be a key";
    assert_int_equal(wire_zmq_create(&settings, &wire), STATUS_FAILED);
    assert_null(wire);
    stage_close(&second);
    stage_close(&stage);
}

/* libzmq draws the first id from the C library's generator.  With the same state there,
 * as every process has it at its start, the ids must still differ. */
static void test_two_wires_begin_at_different_ids(void **state)
{
    static char generator[256];
    uint32_t peers[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct stage stage;
        struct client client;

        (void)initstate(1, generator, sizeof(generator));
        stage_open(&stage);
        client_join(&client, &stage);
        client_say(&client, "hello");
        peers[i] = stage_expect(&stage, &client, "hello");
        client_close(&client);
        stage_close(&stage);
    }
    assert_int_not_equal(peers[0], peers[1]);
}

static void test_key_pairs(void **state)
{
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
    char derived[WIRE_KEY_TEXT] = "";

    (void)state;
    assert_int_equal(wire_zmq_make_keypair(public_key, secret_key), STATUS_OK);
    assert_int_equal(wire_zmq_public_of(secret_key, derived), STATUS_OK);
    assert_string_equal(derived, public_key);
    secret_key[10] = '~'; /* not a letter of Z85 */
    assert_int_equal(wire_zmq_public_of(secret_key, derived), STATUS_FAILED);
    assert_int_equal(wire_zmq_public_of("", derived), STATUS_FAILED);
    assert_string_equal(derived, public_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_tcp),
        cmocka_unit_test(test_over_ipc),
        cmocka_unit_test(test_an_empty_frame_is_a_frame),
        cmocka_unit_test(test_a_peer_that_left_is_gone),
        cmocka_unit_test(test_who_comes_back_is_another_peer),
        cmocka_unit_test(test_a_peer_that_does_not_read_is_full),
        cmocka_unit_test(test_the_longest_frame_passes_and_one_byte_more_does_not),
        cmocka_unit_test(test_only_one_payload_frame),
        cmocka_unit_test(test_many_bad_messages_hide_no_good_one),
        cmocka_unit_test(test_speaking_does_not_swallow_a_signal),
        cmocka_unit_test(test_undecided_then_allowed),
        cmocka_unit_test(test_addresses_that_are_refused),
        cmocka_unit_test(test_two_wires_begin_at_different_ids),
        cmocka_unit_test(test_key_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
