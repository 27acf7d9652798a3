// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/history_private.h"

#include <inttypes.h>
#include <stdlib.h>

static struct numbering *numbering_of(const struct client *client, uint64_t epoch)
{
    for (size_t i = client->numbering_count; i-- > 0;) {
        if (client->numberings[i].epoch == epoch) {
            return &client->numberings[i];
        }
    }
    return NULL;
}

static void give(struct numbering *numbering, uint64_t meeting, uint32_t version)
{
    if (numbering->count == numbering->capacity) {
        numbering->capacity = numbering->capacity * 2 + 16;
        numbering->issued = history_need(realloc(
            numbering->issued, numbering->capacity * sizeof(*numbering->issued)));
    }
    numbering->issued[numbering->count++] =
        (struct issued){meeting, version, meeting, version};
    numbering->given = numbering->count;
}

/* Nobody must be told what is numbered so before it is noticed that the database is an older
 * one: what had the number before stays remembered. */
static bool is_given_unnoticed(const struct checker *checker,
                               struct numbering *numbering, const struct record *record)
{
    if (!checker->unnoticed || numbering->count == numbering->given) {
        return false;
    }
    struct issued *issued = &numbering->issued[numbering->count++];
    issued->meeting_there = record->meeting;
    issued->version_there = record->version;
    return true;
}

/* The same events in a numbering of another name. */
static void carry_over(struct numbering *to, const struct numbering *from)
{
    for (size_t i = 0; i < from->count; i++) {
        give(to, from->issued[i].meeting_there, from->issued[i].version_there);
    }
    to->applied = from->applied < from->count ? from->applied : from->count;
}

const char *history_number(struct checker *checker, const struct record *record)
{
    struct client *client = history_client(checker, record);
    size_t last = client->numbering_count;
    if (last > 0 && client->numberings[last - 1].epoch >= record->epoch) {
        return history_say(checker, "C5 numbering %" PRIu64 " begins after %" PRIu64,
                           record->epoch, client->numberings[last - 1].epoch);
    }
    history_note(checker, record, NULL, client);
    if (last == client->numbering_capacity) {
        client->numbering_capacity = client->numbering_capacity * 2 + 2;
        client->numberings =
            history_need(realloc(client->numberings, client->numbering_capacity *
                                                         sizeof(*client->numberings)));
    }
    client->numberings[last] = (struct numbering){.epoch = record->epoch};
    client->numbering_count = last + 1;
    checker->unnoticed = checker->unnoticed && record->state == 0;
    if (record->state == 1 && client->current != 0) {
        carry_over(&client->numberings[last], &client->numberings[client->current - 1]);
    }
    client->current = last + 1;
    return NULL;
}

const char *history_issue(struct checker *checker, const struct record *record)
{
    struct client *client = history_client(checker, record);
    const struct numbering *known = numbering_of(client, record->epoch);
    if (client->current == 0 && known != NULL) {
        client->current = (size_t)(known - client->numberings) + 1;
    } else if (client->current == 0) {
        const struct record first = {
            .kind = RECORD_NUMBERED, .client = record->client, .epoch = record->epoch};
        (void)history_number(checker, &first);
    }
    struct numbering *now = &client->numberings[client->current - 1];
    if (record->epoch != now->epoch || record->counter != now->count + 1) {
        return history_say(checker,
                           "C5 event %" PRIu64 " of numbering %" PRIu64
                           " is issued where %zu of %" PRIu64 " was due",
                           record->counter, record->epoch, now->count + 1, now->epoch);
    }
    history_note(checker, record, NULL, client);
    if (is_given_unnoticed(checker, now, record)) {
        checker->overtaken |=
            client->epoch == now->epoch && now->count >= client->applied;
        return NULL;
    }
    if (record->counter <= now->given) {
        return history_say(checker, "C5 number %" PRIu64 " is given to two events",
                           record->counter);
    }
    if (record->version > history_meeting(checker, record->meeting)->version) {
        return history_say(checker, "C5 an event without its commit is issued");
    }
    give(now, record->meeting, record->version);
    return NULL;
}

/* It has been applied, or it is so old that nobody is waited for any more. */
const char *history_forget(struct checker *checker, const struct record *record)
{
    const struct client *client = history_client(checker, record);
    const struct numbering *numbering = numbering_of(client, record->epoch);
    if (record->state == 0 &&
        (numbering == NULL || numbering->applied < record->counter)) {
        return history_say(checker,
                           "C5 event %" PRIu64 " is forgotten before client %" PRId64
                           " has applied it",
                           record->counter, record->client);
    }
    return NULL;
}

/* The one behind the last, or the first of a newer numbering. */
static bool is_next(const struct client *client, const struct record *record)
{
    return record->epoch == client->epoch
               ? record->counter == client->applied + 1
               : record->epoch > client->epoch && record->counter == 1;
}

const char *history_apply(struct checker *checker, const struct record *record)
{
    struct client *client = history_client(checker, record);
    struct numbering *numbering = numbering_of(client, record->epoch);
    if (!is_next(client, record)) {
        return history_say(checker,
                           "C5 client %" PRId64 " applies event %" PRIu64
                           " where %" PRIu64 " was due",
                           record->client, record->counter, client->applied + 1);
    }
    if (numbering == NULL || record->counter > numbering->given) {
        return history_say(checker, "C5 event %" PRIu64 " was never issued",
                           record->counter);
    }
    const struct issued *issued = &numbering->issued[record->counter - 1];
    const struct meeting *meeting = history_meeting(checker, record->meeting);
    if (issued->meeting != record->meeting || record->version < issued->version) {
        return history_say(checker,
                           "C5 event %" PRIu64 " tells something else than was issued",
                           record->counter);
    }
    if (record->version > meeting->given) {
        return history_say(checker, "C5 an event tells what has not been committed");
    }
    if (!checker->unnoticed && record->version == meeting->version &&
        record->state != meeting->state) {
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
    client->epoch = record->epoch;
    client->applied = record->counter;
    if (numbering->applied < record->counter) {
        numbering->applied = record->counter;
    }
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
    if (record->epoch > client->epoch ||
        (record->epoch == client->epoch && record->counter > client->applied)) {
        return history_say(checker, "C5 an agenda is restored to what it never was");
    }
    client->epoch = record->epoch;
    client->applied = record->counter;
    history_free_values(&client->seen);
    return NULL;
}
