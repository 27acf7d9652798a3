// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_build.h"

#include <stdlib.h>
#include <string.h>

#define FOLD_AT 75

void ics_build_bytes(struct ics_build *build, const char *bytes, size_t size)
{
    if (build->failed) {
        return;
    }
    if (build->size + size > build->capacity) {
        size_t wanted = (build->size + size) * 2;
        char *grown = realloc(build->bytes, wanted);
        if (grown == NULL) {
            build->failed = true;
            return;
        }
        build->bytes = grown;
        build->capacity = wanted;
    }
    if (size > 0) {
        memcpy(build->bytes + build->size, bytes, size);
    }
    build->size += size;
}

static void add_newline(struct ics_build *build)
{
    ics_build_bytes(build, build->newline, strlen(build->newline));
}

/* One character of UTF-8, or one escape, which a fold must not cut. */
static void add_unit(struct ics_build *build, size_t *column, const char *unit,
                     size_t size)
{
    if (*column + size > FOLD_AT) {
        add_newline(build);
        ics_build_bytes(build, " ", 1);
        *column = 1;
    }
    ics_build_bytes(build, unit, size);
    *column += size;
}

static size_t character_size(const char *text)
{
    size_t size = 1;

    while (((unsigned char)text[size] & 0xc0) == 0x80) {
        size++;
    }
    return size;
}

static void add_plain(struct ics_build *build, size_t *column, const char *text)
{
    while (*text != '\0') {
        size_t size = character_size(text);
        add_unit(build, column, text, size);
        text += size;
    }
}

void ics_build_line(struct ics_build *build, const char *name, const char *value)
{
    size_t column = 0;

    add_plain(build, &column, name);
    add_unit(build, &column, ":", 1);
    add_plain(build, &column, value);
    add_newline(build);
}

void ics_build_text(struct ics_build *build, const char *name, const char *text)
{
    size_t column = 0;

    add_plain(build, &column, name);
    add_unit(build, &column, ":", 1);
    while (*text != '\0') {
        size_t size = character_size(text);
        if (*text == '\n') {
            add_unit(build, &column, "\\n", 2);
        } else if (*text == '\\' || *text == ';' || *text == ',') {
            char escape[2] = {'\\', *text};
            add_unit(build, &column, escape, 2);
        } else if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            if (*text != '\r') {
                add_unit(build, &column, " ", 1);
            }
        } else {
            add_unit(build, &column, text, size);
        }
        text += size;
    }
    add_newline(build);
}

void ics_build_finish(struct ics_build *build)
{
    free(build->bytes);
    *build = (struct ics_build){0};
}
