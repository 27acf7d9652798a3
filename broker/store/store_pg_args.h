// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_args.h - binary parameters of a statement, binary columns of its result
 *
 * Units       Times are int64 milliseconds since 1970-01-01Z here and timestamptz
 *             there.
 *
 * Ownership   Parameters live in the arena given to pg_args_init().  Texts and bytes of
 *             a result live as long as the result; copy them.
 *
 * Failure     Building never fails at once: when the arena is used up, `failed` is set
 *             and the statement is not sent.
 */
#ifndef BROKER_STORE_STORE_PG_ARGS_H
#define BROKER_STORE_STORE_PG_ARGS_H

#include "proto/arena.h"
#include "proto/message.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PG_ARGS_MAX = 24 };

struct pg_args {
    struct arena *arena;
    int count;
    bool failed;
    const char *values[PG_ARGS_MAX];
    int lengths[PG_ARGS_MAX];
    int formats[PG_ARGS_MAX]; /* all 1: binary */
};

void pg_args_init(struct pg_args *args, struct arena *arena);

/* One more parameter, in the order of $1, $2, ... */
void pg_args_int8(struct pg_args *args, int64_t value);
void pg_args_int4(struct pg_args *args, int32_t value);
void pg_args_bool(struct pg_args *args, bool value);
void pg_args_time(struct pg_args *args, int64_t ms);
void pg_args_uuid(struct pg_args *args, const uint8_t id[16]);
void pg_args_bytes(struct pg_args *args, const void *bytes, size_t size);
void pg_args_text(struct pg_args *args, const char *text); /* NULL is null */

/*
 * An array parameter: begin with the type of its elements and their number, give that
 * many elements, end.  NULL texts and times of 0 become null elements.
 */
enum pg_type {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_TIMESTAMPTZ = 1184,
    PG_UUID = 2950,
};

struct pg_array {
    struct pg_args *args;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    size_t left; /* elements still to come */
};

struct pg_array pg_array_begin(struct pg_args *args, enum pg_type type, size_t count);
void pg_array_int8(struct pg_array *array, int64_t value);
void pg_array_int4(struct pg_array *array, int32_t value);
void pg_array_bool(struct pg_array *array, bool value);
void pg_array_time(struct pg_array *array, int64_t ms);
void pg_array_uuid(struct pg_array *array, const uint8_t id[16]);
void pg_array_bytes(struct pg_array *array, const void *bytes, size_t size);
void pg_array_text(struct pg_array *array, const char *text);
void pg_array_end(struct pg_array *array);

/* ---- columns; a null reads as 0, NULL or no bytes ----------------------------------
 */

int64_t pg_int8(const PGresult *result, int row, int column);
int32_t pg_int4(const PGresult *result, int row, int column);
int32_t pg_int2(const PGresult *result, int row, int column);
bool pg_bool(const PGresult *result, int row, int column);
int64_t pg_time_ms(const PGresult *result, int row, int column);
const char *pg_text(const PGresult *result, int row, int column);
struct entente_bytes pg_bytes(const PGresult *result, int row, int column);

/* Copies the 16 bytes. */
void pg_uuid(const PGresult *result, int row, int column, uint8_t ret[16]);

/* An int8[] without nulls; false when it is something else or the arena is used up. */
bool pg_int8_array(const PGresult *result, int row, int column, struct arena *arena,
                   int64_t **ret, size_t *ret_count);

#endif
