// SPDX-License-Identifier: Apache-2.0

/*
 * bench_who.c - which of 4,096 people can come, and of 100,000, asked of a broker
 *
 * 100,000 people with office calendars, written as the broker would have stored them.  One
 * client on a broker that has nothing else to do asks about every twenty-fourth of them,
 * always the same, as who looks for a time does: another slot, another day each time;
 * then about all of them, in as many frames as that takes.
 */
#include "bench/bulk.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

enum {
    PEOPLE = 100000,
    CLIENTS = 20,
    ASKER = PEOPLE + 1, /* who asks publishes for nobody else */
    QUESTIONS = 400,
    QUESTIONS_QUICK = 100,
    WARM = 400, /* questions before, so that the rows are there */
    PARTS = (PEOPLE + LIMIT_POOL_MEMBERS - 1) / LIMIT_POOL_MEMBERS,
    WARM_PARTS = 10, /* the same for all of them, with a pause between */
    PAUSE_MS = 200,
    DAYS = 12, /* from tomorrow on */
    MORNING = 8 * 60,
    STARTS = 10 * 60,
    WEEK = 7 * MINUTES_PER_DAY,
};

struct crowd {
    struct entente_party people; /* the part that is asked about */
    char values[PEOPLE][24];
    const char *texts[PEOPLE];
    const char *some[LIMIT_POOL_MEMBERS];
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
    for (uint32_t i = 0; i < PEOPLE; i++) {
        stand_person(1 + i, crowd->values[i]);
        crowd->texts[i] = crowd->values[i];
    }
    for (uint32_t i = 0; i < LIMIT_POOL_MEMBERS; i++) {
        crowd->some[i] = crowd->texts[(size_t)i * (PEOPLE / LIMIT_POOL_MEMBERS)];
    }
    crowd->people = (struct entente_party){
        .kind = ENTENTE_POOL,
        .member_system = IDENTIFIER_IDNPS,
        .member_values = crowd->some,
        .member_values_count = LIMIT_POOL_MEMBERS,
    };
    crowd->random = workload_stream(seed, UINT32_MAX);
    crowd->tomorrow = workload_monday() - 2 * WEEK;
    while ((int64_t)crowd->tomorrow * 60 <= (int64_t)time(NULL)) {
        crowd->tomorrow += MINUTES_PER_DAY;
    }
}

static minute_t some_start(struct crowd *crowd, uint32_t starts)
{
    minute_t day = crowd->tomorrow +
                   (int32_t)workload_below(&crowd->random, DAYS) * MINUTES_PER_DAY;
    return starts > 1 ? day
                      : day + MORNING +
                            15 * (int32_t)workload_below(&crowd->random, STARTS / 15);
}

/* One question; how many people could come, at all starts together. */
static size_t ask(struct entente_client *client, const struct crowd *crowd,
                  minute_t start, uint32_t starts)
{
    const struct entente_free_people *told = NULL;
    struct entente_party people = crowd->people;
    const struct entente_who_is_free who = {
        .people = &people, .start = start, .duration_minutes = 60, .starts = starts};
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

/* The same about everybody, part by part. */
static size_t ask_all(struct entente_client *client, struct crowd *crowd)
{
    minute_t start = some_start(crowd, 1);
    size_t found = 0;
    for (size_t i = 0; i < PEOPLE; i += LIMIT_POOL_MEMBERS) {
        size_t left = PEOPLE - i;
        crowd->people.member_values = crowd->texts + i;
        crowd->people.member_values_count =
            left < LIMIT_POOL_MEMBERS ? left : LIMIT_POOL_MEMBERS;
        found += ask(client, crowd, start, 1);
    }
    return found;
}

static void measure_all(struct entente_client *client, struct crowd *crowd,
                        struct report *report)
{
    struct figure all = {0};
    size_t found = 0;
    int rounds = report->quick ? QUESTIONS_QUICK / 4 : QUESTIONS / 4;
    double began = report_now();
    (void)ask_all(client, crowd);
    double first = (report_now() - began) * 1000;
    for (int i = 0; i < WARM_PARTS; i++) {
        poll(NULL, 0, PAUSE_MS);
        (void)ask_all(client, crowd);
    }
    for (int i = 0; i < rounds; i++) {
        began = report_now();
        found += ask_all(client, crowd);
        figure_add(&all, (report_now() - began) * 1000);
    }
    report_line(report, "who of 100,000 is free, 1 start", "ms", &all, NULL, NULL);
    report_note("%d frames; the first time %.1f ms; %.0f can come on average", PARTS,
                first, (double)found / rounds);
    figure_free(&all);
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
        size_t now = ask(client, crowd, some_start(crowd, starts), starts);
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
    measure_all(client, &crowd, &report);
    report_note("the broker has grown by %.1f MB",
                (stand_broker_memory(&stand) - before) / 1e6);
    entente_client_destroy(client);
    stand_destroy(&stand);
    report_close(&report);
    return 0;
}
