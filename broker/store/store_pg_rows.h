// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_rows.h - rows that several questions read
 */
#ifndef BROKER_STORE_STORE_PG_ROWS_H
#define BROKER_STORE_STORE_PG_ROWS_H

#include "broker/store/store_pg.h"

/* Columns of a source, in the order that pg_source_read() wants. */
#define PG_SOURCE_COLUMNS                                                              \
    "s.id, s.client, s.person, s.key, s.name, s.epoch, s.sequence,"                    \
    " s.coverage_start, s.coverage_end, s.as_of, s.lease_seconds, s.ranges,"           \
    " s.notice_minutes, s.daily_cap, s.tacit"

MUST_CHECK enum status pg_source_read(const PGresult *result, int row,
                                      struct arena *arena, struct store_source *ret);

/* Columns: person, meeting, start, end, place.  The text is the result's. */
void pg_claim_read(const PGresult *result, int row, struct store_claim *ret);

/* Columns: id, version.  All rows. */
MUST_CHECK enum status pg_people_read(const PGresult *result, struct arena *arena,
                                      struct store_person **ret, size_t *ret_count);

#endif
