// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_memory.c - with whatever quota: a message is read whole, or refused
 *
 * Law   Below a certain quota every message is TOO_COMPLEX; from there on the verdict is the
 *       one that it gets with all the memory it could want.  What is wrong is never let
 *       through because there was no memory to look.
 */
#include "proto/limits.h"
#include "tests/proto/filler.h"
#include "tests/proto/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { QUOTA_STEP = 16 /* what an arena rounds up to */ };

static struct arena memory;

static int set_up(void **state)
{
    codec_table_bind();
    arena_init(&memory, LIMIT_ARENA_BYTES);
    return story_set_up(state);
}

static int tear_down(void **state)
{
    arena_finish(&memory);
    return story_tear_down(state);
}

/* What the codec says to @frame with @quota bytes. */
static unsigned verdict(const struct entente_bytes *frame, uint32_t body, size_t quota)
{
    struct arena small;
    struct entente_envelope *envelope = NULL;
    struct codec_error error = {0};
    struct codec_notes notes;

    arena_init(&small, quota);
    bool ok = codec_decode(frame->data, frame->size, codec_body_side(body), &small,
                           &envelope, &error, &notes);
    assert_int_equal(ok, error.code == ERROR_NONE);
    assert_int_equal(ok, envelope != NULL);
    arena_finish(&small);
    return error.code;
}

static void squeeze(const struct entente_envelope *envelope, unsigned code)
{
    struct entente_bytes frame = {0};
    size_t quota = 0;
    unsigned said = ERROR_TOO_COMPLEX;

    arena_reset(&memory);
    assert_true(codec_encode(envelope, &memory, &frame));
    for (; said == ERROR_TOO_COMPLEX && quota <= LIMIT_ARENA_BYTES;
         quota += QUOTA_STEP) {
        said = verdict(&frame, envelope->body, quota);
    }
    if (said != code || quota <= QUOTA_STEP) {
        fail_msg("%s: %s instead of %s with %zu bytes",
                 codec_table_body(envelope->body)->name, error_name(said),
                 error_name(code), quota - QUOTA_STEP);
    }
    assert_int_equal(verdict(&frame, envelope->body, LIMIT_ARENA_BYTES), code);
}

static void every_message_is_read_whole_or_refused(void **state)
{
    uint32_t tags[64];
    size_t count = filler_tags(tags);
    struct arena full;

    (void)state;
    arena_init(&full, LIMIT_ARENA_BYTES);
    for (size_t i = 0; i < count; i++) {
        struct filler filler = {.arena = &full, .counter = 1};
        arena_reset(&full);
        squeeze(filler_envelope(&filler, tags[i]), ERROR_NONE);
    }
    arena_finish(&full);
}

static void squeeze_request(struct story *story, unsigned code)
{
    squeeze(&(struct entente_envelope){.request_epoch = 3,
                                       .request_counter = 4,
                                       .body = ENTENTE_REQUEST,
                                       .request = &story->request},
            code);
}

static void ranges_are_not_let_through_unseen(void **state)
{
    struct story *story = *state;
    struct entente_envelope envelope = {.request_epoch = 3,
                                        .request_counter = 4,
                                        .body = ENTENTE_PUBLISH,
                                        .publish = &story->publish};

    squeeze(&envelope, ERROR_NONE);
    story->ranges[1].start = story->ranges[0].start + 10;
    squeeze(&envelope, ERROR_RANGES_OVERLAP);
}

static void a_member_twice_is_not_let_through_unseen(void **state)
{
    struct story *story = *state;

    story->parties[1] = (struct entente_party){.kind = ENTENTE_POOL,
                                               .members = &story->people[10],
                                               .members_count = 5,
                                               .pool_size = 1};
    squeeze_request(story, ERROR_NONE);
    story->people[12] = story->people[13];
    squeeze_request(story, ERROR_PARTY_TWICE);
}

static void members_by_their_values_are_not_forgotten(void **state)
{
    struct story *story = *state;
    const char *values[] = {"800000000001", "800000000002"};

    story->parties[1] = (struct entente_party){.kind = ENTENTE_POOL,
                                               .member_system = "urn:test",
                                               .member_values = values,
                                               .member_values_count = 2,
                                               .pool_size = 1};
    squeeze_request(story, ERROR_NONE);
}

/* Out of memory after any number of bytes: nothing is written by half. */
static void every_message_is_written_whole_or_not(void **state)
{
    struct filler filler = {.arena = &memory, .counter = 1};
    struct entente_envelope *envelope = filler_envelope(&filler, ENTENTE_EVENT);
    struct entente_bytes whole = {0};
    bool enough = false;

    (void)state;
    assert_true(codec_encode(envelope, &memory, &whole));
    for (size_t quota = 0; !enough; quota += QUOTA_STEP) {
        struct arena small;
        struct entente_bytes written = {0};
        arena_init(&small, quota);
        enough = codec_encode(envelope, &small, &written);
        if (enough) {
            assert_int_equal(written.size, whole.size);
            assert_memory_equal(written.data, whole.data, whole.size);
        }
        arena_finish(&small);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_message_is_read_whole_or_refused),
        TEST(ranges_are_not_let_through_unseen),
        TEST(a_member_twice_is_not_let_through_unseen),
        TEST(members_by_their_values_are_not_forgotten),
        TEST(every_message_is_written_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
