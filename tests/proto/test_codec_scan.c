// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_scan.c - what is seen in the bytes before anything is built from them
 */
#include "proto/codec_scan.h"
#include "proto/limits.h"
#include "tests/proto/filler.h"
#include "tests/proto/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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

/* Each field of each message with each wire type that is not its own. */
static void wrong_wire_types_are_refused(void **state)
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);
    static const uint32_t types[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static struct frame frame;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count * 8; j++) {
            const struct codec_row *row = &shapes[i]->rows[j / 8];
            uint32_t type = types[j % 8];
            bool text = row->kind == KIND_TEXT || row->kind == KIND_BYTES ||
                        row->kind == KIND_MESSAGE;
            bool own = type == (text ? 2U : 0U);
            struct codec_seen seen;
            struct codec_error error = {0};

            frame.size = 0;
            frame_key(&frame, shapes[i]->fields[j / 8]->id, type);
            frame_raw(&frame, "\0\0\0\0\0\0\0\0", type == 1 ? 8 : type == 5 ? 4 : 1);
            if (own || (type == 2 && row->count_offset != 0)) {
                continue; /* its own, or packed */
            }
            arena_reset(&arena);
            assert_false(
                codec_scan(shapes[i], frame.bytes, frame.size, &arena, &seen, &error));
            assert_int_equal(error.code, ERROR_MALFORMED);
        }
    }
}

static void texts_are_utf8_without_control_characters(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *problem;
        bool prose;
    } texts[] = {
        {"plain", 5, NULL, false},
        {"réunion", 8, NULL, false},
        {"\xF0\x9F\x99\x82", 4, NULL, false},
        {"a\nb\tc", 5, NULL, true},
        {"a\nb", 3, "it holds a control character", false},
        {"a\rb", 3, "it holds a control character", true},
        {"a\x7F", 2, "it holds a control character", true},
        {"a\xC2\x85", 3, "it holds a control character", true},
        {"a\0b", 3, "it holds a NUL", true},
        {"\0", 1, "it holds a NUL", true},
        {"\xC0\x80", 2, "it is not UTF-8", true},         /* NUL the long way */
        {"\xE0\x9F\xBF", 3, "it is not UTF-8", true},     /* too long a form */
        {"\xED\xA0\x80", 3, "it is not UTF-8", true},     /* a surrogate */
        {"\xF4\x90\x80\x80", 4, "it is not UTF-8", true}, /* above U+10FFFF */
        {"\xF5\x80\x80\x80", 4, "it is not UTF-8", true},
        {"\xF0\x8F\xBF\xBF", 4, "it is not UTF-8", true},
        {"\xC3", 1, "it is not UTF-8", true},
        {"\x80", 1, "it is not UTF-8", true},
        {"\xE2\x82", 2, "it is not UTF-8", true},
        {"\xC3(", 2, "it is not UTF-8", true},
        {"\xFF", 1, "it is not UTF-8", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *problem = codec_scan_text_problem((const uint8_t *)texts[i].text,
                                                      texts[i].size, texts[i].prose);
        if (texts[i].problem == NULL) {
            assert_null(problem);
        } else {
            assert_non_null(problem);
            assert_string_equal(problem, texts[i].problem);
        }
    }
}

static void packed_and_single_numbers_are_the_same(void **state)
{
    static struct frame forms[3];
    static struct frame packed;
    struct codec_seen seen;
    struct codec_error error = {0};
    const struct codec_shape *shape =
        codec_table_row(codec_table_row(&codec_shape_envelope, ENTENTE_REQUEST)->shape,
                        1)
            ->shape;

    (void)state;
    packed.size = 0;
    for (uint32_t i = 0; i < 65; i++) {
        frame_number(&forms[0], 5, CODEC_TIME_MIN + i);
        frame_varint(&packed, CODEC_TIME_MIN + i);
        forms[2].size = i == 63 ? forms[0].size : forms[2].size;
    }
    frame_message(&forms[1], 5, &packed);
    for (size_t i = 0; i < 2; i++) {
        assert_false(
            codec_scan(shape, forms[i].bytes, forms[i].size, &arena, &seen, &error));
        assert_int_equal(error.code, ERROR_TOO_MANY);
        assert_string_equal(error.parameters[0], "picked");
        assert_string_equal(error.parameters[1], "65");
    }
    assert_true(
        codec_scan(shape, forms[0].bytes, forms[2].size, &arena, &seen, &error));
    packed.bytes[packed.size - 1] |= 0x80;
    forms[1].size = 0;
    frame_message(&forms[1], 5, &packed);
    assert_false(
        codec_scan(shape, forms[1].bytes, forms[1].size, &arena, &seen, &error));
    assert_int_equal(error.code, ERROR_MALFORMED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(wrong_wire_types_are_refused),
        TEST(texts_are_utf8_without_control_characters),
        TEST(packed_and_single_numbers_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
