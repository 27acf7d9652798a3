// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_publish.c - availability comes in; who was heard of, and whose lease is over
 */
#include "tests/simulation/store_sim_rows.h"

#include "proto/codec.h"

#include <stdlib.h>
#include <string.h>

struct publish_job {
    struct sim_job job;
    const struct store_publication *publications;
    size_t count;
    store_published_fn done;
    struct store_published published;
    struct store_person *people; /* to lock, rising; then with their new versions */
    size_t people_count;
};

enum { SOURCE_BYTES = 4 << 20 };

static struct sim_source *find_source(const struct sim_db *db, int64_t client,
                                      const char *key, struct sim_person **ret_person)
{
    for (size_t i = 0; i < db->people_count; i++) {
        for (struct sim_source *s = db->people[i]->sources; s != NULL; s = s->next) {
            if (s->row.client == client && strcmp(s->row.key, key) == 0) {
                *ret_person = db->people[i];
                return s;
            }
        }
    }
    return NULL;
}

static int by_person(const void *a, const void *b)
{
    const struct store_person *x = a;
    const struct store_person *y = b;
    return x->person < y->person ? -1 : x->person > y->person;
}

/* Those published for, and those whom one of the sources stood for before. */
static void list_people(struct publish_job *publish, struct sim_txn *txn)
{
    struct store_person *people =
        sim_need(arena_array(&txn->arena, publish->count * 2, sizeof(*people)));
    size_t count = 0;
    for (size_t i = 0; i < publish->count; i++) {
        const struct store_publication *one = &publish->publications[i];
        struct sim_person *before = NULL;
        people[count++].person = one->person;
        if (find_source(txn->db, one->client, one->key, &before) != NULL) {
            people[count++].person = before->row.person;
        }
    }
    qsort(people, count, sizeof(*people), by_person);
    for (size_t i = 0; i < count; i++) {
        bool again = publish->people_count > 0 &&
                     people[publish->people_count - 1].person == people[i].person;
        if (!again && sim_person(txn->db, people[i].person) != NULL) {
            people[publish->people_count++] = people[i];
        }
    }
    publish->people = people;
}

static enum status lock_people(struct publish_job *publish, struct sim_txn *txn)
{
    if (publish->people == NULL) {
        list_people(publish, txn);
    }
    for (size_t i = 0; i < publish->people_count; i++) {
        struct sim_person *person = sim_person(txn->db, publish->people[i].person);
        enum status status = sim_lock_take(txn, &person->lock);
        if (status != STATUS_OK) {
            return status;
        }
    }
    publish->published.now_ms = txn->db->now_ms;
    return STATUS_OK;
}

static bool is_last(const struct publish_job *publish, size_t i)
{
    const struct store_publication *one = &publish->publications[i];
    for (size_t j = i + 1; j < publish->count; j++) {
        if (publish->publications[j].client == one->client &&
            strcmp(publish->publications[j].key, one->key) == 0) {
            return false;
        }
    }
    return true;
}

static enum status check_sources(struct publish_job *publish, struct sim_txn *txn)
{
    for (size_t i = 0; i < publish->count; i++) {
        const struct store_publication *one = &publish->publications[i];
        struct sim_person *person = NULL;
        const struct sim_source *before =
            find_source(txn->db, one->client, one->key, &person);
        bool newer =
            before == NULL || before->row.epoch < one->epoch ||
            (before->row.epoch == one->epoch && before->row.sequence <= one->sequence);
        if (sim_person(txn->db, one->person) == NULL ||
            sim_client(txn->db, one->client) == NULL ||
            one->coverage_start > one->coverage_end ||
            (is_last(publish, i) && !newer)) {
            return STATUS_REFUSED;
        }
    }
    return STATUS_OK;
}

static void drop_source(struct sim_person *person, struct sim_source *source)
{
    struct sim_source **place = &person->sources;
    while (*place != source) {
        place = &(*place)->next;
    }
    *place = source->next;
    arena_finish(&source->arena);
    free(source);
}

struct sim_source *sim_new_source(const struct store_source *row)
{
    struct sim_source *source = sim_need(calloc(1, sizeof(*source)));
    struct entente_bytes bytes;
    struct entente_range *ranges = NULL;
    arena_init(&source->arena, SOURCE_BYTES);
    source->row = *row;
    source->row.key = sim_need(arena_text(&source->arena, row->key));
    source->row.name = arena_text(&source->arena, row->name);
    if (!codec_encode_ranges(row->ranges, row->range_count, &source->arena, &bytes) ||
        !codec_decode_ranges(bytes, &source->arena, &ranges,
                             &source->row.range_count)) {
        sim_need(NULL);
    }
    source->row.ranges = ranges;
    return source;
}

void sim_put_source(struct sim_person *person, struct sim_source *source)
{
    struct sim_source **place = &person->sources;
    while (*place != NULL && (*place)->row.source < source->row.source) {
        place = &(*place)->next;
    }
    source->next = *place;
    *place = source;
}

static void put_source(struct sim_db *db, const struct store_publication *one)
{
    struct sim_person *person = NULL;
    struct sim_source *before = find_source(db, one->client, one->key, &person);
    int64_t id = one->source != 0 ? one->source : one->new_source;
    if (before != NULL) {
        id = before->row.source;
        drop_source(person, before);
    }
    if (one->withdrawn) {
        return;
    }
    const struct store_source row = {
        .source = id,
        .client = one->client,
        .person = one->person,
        .key = one->key,
        .name = one->name,
        .epoch = one->epoch,
        .sequence = one->sequence,
        .coverage_start = one->coverage_start,
        .coverage_end = one->coverage_end,
        .as_of_ms = one->as_of_ms,
        .lease_seconds = one->lease_seconds,
        .notice = one->notice,
        .daily_cap = one->daily_cap,
        .tacit = one->tacit || db->mistake == SIM_ALL_AGREE,
        .ranges = one->ranges,
        .range_count = one->range_count,
    };
    sim_put_source(sim_person(db, one->person), sim_new_source(&row));
}

static void put_all(struct publish_job *publish, struct sim_db *db, int64_t origin)
{
    for (size_t i = 0; i < publish->people_count; i++) {
        struct sim_person *person = sim_person(db, publish->people[i].person);
        publish->people[i].version = ++person->row.version;
        sim_wake(db, person, NULL, db->now_ms);
        const struct store_change row = {.kind = STORE_AVAILABILITY,
                                         .person = person->row.person,
                                         .version = person->row.version};
        sim_feed(db, origin, &row);
    }
    for (size_t i = 0; i < publish->count; i++) {
        const struct store_publication *one = &publish->publications[i];
        struct sim_client *client = sim_client(db, one->client);
        client->row.heard_ms =
            db->now_ms > client->row.heard_ms ? db->now_ms : client->row.heard_ms;
        if (is_last(publish, i)) {
            put_source(db, one);
        }
    }
    sim_publish_divergences(db, publish->publications, publish->count);
    db->commits++;
}

static enum status publish_work(struct sim_job *job, struct sim_txn **txn_place,
                                bool *ret_last)
{
    struct publish_job *publish = (struct publish_job *)job;
    enum { LOCK, CHANGES };
    struct sim_txn *txn =
        *txn_place != NULL ? *txn_place : sim_begin(job->store, SIM_PUBLISHER);
    if (job->stage == LOCK) {
        return lock_people(publish, txn);
    }
    if (job->stage == CHANGES) {
        job->commits = true;
        return check_sources(publish, txn);
    }
    put_all(publish, txn->db, -txn->broker);
    struct store_person *rows = arena_array(job->arena, publish->count, sizeof(*rows));
    for (size_t i = 0; rows != NULL && i < publish->count; i++) {
        struct store_person key = {.person = publish->publications[i].person};
        rows[i] = *(struct store_person *)bsearch(
            &key, publish->people, publish->people_count, sizeof(key), by_person);
    }
    publish->published.people = rows;
    publish->published.count = publish->count;
    sim_end(txn);
    *ret_last = true;
    return rows == NULL ? STATUS_FAILED : STATUS_OK;
}

static void publish_finish(struct sim_job *job, enum status status)
{
    struct publish_job *publish = (struct publish_job *)job;
    publish->done(job->context, status,
                  status == STATUS_OK ? &publish->published : NULL);
    free(publish);
}

void store_publish(struct store *store, const struct store_publication *publications,
                   size_t count, struct arena *arena, store_published_fn done,
                   void *context)
{
    struct publish_job *publish =
        sim_ask(sizeof(*publish), store, SIM_PUBLISHER, arena, context);
    publish->job.work = publish_work;
    publish->job.finish = publish_finish;
    publish->publications = publications;
    publish->count = count;
    publish->done = done;
}

/* ---- heard, lapsed -----------------------------------------------------------------
 */

struct tell_job {
    struct sim_job job;
    size_t count;
    int64_t *clients;
    struct store_lapse *lapses;
    int64_t alive_ms; /* what was put down of this broker */
};

static void lapse(struct sim_db *db, const struct store_lapse *what, int64_t origin)
{
    for (size_t i = 0; i < db->people_count; i++) {
        for (struct sim_source *s = db->people[i]->sources; s != NULL; s = s->next) {
            if (s->row.source == what->source && s->row.epoch == what->epoch &&
                s->row.sequence == what->sequence && s->row.lease_seconds != 0) {
                const struct store_change row = {.kind = STORE_AVAILABILITY,
                                                 .person = db->people[i]->row.person,
                                                 .version =
                                                     ++db->people[i]->row.version};
                s->row.lease_seconds = 0;
                sim_feed(db, origin, &row);
                return;
            }
        }
    }
}

static enum status tell_work(struct sim_job *job, struct sim_txn **txn, bool *ret_last)
{
    struct tell_job *tell = (struct tell_job *)job;
    struct sim_db *db = job->store->db;
    (void)txn;
    *ret_last = true;
    if (tell->lapses == NULL) {
        tell->alive_ms = sim_alive(db, job->store->broker)->alive_ms;
    }
    for (size_t i = 0; i < tell->count; i++) {
        if (tell->lapses != NULL) {
            lapse(db, &tell->lapses[i], -job->store->broker);
            continue;
        }
        struct sim_client *client = sim_client(db, tell->clients[i]);
        if (client != NULL && client->row.heard_ms < db->now_ms) {
            client->row.heard_ms = db->now_ms;
        }
    }
    return STATUS_OK;
}

static void tell_finish(struct sim_job *job, enum status status)
{
    struct tell_job *tell = (struct tell_job *)job;
    if (status == STATUS_OK && tell->alive_ms > job->store->alive_ms) {
        job->store->alive_ms = tell->alive_ms;
    }
    free(tell->clients);
    free(tell->lapses);
    free(tell);
}

static void *copy(const void *rows, size_t size)
{
    void *bytes = sim_need(malloc(size + 1));
    if (size > 0) {
        memcpy(bytes, rows, size);
    }
    return bytes;
}

static struct tell_job *tell(struct store *store, size_t count)
{
    struct tell_job *job = sim_ask(sizeof(*job), store, SIM_PUBLISHER, NULL, NULL);
    job->job.work = tell_work;
    job->job.finish = tell_finish;
    job->count = count;
    return job;
}

void store_heard(struct store *store, const int64_t *clients, size_t count)
{
    tell(store, count)->clients = copy(clients, count * sizeof(*clients));
}

void store_lapsed(struct store *store, const struct store_lapse *lapses, size_t count)
{
    tell(store, count)->lapses = copy(lapses, count * sizeof(*lapses));
}
