// SPDX-License-Identifier: Apache-2.0

/*
 * bench_index.c - the index of 10,000 people: how long it takes to come back, how large
 *
 * The rows are written as the broker would have stored them; then the broker itself is
 * started again and again, and says in its log how long it took to load them.  The same
 * rows are copied out of the same tables by COPY.
 */
#include "bench/bulk.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"
#include "broker/index.h"
#include "proto/arena.h"
#include "proto/identifier.h"

#include <stdlib.h>
#include <string.h>

enum {
    PEOPLE = 10000,
    CLIENTS = 20,
    ROUNDS = 7,
    ROUNDS_QUICK = 3,
    RAW_RANGE = 8, /* bytes: a start and an end */
};

struct bench {
    struct stand stand;
    PGconn *connection;
    struct index *index;
    struct arena arena;
    double raw;    /* bytes, all together */
    double stored; /* likewise */
};

/* ---- rows --------------------------------------------------------------------------
 */

static void add_to_index(struct bench *bench, const struct index_publication *row)
{
    if (!index_add_person(bench->index, row->person, ENTENTE_PROFESSIONAL,
                          IDENTIFIER_IDNPS, row->key, NULL) ||
        !index_publish(bench->index, row)) {
        report_die("no memory left");
    }
}

static void add_row(struct bench *bench, const struct index_publication *row)
{
    bench->stored += (double)bulk_put_source(bench->connection, row, &bench->arena);
    bench->raw += (double)row->range_count * RAW_RANGE;
}

static void add_sources(struct bench *bench, uint64_t seed)
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    minute_t monday = workload_monday();
    bulk_begin_sources(bench->connection);
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
            .epoch = 1,
            .sequence = 1,
            .coverage = {monday, monday + WORKLOAD_DAYS * MINUTES_PER_DAY},
            .lease_seconds = 604800,
            .ranges = ranges,
            .range_count = workload_office_ranges(&random, monday, ranges),
        };
        add_row(bench, &row);
        add_to_index(bench, &row);
    }
    bulk_end_copy(bench->connection);
    bulk_run(bench->connection, "VACUUM ANALYZE");
}

/* ---- rounds ------------------------------------------------------------------------
 */

/* Milliseconds, as the broker's log has them. */
static double rebuild(struct bench *bench, double *ret_memory)
{
    char people[64];
    stand_start_broker(&bench->stand);
    *ret_memory = stand_broker_memory(&bench->stand);
    snprintf(people, sizeof(people), "%d people, %d agendas loaded in ", PEOPLE,
             PEOPLE);
    const char *line = strstr(stand_log(&bench->stand), people);
    if (line == NULL) {
        report_die("the broker has not loaded everybody:\n%s",
                   stand_log(&bench->stand));
    }
    double ms = strtod(line + strlen(people), NULL);
    stand_stop_broker(&bench->stand);
    return ms;
}

static double copy_all(struct bench *bench)
{
    static const char *const tables[] = {
        "COPY person TO STDOUT (FORMAT binary)",
        "COPY client TO STDOUT (FORMAT binary)",
        "COPY speaks_for TO STDOUT (FORMAT binary)",
        "COPY source TO STDOUT (FORMAT binary)",
    };
    double ms = 0;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        ms += bulk_copy_out(bench->connection, tables[i]);
    }
    return ms;
}

static void measure(struct bench *bench, struct report *report, double memory_empty)
{
    struct figure load = {0};
    struct figure copy = {0};
    struct figure index = {0};
    struct figure raw = {0};
    struct figure stored = {0};
    struct figure resident = {0};
    int rounds = report->quick ? ROUNDS_QUICK : ROUNDS;
    for (int round = 0; round < rounds; round++) {
        double memory = 0;
        figure_add(&load, rebuild(bench, &memory));
        figure_add(&copy, copy_all(bench));
        figure_add(&resident, (memory - memory_empty) / PEOPLE);
    }
    figure_add(&index, (double)index_bytes(bench->index) / PEOPLE);
    figure_add(&raw, bench->raw / PEOPLE);
    figure_add(&stored, bench->stored / PEOPLE);
    report_line(report, "index rebuild, 10,000 people", "ms", &load,
                "COPY of the same rows", &copy);
    report_line(report, "bytes per person, index", "B", &index, "raw ranges, 8 B each",
                &raw);
    report_line(report, "bytes per person, resident", "B", &resident,
                "raw ranges, 8 B each", &raw);
    report_line(report, "bytes per person, stored", "B", &stored,
                "raw ranges, 8 B each", &raw);
    report_note("%d rounds, %.0f ranges a person; stored: the encoded column before "
                "compression",
                rounds, bench->raw / RAW_RANGE / PEOPLE);
    figure_free(&load);
    figure_free(&copy);
    figure_free(&index);
    figure_free(&raw);
    figure_free(&stored);
    figure_free(&resident);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct report report;
    report_open(&report, argc, argv);
    stand_create(&bench.stand);
    stand_start_broker(&bench.stand);
    double memory_empty = stand_broker_memory(&bench.stand);
    stand_stop_broker(&bench.stand);
    arena_init(&bench.arena, BULK_SOURCE_BYTES);
    bench.index = index_create();
    bench.connection = bulk_connect(&bench.stand);
    if (bench.index == NULL) {
        report_die("no memory left");
    }
    bulk_add_people(bench.connection, CLIENTS, 1, PEOPLE);
    add_sources(&bench, report.seed);
    measure(&bench, &report, memory_empty);
    index_destroy(bench.index);
    arena_finish(&bench.arena);
    PQfinish(bench.connection);
    stand_destroy(&bench.stand);
    report_close(&report);
    return 0;
}
