// SPDX-License-Identifier: Apache-2.0

/*
 * explore_flat.c - the part of explore.h that writes a meeting as bytes, quickly
 *
 * By the codec's tables, so that no field that is added one day is forgotten.  Equal
 * meetings give equal bytes and others do not: every list is preceded by its length.
 */
#include "tests/model/explore.h"

#include "proto/codec_table.h"

#include <stdlib.h>
#include <string.h>

struct level {
    const struct codec_shape *shape;
    const unsigned char *plain;
    size_t row;
    size_t left; /* structs of the list, this one included */
};

struct flat {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

static void put(struct flat *flat, const void *bytes, size_t size)
{
    if (size > flat->capacity - flat->size) {
        abort();
    }
    if (size > 0) {
        memcpy(flat->bytes + flat->size, bytes, size);
        flat->size += size;
    }
}

static void put_texts(struct flat *flat, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = texts[i] == NULL ? "" : texts[i];
        put(flat, text, strlen(text) + 1);
    }
}

/* Write the member of @row; *ret_count structs follow at *ret_child when it is a message. */
static void put_member(struct flat *flat, const struct codec_row *row,
                       const unsigned char *plain, const unsigned char **ret_child,
                       size_t *ret_count)
{
    const void *member = plain + row->offset;
    size_t count = 1;
    *ret_count = 0;
    if (row->kind == KIND_BYTES && row->count_offset == 0) {
        const struct entente_bytes *bytes = member;
        put(flat, &bytes->size, sizeof(bytes->size));
        put(flat, bytes->data, bytes->size);
        return;
    }
    if (row->kind == KIND_TEXT && row->count_offset == 0) {
        put_texts(flat, member, 1);
        return;
    }
    size_t size = codec_table_plain_size(row);
    if (row->kind != KIND_MESSAGE && row->count_offset == 0) {
        put(flat, member, size);
        return;
    }
    memcpy(ret_child, member, sizeof(*ret_child));
    if (row->count_offset != 0) {
        memcpy(&count, plain + row->count_offset, sizeof(count));
    }
    count = *ret_child == NULL ? 0 : count;
    put(flat, &(uint8_t){(uint8_t)count}, 1);
    if (count > UINT8_MAX) {
        abort();
    }
    if (row->kind == KIND_MESSAGE) {
        *ret_count = count;
    } else if (row->kind == KIND_TEXT) {
        put_texts(flat, (const char *const *)(const void *)*ret_child, count);
    } else if (row->kind == KIND_BYTES) {
        abort(); /* no meeting has a list of those */
    } else {
        put(flat, *ret_child, count * size);
    }
}

static void put_struct(struct flat *flat, const struct codec_shape *shape,
                       const void *plain)
{
    struct level levels[CODEC_DEPTH_MAX] = {{shape, plain, 0, 1}};
    size_t depth = 1;
    while (depth > 0) {
        struct level *level = &levels[depth - 1];
        if (level->row == level->shape->row_count) {
            level->row = 0;
            level->plain += level->shape->size;
            depth -= --level->left == 0 ? 1 : 0;
            continue;
        }
        const struct codec_row *row = &level->shape->rows[level->row++];
        const unsigned char *child = NULL;
        size_t count;
        put_member(flat, row, level->plain, &child, &count);
        if (count > 0) {
            levels[depth++] = (struct level){row->shape, child, 0, count};
        }
    }
}

size_t flat_write(const struct entente_meeting *meeting, uint8_t *bytes,
                  size_t capacity)
{
    struct flat flat = {.capacity = capacity};
    flat.bytes = &bytes[0];
    codec_table_bind();
    put_struct(&flat, &codec_shape_meeting, meeting);
    put_struct(&flat, &codec_shape_kept, meeting->kept);
    return flat.size;
}
