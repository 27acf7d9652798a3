// SPDX-License-Identifier: Apache-2.0

/*
 * test_envelope.c - who may say what, and with which numbers
 */
#include "tests/proto/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What @side is told when it says @envelope. */
static struct codec_error
say(struct story *story, const struct entente_envelope *envelope, enum codec_side side)
{
    struct entente_envelope *decoded = NULL;
    struct entente_bytes frame = {0};
    struct codec_error error = {0};
    struct codec_notes notes;

    assert_true(codec_encode(envelope, &story->arena, &frame));
    bool ok = codec_decode(frame.data, frame.size, side, &story->arena, &decoded,
                           &error, &notes);
    assert_int_equal(ok, error.code == ERROR_NONE);
    assert_int_equal(notes.request_epoch, envelope->request_epoch);
    assert_int_equal(notes.request_counter, envelope->request_counter);
    assert_int_equal(notes.body, envelope->body);
    return error;
}

static void each_side_has_its_own_messages(void **state)
{
    struct story *story = *state;
    struct entente_envelope request = {.request_epoch = 1,
                                       .request_counter = 1,
                                       .body = ENTENTE_REQUEST,
                                       .request = &story->request};
    struct entente_pulse pulse = {.now_ms = MONDAY * INT64_C(60000)};
    struct entente_envelope beat = {.body = ENTENTE_PULSE, .pulse = &pulse};

    story_expect(say(story, &request, CODEC_CLIENT), ERROR_NONE, NULL, NULL);
    story_expect(say(story, &request, CODEC_BROKER), ERROR_NOT_ALLOWED_HERE, "request",
                 NULL);
    story_expect(say(story, &beat, CODEC_BROKER), ERROR_NONE, NULL, NULL);
    story_expect(say(story, &beat, CODEC_CLIENT), ERROR_NOT_ALLOWED_HERE, "pulse",
                 NULL);
}

static void requests_are_numbered(void **state)
{
    struct story *story = *state;
    struct entente_envelope request = {.body = ENTENTE_REQUEST,
                                       .request = &story->request};

    story_expect(say(story, &request, CODEC_CLIENT), ERROR_FIELD_MISSING,
                 "request_epoch", NULL);
    request.request_epoch = 1;
    story_expect(say(story, &request, CODEC_CLIENT), ERROR_FIELD_MISSING,
                 "request_counter", NULL);
    request.request_counter = INT64_MAX;
    story_expect(say(story, &request, CODEC_CLIENT), ERROR_NONE, NULL, NULL);
    request.request_counter = (uint64_t)INT64_MAX + 1;
    story_expect(say(story, &request, CODEC_CLIENT), ERROR_OUT_OF_BOUNDS,
                 "request_counter", "9223372036854775808");
}

static void what_is_no_request_has_no_number(void **state)
{
    struct story *story = *state;
    struct entente_hello hello = {.wants_events = true};
    struct entente_envelope envelope = {
        .body = ENTENTE_HELLO, .hello = &hello, .request_counter = 1};

    story_expect(say(story, &envelope, CODEC_CLIENT), ERROR_FIELD_CONFLICT,
                 "request_counter", "hello");
    envelope.request_counter = 0;
    story_expect(say(story, &envelope, CODEC_CLIENT), ERROR_NONE, NULL, NULL);
}

/* It refuses a request, or a frame whose number could not be read. */
static void an_error_may_have_a_number_or_not(void **state)
{
    struct story *story = *state;
    const char *parameters[] = {"", "a\nb"};
    struct entente_error refusal = {.code = ERROR_STALE,
                                    .parameters = parameters,
                                    .parameters_count = 2,
                                    .sentence = "No."};
    struct entente_envelope envelope = {.body = ENTENTE_ERROR, .error = &refusal};

    story_expect(say(story, &envelope, CODEC_BROKER), ERROR_NONE, NULL, NULL);
    envelope.request_epoch = 4;
    envelope.request_counter = 9;
    story_expect(say(story, &envelope, CODEC_BROKER), ERROR_NONE, NULL, NULL);
}

static void another_version_is_refused(void **state)
{
    struct story *story = *state;
    struct entente_envelope request = {.version = 1,
                                       .request_epoch = 1,
                                       .request_counter = 1,
                                       .body = ENTENTE_REQUEST,
                                       .request = &story->request};

    story_expect(say(story, &request, CODEC_CLIENT), ERROR_NONE, NULL, NULL);
    request.version = 2;
    story_expect(say(story, &request, CODEC_CLIENT), ERROR_VERSION, "2", "1");
}

static void an_envelope_without_a_body_is_not_encoded(void **state)
{
    struct story *story = *state;
    struct entente_envelope envelope = {.body = ENTENTE_HELLO};
    struct entente_bytes frame = {.size = 5};

    assert_false(codec_encode(&envelope, &story->arena, &frame));
    envelope.request = &story->request;
    envelope.body = (enum entente_body)99;
    assert_false(codec_encode(&envelope, &story->arena, &frame));
    assert_int_equal(frame.size, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_side_has_its_own_messages),
        TEST(requests_are_numbered),
        TEST(what_is_no_request_has_no_number),
        TEST(an_error_may_have_a_number_or_not),
        TEST(another_version_is_refused),
        TEST(an_envelope_without_a_body_is_not_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
