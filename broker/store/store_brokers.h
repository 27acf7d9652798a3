// SPDX-License-Identifier: Apache-2.0

/*
 * store_brokers.h - the part of store.h by which several brokers share one database, what
 *                   is no longer needed is forgotten, and a restored database is noticed
 *
 * Feed        Every broker writes what it has changed, in transactions that become visible
 *             in the order of their numbers, one row of numbers (an origin) for each of
 *             its two writing connections.  The store remembers how far each origin has
 *             been followed.
 *
 * Number      A broker holds its number by a lock of a connection that lives as long as
 *             it does, and its row says which start of it that was.
 */
#ifndef BROKER_STORE_STORE_BROKERS_H
#define BROKER_STORE_STORE_BROKERS_H

#include "broker/store/store.h"

enum {
    STORE_ORIGINS = 512,      /* two for each broker that there has ever been */
    STORE_FOLLOW_PAGE = 1000, /* rows of one origin at once */
    STORE_NUMBER_WAIT_S = 10, /* for who held the number to be gone */
    STORE_LEASE_S = 4,        /* after that another broker does what is due */
    STORE_LEASE_RENEW_S = 2,  /* left of it when it is renewed */
};

struct store_cursor {
    int64_t origin;
    int64_t seq;
};

/* Where a broker begins. */
struct store_beginning {
    int64_t incarnation;
    int32_t generation;
    int64_t alive_ms;
    bool home_known; /* PostgreSQL tells where the database is found */
    struct store_cursor cursors[STORE_ORIGINS];
    size_t cursor_count;
};

/* ---- is this still our place? ------------------------------------------------------
 */

enum store_standing {
    STORE_UNSURE,   /* not connected, or not looked yet */
    STORE_SURE,     /* the number is ours, and the database is the one we know */
    STORE_REPLACED, /* another broker has our number: this one must end */
    STORE_OLDER,    /* the database lacks what it had acknowledged: this one must end */
};

enum store_standing store_standing(const struct store *store);

/* ---- following ---------------------------------------------------------------------
 */

enum store_change_kind {
    STORE_AVAILABILITY = 1,
    STORE_CLAIMS = 2,
    STORE_MEETING = 3, /* written no more: nobody follows meetings */
    STORE_RECIPIENT = 4,
    STORE_HELLO = 5,
};

struct store_change {
    enum store_change_kind kind;
    int64_t person;  /* of availability and claims */
    int64_t client;  /* of a recipient and a hello */
    int64_t version; /* the person's; of a hello the request epoch */
};

struct store_followed {
    const struct store_change *changes; /* of the other brokers, since the last call */
    size_t count;
    bool more;          /* ask again at once */
    bool gap;           /* some were forgotten before they were read: anything may have
                           changed */
    size_t others;      /* brokers that live beside this one */
    int32_t generation; /* of the database */
};

typedef void (*store_followed_fn)(void *context, enum status status,
                                  const struct store_followed *followed);

void store_follow(struct store *store, struct arena *arena, store_followed_fn done,
                  void *context);

/* As store_batch_refresh(), but of what is committed, in no transaction.  What it shows
 * is at least as new as the version it names. */
void store_refresh(struct store *store, const int64_t *people, size_t count,
                   struct arena *arena, store_refreshed_fn done, void *context);

typedef void (*store_versions_fn)(void *context, enum status status,
                                  const struct store_person *people, size_t count);

/* Everybody's version, by rising id, at most @limit behind @after. */
void store_read_versions(struct store *store, int64_t after, size_t limit,
                         struct arena *arena, store_versions_fn done, void *context);

/* Tell the other brokers that there is something to follow, and whether one of them has
 * told us since the last call. */
void store_wake(struct store *store);
bool store_woken(struct store *store);

/* ---- forgetting --------------------------------------------------------------------
 */

/* How long what is kept; seconds.  Zeros: the defaults of limits.h. */
struct store_retention {
    int64_t command_s; /* replies received: an hour is enough; others: this */
    int64_t outbox_s;  /* acknowledged events, and those of a client that is gone */
    int64_t feed_s;
    int64_t audit_s;    /* the steps of negotiations, too */
    int64_t evidence_s; /* what the searches behind these steps were given */
};

typedef void (*store_purged_fn)(void *context, enum status status, size_t rows);

/* Forget at most @limit rows of each kind that nobody needs any more; only while this
 * broker sees to what is due (0 rows otherwise). */
void store_purge(struct store *store, const struct store_retention *retention,
                 size_t limit, store_purged_fn done, void *context);

/* ---- a database older than what is known of it: blocking ---------------------------
 */

/*
 * Begin the generation after @known: every epoch and every meeting's version rises far
 * above what can have been issued before, so that no number is used twice.  Somebody else
 * has begun it already: nothing happens.  *ret_generation is the one in force.
 */
MUST_CHECK enum status store_begin_generation(const struct store_settings *settings,
                                              int32_t known, const char *because,
                                              int32_t *ret_generation);

/* The same with the database that @store is connected to. */
MUST_CHECK enum status store_renew_generation(struct store *store, int32_t known,
                                              const char *because,
                                              int32_t *ret_generation);

struct store_ahead {
    const char *client;
    int64_t events; /* that it has and the database has not */
    bool requests;  /* it worked in an epoch that the database had not granted */
    const char *at; /* when it said so */
};

struct store_generation {
    int32_t number;
    const char *begun;
    const char *because;
    const struct store_ahead *ahead;
    size_t ahead_count;
    const char *const *silent; /* clients that have not said hello since it began */
    size_t silent_count;
};

typedef void (*store_generation_fn)(void *context, const struct store_generation *row);

/* What is known of the generation in force. */
MUST_CHECK enum status store_show_generation(const char *conninfo,
                                             store_generation_fn visit, void *context);

#endif
