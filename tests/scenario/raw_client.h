// SPDX-License-Identifier: Apache-2.0

/*
 * raw_client.h - a client that says whatever a test wants to be said
 *
 * A DEALER with the keys of a settings file and nothing of the SDK: frames go out as
 * they are given, whether they mean something or not, and come in one by one.
 *
 * Ownership   What raw_hear() and its kin return lives until the next of them.
 */
#ifndef TESTS_SCENARIO_RAW_CLIENT_H
#define TESTS_SCENARIO_RAW_CLIENT_H

#include "proto/codec.h"
#include "tests/scenario/world.h"

struct raw_client {
    struct world *world;
    char path[256]; /* of its settings file */
    void *context;
    void *socket;
    struct arena sending;
    struct arena received;
    uint64_t request_epoch; /* of the last welcome, like the next two */
    uint64_t publication_epoch;
    uint64_t event_epoch;
    uint64_t counter;  /* the last request's */
    uint64_t sequence; /* the last publication's */
    bool sandbox;
};

/* `entente client add`; returns its exit code. */
int raw_add(struct world *world, const char *name, bool sandbox,
            const char *const *people);

/* Settings for @name, with a key that no operator has ever added; @known is a client. */
void raw_invent(struct world *world, const char *name, const char *known);

/* Connect with the settings of @name, as often as wanted; says nothing yet. */
void raw_open(struct raw_client *client, struct world *world, const char *name);
void raw_close(struct raw_client *client);

/* Both, and hello. */
void raw_join(struct raw_client *client, struct world *world, const char *name,
              bool sandbox, const char *const *people);

/* One frame of any bytes, perhaps followed by more of the same message. */
void raw_send(struct raw_client *client, const void *bytes, size_t size);
void raw_send_more(struct raw_client *client, const void *bytes, size_t size);

/* The frame that says @envelope; a request gets the next number unless it has one.  The
 * bytes may be changed; they live until the next raw_write() or raw_say(). */
uint8_t *raw_write(struct raw_client *client, const struct entente_envelope *envelope,
                   size_t *ret_size);
void raw_say(struct raw_client *client, const struct entente_envelope *envelope);

/* The next frame that comes; NULL when none comes in @patience_ms. */
const struct entente_envelope *raw_hear(struct raw_client *client, int patience_ms);

/* The next frame with this body; others are passed over.  Fails when none comes. */
const struct entente_envelope *raw_await(struct raw_client *client,
                                         enum entente_body body);

/* hello; the welcome is remembered. */
const struct entente_welcome *raw_greet(struct raw_client *client);

/* The reply to the request that is named by @counter; others are passed over. */
const struct entente_envelope *raw_reply(struct raw_client *client, uint64_t counter);

/* Say and wait for the reply. */
const struct entente_envelope *raw_ask(struct raw_client *client,
                                       const struct entente_envelope *envelope);

/* The same; the code of the refusal, or 0. */
unsigned raw_code(struct raw_client *client, const struct entente_envelope *envelope);

/* Everything said before has been answered: a pulse comes back.  Returns how many
 * frames came before it. */
size_t raw_settle(struct raw_client *client);

/* A refusal with this code and a sentence comes next. */
void raw_expect_error(struct raw_client *client, unsigned code);

/* Is the reply a refusal with this code?  Shows it when it is not. */
bool raw_is_refused(const struct entente_envelope *reply, unsigned code);

/* Publish that @person is free on twenty days from world->day on, as agenda @source; a
 * vendor's own key of an agenda need not say whose it is.  Fails the test when refused.
 */
void raw_is_free(struct raw_client *client, const char *person, const char *source);

/* The same, which may be refused: returns the code. */
unsigned raw_says_free(struct raw_client *client, const char *person,
                       const char *source);

#endif
