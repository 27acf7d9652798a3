// SPDX-License-Identifier: Apache-2.0

/*
 * Common starts and quorums: by example, and against a count minute by minute of what the
 * sources say, with every kernel and every shape of record.  RANDOM_SEED in the environment
 * repeats a run.
 */
#include "matcher/common.h"
#include "matcher/kernel.h"

#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROUNDS = 250,
    PEOPLE = 12,
    SOURCES = 2,
    RANGES = 64,
    DAYS = 230, /* more than the smallest ring holds twice */
    SPAN = DAYS * MINUTES_PER_DAY,
    RUNS = SPAN / MATCH_COMMON_STEP,
};

/* SplitMix64. */
static uint64_t state;

static uint32_t below(uint32_t bound)
{
    uint64_t z = state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (uint32_t)((((z ^ (z >> 31)) >> 32) * bound) >> 32);
}

static void begin_random(void)
{
    const char *seed = getenv("RANDOM_SEED");
    state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)state);
}

/* NULL if they say more than a record holds. */
static struct match_record *record_of(const struct match_source *sources, size_t count,
                                      unsigned shape)
{
    size_t bound = record_bound(sources, count, shape);
    size_t room = record_workspace_size(sources, count);
    size_t aligned = (bound + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
    void *workspace = malloc(room + 1);
    void *scratch = aligned_alloc(RECORD_ALIGN, aligned);

    assert_non_null(workspace);
    assert_non_null(scratch);
    enum match_status status =
        record_build(sources, count, shape, workspace, room, scratch, bound);
    if (status == MATCH_NO_ROOM) { /* more than 32 different ranges over a minute */
        free(scratch);
        free(workspace);
        return NULL;
    }
    assert_int_equal(status, MATCH_OK);
    /* Not a byte more than it says, so that a sanitizer sees who reads beyond. */
    size_t size = record_size(scratch);
    struct match_record *record = aligned_alloc(RECORD_ALIGN, size);
    assert_non_null(record);
    memcpy(record, scratch, size);
    free(scratch);
    free(workspace);
    return record;
}

static bool is_known(const struct match_source *sources, size_t count, minute_t at)
{
    bool known = count > 0;

    for (size_t i = 0; i < count; i++) {
        known =
            known && at >= sources[i].coverage.start && at < sources[i].coverage.end;
    }
    return known;
}

static void paint_range(const struct match_range *range, minute_t from, bool value,
                        bool *minutes)
{
    for (int64_t at = range->start; at < range->end; at++) {
        if (at >= from && at < from + SPAN) {
            minutes[at - from] = value;
        }
    }
}

static void paint_kind(const struct match_source *source, bool open, minute_t from,
                       bool *minutes)
{
    for (size_t i = 0; i < source->range_count; i++) {
        if ((source->ranges[i].kind == MATCH_FREE) == open) {
            paint_range(&source->ranges[i], from, open, minutes);
        }
    }
}

/* What somebody's sources say, minute by minute from @from on. */
static void paint(const struct match_source *sources, size_t count, minute_t from,
                  bool *free_at)
{
    memset(free_at, 0, SPAN);
    for (size_t i = 0; i < count; i++) {
        paint_kind(&sources[i], true, from, free_at);
    }
    for (size_t i = 0; i < count; i++) {
        paint_kind(&sources[i], false, from, free_at);
    }
    for (int32_t i = 0; i < SPAN; i++) {
        free_at[i] = free_at[i] && is_known(sources, count, from + i);
    }
}

/* Somebody with up to two agendas. */
struct somebody {
    struct match_source sources[SOURCES];
    struct match_range ranges[SOURCES][RANGES];
    size_t source_count;
};

static int compare_ranges(const void *a, const void *b)
{
    const struct match_range *x = a;
    const struct match_range *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->end < y->end ? -1 : x->end > y->end;
}

static void draw_somebody(struct somebody *one, minute_t from, uint32_t days)
{
    static const int32_t lengths[] = {1, 30, 90, 600, 1440, 20000};

    one->source_count = 1 + (below(5) == 0);
    for (size_t k = 0; k < one->source_count; k++) {
        size_t count = below(RANGES);
        for (size_t j = 0; j < count; j++) {
            minute_t start = from + (minute_t)below(days * MINUTES_PER_DAY);
            int32_t length = 1 + (int32_t)below((uint32_t)lengths[below(6)]);
            bool round = below(3) > 0;
            bool open = below(4) > 0;
            one->ranges[k][j] = (struct match_range){
                .start = round ? start - start % MATCH_COMMON_STEP : start,
                .end = (round ? start - start % MATCH_COMMON_STEP : start) + length,
                .kind = (uint8_t)(open ? MATCH_FREE : MATCH_BUSY + below(2)),
                .certainty = (uint8_t)(1 + below(3)),
                .preference = (uint8_t)below(3),
                .modalities = (uint8_t)below(3),
                .purposes = below(3),
                .place = (uint16_t)below(3),
            };
        }
        qsort(one->ranges[k], count, sizeof(one->ranges[k][0]), compare_ranges);
        one->sources[k] = (struct match_source){
            .coverage = {from - (minute_t)below(3000),
                         from + (minute_t)(days * MINUTES_PER_DAY) -
                             (minute_t)below(3000)},
            .ranges = one->ranges[k],
            .range_count = count,
        };
    }
}

/* The runs of starts within [first, last] from which @needed people are free throughout,
 * as said by @free_at, one person behind the other. */
static size_t count_runs(const bool *free_at, size_t count, size_t needed,
                         int32_t duration, minute_t from,
                         const struct match_span *within, struct match_run *runs)
{
    static uint8_t able[SPAN];
    size_t found = 0;
    bool open = false;

    memset(able, 0, sizeof(able));
    for (size_t i = 0; i < count; i++) {
        int32_t row = 0;
        for (int32_t at = SPAN - 1; at >= 0; at--) {
            row = free_at[i * SPAN + (size_t)at] ? row + 1 : 0;
            able[at] = (uint8_t)(able[at] + (row >= duration));
        }
    }
    for (int32_t i = 0; i < SPAN; i++) {
        int64_t at = (int64_t)from + i;
        if (at % MATCH_COMMON_STEP != 0) {
            continue;
        }
        bool here =
            able[i] >= needed && at >= within->start && at + duration <= within->end;
        if (here && !open) {
            runs[found].first = (minute_t)at;
            found++;
        }
        if (here) {
            runs[found - 1].last = (minute_t)at;
        }
        open = here;
    }
    return found;
}

static struct match_run want[RUNS];
static struct match_run got[RUNS + 1];

static void ask_for_runs(const struct match_record *const *records, size_t count,
                         size_t needed, int32_t duration,
                         const struct match_span *within, size_t wanted,
                         size_t capacity)
{
    memset(got, 0x5a, (wanted + 1) * sizeof(got[0]));
    size_t found =
        match_quorum_starts(records, count, needed, duration, within, got, capacity);

    assert_int_equal(found, wanted);
    for (size_t i = 0; i < capacity && i < wanted; i++) {
        assert_int_equal(got[i].first, want[i].first);
        assert_int_equal(got[i].last, want[i].last);
    }
}

static void compare_runs(const struct match_record *const *records, size_t count,
                         size_t needed, int32_t duration,
                         const struct match_span *within, size_t wanted)
{
    const struct match_record *crowd[MATCH_PARTIES_MAX];

    /* The same people again and again; the last of them comes late. */
    for (size_t i = 0; i < MATCH_PARTIES_MAX; i++) {
        bool early = i < MATCH_PARTIES_MAX / 2 && count > 1;
        size_t of = early ? count - 1 : count;
        crowd[i] = records[of > 0 ? i % of : 0];
    }
    for (int kernel = MATCH_KERNEL_SCALAR; kernel <= MATCH_KERNEL_NEON; kernel++) {
        if (!match_kernel_force((enum match_kernel)kernel)) {
            continue;
        }
        /* All, and one less than all: what is behind the last one stays as it is. */
        for (size_t capacity = wanted; capacity + 1 >= wanted && capacity <= wanted;
             capacity--) {
            ask_for_runs(records, count, needed, duration, within, wanted, capacity);
            assert_int_equal(got[capacity].first, 0x5a5a5a5a);
        }
        ask_for_runs(records, count, needed, duration, within, wanted, RUNS);
        if (needed == count) {
            ask_for_runs(crowd, MATCH_PARTIES_MAX, MATCH_PARTIES_MAX, duration, within,
                         wanted, RUNS);
        }
    }
    assert_true(match_kernel_force(MATCH_KERNEL_AUTO));
}

static void test_runs_are_those_that_minutes_say(void **unused)
{
    static const int32_t durations[] = {1,   7,   10,   30,   60,  160,
                                        255, 500, 1125, 1130, 1440};
    static struct somebody people[PEOPLE];
    bool *free_at = calloc((size_t)PEOPLE * SPAN, sizeof(bool));
    (void)unused;

    assert_non_null(free_at);
    begin_random();
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct match_record *records[PEOPLE] = {0};
        size_t count = 1 + below(below(3) == 0 ? PEOPLE : 4);
        size_t needed = below(2) == 0 ? count : 1 + below((uint32_t)count);
        uint32_t days = below(3) == 0 ? DAYS - 10 : 3 + below(100);
        minute_t from = ((minute_t)below(40000) - 20000) * MINUTES_PER_DAY;
        int32_t duration = durations[below(11)];
        unsigned same = below(3) == 0 ? below(4) : 4;

        for (size_t i = 0; i < count; i++) {
            uint32_t late = below(3) * below(10);
            do {
                draw_somebody(&people[i], from + (minute_t)(late + 3) * MINUTES_PER_DAY,
                              days > late + 1 ? days - late : 1);
                records[i] = record_of(people[i].sources, people[i].source_count,
                                       same < 4 ? same : below(4));
            } while (!records[i]);
            paint(people[i].sources, people[i].source_count, from, free_at + i * SPAN);
        }
        struct match_span within = {from, from + SPAN};
        if (below(2) == 0) {
            within.start += (minute_t)below(days * MINUTES_PER_DAY / 2);
            within.end = within.start + (minute_t)below(days * MINUTES_PER_DAY);
        }
        size_t wanted =
            count_runs(free_at, count, needed, duration, from, &within, want);
        compare_runs((const struct match_record *const *)records, count, needed,
                     duration, &within, wanted);
        for (size_t i = 0; i < count; i++) {
            free(records[i]);
        }
    }
    free(free_at);
}

/*     anna    ####..####            9:00 - 10:00, 10:30 - 11:30
 *     ben     ..########            9:30 - 11:30
 *     cleo    ####              and at night, over midnight */
static const struct match_range anna[] = {
    {.start = 540, .end = 600, .kind = MATCH_FREE, .certainty = MATCH_DECLARED},
    {.start = 630, .end = 690, .kind = MATCH_FREE, .certainty = MATCH_TYPICAL},
};
static const struct match_range ben[] = {
    {.start = 570, .end = 690, .kind = MATCH_FREE, .certainty = MATCH_DECLARED},
};
static const struct match_range cleo[] = {
    {.start = 540, .end = 600, .kind = MATCH_FREE, .certainty = MATCH_DECLARED},
    {.start = 1380, .end = 1500, .kind = MATCH_FREE, .certainty = MATCH_DECLARED},
};

static const struct {
    const struct match_range *ranges;
    size_t count;
} three[] = {{anna, 2}, {ben, 1}, {cleo, 2}};

static void test_three_people_and_who_of_them(void **unused)
{
    struct match_record *records[3];
    const struct match_span day = {0, 2 * MINUTES_PER_DAY};
    (void)unused;

    for (size_t i = 0; i < 3; i++) {
        struct match_source source = {
            .coverage = day, .ranges = three[i].ranges, .range_count = three[i].count};
        records[i] =
            record_of(&source, 1, i == 1 ? RECORD_WITH_PLANE : RECORD_FOR_INDEX);
    }
    const struct match_record *const *all = (const struct match_record *const *)records;

    assert_int_equal(match_common_starts(all, 3, 30, &day, got, RUNS), 1);
    assert_int_equal(got[0].first, 570);
    assert_int_equal(got[0].last, 570);
    assert_int_equal(match_common_starts(all, 3, 31, &day, got, RUNS), 0);

    assert_int_equal(match_common_starts(all, 2, 30, &day, got, RUNS), 2);
    assert_int_equal(got[1].first, 630);
    assert_int_equal(got[1].last, 660);

    /* Two of them, but the same two all the time: not from 9:45 to 10:45. */
    assert_int_equal(match_quorum_starts(all, 3, 2, 60, &day, got, RUNS), 2);
    assert_int_equal(got[0].first, 540);
    assert_int_equal(got[0].last, 540);
    assert_int_equal(got[1].first, 630);

    /* Across midnight, and not before the window. */
    const struct match_span night = {1401, 1500};
    assert_int_equal(match_common_starts(all + 2, 1, 60, &night, got, RUNS), 1);
    assert_int_equal(got[0].first, 1405);
    assert_int_equal(got[0].last, 1440);

    assert_int_equal(match_common_starts(all, 0, 30, &day, got, RUNS), 0);
    assert_int_equal(
        match_common_starts(all, MATCH_PARTIES_MAX + 1, 30, &day, got, RUNS), 0);
    assert_int_equal(match_common_starts(all, 3, 0, &day, got, RUNS), 0);
    assert_int_equal(
        match_common_starts(all, 3, MATCH_DURATION_MAX + 1, &day, got, RUNS), 0);
    assert_int_equal(match_quorum_starts(all, 3, 0, 30, &day, got, RUNS), 0);
    assert_int_equal(match_quorum_starts(all, 3, 4, 30, &day, got, RUNS), 0);
    const struct match_span nothing = {600, 500};
    assert_int_equal(match_common_starts(all, 3, 30, &nothing, got, RUNS), 0);
    const struct match_span ever = {INT32_MIN, INT32_MAX};
    assert_int_equal(match_common_starts(all, 3, 30, &ever, got, RUNS), 1);
    for (size_t i = 0; i < 3; i++) {
        free(records[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_people_and_who_of_them),
        cmocka_unit_test(test_runs_are_those_that_minutes_say),
    };
    return cmocka_run_group_tests_name("common", tests, NULL, NULL);
}
