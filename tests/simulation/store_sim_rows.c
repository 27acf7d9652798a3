// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/store_sim_rows.h"

#include "broker/due.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- locks -------------------------------------------------------------------------
 */

enum status sim_wait_for(struct sim_txn *txn, struct sim_txn *other)
{
    for (const struct sim_txn *t = other; t != NULL; t = t->waits_for) {
        if (t == txn) {
            return STATUS_RETRY;
        }
    }
    txn->waits_for = other;
    return STATUS_FULL;
}

enum status sim_lock_take(struct sim_txn *txn, struct sim_lock *lock)
{
    if (lock->owner == txn) {
        return STATUS_OK;
    }
    if (lock->owner != NULL) {
        return sim_wait_for(txn, lock->owner);
    }
    SIM_GROW(txn->locks, txn->lock_count, txn->lock_capacity, struct sim_lock *);
    txn->locks[txn->lock_count++] = lock;
    lock->owner = txn;
    return STATUS_OK;
}

/* ---- finding -----------------------------------------------------------------------
 */

static uint64_t meeting_key(const uint8_t id[16])
{
    uint64_t halves[2];
    memcpy(halves, id, sizeof(halves));
    return halves[0] * UINT64_C(0x9e3779b97f4a7c15) ^ halves[1];
}

struct sim_person *sim_person(const struct sim_db *db, int64_t person)
{
    /* In a world they are numbered from 1 on. */
    uint64_t place = (uint64_t)person - 1;
    return place < db->people_count && db->people[place]->row.person == person
               ? db->people[place]
               : map_get(&db->people_by_id, (uint64_t)person);
}

struct sim_client *sim_client(const struct sim_db *db, int64_t client)
{
    return map_get(&db->clients_by_id, (uint64_t)client);
}

struct sim_meeting *sim_meeting(const struct sim_db *db, const uint8_t id[16])
{
    struct sim_meeting *row = map_get(&db->meetings_by_id, meeting_key(id));
    assert(row == NULL || memcmp(row->id.bytes, id, 16) == 0);
    return row;
}

uint64_t sim_command_hash(const struct store_command_key *key)
{
    return (key->epoch << 40) + key->counter + 1;
}

const char *sim_text(struct sim_db *db, const char *text)
{
    return text == NULL ? NULL : sim_need(arena_text(&db->texts, text));
}

/* ---- what the operator does --------------------------------------------------------
 */

void sim_db_add_person(struct sim_db *db, int64_t person, uint32_t kind,
                       const char *system, const char *value, const uint8_t *blind)
{
    struct sim_person *row = sim_need(calloc(1, sizeof(*row)));
    row->row = (struct store_person_row){.person = person,
                                         .version = 1,
                                         .kind = kind,
                                         .system = sim_text(db, system),
                                         .value = sim_text(db, value)};
    if (blind != NULL) {
        memcpy(row->row.blind, blind, sizeof(row->row.blind));
    }
    row->created_ms = db->now_ms;
    db->people = sim_need(
        realloc(db->people, (db->people_count + 1) * sizeof(struct sim_person *)));
    size_t i = db->people_count++;
    for (; i > 0 && db->people[i - 1]->row.person > person; i--) {
        db->people[i] = db->people[i - 1];
    }
    db->people[i] = row;
    if (!map_put(&db->people_by_id, (uint64_t)person, row)) {
        abort();
    }
}

void sim_db_add_client(struct sim_db *db, int64_t client, const char *name,
                       const char *key, bool sandbox, const int64_t *people,
                       size_t count)
{
    struct sim_client *row = sim_need(calloc(1, sizeof(*row)));
    row->people = sim_need(malloc((count + 1) * sizeof(*row->people)));
    memcpy(row->people, people, count * sizeof(*row->people));
    row->row = (struct store_client){.id = client,
                                     .name = sim_text(db, name),
                                     .sandbox = sandbox || db->mistake == SIM_ALL_MAY,
                                     .people_revision = 1,
                                     .speaks_for = row->people,
                                     .speaks_for_count = count};
    row->event_epoch = 1;
    memcpy(row->row.public_key, key, strlen(key) + 1);
    db->clients = sim_need(
        realloc(db->clients, (db->client_count + 1) * sizeof(struct sim_client *)));
    size_t i = db->client_count++;
    for (; i > 0 && db->clients[i - 1]->row.id > client; i--) {
        db->clients[i] = db->clients[i - 1];
    }
    db->clients[i] = row;
    if (!map_put(&db->clients_by_id, (uint64_t)client, row)) {
        abort();
    }
}

struct sim_broker *sim_broker(const struct sim_db *db, int64_t broker)
{
    struct sim_broker *row = db->brokers;
    while (row != NULL && row->id != broker) {
        row = row->next;
    }
    return row;
}

struct sim_broker *sim_alive(struct sim_db *db, int64_t broker)
{
    struct sim_broker *row = sim_broker(db, broker);
    if (row == NULL) {
        row = sim_need(calloc(1, sizeof(*row)));
        row->id = broker;
        row->next = db->brokers;
        db->brokers = row;
    }
    row->alive_ms = db->now_ms;
    return row;
}

/* ---- meetings ----------------------------------------------------------------------
 */

struct sim_meeting *sim_new_meeting(struct sim_db *db, const struct store_id *id)
{
    struct sim_meeting *row = sim_need(calloc(1, sizeof(*row)));
    row->id = *id;
    row->due_place = SIZE_MAX;
    arena_init(&row->image.large, SIZE_MAX);
    SIM_GROW(db->meetings, db->meeting_count, db->meeting_capacity,
             struct sim_meeting *);
    db->meetings[db->meeting_count++] = row;
    SIM_GROW(db->living, db->living_count, db->living_capacity, struct sim_meeting *);
    db->living[db->living_count++] = row;
    if (!map_put(&db->meetings_by_id, meeting_key(id->bytes), row)) {
        abort();
    }
    return row;
}

/* It came behind the backup.  Somebody may still read of it. */
void sim_lose_meeting(struct sim_db *db, struct sim_meeting *row)
{
    map_remove(&db->meetings_by_id, meeting_key(row->id.bytes));
    SIM_GROW(db->lost, db->lost_count, db->lost_capacity, struct sim_meeting *);
    db->lost[db->lost_count++] = row;
}

void sim_due_put(struct sim_db *db, struct sim_meeting *row, uint32_t reason,
                 int64_t at_ms)
{
    for (size_t i = 0; i < row->due_count; i++) {
        if (row->dues[i].reason == reason) {
            row->dues[i].at_ms =
                at_ms < row->dues[i].at_ms ? at_ms : row->dues[i].at_ms;
            return;
        }
    }
    assert(row->due_count < SIM_DUES);
    row->dues[row->due_count++] =
        (struct store_due){.meeting = row->id, .reason = reason, .at_ms = at_ms};
    if (row->due_place == SIZE_MAX) {
        SIM_GROW(db->due, db->due_count, db->due_capacity, struct sim_meeting *);
        row->due_place = db->due_count;
        db->due[db->due_count++] = row;
    }
}

void sim_due_remove(struct sim_db *db, struct sim_meeting *row, size_t i)
{
    row->dues[i] = row->dues[--row->due_count];
    if (row->due_count == 0) {
        db->due[row->due_place] = db->due[--db->due_count];
        db->due[row->due_place]->due_place = row->due_place;
        row->due_place = SIZE_MAX;
    }
}

void sim_wake(struct sim_db *db, const struct sim_person *person,
              const struct sim_meeting *except, int64_t now_ms)
{
    for (size_t i = 0; i < person->waiting_count; i++) {
        if (person->waiting[i] != except) {
            sim_due_put(db, person->waiting[i], DUE_SEARCH, now_ms);
        }
    }
}

/* ---- their end ---------------------------------------------------------------------
 */

void sim_clear_person(struct sim_person *person)
{
    while (person->sources != NULL) {
        struct sim_source *source = person->sources;
        person->sources = source->next;
        arena_finish(&source->arena);
        free(source);
    }
    free(person->claims);
    free(person->waiting);
}

void sim_free_person(struct sim_person *person)
{
    sim_clear_person(person);
    free(person);
}

void sim_free_client(struct sim_client *client)
{
    size_t cursor = 0;
    void *command;
    while ((command = map_next(&client->commands, &cursor)) != NULL) {
        free(command);
    }
    map_finish(&client->commands);
    free(client->outbox);
    free(client->people);
    free(client);
}

void sim_free_meeting(struct sim_meeting *meeting)
{
    free(meeting->decisions);
    free(meeting->people);
    free(meeting->waits_for);
    sim_image_finish(&meeting->image);
    free(meeting);
}

/* ---- looking in --------------------------------------------------------------------
 */

size_t sim_db_meetings(const struct sim_db *db)
{
    return db->meeting_count;
}

struct sim_meeting_view sim_db_meeting(const struct sim_db *db, size_t i)
{
    const struct sim_meeting *row = db->meetings[i];
    return (struct sim_meeting_view){.id = row->id,
                                     .version = row->version,
                                     .state = row->state,
                                     .organizer = row->organizer};
}

size_t sim_db_claims(const struct sim_db *db)
{
    size_t count = 0;
    for (size_t i = 0; i < db->people_count; i++) {
        count += db->people[i]->claim_count;
    }
    return count;
}

bool sim_speaks_for(const struct sim_client *client, int64_t person)
{
    for (size_t i = 0; i < client->row.speaks_for_count; i++) {
        if (client->row.speaks_for[i] == person) {
            return true;
        }
    }
    return false;
}

/* A row that a hello has written names the version as it stands, also where it is between
 * the broker and the owner of somebody else's agenda. */
static uint32_t shown_version(const struct sim_client *client,
                              const struct sim_outbox *event)
{
    const struct entente_kept *kept = event->meeting->image.meeting->kept;
    uint32_t shown = kept->open_version == 0 ? event->version : kept->open_version;
    for (size_t i = 0; i < kept->own_versions_count; i++) {
        if (kept->own_versions[i] > shown && sim_speaks_for(client, kept->people[i])) {
            shown = kept->own_versions[i];
        }
    }
    return shown < event->version ? shown : event->version;
}

bool sim_db_event(const struct sim_db *db, int64_t client, size_t *place,
                  struct sim_event_row *ret_row)
{
    const struct sim_client *row = sim_client(db, client);
    while (*place < row->last_seq) {
        const struct sim_outbox *event = &row->outbox[(*place)++];
        if (event->meeting != NULL) {
            *ret_row =
                (struct sim_event_row){event->sequence, event->meeting->id,
                                       event->version, shown_version(row, event)};
            return true;
        }
    }
    return false;
}

struct sim_recipient sim_db_recipient(const struct sim_db *db, int64_t client)
{
    const struct sim_client *row = sim_client(db, client);
    return (struct sim_recipient){.epoch = row->event_epoch,
                                  .issued = row->last_seq,
                                  .acked = row->acked_seq,
                                  .request_epoch = row->request_epoch};
}
