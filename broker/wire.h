// SPDX-License-Identifier: Apache-2.0

/*
 * wire.h - frames in and out, as an interface
 *
 * Who sent a frame is known by the public key that the transport proved, never by
 * anything that the sender chose.
 *
 * Threads     One wire, one thread: the broker's loop.
 */
#ifndef BROKER_WIRE_H
#define BROKER_WIRE_H

#include "broker/must_check.h"
#include "broker/status.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_KEY_TEXT = 41 }; /* a CURVE public key in Z85, and its NUL */

struct wire_frame {
    uint32_t peer;           /* one connection; never given twice while it lives */
    char key[WIRE_KEY_TEXT]; /* the sender's public key */
    const uint8_t *bytes;    /* valid until the next receive */
    size_t size;
};

/* May the holder of this key come in?  UNDECIDED: the question is kept and put again at
 * the next wire->judge_again(), until the handshake times out. */
enum wire_verdict { WIRE_DENY = 0, WIRE_ALLOW = 1, WIRE_UNDECIDED = 2 };

typedef enum wire_verdict (*wire_judge)(void *context, const char key[WIRE_KEY_TEXT]);

struct wire {
    void *implementation;

    /* Take one frame, without waiting.  *@ret_arrived tells whether there was one. */
    MUST_CHECK enum status (*receive)(struct wire *wire, bool *ret_arrived,
                                      struct wire_frame *ret_frame);

    /* Queue a frame for @peer; the bytes are copied.  STATUS_PEER_GONE: it is not
     * connected any more.  STATUS_FULL: it does not read; nothing was queued. */
    MUST_CHECK enum status (*send)(struct wire *wire, uint32_t peer,
                                   const uint8_t *bytes, size_t size);

    /* Descriptors to poll for reading before the next receive, at most @capacity;
     * returns how many.  Readiness is edge-like: call receive() until nothing arrives
     * before polling again. */
    size_t (*descriptors)(struct wire *wire, struct pollfd *ret, size_t capacity);

    /* Put the questions that were left undecided to the judge again. */
    void (*judge_again)(struct wire *wire);

    void (*destroy)(struct wire *wire);
};

#endif
