// SPDX-License-Identifier: Apache-2.0
#include "matcher/candidates.h"

#include "matcher/calendar.h"
#include "matcher/series.h"

#include <assert.h>

/* The starts at which a slot can lie in @window; empty if there are none. */
static struct match_span find_starts(const struct match_request *request,
                                     const struct match_span *window)
{
    struct match_span starts = {
        .start = window->start > request->earliest ? window->start : request->earliest,
        .end = minute_add(window->end, 1 - (int64_t)request->duration),
    };
    return starts;
}

/* From the first start of any window to the last one, and in *ret_sum the starts of all
 * windows counted one by one. */
static struct match_span find_hull(const struct match_request *request, size_t *ret_sum)
{
    struct match_span hull = {0, 0};

    *ret_sum = 0;
    for (size_t i = 0; i < request->window_count; i++) {
        struct match_span starts = find_starts(request, &request->windows[i]);
        if (starts.start >= starts.end) {
            continue;
        }
        if (*ret_sum == 0) {
            hull = starts;
        }
        hull.start = starts.start < hull.start ? starts.start : hull.start;
        hull.end = starts.end > hull.end ? starts.end : hull.end;
        *ret_sum += (size_t)((int64_t)starts.end - starts.start);
    }
    return hull;
}

void candidates_find_bounds(const struct match_request *request,
                            struct candidates_bounds *ret_bounds)
{
    if (request->picked_count > 0) {
        minute_t first = candidates_earliest(request, 0);
        minute_t last = first;

        for (size_t i = 0; i < request->picked_count; i++) {
            last = request->picked[i] > last ? request->picked[i] : last;
        }
        *ret_bounds = (struct candidates_bounds){.starts = request->picked_count,
                                                 .windows = request->picked_count,
                                                 .reach = (int64_t)last - first};
        return;
    }

    size_t sum = 0;
    struct match_span hull = find_hull(request, &sum);
    size_t most = (size_t)((int64_t)hull.end - hull.start);
    most = sum < most ? sum : most;

    /* Every piece of a window that lies on one stretch has at most one start more than
     * its length divided by the grid. */
    size_t pieces = calendar_stretch_bound(request, hull.start, hull.end);
    size_t on_grid =
        most / (size_t)candidates_grid(request) + pieces + request->window_count;

    ret_bounds->starts = on_grid < most ? on_grid : most;
    ret_bounds->reach = (int64_t)hull.end - hull.start;
    ret_bounds->windows = request->window_count;
    ret_bounds->allowed = 0;
    if (calendar_is_limited(request)) {
        ret_bounds->allowed =
            MATCH_TIMES_OF_DAY_MAX *
            calendar_stretch_bound(request, hull.start,
                                   minute_add(hull.end, request->duration));
    }
}

static void list_picked(const struct match_request *request,
                        struct candidates *ret_list)
{
    minute_t *starts = ret_list->starts;
    size_t count = 0;

    /* Insertion into a list that ascends strictly: there are few. */
    for (size_t i = 0; i < request->picked_count; i++) {
        minute_t start = request->picked[i];
        size_t at = count;

        while (at > 0 && starts[at - 1] > start) {
            at--;
        }
        if (start < request->earliest || (at > 0 && starts[at - 1] == start) ||
            !calendar_allows(request, start, start + request->duration, true)) {
            continue;
        }
        for (size_t j = count; j > at; j--) {
            starts[j] = starts[j - 1];
        }
        starts[at] = start;
        count++;
    }
    ret_list->count = count;
}

/* Add the starts of [from, until) that lie on the grid. */
static void list_on_grid(const struct match_request *request, minute_t from,
                         minute_t until, struct candidates *list)
{
    int32_t grid = candidates_grid(request);

    for (minute_t at = from; at < until;) {
        struct civil civil = calendar_read(request, at);
        minute_t stop = civil.until < until ? civil.until : until;
        int32_t beyond = civil.minute % grid;
        int64_t start = (int64_t)at + (beyond > 0 ? grid - beyond : 0);

        for (; start < stop; start += grid) {
            list->starts[list->count] = (minute_t)start;
            list->count++;
        }
        at = stop;
    }
}

/* Add the starts of the windows that lie in @within. */
static void list_windows(const struct match_request *request, struct match_span within,
                         struct candidates_scratch *scratch, struct candidates *list)
{
    struct interval_set *starts = &scratch->windows;
    starts->count = 0;
    for (size_t i = 0; i < request->window_count; i++) {
        struct match_span found = find_starts(request, &request->windows[i]);
        interval_set_append(starts,
                            found.start > within.start ? found.start : within.start,
                            found.end < within.end ? found.end : within.end);
    }
    interval_set_normalise(starts, &scratch->starts);

    if (starts->count > 0 && calendar_is_limited(request)) {
        calendar_allowed(request, starts->start[0],
                         minute_add(starts->end[starts->count - 1], request->duration),
                         &scratch->allowed);
        interval_set_fit(&scratch->allowed, request->duration, &scratch->allowed);
        interval_set_intersect(starts, &scratch->allowed, &scratch->starts);
        starts = &scratch->starts;
    }
    for (size_t i = 0; i < starts->count; i++) {
        list_on_grid(request, starts->start[i], starts->end[i], list);
    }
}

/* Leave of the starts from @from on those whose series is possible. */
static void keep_series(const struct match_request *request, size_t from,
                        struct candidates *list)
{
    size_t count = from;

    for (size_t i = from; i < list->count; i++) {
        if (series_allows(request, list->starts[i])) {
            list->starts[count] = list->starts[i];
            count++;
        }
    }
    list->count = count;
}

void candidates_add(const struct match_request *request, struct match_span within,
                    struct candidates_scratch *scratch, struct candidates *list)
{
    size_t before = list->count;

    list_windows(request, within, scratch, list);
    assert(list->count <= list->capacity);
    if (series_length(request) > 1) {
        keep_series(request, before, list);
    }
}

void candidates_list(const struct match_request *request,
                     struct candidates_scratch *scratch, struct candidates *list)
{
    const struct match_span everywhere = {INT32_MIN, INT32_MAX};

    list->count = 0;
    if (request->picked_count == 0) {
        candidates_add(request, everywhere, scratch, list);
        return;
    }
    list_picked(request, list);
    assert(list->count <= list->capacity);
    if (series_length(request) > 1) {
        keep_series(request, 0, list);
    }
}

minute_t candidates_earliest(const struct match_request *request, minute_t otherwise)
{
    minute_t earliest = otherwise;

    if (request->picked_count > 0) {
        earliest = request->picked[0];
        for (size_t i = 1; i < request->picked_count; i++) {
            earliest = request->picked[i] < earliest ? request->picked[i] : earliest;
        }
        return earliest;
    }
    for (size_t i = 0; i < request->window_count; i++) {
        minute_t start = request->windows[i].start;
        earliest = i == 0 || start < earliest ? start : earliest;
    }
    return earliest;
}
