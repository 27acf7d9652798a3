// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_key.h"

#include "broker/log.h"
#include "broker/store/store_pg_args.h"
#include "broker/store/store_pg_sync.h"

#include <stdlib.h>

/* A few, so that one damaged row is no reason to stay away. */
static const char newest[] = "SELECT id, sealed FROM meeting ORDER BY id DESC LIMIT 16";

static bool opens(struct seal *seal, const PGresult *rows, int row)
{
    uint8_t id[16];
    struct entente_bytes sealed = pg_bytes(rows, row, 1);
    uint8_t *plain = malloc(sealed.size + 1);
    pg_uuid(rows, row, 0, id);
    const struct seal_place place = {
        .table = "meeting", .column = "sealed", .row = id, .row_size = sizeof(id)};
    bool opened =
        plain != NULL && sealed.size >= SEAL_OVERHEAD &&
        seal_open_bytes(seal, &place, sealed.data, sealed.size, plain) == STATUS_OK;
    free(plain);
    return opened;
}

enum status pg_check_key(PGconn *connection, struct seal *seal)
{
    PGresult *rows = NULL;
    enum status status = pg_sync_ask(connection, newest, NULL, &rows);
    int count = status == STATUS_OK ? PQntuples(rows) : 0;
    bool opened = count == 0;
    for (int i = 0; i < count && !opened; i++) {
        opened = opens(seal, rows, i);
    }
    PQclear(rows);
    if (!opened) {
        log_line(LOG_ERROR, "store",
                 "seal.key is not the one that this database was sealed with");
        return STATUS_DAMAGED;
    }
    return status;
}
