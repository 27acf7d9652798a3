// SPDX-License-Identifier: Apache-2.0

/*
 * shown_country.c - top ten for eight of 1.2 million people, each request about others:
 * every record comes from the memory, none from a cache
 */
#include "bench/country.h"
#include "bench/shown.h"
#include "matcher/people.h"
#include "matcher/slot.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    EVERYBODY = 1200000,
    FEW = 50000,
    PARTIES = 8,
    CLOCK = 120,
    SHARES = 2,
    QUEUE = 32768, /* requests, each with people of its own */
};

/* What has to be read at random, whatever the method: 96 day words of everybody. */
enum { RING_BYTES = 768 };

struct asker {
    pthread_t thread;
    const struct country *country;
    struct match_record **queue; /* PARTIES for each request */
    double seconds;              /* how long to go on */
    int32_t days;
    struct figure rounds; /* ns for one request, of some hundred each */
    size_t asked;
    double spent;
    double processor; /* of which the thread had a processor */
};

static void choose(struct asker *asker, uint64_t seed)
{
    struct workload_random random = workload_stream(seed, 99);
    asker->queue =
        bench_memory((size_t)QUEUE * PARTIES * sizeof(struct match_record *));
    for (size_t i = 0; i < (size_t)QUEUE * PARTIES; i++) {
        asker->queue[i] =
            asker->country
                ->record[workload_below(&random, (uint32_t)asker->country->count)];
    }
}

static double processor_seconds(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec * 1e-9;
}

static void *ask(void *context)
{
    struct asker *asker = context;
    struct match_result *result = bench_memory(sizeof(*result));
    struct match_party parties[PARTIES] = {{0}};
    const struct match_span window = {KIND_MONDAY,
                                      KIND_MONDAY + asker->days * MINUTES_PER_DAY};
    const struct match_offset clock = {KIND_MONDAY, CLOCK};
    struct match_request request = {.duration = 30,
                                    .grid = KIND_CELL,
                                    .windows = &window,
                                    .window_count = 1,
                                    .earliest = KIND_MONDAY,
                                    .now = KIND_MONDAY,
                                    .offsets = &clock,
                                    .offset_count = 1,
                                    .parties = parties,
                                    .party_count = PARTIES,
                                    .wanted = 10};
    for (size_t i = 0; i < PARTIES; i++) {
        parties[i].importance = MATCH_INDISPENSABLE;
        parties[i].id = i + 1;
        parties[i].person.record = asker->queue[i];
    }
    size_t size = match_workspace_size(&request) + (1 << 20);
    void *workspace = bench_memory(size);
    double processor = processor_seconds();
    double began = report_now();
    double end = began + asker->seconds;
    size_t at = 0;
    do {
        double from = report_now();
        for (size_t i = 0; i < 256; i++, at = (at + 1) % QUEUE) {
            for (size_t j = 0; j < PARTIES; j++) {
                parties[j].person.record = asker->queue[at * PARTIES + j];
            }
            enum match_status status = match_search(&request, workspace, size, result);
            if (status != MATCH_OK) {
                report_die("the matcher: %s", match_status_text(status));
            }
        }
        asker->asked += 256;
        figure_add(&asker->rounds, (report_now() - from) * 1e9 / 256);
    } while (report_now() < end);
    asker->spent = report_now() - began;
    asker->processor = processor_seconds() - processor;
    free(workspace);
    free(result);
    return NULL;
}

/* Requests a second of two threads at once; *@ret_alone: if nobody else had wanted the
 * processors. */
static double ask_both(const struct asker *first, uint64_t seed, double *ret_alone)
{
    struct asker askers[SHARES];
    double rate = 0;
    double alone = 0;
    for (size_t i = 0; i < SHARES; i++) {
        askers[i] = (struct asker){
            .country = first->country, .seconds = first->seconds, .days = first->days};
        choose(&askers[i], seed + i + 1);
    }
    for (size_t i = 0; i < SHARES; i++) {
        if (pthread_create(&askers[i].thread, NULL, ask, &askers[i]) != 0) {
            report_die("no thread");
        }
    }
    for (size_t i = 0; i < SHARES; i++) {
        pthread_join(askers[i].thread, NULL);
        rate += (double)askers[i].asked / askers[i].spent;
        alone += (double)askers[i].asked / askers[i].processor;
        figure_free(&askers[i].rounds);
        free(askers[i].queue);
    }
    *ret_alone = alone;
    return rate;
}

static void ask_days(struct table *table, const struct country *country, int32_t days)
{
    struct asker asker = {
        .country = country, .seconds = table->quick ? 0.3 : 2, .days = days};
    double limit = PARTIES * table->limits.record_ns;
    double limit_2 = 1e9 / (PARTIES * table->limits.record_2_ns);
    const struct table_place place = {"country", PARTIES, (uint32_t)days, "top10"};
    choose(&asker, table->seed);
    ask(&asker);
    table_row(table, &place, "ours-search", match_kernel_name(match_kernel_in_use()),
              &asker.rounds, figure_quantile(&asker.rounds, 0.99), true);
    double alone = 0;
    double rate = ask_both(&asker, table->seed, &alone);
    printf(
        "            two threads: %.0f requests a second, %.0f in the time that they "
        "had processors; %d random records of %d bytes take %.0f ns, on two cores "
        "%.0f such requests a second\n",
        rate, alone, PARTIES, RING_BYTES, limit, limit_2);
    if (days == 90) {
        shown_note("top 10, 8 of 1.2 million people, cold", 1500,
                   figure_quantile(&asker.rounds, 0.5), "ns", false,
                   "%zu people here; 8 random records take %.0f ns", country->count,
                   limit);
        shown_note("the same, requests a second on 2 cores", 1e6, rate, "/s", true,
                   "%.3g /s of processor time; the random records alone: %.3g /s",
                   alone, limit_2);
    }
    figure_free(&asker.rounds);
    free(asker.queue);
}

static void note_memory(const struct country *country)
{
    double gib = 1024.0 * 1024 * 1024;
    double share = (double)EVERYBODY / (double)country->count;
    size_t blocks = (EVERYBODY + PEOPLE_BLOCK - 1) / PEOPLE_BLOCK;
    double rows = (double)(blocks * PEOPLE_BLOCK_SIZE);
    /* What there is beside the records and where they are, ends of huge pages and what
     * their makers left, is not more if they are more. */
    double counted = (double)(country->bytes + country->count * sizeof(void *));
    double resident = share * counted + (double)country->resident - counted;
    printf(
        "memory      %zu people, %.0f ranges each: records %.0f bytes each (counted), "
        "resident %.0f; built in %.1f us each, calendar included\n",
        country->count, country->ranges,
        (double)country->bytes / (double)country->count,
        (double)country->resident / (double)country->count, country->build_s * 1e6);
    shown_note("memory, 1.2 million x 90 days + 14 days of rows", 2.7,
               (resident + rows) / gib, "GiB", false,
               "records %.2f resident, rows %.2f counted", resident / gib, rows / gib);
}

void shown_country(struct table *table)
{
    struct country country;
    printf("            ... %d people are made\n", table->quick ? FEW : EVERYBODY);
    fflush(stdout);
    country_init(&country, table->seed, table->quick ? FEW : EVERYBODY);
    note_memory(&country);
    match_kernel_force(MATCH_KERNEL_AUTO);
    ask_days(table, &country, 14);
    ask_days(table, &country, 90);
    country_finish(&country);
}
