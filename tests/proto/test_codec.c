// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec.c - every message there and back, and every limit of every field
 */
#include "proto/codec_read.h"
#include "proto/codec_scan.h"
#include "proto/codec_write.h"
#include "proto/limits.h"
#include "tests/proto/filler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 64 << 20 };

static int set_up(void **state)
{
    static struct arena arena;

    codec_table_bind();
    arena_init(&arena, ARENA_BYTES);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_finish(*state);
    return 0;
}

static void every_message_comes_back_whole(void **state)
{
    struct filler filler = {.arena = *state, .counter = 1};
    uint32_t tags[64];
    size_t count = filler_tags(tags);

    assert_int_equal(count, 35);
    for (size_t i = 0; i < count; i++) {
        struct entente_envelope *envelope = filler_envelope(&filler, tags[i]);
        struct entente_envelope *decoded = NULL;
        struct entente_bytes frame = {0};
        struct entente_bytes again = {0};
        struct codec_error error = {0};
        struct codec_notes notes;

        assert_true(codec_encode(envelope, *state, &frame));
        bool ok = codec_decode(frame.data, frame.size, codec_body_side(tags[i]), *state,
                               &decoded, &error, &notes);
        if (!ok) {
            fail_msg("%s: %s %s", codec_body_name(tags[i]), error_name(error.code),
                     error.parameter_count > 0 ? error.parameters[0] : "");
        }
        assert_int_equal(decoded->body, tags[i]);
        assert_int_equal(decoded->version, 1);
        assert_int_equal(decoded->request_epoch, envelope->request_epoch);
        assert_int_equal(decoded->request_counter, envelope->request_counter);
        assert_int_equal(notes.body, tags[i]);
        assert_int_equal(notes.unknown_fields, 0);

        const char *field =
            filler_difference(codec_table_row(&codec_shape_envelope, tags[i])->shape,
                              envelope->hello, decoded->hello);
        if (field != NULL) {
            fail_msg("%s: %s differs", codec_body_name(tags[i]), field);
        }
        assert_true(codec_encode(decoded, *state, &again));
        assert_int_equal(again.size, frame.size);
        assert_memory_equal(again.data, frame.data, frame.size);
    }
}

/* Nothing points into the frame: it may be overwritten as soon as it has been read. */
static void decoded_structs_do_not_point_into_the_frame(void **state)
{
    struct filler filler = {.arena = *state, .counter = 1};
    struct entente_envelope *envelope = filler_envelope(&filler, ENTENTE_REQUEST);
    struct entente_envelope *decoded = NULL;
    struct entente_bytes frame = {0};
    struct codec_error error;
    struct codec_notes notes;

    assert_true(codec_encode(envelope, *state, &frame));
    uint8_t *bytes = arena_copy(*state, frame.data, frame.size);
    assert_true(codec_decode(bytes, frame.size, CODEC_CLIENT, *state, &decoded, &error,
                             &notes));
    memset(bytes, 0xFF, frame.size);
    assert_null(filler_difference(
        codec_table_row(&codec_shape_envelope, ENTENTE_REQUEST)->shape,
        envelope->request, decoded->request));
}

/* Write and read a struct of any shape by itself: no rule over several messages. */
static bool pass_through(const struct codec_shape *shape, const void *plain,
                         struct arena *arena, bool from_client,
                         struct codec_error *ret_error)
{
    uint32_t body = shape == &codec_shape_envelope ? (uint32_t)ENTENTE_HEARTBEAT : 0;
    struct entente_bytes bytes = {0};
    struct codec_seen seen;
    void *read = NULL;

    assert_true(codec_write(shape, plain, body, SIZE_MAX, arena, &bytes));
    if (!codec_scan(shape, bytes.data, bytes.size, arena, &seen, ret_error)) {
        return false;
    }
    ProtobufCMessage *message =
        protobuf_c_message_unpack(shape->descriptor, NULL, bytes.size, bytes.data);
    assert_non_null(message);
    bool ok = codec_read(shape, message, from_client, arena, &read, ret_error);
    protobuf_c_message_free_unpacked(message, NULL);
    return ok;
}

/* A full struct, as far as its shape can be full: an envelope has one body. */
static unsigned char *full(struct arena *arena, const struct codec_shape *shape)
{
    struct filler filler = {.arena = arena, .counter = 1};

    if (shape == &codec_shape_envelope) {
        return (unsigned char *)filler_envelope(&filler, ENTENTE_HEARTBEAT);
    }
    unsigned char *plain = filler_fill(&filler, shape);
    if (shape == &codec_shape_party) { /* test_codec_model.c: the other way */
        ((struct entente_party *)(void *)plain)->member_system = NULL;
        ((struct entente_party *)(void *)plain)->member_values_count = 0;
    }
    return plain;
}

static void expect_code(const struct codec_shape *shape, const struct codec_row *row,
                        const unsigned char *plain, struct arena *arena, unsigned code)
{
    struct codec_error error = {0};

    pass_through(shape, plain, arena, true, &error);
    if (error.code != code) {
        fail_msg("%s.%s: %s instead of %s", shape->descriptor->name, row->name,
                 error_name(error.code), error_name(code));
    }
    if (code != ERROR_NONE) {
        assert_true(error.parameter_count >= 1);
        assert_non_null(strstr(error.parameters[0], row->name));
    }
}

static void set_number(const struct codec_row *row, unsigned char *plain,
                       int64_t number)
{
    int32_t narrow = (int32_t)number;
    uint32_t unsigned_narrow = (uint32_t)number;

    if (row->kind == KIND_INT64 || row->kind == KIND_UINT64) {
        memcpy(plain + row->offset, &number, sizeof(number));
    } else if (row->kind == KIND_INT32) {
        memcpy(plain + row->offset, &narrow, sizeof(narrow));
    } else {
        memcpy(plain + row->offset, &unsigned_narrow, sizeof(unsigned_narrow));
    }
}

static bool is_number(const struct codec_row *row)
{
    return row->count_offset == 0 &&
           (row->kind == KIND_UINT32 || row->kind == KIND_UINT64 ||
            row->kind == KIND_INT32 || row->kind == KIND_INT64);
}

static void try_number(const struct codec_shape *shape, const struct codec_row *row,
                       struct arena *arena)
{
    unsigned char *plain = full(arena, shape);
    bool narrow = row->kind == KIND_INT32;
    bool one_of_a_span = shape->is_span && (strcmp(row->name, "start") == 0 ||
                                            strcmp(row->name, "end") == 0);

    if (!one_of_a_span) {
        set_number(row, plain, row->max);
        expect_code(shape, row, plain, arena, ERROR_NONE);
        set_number(row, plain, row->min);
        expect_code(shape, row, plain, arena,
                    row->min == 0 && (row->flags & CODEC_NEEDED) != 0
                        ? ERROR_FIELD_MISSING
                        : ERROR_NONE);
    }
    if (row->max < (narrow ? INT32_MAX : INT64_MAX)) {
        set_number(row, plain, row->max + 1);
        expect_code(shape, row, plain, arena, ERROR_OUT_OF_BOUNDS);
    }
    if (row->min > 1 || (row->min == 0 && narrow)) {
        set_number(row, plain, row->min - 1);
        expect_code(shape, row, plain, arena, ERROR_OUT_OF_BOUNDS);
    }
}

static void try_text(const struct codec_shape *shape, const struct codec_row *row,
                     struct arena *arena)
{
    unsigned char *plain = full(arena, shape);
    char *text = arena_alloc(arena, (size_t)row->max + 2);
    const char *pointer = text;
    bool prose = (row->flags & CODEC_PROSE) != 0;

    memset(text, 'a', (size_t)row->max);
    if (shape == &codec_shape_identifier && strcmp(row->name, "system") == 0) {
        text[3] = ':';
    }
    memcpy(plain + row->offset, &pointer, sizeof(pointer));
    expect_code(shape, row, plain, arena, ERROR_NONE);
    text[1] = '\n';
    expect_code(shape, row, plain, arena, prose ? ERROR_NONE : ERROR_BAD_TEXT);
    text[1] = '\r';
    expect_code(shape, row, plain, arena, ERROR_BAD_TEXT);
    text[1] = (char)0xC3;
    expect_code(shape, row, plain, arena, ERROR_BAD_TEXT);
    memset(text, 'a', (size_t)row->max + 1);
    expect_code(shape, row, plain, arena, ERROR_TEXT_TOO_LONG);
}

/* Every count at its bound and one beyond. */
static void try_count(const struct codec_shape *shape, const struct codec_row *row,
                      struct arena *arena)
{
    unsigned char *plain = full(arena, shape);
    size_t size = codec_table_plain_size(row);
    size_t count = row->count_max;
    unsigned char *array = arena_array(arena, count + 1, size);
    const unsigned char *first = NULL;

    memcpy(&first, plain + row->offset, sizeof(first));
    for (size_t i = 0; i <= count; i++) {
        memcpy(array + i * size, first, size);
    }
    memcpy(plain + row->offset, &array, sizeof(array));
    memcpy(plain + row->count_offset, &count, sizeof(count));
    expect_code(shape, row, plain, arena, ERROR_NONE);
    count++;
    memcpy(plain + row->count_offset, &count, sizeof(count));
    expect_code(shape, row, plain, arena, ERROR_TOO_MANY);
}

static void try_absence(const struct codec_shape *shape, const struct codec_row *row,
                        struct arena *arena)
{
    unsigned char *plain = full(arena, shape);
    bool needed = (row->flags & (CODEC_NEEDED | CODEC_FROM_CLIENT)) != 0;
    size_t size = row->count_offset != 0 || row->kind == KIND_MESSAGE
                      ? sizeof(void *)
                      : codec_table_plain_size(row);

    memset(plain + row->offset, 0, size);
    expect_code(shape, row, plain, arena, needed ? ERROR_FIELD_MISSING : ERROR_NONE);
}

static void every_field_keeps_its_limits(void **state)
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);

    assert_true(count > 40);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            if (strncmp(shapes[i]->rows[j].name, "member_", 7) == 0) {
                continue;
            }
            const struct codec_row *row = &shapes[i]->rows[j];
            if (shapes[i] == &codec_shape_envelope && row->kind == KIND_MESSAGE) {
                continue;
            }
            arena_reset(*state);
            try_absence(shapes[i], row, *state);
            if (row->count_offset != 0) {
                try_count(shapes[i], row, *state);
            } else if (is_number(row)) {
                try_number(shapes[i], row, *state);
            } else if (row->kind == KIND_TEXT) {
                try_text(shapes[i], row, *state);
            }
        }
    }
}

static void unknown_values_are_refused_by_name(void **state)
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            const struct codec_row *row = &shapes[i]->rows[j];
            uint32_t value = row->kind == KIND_BITS ? (uint32_t)row->max + 1 : 99;
            if (row->kind != KIND_ENUM && row->kind != KIND_BITS) {
                continue;
            }
            arena_reset(*state);
            unsigned char *plain = full(*state, shapes[i]);
            memcpy(plain + row->offset, &value, sizeof(value));
            expect_code(shapes[i], row, plain, *state, ERROR_UNKNOWN_VALUE);
        }
    }
}

static void an_id_of_another_size_is_refused(void **state)
{
    struct entente_get get = {.meeting = {(const uint8_t *)"0123456789abcdef", 15}};
    struct entente_envelope envelope = {
        .request_epoch = 1, .request_counter = 1, .body = ENTENTE_GET, .get = &get};
    struct entente_envelope *decoded = NULL;
    struct entente_bytes frame = {0};
    struct codec_error error = {0};
    struct codec_notes notes;

    assert_true(codec_encode(&envelope, *state, &frame));
    assert_false(codec_decode(frame.data, frame.size, CODEC_CLIENT, *state, &decoded,
                              &error, &notes));
    assert_int_equal(error.code, ERROR_BAD_IDENTIFIER);
    assert_string_equal(error.parameters[0], "get.meeting");
    assert_int_equal(notes.request_counter, 1);
}

static void a_message_too_large_is_not_encoded(void **state)
{
    struct entente_meeting meetings[100] = {0};
    struct entente_meeting_list list = {.meetings = meetings, .meetings_count = 100};
    struct entente_envelope envelope = {.request_epoch = 1,
                                        .request_counter = 1,
                                        .body = ENTENTE_MEETING_LIST,
                                        .meeting_list = &list};
    struct entente_bytes frame = {.size = 77};
    char text[1001] = "";

    memset(text, 'x', 1000);
    for (size_t i = 0; i < 100; i++) {
        meetings[i].last_event = text;
    }
    assert_false(codec_encode(&envelope, *state, &frame));
    assert_int_equal(frame.size, 77);
}

static void kept_is_stored_and_never_sent(void **state)
{
    struct filler filler = {.arena = *state, .counter = 1};
    struct entente_meeting *meeting = filler_fill(&filler, &codec_shape_meeting);
    struct entente_meeting *stored = NULL;
    struct entente_bytes bytes = {0};

    meeting->kept = filler_fill(&filler, &codec_shape_kept);
    assert_true(codec_encode_meeting(meeting, *state, &bytes));
    assert_true(codec_decode_meeting(bytes, *state, &stored));
    assert_null(filler_difference(&codec_shape_meeting, meeting, stored));
    assert_null(filler_difference(&codec_shape_kept, meeting->kept, stored->kept));

    struct entente_envelope with = {.request_epoch = 1,
                                    .request_counter = 1,
                                    .body = ENTENTE_MEETING,
                                    .meeting = meeting};
    struct entente_envelope *decoded = NULL;
    struct entente_bytes frame = {0};
    struct codec_error error;
    struct codec_notes notes;
    assert_true(codec_encode(&with, *state, &frame));
    assert_true(codec_decode(frame.data, frame.size, CODEC_BROKER, *state, &decoded,
                             &error, &notes));
    assert_null(decoded->meeting->kept);
    assert_non_null(meeting->kept);
}

static void stored_bytes_that_are_damaged_are_refused(void **state)
{
    struct filler filler = {.arena = *state, .counter = 1};
    struct entente_meeting *meeting = filler_fill(&filler, &codec_shape_meeting);
    struct entente_meeting *stored = NULL;
    struct entente_range *ranges = NULL;
    struct entente_bytes bytes = {0};
    size_t count = 0;

    assert_true(codec_encode_meeting(meeting, *state, &bytes));
    bytes.size -= 1;
    assert_false(codec_decode_meeting(bytes, *state, &stored));
    assert_false(
        codec_decode_ranges((struct entente_bytes){(const uint8_t *)"\x0a\x02", 2},
                            *state, &ranges, &count));
    assert_false(
        codec_decode_meeting((struct entente_bytes){NULL, 0}, *state, &stored));
}

static void ten_thousand_ranges_are_stored(void **state)
{
    struct entente_range *ranges =
        arena_array(*state, LIMIT_SOURCE_RANGES, sizeof(*ranges));
    struct entente_range *stored = NULL;
    struct entente_bytes bytes = {0};
    size_t count = 0;

    for (int32_t i = 0; i < LIMIT_SOURCE_RANGES; i++) {
        ranges[i] = (struct entente_range){.start = CODEC_TIME_MIN + 10 * i,
                                           .end = CODEC_TIME_MIN + 10 * i + 5,
                                           .kind = ENTENTE_BUSY};
    }
    assert_true(codec_encode_ranges(ranges, LIMIT_SOURCE_RANGES, *state, &bytes));
    assert_true(codec_decode_ranges(bytes, *state, &stored, &count));
    assert_int_equal(count, LIMIT_SOURCE_RANGES);
    assert_int_equal(stored[9999].end, ranges[9999].end);

    assert_true(codec_encode_ranges(ranges, 0, *state, &bytes));
    assert_true(codec_decode_ranges(bytes, *state, &stored, &count));
    assert_int_equal(count, 0);
}

static void a_copy_shares_nothing(void **state)
{
    struct filler filler = {.arena = *state, .counter = 1};
    struct entente_meeting *meeting = filler_fill(&filler, &codec_shape_meeting);
    struct arena other;

    meeting->kept = filler_fill(&filler, &codec_shape_kept);
    arena_init(&other, ARENA_BYTES);
    struct entente_meeting *copy = codec_copy_meeting(meeting, &other);
    assert_non_null(copy);

    struct entente_meeting *again = codec_copy_meeting(meeting, *state);
    arena_reset(*state);
    memset(arena_alloc(*state, 65536), 0xEE, 65536);
    (void)again;

    struct entente_bytes bytes = {0};
    struct entente_meeting *stored = NULL;
    assert_true(codec_encode_meeting(copy, &other, &bytes));
    assert_true(codec_decode_meeting(bytes, &other, &stored));
    assert_null(filler_difference(&codec_shape_meeting, copy, stored));
    assert_null(filler_difference(&codec_shape_kept, copy->kept, stored->kept));
    arena_finish(&other);

    struct arena small;
    arena_init(&small, 1024);
    assert_null(codec_copy_meeting(
        filler_fill(&(struct filler){*state, 1}, &codec_shape_meeting), &small));
    arena_finish(&small);
}

static void ids_are_written_and_read(void **state)
{
    static const char text[] = "0192f4c1-7a3b-7c00-8000-00ff10ab42cd";
    uint8_t id[16] = {0};
    char again[37];

    (void)state;
    assert_true(codec_parse_id(text, id));
    codec_format_id((struct entente_bytes){id, 16}, again);
    assert_string_equal(again, text);
    assert_true(codec_parse_id("0192F4C1-7A3B-7C00-8000-00FF10AB42CD", id));

    static const char *const wrong[] = {"", "0192f4c1",
                                        "0192f4c1-7a3b-7c00-8000-00ff10ab42cg",
                                        "0192f4c17-a3b-7c00-8000-00ff10ab42cd",
                                        "0192f4c1-7a3b-7c00-8000-00ff10ab42cd0"};
    uint8_t before[16];
    memcpy(before, id, sizeof(before));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(codec_parse_id(wrong[i], id));
    }
    assert_false(codec_parse_id(NULL, id));
    assert_memory_equal(before, id, sizeof(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_message_comes_back_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(decoded_structs_do_not_point_into_the_frame,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_field_keeps_its_limits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(unknown_values_are_refused_by_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_id_of_another_size_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_message_too_large_is_not_encoded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(kept_is_stored_and_never_sent, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(stored_bytes_that_are_damaged_are_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(ten_thousand_ranges_are_stored, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_copy_shares_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_are_written_and_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
