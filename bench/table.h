// SPDX-License-Identifier: Apache-2.0

/*
 * table.h - what `./run bench matcher` writes: rows on the terminal and in the CSV file
 *
 * Units       Nanoseconds for one request.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "bench/measure.h"
#include "bench/memory_limits.h"

enum { TABLE_PEERS_MAX = 16, TABLE_ENTRIES_MAX = 8192 };

/* How one method compares with ours over all cells. */
struct table_ratio {
    const char *method;
    struct figure ratios;
    double least;
    char where[64]; /* the cell of the least */
};

/* A row that was written. */
struct table_entry {
    const char *workload;
    uint32_t parties;
    uint32_t days;
    const char *question;
    const char *method;
    const char *isa;
    double median;
};

struct table {
    bool quick;
    bool peers;       /* false: ours alone, for the comparison of two commits */
    const char *only; /* this workload or part alone; NULL: all of them */
    uint64_t seed;
    FILE *csv;    /* or NULL */
    FILE *people; /* or NULL: workload, days, ranges of a person */
    struct measure_budget budget;
    struct memory_limits limits;
    struct table_ratio ratios[TABLE_PEERS_MAX];
    size_t ratio_count;
    size_t different; /* answers that were not the same */
    size_t cells;
    struct table_entry entries[TABLE_ENTRIES_MAX];
    size_t entry_count;
};

/* Which cell a row belongs to. */
struct table_place {
    const char *workload;
    uint32_t parties;
    uint32_t days;
    const char *question;
};

/* Read the words of the command; ends the program when they are wrong. */
void table_open(struct table *table, int argc, char **argv);

/* Machine, seed, load, bandwidth. */
void table_heading(struct table *table);

/* A row for each method, those of ours first; @limit_ns 0: none is known. */
void table_cell(struct table *table, const struct table_place *place,
                struct measured *measured, size_t count, double limit_ns);

/* One row, where something else than a cell was measured. */
void table_row(struct table *table, const struct table_place *place, const char *method,
               const char *isa, struct figure *rounds, double p99, bool is_same);

/* The median of a row that was written, NAN if there is none.  @isa NULL: the best. */
double table_find(const struct table *table, const struct table_place *place,
                  const char *method, const char *isa);

/* Ratios over all cells; closes the CSV file.  False if some answer was not the same. */
bool table_close(struct table *table);

#endif
