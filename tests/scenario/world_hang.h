// SPDX-License-Identifier: Apache-2.0

/*
 * world_hang.h - the part of world.h for several brokers on one database: who runs, and
 *                on which of them a client hangs
 */
#ifndef TESTS_SCENARIO_WORLD_HANG_H
#define TESTS_SCENARIO_WORLD_HANG_H

#include "tests/scenario/world.h"

/* Start the broker of this number (2 .. WORLD_BROKERS_MAX) beside the first one. */
void world_start_another(struct world *world, size_t number);

/* Nothing happens when it does not run.  Returns the signal that ended it, or 0. */
int world_stop_another(struct world *world, size_t number, int signal);

/* Wait for it to end by itself; returns its exit code, or -1 when a signal ended it. */
int world_wait_for_another(struct world *world, size_t number);

/* The client's settings name these brokers from now on, in this order; it is made anew as
 * after a restart of the vendor's program. */
void world_hang(struct world_client *client, const size_t *numbers, size_t count);
void world_hang_on(struct world_client *client, size_t number);

/* The same, but the program that runs goes on beside the new one; it is answered, to be
 * destroyed by the caller. */
struct entente_client *world_hang_beside(struct world_client *client, size_t number);

/* In world.c: make the client out of its settings and wait until it is connected. */
void world_connect(struct world_client *client);

/* In world.c: a process of `entente`; what it writes goes to the log. */
pid_t world_spawn(struct world *world, const char *const *words, bool quiet);

#endif
