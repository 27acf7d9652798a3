// SPDX-License-Identifier: Apache-2.0

/*
 * reader_preview.c - what would come of an answer, a decision or a cancellation
 *
 * The very handler decides, on a batch of its own that is thrown away: what is shown is
 * what would happen.  Nothing is written, nobody is told, and the index is put back.
 */
#include "broker/reader_internal.h"

#include "broker/handle.h"
#include "broker/preview.h"
#include "broker/series.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

enum {
    PREVIEW_ATTEMPTS = 8, /* while a batch is on its way to the database */
    PREVIEW_MEETINGS = 1 + LIMIT_OCCURRENCES,
};

struct preview {
    struct broker *broker;
    struct command *command;
    struct arena arena;
    struct store_id
        meetings[PREVIEW_MEETINGS]; /* the one in question, and its neighbours */
    size_t meeting_count;
    int attempts;
};

static void end_preview(struct preview *preview)
{
    preview->broker->previews--;
    reader_finish(preview->broker, preview->command);
    arena_finish(&preview->arena);
    free(preview);
}

/* ---- trying ------------------------------------------------------------------------
 */

/* The message as it would have come. */
static void fill(struct entente_envelope *envelope, const struct entente_preview *asked)
{
    if (asked->answer != NULL) {
        envelope->body = ENTENTE_ANSWER;
        envelope->answer = asked->answer;
    } else if (asked->decide != NULL) {
        envelope->body = ENTENTE_DECIDE;
        envelope->decide = asked->decide;
    } else {
        envelope->body = ENTENTE_CANCEL;
        envelope->cancel = asked->cancel;
    }
}

static enum outcome decide(struct batch *batch, struct command *command)
{
    if (!series_is_loaded(batch, command)) {
        return OUTCOME_NEEDS;
    }
    if (command->envelope->body == ENTENTE_ANSWER) {
        return handle_answer(batch, command);
    }
    return command->envelope->body == ENTENTE_DECIDE ? handle_decide(batch, command)
                                                     : handle_cancel(batch, command);
}

static void tell(struct preview *preview, const struct preview_before *before,
                 const struct entente_meeting *after, const struct refusal *refusal)
{
    struct entente_preview_result result;
    struct entente_envelope envelope = {.body = ENTENTE_PREVIEW_RESULT,
                                        .preview_result = &result};
    if (preview_compare(before, after, refusal, preview->command->client,
                        &preview->arena, &result)) {
        reader_answer(preview->broker, preview->command, &envelope);
    } else {
        reader_refuse(preview->broker, preview->command, ERROR_OVERLOADED, NULL);
    }
}

/* The meetings that the trial needs beside those that have been read.  False: it needs
 * none, or too many. */
static bool wants_more(struct preview *preview, const struct command *trial)
{
    if (trial->other_count == 0 ||
        preview->meeting_count + trial->other_count > PREVIEW_MEETINGS) {
        return false;
    }
    size_t before = preview->meeting_count;
    for (size_t i = 0; i < trial->other_count; i++) {
        size_t at = 0;
        while (at < preview->meeting_count &&
               memcmp(&preview->meetings[at], &trial->others[i],
                      sizeof(trial->others[i])) != 0) {
            at++;
        }
        preview->meetings[at] = trial->others[i];
        preview->meeting_count += at == preview->meeting_count ? 1 : 0;
    }
    return preview->meeting_count > before;
}

/* True: it has to be tried again, with more meetings. */
static bool try_on(struct preview *preview, struct batch *batch, struct command *trial,
                   const struct store_loaded *loaded, struct entente_meeting *meeting)
{
    struct refusal refusal = {0};
    struct preview_before before;
    bool again = false;
    batch->refusal = &refusal;
    batch->commands = trial;
    batch->deciding = trial;
    preview_remember(meeting, &before);
    enum outcome outcome = OUTCOME_NEEDS;
    bool opened = batch_open(batch, loaded);
    if (opened) {
        outcome = decide(batch, trial);
    }
    if (opened && outcome == OUTCOME_NEEDS && !batch->exhausted) {
        again = wants_more(preview, trial);
    }
    if (outcome == OUTCOME_DECIDED && !batch->exhausted) {
        tell(preview, &before, batch_matter(batch, meeting->id.data)->meeting,
             &refusal);
    } else if (!again) {
        reader_refuse(preview->broker, preview->command, ERROR_OVERLOADED, NULL);
    }
    batch_undo(batch);
    return again;
}

/* The same, on a batch of its own. */
static bool try(struct preview *preview, struct entente_meeting *const *meetings,
                size_t count, struct entente_meeting *meeting)
{
    struct broker *broker = preview->broker;
    const struct store_loaded loaded = {.now_ms = broker_now_ms(broker),
                                        .meetings = (struct entente_meeting **)meetings,
                                        .meeting_count = count};
    struct entente_envelope envelope = {0};
    struct batch *batch = calloc(1, sizeof(*batch));
    struct command *trial = command_create();
    if (batch == NULL || trial == NULL) {
        free(batch);
        if (trial != NULL) {
            command_destroy(trial);
        }
        reader_refuse(broker, preview->command, ERROR_OVERLOADED, NULL);
        return false;
    }
    *batch = (struct batch){.index = broker->index,
                            .proposer = broker->proposer,
                            .seal = broker->seal,
                            .clients = &broker->clients};
    arena_init(&batch->arena, BROKER_BATCH_BYTES);
    fill(&envelope, preview->command->envelope->preview);
    trial->client = preview->command->client;
    trial->envelope = &envelope;
    trial->meeting = preview->meetings[0];
    trial->has_meeting = true;
    bool again = try_on(preview, batch, trial, &loaded, meeting);
    arena_finish(&batch->arena);
    trial->envelope = NULL;
    command_destroy(trial);
    free(batch);
    return again;
}

/* ---- reading -----------------------------------------------------------------------
 */

static void got(void *context, enum status status,
                struct entente_meeting *const *meetings, size_t count);

static void read_them(struct preview *preview)
{
    arena_reset(&preview->arena);
    store_read_meetings(preview->broker->store, preview->meetings,
                        preview->meeting_count, &preview->arena, got, preview);
}

static struct entente_meeting *
find(const struct store_id *id, struct entente_meeting *const *meetings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(meetings[i]->id.data, id->bytes, sizeof(id->bytes)) == 0) {
            return meetings[i];
        }
    }
    return NULL;
}

static void got(void *context, enum status status,
                struct entente_meeting *const *meetings, size_t count)
{
    struct preview *preview = context;
    struct broker *broker = preview->broker;
    struct command *command = preview->command;
    if (status == STATUS_OK && writer_is_ahead(broker) &&
        preview->attempts++ < PREVIEW_ATTEMPTS) {
        /* The index is ahead of what was read. */
        read_them(preview);
        return;
    }
    struct entente_meeting *meeting =
        status == STATUS_OK ? find(&preview->meetings[0], meetings, count) : NULL;
    if (status != STATUS_OK) {
        reader_refuse(broker, command, ERROR_UNAVAILABLE, NULL);
    } else if (meeting == NULL || !matter_concerns(meeting, command->client)) {
        reader_refuse(broker, command, ERROR_UNKNOWN_MEETING, NULL);
    } else if (try(preview, meetings, count, meeting)) {
        read_them(preview);
        return;
    }
    end_preview(preview);
}

void reader_preview(struct broker *broker, struct command *command)
{
    const struct entente_preview *asked = command->envelope->preview;
    const struct entente_bytes *id = asked->answer != NULL   ? &asked->answer->meeting
                                     : asked->decide != NULL ? &asked->decide->meeting
                                                             : &asked->cancel->meeting;
    struct preview *preview = calloc(1, sizeof(*preview));
    if (preview == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return;
    }
    broker->previews++;
    preview->broker = broker;
    preview->command = command;
    arena_init(&preview->arena, BROKER_BATCH_BYTES);
    preview->meeting_count = 1;
    memcpy(preview->meetings[0].bytes, id->data, sizeof(preview->meetings[0].bytes));
    read_them(preview);
}
