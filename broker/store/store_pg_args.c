// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_args.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

/* PostgreSQL counts microseconds from 2000-01-01T00:00Z. */
static const int64_t epoch_2000_ms = INT64_C(946684800000);

static uint8_t *put_32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
    return at + 4;
}

static uint8_t *put_64(uint8_t *at, uint64_t value)
{
    put_32(at, (uint32_t)(value >> 32));
    put_32(at + 4, (uint32_t)value);
    return at + 8;
}

static uint32_t get_32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get_64(const uint8_t *at)
{
    return (uint64_t)get_32(at) << 32 | get_32(at + 4);
}

static int64_t to_stored_time(int64_t ms)
{
    return (ms - epoch_2000_ms) * 1000;
}

void pg_args_init(struct pg_args *args, struct arena *arena)
{
    *args = (struct pg_args){.arena = arena};
}

static void add(struct pg_args *args, const void *bytes, size_t size)
{
    assert(args->count < PG_ARGS_MAX);
    if (size > INT_MAX) {
        args->failed = true;
        size = 0;
    }
    args->values[args->count] = bytes;
    args->lengths[args->count] = (int)size;
    args->formats[args->count] = 1;
    args->count++;
}

/* Memory for one parameter, which is added; NULL when there is none. */
static uint8_t *add_room(struct pg_args *args, size_t size)
{
    uint8_t *room = arena_alloc(args->arena, size);
    if (room == NULL) {
        args->failed = true;
    }
    add(args, room, room == NULL ? 0 : size);
    return room;
}

void pg_args_int8(struct pg_args *args, int64_t value)
{
    uint8_t *room = add_room(args, 8);
    if (room != NULL) {
        put_64(room, (uint64_t)value);
    }
}

void pg_args_int4(struct pg_args *args, int32_t value)
{
    uint8_t *room = add_room(args, 4);
    if (room != NULL) {
        put_32(room, (uint32_t)value);
    }
}

void pg_args_bool(struct pg_args *args, bool value)
{
    uint8_t *room = add_room(args, 1);
    if (room != NULL) {
        room[0] = value ? 1 : 0;
    }
}

void pg_args_time(struct pg_args *args, int64_t ms)
{
    pg_args_int8(args, to_stored_time(ms));
}

void pg_args_uuid(struct pg_args *args, const uint8_t id[16])
{
    pg_args_bytes(args, id, 16);
}

void pg_args_bytes(struct pg_args *args, const void *bytes, size_t size)
{
    uint8_t *room = add_room(args, size);
    if (room != NULL && size > 0) {
        memcpy(room, bytes, size);
    }
}

void pg_args_text(struct pg_args *args, const char *text)
{
    if (text == NULL) {
        add(args, NULL, 0);
        return;
    }
    pg_args_bytes(args, text, strlen(text));
}

/* ---- arrays ------------------------------------------------------------------------
 */

static void grow(struct pg_array *array, size_t more)
{
    if (array->capacity - array->size >= more) {
        return;
    }
    size_t capacity = array->capacity * 2 + more;
    uint8_t *bytes = arena_alloc(array->args->arena, capacity);
    if (bytes == NULL) {
        array->args->failed = true;
        return;
    }
    memcpy(bytes, array->bytes, array->size);
    array->bytes = bytes;
    array->capacity = capacity;
}

struct pg_array pg_array_begin(struct pg_args *args, enum pg_type type, size_t count)
{
    struct pg_array array = {.args = args, .left = count};
    array.capacity = 20 + count * 20;
    array.bytes = arena_alloc(args->arena, array.capacity);
    if (array.bytes == NULL || count > INT_MAX / 4) {
        args->failed = true;
        return array;
    }

    /* Dimensions, "has nulls" (not looked at by the server), type, length, first. */
    uint8_t *at = put_32(array.bytes, count > 0 ? 1 : 0);
    at = put_32(at, 0);
    at = put_32(at, (uint32_t)type);
    if (count > 0) {
        at = put_32(at, (uint32_t)count);
        at = put_32(at, 1);
    }
    array.size = (size_t)(at - array.bytes);
    return array;
}

/* Room for the next element of @size bytes, its length written; NULL when there is
 * none. */
static uint8_t *next(struct pg_array *array, size_t size)
{
    assert(array->left > 0);
    array->left--;
    if (array->args->failed || size > INT_MAX) {
        array->args->failed = true;
        return NULL;
    }
    grow(array, 4 + size);
    if (array->args->failed) {
        return NULL;
    }
    uint8_t *room = put_32(array->bytes + array->size, (uint32_t)size);
    array->size += 4 + size;
    return room;
}

static void next_null(struct pg_array *array)
{
    uint8_t *room = next(array, 0);
    if (room != NULL) {
        put_32(room - 4, UINT32_MAX);
    }
}

void pg_array_int8(struct pg_array *array, int64_t value)
{
    uint8_t *room = next(array, 8);
    if (room != NULL) {
        put_64(room, (uint64_t)value);
    }
}

void pg_array_int4(struct pg_array *array, int32_t value)
{
    uint8_t *room = next(array, 4);
    if (room != NULL) {
        put_32(room, (uint32_t)value);
    }
}

void pg_array_bool(struct pg_array *array, bool value)
{
    uint8_t *room = next(array, 1);
    if (room != NULL) {
        room[0] = value ? 1 : 0;
    }
}

void pg_array_time(struct pg_array *array, int64_t ms)
{
    if (ms == 0) {
        next_null(array);
        return;
    }
    pg_array_int8(array, to_stored_time(ms));
}

void pg_array_uuid(struct pg_array *array, const uint8_t id[16])
{
    pg_array_bytes(array, id, 16);
}

void pg_array_bytes(struct pg_array *array, const void *bytes, size_t size)
{
    uint8_t *room = next(array, size);
    if (room != NULL && size > 0) {
        memcpy(room, bytes, size);
    }
}

void pg_array_text(struct pg_array *array, const char *text)
{
    if (text == NULL) {
        next_null(array);
        return;
    }
    pg_array_bytes(array, text, strlen(text));
}

void pg_array_end(struct pg_array *array)
{
    assert(array->left == 0);
    add(array->args, array->bytes, array->size);
}

/* ---- columns -----------------------------------------------------------------------
 */

/* The bytes of a column that must have @size of them; NULL for a null. */
static const uint8_t *fixed(const PGresult *result, int row, int column, int size)
{
    assert(PQfformat(result, column) == 1);
    if (PQgetisnull(result, row, column)) {
        return NULL;
    }
    assert(PQgetlength(result, row, column) == size);
    (void)size;
    return (const uint8_t *)PQgetvalue(result, row, column);
}

int64_t pg_int8(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = fixed(result, row, column, 8);
    return bytes == NULL ? 0 : (int64_t)get_64(bytes);
}

int32_t pg_int4(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = fixed(result, row, column, 4);
    return bytes == NULL ? 0 : (int32_t)get_32(bytes);
}

int32_t pg_int2(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = fixed(result, row, column, 2);
    return bytes == NULL ? 0 : (int16_t)(bytes[0] << 8 | bytes[1]);
}

bool pg_bool(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = fixed(result, row, column, 1);
    return bytes != NULL && bytes[0] != 0;
}

int64_t pg_time_ms(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = fixed(result, row, column, 8);
    if (bytes == NULL) {
        return 0;
    }
    int64_t us = (int64_t)get_64(bytes);
    /* Downwards also before 2000. */
    int64_t ms = us / 1000 - (us % 1000 < 0 ? 1 : 0);
    return ms + epoch_2000_ms;
}

const char *pg_text(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

struct entente_bytes pg_bytes(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column)) {
        return (struct entente_bytes){0};
    }
    return (struct entente_bytes){
        .data = (const uint8_t *)PQgetvalue(result, row, column),
        .size = (size_t)PQgetlength(result, row, column),
    };
}

void pg_uuid(const PGresult *result, int row, int column, uint8_t ret[16])
{
    const uint8_t *bytes = fixed(result, row, column, 16);
    if (bytes == NULL) {
        memset(ret, 0, 16);
        return;
    }
    memcpy(ret, bytes, 16);
}

bool pg_int8_array(const PGresult *result, int row, int column, struct arena *arena,
                   int64_t **ret, size_t *ret_count)
{
    struct entente_bytes bytes = pg_bytes(result, row, column);
    if (bytes.size < 12 || get_32(bytes.data) == 0) {
        *ret = arena_array(arena, 0, sizeof(**ret));
        *ret_count = 0;
        return true;
    }
    if (bytes.size < 20 || get_32(bytes.data) != 1 ||
        get_32(bytes.data + 8) != PG_INT8) {
        return false;
    }
    size_t count = get_32(bytes.data + 12);
    if (bytes.size != 20 + count * 12) {
        return false;
    }
    int64_t *values = arena_array(arena, count, sizeof(*values));
    if (values == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = (int64_t)get_64(bytes.data + 20 + i * 12 + 4);
    }
    *ret = values;
    *ret_count = count;
    return true;
}
