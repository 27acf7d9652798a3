// SPDX-License-Identifier: Apache-2.0

/*
 * few_look.c - the part of few_person.h that walks through the changes of records
 */
#include "matcher/few_person.h"
#include "matcher/glance_plane.h"

#include <string.h>

/* What makes a minute one that nobody can come to. */
enum { NOT_FREE = GLANCE_BUSY | GLANCE_NOT_OFFERED };

/* The changes of one day of a record. */
struct changes {
    const uint16_t *change;
    uint32_t count;
    bool is_inside; /* as many as FEW_LANES behind them lie in the record, too */
};

static inline struct changes changes_on(const struct few_person *person, uint32_t run)
{
    const struct match_record *record = person->record;
    const struct few_changes *changes = &person->changes[run];
    size_t end = (size_t)changes->begin + changes->count + FEW_LANES;

    return (struct changes){
        .change = record_narrow(record) + changes->begin,
        .count = changes->count,
        .is_inside = record->changes_at + end * sizeof(uint16_t) <= record->size,
    };
}

typedef uint16_t lanes __attribute__((vector_size(FEW_LANES)));

/* How many of the first @count numbers of FEW_LANES are below @limit; they ascend. */
static inline uint32_t count_lanes(const uint16_t *numbers, uint32_t count,
                                   uint32_t limit)
{
    const lanes low = {0, 1, 2, 3, 4, 5, 6, 7};
    const lanes high = {8, 9, 10, 11, 12, 13, 14, 15};
    const lanes counted =
        (lanes){0} + (uint16_t)(count < FEW_LANES ? count : FEW_LANES);
    const lanes below = (lanes){0} + (uint16_t)limit;
    lanes some;
    lanes others;
    uint64_t sums[2];

    memcpy(&some, numbers, sizeof(some));
    memcpy(&others, numbers + FEW_LANES / 2, sizeof(others));
    /* Each lane that holds is -1. */
    lanes sum = (lanes)((some < below) & (low < counted)) +
                (lanes)((others < below) & (high < counted));
    sum = (lanes){0} - sum;
    memcpy(sums, &sum, sizeof(sums));
    return (uint32_t)((sums[0] + sums[1]) * 0x0001000100010001 >> 48);
}

/* How many of @count ascending numbers are below @limit: without a branch that nobody can
 * foresee.  FEW_LANES more of them can be read. */
static inline uint32_t count_below(const uint16_t *numbers, uint32_t count,
                                   uint32_t limit)
{
    uint32_t below = count_lanes(numbers, count, limit);

    if (count > FEW_LANES && below == FEW_LANES) {
        while (below < count && numbers[below] < limit) {
            below++;
        }
    }
    return below;
}

/* How many of @changes are before @minute. */
static inline uint32_t count_before(const struct changes *changes, uint32_t minute)
{
    uint32_t key = minute << RECORD_NARROW_SHIFT;
    uint32_t at = 0;

    if (changes->is_inside) {
        return count_below(changes->change, changes->count, key);
    }
    while (at < changes->count && changes->change[at] < key) {
        at++;
    }
    return at;
}

/* When the stretch begins of which change @at is the end, and what it is. */
static inline uint32_t minute_at(const struct changes *changes, uint32_t at)
{
    return at < changes->count ? changes->change[at] >> RECORD_NARROW_SHIFT
                               : MINUTES_PER_DAY;
}

static inline uint32_t class_before(const struct changes *changes, uint32_t at)
{
    return at > 0 ? changes->change[at - 1] & (uint32_t)RECORD_NARROW_LAST
                  : RECORD_NOTHING;
}

/* What @person says of @run into @says. */
static inline void look_on_run(const struct few_ask *ask, uint32_t number,
                               const struct few_person *person,
                               few_pair says[static FEW_PAIRS])
{
    const struct few_run *run = &ask->runs[number];
    const uint16_t *minutes = ask->minutes + run->place;
    uint32_t duration = (uint32_t)ask->request->duration;
    uint32_t stop = minutes[run->count - 1] + duration;
    struct changes changes = changes_on(person, number);
    uint32_t at = count_before(&changes, minutes[0] + 1U);
    uint32_t last = count_before(&changes, stop);
    uint64_t left = run->places; /* that end after the stretch begins */

    for (; at <= last; at++) {
        const few_pair *said = ask->says[class_before(&changes, at)];
        uint64_t touching = left;

        if (at < last) {
            uint32_t until = minute_at(&changes, at);
            uint32_t ended = until >= duration ? until - duration + 1 : 0;
            uint32_t begun = count_below(minutes, run->count, until);

            touching &= few_places(run->place, run->place + begun);
            ended = count_below(minutes, run->count, ended);
            left &= ~few_places(run->place, run->place + ended);
        }
        for (size_t i = 0; i < FEW_PAIRS; i++) {
            says[i] |= said[i] & touching;
        }
    }
}

/* Whether the plane of @person leaves any start of @run. */
static inline bool may_come(const struct few_ask *ask, const struct few_run *run,
                            const struct few_person *person)
{
    const struct match_record *record = person->record;
    uint32_t day = (uint32_t)(run->day - record->first_day);
    uint32_t length = (uint32_t)ask->request->duration / RECORD_PLANE_CELL;
    uint32_t span = (uint32_t)(run->last - run->first) / RECORD_PLANE_CELL + 1;
    uint32_t step = ask->minutes[run->place] / RECORD_PLANE_CELL;

    if (!person->has_plane || day >= record->day_count ||
        span + length > GLANCE_STEPS) {
        return true;
    }
    uint64_t steps =
        glance_erode(glance_steps(record_cells(record), day, step), length);
    return (steps & (((uint64_t)1 << span) - 1)) != 0;
}

void few_look(const struct few_ask *ask, uint64_t asked, struct few_person *person)
{
    /* Of others nobody asks why they do not come. */
    bool explains = person->party->importance == MATCH_OPTIONAL;
    few_pair pairs[FEW_PAIRS] = {{0}};
    uint64_t says[2 * FEW_PAIRS];
    uint64_t looked = 0;

    for (uint32_t i = 0; i < ask->run_count; i++) {
        uint64_t places = asked & ask->runs[i].places;

        if (places != 0 && (explains || may_come(ask, &ask->runs[i], person))) {
            look_on_run(ask, i, person, pairs);
            looked |= places;
        }
    }
    memcpy(says, pairs, sizeof(says));
    person->busy = says[__builtin_ctz(GLANCE_BUSY)] | person->claimed;
    person->not_offered = says[__builtin_ctz(GLANCE_NOT_OFFERED)];
    person->attend = looked & ~(person->busy | person->not_offered | person->late);
    plane_zero(person->merits, PERSON_MERITS);
    glance_praise(says, person->attend, person->merits);
}

static inline bool is_free(const struct few_ask *ask, const struct changes *changes,
                           uint32_t at)
{
    return (ask->common[class_before(changes, at)] & NOT_FREE) == 0;
}

/* The unusable minutes beside a slot, before which and behind which somebody is free for so
 * long. */
static inline uint64_t unusable_of(int64_t before, int64_t behind, int64_t duration)
{
    return (uint64_t)((before < duration ? before : 0) +
                      (behind < duration ? behind : 0));
}

/* How long @person, who comes to the start at @place, is free before the slot and behind
 * it, as the changes say; false if another day may say more. */
static bool find_free(const struct few_ask *ask, size_t place,
                      const struct few_person *person, int64_t *ret_before,
                      int64_t *ret_behind)
{
    struct changes changes = changes_on(person, ask->run_of[place]);
    int64_t duration = ask->request->duration;
    uint32_t minute = ask->minutes[place];
    uint32_t next = count_before(&changes, minute + 1);
    uint32_t first = next - 1;

    while (next < changes.count && is_free(ask, &changes, next + 1)) {
        next++;
    }
    while (is_free(ask, &changes, first)) {
        first--;
    }
    uint32_t from = minute_at(&changes, first);
    uint32_t until = minute_at(&changes, next);
    *ret_before = (int64_t)minute - from;
    *ret_behind = until - minute - duration;
    return !(from == 0 && *ret_before < duration) &&
           !(until == MINUTES_PER_DAY && *ret_behind < duration);
}

/* As find_free(), of what claims leave. */
static void leave_claims(const struct few_ask *ask, size_t place,
                         const struct few_person *person, int64_t *before,
                         int64_t *behind)
{
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        int64_t start = ask->starts[place];
        int64_t end = start + ask->request->duration;
        int64_t since = start - claim->end - person->party->buffer_before;
        int64_t left = claim->start - person->party->buffer_after - end;

        *before = since >= 0 && since < *before ? since : *before;
        *behind = since < 0 && left < *behind ? left : *behind;
    }
}

/* Where the plane of @person says when they are free around the slots of @run, which it
 * says of whole days that are not ragged; NULL if it does not. */
static inline const unsigned char *cells_of(const struct few_ask *ask,
                                            const struct few_run *run,
                                            const struct few_person *person)
{
    const struct match_record *record = person->record;
    uint32_t day = (uint32_t)(run->day - record->first_day);
    uint32_t duration = (uint32_t)ask->request->duration;
    uint32_t last = ask->minutes[run->place + run->count - 1];

    if (!person->has_plane || ask->minutes[run->place] < duration ||
        last + 2 * duration > MINUTES_PER_DAY ||
        (record_ragged(record)[day / AXIS_WORD] >> (day % AXIS_WORD) & 1) != 0) {
        return NULL;
    }
    return record_cells(record) + (size_t)day * RECORD_PLANE_BYTES;
}

/* As find_free(), up to a slot, of a day with @cells. */
static inline void read_steps(const struct few_ask *ask, size_t place,
                              const unsigned char *cells, int64_t *ret_before,
                              int64_t *ret_behind)
{
    uint32_t length = (uint32_t)ask->request->duration / RECORD_PLANE_CELL;
    uint32_t step = ask->minutes[place] / RECORD_PLANE_CELL;
    uint64_t before = glance_steps(cells, 0, step - length) << (AXIS_WORD - length);
    uint64_t behind = glance_steps(cells, 0, step + length);

    *ret_before = (int64_t)RECORD_PLANE_CELL * __builtin_clzll(~before);
    *ret_behind =
        (int64_t)RECORD_PLANE_CELL * __builtin_ctzll(~behind | (uint64_t)1 << length);
}

bool few_add_gaps(const struct few_ask *ask, uint64_t attend,
                  const struct few_person *person, uint64_t *unusable)
{
    int64_t duration = ask->request->duration;

    while (attend != 0) {
        const struct few_run *run = &ask->runs[ask->run_of[__builtin_ctzll(attend)]];
        const unsigned char *cells = cells_of(ask, run, person);
        uint64_t left = attend & run->places;

        for (attend &= ~left; left != 0; left &= left - 1) {
            size_t place = (size_t)__builtin_ctzll(left);
            int64_t before = 0;
            int64_t behind = 0;

            if (cells) {
                read_steps(ask, place, cells, &before, &behind);
            } else if (!find_free(ask, place, person, &before, &behind)) {
                return false;
            }
            if (person->claim_count > 0) {
                leave_claims(ask, place, person, &before, &behind);
            }
            unusable[place] += unusable_of(before, behind, duration);
        }
    }
    return true;
}
