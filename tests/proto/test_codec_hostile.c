// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_hostile.c - frames that no honest peer sends: a code, and nothing broken
 */
#include "proto/limits.h"
#include "tests/proto/filler.h"
#include "tests/proto/frame.h"
#include "tests/support/rounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What came of one frame. */
struct verdict {
    bool ok;
    struct codec_error error;
    struct codec_notes notes;
    struct entente_envelope *envelope;
};

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    codec_table_bind();
    arena_init(&arena, LIMIT_ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* Decode a copy that ends where the frame ends, so that a read beyond it is noticed. */
static struct verdict judge(const uint8_t *bytes, size_t size, enum codec_side from)
{
    struct verdict verdict = {0};
    uint8_t *copy = malloc(size > 0 ? size : 1);

    assert_non_null(copy);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    arena_reset(&arena);
    verdict.ok = codec_decode(copy, size, from, &arena, &verdict.envelope,
                              &verdict.error, &verdict.notes);
    free(copy);
    assert_true(arena.used <= LIMIT_ARENA_BYTES);
    if (!verdict.ok) {
        assert_string_not_equal(error_name(verdict.error.code), "UNKNOWN_ERROR");
        for (size_t i = 0; i < verdict.error.parameter_count; i++) {
            assert_non_null(verdict.error.parameters[i]);
        }
    }
    return verdict;
}

static void expect(const struct frame *frame, unsigned code, const char *first)
{
    struct verdict verdict = judge(frame->bytes, frame->size, CODEC_CLIENT);

    if (verdict.error.code != code) {
        fail_msg("%s instead of %s", error_name(verdict.error.code), error_name(code));
    }
    if (first != NULL) {
        assert_string_equal(verdict.error.parameters[0], first);
    }
}

/* An envelope with request number (1, 1) and a body of @tag made of @inner. */
static struct frame *wrap(uint32_t tag, const struct frame *inner)
{
    static struct frame frame;

    frame.size = 0;
    frame_number(&frame, 2, 1);
    frame_number(&frame, 3, 1);
    frame_message(&frame, tag, inner);
    return &frame;
}

/* The frame of a full message. */
static struct entente_bytes full_frame(struct arena *memory, uint32_t tag)
{
    struct filler filler = {.arena = memory, .counter = 1};
    struct entente_bytes frame = {0};

    assert_true(codec_encode(filler_envelope(&filler, tag), memory, &frame));
    return frame;
}

static void frames_cut_anywhere_do_no_harm(void **state)
{
    uint32_t tags[64];
    size_t count = filler_tags(tags);
    struct arena memory;

    (void)state;
    arena_init(&memory, LIMIT_ARENA_BYTES);
    for (size_t i = 0; i < count; i++) {
        arena_reset(&memory);
        struct entente_bytes frame = full_frame(&memory, tags[i]);
        for (size_t size = 0; size < frame.size; size++) {
            judge(frame.data, size, codec_body_side(tags[i]));
        }
        assert_true(judge(frame.data, frame.size, codec_body_side(tags[i])).ok);
    }
    arena_finish(&memory);
}

static void mutate(uint8_t *bytes, size_t size, uint64_t *seed)
{
    size_t changes = 1 + frame_random(seed) % 4;

    for (size_t i = 0; i < changes; i++) {
        size_t at = frame_random(seed) % size;
        switch (frame_random(seed) % 4) {
        case 0:
            bytes[at] ^= (uint8_t)(1U << frame_random(seed) % 8);
            break;
        case 1:
            bytes[at] = (uint8_t)frame_random(seed);
            break;
        case 2:
            bytes[at] = 0xFF;
            break;
        default: {
            size_t from = frame_random(seed) % size;
            size_t longest = size - (at > from ? at : from);
            memmove(bytes + at, bytes + from, frame_random(seed) % (longest + 1));
            break;
        }
        }
    }
}

/* What is let through says the same again after another round. */
static void expect_stable(const struct verdict *verdict, enum codec_side from)
{
    struct arena memory;
    struct entente_bytes frame = {0};
    struct entente_bytes again = {0};
    struct entente_envelope *decoded = NULL;
    struct codec_error error;
    struct codec_notes notes;

    arena_init(&memory, (size_t)4 * LIMIT_ARENA_BYTES);
    assert_true(codec_encode(verdict->envelope, &memory, &frame));
    assert_true(
        codec_decode(frame.data, frame.size, from, &memory, &decoded, &error, &notes));
    assert_true(codec_encode(decoded, &memory, &again));
    assert_int_equal(frame.size, again.size);
    assert_memory_equal(frame.data, again.data, frame.size);
    assert_int_equal(notes.unknown_fields, 0);
    arena_finish(&memory);
}

static void random_mutations_do_no_harm(void **state)
{
    const size_t rounds = rounds_of(400);
    uint64_t seed = frame_seed();
    uint32_t tags[64];
    size_t count = filler_tags(tags);
    size_t passed = 0;
    struct arena memory;

    (void)state;
    arena_init(&memory, LIMIT_ARENA_BYTES);
    for (size_t i = 0; i < count * rounds; i++) {
        uint32_t tag = tags[i % count];
        arena_reset(&memory);
        struct entente_bytes frame = full_frame(&memory, tag);
        uint8_t *bytes = arena_copy(&memory, frame.data, frame.size);
        mutate(bytes, frame.size, &seed);
        struct verdict verdict = judge(bytes, frame.size, codec_body_side(tag));
        if (verdict.ok) {
            expect_stable(&verdict, codec_body_side(tag));
            passed++;
        }
    }
    arena_finish(&memory);
    assert_true(passed > 0);
    assert_true(passed < count * rounds);
}

static void noise_does_no_harm(void **state)
{
    uint64_t seed = frame_seed();
    uint8_t bytes[256];

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        size_t size = frame_random(&seed) % sizeof(bytes);
        for (size_t j = 0; j < size; j++) {
            bytes[j] = (uint8_t)frame_random(&seed);
        }
        judge(bytes, size, i % 2 == 0 ? CODEC_CLIENT : CODEC_BROKER);
    }
}

static void a_frame_has_at_most_64_kib(void **state)
{
    static struct frame frame;
    static const uint8_t zeros[LIMIT_FRAME_BYTES];

    (void)state;
    frame.size = 0;
    frame_bytes(&frame, 11, "", 0);
    frame_bytes(&frame, 300, zeros, LIMIT_FRAME_BYTES - 2 - 2 - 3);
    assert_int_equal(frame.size, LIMIT_FRAME_BYTES);
    struct verdict verdict = judge(frame.bytes, frame.size, CODEC_CLIENT);
    assert_true(verdict.ok);
    assert_int_equal(verdict.notes.unknown_fields, 1);
    frame.size++;
    expect(&frame, ERROR_TOO_LARGE, "65536");
}

static void empty_submessages_do_not_blow_up(void **state)
{
    static struct frame spec;
    static struct frame request;

    (void)state;
    spec.size = 0;
    request.size = 0;
    for (size_t i = 0; i < 20000; i++) {
        frame_bytes(&spec, 20, "", 0);
    }
    frame_message(&request, 1, &spec);
    struct frame *frame = wrap(ENTENTE_REQUEST, &request);
    expect(frame, ERROR_TOO_MANY, "request.spec.parties");
    assert_true(arena.used < 1024);

    /* Spread over places where each count is allowed, it ends at the quota. */
    static struct frame slot;
    static struct frame meeting;
    static struct frame list;
    slot.size = 0;
    meeting.size = 0;
    list.size = 0;
    for (size_t i = 0; i < 64; i++) {
        frame_bytes(&slot, 3, "", 0);
    }
    for (size_t i = 0; i < 48; i++) {
        frame_message(&meeting, 7, &slot);
    }
    for (size_t i = 0; i < 10; i++) {
        frame_message(&list, 1, &meeting);
    }
    frame = wrap(ENTENTE_MEETING_LIST, &list);
    assert_true(frame->size <= LIMIT_FRAME_BYTES);
    struct verdict verdict = judge(frame->bytes, frame->size, CODEC_BROKER);
    assert_int_equal(verdict.error.code, ERROR_TOO_COMPLEX);
    assert_string_equal(verdict.error.parameters[0], "1048576");
}

static void a_flood_of_unknown_fields_ends_at_the_quota(void **state)
{
    static struct frame frame;

    (void)state;
    frame.size = 0;
    frame_bytes(&frame, ENTENTE_HEARTBEAT, "", 0);
    for (size_t i = 0; i < 32000; i++) {
        frame_number(&frame, 9, 1);
    }
    struct verdict verdict = judge(frame.bytes, frame.size, CODEC_CLIENT);
    assert_int_equal(verdict.notes.unknown_fields, 32000);
    assert_true(verdict.ok || verdict.error.code == ERROR_TOO_COMPLEX);
}

static void nesting_in_what_is_not_known_is_not_followed(void **state)
{
    static struct frame inner;
    static struct frame outer;

    (void)state;
    inner.size = 0;
    for (size_t i = 0; i < 5000; i++) {
        outer.size = 0;
        frame_message(&outer, 9, &inner);
        memcpy(&inner, &outer, sizeof(size_t) + outer.size);
    }
    frame_bytes(&inner, ENTENTE_HEARTBEAT, "", 0);
    struct verdict verdict = judge(inner.bytes, inner.size, CODEC_CLIENT);
    assert_true(verdict.ok);
    assert_int_equal(verdict.notes.unknown_fields, 1);
}

#define CUT_NUMBER "it ends inside a number"
#define CUT_FIELD "it ends inside a field"
#define LONG_NUMBER "a number has more than 64 bits"
#define BAD_FIELD "a field has an impossible number"
#define BAD_TYPE "a field has a wire type that is not used"
#define OTHER_TYPE "a field has another wire type than its own"
#define NO_BODY "it has no body"

/* Field 300, which nobody knows, as a whole number in eight or four bytes. */
#define UNKNOWN64 "\xE1\x12"
#define UNKNOWN32 "\xE5\x12"

static void what_is_no_message_is_malformed(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } frames[] = {
        {"", 0, NO_BODY},
        {"\x08\x01", 2, NO_BODY},
        {"\x00\x00", 2, BAD_FIELD},  /* field number 0 */
        {"\x08", 1, CUT_NUMBER},     /* nothing behind the key */
        {"\x08\x80", 2, CUT_NUMBER}, /* half of a number */
        {"\x5A", 1, CUT_NUMBER},     /* no length */
        {"\x5B", 1, BAD_TYPE},       /* a group begins */
        {"\x5C", 1, BAD_TYPE},       /* a group ends */
        {"\x5E\x00", 2, BAD_TYPE},   /* there is no type 6 */
        {"\x5A\x05", 2, CUT_FIELD},  /* longer than the frame */
        {"\x5A\x01", 2, CUT_FIELD},  /* by one byte */
        {"\x5A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 10, CUT_FIELD}, /* far longer */
        {"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 11, LONG_NUMBER}, /* 65 bits */
        {"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12, LONG_NUMBER},
        {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10, BAD_FIELD}, /* too high */
        {"\x80\x80\x80\x80\x10\x00", 6, BAD_FIELD},                  /* by one */
        {"\x5A\x00\x5A\x00", 4, "it has two bodies"},                /* one, twice */
        {"\x5A\x00\x52\x00", 4, "it has two bodies"},
        {"\x08\x01\x08\x01\x5A\x00", 6, "a field stands twice"},
        {"\x2D\x00\x00", 3, CUT_FIELD},             /* in four bytes */
        {UNKNOWN32 "\0\0\0", 5, CUT_FIELD},         /* by one byte */
        {UNKNOWN64 "\0\0\0\0\0\0\0", 9, CUT_FIELD}, /* by one byte */
        {"\x0D\0\0\0\0", 5, OTHER_TYPE},            /* the version */
        {"\xDA\x80\x80\x80\x80\x00\x00", 7, NULL},  /* a key of six bytes */
        {"\x5A\x80\x80\x80\x80\x80\x00", 7, NULL},  /* a length of six bytes */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct verdict verdict =
            judge((const uint8_t *)frames[i].bytes, frames[i].size, CODEC_CLIENT);
        if (verdict.error.code != ERROR_MALFORMED) {
            fail_msg("frame %zu: %s", i, error_name(verdict.error.code));
        }
        if (frames[i].says != NULL &&
            strcmp(verdict.error.parameters[0], frames[i].says) != 0) {
            fail_msg("frame %zu: %s", i, verdict.error.parameters[0]);
        }
    }
}

/* The last byte may be the frame's, the number the highest there is. */
static void what_just_fits_is_let_through(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        size_t unknown;
    } frames[] = {
        {"\x5A\x00", 2, 0},
        {"\x5A\x00" UNKNOWN64 "\0\0\0\0\0\0\0\0", 12, 1},
        {"\x5A\x00" UNKNOWN32 "\0\0\0\0", 8, 1},
        {"\x5A\x00\xE2\x12\x01\0", 6, 1},
        {"\x5A\x00\xF8\xFF\xFF\xFF\x0F\x00", 8, 1}, /* field 536870911 */
        {"\x5A\x00\xE0\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 14, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct verdict verdict =
            judge((const uint8_t *)frames[i].bytes, frames[i].size, CODEC_CLIENT);
        if (!verdict.ok) {
            fail_msg("frame %zu: %s, %s", i, error_name(verdict.error.code),
                     verdict.error.parameters[0]);
        }
        assert_int_equal(verdict.notes.unknown_fields, frames[i].unknown);
    }
}

/* Generated code would show "urn:test" and hide the rest. */
static void what_follows_a_nul_is_not_lost_in_silence(void **state)
{
    static struct frame identifier;
    static struct frame query;

    (void)state;
    identifier.size = 0;
    query.size = 0;
    frame_bytes(&identifier, 1, "urn:test\0urn:other", 18);
    frame_text(&identifier, 2, "1");
    frame_message(&query, 1, &identifier);
    expect(wrap(ENTENTE_QUERY_FREE, &query), ERROR_BAD_TEXT,
           "query_free.person.system");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_cut_anywhere_do_no_harm),
        TEST(random_mutations_do_no_harm),
        TEST(noise_does_no_harm),
        TEST(a_frame_has_at_most_64_kib),
        TEST(empty_submessages_do_not_blow_up),
        TEST(a_flood_of_unknown_fields_ends_at_the_quota),
        TEST(nesting_in_what_is_not_known_is_not_followed),
        TEST(what_is_no_message_is_malformed),
        TEST(what_just_fits_is_let_through),
        TEST(what_follows_a_nul_is_not_lost_in_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
