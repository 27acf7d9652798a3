// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_heard.c - that this broker lives, whom it has heard, and whose lease has run out
 */
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_write.h"

#include <stdlib.h>
#include <string.h>

/* Leases and deadlines are extended by the time in which no broker said this. */
static const struct pg_statement broker_lives = {
    "broker_lives", "INSERT INTO broker AS b (id, started, alive, incarnation)"
                    " VALUES ($1::int8, " PG_NOW ", " PG_NOW ", $2::int8)"
                    " ON CONFLICT (id) DO UPDATE SET alive = excluded.alive"
                    "  WHERE b.incarnation = $2::int8 RETURNING alive"};

/* A lease of no length has run out whenever its client was heard of.  What a person is
 * known by has changed: the other brokers follow. */
#define LAPSED                                                                         \
    "unnest($1::int8[], $2::int8[], $3::int8[]) AS t (id, epoch, sequence)"            \
    " WHERE s.id = t.id AND s.epoch = t.epoch AND s.sequence = t.sequence"             \
    "   AND s.lease_seconds <> 0"

static const struct pg_statement lapse_lock = {
    "lapse_lock", "SELECT p.id FROM person p WHERE p.id = ANY (ARRAY("
                  "  SELECT s.person FROM source s, " LAPSED "))"
                  " ORDER BY p.id FOR NO KEY UPDATE"};

static const struct pg_statement sources_lapse = {
    "sources_lapse", "UPDATE source s SET lease_seconds = 0 FROM " LAPSED};

static const struct pg_statement lapse_raise = {
    "lapse_raise", "UPDATE person SET version = version + 1"
                   " WHERE id = ANY ($1::int8[])"};

const struct pg_statement *const pg_heard_statements[] = {
    &broker_lives, &sources_lapse, &lapse_lock, &lapse_raise, NULL};

/* ---- heard -------------------------------------------------------------------------
 */

struct heard_ask {
    struct pg_ask ask;
    size_t count;
    int64_t ids[]; /* copied: nobody is called back */
};

static void send_ids(struct pg_link *link, const struct pg_statement *statement,
                     const int64_t *ids, size_t count)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array array = pg_array_begin(&args, PG_INT8, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&array, ids[i]);
    }
    pg_array_end(&array);
    pg_link_send(link, statement, &args);
}

static enum status heard_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct heard_ask *ask = (struct heard_ask *)job;
    if (segment > 0) {
        return STATUS_OK;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->ask.store->broker);
    pg_args_int8(&args, ask->ask.store->known.incarnation);
    pg_link_send(link, &broker_lives, &args);
    if (ask->count > 0) {
        send_ids(link, &pg_heard_put, ask->ids, ask->count);
    }
    return STATUS_OK;
}

static enum status heard_result(struct pg_job *job,
                                const struct pg_statement *statement,
                                const PGresult *result)
{
    struct heard_ask *ask = (struct heard_ask *)job;
    if (statement != &broker_lives) {
        return STATUS_OK;
    }
    if (PQntuples(result) == 0) {
        /* Somebody else lives under our number: who we are has to be asked again. */
        ask->ask.store->standing = STORE_UNSURE;
        return STATUS_OK;
    }
    ask->ask.store->known.alive_ms = pg_time_ms(result, 0, 0);
    return STATUS_OK;
}

static void heard_finish(struct pg_job *job, enum status status)
{
    /* The next heartbeat repeats it. */
    (void)status;
    free(job);
}

static struct heard_ask *tell(struct store *store, const int64_t *ids, size_t count)
{
    size_t size = count * sizeof(*ids);
    struct heard_ask *ask =
        pg_ask_create(sizeof(*ask) + size, store, &store->publisher, NULL, NULL);
    ask->count = count;
    if (count > 0) {
        memcpy(ask->ids, ids, size);
    }
    return ask;
}

void store_heard(struct store *store, const int64_t *clients, size_t count)
{
    struct heard_ask *ask = tell(store, clients, count);
    ask->ask.job = (struct pg_job){
        .send = heard_send, .result = heard_result, .finish = heard_finish};
    pg_link_ask(&store->publisher, &ask->ask.job);
}

/* ---- lapsed ------------------------------------------------------------------------
 */

struct lapse_ask {
    struct pg_ask ask;
    int64_t *people; /* whose agendas they are */
    size_t people_count;
    size_t count;
    struct store_lapse lapses[]; /* copied: nobody is called back */
};

static void send_lapses(struct lapse_ask *ask, struct pg_link *link,
                        const struct pg_statement *statement)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array sources = pg_array_begin(&args, PG_INT8, ask->count);
    struct pg_array epochs = pg_array_begin(&args, PG_INT8, ask->count);
    struct pg_array sequences = pg_array_begin(&args, PG_INT8, ask->count);
    for (size_t i = 0; i < ask->count; i++) {
        pg_array_int8(&sources, ask->lapses[i].source);
        pg_array_int8(&epochs, (int64_t)ask->lapses[i].epoch);
        pg_array_int8(&sequences, (int64_t)ask->lapses[i].sequence);
    }
    pg_array_end(&sources);
    pg_array_end(&epochs);
    pg_array_end(&sequences);
    pg_link_send(link, statement, &args);
}

static enum status lapse_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct lapse_ask *ask = (struct lapse_ask *)job;
    if (segment == 0) {
        pg_link_send_plain(link, &pg_begin);
        send_lapses(ask, link, &lapse_lock);
    } else if (segment == 1) {
        send_lapses(ask, link, &sources_lapse);
        send_ids(link, &lapse_raise, ask->people, ask->people_count);
        pg_lapse_feed(ask->ask.store, link, ask->people, ask->people_count);
    } else if (segment == 2) {
        pg_link_send_plain(link, &pg_commit);
    }
    return STATUS_OK;
}

static enum status lapse_result(struct pg_job *job,
                                const struct pg_statement *statement,
                                const PGresult *result)
{
    struct lapse_ask *ask = (struct lapse_ask *)job;
    if (statement != &lapse_lock) {
        return STATUS_OK;
    }
    size_t count = (size_t)PQntuples(result);
    ask->people =
        arena_array(&ask->ask.store->publisher.scratch, count, sizeof(int64_t));
    if (ask->people == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        ask->people[i] = pg_int8(result, (int)i, 0);
    }
    ask->people_count = count;
    return STATUS_OK;
}

void store_lapsed(struct store *store, const struct store_lapse *lapses, size_t count)
{
    size_t size = count * sizeof(*lapses);
    struct lapse_ask *ask =
        pg_ask_create(sizeof(*ask) + size, store, &store->publisher, NULL, NULL);
    ask->ask.job = (struct pg_job){
        .send = lapse_send, .result = lapse_result, .finish = heard_finish};
    ask->count = count;
    if (count > 0) {
        memcpy(ask->lapses, lapses, size);
    }
    pg_link_ask(&store->publisher, &ask->ask.job);
}
