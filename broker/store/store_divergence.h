// SPDX-License-Identifier: Apache-2.0

/*
 * store_divergence.h - the part of store.h about agendas that diverge, and their breakers
 *
 * A divergence is one row per meeting and person.  Those of the last BREAKER_MINUTES are
 * counted per client; a breaker that has tripped stays so, over every restart, until the
 * operator resets it.
 */
#ifndef BROKER_STORE_STORE_DIVERGENCE_H
#define BROKER_STORE_STORE_DIVERGENCE_H

#include "broker/must_check.h"
#include "broker/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DIVERGENCES_MAX = 10, /* of one client within BREAKER_MINUTES: one more trips */
    BREAKER_MINUTES = 60, /* how far back they are counted */
    DIVERGENCE_GRACE_MINUTES = 120, /* the owner's; at most half of what is left */
    DIVERGENCE_KEPT_DAYS = 1,       /* rows older than that are forgotten */
};

/* How often a client's agendas have diverged lately; those who never did have none. */
struct store_breaker {
    int64_t client;
    uint32_t recent;
    bool tripped;
    bool lifted; /* nothing is counted now */
};

struct store_divergence {
    uint8_t meeting[16];
    int64_t person;
    int64_t client;
    uint32_t kind; /* enum entente_divergence_kind; in changes, 0: it is settled */
    bool held_back;
};

/* ---- the operator's commands: blocking ---------------------------------------------
 */

struct store_settings;

struct store_breaker_row {
    const char *client; /* name */
    int64_t tripped_ms; /* 0: it has not tripped */
    int64_t lifted_ms;  /* 0: not lifted */
    uint64_t asked;     /* divergences whose owner has been asked */
    uint64_t held_back; /* and of whom nobody has */
};

typedef void (*store_breaker_fn)(void *context, const struct store_breaker_row *row);
MUST_CHECK enum status store_list_breakers(const struct store_settings *settings,
                                           store_breaker_fn visit, void *context,
                                           const char **ret_message);

enum store_reset {
    STORE_LOOK_AGAIN = 1, /* what still diverges is asked about, counted from nothing */
    STORE_FORGET = 2, /* the agendas were wrong: refusals and deletions never were */
    STORE_REAL = 3,   /* all of it is real: for BREAKER_MINUTES nothing is counted */
};

/* *ret_meetings of them are looked at again. */
MUST_CHECK enum status store_reset_breaker(const struct store_settings *settings,
                                           const char *client, enum store_reset how,
                                           uint64_t *ret_meetings,
                                           const char **ret_message);

#endif
