// SPDX-License-Identifier: Apache-2.0

/*
 * test_zap.c - the ZAP handler alone, asked good and bad questions by hand
 */
#include "broker/zap.h"
#include "tests/broker/zmq_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

enum { PARTS_MAX = 12, REPLY_PARTS = 7 };

struct bytes {
    const void *bytes;
    size_t size;
};

static const uint8_t key_bytes[33] = "0123456789abcdefghijklmnopqrstuv";
static char key_text[WIRE_KEY_TEXT];

static void *context;
static void *asker;
static struct zap *zap;
static enum wire_verdict verdict;
static int questions;

static enum wire_verdict judge(void *unused, const char key[WIRE_KEY_TEXT])
{
    (void)unused;
    questions++;
    return strcmp(key, key_text) == 0 ? verdict : WIRE_DENY;
}

static int bind_handler(void **state)
{
    const int no_limit = 0;

    (void)state;
    zmq_z85_encode(key_text, key_bytes, 32);
    verdict = WIRE_ALLOW;
    questions = 0;
    context = zmq_ctx_new();
    zap = zap_create(context, "entente", judge, NULL);
    asker = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(asker, ZMQ_RCVHWM, &no_limit, sizeof(no_limit));
    zmq_setsockopt(asker, ZMQ_SNDHWM, &no_limit, sizeof(no_limit));
    return zap != NULL && zmq_connect(asker, "inproc://zeromq.zap.01") == 0 ? 0 : -1;
}

static int unbind_handler(void **state)
{
    const int no_linger = 0;

    (void)state;
    zmq_setsockopt(asker, ZMQ_LINGER, &no_linger, sizeof(no_linger));
    zmq_close(asker);
    zap_destroy(zap);
    return zmq_ctx_term(context);
}

static void ask(const struct bytes *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(zmq_send(asker, parts[i].bytes, parts[i].size,
                             i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
    }
    zap_step(zap);
}

/* A question as libzmq puts it. */
static size_t good_question(struct bytes parts[PARTS_MAX])
{
    static const struct bytes good[] = {
        {"", 0},         {"1.0", 3}, {"77", 2},    {"entente", 7},
        {"10.0.0.1", 8}, {"", 0},    {"CURVE", 5}, {key_bytes, 32},
    };

    memcpy(parts, good, sizeof(good));
    return sizeof(good) / sizeof(good[0]);
}

static void expect_no_answer(void)
{
    assert_int_equal(zmq_recv(asker, NULL, 0, ZMQ_DONTWAIT), -1);
}

static void expect_answer(const char *code, const char *user_id)
{
    char parts[REPLY_PARTS][64];

    for (int i = 0; i < REPLY_PARTS; i++) {
        int size = zmq_recv(asker, parts[i], sizeof(parts[i]) - 1, ZMQ_DONTWAIT);
        assert_true(size >= 0);
        parts[i][size] = '\0';
    }
    assert_string_equal(parts[0], "");
    assert_string_equal(parts[1], "1.0");
    assert_string_equal(parts[2], "77");
    assert_string_equal(parts[3], code);
    assert_string_equal(parts[5], user_id);
    assert_string_equal(parts[6], "");
    expect_no_answer();
}

static void test_an_allowed_key_becomes_the_user_id(void **state)
{
    struct bytes parts[PARTS_MAX];

    (void)state;
    ask(parts, good_question(parts));
    expect_answer("200", key_text);
    assert_int_equal(questions, 1);
    assert_int_equal(zap_counts(zap).allowed, 1);
}

static void test_a_denied_key(void **state)
{
    struct bytes parts[PARTS_MAX];

    (void)state;
    verdict = WIRE_DENY;
    ask(parts, good_question(parts));
    expect_answer("400", "");
    assert_int_equal(zap_counts(zap).denied, 1);
    assert_int_equal(zap_counts(zap).allowed, 0);
}

/* Refused without asking the judge. */
static void test_anything_but_a_curve_key_of_our_domain(void **state)
{
    static const struct {
        size_t part;
        struct bytes bytes;
    } changes[] = {
        {3, {"", 0}},         {3, {"ententes", 8}}, {3, {"other", 5}},
        {6, {"NULL", 4}},     {6, {"PLAIN", 5}},    {6, {"curve", 5}},
        {6, {"CURVE\0", 6}},  {6, {"", 0}},         {6, {"GSSAPI", 6}},
        {7, {key_bytes, 31}}, {7, {key_bytes, 33}}, {7, {"", 0}},
    };
    struct bytes parts[PARTS_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        size_t count = good_question(parts);
        parts[changes[i].part] = changes[i].bytes;
        ask(parts, count);
        expect_answer("400", "");
    }
    size_t count = good_question(parts);
    ask(parts, count - 1); /* no key */
    expect_answer("400", "");
    parts[count] = (struct bytes){key_bytes, 32}; /* a key too many */
    ask(parts, count + 1);
    expect_answer("400", "");
    assert_int_equal(questions, 0);
}

static void test_malformed_questions_are_dropped(void **state)
{
    static const uint8_t long_bytes[4096] = {0};
    struct bytes parts[PARTS_MAX];
    uint64_t malformed = 0;

    (void)state;
    for (size_t count = 1; count <= 6; count++) { /* too short to be answered */
        good_question(parts);
        ask(parts, count);
        expect_no_answer();
        assert_int_equal(zap_counts(zap).malformed, ++malformed);
    }
    for (size_t part = 0; part < 8; part++) { /* a part that is far too long */
        size_t count = good_question(parts);
        parts[part] = (struct bytes){long_bytes, sizeof(long_bytes)};
        ask(parts, count);
        expect_no_answer();
        assert_int_equal(zap_counts(zap).malformed, ++malformed);
    }
    static const struct bytes versions[] = {
        {"2.0", 3}, {"1.0\0", 4}, {"", 0}, {"1", 1}};
    for (size_t i = 0; i < 4; i++) {
        size_t count = good_question(parts);
        parts[1] = versions[i];
        ask(parts, count);
        expect_no_answer();
        assert_int_equal(zap_counts(zap).malformed, ++malformed);
    }
    size_t count = good_question(parts);
    parts[0] = (struct bytes){"x", 1}; /* no delimiter */
    ask(parts, count);
    parts[0] = (struct bytes){"", 0};
    parts[2] = (struct bytes){long_bytes, 65}; /* a request id too long to keep */
    ask(parts, count);
    expect_no_answer();
    assert_int_equal(zap_counts(zap).malformed, malformed + 2);

    for (int i = 0; i < 300; i++) { /* a message of 301 parts */
        zmq_send(asker, "", 0, ZMQ_SNDMORE);
    }
    zmq_send(asker, "", 0, 0);
    zap_step(zap);
    expect_no_answer();

    /* And it still works. */
    ask(parts, good_question(parts));
    expect_answer("200", key_text);
}

/* Whatever random parts come, the handler neither falls over nor lets anybody in. */
static void test_random_questions(void **state)
{
    const char *given = getenv("RANDOM_SEED");
    uint64_t random = given != NULL ? strtoull(given, NULL, 10) : 20261121;
    uint8_t noise[300];

    (void)state;
    printf("RANDOM_SEED=%llu\n", (unsigned long long)random);
    for (int round = 0; round < 20000; round++) {
        struct bytes parts[PARTS_MAX];
        good_question(parts);
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t draw = random >> 16;
        size_t part = draw % 8;
        size_t count = 1 + draw / 8 % PARTS_MAX;
        size_t size = 1 + draw / 128 % (sizeof(noise) - 1);
        memset(noise, (int)(draw >> 40), size);
        for (size_t i = 8; i < count; i++) {
            parts[i] = (struct bytes){noise, size};
        }
        if (part != 2 && part != 4 && part != 5) { /* these are free */
            parts[part] = (struct bytes){noise, size};
            ask(parts, count);
        }
        while (zmq_recv(asker, NULL, 0, ZMQ_DONTWAIT) >= 0) {
        }
    }
    assert_int_equal(zap_counts(zap).allowed, 0);
}

static void test_undecided_is_asked_again(void **state)
{
    struct bytes parts[PARTS_MAX];

    (void)state;
    verdict = WIRE_UNDECIDED;
    ask(parts, good_question(parts));
    expect_no_answer();
    assert_int_equal(zap_counts(zap).waiting, 1);
    zap_judge_again(zap);
    expect_no_answer();
    assert_int_equal(questions, 2);
    verdict = WIRE_ALLOW;
    zap_judge_again(zap);
    expect_answer("200", key_text);
    assert_int_equal(zap_counts(zap).waiting, 0);

    verdict = WIRE_UNDECIDED;
    ask(parts, good_question(parts));
    verdict = WIRE_DENY;
    zap_judge_again(zap);
    expect_answer("400", "");
    zap_judge_again(zap);
    expect_no_answer();
}

static void test_only_so_many_may_wait(void **state)
{
    struct bytes parts[PARTS_MAX];

    (void)state;
    verdict = WIRE_UNDECIDED;
    for (int i = 0; i < ZAP_WAITING_MAX; i++) {
        ask(parts, good_question(parts));
        expect_no_answer();
    }
    ask(parts, good_question(parts));
    expect_answer("300", "");
    assert_int_equal(zap_counts(zap).waiting, ZAP_WAITING_MAX);

    verdict = WIRE_DENY;
    zap_judge_again(zap);
    assert_int_equal(zap_counts(zap).denied, ZAP_WAITING_MAX);
    assert_int_equal(zap_counts(zap).waiting, 0);
}

static void test_waiting_ends(void **state)
{
    struct bytes parts[PARTS_MAX];
    const int64_t until_ms = stage_now_ms() + STAGE_DEADLINE_MS;
    const int64_t asked_ms = stage_now_ms();

    (void)state;
    verdict = WIRE_UNDECIDED;
    ask(parts, good_question(parts));
    while (zap_counts(zap).waiting > 0 && stage_now_ms() < until_ms) {
        zmq_pollitem_t item = {.socket = asker, .events = ZMQ_POLLIN};
        zmq_poll(&item, 1, 50);
        zap_judge_again(zap);
    }
    assert_true(stage_now_ms() - asked_ms >= ZAP_WAITING_MS);
    expect_answer("300", "");
    assert_int_equal(zap_counts(zap).put_off, 1);
}

/* A second handler in the same context would answer in our place. */
static void test_there_is_one_handler(void **state)
{
    (void)state;
    assert_null(zap_create(context, "entente", judge, NULL));
    zap_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_allowed_key_becomes_the_user_id,
                                        bind_handler, unbind_handler),
        cmocka_unit_test_setup_teardown(test_a_denied_key, bind_handler,
                                        unbind_handler),
        cmocka_unit_test_setup_teardown(test_anything_but_a_curve_key_of_our_domain,
                                        bind_handler, unbind_handler),
        cmocka_unit_test_setup_teardown(test_malformed_questions_are_dropped,
                                        bind_handler, unbind_handler),
        cmocka_unit_test_setup_teardown(test_random_questions, bind_handler,
                                        unbind_handler),
        cmocka_unit_test_setup_teardown(test_undecided_is_asked_again, bind_handler,
                                        unbind_handler),
        cmocka_unit_test_setup_teardown(test_only_so_many_may_wait, bind_handler,
                                        unbind_handler),
        cmocka_unit_test_setup_teardown(test_waiting_ends, bind_handler,
                                        unbind_handler),
        cmocka_unit_test_setup_teardown(test_there_is_one_handler, bind_handler,
                                        unbind_handler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
