// SPDX-License-Identifier: Apache-2.0

/*
 * contract.h - what every store promises, PostgreSQL and the simulated one alike
 *
 * contract.c tells the stories: two connections to one database whose batches interleave.
 * contract_pg.c and contract_sim.c bring up the database.  The people are 1 .. 8, the
 * clients 101 (speaks for 1 to 3) and 102 (for 4 and 5).
 */
#ifndef TESTS_STORE_CONTRACT_H
#define TESTS_STORE_CONTRACT_H

#include "broker/store/store.h"

enum { CONTRACT_STORES = 2 };

/* A database, and two stores on it whose links are up. */
void contract_begin(struct store *stores[CONTRACT_STORES]);
void contract_end(struct store *stores[CONTRACT_STORES]);

/* Let both go on for a moment. */
void contract_turn(struct store *stores[CONTRACT_STORES]);

#endif
