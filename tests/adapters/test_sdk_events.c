// SPDX-License-Identifier: Apache-2.0

/*
 * Events come in order, none twice that was applied, none lost; and the agenda may
 * refuse one.
 */
#include "tests/adapters/sdk_fake_broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_EVENTS = 16 };

struct world {
    struct fake_broker broker;
    const char *endpoints[1];
    struct entente_settings settings;
    uint64_t delivered[MOST_EVENTS];
    size_t count;
    size_t awaited; /* how many to wait for */
    bool all;
    bool apply;
    bool refuse;
    enum entente_code inside; /* what a call inside the callback said */
    bool lost;
};

static void take_event(void *context, const struct entente_event *event,
                       struct entente_position position)
{
    struct world *world = context;
    struct entente_client *client = world->broker.client;

    assert_int_equal(position.sequence, event->sequence);
    assert_int_equal(position.epoch, event->epoch);
    assert_true(world->count < MOST_EVENTS);
    world->delivered[world->count++] = event->sequence;
    world->all = world->count >= world->awaited;
    world->inside = entente_client_step(client, 0);
    if (world->refuse) {
        assert_int_equal(entente_client_event_result(
                             client, event, "agenda-1", ENTENTE_REFUSED,
                             ENTENTE_CONFLICT_IN_AGENDA, "the room is taken"),
                         ENTENTE_OK);
    }
    if (world->apply) {
        assert_int_equal(entente_client_applied(client, event->sequence), ENTENTE_OK);
    }
}

static void take_loss(void *context, const char *sentence)
{
    struct world *world = context;

    assert_true(sentence[0] != '\0');
    world->lost = true;
}

static int set_up(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof world);
    fake_broker_start(&world.broker);
    world.endpoints[0] = world.broker.endpoint;
    world.settings = fake_broker_settings(&world.broker, world.endpoints, 1);
    world.settings.on_event = take_event;
    world.settings.on_disconnected = take_loss;
    world.apply = true;
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

/* A client that has applied the events up to @sequence, and its welcome. */
static void connect_client(struct world *world, uint64_t sequence)
{
    world->settings.position =
        (struct entente_position){.epoch = 700, .sequence = sequence};
    world->broker.client = entente_client_create(&world->settings, NULL, 0);
    assert_non_null(world->broker.client);
    const struct entente_hello *hello = fake_broker_welcome(&world->broker, NULL);
    assert_true(hello->wants_events);
    assert_int_equal(hello->last_event, sequence);
}

static void say_events(struct world *world, uint64_t from, uint64_t until)
{
    for (uint64_t i = from; i <= until; i++) {
        fake_broker_say_event(&world->broker, 700, i);
    }
}

static void expect_ack(struct world *world, uint64_t sequence)
{
    const struct entente_event_ack *ack;

    do {
        ack = fake_broker_await(&world->broker, ENTENTE_EVENT_ACK)->event_ack;
        assert_int_equal(ack->epoch, 700);
    } while (ack->sequence < sequence);
    assert_int_equal(ack->sequence, sequence);
}

static void expect_delivered(struct world *world, const uint64_t *sequences,
                             size_t count)
{
    world->awaited = count;
    world->all = world->count >= count;
    fake_broker_until(&world->broker, &world->all);
    assert_int_equal(world->count, count);
    assert_memory_equal(world->delivered, sequences, count * sizeof *sequences);
}

static void test_what_is_applied_is_acknowledged_together(void **state)
{
    struct world *world = *state;

    connect_client(world, 4);
    say_events(world, 5, 8);
    expect_ack(world, 8);
    expect_delivered(world, (const uint64_t[]){5, 6, 7, 8}, 4);
    assert_int_equal(world->inside, ENTENTE_ERROR_IN_CALLBACK);
    fake_broker_expect_silence(&world->broker);
}

static void test_an_event_that_was_applied_is_not_delivered_again(void **state)
{
    struct world *world = *state;

    connect_client(world, 4);
    say_events(world, 3, 5); /* The broker has missed an acknowledgement. */
    expect_ack(world, 5);
    say_events(world, 5, 6);
    expect_ack(world, 6);
    expect_delivered(world, (const uint64_t[]){5, 6}, 2);
}

static void test_events_go_on_after_a_new_connection(void **state)
{
    struct world *world = *state;

    world->apply = false;
    connect_client(world, 0);
    say_events(world, 1, 3);
    expect_delivered(world, (const uint64_t[]){1, 2, 3}, 3);
    assert_int_equal(entente_client_applied(world->broker.client, 4),
                     ENTENTE_ERROR_NOT_DELIVERED);
    assert_int_equal(entente_client_applied(world->broker.client, 2), ENTENTE_OK);
    expect_ack(world, 2);

    fake_broker_restart(&world->broker);
    const struct entente_hello *hello = fake_broker_welcome(&world->broker, NULL);
    assert_int_equal(hello->event_epoch, 700);
    assert_int_equal(hello->last_event, 2);
    say_events(world, 2, 4);
    expect_ack(world, 2); /* Said once more: the broker seems to have missed it. */
    /* 3 had been delivered and not applied: it comes again.  2 does not. */
    expect_delivered(world, (const uint64_t[]){1, 2, 3, 3, 4}, 5);
}

static void test_a_gap_leads_to_a_new_connection_and_a_replay(void **state)
{
    struct world *world = *state;

    connect_client(world, 0);
    say_events(world, 1, 1);
    expect_ack(world, 1);
    say_events(world, 3, 3);
    const struct entente_hello *hello = fake_broker_welcome(&world->broker, NULL);
    assert_int_equal(hello->last_event, 1);
    assert_true(world->lost);
    say_events(world, 2, 3);
    expect_ack(world, 3);
    expect_delivered(world, (const uint64_t[]){1, 2, 3}, 3);
}

static void test_a_new_numbering_begins_anew(void **state)
{
    struct world *world = *state;
    struct entente_welcome welcome = fake_broker_usual_welcome();

    welcome.event_epoch = 701;
    connect_client(world, 9);
    fake_broker_restart(&world->broker);
    (void)fake_broker_welcome(&world->broker, &welcome);
    fake_broker_say_event(&world->broker, 701, 1);
    const struct entente_event_ack *ack =
        fake_broker_await(&world->broker, ENTENTE_EVENT_ACK)->event_ack;
    assert_int_equal(ack->epoch, 701);
    assert_int_equal(ack->sequence, 1);
    expect_delivered(world, (const uint64_t[]){1}, 1);
}

/* It was restored from a backup and issues numbers that the client has seen before. */
static void
test_a_broker_that_forgot_its_events_is_heard_from_the_beginning(void **state)
{
    struct world *world = *state;
    struct entente_welcome welcome = fake_broker_usual_welcome();

    welcome.last_event_issued = 2;
    connect_client(world, 9);
    fake_broker_restart(&world->broker);
    (void)fake_broker_welcome(&world->broker, &welcome);
    say_events(world, 1, 2);
    expect_ack(world, 2);
    expect_delivered(world, (const uint64_t[]){1, 2}, 2);
}

/* The broker has a meeting confirmed; the vendor's agenda finds that it cannot hold it,
 * and says so with a reason.  Having received it is acknowledged all the same. */
static void test_an_agenda_refuses_an_event(void **state)
{
    struct world *world = *state;
    uint8_t id[16];

    memset(id, 1, sizeof id);
    world->refuse = true;
    connect_client(world, 0);
    say_events(world, 1, 1);
    expect_ack(world, 1);
    const struct entente_envelope *envelope =
        fake_broker_await(&world->broker, ENTENTE_EVENT_RESULT);
    const struct entente_event_result *result = envelope->event_result;
    assert_int_equal(result->kind, ENTENTE_REFUSED);
    assert_int_equal(result->reason, ENTENTE_CONFLICT_IN_AGENDA);
    assert_int_equal(result->sequence, 1);
    assert_int_equal(result->version, 3);
    assert_string_equal(result->source, "agenda-1");
    assert_string_equal(result->comment, "the room is taken");
    assert_int_equal(result->meeting.size, 16);
    assert_memory_equal(result->meeting.data, id, sizeof id);
    uint64_t counter = envelope->request_counter;

    /* The result is a request: it is not lost with the connection. */
    fake_broker_restart(&world->broker);
    (void)fake_broker_welcome(&world->broker, NULL);
    envelope = fake_broker_await(&world->broker, ENTENTE_EVENT_RESULT);
    assert_int_equal(envelope->request_counter, counter);
    fake_broker_say_done(&world->broker, 7, counter);
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_what_is_applied_is_acknowledged_together),
        STORY(test_an_event_that_was_applied_is_not_delivered_again),
        STORY(test_events_go_on_after_a_new_connection),
        STORY(test_a_gap_leads_to_a_new_connection_and_a_replay),
        STORY(test_a_new_numbering_begins_anew),
        STORY(test_a_broker_that_forgot_its_events_is_heard_from_the_beginning),
        STORY(test_an_agenda_refuses_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
