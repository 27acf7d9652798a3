// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_brokers.h"

#include "broker/log.h"
#include "broker/store/store_pg_copy.h"
#include "broker/store/store_pg_home.h"
#include "broker/store/store_pg_key.h"
#include "broker/store/store_pg_migrate.h"
#include "broker/store/store_pg_outage.h"
#include "broker/store/store_pg_rows.h"

#include <stdio.h>
#include <string.h>

enum { ARENA = 64 << 20, PAGE = 1000, LISTEN_ROWS = 8 };

struct start {
    PGconn *connection;
    struct arena arena;
    const struct store_visitor *visitor;
};

typedef enum status (*visit_row)(struct start *start, const PGresult *rows, int row);

static enum status show_rows(struct start *start, const PGresult *rows, visit_row show)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < PQntuples(rows) && status == STATUS_OK; i++) {
        status = show(start, rows, i);
        /* Row by row: what a million sources are read into stays in the cache. */
        arena_reset(&start->arena);
        if (i % LISTEN_ROWS == 0) {
            pg_sync_listen(start->connection);
        }
    }
    return status;
}

/* Show every row of @sql, a page at a time, in bounded memory.  The server finds the
 * next page while this one is being shown. */
static enum status visit(struct start *start, const char *sql, visit_row show)
{
    char declare[1024];
    char fetch[64];
    snprintf(declare, sizeof(declare), "DECLARE every NO SCROLL CURSOR FOR %s", sql);
    snprintf(fetch, sizeof(fetch), "FETCH %d FROM every", PAGE);
    enum status status = pg_sync_run(start->connection, declare, NULL);
    if (status == STATUS_OK) {
        status = pg_sync_begin(start->connection, fetch);
    }
    bool more = true;
    while (status == STATUS_OK && more) {
        PGresult *rows;
        status = pg_sync_end(start->connection, &rows);
        more = status == STATUS_OK && PQntuples(rows) > 0;
        if (more) {
            status = pg_sync_begin(start->connection, fetch);
        }
        if (more && status == STATUS_OK) {
            status = show_rows(start, rows, show);
        }
        PQclear(rows);
    }
    return status == STATUS_OK ? pg_sync_script(start->connection, "CLOSE every")
                               : status;
}

static enum status show_person(struct start *start, const PGresult *rows, int row)
{
    struct store_person_row person = {
        .person = pg_int8(rows, row, 0),
        .version = pg_int8(rows, row, 1),
        .kind = (uint32_t)pg_int2(rows, row, 2),
        .system = pg_text(rows, row, 3),
        .value = pg_text(rows, row, 4),
    };
    struct entente_bytes blind = pg_bytes(rows, row, 5);
    if (blind.size == sizeof(person.blind)) {
        memcpy(person.blind, blind.data, blind.size);
    } else if (person.system == NULL) {
        return STATUS_DAMAGED;
    }
    start->visitor->person(start->visitor->context, &person);
    return STATUS_OK;
}

static enum status read_client(struct arena *arena, const PGresult *rows, int row,
                               struct store_client *ret)
{
    int64_t *people = NULL;
    struct store_client client = {
        .id = pg_int8(rows, row, 0),
        .name = pg_text(rows, row, 1),
        .sandbox = pg_bool(rows, row, 3),
        .is_operator = pg_bool(rows, row, 4),
        .revoked = pg_bool(rows, row, 5),
        .heard_ms = pg_time_ms(rows, row, 6),
        .people_revision = pg_int8(rows, row, 7),
    };
    snprintf(client.public_key, sizeof(client.public_key), "%s", pg_text(rows, row, 2));
    if (!pg_int8_array(rows, row, 8, arena, &people, &client.speaks_for_count)) {
        return STATUS_DAMAGED;
    }
    client.speaks_for = people;
    *ret = client;
    return STATUS_OK;
}

static enum status show_client(struct start *start, const PGresult *rows, int row)
{
    struct store_client client;
    enum status status = read_client(&start->arena, rows, row, &client);
    if (status == STATUS_OK) {
        start->visitor->client(start->visitor->context, &client);
    }
    return status;
}

static enum status show_source(struct start *start, const PGresult *rows, int row)
{
    struct store_source source;
    enum status status = pg_source_read(rows, row, &start->arena, &source);
    if (status == STATUS_OK) {
        start->visitor->source(start->visitor->context, &source);
    }
    return status;
}

/* Columns: person, meeting, start, end, place. */
static bool show_claim(void *context, const struct pg_copy_row *row)
{
    struct start *start = context;
    struct store_claim claim = {
        .person = pg_copy_int8(row, 0),
        .start = pg_copy_int4(row, 2),
        .end = pg_copy_int4(row, 3),
    };
    if (row->count != 5 || row->sizes[1] != sizeof(claim.meeting.bytes)) {
        return false;
    }
    memcpy(claim.meeting.bytes, row->fields[1], sizeof(claim.meeting.bytes));
    if (row->sizes[4] >= 0) {
        char *place = arena_alloc(&start->arena, (size_t)row->sizes[4] + 1);
        if (place == NULL) {
            return false;
        }
        memcpy(place, row->fields[4], (size_t)row->sizes[4]);
        claim.place = place;
    }
    start->visitor->claim(start->visitor->context, &claim);
    arena_reset(&start->arena);
    return true;
}

#define CLIENT_SQL                                                                     \
    "SELECT c.id, c.name, c.public_key, c.sandbox, c.is_operator,"                     \
    " c.revoked IS NOT NULL, h.at, c.people_revision,"                                 \
    " coalesce((SELECT array_agg(s.person ORDER BY s.person) FROM speaks_for s"        \
    " WHERE s.client = c.id), '{}'::int8[])"                                           \
    " FROM client c LEFT JOIN heard h ON h.client = c.id"

static enum status visit_all(struct start *start)
{
    enum status status =
        visit(start, "SELECT id, version, kind, system, value, blind FROM person",
              show_person);
    if (status == STATUS_OK) {
        status = visit(start, CLIENT_SQL, show_client);
    }
    if (status == STATUS_OK) {
        status =
            visit(start, "SELECT " PG_SOURCE_COLUMNS " FROM source s", show_source);
    }
    if (status == STATUS_OK) {
        status = pg_copy_each(
            start->connection,
            "COPY (SELECT person, meeting, lower(during), upper(during), place"
            "        FROM claim"
            "       WHERE upper(during) > (extract(epoch FROM " PG_NOW ") / 60)::int4)"
            " TO STDOUT (FORMAT binary)",
            show_claim, start);
    }
    return status;
}

/* Nobody loses a lease, and nobody's silence is taken for an answer, because no broker
 * was there to hear. */
static enum status extend_by_outage(struct start *start, int64_t *ret_outage_ms)
{
    int64_t now_ms = 0;
    enum status status =
        pg_outage_make_up(start->connection, &start->arena, ret_outage_ms, &now_ms);
    if (status == STATUS_OK && start->visitor->clock != NULL) {
        start->visitor->clock(start->visitor->context, now_ms);
    }
    return status;
}

/* Whoever has the number must be gone: its connection holds a lock on it for as long as
 * it lives. */
static enum status take_number(struct start *start, int64_t broker)
{
    char wait[64];
    struct pg_args args;
    snprintf(wait, sizeof(wait), "SET lock_timeout = '%ds'", STORE_NUMBER_WAIT_S);
    pg_args_init(&args, &start->arena);
    pg_args_int8(&args, broker);
    enum status status = pg_sync_script(start->connection, wait);
    if (status == STATUS_OK) {
        status = pg_sync_run(
            start->connection,
            "SELECT pg_advisory_lock(" PG_NUMBER_LOCK ", $1::int8::int4)", &args);
    }
    if (status == STATUS_OK) {
        return pg_sync_script(start->connection, "RESET lock_timeout");
    }
    log_line(LOG_ERROR, "store",
             "number %lld is that of a broker which lives: each broker on a database "
             "has a number of its own (--number)",
             (long long)broker);
    return STATUS_REFUSED;
}

static enum status sign_in(struct start *start, int64_t broker,
                           struct store_beginning *beginning)
{
    struct pg_args args;
    PGresult *rows;
    enum status status =
        seal_random(&beginning->incarnation, sizeof(beginning->incarnation));
    if (status != STATUS_OK) {
        return status;
    }
    pg_args_init(&args, &start->arena);
    pg_args_int8(&args, broker);
    pg_args_int8(&args, beginning->incarnation);
    status = pg_sync_ask(start->connection,
                         "INSERT INTO broker (id, started, alive, incarnation)"
                         " VALUES ($1::int8, " PG_NOW ", " PG_NOW ", $2::int8)"
                         " ON CONFLICT (id) DO UPDATE SET started = " PG_NOW
                         ", alive = " PG_NOW ", incarnation = $2::int8"
                         " RETURNING alive, (SELECT max(number) FROM generation)",
                         &args, &rows);
    if (status == STATUS_OK) {
        beginning->alive_ms = pg_time_ms(rows, 0, 0);
        beginning->generation = pg_int4(rows, 0, 1);
    }
    PQclear(rows);
    return status;
}

/* Where everybody's feed stands at the moment that is read: what comes later is
 * followed. */
static enum status read_cursors(struct start *start, struct store_beginning *beginning)
{
    PGresult *rows;
    enum status status =
        pg_sync_ask(start->connection,
                    "SELECT o.origin, coalesce((SELECT max(seq) FROM feed"
                    "                            WHERE feed.origin = o.origin), 0)"
                    "  FROM (SELECT id * side AS origin FROM broker, (VALUES (1), "
                    "(-1)) s (side)) o",
                    NULL, &rows);
    size_t count = status == STATUS_OK ? (size_t)PQntuples(rows) : 0;
    if (count > STORE_ORIGINS) {
        log_line(LOG_ERROR, "store", "more brokers than can be followed");
        status = STATUS_FAILED;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        beginning->cursors[i] =
            (struct store_cursor){pg_int8(rows, (int)i, 0), pg_int8(rows, (int)i, 1)};
    }
    beginning->cursor_count = status == STATUS_OK ? count : 0;
    PQclear(rows);
    return status;
}

/* Committed before the long reading, so that two brokers that start together do not both
 * make up for the same outage. */
static enum status begin_life(struct start *start,
                              const struct store_settings *settings,
                              struct store_beginning *beginning, int64_t *ret_outage_ms)
{
    enum status status = take_number(start, settings->broker);
    if (status == STATUS_OK) {
        status = pg_sync_script(start->connection, "BEGIN");
    }
    if (status == STATUS_OK) {
        status = extend_by_outage(start, ret_outage_ms);
    }
    if (status == STATUS_OK) {
        status = sign_in(start, settings->broker, beginning);
    }
    return status == STATUS_OK ? pg_sync_script(start->connection, "COMMIT") : status;
}

/* One moment of the database: a client read later than the people would speak for
 * somebody unknown, and an agenda be nobody's. */
static enum status read_all(struct start *start, struct store_beginning *beginning)
{
    enum status status = pg_sync_script(
        start->connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (status == STATUS_OK) {
        status = read_cursors(start, beginning);
    }
    if (status == STATUS_OK) {
        status = visit_all(start);
    }
    return status == STATUS_OK ? pg_sync_script(start->connection, "COMMIT") : status;
}

enum status store_start(const struct store_settings *settings,
                        const struct store_visitor *visitor, int64_t *ret_outage_ms)
{
    struct start start = {.visitor = visitor};
    struct store_beginning beginning = {0};
    int64_t outage_ms = 0;
    enum status status = pg_sync_open(settings->conninfo, &start.connection);
    if (status != STATUS_OK) {
        return status;
    }
    arena_init(&start.arena, ARENA);
    status = pg_migrate_check(start.connection);
    if (status == STATUS_OK && settings->seal != NULL) {
        status = pg_check_key(start.connection, settings->seal);
        if (status == STATUS_DAMAGED) {
            log_line(LOG_ERROR, "store", PG_KEY_OF_ANOTHER);
        }
    }
    if (status == STATUS_OK) {
        status = pg_home_check(start.connection, settings, &start.arena,
                               &beginning.home_known);
    }
    if (status == STATUS_OK) {
        status = begin_life(&start, settings, &beginning, &outage_ms);
    }
    if (status == STATUS_OK) {
        status = read_all(&start, &beginning);
    }
    PQfinish(start.connection);
    arena_finish(&start.arena);
    if (status == STATUS_OK) {
        *ret_outage_ms = outage_ms;
    }
    if (status == STATUS_OK && settings->beginning != NULL) {
        *settings->beginning = beginning;
    }
    return status;
}

enum status store_list_clients(const struct store_settings *settings,
                               store_client_fn visit_client, void *context,
                               const char **ret_message)
{
    PGconn *connection;
    PGresult *rows = NULL;
    struct arena arena;
    *ret_message = "The database cannot be reached or has not been migrated.";
    enum status status = pg_sync_open(settings->conninfo, &connection);
    if (status != STATUS_OK) {
        return status;
    }
    arena_init(&arena, ARENA);
    status = pg_sync_ask(connection, CLIENT_SQL " ORDER BY c.name", NULL, &rows);
    for (int i = 0; status == STATUS_OK && i < PQntuples(rows); i++) {
        struct store_client client;
        status = read_client(&arena, rows, i, &client);
        if (status == STATUS_OK) {
            visit_client(context, &client);
        }
    }
    PQclear(rows);
    PQfinish(connection);
    arena_finish(&arena);
    return status;
}
