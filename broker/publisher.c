// SPDX-License-Identifier: Apache-2.0

/*
 * publisher.c - the part of broker.h that takes in what agendas say
 *
 * The parts of a snapshot are staged until the last one has come; then all of it is
 * written in one transaction, the index follows, and every part is answered.  Until
 * then the old snapshot serves.  A delta is laid over what the index holds, and the
 * whole source is written.
 */
#include "broker/broker.h"

#include "broker/log.h"
#include "broker/person.h"
#include "broker/publisher_internal.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

/* ---- the transaction ---------------------------------------------------------------
 */

void publisher_release(struct broker *broker, struct command *command)
{
    while (command != NULL) {
        struct command *earlier = command->parts;
        session_answered(broker, command);
        command_destroy(command);
        command = earlier;
    }
}

void publisher_answer(struct broker *broker, struct command *command,
                      const struct entente_source_state *state)
{
    struct entente_done done = {.source = (struct entente_source_state *)state};
    for (struct command *part = command; part != NULL; part = part->parts) {
        const struct entente_envelope envelope = {
            .version = ENTENTE_PROTOCOL_VERSION,
            .request_epoch = part->key.epoch,
            .request_counter = part->key.counter,
            .body = ENTENTE_DONE_REPLY,
            .done = &done,
        };
        speak(broker, part->peer, &envelope, &part->arena);
    }
    publisher_release(broker, command);
}

static void acknowledge(struct broker *broker, struct command *command)
{
    const struct store_publication *row = &command->publication;
    const struct index_source *source =
        index_source(broker->index, row->client, row->key);
    struct entente_source_state state = {
        .source = row->key, .epoch = row->epoch, .sequence = row->sequence};
    if (source != NULL) {
        state.lease_until_ms = index_lease_until_ms(source);
    }
    publisher_answer(broker, command, &state);
}

void publisher_refuse(struct broker *broker, struct command *command,
                      const struct codec_error *refusal)
{
    for (struct command *part = command; part != NULL; part = part->parts) {
        speak_refusal(broker, part, refusal);
    }
    publisher_release(broker, command);
}

static bool bring_in(struct broker *broker, const struct store_publication *row,
                     int64_t now_ms)
{
    if (row->withdrawn) {
        index_withdraw(broker->index, row->client, row->key);
        return true;
    }
    const struct index_publication publication = {
        .source = row->source != 0 ? row->source : row->new_source,
        .client = row->client,
        .person = row->person,
        .key = row->key,
        .name = row->name,
        .epoch = row->epoch,
        .sequence = row->sequence,
        .coverage = {row->coverage_start, row->coverage_end},
        .as_of_ms = row->as_of_ms,
        .lease_seconds = row->lease_seconds,
        .notice = row->notice,
        .daily_cap = row->daily_cap,
        .tacit = row->tacit,
        .renewed_ms = now_ms,
        .ranges = row->ranges,
        .range_count = row->range_count,
    };
    return index_publish(broker->index, &publication);
}

static void give_back(struct broker *broker, enum status status)
{
    struct queue *publishing = &broker->publishing;
    if (status == STATUS_REFUSED && publishing->count == 1) {
        struct codec_error refusal = {.code = ERROR_UNAVAILABLE};
        publisher_refuse(broker, queue_pop(publishing), &refusal);
        return;
    }
    broker->publish_alone = status == STATUS_REFUSED;
    if (status != STATUS_REFUSED && status != STATUS_RETRY) {
        broker->publisher_pause_ms = broker_mono_ms() + BROKER_PAUSE_MS;
    }
    queue_prepend(&broker->publications, publishing);
}

static void published(void *context, enum status status,
                      const struct store_published *rows)
{
    struct broker *broker = context;
    struct command *command;
    size_t i = 0;
    broker->publisher_busy = false;
    if (status != STATUS_OK) {
        log_line(LOG_WARNING, "publisher", "%s", status_text(status));
        give_back(broker, status);
        return;
    }
    broker_heard_clock(broker, rows->now_ms);
    while ((command = queue_pop(&broker->publishing)) != NULL) {
        struct index_person *person =
            index_person(broker->index, command->publication.person);
        if (!bring_in(broker, &command->publication, rows->now_ms)) {
            /* The database has it; the person's version says that the index has not. */
            log_line(LOG_ERROR, "publisher", "out of memory: the index lags behind");
        } else if (person != NULL && i < rows->count) {
            /* Somebody else's change in between, or doubt: read again under lock. */
            int64_t version = rows->people[i].version;
            bool follows = version == person->version || version == person->version + 1;
            person->version = follows ? version : 0;
            if (!follows) {
                follower_want(broker, person->person);
            }
        }
        acknowledge(broker, command);
        i++;
    }
    broker->publish_alone = false;
    follower_wake_others(broker);
    keeper_due_now(broker);
}

/* ---- a turn ------------------------------------------------------------------------
 */

/* A delta is laid over what the index holds, so each source appears once at a time. */
static bool is_under_way(const struct broker *broker, const struct command *command)
{
    for (const struct command *c = broker->publishing.first; c != NULL; c = c->next) {
        if (c->publication.client == command->publication.client &&
            strcmp(c->publication.key, command->publication.key) == 0) {
            return true;
        }
    }
    return false;
}

static void gather(struct broker *broker)
{
    size_t limit = broker->publish_alone ? 1 : BROKER_PUBLICATIONS;
    struct queue later = {0};
    struct command *command;
    while (broker->publishing.count < limit &&
           (command = queue_pop(&broker->publications)) != NULL) {
        if (is_under_way(broker, command)) {
            queue_push(&later, command);
        } else if (publisher_prepare(broker, command)) {
            queue_push(&broker->publishing, command);
        }
    }
    queue_prepend(&broker->publications, &later);
}

static void answer_the_impatient(struct broker *broker)
{
    int64_t since = broker_mono_ms() - BROKER_WAIT_MS;
    const struct codec_error refusal = {.code = ERROR_UNAVAILABLE};
    while (broker->publications.first != NULL &&
           broker->publications.first->arrived_ms < since) {
        publisher_refuse(broker, queue_pop(&broker->publications), &refusal);
    }
}

void publisher_turn(struct broker *broker)
{
    if (broker->publisher_busy || broker->publications.count == 0) {
        return;
    }
    if (!store_is_up(broker->store) || broker_mono_ms() < broker->publisher_pause_ms) {
        answer_the_impatient(broker);
        return;
    }
    arena_reset(&broker->publish_arena);
    gather(broker);
    if (broker->publishing.count == 0) {
        return;
    }
    struct store_publication *rows =
        arena_array(&broker->publish_arena, broker->publishing.count, sizeof(*rows));
    if (rows == NULL) {
        give_back(broker, STATUS_UNAVAILABLE);
        return;
    }
    size_t count = 0;
    for (const struct command *c = broker->publishing.first; c != NULL; c = c->next) {
        rows[count++] = c->publication;
    }
    broker->publisher_busy = true;
    store_publish(broker->store, rows, count, &broker->publish_arena, published,
                  broker);
}
