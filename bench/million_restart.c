// SPDX-License-Identifier: Apache-2.0

/*
 * million_restart.c - from the start of the program to the first hello that is answered
 */
#include "bench/million.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_MS = 2000 };

/* What a start has to read, as the broker asks for it. */
static double read_all(const struct million *million)
{
    static const char *const queries[] = {
        "COPY (SELECT id, version, kind, system, value, blind FROM person)"
        " TO STDOUT (FORMAT binary)",
        "COPY client TO STDOUT (FORMAT binary)",
        "COPY speaks_for TO STDOUT (FORMAT binary)",
        "COPY source TO STDOUT (FORMAT binary)",
        "COPY (SELECT person, meeting, lower(during), upper(during), place FROM claim)"
        " TO STDOUT (FORMAT binary)",
    };
    double ms = 0;
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        ms += bulk_copy_out(million->connection, queries[i]);
    }
    return ms;
}

static double restart(struct million *million)
{
    struct entente_settings settings = {0};
    double began = report_now();
    stand_start_broker(&million->stand);
    struct entente_client *client = stand_connect(&million->stand, 0, &settings);
    double ms = (report_now() - began) * 1000;
    entente_client_destroy(client);
    return ms;
}

/* As the broker's log has it. */
static double loading(const struct million *million)
{
    static const char words[] = "loaded in ";
    const char *line = strstr(stand_log(&million->stand), words);
    return line == NULL ? 0 : strtod(line + strlen(words), NULL);
}

void million_restart(struct million *million, struct report *report)
{
    struct figure beyond = {0};
    struct figure whole = {0};
    struct figure loaded = {0};
    struct figure copy = {0};
    for (int round = 0; round < million->rounds; round++) {
        double theirs = read_all(million);
        double ours = restart(million);
        figure_add(&whole, ours);
        figure_add(&copy, theirs);
        figure_add(&beyond, ours > theirs ? ours - theirs : 0);
        figure_add(&loaded, loading(million));
        stand_stop_broker(&million->stand);
    }
    report_line(report, "restart to the first welcome", "ms", &whole,
                "COPY of the same rows", &copy);
    report_limit(report, "restart beyond PostgreSQL's own", "ms", &beyond,
                 REPORT_AT_MOST, LIMIT_MS,
                 "putting each claim among its person's in the index");
    report_note("%d rounds; reading and indexing alone: %.0f ms", million->rounds,
                figure_quantile(&loaded, 0.5));
    figure_free(&beyond);
    figure_free(&whole);
    figure_free(&loaded);
    figure_free(&copy);
}
