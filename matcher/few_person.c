// SPDX-License-Identifier: Apache-2.0
#include "matcher/few_person.h"

#include "matcher/glance_plane.h"
#include "matcher/person_internal.h"

#include <string.h>

/* What the classes say, as it is put together. */
static void spread(struct few_ask *ask)
{
    for (size_t class = 0; class < RECORD_COMMON; class ++) {
        uint64_t says = ask->common[class];

        for (size_t i = 0; i < FEW_PAIRS; i++) {
            ask->says[class][i] =
                (few_pair){0 - (says >> 2 * i & 1), 0 - (says >> (2 * i + 1) & 1)};
        }
    }
}

/* Find the steps of planes around the slots of each run; whether all slots are whole steps
 * says @is_even. */
static void find_windows(struct few_ask *ask, bool is_even)
{
    uint32_t length = (uint32_t)ask->request->duration / RECORD_PLANE_CELL;

    ask->steps = length;
    ask->has_windows = is_even;
    for (size_t i = 0; i < ask->run_count; i++) {
        struct few_run *run = &ask->runs[i];
        uint32_t first = ask->minutes[run->place] / RECORD_PLANE_CELL;
        uint32_t span = ask->step_of[run->place + run->count - 1];

        ask->has_windows &= first >= length;
        ask->has_windows &= first + span + 2 * length <= RECORD_PLANE_CELLS;
        ask->has_windows &= span + 3 * length <= GLANCE_STEPS;
        run->is_dense = span + 1 == run->count;
        run->step = first - length;
    }
}

bool few_begin(const struct match_request *request, const minute_t *starts,
               size_t count, struct few_ask *ret_ask)
{
    struct few_ask *ask = ret_ask;
    struct few_run *run = NULL;

    ask->request = request;
    ask->farthest = person_farthest(request);
    ask->starts = starts;
    ask->count = count;
    ask->all = few_places(0, count);
    ask->run_count = 0;
    bool is_even = request->duration % RECORD_PLANE_CELL == 0;

    glance_say_common(request, ask->common);
    spread(ask);
    memset(ask->minutes + count, 0, FEW_LANES * sizeof(ask->minutes[0]));
    for (size_t i = 0; i < count; i++) {
        int32_t day = minute_day(starts[i]);
        uint32_t minute = minute_of_day(starts[i]);

        if (minute + (uint32_t)request->duration > MINUTES_PER_DAY) {
            return false;
        }
        if (run == NULL || run->day != day ||
            starts[i] - starts[i - 1] > request->duration) {
            if (ask->run_count == FEW_RUNS) {
                return false;
            }
            run = &ask->runs[ask->run_count];
            ask->run_count++;
            *run =
                (struct few_run){.day = day, .place = (uint32_t)i, .first = starts[i]};
        }
        run->last = starts[i];
        run->count++;
        is_even = is_even && minute % RECORD_PLANE_CELL == 0;
        run->places |= (uint64_t)1 << i;
        ask->minutes[i] = (uint16_t)minute;
        ask->step_of[i] = (uint16_t)((starts[i] - run->first) / RECORD_PLANE_CELL);
        ask->run_of[i] = (uint8_t)(ask->run_count - 1);
    }
    find_windows(ask, is_even);
    return true;
}

/* The starts whose slot touches [from, until). */
static uint64_t touch(const struct few_ask *ask, int64_t from, int64_t until)
{
    size_t low = 0;

    from -= ask->request->duration;
    while (low < ask->count && ask->starts[low] <= from) {
        low++;
    }
    size_t high = low;
    while (high < ask->count && ask->starts[high] < until) {
        high++;
    }
    return few_places(low, high);
}

/* Whether @claim is nearer than @reach to any of the starts. */
static bool is_near(const struct few_ask *ask, const struct match_span *claim,
                    int64_t reach)
{
    int64_t from = claim->start - reach;
    int64_t until = claim->end + reach;
    bool near = false;

    for (size_t i = 0; i < ask->run_count; i++) {
        near |= (ask->runs[i].first < until) & (ask->runs[i].last > from);
    }
    return near;
}

/* Find the claims that are near enough to any of the starts to matter. */
static void find_claims(const struct few_ask *ask, const struct match_person *match,
                        struct few_person *person)
{
    int64_t back = person->party->buffer_before;
    int64_t ahead = person->party->buffer_after;
    int64_t reach = back > ahead ? back : ahead;
    size_t first = 0;
    size_t end = 0;

    reach = reach > ask->farthest ? reach : ask->farthest;
    reach += 2 * (int64_t)ask->request->duration;
    for (size_t i = 0; i < match->claim_count; i++) {
        const struct match_span *claim = &match->claims[i];

        if (is_near(ask, claim, reach)) {
            first = end > 0 ? first : i;
            end = i + 1;
            person->claimed |= touch(ask, claim->start - ahead, claim->end + back);
        }
    }
    person->claims = match->claims + first;
    person->claim_places = match->claim_places ? match->claim_places + first : NULL;
    person->claim_count = end - first;
}

/* Find the changes around the starts, and have them fetched from memory before the first
 * of them is waited for. */
static void find_changes(const struct few_ask *ask, struct few_person *person)
{
    const struct match_record *record = person->record;

    for (size_t i = 0; i < ask->run_count; i++) {
        uint32_t index = (uint32_t)(ask->runs[i].day - record->first_day);
        struct few_changes *changes = &person->changes[i];

        *changes = (struct few_changes){0, 0};
        if (index < record->day_count) {
            uint32_t begin = record_day_begin(record, index);
            changes->begin = (uint16_t)begin;
            changes->count = (uint16_t)(record_day_begin(record, index + 1) - begin);
            __builtin_prefetch(record_narrow(record) + begin);
        }
    }
}

/* The starts of @run at which somebody with @window is free. */
static inline uint64_t free_in(const struct few_ask *ask, const struct few_run *run,
                               uint64_t window)
{
    uint64_t steps = glance_erode(window >> ask->steps, ask->steps);
    uint64_t places = 0;

    if (run->is_dense) {
        return steps << run->place & run->places;
    }
    for (uint32_t i = run->place; i < run->place + run->count; i++) {
        places |= (steps >> ask->step_of[i] & 1) << i;
    }
    return places;
}

/* Read what the plane says around the starts. */
static void read_windows(const struct few_ask *ask, struct few_person *person)
{
    const struct match_record *record = person->record;
    const unsigned char *cells = record_cells(record);
    const uint64_t *ragged = record_ragged(record);
    uint64_t is_ragged = 0;
    uint64_t may = 0;

    for (size_t i = 0; i < ask->run_count; i++) {
        const struct few_run *run = &ask->runs[i];
        uint32_t day = (uint32_t)(run->day - record->first_day);
        uint64_t window = 0;

        if (day < record->day_count) {
            window = glance_steps(cells, day, run->step);
            is_ragged |= ragged[day / AXIS_WORD] >> (day % AXIS_WORD);
        }
        person->windows[i] = window;
        may |= free_in(ask, run, window);
    }
    person->may = may;
    person->is_exact = (is_ragged & 1) == 0 && person->claim_count == 0;
}

/* Whether @record, of one of @party, has nothing that is not looked at here. */
static bool is_plain(const struct few_ask *ask, const struct match_party *party,
                     const struct match_record *record)
{
    bool reaches = party->buffer_before > 0 || party->buffer_after > 0;
    int64_t end = (int64_t)ask->starts[ask->count - 1] + ask->request->duration;

    /* With the common classes alone a record is not wide, either. */
    if (record->classes_at != record->items_at || record->daily_cap > 0 ||
        (reaches && (record->common & RECORD_ENGAGED) != 0)) {
        return false;
    }
    /* Of others nobody asks why they do not come; and what is unknown is not offered. */
    return party->importance == MATCH_INDISPENSABLE ||
           (record->known_start <= ask->starts[0] && end <= record->known_end);
}

bool few_meet(const struct few_ask *ask, const struct match_party *party,
              const struct match_person *match, struct few_person *ret_person)
{
    const struct match_record *record = match->record;
    struct few_person *person = ret_person;

    if (!is_plain(ask, party, record)) {
        return false;
    }
    bool soft = ask->request->tentative == MATCH_TENTATIVE_SOFT &&
                (record->flags & RECORD_HAS_TENTATIVE) != 0;
    uint8_t certainties = ask->request->certainties;

    person->record = record;
    person->party = party;
    person->claimed = 0;
    person->late = 0;
    bool has_plane = ask->has_windows && (record->flags & RECORD_HAS_PLANE) != 0 &&
                     !soft &&
                     (certainties == 0 || (record->certainties & ~certainties) == 0);
    find_claims(ask, match, person);
    find_changes(ask, person);
    person->may = ask->all;
    person->is_exact = false;
    if (has_plane) {
        read_windows(ask, person);
    }
    if (record->notice > 0) {
        int64_t from = (int64_t)ask->request->now + record->notice;
        size_t soon = 0;

        while (soon < ask->count && ask->starts[soon] < from) {
            soon++;
        }
        person->late = few_places(0, soon);
    }
    return true;
}

uint64_t few_far(const struct few_ask *ask, const struct few_person *person,
                 uint16_t here)
{
    uint64_t far = 0;

    for (size_t i = 0; i < person->claim_count && here != 0; i++) {
        const struct match_span *claim = &person->claims[i];
        uint16_t place = person->claim_places ? person->claim_places[i] : 0;

        if (place != 0 && place != here) {
            int64_t back = person_leg(ask->request, here, place);
            int64_t ahead = person_leg(ask->request, place, here);
            far |= touch(ask, claim->start - back, claim->end + ahead);
        }
    }
    return far;
}
