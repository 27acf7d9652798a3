// SPDX-License-Identifier: Apache-2.0

/*
 * test_golden.c - frames of the past still mean what they meant
 *
 * tests/proto/golden holds for every message a frame (.hex) and what it says (.txt).
 * They are never changed.  `test_golden --write` writes those that are missing, for a
 * message that is new; with a number it writes those of that generation (answer-2.hex)
 * for messages that have got new fields since.
 */
#include "proto/limits.h"
#include "tests/proto/dump.h"
#include "tests/proto/filler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_BYTES = 1 << 20, LINE_BYTES = 32, GENERATIONS = 9 };

static const char folder[] = "tests/proto/golden";

static struct arena arena;

static void path_of(const char *name, unsigned generation, const char *suffix,
                    char *ret_path, size_t size)
{
    if (generation == 1) {
        snprintf(ret_path, size, "%s/%s.%s", folder, name, suffix);
    } else {
        snprintf(ret_path, size, "%s/%s-%u.%s", folder, name, generation, suffix);
    }
}

/* The file as text in the arena, or NULL when there is none. */
static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = arena_alloc(&arena, FILE_BYTES);

    if (file == NULL) {
        return NULL;
    }
    text[fread(text, 1, FILE_BYTES - 1, file)] = '\0';
    fclose(file);
    return text;
}

static unsigned digit_of(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, letter);
    assert_non_null(at);
    return (unsigned)(at - digits);
}

static struct entente_bytes read_hex(const char *text)
{
    uint8_t *bytes = arena_alloc(&arena, strlen(text));
    size_t size = 0;

    while (*text != '\0') {
        if (*text == '\n') {
            text++;
            continue;
        }
        bytes[size++] = (uint8_t)(digit_of(text[0]) << 4 | digit_of(text[1]));
        text += 2;
    }
    return (struct entente_bytes){bytes, size};
}

/* What @frame says, as text in the arena. */
static char *meaning_of(struct entente_bytes frame, uint32_t tag,
                        struct entente_envelope **ret_envelope)
{
    struct codec_error error = {0};
    struct codec_notes notes;

    if (!codec_decode(frame.data, frame.size, codec_body_side(tag), &arena,
                      ret_envelope, &error, &notes)) {
        fail_msg("%s: %s", codec_body_name(tag), error_name(error.code));
    }
    assert_int_equal((*ret_envelope)->body, tag);
    assert_int_equal(notes.unknown_fields, 0);

    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    fprintf(out, "request = %u %u\n", (unsigned)notes.request_epoch,
            (unsigned)notes.request_counter);
    dump_struct(codec_table_row(&codec_shape_envelope, tag)->shape,
                (*ret_envelope)->hello, codec_body_name(tag), out);
    fclose(out);
    char *kept = arena_text(&arena, text);
    free(text);
    return kept;
}

/* What is in the files of @generation is what it says; false when there are none. */
static bool check_frame(uint32_t tag, unsigned generation)
{
    struct entente_envelope *envelope = NULL;
    struct entente_bytes again = {0};
    char path[256];

    arena_reset(&arena);
    path_of(codec_body_name(tag), generation, "hex", path, sizeof(path));
    const char *hex = read_text(path);
    path_of(codec_body_name(tag), generation, "txt", path, sizeof(path));
    const char *text = read_text(path);
    if (hex == NULL || text == NULL) {
        if (generation == 1) {
            fail_msg("%s is missing: test_golden --write makes it", path);
        }
        return false;
    }
    struct entente_bytes frame = read_hex(hex);
    assert_string_equal(meaning_of(frame, tag, &envelope), text);
    assert_true(codec_encode(envelope, &arena, &again));
    assert_int_equal(again.size, frame.size);
    assert_memory_equal(again.data, frame.data, frame.size);
    return true;
}

static void golden_frames_mean_what_they_meant(void **state)
{
    uint32_t tags[64];
    size_t count = filler_tags(tags);
    size_t later = 0;

    (void)state;
    codec_table_bind();
    for (size_t i = 0; i < count; i++) {
        check_frame(tags[i], 1);
        for (unsigned generation = 2; generation <= GENERATIONS; generation++) {
            later += check_frame(tags[i], generation) ? 1 : 0;
        }
    }
    assert_true(later > 0);
}

/* Write @text (or, without it, @bytes as hexadecimal digits) unless the file exists. */
static void write_missing(const char *path, const char *text,
                          struct entente_bytes bytes)
{
    FILE *file = fopen(path, "wx");

    if (file == NULL) {
        return;
    }
    if (text != NULL) {
        fprintf(file, "%s", text);
    }
    for (size_t i = 0; text == NULL && i < bytes.size; i++) {
        bool last = i + 1 == bytes.size || i % LINE_BYTES == LINE_BYTES - 1;
        fprintf(file, "%02x%s", bytes.data[i], last ? "\n" : "");
    }
    fclose(file);
    printf("written: %s\n", path);
}

static void write_frames(unsigned generation)
{
    uint32_t tags[64];
    size_t count = filler_tags(tags);

    for (size_t i = 0; i < count; i++) {
        struct filler filler = {.arena = &arena, .counter = 1};
        struct entente_envelope *envelope = NULL;
        struct entente_bytes frame = {0};
        char path[256];

        arena_reset(&arena);
        if (!codec_encode(filler_envelope(&filler, tags[i]), &arena, &frame)) {
            continue;
        }
        const char *text = meaning_of(frame, tags[i], &envelope);
        path_of(codec_body_name(tags[i]), 1, "txt", path, sizeof(path));
        const char *first = read_text(path);
        if (generation > 1 && (first == NULL || strcmp(first, text) == 0)) {
            continue;
        }
        path_of(codec_body_name(tags[i]), generation, "hex", path, sizeof(path));
        write_missing(path, NULL, frame);
        path_of(codec_body_name(tags[i]), generation, "txt", path, sizeof(path));
        write_missing(path, text, frame);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_frames_mean_what_they_meant),
    };
    int failed = 0;

    arena_init(&arena, (size_t)64 << 20);
    if (argc > 1 && strcmp(argv[1], "--write") == 0) {
        write_frames(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1);
    } else {
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    arena_finish(&arena);
    return failed;
}
