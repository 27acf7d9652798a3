// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_divergence.h - what the other files of the store ask about divergences
 */
#ifndef BROKER_STORE_STORE_PG_DIVERGENCE_H
#define BROKER_STORE_STORE_PG_DIVERGENCE_H

#include "broker/store/store_pg.h"

extern const struct pg_statement *const pg_divergence_load_statements[];
extern const struct pg_statement *const pg_divergence_write_statements[];
extern const struct pg_statement *const pg_divergence_publish_statements[];

/* ---- a batch: load -----------------------------------------------------------------
 */

void pg_divergence_ask(struct pg_link *link, const struct store_wants *wants);

/* True when @statement was one of ours: *ret_status says how it went. */
bool pg_divergence_take(const struct pg_statement *statement, const PGresult *result,
                        struct arena *arena, struct store_loaded *loaded,
                        enum status *ret_status);

/* ---- a batch: write ----------------------------------------------------------------
 */

void pg_divergence_write(struct pg_link *link, const struct store_changes *changes);

/* ---- a publication -----------------------------------------------------------------
 */

/* The claims of the people published for, once they are locked. */
struct pg_claimed {
    int64_t person;
    struct store_id meeting;
    int32_t start;
    int32_t end;
};

void pg_divergence_ask_claims(struct pg_link *link,
                              const struct store_publication *publications,
                              size_t count);
bool pg_divergence_take_claims(const struct pg_statement *statement,
                               const PGresult *result, struct arena *arena,
                               struct pg_claimed **ret_claims, size_t *ret_count,
                               enum status *ret_status);

/* The meetings whose claims lie under what is published want to be looked at.  False:
 * there are none, and nothing was sent. */
bool pg_divergence_note(struct pg_link *link,
                        const struct store_publication *publications, size_t count,
                        const struct pg_claimed *claims, size_t claim_count);

#endif
