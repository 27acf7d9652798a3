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

#endif
