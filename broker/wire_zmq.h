// SPDX-License-Identifier: Apache-2.0

/*
 * wire_zmq.h - the wire over a ZeroMQ ROUTER, closed by CURVE
 *
 * Invariant   No frame comes out of receive() whose sender did not prove a key that the
 *             judge allowed.  libzmq 4.3.4 leaves three doors open, and each is shut
 * here: a server without a ZAP handler lets everybody in (ZMQ_ZAP_ENFORCE_DOMAIN, the
 * handler bound before the address); the key is lost from the routing frame after a
 * poll (it is read from the payload frame); a client may pick another's routing id
 * (only ids that the ROUTER gave out are served).
 *
 * Ownership   A wire owns its ZeroMQ context, sockets and descriptors.  The judge and
 * its context must outlive it.
 *
 * Threads     One wire, one thread.  ZeroMQ's own thread never calls us.
 *
 * Logging     This is an edge: what libzmq says is logged here, once.  Neither keys nor
 *             content are.
 */
#ifndef BROKER_WIRE_ZMQ_H
#define BROKER_WIRE_ZMQ_H

#include "broker/must_check.h"
#include "broker/status.h"
#include "broker/wire.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    WIRE_ZMQ_DESCRIPTORS = 3, /* what descriptors() fills in at most */
    WIRE_ZMQ_ENDPOINT_MAX = 256,
};

struct wire_zmq_settings {
    const char *endpoint;   /* tcp://127.0.0.1:0, tcp://[::1]:7001, ipc:///run/x ... */
    const char *secret_key; /* the broker's, Z85 */
    wire_judge judge;       /* called inside receive() and judge_again() only */
    void *judge_context;
    size_t max_frame; /* bytes; a peer that sends a longer frame is disconnected */
};

/* Open the wire.  The caller ends it with (*ret_wire)->destroy(*ret_wire).  Aborts if
 * libzmq cannot be made to refuse clients that nobody has judged. */
MUST_CHECK enum status wire_zmq_create(const struct wire_zmq_settings *settings,
                                       struct wire **ret_wire);

/* The address that was bound, with the real port.  Lives as long as the wire. */
const char *wire_zmq_endpoint(const struct wire *wire);

/* Read ZMQ_ZAP_ENFORCE_DOMAIN back from the live socket.  Always true; tests ask. */
bool wire_zmq_is_enforcing(const struct wire *wire);

/* A new CURVE key pair in Z85. */
MUST_CHECK enum status wire_zmq_make_keypair(char ret_public_key[WIRE_KEY_TEXT],
                                             char ret_secret_key[WIRE_KEY_TEXT]);

/* STATUS_FAILED if @secret_key is not 40 characters of Z85. */
MUST_CHECK enum status wire_zmq_public_of(const char *secret_key,
                                          char ret_public_key[WIRE_KEY_TEXT]);

#endif
