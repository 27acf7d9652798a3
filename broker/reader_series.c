// SPDX-License-Identifier: Apache-2.0

/*
 * reader_series.c - the part of reader.c that lists the meetings of one series
 *
 * A series has the id of its first meeting, which knows all the others.
 */
#include "broker/reader_internal.h"

#include "broker/series.h"
#include "broker/view.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    struct broker *broker;
    struct command *command;
    struct arena arena;
};

static void finish(struct listing *listing)
{
    reader_finish(listing->broker, listing->command);
    arena_finish(&listing->arena);
    free(listing);
}

static void fail(struct listing *listing, unsigned code)
{
    reader_refuse(listing->broker, listing->command, code, NULL);
    finish(listing);
}

static int by_index(const void *a, const void *b)
{
    const struct entente_meeting *one = a;
    const struct entente_meeting *two = b;
    return (one->series->index > two->series->index) -
           (one->series->index < two->series->index);
}

static void got_siblings(void *context, enum status status,
                         struct entente_meeting *const *meetings, size_t count)
{
    struct listing *listing = context;
    uint32_t state = listing->command->envelope->list->state;
    struct entente_meeting_list list = {0};
    struct entente_envelope envelope = {.body = ENTENTE_MEETING_LIST,
                                        .meeting_list = &list};
    if (status != STATUS_OK) {
        fail(listing, ERROR_UNAVAILABLE);
        return;
    }
    list.meetings = arena_array(&listing->arena, count, sizeof(*list.meetings));
    if (list.meetings == NULL) {
        fail(listing, ERROR_OVERLOADED);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool asked = state == 0 || meetings[i]->state == state;
        const struct entente_meeting *shown =
            asked && matter_concerns(meetings[i], listing->command->client)
                ? view_meeting(meetings[i], listing->command->client, &listing->arena)
                : NULL;
        if (shown != NULL) {
            list.meetings[list.meetings_count++] = *shown;
        }
    }
    qsort(list.meetings, list.meetings_count, sizeof(*list.meetings), by_index);
    reader_answer(listing->broker, listing->command, &envelope);
    finish(listing);
}

static void got_first(void *context, enum status status,
                      struct entente_meeting *const *meetings, size_t count)
{
    struct listing *listing = context;
    if (status != STATUS_OK) {
        fail(listing, ERROR_UNAVAILABLE);
        return;
    }
    if (count == 0 || meetings[0]->series == NULL ||
        !matter_concerns(meetings[0], listing->command->client)) {
        fail(listing, ERROR_UNKNOWN_MEETING);
        return;
    }
    const struct entente_bytes *siblings = &meetings[0]->kept->siblings;
    size_t siblings_count = siblings->size / SERIES_ID;
    struct store_id *ids = arena_array(&listing->arena, siblings_count, sizeof(*ids));
    if (ids == NULL) {
        fail(listing, ERROR_OVERLOADED);
        return;
    }
    for (size_t i = 0; i < siblings_count; i++) {
        memcpy(ids[i].bytes, siblings->data + i * SERIES_ID, SERIES_ID);
    }
    store_read_meetings(listing->broker->store, ids, siblings_count, &listing->arena,
                        got_siblings, listing);
}

void reader_series(struct broker *broker, struct command *command)
{
    struct listing *listing = calloc(1, sizeof(*listing));
    if (listing == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return;
    }
    listing->broker = broker;
    listing->command = command;
    arena_init(&listing->arena, BROKER_BATCH_BYTES);
    memcpy(command->meeting.bytes, command->envelope->list->series.data,
           sizeof(command->meeting.bytes));
    store_read_meetings(broker->store, &command->meeting, 1, &listing->arena, got_first,
                        listing);
}
