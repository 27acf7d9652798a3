// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_outage.h"

#include "broker/due.h"
#include "broker/store/store_pg.h"
#include "proto/codec.h"

enum { MS_PER_MINUTE = 60000, PAGE = 500, OUTAGE_LEAST_S = 10, ARENA = 64 << 20 };

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Nobody is asked about a time that has come. */
static int64_t first_start_ms(const struct entente_proposal *proposal)
{
    int64_t start_ms = (int64_t)proposal->start * MS_PER_MINUTE;
    for (size_t i = 0; i < proposal->candidates_count; i++) {
        start_ms =
            earlier(start_ms, (int64_t)proposal->candidates[i].start * MS_PER_MINUTE);
    }
    return start_ms;
}

/* The deadline that the meeting's state waits for; 0: none. */
static int64_t put_off(struct entente_meeting *meeting, int64_t outage_ms,
                       enum due_reason *ret_reason)
{
    if (meeting->state == ENTENTE_SEARCHING) {
        *ret_reason = DUE_SEARCH_END;
        meeting->search_until_ms += outage_ms;
        return meeting->search_until_ms;
    }
    if (meeting->proposal == NULL || meeting->hold_until_ms == 0) {
        return 0;
    }
    *ret_reason = DUE_ANSWERS_END;
    int64_t start_ms = first_start_ms(meeting->proposal);
    meeting->hold_until_ms = earlier(meeting->hold_until_ms + outage_ms, start_ms);
    meeting->proposal->answer_by_ms = meeting->hold_until_ms;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        if (party->answer_by_ms != 0) {
            party->answer_by_ms = earlier(party->answer_by_ms + outage_ms, start_ms);
        }
    }
    return meeting->hold_until_ms;
}

static enum status write_back(PGconn *connection, const uint8_t id[16],
                              const struct entente_meeting *meeting, int64_t until_ms,
                              enum due_reason reason, struct arena *arena)
{
    struct entente_bytes body;
    struct pg_args args;
    if (!codec_encode_meeting(meeting, arena, &body)) {
        return STATUS_FAILED;
    }
    pg_args_init(&args, arena);
    pg_args_uuid(&args, id);
    pg_args_bytes(&args, body.data, body.size);
    pg_args_time(&args, until_ms);
    pg_args_int4(&args, (int32_t)reason);
    return pg_sync_run(connection,
                       "WITH later AS (UPDATE meeting SET body = $2::bytea,"
                       " hold_until = CASE WHEN hold_until IS NULL THEN NULL"
                       " ELSE $3::timestamptz END WHERE id = $1::uuid)"
                       " UPDATE due SET at = CASE WHEN reason = $4::int4"
                       " THEN $3::timestamptz ELSE least(at, $3::timestamptz) END"
                       " WHERE meeting = $1::uuid AND reason IN ($4::int4, 6, 7)",
                       &args);
}

static enum status extend_row(PGconn *connection, const PGresult *rows, int row,
                              int64_t outage_ms, struct arena *arena)
{
    uint8_t id[16];
    struct entente_meeting *meeting;
    enum due_reason reason = DUE_SEARCH_END;
    pg_uuid(rows, row, 0, id);
    if (!codec_decode_meeting(pg_bytes(rows, row, 1), arena, &meeting)) {
        return STATUS_DAMAGED;
    }
    int64_t until_ms = put_off(meeting, outage_ms, &reason);
    return until_ms == 0 ? STATUS_OK
                         : write_back(connection, id, meeting, until_ms, reason, arena);
}

/* The page of open meetings behind @after; *ret_count of them, the last one's id in
 * @after. */
static enum status extend_page(PGconn *connection, uint8_t after[16], int64_t outage_ms,
                               struct arena *arena, int *ret_count)
{
    struct pg_args args;
    PGresult *rows;
    pg_args_init(&args, arena);
    pg_args_uuid(&args, after);
    pg_args_int4(&args, PAGE);
    enum status status =
        pg_sync_ask(connection,
                    "SELECT id, body FROM meeting WHERE id > $1::uuid"
                    " AND state IN (1, 2, 4, 5) ORDER BY id LIMIT $2::int4"
                    " FOR NO KEY UPDATE",
                    &args, &rows);
    *ret_count = status == STATUS_OK ? PQntuples(rows) : 0;
    for (int i = 0; i < *ret_count && status == STATUS_OK; i++) {
        status = extend_row(connection, rows, i, outage_ms, arena);
        pg_uuid(rows, i, 0, after);
    }
    PQclear(rows);
    arena_reset(arena);
    return status;
}

enum status pg_outage_extend(PGconn *connection, int64_t outage_ms, struct arena *arena)
{
    struct pg_args args;
    uint8_t after[16] = {0};
    int count = PAGE;
    pg_args_init(&args, arena);
    pg_args_int8(&args, outage_ms);
    enum status status =
        pg_sync_run(connection,
                    /* Nobody was heard later than now: who was heard after the last
                     * sign of life of a broker would be. */
                    "WITH later AS (UPDATE heard"
                    " SET at = least(at + $1::int8 * interval '1 ms', " PG_NOW "))"
                    " UPDATE due SET at = at + $1::int8 * interval '1 ms'"
                    " WHERE reason IN (2, 3, 6, 7)", /* the deadlines, see due.h */
                    &args);
    while (status == STATUS_OK && count == PAGE) {
        status = extend_page(connection, after, outage_ms, arena, &count);
    }
    return status;
}

enum status pg_outage_make_up(PGconn *connection, struct arena *arena,
                              int64_t *ret_outage_ms, int64_t *ret_now_ms)
{
    PGresult *rows = NULL;
    enum status status = pg_sync_script(
        connection, "SELECT pg_advisory_xact_lock(" PG_NUMBER_LOCK ", 0)");
    if (status == STATUS_OK) {
        status = pg_sync_ask(connection,
                             "SELECT coalesce((extract(epoch FROM " PG_NOW
                             " - max(alive)) * 1000)::int8, 0), " PG_NOW " FROM broker",
                             NULL, &rows);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int64_t outage_ms = pg_int8(rows, 0, 0);
    *ret_now_ms = pg_time_ms(rows, 0, 1);
    PQclear(rows);
    if (outage_ms < (int64_t)OUTAGE_LEAST_S * 1000) {
        *ret_outage_ms = 0;
        return STATUS_OK;
    }
    *ret_outage_ms = outage_ms;
    return pg_outage_extend(connection, outage_ms, arena);
}

enum status pg_outage_back(const char *conninfo, int64_t number, int64_t *ret_outage_ms)
{
    PGconn *connection;
    struct arena arena;
    struct pg_args args;
    int64_t now_ms = 0;
    enum status status = pg_sync_open(conninfo, &connection);
    if (status != STATUS_OK) {
        return status;
    }
    arena_init(&arena, ARENA);
    status = pg_sync_script(connection, "BEGIN");
    if (status == STATUS_OK) {
        status = pg_outage_make_up(connection, &arena, ret_outage_ms, &now_ms);
    }
    pg_args_init(&args, &arena);
    pg_args_int8(&args, number);
    if (status == STATUS_OK) {
        status = pg_sync_run(connection,
                             "UPDATE broker SET alive = " PG_NOW " WHERE id = $1::int8",
                             &args);
    }
    if (status == STATUS_OK) {
        status = pg_sync_script(connection, "COMMIT");
    }
    PQfinish(connection);
    arena_finish(&arena);
    return status;
}
