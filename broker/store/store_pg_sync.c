// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_sync.h"

#include "broker/log.h"

#include <string.h>

static enum status classify(const PGresult *result)
{
    const char *state =
        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    log_line(LOG_ERROR, "store", "SQLSTATE %s", state == NULL ? "(none)" : state);
    if (state == NULL || strncmp(state, "08", 2) == 0 || strncmp(state, "53", 2) == 0 ||
        strncmp(state, "57", 2) == 0) {
        return STATUS_UNAVAILABLE;
    }
    if (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0) {
        return STATUS_REFUSED;
    }
    /* Undefined table: nothing has been migrated. */
    return strcmp(state, "42P01") == 0 ? STATUS_BAD_SCHEMA : STATUS_FAILED;
}

static void no_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

enum status pg_sync_open(const char *conninfo, PGconn **ret_connection)
{
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        log_line(LOG_ERROR, "store", "the database cannot be reached: %s",
                 PQerrorMessage(connection));
        PQfinish(connection);
        return STATUS_UNAVAILABLE;
    }
    PQsetNoticeReceiver(connection, no_notice, NULL);
#ifdef ENTENTE_TEST_BUILD
    enum status status = pg_sync_script(
        connection, "BEGIN; SELECT pg_advisory_xact_lock(4617315517961601024);"
                    "CREATE TABLE IF NOT EXISTS test_clock (shift interval); COMMIT");
    if (status != STATUS_OK) {
        PQfinish(connection);
        return status;
    }
#endif
    *ret_connection = connection;
    return STATUS_OK;
}

enum { BINARY = 1 };

/* Hand @result over if it is a success. */
static enum status judge(PGresult *result, PGresult **ret_result)
{
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK) {
        enum status status = classify(result);
        PQclear(result);
        return status;
    }
    *ret_result = result;
    return STATUS_OK;
}

enum status pg_sync_ask(PGconn *connection, const char *sql, const struct pg_args *args,
                        PGresult **ret_result)
{
    *ret_result = NULL;
    if (args != NULL && args->failed) {
        return STATUS_FAILED;
    }
    PGresult *result = PQexecParams(connection, sql, args == NULL ? 0 : args->count,
                                    NULL, args == NULL ? NULL : args->values,
                                    args == NULL ? NULL : args->lengths,
                                    args == NULL ? NULL : args->formats, BINARY);
    return judge(result, ret_result);
}

enum status pg_sync_begin(PGconn *connection, const char *sql)
{
    return PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, BINARY) == 1
               ? STATUS_OK
               : STATUS_UNAVAILABLE;
}

void pg_sync_listen(PGconn *connection)
{
    /* What goes wrong here is told by the result. */
    (void)PQconsumeInput(connection);
}

enum status pg_sync_end(PGconn *connection, PGresult **ret_result)
{
    PGresult *result = PQgetResult(connection);
    *ret_result = NULL;
    enum status status = judge(result, ret_result);
    PGresult *more;
    while ((more = PQgetResult(connection)) != NULL) {
        PQclear(more);
    }
    return status;
}

enum status pg_sync_run(PGconn *connection, const char *sql, const struct pg_args *args)
{
    PGresult *result;
    enum status status = pg_sync_ask(connection, sql, args, &result);
    PQclear(result);
    return status;
}

enum status pg_sync_script(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType kind = PQresultStatus(result);
    enum status status = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK
                             ? STATUS_OK
                             : classify(result);
    PQclear(result);
    return status;
}
