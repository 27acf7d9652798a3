// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_transition.h - the negotiation's table in the database
 *
 * The rows come from broker/negotiation.c and from nowhere else.  The trigger meeting_walks
 * (migration 0006) refuses every change of a meeting that they do not have.
 */
#ifndef BROKER_STORE_STORE_PG_TRANSITION_H
#define BROKER_STORE_STORE_PG_TRANSITION_H

#include "broker/store/store_pg_sync.h"

#include <stdbool.h>

/* Are the rows of the database those of this program? */
MUST_CHECK enum status pg_transition_match(PGconn *connection, bool *ret_match);

/* Put this program's rows in place of those of the database, in one transaction. */
MUST_CHECK enum status pg_transition_fill(PGconn *connection);

#endif
