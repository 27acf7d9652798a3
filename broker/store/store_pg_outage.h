// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_outage.h - nobody loses a lease or a deadline because no broker was there
 */
#ifndef BROKER_STORE_STORE_PG_OUTAGE_H
#define BROKER_STORE_STORE_PG_OUTAGE_H

#include "broker/store/store_pg_sync.h"

#include <stdint.h>

/* In the open transaction: put off every lease, and every deadline of a meeting that
 * still waits for somebody, by @outage_ms; never past the start of the slot in
 * question. */
MUST_CHECK enum status pg_outage_extend(PGconn *connection, int64_t outage_ms,
                                        struct arena *arena);

/*
 * In the open transaction: find out for how long no broker was there, or none of them had
 * the database, and put everything off by that.  Brokers that start or come back together
 * wait for each other here: only the first one finds something to make up for, once it
 * has written down that it lives.  *ret_outage_ms is 0 when it was short.
 */
MUST_CHECK enum status pg_outage_make_up(PGconn *connection, struct arena *arena,
                                         int64_t *ret_outage_ms, int64_t *ret_now_ms);

/* The same on a connection of its own, for broker @number that has the database back. */
MUST_CHECK enum status pg_outage_back(const char *conninfo, int64_t number,
                                      int64_t *ret_outage_ms);

#endif
