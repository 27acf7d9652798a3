// SPDX-License-Identifier: Apache-2.0

#include "bench/country.h"

#include "bench/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DAYS = 90, THREADS = 2, HUGE_PAGE = 2 << 20 };

/* Room for each record, of which only what is used gets memory. */
static const size_t room = 4096;

struct share {
    pthread_t thread;
    struct country *country;
    size_t first;
    size_t last;
    char *at; /* where this thread's next record goes */
    double seconds;
    size_t ranges;
};

size_t country_resident(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%*u %lu", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t make_source(struct workload_random *random, struct match_range *ranges,
                          struct match_span *spans, struct match_source *ret)
{
    size_t count = workload_kind_find("real")->make(random, DAYS, spans);
    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct match_range){.start = spans[i].start,
                                         .end = spans[i].end,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED,
                                         .preference =
                                             (uint8_t)bench_preference(spans[i].start)};
    }
    *ret = (struct match_source){
        .coverage = {KIND_MONDAY, KIND_MONDAY + DAYS * MINUTES_PER_DAY},
        .ranges = ranges,
        .range_count = count};
    return count;
}

static void *build(void *context)
{
    struct share *share = context;
    size_t most = (size_t)DAYS * KIND_RANGES_DAY;
    struct match_span *spans = bench_memory(most * sizeof(*spans));
    struct match_range *ranges = bench_memory(most * sizeof(*ranges));
    struct match_source source = {.ranges = ranges, .range_count = most};
    source.coverage =
        (struct match_span){KIND_MONDAY, KIND_MONDAY + DAYS * MINUTES_PER_DAY};
    size_t workspace_size = record_workspace_size(&source, 1);
    void *workspace = bench_memory(workspace_size);
    double began = report_now();
    for (size_t i = share->first; i < share->last; i++) {
        struct workload_random random = workload_stream(share->country->seed, i);
        share->ranges += make_source(&random, ranges, spans, &source);
        enum match_status status =
            record_build(&source, 1, 0, workspace, workspace_size, share->at, room);
        if (status != MATCH_OK) {
            report_die("a record: %s", match_status_text(status));
        }
        share->country->record[i] = (struct match_record *)(void *)share->at;
        share->at += record_size(share->country->record[i]);
    }
    share->seconds = report_now() - began;
    free(workspace);
    free(ranges);
    free(spans);
    return NULL;
}

void country_init(struct country *country, uint64_t seed, size_t count)
{
    struct share shares[THREADS];
    size_t before = country_resident();
    size_t part = (count / THREADS + 1) * room;
    part = (part + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    *country = (struct country){.count = count, .seed = seed};
    country->record = bench_memory(count * sizeof(struct match_record *));
    country->memory = aligned_alloc(HUGE_PAGE, part * THREADS);
    if (country->memory == NULL) {
        report_die("no memory left");
    }
    madvise(country->memory, part * THREADS, MADV_HUGEPAGE);
    for (size_t i = 0; i < THREADS; i++) {
        shares[i] = (struct share){.country = country,
                                   .first = count * i / THREADS,
                                   .last = count * (i + 1) / THREADS,
                                   .at = country->memory + part * i};
        if (pthread_create(&shares[i].thread, NULL, build, &shares[i]) != 0) {
            report_die("no thread");
        }
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(shares[i].thread, NULL);
        country->build_s += shares[i].seconds / (double)count;
        country->bytes += (size_t)(shares[i].at - (country->memory + part * i));
        country->ranges += (double)shares[i].ranges / (double)count;
    }
    country->resident = country_resident() - before;
}

void country_finish(struct country *country)
{
    free(country->memory);
    free(country->record);
    *country = (struct country){0};
}
