// SPDX-License-Identifier: Apache-2.0

/*
 * record_pack.h - from a draft to the record as it lies in memory
 */
#ifndef MATCHER_RECORD_PACK_H
#define MATCHER_RECORD_PACK_H

#include "matcher/record_draft.h"

/* What a record says besides its changes, and where those come from that the draft does
 * not have. */
struct record_frame {
    struct match_span known;
    int32_t notice;
    int32_t daily_cap;
    unsigned shape;

    /* NULL: the draft is everything.  Otherwise the draft has the days [first, last] (none
     * if first > last), this record the others, and its classes are the draft's first. */
    const struct match_record *old;
    int32_t first;
    int32_t last;
};

/* Bytes that a record with so much in it takes at most. */
size_t record_pack_bound(const struct record_needs *needs, unsigned shape);

/* MATCH_NO_ROOM if it is more than a record, or the memory, holds. */
enum match_status record_pack(struct record_draft *draft,
                              const struct record_frame *frame, void *memory,
                              size_t memory_size);

/* Where the days of a new record begin. */
struct record_days {
    struct record_draft *draft;
    const struct record_frame *frame;
    int64_t first_day;
    uint32_t count;  /* one more than there are days */
    uint32_t before; /* changes of the old record before those of the draft, */
    uint32_t shift; /* and how many more there are before those after it; modulo 2^32 */
};

/* Do they need 16 bits each?  Then they are written. */
bool record_days_are_long(const struct record_days *days);
size_t record_days_size(uint32_t day_count, bool are_long);
void record_days_write(const struct record_days *days, struct match_record *record);

/* Fill the ring, and the plane, of @record, which is complete otherwise. */
void record_ring_fill(struct match_record *record, const struct record_draft *draft,
                      const struct record_frame *frame);
void record_plane_fill(struct match_record *record, const struct record_draft *draft,
                       const struct record_frame *frame);

/* Bytes of the plane of so many days. */
size_t record_plane_size(uint32_t day_count);

#endif
