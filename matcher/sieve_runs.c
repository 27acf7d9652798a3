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

/* Add the runs of @count days, of which turn 0 begins at @at; they have room. */
static void add_days(struct runs *runs, int64_t at, const struct kernel_day *days,
                     size_t count)
{
    /* What begins and what ends take turns, as they do in memory. */
    minute_t *to = (minute_t *)(void *)runs->to;
    size_t from = 2 * runs->count - runs->open;

    from += runs->kernel->changes(days, count, runs->open, (minute_t)at, to + from);
    runs->count = (from + 1) / 2;
    runs->open = from % 2 == 1;
}

/* Add the runs of a day for which there may not be enough room. */
static void add_day(struct runs *runs, int64_t at, const struct kernel_day *day)
{
    minute_t changes[KERNEL_CHANGES];
    size_t count = runs->kernel->changes(day, 1, runs->open, (minute_t)at, changes);

    for (size_t i = 0; i < count; i++) {
        if (runs->open) {
            end_run(runs, (int64_t)changes[i] + SIEVE_STEP);
        } else {
            begin_run(runs, changes[i]);
        }
    }
}

/* Add the runs of all days that were found. */
static void add_found(struct runs *runs, const struct sieve *sieve)
{
    int64_t at = (int64_t)sieve->day * MINUTES_PER_DAY;

    for (size_t i = 0; i < sieve->found;) {
        const struct kernel_day *days = &sieve->days[i];
        size_t used = 2 * runs->count;
        size_t room = runs->count < runs->capacity
                          ? (2 * runs->capacity - used) / KERNEL_CHANGES
                          : 0;
        size_t count = sieve->found - i < room ? sieve->found - i : room;

        if (runs->open && runs->next != at + (int64_t)days->turn * MINUTES_PER_DAY) {
            end_run(runs, runs->next);
        }
        if (count > 0) {
            add_days(runs, at, days, count);
        } else {
            count = 1;
            add_day(runs, at, days);
        }
        i += count;
        runs->next = at + (int64_t)(sieve->days[i - 1].turn + 1) * MINUTES_PER_DAY;
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

/* Leave of what was found the starts that were asked for. */
static void cut_found(struct sieve *sieve)
{
    struct kernel_day *head = &sieve->days[0];
    struct kernel_day *tail = &sieve->days[sieve->found - 1];
    int32_t head_day = sieve->day + (int32_t)head->turn;
    int32_t tail_day = sieve->day + (int32_t)tail->turn;

    if (head_day == sieve->first_day) {
        int64_t first = sieve->asked->first - (int64_t)head_day * MINUTES_PER_DAY;
        cut_day(head, (first + SIEVE_STEP - 1) / SIEVE_STEP, KERNEL_STEPS);
    }
    if (tail_day + 1 == sieve->end_day) {
        int64_t last = sieve->asked->last - (int64_t)tail_day * MINUTES_PER_DAY;
        cut_day(tail, 0, last / SIEVE_STEP + 1);
    }
}

size_t sieve_runs(const struct sieve_ask *ask, struct match_run *ret_runs,
                  size_t capacity)
{
    struct runs runs = {.to = ret_runs, .capacity = capacity};
    struct sieve sieve;

    if (ask->first > ask->last) {
        return 0;
    }
    sieve_begin(&sieve, ask);
    runs.kernel = sieve.kernel;
    while (sieve_has_more(&sieve)) {
        sieve_next(&sieve);
        if (sieve.found > 0) {
            cut_found(&sieve);
            add_found(&runs, &sieve);
        }
    }
    if (runs.open) {
        end_run(&runs, runs.next);
    }
    return runs.count;
}
