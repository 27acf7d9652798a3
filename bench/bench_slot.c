// SPDX-License-Identifier: Apache-2.0

/*
 * bench_slot.c - the slot search alone: 8 people, 90 days, beside the naive loop
 *
 * Every request is answered by both and the answers compared, before anything is timed.
 */
#include "bench/naive.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "matcher/slot.h"

#include <stdlib.h>

enum {
    PEOPLE = 256,
    PARTIES = 8,
    REQUESTS = 240,
    WANTED = 5,
    ROUNDS = 15,
    ROUNDS_QUICK = 5,
};

struct person {
    struct match_range *ranges;
    struct match_source source;
};

struct question {
    struct match_request request;
    struct match_party parties[PARTIES];
    struct match_span window;
};

struct bench {
    struct person people[PEOPLE];
    struct question questions[REQUESTS];
    struct match_offset offsets[2];
    void *workspace;
    size_t workspace_size;
    double ranges; /* of a person, on average */
    size_t answered;
};

static void make_people(struct bench *bench, uint64_t seed, minute_t monday)
{
    static struct match_span spans[WORKLOAD_RANGES_MAX];
    for (size_t i = 0; i < PEOPLE; i++) {
        struct workload_random random = workload_stream(seed, i);
        struct person *person = &bench->people[i];
        size_t count = workload_office(&random, monday, spans);
        person->ranges = calloc(count + 1, sizeof(*person->ranges));
        if (person->ranges == NULL) {
            report_die("no memory left");
        }
        for (size_t j = 0; j < count; j++) {
            person->ranges[j] = (struct match_range){.start = spans[j].start,
                                                     .end = spans[j].end,
                                                     .kind = MATCH_FREE,
                                                     .certainty = MATCH_DECLARED};
        }
        person->source = (struct match_source){
            .coverage = {monday, monday + WORKLOAD_DAYS * MINUTES_PER_DAY},
            .ranges = person->ranges,
            .range_count = count};
        bench->ranges += (double)count / PEOPLE;
    }
}

static void make_question(struct bench *bench, struct workload_random *random,
                          struct question *question, minute_t monday)
{
    size_t first = workload_below(random, PEOPLE);
    size_t step = 1 + 2 * workload_below(random, PEOPLE / 2);
    for (size_t i = 0; i < PARTIES; i++) {
        /* An odd step meets nobody twice: PEOPLE is a power of two. */
        size_t person = (first + i * step) % PEOPLE;
        question->parties[i] = (struct match_party){
            .importance = MATCH_INDISPENSABLE,
            .id = person,
            .person = {.sources = &bench->people[person].source, .source_count = 1}};
    }
    question->window =
        (struct match_span){monday, monday + WORKLOAD_DAYS * MINUTES_PER_DAY};
    question->request = (struct match_request){
        .duration = 30,
        .grid = 15,
        .windows = &question->window,
        .window_count = 1,
        .earliest = monday,
        .offsets = bench->offsets,
        .offset_count = 2,
        .has_target = true,
        .target =
            monday + (minute_t)workload_below(random, WORKLOAD_DAYS) * MINUTES_PER_DAY,
        .parties = question->parties,
        .party_count = PARTIES,
        .wanted = WANTED,
    };
    size_t size = match_workspace_size(&question->request);
    bench->workspace_size = size > bench->workspace_size ? size : bench->workspace_size;
}

static void search(const struct bench *bench, const struct question *question,
                   struct match_result *ret)
{
    enum match_status status =
        match_search(&question->request, bench->workspace, bench->workspace_size, ret);
    if (status != MATCH_OK) {
        report_die("the matcher: %s", match_status_text(status));
    }
}

static void check(struct bench *bench)
{
    static struct match_result result;
    for (size_t i = 0; i < REQUESTS; i++) {
        minute_t starts[WANTED];
        size_t count = naive_search(&bench->questions[i].request, starts);
        search(bench, &bench->questions[i], &result);
        bool same = count == result.count;
        for (size_t j = 0; same && j < count; j++) {
            same = starts[j] == result.slots[j].start;
        }
        if (!same) {
            report_die("request %zu: matcher and naive loop do not agree", i);
        }
        bench->answered += count > 0;
    }
}

static void time_ours(const struct bench *bench, struct figure *ret)
{
    static struct match_result result;
    for (size_t i = 0; i < REQUESTS; i++) {
        double began = report_now();
        search(bench, &bench->questions[i], &result);
        figure_add(ret, (report_now() - began) * 1e6);
    }
}

static void time_naive(const struct bench *bench, struct figure *ret)
{
    minute_t starts[WANTED];
    for (size_t i = 0; i < REQUESTS; i++) {
        double began = report_now();
        naive_search(&bench->questions[i].request, starts);
        figure_add(ret, (report_now() - began) * 1e6);
    }
}

static void measure(struct bench *bench, struct report *report)
{
    struct figure p50[2] = {0};
    struct figure p99[2] = {0};
    int rounds = report->quick ? ROUNDS_QUICK : ROUNDS;
    for (int round = 0; round < rounds; round++) {
        struct figure each[2] = {0};
        time_ours(bench, &each[0]);
        time_naive(bench, &each[1]);
        for (size_t i = 0; i < 2; i++) {
            figure_add(&p50[i], figure_quantile(&each[i], 0.50));
            figure_add(&p99[i], figure_quantile(&each[i], 0.99));
            figure_free(&each[i]);
        }
    }
    report_line(report, "slot search, 8 people, 90 days p50", "us", &p50[0],
                "naive loop p50", &p50[1]);
    report_line(report, "slot search, 8 people, 90 days p99", "us", &p99[0],
                "naive loop p99", &p99[1]);
    report_note("%d requests x %d rounds, %.0f ranges a person, %.0f %% of the "
                "requests have an answer, all answers equal",
                REQUESTS, rounds, bench->ranges,
                100.0 * (double)bench->answered / REQUESTS);
    for (size_t i = 0; i < 2; i++) {
        figure_free(&p50[i]);
        figure_free(&p99[i]);
    }
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct report report;
    report_open(&report, argc, argv);
    minute_t monday = workload_monday();
    /* A clock that changes once, as every half-year does. */
    bench.offsets[0] = (struct match_offset){monday, 60};
    bench.offsets[1] = (struct match_offset){monday + 40 * MINUTES_PER_DAY + 60, 120};
    make_people(&bench, report.seed, monday);
    struct workload_random random = workload_stream(report.seed, PEOPLE);
    for (size_t i = 0; i < REQUESTS; i++) {
        make_question(&bench, &random, &bench.questions[i], monday);
    }
    bench.workspace = malloc(bench.workspace_size);
    if (bench.workspace == NULL) {
        report_die("no memory left");
    }
    check(&bench);
    measure(&bench, &report);
    free(bench.workspace);
    for (size_t i = 0; i < PEOPLE; i++) {
        free(bench.people[i].ranges);
    }
    report_close(&report);
    return 0;
}
