// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_batch.c - load, refresh and write, statement by statement
 */
#include "tests/simulation/store_sim_rows.h"

#include "proto/codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- load --------------------------------------------------------------------------
 */

struct load_job {
    struct sim_job job;
    const struct store_wants *wants;
    store_loaded_fn done;
    struct store_loaded loaded;
    struct store_id *ids; /* rising, each once */
    size_t id_count;
    size_t id_next;
    int64_t *people;
    size_t people_count;
    size_t people_next;
    bool probed; /* waited for what is in doubt */
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct store_id));
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Does @txn write one of the commands that are asked about? */
static bool writes_one_of(const struct sim_txn *txn, const struct store_wants *wants)
{
    for (size_t i = 0; txn->writes && i < txn->changes.command_count; i++) {
        for (size_t j = 0; j < wants->command_count; j++) {
            const struct store_command_key *a = &txn->changes.commands[i].key;
            const struct store_command_key *b = &wants->commands[j];
            if (a->client == b->client && a->epoch == b->epoch &&
                a->counter == b->counter) {
                return true;
            }
        }
    }
    return false;
}

/* A batch in doubt may still commit: to insert its commands waits for it. */
static enum status probe_commands(struct load_job *load, struct sim_txn *txn)
{
    assert(txn != NULL);
    load->probed = load->probed || load->job.store->doubt;
    for (struct sim_txn *t = txn->db->open; load->job.store->doubt && t != NULL;
         t = t->next) {
        if (t != txn && writes_one_of(t, load->wants)) {
            return sim_wait_for(txn, t);
        }
    }
    return STATUS_OK;
}

static enum status load_commands(struct load_job *load, const struct sim_db *db)
{
    const struct store_wants *wants = load->wants;
    load->loaded.commands = arena_array(load->job.arena, wants->command_count,
                                        sizeof(*load->loaded.commands));
    if (load->loaded.commands == NULL) {
        return STATUS_FAILED;
    }
    load->loaded.overtaken = arena_array(load->job.arena, wants->command_count,
                                         sizeof(*load->loaded.overtaken));
    if (load->loaded.overtaken == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < wants->command_count; i++) {
        const struct store_command_key *key = &wants->commands[i];
        const struct sim_client *client = sim_client(db, key->client);
        if (client != NULL && wants->heard != NULL &&
            client->request_epoch > wants->heard[i]) {
            load->loaded.overtaken[load->loaded.overtaken_count++] = key->client;
        }
        const struct sim_command *row =
            client == NULL ? NULL : map_get(&client->commands, sim_command_hash(key));
        if (row != NULL) {
            load->loaded.commands[load->loaded.command_count++] = row->row;
        }
    }
    return STATUS_OK;
}

static enum status load_meetings(struct load_job *load, struct sim_txn *txn)
{
    assert(txn != NULL);
    struct sim_db *db = txn->db;
    const struct store_wants *wants = load->wants;
    if (load->ids == NULL) {
        load->ids = sim_need(
            arena_array(&txn->arena, wants->meeting_count, sizeof(*load->ids)));
        for (size_t i = 0; i < wants->meeting_count; i++) {
            load->ids[i] = wants->meetings[i];
        }
        qsort(load->ids, wants->meeting_count, sizeof(*load->ids), by_bytes);
        for (size_t i = 0; i < wants->meeting_count; i++) {
            if (load->id_count == 0 ||
                by_bytes(&load->ids[load->id_count - 1], &load->ids[i]) != 0) {
                load->ids[load->id_count++] = load->ids[i];
            }
        }
    }
    for (; load->id_next < load->id_count; load->id_next++) {
        struct sim_meeting *row = sim_meeting(db, load->ids[load->id_next].bytes);
        bool locks = row != NULL && db->mistake != SIM_NO_COMPARE;
        enum status status = locks ? sim_lock_take(txn, &row->lock) : STATUS_OK;
        if (status != STATUS_OK) {
            return status;
        }
    }
    load->loaded.meetings =
        arena_array(load->job.arena, load->id_count, sizeof(struct entente_meeting *));
    load->loaded.reported = sim_need(
        arena_array(load->job.arena, load->id_count + 1, sizeof(struct store_id)));
    for (size_t i = 0; i < load->id_count; i++) {
        struct sim_meeting *row = sim_meeting(db, load->ids[i].bytes);
        if (row == NULL) {
            continue;
        }
        if (row->results != NULL) {
            load->loaded.reported[load->loaded.reported_count++] = load->ids[i];
        }
        struct entente_meeting *meeting = sim_image_copy(&row->image, load->job.arena);
        if (load->loaded.meetings == NULL || meeting == NULL) {
            return STATUS_DAMAGED;
        }
        load->loaded.meetings[load->loaded.meeting_count++] = meeting;
    }
    return STATUS_OK;
}

static void list_people(struct load_job *load, struct sim_txn *txn)
{
    assert(txn != NULL);
    const struct store_wants *wants = load->wants;
    size_t room = wants->people_count;
    for (size_t i = 0; i < wants->meeting_count; i++) {
        const struct sim_meeting *row = sim_meeting(txn->db, wants->meetings[i].bytes);
        bool with = wants->with_people != NULL && wants->with_people[i];
        room += row != NULL && with ? row->people_count : 0;
    }
    load->people = sim_need(arena_array(&txn->arena, room, sizeof(*load->people)));
    size_t count = 0;
    for (size_t i = 0; i < wants->people_count; i++) {
        load->people[count++] = wants->people[i];
    }
    for (size_t i = 0; i < wants->meeting_count; i++) {
        const struct sim_meeting *row = sim_meeting(txn->db, wants->meetings[i].bytes);
        bool with = wants->with_people != NULL && wants->with_people[i];
        for (size_t j = 0; row != NULL && with && j < row->people_count; j++) {
            load->people[count++] = row->people[j];
        }
    }
    qsort(load->people, count, sizeof(*load->people), by_number);
    for (size_t i = 0; i < count; i++) {
        bool again = load->people_count > 0 &&
                     load->people[load->people_count - 1] == load->people[i];
        if (!again && sim_person(txn->db, load->people[i]) != NULL) {
            load->people[load->people_count++] = load->people[i];
        }
    }
}

static enum status load_people(struct load_job *load, struct sim_txn *txn)
{
    assert(txn != NULL);
    if (load->people == NULL) {
        list_people(load, txn);
    }
    bool locks = !sim_skips_locks(txn->db);
    for (; locks && load->people_next < load->people_count; load->people_next++) {
        struct sim_person *row = sim_person(txn->db, load->people[load->people_next]);
        enum status status = sim_lock_take(txn, &row->lock);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct store_person *people =
        arena_array(load->job.arena, load->people_count, sizeof(*people));
    if (people == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < load->people_count; i++) {
        people[i] = (struct store_person){
            .person = load->people[i],
            .version = sim_person(txn->db, load->people[i])->row.version};
    }
    load->loaded.people = people;
    load->loaded.people_count = load->people_count;
    return sim_load_sooner(txn->db, load->people, load->people_count, load->job.arena,
                           &load->loaded) &&
                   (!load->wants->holds ||
                    sim_load_holds(txn->db, load->wants, load->job.arena,
                                   &load->loaded)) &&
                   (!load->wants->divergences ||
                    sim_load_divergences(txn->db, load->wants, load->job.arena,
                                         &load->loaded))
               ? STATUS_OK
               : STATUS_FAILED;
}

static enum status load_work(struct sim_job *job, struct sim_txn **txn, bool *ret_last)
{
    struct load_job *load = (struct load_job *)job;
    enum { DOUBT, MEETINGS, LAST };
    if (*txn == NULL) {
        (void)sim_begin(job->store, job->link);
    }
    if (job->stage == DOUBT) {
        return probe_commands(load, *txn);
    }
    if (job->stage == MEETINGS) {
        return load_meetings(load, *txn);
    }
    enum status status = load_people(load, *txn);
    /* Behind the locks: another broker may just have carried out one of them. */
    status = status == STATUS_OK ? load_commands(load, (*txn)->db) : status;
    *ret_last = status == STATUS_OK;
    load->loaded.now_ms = (*txn)->db->now_ms;
    for (size_t i = 0; i < load->loaded.meeting_count; i++) {
        int64_t updated_ms = load->loaded.meetings[i]->updated_ms;
        load->loaded.now_ms =
            updated_ms > load->loaded.now_ms ? updated_ms : load->loaded.now_ms;
    }
    return status;
}

static void load_finish(struct sim_job *job, enum status status)
{
    struct load_job *load = (struct load_job *)job;
    if (status == STATUS_OK && load->probed) {
        job->store->doubt = false;
    }
    load->done(job->context, status, status == STATUS_OK ? &load->loaded : NULL);
    free(load);
}

void store_batch_load(struct store *store, unsigned writer,
                      const struct store_wants *wants, struct arena *arena,
                      store_loaded_fn done, void *context)
{
    struct load_job *load =
        sim_ask(sizeof(*load), store, SIM_WRITER + writer, arena, context);
    load->job.work = load_work;
    load->job.finish = load_finish;
    load->wants = wants;
    load->done = done;
}

/* ---- abandon -----------------------------------------------------------------------
 */

static enum status abandon_work(struct sim_job *job, struct sim_txn **txn,
                                bool *ret_last)
{
    (void)job;
    *ret_last = true;
    if (*txn != NULL) {
        sim_end(*txn);
    }
    return STATUS_OK;
}

static void abandon_finish(struct sim_job *job, enum status status)
{
    (void)status;
    free(job);
}

void store_batch_abandon(struct store *store, unsigned writer)
{
    struct sim_job *job = sim_ask(sizeof(*job), store, SIM_WRITER + writer, NULL, NULL);
    job->work = abandon_work;
    job->finish = abandon_finish;
}

/* ---- refresh -----------------------------------------------------------------------
 */

struct refresh_job {
    struct sim_job job;
    const int64_t *people;
    size_t count;
    store_refreshed_fn done;
    struct store_availability *found;
    size_t found_count;
};

bool sim_copy_person(const struct sim_db *db, const struct sim_person *person,
                     struct arena *arena, struct store_availability *ret)
{
    size_t count = 0;
    for (const struct sim_source *s = person->sources; s != NULL; s = s->next) {
        count++;
    }
    struct store_source *sources = arena_array(arena, count, sizeof(*sources));
    struct store_claim *claims =
        arena_array(arena, person->claim_count, sizeof(*claims));
    if (sources == NULL || claims == NULL) {
        return false;
    }
    *ret = (struct store_availability){.person = person->row.person,
                                       .version = person->row.version,
                                       .sources = sources,
                                       .claims = claims};
    for (const struct sim_source *s = person->sources; s != NULL; s = s->next) {
        struct store_source *copy = &sources[ret->source_count++];
        *copy = s->row;
        copy->key = arena_text(arena, s->row.key);
        copy->name = arena_text(arena, s->row.name);
        copy->heard_ms = sim_client(db, copy->client)->row.heard_ms;
        struct entente_range *ranges = arena_copy(
            arena, s->row.ranges, s->row.range_count * sizeof(*s->row.ranges));
        copy->ranges = ranges;
        for (size_t i = 0; ranges != NULL && i < copy->range_count; i++) {
            ranges[i].place = arena_text(arena, ranges[i].place);
        }
        if (copy->key == NULL || ranges == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < person->claim_count; i++) {
        if ((int64_t)person->claims[i].end * 60000 > db->now_ms) {
            claims[ret->claim_count++] = person->claims[i];
        }
    }
    return true;
}

static enum status refresh_work(struct sim_job *job, struct sim_txn **txn,
                                bool *ret_last)
{
    struct refresh_job *refresh = (struct refresh_job *)job;
    struct sim_db *db = (*txn)->db;
    *ret_last = true;
    refresh->found = arena_array(job->arena, refresh->count, sizeof(*refresh->found));
    int64_t *ids = arena_copy(job->arena, refresh->people,
                              refresh->count * sizeof(*refresh->people));
    if (refresh->found == NULL || ids == NULL) {
        return STATUS_FAILED;
    }
    qsort(ids, refresh->count, sizeof(*ids), by_number);
    for (size_t i = 0; i < refresh->count; i++) {
        const struct sim_person *person = sim_person(db, ids[i]);
        if (person == NULL || (i > 0 && ids[i] == ids[i - 1])) {
            continue;
        }
        if (!sim_copy_person(db, person, job->arena,
                             &refresh->found[refresh->found_count++])) {
            return STATUS_FAILED;
        }
    }
    return STATUS_OK;
}

static void refresh_finish(struct sim_job *job, enum status status)
{
    struct refresh_job *refresh = (struct refresh_job *)job;
    bool ok = status == STATUS_OK;
    refresh->done(job->context, status, ok ? refresh->found : NULL,
                  ok ? refresh->found_count : 0);
    free(refresh);
}

void store_batch_refresh(struct store *store, unsigned writer, const int64_t *people,
                         size_t count, struct arena *arena, store_refreshed_fn done,
                         void *context)
{
    struct refresh_job *refresh =
        sim_ask(sizeof(*refresh), store, SIM_WRITER + writer, arena, context);
    refresh->job.work = refresh_work;
    refresh->job.finish = refresh_finish;
    refresh->job.in_transaction = true;
    refresh->people = people;
    refresh->count = count;
    refresh->done = done;
}
