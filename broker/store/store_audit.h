// SPDX-License-Identifier: Apache-2.0

/*
 * store_audit.h - an auditor that believes nobody
 *
 * Reads the rows of one moment as they lie in the tables, without an index, and recomputes:
 * that nobody is claimed by two meetings for one minute, that each claim is what its meeting
 * says, that numbers have no gap, and the chain of each broker.  Shares no code with the
 * constraint, the index or the broker.
 *
 * Failure     As the functions of the start: blocking, on a connection of its own.
 */
#ifndef BROKER_STORE_STORE_AUDIT_H
#define BROKER_STORE_STORE_AUDIT_H

#include "broker/must_check.h"
#include "broker/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_audit {
    /* Wanted. */
    bool freeze;                                       /* those concerned */
    bool freeze_everybody;                             /* upon any finding */
    void (*tell)(void *context, const char *sentence); /* one for each finding */
    void *context;

    /* Found. */
    uint64_t claims;
    uint64_t meetings;
    uint64_t events;
    uint64_t links; /* of the brokers' chains */
    uint64_t findings;
    uint64_t frozen; /* people, by this audit */
    double seconds;  /* for reading claims and meetings, and comparing them */
};

MUST_CHECK enum status store_audit(const char *conninfo, struct store_audit *audit);

/* The operator has looked: the time of @person (0: everybody) may change again.  Searches that
 * waited for them are made.  *ret_count of them were frozen. */
MUST_CHECK enum status store_release(const char *conninfo, int64_t person,
                                     uint64_t *ret_count);

#endif
