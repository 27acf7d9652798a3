// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct span {
    uint32_t from;
    uint32_t until; /* the last one */
};

/* Marks that stand above or below the letter before them. */
static const struct span marks[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

/* Signs as wide as two letters: East Asian scripts and most pictures. */
static const struct span wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* Signs that would steer the terminal, or the direction of writing. */
static const struct span steering[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
};

#define IS_IN(sign, spans) is_in(sign, spans, sizeof(spans) / sizeof((spans)[0]))

static bool is_in(uint32_t sign, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sign >= spans[i].from && sign <= spans[i].until) {
            return true;
        }
    }
    return false;
}

/* The sign at @text and its length in bytes; 1 and U+FFFD where it is no UTF-8. */
static size_t read_sign(const char *text, uint32_t *ret_sign)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t more = bytes[0] < 0x80   ? 0
                  : bytes[0] < 0xc2 ? 4
                  : bytes[0] < 0xe0 ? 1
                  : bytes[0] < 0xf0 ? 2
                  : bytes[0] < 0xf5 ? 3
                                    : 4;
    uint32_t sign = more == 0 ? bytes[0] : bytes[0] & (0x3fU >> more);
    for (size_t i = 1; more < 4 && i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            more = 4;
            break;
        }
        sign = sign << 6 | (bytes[i] & 0x3fU);
    }
    *ret_sign = more == 4 ? 0xfffd : sign;
    return more == 4 ? 1 : more + 1;
}

static size_t columns_of(uint32_t sign)
{
    return IS_IN(sign, marks) ? 0 : IS_IN(sign, wide) ? 2 : 1;
}

static void print_sign(FILE *file, const char *text, size_t length, uint32_t sign)
{
    if (sign == 0xfffd || IS_IN(sign, steering)) {
        fputc('?', file);
    } else {
        fwrite(text, 1, length, file);
    }
}

void text_print(FILE *file, const char *text)
{
    uint32_t sign;
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t length = read_sign(at, &sign);
        print_sign(file, at, length, sign);
        at += length;
    }
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    uint32_t sign;
    for (const char *at = text; at != NULL && *at != '\0';) {
        at += read_sign(at, &sign);
        columns += columns_of(sign);
    }
    return columns;
}

void text_print_column(FILE *file, const char *text, size_t columns)
{
    size_t used = 0;
    uint32_t sign;
    bool fits = text_columns(text) <= columns;
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t length = read_sign(at, &sign);
        size_t width = columns_of(sign);
        if (used + width > (fits ? columns : columns - 1)) {
            fputs("…", file);
            used++;
            break;
        }
        print_sign(file, at, length, sign);
        used += width;
        at += length;
    }
    fprintf(file, "%*s", used < columns ? (int)(columns - used) : 0, "");
}
