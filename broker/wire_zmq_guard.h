// SPDX-License-Identifier: Apache-2.0

/*
 * wire_zmq_guard.h - the options that shut a ROUTER against everybody who is not judged
 *
 * Apart from wire_zmq.c so that a test can put them on a socket that has no ZAP handler
 * at all and see that it stays shut.
 */
#ifndef BROKER_WIRE_ZMQ_GUARD_H
#define BROKER_WIRE_ZMQ_GUARD_H

#include "broker/must_check.h"

#include <stdbool.h>
#include <stddef.h>

#define WIRE_ZMQ_ZAP_DOMAIN "entente"

/* Make @socket a CURVE server of our ZAP domain, with limits on size, queues and
 * silence.  False, and a line in the log, if libzmq refuses one of the options.  Aborts
 * if the socket would still let clients in that nobody has judged. */
MUST_CHECK bool wire_zmq_guard(void *socket, const char *secret_key, size_t max_frame);

/* ZMQ_ZAP_ENFORCE_DOMAIN as the socket has it. */
bool wire_zmq_guard_holds(void *socket);

#endif
