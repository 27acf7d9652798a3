// SPDX-License-Identifier: Apache-2.0

/*
 * sdk_fake_broker.h - a broker that says what the test tells it to, over real CURVE
 *
 * It runs in the test's own thread: waiting for a frame steps the client too.  Times
 * are bounds after which a test fails; nothing is right because of them.
 *
 * Ownership   A received envelope lives until the next one is received.
 */
#ifndef TESTS_ADAPTERS_SDK_FAKE_BROKER_H
#define TESTS_ADAPTERS_SDK_FAKE_BROKER_H

#include "adapters/sdk/client.h"

#include "proto/arena.h"
#include "proto/codec.h"

enum { FAKE_KEY_SIZE = 41, FAKE_PATIENCE_MS = 20000 };

struct fake_broker {
    void *context;
    void *router;
    void *zap;
    char endpoint[64];
    char server_public[FAKE_KEY_SIZE];
    char server_secret[FAKE_KEY_SIZE];
    char client_public[FAKE_KEY_SIZE];
    char client_secret[FAKE_KEY_SIZE];
    uint8_t peer[64]; /* routing id of the one that spoke last */
    size_t peer_size;
    struct arena received;
    struct arena sending;
    bool refuse_keys;   /* say no to every key */
    bool ignore_pulses; /* leave heartbeats unanswered */
    size_t heartbeats;
    const char *stale; /* source to name in every pulse */
    struct entente_client *client;
};

/* Make keys and listen on a free port. */
void fake_broker_start(struct fake_broker *broker);

/* Vanish without a word, and listen again at the same place. */
void fake_broker_restart(struct fake_broker *broker);
void fake_broker_stop(struct fake_broker *broker);

/* Settings that fit this broker, with short times; *@settings lives as long as the
 * endpoints in @broker. */
struct entente_settings fake_broker_settings(struct fake_broker *broker,
                                             const char *const *endpoints,
                                             size_t count);

/* Step the client and answer heartbeats until a frame of kind @body comes; any other
 * kind fails the test. */
struct entente_envelope *fake_broker_await(struct fake_broker *broker,
                                           enum entente_body body);

/* Step until *@flag.  Frames that come meanwhile fail the test. */
void fake_broker_until(struct fake_broker *broker, const bool *flag);

/* Step a few rounds, in which nothing but heartbeats may come. */
void fake_broker_expect_silence(struct fake_broker *broker);

void fake_broker_say(struct fake_broker *broker,
                     const struct entente_envelope *envelope);
void fake_broker_say_bytes(struct fake_broker *broker, const void *bytes, size_t size);

/* Await the hello and answer it; returns the hello. */
struct entente_hello *fake_broker_welcome(struct fake_broker *broker,
                                          const struct entente_welcome *welcome);

/* The welcome that most tests give: epochs 7, 70 and 700. */
struct entente_welcome fake_broker_usual_welcome(void);

void fake_broker_say_done(struct fake_broker *broker, uint64_t epoch, uint64_t counter);
void fake_broker_say_error(struct fake_broker *broker, uint64_t epoch, uint64_t counter,
                           enum error_code code);

/* An event about a meeting whose id is 16 bytes of @sequence. */
void fake_broker_say_event(struct fake_broker *broker, uint64_t epoch,
                           uint64_t sequence);

#endif
