// SPDX-License-Identifier: Apache-2.0

/*
 * slot.h - the best common slots of many people, and why there is none
 *
 * Order       Lexicographic, DESIGN.md section 6, lower is better unless said:
 *               1  all indispensable parties are free (hard)
 *               2  date_band: 0 up to the target's civil day, 1 within 7 days after, 2
 * later 3  optional_present: more is better 4  typical, then inferred: parties on time
 * no surer than that 5  preferred: more is better; then avoid 6  civil_day 7  unusable
 * / 15 (bands) 8  start Only those who attend are counted in 4, 5 and 7.  One start is
 * one candidate, so that 8 leaves no tie.
 *
 *             A party stands on *typical* time if some minute of the slot is covered by
 *             typical free ranges only; on *inferred* time if it is not on typical time
 *             and some minute has no declared range.  It is inside *preferred* if every
 *             minute lies in a preferred free range, inside *avoid* if any minute lies
 * in a free range marked avoid.  (Admitted free ranges only.)
 *
 *             Unusable time: the free stretch around the slot (longest run of free
 * minutes of that party, not cut at the window) leaves a gap before and a gap after the
 * slot; each that is longer than 0 and shorter than the duration counts.
 *
 * Diversity   The best slot is taken, then again the best of those that start at least
 *             `apart` minutes from every slot taken, until `wanted` are found.
 *
 * Allocation  None.  The caller gives the working memory.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_SLOT_H
#define MATCHER_SLOT_H

#include "matcher/request.h"

/* Why a party cannot come at some slot. */
enum match_reason {
    MATCH_ATTENDS = 0,
    MATCH_IS_BUSY = 1, /* a busy or tentative range or a claim, widened, touches it */
    MATCH_IS_UNKNOWN = 2, /* not busy as far as known, but some minute is not covered */
    MATCH_NOT_OFFERED = 3, /* known and not busy, but not offered as free throughout */
};

struct match_merit {
    int32_t date_band;
    int32_t optional_present;
    int32_t typical;
    int32_t inferred;
    int32_t preferred;
    int32_t avoid;
    int32_t civil_day; /* days since 1970-01-01 on the civil clock */
    int32_t unusable;  /* minutes */
};

struct match_slot {
    minute_t start;
    minute_t end;
    uint8_t reason[MATCH_PARTIES_MAX]; /* enum match_reason, by party index */
    struct match_merit merit;
};

/* Over all candidate starts (those that windows, grid, weekdays, times of day and
 * notice allow), how often each indispensable party could not come, and why. */
struct match_blame {
    uint32_t busy;
    uint32_t unknown;
    uint32_t not_offered;
};

struct match_result {
    size_t count; /* slots in use, best first */
    struct match_slot slots[MATCH_SLOTS_MAX];
    uint32_t candidates; /* starts that the request's own limits allow */
    uint32_t feasible;   /* of these, with every indispensable party free */

    /* By party index; zero for optional ones. */
    struct match_blame blame[MATCH_PARTIES_MAX];

    /* When count is 0 and candidates is not: the smallest set of indispensable parties
     * such that at every candidate at least one of its members cannot come.  Exact up
     * to size 3, greedy beyond (then no member is superfluous, but a smaller set may
     * exist).  Of several equally small ones, the one with the smallest ids; by
     * ascending id. */
    uint8_t blocking[MATCH_PARTIES_MAX];
    size_t blocking_count;
    bool blocking_is_exact;
};

/* Checked in the order duration, grid, parties, limits, window, ranges, room. */
enum match_status {
    MATCH_OK = 0,
    MATCH_BAD_DURATION,
    MATCH_BAD_GRID,
    MATCH_BAD_WINDOW,  /* none, too many, reversed, empty, or more than 400 days; or
                          picked slots likewise */
    MATCH_BAD_PARTIES, /* none, more than 64, or one of unknown importance */
    MATCH_BAD_RANGES,  /* a source's ranges or claims are unsorted, empty or reversed,
                          claims overlap, or a range has an unknown kind, certainty or
                          preference */
    MATCH_BAD_LIMITS,  /* weekdays, times of day, buffers, wanted, apart, offsets */
    MATCH_NO_ROOM,     /* the working memory is smaller than match_workspace_size() */
};

/* A sentence for each status.  Never NULL. */
const char *match_status_text(enum match_status status);

/*
 * Bytes of working memory (aligned as malloc aligns) that a search or a judgement of
 * @request needs; 0 for a request that neither can be asked of.  Looks at the numbers
 * of ranges and claims only, not at them.
 */
size_t match_workspace_size(const struct match_request *request);

/*
 * Find the best slots of @request into @ret_result, with @workspace_size bytes at
 * @workspace.  An empty answer is MATCH_OK with count 0.  On any other status
 * @ret_result is untouched.  Deterministic: the same request gives the same bytes.
 */
enum match_status match_search(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct match_result *ret_result);

/*
 * Judge one start as if it had been picked by hand (grid, weekdays, times of day,
 * windows and notice do not apply): who attends, who does not and why, and the merits.
 * *ret_feasible tells whether every indispensable party attends.  The request may come
 * without windows; without a target too, the start itself is the target.
 */
enum match_status match_judge(const struct match_request *request, minute_t start,
                              void *workspace, size_t workspace_size,
                              struct match_slot *ret_slot, bool *ret_feasible);

/* Negative if @a is better than @b, positive if worse, 0 only for the same start. */
int match_compare(const struct match_slot *a, const struct match_slot *b);

#endif
