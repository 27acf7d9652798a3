// SPDX-License-Identifier: Apache-2.0

/*
 * test_sdk_calls.c - each call of client.h: what is sent, what is taken, how it fails and
 * what it leaves behind
 *
 * A call waits for its answer, so that the broker is played by a thread while it lasts.
 */
#include "tests/adapters/sdk_fake_broker.h"

#include "proto/codec_table.h"
#include "tests/proto/filler.h"
#include "tests/support/test.h"

#include <pthread.h>
#include <string.h>

enum { SHORT_MS = 20, EPOCH = 7 };

struct world {
    struct fake_broker broker; /* first: callbacks find the world by it */
    const char *endpoints[2];
    struct entente_settings settings;
    bool connected;
    uint64_t counter; /* of the last request */
    struct arena arena;
};

static void take_welcome(void *context, const struct entente_welcome *welcome)
{
    struct world *world = context;
    (void)welcome;
    world->connected = true;
}

static int set_up(void **state)
{
    static struct world world;
    char why[ENTENTE_WHY_SIZE] = "";
    memset(&world, 0, sizeof(world));
    codec_table_bind();
    arena_init(&world.arena, 1 << 20);
    fake_broker_start(&world.broker);
    world.endpoints[0] = world.broker.endpoint;
    world.settings = fake_broker_settings(&world.broker, world.endpoints, 1);
    world.settings.on_connected = take_welcome;
    world.broker.client = entente_client_create(&world.settings, why, sizeof(why));
    assert_non_null(world.broker.client);
    (void)fake_broker_welcome(&world.broker, NULL);
    fake_broker_until(&world.broker, &world.connected);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    entente_client_destroy(world->broker.client);
    fake_broker_stop(&world->broker);
    arena_finish(&world->arena);
    return 0;
}

/* ---- the calls ---------------------------------------------------------------------
 */

typedef enum entente_code call_function(struct entente_client *client,
                                        const struct entente_envelope *asked,
                                        int timeout_ms, const void **ret_result);

#define CALL(NAME, FIELD, RESULT)                                                      \
    static enum entente_code call_##NAME(struct entente_client *client,                \
                                         const struct entente_envelope *asked,         \
                                         int timeout_ms, const void **ret_result)      \
    {                                                                                  \
        const struct RESULT *result = *ret_result;                                     \
        enum entente_code code =                                                       \
            entente_client_##NAME(client, FIELD, timeout_ms, &result);                 \
        *ret_result = result;                                                          \
        return code;                                                                   \
    }

CALL(query_free, asked->query_free, entente_free_ranges)
CALL(search, asked->search, entente_search_result)
CALL(who_is_free, asked->who_is_free, entente_free_people)
CALL(request, asked->request, entente_meeting)
CALL(answer, asked->answer, entente_meeting)
CALL(decide, asked->decide, entente_meeting)
CALL(cancel, asked->cancel, entente_meeting)
CALL(owner_answer, asked->owner_answer, entente_meeting)
CALL(preview, asked->preview, entente_preview_result)
CALL(reconcile, asked->reconcile, entente_reconciled)
CALL(explain, asked->explain, entente_decision_record)
CALL(get, asked->get->meeting, entente_meeting)
CALL(list, asked->list, entente_meeting_list)
CALL(status, asked->status_query->everything, entente_status_report)

static const struct call {
    const char *name;
    call_function *call;
    enum entente_body asked;
    enum entente_body answered;
    bool any_content; /* there is nothing that it could not ask */
} calls[] = {
    {"query_free", call_query_free, ENTENTE_QUERY_FREE, ENTENTE_FREE_RANGES, false},
    {"search", call_search, ENTENTE_SEARCH, ENTENTE_SEARCH_RESULT, false},
    {"who_is_free", call_who_is_free, ENTENTE_WHO_IS_FREE, ENTENTE_FREE_PEOPLE, false},
    {"request", call_request, ENTENTE_REQUEST, ENTENTE_MEETING, false},
    {"answer", call_answer, ENTENTE_ANSWER, ENTENTE_MEETING, false},
    {"decide", call_decide, ENTENTE_DECIDE, ENTENTE_MEETING, false},
    {"cancel", call_cancel, ENTENTE_CANCEL, ENTENTE_MEETING, false},
    {"owner_answer", call_owner_answer, ENTENTE_OWNER_ANSWER, ENTENTE_MEETING, false},
    {"preview", call_preview, ENTENTE_PREVIEW, ENTENTE_PREVIEW_RESULT, false},
    {"reconcile", call_reconcile, ENTENTE_RECONCILE, ENTENTE_RECONCILED, false},
    {"explain", call_explain, ENTENTE_EXPLAIN, ENTENTE_DECISION_RECORD, false},
    {"get", call_get, ENTENTE_GET, ENTENTE_MEETING, false},
    {"list", call_list, ENTENTE_LIST, ENTENTE_MEETING_LIST, true},
    {"status", call_status, ENTENTE_STATUS_QUERY, ENTENTE_STATUS_REPORT, true},
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* Stands for "untouched". */
static const uint8_t nothing;

static struct entente_envelope *full(struct world *world, enum entente_body body)
{
    struct filler filler = {.arena = &world->arena, .counter = 1};
    return filler_envelope(&filler, body);
}

static const struct codec_shape *shape_of(enum entente_body body)
{
    return codec_table_row(&codec_shape_envelope, body)->shape;
}

/* The two bodies say the same. */
static void assert_alike(const struct call *call, enum entente_body body,
                         const void *one, const void *other)
{
    const char *field = filler_difference(shape_of(body), one, other);
    if (field != NULL) {
        fail_msg("%s: %s differs in %s", call->name, codec_body_name(body), field);
    }
}

static void answer(struct world *world, const struct entente_envelope *content)
{
    struct entente_envelope envelope = *content;
    envelope.version = 1;
    envelope.request_epoch = EPOCH;
    envelope.request_counter = ++world->counter;
    fake_broker_say(&world->broker, &envelope);
}

/* One call while the broker awaits it, and gives this answer. */
struct played {
    struct world *world;
    const struct call *call;
    const struct entente_envelope *answer;
    struct entente_envelope *sent;
};

static void *play(void *context)
{
    struct played *played = context;
    played->sent = fake_broker_await(&played->world->broker, played->call->asked);
    answer(played->world, played->answer);
    return NULL;
}

static enum entente_code make(struct played *played,
                              const struct entente_envelope *asked,
                              const void **ret_result)
{
    struct fake_broker *broker = &played->world->broker;
    struct entente_client *client = broker->client;
    pthread_t thread;
    broker->client = NULL; /* it is the call that lets it step */
    assert_int_equal(pthread_create(&thread, NULL, play, played), 0);
    enum entente_code code =
        played->call->call(client, asked, FAKE_PATIENCE_MS, ret_result);
    assert_int_equal(pthread_join(thread, NULL), 0);
    broker->client = client;
    return code;
}

static size_t unanswered(const struct world *world)
{
    return entente_client_unanswered(world->broker.client);
}

/* The conversation goes on as if nothing had been. */
static void assert_open(struct world *world)
{
    assert_true(entente_client_is_connected(world->broker.client));
    fake_broker_expect_silence(&world->broker);
}

/* ---- what becomes of them ----------------------------------------------------------
 */

static void test_what_is_sent_and_what_is_taken(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *call = &calls[i];
        arena_reset(&world->arena);
        const struct entente_envelope *asked = full(world, call->asked);
        const struct entente_envelope *said = full(world, call->answered);
        struct played played = {.world = world, .call = call, .answer = said};
        const void *result = &nothing;
        enum entente_code code = make(&played, asked, &result);
        if (code != ENTENTE_OK) {
            fail_msg("%s: %s", call->name,
                     entente_client_sentence(world->broker.client));
        }
        assert_alike(call, call->answered, result, said->hello);
        assert_null(entente_client_refusal(world->broker.client));
        assert_int_equal(played.sent->request_epoch, EPOCH);
        assert_int_equal(played.sent->request_counter, world->counter);
        assert_alike(call, call->asked, played.sent->hello, asked->hello);
        assert_int_equal(unanswered(world), 0);
    }
    assert_open(world);
}

static void test_a_refusal_is_told_with_its_parameters(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *call = &calls[i];
        const char *parameters[] = {"4", "9"};
        struct entente_error refusal = {
            .code = ERROR_STALE, .parameters = parameters, .parameters_count = 2};
        const struct entente_envelope said = {.body = ENTENTE_ERROR, .error = &refusal};
        struct played played = {.world = world, .call = call, .answer = &said};
        const void *result = &nothing;
        arena_reset(&world->arena);
        assert_int_equal(make(&played, full(world, call->asked), &result),
                         ENTENTE_ERROR_STALE);
        assert_ptr_equal(result, &nothing);
        const struct entente_error *told = entente_client_refusal(world->broker.client);
        assert_int_equal(told->code, ERROR_STALE);
        assert_int_equal(told->parameters_count, 2);
        assert_string_equal(told->parameters[1], "9");
        assert_true(entente_client_sentence(world->broker.client)[0] != '\0');
        assert_int_equal(unanswered(world), 0);
    }
    assert_open(world);
}

static void test_an_answer_of_another_kind_is_an_error(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *call = &calls[i];
        struct entente_done done = {0};
        const struct entente_envelope said = {.body = ENTENTE_DONE_REPLY,
                                              .done = &done};
        struct played played = {.world = world, .call = call, .answer = &said};
        const void *result = &nothing;
        arena_reset(&world->arena);
        assert_int_equal(make(&played, full(world, call->asked), &result),
                         ENTENTE_ERROR_UNEXPECTED);
        assert_ptr_equal(result, &nothing);
        assert_null(entente_client_refusal(world->broker.client));
        assert_int_equal(unanswered(world), 0);
    }
    assert_open(world);
}

/* The request stands, and an answer that comes later finds nobody who waits for it. */
static void test_a_call_that_takes_too_long(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *call = &calls[i];
        const void *result = &nothing;
        arena_reset(&world->arena);
        assert_int_equal(call->call(world->broker.client, full(world, call->asked),
                                    SHORT_MS, &result),
                         ENTENTE_ERROR_TIMEOUT);
        assert_ptr_equal(result, &nothing);
        assert_int_equal(unanswered(world), 1);
        (void)fake_broker_await(&world->broker, call->asked);
        answer(world, full(world, call->answered));
        fake_broker_expect_silence(&world->broker);
        assert_int_equal(unanswered(world), 0);
        assert_ptr_equal(result, &nothing);
    }
    assert_open(world);
}

/* It says what the broker would, and asks for nothing. */
static void test_content_that_would_be_refused_is_not_sent(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *call = &calls[i];
        uint8_t empty[4096] = {0};
        struct entente_envelope asked = {.body = call->asked};
        const void *result = &nothing;
        assert_true(shape_of(call->asked)->size <= sizeof(empty));
        asked.hello = (void *)empty;
        if (call->any_content) {
            continue;
        }
        enum entente_code code =
            call->call(world->broker.client, &asked, SHORT_MS, &result);
        if ((unsigned)code < 100) {
            fail_msg("%s: %d", call->name, (int)code);
        }
        assert_ptr_equal(result, &nothing);
        assert_int_equal(unanswered(world), 0);
        assert_true(entente_client_sentence(world->broker.client)[0] != '\0');
    }
    assert_open(world);
}

/* ---- results of events -------------------------------------------------------------
 */

static const uint8_t id[16] = {1, 2, 3};

static enum entente_code report(struct world *world, enum entente_result_kind kind)
{
    struct entente_meeting meeting = {.id = {id, sizeof(id)}, .version = 4};
    const struct entente_event event = {.sequence = 9, .meeting = &meeting};
    return entente_client_event_result(world->broker.client, &event, "anna", kind,
                                       ENTENTE_CONFLICT_IN_AGENDA, "why");
}

static void test_the_result_of_an_event(void **state)
{
    struct world *world = *state;
    assert_int_equal(report(world, ENTENTE_REFUSED), ENTENTE_OK);
    const struct entente_envelope *sent =
        fake_broker_await(&world->broker, ENTENTE_EVENT_RESULT);
    const struct entente_event_result *result = sent->event_result;
    assert_int_equal(result->sequence, 9);
    assert_memory_equal(result->meeting.data, id, sizeof(id));
    assert_int_equal(result->version, 4);
    assert_string_equal(result->source, "anna");
    assert_int_equal(result->kind, ENTENTE_REFUSED);
    assert_int_equal(result->reason, ENTENTE_CONFLICT_IN_AGENDA);
    assert_string_equal(result->comment, "why");
    assert_int_equal(unanswered(world), 1);
    fake_broker_say_done(&world->broker, sent->request_epoch, sent->request_counter);
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(unanswered(world), 0);
}

/* An older broker does not know what a deleted event is. */
static void test_a_deletion_is_for_brokers_that_declare_it(void **state)
{
    struct world *world = *state;
    const char *capabilities[] = {"can-hold", CAPABILITY_DELETION};
    struct entente_welcome welcome = fake_broker_usual_welcome();
    assert_false(entente_client_may_report_deletion(world->broker.client));
    assert_int_equal(report(world, ENTENTE_DELETED_RESULT), ENTENTE_ERROR_CAPABILITY);
    assert_int_equal(unanswered(world), 0);
    assert_open(world);

    world->connected = false;
    fake_broker_restart(&world->broker);
    welcome.capabilities = capabilities;
    welcome.capabilities_count = 2;
    (void)fake_broker_welcome(&world->broker, &welcome);
    fake_broker_until(&world->broker, &world->connected);
    assert_true(entente_client_may_report_deletion(world->broker.client));
    assert_int_equal(report(world, ENTENTE_DELETED_RESULT), ENTENTE_OK);
    assert_int_equal(
        fake_broker_await(&world->broker, ENTENTE_EVENT_RESULT)->event_result->kind,
        ENTENTE_DELETED_RESULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_sent_and_what_is_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_refusal_is_told_with_its_parameters,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_of_another_kind_is_an_error,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_call_that_takes_too_long, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_content_that_would_be_refused_is_not_sent,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_result_of_an_event, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_deletion_is_for_brokers_that_declare_it,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
