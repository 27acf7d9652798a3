// SPDX-License-Identifier: Apache-2.0
#include "matcher/slot.h"

#include "matcher/check.h"
#include "matcher/search_internal.h"

#include <string.h>

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

    memset(slot, 0, sizeof(*slot));
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
    struct search search;
    enum match_status status =
        search_begin(request, workspace, workspace_size, &search);
    if (status != MATCH_OK) {
        return status;
    }

    ret_result->count = 0;
    if (search.sheet.list.count == 0) {
        return MATCH_OK;
    }
    search_compute_times(&search);
    search_attendance(&search, NULL);
    if (search_keep_feasible(&search) > 0) {
        score(&search);
        choose(&search, ret_result);
    }
    return MATCH_OK;
}

enum match_status match_count(const struct match_request *request, void *workspace,
                              size_t workspace_size, uint32_t *ret_candidates,
                              uint32_t *ret_feasible)
{
    struct search search;
    enum match_status status =
        search_begin(request, workspace, workspace_size, &search);
    if (status != MATCH_OK) {
        return status;
    }

    *ret_candidates = (uint32_t)search.sheet.list.count;
    *ret_feasible = 0;
    if (search.sheet.list.count > 0) {
        search_compute_times(&search);
        search_attendance(&search, NULL);
        *ret_feasible = (uint32_t)search_keep_feasible(&search);
    }
    return MATCH_OK;
}

enum match_status match_judge(const struct match_request *request, minute_t start,
                              uint32_t option, void *workspace, size_t workspace_size,
                              struct match_result *ret_result, bool *ret_feasible)
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
    search_lay_out_start(request, workspace, &search);
    search.sheet.list.starts[0] = start;
    search.sheet.list.count = 1;
    candidates_index(&search.sheet.list);
    search_compute_times(&search);
    score(&search);

    bool feasible = true;
    struct match_slot *slot = &ret_result->slots[0];
    describe(&search, 0, slot);
    for (size_t i = 0; i < request->party_count; i++) {
        feasible = feasible && (request->parties[i].importance == MATCH_OPTIONAL ||
                                slot->reason[i] == MATCH_ATTENDS);
    }
    slot->option = option;
    ret_result->count = 1;
    *ret_feasible = feasible;
    return MATCH_OK;
}

bool match_occurrence(const struct match_request *request, minute_t start,
                      uint32_t number, minute_t *ret_start)
{
    (void)request;
    *ret_start = start;
    return number == 0;
}

uint64_t match_draw(uint64_t id, int32_t civil_day)
{
    uint64_t mixed = id + (uint64_t)(int64_t)civil_day;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

size_t match_chosen_bound(const struct match_request *request)
{
    (void)request;
    return 0;
}
