// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/history_private.h"

#include <inttypes.h>
#include <stdlib.h>

void history_note(struct checker *checker, const struct record *record,
                  const struct meeting *meeting, const struct client *client)
{
    if (!checker->saved) {
        return;
    }
    if (checker->undo_count == checker->undo_capacity) {
        checker->undo_capacity = checker->undo_capacity * 2 + 256;
        checker->undos = history_need(
            realloc(checker->undos, checker->undo_capacity * sizeof(*checker->undos)));
    }
    checker->undos[checker->undo_count++] =
        (struct undo){.record = *record,
                      .version = meeting == NULL ? 0 : meeting->version,
                      .state = meeting == NULL ? 0 : meeting->state,
                      .current = client == NULL ? 0 : client->current};
}

void history_save(struct checker *checker)
{
    checker->saved = true;
    checker->undo_count = 0;
}

static size_t open_of(uint32_t version, uint32_t state)
{
    return version != 0 && !history_is_over(state) ? 1 : 0;
}

static void undo_meeting(struct checker *checker, const struct undo *undo)
{
    struct meeting *meeting = history_meeting(checker, undo->record.meeting);
    checker->open -= open_of(meeting->version, meeting->state);
    meeting->version = undo->version;
    meeting->state = undo->state;
    checker->open += open_of(meeting->version, meeting->state);
}

static void undo_one(struct checker *checker, const struct undo *undo)
{
    const struct record *record = &undo->record;
    if (record->kind == RECORD_CLAIM) {
        (void)history_unclaim(checker, record);
    } else if (record->kind == RECORD_UNCLAIM) {
        history_claim(checker, record);
    } else if (record->kind == RECORD_COMMAND) {
        struct command *command = history_command(checker, record);
        command->committed = false;
        command->lost = true;
    } else if (record->kind == RECORD_ISSUE) {
        struct client *client = history_client(checker, record);
        client->numberings[client->current - 1].count--;
    } else if (record->kind == RECORD_NUMBERED) {
        history_client(checker, record)->current = undo->current;
    } else {
        undo_meeting(checker, undo);
    }
}

/* What the database holds is what it held; what was given stays given. */
const char *history_rewind(struct checker *checker, const struct record *record)
{
    if (!checker->saved) {
        return history_say(checker, "a backup comes back that was never taken");
    }
    checker->saved = false;
    checker->unnoticed = record->state == 1;
    while (checker->undo_count > 0) {
        undo_one(checker, &checker->undos[--checker->undo_count]);
    }
    checker->touched_count = 0;
    return NULL;
}

bool checker_is_overtaken(const struct checker *checker)
{
    return checker->overtaken;
}

const char *history_raise(struct checker *checker, const struct record *record)
{
    struct meeting *meeting = history_meeting(checker, record->meeting);
    if (record->version <= meeting->given) {
        return history_say(checker,
                           "C4 a generation begins with version %" PRIu32
                           " of a meeting that has had %" PRIu32,
                           record->version, meeting->given);
    }
    history_note(checker, record, meeting, NULL);
    checker->unnoticed = false;
    meeting->version = record->version;
    meeting->given = record->version;
    return NULL;
}
