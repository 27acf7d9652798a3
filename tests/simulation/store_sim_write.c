// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_write.c - the second half of a batch: what it changes is checked and locked
 * in PostgreSQL's order, and applied as a whole by the COMMIT
 */
#include "tests/simulation/store_sim_rows.h"

#include "broker/negotiation.h"
#include "proto/codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct write_job {
    struct sim_job job;
    const struct store_changes *changes;
    store_written_fn done;
    struct store_written written;
    uint64_t batches; /* that this broker has written by then */
};

/* ---- the transaction's own copy ----------------------------------------------------
 */

static void *copy(struct sim_txn *txn, const void *bytes, size_t count, size_t size)
{
    return sim_need(arena_copy(&txn->arena, bytes, count * size));
}

/* The broker may be gone when it commits. */
static enum status take_copy(struct sim_txn *txn, const struct store_changes *from)
{
    struct store_changes *to = &txn->changes;
    struct sim_db *db = txn->db;
    *to = *from;
    to->claims_removed = copy(txn, from->claims_removed, from->claims_removed_count,
                              sizeof(*from->claims_removed));
    struct store_claim *added = copy(txn, from->claims_added, from->claims_added_count,
                                     sizeof(*from->claims_added));
    for (size_t i = 0; i < from->claims_added_count; i++) {
        added[i].place = sim_text(db, added[i].place);
    }
    to->claims_added = added;
    to->dues = copy(txn, from->dues, from->due_count, sizeof(*from->dues));
    to->dues_done =
        copy(txn, from->dues_done, from->dues_done_count, sizeof(*from->dues_done));
    to->commands =
        copy(txn, from->commands, from->command_count, sizeof(*from->commands));
    to->outbox = copy(txn, from->outbox, from->outbox_count, sizeof(*from->outbox));
    to->acks = copy(txn, from->acks, from->ack_count, sizeof(*from->acks));
    struct store_result *results =
        copy(txn, from->results, from->result_count, sizeof(*from->results));
    for (size_t i = 0; i < from->result_count; i++) {
        results[i].source =
            sim_text(db, results[i].source == NULL ? "" : results[i].source);
        results[i].comment = sim_text(db, results[i].comment);
    }
    to->results = results;
    to->divergences = copy(txn, from->divergences, from->divergence_count,
                           sizeof(*from->divergences));
    to->trips = copy(txn, from->trips, from->trip_count, sizeof(*from->trips));
    struct store_decision *decisions =
        copy(txn, from->decisions, from->decision_count, sizeof(*from->decisions));
    for (size_t i = 0; i < from->decision_count; i++) {
        struct entente_bytes *evidence = &decisions[i].evidence;
        evidence->data = copy(txn, evidence->data, evidence->size, 1);
        decisions[i].said.data =
            copy(txn, decisions[i].said.data, decisions[i].said.size, 1);
    }
    to->decisions = decisions;
    struct store_meeting_change *meetings =
        copy(txn, from->meetings, from->meeting_count, sizeof(*from->meetings));
    to->meetings = meetings;
    txn->rows = sim_need(
        arena_array(&txn->arena, from->meeting_count, sizeof(struct sim_meeting *)));
    for (size_t i = 0; i < from->meeting_count; i++) {
        struct entente_meeting *meeting;
        struct entente_bytes body; /* what is not written, or not read, is not stored */
        if (!codec_encode_meeting(from->meetings[i].meeting, &txn->arena, &body) ||
            !codec_decode_meeting(body, &txn->arena, &meeting)) {
            return STATUS_FAILED;
        }
        meetings[i].meeting = meeting;
    }
    txn->writes = true;
    return STATUS_OK;
}

/* ---- claims ------------------------------------------------------------------------
 */

static bool is_same(const struct store_claim *a, const struct store_claim *b)
{
    return a->person == b->person && a->start == b->start && a->end == b->end &&
           memcmp(&a->meeting, &b->meeting, sizeof(a->meeting)) == 0;
}

static bool is_removed(const struct store_changes *changes, const struct store_claim *c)
{
    for (size_t i = 0; i < changes->claims_removed_count; i++) {
        if (is_same(&changes->claims_removed[i], c)) {
            return true;
        }
    }
    return false;
}

static bool excludes(const struct store_claim *a, const struct store_claim *b)
{
    return a->person == b->person && a->start < b->end && b->start < a->end &&
           memcmp(&a->meeting, &b->meeting, sizeof(a->meeting)) != 0;
}

/* What CHECK and EXCLUDE say about one new claim. */
static bool may_add(const struct sim_txn *txn, size_t which)
{
    const struct store_changes *changes = &txn->changes;
    const struct store_claim *claim = &changes->claims_added[which];
    const struct sim_person *person = sim_person(txn->db, claim->person);
    if (claim->start >= claim->end) {
        return false;
    }
    for (size_t i = 0; i < which; i++) {
        if (excludes(claim, &changes->claims_added[i])) {
            return false;
        }
    }
    for (size_t i = 0; person != NULL && i < person->claim_count; i++) {
        if (excludes(claim, &person->claims[i]) &&
            !is_removed(changes, &person->claims[i])) {
            return false;
        }
    }
    return true;
}

static int by_person(const void *a, const void *b)
{
    const struct store_person *x = a;
    const struct store_person *y = b;
    return x->person < y->person ? -1 : x->person > y->person;
}

static void list_raised(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    size_t removed = changes->claims_removed_count;
    size_t count = removed + changes->claims_added_count;
    txn->raised = sim_need(arena_array(&txn->arena, count, sizeof(*txn->raised)));
    for (size_t i = 0; i < count; i++) {
        int64_t person = i < removed ? changes->claims_removed[i].person
                                     : changes->claims_added[i - removed].person;
        txn->raised[i] = (struct store_person){.person = person};
    }
    qsort(txn->raised, count, sizeof(*txn->raised), by_person);
    for (size_t i = 0; i < count; i++) {
        bool again = txn->raised_count > 0 &&
                     txn->raised[txn->raised_count - 1].person == txn->raised[i].person;
        if (!again && sim_person(txn->db, txn->raised[i].person) != NULL) {
            txn->raised[txn->raised_count++] = txn->raised[i];
        }
    }
}

static enum status write_claims(struct sim_txn *txn)
{
    if (txn->raised == NULL) {
        list_raised(txn);
    }
    for (size_t i = 0; i < txn->raised_count; i++) {
        struct sim_person *person = sim_person(txn->db, txn->raised[i].person);
        bool locks = !sim_skips_locks(txn->db);
        enum status status = locks ? sim_lock_take(txn, &person->lock) : STATUS_OK;
        if (status != STATUS_OK) {
            return status;
        }
        txn->raised[i].version = person->row.version + 1;
    }
    for (size_t i = 0; i < txn->changes.claims_added_count; i++) {
        if (!may_add(txn, i) && txn->db->mistake != SIM_NO_EXCLUSION) {
            return STATUS_REFUSED;
        }
    }
    return STATUS_OK;
}

/* ---- meetings, commands, recipients ------------------------------------------------
 */

/* Claims follow the state: see migrations/0002. */
static bool obeys_checks(const struct entente_meeting *meeting)
{
    bool held = meeting->kept->held_start < meeting->kept->held_end;
    bool firm = meeting->kept->firm_start < meeting->kept->firm_end;
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
        return !held && !firm;
    case ENTENTE_PROPOSED:
        return held && !firm;
    case ENTENTE_CONFIRMED:
        return !held && firm;
    case ENTENTE_MOVING:
        return held && firm;
    case ENTENTE_WAITING_ORGANIZER:
    case ENTENTE_DONE:
        return true;
    }
    return false;
}

/* The database walks every change through the table: see migrations/0006. */
static bool walks(const struct sim_meeting *row,
                  const struct store_meeting_change *change)
{
    uint32_t here = row == NULL ? 0 : row->state;
    if (change->path.size == 0 ||
        (row != NULL && change->meeting->version <= row->version)) {
        return false;
    }
    for (size_t i = 0; i < change->path.size; i++) {
        const struct transition *step = negotiation_find(
            (enum negotiation_state)here, (enum negotiation_event)change->path.data[i]);
        if (step == NULL || (step->effects & REFUSE) != 0) {
            return false;
        }
        here = step->to;
    }
    return here == change->meeting->state;
}

static enum status write_meetings(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        const struct store_meeting_change *change = &changes->meetings[i];
        struct sim_meeting *row = sim_meeting(txn->db, change->meeting->id.data);
        if (change->base_version == 0 && row != NULL) {
            return STATUS_REFUSED;
        }
        bool locks = row != NULL && txn->db->mistake != SIM_NO_COMPARE;
        enum status status = locks ? sim_lock_take(txn, &row->lock) : STATUS_OK;
        if (status != STATUS_OK) {
            return status;
        }
        txn->rows[i] = row;
        bool is_base = row == NULL ? change->base_version == 0
                                   : row->version == change->base_version;
        if (!is_base && txn->db->mistake != SIM_NO_COMPARE) {
            return STATUS_RETRY;
        }
        if (!obeys_checks(change->meeting) || (is_base && !walks(row, change))) {
            return STATUS_REFUSED;
        }
    }
    return STATUS_OK;
}

static bool writes_command(const struct sim_txn *txn,
                           const struct store_command_key *key)
{
    for (size_t i = 0; i < txn->changes.command_count; i++) {
        const struct store_command_key *other = &txn->changes.commands[i].key;
        if (other->client == key->client && other->epoch == key->epoch &&
            other->counter == key->counter) {
            return true;
        }
    }
    return false;
}

static enum status write_commands(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < changes->command_count; i++) {
        const struct store_command_key *key = &changes->commands[i].key;
        const struct sim_client *client = sim_client(txn->db, key->client);
        for (struct sim_txn *t = txn->db->open; t != NULL; t = t->next) {
            if (t != txn && t->writes && writes_command(t, key)) {
                return sim_wait_for(txn, t);
            }
        }
        if (client == NULL) {
            return STATUS_REFUSED;
        }
        if (map_get(&client->commands, sim_command_hash(key)) != NULL) {
            return STATUS_RETRY; /* carried out by another broker: load again */
        }
    }
    return STATUS_OK;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum status write_recipients(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    size_t count = changes->outbox_count + changes->ack_count;
    int64_t *ids = sim_need(arena_array(&txn->arena, count, sizeof(*ids)));
    for (size_t i = 0; i < count; i++) {
        ids[i] = i < changes->outbox_count
                     ? changes->outbox[i].client
                     : changes->acks[i - changes->outbox_count].client;
    }
    qsort(ids, count, sizeof(*ids), by_number);
    for (size_t i = 0; i < count; i++) {
        struct sim_client *client = sim_client(txn->db, ids[i]);
        enum status status =
            client == NULL ? STATUS_REFUSED : sim_lock_take(txn, &client->lock);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* Rows of `due` that it writes, among them those of meetings that it wakes. */
static enum status write_dues(struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        enum status status = txn->rows[i] == NULL
                                 ? STATUS_OK
                                 : sim_lock_take(txn, &txn->rows[i]->due_lock);
        if (status != STATUS_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < changes->claims_removed_count; i++) {
        const struct store_claim *claim = &changes->claims_removed[i];
        const struct sim_person *person = sim_person(txn->db, claim->person);
        for (size_t j = 0; person != NULL && j < person->waiting_count; j++) {
            enum status status = sim_lock_take(txn, &person->waiting[j]->due_lock);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

/* Whoever has lost an event must read to notice it. */
static void tell_issued(struct write_job *write, struct sim_txn *txn)
{
    const struct store_changes *changes = &txn->changes;
    struct store_issued *issued = sim_need(
        arena_array(write->job.arena, changes->outbox_count + 1, sizeof(*issued)));
    size_t count = 0;
    for (size_t i = 0;
         i < changes->outbox_count && txn->db->mistake != SIM_FORGETS_EVENTS; i++) {
        const struct sim_client *client =
            sim_client(txn->db, changes->outbox[i].client);
        bool seen = false;
        for (size_t j = 0; j < count; j++) {
            seen = seen || issued[j].client == changes->outbox[i].client;
        }
        if (!seen) {
            issued[count++] = (struct store_issued){.client = changes->outbox[i].client,
                                                    .epoch = client->event_epoch,
                                                    .last = client->last_seq};
        }
    }
    write->written.issued = issued;
    write->written.issued_count = count;
}

/* ---- the job -----------------------------------------------------------------------
 */

static enum status write_work(struct sim_job *job, struct sim_txn **txn_place,
                              bool *ret_last)
{
    struct write_job *write = (struct write_job *)job;
    struct sim_txn *txn = *txn_place;
    enum { CLAIMS, MEETINGS, FOLLOWERS, COMMIT };
    enum status status = STATUS_OK;
    switch (job->stage) {
    case CLAIMS:
        status = txn->writes ? STATUS_OK : take_copy(txn, write->changes);
        return status == STATUS_OK ? write_claims(txn) : status;
    case MEETINGS:
        status = write_meetings(txn);
        return status == STATUS_OK ? write_commands(txn) : status;
    case FOLLOWERS:
        status = write_recipients(txn);
        status = status == STATUS_OK ? write_dues(txn) : status;
        job->commits = status == STATUS_OK;
        return status;
    default:
        break;
    }
    write->written.people_count = txn->raised_count;
    write->written.people =
        arena_copy(job->arena, txn->raised, txn->raised_count * sizeof(*txn->raised));
    if (txn->db->mistake == SIM_CRASHES && txn->db->commits == 99) {
        abort();
    }
    if (txn->db->mistake != SIM_LIES || txn->db->commits % 97 != 96) {
        sim_commit_batch(txn);
        write->batches = txn->writes ? sim_broker(txn->db, txn->broker)->batches : 0;
        tell_issued(write, txn);
    } else {
        txn->db->commits++;
    }
    sim_end(txn);
    *ret_last = true;
    return STATUS_OK;
}

static void write_finish(struct sim_job *job, enum status status)
{
    struct write_job *write = (struct write_job *)job;
    if (status == STATUS_OK && write->batches > job->store->batches) {
        job->store->batches = write->batches;
    }
    write->done(job->context, status, status == STATUS_OK ? &write->written : NULL);
    free(write);
}

void store_batch_write(struct store *store, unsigned writer,
                       const struct store_changes *changes, struct arena *arena,
                       store_written_fn done, void *context)
{
    struct write_job *write =
        sim_ask(sizeof(*write), store, SIM_WRITER + writer, arena, context);
    write->job.work = write_work;
    write->job.finish = write_finish;
    write->job.in_transaction = true;
    write->changes = changes;
    write->done = done;
}
