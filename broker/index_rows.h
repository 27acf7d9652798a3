// SPDX-License-Identifier: Apache-2.0

/*
 * index_rows.h - the part of index.h that answers for many people at once
 *
 * Whoever is asked about in a crowd gets a bit in the rows of matcher/people.h, for the
 * fourteen days from today on.  The first question about a person is answered from the
 * record; from then on the rows are kept, and say most of it.
 *
 * Exact       What a person says, or what is claimed of them, makes a note: which days of
 *             whom.  Until index_rows_work() has written those days again, and the new
 *             one of every midnight, the rows decide nothing about them.  So an answer
 *             is always that of the records, however far behind the rows are.
 *
 * Shape       People asked about together stand together, in the order of that question.
 *             512 bytes each, in steps of 2 MiB for 4,096 people; none for who is never
 *             asked about, nor for more than 491,520 people.
 *
 * Units       minutes (UTC), milliseconds for _ms.
 *
 * Threads     Those of index.h: rows are read and written by the index's thread, which
 *             nothing makes wait.
 */
#ifndef BROKER_INDEX_ROWS_H
#define BROKER_INDEX_ROWS_H

#include "broker/index.h"

/* People and starts. */
struct index_crowd {
    const struct index_person *const *people; /* NULL: nobody, who never can come */
    size_t count;
    int64_t now_ms;
    int32_t first; /* the first start */
    int32_t step;
    size_t starts;
    int32_t duration;
    bool
        is_plain; /* time that is free for meetings is enough, however sure and where */
};

/*
 * Who of @crowd can come at each start?  @ret_bits, zeroed, has @row bytes for each start:
 * bit (i mod 8) of byte (i / 8) for person i.  @ret_decided[i]: those bits are the answer;
 * if it is not set they are zero, and the person has to be asked.  Nobody can come before
 * now.  Tentative time counts as busy.  Works in @arena.
 */
MUST_CHECK bool index_rows_ask(struct index *index, const struct index_crowd *crowd,
                               struct arena *arena, uint8_t *ret_bits, size_t row,
                               bool *ret_decided);

#endif
