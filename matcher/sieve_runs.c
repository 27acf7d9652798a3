// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve_runs.h"

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
        runs->to[runs->count - 1].last = (minute_t)(behind - SIEVE_STEP);
    }
    runs->open = false;
}

static_assert(sizeof(struct match_run) == 2 * sizeof(minute_t),
              "first, last, first ...");
static_assert((int)SIEVE_STEP == (int)KERNEL_STEP &&
                  (int)MATCH_COMMON_STEP == (int)SIEVE_STEP,
              "as the kernels count");

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
            end_run(runs, (int64_t)changes[i] + SIEVE_STEP);
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

static void list_starts(struct sieve *sieve, int64_t first, int64_t last,
                        struct runs *runs)
{
    int32_t first_day = sieve->asked->first_day;
    int32_t last_day = sieve->asked->last_day;

    while (sieve_has_more(sieve)) {
        sieve_next(sieve);
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

size_t sieve_runs(const struct sieve_runs_ask *ask, struct match_run *ret_runs,
                  size_t capacity)
{
    struct runs runs = {.to = ret_runs, .capacity = capacity};
    struct sieve_ask days = {.records = ask->records,
                             .count = ask->count,
                             .needed = ask->needed,
                             .duration = ask->duration,
                             .first_day = day_of(ask->first),
                             .last_day = day_of(ask->last),
                             .most_days = ask->most_days};
    struct sieve sieve;

    if (ask->first > ask->last) {
        return 0;
    }
    sieve_begin(&sieve, &days);
    runs.kernel = sieve.kernel;
    list_starts(&sieve, ask->first, ask->last, &runs);
    return runs.count;
}
