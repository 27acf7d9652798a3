// SPDX-License-Identifier: Apache-2.0

/*
 * Every statement of a batch and of a publication finds its rows by key, on a database
 * that is new as on one that is full, and never through the index behind the exclusion
 * constraint, which is for the constraint.  Nor is an index of a full one read from end to
 * end, because what is asked of it cannot be asked of an index.
 */
#include "broker/store/store_pg_connect.h"
#include "broker/store/store_pg_divergence.h"
#include "broker/store/store_pg_holds.h"
#include "broker/store/store_pg_write.h"
#include "tests/store/store_world.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pg_statement *const *const lists[] = {
    pg_load_statements,
    pg_refresh_statements,
    pg_write_statements,
    pg_write_meeting_statements,
    pg_write_due_statements,
    pg_write_trace_statements,
    pg_publish_statements,
    pg_hello_statements,
    pg_heard_statements,
    pg_purge_statements,
    pg_divergence_load_statements,
    pg_holds_statements,
    pg_divergence_write_statements,
    pg_divergence_publish_statements,
};

static PGresult *run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    }
    return result;
}

static int parameters(const char *sql)
{
    int most = 0;
    for (const char *c = strchr(sql, '$'); c != NULL; c = strchr(c + 1, '$')) {
        int number = (int)strtol(c + 1, NULL, 10);
        most = number > most ? number : most;
    }
    return most;
}

/* The lines behind that of a scan say what it asks its index. */
static bool reads_all_of_it(const PGresult *plan, int row)
{
    const char *line = PQgetvalue(plan, row, 0);
    const char *next = row + 1 < PQntuples(plan) ? PQgetvalue(plan, row + 1, 0) : "";
    bool by_index =
        strstr(line, "Index Scan") != NULL || strstr(line, "Index Only Scan") != NULL;
    return by_index && strstr(next, "Index Cond:") == NULL;
}

static void check_plan(PGconn *connection, const struct pg_statement *statement,
                       bool full)
{
    char sql[8192];
    PQclear(PQprepare(connection, statement->name, statement->sql, 0, NULL));
    int used = snprintf(sql, sizeof(sql), "EXPLAIN EXECUTE %s", statement->name);
    int count = parameters(statement->sql);
    for (int i = 0; i < count; i++) {
        used += snprintf(sql + used, sizeof(sql) - (size_t)used, "%sNULL",
                         i == 0 ? " (" : ", ");
    }
    snprintf(sql + used, sizeof(sql) - (size_t)used, "%s", count > 0 ? ")" : "");
    PGresult *plan = run(connection, sql);
    for (int row = 0; row < PQntuples(plan); row++) {
        const char *line = PQgetvalue(plan, row, 0);
        /* The tests' clock has one row at most and no index. */
        if ((strstr(line, "Seq Scan") != NULL && strstr(line, "test_clock") == NULL) ||
            strstr(line, "nobody_twice") != NULL ||
            (full && reads_all_of_it(plan, row))) {
            fail_msg("%s: %s", statement->name, line);
        }
    }
    PQclear(plan);
}

static void check_plans(struct world *world, bool full)
{
    PGconn *connection = PQconnectdb(pg_database_conninfo(world->database));
    PQclear(run(connection, pg_plans_by_key.sql));
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
        for (size_t i = 0; lists[list][i] != NULL; i++) {
            /* SAVEPOINT and ROLLBACK TO have no plan. */
            if (strstr(lists[list][i]->sql, "SAVEPOINT") == NULL) {
                check_plan(connection, lists[list][i], full);
            }
        }
    }
    PQfinish(connection);
}

static void test_plans_of_an_empty_database(void **state)
{
    check_plans(*state, false);
}

static void test_plans_of_a_full_database(void **state)
{
    struct world *world = *state;
    pg_database_run(
        world->database,
        "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
        "INSERT INTO person (id, kind, system, value)"
        " SELECT n, 1, 'urn:more', n::text FROM generate_series(1001, 5000) n;"
        "INSERT INTO meeting SELECT gen_random_uuid(), 1, 3,"
        " ARRAY[1001 + n %% 4000, 1001 + n * 7 %% 4000], 101, NULL,"
        " int4range(30000000 + n * 60, 30000060 + n * 60), NULL, now(), now(), 'body',"
        " 'sealed' FROM generate_series(1, 40000) n;"
        "INSERT INTO claim SELECT DISTINCT unnest(people), id, firm FROM meeting;"
        "INSERT INTO due SELECT id, 4, now() FROM meeting;"
        "INSERT INTO waiting SELECT people[1], id, 1, now() FROM meeting;"
        "INSERT INTO command SELECT 101, 1, n, sha256('x'), gen_random_uuid(), 1, now()"
        "  FROM generate_series(1, 10000) n;"
        "INSERT INTO client (id, name, public_key)"
        " SELECT n, 'more ' || n, lpad(n::text, 40, 'x')"
        "   FROM generate_series(1001, 5000) n;"
        "INSERT INTO meeting SELECT gen_random_uuid(), 1, 1 + n / 4001, ARRAY[n], n,"
        " CASE WHEN n > 4000 THEN int4range(30000000, 30000060) END, NULL, NULL, now(),"
        " now(), 'body', 'sealed' FROM generate_series(1001, 5000) n;"
        "INSERT INTO recipient (client) SELECT generate_series(1001, 5000);"
        "INSERT INTO heard SELECT generate_series(1001, 5000), now();"
        "INSERT INTO source SELECT n, n, 'a', n, NULL, NULL, 1, 1, 1, 0, 1, now(), 60, "
        "'',"
        " 0 FROM generate_series(1001, 5000) n;"
        "INSERT INTO divergence SELECT gen_random_uuid(), n, n, 1, false,"
        " now() - n * interval '1 minute' FROM generate_series(1001, 5000) n;"
        "INSERT INTO breaker SELECT n, now() FROM generate_series(1001, 5000) n;"
        "INSERT INTO outbox SELECT 101, n, gen_random_uuid(), 1, now()"
        "  FROM generate_series(1001, 11000) n;"
        "INSERT INTO feed (origin, seq, kind, client, version, at)"
        " SELECT 9, n, 4, 101, 1, now() FROM generate_series(1, 10000) n;"
        "INSERT INTO audit SELECT 9, n, now(), sha256('x'), sha256('x'), 'x'"
        "  FROM generate_series(1, 10000) n;"
        "INSERT INTO decision SELECT gen_random_uuid(), 1, now(), 1, 0, 2, 101, 1, 0, "
        "1,"
        " NULL, 0, true, 1, CASE WHEN n %% 5 = 0 THEN sha256('x') END"
        "  FROM generate_series(1, 10000) n");
    pg_database_run(world->database, "ANALYZE");
    check_plans(world, true);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_plans_of_an_empty_database),
        WORLD_TEST(test_plans_of_a_full_database),
    };
    return cmocka_run_group_tests_name("plans", tests, NULL, NULL);
}
