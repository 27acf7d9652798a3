// SPDX-License-Identifier: Apache-2.0

/*
 * test_wire_strangers.c - no key, a wrong key, a stolen key, and no ZeroMQ at all
 */
#include "broker/wire_zmq.h"
#include "tests/broker/zmq_stage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

static void knock_with(enum mechanism mechanism)
{
    struct stage stage;
    struct client stranger;

    stage_open(&stage);
    client_make(&stranger);
    client_list(&stage,
                &stranger); /* a key on the list that is not proved is nothing */
    client_connect(&stranger, &stage, wire_zmq_endpoint(stage.wire), mechanism);
    client_say(&stranger, "let me in");
    assert_true((stage_wait_event(&stage, &stranger, STAGE_OUTCOME) & STAGE_REFUSED) !=
                0);
    assert_int_equal(stage.questions, 0);
    stage_expect_nothing_else(&stage);
    client_close(&stranger);
    stage_close(&stage);
}

static void test_no_key_at_all(void **state)
{
    (void)state;
    knock_with(WITH_NULL);
}

static void test_a_password_instead_of_a_key(void **state)
{
    (void)state;
    knock_with(WITH_PLAIN);
}

/* A client that was lied to about the broker's key talks to nobody. */
static void test_the_wrong_broker_key(void **state)
{
    struct stage stage;
    struct stage impostor;
    struct client client;

    (void)state;
    stage_open(&stage);
    stage_prepare(&impostor);
    client_make(&client);
    client_list(&stage, &client);
    client_connect(&client, &impostor, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    client_say(&client, "let me in");
    assert_true((stage_wait_event(&stage, &client, STAGE_OUTCOME) & STAGE_REFUSED) !=
                0);
    assert_int_equal(stage.questions, 0);
    stage_expect_nothing_else(&stage);
    client_close(&client);
    stage_close(&impostor);
    stage_close(&stage);
}

/* A listed public key whose secret key the client does not have. */
static void test_somebody_elses_public_key(void **state)
{
    struct stage stage;
    struct client victim;
    struct client thief;

    (void)state;
    stage_open(&stage);
    client_join(&victim, &stage);
    client_say(&victim, "hello");
    stage_expect(&stage, &victim, "hello");
    int questions = stage.questions;

    client_make(&thief);
    memcpy(thief.public_key, victim.public_key, WIRE_KEY_TEXT);
    client_connect(&thief, &stage, wire_zmq_endpoint(stage.wire), WITH_CURVE);
    client_say(&thief, "I am the victim");
    assert_true((stage_wait_event(&stage, &thief, STAGE_OUTCOME) & STAGE_REFUSED) != 0);
    assert_int_equal(stage.questions, questions);
    stage_expect_nothing_else(&stage);
    client_close(&thief);
    client_close(&victim);
    stage_close(&stage);
}

static int connect_raw(const char *endpoint)
{
    const char *port = strrchr(endpoint, ':') + 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(descriptor >= 0);
    assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof(address)),
                     0);
    return descriptor;
}

static void test_raw_bytes_instead_of_zeromq(void **state)
{
    enum { KNOCKS = 64, SIZE = 4096 };
    /* Openings of a ZeroMQ 3 conversation, then nonsense. */
    static const char *const heads[] = {
        "",
        "GET / HTTP/1.1\r\nHost: broker\r\n\r\n",
        "\xff\0\0\0\0\0\0\0\1\x7f",
        "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL",
        "\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE",
        "\xff\0\0\0\0\0\0\0\1\x7f\1\0",
    };
    static const size_t head_sizes[] = {0, 32, 10, 16, 17, 12};
    const char *given = getenv("RANDOM_SEED");
    uint64_t random = given != NULL ? strtoull(given, NULL, 10) : 20261121;
    struct stage stage;
    struct client client;
    int knocks[KNOCKS];

    (void)state;
    printf("RANDOM_SEED=%llu\n", (unsigned long long)random);
    stage_open(&stage);
    client_join(&client, &stage);
    for (int i = 0; i < KNOCKS; i++) {
        uint8_t bytes[SIZE];
        size_t kind = (size_t)i % (sizeof(heads) / sizeof(heads[0]));

        for (size_t j = 0; j < SIZE; j++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            /* Every other stranger goes on with zeros, as a greeting's filler is. */
            bytes[j] = i % 2 == 0 ? (uint8_t)(random >> 56) : 0;
        }
        memcpy(bytes, heads[kind], head_sizes[kind]);
        knocks[i] = connect_raw(wire_zmq_endpoint(stage.wire));
        /* The broker may hang up in the middle. */
        ssize_t sent = send(knocks[i], bytes, SIZE - (size_t)i * 60, MSG_NOSIGNAL);
        (void)sent;
    }
    client_say(&client, "in between");
    stage_expect(&stage, &client, "in between");
    assert_int_equal(stage.questions, 1);
    for (int i = 0; i < KNOCKS; i++) {
        close(knocks[i]);
    }
    stage_expect_nothing_else(&stage);
    client_close(&client);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_key_at_all),
        cmocka_unit_test(test_a_password_instead_of_a_key),
        cmocka_unit_test(test_the_wrong_broker_key),
        cmocka_unit_test(test_somebody_elses_public_key),
        cmocka_unit_test(test_raw_bytes_instead_of_zeromq),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
