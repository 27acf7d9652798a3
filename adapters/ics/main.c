// SPDX-License-Identifier: Apache-2.0

/*
 * entente-ics - agendas that live in calendar files
 *
 *     entente-ics --config FILE [--once] [--verbose]
 */
#include "adapters/ics/adapter.h"
#include "adapters/ics/config.h"

#include <getopt.h>
#include <stdio.h>

enum { EXIT_USAGE = 2, WHY_SIZE = 512 };

static const char usage[] =
    "usage: entente-ics --config FILE [--once] [--verbose]\n"
    "\n"
    "Publish when the people of the calendar files are free and busy, and write the\n"
    "meetings of Entente into them, until SIGTERM.\n"
    "\n"
    "  --config FILE  which client, and which files (see docs/ics.md)\n"
    "  --once         publish, write what waits, end\n"
    "  --verbose      log what changes nothing, too\n"
    "  --help         this text\n";

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"once", no_argument, NULL, 'o'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct adapter_mode mode = {0};
    struct config config = {0};
    const char *path = NULL;
    char why[WHY_SIZE];
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 'o':
            mode.once = true;
            break;
        case 'v':
            mode.verbose = true;
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return 0;
        default: /* getopt_long() has said what is wrong */
            (void)fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (path == NULL || optind != argc) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (!config_load(path, &config, why, sizeof why)) {
        (void)fprintf(stderr, "entente-ics: %s\n", why);
        return EXIT_USAGE;
    }
    int code = adapter_run(&config, mode);
    config_finish(&config);
    return code;
}
