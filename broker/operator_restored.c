// SPDX-License-Identifier: Apache-2.0

/*
 * operator_restored.c - after a restore: what is missing, and what to do about it
 */
#include "broker/operator.h"

#include "broker/operator_words.h"
#include "broker/store/store_brokers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "entente restored - a database that was restored from an older backup\n"
    "\n"
    "usage: entente restored [--begin] [--db CONNINFO] [--keys DIR]\n"
    "\n"
    "  --begin         begin a new generation of the database: no number of an event, "
    "a\n"
    "                  request, a publication or a meeting's version is used twice.  "
    "To\n"
    "                  be done after a restore, before a broker is started; brokers "
    "do\n"
    "                  it themselves when they or a client notice\n"
    "  --db CONNINFO   the database, as libpq takes it (default: ENTENTE_DB)\n"
    "  --keys DIR      folder with seal.key, for --begin (default: ENTENTE_KEYS)\n"
    "\n"
    "Shows the generation in force, which clients knew more than the database, and "
    "which\n"
    "have not been heard of since.  docs/restore.md says how to reconcile.  Exit "
    "codes:\n"
    "0 nothing is known to be missing, 1 it failed, 2 the words were wrong, 4 "
    "something\n"
    "is missing, or not everybody has been heard.\n";

enum { EXIT_MISSING = 4 };

static void show_ahead(const struct store_ahead *ahead)
{
    printf("  %s (%s): ", ahead->client, ahead->at);
    if (ahead->events > 0) {
        printf("has been told %" PRId64 " events that the database does not hold",
               ahead->events);
    }
    if (ahead->requests) {
        printf("%sworked in an epoch that the database had not granted",
               ahead->events > 0 ? "; " : "");
    }
    printf("\n");
}

static void show(void *context, const struct store_generation *row)
{
    int *code = context;
    printf("generation %d, since %s: %s\n", row->number, row->begun, row->because);
    if (row->number == 1) {
        return;
    }
    if (row->ahead_count > 0) {
        *code = EXIT_MISSING;
        printf("\nMore than the database held was known to:\n");
        for (size_t i = 0; i < row->ahead_count; i++) {
            show_ahead(&row->ahead[i]);
        }
        printf(
            "What these were told since the backup is not in the database: meetings "
            "asked for,\nanswers, confirmations, cancellations.  Each is sent all its "
            "live meetings as the\ndatabase has them.  What only an agenda still shows "
            "is found by `reconcile` at that\nclient, and is to be asked for again or "
            "deleted there (docs/restore.md).\n");
    }
    if (row->silent_count > 0) {
        *code = EXIT_MISSING;
        printf("\nNot heard of since; they may know more:\n");
        for (size_t i = 0; i < row->silent_count; i++) {
            printf("  %s\n", row->silent[i]);
        }
    }
}

/* Meetings are sealed again in their new version. */
static int begin(const char *conninfo, const char *keys)
{
    char path[4096];
    const char *message = NULL;
    struct store_settings settings = {.conninfo = conninfo};
    int32_t generation = 0;
    snprintf(path, sizeof(path), "%s/seal.key", keys == NULL ? "." : keys);
    if (seal_open(path, &settings.seal, &message) != STATUS_OK) {
        fprintf(stderr, "entente restored: %s: %s\n", path, message);
        return 1;
    }
    enum status status = store_begin_generation(
        &settings, 0, "The operator said so (entente restored --begin).", &generation);
    seal_close(settings.seal);
    if (status != STATUS_OK) {
        fprintf(stderr, "entente restored: %s\n", status_text(status));
        return 1;
    }
    return 0;
}

static int take_word(void *context, int letter)
{
    bool *begins = context;
    (void)letter; /* there is only --begin */
    *begins = true;
    return -1;
}

int operator_restored(int argc, char **argv)
{
    static const struct option options[] = {
        {"begin", no_argument, NULL, 'b'},
        {"db", required_argument, NULL, 'd'},
        {"keys", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool begins = false;
    struct operator_words words = {
        .help = help, .options = options, .take = take_word, .context = &begins};
    int code = operator_words_read(argc, argv, &words);
    if (code >= 0) {
        return code;
    }
    const char *conninfo = words.conninfo;
    if (conninfo == NULL || optind < argc) {
        fputs("entente restored: needs --db CONNINFO or ENTENTE_DB; see --help\n",
              stderr);
        return 2;
    }
    code = begins ? begin(conninfo, words.keys) : 0;
    if (code != 0) {
        return code;
    }
    enum status status = store_show_generation(conninfo, show, &code);
    if (status != STATUS_OK) {
        fprintf(stderr, "entente restored: %s\n", status_text(status));
        return 1;
    }
    return code;
}
