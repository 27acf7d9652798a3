// SPDX-License-Identifier: Apache-2.0

/*
 * store_events.h - the part of store.h about what a client is to be told
 *
 * The events of a client are numbered without a gap, in numberings that begin afresh when
 * nothing else will do (store_say_hello() of store.h).
 */
#ifndef BROKER_STORE_STORE_EVENTS_H
#define BROKER_STORE_STORE_EVENTS_H

#include "broker/status.h"
#include "proto/arena.h"
#include "proto/message.h"

#include <stddef.h>
#include <stdint.h>

struct store;

struct store_event {
    uint64_t sequence;
    const struct entente_meeting
        *meeting; /* the current version, unsealed, results in */
};

/* Those behind @after, at most @limit; none if the client's numbering is not that of @epoch
 * any more. */
struct store_page {
    int64_t client;
    uint64_t epoch;
    uint64_t after;
    size_t limit;
};

typedef void (*store_events_fn)(void *context, enum status status,
                                const struct store_event *events, size_t count);

/* The events of @page, in order, in @arena. */
void store_read_events(struct store *store, const struct store_page *page,
                       struct arena *arena, store_events_fn done, void *context);

#endif
