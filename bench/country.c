// SPDX-License-Identifier: Apache-2.0

#include "bench/country.h"

#include "bench/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    DAYS = 90,
    THREADS = 2,
    CALENDARS = 32768, /* that a thread makes; then they come again */
    HUGE_PAGE = 2 << 20,
};

/* Room for each record, of which only what is used gets memory. */
static const size_t room = 4096;

struct share {
    pthread_t thread;
    struct country *country;
    size_t first;
    size_t last;
    char *at;       /* where this thread's next record goes */
    size_t made;    /* calendars, */
    double seconds; /* in so long, */
    size_t ranges;  /* with so many ranges */
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

static void *build(void *context)
{
    struct share *share = context;
    const struct workload_kind *kind = workload_kind_find("real");
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
        struct match_record **record = &share->country->record[i];
        if (i - share->first >= CALENDARS) {
            const struct match_record *like = record[-(ptrdiff_t)CALENDARS];
            memcpy(share->at, like, record_size(like));
        } else {
            size_t count =
                workload_kind_make(kind, share->country->seed, i, DAYS, spans);
            source = bench_source(spans, count, DAYS, ranges);
            enum match_status status =
                record_build(&source, 1, 0, workspace, workspace_size, share->at, room);
            if (status != MATCH_OK) {
                report_die("a record: %s", match_status_text(status));
            }
            share->ranges += count;
            share->made++;
            share->seconds = report_now() - began;
        }
        *record = (struct match_record *)(void *)share->at;
        share->at += record_size(*record);
    }
    free(workspace);
    free(ranges);
    free(spans);
    return NULL;
}

void country_init(struct country *country, uint64_t seed, size_t count)
{
    struct share shares[THREADS];
    size_t before = country_resident();
    size_t made = 0;
    size_t ranges = 0;
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
        made += shares[i].made;
        ranges += shares[i].ranges;
        country->build_s += shares[i].seconds;
        country->bytes += (size_t)(shares[i].at - (country->memory + part * i));
    }
    country->build_s /= (double)made;
    country->ranges = (double)ranges / (double)made;
    country->resident = country_resident() - before;
}

void country_finish(struct country *country)
{
    free(country->memory);
    free(country->record);
    *country = (struct country){0};
}
