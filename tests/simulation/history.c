// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/history_private.h"

#include "proto/message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *history_need(void *memory)
{
    if (memory == NULL) {
        fputs("checker: out of memory\n", stderr);
        abort();
    }
    return memory;
}

const char *history_say(struct checker *checker, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(checker->said, sizeof(checker->said), format, arguments);
    va_end(arguments);
    return checker->said;
}

void *history_find_or_make(struct map *map, uint64_t key, size_t size)
{
    void *value = map_get(map, key);
    if (value == NULL) {
        value = history_need(calloc(1, size));
        if (!map_put(map, key, value)) {
            history_need(NULL);
        }
    }
    return value;
}

struct client *history_client(struct checker *checker, const struct record *record)
{
    return history_find_or_make(&checker->clients, (uint64_t)record->client,
                                sizeof(struct client));
}

struct command *history_command(struct checker *checker, const struct record *record)
{
    return history_find_or_make(&history_client(checker, record)->commands,
                                (record->epoch << 32) + record->counter,
                                sizeof(struct command));
}

struct meeting *history_meeting(struct checker *checker, uint64_t meeting)
{
    return history_find_or_make(&checker->meetings, meeting, sizeof(struct meeting));
}

bool history_is_over(uint32_t state)
{
    return state == ENTENTE_CANCELLED || state == ENTENTE_EXPIRED ||
           state == ENTENTE_DONE;
}

/* ---- life --------------------------------------------------------------------------
 */

struct checker *checker_create(void)
{
    return history_need(calloc(1, sizeof(struct checker)));
}

void history_free_values(struct map *map)
{
    size_t cursor = 0;
    void *value;
    while ((value = map_next(map, &cursor)) != NULL) {
        free(value);
    }
    map_finish(map);
}

void checker_destroy(struct checker *checker)
{
    size_t cursor = 0;
    struct client *client;
    struct person *person;
    if (checker == NULL) {
        return;
    }
    while ((client = map_next(&checker->clients, &cursor)) != NULL) {
        history_free_values(&client->commands);
        history_free_values(&client->seen);
        map_finish(&client->members);
        for (size_t i = 0; i < client->numbering_count; i++) {
            free(client->numberings[i].issued);
        }
        free(client->numberings);
    }
    cursor = 0;
    while ((person = map_next(&checker->people, &cursor)) != NULL) {
        free(person->spans);
    }
    history_free_values(&checker->clients);
    history_free_values(&checker->people);
    history_free_values(&checker->meetings);
    free(checker->touched);
    free(checker->undos);
    free(checker);
}

/* ---- commands ----------------------------------------------------------------------
 */

static const char *take_invoke(struct checker *checker, const struct record *record)
{
    struct command *command = history_command(checker, record);
    if (command->invoked) {
        return history_say(checker,
                           "C3 a request id is used twice: client %" PRId64 " %" PRIu64
                           "/%" PRIu64,
                           record->client, record->epoch, record->counter);
    }
    command->invoked = true;
    return NULL;
}

static const char *take_command(struct checker *checker, const struct record *record)
{
    struct command *command = history_command(checker, record);
    const struct meeting *meeting = history_meeting(checker, record->meeting);
    if (!command->invoked) {
        return history_say(checker,
                           "C3 carried out before it was asked for: client %" PRId64
                           " %" PRIu64 "/%" PRIu64,
                           record->client, record->epoch, record->counter);
    }
    if (command->committed) {
        return history_say(
            checker, "C2 carried out twice: client %" PRId64 " %" PRIu64 "/%" PRIu64,
            record->client, record->epoch, record->counter);
    }
    if (record->version > meeting->version || record->version == 0) {
        return history_say(checker,
                           "C2 a command made version %" PRIu32
                           " of a meeting that is at "
                           "%" PRIu32,
                           record->version, meeting->version);
    }
    if (command->acknowledged) {
        return history_say(checker,
                           "C2 carried out again, although it was acknowledged: client "
                           "%" PRId64 " %" PRIu64 "/%" PRIu64,
                           record->client, record->epoch, record->counter);
    }
    history_note(checker, record, NULL, NULL);
    /* A refusal is not stored: a copy that comes later may find other conditions. */
    command->committed = true;
    command->meeting = record->meeting;
    command->version = record->version;
    return NULL;
}

static const char *take_ok(struct checker *checker, const struct record *record)
{
    struct command *command = history_command(checker, record);
    if (!command->invoked) {
        return history_say(checker, "C2 answered, but never asked");
    }
    if (command->answered) {
        return history_say(checker,
                           "C2 answered twice: client %" PRId64 " %" PRIu64 "/%" PRIu64,
                           record->client, record->epoch, record->counter);
    }
    command->answered = true;
    if (record->kind == RECORD_REFUSED) {
        return command->committed
                   ? history_say(checker,
                                 "C2 refused, but carried out: client %" PRId64
                                 " %" PRIu64 "/%" PRIu64,
                                 record->client, record->epoch, record->counter)
                   : NULL;
    }
    /* It may have been on its way when a backup came back. */
    if (!command->committed && !command->lost) {
        return history_say(checker,
                           "C2 acknowledged, but not there: client %" PRId64 " %" PRIu64
                           "/%" PRIu64,
                           record->client, record->epoch, record->counter);
    }
    if (command->meeting != record->meeting || record->version < command->version ||
        record->version > history_meeting(checker, record->meeting)->given) {
        return history_say(
            checker,
            "C2 acknowledged with another effect: version %" PRIu32
            ", recorded %" PRIu32 ", there %" PRIu32 "%s",
            record->version, command->version,
            history_meeting(checker, record->meeting)->given,
            command->meeting == record->meeting ? "" : ", of another meeting");
    }
    command->acknowledged = true;
    return NULL;
}

/* ---- claims and meetings -----------------------------------------------------------
 */

static void touch(struct checker *checker, struct meeting *meeting)
{
    if (checker->touched_count == checker->touched_capacity) {
        checker->touched_capacity = checker->touched_capacity * 2 + 16;
        checker->touched = history_need(realloc(
            checker->touched, checker->touched_capacity * sizeof(struct meeting *)));
    }
    checker->touched[checker->touched_count++] = meeting;
}

static const char *take_claim(struct checker *checker, const struct record *record)
{
    struct person *person = history_find_or_make(
        &checker->people, (uint64_t)record->person, sizeof(struct person));
    if (record->start >= record->end) {
        return history_say(checker, "C1 an empty claim");
    }
    for (size_t i = 0; i < person->count; i++) {
        const struct span *span = &person->spans[i];
        bool overlap = span->start < record->end && record->start < span->end;
        bool same = span->meeting == record->meeting;
        if (overlap && !same) {
            return history_say(checker,
                               "C1 person %" PRId64 " is claimed twice: %" PRId32
                               "-%" PRId32 " and %" PRId32 "-%" PRId32,
                               record->person, span->start, span->end, record->start,
                               record->end);
        }
        /* Of what is past an index may know nothing any more. */
        if (same && span->start == record->start && span->end == record->end &&
            record->end > (int32_t)record->counter) {
            return history_say(checker, "C1 the same claim twice");
        }
    }
    history_claim(checker, record);
    history_note(checker, record, NULL, NULL);
    return NULL;
}

void history_claim(struct checker *checker, const struct record *record)
{
    struct person *person = history_find_or_make(
        &checker->people, (uint64_t)record->person, sizeof(struct person));
    if (person->count == person->capacity) {
        person->capacity = person->capacity * 2 + 4;
        person->spans = history_need(
            realloc(person->spans, person->capacity * sizeof(*person->spans)));
    }
    person->spans[person->count++] =
        (struct span){record->meeting, record->start, record->end};
    struct meeting *meeting = history_meeting(checker, record->meeting);
    meeting->claims++;
    touch(checker, meeting);
}

bool history_unclaim(struct checker *checker, const struct record *record)
{
    struct person *person = history_find_or_make(
        &checker->people, (uint64_t)record->person, sizeof(struct person));
    for (size_t i = 0; i < person->count; i++) {
        const struct span *span = &person->spans[i];
        if (span->meeting == record->meeting && span->start == record->start &&
            span->end == record->end) {
            person->spans[i] = person->spans[--person->count];
            struct meeting *meeting = history_meeting(checker, record->meeting);
            meeting->claims--;
            touch(checker, meeting);
            return true;
        }
    }
    return false;
}

static const char *take_unclaim(struct checker *checker, const struct record *record)
{
    if (history_unclaim(checker, record)) {
        history_note(checker, record, NULL, NULL);
        return NULL;
    }
    return history_say(checker,
                       "C1 a claim is given up that nobody has: person %" PRId64,
                       record->person);
}

static const char *take_meeting(struct checker *checker, const struct record *record)
{
    struct meeting *meeting = history_meeting(checker, record->meeting);
    bool is_new = meeting->version == 0;
    if (record->version <= (checker->unnoticed ? meeting->version : meeting->given)) {
        return history_say(checker, "C4 version %" PRIu32 " comes after %" PRIu32,
                           record->version, meeting->given);
    }
    if (!is_new && history_is_over(meeting->state)) {
        return history_say(
            checker, "C4 a meeting that is over changes: state %" PRIu32 " to %" PRIu32,
            meeting->state, record->state);
    }
    history_note(checker, record, meeting, NULL);
    checker->open += is_new;
    checker->open -= history_is_over(record->state);
    meeting->version = record->version;
    meeting->given =
        meeting->given > record->version ? meeting->given : record->version;
    meeting->state = record->state;
    touch(checker, meeting);
    return NULL;
}

static const char *take_commit(struct checker *checker)
{
    const char *said = NULL;
    for (size_t i = 0; i < checker->touched_count && said == NULL; i++) {
        const struct meeting *meeting = checker->touched[i];
        bool none = meeting->state == ENTENTE_SEARCHING ||
                    meeting->state == ENTENTE_CANCELLED ||
                    meeting->state == ENTENTE_EXPIRED;
        bool some = meeting->state == ENTENTE_PROPOSED ||
                    meeting->state == ENTENTE_CONFIRMED ||
                    meeting->state == ENTENTE_MOVING;
        if (meeting->version == 0) {
            said = history_say(checker, "C1 a claim of a meeting that does not exist");
        } else if (none && meeting->claims > 0) {
            said = history_say(checker, "C1 a meeting in state %" PRIu32 " claims time",
                               meeting->state);
        } else if (some && meeting->claims == 0) {
            said =
                history_say(checker, "C1 a meeting in state %" PRIu32 " claims nothing",
                            meeting->state);
        }
    }
    checker->touched_count = 0;
    return said;
}

/* ---- the end -----------------------------------------------------------------------
 */

static const char *take_end(struct checker *checker, int32_t now)
{
    size_t cursor = 0;
    const struct client *client;
    const struct person *person;
    if (!checker->healed) {
        return NULL;
    }
    if (checker->unnoticed) {
        return history_say(checker,
                           "C5 nobody has noticed that a backup has come back");
    }
    if (checker->open > 0) {
        return history_say(checker, "C6 %zu meetings have not come to their end",
                           checker->open);
    }
    while ((client = map_next(&checker->clients, &cursor)) != NULL) {
        const struct numbering *last =
            client->current == 0 ? NULL : &client->numberings[client->current - 1];
        uint64_t applied =
            last != NULL && client->epoch == last->epoch ? client->applied : 0;
        if (last != NULL && applied != last->count) {
            return history_say(checker,
                               "C5 %zu events were issued, %" PRIu64 " applied",
                               last->count, applied);
        }
    }
    cursor = 0;
    while ((person = map_next(&checker->people, &cursor)) != NULL) {
        for (size_t i = 0; i < person->count; i++) {
            if (person->spans[i].end > now &&
                history_meeting(checker, person->spans[i].meeting)->state !=
                    ENTENTE_DONE) {
                return history_say(
                    checker, "C6 time is still claimed by a meeting that is over");
            }
        }
    }
    return NULL;
}

/* ---- records -----------------------------------------------------------------------
 */

const char *checker_take(struct checker *checker, const struct record *record)
{
    switch (record->kind) {
    case RECORD_INVOKE:
        return take_invoke(checker, record);
    case RECORD_OK:
    case RECORD_REFUSED:
        return take_ok(checker, record);
    case RECORD_COMMAND:
        return take_command(checker, record);
    case RECORD_CLAIM:
        return take_claim(checker, record);
    case RECORD_UNCLAIM:
        return take_unclaim(checker, record);
    case RECORD_MEETING:
        return take_meeting(checker, record);
    case RECORD_COMMIT:
        return take_commit(checker);
    case RECORD_ISSUE:
        return history_issue(checker, record);
    case RECORD_APPLY:
        return history_apply(checker, record);
    case RECORD_MEMBER:
        return history_member(checker, record);
    case RECORD_RESTORED:
        return history_restored(checker, record);
    case RECORD_NUMBERED:
        return history_number(checker, record);
    case RECORD_FORGET:
        return history_forget(checker, record);
    case RECORD_SAVED:
        history_save(checker);
        return NULL;
    case RECORD_REWOUND:
        return history_rewind(checker, record);
    case RECORD_RAISED:
        return history_raise(checker, record);
    case RECORD_HEALED:
        checker->healed = true;
        return NULL;
    case RECORD_END:
        return take_end(checker, record->start);
    case RECORD_KIND_COUNT:
        break;
    }
    return history_say(checker, "a record of no kind");
}
