// SPDX-License-Identifier: Apache-2.0
#include "matcher/relax.h"

#include "matcher/search_internal.h"

#include <string.h>

enum { GRID_DEFAULT = 15 };

/* What a changed request is counted with. */
struct counting {
    const struct match_request *request; /* as it is asked */
    void *workspace;
    size_t workspace_size;
    struct match_why *why;
    struct match_party parties[MATCH_PARTIES_MAX];
    struct match_span windows[MATCH_WINDOWS_MAX];
};

/* Cut the windows of @request down to the starts in [from, until). */
static size_t cut_windows(const struct match_request *request, int64_t from,
                          int64_t until, struct match_span *ret_windows)
{
    int64_t end = until - 1 + request->duration;
    size_t count = 0;

    for (size_t i = 0; i < request->window_count; i++) {
        struct match_span window = request->windows[i];
        window.start = window.start > from ? window.start : (minute_t)from;
        window.end = window.end < end ? window.end : (minute_t)end;
        if (window.start < window.end) {
            ret_windows[count] = window;
            count++;
        }
    }
    return count;
}

/* Count @request, whose windows are too large for the memory, from @from on as far as
 * the memory goes; returns how far that was. */
static int64_t count_piece(const struct counting *counting,
                           const struct match_request *request, int64_t from,
                           int64_t until, struct search_total *total)
{
    struct match_span windows[MATCH_WINDOWS_MAX];
    struct match_request piece = *request;
    struct search_total of_piece = {0};

    piece.windows = windows;
    for (;;) {
        piece.window_count = cut_windows(request, from, until, windows);
        if (piece.window_count == 0) {
            return until;
        }
        if (match_workspace_size(&piece) <= counting->workspace_size ||
            until - from == 1) {
            break;
        }
        until = from + (until - from) / 2;
    }
    if (search_count(&piece, counting->workspace, counting->workspace_size,
                     &of_piece) != MATCH_OK) {
        return until;
    }
    if (total->feasible == 0) {
        total->first = of_piece.first;
    }
    total->feasible += of_piece.feasible;
    return until;
}

/* Count the starts of a changed request; false if it cannot be asked. */
static bool count(const struct counting *counting, const struct match_request *request,
                  struct search_total *ret_total)
{
    size_t size = match_workspace_size(request);
    struct search_total total = {0};

    if (size <= counting->workspace_size || request->picked_count > 0) {
        return search_count(request, counting->workspace, counting->workspace_size,
                            ret_total) == MATCH_OK;
    }
    int64_t from = request->windows[0].start;
    int64_t until = request->windows[0].end;
    for (size_t i = 1; i < request->window_count; i++) {
        from = request->windows[i].start < from ? request->windows[i].start : from;
        until = request->windows[i].end > until ? request->windows[i].end : until;
    }
    while (from < until) {
        from = count_piece(counting, request, from, until, &total);
    }
    *ret_total = total;
    return true;
}

/* Whether @request gives more starts than the one that was asked; then they are noted in
 * @relaxation. */
static bool helps(const struct counting *counting, const struct match_request *request,
                  struct match_relaxation *relaxation)
{
    struct search_total total;

    if (!count(counting, request, &total) ||
        total.feasible <= counting->why->feasible) {
        return false;
    }
    relaxation->feasible = total.feasible;
    relaxation->first = total.first;
    return true;
}

/* Add @relaxation, whose kind is the highest yet, behind those of its kind that give at
 * least as many starts. */
static void add(struct match_why *why, const struct match_relaxation *relaxation)
{
    size_t at = why->relaxation_count;

    while (at > 0 && why->relaxations[at - 1].kind == relaxation->kind &&
           why->relaxations[at - 1].feasible < relaxation->feasible) {
        at--;
    }
    if (at == MATCH_RELAXATIONS_MAX) {
        return;
    }
    if (why->relaxation_count < MATCH_RELAXATIONS_MAX) {
        why->relaxation_count++;
    }
    memmove(&why->relaxations[at + 1], &why->relaxations[at],
            (why->relaxation_count - 1 - at) * sizeof(*relaxation));
    why->relaxations[at] = *relaxation;
}

static bool is_same(struct match_option a, struct match_option b)
{
    return a.modality == b.modality && a.place == b.place;
}

static bool is_asked_already(const struct match_request *request,
                             const struct match_leeway *leeway, size_t other)
{
    struct match_option option = leeway->others[other];

    for (size_t i = 0; i < search_option_count(request); i++) {
        if (is_same(search_option(request, i), option)) {
            return true;
        }
    }
    for (size_t i = 0; i < other; i++) {
        if (is_same(leeway->others[i], option)) {
            return true;
        }
    }
    return false;
}

static void try_options(struct counting *counting, const struct match_leeway *leeway)
{
    struct match_request request = *counting->request;

    for (size_t i = 0; i < leeway->other_count; i++) {
        struct match_relaxation relaxation = {
            .kind = MATCH_OTHER_OPTION,
            .option = leeway->others[i],
        };
        request.options = &leeway->others[i];
        request.option_count = 1;
        if (!is_asked_already(counting->request, leeway, i) &&
            helps(counting, &request, &relaxation)) {
            add(counting->why, &relaxation);
        }
    }
}

static void try_shorter(struct counting *counting, int32_t shorter_by)
{
    struct match_request request = *counting->request;
    int32_t grid = request.grid > 0 ? request.grid : GRID_DEFAULT;

    for (int32_t minutes = grid;
         minutes <= shorter_by && counting->request->duration - minutes >= grid;
         minutes += grid) {
        struct match_relaxation relaxation = {
            .kind = MATCH_SHORTER,
            .minutes = minutes,
        };
        request.duration = counting->request->duration - minutes;
        if (helps(counting, &request, &relaxation)) {
            add(counting->why, &relaxation);
            return;
        }
    }
}

/* The window that ends last, of several the one that begins first. */
static size_t find_last_window(const struct match_request *request)
{
    size_t last = 0;
    for (size_t i = 1; i < request->window_count; i++) {
        const struct match_span *window = &request->windows[i];
        const struct match_span *best = &request->windows[last];
        if (window->end > best->end ||
            (window->end == best->end && window->start < best->start)) {
            last = i;
        }
    }
    return last;
}

static void try_wider(struct counting *counting, int32_t wider_days)
{
    struct match_request request = *counting->request;

    if (request.picked_count > 0) {
        return;
    }
    size_t last = find_last_window(&request);
    memcpy(counting->windows, request.windows,
           request.window_count * sizeof(request.windows[0]));
    request.windows = counting->windows;
    for (int32_t days = 1; days <= wider_days && days <= MATCH_WINDOW_DAYS_MAX;
         days++) {
        struct match_relaxation relaxation = {
            .kind = MATCH_WIDER,
            .minutes = days * MINUTES_PER_DAY,
        };
        counting->windows[last].end =
            minute_add(counting->request->windows[last].end, relaxation.minutes);
        if (helps(counting, &request, &relaxation)) {
            add(counting->why, &relaxation);
            return;
        }
    }
}

/* A copy of the request whose parties may be changed. */
static struct match_request copy_parties(struct counting *counting)
{
    struct match_request request = *counting->request;

    memcpy(counting->parties, request.parties,
           request.party_count * sizeof(request.parties[0]));
    request.parties = counting->parties;
    return request;
}

static void try_without_party(struct counting *counting)
{
    struct match_request request = copy_parties(counting);

    for (size_t i = 0; i < request.party_count; i++) {
        struct match_relaxation relaxation = {
            .kind = MATCH_WITHOUT_PARTY,
            .party = (uint32_t)i,
        };
        if (counting->parties[i].importance != MATCH_INDISPENSABLE) {
            continue;
        }
        counting->parties[i].importance = MATCH_OPTIONAL;
        if (helps(counting, &request, &relaxation)) {
            add(counting->why, &relaxation);
        }
        counting->parties[i].importance = MATCH_INDISPENSABLE;
    }
}

/* The least that pool @party must need less so that it helps, at most @most; false if
 * nothing does. */
static bool shrink_pool(struct counting *counting, const struct match_request *request,
                        size_t party, size_t most, struct match_relaxation *relaxation)
{
    size_t needed = counting->request->parties[party].needed;
    size_t less = 1;
    size_t until = most;
    bool found = false;

    relaxation->party = (uint32_t)party;
    /* Without a quorum, needing fewer never loses a start; with one, heads are missing. */
    while (less <= until) {
        size_t middle = request->quorum > 0 ? less : less + (until - less) / 2;
        struct match_relaxation tried = *relaxation;
        counting->parties[party].needed = needed - middle;
        if (helps(counting, request, &tried)) {
            found = true;
            *relaxation = tried;
            relaxation->needed = (uint32_t)(needed - middle);
            until = middle - 1;
        } else {
            less = middle + 1;
        }
    }
    counting->parties[party].needed = needed;
    return found;
}

static void try_smaller_pool(struct counting *counting)
{
    struct match_request request = copy_parties(counting);
    struct match_relaxation best = {0};
    size_t least = MATCH_POOL_MAX;

    for (size_t i = 0; i < request.party_count; i++) {
        struct match_relaxation relaxation = {.kind = MATCH_SMALLER_POOL};
        size_t needed = request.parties[i].needed;
        if (request.parties[i].member_count == 0 || needed < 2) {
            continue;
        }
        size_t most = needed - 1 < least ? needed - 1 : least;
        if (!shrink_pool(counting, &request, i, most, &relaxation)) {
            continue;
        }
        size_t less = needed - relaxation.needed;
        if (less < least || best.feasible < relaxation.feasible) {
            least = less;
            best = relaxation;
        }
    }
    if (best.feasible > 0) {
        add(counting->why, &best);
    }
}

static void try_smaller_quorum(struct counting *counting)
{
    struct match_request request = *counting->request;
    struct match_relaxation best = {.kind = MATCH_SMALLER_QUORUM};
    uint32_t low = 1; /* the largest that helps is at least this, or none does */
    uint32_t high = request.quorum;

    request.quorum = low;
    if (high <= low || !helps(counting, &request, &best)) {
        return;
    }
    while (high - low > 1) {
        struct match_relaxation tried = best;
        request.quorum = low + (high - low) / 2;
        if (helps(counting, &request, &tried)) {
            low = request.quorum;
            best = tried;
        } else {
            high = request.quorum;
        }
    }
    best.needed = low;
    add(counting->why, &best);
}

void relax_find(const struct match_request *request, const struct match_leeway *leeway,
                void *workspace, size_t workspace_size, struct match_why *why)
{
    struct counting counting = {
        .request = request,
        .workspace = workspace,
        .workspace_size = workspace_size,
        .why = why,
    };

    try_options(&counting, leeway);
    try_shorter(&counting, leeway->shorter_by);
    try_wider(&counting, leeway->wider_days);
    if (leeway->without_party) {
        try_without_party(&counting);
        try_smaller_pool(&counting);
        try_smaller_quorum(&counting);
    }
}
