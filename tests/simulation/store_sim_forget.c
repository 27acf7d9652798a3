// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_forget.c - what nobody needs any more is forgotten, a little at a time
 */
#include "tests/simulation/store_sim_rows.h"

#include "proto/limits.h"

#include <stdlib.h>

enum { DAY_S = 86400, SECOND_MS = 1000, RECEIVED_S = 3600, UNREAD_TIMES = 10 };

struct purge_job {
    struct sim_job job;
    store_purged_fn done;
    struct store_retention keep;
    size_t limit;
    size_t rows;
};

/* ---- requests ----------------------------------------------------------------------
 */

static bool is_received(const struct sim_client *client, const struct sim_command *row)
{
    return row->row.key.epoch == client->replies_epoch &&
           row->row.key.counter <= client->replies_received;
}

static void forget_commands(struct purge_job *purge, const struct sim_db *db,
                            struct sim_client *client)
{
    bool early = db->mistake == SIM_PURGES_COMMANDS;
    int64_t keep_ms = purge->keep.command_s * SECOND_MS;
    int64_t received_ms =
        (int64_t)SECOND_MS *
        (purge->keep.command_s < RECEIVED_S ? purge->keep.command_s : RECEIVED_S);
    size_t cursor = 0;
    size_t rows = 0;
    struct sim_command *row;
    while (rows < purge->limit &&
           (row = map_next(&client->commands, &cursor)) != NULL) {
        int64_t age_ms = db->now_ms - row->at_ms;
        if (age_ms > keep_ms || (age_ms > received_ms && is_received(client, row)) ||
            early) {
            map_remove(&client->commands, sim_command_hash(&row->row.key));
            free(row);
            rows++;
        }
    }
    purge->rows += rows;
}

/* ---- events ------------------------------------------------------------------------
 */

/* Acknowledged ones after a while; others when their client has been gone for much
 * longer.  They are as old as their numbers are small. */
static void forget_events(struct purge_job *purge, const struct sim_db *db,
                          struct sim_client *client)
{
    int64_t keep_ms = purge->keep.outbox_s * SECOND_MS;
    for (size_t rows = 0; rows < purge->limit; rows++) {
        uint64_t next = client->forgotten_seq;
        if (next == client->last_seq) {
            return;
        }
        int64_t age_ms = db->now_ms - client->outbox[next].at_ms;
        bool acked = next < client->acked_seq || db->mistake == SIM_PURGES_UNREAD;
        if (age_ms <= keep_ms * (acked ? 1 : UNREAD_TIMES)) {
            return;
        }
        client->forgotten_seq = next + 1;
        purge->rows++;
        if (db->driver.forgotten != NULL) {
            db->driver.forgotten(db->driver.context, client->row.id, next + 1, age_ms);
        }
    }
}

/* ---- the feed, and what searches were given ----------------------------------------
 */

/* The last row of each origin stays: the next one is numbered behind it. */
static void forget_feed(struct purge_job *purge, const struct sim_db *db,
                        struct sim_feed *feed)
{
    int64_t before_ms = db->now_ms - purge->keep.feed_s * SECOND_MS;
    while (feed->forgotten + 1 < feed->count &&
           feed->at_ms[feed->forgotten] < before_ms) {
        feed->forgotten++;
        purge->rows++;
    }
}

static void forget_evidence(const struct purge_job *purge, const struct sim_db *db)
{
    int64_t before_ms = db->now_ms - purge->keep.evidence_s * SECOND_MS;
    for (size_t i = 0; i < db->meeting_count; i++) {
        struct sim_meeting *row = db->meetings[i];
        for (size_t j = row->evidence_gone; j < row->decision_count; j++) {
            if (row->decisions[j].at_ms >= before_ms) {
                break;
            }
            row->decisions[j].evidence = (struct entente_bytes){NULL, 0};
            row->evidence_gone = j + 1;
        }
    }
}

/* ---- the job -----------------------------------------------------------------------
 */

/* Only the broker that sees to what is due does it. */
static enum status purge_work(struct sim_job *job, struct sim_txn **txn, bool *ret_last)
{
    struct purge_job *purge = (struct purge_job *)job;
    struct sim_db *db = job->store->db;
    (void)txn;
    *ret_last = true;
    if (db->lease_broker != job->store->broker || db->lease_until_ms < db->steady_ms) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < db->client_count; i++) {
        forget_commands(purge, db, db->clients[i]);
        forget_events(purge, db, db->clients[i]);
    }
    for (struct sim_feed *feed = db->feeds; feed != NULL; feed = feed->next) {
        forget_feed(purge, db, feed);
    }
    forget_evidence(purge, db);
    return STATUS_OK;
}

static void purge_finish(struct sim_job *job, enum status status)
{
    struct purge_job *purge = (struct purge_job *)job;
    purge->done(job->context, status, purge->rows);
    free(purge);
}

static int64_t first_of(int64_t asked, int64_t kept, int64_t otherwise)
{
    return asked > 0 ? asked : kept > 0 ? kept : otherwise;
}

void store_purge(struct store *store, const struct store_retention *retention,
                 size_t limit, store_purged_fn done, void *context)
{
    static const struct store_retention none;
    const struct store_retention *asked = retention == NULL ? &none : retention;
    const struct store_retention *kept = &store->db->retention;
    struct purge_job *purge =
        sim_ask(sizeof(*purge), store, SIM_FOLLOWER, NULL, context);
    purge->keep = (struct store_retention){
        .command_s = first_of(asked->command_s, kept->command_s,
                              (int64_t)LIMIT_KEEP_COMMANDS_DAYS * DAY_S),
        .outbox_s = first_of(asked->outbox_s, kept->outbox_s,
                             (int64_t)LIMIT_KEEP_EVENTS_DAYS * DAY_S),
        .feed_s = first_of(asked->feed_s, kept->feed_s,
                           (int64_t)LIMIT_KEEP_FEED_MINUTES * 60),
        .evidence_s = first_of(asked->evidence_s, kept->evidence_s,
                               (int64_t)LIMIT_KEEP_EVIDENCE_DAYS * DAY_S)};
    purge->limit = limit;
    purge->job.work = purge_work;
    purge->job.finish = purge_finish;
    purge->done = done;
}

void sim_db_keep(struct sim_db *db, const struct store_retention *retention)
{
    db->retention = *retention;
}
