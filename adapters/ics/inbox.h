// SPDX-License-Identifier: Apache-2.0

/*
 * inbox.h - events that have come and are not yet in every agenda
 *
 * Invariant   In order of their numbers.  The broker sends no more than its credit, so
 *             there are at most some hundred.
 *
 * Ownership   An event is copied on arrival.  inbox_clear() frees all of them.
 */
#ifndef ADAPTERS_ICS_INBOX_H
#define ADAPTERS_ICS_INBOX_H

#include "adapters/sdk/client.h"
#include "proto/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far an event is in one agenda. */
enum inbox_stage {
    INBOX_WAITING,  /* to be applied */
    INBOX_REPORTED, /* applied or refused; the broker is being told */
    INBOX_DONE,
};

struct inbox_event {
    struct inbox_event *next;
    struct entente_position position;
    struct entente_event event;
    struct arena memory;
    uint8_t *stages; /* enum inbox_stage, of each agenda */
};

struct inbox {
    struct inbox_event *first;
    struct inbox_event *last;
};

/* False if there is no memory. */
bool inbox_add(struct inbox *inbox, const struct entente_event *event,
               struct entente_position position, size_t agendas);

/* The event at @position, or NULL. */
struct inbox_event *inbox_find(const struct inbox *inbox,
                               struct entente_position position);

/* Forget the events at the front that are done in all @agendas.  Returns the number of
 * the last of them, 0 if there is none. */
uint64_t inbox_pass(struct inbox *inbox, size_t agendas);

void inbox_clear(struct inbox *inbox);

#endif
