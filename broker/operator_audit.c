// SPDX-License-Identifier: Apache-2.0

/*
 * operator_audit.c - do the rows of the database agree with each other?
 */
#include "broker/operator.h"

#include "broker/operator_words.h"
#include "broker/store/store_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "entente audit - recompute from the rows that nobody is claimed twice\n"
    "\n"
    "usage: entente audit [--look | --stop] [--db CONNINFO]\n"
    "       entente audit --release (PERSON | all) [--db CONNINFO]\n"
    "\n"
    "  --look           only tell; without it, nothing of the people concerned by a\n"
    "                   finding is changed any more: their commands are refused "
    "(FROZEN)\n"
    "  --stop           upon any finding nothing of anybody is changed any more\n"
    "  --release WHOM   the operator has looked: the person with this number (or all)\n"
    "                   may be claimed again\n"
    "  --db CONNINFO    the database, as libpq takes it (default: ENTENTE_DB)\n"
    "\n"
    "Reads all claims, meetings, events and links of one moment without an index, "
    "while\n"
    "brokers work.  Exit codes: 0 no finding, 1 it failed, 2 the words were wrong, 4\n"
    "something was found.\n";

enum { EXIT_FOUND = 4 };

struct wish {
    const char *conninfo;
    const char *release;
    bool look;
    bool stop;
};

static void tell(void *context, const char *sentence)
{
    (void)context;
    printf("%s\n", sentence);
}

static int failed(enum status status)
{
    fprintf(stderr, "entente audit: %s%s\n", status_text(status),
            status == STATUS_BAD_SCHEMA ? "; see entente migrate --help" : "");
    return 1;
}

static int release(const struct wish *wish)
{
    char *end;
    uint64_t count = 0;
    bool all = strcmp(wish->release, "all") == 0;
    int64_t person = all ? 0 : strtoll(wish->release, &end, 10);
    if (!all && (person <= 0 || *end != '\0')) {
        fprintf(stderr, "entente audit: '%s' is neither a person's number nor `all`\n",
                wish->release);
        return 2;
    }
    enum status status = store_release(wish->conninfo, person, &count);
    if (status != STATUS_OK) {
        return failed(status);
    }
    printf("audit: %" PRIu64 " people released\n", count);
    return 0;
}

static int audit(const struct wish *wish)
{
    struct store_audit audit = {
        .freeze = !wish->look, .freeze_everybody = wish->stop, .tell = tell};
    enum status status = store_audit(wish->conninfo, &audit);
    if (status != STATUS_OK) {
        return failed(status);
    }
    printf("audit: %" PRIu64 " claims in %.2f s, %" PRIu64 " meetings, %" PRIu64
           " events, %" PRIu64 " links: %" PRIu64 " findings, %" PRIu64
           " people frozen\n",
           audit.claims, audit.seconds, audit.meetings, audit.events, audit.links,
           audit.findings, audit.frozen);
    return audit.findings == 0 ? 0 : EXIT_FOUND;
}

static int take_word(void *context, int letter)
{
    struct wish *wish = context;
    wish->look = wish->look || letter == 'l';
    wish->stop = wish->stop || letter == 's';
    wish->release = letter == 'r' ? optarg : wish->release;
    return -1;
}

int operator_audit(int argc, char **argv)
{
    static const struct option options[] = {
        {"db", required_argument, NULL, 'd'}, {"look", no_argument, NULL, 'l'},
        {"stop", no_argument, NULL, 's'},     {"release", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},     {NULL, 0, NULL, 0},
    };
    struct wish wish = {0};
    struct operator_words words = {
        .help = help, .options = options, .take = take_word, .context = &wish};
    int code = operator_words_read(argc, argv, &words);
    if (code >= 0) {
        return code;
    }
    wish.conninfo = words.conninfo;
    if (wish.conninfo == NULL || optind < argc || (wish.look && wish.stop)) {
        fputs(
            "entente audit: needs --db CONNINFO or ENTENTE_DB, and not both --look and "
            "--stop; see --help\n",
            stderr);
        return 2;
    }
    return wish.release != NULL ? release(&wish) : audit(&wish);
}
