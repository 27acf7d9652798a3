// SPDX-License-Identifier: Apache-2.0

#include "bench/method.h"
#include "bench/report.h"
#include "matcher/record_layout.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void *bench_memory(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    if (memory == NULL) {
        report_die("no memory left");
    }
    return memory;
}

void *bench_huge(size_t size)
{
    size_t whole = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, whole);
    if (memory == NULL) {
        report_die("no memory left");
    }
    /* Advice: without huge pages the figures are a third worse, not wrong. */
    madvise(memory, whole, MADV_HUGEPAGE);
    memset(memory, 0, whole);
    return memory;
}

struct match_source bench_source(const struct match_span *spans, size_t count,
                                 uint32_t days, struct match_range *ranges)
{
    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct match_range){.start = spans[i].start,
                                         .end = spans[i].end,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED,
                                         .preference =
                                             (uint8_t)bench_preference(spans[i].start)};
    }
    return (struct match_source){
        .coverage = {KIND_MONDAY, KIND_MONDAY + (minute_t)days * MINUTES_PER_DAY},
        .ranges = ranges,
        .range_count = count,
    };
}

/* The records of all lie side by side, as an index has them. */
static void compile(struct bench_people *people)
{
    unsigned shape = RECORD_WITH_PLANE;
    shape |= people->days > RECORD_RING_DAYS ? RECORD_WIDE_RING : 0;
    for (size_t i = 0; i < people->count; i++) {
        people->person[i].record = bench_record(&people->person[i].source, shape);
        people->record_bytes += record_size(people->person[i].record);
    }
    char *at = bench_huge(people->record_bytes);
    for (size_t i = 0; i < people->count; i++) {
        struct match_record *record = people->person[i].record;
        size_t size = record_size(record);
        memcpy(at, record, size);
        free(record);
        people->person[i].record = (struct match_record *)(void *)at;
        at += size;
    }
}

struct match_record *bench_record(const struct match_source *source, unsigned shape)
{
    size_t bound = record_bound(source, 1, shape);
    size_t workspace_size = record_workspace_size(source, 1);
    void *workspace = bench_memory(workspace_size);
    void *memory =
        aligned_alloc(RECORD_ALIGN, (bound / RECORD_ALIGN + 1) * RECORD_ALIGN);
    if (memory == NULL) {
        report_die("no memory left");
    }
    enum match_status status =
        record_build(source, 1, shape, workspace, workspace_size, memory, bound);
    if (status != MATCH_OK) {
        report_die("a record: %s", match_status_text(status));
    }
    free(workspace);
    return memory;
}

void population_init(struct bench_people *people, const struct workload_kind *kind,
                     uint64_t seed, uint32_t days, size_t count)
{
    size_t most = (size_t)days * KIND_RANGES_DAY;
    struct match_span *spans = bench_memory(most * sizeof(*spans));
    static uint32_t serial;
    *people = (struct bench_people){
        .kind = kind, .days = days, .serial = ++serial, .count = count};
    people->person = bench_memory(count * sizeof(*people->person));
    for (size_t i = 0; i < count; i++) {
        struct bench_person *person = &people->person[i];
        person->count = workload_kind_make(kind, seed, i, days, spans);
        person->spans = bench_memory(person->count * sizeof(*spans));
        memcpy(person->spans, spans, person->count * sizeof(*spans));
        person->ranges = bench_memory(person->count * sizeof(*person->ranges));
        person->source = bench_source(spans, person->count, days, person->ranges);
        people->ranges += (double)person->count / (double)count;
    }
    free(spans);
    compile(people);
}

void population_finish(struct bench_people *people)
{
    /* The records are the first one's memory. */
    free(people->person[0].record);
    for (size_t i = 0; i < people->count; i++) {
        free(people->person[i].spans);
        free(people->person[i].ranges);
    }
    free(people->person);
    *people = (struct bench_people){0};
}

void cell_init(struct bench_cell *cell, const struct bench_people *people,
               uint64_t seed, uint32_t parties, uint32_t needed)
{
    uint16_t order[BENCH_PEOPLE];
    struct workload_random random =
        workload_stream(seed, ((uint64_t)parties << 32) + needed);
    *cell = (struct bench_cell){.people = people,
                                .parties = parties,
                                .needed = needed,
                                .duration = people->kind->duration,
                                .request_count = BENCH_REQUESTS};
    for (uint32_t i = 0; i < BENCH_PEOPLE; i++) {
        order[i] = (uint16_t)i;
    }
    for (size_t i = 0; i < BENCH_REQUESTS; i++) {
        for (uint32_t j = 0; j < parties; j++) {
            uint32_t k = j + workload_below(&random, BENCH_PEOPLE - j);
            uint16_t chosen = order[k];
            order[k] = order[j];
            order[j] = chosen;
            cell->request[i][j] = chosen;
        }
        cell->target[i] =
            KIND_MONDAY +
            (minute_t)workload_below(&random, people->days) * MINUTES_PER_DAY;
    }
}

size_t bench_lines(const struct bench_cell *cell, size_t request, uint32_t day,
                   uint32_t days)
{
    uint64_t left[RECORD_RING_DAYS];
    memset(left, 0xff, sizeof(left));
    for (uint32_t i = 0; i < cell->parties; i++) {
        const struct match_record *record =
            cell->people->person[cell->request[request][i]].record;
        uint64_t any = 0;
        for (uint32_t j = 0; j < days; j++) {
            uint32_t at = (KIND_MONDAY / MINUTES_PER_DAY + day + j) % record->ring_days;
            left[j] &= record_ring(record)[at];
            any |= left[j];
        }
        if (any == 0) {
            return i + 1;
        }
    }
    return cell->parties;
}
