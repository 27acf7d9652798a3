// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve.h"

#include "matcher/kernel_days.h"
#include "matcher/sieve_day.h"

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

/* The days that everybody has, and what is true of all records. */
static void look_at_all(struct sieve *sieve, const struct sieve_ask *ask)
{
    const struct match_record *const *records = ask->records;
    int32_t first_day = ask->first_day;
    int32_t end_day = ask->last_day + 1;
    unsigned any_ring = 0;
    unsigned all_rings = UINT32_MAX;
    unsigned flags = RECORD_HAS_PLANE;

    for (size_t i = 0; i < ask->count; i++) {
        const struct match_record *record = records[i];
        int32_t end = record->first_day + (int32_t)record->day_count;

        first_day = record->first_day > first_day ? record->first_day : first_day;
        end_day = end < end_day ? end : end_day;
        any_ring |= record->ring_days;
        all_rings &= record->ring_days;
        flags &= record->flags;
        sieve->rings[i] = record_ring(record);
    }
    /* The smallest one has the lowest of the powers of two. */
    sieve->ring_days = RECORD_RING_DAYS / LOWEST_POWER * (any_ring & -any_ring);
    sieve->rings_alike = any_ring == all_rings;
    sieve->planes = flags != 0;
    sieve->next_day = ask->needed == ask->count ? first_day : ask->first_day;
    sieve->last_day = ask->needed == ask->count ? end_day - 1 : ask->last_day;
}

void sieve_begin(struct sieve *sieve, const struct sieve_ask *ask)
{
    uint32_t cells = ((uint32_t)ask->duration + RECORD_CELL - 1) / RECORD_CELL;
    uint32_t steps = (uint32_t)ask->duration / SIEVE_STEP;

    look_at_all(sieve, ask);
    sieve->asked = ask;
    sieve->kernel = kernel_current();
    sieve->people = ask->records;
    sieve->planes = sieve->planes && (uint32_t)ask->duration == steps * SIEVE_STEP &&
                    steps <= KERNEL_STEPS_MAX;
    sieve->ask.rings = sieve->rings;
    sieve->ask.planes = sieve->cells;
    sieve->ask.count = ask->count;
    sieve->ask.cells = cells <= RECORD_AHEAD + 1 ? cells : RECORD_AHEAD + 1;
    sieve->ask.steps = steps;
}

/* Those whose records have the next day.  Returns the last day up to which these are the
 * same people. */
static int32_t choose_people(struct sieve *sieve)
{
    int32_t until = sieve->last_day;
    size_t count = 0;

    for (size_t i = 0; i < sieve->asked->count; i++) {
        const struct match_record *record = sieve->asked->records[i];
        int32_t first = record->first_day;
        int32_t last = last_day_of(record);

        if (sieve->next_day < first) {
            until = first - 1 < until ? first - 1 : until;
        } else if (sieve->next_day <= last) {
            until = last < until ? last : until;
            sieve->some[count] = record;
            sieve->rings[count] = record_ring(record);
            count++;
        }
    }
    sieve->people = sieve->some;
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
    if (sieve->rings_alike) {
        sieve->ask.first = place_in(sieve->ring_days, round, place);
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
static void choose_days(struct sieve *sieve, int32_t until)
{
    uint32_t lifted = (uint32_t)(sieve->next_day + LIFT * RECORD_RING_DAYS);
    uint32_t round = lifted / RECORD_RING_DAYS;
    uint32_t place = lifted % RECORD_RING_DAYS;
    uint32_t days = (uint32_t)(until - sieve->next_day) + 1;

    if (sieve->rings_alike && sieve->ring_days == RECORD_RING_DAYS &&
        days > KERNEL_DAYS / 2) {
        days = days < KERNEL_DAYS ? days : KERNEL_DAYS;
        choose_ring(sieve, place, days);
    } else {
        uint32_t before = place % KERNEL_BLOCK;
        uint32_t left =
            sieve->ring_days - (uint32_t)place_in(sieve->ring_days, round, place);

        left = left < KERNEL_DAYS - before ? left : KERNEL_DAYS - before;
        days = days < left ? days : left;
        choose_blocks(sieve, round, place - before, before, days);
    }
    sieve->day = sieve->next_day;
    sieve->next_day += (int32_t)days;
}

/* What the planes say of @days, by place. */
static void ask_planes(struct sieve *sieve, struct kernel_days days)
{
    const struct kernel_table *kernel = sieve->kernel;
    size_t needed = sieve->asked->needed;

    for (size_t i = 0; i < sieve->ask.count; i++) {
        const struct match_record *record = sieve->people[i];
        sieve->cells[i] = record_cells(record) +
                          (size_t)(sieve->day - record->first_day) * RECORD_PLANE_BYTES;
    }
    sieve->found = needed == sieve->ask.count
                       ? kernel->starts(&sieve->ask, days, sieve->days)
                       : kernel->quorum(&sieve->ask, days, needed, sieve->days);
}

/* What the rings leave of the days that were chosen, looked at as closely as it is
 * wanted. */
static void look_closely(struct sieve *sieve, struct kernel_days days)
{
    if (sieve->planes && sieve->asked->most_days > 0) {
        ask_planes(sieve, days);
    } else if (kernel_days_count(days) <= sieve->asked->most_days) {
        sieve_ask_changes(sieve, days);
    } else {
        sieve_ask_rings(sieve, days);
    }
}

void sieve_next(struct sieve *sieve)
{
    const struct kernel_table *kernel = sieve->kernel;
    size_t needed = sieve->asked->needed;
    struct kernel_days days = {{0, 0}};

    if (needed == sieve->asked->count) {
        choose_days(sieve, sieve->last_day);
    } else {
        choose_days(sieve, choose_people(sieve));
    }
    if (needed == sieve->ask.count) {
        days = kernel->prune(&sieve->ask, sieve->words);
    } else if (needed < sieve->ask.count) {
        days = kernel->quorum_prune(&sieve->ask, needed);
    }
    sieve->found = 0;
    if (days.bits[0] != 0 || days.bits[1] != 0) {
        look_closely(sieve, days);
    }
}
