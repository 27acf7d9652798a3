// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve.h"

#include "matcher/kernel_days.h"
#include "matcher/sieve_day.h"

/* More rounds of the smallest ring than there are before 1970, and a power of two, so
 * that days can be divided without a sign. */
enum { LIFT = 1 << 14 };

static_assert(-(int64_t)LIFT * RECORD_RING_DAYS * MINUTES_PER_DAY < INT32_MIN,
              "all days");

static int32_t last_day_of(const struct match_record *record)
{
    return record->first_day + (int32_t)record->day_count - 1;
}

/* The days that everybody has, and what is true of all records. */
static void look_at_all(struct sieve *sieve, const struct sieve_ask *ask)
{
    int32_t first_day = ask->first_day;
    int32_t last_day = ask->last_day;
    unsigned larger = 0;
    unsigned flags = RECORD_HAS_PLANE;

    for (size_t i = 0; i < ask->count; i++) {
        const struct match_record *record = ask->records[i];
        int32_t last = last_day_of(record);

        first_day = record->first_day > first_day ? record->first_day : first_day;
        last_day = last < last_day ? last : last_day;
        larger |= record->ring_days ^ (unsigned)RECORD_RING_DAYS;
        flags &= record->flags;
        sieve->rings[i] = record_ring(record);
    }
    sieve->small_rings = larger == 0;
    sieve->planes = flags != 0;
    sieve->next_day = ask->needed == ask->count ? first_day : ask->first_day;
    sieve->last_day = ask->needed == ask->count ? last_day : ask->last_day;
}

void sieve_begin(struct sieve *sieve, const struct sieve_ask *ask)
{
    uint32_t cells = ((uint32_t)ask->duration + RECORD_CELL - 1) / RECORD_CELL;
    uint32_t steps = (uint32_t)ask->duration / SIEVE_STEP;

    look_at_all(sieve, ask);
    sieve->records = ask->records;
    sieve->people = ask->records;
    sieve->count = ask->count;
    sieve->needed = ask->needed;
    sieve->most_days = ask->most_days;
    sieve->duration = ask->duration;
    sieve->planes =
        sieve->planes && ask->duration % SIEVE_STEP == 0 && steps <= KERNEL_STEPS_MAX;
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

    for (size_t i = 0; i < sieve->count; i++) {
        const struct match_record *record = sieve->records[i];
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
    sieve->ask.blocks = KERNEL_BLOCKS;
    sieve->ask.origin = place;
    sieve->ask.days = kernel_places(&sieve->ask, kernel_days_below(days));
}

/* Ask for the blocks of the days, none of which lies behind the end of a ring. */
static void choose_blocks(struct sieve *sieve, uint32_t round, uint32_t place,
                          uint32_t days)
{
    uint32_t base = place / KERNEL_BLOCK * KERNEL_BLOCK;

    for (size_t i = 0; i < sieve->ask.count; i++) {
        const struct match_record *record = sieve->people[i];
        size_t rounds = record->ring_days / RECORD_RING_DAYS;

        sieve->rings[i] =
            record_ring(record) + (round & (rounds - 1)) * RECORD_RING_DAYS + base;
    }
    sieve->ask.blocks = (place + days - 1 - base) / KERNEL_BLOCK + 1;
    sieve->ask.origin = place - base;
    sieve->ask.days = kernel_days_up(kernel_days_below(days), place - base);
}

/* Ask for as many of the days up to @until as can be asked for at once. */
static void choose_days(struct sieve *sieve, int32_t until)
{
    uint32_t lifted = (uint32_t)(sieve->next_day + LIFT * RECORD_RING_DAYS);
    uint32_t place = lifted % RECORD_RING_DAYS;
    uint32_t days = (uint32_t)(until - sieve->next_day) + 1;

    if (sieve->small_rings && days > KERNEL_DAYS / 2) {
        days = days < KERNEL_DAYS ? days : KERNEL_DAYS;
        choose_ring(sieve, place, days);
    } else {
        days = days < KERNEL_DAYS - place ? days : KERNEL_DAYS - place;
        choose_blocks(sieve, lifted / RECORD_RING_DAYS, place, days);
    }
    sieve->day = sieve->next_day;
    sieve->next_day += (int32_t)days;
}

/* What the planes say of @days, by place. */
static void ask_planes(struct sieve *sieve, const struct kernel_table *kernel,
                       struct kernel_days days)
{
    for (size_t i = 0; i < sieve->ask.count; i++) {
        const struct match_record *record = sieve->people[i];
        sieve->cells[i] = record_cells(record) +
                          (size_t)(sieve->day - record->first_day) * RECORD_PLANE_BYTES;
    }
    sieve->found = sieve->needed == sieve->ask.count
                       ? kernel->starts(&sieve->ask, days, sieve->days)
                       : kernel->quorum(&sieve->ask, days, sieve->needed, sieve->days);
}

bool sieve_next(struct sieve *sieve)
{
    const struct kernel_table *kernel = kernel_current();
    bool everybody = sieve->needed == sieve->count;
    struct kernel_days days = {{0, 0}};

    if (sieve->next_day > sieve->last_day) {
        return false;
    }
    choose_days(sieve, everybody ? sieve->last_day : choose_people(sieve));
    if (sieve->needed == sieve->ask.count) {
        days = kernel->prune(&sieve->ask, sieve->words);
    } else if (sieve->needed < sieve->ask.count) {
        days = kernel->quorum_prune(&sieve->ask, sieve->needed);
    }
    sieve->found = 0;
    if (!(days.bits[0] | days.bits[1])) {
        return true;
    }
    if (sieve->planes && sieve->most_days > 0) {
        ask_planes(sieve, kernel, days);
    } else if (kernel_days_count(days) <= sieve->most_days) {
        sieve_ask_changes(sieve, days);
    } else {
        sieve_ask_rings(sieve, days);
    }
    return true;
}
