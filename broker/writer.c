// SPDX-License-Identifier: Apache-2.0

/*
 * writer.c - the part of broker.h that takes batches through load, decide, write
 *
 *     idle        nothing under way: commands gather
 *     loading     the batch's rows come in, locked in the one order that everybody uses
 *     refreshing  people whose index entry is older than their row are read again
 *     loaded      everything is there; questions come first, or what it shares with the
 *                 batch before it
 *     decided     waits until the batch before it is committed
 *     writing     the net difference goes out, then COMMIT
 *     committed   the next one is on its way to the database: now everybody is told
 *
 * Two are under way at most: while one is being written, the next one is loaded and
 * decided.  It is written after the COMMIT of the one before it, and if that fails, nothing
 * of it has happened.  So there is one order of batches, and whoever is told something is
 * told what is durable.
 *
 * A crash in any state loses no promise and makes none that is not written down.
 */
#include "broker/writer_internal.h"

#include "broker/failpoint.h"
#include "broker/log.h"
#include "broker/requeue.h"
#include "broker/take_in.h"

#include <string.h>

struct writing *writer_other(const struct writing *writing)
{
    return &writing->broker->writings[1 - writing->number];
}

void writer_add(struct broker *broker, struct command *command)
{
    command->arrived_ms = broker_mono_ms();
    queue_push(&broker->commands, command);
}

void writer_release(struct broker *broker, struct command *command)
{
    if (command->client == NULL) {
        broker->dues_outstanding--;
    } else {
        session_answered(broker, command);
    }
    command_destroy(command);
}

void writer_finish(struct writing *writing)
{
    writing->state = WRITER_IDLE;
    writing->given_up = false;
    writing->yielded = false;
    writing->touched = (struct footprint){0};
    writing->broker->passed_over = 0;
    batch_reset(&writing->batch);
}

bool writer_is_ahead(const struct broker *broker)
{
    for (size_t i = 0; i < STORE_WRITERS; i++) {
        enum writer_state state = broker->writings[i].state;
        if (state == WRITER_DECIDED || state == WRITER_WRITING) {
            return true;
        }
    }
    return false;
}

/* ---- everybody is told -------------------------------------------------------------
 */

static void speak_replies(const struct writing *writing)
{
    for (const struct command *c = writing->batch.commands; c != NULL; c = c->next) {
        if (!c->again && !c->repeated && c->reply.size > 0) {
            speak_frame(writing->broker, c->peer, c->reply);
        }
    }
}

/* Every command is over or goes round once more. */
static void release_batch(struct writing *writing)
{
    struct broker *broker = writing->broker;
    struct requeue again = {0};
    struct command *command = writing->batch.commands;
    while (command != NULL) {
        struct command *next = command->next;
        if (command->again) {
            requeue_add(&again, broker, command);
        } else if (command->repeated) {
            /* Perhaps its COMMIT was lost on the way, and so nobody was told. */
            deliver_to_all(broker);
            reader_add(broker, command);
        } else {
            writer_release(broker, command);
        }
        command = next;
    }
    requeue_end(&again, broker);
    writing->batch.commands = NULL;
}

/* The operator is alarmed. */
static void tell_trips(const struct writing *writing)
{
    const struct broker *broker = writing->broker;
    for (size_t i = 0; i < writing->changes->trip_count; i++) {
        const struct client *client =
            clients_by_id(&broker->clients, writing->changes->trips[i]);
        log_line(LOG_ERROR, "breaker",
                 "too many agendas of client %s diverge at once: nothing is reopened "
                 "for them until `entente breaker reset`",
                 client == NULL ? "?" : client->name);
    }
}

static void tell(struct writing *writing)
{
    struct broker *broker = writing->broker;
    bool released = writing->changes->claims_removed_count > 0;
    tell_trips(writing);
    /* Meetings point into their commands: what is told of them goes out before. */
    speak_replies(writing);
    deliver_to(broker, writing);
    release_batch(writing);
    if (released) {
        keeper_due_now(broker);
    }
    writer_finish(writing);
}

/* ---- write -------------------------------------------------------------------------
 */

static void written(void *context, enum status status,
                    const struct store_written *rows);

static bool is_empty(const struct store_changes *changes)
{
    return changes->meeting_count == 0 && changes->ack_count == 0 &&
           changes->result_count == 0 && changes->dues_done_count == 0 &&
           changes->command_count == 0 && changes->divergence_count == 0 &&
           changes->trip_count == 0;
}

/* Nothing to write; what it says is as true as what the one before it has written. */
static void end_empty(struct writing *writing)
{
    store_batch_abandon(writing->broker->store, writing->number);
    batch_undo(&writing->batch);
    speak_replies(writing);
    release_batch(writing);
    writer_finish(writing);
}

/* The batch before it is committed, and everybody has been told unless this one has
 * something to write. */
static void write(struct writing *writing)
{
    if (is_empty(writing->changes)) {
        end_empty(writing);
        return;
    }
    writing->state = WRITER_WRITING;
    failpoint("before-commit");
    store_batch_write(writing->broker->store, writing->number, writing->changes,
                      &writing->batch.arena, written, writing);
}

static void written(void *context, enum status status, const struct store_written *rows)
{
    struct writing *writing = context;
    struct broker *broker = writing->broker;
    struct writing *other = writer_other(writing);
    if (other->state == WRITER_COMMITTED) {
        tell(other);
    }
    if (status != STATUS_OK) {
        writer_fail(writing, status);
        return;
    }
    failpoint("after-commit");
    follower_wake_others(broker);
    for (size_t i = 0; i < rows->people_count; i++) {
        struct index_person *person =
            index_person(broker->index, rows->people[i].person);
        if (person != NULL) {
            person->version = rows->people[i].version;
        }
    }
    broker->retries = 0;
    broker->suspect_count = 0;
    writing->written = *rows;
    writing->state = WRITER_COMMITTED;
    if (other->state == WRITER_DECIDED && !is_empty(other->changes)) {
        /* The database has something to do while people are told. */
        write(other);
        return;
    }
    tell(writing);
    if (other->state == WRITER_DECIDED) {
        write(other);
    }
}

/* ---- decide ------------------------------------------------------------------------
 */

/* Both lists rise. */
static bool share_people(const struct store_loaded *a, const struct store_loaded *b)
{
    for (size_t i = 0, j = 0; i < a->people_count && j < b->people_count;) {
        int64_t left = a->people[i].person;
        int64_t right = b->people[j].person;
        if (left == right) {
            return true;
        }
        i += left < right ? 1 : 0;
        j += right < left ? 1 : 0;
    }
    return false;
}

/* What both have locked cannot be: unless the transaction of the one before it has ended,
 * and we have not heard of it yet. */
static bool share_anything(const struct writing *writing, struct writing *before)
{
    const struct store_loaded *loaded = writing->batch.loaded;
    for (size_t i = 0; i < loaded->meeting_count; i++) {
        if (batch_matter(&before->batch, loaded->meetings[i]->id.data) != NULL) {
            return true;
        }
    }
    return share_people(loaded, before->batch.loaded);
}

static bool may_decide(struct writing *writing)
{
    struct broker *broker = writing->broker;
    struct writing *other = writer_other(writing);
    if (other->state == WRITER_WRITING) {
        /* Questions are answered while nothing is decided and not committed. */
        return broker->questions.count == 0 && broker->previews == 0 &&
               !share_anything(writing, other);
    }
    if (writing->state == WRITER_LOADED && broker->questions.count > 0 &&
        !writing->yielded) {
        writing->yielded = true;
        return false;
    }
    return true;
}

static void decide(struct writing *writing)
{
    struct batch *batch = &writing->batch;
    if (!may_decide(writing)) {
        writing->state = WRITER_LOADED;
        return;
    }
    struct store_changes *changes = arena_alloc(&batch->arena, sizeof(*changes));
    batch_decide(batch);
    if (changes == NULL || !batch_collect(batch, changes)) {
        log_line(LOG_ERROR, "writer", "the batch needs more memory than allowed");
        store_batch_abandon(writing->broker->store, writing->number);
        writer_fail(writing, STATUS_DAMAGED);
        return;
    }
    writing->changes = changes;
    writing->state = WRITER_DECIDED;
    if (writer_other(writing)->state != WRITER_WRITING) {
        write(writing);
    }
}

/* ---- load --------------------------------------------------------------------------
 */

/* True: what comes in is of no use any more. */
static bool is_given_up(struct writing *writing, enum status status)
{
    if (!writing->given_up) {
        return false;
    }
    if (status == STATUS_OK) {
        store_batch_abandon(writing->broker->store, writing->number);
    }
    writer_finish(writing);
    return true;
}

static void refreshed(void *context, enum status status,
                      const struct store_availability *people, size_t count)
{
    struct writing *writing = context;
    struct broker *broker = writing->broker;
    if (is_given_up(writing, status)) {
        return;
    }
    bool taken = status == STATUS_OK;
    for (size_t i = 0; taken && i < count; i++) {
        taken = take_in_availability(broker->index, &people[i]);
    }
    if (!taken) {
        if (status == STATUS_OK) {
            store_batch_abandon(broker->store, writing->number);
        }
        writer_fail(writing, status == STATUS_OK ? STATUS_FAILED : status);
        return;
    }
    decide(writing);
}

/* Everything is loaded: who is older in the index is read again, then it is decided. */
static void refresh(struct writing *writing)
{
    struct broker *broker = writing->broker;
    struct batch *batch = &writing->batch;
    const struct store_loaded *rows = batch->loaded;
    int64_t *older = arena_array(&batch->arena, rows->people_count, sizeof(*older));
    size_t count = 0;
    if (older == NULL) {
        store_batch_abandon(broker->store, writing->number);
        writer_fail(writing, STATUS_FAILED);
        return;
    }
    for (size_t i = 0; i < rows->people_count; i++) {
        const struct index_person *person =
            index_person(broker->index, rows->people[i].person);
        if (person != NULL && person->version != rows->people[i].version) {
            older[count++] = rows->people[i].person;
        }
    }
    if (count == 0) {
        decide(writing);
        return;
    }
    writing->state = WRITER_REFRESHING;
    store_batch_refresh(broker->store, writing->number, older, count, &batch->arena,
                        refreshed, writing);
}

static void loaded(void *context, enum status status, const struct store_loaded *rows)
{
    struct writing *writing = context;
    struct broker *broker = writing->broker;
    if (is_given_up(writing, status)) {
        return;
    }
    if (status != STATUS_OK) {
        writer_fail(writing, status);
        return;
    }
    broker_heard_clock(broker, rows->now_ms);
    if (!batch_open(&writing->batch, rows)) {
        store_batch_abandon(broker->store, writing->number);
        writer_fail(writing, STATUS_FAILED);
        return;
    }
    refresh(writing);
}

/* ---- turns -------------------------------------------------------------------------
 */

int writer_timeout_ms(const struct broker *broker)
{
    bool waits = broker->commands.count > 0;
    for (size_t i = 0; i < STORE_WRITERS; i++) {
        const struct writing *writing = &broker->writings[i];
        enum writer_state before = writer_other(writing)->state;
        if (writing->state == WRITER_COMMITTED ||
            (writing->state == WRITER_LOADED && before != WRITER_WRITING)) {
            return 0;
        }
        waits = waits && writing->state == WRITER_IDLE;
    }
    return waits ? BROKER_ACKS_WAIT_MS / 2 : BROKER_WAIT_MS;
}

/* Where the next batch may begin; NULL: nowhere.  Beside another one only while that is
 * being written, when as much waits as is written there, so that they do not become
 * smaller and smaller, and where nothing is in doubt. */
static struct writing *free_one(struct broker *broker)
{
    struct writing *writing = &broker->writings[0];
    if (writing->state != WRITER_IDLE) {
        writing = &broker->writings[1];
    }
    const struct writing *before = writer_other(writing);
    size_t wanted =
        before->count > broker->batch_ahead ? before->count : broker->batch_ahead;
    bool sure =
        broker->alone == 0 && broker->retries == 0 && broker->suspect_count == 0;
    bool beside = before->state == WRITER_WRITING && sure &&
                  broker->commands.count >= broker->passed_over + wanted;
    bool may =
        writing->state == WRITER_IDLE && (before->state == WRITER_IDLE || beside);
    return may ? writing : NULL;
}

static void begin(struct broker *broker)
{
    struct writing *writing = free_one(broker);
    if (writing == NULL || broker->commands.count == 0 || writer_may_wait(broker)) {
        return;
    }
    if (!store_is_up(broker->store) || broker_mono_ms() < broker->writer_pause_ms) {
        writer_answer_the_impatient(broker);
        return;
    }
    if (writer_gather(writing)) {
        writing->state = WRITER_LOADING;
        store_batch_load(broker->store, writing->number, &writing->wants,
                         &writing->batch.arena, loaded, writing);
    }
}

void writer_turn(struct broker *broker)
{
    for (size_t i = 0; i < STORE_WRITERS; i++) {
        struct writing *writing = &broker->writings[i];
        if (writing->state == WRITER_COMMITTED) {
            /* What the other one writes goes out first. */
            store_step(broker->store);
        }
        if (writing->state == WRITER_COMMITTED) {
            tell(writing);
        }
    }
    for (size_t i = 0; i < STORE_WRITERS; i++) {
        struct writing *writing = &broker->writings[i];
        if (writing->state == WRITER_LOADED) {
            decide(writing);
        }
    }
    begin(broker);
}

void writer_begin(struct broker *broker)
{
    broker->batch_ahead = BROKER_BATCH_AHEAD;
    for (unsigned i = 0; i < STORE_WRITERS; i++) {
        struct writing *writing = &broker->writings[i];
        *writing = (struct writing){.broker = broker, .number = i};
        arena_init(&writing->batch.arena, BROKER_BATCH_BYTES);
        writing->batch.index = broker->index;
        writing->batch.proposer = broker->proposer;
        writing->batch.seal = broker->seal;
        writing->batch.clients = &broker->clients;
    }
}

void writer_end(struct broker *broker)
{
    for (unsigned i = 0; i < STORE_WRITERS; i++) {
        struct command *command = broker->writings[i].batch.commands;
        while (command != NULL) {
            struct command *next = command->next;
            command_destroy(command);
            command = next;
        }
        arena_finish(&broker->writings[i].batch.arena);
    }
}
