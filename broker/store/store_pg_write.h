// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_write.h - the second half of a batch: its statements, in several files
 */
#ifndef BROKER_STORE_STORE_PG_WRITE_H
#define BROKER_STORE_STORE_PG_WRITE_H

#include "broker/store/store_pg.h"

extern const struct pg_statement *const pg_write_meeting_statements[];
extern const struct pg_statement *const pg_write_due_statements[];
extern const struct pg_statement *const pg_write_trace_statements[];
extern const struct pg_statement *const pg_publish_feed_statements[];
extern const struct pg_statement *const pg_write_decision_statements[];

extern const struct pg_statement pg_heard_put; /* these clients, now */

/* Each sends what @changes need, in the order that everybody uses. */
MUST_CHECK enum status pg_write_meetings(struct store *store, struct pg_link *link,
                                         const struct store_changes *changes);
void pg_write_outbox(struct pg_link *link, const struct store_changes *changes);
void pg_write_dues(struct pg_link *link, const struct store_changes *changes);
void pg_write_waiting(struct pg_link *link, const struct store_changes *changes);
MUST_CHECK enum status pg_write_results(struct store *store, struct pg_link *link,
                                        const struct store_changes *changes);

/* Takes what recipients_raise answers; false: it is another statement's.  What does not
 * fit into memory is left out: those events are read. */
bool pg_write_issued(const struct pg_statement *statement, const PGresult *result,
                     struct arena *arena, struct store_written *written);

/* Whether @result has as many rows as the statement was to change; true for every other
 * statement. */
bool pg_write_meetings_hold(const struct store_changes *changes,
                            const struct pg_statement *statement,
                            const PGresult *result);

/* store_pg_decision.c */
MUST_CHECK enum status pg_write_decisions(struct store *store, struct pg_link *link,
                                          const struct store_changes *changes);

/* The next link of the chain; *ret_hash becomes store->audit_hash once committed. */
MUST_CHECK enum status pg_write_audit(struct store *store, struct pg_link *link,
                                      const struct store_changes *changes,
                                      uint8_t ret_hash[SEAL_HASH_SIZE]);

void pg_write_feed(struct store *store, struct pg_link *link,
                   const struct store_changes *changes);

/* The same for availability, by the publisher. */
void pg_publish_feed(struct store *store, struct pg_link *link,
                     const struct store_publication *publications, size_t count);

/* Of agendas that are believed no more, and of a hello; by the publisher too. */
void pg_lapse_feed(struct store *store, struct pg_link *link, const int64_t *people,
                   size_t count);
void pg_hello_feed(struct store *store, struct pg_link *link, int64_t client,
                   int64_t request_epoch);

#endif
