// SPDX-License-Identifier: Apache-2.0

/*
 * operator_breaker.c - `entente breaker`: agendas that diverged too often at once
 */
#include "broker/operator.h"

#include "broker/operator_list.h"
#include "broker/operator_words.h"
#include "broker/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] =
    "entente breaker - clients of whom so many agendas diverged at once that no "
    "meeting\n"
    "is reopened for it until the operator has looked\n"
    "\n"
    "usage: entente breaker list [--json] [options]\n"
    "       entente breaker reset CLIENT [--forget | --real] [options]\n"
    "\n"
    "An agenda diverges when it refuses or deletes an event, or is busy with "
    "something\n"
    "else at that time.  Its owner is asked first.  More than 10 within an hour from "
    "one\n"
    "client are rather an import gone wrong: its breaker trips, nobody is asked, and\n"
    "nothing is moved.  `reset` looks at all of them again, counted from nothing.\n"
    "\n"
    "  --forget        the agendas were wrong: what they refused and deleted never "
    "was\n"
    "  --real          all of it is real: every owner is asked, and for an hour "
    "nothing\n"
    "                  is counted\n"
    "  --json          one object for each client\n"
    "  --db CONNINFO   the database, as libpq takes it (default: ENTENTE_DB)\n"
    "\n"
    "Exit codes: 0 done, 1 it failed, 2 the words were wrong.\n";

struct words {
    const char *conninfo;
    enum store_reset how;
    bool json;
};

static const struct option options[] = {
    {"db", required_argument, NULL, 'd'}, {"forget", no_argument, NULL, 'f'},
    {"real", no_argument, NULL, 'r'},     {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},     {NULL, 0, NULL, 0},
};

/* -1: go on; otherwise the exit code. */
static int take_word(void *context, int letter)
{
    struct words *words = context;
    switch (letter) {
    case 'f':
    case 'r':
        if (words->how != STORE_LOOK_AGAIN) {
            fputs("entente breaker: --forget and --real do not go together\n", stderr);
            return 2;
        }
        words->how = letter == 'f' ? STORE_FORGET : STORE_REAL;
        return -1;
    case 'j':
        words->json = true;
        return -1;
    default:
        return 2;
    }
}

static const char *moment(int64_t ms, char text[32])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        text[0] = '\0';
    }
    return text;
}

static void print_line(void *context, const struct store_breaker_row *row)
{
    char tripped[32];
    char lifted[32];
    (void)context;
    printf("%-24s %s%s%s%s  asked %" PRIu64 ", held back %" PRIu64 "\n", row->client,
           row->tripped_ms == 0 ? "closed" : "tripped ",
           row->tripped_ms == 0 ? "" : moment(row->tripped_ms, tripped),
           row->lifted_ms == 0 ? "" : ", not counted until ",
           row->lifted_ms == 0 ? "" : moment(row->lifted_ms, lifted), row->asked,
           row->held_back);
}

static void add_json(void *context, const struct store_breaker_row *row)
{
    operator_list_add(
        context, json_pack("{s:s, s:I, s:I, s:I, s:I}", "client", row->client,
                           "tripped_ms", (json_int_t)row->tripped_ms, "lifted_ms",
                           (json_int_t)row->lifted_ms, "asked", (json_int_t)row->asked,
                           "held_back", (json_int_t)row->held_back));
}

static int fail(const char *message)
{
    fprintf(stderr, "entente breaker: %s\n", message);
    return 1;
}

static int list(const struct words *words)
{
    const struct store_settings settings = {.conninfo = words->conninfo};
    const char *message = NULL;
    struct operator_list list = operator_list_begin(words->json);
    enum status status = store_list_breakers(
        &settings, words->json ? add_json : print_line, &list, &message);
    return operator_list_end(&list, "breaker", status == STATUS_OK ? NULL : message);
}

static int reset(const struct words *words, const char *client)
{
    const struct store_settings settings = {.conninfo = words->conninfo};
    const char *message = NULL;
    uint64_t meetings = 0;
    if (store_reset_breaker(&settings, client, words->how, &meetings, &message) !=
        STATUS_OK) {
        return fail(message);
    }
    printf("breaker of %s reset: %" PRIu64 " meetings are looked at again\n", client,
           meetings);
    return 0;
}

int operator_breaker(int argc, char **argv)
{
    struct words words = {.how = STORE_LOOK_AGAIN};
    struct operator_words given = {
        .help = help, .options = options, .take = take_word, .context = &words};
    int code = operator_words_read(argc, argv, &given);
    if (code >= 0) {
        return code;
    }
    words.conninfo = given.conninfo;
    const char *what = optind < argc ? argv[optind] : "";
    bool lists = strcmp(what, "list") == 0 && optind == argc - 1 &&
                 words.how == STORE_LOOK_AGAIN;
    bool resets = strcmp(what, "reset") == 0 && optind == argc - 2 && !words.json;
    if (words.conninfo == NULL || (!lists && !resets)) {
        fputs("entente breaker: say list or reset CLIENT, and --db CONNINFO or "
              "ENTENTE_DB; see --help\n",
              stderr);
        return 2;
    }
    return lists ? list(&words) : reset(&words, argv[optind + 1]);
}
