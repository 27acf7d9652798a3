// SPDX-License-Identifier: Apache-2.0
#include "matcher/person_internal.h"

#include "matcher/free_time.h"
#include "matcher/record_layout.h"

#include <string.h>

enum { SPARSE = 12 };   /* minutes from start to start */
enum { LEGS_FEW = 16 }; /* of which the longest is looked for each time */

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

int32_t person_farthest(const struct match_request *request)
{
    int32_t farthest = 0;

    if (request->leg_count > LEGS_FEW) {
        return MATCH_TRAVEL_MAX;
    }
    for (size_t i = 0; i < request->leg_count; i++) {
        farthest = larger(farthest, request->legs[i].minutes);
    }
    return farthest;
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
        .certainties = request->certainties == 0 ? UINT32_MAX : request->certainties,
        .purposes = request->purposes == 0 ? UINT32_MAX : request->purposes,
        .modalities = question->way.modality == 0  ? UINT32_MAX
                      : question->way.modality < 8 ? 1u << question->way.modality
                                                   : 0,
        .is_soft = request->tentative == MATCH_TENTATIVE_SOFT,
        .may_travel = request->leg_count > 0 && question->way.place != 0,
    };
    view.reach = larger(person->buffer_before, person->buffer_after);
    if (view.may_travel) {
        view.reach = larger(view.reach, person_farthest(request));
    }
    view.is_sparse = view.until - view.from > (int64_t)axis->count * SPARSE;
    return view;
}

size_t person_classed_bound(const struct match_record *record)
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
                 const struct match_party *party, const struct check_survey *surveys,
                 struct person *ret_person)
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
        .asks = party->ask_if_unknown,
    };
    int32_t notice = 0;

    for (size_t i = 0; i < match->source_count; i++) {
        const struct match_source *source = &match->sources[i];
        person.known = i == 0 ? source->coverage
                              : free_time_overlap(person.known, source->coverage);
        person.longest =
            surveys[i].longest > person.longest ? surveys[i].longest : person.longest;
        person.says |= surveys[i].says;
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

void person_gather_offers(const struct person_view *view, const struct person *person,
                          uint8_t wanted, struct person_scratch *scratch,
                          struct interval_set *set)
{
    size_t contributors = 0;

    set->count = 0;
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];
        const struct match_range *end = source->ranges + source->range_count;
        size_t before = set->count;
        size_t place = 0;

        for (const struct match_range *range = person_first(view, person, source);
             range < end && range->start < view->until; range++) {
            /* A gap beside a slot counts up to the slot's own length. */
            if (person_is_between(view, range, view->duration, &place)) {
                continue;
            }
            if (range->kind == MATCH_FREE && range->end > view->from &&
                (person_says(range) & wanted) != 0 && person_is_admitted(view, range)) {
                interval_set_append(set, range->start, range->end);
            }
        }
        contributors += set->count > before;
    }
    if (contributors > 1) {
        interval_set_normalise(set, &scratch->order);
    }
}

void person_cut(struct interval_set *set, struct match_span within)
{
    size_t count = 0;

    for (size_t i = 0; i < set->count; i++) {
        struct match_span range = {set->start[i], set->end[i]};
        range = free_time_overlap(range, within);
        if (range.start < range.end) {
            set->start[count] = range.start;
            set->end[count] = range.end;
            count++;
        }
    }
    set->count = count;
}

void person_fit_all(const struct person_view *view, const struct interval_set *set,
                    uint64_t *plane)
{
    for (size_t i = 0; i < set->count; i++) {
        person_fit(view, set->start[i], set->end[i], plane);
    }
}

static bool is_known(const struct person *person)
{
    return person->known.start < person->known.end;
}

/* person_fit_all() for somebody whose offers in known time are @set and who is asked
 * wherever nothing is known: what ends with the known time goes on. */
static void fit_asked(const struct person_view *view, const struct person *person,
                      const struct interval_set *set, uint64_t *plane)
{
    const struct match_span *known = &person->known;

    if (!is_known(person)) {
        plane_fill(view->axis, plane);
        return;
    }
    person_fit(view, INT32_MIN, known->start, plane);
    person_fit(view, known->end, INT32_MAX, plane);
    for (size_t i = 0; i < set->count; i++) {
        person_fit(view, set->start[i] == known->start ? INT32_MIN : set->start[i],
                   set->end[i] == known->end ? INT32_MAX : set->end[i], plane);
    }
}

int32_t person_leg(const struct match_request *request, uint16_t from, uint16_t to)
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
    person_touch(
        view, (int64_t)start - person_leg(view->request, view->way.place, place),
        (int64_t)end + person_leg(view->request, place, view->way.place), plane);
}

/* Put the places at which [start, end) at @place is in the way into @busy, and those at
 * which it is too far away into @far. */
static inline void engage(const struct person_view *view, const struct person *person,
                          struct match_span span, uint16_t place, uint64_t *busy,
                          uint64_t *far)
{
    if (person_matters(view, span.start, span.end)) {
        person_touch(view, (int64_t)span.start - person->buffer_after,
                     (int64_t)span.end + person->buffer_before, busy);
        if (view->may_travel) {
            keep_away(view, span.start, span.end, place, far);
        }
    }
}

void person_engage_claims(const struct person_view *view, const struct person *person,
                          uint64_t *busy, uint64_t *far)
{
    for (size_t i = 0; i < person->claim_count; i++) {
        engage(view, person, person->claims[i],
               person->claim_places ? person->claim_places[i] : 0, busy, far);
    }
}

/* All engagements; @busy and @far may be the same. */
static void engage_all(const struct person_view *view, const struct person *person,
                       uint64_t *busy, uint64_t *far)
{
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];
        const struct match_range *end = source->ranges + source->range_count;
        size_t place = 0;

        for (const struct match_range *range = person_first(view, person, source);
             range < end && (int64_t)range->start - view->reach < view->until;
             range++) {
            if (person_is_busy(view, range) &&
                !person_is_between(view, range, view->reach, &place)) {
                engage(view, person, (struct match_span){range->start, range->end},
                       range->place, busy, far);
            }
        }
    }
    person_engage_claims(view, person, busy, far);
}

uint64_t *person_instants(const struct question *question, uint64_t *plane)
{
    uint64_t *work = question->batch->at ? question->scratch->instants : plane;
    plane_zero(work, question->batch->instants.words);
    return work;
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

/* One source in one pass: where it offers enough, and where it is busy. */
static void paint(const struct person_view *view, const struct person *person,
                  const struct match_source *source, uint64_t *offered, uint64_t *busy)
{
    const struct match_range *end = source->ranges + source->range_count;
    struct person_run run = person_no_run;
    size_t place = 0;

    run.plane = offered;
    for (const struct match_range *range = person_first(view, person, source);
         range < end && (int64_t)range->start - view->reach < view->until; range++) {
        if (person_is_between(view, range, view->reach, &place)) {
            continue;
        }
        if (range->kind == MATCH_FREE) {
            if (range->end > view->from && person_is_admitted(view, range)) {
                person_run_add(view, &person->known, &run, range);
            }
        } else if (person_is_busy(view, range)) {
            engage(view, person, (struct match_span){range->start, range->end},
                   range->place, busy, busy);
        }
    }
    person_run_end(view, &person->known, &run);
}

void person_attend(const struct question *question, const struct person *person,
                   uint64_t *ret_plane)
{
    struct person_view view = person_look(question, person);
    struct interval_set *offered = &question->scratch->offered;
    uint64_t *plane = person_instants(question, ret_plane);
    uint64_t *away = question->scratch->other;
    size_t words = view.axis->words;

    if (person_keep(question, person)) {
        person_kept_plane(question, person, PERSON_ATTENDS, ret_plane);
        return;
    }
    if (person_is_dense(question, &view, person)) {
        struct person_sheet *sheet = &question->scratch->minutes.sheet;
        person_dense_read(question, &view, person, sheet);
        memcpy(plane, sheet->planes + PERSON_ATTENDS * words, words * sizeof(plane[0]));
        person_fold(question->batch, true, plane, ret_plane);
        return;
    }
    plane_zero(away, words);
    if (person->asks) {
        person_gather_offers(&view, person, UINT8_MAX, question->scratch, offered);
        person_cut(offered, person->known);
        fit_asked(&view, person, offered, plane);
        engage_all(&view, person, away, away);
    } else if (person->source_count == 1) {
        paint(&view, person, &person->sources[0], plane, away);
        person_engage_claims(&view, person, away, away);
    } else {
        person_gather_offers(&view, person, UINT8_MAX, question->scratch, offered);
        person_cut(offered, person->known);
        person_fit_all(&view, offered, plane);
        engage_all(&view, person, away, away);
    }
    person_shorten_notice(&view, person, away);
    person_full_days(view.request, view.axis, person, away);
    plane_take_away(plane, away, words);
    person_fold(question->batch, true, plane, ret_plane);
}

/* Put the places at which the slot is known throughout into @plane. */
static void fit_known(const struct person_view *view, const struct person *person,
                      uint64_t *plane)
{
    if (is_known(person)) {
        person_fit(view, person->known.start, person->known.end, plane);
    }
}

void person_asked(const struct question *question, const struct person *person,
                  const uint64_t *attend, uint64_t *ret_plane)
{
    struct person_view view = person_look(question, person);
    uint64_t *plane = person_instants(question, ret_plane);

    fit_known(&view, person, plane);
    person_fold(question->batch, true, plane, ret_plane);
    for (size_t i = 0; i < question->batch->starts.words; i++) {
        ret_plane[i] = attend[i] & ~ret_plane[i];
    }
}

/* Put the places at which the slot lies in what is offered into @plane. */
static void fit_offers(const struct question *question, const struct person_view *view,
                       const struct person *person, uint64_t *plane)
{
    struct interval_set *offered = &question->scratch->offered;

    person_gather_offers(view, person, UINT8_MAX, question->scratch, offered);
    if (person->asks) {
        person_cut(offered, person->known);
        fit_asked(view, person, offered, plane);
    } else {
        person_fit_all(view, offered, plane);
    }
}

void person_reasons(const struct question *question, const struct person *person,
                    uint64_t *ret_planes)
{
    struct person_view view = person_look(question, person);
    const struct batch *batch = question->batch;
    size_t words = batch->starts.words;
    bool is_kept = person_keep(question, person);

    for (int reason = MATCH_IS_BUSY; reason <= MATCH_DAY_FULL; reason++) {
        uint64_t *ret_plane = ret_planes + (size_t)(reason - 1) * words;
        uint64_t *plane = person_instants(question, ret_plane);
        uint64_t *other = question->scratch->other;
        plane_zero(other, view.axis->words);
        switch ((enum match_reason)reason) {
        case MATCH_ATTENDS:
            break;
        case MATCH_IS_BUSY:
            if (is_kept) {
                person_kept_plane(question, person, PERSON_BUSY, plane);
            } else {
                engage_all(&view, person, plane, other);
            }
            break;
        case MATCH_IS_UNKNOWN:
            if (!person->asks) {
                person_find_unknown(&view, person, plane);
            }
            break;
        case MATCH_NOT_OFFERED:
            if (is_kept) {
                person_kept_plane(question, person, PERSON_OFFERED, other);
            } else {
                fit_offers(question, &view, person, other);
            }
            plane_fill(view.axis, plane);
            plane_take_away(plane, other, view.axis->words);
            break;
        case MATCH_TOO_FAR:
            if (view.may_travel && is_kept) {
                person_kept_plane(question, person, PERSON_FAR, plane);
            } else if (view.may_travel) {
                engage_all(&view, person, other, plane);
            }
            break;
        case MATCH_SHORT_NOTICE:
            person_shorten_notice(&view, person, plane);
            break;
        case MATCH_DAY_FULL:
            person_full_days(view.request, view.axis, person, plane);
            break;
        }
        person_fold(batch, false, plane, ret_plane);
    }
}
