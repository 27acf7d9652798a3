// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_generation.c - a database that is older than what is known of it: no number
 *                         that it has issued since its backup is issued again
 *
 * All of it in one transaction that keeps every batch out: versions of meetings, epochs
 * of requests, of publications and of events rise far above what can have been issued.
 */
#include "broker/store/store_brokers.h"

#include "broker/store/store_pg.h"
#include "broker/store/store_pg_meeting.h"
#include "broker/store/store_pg_sync.h"

enum { ARENA = 64 << 20, PAGE = 500, VERSION_LEAP = 100000 };

#define LEAP_TEXT_(x) #x
#define LEAP_TEXT(x) LEAP_TEXT_(x)
#define EPOCH_LEAP LEAP_TEXT(PG_EPOCH_LEAP)

struct raising {
    PGconn *connection;
    struct seal *seal;
    struct arena arena;
};

/* The two halves of a meeting name the same version, so it is sealed again. */
static enum status raise_row(struct raising *raising, const PGresult *rows, int row)
{
    struct store store = {.seal = raising->seal};
    struct arena *arena = &raising->arena;
    struct entente_meeting *meeting;
    struct entente_bytes body;
    struct entente_bytes sealed;
    struct pg_args args;
    enum status status = pg_meeting_read(&store, rows, row, 0, arena, &meeting);
    if (status != STATUS_OK) {
        return status;
    }
    meeting->version += VERSION_LEAP;
    meeting->kept->open_version = 0; /* the leap is everybody's */
    status = pg_meeting_encode(&store, meeting, arena, &body, &sealed);
    if (status != STATUS_OK) {
        return status;
    }
    pg_args_init(&args, arena);
    pg_args_uuid(&args, meeting->id.data);
    pg_args_int4(&args, (int32_t)meeting->version);
    pg_args_bytes(&args, body.data, body.size);
    pg_args_bytes(&args, sealed.data, sealed.size);
    return pg_sync_run(raising->connection,
                       "UPDATE meeting SET version = $2::int4, body = $3::bytea,"
                       "       sealed = $4::bytea WHERE id = $1::uuid",
                       &args);
}

/* All of them, also those that are over: an agenda may show what the backup does not
 * know to be cancelled. */
static enum status raise_meetings(struct raising *raising)
{
    uint8_t after[16] = {0};
    int count = PAGE;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && count == PAGE) {
        struct pg_args args;
        PGresult *rows;
        pg_args_init(&args, &raising->arena);
        pg_args_uuid(&args, after);
        pg_args_int4(&args, PAGE);
        status = pg_sync_ask(raising->connection,
                             "SELECT id, body, sealed FROM meeting WHERE id > $1::uuid"
                             " ORDER BY id LIMIT $2::int4",
                             &args, &rows);
        count = status == STATUS_OK ? PQntuples(rows) : 0;
        for (int i = 0; i < count && status == STATUS_OK; i++) {
            status = raise_row(raising, rows, i);
            pg_uuid(rows, i, 0, after);
        }
        PQclear(rows);
        arena_reset(&raising->arena);
    }
    return status;
}

/* Whoever has not been heard since the generation before is compared with what the database
 * held then: beginning twice in a row hides nobody who knew more.
 * No step of the negotiation leads here, so the guard of its steps stands aside; the
 * table is locked. */
static enum status raise_all(struct raising *raising)
{
    enum status status = pg_sync_script(
        raising->connection,
        "LOCK TABLE meeting IN EXCLUSIVE MODE;"
        "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
        "UPDATE client SET restored_requests = CASE WHEN restored_requests <> 0"
        "         AND (request_epoch - restored_requests) % " EPOCH_LEAP " = 0"
        "         THEN restored_requests ELSE request_epoch END,"
        "       request_epoch = request_epoch + " EPOCH_LEAP ","
        "       publication_epoch = publication_epoch + " EPOCH_LEAP ";"
        "UPDATE recipient SET restored_epoch = CASE WHEN restored_epoch <> 0"
        "         AND (epoch - restored_epoch) % " EPOCH_LEAP " = 0"
        "         THEN restored_epoch ELSE epoch END,"
        "       restored_seq = CASE WHEN restored_epoch <> 0"
        "         AND (epoch - restored_epoch) % " EPOCH_LEAP " = 0"
        "         THEN restored_seq ELSE last_seq END,"
        "       epoch = epoch + " EPOCH_LEAP);
    if (status == STATUS_OK) {
        status = raise_meetings(raising);
    }
    return status == STATUS_OK
               ? pg_sync_script(raising->connection,
                                "ALTER TABLE meeting ENABLE TRIGGER meeting_walks")
               : status;
}

static enum status add_generation(PGconn *connection, int32_t number,
                                  const char *because, struct arena *arena)
{
    struct pg_args args;
    pg_args_init(&args, arena);
    pg_args_int4(&args, number);
    pg_args_text(&args, because);
    return pg_sync_run(connection,
                       "INSERT INTO generation (number, because)"
                       " VALUES ($1::int4, $2::text)",
                       &args);
}

static enum status ask_generation(PGconn *connection, int32_t *ret_number)
{
    PGresult *rows;
    enum status status =
        pg_sync_ask(connection, "SELECT max(number) FROM generation", NULL, &rows);
    if (status == STATUS_OK) {
        *ret_number = pg_int4(rows, 0, 0);
    }
    PQclear(rows);
    return status;
}

enum status store_begin_generation(const struct store_settings *settings, int32_t known,
                                   const char *because, int32_t *ret_generation)
{
    struct raising raising = {.seal = settings->seal};
    int32_t number = 0;
    enum status status = pg_sync_open(settings->conninfo, &raising.connection);
    if (status != STATUS_OK) {
        return status;
    }
    arena_init(&raising.arena, ARENA);
    status = pg_sync_script(raising.connection,
                            "BEGIN; LOCK TABLE generation IN EXCLUSIVE MODE");
    if (status == STATUS_OK) {
        status = ask_generation(raising.connection, &number);
    }
    if (status == STATUS_OK && (known == 0 || number <= known)) {
        number++;
        status = raise_all(&raising);
        if (status == STATUS_OK) {
            status =
                add_generation(raising.connection, number, because, &raising.arena);
        }
    }
    if (status == STATUS_OK) {
        status = pg_sync_script(raising.connection, "COMMIT");
    }
    PQfinish(raising.connection);
    arena_finish(&raising.arena);
    if (status == STATUS_OK) {
        *ret_generation = number;
    }
    return status;
}

enum status store_renew_generation(struct store *store, int32_t known,
                                   const char *because, int32_t *ret_generation)
{
    const struct store_settings settings = {.conninfo = store->conninfo,
                                            .seal = store->seal};
    return store_begin_generation(&settings, known, because, ret_generation);
}

/* ---- for the operator --------------------------------------------------------------
 */

static enum status read_ahead(PGconn *connection, struct arena *arena,
                              struct store_generation *row)
{
    struct pg_args args;
    PGresult *rows;
    pg_args_init(&args, arena);
    pg_args_int4(&args, row->number);
    enum status status = pg_sync_ask(
        connection,
        "SELECT c.name, CASE WHEN a.said_event > a.issued_event"
        "                    THEN a.said_event - a.issued_event ELSE 0 END,"
        "       a.said_requests > a.granted_requests,"
        "       to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        "  FROM ahead a JOIN client c ON c.id = a.client"
        " WHERE a.generation = $1::int4 ORDER BY c.name LIMIT 4096",
        &args, &rows);
    size_t count = status == STATUS_OK ? (size_t)PQntuples(rows) : 0;
    struct store_ahead *ahead = arena_array(arena, count, sizeof(*ahead));
    for (size_t i = 0; ahead != NULL && i < count; i++) {
        ahead[i] = (struct store_ahead){
            .client = arena_text(arena, pg_text(rows, (int)i, 0)),
            .events = pg_int8(rows, (int)i, 1),
            .requests = pg_bool(rows, (int)i, 2),
            .at = arena_text(arena, pg_text(rows, (int)i, 3)),
        };
    }
    row->ahead = ahead;
    row->ahead_count = ahead == NULL ? 0 : count;
    PQclear(rows);
    return status;
}

/* Their epochs have not risen since. */
static enum status read_silent(PGconn *connection, struct arena *arena,
                               struct store_generation *row)
{
    PGresult *rows;
    enum status status =
        pg_sync_ask(connection,
                    "SELECT name FROM client WHERE revoked IS NULL"
                    "   AND restored_requests <> 0"
                    "   AND (request_epoch - restored_requests) % " EPOCH_LEAP " = 0"
                    " ORDER BY name LIMIT 4096",
                    NULL, &rows);
    size_t count = status == STATUS_OK ? (size_t)PQntuples(rows) : 0;
    const char **names = arena_array(arena, count, sizeof(const char *));
    for (size_t i = 0; names != NULL && i < count; i++) {
        names[i] = arena_text(arena, pg_text(rows, (int)i, 0));
    }
    row->silent = names;
    row->silent_count = names == NULL ? 0 : count;
    PQclear(rows);
    return status;
}

enum status store_show_generation(const char *conninfo, store_generation_fn visit,
                                  void *context)
{
    PGconn *connection;
    struct arena arena;
    PGresult *rows = NULL;
    struct store_generation row = {0};
    enum status status = pg_sync_open(conninfo, &connection);
    if (status != STATUS_OK) {
        return status;
    }
    arena_init(&arena, ARENA);
    status = pg_sync_ask(connection,
                         "SELECT number, to_char(begun AT TIME ZONE 'UTC',"
                         "       'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), because"
                         "  FROM generation ORDER BY number DESC LIMIT 1",
                         NULL, &rows);
    if (status == STATUS_OK) {
        row.number = pg_int4(rows, 0, 0);
        row.begun = pg_text(rows, 0, 1);
        row.because = pg_text(rows, 0, 2);
        status = read_ahead(connection, &arena, &row);
    }
    if (status == STATUS_OK) {
        status = read_silent(connection, &arena, &row);
    }
    if (status == STATUS_OK) {
        visit(context, &row);
    }
    PQclear(rows);
    PQfinish(connection);
    arena_finish(&arena);
    return status;
}
