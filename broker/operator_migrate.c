// SPDX-License-Identifier: Apache-2.0

#include "broker/operator.h"

#include "broker/operator_words.h"
#include "broker/store/store.h"

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "entente migrate - bring the database to the schema of this program\n"
    "\n"
    "usage: entente migrate [--db CONNINFO]\n"
    "\n"
    "  --db CONNINFO   the database, as libpq takes it (default: ENTENTE_DB)\n"
    "\n"
    "Each migration is applied once, in a transaction of its own; a database that is "
    "up\n"
    "to date is left alone.  Exit codes: 0 up to date, 1 it failed, 2 the words were\n"
    "wrong.\n";

static void tell(void *context, const char *sentence)
{
    (void)context;
    printf("migrate: %s\n", sentence);
}

int operator_migrate(int argc, char **argv)
{
    static const struct option options[] = {
        {"db", required_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct operator_words words = {.help = help, .options = options};
    int code = operator_words_read(argc, argv, &words);
    if (code >= 0) {
        return code;
    }
    if (words.conninfo == NULL || optind < argc) {
        fputs("entente migrate: needs --db CONNINFO or ENTENTE_DB; see --help\n",
              stderr);
        return 2;
    }
    enum status status = store_migrate(words.conninfo, tell, NULL);
    if (status != STATUS_OK) {
        fprintf(stderr, "entente migrate: %s\n", status_text(status));
        return 1;
    }
    return 0;
}
