// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_migrate.h - the migrations that this program was built with
 */
#ifndef BROKER_STORE_STORE_PG_MIGRATE_H
#define BROKER_STORE_STORE_PG_MIGRATE_H

#include "broker/store/store_pg_sync.h"

#include <stddef.h>

struct migration {
    int number;
    const char *name;
    const char *sql;
};

/* Made at build time from migrations/ (broker/store_migrations.cmake), by number. */
extern const struct migration migrations[];
extern const size_t migrations_count;

/* STATUS_OK when exactly these have been applied; STATUS_BAD_SCHEMA otherwise. */
MUST_CHECK enum status pg_migrate_check(PGconn *connection);

#endif
