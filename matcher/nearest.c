// SPDX-License-Identifier: Apache-2.0

/*
 * nearest.c - the part of explain.h that finds what lies nearest
 */
#include "matcher/explain.h"

#include "matcher/search_internal.h"

static int64_t distance(minute_t a, minute_t b)
{
    return a < b ? (int64_t)b - a : (int64_t)a - b;
}

static bool is_apart(const struct match_request *request,
                     const struct match_result *result, minute_t start)
{
    int64_t apart = request->apart > 0 ? request->apart : request->duration;

    for (size_t i = 0; i < result->count; i++) {
        if (distance(result->slots[i].start, start) < apart) {
            return false;
        }
    }
    return true;
}

/* The place of the nearest start that suits and is apart from those of @result; the
 * number of starts if there is none. */
static size_t find_nearest(const struct search *search, minute_t wanted,
                           const struct match_result *result)
{
    const minute_t *starts = search->list.starts;
    size_t count = search->list.count;
    size_t nearest = count;

    for (size_t place = plane_next(search->feasible_any, search->words, 0);
         place < count;
         place = plane_next(search->feasible_any, search->words, place + 1)) {
        if (nearest < count &&
            distance(starts[place], wanted) >= distance(starts[nearest], wanted)) {
            continue;
        }
        if (is_apart(search->request, result, starts[place])) {
            nearest = place;
        }
    }
    return nearest;
}

/* The start at @place with the best of the options that suit it, into @slot. */
static void choose_option(struct search *search, size_t place, struct match_slot *slot)
{
    struct score_tally best = {0};
    bool any = false;

    slot->start = search->list.starts[place];
    for (size_t option = 0; option < search_option_count(search->request); option++) {
        if (!plane_has(search->feasible + option * search->words, place)) {
            continue;
        }
        search_batch(search, &slot->start, 1);
        search_score(search, option, true);
        search_gaps(search, option, true);
        search->tallies[0].unusable = search->unusable[0];
        if (!any || score_compare(&search->tallies[0], &best) < 0) {
            best = search->tallies[0];
            slot->option = (uint32_t)option;
        }
        any = true;
    }
    score_merit(&search->days, &best, &slot->merit);
}

enum match_status match_nearest(const struct match_request *request, minute_t wanted,
                                void *workspace, size_t workspace_size,
                                struct match_result *ret_result)
{
    struct search search;
    enum match_status status =
        search_begin(request, workspace, workspace_size, &search);
    if (status == MATCH_OK) {
        status = search_check_chosen(request, ret_result);
    }
    if (status != MATCH_OK) {
        return status;
    }

    ret_result->count = 0;
    if (search.list.count == 0) {
        return MATCH_OK;
    }
    search_people(&search);
    search_feasible(&search);
    search.days = score_find_days(request, search.list.starts[0]);
    while (ret_result->count < request->wanted) {
        size_t place = find_nearest(&search, wanted, ret_result);
        if (place == search.list.count) {
            break;
        }
        choose_option(&search, place, &ret_result->slots[ret_result->count]);
        ret_result->count++;
    }
    search_describe_all(&search, ret_result);
    return MATCH_OK;
}
