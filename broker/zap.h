// SPDX-License-Identifier: Apache-2.0

/*
 * zap.h - who may come in: answers libzmq's questions (ZAP, RFC 27) about CURVE keys
 *
 * It runs in the broker's loop, without a thread of its own.  While nobody steps it no
 * client gets in, which is the safe side.
 *
 * Limits      256 questions may wait for an undecided judge, 5 seconds each; beyond
 *             that the answer is "try later".
 *
 * Threads     One thread, the one that steps it.
 *
 * Logging     Refusals are counted, and logged each time their number doubles: a
 * stranger may knock again at once, for ever.
 */
#ifndef BROKER_ZAP_H
#define BROKER_ZAP_H

#include "broker/must_check.h"
#include "broker/wire.h"

#include <stddef.h>
#include <stdint.h>

enum { ZAP_WAITING_MAX = 256, ZAP_WAITING_MS = 5000 };

struct zap;

struct zap_counts {
    uint64_t allowed;
    uint64_t denied;    /* not CURVE, another domain, or the judge said no */
    uint64_t put_off;   /* waited too long, or too many waited */
    uint64_t malformed; /* dropped without an answer */
    size_t waiting;     /* now */
};

/* Bind the handler in @zmq_context; must come before the guarded socket is bound. NULL,
 * and a line in the log, on failure. */
MUST_CHECK struct zap *zap_create(void *zmq_context, const char *domain,
                                  wire_judge judge, void *judge_context);

/* The ZeroMQ socket, to be polled beside the others. */
void *zap_socket(struct zap *zap);

/* Answer what has arrived, without waiting. */
void zap_step(struct zap *zap);

/* Put the questions that wait to the judge again, and drop those that waited too long.
 */
void zap_judge_again(struct zap *zap);

struct zap_counts zap_counts(const struct zap *zap);

/* NULL is fine. */
void zap_destroy(struct zap *zap);

#endif
