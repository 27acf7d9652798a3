// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_read.h"

#include "proto/codec_check.h"

#include <string.h>

enum { DIGEST_BYTES = 32 };

/* One message on its way from generated to plain. */
struct step {
    const struct codec_shape *shape;
    const ProtobufCMessage *message;
    unsigned char *plain;
    size_t row;
    size_t element;       /* of the row, when it is a message */
    unsigned char *child; /* the plain struct, or array, of the row */
};

struct reader {
    struct arena *arena;
    struct codec_error *error;
    bool from_client;
    const char *quota; /* as text: no memory is left when it is needed */
    struct codec_path path;
    size_t depth;
    struct step steps[CODEC_DEPTH_MAX];
};

static bool refuse_memory(struct reader *reader)
{
    return codec_refuse(reader->error, ERROR_TOO_COMPLEX, reader->quota, NULL);
}

static const char *row_path(struct reader *reader, const struct codec_row *row,
                            size_t index)
{
    return codec_path_text(&reader->path, row, index, reader->arena);
}

static const void *generated_at(const ProtobufCMessage *message, size_t offset)
{
    return (const unsigned char *)message + offset;
}

/* How many values the field has: 0 or 1 for a single one. */
static size_t count_values(const struct step *step, const struct codec_row *row,
                           const ProtobufCFieldDescriptor *field)
{
    const void *quantifier = generated_at(step->message, field->quantifier_offset);
    const void *value = generated_at(step->message, field->offset);

    if (row->count_offset != 0) {
        return *(const size_t *)quantifier;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        return *(const uint32_t *)quantifier == field->id ? 1 : 0;
    }
    if (row->kind == KIND_TEXT) {
        const char *text = *(const char *const *)value;
        return text != NULL && text[0] != '\0' ? 1 : 0;
    }
    if (row->kind == KIND_MESSAGE) {
        return *(ProtobufCMessage *const *)value != NULL ? 1 : 0;
    }
    return *(const protobuf_c_boolean *)quantifier ? 1 : 0;
}

static bool refuse_bounds(struct reader *reader, const struct codec_row *row,
                          size_t index, const char *value)
{
    return codec_refuse(reader->error, ERROR_OUT_OF_BOUNDS,
                        row_path(reader, row, index), value,
                        codec_number_text(row->min, reader->arena),
                        codec_number_text(row->max, reader->arena), NULL);
}

/* @required: 0 does not stand for absence here. */
static bool check_number(struct reader *reader, const struct codec_row *row,
                         size_t index, int64_t number, bool required)
{
    bool absent = number == 0 && !required;

    if (absent || (number >= row->min && number <= row->max)) {
        return true;
    }
    return refuse_bounds(reader, row, index, codec_number_text(number, reader->arena));
}

static bool refuse_value(struct reader *reader, const struct codec_row *row,
                         size_t index, int64_t value)
{
    return codec_refuse(reader->error, ERROR_UNKNOWN_VALUE,
                        row_path(reader, row, index),
                        codec_number_text(value, reader->arena), NULL);
}

static bool read_bytes(struct reader *reader, const struct codec_row *row,
                       const ProtobufCBinaryData *from, struct entente_bytes *to)
{
    if (from->len == 0 && (row->flags & CODEC_NEEDED) == 0) {
        return true;
    }
    bool is_id = row->min == row->max;
    if (!is_id && (int64_t)from->len > row->max) {
        return codec_refuse(reader->error, ERROR_TEXT_TOO_LONG,
                            row_path(reader, row, SIZE_MAX),
                            codec_number_text(row->max, reader->arena), NULL);
    }
    if (is_id && (int64_t)from->len != row->max) {
        return codec_refuse(
            reader->error, ERROR_BAD_IDENTIFIER, row_path(reader, row, SIZE_MAX),
            row->max == DIGEST_BYTES ? "a digest has 32 bytes"
                                     : "the id of a meeting has 16 bytes",
            NULL);
    }
    to->data = from->data;
    to->size = from->len;
    return true;
}

/* One value that is not a message, from @from in the generated to @to in the plain
 * struct. */
static bool read_value(struct reader *reader, const struct codec_row *row,
                       const ProtobufCFieldDescriptor *field, size_t index,
                       const void *from, void *to, bool required)
{
    switch (row->kind) {
    case KIND_TEXT:
        *(const char **)to = *(const char *const *)from;
        return true;
    case KIND_BYTES:
        return read_bytes(reader, row, from, to);
    case KIND_ENUM: {
        int value = *(const int *)from;
        if (protobuf_c_enum_descriptor_get_value(field->descriptor, value) == NULL) {
            return refuse_value(reader, row, index, value);
        }
        *(uint32_t *)to = (uint32_t)value;
        return true;
    }
    case KIND_BITS:
        *(uint32_t *)to = *(const uint32_t *)from;
        if ((*(const uint32_t *)from & ~(uint32_t)row->max) != 0) {
            return refuse_value(reader, row, index, *(const uint32_t *)from);
        }
        return true;
    case KIND_UINT32:
        *(uint32_t *)to = *(const uint32_t *)from;
        return check_number(reader, row, index, *(const uint32_t *)from, required);
    case KIND_UINT64: {
        uint64_t value = *(const uint64_t *)from;
        *(uint64_t *)to = value;
        if (value > (uint64_t)INT64_MAX) {
            return refuse_bounds(reader, row, index,
                                 codec_unsigned_text(value, reader->arena));
        }
        return check_number(reader, row, index, (int64_t)value, required);
    }
    case KIND_INT32:
        *(int32_t *)to = *(const int32_t *)from;
        return check_number(reader, row, index, *(const int32_t *)from, required);
    case KIND_INT64:
        *(int64_t *)to = *(const int64_t *)from;
        return check_number(reader, row, index, *(const int64_t *)from, required);
    case KIND_BOOL:
        *(bool *)to = *(const protobuf_c_boolean *)from != 0;
        return true;
    case KIND_MESSAGE:
        break;
    }
    return false;
}

static size_t generated_size(enum codec_kind kind)
{
    switch (kind) {
    case KIND_TEXT:
    case KIND_MESSAGE:
        return sizeof(void *);
    case KIND_BYTES:
        return sizeof(ProtobufCBinaryData);
    case KIND_ENUM:
        return sizeof(int);
    case KIND_BITS:
    case KIND_UINT32:
    case KIND_INT32:
        return sizeof(uint32_t);
    case KIND_UINT64:
    case KIND_INT64:
        return sizeof(uint64_t);
    case KIND_BOOL:
        return sizeof(protobuf_c_boolean);
    }
    return 0;
}

/* All values of a row that is not a message. */
static bool read_plain_row(struct reader *reader, struct step *step,
                           const struct codec_row *row,
                           const ProtobufCFieldDescriptor *field, size_t count)
{
    const void *from = generated_at(step->message, field->offset);
    unsigned char *to = step->plain + row->offset;

    if (row->count_offset == 0) {
        bool required = (row->flags & CODEC_NEEDED) != 0 ||
                        ((row->flags & CODEC_FROM_CLIENT) != 0 && reader->from_client);
        return read_value(reader, row, field, SIZE_MAX, from, to, required);
    }

    size_t size = codec_table_plain_size(row);
    unsigned char *array = arena_array(reader->arena, count, size);
    if (array == NULL) {
        return refuse_memory(reader);
    }
    const unsigned char *values = *(const unsigned char *const *)from;
    for (size_t i = 0; i < count; i++) {
        if (!read_value(reader, row, field, i, values + i * generated_size(row->kind),
                        array + i * size, true)) {
            return false;
        }
    }
    memcpy(to, &array, sizeof(array));
    *(size_t *)(void *)(step->plain + row->count_offset) = count;
    return true;
}

static void push(struct reader *reader, const struct codec_shape *shape,
                 const ProtobufCMessage *message, unsigned char *plain)
{
    struct step *step = &reader->steps[reader->depth++];

    *step = (struct step){.shape = shape, .message = message};
    step->plain = plain;
}

/* The next of the messages of a row, or on to the next row after the last. */
static bool read_message_row(struct reader *reader, struct step *step,
                             const struct codec_row *row,
                             const ProtobufCFieldDescriptor *field, size_t count)
{
    if (step->element == count) {
        step->element = 0;
        step->row++;
        return true;
    }
    if (step->element == 0) {
        unsigned char *child = arena_array(reader->arena, count, row->shape->size);
        if (child == NULL) {
            return refuse_memory(reader);
        }
        step->child = child;
        memcpy(step->plain + row->offset, &child, sizeof(child));
        if (row->count_offset != 0) {
            *(size_t *)(void *)(step->plain + row->count_offset) = count;
        }
    }
    const void *from = generated_at(step->message, field->offset);
    const ProtobufCMessage *message = *(ProtobufCMessage *const *)from;
    if (row->count_offset != 0) {
        message = (*(ProtobufCMessage *const *const *)from)[step->element];
    }
    codec_path_push(&reader->path, row, step->element);
    unsigned char *plain = step->child + step->element * row->shape->size;
    step->element++;
    push(reader, row->shape, message, plain);
    return true;
}

static bool read_row(struct reader *reader, struct step *step)
{
    const struct codec_row *row = &step->shape->rows[step->row];
    const ProtobufCFieldDescriptor *field = step->shape->fields[step->row];
    size_t count = count_values(step, row, field);
    bool needed = (row->flags & CODEC_NEEDED) != 0 ||
                  ((row->flags & CODEC_FROM_CLIENT) != 0 && reader->from_client);

    if (count == 0 && needed) {
        return codec_refuse(reader->error, ERROR_FIELD_MISSING,
                            row_path(reader, row, SIZE_MAX), NULL);
    }
    if (count == 0) {
        step->row++;
        return true;
    }
    if (row->kind == KIND_MESSAGE) {
        return read_message_row(reader, step, row, field, count);
    }
    step->row++;
    return read_plain_row(reader, step, row, field, count);
}

bool codec_read(const struct codec_shape *shape, const ProtobufCMessage *message,
                bool from_client, struct arena *arena, void **ret_plain,
                struct codec_error *ret_error)
{
    struct reader reader = {
        .arena = arena,
        .error = ret_error,
        .from_client = from_client,
        .quota = codec_unsigned_text(arena->quota, arena),
    };
    unsigned char *plain = arena_alloc(arena, shape->size);

    if (plain == NULL) {
        return refuse_memory(&reader);
    }
    push(&reader, shape, message, plain);
    while (reader.depth > 0) {
        struct step *step = &reader.steps[reader.depth - 1];
        if (step->row < step->shape->row_count) {
            if (!read_row(&reader, step)) {
                return false;
            }
            continue;
        }
        if (!codec_check_struct(step->shape, step->plain, &reader.path, arena,
                                ret_error)) {
            return false;
        }
        reader.depth--;
        if (reader.depth > 0) {
            codec_path_pop(&reader.path);
        }
    }
    *ret_plain = plain;
    return true;
}
