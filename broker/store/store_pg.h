// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg.h - the store in PostgreSQL, as its own files see it
 *
 * Ownership   A store owns its four links.  A question becomes a job (store_pg_link.h)
 *             that begins with a struct pg_ask.
 */
#ifndef BROKER_STORE_STORE_PG_H
#define BROKER_STORE_STORE_PG_H

#include "broker/store/store_brokers.h"
#include "broker/store/store_pg_link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The database's clock, as an SQL expression. */
#ifdef ENTENTE_TEST_BUILD
#define PG_NOW                                                                         \
    "(clock_timestamp() + coalesce((SELECT shift FROM test_clock), interval '0'))"
#else
#define PG_NOW "clock_timestamp()"
#endif

/* Of the advisory locks on the numbers of brokers. */
#define PG_NUMBER_LOCK "1164866661"

/* By which epochs rise when a generation begins: more than are ever granted in between. */
#define PG_EPOCH_LEAP 1000000

struct store {
    struct seal *seal;
    int64_t broker;
    char *conninfo;
    struct pg_link writers[STORE_WRITERS];
    struct pg_link publisher;
    struct pg_link reader;
    struct pg_link follower;

    /* Among other brokers. */
    bool guarded;
    enum store_standing standing;
    bool checking;
    int64_t next_check_ms;
    struct store_beginning known;
    int64_t audit_acknowledged; /* the last link of the chain that was committed */

    /* The last link of this broker's chain, as far as it is known. */
    bool audit_known;
    int64_t audit_seq;
    uint8_t audit_hash[SEAL_HASH_SIZE];

    /* Monotonic: until then a batch that we believe lost may still commit. */
    int64_t doubt_until_ms;
};

/* What every question has. */
struct pg_ask {
    struct pg_job job;
    struct store *store;
    struct arena *arena;
    void *context;
};

/* A zeroed job of @size bytes that begins with a struct pg_ask.  Without an arena what
 * it answers lives in the link's.  Cannot fail: a broker without memory stops rather
 * than forget a question. */
void *pg_ask_create(size_t size, struct store *store, struct pg_link *link,
                    struct arena *arena, void *context);

/* NULL-terminated: what each link prepares. */
extern const struct pg_statement *const pg_load_statements[];
extern const struct pg_statement *const pg_refresh_statements[];
extern const struct pg_statement *const pg_write_statements[];
extern const struct pg_statement *const pg_publish_statements[];
extern const struct pg_statement *const pg_read_statements[];
extern const struct pg_statement *const pg_read_due_statements[];
extern const struct pg_statement *const pg_read_meetings_statements[];
extern const struct pg_statement *const pg_read_decision_statements[];
extern const struct pg_statement *const pg_follow_statements[];
extern const struct pg_statement *const pg_hello_statements[];
extern const struct pg_statement *const pg_heard_statements[];
extern const struct pg_statement *const pg_purge_statements[];

/* After each step of the links. */
void pg_follow_step(struct store *store);

#endif
