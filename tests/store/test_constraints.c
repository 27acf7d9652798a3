// SPDX-License-Identifier: Apache-2.0

/*
 * What the database refuses by itself, whoever writes to it: constraints.txt says for each
 * constraint what violates it and nothing else.  A constraint without a line is told.
 */
#include "tests/support/pg_database.h"

#include "tests/support/test.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1024, KNOWN = 16384 };

static const char path[] = "tests/store/constraints.txt";

static struct pg_database *database;
static PGconn *connection;

/* Names that the file has a line for, each between spaces. */
static char known[KNOWN] = " ";

static void note(const char *table, const char *name)
{
    size_t used = strlen(known);
    assert_true(used + strlen(table) + strlen(name) + 2 < sizeof(known));
    snprintf(known + used, sizeof(known) - used, "%s%s ", table, name);
}

static void run(const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    }
    PQclear(result);
}

/* What happens in it is undone. */
static void must_refuse(const char *name, const char *state, const char *sql)
{
    run("SAVEPOINT one");
    PGresult *result = PQexec(connection, sql);
    const char *said = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (said == NULL || strcmp(said, state) != 0) {
        fail_msg("%s: %s is not refused with %s: %s", name, sql, state,
                 said == NULL ? "it is done" : PQerrorMessage(connection));
    }
    PQclear(result);
    run("ROLLBACK TO one");
}

static void must_not_be_null(char *columns)
{
    char sql[LINE];
    char *rest = NULL;
    const char *table = strtok_r(columns, " ", &rest);
    for (const char *column = strtok_r(NULL, " ", &rest); column != NULL;
         column = strtok_r(NULL, " ", &rest)) {
        char name[LINE];
        snprintf(name, sizeof(name), ".%s", column);
        snprintf(sql, sizeof(sql), "UPDATE %s SET %s = NULL", table, column);
        must_refuse(column, "23502", sql);
        note(table, name);
    }
}

static void take_line(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || line[0] == '\0') {
        return;
    }
    if (strncmp(line, "row ", 4) == 0) {
        run(line + 4);
    } else if (strncmp(line, "null ", 5) == 0) {
        must_not_be_null(line + 5);
    } else {
        char name[64];
        char state[8];
        int at = 0;
        assert_int_equal(sscanf(line, "not %63s %7s %n", name, state, &at), 2);
        must_refuse(name, state, line + at);
        note("", name);
    }
}

static void test_each_constraint_refuses(void **state)
{
    (void)state;
    char line[LINE];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    run("BEGIN");
    /* Rows as they are never written together: what the triggers say is tested elsewhere. */
    run("ALTER TABLE meeting DISABLE TRIGGER USER");
    run("ALTER TABLE audit DISABLE TRIGGER USER");
    while (fgets(line, sizeof(line), file) != NULL) {
        take_line(line);
    }
    run("ROLLBACK");
    fclose(file);
}

/* Leaves have what their table has; that each leaf of claim has its own is store/migrate. */
static const char names_sql[] =
    "SELECT k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
    " WHERE NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"
    "  AND c.relname <> 'test_clock'"
    " UNION ALL SELECT c.relname || '.' || a.attname FROM pg_attribute a"
    " JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnotnull AND a.attnum > 0"
    "  AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    "  AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'test_clock'"
    " UNION ALL SELECT i.indexrelid::regclass::text FROM pg_index i"
    " JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisunique AND NOT "
    "c.relispartition"
    "  AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'test_clock'";

static void test_no_constraint_is_without_its_line(void **state)
{
    (void)state;
    char name[128];
    PGresult *rows = PQexec(connection, names_sql);
    assert_int_equal(PQresultStatus(rows), PGRES_TUPLES_OK);
    assert_true(PQntuples(rows) > 0);
    for (int i = 0; i < PQntuples(rows); i++) {
        snprintf(name, sizeof(name), " %s ", PQgetvalue(rows, i, 0));
        if (strstr(known, name) == NULL) {
            fail_msg("%s has no line for%s", path, name);
        }
    }
    PQclear(rows);
}

/* What `./run mutants` takes away, one of them at a time: a statement for each. */
static const char mutants_sql[] =
    "SELECT format('ALTER TABLE %I DROP CONSTRAINT %I CASCADE', c.relname, k.conname)"
    " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
    " WHERE NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"
    "  AND c.relname <> 'test_clock'"
    " UNION ALL SELECT format('ALTER TABLE %I ALTER COLUMN %I DROP NOT NULL', "
    "c.relname,"
    "   a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped"
    "  AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    "  AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'test_clock'"
    "  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid"
    "   AND i.indisprimary AND a.attnum = ANY (i.indkey))"
    " UNION ALL SELECT format('DROP INDEX %s', i.indexrelid::regclass) FROM pg_index i"
    " JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisunique AND NOT "
    "c.relispartition"
    "  AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'test_clock'"
    "  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
    " UNION ALL SELECT format('DROP TRIGGER %I ON %I', t.tgname, c.relname)"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
    "  AND NOT c.relispartition";

static void print_mutants(void)
{
    PGresult *rows = PQexec(connection, mutants_sql);
    for (int i = 0; i < PQntuples(rows); i++) {
        puts(PQgetvalue(rows, i, 0));
    }
    PQclear(rows);
}

int main(int argc, char **argv)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_constraint_refuses),
        cmocka_unit_test(test_no_constraint_is_without_its_line),
    };
    database = pg_database_create();
    connection = PQconnectdb(pg_database_conninfo(database));
    int failures = 0;
    if (argc > 1 && strcmp(argv[1], "--mutants") == 0) {
        print_mutants();
    } else {
        failures = cmocka_run_group_tests_name("constraints", tests, NULL, NULL);
    }
    PQfinish(connection);
    pg_database_drop(database);
    return failures;
}
