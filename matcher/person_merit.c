// SPDX-License-Identifier: Apache-2.0

/*
 * person_merit.c - the part of person.h that says how well a start suits
 */
#include "matcher/person_internal.h"

#include "matcher/free_time.h"

#include <string.h>

/* The starts all of whose occurrences lie in offers that say one of @wanted. */
static void find_within(const struct question *question, struct person_view *view,
                        const struct person *person, uint8_t wanted,
                        uint64_t *ret_plane)
{
    struct interval_set *offered = &question->scratch->offered;
    uint64_t *plane = person_instants(question, ret_plane);

    person_gather_offers(view, person, wanted, question->scratch, offered);
    person_fit(view, offered, person_always, plane);
    person_fold(question->batch, true, plane, ret_plane);
}

/* The starts with an occurrence that touches an admitted range to be avoided, or a
 * tentative one. */
static void find_touching(const struct question *question,
                          const struct person_view *view, const struct person *person,
                          enum person_merit merit, uint64_t *ret_plane)
{
    uint64_t *plane = person_instants(question, ret_plane);

    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];
        for (size_t j = 0; j < source->range_count; j++) {
            const struct match_range *range = &source->ranges[j];
            bool found = merit == PERSON_AVOID ? range->kind == MATCH_FREE &&
                                                     range->preference == MATCH_AVOID &&
                                                     person_is_admitted(view, range)
                                               : range->kind == MATCH_TENTATIVE;
            if (found) {
                person_touch(view, range->start, range->end, plane);
            }
        }
    }
    person_fold(question->batch, false, plane, ret_plane);
}

/* Keep of @plane what is in @attend too; note @merit in @any if something is left. */
static void keep(const struct question *question, const uint64_t *attend,
                 uint64_t *plane, enum person_merit merit, unsigned *any)
{
    uint64_t left = 0;
    for (size_t i = 0; i < question->batch->starts.words; i++) {
        plane[i] &= attend[i];
        left |= plane[i];
    }
    *any |= left != 0 ? 1u << merit : 0;
}

static void find_unsure(const struct question *question, struct person_view *view,
                        const struct person *person, const uint64_t *attend,
                        uint64_t *planes, unsigned *any)
{
    const uint8_t declared = 1u << (MATCH_DECLARED - 1);
    const uint8_t sure = declared | 1u << (MATCH_INFERRED - 1);
    size_t words = question->batch->starts.words;
    uint64_t *typical = planes + PERSON_TYPICAL * words;
    uint64_t *inferred = planes + PERSON_INFERRED * words;
    uint8_t said = view->said;

    plane_zero(typical, words);
    if (view->is_soft) {
        find_touching(question, view, person, PERSON_TYPICAL, typical);
    }
    if ((said & SAYS_TYPICAL) != 0) {
        find_within(question, view, person, sure, inferred);
        for (size_t i = 0; i < words; i++) {
            typical[i] |= ~inferred[i];
        }
    }
    keep(question, attend, typical, PERSON_TYPICAL, any);
    if ((said & SAYS_UNSURE) != 0) {
        find_within(question, view, person, declared, inferred);
        for (size_t i = 0; i < words; i++) {
            inferred[i] = ~inferred[i] & ~typical[i];
        }
        keep(question, attend, inferred, PERSON_INFERRED, any);
    }
}

void person_merits(const struct question *question, const struct person *person,
                   const uint64_t *attend, uint64_t *planes, unsigned *ret_any)
{
    struct person_view view = person_look(question, person);
    size_t words = question->batch->starts.words;
    unsigned any = 0;

    person_gather_offers(&view, person, UINT8_MAX, question->scratch,
                         &question->scratch->offered);
    uint8_t said = view.said;
    if (view.is_soft || (said & SAYS_UNSURE) != 0) {
        find_unsure(question, &view, person, attend, planes, &any);
    }
    if ((said & SAYS_PREFERRED) != 0) {
        uint64_t *preferred = planes + PERSON_PREFERRED * words;
        find_within(question, &view, person, SAYS_PREFERRED, preferred);
        keep(question, attend, preferred, PERSON_PREFERRED, &any);
    }
    if ((said & SAYS_AVOID) != 0) {
        uint64_t *avoid = planes + PERSON_AVOID * words;
        find_touching(question, &view, person, PERSON_AVOID, avoid);
        keep(question, attend, avoid, PERSON_AVOID, &any);
    }
    *ret_any = any;
}

/* What keeps @person busy, widened, in @set. */
static void gather_busy(const struct person_view *view, const struct person *person,
                        struct person_scratch *scratch, struct interval_set *set)
{
    size_t contributors = 0;

    set->count = 0;
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];
        size_t before = set->count;

        for (size_t j = 0; j < source->range_count; j++) {
            const struct match_range *range = &source->ranges[j];
            if ((int64_t)range->start - view->reach >= view->until) {
                break;
            }
            if (person_is_busy(view, range) &&
                person_matters(view, range->start, range->end)) {
                person_append(set,
                              minute_add(range->start, -(int64_t)person->buffer_after),
                              minute_add(range->end, person->buffer_before));
            }
        }
        contributors += set->count > before;
    }
    size_t before = set->count;
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        if (person_matters(view, claim->start, claim->end)) {
            person_append(set, minute_add(claim->start, -(int64_t)person->buffer_after),
                          minute_add(claim->end, person->buffer_before));
        }
    }
    contributors += set->count > before;
    if (contributors > 1) {
        interval_set_normalise(set, &scratch->order);
    }
}

/* The free stretches of @person around the instants. */
static void find_free(const struct question *question, struct person_view *view,
                      const struct person *person)
{
    struct person_scratch *scratch = question->scratch;
    struct interval_set *offered = &scratch->offered;
    size_t count = 0;

    person_gather_offers(view, person, UINT8_MAX, scratch, offered);
    for (size_t i = 0; i < offered->count; i++) {
        struct match_span run = {offered->start[i], offered->end[i]};
        run = free_time_overlap(run, person->known);
        if (run.start < run.end) {
            offered->start[count] = run.start;
            offered->end[count] = run.end;
            count++;
        }
    }
    offered->count = count;
    gather_busy(view, person, scratch, &scratch->busy);
    interval_set_subtract(offered, &scratch->busy, &scratch->free);
}

/*
 * A slot of the duration in a free stretch [start, end) leaves two gaps.
 *
 *     stretch   |<---- before ---->|slot|<- after ->|
 *     before    start of the slot - start: counts while it is 1 .. duration - 1
 *     after     end - duration - start of the slot: likewise
 *
 * At places that are not in @attend, where it is given, nothing is added.
 */
static void add_gaps(const struct person_view *view, const struct interval_set *free,
                     const uint64_t *attend, uint64_t *gaps)
{
    const struct axis *axis = view->axis;
    const minute_t *starts = axis->starts;
    int64_t final = starts[axis->count - 1];
    int64_t duration = view->duration;

    for (size_t i = 0; i < free->count; i++) {
        int64_t start = free->start[i];
        int64_t last =
            free->end[i] - duration; /* the slot that ends with the stretch */
        if (last < start || last < starts[0] || start > final) {
            continue;
        }
        size_t begin = axis_find(axis, start);
        size_t place = begin;
        for (; place < axis->count && starts[place] <= last &&
               starts[place] < start + duration;
             place++) {
            if (!attend || plane_has(attend, place)) {
                gaps[place] += (uint64_t)(starts[place] - start);
            }
        }
        int64_t near = last - duration + 1;
        place = near > start ? axis_find(axis, near) : begin;
        for (; place < axis->count && starts[place] <= last; place++) {
            if (!attend || plane_has(attend, place)) {
                gaps[place] += (uint64_t)(last - starts[place]);
            }
        }
    }
}

void person_add_gaps(const struct question *question, const struct person *person,
                     const uint64_t *attend, uint64_t *unusable)
{
    const struct batch *batch = question->batch;
    struct person_view view = person_look(question, person);

    find_free(question, &view, person);
    if (!batch->at) {
        add_gaps(&view, &question->scratch->free, attend, unusable);
        return;
    }
    uint64_t *gaps = question->scratch->gaps;
    memset(gaps, 0, view.axis->count * sizeof(gaps[0]));
    add_gaps(&view, &question->scratch->free, NULL, gaps);
    for (size_t i = plane_next(attend, batch->starts.words, 0); i < batch->starts.count;
         i = plane_next(attend, batch->starts.words, i + 1)) {
        for (size_t j = 0; j < batch->each; j++) {
            unusable[i] += gaps[batch->at[i * batch->each + j]];
        }
    }
}
