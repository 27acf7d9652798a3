// SPDX-License-Identifier: Apache-2.0

/*
 * layout.c - the part of search_internal.h that says how much memory a search needs
 *
 * Every request is measured, and most of them find nothing: this is to be quick.  Starts
 * are counted in whole words, so that arrays of them end where anything can begin; what
 * has any number of smaller things comes last.  So nothing has to be rounded.  And the
 * code that lays out is compiled once more where it only measures: of what it stores
 * nothing is left there but a sum.
 */
#include "matcher/search_internal.h"

#include "matcher/heads.h"
#include "matcher/minutes.h"
#include "matcher/red_zone.h"
#include "matcher/series.h"

#include "matcher/assert_slow.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

size_t search_option_count(const struct match_request *request)
{
    return request->option_count > 0 ? request->option_count : 1;
}

struct match_option search_option(const struct match_request *request, size_t option)
{
    return request->option_count > 0 ? request->options[option]
                                     : (struct match_option){0, 0};
}

/* Working memory, handed out front to back.  Without a base it only measures, so that
 * what a search needs and what it takes cannot differ. */
struct arena {
    unsigned char *base;
    size_t used;
    size_t zones; /* bytes that are nobody's (red_zone.h) */
};

ALWAYS_INLINE void *take(struct arena *arena, size_t count, size_t size)
{
    void *taken = arena->base ? arena->base + arena->used + arena->zones : NULL;

    /* The lowest bit of its size is as far as anything has to be aligned here. */
    assert_slow(size % sizeof(uint64_t) == 0 ? arena->used % sizeof(uint64_t) == 0
                                             : arena->used % (size & (0 - size)) == 0);
    arena->used += count * size;
    arena->zones += RED_ZONE;
    red_zone_behind(taken, count * size);
    return taken;
}

ALWAYS_INLINE void take_set(struct arena *arena, size_t capacity,
                            struct interval_set *ret_set)
{
    ret_set->start = take(arena, capacity, sizeof(minute_t));
    ret_set->end = take(arena, capacity, sizeof(minute_t));
    ret_set->count = 0;
    ret_set->capacity = capacity;
}

/* A judgement looks at one start where there may be none; so may an explanation. */
enum { STARTS_LEAST = AXIS_WORD };

static_assert((int)STARTS_LEAST >= (int)MATCH_SLOTS_MAX, "slots are described at once");

static size_t at_least(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum {
    DENSE_LEAST = 256,     /* ranges of somebody who may be painted minute by minute */
    DENSE_WORDS = 4,       /* of minutes, for each of them */
    KEPT_STARTS = 1 << 17, /* of a list for which it is kept what they say */
};

ALWAYS_INLINE void lay_out_batch(const struct match_request *request,
                                 const struct search_extent *extent,
                                 struct arena *arena, struct search *search)
{
    size_t words = extent->batch / AXIS_WORD;
    size_t instants = extent->batch * extent->length;
    size_t parties = request->party_count;

    if (extent->length > 1) {
        search->instants = take(arena, instants, sizeof(minute_t));
        search->instants_sorted = take(arena, instants, sizeof(minute_t));
        search->at = take(arena, instants, sizeof(search->at[0]));
        search->scratch.gaps = take(arena, instants, sizeof(uint64_t));
    }
    search->scratch.instants = take(arena, words * extent->length, sizeof(uint64_t));
    search->scratch.other = take(arena, words * extent->length, sizeof(uint64_t));
    search->attend = take(arena, parties * words, sizeof(uint64_t));
    search->attend_any = take(arena, parties * words, sizeof(uint64_t));
    search->present = take(arena, HEADS_LEVELS * words, sizeof(uint64_t));
    search->merits = take(arena, PERSON_MERITS * words, sizeof(uint64_t));
    search->reasons = take(arena, PERSON_REASONS * words, sizeof(uint64_t));
}

ALWAYS_INLINE void lay_out_scores(const struct match_request *request,
                                  const struct search_extent *extent,
                                  struct arena *arena, struct search *search)
{
    size_t starts = extent->starts;
    size_t words = starts / AXIS_WORD;
    size_t chunk = extent->chunk;
    size_t options = search_option_count(request);

    search->feasible = take(arena, options * words, sizeof(uint64_t));
    search->feasible_any = take(arena, words, sizeof(uint64_t));
    search->runs = take(arena, options * starts, sizeof(search->runs[0]));
    search->list.starts = take(arena, starts, sizeof(minute_t));
    search->starts = take(arena, starts, sizeof(minute_t));
    search->best = take(arena, starts, sizeof(struct score_tally));
    search->options = take(arena, starts, sizeof(uint16_t));
    search->chosen_option = take(arena, starts, sizeof(uint8_t));
    search->is_open = take(arena, starts, sizeof(bool));
    search->list_places = take(arena, starts, sizeof(uint32_t));
    search->ranked = take(arena, starts, sizeof(uint32_t));
    search->chunk_starts = take(arena, chunk, sizeof(minute_t));
    search->chunk_places = take(arena, chunk, sizeof(uint32_t));
    search->counts.planes =
        take(arena, chunk / AXIS_WORD * SCORE_COUNTS * SCORE_LEVELS, sizeof(uint64_t));
    search->tallies = take(arena, chunk, sizeof(struct score_tally));
    search->unusable = take(arena, chunk, sizeof(uint64_t));
    search->reason_counts = take(arena, chunk * (PERSON_REASONS + 1), sizeof(uint32_t));
}

enum { MANY = 1 << 19 }; /* ranges of records */

/* Minutes, and planes of as many words, for somebody who is painted. */
ALWAYS_INLINE void lay_out_sheet(struct arena *arena, size_t words, size_t minutes,
                                 struct person_sheet *ret_sheet)
{
    struct person_sheet sheet = {0};

    sheet.planes = take(arena, PERSON_LANES * words, sizeof(sheet.planes[0]));
    if (minutes > 0) {
        sheet.minutes = take(arena, minutes, sizeof(sheet.minutes[0]));
    }
    if (ret_sheet) {
        *ret_sheet = sheet;
    }
}

/* A sheet for each party that may have one. */
ALWAYS_INLINE void lay_out_sheets(const struct match_request *request, size_t words,
                                  struct arena *arena, struct search *search)
{
    size_t minutes = search->scratch.minutes.words;

    search->scratch.minutes.places = take(arena, words, sizeof(uint64_t));
    search->sheets = take(arena, request->party_count, sizeof(search->sheets[0]));
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        struct person_sheet *sheet = search->sheets ? &search->sheets[i] : NULL;

        if (party->member_count == 0 && person_bound(&party->person) >= DENSE_LEAST) {
            lay_out_sheet(arena, words, minutes, sheet);
        } else if (sheet) {
            sheet->planes = NULL;
        }
    }
}

/* Words for all minutes of the instants; who has fewer ranges is never painted. */
ALWAYS_INLINE void lay_out_minutes(const struct match_request *request,
                                   const struct search_extent *extent,
                                   struct arena *arena, struct search *search)
{
    struct person_minutes *minutes = &search->scratch.minutes;
    size_t ranges = extent->crowd.ranges;
    int64_t reach = extent->reach + 3 * (int64_t)request->duration;

    *minutes = (struct person_minutes){0};
    search->sheets = NULL;
    if (ranges < DENSE_LEAST) {
        return;
    }
    minutes->words =
        at_most(minutes_words(reach + 1), ranges * DENSE_WORDS) + MINUTES_GUARD;
    minutes->sets =
        take(arena, MINUTES_LANES * minutes->words, sizeof(minutes->sets[0]));
    minutes->marks = take(arena, minutes->words, sizeof(minutes->marks[0]));
    lay_out_sheet(arena, extent->batch / AXIS_WORD * extent->length, 0,
                  &minutes->sheet);
    if (extent->length == 1 && extent->starts <= KEPT_STARTS &&
        (!extent->is_quick || extent->crowd.decoded > MANY)) {
        lay_out_sheets(request, extent->starts / AXIS_WORD, arena, search);
    }
}

ALWAYS_INLINE void lay_out_people(const struct search_extent *extent,
                                  struct arena *arena, struct search *search)
{
    const struct check_crowd *crowd = &extent->crowd;
    struct pool_scratch *pools = &search->pools;

    search->people = take(arena, crowd->people, sizeof(struct person));
    search->glances = take(arena, crowd->records == crowd->people ? crowd->people : 0,
                           sizeof(struct glance));
    search->sources = take(arena, crowd->records, sizeof(struct match_source));
    search->surveys = take(arena, crowd->sources, sizeof(search->surveys[0]));
    if (crowd->members > 0) {
        size_t words = extent->batch / AXIS_WORD;
        size_t planes = POOL_PLANES * (extent->chunk / AXIS_WORD);

        search->names = take(arena, check_names_bound(crowd), sizeof(search->names[0]));
        pools->counter = take(arena, (POOL_LEVELS + 1) * words, sizeof(uint64_t));
        pools->planes = take(arena, crowd->members * planes, sizeof(uint64_t));
    }
}

/* What is of four bytes, in any number. */
ALWAYS_INLINE void lay_out_rest(const struct search_extent *extent, struct arena *arena,
                                struct search *search)
{
    const struct candidates_bounds *bounds = &extent->bounds;
    const struct check_crowd *crowd = &extent->crowd;
    struct person_scratch *scratch = &search->scratch;
    size_t buckets = axis_bucket_bound(extent->batch * extent->length, extent->reach);

    search->buckets = take(arena, buckets, sizeof(search->buckets[0]));
    search->decoded = take(arena, crowd->decoded, sizeof(struct match_range));
    if (crowd->members > 0) {
        search->pools.who = take(arena, crowd->members, sizeof(search->pools.who[0]));
    }
    take_set(arena, bounds->windows, &search->candidates.windows);
    take_set(arena, bounds->allowed, &search->candidates.allowed);
    take_set(arena, bounds->windows + bounds->allowed, &search->candidates.starts);
    take_set(arena, crowd->ranges, &scratch->offered);
    take_set(arena, crowd->ranges, &scratch->busy);
    take_set(arena, crowd->ranges, &scratch->order);
    take_set(arena, 2 * crowd->ranges, &scratch->free);
}

/* Whether records need not be told: of very many ranges those of optional parties would be
 * walked through for every start, for no start is ruled out by them.  The memory does not
 * depend on who is optional: explanations ask without somebody. */
static bool is_quick(const struct match_request *request,
                     const struct check_crowd *crowd)
{
    size_t optional = 0;

    if (crowd->records != crowd->people || crowd->asks || series_length(request) > 1) {
        return false;
    }
    for (size_t i = 0; crowd->decoded > MANY && i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        if (party->importance == MATCH_OPTIONAL && party->member_count == 0) {
            optional += person_bound(&party->person);
        }
    }
    return optional <= MANY;
}

/* Returns how many bytes it takes. */
ALWAYS_INLINE size_t lay_out(const struct match_request *request,
                             const struct search_extent *extent, void *workspace,
                             struct search *search)
{
    struct arena arena = {workspace, 0, 0};

    lay_out_batch(request, extent, &arena, search);
    lay_out_scores(request, extent, &arena, search);
    lay_out_people(extent, &arena, search);
    lay_out_minutes(request, extent, &arena, search);
    lay_out_rest(extent, &arena, search);
    return arena.used + arena.zones;
}

/* As many starts of a series at once as there may be instants. */
static size_t find_batch(size_t starts, size_t length)
{
    size_t most = SEARCH_INSTANTS / length / AXIS_WORD;

    return length == 1 ? starts : at_most(at_least(most, 1) * AXIS_WORD, starts);
}

/* All the rest of @extent, of which crowd and bounds are known. */
static void measure(const struct match_request *request, struct search_extent *extent)
{
    const struct check_crowd *crowd = &extent->crowd;
    size_t length = series_length(request);
    size_t starts =
        axis_words(at_least(extent->bounds.starts, STARTS_LEAST)) * AXIS_WORD;
    size_t batch = find_batch(starts, length);
    size_t chunk = batch;
    struct search unused;

    check_weigh(request, &extent->crowd);
    if (crowd->members > 0) {
        size_t most = at_least(SEARCH_POOL_WORDS / crowd->members, 1) * AXIS_WORD;
        chunk = at_most(chunk, most);
    }
    extent->starts = starts;
    extent->batch = batch;
    extent->chunk = chunk;
    extent->length = length;
    extent->reach = extent->bounds.reach + series_days(request) * MINUTES_PER_DAY;
    extent->is_quick = is_quick(request, crowd);
    extent->size = lay_out(request, extent, NULL, &unused);
}

/* What is allowed around one start, whatever the duration and the windows: explanations
 * change them, and go through them minute by minute if need be. */
static size_t allowed_least(const struct match_request *request)
{
    size_t stretches =
        2 * (request->offset_count + 1) + 2 * MATCH_DURATION_MAX / MINUTES_PER_DAY + 2;
    return MATCH_TIMES_OF_DAY_MAX * stretches;
}

void search_measure(const struct match_request *request, struct search_extent *extent)
{
    candidates_find_bounds(request, &extent->bounds);
    extent->bounds.allowed = at_least(extent->bounds.allowed, allowed_least(request));
    measure(request, extent);
}

void search_measure_one(const struct match_request *request,
                        struct search_extent *extent)
{
    extent->bounds = (struct candidates_bounds){0};
    measure(request, extent);
}

void search_lay_out(const struct match_request *request,
                    const struct search_extent *extent, void *workspace,
                    struct search *search)
{
    search->request = request;
    search->quorum = request->quorum > 0 ? request->quorum : 1;
    search->has_records = extent->crowd.records > 0;
    search->is_quick = extent->is_quick;
    search->people_known = false;
    search->is_kept = false;
    search->batch_most = extent->batch;
    search->chunk_most = extent->chunk;
    search->words = extent->starts / AXIS_WORD;
    search->list.count = 0;
    search->list.capacity = extent->starts;
    red_zone_clear(workspace, extent->size);
    (void)lay_out(request, extent, workspace, search);
}

size_t match_workspace_size(const struct match_request *request)
{
    struct search_extent extent;

    if (check_limits(request, &extent.crowd) != MATCH_OK) {
        return 0;
    }
    if (check_windows(request) == MATCH_OK) {
        search_measure(request, &extent);
    } else {
        search_measure_one(request, &extent);
    }
    return extent.size;
}
