// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_commit.c - what a batch changes, at the moment of its COMMIT, which may come
 * when its broker has died
 */
#include "tests/simulation/store_sim_rows.h"

#include "broker/due.h"

#include <stdlib.h>
#include <string.h>

static void remove_claim(struct sim_db *db, const struct store_claim *claim)
{
    struct sim_person *person = sim_person(db, claim->person);
    for (size_t i = 0; person != NULL && i < person->claim_count; i++) {
        const struct store_claim *c = &person->claims[i];
        if (c->start == claim->start && c->end == claim->end &&
            memcmp(&c->meeting, &claim->meeting, sizeof(c->meeting)) == 0) {
            memmove(&person->claims[i], &person->claims[i + 1],
                    (person->claim_count - i - 1) * sizeof(*c));
            person->claim_count--;
            return;
        }
    }
}

static void add_claim(struct sim_db *db, const struct store_claim *claim)
{
    struct sim_person *person = sim_person(db, claim->person);
    if (person == NULL) {
        return;
    }
    SIM_GROW(person->claims, person->claim_count, person->claim_capacity,
             *person->claims);
    size_t i = person->claim_count++;
    for (; i > 0 && person->claims[i - 1].start > claim->start; i--) {
        person->claims[i] = person->claims[i - 1];
    }
    person->claims[i] = *claim;
}

static bool is_held(const struct store_claim *claim, const struct entente_kept *kept)
{
    bool held = (claim->start == kept->held_start && claim->end == kept->held_end) ||
                (claim->start == kept->firm_start && claim->end == kept->firm_end);
    for (size_t i = 0; i < kept->candidates_count; i++) {
        held = held || (claim->start == kept->candidates[i].start &&
                        claim->end == kept->candidates[i].end);
    }
    return held;
}

/* A meeting that did not take place leaves nothing behind; one that goes on, nothing that
 * it holds no longer. */
static void call_off(struct sim_txn *txn, const struct store_meeting_change *change)
{
    const struct entente_meeting *meeting = change->meeting;
    bool off = change->base_version != 0 && (meeting->state == ENTENTE_CANCELLED ||
                                             meeting->state == ENTENTE_EXPIRED);
    bool sweeps = !off && change->base_version != 0 && change->sweeps &&
                  meeting->state != ENTENTE_DONE;
    for (size_t i = 0; (off || sweeps) && i < meeting->kept->people_count; i++) {
        struct sim_person *person = sim_person(txn->db, meeting->kept->people[i]);
        for (size_t j = person == NULL ? 0 : person->claim_count; j-- > 0;) {
            struct store_claim claim = person->claims[j];
            if (memcmp(claim.meeting.bytes, meeting->id.data, 16) != 0 ||
                (sweeps && is_held(&claim, meeting->kept))) {
                continue;
            }
            struct store_claim *more = sim_need(arena_array(
                &txn->arena, txn->over_count + 1, sizeof(struct store_claim)));
            memcpy(more, txn->over, txn->over_count * sizeof(*more));
            more[txn->over_count++] = claim;
            txn->over = more;
            remove_claim(txn->db, &claim);
        }
    }
}

static void write_claims(struct sim_txn *txn)
{
    struct sim_db *db = txn->db;
    txn->over = sim_need(arena_alloc(&txn->arena, 1));
    for (size_t i = 0; i < txn->changes.claims_removed_count; i++) {
        remove_claim(db, &txn->changes.claims_removed[i]);
    }
    bool keeps = db->mistake == SIM_KEEPS_CLAIMS;
    for (size_t i = 0; i < txn->changes.meeting_count && !keeps; i++) {
        call_off(txn, &txn->changes.meetings[i]);
    }
    for (size_t i = 0; i < txn->changes.claims_added_count; i++) {
        add_claim(db, &txn->changes.claims_added[i]);
    }
    for (size_t i = 0; i < txn->raised_count; i++) {
        struct sim_person *person = sim_person(db, txn->raised[i].person);
        person->row.version++;
    }
}

/* ---- meetings ----------------------------------------------------------------------
 */

static int64_t hold_until(const struct entente_meeting *meeting)
{
    if (meeting->kept->held_start == meeting->kept->held_end) {
        return 0;
    }
    if (meeting->hold_until_ms != 0) {
        return meeting->hold_until_ms;
    }
    return meeting->proposal == NULL ? 0 : meeting->proposal->answer_by_ms;
}

static void forget_waiting(struct sim_meeting *row)
{
    while (row->waits_for_count > 0) {
        struct sim_person *person = row->waits_for[--row->waits_for_count];
        size_t kept = 0;
        for (size_t j = 0; j < person->waiting_count; j++) {
            if (person->waiting[j] != row) {
                person->waiting[kept++] = person->waiting[j];
            }
        }
        person->waiting_count = kept;
    }
}

static void add_waiting(struct sim_db *db, struct sim_meeting *row,
                        const int64_t *people, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sim_person *person = sim_person(db, people[i]);
        if (person == NULL || (person->waiting_count > 0 &&
                               person->waiting[person->waiting_count - 1] == row)) {
            continue;
        }
        SIM_GROW(person->waiting, person->waiting_count, person->waiting_capacity,
                 struct sim_meeting *);
        person->waiting[person->waiting_count++] = row;
        SIM_GROW(row->waits_for, row->waits_for_count, row->waits_for_capacity,
                 struct sim_person *);
        row->waits_for[row->waits_for_count++] = person;
    }
}

static void write_meeting(struct sim_txn *txn, size_t i)
{
    struct sim_db *db = txn->db;
    const struct entente_meeting *meeting = txn->changes.meetings[i].meeting;
    struct sim_meeting *row = sim_meeting(db, meeting->id.data);
    if (row == NULL) {
        struct store_id id;
        memcpy(id.bytes, meeting->id.data, sizeof(id.bytes));
        row = sim_new_meeting(db, &id);
    }
    txn->rows[i] = row;
    forget_waiting(row);
    row->version = meeting->version;
    row->state = meeting->state;
    row->organizer = meeting->kept->organizer;
    row->updated_ms = meeting->updated_ms;
    row->hold_until_ms = hold_until(meeting);
    row->slots = 0;
    if (meeting->kept->held_start < meeting->kept->held_end &&
        (meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING ||
         meeting->state == ENTENTE_WAITING_ORGANIZER)) {
        size_t candidates = meeting->kept->candidates_count;
        row->slots = candidates == 0 ? 1 : (int64_t)candidates;
    }
    row->people_count = meeting->kept->people_count;
    row->people =
        sim_need(realloc(row->people, (row->people_count + 1) * sizeof(*row->people)));
    memcpy(row->people, meeting->kept->people,
           row->people_count * sizeof(*row->people));
    sim_image_take(db, &row->image, meeting);
}

static void wait(struct sim_db *db, struct sim_meeting *row,
                 const struct entente_meeting *meeting)
{
    const struct entente_kept *kept = meeting->kept;
    row->priority =
        meeting->spec->priority == 0 ? ENTENTE_ROUTINE : meeting->spec->priority;
    row->since_ms = meeting->created_ms;
    add_waiting(db, row, kept->people, kept->people_count);
    for (size_t i = 0; i < kept->pools_count; i++) {
        add_waiting(db, row, kept->pools[i].people, kept->pools[i].people_count);
    }
}

/* A search that came due after the batch had read its clock is not done yet; whether
 * agendas agree is looked at whatever else happens. */
static void forget_dues(struct sim_txn *txn, size_t i)
{
    const struct store_changes *changes = &txn->changes;
    struct sim_meeting *row = txn->rows[i];
    for (size_t j = row->due_count; j-- > 0;) {
        bool later = row->dues[j].reason == DUE_SEARCH &&
                     row->dues[j].at_ms > changes->now_ms && changes->meetings[i].waits;
        if (!later && row->dues[j].reason != DUE_DIVERGENCE) {
            sim_due_remove(txn->db, row, j);
        }
    }
}

static void finish_dues(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < changes->dues_done_count; i++) {
        struct sim_meeting *row =
            sim_meeting(txn->db, changes->dues_done[i].meeting.bytes);
        for (size_t j = row == NULL ? 0 : row->due_count; j-- > 0;) {
            if (row->dues[j].reason == changes->dues_done[i].reason &&
                row->dues[j].at_ms <= changes->now_ms) {
                sim_due_remove(txn->db, row, j);
            }
        }
    }
}

static void write_dues(struct sim_txn *txn)
{
    struct sim_db *db = txn->db;
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        if (!changes->meetings[i].keeps_dues) {
            forget_dues(txn, i);
        }
    }
    finish_dues(txn);
    for (size_t i = 0; i < changes->due_count; i++) {
        struct sim_meeting *row = sim_meeting(db, changes->dues[i].meeting.bytes);
        bool forgets = ++db->dues % 11 == 0 && db->mistake == SIM_FORGETS_DUES;
        if (row != NULL && !forgets) {
            sim_due_put(db, row, changes->dues[i].reason, changes->dues[i].at_ms);
        }
    }
    for (size_t i = 0; i < changes->meeting_count; i++) {
        if (changes->meetings[i].waits) {
            wait(db, txn->rows[i], changes->meetings[i].meeting);
        }
    }
    for (size_t i = 0; i < changes->claims_removed_count; i++) {
        const struct store_claim *claim = &changes->claims_removed[i];
        const struct sim_person *person = sim_person(db, claim->person);
        if (person != NULL) {
            sim_wake(db, person, sim_meeting(db, claim->meeting.bytes),
                     changes->now_ms);
        }
    }
}

static void write_feed(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < txn->raised_count; i++) {
        const struct store_change row = {.kind = STORE_CLAIMS,
                                         .person = txn->raised[i].person,
                                         .version = txn->raised[i].version};
        sim_feed(txn->db, txn->broker, &row);
    }
    for (size_t i = 0; i < changes->outbox_count; i++) {
        const struct store_change row = {.kind = STORE_RECIPIENT,
                                         .client = changes->outbox[i].client};
        sim_feed(txn->db, txn->broker, &row);
    }
}

/* ---- recipients, commands, results -------------------------------------------------
 */

void sim_issue(struct sim_client *client, struct sim_meeting *meeting, uint32_t version,
               int64_t now_ms)
{
    client->is_recipient = true;
    SIM_GROW(client->outbox, client->last_seq, client->outbox_capacity,
             *client->outbox);
    client->outbox[client->last_seq] =
        (struct sim_outbox){.sequence = client->last_seq + 1,
                            .meeting = meeting,
                            .version = version,
                            .at_ms = now_ms};
    client->last_seq++;
}

static void issue(struct sim_db *db, const struct store_outbox *event,
                  int64_t recipient, int64_t now_ms)
{
    struct sim_client *client = sim_client(db, recipient);
    bool forgets = db->mistake == SIM_FORGETS_EVENTS && client->last_seq % 5 == 4;
    sim_issue(client, forgets ? NULL : sim_meeting(db, event->meeting.bytes),
              event->version, now_ms);
}

static void write_outbox(struct sim_txn *txn)
{
    struct sim_db *db = txn->db;
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < changes->outbox_count; i++) {
        const struct store_outbox *event = &changes->outbox[i];
        issue(db, event, event->client, changes->now_ms);
        if (db->mistake == SIM_TELLS_OTHERS && db->commits % 31 == 30) {
            size_t other = (size_t)event->client % db->client_count;
            issue(db, event, db->clients[other]->row.id, changes->now_ms);
        }
    }
    for (size_t i = 0; i < changes->ack_count; i++) {
        struct sim_client *client = sim_client(db, changes->acks[i].client);
        uint64_t acked = changes->acks[i].sequence;
        client->is_recipient = true;
        acked = acked > client->last_seq ? client->last_seq : acked;
        client->acked_seq = acked > client->acked_seq ? acked : client->acked_seq;
    }
}

static void write_commands(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0;
         i < changes->command_count && txn->db->mistake != SIM_FORGETS_COMMANDS; i++) {
        struct sim_command *row = sim_need(malloc(sizeof(*row)));
        *row = (struct sim_command){changes->commands[i], changes->now_ms};
        struct sim_client *client = sim_client(txn->db, row->row.key.client);
        if (!map_put(&client->commands, sim_command_hash(&row->row.key), row)) {
            abort();
        }
    }
}

static void write_result(struct sim_db *db, const struct store_result *result,
                         int64_t now_ms)
{
    struct sim_meeting *meeting = sim_meeting(db, result->meeting.bytes);
    if (meeting == NULL) {
        return;
    }
    struct sim_reported *row = meeting->results;
    while (row != NULL && (row->row.client != result->client ||
                           strcmp(row->row.source, result->source) != 0)) {
        row = row->next;
    }
    if (row == NULL) {
        row = sim_need(arena_alloc(&db->texts, sizeof(*row)));
        row->next = meeting->results;
        meeting->results = row;
    } else if (row->row.version > result->version) {
        return;
    }
    row->row = *result;
    row->at_ms = now_ms;
}

/* They stay: whoever has read a decision may think about it for a while. */
static struct entente_bytes own_bytes(struct sim_db *db, struct entente_bytes bytes)
{
    return (struct entente_bytes){
        bytes.size == 0 ? NULL
                        : sim_need(arena_copy(&db->texts, bytes.data, bytes.size)),
        bytes.size};
}

static void write_decision(struct sim_db *db, const struct store_decision *decision,
                           int64_t now_ms)
{
    struct sim_meeting *row = sim_meeting(db, decision->meeting.bytes);
    if (row == NULL) {
        return;
    }
    SIM_GROW(row->decisions, row->decision_count, row->decision_capacity,
             *row->decisions);
    struct store_decision *kept = &row->decisions[row->decision_count++];
    *kept = *decision;
    kept->at_ms = now_ms;
    kept->evidence = own_bytes(db, decision->evidence);
    kept->said = own_bytes(db, decision->said);
}

void sim_commit_batch(struct sim_txn *txn)
{
    struct sim_db *db = txn->db;
    const struct store_changes *changes = &txn->changes;
    if (!txn->writes) {
        return;
    }
    write_claims(txn);
    for (size_t i = 0; i < changes->meeting_count; i++) {
        write_meeting(txn, i);
    }
    write_commands(txn);
    write_outbox(txn);
    write_dues(txn);
    for (size_t i = 0; i < changes->result_count; i++) {
        write_result(db, &changes->results[i], changes->now_ms);
    }
    for (size_t i = 0; i < changes->decision_count; i++) {
        write_decision(db, &changes->decisions[i], changes->now_ms);
    }
    sim_commit_divergences(db, changes);
    write_feed(txn);
    sim_alive(db, txn->broker)->batches++;
    const struct sim_commit commit = {.number = ++db->commits,
                                      .batch = changes,
                                      .over = txn->over,
                                      .over_count = txn->over_count};
    if (db->driver.committed != NULL) {
        db->driver.committed(db->driver.context, &commit);
    }
}

/* ---- without its broker ------------------------------------------------------------
 */

static void leave_behind(struct store *store, unsigned number)
{
    struct sim_link *link = &store->links[number];
    struct sim_txn *txn = link->txn;
    if (txn != NULL && txn->writes && link->running != NULL && !link->finished &&
        link->running->commits) {
        txn->store = NULL;
        link->txn = NULL;
        store->db->driver.orphan(store->db->driver.context, txn);
    }
}

void sim_db_leave_behind(struct store *store)
{
    leave_behind(store, SIM_WRITER);
    leave_behind(store, SIM_WRITER_2);
}
