// SPDX-License-Identifier: Apache-2.0

/*
 * layout.c - the part of search_internal.h that says how much memory a search needs
 */
#include "matcher/search_internal.h"

#include "matcher/check.h"
#include "matcher/heads.h"
#include "matcher/minutes.h"
#include "matcher/series.h"

#include <stdalign.h>

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    void *taken = arena->base ? arena->base + arena->used : NULL;
    size_t unit = alignof(max_align_t);

    arena->used += (count * size + unit - 1) / unit * unit;
    return taken;
}

size_t search_option_count(const struct match_request *request)
{
    return request->option_count > 0 ? request->option_count : 1;
}

struct match_option search_option(const struct match_request *request, size_t option)
{
    return request->option_count > 0 ? request->options[option]
                                     : (struct match_option){0, 0};
}

static void take_set(struct arena *arena, size_t capacity, struct interval_set *ret_set)
{
    ret_set->start = arena_take(arena, capacity, sizeof(minute_t));
    ret_set->end = arena_take(arena, capacity, sizeof(minute_t));
    ret_set->count = 0;
    ret_set->capacity = capacity;
}

/* A judgement looks at one start where there may be none; so may an explanation. */
enum { STARTS_LEAST = AXIS_WORD };

/* How much there can be of what does not depend on the parties. */
struct extent {
    size_t starts;
    int64_t reach;
    size_t windows;
    size_t allowed;
};

/* How many people there are, and the largest of what they have. */
struct crowd {
    size_t people;
    size_t members;
    size_t ranges;
    size_t sources; /* all that are given */
    size_t records; /* people who have one */
    size_t decoded; /* ranges of all records */
    bool asks;      /* somebody is asked though unknown */
};

static void meet(const struct match_person *person, struct crowd *crowd)
{
    size_t ranges = person_bound(person);

    crowd->people++;
    crowd->sources += person->source_count;
    crowd->records += person->record ? 1 : 0;
    crowd->decoded += person->record ? person_record_bound(person->record) : 0;
    crowd->ranges = ranges > crowd->ranges ? ranges : crowd->ranges;
}

static struct crowd count_people(const struct match_request *request)
{
    struct crowd crowd = {0};

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        crowd.members =
            party->member_count > crowd.members ? party->member_count : crowd.members;
        for (size_t j = 0; j < party->member_count; j++) {
            meet(&party->members[j], &crowd);
        }
        if (party->member_count == 0) {
            meet(&party->person, &crowd);
            crowd.asks = crowd.asks || party->ask_if_unknown;
        }
    }
    return crowd;
}

static size_t at_least(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whole words of starts: a batch begins where a word of a plane does. */
static size_t find_batch_most(const struct match_request *request, size_t starts)
{
    size_t length = series_length(request);
    size_t most = at_least(SEARCH_INSTANTS / length / AXIS_WORD, 1) * AXIS_WORD;

    return length == 1 ? starts : at_most(most, starts);
}

static void lay_out_batch(const struct match_request *request, struct extent extent,
                          struct arena *arena, struct search *search)
{
    size_t length = series_length(request);
    size_t starts = at_least(search->batch_most, MATCH_SLOTS_MAX);
    size_t instants = starts * length;
    size_t words = axis_words(starts);

    search->buckets = arena_take(
        arena, length == 1 ? axis_bucket_bound(starts, extent.reach) : instants + 1,
        sizeof(search->buckets[0]));
    if (length > 1) {
        search->instants = arena_take(arena, instants, sizeof(minute_t));
        search->instants_sorted = arena_take(arena, instants, sizeof(minute_t));
        search->at = arena_take(arena, instants, sizeof(search->at[0]));
        search->scratch.gaps = arena_take(arena, instants, sizeof(uint64_t));
    }
    search->scratch.instants =
        arena_take(arena, axis_words(instants), sizeof(uint64_t));
    search->scratch.other = arena_take(arena, axis_words(instants), sizeof(uint64_t));
    search->attend = arena_take(arena, request->party_count * words, sizeof(uint64_t));
    search->attend_any =
        arena_take(arena, request->party_count * words, sizeof(uint64_t));
    search->present = arena_take(arena, HEADS_LEVELS * words, sizeof(uint64_t));
    search->merits = arena_take(arena, PERSON_MERITS * words, sizeof(uint64_t));
    search->reasons = arena_take(arena, PERSON_REASONS * words, sizeof(uint64_t));
}

static void lay_out_scores(const struct match_request *request, struct extent extent,
                           struct arena *arena, struct search *search)
{
    size_t words = axis_words(extent.starts);
    size_t chunk = at_least(search->chunk_most, MATCH_SLOTS_MAX);

    search->words = words;
    search->feasible =
        arena_take(arena, search_option_count(request) * words, sizeof(uint64_t));
    search->feasible_any = arena_take(arena, words, sizeof(uint64_t));
    search->starts = arena_take(arena, extent.starts, sizeof(minute_t));
    search->best = arena_take(arena, extent.starts, sizeof(struct score_tally));
    search->options = arena_take(arena, extent.starts, sizeof(uint16_t));
    search->chosen_option = arena_take(arena, extent.starts, sizeof(uint8_t));
    search->is_open = arena_take(arena, extent.starts, sizeof(bool));
    search->list_places = arena_take(arena, extent.starts, sizeof(uint32_t));
    search->block_best = arena_take(arena, words, sizeof(uint32_t));
    search->chunk_starts = arena_take(arena, chunk, sizeof(minute_t));
    search->chunk_places = arena_take(arena, chunk, sizeof(uint32_t));
    search->counts.planes = arena_take(
        arena, axis_words(chunk) * SCORE_COUNTS * SCORE_LEVELS, sizeof(uint64_t));
    search->tallies = arena_take(arena, chunk, sizeof(struct score_tally));
    search->unusable = arena_take(arena, chunk, sizeof(uint64_t));
    search->reason_counts =
        arena_take(arena, chunk * (PERSON_REASONS + 1), sizeof(uint32_t));
    search->runs = arena_take(arena, extent.starts * search_option_count(request),
                              sizeof(search->runs[0]));
}

enum {
    SERIES_STEP_DAYS = 36, /* from one occurrence to the next at most */
    DENSE_LEAST = 256,     /* ranges of somebody who may be painted minute by minute */
};

/* Words for all minutes of the instants; who has fewer ranges is never painted. */
static void lay_out_minutes(const struct match_request *request, struct extent extent,
                            size_t ranges, struct arena *arena, struct search *search)
{
    struct person_minutes *minutes = &search->scratch.minutes;
    int64_t series = (int64_t)(series_length(request) - 1) * SERIES_STEP_DAYS;
    int64_t reach = extent.reach + series * MINUTES_PER_DAY + request->duration;

    *minutes = (struct person_minutes){0};
    if (ranges >= DENSE_LEAST) {
        minutes->words = at_most(minutes_words(reach), ranges) + MINUTES_GUARD;
        minutes->sets = arena_take(arena, PERSON_MINUTES_SETS * minutes->words,
                                   sizeof(minutes->sets[0]));
        minutes->marks = arena_take(arena, minutes->words, sizeof(minutes->marks[0]));
    }
}

static void lay_out_people(const struct match_request *request, struct crowd crowd,
                           struct arena *arena, struct search *search)
{
    size_t words = axis_words(at_least(search->batch_most, MATCH_SLOTS_MAX));
    size_t chunk_words = axis_words(at_least(search->chunk_most, MATCH_SLOTS_MAX));
    struct pool_scratch *pools = &search->pools;
    struct person_scratch *scratch = &search->scratch;

    search->people = arena_take(arena, crowd.people, sizeof(struct person));
    search->glances =
        arena_take(arena, search->is_quick ? crowd.people : 0, sizeof(struct glance));
    search->sources = arena_take(arena, crowd.records, sizeof(struct match_source));
    search->decoded = arena_take(arena, crowd.decoded, sizeof(struct match_range));
    search->surveys = arena_take(arena, crowd.sources, sizeof(search->surveys[0]));
    search->names =
        arena_take(arena, check_names_bound(request), sizeof(search->names[0]));
    take_set(arena, crowd.ranges, &scratch->offered);
    take_set(arena, crowd.ranges, &scratch->busy);
    take_set(arena, crowd.ranges, &scratch->order);
    take_set(arena, 2 * crowd.ranges, &scratch->free);
    if (crowd.members > 0) {
        pools->counter = arena_take(arena, (POOL_LEVELS + 1) * words, sizeof(uint64_t));
        pools->planes = arena_take(arena, crowd.members * POOL_PLANES * chunk_words,
                                   sizeof(uint64_t));
        pools->who = arena_take(arena, crowd.members, sizeof(pools->who[0]));
        pools->lot = arena_take(arena, crowd.members, sizeof(pools->lot[0]));
    }
}

static void lay_out(const struct match_request *request, struct extent extent,
                    struct arena *arena, struct search *search)
{
    struct crowd crowd = count_people(request);

    search->request = request;
    search->quorum = request->quorum > 0 ? request->quorum : 1;
    search->has_records = crowd.records > 0;
    search->is_quick =
        crowd.records == crowd.people && !crowd.asks && series_length(request) == 1;
    search->people_known = false;
    search->list.starts = arena_take(arena, extent.starts, sizeof(minute_t));
    search->list.count = 0;
    take_set(arena, extent.windows, &search->candidates.windows);
    take_set(arena, extent.allowed, &search->candidates.allowed);
    take_set(arena, extent.allowed + extent.windows, &search->candidates.starts);

    search->batch_most = find_batch_most(request, extent.starts);
    search->chunk_most = search->batch_most;
    if (crowd.members > 0) {
        size_t most = at_least(SEARCH_POOL_WORDS / crowd.members, 1) * AXIS_WORD;
        search->chunk_most = at_most(search->chunk_most, most);
    }
    lay_out_batch(request, extent, arena, search);
    lay_out_scores(request, extent, arena, search);
    lay_out_people(request, crowd, arena, search);
    lay_out_minutes(request, extent, crowd.ranges, arena, search);
}

/* What is allowed around one start, whatever the duration and the windows: explanations
 * change them, and go through them minute by minute if need be. */
static size_t allowed_least(const struct match_request *request)
{
    size_t stretches =
        2 * (request->offset_count + 1) + 2 * MATCH_DURATION_MAX / MINUTES_PER_DAY + 2;
    return MATCH_TIMES_OF_DAY_MAX * stretches;
}

void search_lay_out(const struct match_request *request, struct arena *arena,
                    struct search *search)
{
    struct extent extent = {
        .starts = at_least(candidates_bound(request), STARTS_LEAST),
        .reach = candidates_reach_bound(request),
        .windows = candidates_windows_bound(request),
        .allowed = at_least(candidates_allowed_bound(request), allowed_least(request)),
    };
    lay_out(request, extent, arena, search);
}

void search_lay_out_one(const struct match_request *request, struct arena *arena,
                        struct search *search)
{
    struct extent extent = {.starts = STARTS_LEAST};
    lay_out(request, extent, arena, search);
}

size_t match_workspace_size(const struct match_request *request)
{
    struct search search;
    struct arena arena = {NULL, 0};

    if (check_limits(request) != MATCH_OK) {
        return 0;
    }
    if (check_windows(request) == MATCH_OK) {
        search_lay_out(request, &arena, &search);
    } else {
        search_lay_out_one(request, &arena, &search);
    }
    return arena.used;
}
