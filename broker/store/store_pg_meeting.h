// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_meeting.h - a meeting as the columns of its row, and back
 */
#ifndef BROKER_STORE_STORE_PG_MEETING_H
#define BROKER_STORE_STORE_PG_MEETING_H

#include "broker/store/store_pg.h"

/* The columns body and sealed.  STATUS_FAILED when the arena is used up. */
MUST_CHECK enum status pg_meeting_encode(struct store *store,
                                         const struct entente_meeting *meeting,
                                         struct arena *arena,
                                         struct entente_bytes *ret_body,
                                         struct entente_bytes *ret_sealed);

/* A row whose columns, from @column on, are id, body and sealed. */
MUST_CHECK enum status pg_meeting_read(struct store *store, const PGresult *result,
                                       int row, int column, struct arena *arena,
                                       struct entente_meeting **ret_meeting);

/* When the hold of @meeting ends by itself; 0: it has none. */
int64_t pg_meeting_hold_until(const struct entente_meeting *meeting);

#endif
