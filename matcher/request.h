// SPDX-License-Identifier: Apache-2.0

/*
 * request.h - what is looked for, and the time of those who are wanted
 *
 * Units       minute_t (UTC) unless a name says otherwise; civil minutes are counted
 * from midnight on the clock of the request's zone.
 *
 * Ownership   Everything is borrowed for the duration of one call.  Nothing is kept.
 *
 * Rules       What free means (DESIGN.md section 5), minute by minute, for one person:
 *
 *               known  = the minute lies in the coverage of EVERY source of the person,
 *                        and the person has at least one source
 *               busy   = a busy or tentative range of any source, or a claim, lies over
 * it once widened: [start - buffer_after, end + buffer_before) free   = known, not
 * busy, and a free range of any source lies over it whose certainty and purpose the
 * request admits
 *
 *             Two sources of one person must both cover a minute: what one of them has
 * not said may be an engagement, and unknown is not free.  A stale source is given with
 * an empty coverage, so that its person is unknown; what it has said to be busy stays
 * busy.
 */
#ifndef MATCHER_REQUEST_H
#define MATCHER_REQUEST_H

#include "matcher/minute.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MATCH_PARTIES_MAX = 64,
    MATCH_SLOTS_MAX = 64,     /* slots that one search returns */
    MATCH_WINDOWS_MAX = 1024, /* windows (a shift cuts them up), or picked slots */
    MATCH_TIMES_OF_DAY_MAX = 8,
    MATCH_DURATION_MAX = 1440,   /* minutes: one day */
    MATCH_WINDOW_DAYS_MAX = 400, /* from the first start of a window to the last end */
    MATCH_BUFFER_MAX = 1440,     /* minutes */
};

enum match_kind { MATCH_FREE = 1, MATCH_BUSY = 2, MATCH_TENTATIVE = 3 };
enum match_certainty { MATCH_DECLARED = 1, MATCH_INFERRED = 2, MATCH_TYPICAL = 3 };
enum match_preference { MATCH_NEUTRAL = 0, MATCH_PREFERRED = 1, MATCH_AVOID = 2 };
enum match_importance { MATCH_INDISPENSABLE = 1, MATCH_OPTIONAL = 2 };

/* [start, end) of one source.  certainty, preference and purposes matter for free
 * ranges only, and are checked for these only.  purposes is a bit set; 0 admits every
 * purpose. */
struct match_range {
    minute_t start;
    minute_t end;
    uint8_t kind;       /* enum match_kind */
    uint8_t certainty;  /* enum match_certainty */
    uint8_t preference; /* enum match_preference */
    uint8_t reserved;
    uint32_t purposes;
};

struct match_span {
    minute_t start;
    minute_t end;
};

/* One agenda of one person.  Ranges are sorted by (start, end); ranges of different
 * kind or attributes may overlap or touch. */
struct match_source {
    struct match_span coverage; /* empty (end <= start): stale */
    const struct match_range *ranges;
    size_t range_count;
};

struct match_party {
    enum match_importance importance;
    uint64_t id; /* the caller's; only ever compared, for the last tie */
    const struct match_source *sources;
    size_t source_count;
    const struct match_span
        *claims; /* sorted, disjoint (may touch); other meetings only */
    size_t claim_count;
    int32_t buffer_before; /* minutes needed before the slot, and after it */
    int32_t buffer_after;
};

/* From this UTC minute on the civil clock reads UTC + offset_minutes, at most a day to
 * either side. */
struct match_offset {
    minute_t from;
    int32_t offset_minutes;
};

struct match_request {
    int32_t duration; /* minutes, 1 .. MATCH_DURATION_MAX */
    int32_t grid;     /* civil minutes between possible starts, 1 .. 1440; 0 means 15 */

    /* A slot lies wholly in one window.  Windows come in any order and may overlap or
     * touch; touching windows are not joined.  Slots picked by hand take the place of
     * windows: each start is a candidate by itself, exempt from grid, weekdays and
     * times of day (not from earliest).  A start that is picked twice counts once. */
    const struct match_span *windows;
    size_t window_count;
    const minute_t *picked;
    size_t picked_count;

    minute_t earliest; /* now + minimum notice: no slot starts before it */

    /* The zone's clock.  Sorted by from, each only once; the first entry also holds
     * before its from.  offset_count == 0 means UTC. */
    const struct match_offset *offsets;
    size_t offset_count;

    /* Every minute of a slot must lie on an allowed weekday and inside the allowed
     * times of day (their union), on the civil clock.  Bit 0 is Monday; 0 allows every
     * day; times_of_day are civil minutes 0 .. 1440; none allows the whole day. */
    uint8_t weekdays;
    struct match_span times_of_day[MATCH_TIMES_OF_DAY_MAX];
    size_t times_of_day_count;

    /* The civil day of this minute is the target date.  has_target false: the earliest
     * start of the windows, or of the picked slots, takes its place. */
    bool has_target;
    minute_t target;

    uint8_t certainties; /* bits (1 << enum match_certainty); 0 admits all */
    uint32_t purposes;   /* bits; a free range is admitted if it has one of them, or has
                            none at all; 0 admits every range */

    const struct match_party *parties;
    size_t party_count;

    size_t wanted; /* slots to return, 1 .. MATCH_SLOTS_MAX */
    int32_t apart; /* least minutes between two returned starts; 0 means duration */
};

#endif
