// SPDX-License-Identifier: Apache-2.0

/*
 * pg_database.h - a throw-away database with our schema, for one test program
 *
 * It is created on the server that ENTENTE_TEST_DB names (a conninfo whose role may
 * create databases) and dropped at the end.
 */
#ifndef TESTS_SUPPORT_PG_DATABASE_H
#define TESTS_SUPPORT_PG_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

struct pg_database;

/* What main() should return when there is no server: 77, or 1 under CI.  0: there is
 * one.  Says so on standard error. */
int pg_database_missing(void);

/* A new database with every migration applied.  Ends the program when that fails. */
struct pg_database *pg_database_create(void);
void pg_database_drop(struct pg_database *database);

const char *pg_database_conninfo(const struct pg_database *database);

/* Run @format as SQL on a connection of the database's own, outside every store. */
void pg_database_run(struct pg_database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The one number that the SQL answers; a null is INT64_MIN. */
int64_t pg_database_number(struct pg_database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A backup of the database as it is, and back to it: whoever is connected is thrown out. */
void pg_database_save(struct pg_database *database);
void pg_database_restore(struct pg_database *database);

/* Connect anew where the server was away. */
void pg_database_reconnect(struct pg_database *database);

/* Whether the whole database, as pg_dump would write its rows, contains @text in some
 * column of some table, as characters or as bytes. */
bool pg_database_contains(struct pg_database *database, const char *text);

/* How many backends of this database wait for a lock of pg_locks for which @condition is
 * true.  The view shows those of the whole cluster, other tests' databases among them. */
int64_t pg_database_waiting(struct pg_database *database, const char *condition);

/* End the backend of the link of this application_name, and wait until it is gone.
 * False when there is none. */
bool pg_database_kill(struct pg_database *database, const char *application);

#endif
