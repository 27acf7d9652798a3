// SPDX-License-Identifier: Apache-2.0

/*
 * bench_brokers.c - published at one broker, matchable at another on the same database
 *
 * Each round publishes one hour more at the first broker and searches at the second one
 * until it is found there.
 */
#include "bench/agenda.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"

enum { ROUNDS = 200, ROUNDS_QUICK = 40, WARM_UP = 5, SEARCHER = 8, BOUND_MS = 250 };

struct bench {
    struct stand stand;
    struct stand second;
    struct entente_client *publisher; /* at the first broker */
    struct entente_client *searcher;  /* at the second one */
    struct entente_span coverage;
    struct entente_range ranges[WORKLOAD_RANGES_MAX + 1];
    size_t count;
    struct figure durable;
    struct figure elsewhere; /* from the call on */
    struct figure behind;    /* from the durable reply on */
};

static bool sees(struct bench *bench, int32_t marker)
{
    char value[24];
    struct entente_identifier who = stand_person(0, value);
    struct entente_party party = {.kind = ENTENTE_PROFESSIONAL,
                                  .importance = ENTENTE_INDISPENSABLE,
                                  .identifier = &who};
    struct entente_spec spec = {
        .duration_minutes = 30,
        .zone = "Europe/Paris",
        .picked = &marker,
        .picked_count = 1,
        .parties = &party,
        .parties_count = 1,
        .nature = ENTENTE_SYNTHESIS,
    };
    const struct entente_search search = {.spec = &spec, .slots = 1};
    const struct entente_search_result *result = NULL;
    enum entente_code code =
        entente_client_search(bench->searcher, &search, STAND_PATIENCE_MS, &result);
    if (code != ENTENTE_OK) {
        report_die("search: %s", entente_client_sentence(bench->searcher));
    }
    return result->slots_count == 1;
}

static void publish(struct bench *bench, int round)
{
    int32_t marker = bench->coverage.start + (WORKLOAD_DAYS + 1) * MINUTES_PER_DAY +
                     (round % 300) * 60;
    bench->ranges[bench->count] = (struct entente_range){
        .start = marker, .end = marker + 60, .kind = ENTENTE_FREE};
    const struct agenda_ranges ranges = {bench->ranges, bench->count + 1};
    if (sees(bench, marker)) {
        report_die("the hour was there before it was published");
    }
    double asked = report_now();
    agenda_publish(bench->publisher, 0, &bench->coverage, &ranges);
    double told = report_now();
    while (!sees(bench, marker)) {
    }
    double seen = report_now();
    figure_add(&bench->durable, (told - asked) * 1000);
    figure_add(&bench->elsewhere, (seen - asked) * 1000);
    figure_add(&bench->behind, (seen - told) * 1000);
}

static void forget(struct bench *bench)
{
    figure_free(&bench->durable);
    figure_free(&bench->elsewhere);
    figure_free(&bench->behind);
}

static void set_up(struct bench *bench, uint64_t seed)
{
    struct entente_settings settings = {0};
    minute_t monday = workload_monday();
    stand_create(&bench->stand);
    stand_start_broker(&bench->stand);
    stand_start_second(&bench->stand, &bench->second);
    stand_add_client(&bench->stand, 0, 1);
    stand_add_client(&bench->second, SEARCHER, 1);
    bench->publisher = stand_connect(&bench->stand, 0, &settings);
    bench->searcher = stand_connect(&bench->second, SEARCHER, &settings);
    bench->coverage =
        (struct entente_span){monday, monday + (WORKLOAD_DAYS + 30) * MINUTES_PER_DAY};
    struct workload_random random = workload_stream(seed, 0);
    bench->count = workload_office_ranges(&random, monday, bench->ranges);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct report report;
    report_open(&report, argc, argv);
    set_up(&bench, report.seed);
    int rounds = WARM_UP + (report.quick ? ROUNDS_QUICK : ROUNDS);
    for (int round = 0; round < rounds; round++) {
        if (round == WARM_UP) {
            forget(&bench);
        }
        publish(&bench, round);
    }
    report_line(&report, "publish to matchable at another broker", "ms",
                &bench.elsewhere, "its durable reply", &bench.durable);
    report_note(
        "%zu rounds, two brokers on one database; after the durable reply: median "
        "%.2f, p99 %.2f ms; p99 in all %.2f ms (wanted: median and p99 within %d "
        "ms).  Limit: NOTIFY, then two round trips to the database",
        bench.elsewhere.count, figure_quantile(&bench.behind, 0.5),
        figure_quantile(&bench.behind, 0.99), figure_quantile(&bench.elsewhere, 0.99),
        BOUND_MS);
    forget(&bench);
    entente_client_destroy(bench.publisher);
    entente_client_destroy(bench.searcher);
    stand_stop_broker(&bench.second);
    stand_destroy(&bench.stand);
    report_close(&report);
    return 0;
}
