// SPDX-License-Identifier: Apache-2.0

/*
 * What the library does not take: its code, and nothing of it goes out.  Memory that runs
 * out at any point is one more refusal.
 */
#include "tests/adapters/sdk_fake_broker.h"

#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BEGIN = 30000000, UNLIMITED = -1 };

/* ---- memory that runs out ----------------------------------------------------------
 */

static int allocations_left = UNLIMITED;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's --wrap wants these names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool is_out(void)
{
    if (allocations_left > 0) {
        allocations_left--;
        return false;
    }
    return allocations_left == 0;
}

void *__wrap_malloc(size_t size)
{
    return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_out() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return is_out() ? NULL : __real_realloc(memory, size);
}

/* NOLINTEND(bugprone-reserved-identifier) */

/* ---- a client ----------------------------------------------------------------------
 */

struct world {
    struct fake_broker broker;
    const char *endpoints[1];
    struct entente_settings settings;
    bool told;
    enum entente_code within; /* what a call within a callback was told */
};

static struct entente_range ranges[LIMIT_SOURCE_RANGES];
static struct entente_identifier person = {.system = "urn:oid:1.2.250.1.71.4.2.1",
                                           .value = "899700000017"};
static struct entente_span coverage = {BEGIN, BEGIN + 400 * 1440};

static int set_up(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof world);
    fake_broker_start(&world.broker);
    world.endpoints[0] = world.broker.endpoint;
    world.settings = fake_broker_settings(&world.broker, world.endpoints, 1);
    for (int32_t i = 0; i < LIMIT_SOURCE_RANGES; i++) {
        ranges[i] = (struct entente_range){
            .start = BEGIN + i * 30, .end = BEGIN + i * 30 + 15, .kind = ENTENTE_FREE};
    }
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

static void connect_client(struct world *world)
{
    world->broker.client = entente_client_create(&world->settings, NULL, 0);
    assert_non_null(world->broker.client);
    (void)fake_broker_welcome(&world->broker, NULL);
}

static void take_outcome(void *context, enum entente_code code,
                         const struct entente_envelope *reply)
{
    struct world *world = context;

    (void)code;
    (void)reply;
    world->told = true;
}

static struct entente_publish publication(uint32_t kind, struct entente_range *what,
                                          size_t count)
{
    return (struct entente_publish){.source = "agenda",
                                    .person = &person,
                                    .publication = kind,
                                    .coverage = &coverage,
                                    .as_of_ms = 1800000000000,
                                    .lease_seconds = 3600,
                                    .ranges = what,
                                    .ranges_count = count};
}

static enum entente_code publish(struct world *world,
                                 const struct entente_publish *publication)
{
    return entente_client_publish(world->broker.client, publication, take_outcome,
                                  world);
}

static void expect_refused(struct world *world,
                           const struct entente_publish *publication,
                           enum entente_code code)
{
    assert_int_equal(publish(world, publication), code);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
    fake_broker_expect_silence(&world->broker);
}

/* ---- content -----------------------------------------------------------------------
 */

static void test_a_publication_says_whose_and_of_when(void **state)
{
    struct world *world = *state;
    struct entente_publish whole = publication(ENTENTE_SNAPSHOT, ranges, 2);
    struct entente_publish nameless = whole;
    struct entente_publish ownerless = whole;
    struct entente_publish uncovered = whole;

    nameless.source = NULL;
    ownerless.person = NULL;
    uncovered.coverage = NULL;
    connect_client(world);
    expect_refused(world, &nameless, ENTENTE_ERROR_FIELD_MISSING);
    assert_non_null(strstr(entente_client_sentence(world->broker.client), "source"));
    expect_refused(world, &ownerless, ENTENTE_ERROR_FIELD_MISSING);
    assert_non_null(strstr(entente_client_sentence(world->broker.client), "person"));
    expect_refused(world, &uncovered, ENTENTE_ERROR_FIELD_MISSING);
    assert_non_null(strstr(entente_client_sentence(world->broker.client), "coverage"));
}

/* Each part is right for itself; the overlap is between the first and the second. */
static void test_ranges_overlap_across_parts(void **state)
{
    struct world *world = *state;
    struct entente_publish whole =
        publication(ENTENTE_SNAPSHOT, ranges, LIMIT_PART_RANGES + 1);

    ranges[LIMIT_PART_RANGES].start = ranges[LIMIT_PART_RANGES - 1].start + 5;
    connect_client(world);
    expect_refused(world, &whole, ENTENTE_ERROR_RANGES_OVERLAP);
}

/* Answer every publication until nothing is unanswered. */
static void answer_all(struct world *world, size_t parts)
{
    for (size_t i = 0; i < parts; i++) {
        uint64_t counter =
            fake_broker_await(&world->broker, ENTENTE_PUBLISH)->request_counter;
        fake_broker_say_done(&world->broker, 7, counter);
    }
    fake_broker_until(&world->broker, &world->told);
    world->told = false;
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

static void test_a_delta_is_one_part_and_leaves_the_source_within_bounds(void **state)
{
    struct world *world = *state;
    struct entente_publish whole =
        publication(ENTENTE_SNAPSHOT, ranges, LIMIT_SOURCE_RANGES);
    struct entente_publish long_delta =
        publication(ENTENTE_DELTA, ranges, LIMIT_PART_RANGES + 1);
    struct entente_range one = {
        .start = BEGIN + 16, .end = BEGIN + 29, .kind = ENTENTE_FREE};
    struct entente_span gap = {BEGIN + 16, BEGIN + 29};
    struct entente_publish short_delta = publication(ENTENTE_DELTA, &one, 1);

    short_delta.coverage = &gap;
    connect_client(world);
    assert_int_equal(publish(world, &whole), ENTENTE_OK);
    answer_all(world,
               (LIMIT_SOURCE_RANGES + LIMIT_PART_RANGES - 1) / LIMIT_PART_RANGES);
    expect_refused(world, &long_delta, ENTENTE_ERROR_TOO_MANY);
    expect_refused(world, &short_delta, ENTENTE_ERROR_TOO_MANY_RANGES);
}

static void test_all_parts_have_room_or_none_is_queued(void **state)
{
    struct world *world = *state;
    struct entente_publish whole =
        publication(ENTENTE_SNAPSHOT, ranges, LIMIT_PART_RANGES + 1);

    world->settings.requests_max = 1;
    connect_client(world);
    expect_refused(world, &whole, ENTENTE_ERROR_OVERLOADED);
    whole.ranges_count = LIMIT_PART_RANGES;
    assert_int_equal(publish(world, &whole), ENTENTE_OK);
    answer_all(world, 1);
}

static void test_what_fits_no_frame_is_too_large(void **state)
{
    struct world *world = *state;
    static char comment[LIMIT_FRAME_BYTES + 1];
    struct entente_event_result result = {.sequence = 1, .comment = comment};
    struct entente_envelope envelope = {.body = ENTENTE_EVENT_RESULT,
                                        .event_result = &result};

    memset(comment, 'x', sizeof comment - 1);
    connect_client(world);
    assert_int_equal(
        entente_client_submit(world->broker.client, &envelope, NULL, NULL, NULL),
        ENTENTE_ERROR_TOO_LARGE);
    assert_string_equal(entente_client_sentence(world->broker.client),
                        "The message does not fit into one frame.");
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

static void test_what_only_the_broker_says_is_not_sent(void **state)
{
    struct world *world = *state;
    struct entente_welcome welcome = fake_broker_usual_welcome();
    struct entente_envelope envelope = {.body = ENTENTE_WELCOME, .welcome = &welcome};

    connect_client(world);
    assert_int_equal(
        entente_client_submit(world->broker.client, &envelope, NULL, NULL, NULL),
        ENTENTE_ERROR_NOT_ALLOWED_HERE);
    assert_string_equal(entente_client_sentence(world->broker.client),
                        "Only the broker sends this message.");
}

/* ---- at the wrong moment -----------------------------------------------------------
 */

static void call_within(void *context, enum entente_code code,
                        const struct entente_envelope *reply)
{
    struct world *world = context;
    struct entente_list list = {.all = true};
    struct entente_envelope envelope = {.body = ENTENTE_LIST, .list = &list};
    const struct entente_envelope *answer;

    (void)code;
    (void)reply;
    world->within = entente_client_call(world->broker.client, &envelope, 1, &answer);
    world->told = true;
}

static void test_a_callback_does_not_wait(void **state)
{
    struct world *world = *state;
    struct entente_publish whole = publication(ENTENTE_SNAPSHOT, ranges, 1);

    connect_client(world);
    assert_int_equal(
        entente_client_publish(world->broker.client, &whole, call_within, world),
        ENTENTE_OK);
    answer_all(world, 1);
    assert_int_equal(world->within, ENTENTE_ERROR_IN_CALLBACK);
    fake_broker_expect_silence(&world->broker);
}

/* ---- memory ------------------------------------------------------------------------
 */

/* Something to ask; true when it was taken. */
typedef bool ask_function(struct world *world);

static bool ask_list(struct world *world)
{
    struct entente_list list = {.all = true};
    struct entente_envelope envelope = {.body = ENTENTE_LIST, .list = &list};
    uint64_t counter;

    return entente_client_submit(world->broker.client, &envelope, take_outcome, world,
                                 &counter) == ENTENTE_OK;
}

static bool ask_publish(struct world *world)
{
    struct entente_publish whole =
        publication(ENTENTE_SNAPSHOT, ranges, LIMIT_PART_RANGES + 1);
    return publish(world, &whole) == ENTENTE_OK;
}

static bool ask_withdraw(struct world *world)
{
    return entente_client_withdraw(world->broker.client, "other", take_outcome,
                                   world) == ENTENTE_OK;
}

/* Fails after any number of allocations: refused, and nothing of it waits; taken in the
 * end, and all of it waits. */
static void expect_all_or_nothing(struct world *world, ask_function *ask,
                                  enum entente_body body, size_t frames)
{
    size_t before = entente_client_unanswered(world->broker.client);
    bool taken = false;

    for (int most = 0; !taken; most++) {
        assert_true(most < 100);
        allocations_left = most;
        taken = ask(world);
        allocations_left = UNLIMITED;
        assert_int_equal(entente_client_unanswered(world->broker.client),
                         before + (taken ? frames : 0));
        if (!taken) {
            assert_string_not_equal(entente_client_sentence(world->broker.client), "");
        }
    }
    for (size_t i = 0; i < frames; i++) {
        (void)fake_broker_await(&world->broker, body);
    }
}

static void test_memory_that_runs_out_takes_all_or_nothing(void **state)
{
    struct world *world = *state;
    static const struct {
        ask_function *ask;
        enum entente_body body;
        size_t frames;
    } acts[] = {{ask_list, ENTENTE_LIST, 1},
                {ask_publish, ENTENTE_PUBLISH, 2},
                {ask_withdraw, ENTENTE_WITHDRAW, 1}};

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        connect_client(world);
        expect_all_or_nothing(world, acts[i].ask, acts[i].body, acts[i].frames);
        /* Again with what the first time has left: then each allocation fails once. */
        expect_all_or_nothing(world, acts[i].ask, acts[i].body, acts[i].frames);
        entente_client_destroy(world->broker.client);
        world->broker.client = NULL;
        fake_broker_restart(&world->broker);
    }
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_a_publication_says_whose_and_of_when),
        STORY(test_ranges_overlap_across_parts),
        STORY(test_a_delta_is_one_part_and_leaves_the_source_within_bounds),
        STORY(test_all_parts_have_room_or_none_is_queued),
        STORY(test_what_fits_no_frame_is_too_large),
        STORY(test_what_only_the_broker_says_is_not_sent),
        STORY(test_a_callback_does_not_wait),
        STORY(test_memory_that_runs_out_takes_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
