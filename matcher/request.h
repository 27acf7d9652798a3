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
 *             known   the minute lies in the coverage of EVERY source of the person, and
 *                     the person has at least one source
 *             busy    a busy or tentative range of any source, or a claim, lies over it
 *                     once widened: [start - buffer_after, end + buffer_before)
 *             free    known, not busy, and a free range of any source lies over it whose
 *                     certainty, purpose, modality and place the request and its option
 *                     admit
 *
 *             Two sources of one person must both cover a minute: what one of them has
 *             not said may be an engagement, and unknown is not free.  A stale source is
 *             given with an empty coverage, so that its person is unknown; what it has
 *             said to be busy stays busy.
 *
 *             asked   of a party who is asked although nobody knows whether they are free
 *                     (ask_if_unknown), a minute that is neither known nor busy counts as
 *                     free
 *
 *             A person can come to a slot if every minute of it is free, no engagement
 *             elsewhere is too far away (legs), its sources' notice is kept, and no
 *             source's daily cap is reached on the civil day on which the slot begins.
 */
#ifndef MATCHER_REQUEST_H
#define MATCHER_REQUEST_H

#include "matcher/minute.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct match_record; /* record.h */

enum {
    MATCH_PARTIES_MAX = 64,
    MATCH_SLOTS_MAX = 64,     /* slots that one search returns */
    MATCH_WINDOWS_MAX = 1024, /* windows (a shift cuts them up), or picked slots */
    MATCH_TIMES_OF_DAY_MAX = 8,
    MATCH_DURATION_MAX = 1440,   /* minutes: one day */
    MATCH_WINDOW_DAYS_MAX = 400, /* from the first start of a window to the last end */
    MATCH_BUFFER_MAX = 1440,     /* minutes */
    MATCH_POOL_MAX = 4096,       /* members of one pool */
    MATCH_OPTIONS_MAX = 16,
    MATCH_LEGS_MAX = 4096,       /* travel times between two places */
    MATCH_TRAVEL_MAX = 1440,     /* minutes */
    MATCH_NOTICE_MAX = 525600,   /* minutes */
    MATCH_CLOSED_DAYS_MAX = 512, /* public holidays within the windows */
    MATCH_OCCURRENCES_MAX = 64,  /* of a series */
};

enum match_kind { MATCH_FREE = 1, MATCH_BUSY = 2, MATCH_TENTATIVE = 3 };
enum match_certainty { MATCH_DECLARED = 1, MATCH_INFERRED = 2, MATCH_TYPICAL = 3 };
enum match_preference { MATCH_NEUTRAL = 0, MATCH_PREFERRED = 1, MATCH_AVOID = 2 };
enum match_importance { MATCH_INDISPENSABLE = 1, MATCH_OPTIONAL = 2 };

/* What tentative time of a person counts for. */
enum match_tentative {
    MATCH_TENTATIVE_EXCLUDED = 0, /* busy */
    MATCH_TENTATIVE_SOFT = 1,     /* busy soon: usable where it is offered too, and then
                                     no surer than *typical* time; not widened, nobody
                                     travels there, and certainties do not exclude it */
};

enum match_step {
    MATCH_WEEKLY = 1,
    MATCH_FORTNIGHTLY = 2,
    MATCH_MONTHLY = 3, /* by weekday: the first Monday, ... the fourth; a start on the
                          29th or later counts as the last of its weekday */
    MATCH_MONTHLY_LAST = 4, /* the last of its weekday, from any start on */
};

/* [start, end) of one source.  certainty, preference, modalities and purposes matter
 * for free ranges only, and are checked for these only.  modalities and purposes are
 * bit sets; 0 admits every one.  place is a number of the caller's, the same in the
 * whole request: where a free range is offered (0: anywhere), where a busy or tentative
 * one takes place (0: nobody knows). */
struct match_range {
    minute_t start;
    minute_t end;
    uint8_t kind;       /* enum match_kind */
    uint8_t certainty;  /* enum match_certainty */
    uint8_t preference; /* enum match_preference */
    uint8_t modalities; /* bits (1 << modality) */
    uint32_t purposes;
    uint16_t place;
    uint16_t reserved;
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
    int32_t notice;    /* no slot starts less than so many minutes after the request's
                          now; 0: any may.  Of several sources the longest counts. */
    int32_t daily_cap; /* most claims that begin on one civil day, the slot included; 0:
                          no cap.  Of several sources the strictest counts. */
};

/* The time of one person. */
struct match_person {
    uint64_t id; /* members of a pool: the caller's, different from all others of it */
    const struct match_source *sources;
    size_t source_count;
    const struct match_span
        *claims; /* sorted, disjoint (may touch); other meetings only */
    const uint16_t *claim_places; /* by claim; NULL: nobody knows */
    size_t claim_count;
    uint32_t load; /* members of a pool: of two who suit equally, the less loaded */
    const struct match_record *record; /* not NULL: what sources would say, compiled
                                          (record.h); sources must then be empty */
};

/* Somebody in the meeting, or a pool: any `needed` of its members.  A pool attends
 * where at least that many can come. */
struct match_party {
    enum match_importance importance;
    uint64_t id;                /* the caller's; only ever compared, for the last tie */
    struct match_person person; /* of a party that is no pool */
    const struct match_person *members; /* of a pool */
    size_t member_count;                /* 0: not a pool */
    size_t needed;                      /* of a pool, 1 .. member_count */
    int32_t buffer_before; /* minutes needed before the slot, and after it; a pool's */
    int32_t buffer_after;  /* hold for each of its members */
    uint8_t
        modality; /* how this party attends, whatever the option says; 0: as it says */
    uint16_t place;      /* likewise */
    bool ask_if_unknown; /* no pool: it is asked also where nobody knows */
};

/* One way to meet.  modality 0 admits every free range; place 0 too, and nobody has to
 * travel. */
struct match_option {
    uint8_t modality;
    uint16_t place;
};

/* How long it takes to get from one place to another. */
struct match_leg {
    uint16_t from;
    uint16_t to;
    int32_t minutes;
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
     * times of day (not from earliest and closed days).  A start that is picked twice
     * counts once. */
    const struct match_span *windows;
    size_t window_count;
    const minute_t *picked;
    size_t picked_count;

    minute_t earliest; /* now + minimum notice: no slot starts before it */
    minute_t now;      /* the notice of each source runs from here */

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

    /* Civil days (since 1970-01-01) that no slot may touch: public holidays.  Sorted,
     * each only once. */
    const int32_t *closed_days;
    size_t closed_day_count;

    /* The civil day of this minute is the target date.  has_target false: the earliest
     * start of the windows, or of the picked slots, takes its place. */
    bool has_target;
    minute_t target;

    uint8_t certainties; /* bits (1 << enum match_certainty); 0 admits all */
    uint32_t purposes;   /* bits; a free range is admitted if it has one of them, or has
                            none at all; 0 admits every range */
    enum match_tentative tentative;

    /* Ways to meet, the preferred one first; none is as good as one {0, 0}.  Each start
     * is tried with each option; slots at one start differ in their option only, and at
     * most one of them is returned. */
    const struct match_option *options;
    size_t option_count;

    /* Sorted by (from, to), each pair once; from one place to itself, and where no leg
     * is given, it takes no time.  A person who is busy at place q until e cannot be at
     * a slot at p before e + leg(q, p), nor at one that ends after s - leg(p, q) if
     * they are busy at q from s on.  That holds for every engagement, not only for the
     * nearest, and buffers do not count. */
    const struct match_leg *legs;
    size_t leg_count;

    /* At least so many people present: attending parties, and of a pool the members it
     * needs; 0: as 1, for where nobody comes there is no slot. */
    uint32_t quorum;

    bool urgent; /* the earlier start comes right after the date band */

    /* A series: every occurrence counts as part of one slot, so that a party attends if
     * it can come each time.  The occurrences keep the civil time of the first; a day
     * on which that time does not exist makes the start impossible, of two such times
     * the first counts.  Only the first must lie in a window; weekdays, times of day
     * and closed days hold for all, and so do daily caps, each on its own day.  0 and 1:
     * no series. */
    uint32_t occurrences;
    enum match_step step;

    const struct match_party *parties;
    size_t party_count;

    size_t wanted; /* slots to return, 1 .. MATCH_SLOTS_MAX */
    int32_t apart; /* least minutes between two returned starts; 0 means duration */
};

#endif
