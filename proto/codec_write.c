// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_write.h"

#include <string.h>

/* One message on its way from plain to generated. */
struct step {
    const struct codec_shape *shape;
    const unsigned char *plain;
    ProtobufCMessage *message;
    size_t row;
    size_t element; /* of the row, when it is a message */
};

struct writer {
    struct arena *arena;
    uint32_t body;
    size_t depth;
    struct step steps[CODEC_DEPTH_MAX];
};

static void *generated_at(ProtobufCMessage *message, size_t offset)
{
    return (unsigned char *)message + offset;
}

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

/* One value that is not a message, from the plain to the generated struct. */
static void write_value(const struct codec_row *row, const void *from, void *to)
{
    switch (row->kind) {
    case KIND_TEXT: {
        /* Generated structs have no const; packing only reads. */
        memcpy(to, from, sizeof(char *));
        break;
    }
    case KIND_BYTES: {
        const struct entente_bytes *bytes = from;
        ProtobufCBinaryData *data = to;
        memcpy(&data->data, &bytes->data, sizeof(data->data));
        data->len = bytes->size;
        break;
    }
    case KIND_ENUM:
    case KIND_BITS:
    case KIND_UINT32:
    case KIND_INT32:
        memcpy(to, from, sizeof(uint32_t));
        break;
    case KIND_UINT64:
    case KIND_INT64:
        memcpy(to, from, sizeof(uint64_t));
        break;
    case KIND_BOOL:
        *(protobuf_c_boolean *)to = *(const bool *)from;
        break;
    case KIND_MESSAGE:
        break;
    }
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
                           const struct codec_row *row,
                           const ProtobufCFieldDescriptor *field)
{
    if (row->count_offset != 0) {
        size_t count = *(const size_t *)(const void *)(step->plain + row->count_offset);
        bool says = count > 0 && pointer_at(step->plain, row->offset) != NULL &&
                    !is_folded(step, row);
        return says ? count : 0;
    }
    if (!is_present(row, step->plain + row->offset)) {
        return 0; /* as most are: the descriptor is not looked at for it */
    }
    bool other =
        (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && field->id != writer->body;
    return other ? 0 : 1;
}

/* Tell the generated struct that @field has @count values. */
static void write_quantifier(const struct step *step, const struct codec_row *row,
                             const ProtobufCFieldDescriptor *field, size_t count)
{
    void *quantifier = generated_at(step->message, field->quantifier_offset);

    if (row->count_offset != 0) {
        *(size_t *)quantifier = count;
    } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        *(uint32_t *)quantifier = field->id;
    } else if (row->kind != KIND_TEXT && row->kind != KIND_MESSAGE) {
        *(protobuf_c_boolean *)quantifier = 1;
    }
}

static bool write_plain_row(struct writer *writer, struct step *step,
                            const struct codec_row *row,
                            const ProtobufCFieldDescriptor *field, size_t count)
{
    const unsigned char *from = step->plain + row->offset;
    void *to = generated_at(step->message, field->offset);

    if (row->count_offset == 0) {
        write_value(row, from, to);
        return true;
    }

    /* Elements of repeated fields look alike on both sides (no repeated booleans or
     * bytes: codec_table.c would have to allow them). */
    size_t size = codec_table_plain_size(row);
    void *array = arena_array(writer->arena, count, size);
    if (array == NULL) {
        return false;
    }
    memcpy(array, pointer_at(step->plain, row->offset), count * size);
    memcpy(to, &array, sizeof(array));
    return true;
}

static ProtobufCMessage *push(struct writer *writer, const struct codec_shape *shape,
                              const void *plain)
{
    ProtobufCMessage *message =
        arena_alloc(writer->arena, shape->descriptor->sizeof_message);

    if (message != NULL) {
        protobuf_c_message_init(shape->descriptor, message);
        writer->steps[writer->depth++] =
            (struct step){.shape = shape, .plain = plain, .message = message};
    }
    return message;
}

static bool write_message_row(struct writer *writer, struct step *step,
                              const struct codec_row *row,
                              const ProtobufCFieldDescriptor *field, size_t count)
{
    if (step->element == count) {
        step->element = 0;
        step->row++;
        return true;
    }

    void *to = generated_at(step->message, field->offset);
    size_t element = step->element++;
    const unsigned char *child = pointer_at(step->plain, row->offset);

    if (row->count_offset == 0) {
        ProtobufCMessage *message = push(writer, row->shape, child);
        *(ProtobufCMessage **)to = message;
        return message != NULL;
    }
    if (element == 0) {
        void *array = arena_array(writer->arena, count, sizeof(ProtobufCMessage *));
        if (array == NULL) {
            return false;
        }
        memcpy(to, &array, sizeof(array));
    }
    ProtobufCMessage **messages = *(ProtobufCMessage ***)to;
    messages[element] = push(writer, row->shape, child + element * row->shape->size);
    return messages[element] != NULL;
}

static bool write_row(struct writer *writer, struct step *step)
{
    const struct codec_row *row = &step->shape->rows[step->row];
    const ProtobufCFieldDescriptor *field = step->shape->fields[step->row];
    size_t count = count_values(writer, step, row, field);

    if (count == 0) {
        step->row++;
        return true;
    }
    write_quantifier(step, row, field, count);
    if (row->kind == KIND_MESSAGE) {
        return write_message_row(writer, step, row, field, count);
    }
    step->row++;
    return write_plain_row(writer, step, row, field, count);
}

bool codec_write(const struct codec_shape *shape, const void *plain, uint32_t body,
                 size_t size_max, struct arena *arena, struct entente_bytes *ret_bytes)
{
    struct writer writer = {.arena = arena, .body = body};
    const ProtobufCMessage *message = push(&writer, shape, plain);

    if (message == NULL) {
        return false;
    }
    while (writer.depth > 0) {
        struct step *step = &writer.steps[writer.depth - 1];
        if (step->row == step->shape->row_count) {
            writer.depth--;
        } else if (!write_row(&writer, step)) {
            return false;
        }
    }

    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = size <= size_max ? arena_alloc(arena, size) : NULL;
    if (bytes == NULL) {
        return false;
    }
    protobuf_c_message_pack(message, bytes);
    ret_bytes->data = bytes;
    ret_bytes->size = size;
    return true;
}
