// SPDX-License-Identifier: Apache-2.0

/*
 * million.h - a world with a million live claims and a million events for one client
 *
 * 250,000 confirmed meetings of four people each, of 20,000 people in all; the client that
 * organizes them has four events of each, 1 to 1,000,000.  The first meeting is negotiated
 * by the broker; the others are rows like its own, encoded and sealed by the store's own
 * functions.  Every constraint and trigger of the schema sees them.
 */
#ifndef BENCH_MILLION_H
#define BENCH_MILLION_H

#include "bench/bulk.h"
#include "bench/report.h"
#include "bench/stand.h"

enum {
    MILLION_PARTIES = 4,
    MILLION_CLAIMS_EACH = 50, /* of a person */
    MILLION_EVENTS_EACH = 4,  /* of a meeting */
};

struct million {
    struct stand stand;
    PGconn *connection;
    int64_t client; /* who organizes, and has the events; speaks for numbers 0 to 3 */
    uint32_t people;
    uint32_t meetings;
    uint32_t claims;
    uint32_t events;
    int rounds;
};

/* The broker does not run afterwards. */
void million_create(struct million *million, const struct report *report);
void million_destroy(struct million *million);

/* One row of the report each. */
void million_restart(struct million *million, struct report *report);
void million_replay(struct million *million, struct report *report);
void million_audit(struct million *million, struct report *report);

#endif
