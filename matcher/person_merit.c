// SPDX-License-Identifier: Apache-2.0

/*
 * person_merit.c - the part of person.h that says how well a start suits
 */
#include "matcher/person_internal.h"

#include <string.h>

enum {
    SAYS_SURE = PERSON_SAYS_DECLARED | PERSON_SAYS_INFERRED,
    SAYS_UNSURE = PERSON_SAYS_INFERRED | PERSON_SAYS_TYPICAL,
    SAYS_MUCH = SAYS_UNSURE | PERSON_SAYS_PREFERRED | PERSON_SAYS_AVOID,
};

/* One source in one pass, without a series. */
static void read_source(const struct person_view *view, const struct person *person,
                        const struct match_source *source,
                        const struct person_sayings *sayings)
{
    const struct match_range *end = source->ranges + source->range_count;
    struct person_run sure = person_no_run;
    struct person_run declared = person_no_run;
    struct person_run preferred = person_no_run;
    size_t place = 0;
    bool says_typical = (person->says & PERSON_SAYS_TYPICAL) != 0;
    bool is_unsure = (person->says & SAYS_UNSURE) != 0;

    /* Whoever only says it surely is sure wherever they can come. */
    if (!says_typical) {
        plane_fill(view->axis, sayings->sure);
    }
    if (!is_unsure) {
        plane_fill(view->axis, sayings->declared);
    }
    sure.plane = sayings->sure;
    declared.plane = sayings->declared;
    preferred.plane = sayings->preferred;
    for (const struct match_range *range = person_first(view, person, source);
         range < end && range->start < view->until; range++) {
        if (person_is_between(view, range, 0, &place)) {
            continue;
        }
        if (range->kind == MATCH_TENTATIVE && view->is_soft) {
            person_touch(view, range->start, range->end, sayings->tentative);
        }
        if (range->kind != MATCH_FREE || range->end <= view->from ||
            !person_is_admitted(view, range)) {
            continue;
        }
        if (says_typical && range->certainty != MATCH_TYPICAL) {
            person_run_add(view, &person_always, &sure, range);
        }
        if (is_unsure && range->certainty == MATCH_DECLARED) {
            person_run_add(view, &person_always, &declared, range);
        }
        if (range->preference == MATCH_PREFERRED) {
            person_run_add(view, &person_always, &preferred, range);
        } else if (range->preference == MATCH_AVOID) {
            person_touch(view, range->start, range->end, sayings->avoid);
        }
    }
    person_run_end(view, &person_always, &sure);
    person_run_end(view, &person_always, &declared);
    person_run_end(view, &person_always, &preferred);
}

/* The starts all of whose occurrences lie in offers that say one of @wanted. */
static void find_within(const struct question *question, const struct person_view *view,
                        const struct person *person, uint8_t wanted,
                        uint64_t *ret_plane)
{
    struct interval_set *offered = &question->scratch->offered;
    uint64_t *plane = person_instants(question, ret_plane);

    person_gather_offers(view, person, wanted, question->scratch, offered);
    person_fit_all(view, offered, plane);
    person_fold(question->batch, true, plane, ret_plane);
}

/* The starts with an occurrence that touches a tentative range, or an admitted one to be
 * avoided. */
static void find_touching(const struct question *question,
                          const struct person_view *view, const struct person *person,
                          bool tentative, uint64_t *ret_plane)
{
    uint64_t *plane = person_instants(question, ret_plane);

    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];
        const struct match_range *end = source->ranges + source->range_count;

        for (const struct match_range *range = person_first(view, person, source);
             range < end && range->start < view->until; range++) {
            bool found = tentative ? range->kind == MATCH_TENTATIVE
                                   : range->kind == MATCH_FREE &&
                                         range->preference == MATCH_AVOID &&
                                         person_is_admitted(view, range);
            if (found) {
                person_touch(view, range->start, range->end, plane);
            }
        }
    }
    person_fold(question->batch, false, plane, ret_plane);
}

static void read_all(const struct question *question, const struct person_view *view,
                     const struct person *person, const struct person_sayings *sayings)
{
    find_within(question, view, person, SAYS_SURE, sayings->sure);
    find_within(question, view, person, PERSON_SAYS_DECLARED, sayings->declared);
    find_within(question, view, person, PERSON_SAYS_PREFERRED, sayings->preferred);
    find_touching(question, view, person, false, sayings->avoid);
    if (view->is_soft) {
        find_touching(question, view, person, true, sayings->tentative);
    }
}

/* The lanes of somebody with very many ranges, kept or not. */
static void read_lanes(const struct question *question, const struct person_view *view,
                       const struct person *person, bool is_kept,
                       const struct person_sayings *sayings)
{
    static const struct {
        enum person_lane lane;
        uint8_t says; /* without which it need not be looked at */
    } all[] = {{PERSON_SURE, PERSON_SAYS_TYPICAL},
               {PERSON_DECLARED, SAYS_UNSURE},
               {PERSON_PREFERS, PERSON_SAYS_PREFERRED},
               {PERSON_AVOIDS, PERSON_SAYS_AVOID},
               {PERSON_TENTATIVE, PERSON_SAYS_TENTATIVE}};
    uint64_t *const planes[] = {sayings->sure, sayings->declared, sayings->preferred,
                                sayings->avoid, sayings->tentative};
    const struct batch *batch = question->batch;
    const struct person_sheet *sheet = &question->scratch->minutes.sheet;

    if (!is_kept) {
        person_dense_read(question, view, person, &question->scratch->minutes.sheet);
        plane_zero(sayings->tentative, batch->starts.words);
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        enum person_lane lane = all[i].lane;
        if ((person->says & all[i].says) == 0) {
            /* Whoever only says it surely is sure wherever they can come. */
            if (i < 2) {
                plane_fill(&batch->starts, planes[i]);
            }
        } else if (is_kept) {
            person_kept_plane(question, person, lane, planes[i]);
        } else {
            size_t words = view->axis->words;
            uint64_t *plane = person_instants(question, planes[i]);
            memcpy(plane, sheet->planes + lane * words, words * sizeof(plane[0]));
            person_fold(batch, (PERSON_THROUGHOUT >> lane & 1) != 0, plane, planes[i]);
        }
    }
}

void person_merits(const struct question *question, const struct person *person,
                   const uint64_t *attend, uint64_t *planes, unsigned *ret_any)
{
    struct person_view view = person_look(question, person);
    size_t words = question->batch->starts.words;
    struct person_sayings sayings = {
        .sure = planes + PERSON_TYPICAL * words,
        .declared = planes + PERSON_INFERRED * words,
        .preferred = planes + PERSON_PREFERRED * words,
        .avoid = planes + PERSON_AVOID * words,
        .tentative = question->scratch->other,
    };
    uint64_t any[PERSON_MERITS] = {0};

    *ret_any = 0;
    if ((person->says & SAYS_MUCH) == 0 &&
        !(view.is_soft && (person->says & PERSON_SAYS_TENTATIVE) != 0)) {
        return;
    }
    bool is_kept = person_keep(question, person);
    plane_zero(planes, PERSON_MERITS * words);
    plane_zero(sayings.tentative, words);
    if (is_kept || person_is_dense(question, &view, person)) {
        read_lanes(question, &view, person, is_kept, &sayings);
    } else if (person->source_count == 1 && !question->batch->at) {
        read_source(&view, person, &person->sources[0], &sayings);
    } else {
        read_all(question, &view, person, &sayings);
    }
    for (size_t i = 0; i < words; i++) {
        uint64_t typical = attend[i] & (sayings.tentative[i] | ~sayings.sure[i]);
        uint64_t inferred = attend[i] & ~typical & ~sayings.declared[i];

        sayings.sure[i] = typical;
        sayings.declared[i] = inferred;
        sayings.preferred[i] &= attend[i];
        sayings.avoid[i] &= attend[i];
        any[PERSON_TYPICAL] |= typical;
        any[PERSON_INFERRED] |= inferred;
        any[PERSON_PREFERRED] |= sayings.preferred[i];
        any[PERSON_AVOID] |= sayings.avoid[i];
    }
    for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
        *ret_any |= any[merit] != 0 ? 1u << merit : 0;
    }
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

        const struct match_range *end = source->ranges + source->range_count;

        for (const struct match_range *range = person_first(view, person, source);
             range < end && (int64_t)range->start - view->reach < view->until;
             range++) {
            if (person_is_busy(view, range) &&
                person_matters(view, range->start, range->end)) {
                interval_set_append(
                    set, minute_add(range->start, -(int64_t)person->buffer_after),
                    minute_add(range->end, person->buffer_before));
            }
        }
        contributors += set->count > before;
    }
    size_t before = set->count;
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        if (person_matters(view, claim->start, claim->end)) {
            interval_set_append(
                set, minute_add(claim->start, -(int64_t)person->buffer_after),
                minute_add(claim->end, person->buffer_before));
        }
    }
    contributors += set->count > before;
    if (contributors > 1) {
        interval_set_normalise(set, &scratch->order);
    }
}

/* The free stretches of @person around the instants. */
static void find_free(const struct question *question, const struct person_view *view,
                      const struct person *person)
{
    struct person_scratch *scratch = question->scratch;
    struct interval_set *offered = &scratch->offered;
    person_gather_offers(view, person, UINT8_MAX, scratch, offered);
    person_cut(offered, person->known);
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

    if (person_keep(question, person)) {
        person_kept_gaps(question, person, attend, unusable);
        return;
    }
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
