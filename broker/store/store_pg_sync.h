// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_sync.h - blocking statements, for the start and the operator's commands
 *
 * Logging     What libpq says about the connection is logged once; of a failed
 * statement only the SQLSTATE.
 */
#ifndef BROKER_STORE_STORE_PG_SYNC_H
#define BROKER_STORE_STORE_PG_SYNC_H

#include "broker/must_check.h"
#include "broker/status.h"
#include "broker/store/store_pg_args.h"

/* Connect, and make the tests' clock where there is one. */
MUST_CHECK enum status pg_sync_open(const char *conninfo, PGconn **ret_connection);

/* Run one statement with binary parameters (NULL: none) and a binary result.  The
 * caller clears *ret_result; on failure it is NULL. */
MUST_CHECK enum status pg_sync_ask(PGconn *connection, const char *sql,
                                   const struct pg_args *args, PGresult **ret_result);

/* The same, when only success matters. */
MUST_CHECK enum status pg_sync_run(PGconn *connection, const char *sql,
                                   const struct pg_args *args);

/* The same in two steps, without parameters: between them the server works, and
 * pg_sync_listen() now and then takes in what it has sent so far. */
MUST_CHECK enum status pg_sync_begin(PGconn *connection, const char *sql);
void pg_sync_listen(PGconn *connection);
MUST_CHECK enum status pg_sync_end(PGconn *connection, PGresult **ret_result);

/* Several statements in one text, without parameters. */
MUST_CHECK enum status pg_sync_script(PGconn *connection, const char *sql);

#endif
