// SPDX-License-Identifier: Apache-2.0

/*
 * bench_matcher.c - our kernels and their peers on the same questions; README.md says what
 * the figures mean
 *
 * PostgreSQL takes part if ENTENTE_TEST_DB says where it is.
 */
#include "bench/shown.h"
#include "bench/table.h"

#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_MAX = 24, WANTED = 10, LINE = 64, DAYS_OF_LINE = 8 };

struct question {
    const char *name;
    uint32_t parties;
    uint32_t needed; /* 0: everybody */
    uint32_t wanted; /* 0: all windows */
};

/* What is asked of one population. */
struct plan {
    const char *workload;
    uint32_t days;
    const struct question *questions; /* ends with one that has no name */
};

static const struct question everything[] = {
    {"windows", 2, 0, 0},     {"windows", 4, 0, 0},    {"windows", 8, 0, 0},
    {"windows", 16, 0, 0},    {"windows", 50, 0, 0},   {"quorum10", 50, 10, 0},
    {"quorum20", 50, 20, 0},  {"quorum30", 50, 30, 0}, {"top10", 2, 0, WANTED},
    {"top10", 4, 0, WANTED},  {"top10", 8, 0, WANTED}, {"top10", 16, 0, WANTED},
    {"top10", 50, 0, WANTED}, {NULL, 0, 0, 0},
};

static const struct question sampled[] = {
    {"windows", 2, 0, 0},    {"windows", 4, 0, 0},    {"windows", 8, 0, 0},
    {"windows", 16, 0, 0},   {"windows", 50, 0, 0},   {"quorum10", 50, 10, 0},
    {"quorum30", 50, 30, 0}, {"top10", 8, 0, WANTED}, {NULL, 0, 0, 0},
};

static const struct question some[] = {{"windows", 2, 0, 0},
                                       {"windows", 8, 0, 0},
                                       {"top10", 8, 0, WANTED},
                                       {NULL, 0, 0, 0}};

static const struct question one[] = {{"windows", 8, 0, 0}, {NULL, 0, 0, 0}};

static const struct plan quick[] = {
    {"real", 90, sampled},  {"real", 14, one},   {"real", 365, one},
    {"light", 90, some},    {"roster", 90, one}, {"midday", 90, one},
    {"wednesday", 90, one}, {"sparse", 90, one}, {"adversarial", 90, some},
    {NULL, 0, NULL},
};

static const struct plan full[] = {
    {"real", 14, everything},         {"real", 90, everything},
    {"real", 365, everything},        {"light", 14, everything},
    {"light", 90, everything},        {"light", 365, everything},
    {"roster", 14, everything},       {"roster", 90, everything},
    {"roster", 365, everything},      {"midday", 14, everything},
    {"midday", 90, everything},       {"midday", 365, everything},
    {"wednesday", 14, everything},    {"wednesday", 90, everything},
    {"wednesday", 365, everything},   {"sparse", 14, everything},
    {"sparse", 90, everything},       {"sparse", 365, everything},
    {"adversarial", 14, everything},  {"adversarial", 90, everything},
    {"adversarial", 365, everything}, {NULL, 0, NULL},
};

/* Ours first, so that a look at the first lines of a cell is enough. */
static void choose_methods(const struct table *table,
                           const struct method *ret_methods[static QUESTIONS_MAX])
{
    static const struct method *const peers[] = {&method_merge,    &method_roaring,
                                                 &method_icl,      &method_pg_server,
                                                 &method_pg_query, &method_naive};
    size_t count = 0;
    for (const struct method *ours = methods_ours; ours->name != NULL; ours++) {
        ret_methods[count++] = ours;
    }
    for (const struct method *ours = methods_ours_search; ours->name != NULL; ours++) {
        ret_methods[count++] = ours;
    }
    for (size_t i = 0; table->peers && i < sizeof(peers) / sizeof(peers[0]); i++) {
        ret_methods[count++] = peers[i];
    }
    ret_methods[count] = NULL;
}

/*
 * The least that pruning by day words has to read: of eight days at a time, the line of
 * each party until no day is left; at the bandwidth of the place where all rings fit.
 */
static double limit_ns(const struct table *table, const struct bench_cell *cell)
{
    size_t lines = 0;
    size_t ring_bytes = cell->people->days * sizeof(uint64_t) * cell->people->count;
    if (!table->peers || cell->needed != cell->parties || cell->wanted != 0) {
        return 0;
    }
    for (size_t i = 0; i < cell->request_count; i++) {
        for (uint32_t day = 0; day < cell->people->days; day += DAYS_OF_LINE) {
            lines += bench_lines(cell, i, day, DAYS_OF_LINE);
        }
    }
    double bytes = (double)lines * LINE / (double)cell->request_count;
    return bytes / memory_limits_stream(&table->limits, ring_bytes);
}

static void run_question(struct table *table, const struct bench_people *people,
                         const struct question *question)
{
    static struct bench_cell cell;
    const struct method *methods[QUESTIONS_MAX];
    struct measured measured[MEASURE_METHODS_MAX];
    uint32_t needed = question->needed == 0 ? question->parties : question->needed;
    const struct table_place place = {people->kind->name, question->parties,
                                      people->days, question->name};
    cell_init(&cell, people, table->seed, question->parties, needed);
    cell.wanted = question->wanted;
    choose_methods(table, methods);
    size_t count = measure_cell(&cell, methods, &table->budget, measured);
    table_cell(table, &place, measured, count, limit_ns(table, &cell));
    measured_free(measured, count);
}

static void run_plan(struct table *table, const struct plan *plan)
{
    struct bench_people people;
    population_init(&people, workload_kind_find(plan->workload), table->seed,
                    plan->days, BENCH_PEOPLE);
    if (table->people != NULL) {
        fprintf(table->people, "%s,%u,%.1f\n", people.kind->name, people.days,
                people.ranges);
    }
    for (const struct question *question = plan->questions; question->name != NULL;
         question++) {
        run_question(table, &people, question);
    }
    population_finish(&people);
}

/* What is measured beside the cells. */
struct part {
    const char *name;
    void (*run)(struct table *table);
    bool always; /* where two commits are compared too */
};

static const struct part parts[] = {
    {"model", shown_model, true},      {"people", shown_people, true},
    {"updates", shown_updates, true},  {"worst", shown_worst, false},
    {"country", shown_country, false}, {NULL, NULL, false},
};

static const struct part *find_part(const char *name)
{
    for (const struct part *part = parts; part->name != NULL; part++) {
        if (strcmp(part->name, name) == 0) {
            return part;
        }
    }
    return NULL;
}

static void run_all(struct table *table)
{
    shown_cells(table);
    for (const struct part *part = parts; part->name != NULL; part++) {
        if (part->always || table->peers) {
            part->run(table);
        }
    }
}

int main(int argc, char **argv)
{
    static struct table table;
    table_open(&table, argc, argv);
    const struct part *part = table.only != NULL ? find_part(table.only) : NULL;
    if (table.only != NULL && part == NULL && workload_kind_find(table.only) == NULL) {
        fprintf(stderr, "bench: there is no workload and no part %s\n", table.only);
        return 2;
    }
    methods_ours_init();
    table_heading(&table);
    for (const struct plan *plan = table.quick ? quick : full; plan->workload != NULL;
         plan++) {
        if (table.only == NULL || strcmp(table.only, plan->workload) == 0) {
            run_plan(&table, plan);
        }
    }
    if (part != NULL) {
        part->run(&table);
    } else if (table.only == NULL) {
        run_all(&table);
    }
    if (table.peers && (part != NULL || table.only == NULL)) {
        shown_print();
    }
    return table_close(&table) ? 0 : 1;
}
