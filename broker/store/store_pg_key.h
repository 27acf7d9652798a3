// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_key.h - whether the key file is the one that the database was sealed with
 *
 * With another one nothing that is kept could be read, and a patient who is known would be
 * taken for somebody new: one human would be two.
 */
#ifndef BROKER_STORE_STORE_PG_KEY_H
#define BROKER_STORE_STORE_PG_KEY_H

#include "broker/seal.h"
#include "broker/status.h"

#include <libpq-fe.h>

#define PG_KEY_OF_ANOTHER "seal.key is not the one that this database was sealed with"

/* STATUS_DAMAGED: something is sealed, and none of what was looked at can be opened. */
MUST_CHECK enum status pg_check_key(PGconn *connection, struct seal *seal);

#endif
