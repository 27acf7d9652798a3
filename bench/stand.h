// SPDX-License-Identifier: Apache-2.0

/*
 * stand.h - a real broker on a database of its own, and real clients
 *
 * The broker is the program `entente` of this build, reached over CURVE and TCP on this
 * machine.  The database lies on the server that ENTENTE_TEST_DB names and is dropped
 * at the end.  What cannot be done ends the program.
 */
#ifndef BENCH_STAND_H
#define BENCH_STAND_H

#include "adapters/sdk/client.h"
#include "tests/support/pg_database.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    STAND_PEOPLE_MAX = 48, /* of one client */
    STAND_PATIENCE_MS = 30000,
};

struct stand {
    struct pg_database *database;
    char folder[128];
    char endpoint[128]; /* of the broker that runs or ran; empty: none yet */
    pid_t broker;
    int number; /* of the broker, 0 or 1: the first one */
};

void stand_create(struct stand *stand);
void stand_destroy(struct stand *stand);

/* Start the broker and wait until it listens, where it did before if it ran already;
 * what it logs replaces the log. */
void stand_start_broker(struct stand *stand);
void stand_stop_broker(struct stand *stand);

/* Another broker on the same database, begun; @stand must outlive it.  To be ended by
 * stand_stop_broker(). */
void stand_start_second(const struct stand *stand, struct stand *ret_second);

/* The broker's log, as text that lives until the next call. */
const char *stand_log(const struct stand *stand);

/* Resident memory of the broker in bytes. */
double stand_broker_memory(const struct stand *stand);

/* Number @person as an identifier; @ret_value has 24 bytes and must outlive it. */
struct entente_identifier stand_person(uint32_t person, char ret_value[24]);

/* Make a client with a key of its own known, which speaks for @count people from @first
 * on.  A broker that runs learns of new clients only from time to time: add all of them
 * before the first connects. */
void stand_add_client(const struct stand *stand, uint32_t first, size_t count);

/* The client of the people from @first on; the running broker has said welcome. */
struct entente_client *stand_connect(const struct stand *stand, uint32_t first,
                                     struct entente_settings *settings);

/* Run a program to its end with its output in @ret_output (NULL: the broker's log);
 * false when it failed. */
bool stand_run(const struct stand *stand, const char *const *words, char *ret_output,
               size_t size);

#endif
