// SPDX-License-Identifier: Apache-2.0

#include "bench/shown.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { PROMISES_MAX = 64 };

static struct promise promises[PROMISES_MAX];
static size_t promise_count;

void shown_note(const char *what, double target, double measured, const char *unit,
                bool at_least, const char *limit, ...)
{
    if (promise_count == PROMISES_MAX) {
        report_die("more promises than there is room for");
    }
    struct promise *promise = &promises[promise_count++];
    *promise = (struct promise){.what = what,
                                .target = target,
                                .measured = measured,
                                .unit = unit,
                                .at_least = at_least};
    va_list arguments;
    va_start(arguments, limit);
    vsnprintf(promise->limit, sizeof(promise->limit), limit, arguments);
    va_end(arguments);
}

static const struct table_place hot = {"real", 8, 90, "windows"};

static void note_hot(const struct table *table)
{
    const struct table_place top = {"real", 8, 90, "top10"};
    double limit = table_find(table, &hot, "limit", NULL);
    static const struct {
        const char *what;
        const char *isa;
        double target;
    } kernels[] = {
        {"common starts, 8 people x 90 days, AVX-512", "avx512", 110},
        {"common starts, 8 people x 90 days, AVX2", "avx2", 140},
        {"common starts, 8 people x 90 days, x86-64-v2", "x86-64-v2", 250},
    };
    for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
        shown_note(kernels[i].what, kernels[i].target,
                   table_find(table, &hot, "ours", kernels[i].isa), "ns", false,
                   "reading the day words takes %.0f ns", limit);
    }
    shown_note("top 10 with preferences, 8 people x 90 days", 150,
               table_find(table, &top, "ours-search", NULL), "ns", false,
               "the merits of each start that is left");
    shown_note("the same with AVX2", 300,
               table_find(table, &top, "ours-search", "avx2"), "ns", false, "the same");
}

static void note_peers(const struct table *table)
{
    double ours = table_find(table, &hot, "ours", NULL);
    static const struct {
        const char *what;
        const char *method;
        double target;
    } peers[] = {
        {"times as fast as Boost.ICL", "icl", 800},
        {"times as fast as CRoaring", "roaring", 50},
        {"times as fast as PostgreSQL in the server", "pg-server", 1000},
        {"times as fast as PostgreSQL's full query", "pg-query", 3000},
    };
    for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
        shown_note(peers[i].what, peers[i].target,
                   table_find(table, &hot, peers[i].method, NULL) / ours, "x", true,
                   "8 people x 90 days, all common starts");
    }
    const struct table_ratio *least = NULL;
    for (size_t i = 0; i < table->ratio_count; i++) {
        const struct table_ratio *ratio = &table->ratios[i];
        bool is_by_hand =
            strcmp(ratio->method, "merge") == 0 || strcmp(ratio->method, "naive") == 0;
        if (!is_by_hand && (least == NULL || ratio->least < least->least)) {
            least = ratio;
        }
    }
    if (least != NULL) {
        shown_note("times as fast as any of the four in any cell", 1, least->least, "x",
                   true, "least: %s in %s", least->method, least->where);
    }
}

/* How the cost grows. */
static void note_growth(const struct table *table)
{
    const struct table_place four = {"real", 4, 90, "windows"};
    const struct table_place fifty = {"real", 50, 90, "windows"};
    const struct table_place year = {"real", 8, 365, "windows"};
    double ours = table_find(table, &hot, "ours", NULL);
    shown_note("cost of 50 parties, in that of 4", 1,
               table_find(table, &fifty, "ours", NULL) /
                   table_find(table, &four, "ours", NULL),
               "x", false, "flat or falling beyond 4 parties");
    shown_note("cost of 365 days, in that of 90", 365.0 / 90,
               table_find(table, &year, "ours", NULL) / ours, "x", false,
               "linear in days; %.0f ns are reading the day words",
               table_find(table, &year, "limit", NULL));
}

void shown_cells(const struct table *table)
{
    const struct table_place adversarial = {"adversarial", 8, 90, "windows"};
    const struct table_place ten = {"real", 50, 90, "quorum10"};
    const struct table_place thirty = {"real", 50, 90, "quorum30"};
    note_hot(table);
    note_peers(table);
    note_growth(table);
    shown_note("adversarial, 8 people, 2,477 windows", 4500,
               table_find(table, &adversarial, "ours", NULL), "ns", false,
               "writing the windows: 20 kB");
    shown_note("30 of 50 over 90 days", 4000, table_find(table, &thirty, "ours", NULL),
               "ns", false, "counting: compute, not memory");
    shown_note("10 of 50 over 90 days", 12000, table_find(table, &ten, "ours", NULL),
               "ns", false, "counting: compute, not memory");
}

static void print_number(char *ret, size_t size, double value, const char *unit)
{
    if (value >= 10000 && unit[0] == 'n') {
        snprintf(ret, size, "%.3g us", value / 1000);
    } else {
        snprintf(ret, size, "%.*f %s", value < 10 ? 2 : 0, value, unit);
    }
}

void shown_print(void)
{
    printf("\nwhat was promised%*s %12s %12s  holds here\n", 31, "", "target",
           "measured");
    for (size_t i = 0; i < promise_count; i++) {
        const struct promise *promise = &promises[i];
        char target[32];
        char measured[32] = "-";
        const char *holds = "not measured";
        print_number(target, sizeof(target), promise->target, promise->unit);
        if (!isnan(promise->measured)) {
            bool is_kept = promise->at_least ? promise->measured >= promise->target
                                             : promise->measured <= promise->target;
            print_number(measured, sizeof(measured), promise->measured, promise->unit);
            holds = is_kept ? "yes" : "NO";
        }
        printf("  %-46s %s%12s %12s  %-12s (%s)\n", promise->what,
               promise->at_least ? ">" : "<", target, measured, holds, promise->limit);
    }
    fflush(stdout);
}
