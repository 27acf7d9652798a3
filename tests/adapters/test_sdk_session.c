// SPDX-License-Identifier: Apache-2.0

/*
 * What the connection promises: a hello first, requests that survive it, and a clear
 * word when it cannot be had.
 */
#include "tests/adapters/sdk_fake_broker.h"

#include "adapters/sdk/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct fake_broker broker; /* first: callbacks find the world by it */
    const char *endpoints[2];
    struct entente_settings settings;
    bool answered;
    enum entente_code code;
    size_t answers;
    bool stopped;
    bool connected;
    bool lost;
};

static void take_answer(void *context, enum entente_code code,
                        const struct entente_envelope *reply)
{
    struct world *world = context;

    (void)reply;
    world->answered = true;
    world->code = code;
    world->answers++;
}

static void take_stop(void *context, enum entente_code code, const char *sentence)
{
    struct world *world = context;

    assert_true(sentence[0] != '\0');
    world->stopped = true;
    world->code = code;
}

static void take_welcome(void *context, const struct entente_welcome *welcome)
{
    struct world *world = context;

    assert_int_equal(welcome->version, 1);
    world->connected = true;
}

static int set_up(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof world);
    fake_broker_start(&world.broker);
    world.endpoints[0] = world.broker.endpoint;
    world.settings = fake_broker_settings(&world.broker, world.endpoints, 1);
    world.settings.on_stopped = take_stop;
    world.settings.on_connected = take_welcome;
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    entente_client_destroy(world->broker.client);
    fake_broker_stop(&world->broker);
    return 0;
}

static void start(struct world *world)
{
    char why[ENTENTE_WHY_SIZE] = "";

    world->broker.client = entente_client_create(&world->settings, why, sizeof why);
    if (!world->broker.client) {
        fail_msg("%s", why);
    }
}

static void connect_client(struct world *world)
{
    start(world);
    (void)fake_broker_welcome(&world->broker, NULL);
    fake_broker_until(&world->broker, &world->connected);
}

static enum entente_code ask(struct world *world, uint64_t *ret_counter)
{
    struct entente_list list = {.limit = 5};

    return entente_client_submit(
        world->broker.client,
        &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list}, take_answer,
        world, ret_counter);
}

static void answer_list(struct world *world, uint64_t epoch, uint64_t counter)
{
    struct entente_meeting_list list = {0};

    fake_broker_say(&world->broker,
                    &(struct entente_envelope){.request_epoch = epoch,
                                               .request_counter = counter,
                                               .body = ENTENTE_MEETING_LIST,
                                               .meeting_list = &list});
}

static void test_the_hello_says_who_speaks_and_where_it_left_off(void **state)
{
    struct world *world = *state;
    const char *capabilities[] = {"can-refuse", "can-cancel"};

    world->settings.software_version = "1.2";
    world->settings.capabilities = capabilities;
    world->settings.capabilities_count = 2;
    world->settings.position = (struct entente_position){.epoch = 700, .sequence = 41};
    start(world);
    const struct entente_hello *hello = fake_broker_welcome(&world->broker, NULL);
    assert_string_equal(hello->software, "test");
    assert_string_equal(hello->software_version, "1.2");
    assert_int_equal(hello->capabilities_count, 2);
    assert_string_equal(hello->capabilities[1], "can-cancel");
    assert_int_equal(hello->event_epoch, 700);
    assert_int_equal(hello->last_event, 41);
    assert_false(hello->wants_events); /* There is no function to take them. */
    fake_broker_until(&world->broker, &world->connected);
    assert_string_equal(entente_client_name(world->broker.client), "vendor");
    assert_true(entente_client_is_connected(world->broker.client));
}

static void test_a_request_made_before_the_welcome_gets_its_epoch(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    start(world);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    (void)fake_broker_welcome(&world->broker, NULL);
    const struct entente_envelope *request =
        fake_broker_await(&world->broker, ENTENTE_LIST);
    assert_int_equal(request->request_epoch, 7);
    assert_int_equal(request->request_counter, counter);
    assert_int_equal(request->list->limit, 5);
    answer_list(world, 7, counter);
    fake_broker_until(&world->broker, &world->answered);
    assert_int_equal(world->code, ENTENTE_OK);
}

/* The reply is lost with the broker; the new one grants other epochs, and still gets
 * the request under its first name. */
static void
test_a_request_without_a_reply_is_sent_again_under_the_same_number(void **state)
{
    struct world *world = *state;
    struct entente_welcome second = fake_broker_usual_welcome();
    uint64_t counter = 0;

    second.request_epoch = 8;
    connect_client(world);
    assert_int_equal(ask(world, NULL), ENTENTE_OK);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    answer_list(world, 7,
                fake_broker_await(&world->broker, ENTENTE_LIST)->request_counter);
    assert_int_equal(fake_broker_await(&world->broker, ENTENTE_LIST)->request_counter,
                     counter);
    fake_broker_until(&world->broker, &world->answered);
    world->answered = false;

    fake_broker_restart(&world->broker);
    const struct entente_hello *hello = fake_broker_welcome(&world->broker, &second);
    assert_int_equal(hello->replies_epoch, 7);
    assert_int_equal(hello->replies_received, counter - 1);
    const struct entente_envelope *again =
        fake_broker_await(&world->broker, ENTENTE_LIST);
    assert_int_equal(again->request_epoch, 7);
    assert_int_equal(again->request_counter, counter);
    answer_list(world, 7, counter);
    answer_list(world, 7, counter); /* A second reply changes nothing. */
    fake_broker_until(&world->broker, &world->answered);
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(world->answers, 2);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

static void test_a_silent_broker_is_left_for_a_new_connection(void **state)
{
    struct world *world = *state;

    world->settings.heartbeat_ms = 10;
    world->settings.liveness = 3;
    start(world);
    world->broker.ignore_pulses = true;
    (void)fake_broker_welcome(&world->broker, NULL);
    (void)fake_broker_await(&world->broker, ENTENTE_HELLO);
    assert_true(world->connected);
    assert_non_null(
        strstr(entente_client_sentence(world->broker.client), "Nothing more is heard"));
}

static void test_a_broker_that_forgot_us_is_greeted_again(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    connect_client(world);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    fake_broker_say_error(&world->broker, 7, counter, ERROR_HELLO_FIRST);
    (void)fake_broker_welcome(&world->broker, NULL);
    assert_int_equal(fake_broker_await(&world->broker, ENTENTE_LIST)->request_counter,
                     counter);
    assert_false(world->answered);
}

static void test_a_request_that_may_succeed_later_is_sent_again(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    connect_client(world);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    fake_broker_say_error(&world->broker, 7, counter, ERROR_UNAVAILABLE);
    assert_int_equal(fake_broker_await(&world->broker, ENTENTE_LIST)->request_counter,
                     counter);
    assert_false(world->answered);
    answer_list(world, 7, counter);
    fake_broker_until(&world->broker, &world->answered);
    assert_int_equal(world->code, ENTENTE_OK);
}

static void test_a_refusal_reaches_the_caller_with_its_code(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    connect_client(world);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    fake_broker_say_error(&world->broker, 7, counter, ERROR_NOT_YET);
    fake_broker_until(&world->broker, &world->answered);
    assert_int_equal(world->code, ENTENTE_ERROR_NOT_YET);
    assert_string_equal(entente_code_name(world->code), "NOT_YET");
}

static void test_the_newer_connection_of_the_same_client_ends_this_one(void **state)
{
    struct world *world = *state;

    connect_client(world);
    assert_int_equal(ask(world, NULL), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    fake_broker_say_error(&world->broker, 0, 0, ERROR_SESSION_REPLACED);
    fake_broker_until(&world->broker, &world->stopped);
    assert_int_equal(world->code, ENTENTE_ERROR_SESSION_REPLACED);
    assert_int_equal(world->answers, 1); /* The request heard that it ends. */
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(entente_client_step(world->broker.client, 0),
                     ENTENTE_ERROR_SESSION_REPLACED);
    assert_int_equal(ask(world, NULL), ENTENTE_ERROR_STOPPED);
}

/* A slow broker hears the hello that was given up after the one that it welcomed. */
static void test_a_hello_of_its_own_that_is_heard_late_ends_nobody(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    world->settings.connect_timeout_ms = 1000;
    start(world);
    (void)fake_broker_await(&world->broker, ENTENTE_HELLO);
    (void)fake_broker_welcome(&world->broker, NULL);
    fake_broker_until(&world->broker, &world->connected);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    fake_broker_say_error(&world->broker, 0, 0, ERROR_SESSION_REPLACED);
    (void)fake_broker_welcome(&world->broker, NULL);
    assert_int_equal(fake_broker_await(&world->broker, ENTENTE_LIST)->request_counter,
                     counter);
    assert_false(world->stopped);
}

static void test_a_refused_version_and_a_withdrawn_key_stop_the_client(void **state)
{
    struct world *world = *state;
    const enum error_code codes[] = {ERROR_VERSION, ERROR_REVOKED};

    for (size_t i = 0; i < 2; i++) {
        world->stopped = false;
        start(world);
        (void)fake_broker_await(&world->broker, ENTENTE_HELLO);
        fake_broker_say_error(&world->broker, 0, 0, codes[i]);
        fake_broker_until(&world->broker, &world->stopped);
        assert_int_equal(world->code, codes[i]);
        entente_client_destroy(world->broker.client);
        world->broker.client = NULL;
    }
}

static void test_a_wrong_key_of_the_broker_is_named(void **state)
{
    struct world *world = *state;

    world->settings.server_public_key = world->broker.client_public;
    world->settings.connect_timeout_ms = 300;
    start(world);
    assert_int_equal(entente_client_connect(world->broker.client, 1000),
                     ENTENTE_ERROR_TIMEOUT);
    const char *sentence = entente_client_sentence(world->broker.client);
    if (!strstr(sentence, "the broker's public key")) {
        fail_msg("%s", sentence);
    }
    assert_false(world->connected);
}

static bool says(const struct world *world, const char *words)
{
    return strstr(entente_client_sentence(world->broker.client), words) != NULL;
}

static void test_a_key_that_the_broker_does_not_know_is_named(void **state)
{
    struct world *world = *state;

    world->broker.refuse_keys = true;
    start(world);
    for (int i = 0; i < 100 && !says(world, "does not accept this client's key"); i++) {
        fake_broker_expect_silence(&world->broker);
    }
    assert_true(says(world, "does not accept this client's key"));
    assert_false(world->connected);
}

static void test_the_next_endpoint_is_tried_where_nobody_listens(void **state)
{
    struct world *world = *state;

    world->endpoints[0] = "tcp://127.0.0.1:1";
    world->endpoints[1] = world->broker.endpoint;
    world->settings.endpoints_count = 2;
    start(world);
    (void)fake_broker_welcome(&world->broker, NULL);
    fake_broker_until(&world->broker, &world->connected);
}

static void take_loss(void *context, const char *sentence)
{
    struct world *world = context;

    assert_non_null(strstr(sentence, "nobody listens there"));
    world->lost = true;
}

/* Waiting on the descriptor alone must do: nobody steps the client in between. */
static void test_a_refused_connection_is_noticed_at_once(void **state)
{
    struct world *world = *state;
    int64_t began = clock_now_ms();

    world->endpoints[0] = "tcp://127.0.0.1:1";
    world->settings.on_disconnected = take_loss;
    world->settings.connect_timeout_ms = 4 * FAKE_PATIENCE_MS;
    start(world);
    for (int i = 0; i < 10 && !world->lost; i++) {
        (void)entente_client_step(world->broker.client, FAKE_PATIENCE_MS);
    }
    assert_true(world->lost);
    assert_true(clock_now_ms() - began < FAKE_PATIENCE_MS);
}

static void test_what_waits_for_an_answer_is_bounded(void **state)
{
    struct world *world = *state;

    world->settings.requests_max = 2;
    connect_client(world);
    assert_int_equal(ask(world, NULL), ENTENTE_OK);
    assert_int_equal(ask(world, NULL), ENTENTE_OK);
    assert_int_equal(ask(world, NULL), ENTENTE_ERROR_OVERLOADED);
    answer_list(world, 7,
                fake_broker_await(&world->broker, ENTENTE_LIST)->request_counter);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    fake_broker_until(&world->broker, &world->answered);
    assert_int_equal(ask(world, NULL), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
}

static void test_a_call_gives_up_and_the_request_stands(void **state)
{
    struct world *world = *state;
    const struct entente_meeting *meeting = NULL;
    const uint8_t id[16] = {1};

    connect_client(world);
    assert_int_equal(entente_client_get(world->broker.client,
                                        (struct entente_bytes){id, sizeof id}, 20,
                                        &meeting),
                     ENTENTE_ERROR_TIMEOUT);
    assert_null(meeting);
    assert_int_equal(entente_client_unanswered(world->broker.client), 1);
    uint64_t counter = fake_broker_await(&world->broker, ENTENTE_GET)->request_counter;
    fake_broker_say_error(&world->broker, 7, counter, ERROR_UNKNOWN_MEETING);
    assert_int_equal(entente_client_connect(world->broker.client, 0), ENTENTE_OK);
}

static void test_content_that_would_be_refused_is_not_even_queued(void **state)
{
    struct world *world = *state;
    const uint8_t id[3] = {1};
    struct entente_get get = {.meeting = {id, sizeof id}};
    const struct entente_envelope *reply;

    connect_client(world);
    enum entente_code code = entente_client_call(
        world->broker.client,
        &(struct entente_envelope){.body = ENTENTE_GET, .get = &get}, 1000, &reply);
    assert_true(code >= 100);
    assert_null(reply);
    assert_true(entente_client_sentence(world->broker.client)[0] != '\0');
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
    assert_int_equal(
        entente_client_call(world->broker.client,
                            &(struct entente_envelope){.body = ENTENTE_HEARTBEAT}, 1000,
                            &reply),
        ENTENTE_ERROR_NOT_ALLOWED_HERE);
    fake_broker_expect_silence(&world->broker);
}

static void test_nonsense_from_the_broker_is_survived(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    connect_client(world);
    fake_broker_say_bytes(&world->broker, "nonsense", 8);
    fake_broker_say_bytes(&world->broker, "", 0);
    fake_broker_say_done(&world->broker, 7, 999);
    assert_int_equal(ask(world, &counter), ENTENTE_OK);
    (void)fake_broker_await(&world->broker, ENTENTE_LIST);
    answer_list(world, 6, counter); /* Another process asked that. */
    fake_broker_expect_silence(&world->broker);
    assert_false(world->answered);
    answer_list(world, 7, counter);
    fake_broker_until(&world->broker, &world->answered);
}

static void test_a_greeting_that_cannot_be_read_is_asked_for_again(void **state)
{
    struct world *world = *state;

    world->settings.connect_timeout_ms = 4 * FAKE_PATIENCE_MS;
    start(world);
    (void)fake_broker_await(&world->broker, ENTENTE_HELLO);
    fake_broker_say_bytes(&world->broker, "nonsense", 8);
    (void)fake_broker_welcome(&world->broker, NULL);
    fake_broker_until(&world->broker, &world->connected);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_the_hello_says_who_speaks_and_where_it_left_off),
        STORY(test_a_request_made_before_the_welcome_gets_its_epoch),
        STORY(test_a_request_without_a_reply_is_sent_again_under_the_same_number),
        STORY(test_a_silent_broker_is_left_for_a_new_connection),
        STORY(test_a_broker_that_forgot_us_is_greeted_again),
        STORY(test_a_request_that_may_succeed_later_is_sent_again),
        STORY(test_a_refusal_reaches_the_caller_with_its_code),
        STORY(test_the_newer_connection_of_the_same_client_ends_this_one),
        STORY(test_a_hello_of_its_own_that_is_heard_late_ends_nobody),
        STORY(test_a_refused_version_and_a_withdrawn_key_stop_the_client),
        STORY(test_a_wrong_key_of_the_broker_is_named),
        STORY(test_a_key_that_the_broker_does_not_know_is_named),
        STORY(test_the_next_endpoint_is_tried_where_nobody_listens),
        STORY(test_a_refused_connection_is_noticed_at_once),
        STORY(test_what_waits_for_an_answer_is_bounded),
        STORY(test_a_call_gives_up_and_the_request_stands),
        STORY(test_content_that_would_be_refused_is_not_even_queued),
        STORY(test_nonsense_from_the_broker_is_survived),
        STORY(test_a_greeting_that_cannot_be_read_is_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
