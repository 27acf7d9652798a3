// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve_request.h"

#include "matcher/kernel_table.h"
#include "matcher/record_layout.h"
#include "matcher/sieve.h"
#include "matcher/sieve_runs.h"

enum {
    CLOSE_DAYS = 12,  /* that are looked at closely without planes */
    ISLAND_GAP = 240, /* minutes: what lies nearer is listed at once */
};

/* Words of a ring that lie in one line of memory. */
enum { LINE_WORDS = 8, RING_LINES = RECORD_RING_DAYS / LINE_WORDS };

static_assert(RECORD_RING_DAYS % LINE_WORDS == 0, "whole lines");

/* The first day of @window in a smallest ring. */
static uint32_t ring_place(const struct match_span *window)
{
    /* More days than there are before 1970, in whole rings, divided without a sign. */
    const int64_t lift = (int64_t)RECORD_RING_DAYS << 14;
    uint64_t minute = (uint64_t)(window->start + lift * MINUTES_PER_DAY);

    return (uint32_t)(minute / MINUTES_PER_DAY % RECORD_RING_DAYS);
}

/* The loops that fetch stay in here: a function that does nothing else has no effect that
 * GCC would know of, and is not called. */
void sieve_fetch(const struct match_request *request)
{
    const uint64_t *rings[MATCH_PARTIES_MAX];
    const struct match_span *window = request->windows;
    size_t parties = request->party_count;
    size_t count = 0;

    if (request->window_count != 1 || !window || !request->parties ||
        parties > MATCH_PARTIES_MAX) {
        return;
    }
    parties = sieve_first_of(parties);
    for (size_t i = 0; i < parties; i++) {
        const struct match_record *record = request->parties[i].person.record;

        if (record) {
            __builtin_prefetch(record);
            rings[count] = record_ring(record);
            count++;
        }
    }
    int64_t days = ((int64_t)window->end - window->start) / MINUTES_PER_DAY + 1;
    size_t place = ring_place(window);
    size_t line = place / LINE_WORDS;
    int64_t lines = ((int64_t)(place % LINE_WORDS) + days) / LINE_WORDS + 1;

    /* Line by line, as they are read: person by person takes a tenth longer. */
    for (lines = lines < RING_LINES ? lines : RING_LINES; lines > 0; lines--) {
        size_t at = line * LINE_WORDS;

        for (size_t i = 0; i < count; i++) {
            __builtin_prefetch(rings[i] + at);
        }
        line = line + 1 < RING_LINES ? line + 1 : 0;
    }
}

/* The records of those who have to come.  Returns how many there are. */
static size_t find_musts(const struct match_request *request,
                         const struct match_record *ret_records[MATCH_PARTIES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        if (party->importance == MATCH_INDISPENSABLE && party->member_count == 0 &&
            party->person.record && !party->ask_if_unknown) {
            ret_records[count] = party->person.record;
            count++;
        }
    }
    return count;
}

/* Whether tentative time may be used, and somebody has some. */
static bool is_soft(const struct match_request *request)
{
    unsigned flags = 0;

    if (request->tentative != MATCH_TENTATIVE_SOFT) {
        return false;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_record *record = request->parties[i].person.record;
        flags |= record ? record->flags : 0;
    }
    return (flags & RECORD_HAS_TENTATIVE) != 0;
}

/* Whether every start is a multiple of the sieve's steps in UTC. */
static bool is_in_step(const struct match_request *request)
{
    bool in_step = request->grid % MATCH_COMMON_STEP == 0;

    for (size_t i = 0; i < request->offset_count; i++) {
        in_step =
            in_step && request->offsets[i].offset_minutes % MATCH_COMMON_STEP == 0;
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        in_step = in_step && request->picked[i] % MATCH_COMMON_STEP == 0;
    }
    return in_step;
}

/* From the first start to the last one that may be. */
static void find_reach(const struct match_request *request, int64_t *ret_first,
                       int64_t *ret_last)
{
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;

    for (size_t i = 0; i < request->picked_count; i++) {
        first = request->picked[i] < first ? request->picked[i] : first;
        last = request->picked[i] > last ? request->picked[i] : last;
    }
    for (size_t i = 0; i < request->window_count && request->picked_count == 0; i++) {
        const struct match_span *window = &request->windows[i];
        int64_t end = (int64_t)window->end - request->duration;

        first = window->start < first ? window->start : first;
        last = end > last ? end : last;
    }
    *ret_first = first > request->earliest ? first : request->earliest;
    *ret_last = last;
}

/* Leave of the starts from @from on those in @runs, each @beyond minutes longer. */
static void keep_in_runs(struct candidates *list, size_t from,
                         const struct match_run *runs, size_t count, int32_t beyond)
{
    size_t kept = from;
    size_t run = 0;

    for (size_t i = from; i < list->count; i++) {
        minute_t start = list->starts[i];

        while (run < count && (int64_t)runs[run].last + beyond < start) {
            run++;
        }
        if (run == count) {
            break;
        }
        if (runs[run].first <= start) {
            list->starts[kept] = start;
            kept++;
        }
    }
    list->count = kept;
}

/* List the windows' starts that are left. */
static void list_islands(const struct match_request *request,
                         const struct sieve_left *left,
                         struct candidates_scratch *scratch, struct candidates *list)
{
    const struct match_run *runs = left->runs;

    for (size_t begin = 0; begin < left->count;) {
        struct match_span island = {runs[begin].first, runs[begin].last};
        size_t before = list->count;
        size_t end = begin + 1;

        for (; end < left->count && (int64_t)runs[end].first - island.end < ISLAND_GAP;
             end++) {
            island.end = runs[end].last;
        }
        island.end = minute_add(island.end, left->beyond + 1);
        candidates_add(request, island, scratch, list);
        keep_in_runs(list, before, runs + begin, end - begin, left->beyond);
        begin = end;
    }
}

void sieve_find_left(const struct match_request *request,
                     const struct check_crowd *crowd, struct sieve_left *ret_left)
{
    const struct match_record *musts[MATCH_PARTIES_MAX];
    struct sieve_ask ask = {.records = musts, .duration = request->duration};

    if (crowd->all_must) {
        ask.parties = request->parties;
        ask.count = request->party_count;
    } else {
        ask.count = find_musts(request, musts);
    }
    ret_left->is_asked = ask.count > 0;
    ret_left->is_nothing = false;
    if (ask.count == 0) {
        return;
    }
    /* Closer looks know nothing of starts between the steps, and take tentative time for
     * busy; the rings know better. */
    bool close = is_in_step(request) && !is_soft(request);
    ask.needed = ask.count;
    ask.most_days = close ? CLOSE_DAYS : 0;
    find_reach(request, &ask.first, &ask.last);
    if (!close) {
        /* The step in which the first start lies begins before it. */
        ask.first -= MATCH_COMMON_STEP - 1;
    }

    size_t count = sieve_runs(&ask, ret_left->runs, SIEVE_RUNS);
    if (count > SIEVE_RUNS) {
        /* What begins after the last one is listed as if nobody were asked. */
        count = SIEVE_RUNS;
        ret_left->runs[SIEVE_RUNS - 1].last = (minute_t)ask.last;
    }
    ret_left->is_nothing = count == 0;
    ret_left->beyond = close ? 0 : MATCH_COMMON_STEP - 1;
    ret_left->count = count;
}

void sieve_list(const struct match_request *request, const struct sieve_left *left,
                struct candidates_scratch *scratch, struct candidates *list)
{
    list->count = 0;
    if (left->is_asked && request->picked_count == 0) {
        list_islands(request, left, scratch, list);
        return;
    }
    candidates_list(request, scratch, list);
    if (left->is_asked) {
        keep_in_runs(list, 0, left->runs, left->count, left->beyond);
    }
}
