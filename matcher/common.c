// SPDX-License-Identifier: Apache-2.0
#include "matcher/common.h"

#include "matcher/sieve.h"

/* Runs as they are written: their first and last starts, one after the other. */
struct runs {
    struct match_run *to;
    size_t capacity;
    size_t count; /* that have begun */
    bool open;    /* the last of them goes on */
    int64_t next; /* then: where it would go on */
    const struct kernel_table *kernel;
};

static void begin_run(struct runs *runs, int64_t first)
{
    if (runs->count < runs->capacity) {
        runs->to[runs->count].first = (minute_t)first;
    }
    runs->count++;
    runs->open = true;
}

static void end_run(struct runs *runs, int64_t behind)
{
    if (runs->count <= runs->capacity) {
        runs->to[runs->count - 1].last = (minute_t)(behind - MATCH_COMMON_STEP);
    }
    runs->open = false;
}

static_assert(sizeof(struct match_run) == 2 * sizeof(minute_t),
              "first, last, first ...");
static_assert((int)MATCH_COMMON_STEP == (int)KERNEL_STEP, "as the kernels count");

static void add_day(struct runs *runs, int32_t day, const struct kernel_day *found)
{
    int64_t at = (int64_t)day * MINUTES_PER_DAY;
    minute_t changes[KERNEL_CHANGES];

    if (runs->open && runs->next != at) {
        end_run(runs, runs->next);
    }
    runs->next = at + MINUTES_PER_DAY;

    size_t from = 2 * runs->count - runs->open;
    if (from + KERNEL_CHANGES <= 2 * runs->capacity) {
        /* What begins and what ends take turns, as they do in memory. */
        minute_t *to = (minute_t *)(void *)runs->to + from;
        from += runs->kernel->changes(found->starts, runs->open, (minute_t)at, to);
        runs->count = (from + 1) / 2;
        runs->open = from % 2 == 1;
        return;
    }
    size_t count =
        runs->kernel->changes(found->starts, runs->open, (minute_t)at, changes);
    for (size_t i = 0; i < count; i++) {
        if (runs->open) {
            end_run(runs, (int64_t)changes[i] + MATCH_COMMON_STEP);
        } else {
            begin_run(runs, changes[i]);
        }
    }
}

/* Leave only the starts of the @steps from @from on. */
static void cut_day(struct kernel_day *found, int64_t from, int64_t until)
{
    for (int64_t i = 0; i < KERNEL_WORDS; i++) {
        int64_t low = from - 64 * i;
        int64_t high = until - 64 * i;
        uint64_t bits = UINT64_MAX;

        if (low > 0) {
            bits = low < 64 ? bits << low : 0;
        }
        if (high < 64) {
            bits = high > 0 ? bits & UINT64_MAX >> (64 - high) : 0;
        }
        found->starts[i] &= bits;
    }
}

static int32_t day_of(int64_t minute)
{
    /* More days than there are before 1970, so that it is divided without a sign. */
    const int64_t lift = 1 << 21;
    return (int32_t)((uint64_t)(minute + lift * MINUTES_PER_DAY) / MINUTES_PER_DAY) -
           (int32_t)lift;
}

/* Ask for all starts in [first, last]. */
static void list_starts(struct sieve *sieve, int64_t first, int64_t last,
                        struct runs *runs)
{
    int32_t first_day = day_of(first);
    int32_t last_day = day_of(last);

    while (sieve_next(sieve)) {
        for (size_t i = 0; i < sieve->found; i++) {
            struct kernel_day *found = &sieve->days[i];
            int32_t day = sieve->day + (int32_t)found->turn;

            if (day == first_day || day == last_day) {
                int64_t midnight = (int64_t)day * MINUTES_PER_DAY;
                cut_day(found, (first - midnight + SIEVE_STEP - 1) / SIEVE_STEP,
                        (last - midnight) / SIEVE_STEP + 1);
            }
            add_day(runs, day, found);
        }
    }
    if (runs->open) {
        end_run(runs, runs->next);
    }
}

size_t match_quorum_starts(const struct match_record *const *records, size_t count,
                           size_t needed, int32_t duration,
                           const struct match_span *within, struct match_run *ret_runs,
                           size_t capacity)
{
    int64_t last = (int64_t)within->end - duration;
    struct runs runs = {
        .to = ret_runs, .capacity = capacity, .kernel = kernel_current()};
    struct sieve sieve;

    if (count == 0 || count > MATCH_PARTIES_MAX || needed == 0 || needed > count ||
        duration < 1 || duration > MATCH_DURATION_MAX || last < within->start) {
        return 0;
    }
    struct sieve_ask ask = {.records = records,
                            .count = count,
                            .needed = needed,
                            .duration = duration,
                            .first_day = day_of(within->start),
                            .last_day = day_of(last)};
    sieve_begin(&sieve, &ask);
    list_starts(&sieve, within->start, last, &runs);
    return runs.count;
}

size_t match_common_starts(const struct match_record *const *records, size_t count,
                           int32_t duration, const struct match_span *within,
                           struct match_run *ret_runs, size_t capacity)
{
    return match_quorum_starts(records, count, count, duration, within, ret_runs,
                               capacity);
}
