// SPDX-License-Identifier: Apache-2.0

#include "proto/errors.h"

#include <stdbool.h>
#include <string.h>

struct error_row {
    unsigned code;
    enum retry retry;
    const char *name;
    const char *sentence;
};

#define ERROR(name, number, retry, sentence) {(number), RETRY_##retry, #name, sentence},
static const struct error_row rows[] = {
#include "proto/errors.def"
};
#undef ERROR

static const char unknown_sentence[] = "The reason is not known to this program.";

static const struct error_row *find_row(unsigned code)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == code) {
            return &rows[i];
        }
    }
    return NULL;
}

/* True for the second and later bytes of a UTF-8 character. */
static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0U) == 0x80U;
}

/* Append @size bytes at @filled; what does not fit is dropped.  One byte stays for the
 * NUL. */
static size_t append(char *buffer, size_t buffer_size, size_t filled, const char *text,
                     size_t size)
{
    size_t room = buffer_size - 1 - filled;
    size_t taken = size < room ? size : room;

    memcpy(buffer + filled, text, taken);
    return filled + taken;
}

const char *error_name(unsigned code)
{
    const struct error_row *row = find_row(code);
    return row != NULL ? row->name : "UNKNOWN_ERROR";
}

unsigned error_by_name(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].code;
        }
    }
    return 0;
}

const char *error_template(unsigned code)
{
    const struct error_row *row = find_row(code);
    return row != NULL ? row->sentence : unknown_sentence;
}

enum retry error_retry(unsigned code)
{
    const struct error_row *row = find_row(code);
    return row != NULL ? row->retry : (enum retry)0;
}

void error_sentence(unsigned code, const char *template_text,
                    const char *const *parameters, size_t parameter_count, char *buffer,
                    size_t buffer_size)
{
    if (buffer_size == 0) {
        return;
    }

    const char *text = template_text != NULL ? template_text : error_template(code);
    size_t filled = 0;
    bool cut = false;

    while (*text != '\0' && !cut) {
        const char *piece = text;
        size_t size = 1;

        if (text[0] == '{' && text[1] >= '0' && text[1] <= '9' && text[2] == '}') {
            size_t index = (size_t)(text[1] - '0');
            bool given = index < parameter_count && parameters[index] != NULL;
            piece = given ? parameters[index] : "?";
            size = strlen(piece);
            text += 3;
        } else {
            text += 1;
        }

        size_t before = filled;
        filled = append(buffer, buffer_size, filled, piece, size);
        cut = filled - before < size;
        if (cut && is_continuation(piece[filled - before])) {
            /* The cut fell inside a character: take its beginning away too. */
            while (filled > 0 && is_continuation(buffer[filled - 1])) {
                filled--;
            }
            filled -= filled > 0 ? 1 : 0;
        }
    }
    buffer[filled] = '\0';
}
