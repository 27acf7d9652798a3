// SPDX-License-Identifier: Apache-2.0

/*
 * bench_latency.c - how long one vendor waits: publish to matchable, one accept
 *
 * One client at a time on a broker that has nothing else to do.  Each round also writes
 * one row on the same server: a prepared INSERT with its COMMIT, by libpq.
 */
#include "bench/agenda.h"
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
    struct entente_client *client;
    PGconn *connection;
    int file;
    struct entente_span coverage; /* 90 days of office, then one marker a round */
    struct entente_range ranges[WORKLOAD_RANGES_MAX + 1];
    size_t count;

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

/* ---- publish to matchable ----------------------------------------------------------
 */

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
        entente_client_search(bench->client, &search, STAND_PATIENCE_MS, &result);
    if (code != ENTENTE_OK) {
        report_die("search: %s", entente_client_sentence(bench->client));
    }
    return result->slots_count == 1;
}

/* An office calendar as before, and behind it one hour that was not there. */
static void publish(struct bench *bench, int round)
{
    int32_t marker = bench->coverage.start + (WORKLOAD_DAYS + 1) * MINUTES_PER_DAY +
                     (round % 300) * 60;
    bench->ranges[bench->count] = (struct entente_range){
        .start = marker, .end = marker + 60, .kind = ENTENTE_FREE};
    const struct agenda_ranges ranges = {bench->ranges, bench->count + 1};
    double began = report_now();
    if (sees(bench, marker)) {
        report_die("the hour was there before it was published");
    }
    double asked = report_now();
    agenda_publish(bench->client, 0, &bench->coverage, &ranges);
    double told = report_now();
    while (!sees(bench, marker)) {
    }
    figure_add(&bench->search, (asked - began) * 1000);
    figure_add(&bench->durable, (told - asked) * 1000);
    figure_add(&bench->matchable, (report_now() - asked) * 1000);
}

/* ---- one accept --------------------------------------------------------------------
 */

static struct agenda_meeting expect(struct bench *bench, enum entente_code code,
                                    const struct entente_meeting *meeting,
                                    uint32_t state)
{
    if (code != ENTENTE_OK || meeting->state != state) {
        report_die("the meeting did not come to state %u: %s", state,
                   entente_client_sentence(bench->client));
    }
    return agenda_read(meeting);
}

static void accept(struct bench *bench)
{
    static struct agenda_request words;
    const struct entente_span window = {
        bench->coverage.start, bench->coverage.start + WORKLOAD_DAYS * MINUTES_PER_DAY};
    const struct entente_meeting *reply = NULL;
    agenda_request(&words, 0, &window);
    enum entente_code code = entente_client_request(bench->client, &words.request,
                                                    STAND_PATIENCE_MS, &reply);
    struct agenda_meeting meeting = expect(bench, code, reply, ENTENTE_PROPOSED);
    for (size_t i = 0; i < 2; i++) {
        struct entente_actor actor = {.who = &words.who[i],
                                      .channel = ENTENTE_OWN_SOFTWARE};
        const struct entente_answer answer = {
            .meeting = {meeting.id, sizeof(meeting.id)},
            .proposal = meeting.proposal,
            .party = &words.who[i],
            .kind = ENTENTE_ACCEPT,
            .actor = &actor};
        double began = report_now();
        code = entente_client_answer(bench->client, &answer, STAND_PATIENCE_MS, &reply);
        if (i == 0) {
            figure_add(&bench->accept, (report_now() - began) * 1000);
        }
        expect(bench, code, reply, i == 0 ? ENTENTE_PROPOSED : ENTENTE_CONFIRMED);
    }
    const struct entente_cancel cancel = {.meeting = {meeting.id, sizeof(meeting.id)},
                                          .reason = ENTENTE_NO_LONGER_NEEDED,
                                          .actor = &words.actor};
    code = entente_client_cancel(bench->client, &cancel, STAND_PATIENCE_MS, &reply);
    expect(bench, code, reply, ENTENTE_CANCELLED);
}

/* ---- the whole ---------------------------------------------------------------------
 */

static void publish_both(struct bench *bench, uint64_t seed)
{
    minute_t monday = workload_monday();
    bench->coverage =
        (struct entente_span){monday, monday + (WORKLOAD_DAYS + 30) * MINUTES_PER_DAY};
    for (uint32_t person = 2; person-- > 0;) {
        struct workload_random random = workload_stream(seed, person);
        bench->count = workload_office_ranges(&random, monday, bench->ranges);
        const struct agenda_ranges ranges = {bench->ranges, bench->count};
        agenda_publish(bench->client, person, &bench->coverage, &ranges);
    }
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
    report_note(
        "%zu rounds, one client, snapshots of %zu ranges; p99: matchable %.2f, "
        "accept %.2f, COMMIT %.2f ms",
        bench->commit.count, bench->count + 1, figure_quantile(&bench->matchable, 0.99),
        figure_quantile(&bench->accept, 0.99), figure_quantile(&bench->commit, 0.99));
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
    bench.client = stand_connect(&bench.stand, 0, &settings);
    open_yardsticks(&bench);
    publish_both(&bench, report.seed);
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
    entente_client_destroy(bench.client);
    stand_destroy(&bench.stand);
    report_close(&report);
    return 0;
}
