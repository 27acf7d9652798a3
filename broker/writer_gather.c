// SPDX-License-Identifier: Apache-2.0

/*
 * writer_gather.c - which commands go into a batch, and what they want under lock
 *
 * A batch that begins while another one is being written has nothing to do with it: no
 * meeting, person, command id or holder of slots of the one is named by the other.  What
 * a command names is known before it is loaded, but for the people of its meeting: those
 * the database's locks keep apart.
 */
#include "broker/writer_internal.h"

#include "broker/due.h"

#include <string.h>

enum { LOOKED_AT = 2 * BROKER_BATCH_COMMANDS }; /* of the queue, for one batch */

/* ---- what commands touch -------------------------------------------------------------
 */

/* True when it is in @other; @footprint may be NULL. */
static bool touch(struct footprint *footprint, const struct footprint *other,
                  uint64_t thing)
{
    uint64_t hash = thing * UINT64_C(0x9E3779B97F4A7C15) >> 32;
    hash %= (uint64_t)FOOTPRINT_WORDS * 64;
    bool was = (other->words[hash / 64] >> hash % 64 & 1) != 0;
    if (footprint != NULL) {
        footprint->words[hash / 64] |= UINT64_C(1) << hash % 64;
    }
    return was;
}

static bool touch_meeting(struct footprint *footprint, const struct footprint *other,
                          const struct store_id *meeting)
{
    uint64_t random;
    memcpy(&random, meeting->bytes + 8, sizeof(random));
    return touch(footprint, other, random);
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

/* Add what @command touches to @footprint, which may be NULL.  True when some of it is in @other. */
static bool touch_all(const struct command *command, struct footprint *footprint,
                      const struct footprint *other)
{
    enum { HOLDER = 1 };
    bool met = false;
    if (command->has_meeting) {
        met = touch_meeting(footprint, other, &command->meeting);
    }
    for (size_t i = 0; i < command->other_count; i++) {
        met = touch_meeting(footprint, other, &command->others[i]) || met;
    }
    for (size_t i = 0; i < command->people_count; i++) {
        met = touch(footprint, other, (uint64_t)command->people[i]) || met;
    }
    for (size_t i = 0; i < command->more_people_count; i++) {
        met = touch(footprint, other, (uint64_t)command->more_people[i]) || met;
    }
    if (command->client != NULL && command->key.counter != 0) {
        uint64_t key = (uint64_t)command->key.client * 31 + command->key.epoch;
        met = touch(footprint, other, key * 31 + command->key.counter) || met;
    }
    if (command->client != NULL && may_hold(command)) {
        met = touch(footprint, other, (uint64_t)command->client->id + HOLDER) || met;
    }
    return met;
}

/* ---- what they want under lock -------------------------------------------------------
 */

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

static bool list_wants(struct writing *writing, size_t count)
{
    const struct broker *broker = writing->broker;
    struct batch *batch = &writing->batch;
    size_t room = count;
    size_t people = 0;
    for (const struct command *c = batch->commands; c != NULL; c = c->next) {
        room += c->other_count;
        people += c->people_count + c->more_people_count;
    }
    struct store_command_key *keys = arena_array(&batch->arena, count, sizeof(*keys));
    uint64_t *heard = arena_array(&batch->arena, count, sizeof(*heard));
    struct store_id *meetings = arena_array(&batch->arena, room, sizeof(*meetings));
    bool *with_people = arena_array(&batch->arena, room, sizeof(*with_people));
    int64_t *persons =
        arena_array(&batch->arena, people + broker->suspect_count, sizeof(*persons));
    int64_t *holders = arena_array(&batch->arena, count, sizeof(*holders));
    if (keys == NULL || heard == NULL || meetings == NULL || with_people == NULL ||
        persons == NULL || holders == NULL) {
        return false;
    }
    struct store_wants wants = {.commands = keys,
                                .heard = heard,
                                .meetings = meetings,
                                .with_people = with_people,
                                .people = persons,
                                .holders = holders};
    for (const struct command *c = batch->commands; c != NULL; c = c->next) {
        if (c->client != NULL && c->key.counter != 0) {
            heard[wants.command_count] = c->heard;
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
    writing->wants = wants;
    return true;
}

/* ---- which ---------------------------------------------------------------------------
 */

bool writer_gather(struct writing *writing)
{
    struct broker *broker = writing->broker;
    const struct writing *other = writer_other(writing);
    bool beside = other->state != WRITER_IDLE;
    struct queue taken = {0};
    struct queue passed = {0};
    /* Whoever comes behind a command that has to wait must not overtake it. */
    struct footprint avoided = other->touched;
    size_t limit = broker->alone > 0 ? 1 : BROKER_BATCH_COMMANDS;
    struct command *command;
    while (taken.count < limit && passed.count < LOOKED_AT &&
           (command = queue_pop(&broker->commands)) != NULL) {
        if (broker->alone > 0) {
            broker->alone--;
        }
        if (!dispatch_prepare(broker, command)) {
            writer_release(broker, command);
            continue;
        }
        if (beside && touch_all(command, NULL, &avoided)) {
            (void)touch_all(command, &avoided, &avoided);
            queue_push(&passed, command);
        } else {
            (void)touch_all(command, &writing->touched, &avoided);
            queue_push(&taken, command);
        }
    }
    broker->passed_over = passed.count;
    queue_prepend(&broker->commands, &passed);
    writing->batch.commands = taken.first;
    writing->count = taken.count;
    if (taken.count == 0) {
        writer_finish(writing);
        return false;
    }
    if (!list_wants(writing, taken.count)) {
        writer_fail(writing, STATUS_FAILED);
        return false;
    }
    return true;
}

bool writer_may_wait(const struct broker *broker)
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

/* A command that has waited too long for the database is told so; it was not done. */
void writer_answer_the_impatient(struct broker *broker)
{
    int64_t since = broker_mono_ms() - BROKER_WAIT_MS;
    struct queue kept = {0};
    struct command *command;
    while ((command = queue_pop(&broker->commands)) != NULL) {
        if (command->client != NULL && command->arrived_ms < since) {
            speak_error(broker, command, ERROR_UNAVAILABLE);
            writer_release(broker, command);
        } else {
            queue_push(&kept, command);
        }
    }
    broker->commands = kept;
}
