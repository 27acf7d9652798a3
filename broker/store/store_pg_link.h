// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_link.h - one connection to PostgreSQL that never blocks
 *
 * A link does jobs one after the other, in the order given.  A job is a sequence of
 * segments: statements that are sent together and answered together (libpq's pipeline
 * mode, one Sync each), after which the job decides on the next segment.
 *
 * Invariant   A job that fails leaves no transaction open: the link rolls back before
 *             the job's finish() is called.
 *
 * Ownership   The link owns its connection and its scratch arena, which is emptied
 *             before every job.  Jobs are freed by their own finish().
 *
 * Threads     One link, one thread.
 *
 * Logging     SQLSTATE and constraint, never the message, which quotes rows.
 */
#ifndef BROKER_STORE_STORE_PG_LINK_H
#define BROKER_STORE_STORE_PG_LINK_H

#include "broker/status.h"
#include "broker/store/store_pg_args.h"
#include "proto/arena.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prepared once per connection, under its name. */
struct pg_statement {
    const char *name;
    const char *sql;
};

extern const struct pg_statement pg_begin;
extern const struct pg_statement pg_commit;
extern const struct pg_statement pg_rollback;
extern const struct pg_statement pg_replan;

struct pg_link;

struct pg_job {
    struct pg_job *next;

    /* Send the statements of segment 0, 1, ...; to send none ends the job.  A status
     * other than STATUS_OK ends it too, after what was sent has been answered. */
    enum status (*send)(struct pg_job *job, struct pg_link *link, int segment);

    /* One successful result.  Not called for begin, commit and rollback, nor after a
     * failure in the same job.  May be NULL. */
    enum status (*result)(struct pg_job *job, const struct pg_statement *statement,
                          const PGresult *result);

    /* The end; frees the job. */
    void (*finish)(struct pg_job *job, enum status status);

    bool in_transaction; /* goes on in the transaction that an earlier job left open */
};

enum pg_link_state {
    PG_LINK_DOWN,       /* waits for the next attempt */
    PG_LINK_CONNECTING, /* libpq is shaking hands */
    PG_LINK_PREPARING,  /* session settings and statements */
    PG_LINK_UP,
};

enum { PG_LINK_SEGMENT = 64 };

struct pg_link {
    const char *name; /* for the log and application_name; constant */
    const char *conninfo;
    const struct pg_statement *const *const *statements; /* lists of lists, NULL ends */
    bool by_key;  /* plans look rows up by key, whatever the planner thinks */
    bool listens; /* to the other brokers' wake-up */
    bool woken;   /* somebody has notified since this was cleared */
    int limit_ms; /* how long one segment may take before the link is given up */

    PGconn *connection;
    enum pg_link_state state;
    PostgresPollingStatusType wants; /* while connecting */
    int64_t deadline_ms;             /* monotonic; 0: none */
    int64_t retry_ms;                /* monotonic: when to connect again */
    int backoff_ms;

    uint64_t jobs;        /* begun on this connection */
    uint64_t replan_jobs; /* how many of them until plans are made anew */

    struct pg_job *job; /* being done */
    struct pg_job *first;
    struct pg_job **last;
    int segment;
    const struct pg_statement *sent[PG_LINK_SEGMENT];
    int sent_count;
    int answered_count;
    bool in_flight;       /* a Sync has not been answered yet */
    bool flush;           /* libpq has bytes left to send */
    bool broken;          /* sending failed */
    bool committing;      /* from sending COMMIT to its answer */
    bool warned;          /* since then */
    bool rolling_back;    /* the job has failed and only its end is left */
    bool transaction;     /* open */
    enum status status;   /* of the job so far */
    struct arena scratch; /* for parameters */
};

void pg_link_init(struct pg_link *link, const char *name, const char *conninfo,
                  const struct pg_statement *const *const *statements, int limit_ms);

/* Every job that is left ends with STATUS_UNAVAILABLE or STATUS_UNKNOWN. */
void pg_link_finish(struct pg_link *link);

/* Do what can be done without waiting. */
void pg_link_step(struct pg_link *link);

/* False when there is nothing to poll. */
bool pg_link_descriptor(const struct pg_link *link, struct pollfd *ret);

bool pg_link_is_up(const struct pg_link *link);

/* Append a job.  It begins in a later step. */
void pg_link_ask(struct pg_link *link, struct pg_job *job);

/* From within a job's send(). */
void pg_link_send(struct pg_link *link, const struct pg_statement *statement,
                  const struct pg_args *args);
void pg_link_send_plain(struct pg_link *link, const struct pg_statement *statement);

/* What has been sent so far may begin while the rest is being put together. */
void pg_link_push(struct pg_link *link);

/* What an error means; @table is the table whose constraint was violated, or NULL. */
enum status pg_link_classify(const char *sqlstate, const char *table);

/* Milliseconds that only ever rise. */
int64_t pg_link_clock_ms(void);

#endif
