// SPDX-License-Identifier: Apache-2.0

/*
 * person_internal.h - shared by person.c and person_merit.c, and nobody else
 */
#ifndef MATCHER_PERSON_INTERNAL_H
#define MATCHER_PERSON_INTERNAL_H

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
    int32_t reach;   /* how far an engagement reaches beyond itself at most */
    bool is_soft;    /* tentative time is */
    bool may_travel; /* somebody may be too far away */
    uint8_t said;    /* bits of what the free ranges that were gathered say */
};

enum {
    SAYS_CERTAINTY = 0, /* bits from here on: 1 << (certainty - 1) */
    SAYS_UNSURE = 1u << (MATCH_INFERRED - 1) | 1u << (MATCH_TYPICAL - 1),
    SAYS_TYPICAL = 1u << (MATCH_TYPICAL - 1),
    SAYS_PREFERENCE = 3, /* 1 << (SAYS_PREFERENCE + preference) */
    SAYS_PREFERRED = 1u << (SAYS_PREFERENCE + MATCH_PREFERRED),
    SAYS_AVOID = 1u << (SAYS_PREFERENCE + MATCH_AVOID),
};

static const struct match_span person_always = {INT32_MIN, INT32_MAX};

struct person_view person_look(const struct question *question,
                               const struct person *person);

/* Store the admitted free ranges that say one of @wanted in @set, and note in the view
 * what they say. */
void person_gather_offers(struct person_view *view, const struct person *person,
                          uint8_t wanted, struct person_scratch *scratch,
                          struct interval_set *set);

/* Put the places at which a slot touches [from, until) into @plane. */
void person_touch(const struct person_view *view, int64_t from, int64_t until,
                  uint64_t *plane);

/* Put the places at which a slot lies in one range of @set, and in @within, into
 * @plane. */
void person_fit(const struct person_view *view, const struct interval_set *set,
                struct match_span within, uint64_t *plane);

/* The plane to work on in place of @plane, emptied. */
uint64_t *person_instants(const struct question *question, uint64_t *plane);

/* The starts of @batch whose instants are all in the plane @from, or any of them, into
 * @to.  Without a series they are the same plane. */
void person_fold(const struct batch *batch, bool all, const uint64_t *from,
                 uint64_t *to);

static inline bool person_is_admitted(const struct person_view *view,
                                      const struct match_range *range)
{
    const struct match_request *request = view->request;
    uint8_t modality = view->way.modality;

    return (request->certainties == 0 ||
            (request->certainties & (1u << range->certainty)) != 0) &&
           (request->purposes == 0 || range->purposes == 0 ||
            (request->purposes & range->purposes) != 0) &&
           (modality == 0 || range->modalities == 0 ||
            (modality < 8 && (range->modalities & (1u << modality)) != 0)) &&
           (view->way.place == 0 || range->place == 0 ||
            range->place == view->way.place);
}

static inline bool person_matters(const struct person_view *view, int64_t start,
                                  int64_t end)
{
    return end + view->reach > view->from && start - view->reach < view->until;
}

static inline bool person_is_busy(const struct person_view *view,
                                  const struct match_range *range)
{
    return range->kind == MATCH_BUSY ||
           (range->kind == MATCH_TENTATIVE && !view->is_soft);
}

static inline void person_append(struct interval_set *set, minute_t start, minute_t end)
{
    size_t count = set->count;
    if (count > 0 && start >= set->start[count - 1] && start <= set->end[count - 1]) {
        if (end > set->end[count - 1]) {
            set->end[count - 1] = end;
        }
        return;
    }
    assert(count < set->capacity);
    set->start[count] = start;
    set->end[count] = end;
    set->count = count + 1;
}

#endif
