// SPDX-License-Identifier: Apache-2.0

/*
 * common.h - when several people are free together, and when enough of them are
 *
 * The plain question behind a search, without merits: no options, buffers, claims or
 * preferences.  A person is free where their record knows it, says that they are neither
 * busy nor tentative, and offers the time in any way.
 *
 * Units       minute_t; starts are multiples of MATCH_COMMON_STEP.
 *
 * Threads     No shared state but which kernel is in use (kernel.h).
 */
#ifndef MATCHER_COMMON_H
#define MATCHER_COMMON_H

#include "matcher/record.h"

enum { MATCH_COMMON_STEP = 5 /* minutes between two starts */ };

/* The starts first, first + MATCH_COMMON_STEP, ... last. */
struct match_run {
    minute_t first;
    minute_t last;
};

/*
 * The starts from which everybody is free for @duration minutes within @within, as runs
 * as long as can be, ascending; at most @capacity of them into @ret_runs.  Returns how
 * many there are; more than @capacity means that not all were stored.  0 also for a
 * question that cannot be asked: not 1 to MATCH_PARTIES_MAX people, or a duration that is
 * not 1 to MATCH_DURATION_MAX.
 */
size_t match_common_starts(const struct match_record *const *records, size_t count,
                           int32_t duration, const struct match_span *within,
                           struct match_run *ret_runs, size_t capacity);

/*
 * The same for the starts from which at least @needed of them are free, the same people
 * for the whole time.  0 also if @needed is not 1 to @count.
 */
size_t match_quorum_starts(const struct match_record *const *records, size_t count,
                           size_t needed, int32_t duration,
                           const struct match_span *within, struct match_run *ret_runs,
                           size_t capacity);

#endif
