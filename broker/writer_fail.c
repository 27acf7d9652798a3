// SPDX-License-Identifier: Apache-2.0

/*
 * writer_fail.c - a batch that was not carried out
 *
 * The one that was loaded while it was being written goes with it: what was decided there
 * may rest on what has not come to be.  Both are done again, in their order.
 */
#include "broker/writer_internal.h"

#include "broker/log.h"

#include <stdlib.h>

enum { RETRIES = 5 };

/* Everything back into the queue, in order, undecided. */
static void put_back(struct writing *writing)
{
    struct broker *broker = writing->broker;
    struct queue back = {0};
    struct command *command = writing->batch.commands;
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
    writing->batch.commands = NULL;
}

/* Who claims what is not sure any more for these people: read them again, under lock.
 */
static void suspect(const struct writing *writing)
{
    struct broker *broker = writing->broker;
    const struct batch *batch = &writing->batch;
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
static void take_apart(struct writing *writing, enum status status)
{
    struct broker *broker = writing->broker;
    struct command *first = writing->batch.commands;
    broker->retries = 0;
    if (first == NULL || first->next != NULL) {
        for (const struct command *c = first; c != NULL; c = c->next) {
            broker->alone++;
        }
        return;
    }
    writing->batch.commands = NULL;
    if (first->client == NULL) {
        keeper_put_off(broker, &first->due);
    } else {
        speak_error(broker, first,
                    status == STATUS_REFUSED   ? ERROR_SLOT_TAKEN
                    : status == STATUS_DAMAGED ? ERROR_UNAVAILABLE
                                               : ERROR_OVERLOADED);
    }
    writer_release(broker, first);
}

/* Nothing of it has been written, nobody has been told. */
static void give_up(struct writing *writing)
{
    batch_undo(&writing->batch);
    put_back(writing);
    if (writing->state == WRITER_LOADING || writing->state == WRITER_REFRESHING) {
        writing->given_up = true;
        return;
    }
    store_batch_abandon(writing->broker->store, writing->number);
    writer_finish(writing);
}

static bool comes_after(const struct writing *other)
{
    return other->state == WRITER_LOADING || other->state == WRITER_REFRESHING ||
           other->state == WRITER_LOADED || other->state == WRITER_DECIDED;
}

void writer_fail(struct writing *writing, enum status status)
{
    struct broker *broker = writing->broker;
    log_line(LOG_WARNING, "writer", "batch: %s", status_text(status));
    if (comes_after(writer_other(writing))) {
        give_up(writer_other(writing));
    }
    if (status == STATUS_UNKNOWN || status == STATUS_REFUSED) {
        /* What the index says and what the database says may differ. */
        suspect(writing);
    }
    batch_undo(&writing->batch);
    broker->retries = status == STATUS_RETRY ? broker->retries + 1 : 0;
    if (status == STATUS_UNAVAILABLE || status == STATUS_UNKNOWN) {
        broker->writer_pause_ms = broker_mono_ms() + BROKER_PAUSE_MS;
    }
    if (status == STATUS_REFUSED || status == STATUS_DAMAGED ||
        status == STATUS_FAILED || broker->retries > RETRIES) {
        take_apart(writing, status);
    }
    put_back(writing);
    writer_finish(writing);
}
