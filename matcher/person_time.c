// SPDX-License-Identifier: Apache-2.0

/*
 * person_time.c - the part of person.h about when nobody can say so, when it is too soon,
 * and when a day is full
 */
#include "matcher/person_internal.h"

#include "matcher/calendar.h"

enum { DAYS_NEAR = 4 * MINUTES_PER_DAY };

/* How many claims begin on @civil_day, which is the civil day of @at. */
static int32_t count_claims(const struct match_request *request,
                            const struct person *person, minute_t at, int32_t civil_day)
{
    /* Clocks differ by two days at most, and a day has one. */
    int64_t from = (int64_t)at - DAYS_NEAR;
    int64_t until = (int64_t)at + DAYS_NEAR;
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

void person_full_days(const struct match_request *request, const struct axis *axis,
                      const struct person *person, uint64_t *plane)
{
    if (person->daily_cap == 0) {
        return;
    }
    for (size_t place = 0; place < axis->count;) {
        struct civil civil = calendar_read(request, axis->starts[place]);
        size_t next = axis_find(axis, civil.until);
        int32_t claims = count_claims(request, person, axis->starts[place], civil.day);

        next = next > place ? next : axis->count; /* the end of time never ends */
        if (claims >= person->daily_cap) {
            plane_set(plane, place, next);
        }
        place = next;
    }
}

void person_shorten_notice(const struct person_view *view, const struct person *person,
                           uint64_t *plane)
{
    if (person->not_before > view->axis->starts[0]) {
        plane_set(plane, 0, axis_find(view->axis, person->not_before));
    }
}

void person_find_unknown(const struct person_view *view, const struct person *person,
                         uint64_t *plane)
{
    const struct axis *axis = view->axis;
    int64_t last = (int64_t)person->known.end - view->duration;
    size_t from = axis_find(axis, person->known.start);
    size_t until = axis_find(axis, last + 1);

    plane_set(plane, 0, from < until ? from : axis->count);
    plane_set(plane, until, axis->count);
}
