// SPDX-License-Identifier: Apache-2.0

/*
 * report.h - figures of several rounds, their median and spread, beside a yardstick
 *
 * A line shows median and quartiles of what was measured, the same of the yardstick,
 * and the ratio of the medians.  The CSV file has minimum and maximum too.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct report {
    bool quick;
    uint64_t seed;
    FILE *csv;        /* or NULL */
    const char *only; /* the one row that is wanted; NULL: all */
};

/* Read [--quick] [--seed N] [--csv FILE] [--only ROW]; ends the program when the words are
 * wrong. */
void report_open(struct report *report, int argc, char **argv);
void report_close(struct report *report);

/* Is the row of this name to be measured? */
bool report_wants(const struct report *report, const char *row);

struct figure {
    double *values;
    size_t count;
    size_t capacity;
};

void figure_add(struct figure *figure, double value);
void figure_free(struct figure *figure);

/* The value below which @share of all lie; sorts.  At least one value. */
double figure_quantile(struct figure *figure, double share);

/* One line: @what in @unit, and the yardstick (NULL: none) in the same unit. */
void report_line(struct report *report, const char *what, const char *unit,
                 struct figure *figure, const char *yardstick,
                 struct figure *yardstick_figure);

/* One line: @what in @unit beside the limit that it has to keep, and below it what it runs
 * into. */
enum report_side { REPORT_AT_MOST, REPORT_AT_LEAST };
void report_limit(struct report *report, const char *what, const char *unit,
                  struct figure *figure, enum report_side side, double limit,
                  const char *runs_into);

/* A remark below the lines. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* End the program: it could not measure. */
_Noreturn void report_die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Seconds of the monotonic clock. */
double report_now(void);

#endif
