// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_home.h"

#include "broker/log.h"
#include "broker/store/store_pg_rows.h"

#include <stdio.h>

struct home {
    int64_t cluster;
    int32_t timeline;
};

static enum status begin_generation(const struct store_settings *settings,
                                    int32_t known, struct home was, struct home is)
{
    char because[256];
    int32_t generation = 0;
    snprintf(because, sizeof(because),
             "The database is found in cluster %lld on timeline %d, where it was in "
             "cluster %lld on timeline %d: it was restored, or a standby was promoted.",
             (long long)is.cluster, (int)is.timeline, (long long)was.cluster,
             (int)was.timeline);
    log_line(LOG_WARNING, "store", "%s", because);
    return store_begin_generation(settings, known, because, &generation);
}

static enum status may_ask(PGconn *connection, bool *ret_may)
{
    PGresult *rows;
    enum status status = pg_sync_ask(
        connection,
        "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')"
        "   AND has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE')"
        "   AND has_function_privilege('pg_current_wal_lsn()', 'EXECUTE')",
        NULL, &rows);
    *ret_may = status == STATUS_OK && pg_bool(rows, 0, 0);
    PQclear(rows);
    return status;
}

enum status pg_home_check(PGconn *connection, const struct store_settings *settings,
                          struct arena *arena, bool *ret_known)
{
    PGresult *rows;
    struct pg_args none;
    enum status status = may_ask(connection, ret_known);
    if (status != STATUS_OK || !*ret_known) {
        if (status == STATUS_OK) {
            log_line(LOG_WARNING, "store",
                     "the role may not execute pg_control_system, pg_walfile_name or "
                     "pg_current_wal_lsn: a database that was restored is noticed by "
                     "clients alone");
        }
        return status;
    }
    status = pg_sync_ask(connection,
                         "SELECT h.cluster, h.timeline, n.cluster, n.timeline,"
                         "       (SELECT max(number) FROM generation)"
                         "  FROM home h, " PG_HOME,
                         NULL, &rows);
    if (status == STATUS_OK && PQntuples(rows) > 0) {
        struct home was = {pg_int8(rows, 0, 0), pg_int4(rows, 0, 1)};
        struct home is = {pg_int8(rows, 0, 2), pg_int4(rows, 0, 3)};
        if (was.cluster != is.cluster || was.timeline != is.timeline) {
            status = begin_generation(settings, pg_int4(rows, 0, 4), was, is);
        }
    }
    PQclear(rows);
    pg_args_init(&none, arena);
    return status == STATUS_OK ? pg_sync_run(connection, PG_HOME_PUT, &none) : status;
}
