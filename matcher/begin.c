// SPDX-License-Identifier: Apache-2.0

/*
 * begin.c - the first stage of search_internal.h: check, lay out, list the starts
 */
#include "matcher/search_internal.h"

#include "matcher/brief.h"
#include "matcher/sieve_request.h"

/* Check @request but for what people say. */
static enum match_status check(const struct match_request *request,
                               struct check_crowd *ret_crowd)
{
    enum match_status status = check_limits(request, ret_crowd);

    return status == MATCH_OK ? check_windows(request) : status;
}

/* Lay @search out, if there is room, and check everybody's time and name. */
static enum match_status lay_out(const struct match_request *request,
                                 const struct search_extent *extent, void *workspace,
                                 size_t workspace_size, struct search *search)
{
    const struct check_crowd *crowd = &extent->crowd;
    bool has_room = workspace && extent->size <= workspace_size;

    if (has_room) {
        search_lay_out(request, extent, workspace, search);
    }
    enum match_status status =
        check_ranges(request, crowd, has_room ? search->surveys : NULL);
    if (status == MATCH_OK && !has_room) {
        return MATCH_NO_ROOM;
    }
    return status == MATCH_OK && crowd->members > 0
               ? check_names(request, crowd, search->names)
               : status;
}

enum match_status search_begin(const struct match_request *request, void *workspace,
                               size_t workspace_size, struct search *search)
{
    struct search_extent extent;
    enum match_status status = check(request, &extent.crowd);
    if (status == MATCH_OK) {
        search_measure(request, &extent);
        status = lay_out(request, &extent, workspace, workspace_size, search);
    }
    if (status == MATCH_OK) {
        candidates_list(request, &search->candidates, &search->list);
    }
    return status;
}

/* Whether only records say who is free: nobody's ranges, claims or names have to be
 * checked. */
static bool is_bare(const struct check_crowd *crowd)
{
    return crowd->sources == 0 && crowd->claims == 0 && crowd->members == 0;
}

enum match_status search_begin_sieved(const struct match_request *request,
                                      void *workspace, size_t workspace_size,
                                      struct search *search,
                                      struct match_result *result)
{
    struct search_extent extent;
    struct sieve_left left;

    sieve_fetch(request);
    enum match_status status = check(request, &extent.crowd);
    if (status != MATCH_OK) {
        return status;
    }

    /* Mostly nothing is left, or little: then no memory is wanted, nor measured. */
    sieve_find_left(request, &extent.crowd, &left);
    bool is_ready = is_bare(&extent.crowd);
    if (is_ready && left.is_nothing) {
        result->count = 0;
    }
    search->is_over =
        is_ready && (left.is_nothing || brief_search(request, &left, result));
    if (search->is_over) {
        return MATCH_OK;
    }
    search_measure(request, &extent);
    status = lay_out(request, &extent, workspace, workspace_size, search);
    if (status == MATCH_OK) {
        sieve_list(request, &left, &search->candidates, &search->list);
    }
    return status;
}

enum match_status search_begin_one(const struct match_request *request, minute_t start,
                                   uint32_t option, void *workspace,
                                   size_t workspace_size, struct search *search)
{
    struct search_extent extent;
    enum match_status status = check_limits(request, &extent.crowd);
    if (status == MATCH_OK && option >= search_option_count(request)) {
        status = MATCH_BAD_OPTIONS;
    }
    if (status == MATCH_OK &&
        (request->window_count > 0 || request->picked_count > 0)) {
        status = check_windows(request);
    }
    if (status == MATCH_OK && start > INT32_MAX - request->duration) {
        status = MATCH_BAD_WINDOW;
    }
    if (status != MATCH_OK) {
        return status;
    }

    search_measure_one(request, &extent);
    size_t size = match_workspace_size(request);
    extent.size = size > extent.size ? size : extent.size;
    status = lay_out(request, &extent, workspace, workspace_size, search);
    if (status == MATCH_OK) {
        search->list.starts[0] = start;
        search->list.count = 1;
    }
    return status;
}
