// SPDX-License-Identifier: Apache-2.0

#include "bench/report.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void report_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void report_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("    ", stdout);
    vfprintf(stdout, format, arguments);
    fputc('\n', stdout);
    va_end(arguments);
    fflush(stdout);
}

double report_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- words -------------------------------------------------------------------------
 */

static uint64_t read_seed(const char *text)
{
    char *end = NULL;
    uint64_t seed = strtoull(text, &end, 10);
    if (*text == '\0' || *end != '\0') {
        fprintf(stderr, "bench: --seed takes a number\n");
        exit(2);
    }
    return seed;
}

void report_open(struct report *report, int argc, char **argv)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"seed", required_argument, NULL, 's'},
        {"csv", required_argument, NULL, 'c'},
        {"only", required_argument, NULL, 'o'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    *report = (struct report){.seed = 1};
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 'q':
            report->quick = true;
            break;
        case 's':
            report->seed = read_seed(optarg);
            break;
        case 'c':
            report->csv = fopen(optarg, "a");
            if (report->csv == NULL) {
                report_die("%s cannot be written", optarg);
            }
            break;
        case 'o':
            report->only = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "bench: what is %s?\n", argv[optind]);
        exit(2);
    }
}

void report_close(struct report *report)
{
    if (report->csv != NULL && fclose(report->csv) != 0) {
        report_die("the CSV file could not be written");
    }
}

bool report_wants(const struct report *report, const char *row)
{
    return report->only == NULL || strcmp(report->only, row) == 0;
}

/* ---- figures -----------------------------------------------------------------------
 */

void figure_add(struct figure *figure, double value)
{
    if (figure->count == figure->capacity) {
        size_t capacity = figure->capacity == 0 ? 64 : 2 * figure->capacity;
        double *values = realloc(figure->values, capacity * sizeof(*values));
        if (values == NULL) {
            report_die("no memory left");
        }
        figure->values = values;
        figure->capacity = capacity;
    }
    figure->values[figure->count++] = value;
}

void figure_free(struct figure *figure)
{
    free(figure->values);
    *figure = (struct figure){0};
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double figure_quantile(struct figure *figure, double share)
{
    if (figure->count == 0) {
        report_die("nothing was measured");
    }
    qsort(figure->values, figure->count, sizeof(*figure->values), compare);
    double place = share * (double)(figure->count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < figure->count ? below + 1 : below;
    double part = place - (double)below;
    return figure->values[below] * (1 - part) + figure->values[above] * part;
}

/* ---- lines -------------------------------------------------------------------------
 */

/* Three digits that count. */
static void write_number(char *ret, size_t size, double value)
{
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    snprintf(ret, size, "%.*f", digits, value);
}

static void write_figure(char *ret, size_t size, struct figure *figure)
{
    char median[32];
    char low[32];
    char high[32];
    write_number(median, sizeof(median), figure_quantile(figure, 0.5));
    write_number(low, sizeof(low), figure_quantile(figure, 0.25));
    write_number(high, sizeof(high), figure_quantile(figure, 0.75));
    snprintf(ret, size, "%s (%s..%s)", median, low, high);
}

static void write_csv(FILE *csv, struct figure *figure)
{
    static const double shares[] = {0.5, 0.25, 0.75, 0, 1};
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        fprintf(csv, ",%.6g", figure_quantile(figure, shares[i]));
    }
}

void report_line(struct report *report, const char *what, const char *unit,
                 struct figure *figure, const char *yardstick,
                 struct figure *yardstick_figure)
{
    char ours[128];
    char theirs[128];
    write_figure(ours, sizeof(ours), figure);
    printf("%-34s %24s %-5s", what, ours, unit);
    if (yardstick != NULL) {
        double ratio =
            figure_quantile(figure, 0.5) / figure_quantile(yardstick_figure, 0.5);
        write_figure(theirs, sizeof(theirs), yardstick_figure);
        printf("  %-25s %24s  x %.3g", yardstick, theirs, ratio);
    }
    printf("\n");
    fflush(stdout);
    if (report->csv == NULL) {
        return;
    }
    fprintf(report->csv, "\"%s\",%s,%zu", what, unit, figure->count);
    write_csv(report->csv, figure);
    if (yardstick != NULL) {
        fprintf(report->csv, ",\"%s\"", yardstick);
        write_csv(report->csv, yardstick_figure);
    } else {
        fputs(",,,,,,", report->csv);
    }
    fputc('\n', report->csv);
}

void report_limit(struct report *report, const char *what, const char *unit,
                  struct figure *figure, enum report_side side, double limit,
                  const char *runs_into)
{
    struct figure bound = {0};
    double median = figure_quantile(figure, 0.5);
    bool kept = side == REPORT_AT_MOST ? median <= limit : median >= limit;
    const char *name = side == REPORT_AT_MOST ? "limit: at most" : "limit: at least";
    figure_add(&bound, limit);
    report_line(report, what, unit, figure, name, &bound);
    report_note("%s; runs into %s", kept ? "kept" : "NOT kept", runs_into);
    figure_free(&bound);
}
