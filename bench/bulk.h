// SPDX-License-Identifier: Apache-2.0

/*
 * bulk.h - rows put straight into the database and read out of it, by libpq
 *
 * For worlds that would take too long to negotiate, and for what PostgreSQL itself takes.
 * What goes wrong ends the program.
 */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include "bench/stand.h"
#include "broker/index.h"

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

/* To the database of @stand; PQfinish() ends it. */
PGconn *bulk_connect(const struct stand *stand);

/* Statements without an answer that matters. */
void bulk_run(PGconn *connection, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first field of the first row, as text of at most 63 bytes. */
void bulk_ask(PGconn *connection, const char *sql, char ret_text[64]);

/* COPY ... FROM STDIN as text, the rows, and the end. */
void bulk_begin_copy(PGconn *connection, const char *sql);
void bulk_put(PGconn *connection, const char *text, size_t size);
void bulk_end_copy(PGconn *connection);

/* @size bytes as COPY reads a bytea; the place behind them.  Room for 2 * size + 4. */
char *bulk_hexadecimal(char *text, const uint8_t *bytes, size_t size);

/* Agendas as the broker would have stored them: COPY, a row each, bulk_end_copy().  Returns
 * the bytes that the ranges take; works in @arena, whose quota is BULK_SOURCE_BYTES. */
enum { BULK_SOURCE_BYTES = 1024 * 1024 };
void bulk_begin_sources(PGconn *connection);
size_t bulk_put_source(PGconn *connection, const struct index_publication *row,
                       struct arena *arena);

/* Milliseconds to read all that COPY ... TO STDOUT gives, thrown away. */
double bulk_copy_out(PGconn *connection, const char *sql);

/* Clients 1 to @clients, and people with the numbers from @first on (stand_person()),
 * each spoken for by one of the clients: number @first + i is person 1 + i. */
void bulk_add_people(PGconn *connection, uint32_t clients, uint32_t first,
                     uint32_t people);

#endif
