// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_copy.h - many rows, one after the other, as COPY writes them
 *
 * A row costs one message: no result is built, no text is written, and the server reads on
 * while we look at what has come.
 */
#ifndef BROKER_STORE_STORE_PG_COPY_H
#define BROKER_STORE_STORE_PG_COPY_H

#include "broker/store/store_pg_sync.h"

#include <stdbool.h>
#include <stdint.h>

enum { PG_COPY_FIELDS = 12 };

/* Valid while it is looked at. */
struct pg_copy_row {
    const uint8_t *fields[PG_COPY_FIELDS];
    int32_t sizes[PG_COPY_FIELDS]; /* -1: null */
    int count;
};

/* False: the row cannot be what it should, or memory is used up. */
typedef bool (*pg_copy_fn)(void *context, const struct pg_copy_row *row);

/* Every row of @copy, which is COPY ... TO STDOUT (FORMAT binary), as it comes. */
MUST_CHECK enum status pg_copy_each(PGconn *connection, const char *copy,
                                    pg_copy_fn see, void *context);

/* 0 where there is none. */
int64_t pg_copy_int8(const struct pg_copy_row *row, int field);
int32_t pg_copy_int4(const struct pg_copy_row *row, int field);

#endif
