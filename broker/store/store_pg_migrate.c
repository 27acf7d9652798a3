// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_migrate.h"

#include "broker/log.h"
#include "broker/store/store.h"
#include "broker/store/store_pg_transition.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HASH_TEXT = 2 * SEAL_HASH_SIZE + 1, ARENA = 1 << 20 };

struct report {
    void (*tell)(void *context, const char *sentence);
    void *context;
};

static enum status hash_text(const struct migration *migration, char ret[HASH_TEXT])
{
    uint8_t hash[SEAL_HASH_SIZE];
    const struct seal_piece piece = {migration->sql, strlen(migration->sql)};
    enum status status = seal_hash(&piece, 1, hash);
    for (size_t i = 0; i < sizeof(hash); i++) {
        snprintf(ret + 2 * i, 3, "%02x", hash[i]);
    }
    return status;
}

/* Does the row of an applied migration say what this program was built with? */
static bool is_ours(const PGresult *rows, int row)
{
    char hash[HASH_TEXT];
    int number = pg_int4(rows, row, 0);
    for (size_t i = 0; i < migrations_count; i++) {
        if (migrations[i].number == number) {
            return hash_text(&migrations[i], hash) == STATUS_OK &&
                   strcmp(hash, pg_text(rows, row, 1)) == 0;
        }
    }
    return false;
}

static enum status read_applied(PGconn *connection, PGresult **ret_rows)
{
    return pg_sync_ask(connection,
                       "SELECT number, sha256 FROM migration ORDER BY number", NULL,
                       ret_rows);
}

/* Applied migrations must be ours, unchanged, and the first ones without a gap. */
static enum status count_applied(PGconn *connection, size_t *ret_count)
{
    PGresult *rows;
    enum status status = read_applied(connection, &rows);
    if (status != STATUS_OK) {
        return status;
    }
    int count = PQntuples(rows);
    for (int i = 0; i < count && status == STATUS_OK; i++) {
        bool in_place =
            (size_t)i < migrations_count && pg_int4(rows, i, 0) == migrations[i].number;
        if (!in_place || !is_ours(rows, i)) {
            log_line(LOG_ERROR, "store",
                     "migration %d of the database is not the one of this program",
                     pg_int4(rows, i, 0));
            status = STATUS_BAD_SCHEMA;
        }
    }
    *ret_count = (size_t)count;
    PQclear(rows);
    return status;
}

enum status pg_migrate_check(PGconn *connection)
{
    size_t count = 0;
    enum status status = count_applied(connection, &count);
    if (status == STATUS_OK && count != migrations_count) {
        log_line(LOG_ERROR, "store", "%zu of %zu migrations have been applied", count,
                 migrations_count);
        status = STATUS_BAD_SCHEMA;
    }
    bool match = true;
    if (status == STATUS_OK) {
        status = pg_transition_match(connection, &match);
    }
    if (!match) {
        log_line(LOG_ERROR, "store",
                 "the table of the negotiation in the database is not this program's");
        status = STATUS_BAD_SCHEMA;
    }
    return status;
}

static enum status note(PGconn *connection, const struct migration *migration)
{
    struct arena arena;
    struct pg_args args;
    char hash[HASH_TEXT];
    if (hash_text(migration, hash) != STATUS_OK) {
        return STATUS_FAILED;
    }
    arena_init(&arena, ARENA);
    pg_args_init(&args, &arena);
    pg_args_int4(&args, migration->number);
    pg_args_text(&args, migration->name);
    pg_args_text(&args, hash);
    enum status status = pg_sync_run(connection,
                                     "INSERT INTO migration (number, name, sha256) "
                                     "VALUES ($1::int4, $2::text, $3::text)",
                                     &args);
    arena_finish(&arena);
    return status;
}

static enum status apply(PGconn *connection, const struct migration *migration,
                         const struct report *report)
{
    struct timespec began;
    struct timespec ended;
    char sentence[200];
    clock_gettime(CLOCK_MONOTONIC, &began);
    enum status status = pg_sync_script(connection, "BEGIN");
    if (status == STATUS_OK) {
        status = pg_sync_script(connection, migration->sql);
    }
    if (status == STATUS_OK) {
        status = note(connection, migration);
    }
    enum status ending =
        pg_sync_script(connection, status == STATUS_OK ? "COMMIT" : "ROLLBACK");
    status = status == STATUS_OK ? ending : status;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double seconds = (double)(ended.tv_sec - began.tv_sec) +
                     (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    if (status == STATUS_OK) {
        snprintf(sentence, sizeof(sentence), "%s applied in %.2f s", migration->name,
                 seconds);
    } else {
        snprintf(sentence, sizeof(sentence), "%s failed and was rolled back",
                 migration->name);
    }
    report->tell(report->context, sentence);
    return status;
}

/* The table of the negotiation is data: it follows the program without a migration. */
static enum status bring_transitions(PGconn *connection, const struct report *report,
                                     bool *ret_changed)
{
    bool match = false;
    enum status status = pg_transition_match(connection, &match);
    *ret_changed = !match;
    if (status != STATUS_OK || match) {
        return status;
    }
    status = pg_transition_fill(connection);
    if (status == STATUS_OK) {
        report->tell(report->context,
                     "the table of the negotiation was brought to this "
                     "program's");
    }
    return status;
}

static enum status apply_missing(PGconn *connection, const struct report *report)
{
    size_t count = 0;
    enum status status = count_applied(connection, &count);
    if (status == STATUS_BAD_SCHEMA) {
        report->tell(report->context,
                     "the database has migrations that this program does not know or "
                     "that were changed after they had been applied");
        return status;
    }
    for (size_t i = count; i < migrations_count && status == STATUS_OK; i++) {
        status = apply(connection, &migrations[i], report);
    }
    bool changed = false;
    if (status == STATUS_OK) {
        status = bring_transitions(connection, report, &changed);
    }
    if (status == STATUS_OK && count == migrations_count && !changed) {
        report->tell(report->context,
                     "nothing to do: every migration has been applied");
        return STATUS_OK;
    }
    return status == STATUS_OK ? pg_sync_script(connection, "ANALYZE") : status;
}

enum status store_migrate(const char *conninfo,
                          void (*tell)(void *context, const char *sentence),
                          void *context)
{
    const struct report report = {.tell = tell, .context = context};
    PGconn *connection;
    enum status status = pg_sync_open(conninfo, &connection);
    if (status != STATUS_OK) {
        tell(context, "the database cannot be reached");
        return status;
    }
    /* Two at once wait for each other here; the lock ends with the connection. */
    status = pg_sync_script(
        connection,
        "SELECT pg_advisory_lock(4617315517961601025);"
        "CREATE TABLE IF NOT EXISTS migration (number int PRIMARY KEY, name text NOT "
        "NULL,"
        " sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT "
        "clock_timestamp());"
        "COMMENT ON TABLE migration IS 'the migrations that have been applied';"
        "COMMENT ON COLUMN migration.number IS 'in which they are applied';"
        "COMMENT ON COLUMN migration.name IS 'of its file';"
        "COMMENT ON COLUMN migration.sha256 IS 'of its text when it was applied';"
        "COMMENT ON COLUMN migration.applied IS 'when'");
    if (status == STATUS_OK) {
        status = apply_missing(connection, &report);
    }
    PQfinish(connection);
    return status;
}
