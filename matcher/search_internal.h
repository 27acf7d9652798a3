// SPDX-License-Identifier: Apache-2.0

/*
 * search_internal.h - what search, count, judgement and explanation share
 *
 * A search has three stages, and each sees only what the one before leaves:
 *
 *     search_begin    check the request and list the starts that its own limits allow
 *     search_people   whose time it is about; anything quicker may now shorten the list of
 *                     starts, and put smaller sources in the place of anybody's that say
 *                     the same around the starts that are left
 *     search_run      evaluate these starts, and choose
 *
 * Ownership   The arrays of a search lie in the caller's working memory.
 */
#ifndef MATCHER_SEARCH_INTERNAL_H
#define MATCHER_SEARCH_INTERNAL_H

#include "matcher/blame.h"
#include "matcher/candidates.h"
#include "matcher/check.h"
#include "matcher/glance.h"
#include "matcher/person.h"
#include "matcher/pool.h"
#include "matcher/score.h"
#include "matcher/slot.h"

enum {
    SEARCH_INSTANTS = 8192,    /* of a series that are judged together */
    SEARCH_POOL_WORDS = 16384, /* of a plane, times the members of the largest pool */
};

/* Everything a search works on. */
struct search {
    const struct match_request *request;
    bool is_over; /* nothing is left to be done (search_begin_sieved) */
    struct candidates list;
    struct candidates_scratch candidates;
    uint64_t *names;

    /* Parties and members, one behind the other. */
    struct person *people;
    bool people_known;
    bool has_records; /* somebody has one: it is decoded anew for every list */
    bool is_kept; /* what people say of the list is, where there is a sheet for it */
    size_t first_of[MATCH_PARTIES_MAX]; /* index into people, by party */
    struct match_source *sources;       /* decoded records, and their ranges */
    struct match_range *decoded;
    size_t source_count;
    size_t decoded_count;
    struct check_survey *surveys; /* of all sources that were given */
    size_t survey_count;          /* of those who have been read */
    uint64_t indispensable;       /* bits, by party */
    uint32_t heads;               /* of all indispensable parties together */
    uint32_t quorum; /* at least 1: where nobody comes there is no meeting */

    /* The batch that is judged, and who attends it: a plane for each party. */
    struct batch batch;
    uint32_t *buckets;
    minute_t *instants; /* series only, and the next two */
    minute_t *instants_sorted;
    uint32_t *at;
    size_t batch_most; /* starts that fit into a batch */
    uint64_t *attend;
    uint64_t *attend_any; /* with any option; explanations only */
    struct blame_run *runs;
    bool attend_known[MATCH_PARTIES_MAX];
    struct way attend_way[MATCH_PARTIES_MAX];
    uint64_t *present; /* heads (heads.h) */

    /* Which starts of the list suit, a plane for each option, and for any of them. */
    uint64_t *feasible;
    uint64_t *feasible_any;
    size_t words;

    /* Starts that suit, each with its best option. */
    struct score_days days;
    minute_t *starts;
    struct score_tally *best;
    uint16_t *options; /* bits of those that are equally good so far; 0: taken */
    uint8_t *chosen_option;
    bool *is_open; /* the unusable minutes have not been looked at */
    uint32_t *list_places;
    uint32_t *ranked; /* those among which is chosen: a heap, and levels (choose.c) */
    size_t count;

    /* Those among them that are scored together. */
    minute_t *chunk_starts;
    uint32_t *chunk_places;
    struct score_counts counts;
    struct score_tally *tallies;
    uint64_t *unusable;
    uint64_t *merits;        /* PERSON_MERITS planes */
    uint64_t *reasons;       /* PERSON_REASONS planes */
    uint32_t *reason_counts; /* by start of a chunk, and reason */
    size_t chunk_most;

    struct person_scratch scratch;
    struct person_sheet *sheets; /* by party; NULL: nobody has so many ranges */
    struct pool_scratch pools;

    /* Where everybody has a record and there is no series (quick.h). */
    bool is_quick;
    struct glance_ask glance;
    struct glance *glances; /* by people */
    minute_t glance_starts[AXIS_WORD];
    uint64_t depends;                   /* starts that differ from way to way */
    uint64_t suits[MATCH_OPTIONS_MAX];  /* starts, as they have been evaluated */
    uint64_t gapped[MATCH_OPTIONS_MAX]; /* for these the next are known */
    uint32_t gaps[MATCH_OPTIONS_MAX][AXIS_WORD]; /* unusable minutes */
    uint64_t drawn[MATCH_PARTIES_MAX];       /* of a pool: starts with chosen members */
    uint8_t drawn_option[MATCH_PARTIES_MAX]; /* with this option */
};

/* How much there is of everything, and what that takes. */
struct search_extent {
    struct check_crowd crowd;
    struct candidates_bounds bounds;
    size_t starts; /* whole words, as all numbers of starts */
    size_t batch;  /* starts that are judged together, */
    size_t chunk;  /* and that are scored together */
    size_t length; /* of the series */
    int64_t reach; /* minutes between any two instants */
    bool is_quick;
    size_t size; /* bytes of working memory */
};

/* Fill in @extent, of which the crowd is known as check_limits() counts it. */
void search_measure(const struct match_request *request, struct search_extent *extent);

/* The same for a request without windows. */
void search_measure_one(const struct match_request *request,
                        struct search_extent *extent);

/* Hand @workspace, which is large enough, out to the arrays of @search. */
void search_lay_out(const struct match_request *request,
                    const struct search_extent *extent, void *workspace,
                    struct search *search);

/* Check @request, lay @search out in the working memory and list the starts. */
enum match_status search_begin(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct search *search);

/* The same without starts that the records of the people leave out (sieve_request.h): for
 * those who ask for slots only.  Where search->is_over, @result is what they asked for, and
 * there is nothing else. */
enum match_status search_begin_sieved(const struct match_request *request,
                                      void *workspace, size_t workspace_size,
                                      struct search *search,
                                      struct match_result *result);

/* As search_begin() for judging one start with one option, whatever the windows. */
enum match_status search_begin_one(const struct match_request *request, minute_t start,
                                   uint32_t option, void *workspace,
                                   size_t workspace_size, struct search *search);

/* Whose time it is about; there are starts in the list. */
void search_people(struct search *search);

/* Whether @result has room for the chosen members. */
enum match_status search_check_chosen(const struct match_request *request,
                                      const struct match_result *result);

struct search_total {
    uint32_t candidates;
    uint32_t feasible;
    minute_t first; /* the earliest feasible start, if there is one */
};

/* match_count(), which says the first of them, too. */
enum match_status search_count(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct search_total *ret_total);

size_t search_option_count(const struct match_request *request);

struct match_option search_option(const struct match_request *request, size_t option);

/* How many starts of the list suit with which option: search->feasible, feasible_any. */
void search_feasible(struct search *search);

/* Evaluate the starts of the list, of which there are some, and choose. */
void search_run(struct search *search, struct match_result *result);

/* Minutes between two starts that are returned. */
int64_t search_apart(const struct match_request *request);

/* Take what begins too near to a slot of @result out of the choice. */
void search_take_near(struct search *search, const struct match_result *result);

/* Choose the best of search->starts as the next slots of @result: start, option, merit. */
void search_choose(struct search *search, struct match_result *result);

/* The same among @level alone: places of search->starts, @count of them, which are a level
 * (choose.c) and better than all others that can be chosen yet. */
void search_pick(struct search *search, const uint32_t *level, size_t count,
                 struct match_result *result);

/* Make @count starts the batch, at most search->batch_most. */
void search_batch(struct search *search, const minute_t *starts, size_t count);

/* Who attends the batch with @option: the plane of @party. */
const uint64_t *search_attend(struct search *search, size_t option, size_t party);

/* The question of @party, for @option, about the batch. */
struct question search_question(struct search *search, size_t option, size_t party);

/* The batch with @option: its tallies, but for unusable minutes, into search->tallies.
 * @suits: every start suits. */
void search_score(struct search *search, size_t option, bool suits);

/* The unusable minutes of the batch with @option into search->unusable. */
void search_gaps(struct search *search, size_t option, bool suits);

/* The first reason at @place in search->reasons; MATCH_ATTENDS if there is none. */
enum match_reason search_first_reason(const struct search *search, size_t place);

/* Count why members of @pool cannot come to the batch, a chunk at most, in
 * search->reason_counts. */
void search_count_reasons(struct search *search, const struct question *question,
                          const struct pool *pool);

/* Fill in all but the merits of @slots, which are those of the batch in its order, at most
 * MATCH_SLOTS_MAX.  @suits: every start suits.  @chosen counts the chosen members. */
void search_describe(struct search *search, size_t option, bool suits,
                     struct match_slot *const *slots, struct match_result *result,
                     size_t *chosen);

/* The same for all slots of @result, of which start, option and merit are known. */
void search_describe_all(struct search *search, struct match_result *result);

#endif
