// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_write.h"

#include <string.h>

enum { VARINT = 0, LENGTH_DELIMITED = 2, FIRST_BYTES = 1000, VARINT_BYTES = 10 };

/* One message that is being written, from its last field to its first. */
struct step {
    const struct codec_shape *shape;
    const unsigned char *plain;
    size_t row;    /* rows of shape->in_order that are still to come */
    size_t left;   /* messages of the row at hand that are still to come */
    bool begun;    /* that row */
    size_t behind; /* bytes that stand behind this message */
};

/* Bytes are written from the end to the beginning: then what a length stands before is
 * there already, and nothing is measured first. */
struct writer {
    struct arena *arena;
    uint32_t body;
    uint8_t *bytes;
    size_t size;
    size_t at; /* what has been written begins here */
    size_t size_max;
    size_t depth;
    struct step steps[CODEC_DEPTH_MAX];
};

/* ---- bytes -------------------------------------------------------------------------
 */

/* Room for @size bytes before what has been written. */
static bool has_room(struct writer *writer, size_t size)
{
    size_t used = writer->size - writer->at;

    if (size <= writer->at) {
        return true;
    }
    if (used > writer->size_max || size > writer->size_max - used) {
        return false;
    }
    size_t larger = 2 * (used + size) + FIRST_BYTES;
    uint8_t *bytes = arena_alloc(writer->arena, larger);
    if (bytes == NULL) {
        return false;
    }
    if (used > 0) {
        memcpy(bytes + larger - used, writer->bytes + writer->at, used);
    }
    writer->bytes = bytes;
    writer->at = larger - used;
    writer->size = larger;
    return true;
}

static bool put_bytes(struct writer *writer, const void *bytes, size_t size)
{
    if (!has_room(writer, size)) {
        return false;
    }
    writer->at -= size;
    memcpy(writer->bytes + writer->at, bytes, size);
    return true;
}

static bool put_varint(struct writer *writer, uint64_t value)
{
    uint8_t digits[VARINT_BYTES];
    size_t count = 0;

    if (value < 0x80 && writer->at > 0) {
        writer->bytes[--writer->at] = (uint8_t)value;
        return true;
    }
    for (; value >= 0x80; value >>= 7) {
        digits[count++] = (uint8_t)(value | 0x80);
    }
    digits[count++] = (uint8_t)value;
    return put_bytes(writer, digits, count);
}

static bool put_key(struct writer *writer, const struct codec_wire *wire, unsigned type)
{
    return put_varint(writer, (uint64_t)wire->tag << 3 | type);
}

static bool put_block(struct writer *writer, const struct codec_wire *wire,
                      const void *bytes, size_t size)
{
    return put_bytes(writer, bytes, size) && put_varint(writer, size) &&
           put_key(writer, wire, LENGTH_DELIMITED);
}

/* ---- values ------------------------------------------------------------------------
 */

static const void *pointer_at(const unsigned char *plain, size_t offset)
{
    const void *pointer = NULL;
    memcpy(&pointer, plain + offset, sizeof(pointer));
    return pointer;
}

/* True if the single value at @from says something: absent fields are not written. */
static bool is_present(const struct codec_row *row, const void *from)
{
    switch (row->kind) {
    case KIND_TEXT: {
        const char *text = *(const char *const *)from;
        return text != NULL && text[0] != '\0';
    }
    case KIND_BYTES:
        return ((const struct entente_bytes *)from)->size != 0;
    case KIND_ENUM:
    case KIND_BITS:
    case KIND_UINT32:
        return *(const uint32_t *)from != 0;
    case KIND_UINT64:
        return *(const uint64_t *)from != 0;
    case KIND_INT32:
        return *(const int32_t *)from != 0;
    case KIND_INT64:
        return *(const int64_t *)from != 0;
    case KIND_BOOL:
        return *(const bool *)from;
    case KIND_MESSAGE:
        return *(const void *const *)from != NULL;
    }
    return false;
}

/* Members who share their system are written as that: once. */
static bool is_folded(const struct step *step, const struct codec_row *row)
{
    const struct entente_party *party = (const void *)step->plain;

    return step->shape == &codec_shape_party &&
           row->offset == offsetof(struct entente_party, members) &&
           party->member_values_count > 0 &&
           party->member_values_count == party->members_count;
}

static size_t count_values(const struct writer *writer, const struct step *step,
                           const struct codec_row *row, const struct codec_wire *wire)
{
    if (is_folded(step, row)) {
        return 0;
    }
    if (row->count_offset != 0) {
        size_t count = *(const size_t *)(const void *)(step->plain + row->count_offset);
        return pointer_at(step->plain, row->offset) != NULL ? count : 0;
    }
    if (step->shape == &codec_shape_envelope && row->kind == KIND_MESSAGE &&
        wire->tag != writer->body) {
        return 0; /* they share one place */
    }
    return is_present(row, step->plain + row->offset) ? 1 : 0;
}

/* As it stands in a varint: what is negative has all 64 bits. */
static uint64_t number_at(const struct codec_row *row, const void *from)
{
    switch (row->kind) {
    case KIND_BITS:
    case KIND_UINT32:
        return *(const uint32_t *)from;
    case KIND_ENUM:
    case KIND_INT32:
        return (uint64_t)(int64_t) * (const int32_t *)from;
    case KIND_UINT64:
        return *(const uint64_t *)from;
    case KIND_INT64:
        return (uint64_t) * (const int64_t *)from;
    case KIND_BOOL:
        return *(const bool *)from ? 1 : 0;
    case KIND_TEXT:
    case KIND_BYTES:
    case KIND_MESSAGE:
        break;
    }
    return 0;
}

static bool write_value(struct writer *writer, const struct codec_row *row,
                        const struct codec_wire *wire, const void *from)
{
    if (row->kind == KIND_TEXT) {
        const char *text = *(const char *const *)from;
        return put_block(writer, wire, text == NULL ? "" : text,
                         text == NULL ? 0 : strlen(text));
    }
    if (row->kind == KIND_BYTES) {
        const struct entente_bytes *bytes = from;
        return put_block(writer, wire, bytes->data, bytes->size);
    }
    return put_varint(writer, number_at(row, from)) && put_key(writer, wire, VARINT);
}

static bool write_values(struct writer *writer, const struct step *step,
                         const struct codec_row *row, const struct codec_wire *wire,
                         size_t count)
{
    const unsigned char *from = step->plain + row->offset;
    size_t size = codec_table_plain_size(row);
    size_t behind = writer->size - writer->at;

    if (row->count_offset == 0) {
        return write_value(writer, row, wire, from);
    }
    from = pointer_at(step->plain, row->offset);
    for (size_t i = count; i > 0; i--) {
        const unsigned char *element = from + (i - 1) * size;
        if (wire->packed ? !put_varint(writer, number_at(row, element))
                         : !write_value(writer, row, wire, element)) {
            return false;
        }
    }
    return !wire->packed || (put_varint(writer, writer->size - writer->at - behind) &&
                             put_key(writer, wire, LENGTH_DELIMITED));
}

/* ---- messages ----------------------------------------------------------------------
 */

static void push(struct writer *writer, const struct codec_shape *shape,
                 const void *plain)
{
    writer->steps[writer->depth++] = (struct step){.shape = shape,
                                                   .plain = plain,
                                                   .row = shape->row_count,
                                                   .behind = writer->size - writer->at};
}

/* The next of the messages of the row at hand, from the last one to the first. */
static void begin_message(struct writer *writer, struct step *step,
                          const struct codec_row *row)
{
    const unsigned char *child = pointer_at(step->plain, row->offset);

    step->left--;
    push(writer, row->shape, child + step->left * row->shape->size);
}

/* All of it has been written: its length and its key come before it. */
static bool end_message(struct writer *writer)
{
    const struct step *ended = &writer->steps[--writer->depth];

    if (writer->depth == 0) {
        return true;
    }
    const struct step *step = &writer->steps[writer->depth - 1];
    const struct codec_wire *wire =
        &step->shape->wires[step->shape->in_order[step->row - 1]];
    return put_varint(writer, writer->size - writer->at - ended->behind) &&
           put_key(writer, wire, LENGTH_DELIMITED);
}

static bool write_row(struct writer *writer, struct step *step)
{
    size_t place = step->shape->in_order[step->row - 1];
    const struct codec_row *row = &step->shape->rows[place];
    const struct codec_wire *wire = &step->shape->wires[place];

    if (!step->begun) {
        size_t count = count_values(writer, step, row, wire);
        if (row->kind != KIND_MESSAGE || count == 0) {
            step->row--;
            return count == 0 || write_values(writer, step, row, wire, count);
        }
        step->begun = true;
        step->left = count;
    }
    if (step->left > 0) {
        begin_message(writer, step, row);
    } else {
        step->begun = false;
        step->row--;
    }
    return true;
}

bool codec_write(const struct codec_shape *shape, const void *plain, uint32_t body,
                 size_t size_max, struct arena *arena, struct entente_bytes *ret_bytes)
{
    struct writer writer;

    writer.arena = arena;
    writer.body = body;
    writer.bytes = arena_alloc(arena, FIRST_BYTES);
    writer.size = FIRST_BYTES;
    writer.at = FIRST_BYTES;
    writer.size_max = size_max;
    writer.depth = 0;
    if (writer.bytes == NULL) {
        return false;
    }
    push(&writer, shape, plain);
    while (writer.depth > 0) {
        struct step *step = &writer.steps[writer.depth - 1];
        if (step->row == 0 ? !end_message(&writer) : !write_row(&writer, step)) {
            return false;
        }
    }
    size_t size = writer.size - writer.at;
    if (size > size_max) {
        return false;
    }
    ret_bytes->data = writer.bytes + writer.at;
    ret_bytes->size = size;
    return true;
}
