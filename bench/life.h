// SPDX-License-Identifier: Apache-2.0

/*
 * life.h - whole lives of meetings, one after the other, of the same five people
 *
 *     request -> PROPOSED -> five answers -> CONFIRMED, and the next
 *
 * Each request has a fortnight in which half an hour of all five is looked for.  In one
 * life of ten the third answer is "not this one": the next slot is proposed, and
 * whoever has not accepted that one answers again.  One life in twenty ends with a
 * cancellation.  Each answer comes from the client that speaks for the party.
 *
 * Ownership   A life points at its clients and at its window; it stays where it is while
 *             a command is under way.
 */
#ifndef BENCH_LIFE_H
#define BENCH_LIFE_H

#include "adapters/sdk/client.h"
#include "bench/agenda.h"

#include <stdbool.h>
#include <stdint.h>

enum { LIFE_PARTIES = 5 };

/* Of all lives together. */
struct life_count {
    uint64_t commands; /* replies */
    uint64_t refused;  /* of these */
    uint64_t lives;    /* requests */
    uint64_t shifted;
    uint64_t cancelled; /* on purpose */
    uint64_t stuck;     /* found no slot: cancelled, too */
};

struct life {
    struct entente_client *clients[LIFE_PARTIES]; /* the first one asks */
    uint32_t people[LIFE_PARTIES];
    const struct entente_span *window;
    struct life_count *count;
    const bool *draining; /* nothing more is begun */
    uint64_t number;      /* which life it is */
    bool under_way;
    bool cancelling;
    bool shifting; /* the answer under way is a shift */
    bool shifted;
    struct agenda_meeting meeting; /* no proposal: the next command is a request */
    uint32_t pending; /* the first party who has to answer; LIFE_PARTIES: none */
    uint32_t accepted;
};

/* The next command.  Those after it follow by themselves until *draining. */
void life_go_on(struct life *life);

#endif
