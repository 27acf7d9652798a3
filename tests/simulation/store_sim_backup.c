// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_backup.c - a backup, the database as it was then, and a new generation
 *
 * People and clients are the same all the time, and meetings keep their places in memory:
 * a backup has what they owned.  What was appended is cut off again.
 */
#include "tests/simulation/store_sim_rows.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION_LEAP = 100000, EPOCH_LEAP = 1000000 };

struct saved_client {
    struct sim_client row; /* its outbox: a copy; no map */
    struct sim_command *commands;
    size_t command_count;
};

struct saved_feed {
    int64_t origin;
    size_t count;
};

struct sim_backup {
    struct sim_person *people; /* what they own are copies */
    struct saved_client *clients;
    struct sim_meeting *meetings;
    size_t meeting_count;
    struct sim_divergence *divergences;
    size_t divergence_count;
    struct sim_breaker *breakers;
    size_t breaker_count;
    struct saved_feed *feeds;
    size_t feed_count;
    struct sim_broker *brokers; /* an array */
    size_t broker_count;
    int32_t generation;
};

static void *copy(const void *rows, size_t count, size_t size)
{
    void *own = sim_need(malloc(count * size + 1));
    if (count > 0) {
        memcpy(own, rows, count * size);
    }
    return own;
}

/* ---- people ------------------------------------------------------------------------
 */

/* *to, which owns nothing, becomes as *from is. */
static void copy_person(struct sim_person *to, const struct sim_person *from)
{
    *to = *from;
    to->lock.owner = NULL;
    to->claims = copy(from->claims, from->claim_count, sizeof(*from->claims));
    to->claim_capacity = from->claim_count;
    to->waiting =
        copy(from->waiting, from->waiting_count, sizeof(struct sim_meeting *));
    to->waiting_capacity = from->waiting_count;
    to->sources = NULL;
    for (const struct sim_source *s = from->sources; s != NULL; s = s->next) {
        sim_put_source(to, sim_new_source(&s->row));
    }
}

/* ---- clients -----------------------------------------------------------------------
 */

static void save_client(struct saved_client *to, const struct sim_client *from)
{
    size_t cursor = 0;
    const struct sim_command *command;
    to->row = *from;
    to->row.outbox = copy(from->outbox, from->last_seq, sizeof(*from->outbox));
    to->row.outbox_capacity = from->last_seq;
    to->commands = sim_need(calloc(from->commands.count + 1, sizeof(*to->commands)));
    while ((command = map_next(&from->commands, &cursor)) != NULL) {
        to->commands[to->command_count++] = *command;
    }
}

static void forget_commands(struct sim_client *client)
{
    size_t cursor = 0;
    void *command;
    while ((command = map_next(&client->commands, &cursor)) != NULL) {
        free(command);
    }
    map_finish(&client->commands);
    client->commands = (struct map){0};
}

static void restore_client(struct sim_client *to, const struct saved_client *from)
{
    uint64_t asked_at = to->asked_at;
    forget_commands(to);
    free(to->outbox);
    *to = from->row;
    to->asked_at = asked_at;
    to->lock.owner = NULL;
    to->commands = (struct map){0};
    to->outbox = copy(from->row.outbox, from->row.last_seq, sizeof(*to->outbox));
    for (size_t i = 0; i < from->command_count; i++) {
        struct sim_command *command = copy(&from->commands[i], 1, sizeof(*command));
        if (!map_put(&to->commands, sim_command_hash(&command->row.key), command)) {
            sim_need(NULL);
        }
    }
}

/* ---- meetings ----------------------------------------------------------------------
 */

static void copy_meeting(struct sim_db *db, struct sim_meeting *to,
                         const struct sim_meeting *from)
{
    *to = *from;
    to->lock.owner = NULL;
    to->due_lock.owner = NULL;
    to->people = copy(from->people, from->people_count, sizeof(*from->people));
    to->waits_for =
        copy(from->waits_for, from->waits_for_count, sizeof(struct sim_person *));
    to->waits_for_capacity = from->waits_for_count;
    to->image = (struct sim_image){0};
    arena_init(&to->image.large, SIZE_MAX);
    sim_image_take(db, &to->image, from->image.meeting);
}

/* What was decided is appended, and stays where it is. */
static void restore_meeting(struct sim_db *db, struct sim_meeting *to,
                            const struct sim_meeting *from)
{
    struct store_decision *decisions = to->decisions;
    size_t capacity = to->decision_capacity;
    free(to->people);
    free(to->waits_for);
    sim_image_finish(&to->image);
    copy_meeting(db, to, from);
    to->decisions = decisions;
    to->decision_capacity = capacity;
    to->due_place = SIZE_MAX;
    if (to->due_count > 0) {
        SIM_GROW(db->due, db->due_count, db->due_capacity, struct sim_meeting *);
        to->due_place = db->due_count;
        db->due[db->due_count++] = to;
    }
    SIM_GROW(db->living, db->living_count, db->living_capacity, struct sim_meeting *);
    db->living[db->living_count++] = to;
}

static void restore_meetings(struct sim_db *db, const struct sim_backup *backup)
{
    db->due_count = 0;
    db->living_count = 0;
    for (size_t i = 0; i < backup->meeting_count; i++) {
        restore_meeting(db, db->meetings[i], &backup->meetings[i]);
    }
    for (size_t i = backup->meeting_count; i < db->meeting_count; i++) {
        sim_lose_meeting(db, db->meetings[i]);
    }
    db->meeting_count = backup->meeting_count;
}

/* ---- all of it ---------------------------------------------------------------------
 */

static void save_rows(const struct sim_db *db, struct sim_backup *backup)
{
    backup->divergence_count = db->divergence_count;
    backup->divergences =
        copy(db->divergences, db->divergence_count, sizeof(*db->divergences));
    backup->breaker_count = db->breaker_count;
    backup->breakers = copy(db->breakers, db->breaker_count, sizeof(*db->breakers));
    backup->feeds = sim_need(calloc(STORE_ORIGINS, sizeof(*backup->feeds)));
    for (const struct sim_feed *f = db->feeds; f != NULL; f = f->next) {
        backup->feeds[backup->feed_count++] = (struct saved_feed){f->origin, f->count};
    }
    backup->brokers = sim_need(calloc(STORE_ORIGINS, sizeof(*backup->brokers)));
    for (const struct sim_broker *b = db->brokers; b != NULL; b = b->next) {
        backup->brokers[backup->broker_count++] = *b;
    }
}

void sim_db_save(struct sim_db *db)
{
    sim_forget_backup(db);
    struct sim_backup *backup = sim_need(calloc(1, sizeof(*backup)));
    db->backup = backup;
    backup->generation = db->generation;
    backup->people = sim_need(calloc(db->people_count + 1, sizeof(*backup->people)));
    for (size_t i = 0; i < db->people_count; i++) {
        copy_person(&backup->people[i], db->people[i]);
    }
    backup->clients = sim_need(calloc(db->client_count + 1, sizeof(*backup->clients)));
    for (size_t i = 0; i < db->client_count; i++) {
        save_client(&backup->clients[i], db->clients[i]);
    }
    backup->meeting_count = db->meeting_count;
    backup->meetings =
        sim_need(calloc(db->meeting_count + 1, sizeof(*backup->meetings)));
    for (size_t i = 0; i < db->meeting_count; i++) {
        copy_meeting(db, &backup->meetings[i], db->meetings[i]);
    }
    save_rows(db, backup);
}

void sim_forget_backup(struct sim_db *db)
{
    struct sim_backup *backup = db->backup;
    if (backup == NULL) {
        return;
    }
    for (size_t i = 0; i < db->people_count; i++) {
        sim_clear_person(&backup->people[i]);
    }
    for (size_t i = 0; i < db->client_count; i++) {
        free(backup->clients[i].row.outbox);
        free(backup->clients[i].commands);
    }
    for (size_t i = 0; i < backup->meeting_count; i++) {
        free(backup->meetings[i].people);
        free(backup->meetings[i].waits_for);
        sim_image_finish(&backup->meetings[i].image);
    }
    free(backup->people);
    free(backup->clients);
    free(backup->meetings);
    free(backup->divergences);
    free(backup->breakers);
    free(backup->feeds);
    free(backup->brokers);
    free(backup);
    db->backup = NULL;
}

static void restore_rows(struct sim_db *db, const struct sim_backup *backup)
{
    free(db->divergences);
    db->divergences =
        copy(backup->divergences, backup->divergence_count, sizeof(*db->divergences));
    db->divergence_count = backup->divergence_count;
    db->divergence_capacity = backup->divergence_count;
    free(db->breakers);
    db->breakers = copy(backup->breakers, backup->breaker_count, sizeof(*db->breakers));
    db->breaker_count = backup->breaker_count;
    db->breaker_capacity = backup->breaker_count;
    for (struct sim_feed *f = db->feeds; f != NULL; f = f->next) {
        f->count = 0;
        for (size_t i = 0; i < backup->feed_count; i++) {
            f->count = backup->feeds[i].origin == f->origin ? backup->feeds[i].count
                                                            : f->count;
        }
        f->forgotten = f->forgotten < f->count ? f->forgotten : f->count;
    }
    for (struct sim_broker *b = db->brokers; b != NULL; b = b->next) {
        b->alive_ms = 0;
        b->batches = 0;
        for (size_t i = 0; i < backup->broker_count; i++) {
            if (backup->brokers[i].id == b->id) {
                b->alive_ms = backup->brokers[i].alive_ms;
                b->batches = backup->brokers[i].batches;
            }
        }
    }
}

bool sim_db_restore(struct sim_db *db)
{
    const struct sim_backup *backup = db->backup;
    if (backup == NULL) {
        return false;
    }
    sim_db_crash(db);
    sim_break_off(db);
    for (size_t i = 0; i < db->people_count; i++) {
        uint64_t asked_at = db->people[i]->asked_at;
        sim_clear_person(db->people[i]);
        copy_person(db->people[i], &backup->people[i]);
        db->people[i]->asked_at = asked_at;
    }
    for (size_t i = 0; i < db->client_count; i++) {
        restore_client(db->clients[i], &backup->clients[i]);
    }
    restore_meetings(db, backup);
    restore_rows(db, backup);
    db->generation = backup->generation;
    db->older = true;
    return true;
}

bool sim_db_is_older(const struct sim_db *db)
{
    return db->older;
}

bool sim_db_knows_more(const struct store *store)
{
    return sim_is_older(store);
}

struct sim_recipient sim_db_backup_recipient(const struct sim_db *db, int64_t client)
{
    size_t i = 0;
    while (db->clients[i]->row.id != client) {
        i++;
    }
    const struct sim_client *row = &db->backup->clients[i].row;
    return (struct sim_recipient){.epoch = row->event_epoch,
                                  .issued = row->last_seq,
                                  .acked = row->acked_seq,
                                  .request_epoch = row->request_epoch};
}

/* ---- generations -------------------------------------------------------------------
 */

void sim_break_off(struct sim_db *db)
{
    for (struct store *store = db->stores; store != NULL; store = store->next) {
        for (unsigned i = 0; i < SIM_LINKS; i++) {
            if (store->links[i].txn != NULL) {
                sim_db_disconnect(store, i);
            }
        }
    }
    /* Orphans: whoever settles them later has nothing to commit. */
    for (struct sim_txn *txn = db->open; txn != NULL; txn = txn->next) {
        for (size_t i = 0; i < txn->lock_count; i++) {
            txn->locks[i]->owner = NULL;
        }
        txn->lock_count = 0;
        txn->writes = false;
    }
}

static void raise_meeting(const struct sim_db *db, struct sim_meeting *row)
{
    if (db->mistake != SIM_KEEPS_VERSIONS) {
        row->version += VERSION_LEAP;
        row->image.meeting->version = row->version;
        row->image.meeting->kept->open_version = 0;
    }
    if (db->driver.raised != NULL) {
        db->driver.raised(db->driver.context, row->id, row->version);
    }
}

/* In one transaction that keeps every batch out. */
static void begin_generation(struct sim_db *db)
{
    sim_break_off(db);
    db->generation++;
    db->older = false;
    for (size_t i = 0; i < db->client_count; i++) {
        struct sim_client *client = db->clients[i];
        client->request_epoch += db->mistake == SIM_KEEPS_EPOCHS ? 0 : EPOCH_LEAP;
        client->publication_epoch += EPOCH_LEAP;
        client->event_epoch += db->mistake == SIM_KEEPS_NUMBERING ? 0 : EPOCH_LEAP;
    }
    for (size_t i = 0; i < db->meeting_count; i++) {
        raise_meeting(db, db->meetings[i]);
    }
    for (size_t i = 0; i < db->client_count && db->driver.numbered != NULL; i++) {
        db->driver.numbered(db->driver.context, db->clients[i]->row.id, true);
    }
}

void sim_db_begin_generation(struct sim_db *db)
{
    if (db->mistake != SIM_NO_GENERATION) {
        begin_generation(db);
    }
}

enum status store_renew_generation(struct store *store, int32_t known,
                                   const char *because, int32_t *ret_generation)
{
    struct sim_db *db = store->db;
    (void)because;
    if (db->generation <= known) {
        begin_generation(db);
    }
    *ret_generation = db->generation;
    return STATUS_OK;
}
