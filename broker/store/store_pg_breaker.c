// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_breaker.c - the part of store_divergence.h by which an operator looks at
 * breakers and resets them
 */
#include "broker/store/store.h"

#include "broker/due.h"
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_sync.h"

#include <assert.h>

enum { ARENA = 1 << 20 };

static_assert(DUE_DIVERGENCE == 10 && BREAKER_MINUTES == 60,
              "stand as numbers in the statements");

enum status store_list_breakers(const struct store_settings *settings,
                                store_breaker_fn visit, void *context,
                                const char **ret_message)
{
    PGconn *connection;
    PGresult *rows = NULL;
    enum status status = pg_sync_open(settings->conninfo, &connection);
    if (status != STATUS_OK) {
        *ret_message = "The database cannot be reached.";
        return status;
    }
    status = pg_sync_ask(connection,
                         "SELECT c.name, b.tripped, b.lifted,"
                         " count(d.meeting) FILTER (WHERE NOT d.held_back),"
                         " count(d.meeting) FILTER (WHERE d.held_back)"
                         "  FROM client c LEFT JOIN breaker b ON b.client = c.id"
                         "  LEFT JOIN divergence d ON d.client = c.id"
                         " WHERE b.client IS NOT NULL OR d.client IS NOT NULL"
                         " GROUP BY c.name, b.tripped, b.lifted ORDER BY c.name",
                         NULL, &rows);
    for (int i = 0; status == STATUS_OK && i < PQntuples(rows); i++) {
        const struct store_breaker_row row = {
            .client = pg_text(rows, i, 0),
            .tripped_ms = pg_time_ms(rows, i, 1),
            .lifted_ms = pg_time_ms(rows, i, 2),
            .asked = (uint64_t)pg_int8(rows, i, 3),
            .held_back = (uint64_t)pg_int8(rows, i, 4),
        };
        visit(context, &row);
    }
    if (status != STATUS_OK) {
        *ret_message = "The breakers could not be read.";
    }
    PQclear(rows);
    PQfinish(connection);
    return status;
}

/* $1 is the client's name.  What was counted before the reset counts no more. */
static const char look_again[] =
    "WITH who AS (SELECT id FROM client WHERE name = $1::text),"
    " reset AS (DELETE FROM breaker WHERE client IN (SELECT id FROM who)),"
    " uncounted AS (UPDATE divergence SET at = at - interval '60 minutes'"
    "                WHERE client IN (SELECT id FROM who)),"
    " again AS (INSERT INTO due (meeting, reason, at)"
    "            SELECT t.meeting, 10, " PG_NOW
    "              FROM (SELECT DISTINCT meeting FROM divergence"
    "                     WHERE client IN (SELECT id FROM who)) AS t"
    "            ON CONFLICT (meeting, reason)"
    "            DO UPDATE SET at = least(due.at, excluded.at) RETURNING meeting)"
    " SELECT (SELECT count(*) FROM who), (SELECT count(*) FROM again)";

static const char forget[] =
    "WITH who AS (SELECT id FROM client WHERE name = $1::text),"
    " reset AS (DELETE FROM breaker WHERE client IN (SELECT id FROM who)),"
    " gone AS (DELETE FROM divergence WHERE client IN (SELECT id FROM who)"
    "           RETURNING meeting),"
    " again AS (INSERT INTO due (meeting, reason, at)"
    "            SELECT t.meeting, 10, " PG_NOW
    "              FROM (SELECT DISTINCT meeting FROM gone) AS t"
    "            ON CONFLICT (meeting, reason)"
    "            DO UPDATE SET at = least(due.at, excluded.at) RETURNING meeting)"
    " SELECT (SELECT count(*) FROM who), (SELECT count(*) FROM again)";

static const char real[] =
    "WITH who AS (SELECT id FROM client WHERE name = $1::text),"
    " reset AS (INSERT INTO breaker AS b (client, lifted)"
    "            SELECT id, " PG_NOW " + interval '60 minutes' FROM who"
    "            ON CONFLICT (client) DO UPDATE"
    "            SET tripped = NULL, lifted = excluded.lifted),"
    " again AS (INSERT INTO due (meeting, reason, at)"
    "            SELECT t.meeting, 10, " PG_NOW
    "              FROM (SELECT DISTINCT meeting FROM divergence"
    "                     WHERE client IN (SELECT id FROM who)) AS t"
    "            ON CONFLICT (meeting, reason)"
    "            DO UPDATE SET at = least(due.at, excluded.at) RETURNING meeting)"
    " SELECT (SELECT count(*) FROM who), (SELECT count(*) FROM again)";

enum status store_reset_breaker(const struct store_settings *settings,
                                const char *client, enum store_reset how,
                                uint64_t *ret_meetings, const char **ret_message)
{
    PGconn *connection;
    PGresult *rows = NULL;
    struct arena arena;
    struct pg_args args;
    enum status status = pg_sync_open(settings->conninfo, &connection);
    if (status != STATUS_OK) {
        *ret_message = "The database cannot be reached.";
        return status;
    }
    arena_init(&arena, ARENA);
    pg_args_init(&args, &arena);
    pg_args_text(&args, client);
    status = pg_sync_ask(connection,
                         how == STORE_FORGET ? forget
                         : how == STORE_REAL ? real
                                             : look_again,
                         &args, &rows);
    if (status != STATUS_OK) {
        *ret_message = "The breaker could not be reset.";
    } else if (pg_int8(rows, 0, 0) == 0) {
        *ret_message = "No client has this name.";
        status = STATUS_REFUSED;
    } else {
        *ret_meetings = (uint64_t)pg_int8(rows, 0, 1);
    }
    PQclear(rows);
    arena_finish(&arena);
    PQfinish(connection);
    return status;
}
