// SPDX-License-Identifier: Apache-2.0
#include "matcher/slot.h"

#include "matcher/quick.h"
#include "matcher/search_internal.h"
#include "matcher/series.h"
#include "matcher/sieve_prefix.h"

#include <string.h>

uint64_t match_draw(uint64_t id, int32_t civil_day)
{
    uint64_t mixed = id + (uint64_t)(int64_t)civil_day;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

size_t match_chosen_bound(const struct match_request *request)
{
    size_t needed = 0;
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        needed += party->member_count > 0 ? party->needed : 0;
    }
    return needed * request->wanted;
}

enum match_status search_check_chosen(const struct match_request *request,
                                      const struct match_result *result)
{
    size_t bound = match_chosen_bound(request);
    return bound == 0 || (result->chosen && result->chosen_capacity >= bound)
               ? MATCH_OK
               : MATCH_NO_ROOM;
}

enum match_status match_search(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct match_result *ret_result)
{
    struct search search;
    enum match_status status =
        search_begin_sieved(request, workspace, workspace_size, &search, ret_result);
    if (status != MATCH_OK || search.is_over) {
        return status; /* without a pool there is nobody to choose */
    }
    status = search_check_chosen(request, ret_result);
    if (status != MATCH_OK) {
        return status;
    }

    if (search.list.count == 0) {
        ret_result->count = 0;
        return MATCH_OK;
    }
    if (search.is_quick) {
        quick_run(&search, ret_result);
        return MATCH_OK;
    }
    search.is_kept = true;
    /* The first days first: often nothing later can be better. */
    const minute_t *starts = search.list.starts;
    size_t count = search.list.count;
    size_t prefix = sieve_prefix(starts, count, 0);
    for (;;) {
        search.list.count = prefix;
        search_people(&search);
        search_run(&search, ret_result);
        if (prefix == count || sieve_is_settled(request, ret_result, starts[prefix])) {
            return MATCH_OK;
        }
        prefix = sieve_prefix_after(request, ret_result, starts, count, prefix);
    }
}

enum match_status search_count(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct search_total *ret_total)
{
    struct search search;
    enum match_status status =
        search_begin(request, workspace, workspace_size, &search);
    if (status != MATCH_OK) {
        return status;
    }

    struct search_total total = {.candidates = (uint32_t)search.list.count};
    if (search.list.count > 0) {
        search_people(&search);
        search_feasible(&search);
        total.feasible = (uint32_t)plane_count(search.feasible_any, search.words);
        if (total.feasible > 0) {
            total.first =
                search.list.starts[plane_next(search.feasible_any, search.words, 0)];
        }
    }
    *ret_total = total;
    return MATCH_OK;
}

enum match_status match_count(const struct match_request *request, void *workspace,
                              size_t workspace_size, uint32_t *ret_candidates,
                              uint32_t *ret_feasible)
{
    struct search_total total;
    enum match_status status = search_count(request, workspace, workspace_size, &total);
    if (status == MATCH_OK) {
        *ret_candidates = total.candidates;
        *ret_feasible = total.feasible;
    }
    return status;
}

/* Whether the hard rules hold for @slot. */
static bool is_feasible(const struct search *search, const struct match_slot *slot)
{
    const struct match_request *request = search->request;
    bool feasible =
        slot->heads >= search->quorum && search->batch.each == series_length(request);

    for (size_t i = 0; i < request->party_count; i++) {
        feasible = feasible && (request->parties[i].importance == MATCH_OPTIONAL ||
                                slot->reason[i] == MATCH_ATTENDS);
    }
    return feasible;
}

enum match_status match_judge(const struct match_request *request, minute_t start,
                              uint32_t option, void *workspace, size_t workspace_size,
                              struct match_result *ret_result, bool *ret_feasible)
{
    struct search search;
    enum match_status status =
        search_begin_one(request, start, option, workspace, workspace_size, &search);
    if (status == MATCH_OK) {
        status = search_check_chosen(request, ret_result);
    }
    if (status != MATCH_OK) {
        return status;
    }

    struct match_slot *slot = &ret_result->slots[0];
    size_t chosen = 0;
    search_people(&search);
    search.days = score_find_days(request, start);
    search_batch(&search, search.list.starts, 1);
    search_score(&search, option, false);
    search_gaps(&search, option, false);
    search.tallies[0].unusable = search.unusable[0];
    score_merit(&search.days, &search.tallies[0], &slot->merit);
    search_describe(&search, option, false, &slot, ret_result, &chosen);
    ret_result->count = 1;
    *ret_feasible = is_feasible(&search, slot);
    return MATCH_OK;
}
