// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_connect.h - how a link comes up: connection, session settings, statements
 */
#ifndef BROKER_STORE_STORE_PG_CONNECT_H
#define BROKER_STORE_STORE_PG_CONNECT_H

#include "broker/store/store_pg_link.h"

/* What makes the plans of a link by_key. */
extern const struct pg_statement pg_plans_by_key;

/* Begin to connect.  False when libpq has no memory. */
bool pg_connect_start(struct pg_link *link);

/* Go on as far as the socket allows; sets link->wants, or link->broken. */
void pg_connect_poll(struct pg_link *link);

/* Send the session settings and prepare every statement of the link, as one segment.
 * False when the connection failed. */
bool pg_connect_prepare(struct pg_link *link);

#endif
