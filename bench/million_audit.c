// SPDX-License-Identifier: Apache-2.0

/*
 * million_audit.c - `entente audit` over all claims, meetings, events and links
 */
#include "bench/million.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_CLAIMS = 500000 };

void million_audit(struct million *million, struct report *report)
{
    struct figure rate = {0};
    struct figure claims = {0};
    struct figure copy = {0};
    char output[1024];
    const char *words[] = {ENTENTE_PROGRAM, "audit", "--look", NULL};
    for (int round = 0; round < million->rounds; round++) {
        double began = report_now();
        if (!stand_run(&million->stand, words, output, sizeof(output))) {
            report_die("the audit failed: %s\n%s", output, stand_log(&million->stand));
        }
        figure_add(&rate, million->claims / (report_now() - began));
        const char *seconds = strstr(output, "claims in ");
        if (seconds == NULL) {
            report_die("the audit told nothing: %s", output);
        }
        figure_add(&claims,
                   million->claims / strtod(seconds + strlen("claims in "), NULL));
        double ms = bulk_copy_out(million->connection,
                                  "COPY (SELECT person, meeting, during FROM claim)"
                                  " TO STDOUT (FORMAT binary)");
        figure_add(&copy, million->claims / ms * 1000);
    }
    report_line(report, "audit, the whole program", "/s", &rate, "COPY of the claims",
                &copy);
    report_limit(
        report, "audit, claims", "/s", &claims, REPORT_AT_LEAST, LIMIT_CLAIMS,
        "PostgreSQL, which writes out the claims and the meetings they are of");
    report_note("%s", output);
    figure_free(&rate);
    figure_free(&claims);
    figure_free(&copy);
}
