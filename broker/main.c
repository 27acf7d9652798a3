// SPDX-License-Identifier: Apache-2.0

/*
 * main.c - the broker as a process: reads its settings, wires the edges, runs the loop
 *
 *     life.c            everything between the edges: begun, ended
 *     loop.c            one thread, one batch in flight
 *     |-- wire_zmq.c    frames in and out; zap.c says who may come in
 *     |-- dispatch.c    which message goes which way
 *     |   |-- session.c       hello, heartbeat
 *     |   |-- publisher.c     what agendas say; publisher_stage.c puts it together
 *     |   |-- reader.c        questions
 *     |   `-- writer.c        batches: load, decide, write
 *     |       |-- batch.c           what was loaded and what it has become
 *     |       |-- handle_*.c        one decision per kind of command
 *     |       |-- matter.c          a meeting moves along a row of negotiation.c
 *     |       `-- batch_collect.c   what has to be written
 *     |-- deliver.c     the outbox, per client, within its credit
 *     |-- follower.c    what other brokers on the same database have changed
 *     |-- keeper.c      due meetings, new clients, leases
 *     |-- propose.c     index.c's times to the matcher and back
 *     `-- store/        PostgreSQL
 */
#include "broker/broker.h"
#include "broker/keys.h"
#include "broker/log.h"
#include "broker/operator.h"
#include "broker/operator_words.h"
#include "broker/wire_zmq.h"
#include "proto/limits.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    const char *conninfo;
    const char *endpoint;
    const char *keys;
    const char *endpoint_file;
    int64_t broker;
};

/* A frame that is a little too large is told so; one that is far too large ends its
 * connection. */
enum { WIRE_FRAME_BYTES = 2 * LIMIT_FRAME_BYTES };

static struct broker *running;

static const char help[] =
    "entente broker - take in agendas, find slots, carry negotiations\n"
    "\n"
    "usage: entente broker --db CONNINFO --keys DIR [options]\n"
    "\n"
    "  --db CONNINFO     the database, as libpq takes it (or ENTENTE_DB)\n"
    "  --keys DIR        folder with broker.key and seal.key (or ENTENTE_KEYS)\n"
    "  --listen ADDRESS  tcp://HOST:PORT or ipc://PATH; default tcp://127.0.0.1:7411;\n"
    "                    port 0 takes any free one\n"
    "  --endpoint-file F write the address that was bound to F\n"
    "  --number N        of this broker among those on the database; default 1\n"
    "  --verbose         log more\n"
    "\n"
    "It logs to standard error and ends on SIGTERM or SIGINT.  Exit codes: 0 ended as\n"
    "asked, 1 it could not run, 2 the words were wrong, 5 the database was restored "
    "from\n"
    "an older backup: a new generation has begun, start it again (entente restored "
    "says\n"
    "what is missing), 6 another broker has taken its number: do not.\n";

static void stop(int signal_number)
{
    (void)signal_number;
    if (running != NULL) {
        running->stop = 1;
    }
}

/* -1: go on; otherwise the exit code. */
static int read_words(int argc, char **argv, struct settings *settings)
{
    static const struct option options[] = {
        {"db", required_argument, NULL, 'd'},
        {"keys", required_argument, NULL, 'k'},
        {"listen", required_argument, NULL, 'l'},
        {"endpoint-file", required_argument, NULL, 'e'},
        {"number", required_argument, NULL, 'n'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    optind = 1;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 'd':
            settings->conninfo = optarg;
            break;
        case 'k':
            settings->keys = optarg;
            break;
        case 'l':
            settings->endpoint = optarg;
            break;
        case 'e':
            settings->endpoint_file = optarg;
            break;
        case 'n':
            settings->broker = strtoll(optarg, NULL, 10);
            break;
        case 'v':
            log_set_level(LOG_DEBUG);
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return operator_words_unknown(argv);
        }
    }
    if (optind < argc || settings->conninfo == NULL || settings->keys == NULL ||
        settings->broker < 1) {
        fputs("entente broker: needs --db and --keys, and --number from 1 on; see "
              "--help\n",
              stderr);
        return 2;
    }
    return -1;
}

/* ---- wiring ------------------------------------------------------------------------
 */

static bool open_seal(struct broker *broker, const struct settings *settings)
{
    char path[4096];
    const char *message = NULL;
    snprintf(path, sizeof(path), "%s/seal.key", settings->keys);
    if (seal_open(path, &broker->seal, &message) != STATUS_OK) {
        fprintf(stderr, "entente broker: %s: %s\n", path, message);
        return false;
    }
    return true;
}

static bool open_wire(struct broker *broker, const struct settings *settings)
{
    char path[4096];
    char public_key[WIRE_KEY_TEXT];
    char secret_key[WIRE_KEY_TEXT];
    const char *message = NULL;
    snprintf(path, sizeof(path), "%s/broker.key", settings->keys);
    if (keys_read(path, public_key, secret_key, &message) != STATUS_OK) {
        fprintf(stderr, "entente broker: %s: %s\n", path, message);
        return false;
    }
    const struct wire_zmq_settings wire = {
        .endpoint = settings->endpoint,
        .secret_key = secret_key,
        .judge = keeper_judge,
        .judge_context = broker,
        .max_frame = WIRE_FRAME_BYTES,
    };
    enum status status = wire_zmq_create(&wire, &broker->wire);
    explicit_bzero(secret_key, sizeof(secret_key));
    if (status != STATUS_OK) {
        fprintf(stderr, "entente broker: %s cannot be listened on\n",
                settings->endpoint);
        return false;
    }
    log_line(LOG_INFO, "main", "listening on %s", wire_zmq_endpoint(broker->wire));
    return true;
}

/* Whole or not at all: whoever waits for the file reads a complete address. */
static bool tell_endpoint(const struct broker *broker, const struct settings *settings)
{
    char part[4096];
    if (settings->endpoint_file == NULL) {
        return true;
    }
    snprintf(part, sizeof(part), "%s.part", settings->endpoint_file);
    FILE *file = fopen(part, "w");
    bool told =
        file != NULL && fprintf(file, "%s\n", wire_zmq_endpoint(broker->wire)) > 0;
    told = file != NULL && fclose(file) == 0 && told;
    if (!told || rename(part, settings->endpoint_file) != 0) {
        perror(settings->endpoint_file);
        return false;
    }
    return true;
}

static bool set_up(struct broker *broker, const struct settings *settings)
{
    if (!open_seal(broker, settings)) {
        return false;
    }
    const struct store_settings store = {.conninfo = settings->conninfo,
                                         .seal = broker->seal,
                                         .broker = settings->broker};
    return life_begin(broker, &store) && open_wire(broker, settings) &&
           tell_endpoint(broker, settings);
}

int operator_broker(int argc, char **argv)
{
    struct settings settings = {.conninfo = getenv("ENTENTE_DB"),
                                .keys = getenv("ENTENTE_KEYS"),
                                .endpoint = "tcp://127.0.0.1:7411",
                                .broker = 1};
    int code = read_words(argc, argv, &settings);
    if (code >= 0) {
        return code;
    }
    struct broker *broker = calloc(1, sizeof(*broker));
    if (broker == NULL) {
        return 1;
    }
    struct sigaction action = {.sa_handler = stop};
    running = broker;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);

    bool ready = set_up(broker, &settings);
    if (ready) {
        loop_run(broker);
        log_line(LOG_INFO, "main", broker->failed ? "ending" : "ending as asked");
    }
    int failed = ready ? broker->failed : 1;
    running = NULL;
    life_end(broker);
    seal_close(broker->seal);
    free(broker);
    return failed;
}
