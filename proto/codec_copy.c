// SPDX-License-Identifier: Apache-2.0

/*
 * codec_copy.c - deep copies of plain structs, by the codec's tables
 */
#include "proto/codec_write.h"

#include <string.h>

/* One struct whose members still point into the original. */
struct step {
    const struct codec_shape *shape;
    unsigned char *plain;
    size_t row;
};

static bool copy_texts(const char **texts, size_t count, struct arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i] != NULL) {
            texts[i] = arena_text(arena, texts[i]);
            if (texts[i] == NULL) {
                return false;
            }
        }
    }
    return true;
}

/* Replace what the member at @member points at by a copy; *@ret_count structs follow
 * there when it is a message. */
static bool copy_member(const struct codec_row *row, unsigned char *plain,
                        struct arena *arena, size_t *ret_count)
{
    void *member = plain + row->offset;
    size_t count = 1;

    *ret_count = 0;
    if (row->kind == KIND_TEXT && row->count_offset == 0) {
        return copy_texts(member, 1, arena);
    }
    if (row->kind == KIND_BYTES) {
        struct entente_bytes *bytes = member;
        if (bytes->size != 0) {
            bytes->data = arena_copy(arena, bytes->data, bytes->size);
        }
        return bytes->size == 0 || bytes->data != NULL;
    }
    if (row->kind != KIND_MESSAGE && row->count_offset == 0) {
        return true;
    }

    void *pointer = NULL;
    memcpy(&pointer, member, sizeof(pointer));
    if (row->count_offset != 0) {
        count = *(size_t *)(void *)(plain + row->count_offset);
    }
    if (pointer == NULL || count == 0) {
        return true;
    }
    size_t size = codec_table_plain_size(row);
    void *copy =
        count <= SIZE_MAX / size ? arena_copy(arena, pointer, count * size) : NULL;
    if (copy == NULL) {
        return false;
    }
    memcpy(member, &copy, sizeof(copy));
    if (row->kind == KIND_TEXT) {
        return copy_texts(copy, count, arena);
    }
    *ret_count = row->kind == KIND_MESSAGE ? count : 0;
    return true;
}

void *codec_write_copy(const struct codec_shape *shape, const void *plain,
                       struct arena *arena)
{
    struct step steps[CODEC_DEPTH_MAX];
    size_t remaining[CODEC_DEPTH_MAX]; /* structs of the array at this level */
    size_t depth = 1;
    unsigned char *copy = arena_copy(arena, plain, shape->size);

    if (copy == NULL) {
        return NULL;
    }
    steps[0] = (struct step){.shape = shape, .plain = copy};
    remaining[0] = 1;
    while (depth > 0) {
        struct step *step = &steps[depth - 1];
        size_t count = 0;

        if (step->row == step->shape->row_count) {
            step->row = 0;
            step->plain += step->shape->size;
            remaining[depth - 1]--;
            depth -= remaining[depth - 1] == 0 ? 1 : 0;
            continue;
        }
        const struct codec_row *row = &step->shape->rows[step->row++];
        if (!copy_member(row, step->plain, arena, &count)) {
            return NULL;
        }
        if (count > 0) {
            unsigned char *child = NULL;
            memcpy(&child, step->plain + row->offset, sizeof(child));
            steps[depth] = (struct step){.shape = row->shape, .plain = child};
            remaining[depth] = count;
            depth++;
        }
    }
    return copy;
}
