// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_read_due.c - what is due, and the figures of the status report
 */
#include "broker/store/store_pg.h"

#include "broker/due.h"

#include <assert.h>
#include <stdlib.h>

static const struct pg_statement read_now = {"read_now", "SELECT " PG_NOW};

/* One broker at a time does what is due.  The lease runs by the clock that tests cannot
 * move; as long as enough of it is left nothing is written. */
static const struct pg_statement due_lease = {
    "due_lease",
    "UPDATE lease SET broker = $1::int8,"
    "       until = clock_timestamp() + $2::int4 * interval '1 s'"
    " WHERE task = 'due' AND (until < clock_timestamp() OR (broker = $1::int8"
    "   AND until < clock_timestamp() + $3::int4 * interval '1 s'))"};

static const struct pg_statement read_due = {
    "read_due",
    "SELECT d.meeting, d.reason, d.at"
    "  FROM (SELECT * FROM due WHERE at <= (SELECT " PG_NOW ")"
    "           AND EXISTS (SELECT FROM lease WHERE task = 'due'"
    "                          AND broker = $2::int8 AND until > clock_timestamp())"
    "         ORDER BY at LIMIT 4096) AS d"
    "  LEFT JOIN LATERAL (SELECT priority, since FROM waiting WHERE d.reason = 1"
    "                        AND waiting.meeting = d.meeting LIMIT 1) AS w ON true"
    " ORDER BY d.reason = 1, w.priority DESC NULLS LAST, w.since, d.at, d.meeting"
    " LIMIT $1::int8"};

/* $1 is a client, or 0 for everything. */
static const struct pg_statement read_meeting_figures = {
    "read_meeting_figures",
    "SELECT count(*), count(*) FILTER (WHERE held IS NOT NULL"
    "                                    AND hold_until < (SELECT " PG_NOW "))"
    "  FROM meeting WHERE state <= 5 AND ($1::int8 = 0 OR organizer = $1::int8)"};

static const struct pg_statement read_outbox_figures = {
    "read_outbox_figures",
    "SELECT coalesce(sum(r.last_seq - r.acked_seq), 0)::int8, min(o.at)"
    "  FROM recipient r"
    "  LEFT JOIN outbox o ON o.recipient = r.client AND o.seq = r.acked_seq + 1"
    " WHERE r.last_seq > r.acked_seq AND ($1::int8 = 0 OR r.client = $1::int8)"};

/* That an agenda diverges is not the organizer's to know. */
static_assert(DUE_DIVERGENCE == 10 && DUE_GRACE_END == 11,
              "stand as numbers in the statement");
static const struct pg_statement read_due_figures = {
    "read_due_figures",
    "SELECT count(*), min(d.at) FROM due d"
    " WHERE d.at <= (SELECT " PG_NOW ") AND ($1::int8 = 0"
    "    OR (d.reason NOT IN (10, 11) AND EXISTS (SELECT FROM meeting m"
    "          WHERE m.id = d.meeting AND m.organizer = $1::int8)))"};

/* Reports on a version that is no longer current have been dealt with. */
static const struct pg_statement read_result_figures = {
    "read_result_figures",
    "SELECT count(*) FROM result r JOIN meeting m ON m.id = r.meeting"
    " WHERE r.kind = 2 AND m.state <= 5 AND r.version = m.version"
    "   AND ($1::int8 = 0 OR m.organizer = $1::int8 OR r.client = $1::int8)"};

static const struct pg_statement read_divergence_figures = {
    "read_divergence_figures",
    "SELECT (SELECT count(*) FROM divergence d JOIN meeting m ON m.id = d.meeting"
    "         WHERE m.state <= 5 AND ($1::int8 = 0 OR d.client = $1::int8)),"
    "       (SELECT count(*) FROM breaker WHERE tripped IS NOT NULL"
    "           AND ($1::int8 = 0 OR client = $1::int8))"};

const struct pg_statement *const pg_read_due_statements[] = {&read_now,
                                                             &due_lease,
                                                             &read_due,
                                                             &read_meeting_figures,
                                                             &read_outbox_figures,
                                                             &read_due_figures,
                                                             &read_result_figures,
                                                             &read_divergence_figures,
                                                             NULL};

/* ---- due ---------------------------------------------------------------------------
 */

struct due_ask {
    struct pg_ask ask;
    size_t limit;
    store_due_fn done;
    int64_t now_ms;
    struct store_due *dues;
    size_t count;
};

static enum status due_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct due_ask *ask = (struct due_ask *)job;
    if (segment == 0) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        pg_args_int8(&args, ask->ask.store->broker);
        pg_args_int4(&args, STORE_LEASE_S);
        pg_args_int4(&args, STORE_LEASE_RENEW_S);
        pg_link_send(link, &due_lease, &args);
        pg_args_init(&args, &link->scratch);
        pg_args_int8(&args, (int64_t)ask->limit);
        pg_args_int8(&args, ask->ask.store->broker);
        pg_link_send(link, &read_due, &args);
        pg_link_send_plain(link, &read_now);
    }
    return STATUS_OK;
}

static enum status due_result(struct pg_job *job, const struct pg_statement *statement,
                              const PGresult *result)
{
    struct due_ask *ask = (struct due_ask *)job;
    if (statement == &read_now) {
        ask->now_ms = pg_time_ms(result, 0, 0);
        return STATUS_OK;
    }
    if (statement == &due_lease) {
        return STATUS_OK;
    }
    size_t count = (size_t)PQntuples(result);
    ask->dues = arena_array(ask->ask.arena, count, sizeof(*ask->dues));
    if (ask->dues == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        pg_uuid(result, (int)i, 0, ask->dues[i].meeting.bytes);
        ask->dues[i].reason = (uint32_t)pg_int2(result, (int)i, 1);
        ask->dues[i].at_ms = pg_time_ms(result, (int)i, 2);
    }
    ask->count = count;
    return STATUS_OK;
}

static void due_finish(struct pg_job *job, enum status status)
{
    struct due_ask *ask = (struct due_ask *)job;
    bool ok = status == STATUS_OK;
    ask->done(ask->ask.context, status, ok ? ask->now_ms : 0, ok ? ask->dues : NULL,
              ok ? ask->count : 0);
    free(ask);
}

void store_read_due(struct store *store, size_t limit, store_due_fn done, void *context)
{
    struct due_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, NULL, context);
    ask->ask.job =
        (struct pg_job){.send = due_send, .result = due_result, .finish = due_finish};
    ask->limit = limit;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}

/* ---- figures -----------------------------------------------------------------------
 */

struct figures_ask {
    struct pg_ask ask;
    int64_t client;
    store_figures_fn done;
    struct store_figures figures;
};

static enum status figures_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct figures_ask *ask = (struct figures_ask *)job;
    if (segment == 0) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        pg_args_int8(&args, ask->client);
        pg_link_send_plain(link, &read_now);
        pg_link_send(link, &read_meeting_figures, &args);
        pg_link_send(link, &read_outbox_figures, &args);
        pg_link_send(link, &read_due_figures, &args);
        pg_link_send(link, &read_result_figures, &args);
        pg_link_send(link, &read_divergence_figures, &args);
    }
    return STATUS_OK;
}

/* Since the time in the column; 0 when there is none or it is to come. */
static int64_t age(const PGresult *result, int column, int64_t now_ms)
{
    int64_t since_ms = pg_time_ms(result, 0, column);
    return since_ms == 0 || since_ms > now_ms ? 0 : now_ms - since_ms;
}

static enum status figures_result(struct pg_job *job,
                                  const struct pg_statement *statement,
                                  const PGresult *result)
{
    struct figures_ask *ask = (struct figures_ask *)job;
    struct store_figures *figures = &ask->figures;
    if (statement == &read_now) {
        figures->now_ms = pg_time_ms(result, 0, 0);
    } else if (statement == &read_meeting_figures) {
        figures->meetings_open = (uint64_t)pg_int8(result, 0, 0);
        figures->overdue_holds = (uint64_t)pg_int8(result, 0, 1);
    } else if (statement == &read_outbox_figures) {
        figures->undelivered_events = (uint64_t)pg_int8(result, 0, 0);
        figures->oldest_event_ms = age(result, 1, figures->now_ms);
    } else if (statement == &read_due_figures) {
        figures->due_length = (uint64_t)pg_int8(result, 0, 0);
        figures->oldest_due_ms = age(result, 1, figures->now_ms);
    } else if (statement == &read_divergence_figures) {
        figures->divergences = (uint64_t)pg_int8(result, 0, 0);
        figures->breakers = (uint64_t)pg_int8(result, 0, 1);
    } else {
        figures->refused_results = (uint64_t)pg_int8(result, 0, 0);
    }
    return STATUS_OK;
}

static void figures_finish(struct pg_job *job, enum status status)
{
    struct figures_ask *ask = (struct figures_ask *)job;
    ask->done(ask->ask.context, status, status == STATUS_OK ? &ask->figures : NULL);
    free(ask);
}

void store_read_figures(struct store *store, int64_t client, store_figures_fn done,
                        void *context)
{
    struct figures_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = figures_send, .result = figures_result, .finish = figures_finish};
    ask->client = client;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}
