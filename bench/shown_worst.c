// SPDX-License-Identifier: Apache-2.0

/*
 * shown_worst.c - as many parties as there may be, ten thousand ranges each
 *
 * The adversarial calendars cut 147 days into ten thousand ranges.  All parties are
 * indispensable, or all but one optional, so that nobody's absence ends the search early;
 * or all are, each range says something else at random, and all days are in one date band.
 */
#include "bench/search_set.h"
#include "bench/shown.h"

#include <stdlib.h>
#include <time.h>

enum { DAYS = 147, REQUESTS = 24, REQUESTS_QUICK = 6, PASSES = 2, PARTS = 6 };
enum { AT_WORK = 1, REMOTE = 2, PURPOSE = 1 };

static const struct match_option at_work = {.modality = AT_WORK, .place = AT_WORK};

/* Processor time: what others do meanwhile is not the matcher's. */
static double seconds(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec * 1e-9;
}

static double slowest(struct search_set *set)
{
    double most = 0;
    for (size_t i = 0; i < set->cell->request_count; i++) {
        double least = 1e9;
        for (int pass = 0; pass < PASSES; pass++) {
            double began = seconds();
            enum match_status status = match_search(&set->requests[i], set->workspace,
                                                    set->workspace_size, set->result);
            double spent = seconds() - began;
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

/* What a range can say, at random. */
static void mark(struct workload_random *random, struct match_range *range)
{
    uint32_t kind = workload_below(random, 20);

    range->kind = kind == 0   ? (uint8_t)MATCH_BUSY
                  : kind == 1 ? (uint8_t)MATCH_TENTATIVE
                              : (uint8_t)MATCH_FREE;
    range->place = (uint16_t)workload_below(random, 3);
    if (range->kind != MATCH_FREE) {
        return;
    }
    range->certainty = (uint8_t)(MATCH_DECLARED + workload_below(random, 3));
    range->preference = (uint8_t)workload_below(random, 3);
    range->modalities = (uint8_t)(workload_below(random, 3) * AT_WORK +
                                  workload_below(random, 2) * REMOTE);
    range->purposes = workload_below(random, 3);
}

static void mark_all(struct bench_people *people, uint64_t seed)
{
    struct workload_random random = workload_stream(seed, 7);

    free(people->person[0].record); /* the memory of all of them */
    for (size_t i = 0; i < people->count; i++) {
        struct bench_person *person = &people->person[i];
        for (size_t j = 0; j < person->count; j++) {
            mark(&random, &person->ranges[j]);
        }
        person->record =
            bench_record(&person->source, RECORD_WITH_PLANE | RECORD_WIDE_RING);
    }
}

/* Of one date band, with everything that ranges can be asked for. */
static void ask_for_much(struct search_set *set)
{
    for (size_t i = 0; i < set->cell->request_count; i++) {
        struct match_request *request = &set->requests[i];
        request->target = set->window.end - 1;
        request->tentative = MATCH_TENTATIVE_SOFT;
        request->purposes = PURPOSE;
        request->options = &at_work;
        request->option_count = 1;
    }
}

static const char *const questions[] = {"worst", "worst-opt", "worst-mix"};

/* By record and by source, with everybody indispensable, one, or nobody. */
static void measure(struct table *table, const struct bench_cell *cell, int part)
{
    struct search_set set;
    struct figure figure = {0};
    bool by_record = part % 2 == 0;
    const struct table_place place = {"adversarial", MATCH_PARTIES_MAX, DAYS,
                                      questions[part / 2]};

    search_set_init(&set, cell, by_record);
    make_optional(&set, part < 2 ? MATCH_PARTIES_MAX : part < 4 ? 1 : 0);
    if (part >= 4) {
        ask_for_much(&set);
    }
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
    for (int part = 0; part < PARTS; part++) {
        if (part == 4) {
            mark_all(&people, table->seed);
        }
        measure(table, &cell, part);
    }
    for (int part = 0; part < PARTS; part++) {
        const struct table_place place = {"adversarial", MATCH_PARTIES_MAX, DAYS,
                                          questions[part / 2]};
        double one = table_find(table, &place, "ours-search",
                                part % 2 == 0 ? "record" : "source");
        most = one > most ? one : most;
    }
    shown_note("worst case: 64 parties, 10,000 ranges each", 10, most / 1e6, "ms",
               false,
               "%.0f ranges each, the 64 best of %d days; 64, 1 or none indispensable, "
               "then marked at random",
               people.ranges, DAYS);
    for (size_t i = 1; i < people.count; i++) {
        free(people.person[i].record);
    }
    population_finish(&people);
}
