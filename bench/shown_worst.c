// SPDX-License-Identifier: Apache-2.0

/*
 * shown_worst.c - as many parties as there may be, ten thousand ranges each
 *
 * The adversarial calendars cut 147 days into ten thousand ranges.  Half of
 * the parties are optional, so that nobody's absence ends the search early.
 */
#include "bench/search_set.h"
#include "bench/shown.h"

#include <stdlib.h>

enum { DAYS = 147, REQUESTS = 24, REQUESTS_QUICK = 6, PASSES = 2 };

static double slowest(struct search_set *set)
{
    double most = 0;
    for (size_t i = 0; i < set->cell->request_count; i++) {
        double least = 1e9;
        for (int pass = 0; pass < PASSES; pass++) {
            double began = report_now();
            enum match_status status = match_search(&set->requests[i], set->workspace,
                                                    set->workspace_size, set->result);
            double spent = report_now() - began;
            if (status != MATCH_OK) {
                report_die("the matcher: %s", match_status_text(status));
            }
            least = spent < least ? spent : least;
        }
        most = least > most ? least : most;
    }
    return most * 1e9;
}

static void make_optional(struct search_set *set, uint32_t from)
{
    for (size_t i = 0; i < set->cell->request_count; i++) {
        for (uint32_t j = from; j < MATCH_PARTIES_MAX; j++) {
            set->parties[i * MATCH_PARTIES_MAX + j].importance = MATCH_OPTIONAL;
        }
    }
}

static void measure(struct table *table, const struct bench_cell *cell, bool by_record,
                    uint32_t indispensable)
{
    struct search_set set;
    struct figure figure = {0};
    const struct table_place place = {"adversarial", MATCH_PARTIES_MAX, DAYS,
                                      indispensable == MATCH_PARTIES_MAX ? "worst"
                                                                         : "worst-opt"};
    search_set_init(&set, cell, by_record);
    make_optional(&set, indispensable);
    figure_add(&figure, slowest(&set));
    table_row(table, &place, "ours-search", by_record ? "record" : "source", &figure,
              figure_quantile(&figure, 1), true);
    figure_free(&figure);
    search_set_finish(&set);
}

void shown_worst(struct table *table)
{
    static struct bench_cell cell;
    struct bench_people people;
    double most = 0;
    population_init(&people, workload_kind_find("adversarial"), table->seed, DAYS,
                    BENCH_PEOPLE);
    cell_init(&cell, &people, table->seed, MATCH_PARTIES_MAX, MATCH_PARTIES_MAX);
    cell.wanted = MATCH_SLOTS_MAX;
    cell.request_count = table->quick ? REQUESTS_QUICK : REQUESTS;
    match_kernel_force(MATCH_KERNEL_AUTO);
    for (int i = 0; i < 4; i++) {
        measure(table, &cell, i % 2 == 0, i < 2 ? MATCH_PARTIES_MAX : 1);
    }
    for (int i = 0; i < 4; i++) {
        const struct table_place place = {"adversarial", MATCH_PARTIES_MAX, DAYS,
                                          i < 2 ? "worst" : "worst-opt"};
        double one =
            table_find(table, &place, "ours-search", i % 2 == 0 ? "record" : "source");
        most = one > most ? one : most;
    }
    shown_note("worst case: 64 parties, 10,000 ranges each", 10, most / 1e6, "ms",
               false, "%.0f ranges each, the 64 best of %d days, 1 or 64 indispensable",
               people.ranges, DAYS);
    population_finish(&people);
}
