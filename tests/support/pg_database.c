// SPDX-License-Identifier: Apache-2.0

#include "tests/support/pg_database.h"

#include "broker/store/store.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pg_database {
    char name[64];
    char conninfo[2048];
    PGconn *connection;
};

int pg_database_missing(void)
{
    if (getenv("ENTENTE_TEST_DB") != NULL) {
        return 0;
    }
    const char *ci = getenv("CI");
    bool must_run = ci != NULL && ci[0] != '\0';
    fprintf(stderr,
            "%s: ENTENTE_TEST_DB names no PostgreSQL server "
            "(tests/support/pg/with_postgres.sh starts one)\n",
            must_run ? "FAILED" : "SKIPPED");
    return must_run ? 1 : 77;
}

static void die(const char *what, PGconn *connection)
{
    fprintf(stderr, "test database: %s: %s\n", what,
            connection == NULL ? "" : PQerrorMessage(connection));
    exit(1);
}

static PGconn *open_connection(const char *conninfo)
{
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        die("cannot connect", connection);
    }
    PQclear(PQexec(connection, "SET client_min_messages = warning"));
    return connection;
}

static void run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s\n", sql);
        die("a statement failed", connection);
    }
    PQclear(result);
}

/* The conninfo of the server with another database's name, whatever its form was. */
static void rebuild(const char *conninfo, const char *name, char *ret, size_t size)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    if (options == NULL) {
        die("ENTENTE_TEST_DB cannot be read", NULL);
    }
    size_t used = (size_t)snprintf(ret, size, "dbname='%s'", name);
    for (PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (option->val == NULL || strcmp(option->keyword, "dbname") == 0) {
            continue;
        }
        used += (size_t)snprintf(ret + used, size - used, " %s='", option->keyword);
        for (const char *c = option->val; *c != '\0' && used + 3 < size; c++) {
            if (*c == '\'' || *c == '\\') {
                ret[used++] = '\\';
            }
            ret[used++] = *c;
        }
        ret[used++] = '\'';
        ret[used] = '\0';
    }
    PQconninfoFree(options);
}

static void report(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

static char template_name[40];

static void drop_template(void)
{
    char sql[256];
    PGconn *connection = open_connection(getenv("ENTENTE_TEST_DB"));
    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)",
             template_name);
    run(connection, sql);
    PQfinish(connection);
}

/* `./run mutants` looks what the tests say to a database in which something is missing. */
static void take_away(const char *conninfo)
{
    const char *mutant = getenv("ENTENTE_SQL_MUTANT");
    if (mutant != NULL) {
        PGconn *connection = open_connection(conninfo);
        run(connection, mutant);
        PQfinish(connection);
    }
}

/* The migrations are applied once for each program; its databases are copies. */
static void make_template(const char *server, PGconn *connection)
{
    char conninfo[2048];
    char sql[256];
    snprintf(template_name, sizeof(template_name), "entente_test_%ld", (long)getpid());
    rebuild(server, template_name, conninfo, sizeof(conninfo));
    drop_template();
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s", template_name);
    run(connection, sql);
    atexit(drop_template);
    if (store_migrate(conninfo, report, NULL) != STATUS_OK) {
        die("the migrations failed", NULL);
    }
    take_away(conninfo);
}

struct pg_database *pg_database_create(void)
{
    static int number;
    const char *server = getenv("ENTENTE_TEST_DB");
    struct pg_database *database = calloc(1, sizeof(*database));
    if (server == NULL || database == NULL) {
        die("ENTENTE_TEST_DB is not set", NULL);
    }
    PGconn *connection = open_connection(server);
    if (template_name[0] == '\0') {
        make_template(server, connection);
    }
    snprintf(database->name, sizeof(database->name), "%s_%d", template_name, ++number);
    rebuild(server, database->name, database->conninfo, sizeof(database->conninfo));

    char sql[256];
    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)",
             database->name);
    run(connection, sql);
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE %s", database->name,
             template_name);
    run(connection, sql);
    PQfinish(connection);
    database->connection = open_connection(database->conninfo);
    return database;
}

void pg_database_drop(struct pg_database *database)
{
    if (database == NULL) {
        return;
    }
    char sql[256];
    PQfinish(database->connection);
    PGconn *connection = open_connection(getenv("ENTENTE_TEST_DB"));
    snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", database->name);
    run(connection, sql);
    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s_backup WITH (FORCE)",
             database->name);
    run(connection, sql);
    PQfinish(connection);
    free(database);
}

/* @target becomes a copy of @source. */
static void copy_database(struct pg_database *database, const char *source,
                          const char *target)
{
    char sql[256];
    PQfinish(database->connection);
    PGconn *connection = open_connection(getenv("ENTENTE_TEST_DB"));
    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)", target);
    run(connection, sql);
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE %s", target, source);
    run(connection, sql);
    PQfinish(connection);
    database->connection = open_connection(database->conninfo);
}

static void name_backup(const struct pg_database *database, char ret[80])
{
    snprintf(ret, 80, "%s_backup", database->name);
}

void pg_database_save(struct pg_database *database)
{
    char backup[80];
    name_backup(database, backup);
    copy_database(database, database->name, backup);
}

void pg_database_restore(struct pg_database *database)
{
    char backup[80];
    name_backup(database, backup);
    copy_database(database, backup, database->name);
}

void pg_database_reconnect(struct pg_database *database)
{
    PQfinish(database->connection);
    database->connection = open_connection(database->conninfo);
}

const char *pg_database_conninfo(const struct pg_database *database)
{
    return database->conninfo;
}

__attribute__((format(printf, 2, 0))) static PGresult *
answer(struct pg_database *database, const char *format, va_list arguments)
{
    char sql[4096];
    vsnprintf(sql, sizeof(sql), format, arguments);
    PGresult *result = PQexec(database->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s\n", sql);
        die("a statement failed", database->connection);
    }
    return result;
}

void pg_database_run(struct pg_database *database, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PQclear(answer(database, format, arguments));
    va_end(arguments);
}

int64_t pg_database_number(struct pg_database *database, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PGresult *result = answer(database, format, arguments);
    va_end(arguments);
    if (PQntuples(result) != 1) {
        die("not one row", NULL);
    }
    int64_t number = PQgetisnull(result, 0, 0)
                         ? INT64_MIN
                         : strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return number;
}

bool pg_database_contains(struct pg_database *database, const char *text)
{
    PGresult *tables =
        PQexec(database->connection,
               "SELECT c.relname, a.attname, a.atttypid = 'bytea'::regtype"
               "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
               " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
               "   AND a.attnum > 0 AND NOT a.attisdropped");
    bool found = false;
    for (int row = 0; row < PQntuples(tables); row++) {
        const char *table = PQgetvalue(tables, row, 0);
        const char *column = PQgetvalue(tables, row, 1);
        bool is_bytes = PQgetvalue(tables, row, 2)[0] == 't';
        int64_t count =
            is_bytes ? pg_database_number(database,
                                          "SELECT count(*) FROM %s WHERE position("
                                          "convert_to('%s', 'UTF8') IN %s) > 0",
                                          table, text, column)
                     : pg_database_number(database,
                                          "SELECT count(*) FROM %s WHERE position("
                                          "'%s' IN %s::text) > 0",
                                          table, text, column);
        found = found || count > 0;
    }
    PQclear(tables);
    return found;
}

int64_t pg_database_waiting(struct pg_database *database, const char *condition)
{
    return pg_database_number(database,
                              "SELECT count(*) FROM pg_locks"
                              "  JOIN pg_stat_activity USING (pid)"
                              " WHERE NOT granted AND datname = current_database()"
                              "   AND (%s)",
                              condition);
}

bool pg_database_kill(struct pg_database *database, const char *application)
{
    /* The timeout makes the server wait for the end of the backend. */
    return pg_database_number(database,
                              "SELECT count(*) FILTER (WHERE"
                              " pg_terminate_backend(pid, 10000))"
                              "  FROM pg_stat_activity WHERE datname ="
                              " current_database() AND application_name = '%s'",
                              application) > 0;
}
