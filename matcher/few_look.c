// SPDX-License-Identifier: Apache-2.0

/*
 * few_look.c - the part of few_person.h that walks through the changes of records
 */
#include "matcher/few_person.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* How many of the first @count numbers of FEW_LANES are below @limit; they ascend. */
static inline uint32_t count_lanes(const uint16_t *numbers, uint32_t count,
                                   uint32_t limit)
{
    uint32_t below = 0;
#if defined(__SSE2__)
    const __m128i least = _mm_set1_epi16((short)limit);
    __m128i low = _mm_loadu_si128((const void *)numbers);
    __m128i high = _mm_loadu_si128((const void *)(numbers + FEW_LANES / 2));

    /* What is not below leaves nothing when it is taken away. */
    low = _mm_cmpeq_epi16(_mm_subs_epu16(least, low), _mm_setzero_si128());
    high = _mm_cmpeq_epi16(_mm_subs_epu16(least, high), _mm_setzero_si128());
    uint32_t others = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
    below = (uint32_t)__builtin_ctz(others | 1U << FEW_LANES);
#else
    while (below < FEW_LANES && numbers[below] < limit) {
        below++;
    }
#endif
    return below < count ? below : count;
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

/* What @person says of the starts of @run, which end after the stretch before change @at
 * begins, into @says. */
static void look_at_each(const struct few_ask *ask, const struct few_run *run,
                         const struct changes *changes, uint32_t at,
                         few_pair says[static FEW_PAIRS])
{
    const uint16_t *minutes = ask->minutes + run->place;
    uint32_t duration = (uint32_t)ask->request->duration;
    uint32_t last = count_before(changes, minutes[run->count - 1] + duration);
    uint64_t left = run->places; /* that end after the stretch begins */

    for (; at <= last; at++) {
        const few_pair *said = ask->says[class_before(changes, at)];
        uint64_t touching = left;

        if (at < last) {
            uint32_t until = minute_at(changes, at);
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

/* What @person says of @places, some of run @number, into @says; and perhaps of others. */
static inline void look_on_run(const struct few_ask *ask, uint32_t number,
                               const struct few_person *person, uint64_t places,
                               few_pair says[static FEW_PAIRS])
{
    uint32_t first = ask->minutes[__builtin_ctzll(places)];
    uint32_t last = ask->minutes[AXIS_WORD - 1 - __builtin_clzll(places)];
    struct changes changes = changes_on(person, number);
    uint32_t at = count_before(&changes, first + 1);

    if (minute_at(&changes, at) >= last + (uint32_t)ask->request->duration) {
        /* One stretch for all of them, as it mostly is. */
        const few_pair *said = ask->says[class_before(&changes, at)];

        for (size_t i = 0; i < FEW_PAIRS; i++) {
            says[i] |= said[i] & places;
        }
        return;
    }
    at = count_before(&changes, ask->minutes[ask->runs[number].place] + 1U);
    look_at_each(ask, &ask->runs[number], &changes, at, says);
}

void few_look(const struct few_ask *ask, uint64_t asked, struct few_person *person)
{
    /* Of others nobody asks why they do not come. */
    bool explains = person->party->importance == MATCH_OPTIONAL;
    few_pair pairs[FEW_PAIRS] = {{0}};
    uint64_t says[2 * FEW_PAIRS];
    uint64_t looked = 0;

    asked &= explains ? asked : person->may;
    for (uint32_t i = 0; i < ask->run_count; i++) {
        uint64_t places = asked & ask->runs[i].places;

        if (places != 0) {
            look_on_run(ask, i, person, places, pairs);
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

/* Add the gaps of somebody with @windows, which say all. */
static void add_steps(const struct few_ask *ask, uint64_t attend,
                      const uint64_t *windows, uint64_t *unusable)
{
    uint32_t length = ask->steps;

    /* All starts, and no branch that depends on what somebody says. */
    for (size_t i = 0; i < ask->count; i++) {
        uint64_t window = windows[ask->run_of[i]] >> ask->step_of[i];
        uint64_t before = ~(window << (AXIS_WORD - length));
        uint64_t behind = ~(window >> 2 * length) | (uint64_t)1 << length;
        uint32_t back = (uint32_t)__builtin_clzll(before);
        uint32_t ahead = (uint32_t)__builtin_ctzll(behind);
        uint32_t steps = (back & (0 - (uint32_t)(back < length))) +
                         (ahead & (0 - (uint32_t)(ahead < length)));

        unusable[i] += RECORD_PLANE_CELL * (steps & (0 - (attend >> i & 1)));
    }
}

bool few_add_gaps(const struct few_ask *ask, uint64_t attend,
                  const struct few_person *person, uint64_t *unusable)
{
    int64_t duration = ask->request->duration;

    if (attend == 0) {
        return true;
    }
    if (person->is_exact) {
        add_steps(ask, attend, person->windows, unusable);
        return true;
    }
    for (; attend != 0; attend &= attend - 1) {
        size_t place = (size_t)__builtin_ctzll(attend);
        int64_t before = 0;
        int64_t behind = 0;

        if (!find_free(ask, place, person, &before, &behind)) {
            return false;
        }
        leave_claims(ask, place, person, &before, &behind);
        unusable[place] += unusable_of(before, behind, duration);
    }
    return true;
}
