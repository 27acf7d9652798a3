// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_due.c - what is due, and the figures of the status report
 */
#include "tests/simulation/store_sim_read.h"

#include "broker/due.h"

#include <stdlib.h>
#include <string.h>

/* ---- due ---------------------------------------------------------------------------
 */

struct ranked {
    struct store_due due;
    uint32_t priority; /* of a search */
    int64_t since_ms;
};

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Deadlines by time; then searches, the pressing ones first. */
static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    int order = compare(x->due.reason == DUE_SEARCH, y->due.reason == DUE_SEARCH);
    order = order != 0 ? order : compare(y->priority, x->priority);
    order = order != 0 ? order : compare(x->since_ms, y->since_ms);
    order = order != 0 ? order : compare(x->due.at_ms, y->due.at_ms);
    order = order != 0
                ? order
                : memcmp(&x->due.meeting, &y->due.meeting, sizeof(x->due.meeting));
    return order != 0 ? order : compare(x->due.reason, y->due.reason);
}

/* One broker at a time does what is due, by the clock that nobody moves. */
bool sim_has_lease(struct sim_db *db, int64_t broker)
{
    bool mine = db->lease_broker == broker;
    if (db->lease_until_ms < db->steady_ms ||
        (mine &&
         db->lease_until_ms < db->steady_ms + INT64_C(1000) * STORE_LEASE_RENEW_S)) {
        db->lease_broker = broker;
        db->lease_until_ms = db->steady_ms + INT64_C(1000) * STORE_LEASE_S;
    }
    return db->lease_broker == broker;
}

static enum status read_due(struct read_job *read, struct sim_db *db)
{
    size_t count = 0;
    bool mine = sim_has_lease(db, read->job.store->broker);
    read->now_ms = db->now_ms;
    for (size_t i = 0; mine && i < db->due_count; i++) {
        for (size_t j = 0; j < db->due[i]->due_count; j++) {
            count += db->due[i]->dues[j].at_ms <= db->now_ms;
        }
    }
    if (count == 0) {
        return STATUS_OK;
    }
    struct ranked *rows = arena_array(read->arena, count, sizeof(*rows));
    struct store_due *dues = arena_array(read->arena, count, sizeof(*dues));
    for (size_t i = 0; rows != NULL && i < db->due_count; i++) {
        const struct sim_meeting *meeting = db->due[i];
        for (size_t j = 0; j < meeting->due_count; j++) {
            const struct store_due *due = &meeting->dues[j];
            bool search = due->reason == DUE_SEARCH;
            if (due->at_ms <= db->now_ms) {
                rows[read->count++] =
                    (struct ranked){*due, search ? meeting->priority : 0,
                                    search ? meeting->since_ms : 0};
            }
        }
    }
    if (rows == NULL || dues == NULL) {
        return STATUS_FAILED;
    }
    qsort(rows, read->count, sizeof(*rows), by_rank);
    read->count = read->count > read->limit ? read->limit : read->count;
    for (size_t i = 0; i < read->count; i++) {
        dues[i] = rows[i].due;
    }
    read->rows = dues;
    return STATUS_OK;
}

static void due_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    read->done.due(job->context, status, read->now_ms, read->rows, read->count);
    free(read);
}

void store_read_due(struct store *store, size_t limit, store_due_fn done, void *context)
{
    struct read_job *read = sim_read(store, NULL, context, read_due, due_finish);
    read->done.due = done;
    read->limit = limit;
}

/* ---- figures -----------------------------------------------------------------------
 */

static void count_meetings(struct read_job *read, const struct sim_db *db)
{
    struct store_figures *figures = &read->figures;
    for (size_t i = 0; i < db->meeting_count; i++) {
        const struct sim_meeting *row = db->meetings[i];
        if (row->state > 5) {
            continue;
        }
        bool mine = read->client == 0 || row->organizer == read->client;
        figures->meetings_open += mine;
        figures->overdue_holds +=
            mine && row->hold_until_ms != 0 && row->hold_until_ms < db->now_ms;
        for (const struct sim_reported *r = row->results; r != NULL; r = r->next) {
            figures->refused_results += r->row.kind == ENTENTE_REFUSED &&
                                        r->row.version == row->version &&
                                        (mine || r->row.client == read->client);
        }
    }
}

static enum status read_figures(struct read_job *read, struct sim_db *db)
{
    struct store_figures *figures = &read->figures;
    figures->now_ms = db->now_ms;
    count_meetings(read, db);
    for (size_t i = 0; i < db->client_count; i++) {
        const struct sim_client *client = db->clients[i];
        if ((read->client != 0 && read->client != client->row.id) ||
            client->last_seq == client->acked_seq) {
            continue;
        }
        int64_t age_ms = db->now_ms - client->outbox[client->acked_seq].at_ms;
        figures->undelivered_events += client->last_seq - client->acked_seq;
        figures->oldest_event_ms =
            age_ms > figures->oldest_event_ms ? age_ms : figures->oldest_event_ms;
    }
    for (size_t i = 0; i < db->due_count; i++) {
        const struct sim_meeting *row = db->due[i];
        for (size_t j = 0; j < row->due_count; j++) {
            int64_t age_ms = db->now_ms - row->dues[j].at_ms;
            if (age_ms >= 0 && (read->client == 0 || row->organizer == read->client)) {
                figures->due_length++;
                figures->oldest_due_ms =
                    age_ms > figures->oldest_due_ms ? age_ms : figures->oldest_due_ms;
            }
        }
    }
    return STATUS_OK;
}

static void figures_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    read->done.figures(job->context, status,
                       status == STATUS_OK ? &read->figures : NULL);
    free(read);
}

void store_read_figures(struct store *store, int64_t client, store_figures_fn done,
                        void *context)
{
    struct read_job *read =
        sim_read(store, NULL, context, read_figures, figures_finish);
    read->done.figures = done;
    read->client = client;
}

/* ---- the record --------------------------------------------------------------------
 */

static enum status read_decisions(struct read_job *read, struct sim_db *db)
{
    const struct sim_meeting *row = sim_meeting(db, read->ids[0].bytes);
    size_t first = 0;
    while (row != NULL && first < row->decision_count &&
           row->decisions[first].version <= read->after) {
        first++;
    }
    size_t left = row == NULL ? 0 : row->decision_count - first;
    read->count = left < read->limit ? left : read->limit;
    read->rows = row == NULL ? NULL
                             : arena_copy(read->arena, row->decisions + first,
                                          read->count * sizeof(*row->decisions));
    return row != NULL && read->rows == NULL ? STATUS_FAILED : STATUS_OK;
}

static void decisions_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    bool ok = status == STATUS_OK;
    read->done.decisions(job->context, status, ok ? read->rows : NULL,
                         ok ? read->count : 0);
    free(read);
}

void store_read_decisions(struct store *store, const struct store_id *meeting,
                          uint32_t after, size_t limit, struct arena *arena,
                          store_decisions_fn done, void *context)
{
    struct read_job *read =
        sim_read(store, arena, context, read_decisions, decisions_finish);
    read->done.decisions = done;
    read->ids = meeting;
    read->after = after;
    read->limit = limit;
}
