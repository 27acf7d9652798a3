// SPDX-License-Identifier: Apache-2.0

/*
 * Bad input, the frame and the conversation: whatever comes in, the answer is a code
 * and a sentence, and the broker stays up for everybody else.
 */
#include "tests/scenario/raw_client.h"

#include "proto/limits.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNA "idnps:899700000001"

static struct world world;
static struct raw_client raw;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    raw_join(&raw, &world, "raw", false, (const char *[]){ANNA, NULL});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    raw_close(&raw);
    world_destroy(&world);
    return 0;
}

static const struct entente_status_query question = {0};

static struct entente_envelope status_query(void)
{
    return (struct entente_envelope){.body = ENTENTE_STATUS_QUERY,
                                     .status_query =
                                         (struct entente_status_query *)&question};
}

static const struct entente_status_report *status(void)
{
    const struct entente_envelope ask = status_query();
    const struct entente_envelope *reply = raw_ask(&raw, &ask);
    assert_int_equal(reply->body, ENTENTE_STATUS_REPORT);
    return reply->status_report;
}

static void all_is_well(void)
{
    assert_true(world_broker_runs(&world));
    assert_true(status()->started_ms > 0);
}

/* A search with something in every corner. */
static struct entente_envelope a_search(void)
{
    static struct entente_identifier who;
    static struct entente_party party;
    static struct entente_span window;
    static struct entente_spec spec;
    static struct entente_search search;
    who = world_identifier(ANNA);
    party = world_party(&who, false);
    window = (struct entente_span){world.day, world.day + 1440};
    spec = world_spec(&party, 1, &window);
    spec.title = "Synthese";
    search = (struct entente_search){.spec = &spec, .slots = 3};
    return (struct entente_envelope){.body = ENTENTE_SEARCH, .search = &search};
}

/* ---- frames ------------------------------------------------------------------------
 */

static void test_the_broker_knows_since_when_it_runs(void **state)
{
    (void)state;
    const struct entente_status_report *report = status();
    assert_true(report->started_ms > 0);
    assert_true(report->now_ms >= report->started_ms);
    assert_true(report->now_ms - report->started_ms < WORLD_PATIENCE_MS);
}

static void test_every_truncated_frame_is_refused(void **state)
{
    (void)state;
    const struct entente_envelope search = a_search();
    size_t size;
    uint8_t *frame = raw_write(&raw, &search, &size);
    for (size_t cut = 0; cut < size; cut++) {
        raw_send(&raw, frame, cut);
        const struct entente_envelope *reply = raw_await(&raw, ENTENTE_ERROR);
        assert_true(reply->error->code >= ERROR_MALFORMED &&
                    reply->error->code <= ERROR_FIELD_CONFLICT);
        assert_non_null(reply->error->sentence);
    }
    raw_send(&raw, frame, size);
    assert_int_equal(raw_reply(&raw, raw.counter)->body, ENTENTE_SEARCH_RESULT);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void test_noise_and_broken_frames_harm_nobody(void **state)
{
    (void)state;
    enum { FRAMES = 4000, AT_ONCE = 200 };
    const char *given = getenv("RANDOM_SEED");
    uint64_t seed = given == NULL ? 20261121 : strtoull(given, NULL, 10);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    for (int i = 0; i < FRAMES; i++) {
        uint8_t noise[512];
        if (i % 2 == 0) {
            size_t size = (size_t)(next_random(&seed) % sizeof(noise));
            for (size_t j = 0; j < size; j++) {
                noise[j] = (uint8_t)next_random(&seed);
            }
            raw_send(&raw, noise, size);
        } else {
            const struct entente_envelope search = a_search();
            size_t size;
            uint8_t *frame = raw_write(&raw, &search, &size);
            for (int flips = 0; flips < 3; flips++) {
                frame[next_random(&seed) % size] ^=
                    (uint8_t)(1U << (next_random(&seed) % 8));
            }
            raw_send(&raw, frame, size);
        }
        if (i % AT_ONCE == AT_ONCE - 1) {
            raw_settle(&raw);
        }
    }
    raw_greet(&raw);
    all_is_well();
}

static void test_a_frame_of_several_parts_is_no_message(void **state)
{
    (void)state;
    const struct entente_envelope ask = status_query();
    size_t size;
    uint8_t *frame = raw_write(&raw, &ask, &size);
    raw_send_more(&raw, frame, size);
    raw_send(&raw, frame, size);
    raw_settle(&raw);
    all_is_well();
}

static void test_a_frame_that_is_too_large_is_told_so(void **state)
{
    (void)state;
    uint8_t *big = calloc(1, 8 << 20);
    assert_non_null(big);
    raw_send(&raw, big, LIMIT_FRAME_BYTES);
    raw_expect_error(&raw, ERROR_MALFORMED);
    raw_send(&raw, big, LIMIT_FRAME_BYTES + 1);
    raw_expect_error(&raw, ERROR_TOO_LARGE);
    all_is_well();
    /* What is far too large ends the connection; a new one has to begin with hello. */
    raw_send(&raw, big, 8 << 20);
    free(big);
    raw_close(&raw);
    raw_open(&raw, &world, "raw");
    raw_greet(&raw);
    all_is_well();
}

static void test_a_small_frame_cannot_unfold_without_end(void **state)
{
    (void)state;
    /* request { spec { parties {} parties {} ... } }: 30,000 empty parties. */
    enum { PARTIES = 30000, INNER = PARTIES * 3 };
    static uint8_t frame[INNER + 32];
    size_t size = 0;
    const struct entente_envelope ask = status_query();
    size_t head;
    const uint8_t *known = raw_write(&raw, &ask, &head);
    (void)known;
    frame[size++] = 0x82; /* field 16, length-delimited */
    frame[size++] = 0x01;
    size_t most = LIMIT_FRAME_BYTES - 16;
    size_t inner = most - 8;
    frame[size++] = (uint8_t)((inner + 4) & 0x7f) | 0x80;
    frame[size++] = (uint8_t)(((inner + 4) >> 7) & 0x7f) | 0x80;
    frame[size++] = (uint8_t)((inner + 4) >> 14);
    frame[size++] = 0x0a; /* spec */
    frame[size++] = (uint8_t)(inner & 0x7f) | 0x80;
    frame[size++] = (uint8_t)((inner >> 7) & 0x7f) | 0x80;
    frame[size++] = (uint8_t)(inner >> 14);
    for (size_t i = 0; i + 1 < inner; i += 2) {
        frame[size++] = 0x52; /* a repeated message, empty */
        frame[size++] = 0x00;
    }
    raw_send(&raw, frame, size);
    const struct entente_envelope *reply = raw_await(&raw, ENTENTE_ERROR);
    assert_true(reply->error->code <= ERROR_FIELD_CONFLICT);
    all_is_well();
}

static void test_unknown_fields_are_ignored_and_counted(void **state)
{
    (void)state;
    uint64_t before = status()->unknown_fields;
    const struct entente_envelope search = a_search();
    size_t size;
    uint8_t frame[4096];
    memcpy(frame, raw_write(&raw, &search, &size), 0);
    uint8_t *bytes = raw_write(&raw, &search, &size);
    assert_true(size + 8 < sizeof(frame));
    memcpy(frame, bytes, size);
    /* Field 900, a number; field 901, some bytes. */
    const uint8_t later[] = {0xa0, 0x38, 0x07, 0xaa, 0x38, 0x02, 'h', 'i'};
    memcpy(frame + size, later, sizeof(later));
    raw_send(&raw, frame, size + sizeof(later));
    assert_int_equal(raw_reply(&raw, raw.counter)->body, ENTENTE_SEARCH_RESULT);
    assert_int_equal(status()->unknown_fields, before + 2);
}

static void test_an_unknown_message_is_refused_by_its_number(void **state)
{
    (void)state;
    /* request_epoch, request_counter, then body 140, empty. */
    uint8_t frame[] = {0x10, (uint8_t)raw.request_epoch, 0x18, 0x63, 0xe2, 0x08, 0x00};
    assert_true(raw.request_epoch < 128);
    raw_send(&raw, frame, sizeof(frame));
    assert_true(raw_is_refused(raw_reply(&raw, 0x63), ERROR_UNKNOWN_MESSAGE));
}

static void test_values_that_are_not_known_are_named(void **state)
{
    (void)state;
    struct entente_envelope search = a_search();
    search.search->spec->parties[0].kind = 99;
    const struct entente_envelope *reply = raw_ask(&raw, &search);
    assert_true(raw_is_refused(reply, ERROR_UNKNOWN_VALUE));
    assert_true(strstr(reply->error->sentence, "kind") != NULL);
    search = a_search();
    search.search->spec->nature = 4711;
    assert_int_equal(raw_code(&raw, &search), ERROR_UNKNOWN_VALUE);
    struct entente_list list = {.state = 77};
    assert_int_equal(
        raw_code(&raw, &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list}),
        ERROR_UNKNOWN_VALUE);
}

static void test_texts_are_utf8_without_nul(void **state)
{
    (void)state;
    struct entente_envelope search = a_search();
    const char *bad[] = {"\xff\xfe",         "\xc3",  "\xc0\xaf", "\xed\xa0\x80",
                         "\xf5\x80\x80\x80", "a\x01z"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        search.search->spec->title = bad[i];
        assert_int_equal(raw_code(&raw, &search), ERROR_BAD_TEXT);
    }
    search = a_search();
    search.search->spec->title = "Syn?hese";
    size_t size;
    uint8_t *frame = raw_write(&raw, &search, &size);
    uint8_t *mark = memchr(frame, '?', size);
    assert_non_null(mark);
    *mark = '\0';
    raw_send(&raw, frame, size);
    assert_true(raw_is_refused(raw_reply(&raw, raw.counter), ERROR_BAD_TEXT));

    static char longer[LIMIT_NAME_BYTES + 2];
    memset(longer, 'x', LIMIT_NAME_BYTES + 1);
    search = a_search();
    search.search->spec->title = longer;
    assert_int_equal(raw_code(&raw, &search), ERROR_TEXT_TOO_LONG);
}

static void test_a_client_does_not_speak_for_the_broker(void **state)
{
    (void)state;
    struct entente_done done = {0};
    struct entente_pulse pulse = {0};
    assert_int_equal(
        raw_code(&raw,
                 &(struct entente_envelope){.body = ENTENTE_DONE_REPLY, .done = &done}),
        ERROR_NOT_ALLOWED_HERE);
    raw_say(&raw, &(struct entente_envelope){
                      .body = ENTENTE_PULSE, .pulse = &pulse, .request_counter = 0});
    raw_expect_error(&raw, ERROR_NOT_ALLOWED_HERE);
}

/* ---- the conversation --------------------------------------------------------------
 */

static void test_nothing_before_hello(void **state)
{
    (void)state;
    struct raw_client silent;
    assert_int_equal(raw_add(&world, "silent", false, NULL), 0);
    raw_open(&silent, &world, "silent");
    silent.request_epoch = 1;
    struct entente_envelope ask = status_query();
    assert_int_equal(raw_code(&silent, &ask), ERROR_HELLO_FIRST);
    ask = a_search();
    assert_int_equal(raw_code(&silent, &ask), ERROR_HELLO_FIRST);
    struct entente_heartbeat heartbeat = {0};
    raw_say(&silent, &(struct entente_envelope){.body = ENTENTE_HEARTBEAT,
                                                .heartbeat = &heartbeat});
    raw_expect_error(&silent, ERROR_HELLO_FIRST);
    struct entente_hello hello = {.version_min = 7, .version_max = 9};
    raw_say(&silent,
            &(struct entente_envelope){.body = ENTENTE_HELLO, .hello = &hello});
    raw_expect_error(&silent, ERROR_VERSION);
    raw_greet(&silent);
    ask = status_query();
    assert_int_equal(raw_code(&silent, &ask), 0);
    raw_close(&silent);
}

static void test_the_newest_hello_wins(void **state)
{
    (void)state;
    struct raw_client newer;
    raw_open(&newer, &world, "raw");
    raw_greet(&newer);
    assert_true(newer.request_epoch > raw.request_epoch);
    raw_expect_error(&raw, ERROR_SESSION_REPLACED);
    struct entente_envelope ask = status_query();
    assert_int_equal(raw_code(&raw, &ask), ERROR_HELLO_FIRST);
    assert_int_equal(raw_code(&newer, &ask), 0);
    raw_close(&newer);
    raw_greet(&raw);
    all_is_well();
}

static void test_request_ids_are_of_an_epoch_that_was_granted(void **state)
{
    (void)state;
    struct entente_envelope ask = status_query();
    ask.request_epoch = raw.request_epoch + 1;
    ask.request_counter = 1;
    assert_int_equal(raw_code(&raw, &ask), ERROR_REQUEST_ID);
    ask.request_epoch = UINT64_MAX;
    raw_say(&raw, &ask);
    raw_expect_error(&raw, ERROR_OUT_OF_BOUNDS);
    /* Half an id, or none. */
    ask.request_epoch = 0;
    ask.request_counter = 5;
    assert_int_equal(raw_code(&raw, &ask), ERROR_FIELD_MISSING);
    const uint8_t without[] = {0x08, 0x01, 0xc2, 0x01, 0x00};
    raw_send(&raw, without, sizeof(without));
    raw_expect_error(&raw, ERROR_FIELD_MISSING);
    all_is_well();
}

static void test_an_event_that_was_never_sent_cannot_be_acknowledged(void **state)
{
    (void)state;
    struct entente_event_ack ack = {.epoch = raw.event_epoch, .sequence = 1000};
    const struct entente_envelope says = {.body = ENTENTE_EVENT_ACK, .event_ack = &ack};
    raw_say(&raw, &says);
    raw_expect_error(&raw, ERROR_OLD_EVENT);
    ack = (struct entente_event_ack){.epoch = raw.event_epoch + 1};
    raw_say(&raw, &says);
    raw_expect_error(&raw, ERROR_OLD_EVENT);
    all_is_well();
}

static void test_too_many_unanswered_requests_are_put_off(void **state)
{
    (void)state;
    /* Without reading, and yet no more than the broker keeps for a client to read. */
    enum { ASKED = LIMIT_IN_FLIGHT + LIMIT_CREDIT_EVENTS / 2 };
    struct entente_envelope ask = status_query();
    size_t answered = 0;
    size_t put_off = 0;
    for (int i = 0; i < ASKED; i++) {
        raw_say(&raw, &ask);
    }
    for (int i = 0; i < ASKED; i++) {
        const struct entente_envelope *reply = raw_hear(&raw, WORLD_PATIENCE_MS);
        assert_non_null(reply);
        if (reply->body == ENTENTE_ERROR) {
            assert_true(raw_is_refused(reply, ERROR_OVERLOADED));
            put_off++;
        } else {
            answered += reply->body == ENTENTE_STATUS_REPORT;
        }
    }
    print_message("%zu answered, %zu put off\n", answered, put_off);
    assert_int_equal(answered + put_off, ASKED);
    assert_true(answered >= LIMIT_IN_FLIGHT);
    all_is_well();
}

/* ---- keys --------------------------------------------------------------------------
 */

static void revoke(const char *name)
{
    const char *words[] = {"entente", "client", "revoke", name, NULL};
    assert_int_equal(world_entente(&world, words), 0);
}

static void test_a_key_that_nobody_added_is_not_heard(void **state)
{
    (void)state;
    struct raw_client known;
    struct raw_client stranger;
    assert_int_equal(raw_add(&world, "known", false, NULL), 0);
    raw_invent(&world, "stranger", "known");
    raw_open(&stranger, &world, "stranger");
    struct entente_hello hello = {.software = "raw"};
    raw_say(&stranger,
            &(struct entente_envelope){.body = ENTENTE_HELLO, .hello = &hello});
    /* Somebody who comes later is let in, and the stranger still hears nothing. */
    raw_open(&known, &world, "known");
    raw_greet(&known);
    assert_null(raw_hear(&stranger, 0));
    all_is_well();
    assert_null(raw_hear(&stranger, 0));
    raw_close(&stranger);
    raw_close(&known);
}

static void test_a_key_that_is_withdrawn_ends_the_conversation(void **state)
{
    (void)state;
    struct raw_client gone;
    raw_join(&gone, &world, "gone", false, NULL);
    revoke("gone");
    /* Told without having asked, so that no event goes to it either. */
    raw_expect_error(&gone, ERROR_REVOKED);
    struct entente_envelope ask = status_query();
    raw_say(&gone, &ask);
    raw_expect_error(&gone, ERROR_REVOKED);
    struct entente_hello hello = {.software = "raw"};
    raw_say(&gone, &(struct entente_envelope){.body = ENTENTE_HELLO, .hello = &hello});
    raw_expect_error(&gone, ERROR_REVOKED);
    raw_close(&gone);

    /* A new connection is not even answered. */
    raw_open(&gone, &world, "gone");
    raw_say(&gone, &(struct entente_envelope){.body = ENTENTE_HELLO, .hello = &hello});
    all_is_well();
    assert_null(raw_hear(&gone, 0));
    raw_close(&gone);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_broker_knows_since_when_it_runs),
        cmocka_unit_test(test_every_truncated_frame_is_refused),
        cmocka_unit_test(test_a_frame_of_several_parts_is_no_message),
        cmocka_unit_test(test_a_frame_that_is_too_large_is_told_so),
        cmocka_unit_test(test_a_small_frame_cannot_unfold_without_end),
        cmocka_unit_test(test_unknown_fields_are_ignored_and_counted),
        cmocka_unit_test(test_an_unknown_message_is_refused_by_its_number),
        cmocka_unit_test(test_values_that_are_not_known_are_named),
        cmocka_unit_test(test_texts_are_utf8_without_nul),
        cmocka_unit_test(test_a_client_does_not_speak_for_the_broker),
        cmocka_unit_test(test_nothing_before_hello),
        cmocka_unit_test(test_the_newest_hello_wins),
        cmocka_unit_test(test_request_ids_are_of_an_epoch_that_was_granted),
        cmocka_unit_test(test_an_event_that_was_never_sent_cannot_be_acknowledged),
        cmocka_unit_test(test_too_many_unanswered_requests_are_put_off),
        cmocka_unit_test(test_noise_and_broken_frames_harm_nobody),
        cmocka_unit_test(test_a_key_that_nobody_added_is_not_heard),
        cmocka_unit_test(test_a_key_that_is_withdrawn_ends_the_conversation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
