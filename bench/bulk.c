// SPDX-License-Identifier: Apache-2.0

#include "bench/bulk.h"

#include "bench/report.h"
#include "proto/codec.h"
#include "proto/identifier.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PGconn *bulk_connect(const struct stand *stand)
{
    PGconn *connection = PQconnectdb(pg_database_conninfo(stand->database));
    if (PQstatus(connection) != CONNECTION_OK) {
        report_die("%s", PQerrorMessage(connection));
    }
    return connection;
}

static PGresult *expect(PGconn *connection, PGresult *result, ExecStatusType expected)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != expected &&
        (expected != PGRES_COMMAND_OK || status != PGRES_TUPLES_OK)) {
        report_die("%s", PQerrorMessage(connection));
    }
    return result;
}

void bulk_run(PGconn *connection, const char *format, ...)
{
    char sql[2048];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof(sql)) {
        report_die("a statement is too long");
    }
    PQclear(expect(connection, PQexec(connection, sql), PGRES_COMMAND_OK));
}

void bulk_ask(PGconn *connection, const char *sql, char ret_text[64])
{
    PGresult *result = expect(connection, PQexec(connection, sql), PGRES_TUPLES_OK);
    if (PQntuples(result) < 1) {
        report_die("no row: %s", sql);
    }
    snprintf(ret_text, 64, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
}

/* ---- COPY --------------------------------------------------------------------------
 */

static void finish(PGconn *connection)
{
    PGresult *result;
    while ((result = PQgetResult(connection)) != NULL) {
        PQclear(expect(connection, result, PGRES_COMMAND_OK));
    }
}

void bulk_begin_copy(PGconn *connection, const char *sql)
{
    PQclear(expect(connection, PQexec(connection, sql), PGRES_COPY_IN));
}

void bulk_put(PGconn *connection, const char *text, size_t size)
{
    if (PQputCopyData(connection, text, (int)size) != 1) {
        report_die("%s", PQerrorMessage(connection));
    }
}

void bulk_end_copy(PGconn *connection)
{
    if (PQputCopyEnd(connection, NULL) != 1) {
        report_die("%s", PQerrorMessage(connection));
    }
    finish(connection);
}

char *bulk_hexadecimal(char *text, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    *text++ = '\\';
    *text++ = '\\';
    *text++ = 'x';
    for (size_t i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    return text;
}

/* ---- agendas -----------------------------------------------------------------------
 */

void bulk_begin_sources(PGconn *connection)
{
    bulk_begin_copy(
        connection,
        "COPY source (id, client, key, person, name, epoch, sequence, coverage_start,"
        " coverage_end, as_of, lease_seconds, range_count, ranges) FROM STDIN");
}

size_t bulk_put_source(PGconn *connection, const struct index_publication *row,
                       struct arena *arena)
{
    static char text[2 * BULK_SOURCE_BYTES];
    struct entente_bytes bytes;
    arena_reset(arena);
    if (!codec_encode_ranges(row->ranges, row->range_count, arena, &bytes) ||
        bytes.size * 2 + 512 > sizeof(text)) {
        report_die("a source cannot be encoded");
    }
    size_t used = (size_t)snprintf(
        text, sizeof(text),
        "%lld\t%lld\t%s\t%lld\t%s\t1\t1\t%d\t%d\t2026-01-01\t%u\t%zu\t",
        (long long)row->source, (long long)row->client, row->key,
        (long long)row->person, row->name, row->coverage.start, row->coverage.end,
        row->lease_seconds, row->range_count);
    char *end = bulk_hexadecimal(text + used, bytes.data, bytes.size);
    *end++ = '\n';
    bulk_put(connection, text, (size_t)(end - text));
    return bytes.size;
}

double bulk_copy_out(PGconn *connection, const char *sql)
{
    double began = report_now();
    char *row;
    PQclear(expect(connection, PQexec(connection, sql), PGRES_COPY_OUT));
    while (PQgetCopyData(connection, &row, 0) > 0) {
        PQfreemem(row);
    }
    finish(connection);
    return (report_now() - began) * 1000;
}

/* ---- people ------------------------------------------------------------------------
 */

void bulk_add_people(PGconn *connection, uint32_t clients, uint32_t first,
                     uint32_t people)
{
    bulk_run(connection,
             "INSERT INTO client (id, name, public_key) SELECT i, 'vendor ' || i,"
             " lpad(i::text, 40, '0') FROM generate_series(1, %" PRIu32 ") i;"
             "INSERT INTO recipient (client) SELECT i FROM generate_series(1, %" PRIu32
             ") i;"
             "INSERT INTO heard SELECT i, clock_timestamp()"
             "  FROM generate_series(1, %" PRIu32 ") i;",
             clients, clients, clients);
    bulk_run(connection,
             "INSERT INTO person (id, kind, system, value) SELECT 1 + i, %d, '%s',"
             " '8997' || lpad((%" PRIu32
             " + i)::text, 8, '0') FROM generate_series(0, %" PRIu32 ") i;"
             "INSERT INTO speaks_for SELECT 1 + i %% %" PRIu32
             ", 1 + i FROM generate_series(0, %" PRIu32 ") i",
             ENTENTE_PROFESSIONAL, IDENTIFIER_IDNPS, first, people - 1, clients,
             people - 1);
}
