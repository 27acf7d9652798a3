// SPDX-License-Identifier: Apache-2.0

/*
 * bench_million.c - restart, replay and audit where there is a lot
 */
#include "bench/million.h"

int main(int argc, char **argv)
{
    static struct million million;
    struct report report;
    report_open(&report, argc, argv);
    million_create(&million, &report);
    if (report_wants(&report, "restart")) {
        million_restart(&million, &report);
    }
    if (report_wants(&report, "replay")) {
        million_replay(&million, &report);
    }
    if (report_wants(&report, "audit")) {
        million_audit(&million, &report);
    }
    million_destroy(&million);
    report_close(&report);
    return 0;
}
