// SPDX-License-Identifier: Apache-2.0

/*
 * Which fields a message needs is written down (needed.txt): who changes the tables by
 * accident is told.  With --write the list is written instead of compared.
 */
#include "proto/codec_table.h"

#include "tests/mutation/row_mutant.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPES = 256, TEXT = 1 << 16 };

static const char path[] = "tests/proto/needed.txt";

static char text[TEXT];
static size_t length;

static void add_line(const struct codec_shape *shape, const struct codec_row *row)
{
    int wrote =
        snprintf(text + length, sizeof(text) - length, "%s.%s%s%s\n",
                 shape->descriptor->short_name, row->name,
                 (row->flags & CODEC_NEEDED) != 0 ? ": needed" : "",
                 (row->flags & CODEC_FROM_CLIENT) != 0 ? ": needed from a client" : "");
    length += wrote > 0 ? (size_t)wrote : 0;
    assert_true(length < sizeof(text));
}

/* Every message that the envelope or the store may hold, each once. */
static void list_needed(void)
{
    const struct codec_shape *shapes[SHAPES] = {
        &codec_shape_envelope, &codec_shape_stored_meeting, &codec_shape_stored_ranges};
    size_t count = 3;
    codec_table_bind();
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            const struct codec_row *row = &shapes[i]->rows[j];
            bool known = row->kind != KIND_MESSAGE;
            if ((row->flags & (CODEC_NEEDED | CODEC_FROM_CLIENT)) != 0) {
                add_line(shapes[i], row);
            }
            for (size_t k = 0; k < count && !known; k++) {
                known = shapes[k] == row->shape;
            }
            if (!known) {
                assert_true(count < SHAPES);
                shapes[count++] = row->shape;
            }
        }
    }
}

static void test_what_is_needed_is_what_is_written_down(void **state)
{
    (void)state;
    static char written[TEXT];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(written, 1, sizeof(written) - 1, file);
    fclose(file);
    written[size] = '\0';
    assert_string_equal(written, text);
}

int main(int argc, char **argv)
{
    int done_already = row_mutant(argc, argv);
    if (done_already >= 0) {
        return done_already;
    }
    list_needed();
    if (argc > 1 && strcmp(argv[1], "--write") == 0) {
        FILE *file = fopen(path, "w");
        bool done = file != NULL && fwrite(text, 1, length, file) == length;
        return file != NULL && fclose(file) == 0 && done ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_needed_is_what_is_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
