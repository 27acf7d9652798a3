// SPDX-License-Identifier: Apache-2.0

/*
 * events.c - delivery in order, the position, and the acknowledgement
 *
 *     1 .. applied       applied, and never delivered again
 *     .. delivered       given to the program on this connection
 *     delivered + 1      the only one that may come next
 */
#include "adapters/sdk/client_private.h"

#include <inttypes.h>
#include <stdio.h>

void events_begin(struct entente_client *client, const struct entente_welcome *welcome)
{
    client->event_begins = 0;
    if (welcome->event_epoch != client->applied.epoch) {
        /* A new numbering: the live meetings come from its beginning, or from where an
         * earlier process with the same key has acknowledged. */
        client->applied = (struct entente_position){.epoch = welcome->event_epoch};
        client->event_begins = welcome->last_event_acked;
    } else if (client->applied.sequence > welcome->last_event_issued) {
        /* The broker was restored from a backup and has forgotten what it had issued:
         * it begins again, and numbers mean other events now. */
        client->applied.sequence = 0;
    }
    /* What was delivered and not applied is delivered again. */
    client->delivered = client->applied;
    client->ack_due = false;
}

static bool is_next(const struct entente_client *client, uint64_t sequence)
{
    return sequence == client->delivered.sequence + 1 ||
           (client->delivered.sequence == 0 && client->event_begins != 0 &&
            sequence == client->event_begins + 1);
}

void events_take(struct entente_client *client, const struct entente_event *event)
{
    char sentence[CLIENT_SENTENCE_SIZE];

    if (!client->settings.on_event) {
        return;
    }
    if (event->epoch != client->delivered.epoch) {
        conversation_lose(client, "The numbering of the events has changed.");
        return;
    }
    if (event->sequence <= client->delivered.sequence) {
        /* The broker may have missed the acknowledgement. */
        client->ack_due =
            client->ack_due || event->sequence <= client->applied.sequence;
        return;
    }
    if (!is_next(client, event->sequence)) {
        (void)snprintf(sentence, sizeof sentence,
                       "Event %" PRIu64 " came where %" PRIu64 " was due.",
                       event->sequence, client->delivered.sequence + 1);
        conversation_lose(client, sentence);
        return;
    }
    client->delivered.sequence = event->sequence;
    client->callbacks++;
    client->settings.on_event(client->settings.context, event, client->delivered);
    client->callbacks--;
}

enum entente_code entente_client_applied(struct entente_client *client,
                                         uint64_t sequence)
{
    if (sequence > client->delivered.sequence) {
        return client_fail(client, ENTENTE_ERROR_NOT_DELIVERED,
                           "That event has not been delivered yet.");
    }
    if (sequence > client->applied.sequence) {
        client->applied.sequence = sequence;
        client->ack_due = true;
        client_wake(client);
    }
    return ENTENTE_OK;
}

bool entente_client_may_report_deletion(const struct entente_client *client)
{
    return client->takes_deletions;
}

enum entente_code entente_client_event_result(struct entente_client *client,
                                              const struct entente_event *event,
                                              const char *source,
                                              enum entente_result_kind kind,
                                              uint32_t reason, const char *comment)
{
    struct entente_event_result result = {
        .sequence = event->sequence,
        .meeting = event->meeting->id,
        .version = event->meeting->version,
        .source = source,
        .kind = kind,
        .reason = reason,
        .comment = comment,
    };

    if (kind == ENTENTE_DELETED_RESULT && !client->takes_deletions) {
        return client_fail(client, ENTENTE_ERROR_CAPABILITY,
                           "The broker does not know what a deleted event is.");
    }
    return calls_submit(client,
                        &(struct entente_envelope){.body = ENTENTE_EVENT_RESULT,
                                                   .event_result = &result},
                        NULL, NULL, NULL);
}
