// SPDX-License-Identifier: Apache-2.0

/*
 * bench_load.c - durable commands per second, beside pgbench on the same server
 *
 *     request -> PROPOSED -> accept -> accept -> CONFIRMED -> cancel, and again
 *
 * Each of 64 clients goes round with people of its own; every reply stands for a row in
 * the table of commands, and at the end the two numbers are compared.  With one command
 * under way for each client it is the counterpart of `pgbench -c 64`; with eight it
 * shows what pipelining gives.
 */
#include "bench/agenda.h"
#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLIENTS = 64,
    DEPTH = 8, /* lanes of a client at most */
    CLIENT_PEOPLE = 2 * DEPTH,
    ROUNDS = 5,
    ROUNDS_QUICK = 3,
};

enum step { STEP_REQUEST, STEP_FIRST_ACCEPT, STEP_SECOND_ACCEPT, STEP_CANCEL };

struct load;

/* One meeting after the other of the same two people. */
struct lane {
    struct load *load;
    struct entente_client *client;
    uint32_t person;
    enum step step;
    bool under_way;
    struct agenda_meeting meeting;
};

struct load {
    struct stand stand;
    struct entente_client *clients[CLIENTS];
    struct lane lanes[CLIENTS * DEPTH];
    struct entente_span window;
    bool draining;
    uint64_t told;    /* replies since the beginning */
    uint64_t refused; /* of these */
    uint64_t searching;
    double seconds; /* of one round */
};

/* ---- a lane ------------------------------------------------------------------------
 */

static void go_on(struct lane *lane);

static void on_reply(void *context, enum entente_code code,
                     const struct entente_envelope *reply)
{
    struct lane *lane = context;
    lane->under_way = false;
    if (code == ENTENTE_ERROR_STOPPED) {
        return;
    }
    lane->load->told++;
    if (code != ENTENTE_OK || reply->body != ENTENTE_MEETING) {
        lane->load->refused++;
        lane->step = STEP_REQUEST;
    } else {
        lane->meeting = agenda_read(reply->meeting);
        if (lane->meeting.state == ENTENTE_SEARCHING) {
            lane->load->searching++;
            lane->step = STEP_CANCEL;
        } else {
            lane->step = lane->step == STEP_CANCEL ? STEP_REQUEST : lane->step + 1;
        }
    }
    if (!lane->load->draining) {
        go_on(lane);
    }
}

static void submit(struct lane *lane, const struct entente_envelope *envelope)
{
    enum entente_code code =
        entente_client_submit(lane->client, envelope, on_reply, lane, NULL);
    if (code != ENTENTE_OK) {
        report_die("submit: %s", entente_client_sentence(lane->client));
    }
    lane->under_way = true;
}

static void submit_answer(struct lane *lane)
{
    char value[24];
    struct entente_identifier who =
        stand_person(lane->person + (lane->step == STEP_SECOND_ACCEPT), value);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_answer answer = {
        .meeting = {lane->meeting.id, sizeof(lane->meeting.id)},
        .proposal = lane->meeting.proposal,
        .party = &who,
        .kind = ENTENTE_ACCEPT,
        .actor = &actor,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    submit(lane, &envelope);
}

static void go_on(struct lane *lane)
{
    static struct agenda_request words;
    struct entente_envelope envelope = {0};
    struct entente_cancel cancel = {
        .meeting = {lane->meeting.id, sizeof(lane->meeting.id)},
        .reason = ENTENTE_NO_LONGER_NEEDED,
        .actor = &words.actor,
    };
    switch (lane->step) {
    case STEP_REQUEST:
        agenda_request(&words, lane->person, &lane->load->window);
        envelope.body = ENTENTE_REQUEST;
        envelope.request = &words.request;
        submit(lane, &envelope);
        break;
    case STEP_FIRST_ACCEPT:
    case STEP_SECOND_ACCEPT:
        submit_answer(lane);
        break;
    case STEP_CANCEL:
        agenda_request(&words, lane->person, &lane->load->window);
        envelope.body = ENTENTE_CANCEL;
        envelope.cancel = &cancel;
        submit(lane, &envelope);
        break;
    }
}

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

static bool is_idle(const struct load *load)
{
    bool idle = true;
    for (size_t i = 0; i < CLIENTS; i++) {
        idle = idle && entente_client_unanswered(load->clients[i]) == 0;
    }
    return idle;
}

/* Commands told in one second with @depth commands of each client under way. */
static double run(struct load *load, size_t depth)
{
    load->draining = false;
    for (size_t i = 0; i < CLIENTS; i++) {
        for (size_t j = 0; j < depth; j++) {
            go_on(&load->lanes[i * DEPTH + j]);
        }
        /* What was submitted goes out with the client's next step. */
        entente_client_step(load->clients[i], 0);
    }
    double began = report_now();
    uint64_t before = load->told;
    while (report_now() - began < load->seconds) {
        turn(load, 10);
    }
    double rate = (double)(load->told - before) / (report_now() - began);
    load->draining = true;
    double end = report_now() + STAND_PATIENCE_MS / 1000.0;
    while (!is_idle(load)) {
        turn(load, 10);
        if (report_now() > end) {
            report_die("commands remain unanswered:\n%s", stand_log(&load->stand));
        }
    }
    return rate;
}

/* ---- pgbench -----------------------------------------------------------------------
 */

static bool pgbench_make(const struct load *load, const char *program)
{
    const char *words[] = {program, "-i", "-q",
                           "-s",    "10", pg_database_conninfo(load->stand.database),
                           NULL};
    return stand_run(&load->stand, words, NULL, 0);
}

static double pgbench_run(const struct load *load, const char *program)
{
    static char output[16 * 1024];
    char seconds[16];
    const char *words[] = {
        program,    "-n", "-N",    "-M",
        "prepared", "-c", "64",    "-j",
        "2",        "-T", seconds, pg_database_conninfo(load->stand.database),
        NULL};
    snprintf(seconds, sizeof(seconds), "%.0f", load->seconds);
    const char *found = NULL;
    if (stand_run(&load->stand, words, output, sizeof(output))) {
        found = strstr(output, "tps = ");
    }
    if (found == NULL) {
        report_die("pgbench failed:\n%s", stand_log(&load->stand));
    }
    return strtod(found + strlen("tps = "), NULL);
}

/* ---- the whole ---------------------------------------------------------------------
 */

static void publish_all(struct load *load, uint64_t seed)
{
    static struct entente_range ranges[WORKLOAD_RANGES_MAX];
    size_t unanswered = 0;
    for (uint32_t person = 0; person < CLIENTS * CLIENT_PEOPLE; person++) {
        struct workload_random random = workload_stream(seed, person);
        const struct agenda_ranges agenda = {
            ranges, workload_office_ranges(&random, load->window.start, ranges)};
        agenda_submit(load->clients[person / CLIENT_PEOPLE], person, &load->window,
                      &agenda, &unanswered);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        entente_client_step(load->clients[i], 0);
    }
    while (unanswered > 0) {
        turn(load, 10);
    }
}

static void set_up(struct load *load, uint64_t seed)
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
        for (uint32_t j = 0; j < DEPTH; j++) {
            load->lanes[i * DEPTH + j] =
                (struct lane){.load = load,
                              .client = load->clients[i],
                              .person = i * CLIENT_PEOPLE + 2 * j};
        }
    }
    publish_all(load, seed);
}

/* Nothing was told that is not durable. */
static void check(const struct load *load)
{
    int64_t rows =
        pg_database_number(load->stand.database, "SELECT count(*) FROM command");
    /* The audit has one link for each batch. */
    int64_t batches =
        pg_database_number(load->stand.database, "SELECT count(*) FROM audit");
    if (load->refused > 0 || rows != (int64_t)load->told) {
        report_die("%" PRIu64 " replies, %" PRIu64 " of them refusals, but %" PRId64
                   " durable commands",
                   load->told, load->refused, rows);
    }
    report_note("%" PRIu64 " commands told, as many durable; %" PRIu64
                " requests found no slot; %.1f in one batch; rounds of %.0f s",
                load->told, load->searching,
                (double)load->told / (double)(batches > 0 ? batches : 1),
                load->seconds);
}

static void measure(struct load *load, struct report *report)
{
    struct figure one = {0};
    struct figure eight = {0};
    struct figure theirs = {0};
    int rounds = report->quick ? ROUNDS_QUICK : ROUNDS;
    const char *program = getenv("ENTENTE_PGBENCH");
    const char *yardstick = NULL;
    if (program != NULL && program[0] != '\0' && pgbench_make(load, program)) {
        yardstick = "pgbench -N -c 64";
    } else {
        report_note("no pgbench here: the next lines have no yardstick");
    }
    run(load, DEPTH);
    for (int round = 0; round < rounds; round++) {
        figure_add(&one, run(load, 1));
        if (yardstick != NULL) {
            figure_add(&theirs, pgbench_run(load, program));
        }
        figure_add(&eight, run(load, DEPTH));
    }
    report_line(report, "commands, 64 clients x 1", "/s", &one, yardstick, &theirs);
    report_line(report, "commands, 64 clients x 8", "/s", &eight, yardstick, &theirs);
    check(load);
    figure_free(&one);
    figure_free(&eight);
    figure_free(&theirs);
}

int main(int argc, char **argv)
{
    static struct load load;
    struct report report;
    report_open(&report, argc, argv);
    load.seconds = report.quick ? 1 : 4;
    stand_create(&load.stand);
    stand_start_broker(&load.stand);
    set_up(&load, report.seed);
    measure(&load, &report);
    for (size_t i = 0; i < CLIENTS; i++) {
        entente_client_destroy(load.clients[i]);
    }
    stand_destroy(&load.stand);
    report_close(&report);
    return 0;
}
