// SPDX-License-Identifier: Apache-2.0

/*
 * shown_updates.c - what a change of one agenda costs the index: a record built anew, and
 * a record with one appointment more
 */
#include "bench/shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS = 90 };

struct bench {
    struct bench_people people;
    void *workspace;
    size_t workspace_size;
    char *memory;
    size_t memory_size;
    struct match_record *record[BENCH_PEOPLE]; /* as an index keeps them */
    size_t record_bytes;
    struct match_span span[BENCH_PEOPLE]; /* of the appointment */
    struct match_range busy[BENCH_PEOPLE];
    struct match_source after[BENCH_PEOPLE];
};

static void rebuild(void *context, size_t who)
{
    struct bench *bench = context;
    if (record_build(&bench->people.person[who].source, 1, 0, bench->workspace,
                     bench->workspace_size, bench->memory,
                     bench->memory_size) != MATCH_OK) {
        report_die("a record could not be built");
    }
}

static void book(void *context, size_t who)
{
    struct bench *bench = context;
    if (record_patch(bench->record[who], &bench->span[who], &bench->after[who],
                     bench->workspace, bench->workspace_size, bench->memory,
                     bench->memory_size) != MATCH_OK) {
        report_die("a record could not be changed");
    }
}

static void grow(struct bench *bench, size_t workspace, size_t memory)
{
    if (workspace > bench->workspace_size) {
        bench->workspace_size = workspace;
    }
    if (memory > bench->memory_size) {
        bench->memory_size = memory;
    }
}

/* Half an hour at the end of a free range in the middle of the span. */
static void prepare(struct bench *bench)
{
    for (size_t i = 0; i < BENCH_PEOPLE; i++) {
        struct bench_person *person = &bench->people.person[i];
        struct match_span free_range = person->spans[person->count / 2];
        bench->record[i] = bench_record(&person->source, RECORD_FOR_INDEX);
        bench->record_bytes += record_size(bench->record[i]);
        bench->span[i] = (struct match_span){free_range.end - 15, free_range.end};
        bench->busy[i] = (struct match_range){.start = bench->span[i].start,
                                              .end = bench->span[i].end,
                                              .kind = MATCH_BUSY};
        bench->after[i] = person->source;
        bench->after[i].ranges = &bench->busy[i];
        bench->after[i].range_count = 1;
        grow(bench, record_workspace_size(&person->source, 1),
             record_bound(&person->source, 1, 0));
        grow(bench, record_patch_workspace_size(bench->record[i], &bench->after[i]),
             record_patch_bound(bench->record[i], &bench->after[i]));
    }
    size_t room = (bench->memory_size / RECORD_ALIGN + 1) * RECORD_ALIGN;
    bench->workspace = bench_memory(bench->workspace_size);
    bench->memory = aligned_alloc(RECORD_ALIGN, room);
    if (bench->memory == NULL) {
        report_die("no memory left");
    }
}

/* The patched record is the one that is built from what both say. */
static bool is_same(struct bench *bench, size_t who)
{
    struct bench_person *person = &bench->people.person[who];
    size_t count = person->source.range_count;
    struct match_range *ranges = bench_memory((count + 1) * sizeof(*ranges));
    struct match_source source = person->source;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct match_range range = person->source.ranges[i];
        bool is_cut = i == person->count / 2;
        range.end -= is_cut ? 15 : 0;
        if (range.start < range.end) {
            ranges[at++] = range;
        }
        if (is_cut) {
            ranges[at++] = bench->busy[who];
        }
    }
    source.ranges = ranges;
    source.range_count = at;
    struct match_record *built = bench_record(&source, RECORD_FOR_INDEX);
    book(bench, who);
    bool same = record_size(built) ==
                    record_size((struct match_record *)(void *)bench->memory) &&
                memcmp(built, bench->memory, record_size(built)) == 0;
    free(built);
    free(ranges);
    return same;
}

static double measure(struct table *table, struct bench *bench, const char *question,
                      void (*change)(void *, size_t), bool same)
{
    struct figure rounds = {0};
    const struct measure_loop loop = {change, bench, BENCH_PEOPLE};
    const struct table_place place = {"real", 1, DAYS, question};
    double p99 = measure_loop(&loop, &table->budget, &rounds);
    table_row(table, &place, "ours", "-", &rounds, p99, same);
    double median = figure_quantile(&rounds, 0.5);
    figure_free(&rounds);
    return median;
}

void shown_updates(struct table *table)
{
    struct bench *bench = bench_memory(sizeof(*bench));
    bool same = true;
    population_init(&bench->people, workload_kind_find("real"), table->seed, DAYS,
                    BENCH_PEOPLE);
    prepare(bench);
    for (size_t i = 0; i < BENCH_PEOPLE; i++) {
        same &= is_same(bench, i);
    }
    double span = measure(table, bench, "span", rebuild, true);
    double one = measure(table, bench, "appointment", book, same);
    shown_note("replacing one person's whole span", 3000, span, "ns", false,
               "%.0f ranges checked and compiled one by one", bench->people.ranges);
    shown_note("replacing one appointment", 500, one, "ns", false,
               "copying a record of %zu bytes", bench->record_bytes / BENCH_PEOPLE);
    shown_note("index rebuilt from the database, people a minute", 1e6, NAN, "", true,
               "./run bench measures it");
    for (size_t i = 0; i < BENCH_PEOPLE; i++) {
        free(bench->record[i]);
    }
    free(bench->workspace);
    free(bench->memory);
    population_finish(&bench->people);
    free(bench);
}
