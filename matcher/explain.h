// SPDX-License-Identifier: Apache-2.0

/*
 * explain.h - why there is no slot, what would make one, and what lies nearest
 *
 * Everything here is answered by searching: it costs some hundred microseconds and more,
 * where a search costs one.  Ask only when somebody reads the answer.
 *
 * Units       minute_t; counts of starts.
 *
 * Allocation  None.  The caller gives the working memory, match_workspace_size() bytes.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_EXPLAIN_H
#define MATCHER_EXPLAIN_H

#include "matcher/slot.h"

enum { MATCH_RELAXATIONS_MAX = 64 };

/* Over all candidate starts (those that windows, grid, weekdays, times of day, closed
 * days and notice allow), how often an indispensable party could not come with any
 * option, and why with the first one. */
struct match_blame {
    uint32_t busy;
    uint32_t unknown;
    uint32_t not_offered;
    uint32_t too_far;
    uint32_t short_notice;
    uint32_t day_full;
};

/* What could be asked for instead, from the cheapest to the dearest kind. */
enum match_relaxation_kind {
    MATCH_OTHER_OPTION = 1,   /* `option` in place of the request's options: one that it
                                does not have, among those that `others` names (a
                                request without options has {0, 0}) */
    MATCH_SHORTER = 2,        /* by `minutes` */
    MATCH_WIDER = 3,          /* the window that ends last (of several, the one that
                                 starts first) ends `minutes` later, whole days; picked
                                 slots cannot be widened */
    MATCH_WITHOUT_PARTY = 4,  /* `party` is optional */
    MATCH_SMALLER_POOL = 5,   /* `party`, be it optional, needs `needed` of its members,
                                 at least one; over all pools, the fewest less */
    MATCH_SMALLER_QUORUM = 6, /* `needed` heads, at least 1 */
};

struct match_relaxation {
    enum match_relaxation_kind kind;
    uint32_t party;
    uint32_t needed;
    int32_t minutes;
    struct match_option option;
    uint32_t feasible; /* starts that suit then: more than without it */
    minute_t first;    /* the earliest of them */
};

struct match_why {
    uint32_t candidates; /* starts that the request's own limits allow */
    uint32_t feasible;   /* of these, with some option: the hard rules hold */

    /* By party index; zero for optional ones. */
    struct match_blame blame[MATCH_PARTIES_MAX];

    /* When feasible is 0 and candidates is not: the smallest set of indispensable parties
     * such that at every candidate, with every option, at least one of its members cannot
     * come.  Exact up to size 3, greedy beyond (then no member is superfluous, but a
     * smaller set may exist).  Of several equally small ones, the one with the smallest
     * ids; by ascending id.  Empty with quorum_blocks: all could come at some start, but
     * the heads are too few at each of these. */
    uint8_t blocking[MATCH_PARTIES_MAX];
    size_t blocking_count;
    bool blocking_is_exact; /* one to three of them */
    bool quorum_blocks;

    /* Those that give more feasible starts, at most one of each kind but
     * MATCH_WITHOUT_PARTY and MATCH_OTHER_OPTION: the least that helps, by rising kind;
     * within a kind the one with more starts first, then the smaller index. */
    struct match_relaxation relaxations[MATCH_RELAXATIONS_MAX];
    size_t relaxation_count;
};

/* What may be relaxed, and how far. */
struct match_leeway {
    int32_t shorter_by; /* at most so many minutes less, in steps of the grid; a slot
                              keeps one step at least; 0: no */
    int32_t wider_days; /* at most so many days more; 0: no */
    bool without_party; /* each indispensable party in turn; pools and quorum, too */
    const struct match_option *others; /* other ways to meet that could be offered */
    size_t other_count;
};

/*
 * Explain @request.  The statuses are those of match_search; on any but MATCH_OK
 * @ret_why is untouched.
 */
enum match_status match_explain(const struct match_request *request,
                                const struct match_leeway *leeway, void *workspace,
                                size_t workspace_size, struct match_why *ret_why);

/*
 * The feasible slots of @request nearest to @wanted, at most request->wanted and as far
 * apart as it says, nearest first; of two equally near the earlier; at one start the best
 * option.
 */
enum match_status match_nearest(const struct match_request *request, minute_t wanted,
                                void *workspace, size_t workspace_size,
                                struct match_result *ret_result);

#endif
