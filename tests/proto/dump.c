// SPDX-License-Identifier: Apache-2.0

#include "tests/proto/dump.h"

#include <inttypes.h>
#include <string.h>

enum { PATH_BYTES = 300 };

/* The value at @at as text; false when it is absent. */
static bool dump_value(const struct codec_row *row, const void *at, char *text,
                       size_t size)
{
    switch (row->kind) {
    case KIND_TEXT:
        snprintf(text, size, "\"%s\"",
                 *(const char *const *)at ? *(const char *const *)at : "");
        return *(const char *const *)at != NULL;
    case KIND_BYTES: {
        const struct entente_bytes *bytes = at;
        text[0] = '\0';
        for (size_t i = 0; i < bytes->size; i++) {
            snprintf(text + 2 * i, size - 2 * i, "%02x", bytes->data[i]);
        }
        return bytes->size > 0;
    }
    case KIND_ENUM:
    case KIND_BITS:
    case KIND_UINT32:
        snprintf(text, size, "%" PRIu32, *(const uint32_t *)at);
        return *(const uint32_t *)at != 0;
    case KIND_UINT64:
        snprintf(text, size, "%" PRIu64, *(const uint64_t *)at);
        return *(const uint64_t *)at != 0;
    case KIND_INT32:
        snprintf(text, size, "%" PRId32, *(const int32_t *)at);
        return *(const int32_t *)at != 0;
    case KIND_INT64:
        snprintf(text, size, "%" PRId64, *(const int64_t *)at);
        return *(const int64_t *)at != 0;
    case KIND_BOOL:
        snprintf(text, size, "true");
        return *(const bool *)at;
    case KIND_MESSAGE:
        break;
    }
    return false;
}

static void dump_row(const struct codec_row *row, const unsigned char *plain,
                     const char *path, FILE *out)
{
    size_t size = codec_table_plain_size(row);
    const unsigned char *at = plain + row->offset;
    bool repeated = row->count_offset != 0;
    size_t count = 1;

    if (repeated || row->kind == KIND_MESSAGE) {
        memcpy(&at, plain + row->offset, sizeof(at));
        count = at != NULL ? 1 : 0;
    }
    if (repeated) {
        memcpy(&count, plain + row->count_offset, sizeof(count));
    }
    for (size_t i = 0; i < count; i++) {
        char inner[PATH_BYTES];
        char text[PATH_BYTES];
        const char *dot = path[0] != '\0' ? "." : "";

        if (repeated) {
            snprintf(inner, sizeof(inner), "%s%s%s[%zu]", path, dot, row->name, i);
        } else {
            snprintf(inner, sizeof(inner), "%s%s%s", path, dot, row->name);
        }
        if (row->kind == KIND_MESSAGE) {
            /* As deep as the tables, which have a limit. */
            dump_struct(row->shape, at + i * size, inner, out);
        } else if (dump_value(row, at + i * size, text, sizeof(text)) || repeated) {
            fprintf(out, "%s = %s\n", inner, text);
        }
    }
}

void dump_struct(const struct codec_shape *shape, const void *plain, const char *path,
                 FILE *out)
{
    for (size_t i = 0; i < shape->row_count; i++) {
        dump_row(&shape->rows[i], plain, path, out);
    }
}
