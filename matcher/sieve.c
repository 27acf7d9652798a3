// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve.h"

#include "matcher/kernel_days.h"
#include "matcher/sieve_day.h"

#define INLINE static inline __attribute__((always_inline))

/* More rounds of the smallest ring than there are before 1970, and a power of two, so
 * that days can be divided without a sign. */
enum { LIFT = 1 << 14 };

/* The greatest power of two in RECORD_RING_DAYS. */
enum { LOWEST_POWER = RECORD_RING_DAYS & -RECORD_RING_DAYS };

static_assert(-(int64_t)LIFT * RECORD_RING_DAYS * MINUTES_PER_DAY < INT32_MIN,
              "all days");

static int32_t last_day_of(const struct match_record *record)
{
    return record->first_day + (int32_t)record->day_count - 1;
}

INLINE const struct match_record *record_of(const struct sieve_ask *ask, size_t i)
{
    return ask->parties ? ask->parties[i].person.record : ask->records[i];
}

/* Find the rings of the people up to number @until. */
INLINE void meet(struct sieve *sieve, size_t until)
{
    uint32_t any_ring = sieve->any_ring;
    uint32_t all_rings = sieve->all_rings;
    unsigned flags = sieve->planes ? RECORD_HAS_PLANE : 0;

    for (size_t i = sieve->ask.count; i < until; i++) {
        const struct match_record *record = record_of(sieve->asked, i);

        any_ring |= record->ring_days;
        all_rings &= record->ring_days;
        flags &= record->flags;
        sieve->people[i] = record;
        sieve->rings[i] = record_ring(record);
    }
    sieve->ask.count = until;
    sieve->any_ring = any_ring;
    sieve->all_rings = all_rings;
    sieve->planes = flags != 0;
}

/* Look which days those have who have been met. */
static void look_at_days(struct sieve *sieve)
{
    int32_t first_day = sieve->next_day;
    int32_t last_day = sieve->last_day;

    for (; sieve->known < sieve->ask.count; sieve->known++) {
        const struct match_record *record = sieve->people[sieve->known];
        int32_t last = last_day_of(record);

        first_day = record->first_day > first_day ? record->first_day : first_day;
        last_day = last < last_day ? last : last_day;
    }
    sieve->next_day = first_day;
    sieve->last_day = last_day;
}

/* Whether all rings of those who have been met are of one size. */
static inline bool rings_alike(const struct sieve *sieve)
{
    return sieve->any_ring == sieve->all_rings;
}

/* The days of the smallest ring: it has the lowest of the powers of two. */
static inline uint32_t least_ring(const struct sieve *sieve)
{
    return RECORD_RING_DAYS / LOWEST_POWER * (sieve->any_ring & -sieve->any_ring);
}

void sieve_begin(struct sieve *sieve, const struct sieve_ask *ask)
{
    uint32_t cells = ((uint32_t)ask->duration + RECORD_CELL - 1) / RECORD_CELL;
    uint32_t steps = (uint32_t)ask->duration / SIEVE_STEP;
    bool common = ask->needed == ask->count;

    sieve->asked = ask;
    sieve->kernel = kernel_current();
    sieve->first_day = sieve->next_day = minute_day(ask->first);
    sieve->last_day = minute_day(ask->last);
    sieve->end_day = sieve->last_day + 1;
    sieve->known = 0;
    sieve->any_ring = 0;
    sieve->all_rings = UINT32_MAX;
    sieve->planes = ask->most_days > 0 &&
                    (uint32_t)ask->duration == steps * SIEVE_STEP &&
                    steps <= KERNEL_STEPS_MAX;
    sieve->ask.rings = sieve->rings;
    sieve->ask.planes = sieve->cells;
    sieve->ask.count = 0;
    sieve->ask.cells = cells <= RECORD_AHEAD + 1 ? cells : RECORD_AHEAD + 1;
    sieve->ask.steps = steps;
    meet(sieve, common ? sieve_first_of(ask->count) : ask->count);
    if (common && sieve->last_day - sieve->next_day >= KERNEL_DAYS) {
        /* Otherwise it is soon enough when something is left. */
        look_at_days(sieve);
    }
}

/* Those whose records have the next day.  Returns the last day up to which these are the
 * same people. */
static int32_t choose_people(struct sieve *sieve)
{
    int32_t until = sieve->last_day;
    size_t count = 0;

    for (size_t i = 0; i < sieve->asked->count; i++) {
        const struct match_record *record = record_of(sieve->asked, i);
        int32_t first = record->first_day;
        int32_t last = last_day_of(record);

        if (sieve->next_day < first) {
            until = first - 1 < until ? first - 1 : until;
        } else if (sieve->next_day <= last) {
            until = last < until ? last : until;
            sieve->people[count] = record;
            sieve->rings[count] = record_ring(record);
            count++;
        }
    }
    sieve->ask.count = count;
    return until;
}

/* Ask for the whole smallest ring, beginning somewhere in it. */
static void choose_ring(struct sieve *sieve, uint32_t place, uint32_t days)
{
    uint32_t end = place + days;

    sieve->ask.first = 0;
    sieve->ask.blocks = KERNEL_BLOCKS;
    sieve->ask.origin = place;
    sieve->ask.days =
        end <= KERNEL_DAYS
            ? kernel_days_between(place, end)
            : kernel_days_either(kernel_days_between(0, end - KERNEL_DAYS),
                                 kernel_days_between(place, KERNEL_DAYS));
}

/* Where a day lies in a ring of @ring_days, if it has the number @round * RECORD_RING_DAYS
 * + @place. */
static size_t place_in(uint32_t ring_days, uint32_t round, uint32_t place)
{
    uint32_t rounds = ring_days / RECORD_RING_DAYS;
    return (size_t)(round & (rounds - 1)) * RECORD_RING_DAYS + place;
}

/* Ask for the blocks of @days days, none of which lies behind the end of a ring; @round
 * and @place are those of the first block's first day, @before which nothing is asked. */
static void choose_blocks(struct sieve *sieve, uint32_t round, uint32_t place,
                          uint32_t before, uint32_t days)
{
    if (rings_alike(sieve)) {
        sieve->ask.first = place_in(sieve->any_ring, round, place);
    } else {
        sieve->ask.first = 0;
        for (size_t i = 0; i < sieve->ask.count; i++) {
            const struct match_record *record = sieve->people[i];
            sieve->rings[i] =
                record_ring(record) + place_in(record->ring_days, round, place);
        }
    }
    sieve->ask.blocks = (before + days - 1) / KERNEL_BLOCK + 1;
    sieve->ask.origin = before;
    sieve->ask.days = kernel_days_between(before, before + days);
}

/* Ask for as many of the days up to @until as can be asked for at once. */
INLINE void choose_days(struct sieve *sieve, int32_t until)
{
    uint32_t lifted = (uint32_t)(sieve->next_day + LIFT * RECORD_RING_DAYS);
    uint32_t round = lifted / RECORD_RING_DAYS;
    uint32_t place = lifted % RECORD_RING_DAYS;
    uint32_t days = (uint32_t)(until - sieve->next_day) + 1;

    /* No larger ring has all bits of the least one. */
    if (sieve->any_ring == RECORD_RING_DAYS && days > KERNEL_DAYS / 2) {
        days = days < KERNEL_DAYS ? days : KERNEL_DAYS;
        choose_ring(sieve, place, days);
    } else {
        uint32_t ring_days = least_ring(sieve);
        uint32_t before = place % KERNEL_BLOCK;
        uint32_t left = ring_days - (uint32_t)place_in(ring_days, round, place);

        left = left < KERNEL_DAYS - before ? left : KERNEL_DAYS - before;
        days = days < left ? days : left;
        choose_blocks(sieve, round, place - before, before, days);
    }
    sieve->day = sieve->next_day;
    sieve->next_day += (int32_t)days;
}

/* What the planes say of @turns. */
static void ask_planes(struct sieve *sieve, struct kernel_days turns)
{
    const struct kernel_table *kernel = sieve->kernel;
    size_t needed = sieve->asked->needed;

    for (size_t i = 0; i < sieve->ask.count; i++) {
        const struct match_record *record = sieve->people[i];
        sieve->cells[i] = record_cells(record) +
                          (size_t)(sieve->day - record->first_day) * RECORD_PLANE_BYTES;
    }
    sieve->found = needed == sieve->ask.count
                       ? kernel->starts(&sieve->ask, turns, sieve->days)
                       : kernel->quorum(&sieve->ask, turns, needed, sieve->days);
}

static bool is_empty(struct kernel_days days)
{
    return (days.bits[0] | days.bits[1]) == 0;
}

/* What the rings leave of the days that were chosen, looked at as closely as it is
 * wanted. */
static void look_closely(struct sieve *sieve, struct kernel_days turns)
{
    if (is_empty(turns)) {
        sieve->found = 0;
    } else if (sieve->planes) {
        ask_planes(sieve, turns);
    } else if (kernel_days_count(turns) <= sieve->asked->most_days) {
        sieve_ask_changes(sieve, turns);
    } else {
        sieve_ask_rings(sieve, turns);
    }
}

/* The days that the rings of those who are asked leave, and in which cells if somebody
 * wants to know. */
static inline struct kernel_days prune(struct sieve *sieve)
{
    return sieve->kernel->prune(&sieve->ask, sieve->planes ? NULL : sieve->words);
}

/* Ask as many people again about @days, which the others leave.  Where their rings are
 * others, all are asked anew. */
static struct kernel_days prune_more(struct sieve *sieve, struct kernel_days days)
{
    uint32_t any_ring = sieve->any_ring;
    bool alike = rings_alike(sieve);
    size_t until = 2 * sieve->ask.count;

    meet(sieve, until < sieve->asked->count ? until : sieve->asked->count);
    if (sieve->any_ring == any_ring && alike) {
        sieve->ask.days = days;
    } else {
        sieve->next_day = sieve->day;
        choose_days(sieve, sieve->last_day);
    }
    return prune(sieve);
}

/* Of @days, which something is left on, those that everybody has, as turns from the first
 * of these on. */
static struct kernel_days leave_known(struct sieve *sieve, struct kernel_days days)
{
    int32_t end = sieve->next_day;

    sieve->next_day = sieve->day;
    look_at_days(sieve);
    int32_t from = sieve->next_day;
    sieve->next_day = end > from ? end : from;
    end = end <= sieve->last_day ? end : sieve->last_day + 1;
    if (from >= end) {
        return (struct kernel_days){{0, 0}};
    }
    sieve->ask.origin = kernel_place(&sieve->ask, (uint32_t)(from - sieve->day));
    sieve->day = from;
    return kernel_days_both(kernel_turns(&sieve->ask, days),
                            kernel_days_between(0, (uint32_t)(end - from)));
}

/* Look at the next days on which everybody may be free. */
static void look_for_all(struct sieve *sieve)
{
    choose_days(sieve, sieve->last_day);
    struct kernel_days days = prune(sieve);

    while (sieve->ask.count < sieve->asked->count && !is_empty(days)) {
        days = prune_more(sieve, days);
    }
    sieve->found = 0;
    if (!is_empty(days)) {
        look_closely(sieve, leave_known(sieve, days));
    }
}

/* Look at the next days on which enough people may be free. */
static void look_for_enough(struct sieve *sieve)
{
    size_t needed = sieve->asked->needed;
    struct kernel_days days = {{0, 0}};

    choose_days(sieve, choose_people(sieve));
    if (needed == sieve->ask.count) {
        days = prune(sieve);
    } else if (needed < sieve->ask.count) {
        days = sieve->kernel->quorum_prune(&sieve->ask, needed);
    }
    look_closely(sieve, kernel_turns(&sieve->ask, days));
}

void sieve_next(struct sieve *sieve)
{
    if (sieve->asked->needed == sieve->asked->count) {
        look_for_all(sieve);
    } else {
        look_for_enough(sieve);
    }
}
