// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim.c - the simulated store's life, its links and their jobs
 */
#include "tests/simulation/store_sim_rows.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_BYTES = 256 << 20, OWN_BYTES = 64 << 20 };

static struct sim_db *current;

void *sim_need(void *memory)
{
    if (memory == NULL) {
        fputs("simulated store: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *sim_grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity == 0 ? 4 : *capacity * 2;
    return sim_need(realloc(list, *capacity * size));
}

/* ---- the database ------------------------------------------------------------------
 */

struct sim_db *sim_db_create(const struct sim_driver *driver)
{
    struct sim_db *db = sim_need(calloc(1, sizeof(*db)));
    db->driver = *driver;
    arena_init(&db->texts, TEXTS_BYTES);
    arena_init(&db->drafts[0], SIZE_MAX);
    arena_init(&db->drafts[1], SIZE_MAX);
    db->generation = 1;
    return db;
}

void sim_db_destroy(struct sim_db *db)
{
    assert(db->stores == NULL);
    while (db->open != NULL) {
        sim_end(db->open);
    }
    for (size_t i = 0; i < db->people_count; i++) {
        sim_free_person(db->people[i]);
    }
    for (size_t i = 0; i < db->client_count; i++) {
        sim_free_client(db->clients[i]);
    }
    for (size_t i = 0; i < db->meeting_count; i++) {
        sim_free_meeting(db->meetings[i]);
    }
    for (size_t i = 0; i < db->lost_count; i++) {
        sim_free_meeting(db->lost[i]);
    }
    sim_forget_backup(db);
    while (db->brokers != NULL) {
        struct sim_broker *broker = db->brokers;
        db->brokers = broker->next;
        free(broker);
    }
    while (db->feeds != NULL) {
        struct sim_feed *feed = db->feeds;
        db->feeds = feed->next;
        free(feed->rows);
        free(feed->at_ms);
        free(feed);
    }
    free(db->divergences);
    free(db->breakers);
    map_finish(&db->people_by_id);
    map_finish(&db->clients_by_id);
    map_finish(&db->meetings_by_id);
    free(db->people);
    free(db->clients);
    free(db->meetings);
    free(db->living);
    free(db->lost);
    free(db->due);
    arena_finish(&db->texts);
    arena_finish(&db->drafts[0]);
    arena_finish(&db->drafts[1]);
    if (current == db) {
        current = NULL;
    }
    free(db);
}

void sim_db_use(struct sim_db *db)
{
    current = db;
}

struct sim_db *sim_db_current(void)
{
    return current;
}

void sim_db_set_clock(struct sim_db *db, int64_t now_ms, int64_t steady_ms)
{
    db->now_ms = now_ms;
    db->steady_ms = steady_ms;
}

void sim_db_plant(struct sim_db *db, enum sim_mistake mistake)
{
    db->mistake = mistake;
}

/* ---- links -------------------------------------------------------------------------
 */

static void tell_runnable(struct store *store, unsigned number)
{
    struct sim_link *link = &store->links[number];
    if (!link->told && link->up && !link->finished && link->first != NULL &&
        !store->place_lost) {
        link->told = true;
        store->db->driver.runnable(store->db->driver.context, store, number);
    }
}

void *sim_ask(size_t size, struct store *store, unsigned link, struct arena *arena,
              void *context)
{
    struct sim_job *job = sim_need(calloc(1, size));
    job->store = store;
    job->link = link;
    job->context = context;
    arena_init(&job->own, OWN_BYTES);
    job->arena = arena;
    *store->links[link].last = job;
    store->links[link].last = &job->next;
    store->links[link].waiting++;
    return job;
}

struct sim_txn *sim_begin(struct store *store, unsigned link)
{
    struct sim_txn *txn = sim_need(calloc(1, sizeof(*txn)));
    txn->db = store->db;
    txn->store = store;
    txn->link = link;
    txn->broker = store->broker;
    arena_init(&txn->arena, OWN_BYTES);
    txn->next = store->db->open;
    store->db->open = txn;
    store->links[link].txn = txn;
    return txn;
}

/* Who waited for @txn has something to do again. */
static void wake_waiters(struct sim_db *db, const struct sim_txn *txn)
{
    for (struct sim_txn *other = db->open; other != NULL; other = other->next) {
        if (other->waits_for == txn) {
            other->waits_for = NULL;
            if (other->store != NULL) {
                tell_runnable(other->store, other->link);
            }
        }
    }
}

void sim_end(struct sim_txn *txn)
{
    struct sim_db *db = txn->db;
    for (size_t i = 0; i < txn->lock_count; i++) {
        txn->locks[i]->owner = NULL;
    }
    struct sim_txn **place = &db->open;
    while (*place != txn) {
        place = &(*place)->next;
    }
    *place = txn->next;
    if (txn->store != NULL && txn->store->links[txn->link].txn == txn) {
        txn->store->links[txn->link].txn = NULL;
    }
    wake_waiters(db, txn);
    free(txn->locks);
    arena_finish(&txn->arena);
    free(txn);
}

void sim_db_settle(struct sim_txn *txn, bool commit)
{
    if (commit) {
        sim_commit_batch(txn);
    }
    sim_end(txn);
}

/* The link is gone, and what was not committed with it. */
static struct sim_link *cut(struct store *store, unsigned number)
{
    struct sim_link *link = &store->links[number];
    if (link->txn != NULL) {
        sim_end(link->txn);
    }
    link->up = false;
    return link;
}

/* What is under way ends with @status, the rest at once. */
static void lose(struct store *store, unsigned number, enum status status)
{
    struct sim_link *link = cut(store, number);
    if (link->first != NULL && link->running != NULL && !link->finished) {
        link->running->status = status;
        link->finished = true;
    }
    store->db->driver.ready(store->db->driver.context, store);
}

void sim_db_disconnect(struct store *store, unsigned number)
{
    struct sim_link *link = &store->links[number];
    if (!link->up) {
        return;
    }
    /* A COMMIT that was not sent leaves no doubt. */
    bool doubt = link->running != NULL && !link->finished && link->running->commits;
    store->doubt = store->doubt || (doubt && sim_is_writer(number));
    lose(store, number, doubt ? STATUS_UNKNOWN : STATUS_UNAVAILABLE);
}

/* The first thing that is looked at: until it is known that this is the database that it
 * was, no link does anything. */
void sim_db_connect(struct store *store, unsigned number)
{
    store->place_lost = store->place_lost || sim_is_older(store);
    store->links[number].up = true;
    tell_runnable(store, number);
    store->db->driver.ready(store->db->driver.context, store);
}

bool sim_db_is_connected(const struct store *store, unsigned number)
{
    return store->links[number].up;
}

size_t sim_db_waiting(const struct store *store, unsigned number)
{
    return store->links[number].waiting;
}

void sim_db_crash(struct sim_db *db)
{
    for (struct store *store = db->stores; store != NULL; store = store->next) {
        for (unsigned i = 0; i < SIM_LINKS; i++) {
            sim_db_disconnect(store, i);
        }
    }
}

/* ---- a statement -------------------------------------------------------------------
 */

static void end_job(struct store *store, unsigned number, enum status status)
{
    struct sim_link *link = &store->links[number];
    link->running->status = status;
    link->finished = true;
    if (status != STATUS_OK && link->txn != NULL) {
        sim_end(link->txn);
    }
    if (status == STATUS_UNKNOWN && sim_is_writer(number)) {
        store->doubt = true;
    }
    store->db->driver.ready(store->db->driver.context, store);
}

static void commit_unheard(struct store *store, unsigned number, enum sim_fault fault,
                           bool *ret_last)
{
    struct sim_link *link = &store->links[number];
    struct sim_txn *txn = link->txn;
    struct sim_db *db = store->db;
    if (fault == SIM_LOST_LATER && txn != NULL && txn->writes &&
        db->driver.orphan != NULL) {
        txn->store = NULL;
        link->txn = NULL;
        db->driver.orphan(db->driver.context, txn);
    } else if (fault != SIM_LOST_UNDONE) {
        (void)link->running->work(link->running, &link->txn, ret_last);
    }
    end_job(store, number, STATUS_UNKNOWN);
    lose(store, number, STATUS_UNKNOWN);
}

static bool go_wrong(struct store *store, unsigned number)
{
    struct sim_link *link = &store->links[number];
    struct sim_db *db = store->db;
    bool last = false;
    bool commits = link->running->commits;
    if (db->driver.fault == NULL) {
        return false;
    }
    enum sim_fault fault = db->driver.fault(db->driver.context, store, number, commits);
    switch (fault) {
    case SIM_FINE:
        return false;
    case SIM_CONFLICT:
        end_job(store, number, STATUS_RETRY);
        return true;
    case SIM_LOST:
        sim_db_disconnect(store, number);
        return true;
    case SIM_LOST_DONE:
    case SIM_LOST_UNDONE:
    case SIM_LOST_LATER:
        if (!commits) {
            sim_db_disconnect(store, number);
        } else {
            commit_unheard(store, number, fault, &last);
        }
        return true;
    }
    return false;
}

bool sim_db_work(struct store *store, unsigned number)
{
    struct sim_link *link = &store->links[number];
    bool last = false;
    link->told = false;
    if (!link->up || link->finished || link->first == NULL || store->place_lost) {
        return false;
    }
    if (link->txn != NULL && link->txn->waits_for != NULL) {
        return false;
    }
    struct sim_job *job = link->first;
    if (link->running == NULL) {
        link->running = job;
        if (job->in_transaction && link->txn == NULL) {
            end_job(store, number, STATUS_UNAVAILABLE);
            return true;
        }
    }
    if (go_wrong(store, number)) {
        return true;
    }
    enum status status = job->work(job, &link->txn, &last);
    if (status == STATUS_FULL) {
        return false; /* it waits, and is told when to try again */
    }
    if (status != STATUS_OK || last) {
        end_job(store, number, status);
        return true;
    }
    job->stage++;
    tell_runnable(store, number);
    return true;
}

/* ---- for the broker ----------------------------------------------------------------
 */

static void finish(struct sim_job *job, enum status status)
{
    struct arena own = job->own;
    job->finish(job, status);
    arena_finish(&own);
}

static struct sim_job *take_first(struct sim_link *link)
{
    struct sim_job *job = link->first;
    link->first = job->next;
    link->waiting--;
    if (link->first == NULL) {
        link->last = &link->first;
    }
    link->running = NULL;
    link->finished = false;
    return job;
}

enum status store_create(const struct store_settings *settings,
                         struct store **ret_store)
{
    struct store *store = sim_need(calloc(1, sizeof(*store)));
    assert(current != NULL);
    store->db = current;
    store->broker = settings->broker;
    if (settings->beginning != NULL) {
        store->cursor_count = settings->beginning->cursor_count;
        memcpy(store->cursors, settings->beginning->cursors, sizeof(store->cursors));
        store->alive_ms = settings->beginning->alive_ms;
    }
    for (unsigned i = 0; i < SIM_LINKS; i++) {
        store->links[i].last = &store->links[i].first;
        store->links[i].up = true;
    }
    store->next = current->stores;
    current->stores = store;
    *ret_store = store;
    return STATUS_OK;
}

static void end_link(struct store *store, unsigned number)
{
    struct sim_link *link = cut(store, number);
    while (link->first != NULL) {
        bool finished = link->finished;
        struct sim_job *job = take_first(link);
        finish(job, finished ? job->status : STATUS_UNAVAILABLE);
    }
}

void store_destroy(struct store *store)
{
    if (store == NULL) {
        return;
    }
    for (unsigned i = 0; i < SIM_LINKS; i++) {
        end_link(store, i);
    }
    end_link(store, SIM_WRITER); /* the end of the second may have asked the first */
    struct store **place = &store->db->stores;
    while (*place != store) {
        place = &(*place)->next;
    }
    *place = store->next;
    free(store);
}

size_t store_descriptors(struct store *store, struct pollfd *ret, size_t capacity)
{
    (void)store;
    (void)ret;
    (void)capacity;
    return 0;
}

void store_step(struct store *store)
{
    for (unsigned i = 0; i < SIM_LINKS; i++) {
        struct sim_link *link = &store->links[i];
        while (link->first != NULL && (link->finished || !link->up)) {
            bool finished = link->finished;
            struct sim_job *job = take_first(link);
            finish(job, finished ? job->status : STATUS_UNAVAILABLE);
        }
        tell_runnable(store, i);
    }
}

bool store_is_up(const struct store *store)
{
    for (unsigned i = 0; i < SIM_LINKS; i++) {
        if (!store->links[i].up) {
            return false;
        }
    }
    return !store->place_lost;
}
