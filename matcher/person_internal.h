// SPDX-License-Identifier: Apache-2.0

/*
 * person_internal.h - shared by person*.c and glance.c, and nobody else
 */
#ifndef MATCHER_PERSON_INTERNAL_H
#define MATCHER_PERSON_INTERNAL_H

#include "matcher/minutes.h"
#include "matcher/person.h"

#include <assert.h>

/* What an evaluation sees of a question again and again. */
struct person_view {
    const struct match_request *request;
    const struct axis *axis;
    int32_t duration;
    struct way way;
    int64_t from; /* nothing that ends before it matters, nor what begins at or after */
    int64_t until;
    int32_t reach;        /* how far an engagement reaches beyond itself at most */
    uint32_t certainties; /* bits that are admitted */
    uint32_t purposes;
    uint32_t modalities;
    bool is_soft;    /* tentative time is */
    bool may_travel; /* somebody may be too far away */
    bool is_sparse;  /* many ranges lie between the starts */
};

/* What the ranges of a person say of the starts, each a plane; the first three in offers
 * that say so throughout, the others touched by such a range. */
struct person_sayings {
    uint64_t *sure;
    uint64_t *declared;
    uint64_t *preferred;
    uint64_t *avoid;
    uint64_t *tentative;
};

static const struct match_span person_always = {INT32_MIN, INT32_MAX};

struct person_view person_look(const struct question *question,
                               const struct person *person);

/* Whether @person has so many ranges that looking at all minutes is quicker; the two that
 * follow are for such people. */
bool person_is_dense(const struct question *question, const struct person_view *view,
                     const struct person *person);

/* Planes of all lanes that are painted, of instants; claims are not in them.
 * @ret_minutes may be NULL. */
void person_dense_paint(const struct question *question, const struct person_view *view,
                        const struct person *person, uint64_t *ret_planes,
                        uint64_t *ret_minutes);

/* Put what the record of @person says into the empty @sets.  The brush is chosen but for
 * what is limited. */
void person_record_paint(const struct person_view *view, const struct person *person,
                         const struct minutes_kernel *kernel,
                         const struct minutes_brush *brush, uint64_t *sets,
                         size_t words);

/* The plane PERSON_FAR, without claims. */
void person_dense_far(const struct person_view *view, const struct person *person,
                      uint64_t *ret_plane);

/* All lanes, for the batch's instants. */
void person_dense_read(const struct question *question, const struct person_view *view,
                       const struct person *person, struct person_sheet *sheet);

/* Whether @starts are all those of the list of which something is kept. */
static inline bool person_is_list(const struct person_minutes *minutes,
                                  const struct axis *starts)
{
    bool is_list = minutes->keeps && starts->starts == minutes->list.starts;

    assert(!is_list || starts->count == minutes->list.count);
    return is_list;
}

/* Whether the sheet of @person answers for the starts of the batch; the two that follow
 * are for such people. */
bool person_keep(const struct question *question, const struct person *person);
void person_kept_plane(const struct question *question, const struct person *person,
                       enum person_lane lane, uint64_t *ret_plane);
void person_kept_gaps(const struct question *question, const struct person *person,
                      const uint64_t *attend, uint64_t *unusable);

/* Put the places at which a claim is in the way into @busy, and those at which it is too
 * far away into @far. */
void person_engage_claims(const struct person_view *view, const struct person *person,
                          uint64_t *busy, uint64_t *far);

/* Put the places into @plane at which the slot is not known throughout, or at which there
 * is not enough notice. */
void person_find_unknown(const struct person_view *view, const struct person *person,
                         uint64_t *plane);
void person_shorten_notice(const struct person_view *view, const struct person *person,
                           uint64_t *plane);

/* Store the admitted free ranges that say one of @wanted in @set. */
void person_gather_offers(const struct person_view *view, const struct person *person,
                          uint8_t wanted, struct person_scratch *scratch,
                          struct interval_set *set);

/* Put the places at which a slot touches [from, until) into @plane. */
static inline void person_touch(const struct person_view *view, int64_t from,
                                int64_t until, uint64_t *plane)
{
    const struct axis *axis = view->axis;

    from += 1 - view->duration;
    if (until > axis->starts[0] && from <= axis->starts[axis->count - 1]) {
        size_t place = axis_find(axis, from);
        plane_paint(plane, place, axis_find_after(axis, place, until));
    }
}

/* Put the places at which a slot lies in [start, end) into @plane. */
static inline void person_fit(const struct person_view *view, int64_t start,
                              int64_t end, uint64_t *plane)
{
    const struct axis *axis = view->axis;
    int64_t until = end - view->duration + 1;

    if (until > start && until > axis->starts[0] &&
        start <= axis->starts[axis->count - 1]) {
        size_t place = axis_find(axis, start);
        plane_paint(plane, place, axis_find_after(axis, place, until));
    }
}

/* Minutes from the place @from to the place @to. */
int32_t person_leg(const struct match_request *request, uint16_t from, uint16_t to);

/* Put the places whose civil day is full of claims into @plane. */
void person_full_days(const struct match_request *request, const struct axis *axis,
                      const struct person *person, uint64_t *plane);

/* Leave of @set what lies in @within. */
void person_cut(struct interval_set *set, struct match_span within);

/* person_fit() for every range of @set. */
void person_fit_all(const struct person_view *view, const struct interval_set *set,
                    uint64_t *plane);

/* Ranges that come in order, merged as they come; what is complete is painted. */
struct person_run {
    minute_t start;
    minute_t end;
    uint64_t *plane;
};

static const struct person_run person_no_run = {INT32_MIN, INT32_MIN, NULL};

static inline void person_run_end(const struct person_view *view,
                                  const struct match_span *within,
                                  const struct person_run *run)
{
    person_fit(view, run->start > within->start ? run->start : within->start,
               run->end < within->end ? run->end : within->end, run->plane);
}

static inline void person_run_add(const struct person_view *view,
                                  const struct match_span *within,
                                  struct person_run *run,
                                  const struct match_range *range)
{
    if (range->start <= run->end) {
        run->end = range->end > run->end ? range->end : run->end;
        return;
    }
    person_run_end(view, within, run);
    run->start = range->start;
    run->end = range->end;
}

/* The plane to work on in place of @plane, emptied. */
uint64_t *person_instants(const struct question *question, uint64_t *plane);

/* The starts of @batch whose instants are all in the plane @from, or any of them, into
 * @to.  Without a series they are the same plane. */
void person_fold(const struct batch *batch, bool all, const uint64_t *from,
                 uint64_t *to);

/* Whether the free range @range is. */
static inline bool person_is_admitted(const struct person_view *view,
                                      const struct match_range *range)
{
    return (view->certainties >> range->certainty & 1) != 0 &&
           (range->purposes == 0 || (range->purposes & view->purposes) != 0) &&
           (range->modalities == 0 || (range->modalities & view->modalities) != 0) &&
           (range->place == 0 || view->way.place == 0 ||
            range->place == view->way.place);
}

/* What the free range @range says. */
static inline uint8_t person_says(const struct match_range *range)
{
    return (uint8_t)(1u << (range->certainty - MATCH_DECLARED) |
                     1u << (PERSON_SAYS_PREFERENCE + range->preference));
}

/* The first range of @source that can matter. */
static inline const struct match_range *person_first(const struct person_view *view,
                                                     const struct person *person,
                                                     const struct match_source *source)
{
    const struct match_range *first = source->ranges;
    size_t count = source->range_count;
    int64_t after = view->from - view->reach - person->longest;

    while (count > PERSON_SCAN) {
        size_t half = count / 2;
        bool right = first[half].start <= after;
        first = right ? first + half : first;
        count = right ? count - half : half;
    }
    return first;
}

static inline bool person_matters(const struct person_view *view, int64_t start,
                                  int64_t end)
{
    return end + view->reach > view->from && start - view->reach < view->until;
}

/* Whether @range lies between two neighbouring slots of a sparse axis, at least @margin
 * minutes from both.  *@place is where the last of the ranges, which come in order,
 * has been looked for, and 0 at first. */
static inline bool person_is_between(const struct person_view *view,
                                     const struct match_range *range, int64_t margin,
                                     size_t *place)
{
    if (!view->is_sparse) {
        return false;
    }
    const minute_t *starts = view->axis->starts;
    size_t last = view->axis->count - 1;
    size_t at = *place;
    int64_t gone = (int64_t)range->start - margin - view->duration;

    while (at < last && starts[at] <= gone) {
        at++;
    }
    *place = at;
    return (int64_t)range->end + margin <= starts[at];
}

static inline bool person_is_busy(const struct person_view *view,
                                  const struct match_range *range)
{
    return range->kind == MATCH_BUSY ||
           (range->kind == MATCH_TENTATIVE && !view->is_soft);
}

#endif
