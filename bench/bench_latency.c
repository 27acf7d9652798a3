// SPDX-License-Identifier: Apache-2.0

/*
 * bench_latency.c - how long one vendor waits: publish to matchable, one accept
 *
 * One client at a time on a broker that has nothing else to do.  Each round also writes
 * one row on the same server: a prepared INSERT with its COMMIT, by libpq.
 */
#include "bench/agenda.h"
#include "bench/marker.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 250, ROUNDS_QUICK = 60, WARM_UP = 10, BLOCK = 8192 };

struct bench {
    struct stand stand;
    struct marker marker; /* published and searched by the same client */
    PGconn *connection;
    int file;

    struct figure durable;
    struct figure matchable;
    struct figure search;
    struct figure accept;
    struct figure commit;
    struct figure flush;
};

/* ---- yardsticks --------------------------------------------------------------------
 */

static PGresult *finish(PGresult *result, PGconn *connection)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        report_die("%s", PQerrorMessage(connection));
    }
    return result;
}

static void open_yardsticks(struct bench *bench)
{
    char path[1024];
    bench->connection = PQconnectdb(pg_database_conninfo(bench->stand.database));
    PGconn *connection = bench->connection;
    PQclear(finish(PQexec(connection, "CREATE TABLE bench_commit"
                                      " (id int8 PRIMARY KEY, payload bytea)"),
                   connection));
    PQclear(finish(PQprepare(connection, "put",
                             "INSERT INTO bench_commit VALUES ($1::int8,"
                             " decode(repeat('5a', 100), 'hex'))",
                             1, NULL),
                   connection));
    PGresult *place = finish(PQexec(connection, "SHOW data_directory"), connection);
    snprintf(path, sizeof(path), "%s/../bench-flush", PQgetvalue(place, 0, 0));
    PQclear(place);
    bench->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    unlink(path);
}

static void write_one_row(struct bench *bench, int number)
{
    char text[16];
    const char *values[] = {text};
    snprintf(text, sizeof(text), "%d", number);
    double began = report_now();
    PQclear(finish(PQexecPrepared(bench->connection, "put", 1, values, NULL, NULL, 0),
                   bench->connection));
    figure_add(&bench->commit, (report_now() - began) * 1000);
}

/* What the disk takes for one block, where the server's directory may be written. */
static void flush_one_block(struct bench *bench)
{
    static const char block[BLOCK];
    if (bench->file < 0) {
        return;
    }
    double began = report_now();
    if (pwrite(bench->file, block, sizeof(block), 0) != BLOCK ||
        fdatasync(bench->file) != 0) {
        report_die("a block cannot be written");
    }
    figure_add(&bench->flush, (report_now() - began) * 1000);
}

/* ---- rounds ------------------------------------------------------------------------
 */

static void publish(struct bench *bench, int round)
{
    struct marker_times times = marker_round(&bench->marker, round);
    figure_add(&bench->search, times.search);
    figure_add(&bench->durable, times.durable);
    figure_add(&bench->matchable, times.matchable);
}

static void accept(struct bench *bench)
{
    struct entente_client *client = bench->marker.publisher;
    minute_t monday = bench->marker.coverage.start;
    const struct entente_span window = {monday,
                                        monday + WORKLOAD_DAYS * MINUTES_PER_DAY};
    struct agenda_meeting meeting = agenda_propose(client, 0, 2, &window);
    double began = report_now();
    meeting = agenda_accept(client, 0, &meeting);
    figure_add(&bench->accept, (report_now() - began) * 1000);
    meeting = agenda_accept(client, 1, &meeting);
    if (meeting.state != ENTENTE_CONFIRMED) {
        report_die("the meeting is not confirmed");
    }
    agenda_cancel(client, 0, &meeting);
}

/* ---- the whole ---------------------------------------------------------------------
 */

/* Number 1, who meets number 0. */
static void publish_other(struct bench *bench, uint64_t seed)
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    struct workload_random random = workload_stream(seed, 1);
    const struct agenda_ranges agenda = {
        ranges, workload_office_ranges(&random, bench->marker.coverage.start, ranges)};
    agenda_publish(bench->marker.publisher, 1, &bench->marker.coverage, &agenda);
}

static void say(struct bench *bench, struct report *report)
{
    report_line(report, "publish to durable reply", "ms", &bench->durable, "one COMMIT",
                &bench->commit);
    report_line(report, "publish to matchable", "ms", &bench->matchable, "one COMMIT",
                &bench->commit);
    report_line(report, "search over the wire", "ms", &bench->search, NULL, NULL);
    report_line(report, "one accept", "ms", &bench->accept, "one COMMIT",
                &bench->commit);
    if (bench->file >= 0) {
        report_line(report, "one COMMIT", "ms", &bench->commit, "fdatasync of 8 kB",
                    &bench->flush);
    }
    report_note("%zu rounds, one client, snapshots of %zu ranges; p99: matchable %.2f, "
                "accept %.2f, COMMIT %.2f ms",
                bench->commit.count, bench->marker.count + 1,
                figure_quantile(&bench->matchable, 0.99),
                figure_quantile(&bench->accept, 0.99),
                figure_quantile(&bench->commit, 0.99));
}

static void forget(struct bench *bench)
{
    figure_free(&bench->durable);
    figure_free(&bench->matchable);
    figure_free(&bench->search);
    figure_free(&bench->accept);
    figure_free(&bench->commit);
    figure_free(&bench->flush);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct report report;
    struct entente_settings settings = {0};
    report_open(&report, argc, argv);
    stand_create(&bench.stand);
    stand_start_broker(&bench.stand);
    stand_add_client(&bench.stand, 0, 2);
    marker_create(&bench.marker, report.seed);
    bench.marker.publisher = stand_connect(&bench.stand, 0, &settings);
    bench.marker.searcher = bench.marker.publisher;
    open_yardsticks(&bench);
    publish_other(&bench, report.seed);
    int rounds = WARM_UP + (report.quick ? ROUNDS_QUICK : ROUNDS);
    for (int round = 0; round < rounds; round++) {
        if (round == WARM_UP) {
            forget(&bench);
        }
        publish(&bench, round);
        write_one_row(&bench, round);
        accept(&bench);
        flush_one_block(&bench);
    }
    say(&bench, &report);
    forget(&bench);
    PQfinish(bench.connection);
    entente_client_destroy(bench.marker.publisher);
    stand_destroy(&bench.stand);
    report_close(&report);
    return 0;
}
