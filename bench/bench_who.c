// SPDX-License-Identifier: Apache-2.0

/*
 * bench_who.c - which of 4,096 people can come, asked of a broker
 *
 * 20,000 people with office calendars, written as the broker would have stored them.  One
 * client on a broker that has nothing else to do asks about every fourth or so of them,
 * always the same, as who looks for a time does: another slot, another day each time.
 */
#include "bench/bulk.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <stdio.h>
#include <time.h>

enum {
    PEOPLE = 20000,
    CLIENTS = 20,
    ASKER = PEOPLE + 1, /* who asks publishes for nobody else */
    WARM = 400,         /* questions, for what is kept of those who are asked about */
    QUESTIONS = 400,
    QUESTIONS_QUICK = 100,
    DAYS = 12, /* from tomorrow on */
    MORNING = 8 * 60,
    STARTS = 10 * 60,
    WEEK = 7 * MINUTES_PER_DAY,
};

struct crowd {
    struct entente_party people;
    char values[LIMIT_POOL_MEMBERS][24];
    const char *texts[LIMIT_POOL_MEMBERS];
    struct workload_random random;
    minute_t tomorrow;
};

static void add_sources(PGconn *connection, uint64_t seed)
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    minute_t monday = workload_monday() - 2 * WEEK; /* of this week or the next */
    struct arena arena;
    arena_init(&arena, BULK_SOURCE_BYTES);
    bulk_begin_sources(connection);
    for (uint32_t i = 1; i <= PEOPLE; i++) {
        char value[24];
        struct workload_random random = workload_stream(seed, i);
        stand_person(i, value);
        const struct index_publication row = {
            .source = i,
            .client = 1 + i % CLIENTS,
            .person = i,
            .key = value,
            .name = "Dominique Exemple",
            .coverage = {monday, monday + WORKLOAD_DAYS * MINUTES_PER_DAY},
            .lease_seconds = 604800,
            .ranges = ranges,
            .range_count = workload_office_ranges(&random, monday, ranges),
        };
        (void)bulk_put_source(connection, &row, &arena);
    }
    bulk_end_copy(connection);
    arena_finish(&arena);
}

static void add_world(struct stand *stand, uint64_t seed)
{
    PGconn *connection = bulk_connect(stand);
    stand_start_broker(stand); /* so that it is known where it listens */
    stand_stop_broker(stand);
    bulk_add_people(connection, CLIENTS, 1, PEOPLE);
    add_sources(connection, seed);
    bulk_run(connection,
             "SELECT setval(pg_get_serial_sequence('client', 'id'), %d),"
             " setval(pg_get_serial_sequence('person', 'id'), %d)",
             CLIENTS, PEOPLE);
    bulk_run(connection, "VACUUM ANALYZE");
    PQfinish(connection);
    stand_add_client(stand, ASKER, 1);
    stand_start_broker(stand);
}

static void name_crowd(struct crowd *crowd, uint64_t seed)
{
    for (uint32_t i = 0; i < LIMIT_POOL_MEMBERS; i++) {
        stand_person(1 + i * (PEOPLE / LIMIT_POOL_MEMBERS), crowd->values[i]);
        crowd->texts[i] = crowd->values[i];
    }
    crowd->people = (struct entente_party){
        .kind = ENTENTE_POOL,
        .member_system = IDENTIFIER_IDNPS,
        .member_values = crowd->texts,
        .member_values_count = LIMIT_POOL_MEMBERS,
    };
    crowd->random = workload_stream(seed, UINT32_MAX);
    crowd->tomorrow = workload_monday() - 2 * WEEK;
    while ((int64_t)crowd->tomorrow * 60 <= (int64_t)time(NULL)) {
        crowd->tomorrow += MINUTES_PER_DAY;
    }
}

/* One question; how many people could come, at all starts together. */
static size_t ask(struct entente_client *client, struct crowd *crowd, uint32_t starts)
{
    const struct entente_free_people *told = NULL;
    struct entente_who_is_free who = {
        .people = &crowd->people, .duration_minutes = 60, .starts = starts};
    who.start = crowd->tomorrow +
                (int32_t)workload_below(&crowd->random, DAYS) * MINUTES_PER_DAY;
    if (starts == 1) {
        who.start +=
            MORNING + 15 * (int32_t)workload_below(&crowd->random, STARTS / 15);
    }
    size_t found = 0;
    enum entente_code code =
        entente_client_who_is_free(client, &who, STAND_PATIENCE_MS, &told);
    if (code != ENTENTE_OK) {
        report_die("who is free: %s", entente_client_sentence(client));
    }
    for (size_t i = 0; i < told->at_count; i++) {
        found += told->at[i].count;
    }
    return found;
}

static void measure(struct entente_client *client, struct crowd *crowd,
                    struct report *report, uint32_t starts)
{
    struct figure all = {0};
    struct figure first = {0};
    char what[64];
    size_t found = 0;
    int questions = report->quick ? QUESTIONS_QUICK : QUESTIONS;
    for (int i = -WARM; i < questions; i++) {
        double began = report_now();
        size_t now = ask(client, crowd, starts);
        if (i == -WARM || i >= 0) {
            figure_add(i >= 0 ? &all : &first, (report_now() - began) * 1000);
            found += i >= 0 ? now : 0;
        }
    }
    snprintf(what, sizeof(what), "who of 4,096 is free, %u start%s", (unsigned)starts,
             starts == 1 ? "" : "s");
    report_line(report, what, "ms", &all, NULL, NULL);
    report_note("p99 %.2f ms; the first question %.2f ms; %.0f can come on average",
                figure_quantile(&all, 0.99), figure_quantile(&first, 0.5),
                (double)found / questions / starts);
    figure_free(&all);
    figure_free(&first);
}

int main(int argc, char **argv)
{
    static struct stand stand;
    static struct crowd crowd;
    struct report report;
    struct entente_settings settings = {0};
    report_open(&report, argc, argv);
    stand_create(&stand);
    add_world(&stand, report.seed);
    double before = stand_broker_memory(&stand);
    struct entente_client *client = stand_connect(&stand, ASKER, &settings);
    name_crowd(&crowd, report.seed);
    measure(client, &crowd, &report, 1);
    measure(client, &crowd, &report, LIMIT_WHO_STARTS);
    report_note("the broker has grown by %.1f MB",
                (stand_broker_memory(&stand) - before) / 1e6);
    entente_client_destroy(client);
    stand_destroy(&stand);
    report_close(&report);
    return 0;
}
