// SPDX-License-Identifier: Apache-2.0

/*
 * world.h - a real broker in a process of its own, on a real database, with real
 * clients
 *
 * The broker is the program `entente` of this build; it can be killed and started
 * again.  There may be others on the same database, with the numbers 2, 3, ...: a client
 * hangs on the first one unless it is told otherwise (world_hang.h).  Time passes only as the database's clock does, and when world_advance() moves
 * it.
 *
 * Units       Minutes are UTC minutes; `day` is a midnight at least a week ahead.
 */
#ifndef TESTS_SCENARIO_WORLD_H
#define TESTS_SCENARIO_WORLD_H

#include "adapters/sdk/client.h"
#include "proto/arena.h"
#include "tests/support/pg_database.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    WORLD_CLIENTS_MAX = 64,
    WORLD_BROKERS_MAX = 4,     /* the first one included */
    WORLD_EVENTS_MAX = 1024,   /* remembered; older ones are forgotten */
    WORLD_PATIENCE_MS = 30000, /* no answer by then: the test fails */
};

/* What one client has been told. */
struct world_event {
    uint64_t sequence;
    uint8_t meeting[16];
    uint32_t version;
    uint32_t state;
    int32_t start; /* of the confirmed time, 0: none */
    uint32_t proposal;
    uint64_t reasons; /* bit per party: why they do not come is told */
    uint32_t reason;  /* of a cancellation */
};

struct world_client {
    struct world *world;
    struct entente_client *sdk;
    char name[32];
    char path[256]; /* of its settings file */
    struct entente_position position;
    bool plain; /* declares no capability, when it connects */
    struct world_event events[WORLD_EVENTS_MAX];
    size_t event_count;
    bool stopped;
    enum entente_code stopped_by;
};

struct world {
    struct pg_database *database;
    char folder[128];
    char endpoint[192];
    pid_t broker;
    pid_t others[WORLD_BROKERS_MAX + 1]; /* by number, from 2 on */
    bool revive;                         /* start the broker again when it has died */
    unsigned deaths;
    int32_t day;
    struct arena arena; /* of the last reply */
    struct world_client clients[WORLD_CLIENTS_MAX];
    size_t client_count;
};

void world_create(struct world *world);
void world_create_stopped(struct world *world); /* the broker is not yet started */
void world_destroy(struct world *world);

/* What the broker and the commands wrote to standard error. */
void world_show_log(const struct world *world);

/* Run `entente ...` with the world's database and keys; returns its exit code. */
int world_entente(struct world *world, const char *const *words);

/* @failpoint NULL, or as ENTENTE_FAILPOINT takes it. */
void world_start_broker(struct world *world, const char *failpoint);
void world_stop_broker(struct world *world, int signal);

/* Wait for the broker to end by itself; returns the signal that ended it, or 0. */
int world_wait_for_end(struct world *world);
bool world_broker_runs(struct world *world);

/* A client that speaks for @people ("idnps:1", ..., NULL), connected. */
struct world_client *world_add_client(struct world *world, const char *name,
                                      bool sandbox, const char *const *people);

/* Make the client anew, as after a restart of the vendor's program. */
void world_reconnect(struct world_client *client);

/* Let every client do what is due, until @condition; false when patience ends. */
bool world_until(struct world *world, bool (*condition)(void *context), void *context);

/* Move the database's clock. */
void world_advance(struct world *world, int64_t minutes);

/* Publish @publish, and wait until the broker has it. */
enum entente_code world_publish_this(struct world_client *client,
                                     const struct entente_publish *publish);

/* Publish that @person is free in [from, until) and busy in nothing, with @coverage
 * days from world->day on. */
enum entente_code world_publish(struct world_client *client, const char *person,
                                const struct entente_range *ranges, size_t count);

struct entente_identifier world_identifier(const char *text);

/* One party; optional when told so. */
struct entente_party world_party(struct entente_identifier *identifier, bool optional);

/* Ask for 60 minutes with these parties in [from, until). */
struct entente_spec world_spec(struct entente_party *parties, size_t count,
                               struct entente_span *window);

/* Send a request, let every client work, and wait for the outcome.  The reply's
 * meeting, if it has one, lives until the next call. */
enum entente_code world_call(struct world_client *client,
                             const struct entente_envelope *envelope,
                             const struct entente_meeting **ret_meeting);

/* Request, answer; the refusal's code, or ENTENTE_OK and the meeting. */
enum entente_code world_request(struct world_client *client, struct entente_spec *spec,
                                const struct entente_meeting **ret_meeting);
enum entente_code world_answer(struct world_client *client,
                               const struct entente_meeting *meeting,
                               const char *person, uint32_t kind, int32_t counter,
                               const struct entente_meeting **ret_meeting);

/* The last event of a client about @meeting, or NULL. */
const struct world_event *world_last_event(const struct world_client *client,
                                           const uint8_t *meeting);

/* Recompute every overlap from the claims without any index: 0 is lawful. */
int64_t world_overlaps(struct world *world);

#endif
