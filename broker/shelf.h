// SPDX-License-Identifier: Apache-2.0

/*
 * shelf.h - memory for many records that never change and are replaced whole
 *
 * Why         A million records of one to two kilobytes, each aligned to a cache line:
 *             malloc would add a header and a gap to every one.  The shelf cuts them from
 *             large pieces in units of 64 bytes; what is given back is handed out again
 *             to a record of about that size.
 *
 * Grace       Whoever is still reading keeps what it reads: a record that is dropped
 *             while pins are held is handed out again only when every pin that is older
 *             than the drop has been let go.  Dropping never waits.
 *
 * Ownership   The shelf owns the memory, and its user owns each record until it is
 *             dropped.
 *
 * Threads     One thread keeps, drops, pins and lets go (the broker's loop).  A record
 *             that is pinned may be read by any thread: it pins for a search before it
 *             hands the search to another thread, and lets go when the answer is back.
 */
#ifndef BROKER_SHELF_H
#define BROKER_SHELF_H

#include "broker/must_check.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SHELF_UNIT = 64,     /* bytes; also the alignment */
    SHELF_CLASSES = 512, /* records up to this many units share pieces */
};

struct shelf_pin {
    uint64_t epoch; /* of the shelf when it was pinned */
    struct shelf_pin *older;
    struct shelf_pin *newer;
};

struct shelf_piece;

/* A record that waits until nobody can hold it. */
struct shelf_retired {
    void *record;
    uint32_t units;
    uint64_t epoch; /* of the shelf when it was dropped */
};

struct shelf {
    struct shelf_piece *pieces; /* the newest is being cut */
    size_t piece_used;          /* bytes of it */
    void *free[SHELF_CLASSES];  /* by units - 1 */
    uint64_t epoch;
    struct shelf_pin *oldest;
    struct shelf_pin *newest;
    struct shelf_retired *retired; /* by rising epoch */
    size_t retired_count;
    size_t retired_capacity;
    size_t bytes; /* of records that are kept, rounded to units */
};

void shelf_finish(struct shelf *shelf);

/* A copy of @size bytes at @record, aligned to SHELF_UNIT; *ret_units is to be given
 * back with it.  NULL when memory is used up. */
MUST_CHECK void *shelf_keep(struct shelf *shelf, const void *record, size_t size,
                            uint32_t *ret_units);
void shelf_drop(struct shelf *shelf, void *record, uint32_t units); /* NULL is fine */

/* What is on the shelf now stays readable until @pin is let go. */
void shelf_hold(struct shelf *shelf, struct shelf_pin *pin);
void shelf_let_go(struct shelf *shelf, struct shelf_pin *pin);

#endif
