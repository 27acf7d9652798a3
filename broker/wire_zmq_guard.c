// SPDX-License-Identifier: Apache-2.0

#include "broker/wire_zmq_guard.h"

#include "broker/log.h"
#include "broker/wire_zmq.h"
#include "proto/limits.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    /* ZMQ_ZAP_ENFORCE_DOMAIN.  Debian's zmq.h hides the name behind its draft API, and
     * CZMQ's setter is compiled to nothing there; the number works. */
    ENFORCE_DOMAIN = 93,
    KEY_SIZE = 32,
    CURVE_OVERHEAD =
        33, /* what CURVE adds to a frame before ZMQ_MAXMSGSIZE is looked at */
    /* The events that may be on their way to one client, and the answers that it may wait
     * for: all find room, or it has asked for more and does not read. */
    SEND_QUEUE = LIMIT_CREDIT_EVENTS + LIMIT_IN_FLIGHT,
};

struct option {
    int name;
    int value;
};

static const struct option options[] = {
    {ZMQ_CURVE_SERVER, 1},
    /* Nobody takes over the routing id of somebody who is connected. */
    {ZMQ_ROUTER_HANDOVER, 0},
    /* An error, not silence, when a peer is gone or does not read. */
    {ZMQ_ROUTER_MANDATORY, 1},
    {ZMQ_HANDSHAKE_IVL, 3000},
    {ZMQ_HEARTBEAT_IVL, 5000},
    {ZMQ_HEARTBEAT_TIMEOUT, 15000},
    {ZMQ_HEARTBEAT_TTL, 15000},
    {ZMQ_RCVHWM, 64},
    {ZMQ_SNDHWM, SEND_QUEUE},
    {ZMQ_BACKLOG, 128},
    {ZMQ_LINGER, 1000},
    {ZMQ_IMMEDIATE, 1},
    {ZMQ_TCP_KEEPALIVE, 1},
};

bool wire_zmq_guard_holds(void *socket)
{
    int value = 0;
    size_t size = sizeof(value);

    return zmq_getsockopt(socket, ENFORCE_DOMAIN, &value, &size) == 0 && value == 1;
}

static bool set_secret_key(void *socket, const char *secret_key)
{
    uint8_t secret[KEY_SIZE];

    if (strlen(secret_key) != WIRE_KEY_TEXT - 1 ||
        zmq_z85_decode(secret, secret_key) == NULL) {
        log_line(LOG_ERROR, "wire", "the broker's secret key is not a CURVE key");
        return false;
    }
    bool is_set = zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, KEY_SIZE) == 0;
    if (!is_set) {
        log_line(LOG_ERROR, "wire", "the secret key was refused: %s",
                 zmq_strerror(zmq_errno()));
    }
    explicit_bzero(secret, sizeof(secret));
    return is_set;
}

bool wire_zmq_guard(void *socket, const char *secret_key, size_t max_frame)
{
    const int64_t max_message = (int64_t)max_frame + CURVE_OVERHEAD;
    const int enforce = 1;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (zmq_setsockopt(socket, options[i].name, &options[i].value,
                           sizeof(options[i].value)) != 0) {
            log_line(LOG_ERROR, "wire", "option %d was refused: %s", options[i].name,
                     zmq_strerror(zmq_errno()));
            return false;
        }
    }
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_message, sizeof(max_message)) !=
            0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, WIRE_ZMQ_ZAP_DOMAIN,
                       strlen(WIRE_ZMQ_ZAP_DOMAIN)) != 0) {
        log_line(LOG_ERROR, "wire", "an option was refused: %s",
                 zmq_strerror(zmq_errno()));
        return false;
    }
    if (!set_secret_key(socket, secret_key)) {
        return false;
    }

    /* Without this, libzmq lets every key in while no ZAP handler is bound.  A broker
     * that cannot shut that door must not run at all. */
    if (zmq_setsockopt(socket, ENFORCE_DOMAIN, &enforce, sizeof(enforce)) != 0 ||
        !wire_zmq_guard_holds(socket)) {
        log_line(LOG_ERROR, "wire",
                 "this libzmq cannot be made to refuse unknown keys: giving up");
        abort();
    }
    return true;
}

enum status wire_zmq_make_keypair(char ret_public_key[WIRE_KEY_TEXT],
                                  char ret_secret_key[WIRE_KEY_TEXT])
{
    if (zmq_curve_keypair(ret_public_key, ret_secret_key) != 0) {
        log_line(LOG_ERROR, "wire", "no key pair: %s", zmq_strerror(zmq_errno()));
        return STATUS_FAILED;
    }
    return STATUS_OK;
}

enum status wire_zmq_public_of(const char *secret_key,
                               char ret_public_key[WIRE_KEY_TEXT])
{
    uint8_t secret[KEY_SIZE];

    if (strlen(secret_key) != WIRE_KEY_TEXT - 1 ||
        zmq_z85_decode(secret, secret_key) == NULL) {
        return STATUS_FAILED;
    }
    explicit_bzero(secret, sizeof(secret));
    return zmq_curve_public(ret_public_key, secret_key) == 0 ? STATUS_OK
                                                             : STATUS_FAILED;
}
