// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_audit.h"

#include "broker/log.h"
#include "broker/store/store_pg_migrate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA = 1 << 26 };

/* ---- findings ----------------------------------------------------------------------
 */

void audit_find(struct auditor *auditor, int64_t person, const char *format, ...)
{
    char sentence[AUDIT_SENTENCE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    auditor->audit->findings++;
    auditor->audit->tell(auditor->audit->context, sentence);
    if (person == 0) {
        return;
    }
    if (auditor->people_count == auditor->people_capacity) {
        size_t wanted =
            auditor->people_capacity == 0 ? 64 : auditor->people_capacity * 2;
        int64_t *longer = realloc(auditor->people, wanted * sizeof(*longer));
        if (longer == NULL) {
            auditor->failed = true;
            return;
        }
        auditor->people = longer;
        auditor->people_capacity = wanted;
    }
    auditor->people[auditor->people_count++] = person;
}

static enum status freeze(struct auditor *auditor)
{
    struct store_audit *audit = auditor->audit;
    struct arena arena;
    struct pg_args args;
    arena_init(&arena, ARENA);
    pg_args_init(&args, &arena);
    struct pg_array people = pg_array_begin(&args, PG_INT8, auditor->people_count);
    for (size_t i = 0; i < auditor->people_count; i++) {
        pg_array_int8(&people, auditor->people[i]);
    }
    pg_array_end(&people);
    pg_args_bool(&args, audit->freeze_everybody);
    PGresult *rows;
    enum status status = pg_sync_ask(
        auditor->connection,
        "UPDATE person SET frozen = clock_timestamp(),"
        "       frozen_why = 'entente audit found that the rows contradict each other'"
        " WHERE frozen IS NULL AND (id = ANY ($1::int8[]) OR $2::bool) RETURNING id",
        &args, &rows);
    if (status == STATUS_OK) {
        audit->frozen = (uint64_t)PQntuples(rows);
        PQclear(rows);
    }
    arena_finish(&arena);
    return status;
}

static enum status look(struct auditor *auditor)
{
    /* One moment for all tables, and no index to be led by. */
    enum status status = pg_sync_script(
        auditor->connection,
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
        "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off;"
        "SET LOCAL enable_bitmapscan = off");
    if (status == STATUS_OK) {
        status = audit_claims(auditor);
    }
    if (status == STATUS_OK) {
        status = audit_numbers(auditor);
    }
    enum status ending = pg_sync_script(auditor->connection, "COMMIT");
    status = status == STATUS_OK ? ending : status;
    return auditor->failed ? STATUS_FAILED : status;
}

enum status store_audit(const char *conninfo, struct store_audit *audit)
{
    struct auditor auditor = {.audit = audit};
    enum status status = pg_sync_open(conninfo, &auditor.connection);
    if (status != STATUS_OK) {
        return status;
    }
    status = pg_migrate_check(auditor.connection);
    if (status == STATUS_OK) {
        status = look(&auditor);
    }
    if (status == STATUS_OK && audit->findings > 0) {
        log_line(LOG_ERROR, "audit", "the rows contradict each other: %zu findings",
                 (size_t)audit->findings);
        if (audit->freeze || audit->freeze_everybody) {
            status = freeze(&auditor);
        }
    }
    free(auditor.people);
    PQfinish(auditor.connection);
    return status;
}

enum status store_release(const char *conninfo, int64_t person, uint64_t *ret_count)
{
    PGconn *connection;
    PGresult *rows = NULL;
    struct arena arena;
    struct pg_args args;
    enum status status = pg_sync_open(conninfo, &connection);
    if (status != STATUS_OK) {
        return status;
    }
    arena_init(&arena, 1 << 16);
    pg_args_init(&args, &arena);
    pg_args_int8(&args, person);
    status = pg_sync_ask(
        connection,
        "WITH released AS (UPDATE person SET frozen = NULL, frozen_why = NULL"
        "   WHERE frozen IS NOT NULL AND (id = $1::int8 OR $1::int8 = 0)"
        "   RETURNING id),"
        " searched AS (INSERT INTO due (meeting, reason, at)"
        "   SELECT DISTINCT w.meeting, 1, clock_timestamp()"
        "     FROM waiting w JOIN released r ON r.id = w.person"
        "   ON CONFLICT (meeting, reason) DO NOTHING)"
        " SELECT count(*) FROM released",
        &args, &rows);
    if (status == STATUS_OK) {
        *ret_count = (uint64_t)pg_int8(rows, 0, 0);
        PQclear(rows);
    }
    arena_finish(&arena);
    PQfinish(connection);
    return status;
}
