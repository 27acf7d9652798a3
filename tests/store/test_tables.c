// SPDX-License-Identifier: Apache-2.0

/*
 * The page docs/tables.md is what the catalogue of a migrated database says.  With
 * --write the page is written instead of compared.
 */
#include "tests/support/pg_database.h"

#include "tests/support/test.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char page_path[] = "docs/tables.md";

static const char page_head[] =
    "# Tables\n"
    "\n"
    "What PostgreSQL holds, in the order of the migrations. This page is made from "
    "the\n"
    "comments in `migrations/*.sql` as a migrated database has them\n"
    "(`test_tables --write`); the test `store/tables` compares them.\n"
    "\n"
    "Minutes are minutes since 1970-01-01T00:00Z; ranges are half-open. `claim` is "
    "cut\n"
    "by a hash of the person into the sixteen tables `claim_00` to `claim_15`, each "
    "with\n"
    "the constraint `EXCLUDE USING gist (person WITH =, meeting WITH <>, during WITH "
    "&&)`:\n"
    "nobody is claimed by two meetings for one minute, and a meeting may overlap its "
    "own\n"
    "old time.\n";

/* Tables of ours, without the leaves of `claim` and without what only test builds make.
 */
#define OUR_TABLES                                                                     \
    "c.relkind IN ('r', 'p') AND NOT c.relispartition"                                 \
    " AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'test_clock'"

/* One row for each table: name, comment, the rows of its columns, its rules. */
static const char tables_sql[] =
    "SELECT c.relname, obj_description(c.oid, 'pg_class'),"
    " (SELECT string_agg(format('| `%s` | %s | %s |', a.attname,"
    "    replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone',"
    "            'timestamptz') || CASE WHEN a.attnotnull THEN '' ELSE ', or null' END,"
    "    coalesce(col_description(c.oid, a.attnum), '')), E'\\n' ORDER BY a.attnum)"
    "  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
    "   AND NOT a.attisdropped),"
    " (SELECT string_agg(format('- `%s`', pg_get_constraintdef(k.oid)), E'\\n'"
    "    ORDER BY k.contype DESC, k.conname COLLATE \"C\")"
    "  FROM pg_constraint k WHERE k.conrelid = c.oid),"
    " (SELECT string_agg(format('- `%s`', replace(regexp_replace("
    "    pg_get_indexdef(i.indexrelid), '^.* ON (ONLY )?public\\.', 'INDEX ON '),"
    "    'USING btree ', '')), E'\\n' ORDER BY i.indexrelid)"
    "  FROM pg_index i WHERE i.indrelid = c.oid AND NOT EXISTS"
    "   (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid))"
    " FROM pg_class c WHERE " OUR_TABLES " ORDER BY c.relname = 'migration', c.oid";

static struct pg_database *database;
static bool writes;

static char *read_page(void)
{
    static char text[128 * 1024];
    FILE *file = fopen(page_path, "r");
    size_t size = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

static void print_table(FILE *page, PGresult *rows, int row)
{
    fprintf(page, "\n## %s\n\n%s.\n\n| column | type | what |\n|---|---|---|\n%s\n",
            PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1),
            PQgetvalue(rows, row, 2));
    for (int column = 3; column <= 4; column++) {
        if (!PQgetisnull(rows, row, column)) {
            fprintf(page, "%s%s\n", column == 3 ? "\n" : "",
                    PQgetvalue(rows, row, column));
        }
    }
}

static char *make_page(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *page = open_memstream(&text, &size);
    PGconn *connection = PQconnectdb(pg_database_conninfo(database));
    PGresult *rows = PQexec(connection, tables_sql);
    assert_non_null(page);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
        fail_msg("%s", PQerrorMessage(connection));
    }
    fputs(page_head, page);
    for (int row = 0; row < PQntuples(rows); row++) {
        print_table(page, rows, row);
    }
    PQclear(rows);
    PQfinish(connection);
    fclose(page);
    return text;
}

static void test_the_page_is_what_the_database_says(void **state)
{
    (void)state;
    char *made = make_page();
    if (writes) {
        FILE *file = fopen(page_path, "w");
        assert_non_null(file);
        fputs(made, file);
        assert_int_equal(fclose(file), 0);
    }
    const char *page = read_page();
    size_t at = 0;
    size_t line = 1;
    while (made[at] != '\0' && made[at] == page[at]) {
        line += made[at] == '\n';
        at++;
    }
    if (made[at] != page[at]) {
        fail_msg("%s: line %zu is not what the database says: run test_tables --write",
                 page_path, line);
    }
    free(made);
}

static void test_every_table_and_column_says_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(
        pg_database_number(database, "%s",
                           "SELECT count(*) FROM pg_class c WHERE " OUR_TABLES
                           " AND obj_description(c.oid, 'pg_class') IS NULL"),
        0);
    assert_int_equal(
        pg_database_number(
            database, "%s",
            "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE " OUR_TABLES " AND a.attnum > 0 AND NOT a.attisdropped"
            " AND col_description(c.oid, a.attnum) IS NULL"),
        0);
}

int main(int argc, char **argv)
{
    writes = argc == 2 && strcmp(argv[1], "--write") == 0;
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_page_is_what_the_database_says),
        cmocka_unit_test(test_every_table_and_column_says_what_it_is),
    };
    database = pg_database_create();
    int failures = cmocka_run_group_tests_name("tables", tests, NULL, NULL);
    pg_database_drop(database);
    return failures;
}
