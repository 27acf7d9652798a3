// SPDX-License-Identifier: Apache-2.0

/*
 * method_pg.c - PostgreSQL: multiranges and range_intersect_agg
 *
 * pg-query    one prepared statement by libpq over the socket, from sending the people's
 *             numbers to having read every window: what an application would wait.
 * pg-server   range_intersect_agg() alone: a loop in the server over the same values,
 *             held in memory in an array, minus the same loop with an aggregate that does
 *             nothing.  Lists no windows, sends nothing.
 *
 * Both keep the connection and the people of the last cell, because cells of the same
 * people come one after the other.
 */
#include "bench/method.h"
#include "bench/report.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

static const char setup_sql[] =
    "SET jit = off; SET max_parallel_workers_per_gather = 0; SET work_mem = '64MB';"
    "SET temp_buffers = '512MB';"
    /* No new plan for each request; a plan of its own would also copy the array below. */
    "SET plan_cache_mode = force_generic_plan;"
    "CREATE TEMP TABLE person (id int4 PRIMARY KEY, free int4multirange NOT NULL);"
    "ALTER TABLE person ALTER free SET STORAGE EXTERNAL;"
    /* range_intersect_agg and min(int4) over the same values, in turns; the seconds by
     * which the one takes longer, each request by its fastest turn.  The first statement
     * also takes the array to pieces, once for all. */
    "CREATE FUNCTION pg_temp.bench_loop(requests int4[], parties int4, first int4,"
    "  last int4) RETURNS float8 LANGUAGE plpgsql AS $$"
    " DECLARE people int4multirange[]; m int4multirange; n int4; began timestamptz;"
    "  agg_s float8; idle_s float8; sum_s float8 := 0;"
    " BEGIN"
    "  SELECT array_agg(free ORDER BY id) INTO people FROM person;"
    "  SELECT lower(people[1]) INTO n;"
    "  FOR i IN first .. last LOOP"
    "   agg_s := 'infinity'; idle_s := 'infinity';"
    "   FOR turn IN 1 .. 3 LOOP"
    "    began := clock_timestamp();"
    "    SELECT range_intersect_agg(people[requests[j] + 1]) INTO m"
    "     FROM generate_series(i * parties + 1, (i + 1) * parties) j;"
    "    agg_s := least(agg_s, extract(epoch FROM clock_timestamp() - began));"
    "    began := clock_timestamp();"
    "    SELECT min(lower(people[requests[j] + 1])) INTO n"
    "     FROM generate_series(i * parties + 1, (i + 1) * parties) j;"
    "    idle_s := least(idle_s, extract(epoch FROM clock_timestamp() - began));"
    "   END LOOP;"
    "   sum_s := sum_s + agg_s - idle_s;"
    "  END LOOP;"
    "  RETURN sum_s;"
    " END $$;";

static const char common_sql[] =
    "SELECT lower(r), upper(r) FROM unnest((SELECT range_intersect_agg(free) FROM "
    "person"
    " WHERE id = ANY($1::int4[]))) r WHERE upper(r) - lower(r) >= $2::int4";

/* Starts, not instants: each range shrunk by the slot first, so that the same people are
 * there all the time. */
static const char quorum_sql[] =
    "WITH edge AS (SELECT lower(r) AS at, 1 AS step FROM person, unnest(free) r"
    "  WHERE id = ANY($1::int4[]) AND upper(r) - lower(r) >= $2::int4"
    " UNION ALL SELECT upper(r) - $2::int4 + 5, -1 FROM person, unnest(free) r"
    "  WHERE id = ANY($1::int4[]) AND upper(r) - lower(r) >= $2::int4),"
    " level AS (SELECT at, sum(sum(step)) OVER (ORDER BY at) AS heads FROM edge GROUP "
    "BY at),"
    " step AS (SELECT at, heads >= $3::int4 AS enough,"
    "  lag(heads >= $3::int4, 1, false) OVER (ORDER BY at) AS before FROM level),"
    " flip AS (SELECT at, lead(at) OVER (ORDER BY at) AS until, enough FROM step"
    "  WHERE enough <> before)"
    " SELECT at, until - 5 + $2::int4 FROM flip WHERE enough ORDER BY at";

static struct {
    PGconn *connection;
    uint32_t people; /* serial */
} shared;

struct query {
    const struct bench_cell *cell;
    char *requests; /* int4[] of all requests, as text; pg-server only */
    size_t last;
    PGresult *result;
};

static PGresult *must(PGresult *result, ExecStatusType wanted)
{
    if (PQresultStatus(result) != wanted) {
        report_die("PostgreSQL: %s", PQerrorMessage(shared.connection));
    }
    return result;
}

static void command(const char *sql)
{
    PQclear(must(PQexec(shared.connection, sql), PGRES_COMMAND_OK));
}

static bool connect_once(void)
{
    const char *where = getenv("ENTENTE_TEST_DB");
    if (shared.connection != NULL) {
        return true;
    }
    if (where == NULL || *where == '\0') {
        return false;
    }
    shared.connection = PQconnectdb(where);
    if (PQstatus(shared.connection) != CONNECTION_OK) {
        report_die("PostgreSQL: %s", PQerrorMessage(shared.connection));
    }
    PQclear(must(PQexec(shared.connection, "SET client_min_messages = error"),
                 PGRES_COMMAND_OK));
    command(setup_sql);
    PQclear(must(PQprepare(shared.connection, "common", common_sql, 0, NULL),
                 PGRES_COMMAND_OK));
    PQclear(must(PQprepare(shared.connection, "quorum", quorum_sql, 0, NULL),
                 PGRES_COMMAND_OK));
    return true;
}

static void send(const char *text, size_t length)
{
    if (PQputCopyData(shared.connection, text, (int)length) != 1) {
        report_die("PostgreSQL: %s", PQerrorMessage(shared.connection));
    }
}

static void load(const struct bench_people *people)
{
    size_t size = 64 + people->days * (size_t)KIND_RANGES_DAY * 24;
    char *line = bench_memory(size);
    command("TRUNCATE person");
    PQclear(must(PQexec(shared.connection, "COPY person FROM STDIN"), PGRES_COPY_IN));
    for (size_t i = 0; i < people->count; i++) {
        const struct bench_person *person = &people->person[i];
        size_t length = (size_t)snprintf(line, size, "%zu\t{", i);
        for (size_t j = 0; j < person->count; j++) {
            length += (size_t)snprintf(line + length, size - length, "%s[%d,%d)",
                                       j == 0 ? "" : ",", person->spans[j].start,
                                       person->spans[j].end);
        }
        length += (size_t)snprintf(line + length, size - length, "}\n");
        send(line, length);
    }
    free(line);
    if (PQputCopyEnd(shared.connection, NULL) != 1) {
        report_die("PostgreSQL: %s", PQerrorMessage(shared.connection));
    }
    PQclear(must(PQgetResult(shared.connection), PGRES_COMMAND_OK));
    PQclear(PQgetResult(shared.connection));
    command("ANALYZE person");
    shared.people = people->serial;
}

static void *open_pg(const struct bench_cell *cell)
{
    if (!connect_once()) {
        return NULL;
    }
    if (shared.people != cell->people->serial) {
        load(cell->people);
    }
    struct query *query = bench_memory(sizeof(*query));
    query->cell = cell;
    return query;
}

static void close_pg(void *state)
{
    struct query *query = state;
    PQclear(query->result);
    free(query->requests);
    free(query);
}

/* {1,2,3} */
static size_t write_ids(char *ret, size_t size, const struct bench_cell *cell,
                        size_t request, const char *before)
{
    size_t length = 0;
    for (uint32_t i = 0; i < cell->parties; i++) {
        length += (size_t)snprintf(ret + length, size - length, "%s%d",
                                   i == 0 ? before : ",", cell->request[request][i]);
    }
    return length;
}

static minute_t number_at(const PGresult *result, int row, int column)
{
    uint32_t value;
    memcpy(&value, PQgetvalue(result, row, column), sizeof(value));
    return (minute_t)be32toh(value);
}

static size_t answer_pg(void *state, size_t request, struct match_run *ret_windows)
{
    struct query *query = state;
    const struct bench_cell *cell = query->cell;
    bool all = cell->needed == cell->parties;
    char ids[BENCH_PARTIES_MAX * 6];
    char duration[16];
    char needed[16];
    size_t length = write_ids(ids, sizeof(ids), cell, request, "{");
    snprintf(ids + length, sizeof(ids) - length, "}");
    snprintf(duration, sizeof(duration), "%d", cell->duration);
    snprintf(needed, sizeof(needed), "%u", cell->needed);
    const char *values[] = {ids, duration, needed};
    PGresult *result = must(PQexecPrepared(shared.connection, all ? "common" : "quorum",
                                           all ? 2 : 3, values, NULL, NULL, 1),
                            PGRES_TUPLES_OK);
    int count = PQntuples(result);
    for (int i = 0; i < count; i++) {
        ret_windows[i] = (struct match_run){number_at(result, i, 0),
                                            number_at(result, i, 1) - cell->duration};
    }
    PQclear(result);
    return (size_t)count;
}

/* ---- in the server ------------------------------------------------------------------
 */

static void *open_server(const struct bench_cell *cell)
{
    if (cell->needed != cell->parties || cell->wanted != 0) {
        return NULL;
    }
    struct query *query = open_pg(cell);
    if (query == NULL) {
        return NULL;
    }
    size_t size = 8 + cell->request_count * cell->parties * 6;
    query->requests = bench_memory(size);
    size_t length = 0;
    for (size_t i = 0; i < cell->request_count; i++) {
        length += write_ids(query->requests + length, size - length, cell, i,
                            i == 0 ? "{" : ",");
    }
    snprintf(query->requests + length, size - length, "}");
    return query;
}

static double time_server(void *state, size_t first, size_t count)
{
    struct query *query = state;
    char parties[16];
    char from[16];
    char until[16];
    snprintf(parties, sizeof(parties), "%u", query->cell->parties);
    snprintf(from, sizeof(from), "%zu", first);
    snprintf(until, sizeof(until), "%zu", first + count - 1);
    const char *values[] = {query->requests, parties, from, until};
    PGresult *result = must(PQexecParams(shared.connection,
                                         "SELECT pg_temp.bench_loop("
                                         "$1::int4[], $2::int4, $3::int4, $4::int4)",
                                         4, NULL, values, NULL, NULL, 0),
                            PGRES_TUPLES_OK);
    double seconds = strtod(PQgetvalue(result, 0, 0), NULL);
    PQclear(result);
    return seconds;
}

const struct method method_pg_query = {
    .name = "pg-query",
    .isa = "-",
    .open = open_pg,
    .answer = answer_pg,
    .close = close_pg,
};
const struct method method_pg_server = {
    .name = "pg-server",
    .isa = "-",
    .open = open_server,
    .answer = answer_pg,
    .time = time_server,
    .close = close_pg,
};
