// SPDX-License-Identifier: Apache-2.0

#include "broker/shelf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PIECE_BYTES = 2 << 20, /* one huge page, where the system gives them */
    NEAR_CLASSES = 4, /* a record may lie in a block that is this many units larger */
};

struct shelf_piece {
    struct shelf_piece *next;
    char pad[SHELF_UNIT - sizeof(void *)]; /* so that the first record is aligned */
    char records[];
};

static uint32_t units_of(size_t size)
{
    return (uint32_t)((size + SHELF_UNIT - 1) / SHELF_UNIT);
}

void shelf_finish(struct shelf *shelf)
{
    while (shelf->pieces != NULL) {
        struct shelf_piece *next = shelf->pieces->next;
        free(shelf->pieces);
        shelf->pieces = next;
    }
    free(shelf->retired);
    *shelf = (struct shelf){0};
}

/* ---- blocks ------------------------------------------------------------------------
 */

static void *pop(struct shelf *shelf, size_t class)
{
    void *block = shelf->free[class];
    if (block != NULL) {
        memcpy(&shelf->free[class], block, sizeof(void *));
    }
    return block;
}

static void push(struct shelf *shelf, size_t class, void *block)
{
    memcpy(block, &shelf->free[class], sizeof(void *));
    shelf->free[class] = block;
}

/* What is left of the piece that is being cut is of use for a smaller record. */
static void save_the_rest(struct shelf *shelf)
{
    if (shelf->pieces == NULL) {
        return;
    }
    char *rest = (char *)shelf->pieces + shelf->piece_used;
    size_t left = (PIECE_BYTES - shelf->piece_used) / SHELF_UNIT;
    if (left > 0 && left <= SHELF_CLASSES) {
        push(shelf, left - 1, rest);
    }
}

static void *cut(struct shelf *shelf, size_t bytes)
{
    if (shelf->pieces == NULL || shelf->piece_used + bytes > PIECE_BYTES) {
        struct shelf_piece *piece = aligned_alloc(PIECE_BYTES, PIECE_BYTES);
        if (piece == NULL) {
            return NULL;
        }
        /* Without huge pages every record costs a walk through the page tables. */
        (void)madvise(piece, PIECE_BYTES, MADV_HUGEPAGE);
        save_the_rest(shelf);
        piece->next = shelf->pieces;
        shelf->pieces = piece;
        shelf->piece_used = sizeof(*piece);
    }
    char *block = (char *)shelf->pieces + shelf->piece_used;
    shelf->piece_used += bytes;
    return block;
}

static void *take_block(struct shelf *shelf, uint32_t *units)
{
    if (*units > SHELF_CLASSES) {
        return aligned_alloc(SHELF_UNIT, (size_t)*units * SHELF_UNIT);
    }
    for (uint32_t more = 0; more <= NEAR_CLASSES; more++) {
        uint32_t class = *units - 1 + more;
        void *block = class < SHELF_CLASSES ? pop(shelf, class) : NULL;
        if (block != NULL) {
            *units = class + 1;
            return block;
        }
    }
    return cut(shelf, (size_t)*units * SHELF_UNIT);
}

static void give_back(struct shelf *shelf, void *record, uint32_t units)
{
    if (units > SHELF_CLASSES) {
        free(record);
    } else {
        push(shelf, units - 1, record);
    }
}

/* ---- records -----------------------------------------------------------------------
 */

void *shelf_keep(struct shelf *shelf, const void *record, size_t size,
                 uint32_t *ret_units)
{
    uint32_t units = units_of(size == 0 ? 1 : size);
    void *block = take_block(shelf, &units);
    if (block == NULL) {
        return NULL;
    }
    memcpy(block, record, size);
    shelf->bytes += (size_t)units * SHELF_UNIT;
    *ret_units = units;
    return block;
}

/* False: there is no room to remember it. */
static bool retire(struct shelf *shelf, void *record, uint32_t units)
{
    if (shelf->retired_count == shelf->retired_capacity) {
        size_t wanted = shelf->retired_capacity == 0 ? 16 : shelf->retired_capacity * 2;
        void *grown = realloc(shelf->retired, wanted * sizeof(*shelf->retired));
        if (grown == NULL) {
            return false;
        }
        shelf->retired = grown;
        shelf->retired_capacity = wanted;
    }
    shelf->retired[shelf->retired_count++] =
        (struct shelf_retired){.record = record, .units = units, .epoch = shelf->epoch};
    return true;
}

void shelf_drop(struct shelf *shelf, void *record, uint32_t units)
{
    if (record == NULL) {
        return;
    }
    shelf->bytes -= (size_t)units * SHELF_UNIT;
    if (shelf->oldest == NULL) {
        give_back(shelf, record, units);
    } else {
        /* Without room to remember it the block is lost: better than read after use. */
        (void)retire(shelf, record, units);
    }
}

/* ---- readers -----------------------------------------------------------------------
 */

void shelf_hold(struct shelf *shelf, struct shelf_pin *pin)
{
    /* From here on, what is dropped is newer than what this pin protects. */
    shelf->epoch++;
    *pin = (struct shelf_pin){.epoch = shelf->epoch, .older = shelf->newest};
    if (shelf->newest != NULL) {
        shelf->newest->newer = pin;
    } else {
        shelf->oldest = pin;
    }
    shelf->newest = pin;
}

void shelf_let_go(struct shelf *shelf, struct shelf_pin *pin)
{
    struct shelf_pin **from_older =
        pin->older == NULL ? &shelf->oldest : &pin->older->newer;
    struct shelf_pin **from_newer =
        pin->newer == NULL ? &shelf->newest : &pin->newer->older;
    *from_older = pin->newer;
    *from_newer = pin->older;

    /* A pin protects what was dropped at its epoch or later. */
    size_t freed = 0;
    while (
        freed < shelf->retired_count &&
        (shelf->oldest == NULL || shelf->retired[freed].epoch < shelf->oldest->epoch)) {
        give_back(shelf, shelf->retired[freed].record, shelf->retired[freed].units);
        freed++;
    }
    shelf->retired_count -= freed;
    if (freed > 0 && shelf->retired_count > 0) {
        memmove(shelf->retired, shelf->retired + freed,
                shelf->retired_count * sizeof(*shelf->retired));
    }
}
