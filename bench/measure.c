// SPDX-License-Identifier: Apache-2.0

#include "bench/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    P99_PASSES = 5,
    COMPARED_LEAST = 2,
    PASSES_LEAST = 3,
    PASSES_MAX = 64,
    MEASURE_CHUNKS_MAX = 256,
};

static const double chunk_s = 20e-6;

struct running {
    const struct method *method;
    void *state;
    double guess_s; /* for one request */
    size_t next;    /* where the next batch begins, if it is not all requests */
};

static struct match_run wanted[BENCH_WINDOWS_MAX];
static struct match_run found[BENCH_WINDOWS_MAX];

/* What @running answers, in @ret; method_merge and others that do not rank get help. */
static size_t ask(const struct bench_cell *cell, struct running *running,
                  size_t request, struct match_run *ret)
{
    size_t count = running->method->answer(running->state, request, ret);
    return cell->wanted == 0 || running->method->ranks
               ? count
               : rank_windows(cell, request, ret, count, ret);
}

static void prepare(const struct running *running)
{
    if (running->method->kernel != MATCH_KERNEL_AUTO &&
        !match_kernel_force(running->method->kernel)) {
        report_die("the kernel %s is not there", running->method->isa);
    }
}

/* All requests, unless the method is so slow that the budget does not last for them.  How
 * slow it is say the fastest answer and the median one: both are its own, whoever else wants
 * the processor. */
static void compare(const struct bench_cell *cell, struct running *merge,
                    struct running *running, double budget_s, struct measured *ret)
{
    struct figure each = {0};
    double fastest = INFINITY;
    size_t i = 0;
    ret->is_same = true;
    prepare(running);
    for (; i < cell->request_count &&
           (i < COMPARED_LEAST || fastest * (double)i < budget_s);
         i++) {
        double began = report_now();
        size_t count = ask(cell, running, i, found);
        double spent = report_now() - began;
        fastest = fmin(fastest, spent);
        figure_add(&each, spent);
        size_t right = ask(cell, merge, i, wanted);
        ret->is_same &=
            count == right && memcmp(found, wanted, count * sizeof(found[0])) == 0;
    }
    ret->compared = i;
    running->guess_s = figure_quantile(&each, 0.5);
    figure_free(&each);
}

/*
 * The mean over all questions of @loop, of which one takes about @guess_s.
 *
 * They are timed in chunks of some twenty microseconds, again and again while the budget
 * lasts, and of each chunk the median counts.  So whoever interrupts for a moment is not in
 * the figure, and no question is left out.
 */
static double time_passes(const struct measure_loop *loop, double guess_s,
                          double budget_s)
{
    static double times[MEASURE_CHUNKS_MAX][PASSES_MAX];
    size_t chunk = guess_s > 0 ? (size_t)(chunk_s / guess_s) + 1 : 1;
    size_t fewest = (loop->count + MEASURE_CHUNKS_MAX - 1) / MEASURE_CHUNKS_MAX;
    chunk = chunk < fewest ? fewest : chunk;
    size_t chunks = (loop->count + chunk - 1) / chunk;
    size_t least = guess_s < budget_s ? PASSES_LEAST : 1;
    size_t pass = 0;
    double now = report_now();
    for (double end = now + budget_s; pass < PASSES_MAX && (pass < least || now < end);
         pass++) {
        for (size_t i = 0; i < chunks; i++) {
            double began = now;
            size_t last = (i + 1) * chunk > loop->count ? loop->count : (i + 1) * chunk;
            for (size_t j = i * chunk; j < last; j++) {
                loop->ask(loop->context, j);
            }
            now = report_now();
            times[i][pass] = now - began;
        }
    }
    double sum = 0;
    for (size_t i = 0; i < chunks; i++) {
        struct figure figure = {times[i], pass, PASSES_MAX};
        sum += figure_quantile(&figure, 0.5);
    }
    return sum / (double)loop->count;
}

struct batch {
    const struct bench_cell *cell;
    struct running *running;
    size_t first;
};

static void ask_one(void *context, size_t number)
{
    const struct batch *batch = context;
    ask(batch->cell, batch->running, batch->first + number, found);
}

static double time_batch(const struct bench_cell *cell, struct running *running,
                         double budget_s)
{
    size_t count = cell->request_count;
    if (running->guess_s * (double)count * PASSES_LEAST > budget_s) {
        count = (size_t)(budget_s / running->guess_s / PASSES_LEAST);
        count = count < 1 ? 1 : count;
    }
    size_t first = count == cell->request_count ? 0 : running->next;
    first = first + count > cell->request_count ? 0 : first;
    running->next = first + count;
    if (running->method->time != NULL) {
        return running->method->time(running->state, first, count) / (double)count;
    }
    prepare(running);
    struct batch batch = {cell, running, first};
    const struct measure_loop loop = {ask_one, &batch, count};
    return time_passes(&loop, running->guess_s, budget_s);
}

static double clock_s(void)
{
    double least = 1;
    for (int i = 0; i < 1000; i++) {
        double began = report_now();
        double spent = report_now() - began;
        least = spent < least ? spent : least;
    }
    return least;
}

/* A slow method is asked fewer requests, and then the figure is their slowest. */
static double take_p99(const struct bench_cell *cell, struct running *running,
                       double budget_s)
{
    struct figure each = {0};
    double reading = clock_s();
    size_t count = cell->request_count;
    int passes = P99_PASSES;
    if (running->guess_s * (double)count > budget_s) {
        count = (size_t)(budget_s / running->guess_s);
        count = count < COMPARED_LEAST ? COMPARED_LEAST : count;
        passes = 1;
    }
    double *fastest = bench_memory(count * sizeof(*fastest));
    prepare(running);
    for (int pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < count; i++) {
            double began = report_now();
            ask(cell, running, i, found);
            double spent = report_now() - began - reading;
            fastest[i] = pass == 0 || spent < fastest[i] ? spent : fastest[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        figure_add(&each, fastest[i] * 1e9);
    }
    double p99 = figure_quantile(&each, 0.99);
    figure_free(&each);
    free(fastest);
    return p99;
}

size_t measure_cell(const struct bench_cell *cell, const struct method *const *methods,
                    const struct measure_budget *budget,
                    struct measured ret_measured[static MEASURE_METHODS_MAX])
{
    struct running running[MEASURE_METHODS_MAX];
    struct running merge = {.method = &method_merge, .state = method_merge.open(cell)};
    size_t count = 0;
    for (size_t i = 0; methods[i] != NULL && count < MEASURE_METHODS_MAX; i++) {
        void *state = methods[i]->open(cell);
        if (state != NULL) {
            running[count] = (struct running){.method = methods[i], .state = state};
            ret_measured[count++] = (struct measured){.method = methods[i]};
        }
    }
    for (size_t i = 0; i < count; i++) {
        compare(cell, &merge, &running[i], budget->check_s, &ret_measured[i]);
    }
    for (int round = 0; round < budget->rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            /* Two figures are subtracted there: it takes longer to be sure of them. */
            double round_s = budget->round_s * (running[i].method->time ? 3 : 1);
            figure_add(&ret_measured[i].rounds,
                       1e9 * time_batch(cell, &running[i], round_s));
        }
    }
    for (size_t i = 0; i < count; i++) {
        /* What times itself cannot be timed from outside. */
        ret_measured[i].p99 = running[i].method->time != NULL
                                  ? figure_quantile(&ret_measured[i].rounds, 0.99)
                                  : take_p99(cell, &running[i], budget->round_s);
        running[i].method->close(running[i].state);
    }
    method_merge.close(merge.state);
    return count;
}

double measure_loop(const struct measure_loop *loop,
                    const struct measure_budget *budget, struct figure *ret_rounds)
{
    struct figure each = {0};
    double reading = clock_s();
    for (size_t i = 0; i < loop->count; i++) {
        double fastest = INFINITY;
        for (int pass = 0; pass < 2; pass++) {
            double began = report_now();
            loop->ask(loop->context, i);
            fastest = fmin(fastest, report_now() - began - reading);
        }
        figure_add(&each, fastest * 1e9);
    }
    double guess_s = figure_quantile(&each, 0.5) / 1e9;
    for (int round = 0; round < budget->rounds; round++) {
        figure_add(ret_rounds, 1e9 * time_passes(loop, guess_s, budget->round_s));
    }
    double p99 = figure_quantile(&each, 0.99);
    figure_free(&each);
    return p99;
}

void measured_free(struct measured *measured, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        figure_free(&measured[i].rounds);
    }
}

double measure_windows(const struct bench_cell *cell)
{
    void *merge = method_merge.open(cell);
    size_t windows = 0;
    for (size_t i = 0; i < cell->request_count; i++) {
        windows += method_merge.answer(merge, i, wanted);
    }
    method_merge.close(merge);
    return (double)windows / (double)cell->request_count;
}
