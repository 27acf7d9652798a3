// SPDX-License-Identifier: Apache-2.0

/*
 * shown_people.c - who of a hundred thousand is free for half an hour
 *
 * ours        rows of bits: as a set, as numbers, among some numbers, and how many at each
 *             start of a day
 * roaring     CRoaring: a set of people for each cell of five minutes, six of them
 *             intersected, then listed
 * naive       everybody's ranges, by binary search
 */
#include "bench/shown.h"
#include "matcher/people.h"

#include <math.h>
#include <roaring/roaring.h>
#include <stdlib.h>
#include <string.h>

enum {
    PEOPLE = 100000,
    DAYS = 14,
    STARTS = 240,
    STARTS_DAY = 132, /* of one day from 7:00 on */
    DURATION = 30,
    CELLS = DAYS * MINUTES_PER_DAY / KIND_CELL,
    COMPARED = 24,
};

struct crowd {
    struct people people;
    struct match_span *spans; /* of everybody, one after the other */
    uint32_t *first;          /* of person i; those of the last end at first[PEOPLE] */
    roaring_bitmap_t *cell[CELLS];
    minute_t start[STARTS];
    uint64_t *set;
    uint32_t *ids[2];
    uint32_t *among; /* ascending */
    size_t among_count;
};

typedef size_t find_fn(struct crowd *crowd, minute_t start, uint32_t *ret_ids);

static const struct people_question question = {.duration = DURATION};

/* ---- making them --------------------------------------------------------------------
 */

static void add_cells(struct crowd *crowd, uint32_t who, const struct match_span *span)
{
    int32_t last = (span->end - KIND_MONDAY) / KIND_CELL;
    for (int32_t i = (span->start - KIND_MONDAY) / KIND_CELL; i < last; i++) {
        roaring_bitmap_add(crowd->cell[i], who);
    }
}

static void add_person(struct crowd *crowd, uint32_t who, struct match_range *ranges)
{
    const struct match_span *spans = crowd->spans + crowd->first[who];
    size_t count = crowd->first[who + 1] - crowd->first[who];
    struct match_source source = {
        .coverage = {KIND_MONDAY, KIND_MONDAY + DAYS * MINUTES_PER_DAY},
        .ranges = ranges,
        .range_count = count};
    const struct match_person person = {
        .id = who, .sources = &source, .source_count = 1};
    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct match_range){.start = spans[i].start,
                                         .end = spans[i].end,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED};
        add_cells(crowd, who, &spans[i]);
    }
    people_replace(&crowd->people, who, NULL, &person);
}

static void make_people(struct crowd *crowd, uint64_t seed)
{
    const struct workload_kind *kind = workload_kind_find("real");
    struct match_range *ranges =
        bench_memory((size_t)DAYS * KIND_RANGES_DAY * sizeof(*ranges));
    size_t blocks = (PEOPLE + PEOPLE_BLOCK - 1) / PEOPLE_BLOCK;
    char *memory = bench_huge(blocks * PEOPLE_BLOCK_SIZE);
    /* Booked offices have some twenty ranges in fourteen days, hardly one has fifty. */
    crowd->spans = bench_memory((size_t)PEOPLE * 50 * sizeof(*crowd->spans) +
                                (size_t)DAYS * KIND_RANGES_DAY * sizeof(*crowd->spans));
    crowd->first = bench_memory((PEOPLE + 1) * sizeof(*crowd->first));
    people_init(&crowd->people, KIND_MONDAY / MINUTES_PER_DAY);
    for (size_t i = 0; i < blocks; i++) {
        people_grow(&crowd->people, memory + i * PEOPLE_BLOCK_SIZE);
    }
    for (size_t i = 0; i < CELLS; i++) {
        crowd->cell[i] = roaring_bitmap_create();
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        size_t count =
            workload_kind_make(kind, seed, i, DAYS, crowd->spans + crowd->first[i]);
        crowd->first[i + 1] = crowd->first[i] + (uint32_t)count;
        if (crowd->first[i + 1] > (uint32_t)PEOPLE * 50) {
            report_die("more ranges than there is room for");
        }
        add_person(crowd, i, ranges);
    }
    for (size_t i = 0; i < CELLS; i++) {
        roaring_bitmap_run_optimize(crowd->cell[i]);
    }
    free(ranges);
}

static void make_starts(struct crowd *crowd, uint64_t seed)
{
    struct workload_random random = workload_stream(seed, PEOPLE);
    for (size_t i = 0; i < STARTS; i++) {
        minute_t day = (minute_t)workload_below(&random, 10);
        crowd->start[i] = KIND_MONDAY + (day + day / 5 * 2) * MINUTES_PER_DAY + 480 +
                          KIND_CELL * (minute_t)workload_below(&random, 120);
    }
}

/* ---- asking -------------------------------------------------------------------------
 */

static void must(enum match_status status)
{
    if (status != MATCH_OK) {
        report_die("find people: %s", match_status_text(status));
    }
}

/* Into the crowd's own set, not among @ret_ids. */
static size_t find_set(struct crowd *crowd, minute_t start, uint32_t *ret_ids)
{
    size_t count;
    ret_ids[0] = 0;
    must(people_find(&crowd->people, NULL, &question, start, NULL, crowd->set, &count));
    return count;
}

static size_t find_ids(struct crowd *crowd, minute_t start, uint32_t *ret_ids)
{
    struct people_page page = {.capacity = PEOPLE};
    page.ids = ret_ids;
    must(people_list(&crowd->people, NULL, &question, start, NULL, &page));
    return page.count;
}

static size_t find_among(struct crowd *crowd, minute_t start, uint32_t *ret_ids)
{
    size_t count = crowd->among_count;
    must(people_among(&crowd->people, NULL, &question, start, crowd->among, ret_ids,
                      &count));
    return count;
}

static size_t find_day(struct crowd *crowd, minute_t start, uint32_t *ret_ids)
{
    const struct people_grid grid = {.first = start - start % MINUTES_PER_DAY + 420,
                                     .step = KIND_CELL,
                                     .count = STARTS_DAY};
    must(people_starts(&crowd->people, NULL, &question, &grid, NULL, ret_ids, NULL));
    return STARTS_DAY;
}

static size_t find_roaring(struct crowd *crowd, minute_t start, uint32_t *ret_ids)
{
    roaring_bitmap_t **cell = crowd->cell + (start - KIND_MONDAY) / KIND_CELL;
    roaring_bitmap_t *common = roaring_bitmap_and(cell[0], cell[1]);
    for (size_t i = 2; i < DURATION / KIND_CELL; i++) {
        roaring_bitmap_and_inplace(common, cell[i]);
    }
    size_t count = roaring_bitmap_get_cardinality(common);
    roaring_bitmap_to_uint32_array(common, ret_ids);
    roaring_bitmap_free(common);
    return count;
}

static size_t find_naive(struct crowd *crowd, minute_t start, uint32_t *ret_ids)
{
    size_t count = 0;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        uint32_t low = crowd->first[i];
        uint32_t high = crowd->first[i + 1];
        while (low < high) {
            uint32_t middle = (low + high) / 2;
            if (crowd->spans[middle].start <= start) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low > crowd->first[i] && crowd->spans[low - 1].end >= start + DURATION) {
            ret_ids[count++] = i;
        }
    }
    return count;
}

static bool is_in(const struct crowd *crowd, uint32_t who)
{
    return (crowd->set[who / 64] >> (who % 64) & 1) != 0;
}

/* Everything that is asked here, for the same starts. */
static bool is_same(struct crowd *crowd)
{
    bool same = true;
    for (size_t i = 0; i < COMPARED; i++) {
        uint32_t counts[STARTS_DAY];
        minute_t start = crowd->start[i];
        size_t right = find_naive(crowd, start, crowd->ids[0]);
        same &= find_set(crowd, start, crowd->ids[1]) == right;
        for (size_t j = 0; j < right; j++) {
            same &= is_in(crowd, crowd->ids[0][j]);
        }
        same &= find_ids(crowd, start, crowd->ids[1]) == right &&
                memcmp(crowd->ids[0], crowd->ids[1], right * sizeof(uint32_t)) == 0;
        same &= find_roaring(crowd, start, crowd->ids[1]) == right &&
                memcmp(crowd->ids[0], crowd->ids[1], right * sizeof(uint32_t)) == 0;
        size_t among = 0;
        for (size_t j = 0; j < crowd->among_count; j++) {
            among += is_in(crowd, crowd->among[j]);
        }
        same &= find_among(crowd, start, crowd->ids[1]) == among;
        find_day(crowd, start, counts);
        minute_t at = (start % MINUTES_PER_DAY - 420) / KIND_CELL;
        same &= at < 0 || at >= STARTS_DAY || counts[at] == right;
    }
    return same;
}

struct way {
    const char *question;
    const char *method;
    find_fn *find;
    bool is_ours;
    bool is_slow;
};

struct asked {
    struct crowd *crowd;
    find_fn *find;
};

static void ask(void *context, size_t number)
{
    const struct asked *asked = context;
    asked->find(asked->crowd, asked->crowd->start[number], asked->crowd->ids[1]);
}

static void measure(struct table *table, struct crowd *crowd, const struct way *way,
                    uint32_t among, bool same)
{
    struct figure rounds = {0};
    struct asked asked = {crowd, way->find};
    const struct measure_loop loop = {ask, &asked, way->is_slow ? COMPARED : STARTS};
    const struct table_place place = {"real", among, DAYS, way->question};
    double p99 = measure_loop(&loop, &table->budget, &rounds);
    table_row(table, &place, way->method,
              way->is_ours ? match_kernel_name(match_kernel_in_use()) : "-", &rounds,
              p99, same);
    figure_free(&rounds);
}

/* Every hundredth, every tenth. */
static void measure_among(struct table *table, struct crowd *crowd, uint32_t step,
                          bool *ret_same)
{
    static const struct way way = {"among", "ours", find_among, true, false};
    crowd->among_count = 0;
    for (uint32_t i = 0; i < PEOPLE; i += step) {
        crowd->among[crowd->among_count++] = i;
    }
    *ret_same &= is_same(crowd);
    measure(table, crowd, &way, (uint32_t)crowd->among_count, *ret_same);
}

static void note(const struct table *table)
{
    const struct table_place set = {"real", PEOPLE, DAYS, "people-set"};
    const struct table_place ids = {"real", PEOPLE, DAYS, "people-ids"};
    size_t rows = DURATION / KIND_CELL;
    double bytes = (double)rows * PEOPLE / 8;
    double gb_s = memory_limits_stream(&table->limits, 8 << 20);
    shown_note("who of 100,000 is free, as a set", 3500,
               table_find(table, &set, "ours", NULL), "ns", false,
               "6 rows, %.0f kB: %.0f ns at the %.0f GB/s of L3", bytes / 1e3,
               bytes / gb_s, gb_s);
    shown_note("who of 100,000 is free, as numbers", 12000,
               table_find(table, &ids, "ours", NULL), "ns", false,
               "writing the numbers of those who are");
}

void shown_people(struct table *table)
{
    static const struct way ways[] = {
        {"people-set", "ours", find_set, true, false},
        {"people-ids", "ours", find_ids, true, false},
        {"people-day", "ours", find_day, true, true},
    };
    static const struct way peers[] = {
        {"people-ids", "roaring", find_roaring, false, false},
        {"people-ids", "naive", find_naive, false, true},
    };
    static struct crowd crowd;
    make_people(&crowd, table->seed);
    make_starts(&crowd, table->seed);
    crowd.set = bench_memory(people_words(&crowd.people) * sizeof(uint64_t));
    crowd.among = bench_memory(PEOPLE * sizeof(uint32_t));
    for (size_t i = 0; i < 2; i++) {
        crowd.ids[i] = bench_memory(PEOPLE * sizeof(uint32_t));
    }
    bool same = is_same(&crowd);
    for (const struct method *kernel = methods_ours; kernel->name != NULL; kernel++) {
        match_kernel_force(kernel->kernel);
        same &= is_same(&crowd);
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
            measure(table, &crowd, &ways[i], PEOPLE, same);
        }
    }
    match_kernel_force(MATCH_KERNEL_AUTO);
    for (size_t i = 0; table->peers && i < sizeof(peers) / sizeof(peers[0]); i++) {
        measure(table, &crowd, &peers[i], PEOPLE, same);
    }
    measure_among(table, &crowd, 100, &same);
    measure_among(table, &crowd, 10, &same);
    note(table);
    for (size_t i = 0; i < CELLS; i++) {
        roaring_bitmap_free(crowd.cell[i]);
    }
    free(crowd.people.blocks[0]);
    free(crowd.spans);
    free(crowd.first);
    free(crowd.set);
    free(crowd.among);
    free(crowd.ids[0]);
    free(crowd.ids[1]);
}
