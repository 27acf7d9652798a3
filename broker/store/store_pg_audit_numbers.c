// SPDX-License-Identifier: Apache-2.0

#include "broker/seal.h"
#include "broker/store/store_pg_audit.h"

#include <inttypes.h>
#include <string.h>

/* ---- events ------------------------------------------------------------------------
 */

struct numbers {
    struct auditor *auditor;
    int64_t of;   /* whose numbers; 0: nobody's yet */
    int64_t last; /* seen */
    uint8_t hash[SEAL_HASH_SIZE];
};

/* recipient, acked or lawfully forgotten, last, seq: null where there is no event. */
static bool see_event(void *context, const struct pg_copy_row *row)
{
    struct numbers *numbers = context;
    int64_t recipient = pg_copy_int8(row, 0);
    int64_t acked = pg_copy_int8(row, 1);
    int64_t issued = pg_copy_int8(row, 2);
    int64_t number = pg_copy_int8(row, 3);
    int64_t next = numbers->of == recipient ? numbers->last + 1 : 0;
    if (row->sizes[3] < 0) {
        if (issued > acked) {
            audit_find(numbers->auditor, 0,
                       "client %" PRId64 " has not had events %" PRId64 " to %" PRId64
                       ", and they are gone",
                       recipient, acked + 1, issued);
        }
        return true;
    }
    numbers->auditor->audit->events++;
    if (next != 0 ? number != next : number > acked + 1) {
        audit_find(numbers->auditor, 0,
                   "client %" PRId64 " has a gap in its events before %" PRId64,
                   recipient, number);
    }
    if (number > issued) {
        audit_find(numbers->auditor, 0,
                   "client %" PRId64 " has event %" PRId64
                   ", but the counter says %" PRId64,
                   recipient, number, issued);
    }
    numbers->of = recipient;
    numbers->last = number;
    return true;
}

/* ---- chains ------------------------------------------------------------------------
 */

static bool see_link(void *context, const struct pg_copy_row *row)
{
    struct numbers *numbers = context;
    int64_t broker = pg_copy_int8(row, 0);
    int64_t number = pg_copy_int8(row, 1);
    uint8_t hash[SEAL_HASH_SIZE];
    const struct seal_piece pieces[] = {{row->fields[2], (size_t)row->sizes[2]},
                                        {row->fields[0], 8},
                                        {row->fields[1], 8},
                                        {row->fields[4], (size_t)row->sizes[4]}};
    if (row->sizes[2] != SEAL_HASH_SIZE || row->sizes[3] != SEAL_HASH_SIZE ||
        seal_hash(pieces, 4, hash) != STATUS_OK) {
        return false;
    }
    numbers->auditor->audit->links++;
    if (memcmp(hash, row->fields[3], sizeof(hash)) != 0) {
        audit_find(numbers->auditor, 0,
                   "link %" PRId64 " of broker %" PRId64 "'s chain was changed", number,
                   broker);
    }
    bool follows = numbers->of == broker;
    if (follows && (number != numbers->last + 1 ||
                    memcmp(numbers->hash, row->fields[2], sizeof(hash)) != 0)) {
        audit_find(numbers->auditor, 0,
                   "link %" PRId64 " of broker %" PRId64
                   "'s chain does not follow the one before",
                   number, broker);
    }
    numbers->of = broker;
    numbers->last = number;
    memcpy(numbers->hash, row->fields[3], sizeof(hash));
    return true;
}

enum status audit_numbers(struct auditor *auditor)
{
    struct numbers events = {.auditor = auditor};
    struct numbers links = {.auditor = auditor};
    enum status status =
        pg_copy_each(auditor->connection,
                     "COPY (SELECT r.client, greatest(r.acked_seq, r.forgotten_seq),"
                     "       r.last_seq, o.seq"
                     " FROM recipient r LEFT JOIN outbox o ON o.recipient = r.client"
                     " ORDER BY r.client, o.seq) TO STDOUT (FORMAT binary)",
                     see_event, &events);
    if (status == STATUS_OK) {
        status = pg_copy_each(auditor->connection,
                              "COPY (SELECT broker, seq, prev, hash, body FROM audit"
                              " ORDER BY broker, seq) TO STDOUT (FORMAT binary)",
                              see_link, &links);
    }
    return status;
}
