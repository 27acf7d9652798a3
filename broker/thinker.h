// SPDX-License-Identifier: Apache-2.0

/*
 * thinker.h - a thread for what takes long, so that the loop goes on meanwhile
 *
 * A search over a year for fifty people, and why it finds nothing, may cost a second; an
 * accept that comes meanwhile must not wait for it.  The loop gathers all that such a
 * question needs, pins the records (index.h), and gives it away; the thread only reads
 * what it was given; the loop answers.
 *
 * Ownership   A thought belongs to whoever gave it, and stays where it is until it is
 *             done.
 *
 * Order       Whoever has thoughts waiting takes turns with everybody else who has; the
 *             thoughts of one are thought in the order in which they were given.
 *
 * Threads     All functions here are the loop's; think() runs on the other thread, one
 *             thought at a time.
 */
#ifndef BROKER_THINKER_H
#define BROKER_THINKER_H

#include "broker/must_check.h"
#include "broker/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thinker;

struct thought {
    void (*think)(struct thought *thought); /* on the other thread */
    void (*done)(struct thought *thought);  /* on the loop's; it may be freed there */
    int64_t whose; /* any number: who takes turns with others */
    bool in_vain;  /* done() without think(): the end is near */
    uint64_t turn; /* the thinker's, like the next one */
    struct thought *next;
};

MUST_CHECK enum status thinker_create(struct thinker **ret_thinker);

/* Waits for the thought that is being thought; all others are done in vain.  NULL is
 * fine. */
void thinker_destroy(struct thinker *thinker);

void thinker_give(struct thinker *thinker, struct thought *thought);

/* How many have been given and are not done. */
size_t thinker_count(const struct thinker *thinker);

/* How many of @whose wait to be thought. */
size_t thinker_count_of(struct thinker *thinker, int64_t whose);

/* Readable when thinker_turn() has something to do. */
int thinker_descriptor(const struct thinker *thinker);

/* Call done() of all that have been thought. */
void thinker_turn(struct thinker *thinker);

#endif
