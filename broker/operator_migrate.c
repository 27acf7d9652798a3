// SPDX-License-Identifier: Apache-2.0

#include "broker/operator.h"

#include "broker/store/store.h"

#include <getopt.h>
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
    const char *conninfo = getenv("ENTENTE_DB");
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 'd':
            conninfo = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return 2;
        }
    }
    if (conninfo == NULL || optind < argc) {
        fputs("entente migrate: needs --db CONNINFO or ENTENTE_DB; see --help\n",
              stderr);
        return 2;
    }
    enum status status = store_migrate(conninfo, tell, NULL);
    if (status != STATUS_OK) {
        fprintf(stderr, "entente migrate: %s\n", status_text(status));
        return 1;
    }
    return 0;
}
