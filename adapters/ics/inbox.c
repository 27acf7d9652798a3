// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/inbox.h"

#include "proto/codec.h"

#include <stdlib.h>

enum { EVENT_BYTES = 4 * 1024 * 1024 };

static void destroy(struct inbox_event *entry)
{
    arena_finish(&entry->memory);
    free(entry->stages);
    free(entry);
}

bool inbox_add(struct inbox *inbox, const struct entente_event *event,
               struct entente_position position, size_t agendas)
{
    struct inbox_event *entry = calloc(1, sizeof *entry);

    if (entry == NULL) {
        return false;
    }
    arena_init(&entry->memory, EVENT_BYTES);
    entry->position = position;
    entry->event = *event;
    entry->stages = calloc(agendas, 1);
    entry->event.meeting = codec_copy_meeting(event->meeting, &entry->memory);
    if (entry->stages == NULL || entry->event.meeting == NULL) {
        destroy(entry);
        return false;
    }
    if (inbox->last != NULL) {
        inbox->last->next = entry;
    } else {
        inbox->first = entry;
    }
    inbox->last = entry;
    return true;
}

struct inbox_event *inbox_find(const struct inbox *inbox,
                               struct entente_position position)
{
    for (struct inbox_event *entry = inbox->first; entry != NULL; entry = entry->next) {
        if (entry->position.epoch == position.epoch &&
            entry->position.sequence == position.sequence) {
            return entry;
        }
    }
    return NULL;
}

static bool is_done(const struct inbox_event *entry, size_t agendas)
{
    for (size_t i = 0; i < agendas; i++) {
        if (entry->stages[i] != INBOX_DONE) {
            return false;
        }
    }
    return true;
}

static uint64_t take_first(struct inbox *inbox)
{
    struct inbox_event *entry = inbox->first;
    uint64_t sequence = entry->position.sequence;

    inbox->first = entry->next;
    if (inbox->first == NULL) {
        inbox->last = NULL;
    }
    destroy(entry);
    return sequence;
}

uint64_t inbox_pass(struct inbox *inbox, size_t agendas)
{
    uint64_t sequence = 0;

    while (inbox->first != NULL && is_done(inbox->first, agendas)) {
        sequence = take_first(inbox);
    }
    return sequence;
}

void inbox_clear(struct inbox *inbox)
{
    while (inbox->first != NULL) {
        (void)take_first(inbox);
    }
}
