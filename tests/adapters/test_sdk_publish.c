// SPDX-License-Identifier: Apache-2.0

/*
 * A source reaches the broker whole, or not at all with a code, and is mended when the
 * broker has lost track of it.
 */
#include "tests/adapters/sdk_fake_broker.h"

#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { BEGIN = 30000000, MOST_RANGES = LIMIT_SOURCE_RANGES + 1 };

struct world {
    struct fake_broker broker;
    const char *endpoints[1];
    struct entente_settings settings;
    bool told;
    size_t tellings;
    enum entente_code code;
    size_t resyncs;
};

static struct entente_range ranges[MOST_RANGES];

static void take_outcome(void *context, enum entente_code code,
                         const struct entente_envelope *reply)
{
    struct world *world = context;

    (void)reply;
    world->told = true;
    world->tellings++;
    world->code = code;
}

static int set_up(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof world);
    fake_broker_start(&world.broker);
    world.endpoints[0] = world.broker.endpoint;
    world.settings = fake_broker_settings(&world.broker, world.endpoints, 1);
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

/* Publish the first @count of @what under the name "agenda". */
static enum entente_code publish_ranges(struct world *world, struct entente_range *what,
                                        size_t count, struct entente_span coverage,
                                        uint32_t publication)
{
    struct entente_identifier person = {.system = "urn:oid:1.2.250.1.71.4.2.1",
                                        .value = "899700000017"};
    struct entente_publish publish = {.source = "agenda",
                                      .person = &person,
                                      .publication = publication,
                                      .coverage = &coverage,
                                      .as_of_ms = 1800000000000,
                                      .lease_seconds = 3600,
                                      .ranges = what,
                                      .ranges_count = count};

    return entente_client_publish(world->broker.client, &publish, take_outcome, world);
}

/* The first @count of ranges of 15 minutes, half an hour apart. */
static enum entente_code publish_many(struct world *world, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct entente_range){.start = BEGIN + (int32_t)i * 30,
                                           .end = BEGIN + (int32_t)i * 30 + 15,
                                           .kind = ENTENTE_FREE};
    }
    return publish_ranges(world, ranges, count,
                          (struct entente_span){BEGIN, BEGIN + 400 * 1440},
                          ENTENTE_SNAPSHOT);
}

static const struct entente_envelope *expect_part(struct world *world, uint64_t epoch,
                                                  uint64_t sequence, size_t count)
{
    const struct entente_envelope *envelope =
        fake_broker_await(&world->broker, ENTENTE_PUBLISH);

    assert_int_equal(envelope->publish->epoch, epoch);
    assert_int_equal(envelope->publish->sequence, sequence);
    assert_int_equal(envelope->publish->ranges_count, count);
    return envelope;
}

static void answer_done(struct world *world, uint64_t counter)
{
    fake_broker_say_done(&world->broker, 7, counter);
    fake_broker_until(&world->broker, &world->told);
    assert_int_equal(world->code, ENTENTE_OK);
    world->told = false;
}

/* One small snapshot, durable. */
static void publish_first(struct world *world, size_t count)
{
    assert_int_equal(publish_many(world, count), ENTENTE_OK);
    answer_done(world, expect_part(world, 70, 1, count)->request_counter);
}

static void test_ten_thousand_ranges_travel_in_twenty_parts(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;
    size_t seen = 0;

    connect_client(world);
    assert_int_equal(publish_many(world, LIMIT_SOURCE_RANGES), ENTENTE_OK);
    for (uint32_t part = 1; part <= 20; part++) {
        const struct entente_envelope *envelope =
            fake_broker_await(&world->broker, ENTENTE_PUBLISH);
        const struct entente_publish *publish = envelope->publish;
        assert_int_equal(publish->part, part);
        assert_int_equal(publish->parts, 20);
        assert_int_equal(publish->epoch, 70);
        assert_int_equal(publish->sequence, 1);
        assert_true(publish->ranges_count <= LIMIT_PART_RANGES);
        for (size_t i = 0; i < publish->ranges_count; i++) {
            assert_int_equal(publish->ranges[i].start, BEGIN + (int32_t)seen * 30);
            seen++;
        }
        counter = envelope->request_counter;
    }
    assert_int_equal(seen, LIMIT_SOURCE_RANGES);
    for (uint64_t i = counter - 19; i <= counter; i++) {
        assert_false(world->told);
        fake_broker_say_done(&world->broker, 7, i);
    }
    fake_broker_until(&world->broker, &world->told);
    assert_int_equal(world->code, ENTENTE_OK);
    assert_int_equal(world->tellings, 1);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

static void test_ten_thousand_and_one_ranges_are_refused_here(void **state)
{
    struct world *world = *state;

    connect_client(world);
    assert_int_equal(publish_many(world, LIMIT_SOURCE_RANGES + 1),
                     ENTENTE_ERROR_TOO_MANY_RANGES);
    assert_string_equal(entente_client_sentence(world->broker.client),
                        "The source would have more than 10000 ranges.");
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
    fake_broker_expect_silence(&world->broker);
}

static void test_long_texts_make_smaller_parts(void **state)
{
    struct world *world = *state;
    char place[LIMIT_NAME_BYTES + 1];
    size_t seen = 0;
    uint32_t parts = 1;

    memset(place, 'x', sizeof place - 1);
    place[sizeof place - 1] = '\0';
    connect_client(world);
    for (size_t i = 0; i < LIMIT_PART_RANGES; i++) {
        ranges[i] = (struct entente_range){.start = BEGIN + (int32_t)i * 30,
                                           .end = BEGIN + (int32_t)i * 30 + 15,
                                           .kind = ENTENTE_FREE,
                                           .place = place};
    }
    assert_int_equal(publish_ranges(world, ranges, LIMIT_PART_RANGES,
                                    (struct entente_span){BEGIN, BEGIN + 400 * 1440},
                                    ENTENTE_SNAPSHOT),
                     ENTENTE_OK);
    for (uint32_t part = 1; part <= parts; part++) {
        const struct entente_publish *publish =
            fake_broker_await(&world->broker, ENTENTE_PUBLISH)->publish;
        parts = publish->parts;
        seen += publish->ranges_count;
    }
    assert_true(parts > 1);
    assert_int_equal(seen, LIMIT_PART_RANGES);
}

static void test_wrong_ranges_are_refused_here_with_the_brokers_codes(void **state)
{
    struct world *world = *state;
    struct entente_span coverage = {BEGIN, BEGIN + 1440};
    struct entente_range reversed[] = {
        {.start = BEGIN + 60, .end = BEGIN, .kind = ENTENTE_FREE}};
    struct entente_range empty[] = {
        {.start = BEGIN, .end = BEGIN, .kind = ENTENTE_FREE}};
    struct entente_range unsorted[] = {
        {.start = BEGIN + 60, .end = BEGIN + 90, .kind = ENTENTE_FREE},
        {.start = BEGIN, .end = BEGIN + 30, .kind = ENTENTE_FREE}};
    struct entente_range overlapping[] = {
        {.start = BEGIN, .end = BEGIN + 60, .kind = ENTENTE_FREE},
        {.start = BEGIN + 30, .end = BEGIN + 90, .kind = ENTENTE_FREE}};
    struct entente_range outside[] = {
        {.start = BEGIN + 1400, .end = BEGIN + 1500, .kind = ENTENTE_FREE}};

    connect_client(world);
    assert_int_equal(publish_ranges(world, reversed, 1, coverage, 0),
                     ENTENTE_ERROR_RANGE_REVERSED);
    assert_int_equal(publish_ranges(world, empty, 1, coverage, 0),
                     ENTENTE_ERROR_RANGE_EMPTY);
    assert_int_equal(publish_ranges(world, unsorted, 2, coverage, 0),
                     ENTENTE_ERROR_RANGES_UNSORTED);
    assert_int_equal(publish_ranges(world, overlapping, 2, coverage, 0),
                     ENTENTE_ERROR_RANGES_OVERLAP);
    assert_int_equal(publish_ranges(world, outside, 1, coverage, 0),
                     ENTENTE_ERROR_RANGE_OUTSIDE);
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(world->tellings, 0);
}

static void test_the_broker_asks_for_a_snapshot_and_gets_the_copy(void **state)
{
    struct world *world = *state;
    struct entente_source_state missing = {.source = "agenda", .epoch = 70};
    struct entente_resync resync = {.source = &missing};
    struct entente_envelope question = {.body = ENTENTE_RESYNC, .resync = &resync};

    connect_client(world);
    publish_first(world, 3);
    fake_broker_say(&world->broker, &question);
    fake_broker_say(&world->broker, &question); /* The one answer serves both. */
    const struct entente_envelope *envelope = expect_part(world, 70, 2, 3);
    assert_int_equal(envelope->publish->publication, ENTENTE_SNAPSHOT);
    fake_broker_say_done(&world->broker, 7, envelope->request_counter);
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(world->tellings, 1);
}

static void test_a_stale_source_in_a_pulse_is_published_again(void **state)
{
    struct world *world = *state;

    connect_client(world);
    publish_first(world, 2);
    world->broker.stale = "agenda";
    uint64_t counter = expect_part(world, 70, 2, 2)->request_counter;
    world->broker.stale = NULL;
    fake_broker_say_done(&world->broker, 7, counter);
    fake_broker_expect_silence(&world->broker);
}

/*     snapshot  [0..15) [30..45) [60..75)
 *     delta            [20 .. 70)   free [25..50)
 *     copy      [0..15) [25..50) [70..75)             */
static void test_a_gap_is_mended_with_the_source_as_it_now_is(void **state)
{
    struct world *world = *state;
    struct entente_range changed[] = {
        {.start = BEGIN + 25, .end = BEGIN + 50, .kind = ENTENTE_FREE}};

    connect_client(world);
    publish_first(world, 3);
    assert_int_equal(publish_ranges(world, changed, 1,
                                    (struct entente_span){BEGIN + 20, BEGIN + 70},
                                    ENTENTE_DELTA),
                     ENTENTE_OK);
    const struct entente_envelope *delta = expect_part(world, 70, 2, 1);
    assert_int_equal(delta->publish->publication, ENTENTE_DELTA);
    fake_broker_say_error(&world->broker, 7, delta->request_counter,
                          ERROR_SEQUENCE_GAP);
    const struct entente_envelope *mended = expect_part(world, 70, 3, 3);
    const struct entente_range *now = mended->publish->ranges;
    assert_int_equal(mended->publish->publication, ENTENTE_SNAPSHOT);
    assert_int_equal(now[0].end, BEGIN + 15);
    assert_int_equal(now[1].start, BEGIN + 25);
    assert_int_equal(now[1].end, BEGIN + 50);
    assert_int_equal(now[2].start, BEGIN + 70);
    assert_int_equal(now[2].end, BEGIN + 75);
    assert_false(world->told);
    answer_done(world, mended->request_counter);
    assert_int_equal(world->tellings, 2);
}

static void test_a_source_that_cannot_be_mended_is_told_in_the_end(void **state)
{
    struct world *world = *state;

    connect_client(world);
    assert_int_equal(publish_many(world, 1), ENTENTE_OK);
    for (uint64_t sequence = 1; sequence <= 4; sequence++) {
        uint64_t counter = expect_part(world, 70, sequence, 1)->request_counter;
        fake_broker_say_error(&world->broker, 7, counter, ERROR_SEQUENCE_GAP);
    }
    fake_broker_until(&world->broker, &world->told);
    assert_int_equal(world->code, ENTENTE_ERROR_SEQUENCE_GAP);
    fake_broker_expect_silence(&world->broker);
}

/* Somebody else has published with a newer epoch: a new connection grants one that is
 * newer still. */
static void test_an_epoch_that_is_over_is_renewed(void **state)
{
    struct world *world = *state;
    struct entente_welcome welcome = fake_broker_usual_welcome();

    welcome.publication_epoch = 72;
    connect_client(world);
    assert_int_equal(publish_many(world, 2), ENTENTE_OK);
    fake_broker_say_error(&world->broker, 7,
                          expect_part(world, 70, 1, 2)->request_counter, ERROR_EPOCH);
    (void)fake_broker_welcome(&world->broker, &welcome);
    fake_broker_say_done(&world->broker, 7,
                         expect_part(world, 72, 1, 2)->request_counter);
    fake_broker_expect_silence(&world->broker);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

static void test_parts_are_sent_again_together_after_a_new_connection(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;

    connect_client(world);
    assert_int_equal(publish_many(world, 1000), ENTENTE_OK);
    (void)expect_part(world, 70, 1, 512);
    (void)expect_part(world, 70, 1, 488);
    fake_broker_restart(&world->broker);
    struct entente_welcome welcome = fake_broker_usual_welcome();
    welcome.publication_epoch = 71;
    (void)fake_broker_welcome(&world->broker, &welcome);
    (void)expect_part(world, 70, 1, 512);
    counter = expect_part(world, 70, 1, 488)->request_counter;
    answer_done(world, counter);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

/* The database was away while the parts came: they come again, in their order. */
static void test_parts_that_are_put_off_keep_their_order(void **state)
{
    struct world *world = *state;
    uint64_t last = 0;

    connect_client(world);
    assert_int_equal(publish_many(world, (size_t)4 * LIMIT_PART_RANGES), ENTENTE_OK);
    for (int part = 1; part <= 4; part++) {
        last = expect_part(world, 70, 1, LIMIT_PART_RANGES)->request_counter;
    }
    for (uint64_t i = last; i > last - 4; i--) {
        fake_broker_say_error(&world->broker, 7, i, ERROR_UNAVAILABLE);
    }
    for (uint32_t part = 1; part <= 4; part++) {
        const struct entente_envelope *envelope =
            expect_part(world, 70, 1, LIMIT_PART_RANGES);
        assert_int_equal(envelope->publish->part, part);
        assert_int_equal(envelope->request_counter, last - 4 + part);
    }
    answer_done(world, last);
}

/* Only the second of three parts was put off, so that the third found no place. */
static void test_a_snapshot_with_a_hole_is_sent_anew(void **state)
{
    struct world *world = *state;
    uint64_t last = 0;

    connect_client(world);
    assert_int_equal(publish_many(world, (size_t)3 * LIMIT_PART_RANGES), ENTENTE_OK);
    for (int part = 1; part <= 3; part++) {
        last = expect_part(world, 70, 1, LIMIT_PART_RANGES)->request_counter;
    }
    fake_broker_say_error(&world->broker, 7, last - 1, ERROR_OVERLOADED);
    fake_broker_say_error(&world->broker, 7, last, ERROR_SNAPSHOT_PARTS);
    for (uint32_t part = 1; part <= 3; part++) {
        const struct entente_envelope *envelope =
            expect_part(world, 70, 2, LIMIT_PART_RANGES);
        assert_int_equal(envelope->publish->part, part);
        last = envelope->request_counter;
    }
    answer_done(world, last);
    assert_int_equal(world->tellings, 1);
    assert_int_equal(entente_client_unanswered(world->broker.client), 0);
}

static void take_resync(void *context, const char *source)
{
    struct world *world = context;

    assert_string_equal(source, "agenda");
    world->resyncs++;
    assert_int_equal(publish_many(world, 5), ENTENTE_OK);
}

static void test_a_program_with_its_own_answer_is_asked(void **state)
{
    struct world *world = *state;
    struct entente_source_state missing = {.source = "agenda", .epoch = 70};
    struct entente_resync resync = {.source = &missing};

    world->settings.on_resync = take_resync;
    connect_client(world);
    publish_first(world, 2);
    fake_broker_say(&world->broker, &(struct entente_envelope){.body = ENTENTE_RESYNC,
                                                               .resync = &resync});
    answer_done(world, expect_part(world, 70, 2, 5)->request_counter);
    assert_int_equal(world->resyncs, 1);
}

static void test_a_delta_of_nothing_and_a_withdrawal(void **state)
{
    struct world *world = *state;

    connect_client(world);
    assert_int_equal(publish_ranges(world, NULL, 0,
                                    (struct entente_span){BEGIN, BEGIN + 60},
                                    ENTENTE_DELTA),
                     ENTENTE_ERROR_UNKNOWN_SOURCE);
    publish_first(world, 2);
    assert_int_equal(
        entente_client_withdraw(world->broker.client, "agenda", take_outcome, world),
        ENTENTE_OK);
    const struct entente_envelope *envelope =
        fake_broker_await(&world->broker, ENTENTE_WITHDRAW);
    assert_int_equal(envelope->withdraw->epoch, 70);
    assert_int_equal(envelope->withdraw->sequence, 2);
    answer_done(world, envelope->request_counter);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_ten_thousand_ranges_travel_in_twenty_parts),
        STORY(test_ten_thousand_and_one_ranges_are_refused_here),
        STORY(test_long_texts_make_smaller_parts),
        STORY(test_wrong_ranges_are_refused_here_with_the_brokers_codes),
        STORY(test_the_broker_asks_for_a_snapshot_and_gets_the_copy),
        STORY(test_a_stale_source_in_a_pulse_is_published_again),
        STORY(test_a_gap_is_mended_with_the_source_as_it_now_is),
        STORY(test_a_source_that_cannot_be_mended_is_told_in_the_end),
        STORY(test_an_epoch_that_is_over_is_renewed),
        STORY(test_parts_are_sent_again_together_after_a_new_connection),
        STORY(test_parts_that_are_put_off_keep_their_order),
        STORY(test_a_snapshot_with_a_hole_is_sent_anew),
        STORY(test_a_program_with_its_own_answer_is_asked),
        STORY(test_a_delta_of_nothing_and_a_withdrawal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
