// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_table.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPES_MAX = 128 };

// clang-format off
static const struct codec_body bodies[] = {
    { ENTENTE_HELLO,         "hello",         CODEC_CLIENT, false },
    { ENTENTE_HEARTBEAT,     "heartbeat",     CODEC_CLIENT, false },
    { ENTENTE_PUBLISH,       "publish",       CODEC_CLIENT, true  },
    { ENTENTE_WITHDRAW,      "withdraw",      CODEC_CLIENT, true  },
    { ENTENTE_QUERY_FREE,    "query_free",    CODEC_CLIENT, true  },
    { ENTENTE_SEARCH,        "search",        CODEC_CLIENT, true  },
    { ENTENTE_REQUEST,       "request",       CODEC_CLIENT, true  },
    { ENTENTE_ANSWER,        "answer",        CODEC_CLIENT, true  },
    { ENTENTE_DECIDE,        "decide",        CODEC_CLIENT, true  },
    { ENTENTE_CANCEL,        "cancel",        CODEC_CLIENT, true  },
    { ENTENTE_GET,           "get",           CODEC_CLIENT, true  },
    { ENTENTE_LIST,          "list",          CODEC_CLIENT, true  },
    { ENTENTE_EVENT_ACK,     "event_ack",     CODEC_CLIENT, false },
    { ENTENTE_EVENT_RESULT,  "event_result",  CODEC_CLIENT, true  },
    { ENTENTE_STATUS_QUERY,  "status_query",  CODEC_CLIENT, true  },
    { ENTENTE_WHO_IS_FREE,   "who_is_free",   CODEC_CLIENT, true  },
    { ENTENTE_OWNER_ANSWER,  "owner_answer",  CODEC_CLIENT, true  },
    { ENTENTE_PREVIEW,       "preview",       CODEC_CLIENT, true  },
    { ENTENTE_RECONCILE,     "reconcile",     CODEC_CLIENT, true  },
    { ENTENTE_EXPLAIN,       "explain",       CODEC_CLIENT, true  },

    { ENTENTE_WELCOME,       "welcome",       CODEC_BROKER, false },
    { ENTENTE_PULSE,         "pulse",         CODEC_BROKER, false },
    { ENTENTE_ERROR,         "error",         CODEC_BROKER, false },
    { ENTENTE_DONE_REPLY,    "done",          CODEC_BROKER, true  },
    { ENTENTE_FREE_RANGES,   "free_ranges",   CODEC_BROKER, true  },
    { ENTENTE_SEARCH_RESULT, "search_result", CODEC_BROKER, true  },
    { ENTENTE_MEETING,       "meeting",       CODEC_BROKER, true  },
    { ENTENTE_MEETING_LIST,  "meeting_list",  CODEC_BROKER, true  },
    { ENTENTE_EVENT,         "event",         CODEC_BROKER, false },
    { ENTENTE_STATUS_REPORT, "status_report", CODEC_BROKER, true  },
    { ENTENTE_RESYNC,        "resync",        CODEC_BROKER, false },
    { ENTENTE_FREE_PEOPLE,   "free_people",   CODEC_BROKER, true  },
    { ENTENTE_PREVIEW_RESULT,  "preview_result",  CODEC_BROKER, true },
    { ENTENTE_RECONCILED,      "reconciled",      CODEC_BROKER, true },
    { ENTENTE_DECISION_RECORD, "decision_record", CODEC_BROKER, true },
};
// clang-format on

static struct codec_shape *const roots[] = {
    &codec_shape_envelope,
    &codec_shape_stored_meeting,
    &codec_shape_stored_ranges,
};

/* The tables disagree with the .proto files: no frame can be at fault. */
static void fail(const struct codec_shape *shape, const char *field, const char *what)
{
    fprintf(stderr, "codec tables: %s.%s: %s\n", shape->descriptor->name, field, what);
    abort();
}

static bool is_generated_type(enum codec_kind kind, ProtobufCType type)
{
    switch (kind) {
    case KIND_TEXT:
        return type == PROTOBUF_C_TYPE_STRING;
    case KIND_BYTES:
        return type == PROTOBUF_C_TYPE_BYTES;
    case KIND_ENUM:
        return type == PROTOBUF_C_TYPE_ENUM;
    case KIND_BITS:
    case KIND_UINT32:
        return type == PROTOBUF_C_TYPE_UINT32;
    case KIND_UINT64:
        return type == PROTOBUF_C_TYPE_UINT64;
    case KIND_INT32:
        return type == PROTOBUF_C_TYPE_INT32;
    case KIND_INT64:
        return type == PROTOBUF_C_TYPE_INT64;
    case KIND_BOOL:
        return type == PROTOBUF_C_TYPE_BOOL;
    case KIND_MESSAGE:
        return type == PROTOBUF_C_TYPE_MESSAGE;
    }
    return false;
}

static void bind_row(struct codec_shape *shape, size_t index)
{
    const struct codec_row *row = &shape->rows[index];
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(shape->descriptor, row->name);

    if (field == NULL) {
        fail(shape, row->name, "there is no such field");
        return;
    }
    size_t place = (size_t)(field - shape->descriptor->fields);
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;

    if (shape->by_field[place] != NULL) {
        fail(shape, row->name, "has two rows");
    }
    if (!is_generated_type(row->kind, field->type)) {
        fail(shape, row->name, "the row has another type than the field");
    }
    if (repeated != (row->count_offset != 0) || (repeated && row->count_max == 0)) {
        fail(shape, row->name, "repeated in one place only, or without a limit");
    }
    if (row->kind == KIND_MESSAGE &&
        row->shape->descriptor !=
            (const ProtobufCMessageDescriptor *)field->descriptor) {
        fail(shape, row->name, "the row has another message than the field");
    }
    shape->fields[index] = field;
    shape->by_field[place] = row;
}

static void bind_shape(struct codec_shape *shape)
{
    if (shape->row_count != shape->descriptor->n_fields ||
        shape->row_count > CODEC_FIELDS_MAX) {
        fail(shape, "*", "a field without a row, or a row without a field");
    }
    for (size_t i = 0; i < shape->row_count; i++) {
        bind_row(shape, i);
    }
    shape->bound = true;
}

/* Levels below and with @shape; the walk is over the tables, so its depth is known. */
static void check_depth(const struct codec_shape *root)
{
    struct {
        const struct codec_shape *shape;
        size_t row;
    } steps[CODEC_DEPTH_MAX];
    size_t depth = 1;

    steps[0].shape = root;
    steps[0].row = 0;
    while (depth > 0) {
        const struct codec_shape *shape = steps[depth - 1].shape;
        if (steps[depth - 1].row == shape->row_count) {
            depth--;
            continue;
        }
        const struct codec_row *row = &shape->rows[steps[depth - 1].row++];
        if (row->kind == KIND_MESSAGE) {
            if (depth == CODEC_DEPTH_MAX) {
                fail(root, row->name, "messages are nested too deeply, or in a circle");
                return;
            }
            steps[depth].shape = row->shape;
            steps[depth].row = 0;
            depth++;
        }
    }
}

/* Shapes that are still to be bound. */
struct waiting {
    size_t count;
    struct codec_shape *shapes[SHAPES_MAX];
};

static void wait_for_inner(struct waiting *waiting, const struct codec_shape *shape)
{
    for (size_t i = 0; i < shape->row_count; i++) {
        struct codec_shape *inner = shape->rows[i].shape;
        if (inner == NULL || inner->bound) {
            continue;
        }
        if (waiting->count == SHAPES_MAX) {
            fail(shape, "*", "too many messages for the table");
            return;
        }
        waiting->shapes[waiting->count++] = inner;
    }
}

static void bind_all(void)
{
    struct waiting waiting = {.count = 0};

    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        waiting.shapes[waiting.count++] = roots[i];
        check_depth(roots[i]);
    }
    while (waiting.count > 0) {
        struct codec_shape *shape = waiting.shapes[--waiting.count];
        if (!shape->bound) {
            bind_shape(shape);
            wait_for_inner(&waiting, shape);
        }
    }
}

void codec_table_bind(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, bind_all);
}

const struct codec_body *codec_table_body(uint32_t tag)
{
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        if (bodies[i].tag == tag) {
            return &bodies[i];
        }
    }
    return NULL;
}

const struct codec_row *codec_table_row(const struct codec_shape *shape, uint32_t tag)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(shape->descriptor, tag);

    return field != NULL ? shape->by_field[field - shape->descriptor->fields] : NULL;
}

size_t codec_table_plain_size(const struct codec_row *row)
{
    switch (row->kind) {
    case KIND_TEXT:
        return sizeof(const char *);
    case KIND_BYTES:
        return sizeof(struct entente_bytes);
    case KIND_ENUM:
    case KIND_BITS:
    case KIND_UINT32:
        return sizeof(uint32_t);
    case KIND_UINT64:
        return sizeof(uint64_t);
    case KIND_INT32:
        return sizeof(int32_t);
    case KIND_INT64:
        return sizeof(int64_t);
    case KIND_BOOL:
        return sizeof(bool);
    case KIND_MESSAGE:
        return row->shape->size;
    }
    return 0;
}
