// SPDX-License-Identifier: Apache-2.0

/*
 * Every field of every message has its bounds, and they are written down (bounds.txt): one
 * beyond a bound is refused with its code, what lies on the bound is not.
 *
 * Each line of bounds.txt is a field, its kind and its bounds; the tables are not asked for
 * them.  With --write the list is written from the tables instead of tried.
 */
#include "proto/codec_check.h"
#include "proto/codec_read.h"
#include "proto/codec_scan.h"
#include "proto/codec_write.h"

#include "tests/mutation/row_mutant.h"
#include "tests/proto/filler.h"
#include "tests/proto/frame.h"
#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTA = 64 << 20, LINE = 256, NAME = 96 };

static const char path[] = "tests/proto/bounds.txt";

static const char *const kinds[] = {
    [KIND_TEXT] = "text",       [KIND_BYTES] = "bytes",   [KIND_ENUM] = "enum",
    [KIND_BITS] = "bits",       [KIND_UINT32] = "number", [KIND_UINT64] = "number",
    [KIND_INT32] = "number",    [KIND_INT64] = "number",  [KIND_BOOL] = "bool",
    [KIND_MESSAGE] = "message",
};

/* A line of bounds.txt, and the row that it is about. */
struct bound {
    const struct codec_shape *shape;
    const struct codec_row *row;
    char kind[16];
    int64_t min;
    int64_t max;
    uint64_t most; /* 0: a single one */
};

static struct arena arena;
static struct frame frame;

/* ---- one message with one field as it is wanted ----------------------------------- */

static uint32_t tag_of(const struct bound *bound)
{
    return bound->shape->fields[bound->row - bound->shape->rows]->id;
}

/* A full message without the field: the field is added behind. */
static void begin_frame(const struct bound *bound)
{
    struct filler filler = {.arena = &arena};
    struct entente_bytes bytes = {0};

    arena_reset(&arena);
    unsigned char *plain = filler_fill(&filler, bound->shape);
    size_t size = bound->most != 0 || bound->row->kind == KIND_MESSAGE
                      ? sizeof(void *)
                      : codec_table_plain_size(bound->row);
    memset(plain + bound->row->offset, 0, size);
    if (bound->row->count_offset != 0) {
        memset(plain + bound->row->count_offset, 0, sizeof(size_t));
    }
    if (bound->shape == &codec_shape_envelope) {
        plain = arena_alloc(&arena, bound->shape->size); /* no body: it is not asked */
    }
    if (bound->shape == &codec_shape_party &&
        strncmp(bound->row->name, "member", strlen("member")) != 0) {
        struct entente_party *party = (struct entente_party *)(void *)plain;
        party->member_values_count = 0;
        party->member_system = NULL;
    }
    assert_true(codec_write(bound->shape, plain, 0, SIZE_MAX, &arena, &bytes));
    frame.size = 0;
    frame_raw(&frame, bytes.data, bytes.size);
}

/* What the codec says to the frame; 0: nothing. */
static unsigned verdict(const struct codec_shape *shape)
{
    struct codec_seen seen = {0};
    struct codec_error error = {0};
    void *plain = NULL;

    if (!codec_scan(shape, frame.bytes, frame.size, &arena, &seen, &error)) {
        return error.code;
    }
    ProtobufCMessage *message =
        protobuf_c_message_unpack(shape->descriptor, NULL, frame.size, frame.bytes);
    assert_non_null(message);
    bool taken = codec_read(shape, message, true, &arena, &plain, &error);
    protobuf_c_message_free_unpacked(message, NULL);
    return taken ? 0 : error.code;
}

static void put_text(const struct bound *bound, size_t size)
{
    char *text = arena_alloc(&arena, size + 1);

    memset(text, 'a', size);
    if (size > 2) {
        text[1] = ':'; /* the system of an identifier */
    }
    frame_bytes(&frame, tag_of(bound), text, size);
}

static unsigned with_text(const struct bound *bound, size_t size)
{
    begin_frame(bound);
    put_text(bound, size);
    return verdict(bound->shape);
}

static unsigned with_number(const struct bound *bound, uint64_t number)
{
    begin_frame(bound);
    frame_number(&frame, tag_of(bound), number);
    return verdict(bound->shape);
}

/* @count values, each of which alone is taken. */
static unsigned with_values(const struct bound *bound, size_t count)
{
    const struct codec_shape *inner = bound->row->shape;
    struct entente_bytes bytes = {0};

    begin_frame(bound);
    for (size_t i = 0; i < count; i++) {
        if (inner != NULL) {
            struct filler filler = {.arena = &arena, .counter = (uint32_t)i};
            assert_true(codec_write(inner, filler_fill(&filler, inner), 0, SIZE_MAX,
                                    &arena, &bytes));
            frame_bytes(&frame, tag_of(bound), bytes.data, bytes.size);
        } else if (bound->row->kind == KIND_TEXT) {
            put_text(bound, 1);
        } else if (bound->row->kind == KIND_BYTES) {
            put_text(bound, (size_t)bound->max);
        } else {
            frame_number(&frame, tag_of(bound), (uint64_t)bound->min);
        }
    }
    return verdict(bound->shape);
}

/* ---- what must be refused --------------------------------------------------------- */

static void must_be(const struct bound *bound, const char *where, unsigned said,
                    unsigned code)
{
    if (said != code) {
        fail_msg("%s.%s %s: %s instead of %s", bound->shape->descriptor->short_name,
                 bound->row->name, where, said == 0 ? "taken" : error_name(said),
                 error_name(code));
    }
}

/* Another rule may have something to say to what lies on the bound. */
static void must_not_be(const struct bound *bound, const char *where, unsigned said,
                        unsigned code)
{
    if (said == code) {
        fail_msg("%s.%s %s: %s", bound->shape->descriptor->short_name, bound->row->name,
                 where, error_name(code));
    }
}

static void try_text(const struct bound *bound)
{
    size_t max = (size_t)bound->max;

    must_be(bound, "one byte too long", with_text(bound, max + 1), ERROR_TEXT_TOO_LONG);
    must_not_be(bound, "of full length", with_text(bound, max), ERROR_TEXT_TOO_LONG);
}

static void try_bytes(const struct bound *bound)
{
    size_t max = (size_t)bound->max;
    bool exact = bound->min == bound->max;
    unsigned code = exact ? ERROR_BAD_IDENTIFIER : ERROR_TEXT_TOO_LONG;

    must_be(bound, "one byte too long", with_text(bound, max + 1), code);
    must_not_be(bound, "of full length", with_text(bound, max), code);
    if (exact) {
        must_be(bound, "one byte too short", with_text(bound, max - 1), code);
    }
}

static void try_enum(const struct bound *bound)
{
    const ProtobufCEnumDescriptor *values =
        bound->shape->fields[bound->row - bound->shape->rows]->descriptor;
    int highest = 0;

    for (unsigned i = 0; i < values->n_values; i++) {
        int value = values->values[i].value;
        must_not_be(bound, "a known value", with_number(bound, (uint64_t)value),
                    ERROR_UNKNOWN_VALUE);
        highest = value > highest ? value : highest;
    }
    assert_int_equal(highest, bound->max);
    must_be(bound, "above all known values",
            with_number(bound, (uint64_t)bound->max + 1), ERROR_UNKNOWN_VALUE);
    must_be(bound, "far above all known values", with_number(bound, INT32_MAX),
            ERROR_UNKNOWN_VALUE);
}

static void try_bits(const struct bound *bound)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        uint64_t value = UINT64_C(1) << bit;
        unsigned said = with_number(bound, value);
        if (((uint64_t)bound->max & value) != 0) {
            must_not_be(bound, "a known bit", said, ERROR_UNKNOWN_VALUE);
        } else {
            must_be(bound, "an unknown bit", said, ERROR_UNKNOWN_VALUE);
        }
    }
}

static void try_number(const struct bound *bound)
{
    bool is_unsigned =
        bound->row->kind == KIND_UINT32 || bound->row->kind == KIND_UINT64;
    bool wide = bound->row->kind == KIND_UINT64 || bound->row->kind == KIND_INT64;
    bool needed = (bound->row->flags & (CODEC_NEEDED | CODEC_FROM_CLIENT)) != 0;
    bool lowest = bound->min == (wide ? INT64_MIN : INT32_MIN);
    /* 0 is nothing said where it may be left out. */
    int64_t beyond = lowest                                           ? 0
                     : bound->min == 1 && !needed && bound->most == 0 ? -1
                                                                      : bound->min - 1;
    int64_t top = wide ? INT64_MAX : is_unsigned ? UINT32_MAX : INT32_MAX;

    must_not_be(bound, "the least", with_number(bound, (uint64_t)bound->min),
                ERROR_OUT_OF_BOUNDS);
    must_not_be(bound, "the most", with_number(bound, (uint64_t)bound->max),
                ERROR_OUT_OF_BOUNDS);
    if (bound->max < top || is_unsigned) {
        must_be(bound, "above the most", with_number(bound, (uint64_t)bound->max + 1),
                ERROR_OUT_OF_BOUNDS);
    }
    if (is_unsigned ? beyond >= 0 : !lowest) {
        must_be(bound, "below the least", with_number(bound, (uint64_t)beyond),
                ERROR_OUT_OF_BOUNDS);
    }
}

static void try_most(const struct bound *bound)
{
    must_not_be(bound, "as many as may be", with_values(bound, bound->most),
                ERROR_TOO_MANY);
    must_be(bound, "one too many", with_values(bound, bound->most + 1), ERROR_TOO_MANY);
}

static void try_bound(const struct bound *bound)
{
    assert_string_equal(bound->kind, kinds[bound->row->kind]);
    if (bound->most != 0) {
        try_most(bound);
    }
    switch (bound->row->kind) {
    case KIND_TEXT:
        try_text(bound);
        break;
    case KIND_BYTES:
        try_bytes(bound);
        break;
    case KIND_ENUM:
        try_enum(bound);
        break;
    case KIND_BITS:
        try_bits(bound);
        break;
    case KIND_UINT32:
    case KIND_UINT64:
    case KIND_INT32:
    case KIND_INT64:
        try_number(bound);
        break;
    case KIND_BOOL:
    case KIND_MESSAGE:
        break;
    }
}

/* ---- bounds.txt ------------------------------------------------------------------- */

/* What is larger than any field is written so. */
static int64_t most_of(const struct codec_shape *shape, size_t index)
{
    const struct codec_row *row = &shape->rows[index];
    int64_t highest = 0;

    if (row->kind != KIND_ENUM) {
        return row->max;
    }
    const ProtobufCEnumDescriptor *values = shape->fields[index]->descriptor;
    for (unsigned i = 0; i < values->n_values; i++) {
        highest = values->values[i].value > highest ? values->values[i].value : highest;
    }
    return highest;
}

static bool has_bounds(const struct codec_row *row)
{
    return row->count_offset != 0 ||
           (row->kind != KIND_BOOL && row->kind != KIND_MESSAGE);
}

static bool find_row(const char *name, struct bound *ret_bound)
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);
    char here[NAME];

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            snprintf(here, sizeof(here), "%s.%s", shapes[i]->descriptor->short_name,
                     shapes[i]->rows[j].name);
            if (strcmp(here, name) == 0) {
                ret_bound->shape = shapes[i];
                ret_bound->row = &shapes[i]->rows[j];
                return true;
            }
        }
    }
    return false;
}

static void test_each_bound_holds_and_no_less_is_allowed(void **state)
{
    (void)state;
    FILE *file = fopen(path, "r");
    char line[LINE];
    size_t lines = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        struct bound bound = {0};
        char name[NAME];
        assert_int_equal(sscanf(line, "%95s %15s %" SCNd64 " %" SCNd64 " %" SCNu64,
                                name, bound.kind, &bound.min, &bound.max, &bound.most),
                         5);
        if (!find_row(name, &bound)) {
            fail_msg("%s: no such field: %s", path, name);
        }
        try_bound(&bound);
        lines++;
    }
    fclose(file);

    size_t rows = 0;
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            rows += has_bounds(&shapes[i]->rows[j]) ? 1 : 0;
        }
    }
    if (lines != rows) {
        fail_msg("%zu fields have bounds, and %s has %zu lines: test_bounds --write",
                 rows, path, lines);
    }
}

/* A span begins before it ends, wherever it stands. */
static void test_no_span_is_empty_or_reversed(void **state)
{
    (void)state;
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);
    static const char *const spans[] = {"Range", "Span", "Slot"};

    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        for (size_t j = 0; j < count; j++) {
            if (strcmp(shapes[j]->descriptor->short_name, spans[i]) != 0) {
                continue;
            }
            struct bound bound = {.shape = shapes[j], .row = &shapes[j]->rows[1]};
            begin_frame(&bound);
            int32_t start = CODEC_TIME_MIN + 60; /* of the filler's first value */
            assert_string_equal(bound.row->name, "end");
            assert_int_equal(with_number(&bound, (uint64_t)start), ERROR_RANGE_EMPTY);
            assert_int_equal(with_number(&bound, (uint64_t)start - 1),
                             ERROR_RANGE_REVERSED);
            assert_int_equal(with_number(&bound, (uint64_t)start + 1), 0);
        }
    }
}

static int write_bounds(void)
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            const struct codec_row *row = &shapes[i]->rows[j];
            if (has_bounds(row)) {
                fprintf(file, "%s.%s %s %" PRId64 " %" PRId64 " %zu\n",
                        shapes[i]->descriptor->short_name, row->name, kinds[row->kind],
                        row->min, most_of(shapes[i], j),
                        row->count_offset != 0 ? row->count_max : 0);
            }
        }
    }
    return fclose(file) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int done = row_mutant(argc, argv);
    if (done >= 0) {
        return done;
    }
    if (argc > 1 && strcmp(argv[1], "--write") == 0) {
        return write_bounds();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_bound_holds_and_no_less_is_allowed),
        cmocka_unit_test(test_no_span_is_empty_or_reversed),
    };
    arena_init(&arena, QUOTA);
    int failures = cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
    arena_finish(&arena);
    return failures;
}
