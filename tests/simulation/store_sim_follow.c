// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_follow.c - the feed, and what a broker follows of the others
 */
#include "tests/simulation/store_sim_rows.h"

#include "broker/due.h"

#include <stdlib.h>
#include <string.h>

enum { OTHERS_ALIVE_MS = 15000 };

/* ---- the feed ----------------------------------------------------------------------
 */

static struct sim_feed *feed_of(const struct sim_db *db, int64_t origin)
{
    struct sim_feed *feed = db->feeds;
    while (feed != NULL && feed->origin != origin) {
        feed = feed->next;
    }
    return feed;
}

void sim_feed(struct sim_db *db, int64_t origin, const struct store_change *row)
{
    struct sim_feed *feed = feed_of(db, origin);
    if (feed == NULL) {
        feed = sim_need(calloc(1, sizeof(*feed)));
        feed->origin = origin;
        feed->next = db->feeds;
        db->feeds = feed;
    }
    SIM_GROW(feed->rows, feed->count, feed->capacity, *feed->rows);
    SIM_GROW(feed->at_ms, feed->count, feed->times, *feed->at_ms);
    feed->at_ms[feed->count] = db->now_ms;
    feed->rows[feed->count++] = *row;
}

size_t sim_feed_origins(const struct sim_db *db, struct store_cursor *ret)
{
    size_t count = 0;
    for (const struct sim_feed *f = db->feeds; f != NULL && count < STORE_ORIGINS;
         f = f->next) {
        ret[count++] = (struct store_cursor){f->origin, (int64_t)f->count};
    }
    return count;
}

struct follow_job {
    struct sim_job job;
    store_followed_fn followed;
    store_refreshed_fn refreshed;
    store_versions_fn versions;
    const int64_t *people;
    size_t count;
    int64_t after;
    struct store_followed rows;
    struct store_cursor *cursors; /* STORE_ORIGINS */
    size_t cursor_count;
    struct store_availability *found;
    struct store_person *persons;
    size_t found_count;
};

static struct store_cursor *cursor_of(struct follow_job *follow, int64_t origin)
{
    for (size_t i = 0; i < follow->cursor_count; i++) {
        if (follow->cursors[i].origin == origin) {
            return &follow->cursors[i];
        }
    }
    struct store_cursor *cursor = &follow->cursors[follow->cursor_count++];
    *cursor = (struct store_cursor){.origin = origin};
    return cursor;
}

static enum status follow_work(struct sim_job *job, struct sim_txn **txn,
                               bool *ret_last)
{
    struct follow_job *follow = (struct follow_job *)job;
    const struct store *store = job->store;
    const struct sim_db *db = store->db;
    size_t room = 0;
    (void)txn;
    *ret_last = true;
    follow->cursor_count = store->cursor_count;
    follow->cursors = sim_need(malloc(sizeof(store->cursors)));
    memcpy(follow->cursors, store->cursors,
           store->cursor_count * sizeof(store->cursors[0]));
    for (const struct sim_feed *f = db->feeds; f != NULL; f = f->next) {
        room += f->count - (size_t)cursor_of(follow, f->origin)->seq;
    }
    struct store_change *changes = arena_array(job->arena, room, sizeof(*changes));
    if (changes == NULL) {
        return STATUS_FAILED;
    }
    for (const struct sim_feed *f = db->feeds; f != NULL; f = f->next) {
        struct store_cursor *cursor = cursor_of(follow, f->origin);
        bool own = f->origin == store->broker || f->origin == -store->broker;
        if ((size_t)cursor->seq < f->forgotten) {
            follow->rows.gap = follow->rows.gap || !own;
            cursor->seq = (int64_t)f->forgotten;
        }
        for (; (size_t)cursor->seq < f->count; cursor->seq++) {
            if (!own) {
                changes[follow->rows.count++] = f->rows[cursor->seq];
            }
        }
    }
    follow->rows.changes = changes;
    follow->rows.generation = db->generation;
    for (const struct sim_broker *b = db->brokers; b != NULL; b = b->next) {
        follow->rows.others +=
            b->id != store->broker && b->alive_ms > db->now_ms - OTHERS_ALIVE_MS;
    }
    return STATUS_OK;
}

static void follow_finish(struct sim_job *job, enum status status)
{
    struct follow_job *follow = (struct follow_job *)job;
    if (status == STATUS_OK) {
        job->store->cursor_count = follow->cursor_count;
        memcpy(job->store->cursors, follow->cursors,
               follow->cursor_count * sizeof(follow->cursors[0]));
    }
    free(follow->cursors);
    follow->followed(job->context, status, status == STATUS_OK ? &follow->rows : NULL);
    free(follow);
}

void store_follow(struct store *store, struct arena *arena, store_followed_fn done,
                  void *context)
{
    struct follow_job *follow =
        sim_ask(sizeof(*follow), store, SIM_FOLLOWER, arena, context);
    follow->job.work = follow_work;
    follow->job.finish = follow_finish;
    follow->followed = done;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum status refresh_work(struct sim_job *job, struct sim_txn **txn,
                                bool *ret_last)
{
    struct follow_job *follow = (struct follow_job *)job;
    const struct sim_db *db = job->store->db;
    (void)txn;
    *ret_last = true;
    int64_t *ids =
        arena_copy(job->arena, follow->people, follow->count * sizeof(*follow->people));
    follow->found = arena_array(job->arena, follow->count, sizeof(*follow->found));
    if (ids == NULL || follow->found == NULL) {
        return STATUS_FAILED;
    }
    qsort(ids, follow->count, sizeof(*ids), by_number);
    for (size_t i = 0; i < follow->count; i++) {
        const struct sim_person *person = sim_person(db, ids[i]);
        if (person != NULL && (i == 0 || ids[i] != ids[i - 1]) &&
            !sim_copy_person(db, person, job->arena,
                             &follow->found[follow->found_count++])) {
            return STATUS_FAILED;
        }
    }
    return STATUS_OK;
}

static void refresh_finish(struct sim_job *job, enum status status)
{
    struct follow_job *follow = (struct follow_job *)job;
    bool ok = status == STATUS_OK;
    follow->refreshed(job->context, status, ok ? follow->found : NULL,
                      ok ? follow->found_count : 0);
    free(follow);
}

void store_refresh(struct store *store, const int64_t *people, size_t count,
                   struct arena *arena, store_refreshed_fn done, void *context)
{
    struct follow_job *follow =
        sim_ask(sizeof(*follow), store, SIM_READER, arena, context);
    follow->job.work = refresh_work;
    follow->job.finish = refresh_finish;
    follow->people = people;
    follow->count = count;
    follow->refreshed = done;
}

static enum status versions_work(struct sim_job *job, struct sim_txn **txn,
                                 bool *ret_last)
{
    struct follow_job *follow = (struct follow_job *)job;
    const struct sim_db *db = job->store->db;
    (void)txn;
    *ret_last = true;
    follow->persons = arena_array(job->arena, follow->count, sizeof(*follow->persons));
    for (size_t i = 0; follow->persons != NULL && i < db->people_count &&
                       follow->found_count < follow->count;
         i++) {
        const struct store_person_row *row = &db->people[i]->row;
        if (row->person > follow->after) {
            follow->persons[follow->found_count++] =
                (struct store_person){.person = row->person, .version = row->version};
        }
    }
    return follow->persons == NULL ? STATUS_FAILED : STATUS_OK;
}

static void versions_finish(struct sim_job *job, enum status status)
{
    struct follow_job *follow = (struct follow_job *)job;
    follow->versions(job->context, status, follow->persons, follow->found_count);
    free(follow);
}

void store_read_versions(struct store *store, int64_t after, size_t limit,
                         struct arena *arena, store_versions_fn done, void *context)
{
    struct follow_job *follow =
        sim_ask(sizeof(*follow), store, SIM_FOLLOWER, arena, context);
    follow->job.work = versions_work;
    follow->job.finish = versions_finish;
    follow->after = after;
    follow->count = limit;
    follow->versions = done;
}

void store_wake(struct store *store)
{
    for (struct store *other = store->db->stores; other != NULL; other = other->next) {
        if (other != store && other->links[SIM_FOLLOWER].up) {
            other->woken = true;
            other->db->driver.ready(other->db->driver.context, other);
        }
    }
}

bool store_woken(struct store *store)
{
    bool woken = store->woken;
    store->woken = false;
    return woken;
}

bool sim_is_older(const struct store *store)
{
    const struct sim_db *db = store->db;
    const struct sim_broker *row = sim_broker(db, store->broker);
    if (db->mistake == SIM_NO_GENERATION) {
        return false;
    }
    bool older =
        row == NULL || row->alive_ms < store->alive_ms || row->batches < store->batches;
    for (size_t i = 0; i < store->cursor_count && !older; i++) {
        const struct sim_feed *f = feed_of(db, store->cursors[i].origin);
        older = (f == NULL ? 0 : (int64_t)f->count) < store->cursors[i].seq;
    }
    return older;
}

enum store_standing store_standing(const struct store *store)
{
    if (!store->links[SIM_FOLLOWER].up) {
        return STORE_UNSURE;
    }
    return store->place_lost ? STORE_OLDER : STORE_SURE;
}

/* ---- what is due sooner ------------------------------------------------------------
 */

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_rank(const void *a, const void *b)
{
    const struct store_sooner *x = a;
    const struct store_sooner *y = b;
    int order = compare(x->reason == DUE_SEARCH, y->reason == DUE_SEARCH);
    order = order != 0 ? order : compare(y->priority, x->priority);
    order = order != 0 ? order : compare(x->since_ms, y->since_ms);
    order = order != 0 ? order : memcmp(&x->meeting, &y->meeting, sizeof(x->meeting));
    order = order != 0 ? order : compare(x->reason, y->reason);
    return order != 0 ? order : compare(x->person, y->person);
}

struct sooner_list {
    struct arena *arena;
    struct store_sooner *rows;
    size_t count;
    size_t capacity;
    bool failed;
};

static void put_sooner(struct sooner_list *list, const struct store_sooner *row)
{
    if (list->count == list->capacity) {
        size_t wanted = 2 * list->capacity + 16;
        struct store_sooner *larger = arena_array(list->arena, wanted, sizeof(*larger));
        if (larger == NULL) {
            list->failed = true;
            return;
        }
        if (list->count > 0) {
            memcpy(larger, list->rows, list->count * sizeof(*larger));
        }
        list->rows = larger;
        list->capacity = wanted;
    }
    list->rows[list->count] = *row;
    list->count++;
}

/* What follows from one thing that @meeting is due for, for those asked about. */
static void list_due(const struct sim_db *db, const struct sim_meeting *meeting,
                     uint32_t reason, struct sooner_list *list)
{
    struct store_sooner row = {.meeting = meeting->id, .reason = reason};
    bool deadline =
        reason == DUE_ANSWERS_END || reason == DUE_OLD_TIME || reason == DUE_SILENCE;
    for (size_t i = 0; deadline && i < meeting->people_count; i++) {
        const struct sim_person *person = sim_person(db, meeting->people[i]);
        row.person = meeting->people[i];
        if (person != NULL && person->asked_at == db->questions) {
            put_sooner(list, &row);
        }
    }
    row.priority = meeting->priority;
    row.since_ms = meeting->since_ms;
    for (size_t i = 0; reason == DUE_SEARCH && i < meeting->waits_for_count; i++) {
        row.person = meeting->waits_for[i]->row.person;
        if (meeting->waits_for[i]->asked_at == db->questions) {
            put_sooner(list, &row);
        }
    }
}

static void list_sooner(const struct sim_db *db, struct sooner_list *list)
{
    for (size_t i = 0; i < db->due_count; i++) {
        const struct sim_meeting *meeting = db->due[i];
        for (size_t j = 0; j < meeting->due_count; j++) {
            if (meeting->dues[j].at_ms <= db->now_ms) {
                list_due(db, meeting, meeting->dues[j].reason, list);
            }
        }
    }
}

bool sim_load_sooner(struct sim_db *db, const int64_t *people, size_t count,
                     struct arena *arena, struct store_loaded *loaded)
{
    struct sooner_list list = {.arena = arena};
    db->questions++;
    for (size_t i = 0; i < count; i++) {
        sim_person(db, people[i])->asked_at = db->questions;
    }
    list_sooner(db, &list);
    if (list.failed || list.count == 0) {
        return !list.failed;
    }
    qsort(list.rows, list.count, sizeof(*list.rows), by_rank);
    loaded->sooner = list.rows;
    loaded->sooner_count = list.count;
    return true;
}
