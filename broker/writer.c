// SPDX-License-Identifier: Apache-2.0

/*
 * writer.c - the part of broker.h that takes batches through load, decide, write
 *
 *     idle        nothing under way: commands gather
 *     loading     the batch's rows come in, locked in the one order that everybody uses
 *     refreshing  people whose index entry is older than their row are read again
 *     writing     decided; the net difference goes out, then COMMIT
 *
 * A crash in any state loses no promise and makes none that is not written down.
 */
#include "broker/broker.h"

#include "broker/due.h"
#include "broker/failpoint.h"
#include "broker/log.h"
#include "broker/take_in.h"

#include <stdlib.h>
#include <string.h>

enum { RETRIES = 5 };

void writer_add(struct broker *broker, struct command *command)
{
    command->arrived_ms = broker_mono_ms();
    queue_push(&broker->commands, command);
}

static void release(struct broker *broker, struct command *command)
{
    if (command->client == NULL) {
        broker->dues_outstanding--;
    } else {
        session_answered(broker, command);
    }
    command_destroy(command);
}

/* ---- the end of a batch ------------------------------------------------------------
 */

/* Everything back into the queue, in order, undecided. */
static void put_back(struct broker *broker)
{
    struct queue back = {0};
    struct command *command = broker->batch.commands;
    while (command != NULL) {
        struct command *next = command->next;
        command->reply = (struct entente_bytes){0};
        command->failed = false;
        command->repeated = false;
        command->recorded = false;
        command->again = false;
        command->first_count = 0;
        queue_push(&back, command);
        command = next;
    }
    queue_prepend(&broker->commands, &back);
    broker->batch.commands = NULL;
}

static void finish_batch(struct broker *broker)
{
    broker->writer = WRITER_IDLE;
    batch_reset(&broker->batch);
}

static bool is_among(const struct queue *queue, const struct store_due *due)
{
    for (const struct command *c = queue->first; c != NULL; c = c->next) {
        if (c->client == NULL && c->due.reason == due->reason &&
            memcmp(&c->due.meeting, &due->meeting, sizeof(due->meeting)) == 0) {
            return true;
        }
    }
    return false;
}

/* The command goes round once more, behind what has to be decided before it. */
static void put_again(struct broker *broker, struct command *command,
                      struct queue *again)
{
    for (size_t i = 0; i < command->first_count; i++) {
        struct command *due = is_among(again, &command->first[i])
                                  ? NULL
                                  : keeper_command(broker, &command->first[i]);
        if (due != NULL) {
            queue_push(again, due);
        }
    }
    command->again = false;
    queue_push(again, command);
}

static void speak_replies(struct broker *broker)
{
    for (const struct command *c = broker->batch.commands; c != NULL; c = c->next) {
        if (!c->again && !c->repeated && c->reply.size > 0) {
            speak_frame(broker, c->peer, c->reply);
        }
    }
}

/* Every command is over or goes round once more. */
static void release_batch(struct broker *broker)
{
    struct queue again = {0};
    struct command *command = broker->batch.commands;
    while (command != NULL) {
        struct command *next = command->next;
        if (command->again) {
            put_again(broker, command, &again);
        } else if (command->repeated) {
            /* Perhaps its COMMIT was lost on the way, and so nobody was told. */
            deliver_to_all(broker);
            reader_answer_again(broker, command);
        } else {
            release(broker, command);
        }
        command = next;
    }
    queue_prepend(&broker->commands, &again);
    broker->batch.commands = NULL;
}

/* Who claims what is not sure any more for these people: read them again, under lock.
 */
static void suspect(struct broker *broker)
{
    const struct batch *batch = &broker->batch;
    size_t count = broker->suspect_count + batch->before_count;
    int64_t *people = realloc(broker->suspects, (count + 1) * sizeof(*people));
    if (people == NULL) {
        return;
    }
    broker->suspects = people;
    for (size_t i = 0; i < batch->before_count; i++) {
        struct index_person *person =
            index_person(broker->index, batch->before[i].person);
        if (person != NULL) {
            person->version = 0;
            people[broker->suspect_count++] = person->person;
            follower_want(broker, person->person);
        }
    }
}

/* A batch that cannot be written: its commands are decided one by one, and one that
 * fails alone is told so. */
static void take_apart(struct broker *broker, enum status status)
{
    struct command *first = broker->batch.commands;
    broker->retries = 0;
    if (first == NULL || first->next != NULL) {
        for (const struct command *c = first; c != NULL; c = c->next) {
            broker->alone++;
        }
        return;
    }
    broker->batch.commands = NULL;
    if (first->client == NULL) {
        keeper_put_off(broker, &first->due);
    } else {
        speak_error(broker, first,
                    status == STATUS_REFUSED   ? ERROR_SLOT_TAKEN
                    : status == STATUS_DAMAGED ? ERROR_UNAVAILABLE
                                               : ERROR_OVERLOADED);
    }
    release(broker, first);
}

static void fail_batch(struct broker *broker, enum status status)
{
    log_line(LOG_WARNING, "writer", "batch: %s", status_text(status));
    if (status == STATUS_UNKNOWN || status == STATUS_REFUSED) {
        /* What the index says and what the database says may differ. */
        suspect(broker);
    }
    batch_undo(&broker->batch);
    broker->retries = status == STATUS_RETRY ? broker->retries + 1 : 0;
    if (status == STATUS_UNAVAILABLE || status == STATUS_UNKNOWN) {
        broker->writer_pause_ms = broker_mono_ms() + BROKER_PAUSE_MS;
    }
    if (status == STATUS_REFUSED || status == STATUS_DAMAGED ||
        status == STATUS_FAILED || broker->retries > RETRIES) {
        take_apart(broker, status);
    }
    put_back(broker);
    finish_batch(broker);
}

/* ---- write -------------------------------------------------------------------------
 */

/* The operator is alarmed. */
static void tell_trips(const struct broker *broker)
{
    for (size_t i = 0; i < broker->changes->trip_count; i++) {
        const struct client *client =
            clients_by_id(&broker->clients, broker->changes->trips[i]);
        log_line(LOG_ERROR, "breaker",
                 "too many agendas of client %s diverge at once: nothing is reopened "
                 "for them until `entente breaker reset`",
                 client == NULL ? "?" : client->name);
    }
}

static void written(void *context, enum status status, const struct store_written *rows)
{
    struct broker *broker = context;
    if (status != STATUS_OK) {
        fail_batch(broker, status);
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
    tell_trips(broker);
    broker->retries = 0;
    if (broker->suspect_count > 0) {
        broker->suspect_count = 0;
    }
    /* Meetings point into their commands: what is told of them goes out before. */
    speak_replies(broker);
    deliver_to(broker, broker->changes, rows);
    release_batch(broker);
    if (broker->changes->claims_removed_count > 0) {
        keeper_due_now(broker);
    }
    finish_batch(broker);
}

static bool is_empty(const struct store_changes *changes)
{
    return changes->meeting_count == 0 && changes->ack_count == 0 &&
           changes->result_count == 0 && changes->dues_done_count == 0 &&
           changes->command_count == 0 && changes->divergence_count == 0 &&
           changes->trip_count == 0;
}

static void decide_and_write(struct broker *broker)
{
    struct batch *batch = &broker->batch;
    struct store_changes *changes = arena_alloc(&batch->arena, sizeof(*changes));
    batch_decide(batch);
    if (changes == NULL || !batch_collect(batch, changes)) {
        log_line(LOG_ERROR, "writer", "the batch needs more memory than allowed");
        store_batch_abandon(broker->store);
        fail_batch(broker, STATUS_DAMAGED);
        return;
    }
    if (is_empty(changes)) {
        store_batch_abandon(broker->store);
        batch_undo(batch);
        speak_replies(broker);
        release_batch(broker);
        finish_batch(broker);
        return;
    }
    broker->writer = WRITER_WRITING;
    broker->changes = changes;
    failpoint("before-commit");
    store_batch_write(broker->store, changes, &batch->arena, written, broker);
}

/* ---- load --------------------------------------------------------------------------
 */

static void refreshed(void *context, enum status status,
                      const struct store_availability *people, size_t count)
{
    struct broker *broker = context;
    bool taken = status == STATUS_OK;
    for (size_t i = 0; taken && i < count; i++) {
        taken = take_in_availability(broker->index, &people[i]);
    }
    if (!taken) {
        if (status == STATUS_OK) {
            store_batch_abandon(broker->store);
        }
        fail_batch(broker, status == STATUS_OK ? STATUS_FAILED : status);
        return;
    }
    decide_and_write(broker);
}

static void loaded(void *context, enum status status, const struct store_loaded *rows)
{
    struct broker *broker = context;
    struct batch *batch = &broker->batch;
    if (status != STATUS_OK) {
        fail_batch(broker, status);
        return;
    }
    broker_heard_clock(broker, rows->now_ms);
    int64_t *older = arena_array(&batch->arena, rows->people_count, sizeof(*older));
    size_t count = 0;
    if (older == NULL || !batch_open(batch, rows)) {
        store_batch_abandon(broker->store);
        fail_batch(broker, STATUS_FAILED);
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
        decide_and_write(broker);
        return;
    }
    broker->writer = WRITER_REFRESHING;
    store_batch_refresh(broker->store, older, count, &batch->arena, refreshed, broker);
}

/* ---- a batch begins ----------------------------------------------------------------
 */

/* A command that has waited too long for the database is told so; it was not done. */
static void answer_the_impatient(struct broker *broker)
{
    int64_t since = broker_mono_ms() - BROKER_WAIT_MS;
    struct queue kept = {0};
    struct command *command;
    while ((command = queue_pop(&broker->commands)) != NULL) {
        if (command->client != NULL && command->arrived_ms < since) {
            speak_error(broker, command, ERROR_UNAVAILABLE);
            release(broker, command);
        } else {
            queue_push(&kept, command);
        }
    }
    broker->commands = kept;
}

/* Meetings and people that were found to be needed while it was decided. */
static void list_more(const struct command *command, struct store_id *meetings,
                      bool *with_people, int64_t *persons, struct store_wants *wants)
{
    for (size_t i = 0; i < command->other_count; i++) {
        meetings[wants->meeting_count] = command->others[i];
        with_people[wants->meeting_count++] = true;
    }
    for (size_t i = 0; i < command->more_people_count; i++) {
        persons[wants->people_count++] = command->more_people[i];
    }
}

/* Does this command hold slots where none were held? */
static bool may_hold(const struct command *command)
{
    if (command->client == NULL) {
        return command->due.reason == DUE_SEARCH ||
               command->due.reason == DUE_SEARCH_END;
    }
    return command->envelope->body == ENTENTE_REQUEST ||
           command->envelope->body == ENTENTE_DECIDE;
}

static bool list_wants(struct broker *broker, size_t count)
{
    struct batch *batch = &broker->batch;
    size_t room = count;
    size_t people = 0;
    for (const struct command *c = batch->commands; c != NULL; c = c->next) {
        room += c->other_count;
        people += c->people_count + c->more_people_count;
    }
    struct store_command_key *keys = arena_array(&batch->arena, count, sizeof(*keys));
    struct store_id *meetings = arena_array(&batch->arena, room, sizeof(*meetings));
    bool *with_people = arena_array(&batch->arena, room, sizeof(*with_people));
    int64_t *persons =
        arena_array(&batch->arena, people + broker->suspect_count, sizeof(*persons));
    int64_t *holders = arena_array(&batch->arena, count, sizeof(*holders));
    if (keys == NULL || meetings == NULL || with_people == NULL || persons == NULL ||
        holders == NULL) {
        return false;
    }
    struct store_wants wants = {.commands = keys,
                                .meetings = meetings,
                                .with_people = with_people,
                                .people = persons,
                                .holders = holders};
    for (const struct command *c = batch->commands; c != NULL; c = c->next) {
        if (c->client != NULL && c->key.counter != 0) {
            keys[wants.command_count++] = c->key;
        }
        wants.divergences = wants.divergences || c->with_divergences;
        if (c->has_meeting) {
            meetings[wants.meeting_count] = c->meeting;
            with_people[wants.meeting_count++] = c->with_people;
        }
        for (size_t i = 0; i < c->people_count; i++) {
            persons[wants.people_count++] = c->people[i];
        }
        if (may_hold(c)) {
            wants.holds = true;
            holders[wants.holder_count] = c->client == NULL ? 0 : c->client->id;
            wants.holder_count += c->client == NULL ? 0 : 1;
        }
        list_more(c, meetings, with_people, persons, &wants);
    }
    for (size_t i = 0; i < broker->suspect_count; i++) {
        persons[wants.people_count++] = broker->suspects[i];
    }
    broker->wants = wants;
    return true;
}

static void begin(struct broker *broker)
{
    struct queue taken = {0};
    size_t limit = broker->alone > 0 ? 1 : BROKER_BATCH_COMMANDS;
    struct command *command;
    while (taken.count < limit && (command = queue_pop(&broker->commands)) != NULL) {
        if (broker->alone > 0) {
            broker->alone--;
        }
        if (!dispatch_prepare(broker, command)) {
            release(broker, command);
            continue;
        }
        queue_push(&taken, command);
    }
    if (taken.count == 0) {
        return;
    }
    broker->batch.commands = taken.first;
    if (!list_wants(broker, taken.count)) {
        fail_batch(broker, STATUS_FAILED);
        return;
    }
    broker->writer = WRITER_LOADING;
    store_batch_load(broker->store, &broker->wants, &broker->batch.arena, loaded,
                     broker);
}

/* Is there nothing but acknowledgements, for which no COMMIT of their own is worth while
 * yet? */
static bool may_wait(const struct broker *broker)
{
    const struct command *first = broker->commands.first;
    if (broker->commands.count > BROKER_ACKS ||
        broker_mono_ms() - first->arrived_ms >= BROKER_ACKS_WAIT_MS) {
        return false;
    }
    for (const struct command *c = first; c != NULL; c = c->next) {
        if (c->client == NULL || c->envelope->body != ENTENTE_EVENT_ACK) {
            return false;
        }
    }
    return true;
}

int writer_timeout_ms(const struct broker *broker)
{
    bool waits = broker->writer == WRITER_IDLE && broker->commands.count > 0;
    return waits ? BROKER_ACKS_WAIT_MS / 2 : BROKER_WAIT_MS;
}

void writer_turn(struct broker *broker)
{
    if (broker->writer != WRITER_IDLE || broker->commands.count == 0 ||
        may_wait(broker)) {
        return;
    }
    if (!store_is_up(broker->store) || broker_mono_ms() < broker->writer_pause_ms) {
        answer_the_impatient(broker);
        return;
    }
    begin(broker);
}
