// SPDX-License-Identifier: Apache-2.0

/*
 * record_draft.h - changes and classes while a record is being made
 *
 * Invariant   Changes are put down in the order of time and never repeat a class; only
 *             days from the first change to the last are there.  All changes are wide:
 *             minute of the day << RECORD_WIDE_SHIFT | class.
 *
 * Ownership   Everything lies in the working memory that the draft was given.
 */
#ifndef MATCHER_RECORD_DRAFT_H
#define MATCHER_RECORD_DRAFT_H

#include "matcher/record_layout.h"

enum {
    RECORD_DEPTH_MAX = 32,    /* different ranges over one minute */
    RECORD_ITEMS_MAX = 65535, /* of all classes */
};

/* How much a draft must hold at most. */
struct record_needs {
    uint32_t changes;
    uint32_t days;
    uint32_t classes;
    uint32_t items;
    bool plain; /* the ranges to come are of one source, do not overlap, and all have
                   common classes */
};

struct record_draft {
    struct record_needs room;

    uint32_t *changes;
    uint16_t *days;  /* where each day's changes begin */
    uint64_t *words; /* of the ring, one a day, without what goes on past midnight */
    struct record_class *classes;
    struct record_item *items;
    uint32_t *places; /* hash table: class + 1, or 0 */
    uint32_t place_mask;
    uint32_t *numbers; /* for each class; 1 if it occurs, or 0 */
    uint32_t common;   /* bits (1 << class) of the common classes that occur */

    uint16_t *all_days; /* room for those of the record that comes out */

    uint32_t change_count;
    uint32_t day_count;
    uint32_t class_count;
    uint32_t item_count;
    int32_t first_day;

    int64_t midnight; /* at which the last of the days begins */
    int64_t end;      /* of what has been put down last, */
    uint32_t last;    /* and its class */
    bool overflowed;  /* it is more than a record holds */
    bool runs_on;     /* some stretch that is offered reaches midnight */
};

size_t record_draft_size(const struct record_needs *needs);

/* An empty draft in @workspace, which has record_draft_size() bytes. */
void record_draft_init(struct record_draft *draft, const struct record_needs *needs,
                       void *workspace);

/* The minutes [since, until) of a day as bits of its word. */
static inline uint64_t record_draft_fold(uint32_t since, uint32_t until)
{
    uint32_t first = since / RECORD_CELL;
    uint32_t count = (until + RECORD_CELL - 1) / RECORD_CELL - first;
    uint64_t bits = ((uint64_t)1 << (count % 64)) - 1;
    uint32_t by = first % 64;
    return count >= 64 ? ~(uint64_t)0 : bits << by | bits >> ((64 - by) % 64);
}

/* [from, until), not empty and not before what has been put down already, is in @class,
 * which is not RECORD_NOTHING. */
void record_draft_put(struct record_draft *draft, int64_t from, int64_t until,
                      uint32_t class);

/* Nothing more comes. */
void record_draft_finish(struct record_draft *draft);

/* The class of a minute with these @count items, at most RECORD_DEPTH_MAX; as in a
 * record, but in any order.  They are sorted.  Busy and tentative at once needs one. */
uint32_t record_draft_class(struct record_draft *draft, bool busy, bool tentative,
                            struct record_item *items, uint32_t count);

/* The class of a minute over which nothing lies but @item, whose place may be 0. */
uint32_t record_draft_single(struct record_draft *draft,
                             const struct record_item *item);

/* The class that is left of @class, RECORD_OFFERED or more, where nobody knows what is
 * free. */
uint32_t record_draft_unknown(struct record_draft *draft, uint32_t class);

#endif
