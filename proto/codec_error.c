// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_error.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 320, NUMBER_BYTES = 24 };

/* Append to a text of PATH_BYTES; what does not fit is dropped (names in the tables are
 * short, so that nothing is). */
static void append(char *text, const char *name, bool repeated, size_t index)
{
    size_t filled = strlen(text);
    const char *dot = filled > 0 ? "." : "";

    if (repeated) {
        snprintf(text + filled, PATH_BYTES - filled, "%s%s[%zu]", dot, name, index);
    } else {
        snprintf(text + filled, PATH_BYTES - filled, "%s%s", dot, name);
    }
}

void codec_path_push(struct codec_path *path, const struct codec_row *row, size_t index)
{
    assert(path->depth < CODEC_DEPTH_MAX);
    path->parts[path->depth].name = row->name;
    path->parts[path->depth].repeated = row->count_offset != 0;
    path->parts[path->depth].index = index;
    path->depth++;
}

void codec_path_pop(struct codec_path *path)
{
    assert(path->depth > 0);
    path->depth--;
}

const char *codec_path_text(const struct codec_path *path, const struct codec_row *row,
                            size_t index, struct arena *arena)
{
    char text[PATH_BYTES] = "";

    for (size_t i = 0; i < path->depth; i++) {
        append(text, path->parts[i].name, path->parts[i].repeated,
               path->parts[i].index);
    }
    if (row != NULL) {
        append(text, row->name, row->count_offset != 0 && index != SIZE_MAX, index);
    }
    const char *copy = arena_text(arena, text);
    return copy != NULL ? copy : "?";
}

/* Every frame that is read has some of them ready: snprintf would be felt. */
static const char *digits_of(uint64_t number, bool negative, struct arena *arena)
{
    char text[NUMBER_BYTES];
    char *first = &text[NUMBER_BYTES - 1];

    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    if (negative) {
        *--first = '-';
    }
    const char *copy = arena_text(arena, first);
    return copy != NULL ? copy : "?";
}

const char *codec_number_text(int64_t number, struct arena *arena)
{
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    return digits_of(magnitude, number < 0, arena);
}

const char *codec_unsigned_text(uint64_t number, struct arena *arena)
{
    return digits_of(number, false, arena);
}

bool codec_refuse(struct codec_error *error, unsigned code, ...)
{
    va_list list;
    size_t count = 0;

    *error = (struct codec_error){.code = code};
    va_start(list, code);
    const char *parameter = va_arg(list, const char *);
    while (parameter != NULL &&
           count < sizeof(error->parameters) / sizeof(error->parameters[0])) {
        error->parameters[count++] = parameter;
        parameter = va_arg(list, const char *);
    }
    va_end(list);
    error->parameter_count = count;
    return false;
}
