// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve.h"

#include "matcher/kernel_days.h"
#include "matcher/sieve_day.h"

/* More rounds of the smallest ring than there are before 1970, and a power of two, so
 * that days can be divided without a sign. */
enum { LIFT = 1 << 14 };

static_assert(-(int64_t)LIFT * RECORD_RING_DAYS * MINUTES_PER_DAY < INT32_MIN,
              "all days");

void sieve_begin(struct sieve *sieve, const struct match_record *const *records,
                 size_t count, size_t needed, int32_t duration)
{
    uint32_t cells = ((uint32_t)duration + RECORD_CELL - 1) / RECORD_CELL;
    uint32_t steps = (uint32_t)duration / SIEVE_STEP;
    bool small = true;
    bool planes = duration % SIEVE_STEP == 0 && steps <= KERNEL_STEPS_MAX;

    for (size_t i = 0; i < count; i++) {
        small = small && records[i]->ring_days == RECORD_RING_DAYS;
        planes = planes && records[i]->flags & RECORD_HAS_PLANE;
    }
    sieve->records = records;
    sieve->count = count;
    sieve->needed = needed;
    sieve->duration = duration;
    sieve->small_rings = small;
    sieve->planes = planes;
    sieve->ask.rings = sieve->rings;
    sieve->ask.planes = sieve->cells;
    sieve->ask.cells = cells <= RECORD_AHEAD + 1 ? cells : RECORD_AHEAD + 1;
    sieve->ask.steps = steps;
}

static int32_t last_day_of(const struct match_record *record)
{
    return record->first_day + (int32_t)record->day_count - 1;
}

void sieve_over(struct sieve *sieve, int32_t first_day, int32_t last_day)
{
    if (sieve->needed == sieve->count) {
        for (size_t i = 0; i < sieve->count; i++) {
            int32_t first = sieve->records[i]->first_day;
            int32_t last = last_day_of(sieve->records[i]);

            first_day = first > first_day ? first : first_day;
            last_day = last < last_day ? last : last_day;
        }
    }
    sieve->next_day = first_day;
    sieve->last_day = last_day;
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
            sieve->people[count] = record;
            count++;
        }
    }
    sieve->ask.count = count;
    return until;
}

/* As many of the days up to @until as one question can hold, and where they lie. */
static void choose_days(struct sieve *sieve, int32_t until)
{
    uint32_t lifted = (uint32_t)(sieve->next_day + LIFT * RECORD_RING_DAYS);
    uint32_t round = lifted / RECORD_RING_DAYS;
    uint32_t place = lifted % RECORD_RING_DAYS;
    uint32_t days = (uint32_t)(until - sieve->next_day) + 1;
    uint32_t base = 0;

    sieve->ask.blocks = KERNEL_BLOCKS;
    if (sieve->small_rings && days > KERNEL_DAYS / 2) {
        /* The whole ring, from somewhere around. */
        days = days < KERNEL_DAYS ? days : KERNEL_DAYS;
    } else {
        days = days < KERNEL_DAYS - place ? days : KERNEL_DAYS - place;
        base = place / KERNEL_BLOCK * KERNEL_BLOCK;
        sieve->ask.blocks =
            (place + days - 1) / KERNEL_BLOCK - place / KERNEL_BLOCK + 1;
    }
    sieve->ask.origin = place - base;

    struct kernel_days all = {{UINT64_MAX, UINT64_MAX}};
    sieve->ask.days = kernel_places(&sieve->ask, kernel_days_down(all, 128 - days));
    for (size_t i = 0; i < sieve->ask.count; i++) {
        const struct match_record *record = sieve->people[i];
        size_t rounds = record->ring_days / RECORD_RING_DAYS;

        sieve->rings[i] =
            record_ring(record) + (round & (rounds - 1)) * RECORD_RING_DAYS + base;
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
    struct kernel_days days = {{0, 0}};

    if (sieve->next_day > sieve->last_day) {
        return false;
    }
    choose_days(sieve, choose_people(sieve));
    if (sieve->needed == sieve->ask.count) {
        days = kernel->prune(&sieve->ask, sieve->words);
    } else if (sieve->needed < sieve->ask.count) {
        days = kernel->quorum_prune(&sieve->ask, sieve->needed);
    }
    sieve->found = 0;
    if (!(days.bits[0] | days.bits[1])) {
        return true;
    }
    if (sieve->planes) {
        ask_planes(sieve, kernel, days);
    } else {
        sieve_ask_changes(sieve, days);
    }
    return true;
}
