// SPDX-License-Identifier: Apache-2.0
#include "matcher/slot.h"

#include "matcher/blame.h"
#include "matcher/candidates.h"
#include "matcher/check.h"
#include "matcher/free_time.h"
#include "matcher/score.h"

#include <stdalign.h>
#include <string.h>

/* Everything a search works on; the arrays lie in the caller's working memory. */
struct search {
    const struct match_request *request;
    struct free_time times[MATCH_PARTIES_MAX];
    struct score_sheet sheet;
    struct score_scratch scratch;
    struct candidates_scratch candidates;
};

/* Working memory, handed out front to back.  Without a base it only measures, so that
 * what a search needs and what it takes cannot differ. */
struct arena {
    unsigned char *base;
    size_t used;
};

static void *take(struct arena *arena, size_t count, size_t size)
{
    void *taken = arena->base ? arena->base + arena->used : NULL;
    size_t unit = alignof(max_align_t);

    arena->used += (count * size + unit - 1) / unit * unit;
    return taken;
}

static void take_set(struct arena *arena, size_t capacity, struct interval_set *ret_set)
{
    ret_set->start = take(arena, capacity, sizeof(minute_t));
    ret_set->end = take(arena, capacity, sizeof(minute_t));
    ret_set->count = 0;
    ret_set->capacity = capacity;
}

/* How much there can be of what does not depend on the parties. */
struct extent {
    size_t starts;
    size_t words;
    size_t windows;
    size_t allowed;
};

static void lay_out(const struct match_request *request, struct extent extent,
                    struct arena *arena, struct search *search)
{
    struct candidates *list = &search->sheet.list;
    size_t most = 0;

    search->request = request;
    list->starts = take(arena, extent.starts, sizeof(list->starts[0]));
    list->bits = take(arena, extent.words, sizeof(list->bits[0]));
    list->before = take(arena, extent.words, sizeof(list->before[0]));
    list->count = 0;
    search->sheet.tallies = take(arena, extent.starts, sizeof(struct score_tally));
    take_set(arena, extent.windows, &search->candidates.windows);
    take_set(arena, extent.allowed, &search->candidates.allowed);
    take_set(arena, extent.allowed + extent.windows, &search->candidates.starts);

    for (size_t i = 0; i < request->party_count; i++) {
        size_t bound = free_time_bound(&request->parties[i]);
        take_set(arena, bound, &search->times[i].busy);
        take_set(arena, bound, &search->times[i].free);
        most = bound > most ? bound : most;
    }
    take_set(arena, most, &search->scratch.time.plane);
    take_set(arena, most, &search->scratch.time.order);
    take_set(arena, most, &search->scratch.attend);
    take_set(arena, 2 * most, &search->scratch.both);
}

static void lay_out_search(const struct match_request *request, struct arena *arena,
                           struct search *search)
{
    struct extent extent = {
        .starts = candidates_bound(request),
        .words = candidates_words_bound(request),
        .windows = candidates_windows_bound(request),
        .allowed = candidates_allowed_bound(request),
    };
    lay_out(request, extent, arena, search);
}

static void lay_out_judgement(const struct match_request *request, struct arena *arena,
                              struct search *search)
{
    struct extent extent = {.starts = 1, .words = 1};
    lay_out(request, extent, arena, search);
}

size_t match_workspace_size(const struct match_request *request)
{
    struct search search;
    struct arena for_search = {NULL, 0};
    struct arena for_judgement = {NULL, 0};

    if (check_limits(request) != MATCH_OK) {
        return 0;
    }
    lay_out_judgement(request, &for_judgement, &search);
    if (check_windows(request) == MATCH_OK) {
        lay_out_search(request, &for_search, &search);
    }
    return for_search.used > for_judgement.used ? for_search.used : for_judgement.used;
}

/* The effective time of every party around the starts of the sheet. */
static void compute_times(struct search *search)
{
    const struct match_request *request = search->request;
    const struct score_sheet *sheet = &search->sheet;
    int64_t duration = request->duration;

    /* Gaps beside a slot count up to its own length: one duration more on each side is
     * all that can matter. */
    struct match_span within = {
        .start = minute_add(sheet->list.starts[0], -duration),
        .end = minute_add(sheet->list.starts[sheet->list.count - 1], 2 * duration),
    };
    for (size_t i = 0; i < request->party_count; i++) {
        free_time_of(request, &request->parties[i], within, &search->scratch.time,
                     &search->times[i]);
    }
}

/* Turn bit @party in the keys where the party begins to attend and where it ends; at
 * how many starts it attends. */
static size_t mark_attendance(struct score_sheet *sheet,
                              const struct interval_set *attend, size_t party)
{
    size_t attends = 0;

    for (size_t i = 0; i < attend->count; i++) {
        size_t begin = candidates_before(&sheet->list, attend->start[i]);
        size_t end = candidates_before(&sheet->list, attend->end[i]);

        if (begin < end) {
            sheet->tallies[begin].key ^= (uint64_t)1 << party;
        }
        if (begin < end && end < sheet->list.count) {
            sheet->tallies[end].key ^= (uint64_t)1 << party;
        }
        attends += end - begin;
    }
    return attends;
}

/* Find out who attends at each start, bit i of its key for party i, and count the
 * blame. */
static void take_attendance(struct search *search, struct match_result *result)
{
    const struct match_request *request = search->request;
    struct score_sheet *sheet = &search->sheet;
    struct interval_set *attend = &search->scratch.attend;

    score_begin(sheet);
    for (size_t i = 0; i < request->party_count; i++) {
        interval_set_fit(&search->times[i].free, request->duration, attend);
        size_t attends = mark_attendance(sheet, attend, i);
        if (request->parties[i].importance == MATCH_INDISPENSABLE) {
            result->blame[i] =
                blame_count(&search->times[i], attends, request->duration, &sheet->list,
                            &search->scratch.both);
        }
    }

    uint64_t attends = 0;
    for (size_t i = 0; i < sheet->list.count; i++) {
        attends ^= sheet->tallies[i].key;
        sheet->tallies[i].key = attends;
    }
}

/* Keep the starts at which every indispensable party attends, if there are any; how
 * many these are. */
static size_t keep_feasible(struct search *search)
{
    const struct match_request *request = search->request;
    struct score_sheet *sheet = &search->sheet;
    uint64_t indispensable = 0;
    size_t count = 0;

    for (size_t i = 0; i < request->party_count; i++) {
        if (request->parties[i].importance == MATCH_INDISPENSABLE) {
            indispensable |= (uint64_t)1 << i;
        }
    }
    for (size_t i = 0; i < sheet->list.count; i++) {
        if ((sheet->tallies[i].key & indispensable) == indispensable) {
            sheet->list.starts[count] = sheet->list.starts[i];
            count++;
        }
    }
    if (count > 0) {
        sheet->list.count = count;
        candidates_index(&sheet->list);
    }
    return count;
}

static void score(struct search *search)
{
    const struct match_request *request = search->request;

    score_begin(&search->sheet);
    for (size_t i = 0; i < request->party_count; i++) {
        score_add_party(request, &request->parties[i], &search->times[i],
                        &search->sheet, &search->scratch);
    }
    score_finish(request, &search->sheet);
}

static void describe(const struct search *search, size_t index, struct match_slot *slot)
{
    const struct match_request *request = search->request;

    slot->start = search->sheet.list.starts[index];
    slot->end = slot->start + request->duration;
    for (size_t i = 0; i < request->party_count; i++) {
        slot->reason[i] =
            (uint8_t)free_time_reason(&search->times[i], slot->start, slot->end);
    }
    slot->merit = score_merit(request, &search->sheet, index);
}

/* No key is as large as this: the band fills its two bits up to 2 only. */
#define TAKEN UINT64_MAX

/* Take the best start again and again, each time with all that start too near to it. */
static void choose(struct search *search, struct match_result *result)
{
    const struct match_request *request = search->request;
    struct score_sheet *sheet = &search->sheet;
    int64_t apart = request->apart > 0 ? request->apart : request->duration;

    while (result->count < request->wanted) {
        size_t best = 0;
        for (size_t i = 1; i < sheet->list.count; i++) {
            best = sheet->tallies[i].key < sheet->tallies[best].key ? i : best;
        }
        if (sheet->tallies[best].key == TAKEN) {
            return;
        }
        describe(search, best, &result->slots[result->count]);
        result->count++;

        int64_t start = sheet->list.starts[best];
        for (size_t i = best;
             i < sheet->list.count && sheet->list.starts[i] - start < apart; i++) {
            sheet->tallies[i].key = TAKEN;
        }
        for (size_t i = best; i > 0 && start - sheet->list.starts[i - 1] < apart; i--) {
            sheet->tallies[i - 1].key = TAKEN;
        }
    }
}

enum match_status match_search(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct match_result *ret_result)
{
    enum match_status status = check_limits(request);
    if (status == MATCH_OK) {
        status = check_windows(request);
    }
    if (status == MATCH_OK) {
        status = check_ranges(request);
    }
    if (status != MATCH_OK) {
        return status;
    }
    if (!workspace || workspace_size < match_workspace_size(request)) {
        return MATCH_NO_ROOM;
    }

    struct search search;
    struct arena arena = {workspace, 0};
    lay_out_search(request, &arena, &search);

    memset(ret_result, 0, sizeof(*ret_result));
    candidates_list(request, &search.candidates, &search.sheet.list);
    ret_result->candidates = (uint32_t)search.sheet.list.count;
    if (search.sheet.list.count == 0) {
        return MATCH_OK;
    }

    candidates_index(&search.sheet.list);
    compute_times(&search);
    take_attendance(&search, ret_result);
    size_t feasible = keep_feasible(&search);
    ret_result->feasible = (uint32_t)feasible;
    if (feasible == 0) {
        blame_find_blocking(request, &search.sheet, ret_result);
        return MATCH_OK;
    }
    score(&search);
    choose(&search, ret_result);
    return MATCH_OK;
}

enum match_status match_judge(const struct match_request *request, minute_t start,
                              void *workspace, size_t workspace_size,
                              struct match_slot *ret_slot, bool *ret_feasible)
{
    enum match_status status = check_limits(request);
    if (status == MATCH_OK &&
        (request->window_count > 0 || request->picked_count > 0)) {
        status = check_windows(request);
    }
    if (status == MATCH_OK && start > INT32_MAX - request->duration) {
        status = MATCH_BAD_WINDOW;
    }
    if (status == MATCH_OK) {
        status = check_ranges(request);
    }
    if (status != MATCH_OK) {
        return status;
    }
    if (!workspace || workspace_size < match_workspace_size(request)) {
        return MATCH_NO_ROOM;
    }

    struct search search;
    struct arena arena = {workspace, 0};
    lay_out_judgement(request, &arena, &search);
    search.sheet.list.starts[0] = start;
    search.sheet.list.count = 1;
    candidates_index(&search.sheet.list);
    compute_times(&search);
    score(&search);

    bool feasible = true;
    memset(ret_slot, 0, sizeof(*ret_slot));
    describe(&search, 0, ret_slot);
    for (size_t i = 0; i < request->party_count; i++) {
        feasible = feasible && (request->parties[i].importance == MATCH_OPTIONAL ||
                                ret_slot->reason[i] == MATCH_ATTENDS);
    }
    *ret_feasible = feasible;
    return MATCH_OK;
}

const char *match_status_text(enum match_status status)
{
    switch (status) {
    case MATCH_OK:
        return "the request was searched";
    case MATCH_BAD_DURATION:
        return "the duration must be between 1 minute and 1 day";
    case MATCH_BAD_GRID:
        return "the grid must be between 1 minute and 1 day";
    case MATCH_BAD_WINDOW:
        return "there must be windows or picked slots, not too many, none of them "
               "empty, "
               "all within 400 days";
    case MATCH_BAD_PARTIES:
        return "there must be 1 to 64 parties, each indispensable or optional";
    case MATCH_BAD_RANGES:
        return "the ranges and claims of a party must be sorted, and none may be empty";
    case MATCH_BAD_LIMITS:
        return "the weekdays, times of day, buffers, offsets, number of slots or their "
               "distance are out of bounds";
    case MATCH_NO_ROOM:
        return "the working memory is too small for the request";
    }
    return "unknown status";
}
