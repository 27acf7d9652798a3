// SPDX-License-Identifier: Apache-2.0

/*
 * evidence.h - what a search was given and what it answered, as bytes that can be kept
 *
 * A decision that rests on a search is kept with it, so that anybody who doubts it can
 * have it made again: the same matcher gives the same slots from the same bytes.
 *
 * Shape       One number after the other, each as a zigzag varint, beginning with the
 *             version of this shape.  Records are told as ranges.  Times that lie further
 *             than EVIDENCE_MARGIN_DAYS from anything the search may answer are left out:
 *             no rule of matcher/request.h and no merit of matcher/slot.h looks so far.
 *
 * Ownership   Everything lives in the arena given.
 *
 * Threads     No shared state.
 */
#ifndef BROKER_EVIDENCE_H
#define BROKER_EVIDENCE_H

#include "broker/must_check.h"
#include "broker/status.h"
#include "matcher/slot.h"
#include "proto/arena.h"
#include "proto/message.h"

enum {
    EVIDENCE_BYTES = 65536, /* a search that takes more is not kept */

    /* Buffers, ways and gaps reach a day each (MATCH_BUFFER_MAX, MATCH_TRAVEL_MAX,
     * MATCH_DURATION_MAX), one after the other at most. */
    EVIDENCE_MARGIN_DAYS = 4,
};

/* A search, and its answer as far as it decides anything. */
struct evidence {
    struct match_request request;
    minute_t near; /* match_nearest() to it; 0: match_search() */
    struct match_result *result;
};

/*
 * Written into @room, which is only worked in.
 *
 * STATUS_OK       kept in *ret_bytes
 * STATUS_REFUSED  it would take more than EVIDENCE_BYTES
 * STATUS_FAILED   memory is used up
 */
MUST_CHECK enum status evidence_write(const struct evidence *evidence,
                                      uint8_t room[EVIDENCE_BYTES], struct arena *arena,
                                      struct entente_bytes *ret_bytes);

/*
 * STATUS_OK       *ret_evidence is what was written, with sources in place of records
 * STATUS_DAMAGED  these bytes are not evidence, or of another shape
 * STATUS_FAILED   memory is used up
 */
MUST_CHECK enum status evidence_read(const struct entente_bytes *bytes,
                                     struct arena *arena,
                                     struct evidence *ret_evidence);

/* Do both answers name the same slots, with the same people, in the same order? */
bool evidence_agrees(const struct match_request *request, const struct match_result *a,
                     const struct match_result *b);

#endif
