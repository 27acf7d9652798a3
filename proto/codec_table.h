// SPDX-License-Identifier: Apache-2.0

/*
 * codec_table.h - what the wire carries, as tables: one row for each field
 *
 * A shape is a message of the .proto files together with its plain struct; a row is one
 * of its fields.  Scanning, reading, writing and copying walk the same tables.
 *
 * Invariant   After codec_table_bind() every field of every message has exactly one row
 *             and the other way round, and no chain of messages is deeper than
 *             CODEC_DEPTH_MAX.  (Anything else ends the program: it is a mistake in the
 *             tables, not in a frame.)
 *
 * Threads     codec_table_bind() may be called from any thread; afterwards all of it is
 *             constant.
 */
#ifndef PROTO_CODEC_TABLE_H
#define PROTO_CODEC_TABLE_H

#include "proto/codec.h"
#include "proto/message.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CODEC_FIELDS_MAX = 64,
    CODEC_DEPTH_MAX = 8,
};

/* 2020-01-01T00:00Z and 2101-01-01T00:00Z, both allowed. */
enum { CODEC_TIME_MIN = 26297280, CODEC_TIME_MAX = 68899680 };

enum codec_kind {
    KIND_TEXT,
    KIND_BYTES,
    KIND_ENUM,
    KIND_BITS,
    KIND_UINT32,
    KIND_UINT64,
    KIND_INT32,
    KIND_INT64,
    KIND_BOOL,
    KIND_MESSAGE,
};

/* Flags of a row. */
enum {
    CODEC_OPTIONAL = 0,
    CODEC_NEEDED = 1,      /* whoever sends it */
    CODEC_FROM_CLIENT = 2, /* needed when a client sends it */
    CODEC_PROSE = 4,       /* text in which newline and tab are allowed */
};

struct codec_shape;

struct codec_row {
    const char *name; /* of the field and of the member */
    enum codec_kind kind;
    unsigned flags;
    size_t offset;       /* of the member in the plain struct */
    size_t count_offset; /* of its count; 0: a single value */
    size_t count_max;
    int64_t min;
    int64_t max; /* texts, bytes: bytes; KIND_BITS: the mask of known bits */
    struct codec_shape *shape; /* KIND_MESSAGE */
};

struct codec_shape {
    const ProtobufCMessageDescriptor *descriptor;
    size_t size; /* of the plain struct */
    const struct codec_row *rows;
    size_t row_count;
    bool is_span; /* begins with int32_t start, end: a range of minutes */

    /* Set by codec_table_bind(). */
    bool bound;
    const ProtobufCFieldDescriptor *fields[CODEC_FIELDS_MAX]; /* by row */
    const struct codec_row *by_field[CODEC_FIELDS_MAX];       /* by descriptor index */
};

struct codec_body {
    uint32_t tag;
    const char *name;
    enum codec_side side;
    bool numbered; /* a request, or the reply to one */
};

/* What the store keeps: a meeting with the part that is never sent. */
struct codec_stored_meeting {
    struct entente_meeting *meeting;
    struct entente_kept *kept;
};

struct codec_stored_ranges {
    struct entente_range *ranges;
    size_t ranges_count;
};

extern struct codec_shape codec_shape_envelope;
extern struct codec_shape codec_shape_stored_meeting;
extern struct codec_shape codec_shape_stored_ranges;
extern struct codec_shape codec_shape_said; /* stored as it is sent */
extern struct codec_shape codec_shape_meeting;
extern struct codec_shape codec_shape_kept;
extern struct codec_shape codec_shape_identifier;
extern struct codec_shape codec_shape_party;

/* Join rows and descriptors.  Cannot fail; cheap after the first call. */
void codec_table_bind(void);

/* The body with @tag, or NULL. */
const struct codec_body *codec_table_body(uint32_t tag);

/* The row of the field with @tag, or NULL when it is not known. */
const struct codec_row *codec_table_row(const struct codec_shape *shape, uint32_t tag);

/* Bytes of one element of @row in the plain struct. */
size_t codec_table_plain_size(const struct codec_row *row);

#endif
