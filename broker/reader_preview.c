// SPDX-License-Identifier: Apache-2.0

/*
 * reader_preview.c - what would come of an answer, a decision, a cancellation or a request
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

/* One attempt. */
struct trial {
    struct batch batch; /* first: a batch that tries is a trial's */
    struct preview *preview;
    struct command *command;
    struct preview_all all;
    struct refusal rest; /* met by none of them */
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
    } else if (asked->cancel != NULL) {
        envelope->body = ENTENTE_CANCEL;
        envelope->cancel = asked->cancel;
    } else {
        envelope->body = ENTENTE_REQUEST;
        envelope->request = asked->request;
    }
}

/* Which meeting it is about; NULL: a new one. */
static const struct entente_bytes *named_in(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_ANSWER   ? &envelope->answer->meeting
           : envelope->body == ENTENTE_DECIDE ? &envelope->decide->meeting
           : envelope->body == ENTENTE_CANCEL ? &envelope->cancel->meeting
                                              : NULL;
}

/* The one exact start that is wanted; 0: none. */
static int32_t wanted_in(const struct entente_envelope *envelope)
{
    return envelope->body == ENTENTE_ANSWER   ? envelope->answer->counter_start
           : envelope->body == ENTENTE_DECIDE ? envelope->decide->start
                                              : 0;
}

static struct preview_one *one_of(const struct preview_all *all, const uint8_t *meeting)
{
    for (size_t i = 0; i < all->count; i++) {
        if (memcmp(all->ones[i].meeting->id.data, meeting, SERIES_ID) == 0) {
            return &all->ones[i];
        }
    }
    return NULL;
}

/* Said to one of them: what it meets is noted with it. */
static enum outcome say(struct batch *batch, struct command *command)
{
    struct trial *trial = (struct trial *)batch;
    const struct entente_envelope *envelope = command->envelope;
    struct preview_one *one = one_of(&trial->all, named_in(envelope)->data);
    if (one == NULL) {
        return OUTCOME_NEEDS;
    }
    batch->refusal = &one->refusal;
    enum outcome outcome =
        envelope->body == ENTENTE_ANSWER   ? handle_answer(batch, command)
        : envelope->body == ENTENTE_DECIDE ? handle_decide(batch, command)
                                           : handle_cancel(batch, command);
    batch->refusal = &trial->rest;
    if (one->refusal.code == ERROR_NO_SLOT) {
        one->wanted = wanted_in(envelope);
    }
    return outcome;
}

static enum outcome decide(struct batch *batch, struct command *command)
{
    if (command->envelope->body == ENTENTE_REQUEST) {
        return handle_request(batch, command);
    }
    if (!series_is_loaded(batch, command)) {
        return OUTCOME_NEEDS;
    }
    if (series_moves(command)) {
        return series_move(batch, command, say);
    }
    series_tell(batch, command, say);
    return say(batch, command);
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

static int by_index(const void *a, const void *b)
{
    const struct entente_series *one = ((const struct preview_one *)a)->meeting->series;
    const struct entente_series *two = ((const struct preview_one *)b)->meeting->series;
    uint32_t first = one == NULL ? 0 : one->index;
    uint32_t second = two == NULL ? 0 : two->index;
    return (first > second) - (first < second);
}

/* Those that were made by what was tried, which has been carried out. */
static bool remember_new(struct trial *trial)
{
    struct batch *batch = &trial->batch;
    struct preview_all *all = &trial->all;
    all->ones = arena_array(&batch->arena, batch->matter_count, sizeof(*all->ones));
    for (size_t i = 0; all->ones != NULL && i < batch->matter_count; i++) {
        struct preview_one *one = &all->ones[all->count];
        if (!preview_remember(batch->matters[i].meeting, true, all->client,
                              &batch->arena, one)) {
            return false;
        }
        one->wanted = batch->matters[i].common_start;
        all->count++;
    }
    return all->ones != NULL;
}

/* Every one in the order of its series, and why it could not have the time it was to have. */
static void put_in_order(struct preview_all *all)
{
    qsort(all->ones, all->count, sizeof(*all->ones), by_index);
    for (size_t i = 0; i < all->count; i++) {
        struct preview_one *one = &all->ones[i];
        const struct entente_proposal *proposal = one->meeting->proposal;
        if (one->is_new && proposal != NULL && proposal->start == one->wanted) {
            one->wanted = 0;
        }
        preview_ask_why(all, one);
    }
}

static bool compose(struct trial *trial, const uint8_t *named,
                    struct entente_preview_result *ret_result)
{
    struct arena *arena = &trial->batch.arena;
    struct preview_all *all = &trial->all;
    put_in_order(all);
    const struct preview_one *one = one_of(all, named);
    return one != NULL && preview_compare(one, all->client, arena, ret_result) &&
           (one->meeting->series == NULL ||
            preview_tell_series(all, arena, ret_result));
}

/* A new meeting that is refused would not be at all. */
static void refused(const struct refusal *refusal, struct entente_preview_result *ret)
{
    *ret = (struct entente_preview_result){
        .code = refusal->code,
        .parameters = (const char **)refusal->parameters,
        .parameters_count = refusal->parameters_count,
        .sentence = refusal->sentence,
    };
}

static void tell(struct trial *trial)
{
    const struct command *command = trial->command;
    struct preview *preview = trial->preview;
    const struct entente_bytes *id = named_in(command->envelope);
    struct entente_preview_result result;
    struct entente_envelope envelope = {.body = ENTENTE_PREVIEW_RESULT,
                                        .preview_result = &result};
    bool told = true;
    if (id == NULL && command->failed) {
        refused(&trial->rest, &result);
    } else if (id == NULL) {
        told = remember_new(trial) && compose(trial, command->meeting.bytes, &result);
    } else {
        told = compose(trial, id->data, &result);
    }
    if (told) {
        reader_answer(preview->broker, preview->command, &envelope);
    } else {
        reader_refuse(preview->broker, preview->command, ERROR_OVERLOADED, NULL);
    }
}

static bool remember(struct trial *trial, const struct store_loaded *loaded)
{
    struct preview_all *all = &trial->all;
    struct arena *arena = &trial->batch.arena;
    all->ones = arena_array(arena, loaded->meeting_count, sizeof(*all->ones));
    for (size_t i = 0; all->ones != NULL && i < loaded->meeting_count; i++) {
        if (!preview_remember(loaded->meetings[i], false, all->client, arena,
                              &all->ones[all->count])) {
            return false;
        }
        all->count++;
    }
    return all->ones != NULL;
}

/* True: it has to be tried again, with more meetings. */
static bool try_on(struct trial *trial, const struct store_loaded *loaded)
{
    struct preview *preview = trial->preview;
    struct batch *batch = &trial->batch;
    bool again = false;
    batch->refusal = &trial->rest;
    batch->commands = trial->command;
    batch->deciding = trial->command;
    enum outcome outcome = OUTCOME_NEEDS;
    bool opened = remember(trial, loaded) && batch_open(batch, loaded);
    if (opened) {
        outcome = decide(batch, trial->command);
    }
    if (opened && outcome == OUTCOME_NEEDS && !batch->exhausted) {
        again = wants_more(preview, trial->command);
    }
    if (outcome == OUTCOME_DECIDED && !batch->exhausted) {
        tell(trial);
    } else if (!again) {
        reader_refuse(preview->broker, preview->command, ERROR_OVERLOADED, NULL);
    }
    batch_undo(batch);
    return again;
}

/* The same, on a batch of its own. */
static bool try(struct preview *preview, struct entente_meeting *const *meetings,
                size_t count)
{
    struct broker *broker = preview->broker;
    const struct command *asked = preview->command;
    const struct store_loaded loaded = {.now_ms = broker_now_ms(broker),
                                        .meetings = (struct entente_meeting **)meetings,
                                        .meeting_count = count};
    struct entente_envelope envelope = {0};
    struct trial *trial = calloc(1, sizeof(*trial));
    struct command *command = command_create();
    bool again = false;
    if (trial == NULL || command == NULL) {
        free(trial);
        if (command != NULL) {
            command_destroy(command);
        }
        reader_refuse(broker, preview->command, ERROR_OVERLOADED, NULL);
        return false;
    }
    trial->preview = preview;
    trial->command = command;
    trial->batch = (struct batch){.index = broker->index,
                                  .proposer = broker->proposer,
                                  .seal = broker->seal,
                                  .clients = &broker->clients};
    trial->all = (struct preview_all){.batch = &trial->batch, .client = asked->client};
    arena_init(&trial->batch.arena, BROKER_BATCH_BYTES);
    fill(&envelope, asked->envelope->preview);
    command->client = asked->client;
    command->peer = asked->peer;
    command->key = asked->key;
    command->envelope = &envelope;
    /* False: it has been answered. */
    if (dispatch_prepare(broker, command)) {
        again = try_on(trial, &loaded);
    }
    arena_finish(&trial->batch.arena);
    command->envelope = NULL;
    command_destroy(command);
    free(trial);
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
    } else if (try(preview, meetings, count)) {
        read_them(preview);
        return;
    }
    end_preview(preview);
}

void reader_preview(struct broker *broker, struct command *command)
{
    struct entente_envelope envelope = {0};
    fill(&envelope, command->envelope->preview);
    const struct entente_bytes *id = named_in(&envelope);
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
    if (id == NULL) {
        /* Nothing is there yet that could be read. */
        try(preview, NULL, 0);
        end_preview(preview);
        return;
    }
    preview->meeting_count = 1;
    memcpy(preview->meetings[0].bytes, id->data, sizeof(preview->meetings[0].bytes));
    read_them(preview);
}
