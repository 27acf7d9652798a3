// SPDX-License-Identifier: Apache-2.0

/*
 * test_compatible.c - an older and a newer peer understand each other
 *
 * The older peer is the codec; the newer one speaks future.proto.
 */
#include "proto/codec.h"
#include "proto/codec_table.h"
#include "proto/limits.h"

#include "future.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MONDAY = CODEC_TIME_MIN + 1440 };

/* What a newer client publishes: two ranges, with everything that is new. */
struct newer {
    Entente__Future__Identifier person;
    Entente__Future__Identifier home;
    Entente__Future__Travel travel;
    Entente__Future__Range ranges[2];
    Entente__Future__Range *range_list[2];
    Entente__Future__Span coverage;
    Entente__Future__Publish publish;
    Entente__Future__Envelope envelope;
    uint32_t floors[2];
    char texts[6][16];
};

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void init_newer(struct newer *newer)
{
    static const char *const texts[] = {"urn:test", "anna", "Lyon", "agenda", "t-1"};

    *newer = (struct newer){
        .person = ENTENTE__FUTURE__IDENTIFIER__INIT,
        .home = ENTENTE__FUTURE__IDENTIFIER__INIT,
        .travel = ENTENTE__FUTURE__TRAVEL__INIT,
        .ranges = {ENTENTE__FUTURE__RANGE__INIT, ENTENTE__FUTURE__RANGE__INIT},
        .coverage = ENTENTE__FUTURE__SPAN__INIT,
        .publish = ENTENTE__FUTURE__PUBLISH__INIT,
        .envelope = ENTENTE__FUTURE__ENVELOPE__INIT,
        .floors = {1, 2},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        memcpy(newer->texts[i], texts[i], strlen(texts[i]) + 1);
    }
    newer->person.system = newer->texts[0];
    newer->person.value = newer->texts[1];
    newer->person.assigner = newer->texts[2];
    newer->home.system = newer->texts[0];
    newer->travel.from = &newer->home;
    newer->travel.has_minutes = 1;
    newer->travel.minutes = 20;
    for (int32_t i = 0; i < 2; i++) {
        Entente__Future__Range *range = &newer->ranges[i];
        range->has_start = range->has_end = range->has_kind = range->has_capacity = 1;
        range->start = MONDAY + 100 * i;
        range->end = MONDAY + 100 * i + 50;
        range->kind = ENTENTE__FUTURE__RANGE_KIND__BUSY;
        range->capacity = 4;
        newer->range_list[i] = range;
    }
    newer->ranges[1].travel = &newer->travel;
    newer->coverage.has_start = newer->coverage.has_end = 1;
    newer->coverage.start = MONDAY;
    newer->coverage.end = MONDAY + 1440;
}

/* The frame of what a newer client publishes. */
static struct entente_bytes pack_newer(struct newer *newer)
{
    Entente__Future__Publish *publish = &newer->publish;
    Entente__Future__Envelope *envelope = &newer->envelope;

    publish->source = newer->texts[3];
    publish->person = &newer->person;
    publish->has_publication = publish->has_epoch = publish->has_sequence = 1;
    publish->publication = ENTENTE__FUTURE__PUBLICATION__SNAPSHOT;
    publish->epoch = publish->sequence = 1;
    publish->coverage = &newer->coverage;
    publish->has_as_of_ms = publish->has_lease_seconds = 1;
    publish->as_of_ms = MONDAY * INT64_C(60000);
    publish->lease_seconds = 60;
    publish->n_ranges = 2;
    publish->ranges = newer->range_list;
    publish->n_floors = 2;
    publish->floors = newer->floors;
    envelope->has_request_epoch = envelope->has_request_counter = 1;
    envelope->request_epoch = 5;
    envelope->request_counter = 6;
    envelope->trace = newer->texts[4];
    envelope->body_case = ENTENTE__FUTURE__ENVELOPE__BODY_PUBLISH;
    envelope->publish = publish;

    size_t size = entente__future__envelope__get_packed_size(envelope);
    uint8_t *bytes = arena_alloc(&arena, size);
    entente__future__envelope__pack(envelope, bytes);
    return (struct entente_bytes){bytes, size};
}

static bool decode(struct entente_bytes frame, enum codec_side from,
                   struct entente_envelope **ret_envelope,
                   struct codec_error *ret_error, struct codec_notes *ret_notes)
{
    *ret_error = (struct codec_error){0};
    return codec_decode(frame.data, frame.size, from, &arena, ret_envelope, ret_error,
                        ret_notes);
}

static void new_fields_are_ignored_and_counted_on_every_level(void **state)
{
    struct newer newer;
    struct entente_envelope *envelope = NULL;
    struct codec_error error;
    struct codec_notes notes;

    (void)state;
    init_newer(&newer);
    assert_true(decode(pack_newer(&newer), CODEC_CLIENT, &envelope, &error, &notes));
    /* trace, assigner, two capacities, travel (as a whole), floors. */
    assert_int_equal(notes.unknown_fields, 6);
    assert_int_equal(notes.request_counter, 6);
    assert_string_equal(envelope->publish->person->value, "anna");
    assert_int_equal(envelope->publish->ranges_count, 2);
    assert_int_equal(envelope->publish->ranges[1].start, MONDAY + 100);
    assert_int_equal(envelope->publish->ranges[1].kind, ENTENTE_BUSY);
}

static void a_new_value_is_refused_by_name(void **state)
{
    struct newer newer;
    struct entente_envelope *envelope = NULL;
    struct codec_error error;
    struct codec_notes notes;

    (void)state;
    init_newer(&newer);
    newer.ranges[1].kind = ENTENTE__FUTURE__RANGE_KIND__ELSEWHERE;
    assert_false(decode(pack_newer(&newer), CODEC_CLIENT, &envelope, &error, &notes));
    assert_int_equal(error.code, ERROR_UNKNOWN_VALUE);
    assert_string_equal(error.parameters[0], "publish.ranges[1].kind");
    assert_string_equal(error.parameters[1], "4");
    assert_int_equal(notes.request_counter, 6);
}

static void a_new_message_is_refused_to_its_request(void **state)
{
    Entente__Future__Envelope newer = ENTENTE__FUTURE__ENVELOPE__INIT;
    Entente__Future__Swap swap = ENTENTE__FUTURE__SWAP__INIT;
    struct entente_envelope *envelope = NULL;
    struct codec_error error;
    struct codec_notes notes;
    uint8_t bytes[64];

    (void)state;
    newer.has_request_epoch = newer.has_request_counter = 1;
    newer.request_epoch = 5;
    newer.request_counter = 6;
    newer.body_case = ENTENTE__FUTURE__ENVELOPE__BODY_SWAP;
    newer.swap = &swap;
    size_t size = entente__future__envelope__pack(&newer, bytes);
    assert_false(decode((struct entente_bytes){bytes, size}, CODEC_CLIENT, &envelope,
                        &error, &notes));
    assert_int_equal(error.code, ERROR_UNKNOWN_MESSAGE);
    assert_string_equal(error.parameters[0], "1");
    assert_int_equal(notes.body, 0);
    assert_int_equal(notes.request_epoch, 5);
    assert_int_equal(notes.request_counter, 6);
}

static void a_newer_hello_is_read_and_offers_the_old_version(void **state)
{
    Entente__Future__Envelope newer = ENTENTE__FUTURE__ENVELOPE__INIT;
    Entente__Future__Hello hello = ENTENTE__FUTURE__HELLO__INIT;
    struct entente_envelope *envelope = NULL;
    struct codec_error error;
    struct codec_notes notes;
    char can[] = "can-swap";
    char *capabilities[] = {can};
    uint8_t bytes[64];

    (void)state;
    hello.has_version_min = hello.has_version_max = hello.has_boot = 1;
    hello.version_min = 1;
    hello.version_max = 2;
    hello.boot = 77;
    hello.n_capabilities = 1;
    hello.capabilities = capabilities;
    newer.body_case = ENTENTE__FUTURE__ENVELOPE__BODY_HELLO;
    newer.hello = &hello;
    size_t size = entente__future__envelope__pack(&newer, bytes);
    assert_true(decode((struct entente_bytes){bytes, size}, CODEC_CLIENT, &envelope,
                       &error, &notes));
    assert_int_equal(notes.unknown_fields, 1);
    assert_int_equal(envelope->hello->version_max, 2);
    assert_string_equal(envelope->hello->capabilities[0], "can-swap");

    /* After that, a frame in a version that was not agreed is refused. */
    newer.has_version = 1;
    newer.version = 2;
    size = entente__future__envelope__pack(&newer, bytes);
    assert_false(decode((struct entente_bytes){bytes, size}, CODEC_CLIENT, &envelope,
                        &error, &notes));
    assert_int_equal(error.code, ERROR_VERSION);
    assert_string_equal(error.parameters[0], "2");
}

static void an_older_client_reads_a_newer_welcome(void **state)
{
    Entente__Future__Envelope newer = ENTENTE__FUTURE__ENVELOPE__INIT;
    Entente__Future__Welcome welcome = ENTENTE__FUTURE__WELCOME__INIT;
    struct entente_envelope *envelope = NULL;
    struct codec_error error;
    struct codec_notes notes;
    char name[] = "clinic";
    uint8_t bytes[64];

    (void)state;
    welcome.has_version = welcome.has_shard = 1;
    welcome.version = 1;
    welcome.client = name;
    welcome.shard = 3;
    newer.body_case = ENTENTE__FUTURE__ENVELOPE__BODY_WELCOME;
    newer.welcome = &welcome;
    size_t size = entente__future__envelope__pack(&newer, bytes);
    assert_true(decode((struct entente_bytes){bytes, size}, CODEC_BROKER, &envelope,
                       &error, &notes));
    assert_int_equal(notes.unknown_fields, 1);
    assert_string_equal(envelope->welcome->client, "clinic");
}

static void a_newer_peer_reads_what_an_older_one_says(void **state)
{
    struct entente_identifier anna = {"urn:test", "anna"};
    struct entente_range range = {
        .start = MONDAY, .end = MONDAY + 60, .kind = ENTENTE_FREE};
    struct entente_span coverage = {MONDAY, MONDAY + 1440};
    struct entente_publish publish = {.source = "agenda",
                                      .person = &anna,
                                      .publication = ENTENTE_DELTA,
                                      .epoch = 1,
                                      .sequence = 2,
                                      .coverage = &coverage,
                                      .as_of_ms = MONDAY * INT64_C(60000),
                                      .lease_seconds = 60,
                                      .ranges = &range,
                                      .ranges_count = 1};
    struct entente_envelope older = {.request_epoch = 1,
                                     .request_counter = 1,
                                     .body = ENTENTE_PUBLISH,
                                     .publish = &publish};
    struct entente_bytes frame = {0};

    (void)state;
    assert_true(codec_encode(&older, &arena, &frame));
    Entente__Future__Envelope *newer =
        entente__future__envelope__unpack(NULL, frame.size, frame.data);
    assert_non_null(newer);
    assert_int_equal(newer->body_case, ENTENTE__FUTURE__ENVELOPE__BODY_PUBLISH);
    assert_int_equal(newer->publish->publication, ENTENTE__FUTURE__PUBLICATION__DELTA);
    assert_string_equal(newer->publish->person->value, "anna");
    assert_int_equal(newer->publish->ranges[0]->end, MONDAY + 60);
    assert_false(newer->publish->ranges[0]->has_capacity);
    assert_null(newer->trace);
    entente__future__envelope__free_unpacked(newer, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_fields_are_ignored_and_counted_on_every_level),
        TEST(a_new_value_is_refused_by_name),
        TEST(a_new_message_is_refused_to_its_request),
        TEST(a_newer_hello_is_read_and_offers_the_old_version),
        TEST(an_older_client_reads_a_newer_welcome),
        TEST(a_newer_peer_reads_what_an_older_one_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
