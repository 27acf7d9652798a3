// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_purge.c - what nobody needs any more is forgotten, a little at a time
 *
 * Only the broker that sees to what is due does it, so that two do not lock the same
 * rows.  Every statement finds its rows by an index and is bounded: the clock is a
 * subquery, asked once, because what may change from row to row is asked of every row.
 */
#include "broker/store/store_pg.h"
#include "proto/limits.h"

#include <stdlib.h>

#define PURGE_IS_OURS                                                                  \
    " AND EXISTS (SELECT FROM lease WHERE task = 'due' AND broker = $3::int8"          \
    "               AND until > clock_timestamp())"
#define PURGE_NOW "(SELECT " PG_NOW ")"
#define PURGE_BEFORE "at < " PURGE_NOW " - $1::int8 * interval '1 s'"

/* A reply that has been received is not asked for again; an hour covers whatever is still
 * on its way.  Anything else is kept for as long as a client may be away. */
static const struct pg_statement purge_received = {
    "purge_received",
    "DELETE FROM command WHERE ctid = ANY (ARRAY("
    " SELECT d.ctid FROM command d JOIN client c ON c.id = d.client"
    "  WHERE d.at < " PURGE_NOW " - least($1::int8, 3600) * interval '1 s'"
    "    AND d.epoch = c.replies_epoch AND d.counter <= "
    "c.replies_received" PURGE_IS_OURS "  ORDER BY d.at LIMIT $2::int8))"};

static const struct pg_statement purge_commands = {
    "purge_commands", "DELETE FROM command WHERE ctid = ANY (ARRAY("
                      " SELECT ctid FROM command WHERE " PURGE_BEFORE PURGE_IS_OURS
                      "  ORDER BY at LIMIT $2::int8))"};

/* Acknowledged ones for a week at least: a client that is restored from its own backup
 * is sent them again.  What was never acknowledged for ten times as long belongs to
 * somebody who will be told everything afresh. */
static const struct pg_statement purge_outbox = {
    "purge_outbox",
    "WITH old AS MATERIALIZED ("
    " SELECT o.ctid AS place, o.recipient, o.seq"
    "   FROM outbox o JOIN recipient r ON r.client = o.recipient"
    "  WHERE o.at < " PURGE_NOW " - $1::int8 * interval '1 s'"
    "    AND (o.seq <= r.acked_seq"
    "         OR o.at < " PURGE_NOW " - 10 * $1::int8 * interval '1 s')" PURGE_IS_OURS
    "  ORDER BY o.at, o.seq LIMIT $2::int8),"
    " noted AS (UPDATE recipient r SET forgotten_seq = g.seq"
    "   FROM (SELECT recipient, max(seq) AS seq FROM old GROUP BY recipient) g"
    "  WHERE r.client = g.recipient AND g.seq > r.acked_seq"
    "    AND g.seq > r.forgotten_seq)"
    "DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT place FROM old))"};

/* The last row of each origin stays: the next one is numbered behind it. */
static const struct pg_statement purge_feed = {
    "purge_feed",
    "DELETE FROM feed WHERE ctid = ANY (ARRAY("
    " SELECT ctid FROM feed WHERE " PURGE_BEFORE PURGE_IS_OURS
    "    AND seq < (SELECT max(l.seq) FROM feed l WHERE l.origin = feed.origin)"
    "  ORDER BY at LIMIT $2::int8))"};

/* The same for the chain: what is left begins with a link whose `prev` is the hash of the
 * last one that was forgotten. */
static const struct pg_statement purge_audit = {
    "purge_audit",
    "DELETE FROM audit WHERE ctid = ANY (ARRAY("
    " SELECT ctid FROM audit WHERE " PURGE_BEFORE PURGE_IS_OURS
    "    AND seq < (SELECT max(l.seq) FROM audit l WHERE l.broker = audit.broker)"
    "  ORDER BY at LIMIT $2::int8))"};

/* Whoever doubts a decision does so soon; what was free then is nobody's business later. */
static const struct pg_statement purge_evidence = {
    "purge_evidence", "UPDATE decision SET evidence = NULL WHERE ctid = ANY (ARRAY("
                      " SELECT ctid FROM decision WHERE " PURGE_BEFORE PURGE_IS_OURS
                      "    AND evidence IS NOT NULL ORDER BY at LIMIT $2::int8))"};

static const struct pg_statement purge_decisions = {
    "purge_decisions", "DELETE FROM decision WHERE ctid = ANY (ARRAY("
                       " SELECT ctid FROM decision WHERE " PURGE_BEFORE PURGE_IS_OURS
                       "  ORDER BY at LIMIT $2::int8))"};

const struct pg_statement *const pg_purge_statements[] = {
    &purge_received, &purge_commands, &purge_outbox,    &purge_feed,
    &purge_audit,    &purge_evidence, &purge_decisions, NULL};

struct purge_ask {
    struct pg_ask ask;
    struct store_retention retention;
    size_t limit;
    store_purged_fn done;
    size_t rows;
};

static void send_purge(struct purge_ask *ask, struct pg_link *link,
                       const struct pg_statement *statement, int64_t seconds,
                       int64_t otherwise)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, seconds > 0 ? seconds : otherwise);
    pg_args_int8(&args, (int64_t)ask->limit);
    pg_args_int8(&args, ask->ask.store->broker);
    pg_link_send(link, statement, &args);
}

/* Each in a transaction of its own: none holds its locks while the next one looks. */
static enum status purge_send(struct pg_job *job, struct pg_link *link, int segment)
{
    enum { DAY_S = 86400 };
    struct purge_ask *ask = (struct purge_ask *)job;
    const struct store_retention *keep = &ask->retention;
    if (segment == 0) {
        send_purge(ask, link, &purge_received, keep->command_s,
                   (int64_t)LIMIT_KEEP_COMMANDS_DAYS * DAY_S);
    } else if (segment == 1) {
        send_purge(ask, link, &purge_commands, keep->command_s,
                   (int64_t)LIMIT_KEEP_COMMANDS_DAYS * DAY_S);
    } else if (segment == 2) {
        send_purge(ask, link, &purge_outbox, keep->outbox_s,
                   (int64_t)LIMIT_KEEP_EVENTS_DAYS * DAY_S);
    } else if (segment == 3) {
        send_purge(ask, link, &purge_feed, keep->feed_s,
                   (int64_t)LIMIT_KEEP_FEED_MINUTES * 60);
    } else if (segment == 4) {
        send_purge(ask, link, &purge_audit, keep->audit_s,
                   (int64_t)LIMIT_KEEP_AUDIT_DAYS * DAY_S);
    } else if (segment == 5) {
        send_purge(ask, link, &purge_evidence, keep->evidence_s,
                   (int64_t)LIMIT_KEEP_EVIDENCE_DAYS * DAY_S);
    } else if (segment == 6) {
        send_purge(ask, link, &purge_decisions, keep->audit_s,
                   (int64_t)LIMIT_KEEP_AUDIT_DAYS * DAY_S);
    }
    return STATUS_OK;
}

static enum status purge_result(struct pg_job *job,
                                const struct pg_statement *statement,
                                const PGresult *result)
{
    (void)statement;
    ((struct purge_ask *)job)->rows +=
        strtoul(PQcmdTuples((PGresult *)result), NULL, 10);
    return STATUS_OK;
}

static void purge_finish(struct pg_job *job, enum status status)
{
    struct purge_ask *ask = (struct purge_ask *)job;
    ask->done(ask->ask.context, status, ask->rows);
    free(ask);
}

void store_purge(struct store *store, const struct store_retention *retention,
                 size_t limit, store_purged_fn done, void *context)
{
    struct purge_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = purge_send, .result = purge_result, .finish = purge_finish};
    if (retention != NULL) {
        ask->retention = *retention;
    }
    ask->limit = limit;
    ask->done = done;
    pg_link_ask(&store->follower, &ask->ask.job);
}
