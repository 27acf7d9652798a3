// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_copy.h"

enum { HEADER = 19 };

static int64_t big_endian(const uint8_t *bytes, int32_t size)
{
    uint64_t value = size > 0 && (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (int32_t i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return (int64_t)value;
}

int64_t pg_copy_int8(const struct pg_copy_row *row, int field)
{
    return row->sizes[field] == 8 ? big_endian(row->fields[field], 8) : 0;
}

int32_t pg_copy_int4(const struct pg_copy_row *row, int field)
{
    int32_t size = row->sizes[field];
    return size == 4 || size == 2 ? (int32_t)big_endian(row->fields[field], size) : 0;
}

/* One message of COPY is one row, the first one behind the header. */
static bool read_row(const uint8_t *bytes, int size, struct pg_copy_row *ret_row)
{
    int at = 2;
    if (size < 2) {
        return false;
    }
    ret_row->count = (int)big_endian(bytes, 2);
    if (ret_row->count > PG_COPY_FIELDS) {
        return false;
    }
    for (int i = 0; i < ret_row->count; i++) {
        if (size - at < 4) {
            return false;
        }
        int32_t length = (int32_t)big_endian(bytes + at, 4);
        at += 4;
        if (length > size - at) {
            return false;
        }
        ret_row->sizes[i] = length;
        ret_row->fields[i] = bytes + at;
        at += length > 0 ? length : 0;
    }
    return true;
}

static bool see_message(const uint8_t *bytes, int size, bool first, pg_copy_fn see,
                        void *context)
{
    struct pg_copy_row row;
    int skip = first ? HEADER : 0;
    if (size <= skip) {
        return true; /* the header alone */
    }
    return read_row(bytes + skip, size - skip, &row) &&
           (row.count < 0 || see(context, &row)); /* -1: the trailer */
}

enum status pg_copy_each(PGconn *connection, const char *copy, pg_copy_fn see,
                         void *context)
{
    PGresult *result = PQexec(connection, copy);
    bool fine = PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    if (!fine) {
        return STATUS_FAILED;
    }
    char *bytes;
    int size;
    bool first = true;
    while ((size = PQgetCopyData(connection, &bytes, 0)) > 0) {
        fine = fine && see_message((const uint8_t *)bytes, size, first, see, context);
        first = false;
        PQfreemem(bytes);
    }
    while ((result = PQgetResult(connection)) != NULL) {
        fine = fine && PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    return fine && size == -1 ? STATUS_OK : STATUS_FAILED;
}
