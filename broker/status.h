// SPDX-License-Identifier: Apache-2.0

/*
 * status.h - every way an operation inside the broker can end
 *
 * What a client is told is an error code of proto/errors.def; these are for the
 * broker's own parts.
 */
#ifndef BROKER_STATUS_H
#define BROKER_STATUS_H

#define STATUS_LIST(X)                                                                 \
    X(STATUS_OK, "ok")                                                                 \
    X(STATUS_REFUSED, "a rule of the data refused it: try the commands one by one")    \
    X(STATUS_RETRY, "a passing conflict: the same again will do")                      \
    X(STATUS_UNAVAILABLE, "the database cannot be reached or has no room")             \
    X(STATUS_UNKNOWN, "it is not known whether the commit took place")                 \
    X(STATUS_BAD_SCHEMA, "the database has a schema that this program does not know")  \
    X(STATUS_DAMAGED, "stored bytes cannot be read")                                   \
    X(STATUS_PEER_GONE, "the peer is no longer connected")                             \
    X(STATUS_FULL, "the peer's queue is full")                                         \
    X(STATUS_FAILED, "it failed, and the reason has been logged")

#define STATUS_AS_ENUMERATOR(name, text) name,
enum status { STATUS_LIST(STATUS_AS_ENUMERATOR) };
#undef STATUS_AS_ENUMERATOR

/* The text above.  Never NULL; points at constant memory. */
const char *status_text(enum status status);

#endif
