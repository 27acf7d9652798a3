// SPDX-License-Identifier: Apache-2.0
#include "matcher/person_internal.h"

#include "matcher/calendar.h"
#include "matcher/free_time.h"
#include "matcher/record_layout.h"

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

struct person_view person_look(const struct question *question,
                               const struct person *person)
{
    const struct match_request *request = question->request;
    const struct axis *axis = &question->batch->instants;
    int64_t duration = request->duration;
    struct person_view view = {
        .request = request,
        .axis = axis,
        .duration = request->duration,
        .way = question->way,
        /* Gaps beside a slot count up to its own length. */
        .from = axis->starts[0] - duration,
        .until = axis->starts[axis->count - 1] + 2 * duration,
        .is_soft = request->tentative == MATCH_TENTATIVE_SOFT,
        .may_travel = request->leg_count > 0 && question->way.place != 0,
    };
    view.reach = larger(person->buffer_before, person->buffer_after);
    if (view.may_travel) {
        view.reach = larger(view.reach, MATCH_TRAVEL_MAX);
    }
    return view;
}

size_t person_record_bound(const struct match_record *record)
{
    const struct record_class *classes = record_classes(record);
    size_t most = 2;

    for (size_t i = 0; i < record_class_count(record); i++) {
        most = classes[i].count + 2u > most ? classes[i].count + 2u : most;
    }
    return record->change_count * most;
}

size_t person_bound(const struct match_person *match)
{
    size_t bound = match->claim_count;
    if (match->record) {
        bound += person_record_bound(match->record);
    }
    for (size_t i = 0; i < match->source_count; i++) {
        bound += match->sources[i].range_count;
    }
    return bound;
}

void person_read(const struct match_request *request, const struct match_person *match,
                 const struct match_party *party, struct person *ret_person)
{
    struct person person = {
        .sources = match->sources,
        .source_count = match->source_count,
        .claims = match->claims,
        .claim_places = match->claim_places,
        .claim_count = match->claim_count,
        .buffer_before = party->buffer_before,
        .buffer_after = party->buffer_after,
        .not_before = INT64_MIN,
    };
    int32_t notice = 0;

    for (size_t i = 0; i < match->source_count; i++) {
        const struct match_source *source = &match->sources[i];
        person.known = i == 0 ? source->coverage
                              : free_time_overlap(person.known, source->coverage);
        notice = larger(notice, source->notice);
        if (source->daily_cap > 0 &&
            (person.daily_cap == 0 || source->daily_cap < person.daily_cap)) {
            person.daily_cap = source->daily_cap;
        }
    }
    if (notice > 0) {
        person.not_before = (int64_t)request->now + notice;
    }
    *ret_person = person;
}

static uint8_t says(const struct match_range *range)
{
    return (uint8_t)(1u << (range->certainty - MATCH_DECLARED) |
                     1u << (SAYS_PREFERENCE + range->preference));
}

void person_gather_offers(struct person_view *view, const struct person *person,
                          uint8_t wanted, struct person_scratch *scratch,
                          struct interval_set *set)
{
    size_t contributors = 0;

    set->count = 0;
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];
        const struct match_range *end = source->ranges + source->range_count;
        size_t before = set->count;

        for (const struct match_range *range = source->ranges; range < end; range++) {
            if (range->start >= view->until) {
                break; /* sorted by start */
            }
            if (range->kind == MATCH_FREE && range->end > view->from &&
                person_is_admitted(view, range) && (says(range) & wanted) != 0) {
                view->said |= says(range);
                person_append(set, range->start, range->end);
            }
        }
        contributors += set->count > before;
    }
    if (contributors > 1) {
        interval_set_normalise(set, &scratch->order);
    }
}

void person_touch(const struct person_view *view, int64_t from, int64_t until,
                  uint64_t *plane)
{
    const struct axis *axis = view->axis;

    from += 1 - view->duration;
    if (until <= axis->starts[0] || from > axis->starts[axis->count - 1]) {
        return;
    }
    plane_set(plane, axis_find(axis, from), axis_find(axis, until));
}

void person_fit(const struct person_view *view, const struct interval_set *set,
                struct match_span within, uint64_t *plane)
{
    const struct axis *axis = view->axis;
    int64_t last = axis->starts[axis->count - 1];

    for (size_t i = 0; i < set->count; i++) {
        int64_t start = set->start[i] > within.start ? set->start[i] : within.start;
        int64_t end = set->end[i] < within.end ? set->end[i] : within.end;
        int64_t until = end - view->duration + 1;
        if (until > start && until > axis->starts[0] && start <= last) {
            plane_set(plane, axis_find(axis, start), axis_find(axis, until));
        }
    }
}

/* Minutes from @from to @to. */
static int32_t find_leg(const struct match_request *request, uint16_t from, uint16_t to)
{
    size_t low = 0;
    size_t high = request->leg_count;
    uint32_t wanted = (uint32_t)from << 16 | to;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct match_leg *leg = &request->legs[middle];
        uint32_t found = (uint32_t)leg->from << 16 | leg->to;
        if (found == wanted) {
            return leg->minutes;
        }
        low = found < wanted ? middle + 1 : low;
        high = found < wanted ? high : middle;
    }
    return 0;
}

/* Whoever is at @place during [start, end) cannot be elsewhere right before or after. */
static void keep_away(const struct person_view *view, minute_t start, minute_t end,
                      uint16_t place, uint64_t *plane)
{
    if (place == 0 || place == view->way.place) {
        return;
    }
    person_touch(view, (int64_t)start - find_leg(view->request, view->way.place, place),
                 (int64_t)end + find_leg(view->request, place, view->way.place), plane);
}

/* Put the places at which an engagement is in the way into @busy, and those at which it
 * is too far away into @far, which may be the same. */
static void engage(const struct person_view *view, const struct person *person,
                   uint64_t *busy, uint64_t *far)
{
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];

        for (size_t j = 0; j < source->range_count; j++) {
            const struct match_range *range = &source->ranges[j];
            if ((int64_t)range->start - view->reach >= view->until) {
                break;
            }
            if (!person_is_busy(view, range) ||
                !person_matters(view, range->start, range->end)) {
                continue;
            }
            person_touch(view, (int64_t)range->start - person->buffer_after,
                         (int64_t)range->end + person->buffer_before, busy);
            if (view->may_travel) {
                keep_away(view, range->start, range->end, range->place, far);
            }
        }
    }
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        if (!person_matters(view, claim->start, claim->end)) {
            continue;
        }
        person_touch(view, (int64_t)claim->start - person->buffer_after,
                     (int64_t)claim->end + person->buffer_before, busy);
        if (view->may_travel && person->claim_places) {
            keep_away(view, claim->start, claim->end, person->claim_places[i], far);
        }
    }
}

/* How many claims begin on @civil_day, which is the civil day of @at. */
static int32_t count_claims(const struct match_request *request,
                            const struct person *person, minute_t at, int32_t civil_day)
{
    /* Clocks differ by two days at most, and a day has one. */
    int64_t from = (int64_t)at - 4 * MINUTES_PER_DAY;
    int64_t until = (int64_t)at + 4 * MINUTES_PER_DAY;
    int32_t count = 0;
    size_t low = 0;
    size_t high = person->claim_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = person->claims[middle].start < from;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    for (; low < person->claim_count && person->claims[low].start < until; low++) {
        count += calendar_read(request, person->claims[low].start).day == civil_day;
    }
    return count;
}

/* Put the places whose civil day is full into @plane. */
static void fill_days(const struct person_view *view, const struct person *person,
                      uint64_t *plane)
{
    const struct axis *axis = view->axis;

    if (person->daily_cap == 0) {
        return;
    }
    for (size_t place = 0; place < axis->count;) {
        struct civil civil = calendar_read(view->request, axis->starts[place]);
        size_t next = axis_find(axis, civil.until);
        int32_t claims =
            count_claims(view->request, person, axis->starts[place], civil.day);

        next = next > place ? next : axis->count; /* the end of time never ends */
        if (claims >= person->daily_cap) {
            plane_set(plane, place, next);
        }
        place = next;
    }
}

static void shorten_notice(const struct person_view *view, const struct person *person,
                           uint64_t *plane)
{
    if (person->not_before > view->axis->starts[0]) {
        plane_set(plane, 0, axis_find(view->axis, person->not_before));
    }
}

static void plane_take_away(uint64_t *plane, const uint64_t *other, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        plane[i] &= ~other[i];
    }
}

void person_fold(const struct batch *batch, bool all, const uint64_t *from,
                 uint64_t *to)
{
    if (!batch->at) {
        return; /* the plane of instants is the plane of starts */
    }
    plane_zero(to, batch->starts.words);
    for (size_t i = 0; i < batch->starts.count; i++) {
        const uint32_t *at = &batch->at[i * batch->each];
        size_t found = 0;
        for (size_t j = 0; j < batch->each; j++) {
            found += plane_has(from, at[j]);
        }
        if (all ? found == batch->each : found > 0) {
            to[i / AXIS_WORD] |= (uint64_t)1 << (i % AXIS_WORD);
        }
    }
}

uint64_t *person_instants(const struct question *question, uint64_t *plane)
{
    uint64_t *work = question->batch->at ? question->scratch->instants : plane;
    plane_zero(work, question->batch->instants.words);
    return work;
}

void person_attend(const struct question *question, const struct person *person,
                   uint64_t *ret_plane)
{
    struct person_view view = person_look(question, person);
    struct interval_set *offered = &question->scratch->offered;
    uint64_t *plane = person_instants(question, ret_plane);
    size_t words = view.axis->words;

    /* Painted inside out: what keeps away first, then turned over. */
    person_gather_offers(&view, person, UINT8_MAX, question->scratch, offered);
    person_fit(&view, offered, person->known, plane);
    for (size_t i = 0; i < words; i++) {
        plane[i] = ~plane[i];
    }
    engage(&view, person, plane, plane);
    shorten_notice(&view, person, plane);
    fill_days(&view, person, plane);
    for (size_t i = 0; i < words; i++) {
        plane[i] = ~plane[i];
    }
    person_fold(question->batch, true, plane, ret_plane);
}

void person_reasons(const struct question *question, const struct person *person,
                    uint64_t *ret_planes)
{
    struct person_view view = person_look(question, person);
    struct interval_set *offered = &question->scratch->offered;
    const struct batch *batch = question->batch;
    size_t words = batch->starts.words;

    for (int reason = MATCH_IS_BUSY; reason <= MATCH_DAY_FULL; reason++) {
        uint64_t *ret_plane = ret_planes + (size_t)(reason - 1) * words;
        uint64_t *plane = person_instants(question, ret_plane);
        uint64_t *other = question->scratch->other;
        plane_zero(other, view.axis->words);
        switch ((enum match_reason)reason) {
        case MATCH_ATTENDS:
            break;
        case MATCH_IS_BUSY:
            engage(&view, person, plane, other);
            break;
        case MATCH_IS_UNKNOWN:
            plane_fill(view.axis, plane);
            plane_clear(
                plane, axis_find(view.axis, person->known.start),
                axis_find(view.axis, (int64_t)person->known.end - view.duration + 1));
            break;
        case MATCH_NOT_OFFERED:
            person_gather_offers(&view, person, UINT8_MAX, question->scratch, offered);
            person_fit(&view, offered, person_always, other);
            plane_fill(view.axis, plane);
            plane_take_away(plane, other, view.axis->words);
            break;
        case MATCH_TOO_FAR:
            engage(&view, person, other, plane);
            break;
        case MATCH_SHORT_NOTICE:
            shorten_notice(&view, person, plane);
            break;
        case MATCH_DAY_FULL:
            fill_days(&view, person, plane);
            break;
        }
        person_fold(batch, false, plane, ret_plane);
    }
}
