// SPDX-License-Identifier: Apache-2.0

/*
 * bench_load.c - durable commands per second, beside pgbench on the same server
 *
 * Each of 64 clients leads meetings through whole lives (life.h), with people of its own,
 * then with parties at five different clients.  Every reply stands for a row in the table
 * of commands, and at the end the two numbers are compared.  With one life under way for
 * each client it is the counterpart of `pgbench -c 64`; with eight it shows what a vendor's
 * installation does that has more than one user.
 */
#include "bench/agenda.h"
#include "bench/life.h"
#include "bench/pace.h"
#include "bench/processors.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIENTS = 64,
    DEPTH = 8, /* lives under way of a client at most */
    CLIENT_PEOPLE = LIFE_PARTIES * DEPTH,
    APART = 13, /* clients from one party to the next, where they are apart */
    ROUNDS = 5,
    ROUNDS_QUICK = 3,
    PUBLICATIONS_HOUR = 100000,
    LIMIT_ACCEPT_MS = 10,
};

struct load {
    struct stand stand;
    struct entente_client *clients[CLIENTS];
    struct life near[CLIENTS * DEPTH]; /* the parties of one client's */
    struct life far[CLIENTS * DEPTH];  /* of five clients */
    struct entente_span window;
    bool draining;
    struct life_count count;
    uint64_t seed;      /* of the agendas */
    size_t unpublished; /* under way */
    double seconds;     /* of one round */
};

/* What is measured of one kind of load. */
struct series {
    struct figure rate; /* commands, or transactions, per second */
    struct processors used;
    double done;
};

/* ---- rounds ------------------------------------------------------------------------
 */

static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    struct entente_client **client = context;
    (void)position;
    if (entente_client_applied(*client, event->sequence) != ENTENTE_OK) {
        report_die("an event cannot be acknowledged");
    }
}

/* Let every client do what is due, for at most @timeout_ms. */
static void turn(struct load *load, int timeout_ms)
{
    struct pollfd descriptors[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++) {
        descriptors[i] = (struct pollfd){.fd = entente_client_fd(load->clients[i]),
                                         .events = POLLIN};
    }
    if (poll(descriptors, CLIENTS, timeout_ms) < 0) {
        report_die("poll");
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        if (descriptors[i].revents != 0 &&
            entente_client_step(load->clients[i], 0) != ENTENTE_OK) {
            report_die("a client stopped: %s",
                       entente_client_sentence(load->clients[i]));
        }
    }
}

static void step_all(struct load *load)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        entente_client_step(load->clients[i], 0);
    }
}

static bool is_idle(const struct load *load)
{
    bool idle = true;
    for (size_t i = 0; i < CLIENTS; i++) {
        idle = idle && entente_client_unanswered(load->clients[i]) == 0;
    }
    return idle;
}

/* One round with @depth lives of each client under way. */
static void run(struct load *load, struct life *lives, size_t depth,
                struct series *series)
{
    struct processors used = processors_read(&load->stand);
    load->draining = false;
    for (size_t i = 0; i < CLIENTS; i++) {
        for (size_t j = 0; j < depth; j++) {
            life_go_on(&lives[i * DEPTH + j]);
        }
    }
    /* What was submitted goes out with the client's next step. */
    step_all(load);
    double began = report_now();
    uint64_t before = load->count.commands;
    while (report_now() - began < load->seconds) {
        turn(load, 10);
    }
    double rate = (double)(load->count.commands - before) / (report_now() - began);
    load->draining = true;
    double end = report_now() + STAND_PATIENCE_MS / 1000.0;
    while (!is_idle(load)) {
        turn(load, 10);
        if (report_now() > end) {
            report_die("commands remain unanswered:\n%s", stand_log(&load->stand));
        }
    }
    struct processors now = processors_read(&load->stand);
    processors_add(&series->used, &used, &now);
    series->done += (double)(load->count.commands - before);
    figure_add(&series->rate, rate);
}

/* ---- pgbench -----------------------------------------------------------------------
 */

#define PGBENCH_COUNT "number of transactions actually processed: "

static bool pgbench_make(const struct load *load, const char *program)
{
    const char *words[] = {program, "-i", "-q",
                           "-s",    "10", pg_database_conninfo(load->stand.database),
                           NULL};
    return stand_run(&load->stand, words, NULL, 0);
}

static void pgbench_run(const struct load *load, const char *program,
                        struct series *series)
{
    static char output[16 * 1024];
    char seconds[16];
    const char *words[] = {
        program,    "-n", "-N",    "-M",
        "prepared", "-c", "64",    "-j",
        "2",        "-T", seconds, pg_database_conninfo(load->stand.database),
        NULL};
    struct processors used = processors_read(&load->stand);
    snprintf(seconds, sizeof(seconds), "%.0f", load->seconds);
    const char *found = NULL;
    const char *count = NULL;
    if (stand_run(&load->stand, words, output, sizeof(output))) {
        found = strstr(output, "tps = ");
        count = strstr(output, PGBENCH_COUNT);
    }
    if (found == NULL || count == NULL) {
        report_die("pgbench failed:\n%s", stand_log(&load->stand));
    }
    struct processors now = processors_read(&load->stand);
    processors_add(&series->used, &used, &now);
    series->done += strtod(count + strlen(PGBENCH_COUNT), NULL);
    figure_add(&series->rate, strtod(found + strlen("tps = "), NULL));
}

/* ---- the whole ---------------------------------------------------------------------
 */

/* Half-days of weekdays with one appointment each: nobody runs out of common time while
 * it is measured. */
static size_t open_ranges(struct workload_random *random, minute_t monday,
                          struct entente_range *ret)
{
    static const struct entente_span halves[] = {{480, 720}, {810, 1080}};
    size_t count = 0;
    for (int32_t day = 0; day < WORKLOAD_DAYS; day++) {
        for (size_t i = 0; i < 2 && day % 7 < 5; i++) {
            minute_t midnight = monday + day * MINUTES_PER_DAY;
            minute_t busy =
                halves[i].start + 30 + 15 * (minute_t)workload_below(random, 9);
            ret[count++] = (struct entente_range){.start = midnight + halves[i].start,
                                                  .end = midnight + busy,
                                                  .kind = ENTENTE_FREE};
            ret[count++] = (struct entente_range){.start = midnight + busy + 30,
                                                  .end = midnight + halves[i].end,
                                                  .kind = ENTENTE_FREE};
        }
    }
    return count;
}

static void publish(struct load *load, uint32_t person)
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    struct workload_random random = workload_stream(load->seed, person);
    const struct agenda_ranges agenda = {
        ranges, open_ranges(&random, load->window.start, ranges)};
    agenda_submit(load->clients[person / CLIENT_PEOPLE], person, &load->window, &agenda,
                  &load->unpublished);
}

static void publish_all(struct load *load)
{
    for (uint32_t person = 0; person < CLIENTS * CLIENT_PEOPLE; person++) {
        publish(load, person);
    }
    step_all(load);
    while (load->unpublished > 0) {
        turn(load, 10);
    }
}

/* Number @i, whose parties are @apart clients from each other. */
static void set_up_life(struct load *load, struct life *life, uint32_t i,
                        uint32_t apart)
{
    *life = (struct life){.window = &load->window,
                          .count = &load->count,
                          .draining = &load->draining,
                          .number = i};
    for (uint32_t party = 0; party < LIFE_PARTIES; party++) {
        uint32_t client = (i / DEPTH + party * apart) % CLIENTS;
        life->clients[party] = load->clients[client];
        life->people[party] = client * CLIENT_PEOPLE + i % DEPTH * LIFE_PARTIES + party;
    }
}

static void set_up(struct load *load)
{
    minute_t monday = workload_monday();
    load->window =
        (struct entente_span){monday, monday + WORKLOAD_DAYS * MINUTES_PER_DAY};
    for (uint32_t i = 0; i < CLIENTS; i++) {
        stand_add_client(&load->stand, i * CLIENT_PEOPLE, CLIENT_PEOPLE);
    }
    for (uint32_t i = 0; i < CLIENTS; i++) {
        struct entente_settings settings = {.context = &load->clients[i],
                                            .on_event = on_event};
        load->clients[i] = stand_connect(&load->stand, i * CLIENT_PEOPLE, &settings);
    }
    for (uint32_t i = 0; i < CLIENTS * DEPTH; i++) {
        set_up_life(load, &load->near[i], i, 0);
        set_up_life(load, &load->far[i], i, APART);
    }
    publish_all(load);
}

/* Nothing was told that is not durable. */
static void check(const struct load *load)
{
    int64_t rows =
        pg_database_number(load->stand.database, "SELECT count(*) FROM command");
    /* The audit has one link for each batch. */
    int64_t batches =
        pg_database_number(load->stand.database, "SELECT count(*) FROM audit");
    const struct life_count *count = &load->count;
    if (count->refused > 0 || rows != (int64_t)count->commands) {
        report_die("%" PRIu64 " replies, %" PRIu64 " of them refusals, but %" PRId64
                   " durable commands",
                   count->commands, count->refused, rows);
    }
    report_note(
        "%" PRIu64 " commands told, as many durable; %" PRIu64 " meetings, %" PRIu64
        " shifted, %" PRIu64 " cancelled, %" PRIu64 " without a slot",
        count->commands, count->lives, count->shifted, count->cancelled, count->stuck);
    report_note("%.1f commands in one batch; rounds of %.0f s",
                (double)count->commands / (double)(batches > 0 ? batches : 1),
                load->seconds);
}

/* What one command has cost whom: who uses the processors up sets the limit. */
static void note_used(const char *what, const struct series *series)
{
    double each = 1e6 / (series->done > 0 ? series->done : 1);
    report_note("%s, processor time of one: %.0f us PostgreSQL, %.0f us broker, "
                "%.0f us generator",
                what, series->used.server * each, series->used.broker * each,
                series->used.generator * each);
}

/* Commands a second with eight lives of each client under way. */
static double measure(struct load *load, struct report *report)
{
    static struct series warm;
    static struct series one;
    static struct series eight;
    static struct series far;
    static struct series theirs;
    int rounds = report->quick ? ROUNDS_QUICK : ROUNDS;
    const char *program = getenv("ENTENTE_PGBENCH");
    const char *yardstick = NULL;
    if (program != NULL && program[0] != '\0' && pgbench_make(load, program)) {
        yardstick = "pgbench -N -c 64";
    } else {
        report_note("no pgbench here: the next lines have no yardstick");
    }
    run(load, load->near, DEPTH, &warm);
    for (int round = 0; round < rounds; round++) {
        run(load, load->near, 1, &one);
        run(load, load->far, DEPTH, &far);
        if (yardstick != NULL) {
            pgbench_run(load, program, &theirs);
        }
        run(load, load->near, DEPTH, &eight);
    }
    report_line(report, "commands, 64 clients x 1", "/s", &one.rate, yardstick,
                &theirs.rate);
    report_line(report, "commands, 64 clients x 8", "/s", &eight.rate, yardstick,
                &theirs.rate);
    report_line(report, "the same, parties at 5 clients", "/s", &far.rate, yardstick,
                &theirs.rate);
    check(load);
    note_used("64 clients x 8", &eight);
    note_used("the same, parties at 5 clients", &far);
    if (yardstick != NULL) {
        note_used("pgbench", &theirs);
    }
    figure_free(&warm.rate);
    figure_free(&one.rate);
    double whole = figure_quantile(&eight.rate, 0.5);
    figure_free(&eight.rate);
    figure_free(&far.rate);
    figure_free(&theirs.rate);
    return whole;
}

/* ---- accepts at half the load ------------------------------------------------------
 */

static void let_pass(void *context, int timeout_ms)
{
    turn(context, timeout_ms);
}

/* The next person of the next client: the same agenda again, as a whole. */
static void publish_next(void *context, uint64_t number)
{
    uint32_t client = (uint32_t)(number % CLIENTS);
    uint32_t person = (uint32_t)(number / CLIENTS % CLIENT_PEOPLE);
    publish(context, client * CLIENT_PEOPLE + person);
}

/* What 64 clients with eight lives each come to, where it has not been measured. */
static double whole_load(struct load *load)
{
    static struct series eight;
    run(load, load->near, DEPTH, &eight);
    run(load, load->near, DEPTH, &eight);
    double rate = figure_quantile(&eight.rate, 1);
    figure_free(&eight.rate);
    return rate;
}

static void measure_accepts(struct load *load, struct report *report, double whole)
{
    static const char *const what[] = {"accept at half the load, p99",
                                       "the same, 100,000 publications/h"};
    static const char *const limits[] = {
        "the batch that is being committed when it comes, then its own COMMIT",
        "the same, and the processor that publications want, too"};
    struct pace pace = {.lives = load->near,
                        .count = (size_t)CLIENTS * DEPTH,
                        .commands = whole / 2,
                        .seconds = load->seconds * 2,
                        .context = load,
                        .turn = let_pass,
                        .publish = publish_next};
    int rounds = report->quick ? ROUNDS_QUICK : ROUNDS;
    report_note("%" PRId64 " segments of the log lie ready to be used again",
                pace_recycle_wal(load->stand.database));
    for (size_t kind = 0; kind < 2; kind++) {
        struct figure p99 = {0};
        struct figure half = {0};
        struct figure rate = {0};
        pace.publications = kind == 0 ? 0 : PUBLICATIONS_HOUR / 3600.0;
        for (int round = 0; round < rounds; round++) {
            struct figure times = {0};
            figure_add(&rate, pace_run(&pace, &times));
            figure_add(&p99, figure_quantile(&times, 0.99));
            figure_add(&half, figure_quantile(&times, 0.5));
            figure_free(&times);
        }
        report_limit(report, what[kind], "ms", &p99, REPORT_AT_MOST, LIMIT_ACCEPT_MS,
                     limits[kind]);
        report_note("%.0f commands a second wanted, %.0f answered; median accept %.2f "
                    "ms; rounds of %.0f s",
                    pace.commands, figure_quantile(&rate, 0.5),
                    figure_quantile(&half, 0.5), pace.seconds);
        figure_free(&p99);
        figure_free(&half);
        figure_free(&rate);
    }
    while (load->unpublished > 0) {
        turn(load, 10);
    }
}

int main(int argc, char **argv)
{
    static struct load load;
    struct report report;
    report_open(&report, argc, argv);
    load.seconds = report.quick ? 1 : 4;
    stand_create(&load.stand);
    stand_start_broker(&load.stand);
    load.seed = report.seed;
    set_up(&load);
    double whole =
        report_wants(&report, "load") ? measure(&load, &report) : whole_load(&load);
    if (report_wants(&report, "accept")) {
        measure_accepts(&load, &report, whole);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        entente_client_destroy(load.clients[i]);
    }
    stand_destroy(&load.stand);
    report_close(&report);
    return 0;
}
