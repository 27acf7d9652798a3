// SPDX-License-Identifier: Apache-2.0

/*
 * worlds.h - many worlds, several at a time
 *
 * One world is one thread; worlds have nothing to do with each other.  Each process takes
 * every n-th of them, and what they came to is told in the order of their seeds: nobody can
 * tell from it how many processes there were.
 *
 * Ownership   The processes end with worlds_end(), or with the one that began them.
 */
#ifndef TESTS_SIMULATION_WORLDS_H
#define TESTS_SIMULATION_WORLDS_H

#include "tests/simulation/sim.h"

enum { WORLDS_JOBS = 64 };

struct worlds {
    unsigned jobs;
    uint64_t next;
    struct {
        int pid;
        int pipe; /* results, one after the other */
    } job[WORLDS_JOBS];
};

/* The seed of the n-th world: the first one's is the seed itself. */
uint64_t worlds_seed(uint64_t seed, uint64_t n);

/* Begin the worlds of @plan's seed in @jobs processes, each world to its end.  False if
 * the system has no process or pipe for it; nothing is begun then. */
bool worlds_begin(struct worlds *worlds, const struct sim_plan *plan, unsigned jobs);

/* The next world's result; its violation, if any, lasts until the next call.  False if its
 * process has crashed in it. */
bool worlds_next(struct worlds *worlds, struct sim_result *ret_result);

void worlds_end(struct worlds *worlds);

/* The one world of @plan in a process of its own: that it crashes is a violation, too. */
void worlds_try(const struct sim_plan *plan, struct sim_result *ret_result);

#endif
