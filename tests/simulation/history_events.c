// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/history_private.h"

#include <inttypes.h>
#include <stdlib.h>

const char *history_issue(struct checker *checker, const struct record *record)
{
    struct client *client = history_client(checker, record);
    if (record->counter != client->count + 1) {
        return history_say(checker, "C5 event %" PRIu64 " is issued where %zu was due",
                           record->counter, client->count + 1);
    }
    if (record->version > history_meeting(checker, record->meeting)->version) {
        return history_say(checker, "C5 an event without its commit is issued");
    }
    if (client->count == client->capacity) {
        client->capacity = client->capacity * 2 + 16;
        client->issued = history_need(
            realloc(client->issued, client->capacity * sizeof(*client->issued)));
    }
    client->issued[client->count++] = (struct issued){record->meeting, record->version};
    return NULL;
}

const char *history_apply(struct checker *checker, const struct record *record)
{
    struct client *client = history_client(checker, record);
    if (record->counter != client->applied + 1) {
        return history_say(checker,
                           "C5 client %" PRId64 " applies event %" PRIu64
                           " where %" PRIu64 " was due",
                           record->client, record->counter, client->applied + 1);
    }
    if (record->counter > client->count) {
        return history_say(checker, "C5 event %" PRIu64 " was never issued",
                           record->counter);
    }
    const struct issued *issued = &client->issued[record->counter - 1];
    const struct meeting *meeting = history_meeting(checker, record->meeting);
    if (issued->meeting != record->meeting || record->version < issued->version) {
        return history_say(checker,
                           "C5 event %" PRIu64 " tells something else than was issued",
                           record->counter);
    }
    if (record->version > meeting->version) {
        return history_say(checker, "C5 an event tells what has not been committed");
    }
    if (record->version == meeting->version && record->state != meeting->state) {
        return history_say(checker,
                           "C5 an event tells another state than was committed");
    }
    if (map_get(&client->members, record->meeting) == NULL) {
        return history_say(checker,
                           "C5 client %" PRId64 " learns of a strangers' meeting",
                           record->client);
    }
    uint32_t *seen =
        history_find_or_make(&client->seen, record->meeting, sizeof(uint32_t));
    if (record->version < *seen) {
        return history_say(
            checker, "C5 an agenda goes back from version %" PRIu32 " to %" PRIu32,
            *seen, record->version);
    }
    *seen = record->version;
    client->applied = record->counter;
    return NULL;
}

const char *history_member(struct checker *checker, const struct record *record)
{
    static char member;
    struct client *client = history_client(checker, record);
    if (!map_put(&client->members, record->meeting, &member)) {
        history_need(NULL);
    }
    return NULL;
}

const char *history_restored(struct checker *checker, const struct record *record)
{
    struct client *client = history_client(checker, record);
    if (record->counter > client->applied) {
        return history_say(checker, "C5 an agenda is restored to what it never was");
    }
    client->applied = record->counter;
    history_free_values(&client->seen);
    return NULL;
}
