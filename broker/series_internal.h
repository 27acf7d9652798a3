// SPDX-License-Identifier: Apache-2.0

/*
 * series_internal.h - shared by series*.c and sequence.c, and nobody else
 */
#ifndef BROKER_SERIES_INTERNAL_H
#define BROKER_SERIES_INTERNAL_H

#include "broker/series.h"

/* The meetings of one series while they are being made; in the batch's arena. */
struct series_plan {
    size_t count;
    uint8_t *ids;        /* SERIES_ID bytes each */
    uint32_t *conflicts; /* indices */
    size_t conflict_count;
};

MUST_CHECK bool series_make_room(struct batch *batch, size_t count,
                                 struct series_plan *ret_plan);

/* @meeting is the one with this index. */
MUST_CHECK bool series_join(struct batch *batch, struct series_plan *plan,
                            struct entente_meeting *meeting, uint32_t index);

/* Another meeting that the organizer of @first asks for with @spec (which becomes its own,
 * with parties of its own; they are those of @first).  NULL when memory is used up. */
struct matter *series_new_meeting(struct batch *batch,
                                  const struct entente_meeting *first,
                                  struct entente_spec *spec);

/* The meeting that comes so many after @meeting (less than 0: before); NULL: there is none,
 * or it is not locked. */
struct entente_meeting *series_neighbour(struct batch *batch,
                                         const struct entente_meeting *meeting,
                                         int64_t apart);

/* Narrow @question to starts from @first to @last.  False: nothing is left. */
MUST_CHECK bool series_narrow(struct batch *batch, uint32_t duration, int64_t first,
                              int64_t last, struct propose_question *question);

#endif
