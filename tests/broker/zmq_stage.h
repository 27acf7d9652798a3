// SPDX-License-Identifier: Apache-2.0

/*
 * zmq_stage.h - a broker's wire and clients of every kind, over real sockets
 *
 * Nothing here waits for time to pass: whoever waits, waits for an event, and a
 * deadline that is only reached when a test fails.
 */
#ifndef TESTS_BROKER_ZMQ_STAGE_H
#define TESTS_BROKER_ZMQ_STAGE_H

#include "broker/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

enum { STAGE_LISTED_MAX = 8, STAGE_MAX_FRAME = 65536, STAGE_DEADLINE_MS = 20000 };

/* What becomes of a handshake, as a client's monitor sees it. */
enum {
    STAGE_REFUSED = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED,
    STAGE_OUTCOME = STAGE_REFUSED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED,
};

struct stage {
    struct wire *wire;
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
    char listed[STAGE_LISTED_MAX][WIRE_KEY_TEXT]; /* the keys that are let in */
    size_t listed_count;
    bool is_undecided; /* the judge cannot say yet */
    int questions;     /* how often it was asked */
    char folder[64];   /* for ipc addresses */
};

struct client {
    void *context;
    void *socket;
    void *monitor;
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
};

/* What a stranger may try to speak instead of CURVE. */
enum mechanism { WITH_CURVE, WITH_NULL, WITH_PLAIN };

/* A stage whose wire is not open yet; then the wire at @endpoint. */
void stage_prepare(struct stage *stage);
void stage_open_at(struct stage *stage, const char *endpoint);
void stage_open(struct stage *stage); /* both, on some port of tcp://127.0.0.1 */
void stage_close(struct stage *stage);

/* A client with a new key that nobody lists yet. */
void client_make(struct client *client);
void client_list(struct stage *stage, const struct client *client);
void client_set(struct client *client, int option, int value);
/* Connect, and watch what becomes of the connection. */
void client_connect(struct client *client, const struct stage *stage,
                    const char *endpoint, enum mechanism mechanism);
/* The three above in one: a listed client, connected. */
void client_join(struct client *client, struct stage *stage);
void client_close(struct client *client);

void client_say(struct client *client, const char *text);
/* The next message of the client, while the wire is stepped; fails at the deadline. */
void client_expect(struct client *client, struct stage *stage, const char *text);

/* Step the wire until one of the monitor's @events (a mask of ZMQ_EVENT_...) happens;
 * returns it.  Fails if a frame comes out of the wire meanwhile. */
int stage_wait_event(struct stage *stage, struct client *client, int events);

/* The next frame; fails at the deadline. */
struct wire_frame stage_next(struct stage *stage);
/* The next frame, which must be this text from this client. */
uint32_t stage_expect(struct stage *stage, const struct client *client,
                      const char *text);

/* Everything sent before has been taken in: a listed newcomer says a word, and that
 * word is the next frame of all. */
void stage_expect_nothing_else(struct stage *stage);

int64_t stage_now_ms(void);

#endif
