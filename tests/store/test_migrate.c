// SPDX-License-Identifier: Apache-2.0

/*
 * Migrations are applied once, in order, by one at a time; a database that is not what
 * this program was built with is refused; and the tables themselves refuse what must
 * never be, whatever the program above them does.
 */
#include "broker/store/store.h"
#include "tests/support/pg_database.h"

#include "tests/support/test.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct stage {
    struct pg_database *database;
    PGconn *connection;
    char told[4096]; /* the sentences of the last migration */
    int sentences;
};

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    assert_non_null(stage);
    stage->database = pg_database_create();
    stage->connection = PQconnectdb(pg_database_conninfo(stage->database));
    assert_int_equal(PQstatus(stage->connection), CONNECTION_OK);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    PQfinish(stage->connection);
    pg_database_drop(stage->database);
    free(stage);
    return 0;
}

static void keep(void *context, const char *sentence)
{
    struct stage *stage = context;
    size_t used = strlen(stage->told);
    snprintf(stage->told + used, sizeof(stage->told) - used, "%s\n", sentence);
    stage->sentences++;
}

static enum status migrate(struct stage *stage)
{
    stage->told[0] = '\0';
    stage->sentences = 0;
    return store_migrate(pg_database_conninfo(stage->database), keep, stage);
}

static void see_person(void *context, const struct store_person_row *row)
{
    (void)context;
    (void)row;
}

static void see_client(void *context, const struct store_client *row)
{
    (void)context;
    (void)row;
}

static void see_source(void *context, const struct store_source *row)
{
    (void)context;
    (void)row;
}

static void see_claim(void *context, const struct store_claim *row)
{
    (void)context;
    (void)row;
}

static enum status start(struct stage *stage)
{
    const struct store_settings settings = {
        .conninfo = pg_database_conninfo(stage->database), .broker = 77};
    const struct store_visitor nobody = {.person = see_person,
                                         .client = see_client,
                                         .source = see_source,
                                         .claim = see_claim};
    int64_t outage_ms = 0;
    return store_start(&settings, &nobody, &outage_ms);
}

/* ---- applying ----------------------------------------------------------------------
 */

static void test_an_empty_database_gets_every_migration_once(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database,
                    "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    assert_int_equal(migrate(stage), STATUS_OK);
    assert_non_null(strstr(stage->told, "0001_people_and_clients.sql applied"));
    /* The last one is about the table of the negotiation. */
    assert_non_null(strstr(stage->told, "table of the negotiation"));
    assert_int_equal(
        stage->sentences,
        pg_database_number(stage->database, "SELECT count(*) FROM migration") + 1);
    assert_int_equal(start(stage), STATUS_OK);
}

static void test_a_second_time_there_is_nothing_to_do(void **state)
{
    struct stage *stage = *state;
    int64_t before = pg_database_number(stage->database,
                                        "SELECT extract(epoch FROM max(applied)) * 1e6"
                                        " FROM migration");
    assert_int_equal(migrate(stage), STATUS_OK);
    assert_string_equal(stage->told,
                        "nothing to do: every migration has been applied\n");
    int64_t after = pg_database_number(stage->database,
                                       "SELECT extract(epoch FROM max(applied)) * 1e6"
                                       " FROM migration");
    assert_int_equal(before, after);
}

/* Two operators at once: one waits for the other and finds nothing left to do. */
static void test_two_at_once_do_it_once(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database,
                    "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            /* The parent's connections are left alone. */
            _exit(migrate(stage) == STATUS_OK ? 0 : 1);
        }
    }
    for (int i = 0; i < 2; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(start(stage), STATUS_OK);
}

static void test_the_database_away_is_said(void **state)
{
    struct stage *stage = *state;
    stage->told[0] = '\0';
    assert_int_equal(store_migrate("host=/nonexistent dbname=nothing", keep, stage),
                     STATUS_UNAVAILABLE);
    assert_string_equal(stage->told, "the database cannot be reached\n");
}

/* ---- refusing ----------------------------------------------------------------------
 */

static void test_an_edited_migration_is_found_by_its_hash(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database,
                    "UPDATE migration SET sha256 = repeat('0', 64) WHERE number = 2");
    assert_int_equal(migrate(stage), STATUS_BAD_SCHEMA);
    assert_non_null(strstr(stage->told, "changed after they had been applied"));
    assert_int_equal(start(stage), STATUS_BAD_SCHEMA);
}

static void test_a_newer_schema_is_refused(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database, "INSERT INTO migration (number, name, sha256)"
                                     " VALUES (9999, '9999_future.sql', 'f')");
    assert_int_equal(migrate(stage), STATUS_BAD_SCHEMA);
    assert_non_null(strstr(stage->told, "does not know"));
    assert_int_equal(start(stage), STATUS_BAD_SCHEMA);
}

static void test_an_older_schema_does_not_start(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database, "DELETE FROM migration WHERE number ="
                                     " (SELECT max(number) FROM migration)");
    assert_int_equal(start(stage), STATUS_BAD_SCHEMA);
}

static void test_a_gap_is_refused(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database, "DELETE FROM migration WHERE number = 2");
    assert_int_equal(migrate(stage), STATUS_BAD_SCHEMA);
}

static void test_an_unmigrated_database_does_not_start(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database,
                    "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    assert_int_not_equal(start(stage), STATUS_OK);
}

/* ---- what the tables refuse --------------------------------------------------------
 */

/* The SQLSTATE of the statement; "00000" when it is carried out. */
static const char *sqlstate(struct stage *stage, const char *sql)
{
    static char code[6];
    PGresult *result = PQexec(stage->connection, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    snprintf(code, sizeof(code), "%s", state == NULL ? "00000" : state);
    PQclear(result);
    return code;
}

#define A "'00000000-0000-7000-8000-00000000000a'"
#define B "'00000000-0000-7000-8000-00000000000b'"
#define CLAIM(person, meeting, during)                                                 \
    sqlstate(stage, "INSERT INTO claim VALUES (" person ", " meeting ", " during ")")

/*     minutes   100       130       160       200
 *     A         |-------------------|              first
 *     B                             |---------|    touches it: fine
 *     B                   |---------|              overlaps it: refused
 *     A         |-------------------------|        overlaps B: refused
 *     A    |--------------|                        overlaps its own old time: fine
 */
static void test_one_minute_of_a_person_belongs_to_one_meeting(void **state)
{
    struct stage *stage = *state;
    assert_string_equal(CLAIM("1", A, "'[100,160)'"), "00000");
    assert_string_equal(CLAIM("1", B, "'[159,160)'"), "23P01");
    assert_string_equal(CLAIM("1", B, "'[130,160)'"), "23P01");
    assert_string_equal(CLAIM("1", B, "'[0,100000)'"), "23P01");
    assert_string_equal(CLAIM("1", B, "'[160,200)'"), "00000");
    assert_string_equal(CLAIM("1", A, "'[100,180)'"), "23P01");
    assert_string_equal(CLAIM("1", A, "'[80,130)'"), "00000");
    assert_string_equal(CLAIM("2", B, "'[100,160)'"), "00000");
}

static void test_every_leaf_has_the_guard(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database, "INSERT INTO claim SELECT n, " A ", '[100,160)'"
                                     " FROM generate_series(1, 500) n");
    assert_int_equal(pg_database_number(stage->database,
                                        "SELECT count(DISTINCT tableoid) FROM claim"),
                     16);
    for (int person = 1; person <= 500; person++) {
        char sql[200];
        snprintf(sql, sizeof(sql), "INSERT INTO claim VALUES (%d, " B ", '[159,300)')",
                 person);
        assert_string_equal(sqlstate(stage, sql), "23P01");
    }
}

static void test_a_claim_is_a_bounded_span_of_somebody_for_something(void **state)
{
    struct stage *stage = *state;
    assert_string_equal(CLAIM("1", A, "'empty'"), "23514");
    assert_string_equal(CLAIM("1", A, "'[100,)'"), "23514");
    assert_string_equal(CLAIM("1", A, "'(,160)'"), "23514");
    assert_string_equal(CLAIM("1", A, "'(,)'"), "23514");
    assert_string_equal(CLAIM("1", A, "NULL"), "23502");
    assert_string_equal(CLAIM("NULL", A, "'[100,160)'"), "23502");
    assert_string_equal(CLAIM("1", "NULL", "'[100,160)'"), "23502");
    assert_int_equal(pg_database_number(stage->database, "SELECT count(*) FROM claim"),
                     0);
}

#define MEETING(state, held, firm)                                                     \
    sqlstate(stage, "INSERT INTO meeting VALUES (gen_random_uuid(), 1, " #state        \
                    ", '{1}', 101, " held ", " firm ", NULL, now(), now(), '', '')")

static void test_claims_follow_the_state(void **state)
{
    struct stage *stage = *state;
    /* store/transition tries the way there. */
    pg_database_run(stage->database,
                    "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
                    "INSERT INTO client (id, name, public_key)"
                    " VALUES (101, 'a', repeat('a', 40))");
    assert_string_equal(MEETING(1, "NULL", "NULL"), "00000");
    assert_string_equal(MEETING(1, "'[1,2)'", "NULL"), "23514");
    assert_string_equal(MEETING(2, "'[1,2)'", "NULL"), "00000");
    assert_string_equal(MEETING(2, "NULL", "NULL"), "23514");
    assert_string_equal(MEETING(3, "NULL", "'[1,2)'"), "00000");
    assert_string_equal(MEETING(3, "'[1,2)'", "'[1,2)'"), "23514");
    assert_string_equal(MEETING(4, "'[1,2)'", "'[3,4)'"), "00000");
    assert_string_equal(MEETING(4, "'[1,2)'", "NULL"), "23514");
    assert_string_equal(MEETING(6, "NULL", "'[1,2)'"), "23514");
    assert_string_equal(MEETING(9, "NULL", "NULL"), "23514");
}

static void test_a_patient_is_never_readable(void **state)
{
    struct stage *stage = *state;
    assert_string_equal(
        sqlstate(stage, "INSERT INTO person (id, kind, system, value, blind, sealed)"
                        " VALUES (1, 3, 's', 'v', sha256('v'), 'x')"),
        "23514");
    assert_string_equal(sqlstate(stage, "INSERT INTO person (id, kind) VALUES (1, 3)"),
                        "23514");
}

static void test_the_audit_is_only_added_to(void **state)
{
    struct stage *stage = *state;
    pg_database_run(stage->database,
                    "INSERT INTO audit VALUES (1, 1, now(), 'p', 'h', 'b')");
    assert_string_equal(sqlstate(stage, "UPDATE audit SET body = 'c'"), "P0001");
    assert_string_equal(sqlstate(stage, "DELETE FROM audit"), "P0001");
    assert_string_equal(sqlstate(stage, "TRUNCATE audit"), "P0001");
}

#define STAGE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_an_empty_database_gets_every_migration_once),
        STAGE_TEST(test_a_second_time_there_is_nothing_to_do),
        STAGE_TEST(test_two_at_once_do_it_once),
        STAGE_TEST(test_the_database_away_is_said),
        STAGE_TEST(test_an_edited_migration_is_found_by_its_hash),
        STAGE_TEST(test_a_newer_schema_is_refused),
        STAGE_TEST(test_an_older_schema_does_not_start),
        STAGE_TEST(test_a_gap_is_refused),
        STAGE_TEST(test_an_unmigrated_database_does_not_start),
        STAGE_TEST(test_one_minute_of_a_person_belongs_to_one_meeting),
        STAGE_TEST(test_every_leaf_has_the_guard),
        STAGE_TEST(test_a_claim_is_a_bounded_span_of_somebody_for_something),
        STAGE_TEST(test_claims_follow_the_state),
        STAGE_TEST(test_a_patient_is_never_readable),
        STAGE_TEST(test_the_audit_is_only_added_to),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
