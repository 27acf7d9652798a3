// SPDX-License-Identifier: Apache-2.0

/*
 * bench_hold.c - a request for six people until its proposal is held and told
 *
 * One client on a broker that has nothing else to do.  Each request finds a slot of all
 * six in 90 days, claims it for each of them and is durable when the reply comes; then it
 * is called off, and the next one begins where the first did.
 */
#include "bench/agenda.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"

enum {
    PARTIES = 6,
    ROUNDS = 7,
    ROUNDS_QUICK = 3,
    REQUESTS = 300, /* in a round */
    REQUESTS_QUICK = 100,
    LIMIT_MS = 10,
};

static void publish_all(struct entente_client *client, uint64_t seed,
                        const struct entente_span *window)
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    for (uint32_t person = 0; person < PARTIES; person++) {
        /* Of one and the same office: six that are all different have hardly an hour in
         * common. */
        struct workload_random random = workload_stream(seed, 0);
        const struct agenda_ranges agenda = {
            ranges, workload_office_ranges(&random, window->start, ranges)};
        agenda_publish(client, person, window, &agenda);
    }
}

static void measure(struct entente_client *client, const struct entente_span *window,
                    int requests, struct figure *ret_times)
{
    for (int i = 0; i < requests; i++) {
        double began = report_now();
        struct agenda_meeting meeting = agenda_propose(client, 0, PARTIES, window);
        figure_add(ret_times, (report_now() - began) * 1000);
        agenda_cancel(client, 0, &meeting);
    }
}

int main(int argc, char **argv)
{
    static struct stand stand;
    struct report report;
    struct entente_settings settings = {0};
    struct figure p99 = {0};
    struct figure all = {0};
    report_open(&report, argc, argv);
    minute_t monday = workload_monday();
    const struct entente_span window = {monday,
                                        monday + WORKLOAD_DAYS * MINUTES_PER_DAY};
    stand_create(&stand);
    stand_start_broker(&stand);
    stand_add_client(&stand, 0, PARTIES);
    struct entente_client *client = stand_connect(&stand, 0, &settings);
    publish_all(client, report.seed, &window);
    measure(client, &window, REQUESTS_QUICK / 2, &all); /* warm */
    figure_free(&all);
    for (int round = 0; round < (report.quick ? ROUNDS_QUICK : ROUNDS); round++) {
        struct figure times = {0};
        measure(client, &window, report.quick ? REQUESTS_QUICK : REQUESTS, &times);
        figure_add(&p99, figure_quantile(&times, 0.99));
        figure_add(&all, figure_quantile(&times, 0.5));
        figure_free(&times);
    }
    report_limit(&report, "six parties held, p99 of a round", "ms", &p99,
                 REPORT_AT_MOST, LIMIT_MS,
                 "the three round trips to the database of one batch, then its COMMIT");
    report_note("median of the rounds' medians %.2f ms", figure_quantile(&all, 0.5));
    figure_free(&p99);
    figure_free(&all);
    entente_client_destroy(client);
    stand_destroy(&stand);
    report_close(&report);
    return 0;
}
