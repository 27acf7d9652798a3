// SPDX-License-Identifier: Apache-2.0
#include "matcher/search_internal.h"

#include "matcher/blame.h"
#include "matcher/check.h"
#include "matcher/explain.h"

#include <stdalign.h>

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

void search_compute_times(struct search *search)
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

void search_attendance(struct search *search, struct match_why *why)
{
    const struct match_request *request = search->request;
    struct score_sheet *sheet = &search->sheet;
    struct interval_set *attend = &search->scratch.attend;

    score_begin(sheet);
    for (size_t i = 0; i < request->party_count; i++) {
        interval_set_fit(&search->times[i].free, request->duration, attend);
        size_t attends = mark_attendance(sheet, attend, i);
        if (why && request->parties[i].importance == MATCH_INDISPENSABLE) {
            why->blame[i] = blame_count(&search->times[i], attends, request->duration,
                                        &sheet->list, &search->scratch.both);
        }
    }

    uint64_t attends = 0;
    for (size_t i = 0; i < sheet->list.count; i++) {
        attends ^= sheet->tallies[i].key;
        sheet->tallies[i].key = attends;
    }
}

size_t search_keep_feasible(struct search *search)
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

enum match_status search_begin(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct search *search)
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

    struct arena arena = {workspace, 0};
    lay_out_search(request, &arena, search);
    candidates_list(request, &search->candidates, &search->sheet.list);
    if (search->sheet.list.count > 0) {
        candidates_index(&search->sheet.list);
    }
    return MATCH_OK;
}

void search_lay_out_start(const struct match_request *request, void *workspace,
                          struct search *search)
{
    struct arena arena = {workspace, 0};
    lay_out_judgement(request, &arena, search);
}
