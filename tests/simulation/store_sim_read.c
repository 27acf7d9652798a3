// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_read.c - questions: one statement, committed state
 */
#include "tests/simulation/store_sim_read.h"

#include "proto/codec.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

static enum status read_work(struct sim_job *job, struct sim_txn **txn, bool *ret_last)
{
    struct read_job *read = (struct read_job *)job;
    (void)txn;
    read->arena = job->arena != NULL ? job->arena : &job->own;
    *ret_last = true;
    return read->read(read, job->store->db);
}

struct read_job *sim_read(struct store *store, struct arena *arena, void *context,
                          enum status (*read)(struct read_job *, struct sim_db *),
                          void (*finish)(struct sim_job *, enum status))
{
    struct read_job *job = sim_ask(sizeof(*job), store, SIM_READER, arena, context);
    job->job.work = read_work;
    job->job.finish = finish;
    job->read = read;
    return job;
}

/* ---- clients, people ---------------------------------------------------------------
 */

static void leave_out_known(const struct read_job *read, struct store_client *client)
{
    for (size_t i = 0; i < read->known_count; i++) {
        if (read->known[i].id == client->id &&
            read->known[i].people_revision == client->people_revision) {
            client->same_people = true;
            client->speaks_for = NULL;
            client->speaks_for_count = 0;
        }
    }
}

static enum status read_newcomers(struct read_job *read, struct sim_db *db)
{
    struct store_client *clients =
        arena_array(read->arena, db->client_count, sizeof(*clients));
    struct store_person_row *people =
        arena_array(read->arena, db->people_count, sizeof(*people));
    if (clients == NULL || people == NULL) {
        return STATUS_FAILED;
    }
    struct store_newcomers *newcomers = &read->newcomers;
    *newcomers = (struct store_newcomers){
        .clients = clients, .client_count = db->client_count, .people = people};
    for (size_t i = 0; i < db->client_count; i++) {
        clients[i] = db->clients[i]->row;
        leave_out_known(read, &clients[i]);
    }
    enum { MINUTE_MS = 60000 };
    int64_t since_ms = read->since_ms < db->now_ms ? read->since_ms : db->now_ms;
    for (size_t i = 0; i < db->people_count; i++) {
        if (db->people[i]->created_ms >= since_ms - MINUTE_MS) {
            people[newcomers->people_count++] = db->people[i]->row;
        }
    }
    return STATUS_OK;
}

static void newcomers_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    read->done.newcomers(job->context, status,
                         status == STATUS_OK ? &read->newcomers : NULL);
    free(read);
}

void store_read_newcomers(struct store *store, int64_t people_since_ms,
                          const struct store_known_client *known, size_t known_count,
                          store_newcomers_fn done, void *context)
{
    struct read_job *read =
        sim_read(store, NULL, context, read_newcomers, newcomers_finish);
    read->done.newcomers = done;
    read->since_ms = people_since_ms;
    read->known = known;
    read->known_count = known_count;
}

/* ---- meetings ----------------------------------------------------------------------
 */

static enum status decode(struct read_job *read, const struct sim_db *db,
                          const struct sim_meeting *row,
                          struct entente_meeting **ret_meeting)
{
    struct entente_meeting *meeting = sim_image_copy(&row->image, read->arena);
    size_t count = 0;
    if (meeting == NULL) {
        return STATUS_DAMAGED;
    }
    for (const struct sim_reported *r = row->results; r != NULL; r = r->next) {
        count++;
    }
    struct entente_result *results = arena_array(read->arena, count, sizeof(*results));
    if (results == NULL) {
        return STATUS_FAILED;
    }
    meeting->results_count = 0;
    for (const struct sim_reported *r = row->results;
         r != NULL && meeting->results_count < LIMIT_RESULTS; r = r->next) {
        const struct sim_client *client = sim_client(db, r->row.client);
        results[meeting->results_count++] =
            (struct entente_result){.client = client->row.name,
                                    .source = r->row.source,
                                    .version = r->row.version,
                                    .kind = r->row.kind,
                                    .reason = r->row.reason,
                                    .comment = r->row.comment};
    }
    meeting->results = count == 0 ? NULL : results;
    *ret_meeting = meeting;
    return STATUS_OK;
}

static enum status read_events(struct read_job *read, struct sim_db *db)
{
    const struct sim_client *client = sim_client(db, read->client);
    bool is_its = client != NULL && client->event_epoch == read->epoch;
    uint64_t last = is_its ? client->last_seq : 0;
    size_t room = last > read->after ? (size_t)(last - read->after) : 0;
    room = room > read->limit ? read->limit : room;
    struct store_event *rows = arena_array(read->arena, room, sizeof(*rows));
    if (rows == NULL) {
        return STATUS_FAILED;
    }
    uint64_t after = read->after;
    if (client != NULL && client->forgotten_seq > after) {
        after = client->forgotten_seq;
    }
    for (uint64_t seq = after + 1; seq <= last && read->count < room; seq++) {
        const struct sim_meeting *meeting = client->outbox[seq - 1].meeting;
        struct entente_meeting *view;
        bool purged = db->mistake == SIM_PURGES_EARLY && seq <= client->acked_seq;
        if (meeting == NULL || purged) {
            continue;
        }
        enum status status = decode(read, db, meeting, &view);
        if (status != STATUS_OK) {
            return status;
        }
        rows[read->count++] = (struct store_event){seq, view};
    }
    read->rows = rows;
    return STATUS_OK;
}

static void events_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    bool ok = status == STATUS_OK;
    read->done.events(job->context, status, ok ? read->rows : NULL,
                      ok ? read->count : 0);
    free(read);
}

void store_read_events(struct store *store, const struct store_page *page,
                       struct arena *arena, store_events_fn done, void *context)
{
    struct read_job *read = sim_read(store, arena, context, read_events, events_finish);
    read->done.events = done;
    read->client = page->client;
    read->epoch = page->epoch;
    read->after = page->after;
    read->limit = page->limit;
}

static int by_id(const void *a, const void *b)
{
    const struct sim_meeting *const *x = a;
    const struct sim_meeting *const *y = b;
    return memcmp(&(*x)->id, &(*y)->id, sizeof((*x)->id));
}

/* These rows, by id, each once, at most @limit. */
static enum status tell_rows(struct read_job *read, const struct sim_db *db,
                             const struct sim_meeting **rows, size_t count,
                             size_t limit)
{
    struct entente_meeting **meetings =
        arena_array(read->arena, count, sizeof(struct entente_meeting *));
    if (meetings == NULL) {
        return STATUS_FAILED;
    }
    qsort(rows, count, sizeof(const struct sim_meeting *), by_id);
    for (size_t i = 0; i < count && read->count < limit; i++) {
        if (i > 0 && rows[i] == rows[i - 1]) {
            continue;
        }
        enum status status = decode(read, db, rows[i], &meetings[read->count]);
        if (status != STATUS_OK) {
            return status;
        }
        read->count++;
    }
    read->rows = meetings;
    return STATUS_OK;
}

static enum status read_meetings(struct read_job *read, struct sim_db *db)
{
    const struct sim_meeting **rows =
        arena_array(read->arena, read->limit, sizeof(const struct sim_meeting *));
    size_t count = 0;
    for (size_t i = 0; rows != NULL && i < read->limit; i++) {
        const struct sim_meeting *row = sim_meeting(db, read->ids[i].bytes);
        if (row != NULL) {
            rows[count++] = row;
        }
    }
    return rows == NULL ? STATUS_FAILED : tell_rows(read, db, rows, count, SIZE_MAX);
}

bool sim_concerns(const struct sim_client *client, const struct sim_meeting *row)
{
    if (row->organizer == client->row.id) {
        return true;
    }
    for (size_t i = 0; i < row->people_count; i++) {
        if (sim_speaks_for(client, row->people[i])) {
            return true;
        }
    }
    return false;
}

static enum status read_list(struct read_job *read, struct sim_db *db)
{
    const struct store_list *list = read->list;
    const struct sim_client *client = sim_client(db, list->client);
    const struct sim_meeting **rows =
        arena_array(read->arena, db->meeting_count, sizeof(const struct sim_meeting *));
    size_t count = 0;
    for (size_t i = 0; rows != NULL && client != NULL && i < db->meeting_count; i++) {
        const struct sim_meeting *row = db->meetings[i];
        bool state =
            list->state != 0 ? row->state == list->state : list->all || row->state <= 5;
        bool after =
            !list->has_after || memcmp(&row->id, &list->after, sizeof(row->id)) > 0;
        if (state && after && sim_concerns(client, row)) {
            rows[count++] = row;
        }
    }
    return rows == NULL ? STATUS_FAILED : tell_rows(read, db, rows, count, list->limit);
}

static void meetings_finish(struct sim_job *job, enum status status)
{
    struct read_job *read = (struct read_job *)job;
    bool ok = status == STATUS_OK;
    read->done.meetings(job->context, status, ok ? read->rows : NULL,
                        ok ? read->count : 0);
    free(read);
}

void store_read_meetings(struct store *store, const struct store_id *ids, size_t count,
                         struct arena *arena, store_meetings_fn done, void *context)
{
    struct read_job *read =
        sim_read(store, arena, context, read_meetings, meetings_finish);
    read->done.meetings = done;
    read->ids = ids;
    read->limit = count;
}

void store_read_list(struct store *store, const struct store_list *list,
                     struct arena *arena, store_meetings_fn done, void *context)
{
    struct read_job *read = sim_read(store, arena, context, read_list, meetings_finish);
    read->done.meetings = done;
    read->list = list;
}
