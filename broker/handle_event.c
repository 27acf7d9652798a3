// SPDX-License-Identifier: Apache-2.0

/*
 * handle_event.c - a client has received events, and tells what its agendas did with
 * them
 */
#include "broker/handle.h"

enum outcome handle_event_ack(struct batch *batch, struct command *command)
{
    void *list = batch->acks;
    struct store_ack *ack =
        batch_grow(batch, &list, &batch->ack_count, &batch->ack_capacity, sizeof(*ack));
    if (ack != NULL) {
        batch->acks = list;
        *ack = (struct store_ack){.client = command->client->id,
                                  .sequence = command->envelope->event_ack->sequence};
    }
    return OUTCOME_DECIDED;
}

enum outcome handle_event_result(struct batch *batch, struct command *command)
{
    const struct entente_event_result *result = command->envelope->event_result;
    struct matter *matter = batch_matter(batch, result->meeting.data);
    if (matter == NULL || !matter_is_visible(matter->meeting, command->client)) {
        return refuse(batch, command, ERROR_UNKNOWN_MEETING, NULL, NULL);
    }
    void *list = batch->results;
    struct store_result *row = batch_grow(batch, &list, &batch->result_count,
                                          &batch->result_capacity, sizeof(*row));
    if (row == NULL) {
        return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    batch->results = list;
    *row = (struct store_result){
        .meeting = command->meeting,
        .client = command->client->id,
        .source = result->source,
        .version = result->version,
        .kind = result->kind,
        .reason = result->reason,
        .comment = result->comment,
    };
    if (result->kind != ENTENTE_UNKNOWN_RESULT) {
        handle_diverging_result(batch, command, matter);
    }
    return reply_done(batch, command);
}
