// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_key.h"

#include "broker/store/store_pg_args.h"
#include "broker/store/store_pg_sync.h"

#include <stdlib.h>
#include <string.h>

/* A few of each, so that one damaged row is no reason to stay away. */
static const char some[] =
    "(SELECT 'meeting', uuid_send(id), sealed FROM meeting ORDER BY id DESC LIMIT 16)"
    " UNION ALL (SELECT 'person', int8send(id), sealed FROM person"
    "             WHERE blind IS NOT NULL ORDER BY blind LIMIT 16)";

static bool opens(struct seal *seal, const PGresult *rows, int row)
{
    struct entente_bytes id = pg_bytes(rows, row, 1);
    struct entente_bytes sealed = pg_bytes(rows, row, 2);
    uint8_t *plain = malloc(sealed.size + 1);
    const struct seal_place place = {.table = pg_text(rows, row, 0),
                                     .column = "sealed",
                                     .row = id.data,
                                     .row_size = id.size};
    bool opened =
        plain != NULL && sealed.size >= SEAL_OVERHEAD &&
        seal_open_bytes(seal, &place, sealed.data, sealed.size, plain) == STATUS_OK;
    if (opened) {
        explicit_bzero(plain, sealed.size);
    }
    free(plain);
    return opened;
}

enum status pg_check_key(PGconn *connection, struct seal *seal)
{
    PGresult *rows = NULL;
    enum status status = pg_sync_ask(connection, some, NULL, &rows);
    int count = status == STATUS_OK ? PQntuples(rows) : 0;
    bool opened = count == 0;
    for (int i = 0; i < count && !opened; i++) {
        opened = opens(seal, rows, i);
    }
    PQclear(rows);
    return opened ? status : STATUS_DAMAGED;
}
