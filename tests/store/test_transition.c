// SPDX-License-Identifier: Apache-2.0

/*
 * The database lets a meeting go no way that the table of the negotiation does not have,
 * whoever asks it to.
 */
#include "broker/negotiation.h"
#include "broker/store/store_pg_migrate.h"
#include "broker/store/store_pg_transition.h"
#include "tests/store/store_world.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

enum { EVENTS = 64 }; /* more than there are */

static PGconn *open_walls(struct world *world)
{
    PGconn *connection = PQconnectdb(pg_database_conninfo(world->database));
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    PQclear(PQexec(connection, "ALTER TABLE meeting ENABLE TRIGGER meeting_walks"));
    return connection;
}

static void must(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
}

/* Is the statement carried out?  Nothing of it stays. */
static bool is_let(PGconn *connection, const char *sql)
{
    must(connection, "SAVEPOINT before");
    PGresult *result = PQexec(connection, sql);
    bool let = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!let) {
        assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "23514");
    }
    PQclear(result);
    must(connection, "ROLLBACK TO before");
    return let;
}

/* The claims that a meeting in @state has, as the checks of the table meeting want it. */
static const char *spans(int state)
{
    switch (state) {
    case PROPOSED:
    case WAITING_ORGANIZER:
        return "'[1,2)', NULL";
    case CONFIRMED:
    case DONE:
        return "NULL, '[1,2)'";
    case MOVING:
        return "'[1,2)', '[3,4)'";
    default:
        return "NULL, NULL";
    }
}

static const char *insert(char *sql, size_t size, int state, const char *path)
{
    snprintf(
        sql, size,
        "INSERT INTO meeting VALUES ('00000000-0000-7000-8000-000000000001', 1, %d,"
        " '{1}', 101, %s, NULL, now(), now(), '', '', decode('%s', 'hex'))",
        state, spans(state), path);
    return sql;
}

static const char *update(char *sql, size_t size, int state, const char *path)
{
    snprintf(sql, size,
             "UPDATE meeting SET (version, state, held, firm, path) ="
             " (2, %d, %s, decode('%s', 'hex'))",
             state, spans(state), path);
    return sql;
}

static bool steps(int from, int event, int to)
{
    const struct transition *row =
        negotiation_find((enum negotiation_state)from, (enum negotiation_event)event);
    return row != NULL && (int)row->to == to && (row->effects & REFUSE) == 0;
}

/* A meeting in @from, put there past the trigger. */
static void put(PGconn *connection, int from)
{
    char sql[400];
    must(connection, "ALTER TABLE meeting DISABLE TRIGGER meeting_walks");
    must(connection, insert(sql, sizeof(sql), from, ""));
    must(connection, "ALTER TABLE meeting ENABLE TRIGGER meeting_walks");
}

/* By @event, to every state: let through is what the table has. */
static void try_all_ends(PGconn *connection, int from, int event)
{
    for (int to = SEARCHING; to <= DONE; to++) {
        char sql[400];
        char path[3];
        snprintf(path, sizeof(path), "%02x", (unsigned)event);
        const char *change = from == NOTHING_YET ? insert(sql, sizeof(sql), to, path)
                                                 : update(sql, sizeof(sql), to, path);
        if (is_let(connection, change) != steps(from, event, to)) {
            fail_msg("from %d by %d to %d", from, event, to);
        }
    }
}

static void test_every_triple_of_state_event_and_state(void **state)
{
    PGconn *connection = open_walls(*state);
    for (int from = NOTHING_YET; from <= DONE; from++) {
        must(connection, "BEGIN");
        if (from != NOTHING_YET) {
            put(connection, from);
        }
        for (int event = 0; event < EVENTS; event++) {
            try_all_ends(connection, from, event);
        }
        must(connection, "ROLLBACK");
    }
    PQfinish(connection);
}

static void test_a_path_of_several_events(void **state)
{
    PGconn *connection = open_walls(*state);
    char sql[400];
    char path[20];
    must(connection, "BEGIN");
    snprintf(path, sizeof(path), "%02x%02x", (unsigned)NO_SLOT, (unsigned)SLOT_FOUND);
    assert_true(is_let(connection, insert(sql, sizeof(sql), PROPOSED, path)));
    assert_false(is_let(connection, insert(sql, sizeof(sql), SEARCHING, path)));
    snprintf(path, sizeof(path), "%02x%02x", (unsigned)SLOT_FOUND, (unsigned)NO_SLOT);
    assert_false(is_let(connection, insert(sql, sizeof(sql), SEARCHING, path)));
    assert_false(is_let(connection, insert(sql, sizeof(sql), SEARCHING, "")));
    PQfinish(connection);
}

static void test_a_meeting_does_not_change_without_an_event(void **state)
{
    PGconn *connection = open_walls(*state);
    must(connection, "BEGIN");
    put(connection, CONFIRMED);
    assert_false(is_let(connection, "UPDATE meeting SET state = 6, firm = NULL"));
    assert_false(is_let(connection, "UPDATE meeting SET firm = '[5,6)'"));
    assert_false(is_let(connection, "UPDATE meeting SET version = 2, path = ''"));
    assert_false(is_let(connection, "UPDATE meeting SET version = 0"));
    /* A way that the table has, but without a new version. */
    char sql[200];
    snprintf(sql, sizeof(sql),
             "UPDATE meeting SET state = %d, path = decode('%02x', 'hex')", DONE,
             (unsigned)SLOT_ENDED);
    assert_false(is_let(connection, sql));
    /* A deadline put off is no step. */
    assert_true(
        is_let(connection, "UPDATE meeting SET hold_until = now(), body = 'x'"));
    PQfinish(connection);
}

static void ignore(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

static void test_the_table_is_brought_and_nothing_else_starts(void **state)
{
    struct world *world = *state;
    PGconn *connection = open_walls(world);
    static const char *const changes[] = {
        "DELETE FROM transition WHERE from_state = 2 AND event = 4",
        "UPDATE transition SET to_state = 7 WHERE from_state = 2 AND event = 4",
        "UPDATE transition SET refuses = false WHERE refuses",
        "UPDATE transition SET effects = 0 WHERE from_state = 2 AND event = 4",
        "UPDATE transition SET code = 'x' WHERE from_state = 2 AND event = 4",
        "INSERT INTO transition VALUES (8, 4, 1, 0, false, 'x', 'x', 'x')",
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        bool match = false;
        must(connection, changes[i]);
        assert_int_equal(pg_transition_match(connection, &match), STATUS_OK);
        assert_false(match);
        assert_int_equal(pg_migrate_check(connection), STATUS_BAD_SCHEMA);
        assert_int_equal(
            store_migrate(pg_database_conninfo(world->database), ignore, NULL),
            STATUS_OK);
        assert_int_equal(pg_transition_match(connection, &match), STATUS_OK);
        assert_true(match);
        assert_int_equal(pg_migrate_check(connection), STATUS_OK);
    }
    PQfinish(connection);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_every_triple_of_state_event_and_state),
        WORLD_TEST(test_a_path_of_several_events),
        WORLD_TEST(test_a_meeting_does_not_change_without_an_event),
        WORLD_TEST(test_the_table_is_brought_and_nothing_else_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
