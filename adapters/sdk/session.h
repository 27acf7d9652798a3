// SPDX-License-Identifier: Apache-2.0

/*
 * session.h - one encrypted connection at a time, as frames; the SDK's only use of
 * libzmq
 *
 * A connection is never mended: when it is lost the socket is closed and a new one is
 * opened, so that the broker always sees a hello first.  Each frame is one ZeroMQ
 * message of one part.
 *
 * Ownership   The session copies its keys.  A received frame belongs to the session
 *             until the next receive or close.
 *
 * Threads     One thread at a time.
 */
#ifndef ADAPTERS_SDK_SESSION_H
#define ADAPTERS_SDK_SESSION_H

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

enum { SESSION_KEY_SIZE = 41 }; /* Z85 and its NUL */

struct session_settings {
    const char *server_public_key;
    const char *public_key;
    const char *secret_key;
    uint32_t connect_timeout_ms;
};

enum session_arrival {
    SESSION_NOTHING, /* for now */
    SESSION_FRAME,
    SESSION_LOST, /* the transport says that the connection is gone */
};

/* NULL when memory or descriptors are used up, or a key is not Z85. */
struct session *session_create(const struct session_settings *settings);

/* Close, giving unsent frames @linger_ms, and free.  NULL is fine. */
void session_destroy(struct session *session, uint32_t linger_ms);

/* True if @text can be a key. */
bool session_is_key(const char *text);

/* Open a new connection to @endpoint; the old one is closed.  False when the endpoint
 * cannot be used. */
bool session_open(struct session *session, const char *endpoint);

/* Drop the connection and what it had not sent. */
void session_close(struct session *session);

/* False when the connection takes no more for now, or there is none. */
bool session_send(struct session *session, const void *bytes, size_t size);

enum session_arrival session_receive(struct session *session,
                                     struct entente_bytes *ret_frame);

/* What the transport knows of the trouble with this connection, in English; NULL when
 * it knows nothing. */
const char *session_trouble(const struct session *session);

/* One descriptor for the session's life: readable when something can be received, or
 * when the time of session_wake_at() has come. */
int session_fd(const struct session *session);

/* Make the descriptor readable at @time_ms of the monotonic clock, or now when that has
 * passed.  Later calls replace earlier ones. */
void session_wake_at(struct session *session, int64_t time_ms);

/* Wait until the descriptor is readable, at most @timeout_ms (negative: no limit). */
void session_wait(const struct session *session, int timeout_ms);

#endif
