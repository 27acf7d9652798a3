// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_holds.h - the part of a batch's load that counts what clients hold
 */
#ifndef BROKER_STORE_STORE_PG_HOLDS_H
#define BROKER_STORE_STORE_PG_HOLDS_H

#include "broker/store/store_pg.h"

extern const struct pg_statement *const pg_holds_statements[];

/* Behind the locks. */
void pg_holds_ask(struct pg_link *link, const struct store_wants *wants);

/* True when @statement was ours: *ret_status says how it went. */
bool pg_holds_take(const struct pg_statement *statement, const PGresult *result,
                   struct arena *arena, struct store_loaded *loaded,
                   enum status *ret_status);

/* What is held together, as PostgreSQL writes an array of ranges; NULL for one slot. */
enum { PG_CANDIDATES_BYTES = 512 };
const char *pg_holds_candidates(const struct entente_kept *kept,
                                char text[PG_CANDIDATES_BYTES]);

#endif
