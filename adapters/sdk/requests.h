// SPDX-License-Identifier: Apache-2.0

/*
 * requests.h - what has been asked and not been answered, in the order of asking
 *
 * Counters rise by one from 1 on.  Frames are kept as they were first sent, so that a
 * request that is sent again is the same request to the byte.
 *
 * Invariant   Entries between first and next are answered or not; the one at first is
 *             not.  Everything below first may be forgotten by the broker.
 *
 * Ownership   Entries own their frames, contexts stay the caller's.
 */
#ifndef ADAPTERS_SDK_REQUESTS_H
#define ADAPTERS_SDK_REQUESTS_H

#include "adapters/sdk/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request {
    uint64_t counter;
    uint8_t *bytes; /* the frame; NULL: answered, or never asked */
    size_t size;
    entente_reply_function function;
    void *context;
    bool sent;       /* on this connection */
    int64_t send_at; /* not before; milliseconds of the monotonic clock, 0: now */
};

/* Answered entries behind a slow one keep their place in the ring, hence the factor. */
enum { REQUESTS_RING = 4096 };

struct requests {
    struct request *ring; /* REQUESTS_RING entries */
    uint64_t first;       /* lowest counter without an answer; next if there is none */
    uint64_t next;        /* the counter of the next request */
    size_t unanswered;
    size_t bytes; /* of all frames */
    size_t unanswered_max;
    size_t bytes_max;
};

bool requests_init(struct requests *requests, size_t unanswered_max, size_t bytes_max);

/* Frees; no function is called. */
void requests_finish(struct requests *requests);

/* True if @count more requests of @bytes in all would be taken. */
bool requests_have_room(const struct requests *requests, size_t count, size_t bytes);

/* Keep a copy of @frame under the counter requests->next.  NULL without room or memory.
 */
struct request *requests_add(struct requests *requests, struct entente_bytes frame,
                             entente_reply_function function, void *context);

/* The unanswered request with @counter, or NULL. */
struct request *requests_find(const struct requests *requests, uint64_t counter);

/* @counter needs no answer any more.  Fine if it has none. */
void requests_remove(struct requests *requests, uint64_t counter);

/* A new connection: everything has to be sent again, at once. */
void requests_unsend(struct requests *requests);

/* The next one to be sent at @now, in order, from @*cursor on (0 to begin); NULL at the
 * end.  *@ret_wake_at becomes the time at which another one may be, if that is sooner.
 */
struct request *requests_next_unsent(const struct requests *requests, int64_t now,
                                     uint64_t *cursor, int64_t *ret_wake_at);

/* The broker may forget the replies up to here. */
uint64_t requests_received(const struct requests *requests);

#endif
