// SPDX-License-Identifier: Apache-2.0

/*
 * slot.h - the best common slots of many people
 *
 * Order       Lexicographic, DESIGN.md section 6, lower is better unless said:
 *
 *             1  every indispensable party attends, and the quorum is met (hard); somebody
 *                attends, whatever the quorum
 *             2  date_band: 0 up to the target's civil day, 1 within 7 days after it,
 *                2 later
 *             3  optional_present: more is better
 *             4  asked: parties of whom some minute is unknown (ask_if_unknown); then
 *                typical, then inferred: people on time no surer than that
 *             5  preferred: more is better; then avoid: fewer
 *             6  civil_day
 *             7  unusable / 15 (bands)
 *             8  start
 *             9  option: the one named earlier
 *
 *             Urgent requests: 1, 2, 8, then 3, 4, 5, 6, 7, 9.  4, 5 and 7 count people
 *             who attend: parties, and of a pool the members that are chosen.
 *
 *             A person stands on *typical* time if some minute of the slot is covered by
 *             typical free ranges only, or is tentative (where the request admits that);
 *             on *inferred* time if it is not on typical time and some minute has no
 *             declared range.  It is inside *preferred* if every minute lies in a
 *             preferred free range, inside *avoid* if any minute lies in a free range
 *             marked avoid.  (Admitted free ranges only.)  Of a party that is asked none
 *             of these is said, nor unusable time.
 *
 *             Unusable time: the free stretch around the slot (longest run of free
 *             minutes of that person, not cut at the window) leaves a gap before and a
 *             gap after the slot; each that is longer than 0 and shorter than the
 *             duration counts.
 *
 * Pools       Chosen are, of the members who can come, those with the best (typical,
 *             inferred, preferred, avoid), then the least load, then the smallest
 *             match_draw(id, civil day): nobody is always first.  Nobody stands in a
 *             request twice: the ids of all members differ from each other and from the
 *             ids of the parties.
 *
 * Series      Every minute of every occurrence counts as a minute of the slot; unusable
 *             time is summed up; date_band, civil_day and start are the first one's.
 *
 * Diversity   The best slot is taken, then again the best of those that start at least
 *             `apart` minutes from every slot taken, until `wanted` are found.
 *
 * Cost        Linear in the ranges of all people, for each option, and in the starts; what
 *             nothing is in common with is left at the first person who cannot come.  The
 *             limits of request.h bound it: 64 parties with 10,000 ranges each over 147
 *             days, a start every 5 minutes, are 90 to 220 million instructions (AVX2) for
 *             each option by sources, whatever they say and whoever travels: 5 to 33 ms
 *             of processor time, 50 ms for slots of a whole day.  By records they are 4
 *             to 470 million.  README.md says
 *             what that runs into.
 *
 * Allocation  None.  The caller gives the working memory.
 *
 * Threads     No shared state but which kernel is in use (kernel.h).
 */
#ifndef MATCHER_SLOT_H
#define MATCHER_SLOT_H

#include "matcher/request.h"

/* Raised whenever the same request may be answered otherwise than before: whoever has kept
 * an answer knows by it whether the same one is to be expected. */
enum { MATCH_RULES = 1 };

/* Why a party cannot come at some slot: the first that applies, in the order busy,
 * unknown, not offered, too far, short notice, day full.  Of a pool that has too few
 * members: the reason that most of the others have, and of several the first. */
enum match_reason {
    MATCH_ATTENDS = 0,
    MATCH_IS_BUSY = 1, /* a busy or tentative range or a claim, widened, touches it */
    MATCH_IS_UNKNOWN = 2, /* not busy as far as known, but some minute is not covered */
    MATCH_NOT_OFFERED = 3, /* known and not busy, but not offered as free throughout */
    MATCH_TOO_FAR = 4,     /* free, but not in time from or to where they are busy */
    MATCH_SHORT_NOTICE = 5,
    MATCH_DAY_FULL = 6, /* the daily cap */
};

struct match_merit {
    int32_t date_band;
    int32_t optional_present;
    int32_t asked;
    int32_t typical;
    int32_t inferred;
    int32_t preferred;
    int32_t avoid;
    int32_t civil_day; /* days since 1970-01-01 on the civil clock */
    int32_t unusable;  /* minutes */
};

struct match_slot {
    minute_t start;
    minute_t end;    /* of the first occurrence */
    uint32_t option; /* index into the request's options; 0 without options */
    uint32_t heads;  /* people present, as the quorum counts them */
    uint8_t reason[MATCH_PARTIES_MAX]; /* enum match_reason, by party index */
    uint64_t asked; /* bits, by party index: attends, as far as anybody knows */
    struct match_merit merit;

    /* Who attends for each pool that does: `needed` indices into its members, ascending,
     * at result->chosen[chosen_at[party]]. */
    uint32_t chosen_at[MATCH_PARTIES_MAX];
};

struct match_result {
    size_t count; /* slots in use, best first */
    struct match_slot slots[MATCH_SLOTS_MAX];

    /* Room for the chosen members, given by the caller before the search:
     * match_chosen_bound() of them; NULL if that is 0. */
    uint16_t *chosen;
    size_t chosen_capacity;
};

/* Checked in the order duration, grid, parties, limits, options, window, ranges, room. */
enum match_status {
    MATCH_OK = 0,
    MATCH_BAD_DURATION,
    MATCH_BAD_GRID,
    MATCH_BAD_WINDOW,  /* none, too many, reversed, empty, or more than 400 days; or
                          picked slots likewise */
    MATCH_BAD_PARTIES, /* none, more than 64, one of unknown importance, or a pool
                          that is asked though unknown */
    MATCH_BAD_POOL, /* more than 4,096 members, none or too many of them needed, or two
                          people with the same id */
    MATCH_BAD_RANGES,  /* a source's ranges or claims are unsorted, empty or reversed,
                          claims overlap, a range has an unknown kind, certainty or
                          preference, or a person has both sources and a record */
    MATCH_BAD_LIMITS,  /* weekdays, times of day, closed days, buffers, notice, caps,
                          wanted, apart, offsets, quorum, tentative */
    MATCH_BAD_OPTIONS, /* too many options, legs unsorted, twice or too long */
    MATCH_BAD_SERIES,  /* too many occurrences, or an unknown step */
    MATCH_NO_ROOM,     /* the working memory is smaller than match_workspace_size(), and
                          wanted; or the room for chosen members than
                          match_chosen_bound() */
};

/* A sentence for each status.  Never NULL. */
const char *match_status_text(enum match_status status);

/*
 * Bytes of working memory (aligned as malloc aligns) that a search, a judgement or an
 * explanation of @request needs; 0 for a request that none of them can be asked of.
 * Looks at the numbers of ranges and claims only, not at them.
 */
size_t match_workspace_size(const struct match_request *request);

/* How many chosen members the slots of @request can have together. */
size_t match_chosen_bound(const struct match_request *request);

/*
 * Find the best slots of @request into @ret_result, with @workspace_size bytes at
 * @workspace.  An empty answer is MATCH_OK with count 0; explain.h says why.  On any
 * other status @ret_result is untouched.  Deterministic: the same request gives the same
 * bytes.  What the records of single people, and nothing else, leave little of is answered
 * without touching @workspace, however small it is.
 */
enum match_status match_search(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct match_result *ret_result);

/* How many starts the request's own limits allow, and how many of them suit with some
 * option. */
enum match_status match_count(const struct match_request *request, void *workspace,
                              size_t workspace_size, uint32_t *ret_candidates,
                              uint32_t *ret_feasible);

/*
 * Judge one start with one option as if it had been picked by hand (grid, weekdays,
 * times of day, closed days, windows and notice of the request do not apply): who
 * attends, who does not and why, and the merits, into ret_result->slots[0], count 1.
 * *ret_feasible tells whether the hard rules hold.  The request may come without windows;
 * without a target too, the start itself is the target.  An occurrence that does not exist
 * makes the start impossible; the others are judged.  MATCH_BAD_OPTIONS if there is no
 * such option.
 */
enum match_status match_judge(const struct match_request *request, minute_t start,
                              uint32_t option, void *workspace, size_t workspace_size,
                              struct match_result *ret_result, bool *ret_feasible);

/* Negative if @a is better than @b, positive if worse, 0 only for the same start and
 * option. */
int match_compare(const struct match_request *request, const struct match_slot *a,
                  const struct match_slot *b);

/*
 * The start of occurrence @number (0: @start itself) of @request's series; false if the
 * civil clock does not show that time on that day.
 */
bool match_occurrence(const struct match_request *request, minute_t start,
                      uint32_t number, minute_t *ret_start);

/* The lot of member @id on @civil_day: SplitMix64's finaliser (two multiplications, no
 * constant added before) over the id plus the day, as a number of 64 bits with sign. */
uint64_t match_draw(uint64_t id, int32_t civil_day);

#endif
