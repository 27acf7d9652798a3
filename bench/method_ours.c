// SPDX-License-Identifier: Apache-2.0

/*
 * method_ours.c - the matcher with each kernel that runs here
 *
 * ours         common starts and quorum, from records
 * ours-search  the whole search, from records: the best starts with all their merits
 */
#include "bench/report.h"
#include "bench/search_set.h"

#include <stdlib.h>

/* ---- all windows --------------------------------------------------------------------
 */

struct ours {
    const struct bench_cell *cell;
    struct match_span within;
    const struct match_record *records[BENCH_REQUESTS][BENCH_PARTIES_MAX];
};

static void *ours_open(const struct bench_cell *cell)
{
    if (cell->wanted != 0) {
        return NULL;
    }
    struct ours *ours = bench_memory(sizeof(*ours));
    ours->cell = cell;
    ours->within = (struct match_span){
        KIND_MONDAY, KIND_MONDAY + (minute_t)cell->people->days * MINUTES_PER_DAY};
    for (size_t i = 0; i < cell->request_count; i++) {
        for (uint32_t j = 0; j < cell->parties; j++) {
            ours->records[i][j] = cell->people->person[cell->request[i][j]].record;
        }
    }
    return ours;
}

static void ours_close(void *state)
{
    free(state);
}

static size_t ours_answer(void *state, size_t request, struct match_run *ret_windows)
{
    const struct ours *ours = state;
    const struct bench_cell *cell = ours->cell;
    return cell->needed == cell->parties
               ? match_common_starts(ours->records[request], cell->parties,
                                     cell->duration, &ours->within, ret_windows,
                                     BENCH_WINDOWS_MAX)
               : match_quorum_starts(ours->records[request], cell->parties,
                                     cell->needed, cell->duration, &ours->within,
                                     ret_windows, BENCH_WINDOWS_MAX);
}

/* ---- the best starts ----------------------------------------------------------------
 */

static void *open_search(const struct bench_cell *cell)
{
    if (cell->wanted == 0) {
        return NULL;
    }
    struct search_set *set = bench_memory(sizeof(*set));
    search_set_init(set, cell, true);
    return set;
}

static void close_search(void *state)
{
    search_set_finish(state);
    free(state);
}

static size_t answer_search(void *state, size_t request, struct match_run *ret_windows)
{
    struct search_set *set = state;
    enum match_status status = match_search(&set->requests[request], set->workspace,
                                            set->workspace_size, set->result);
    if (status != MATCH_OK) {
        report_die("the matcher: %s", match_status_text(status));
    }
    for (size_t i = 0; i < set->result->count; i++) {
        ret_windows[i] = (struct match_run){set->result->slots[i].start,
                                            set->result->slots[i].start};
    }
    return set->result->count;
}

static const struct method common = {
    .name = "ours", .open = ours_open, .answer = ours_answer, .close = ours_close};
static const struct method search = {.name = "ours-search",
                                     .ranks = true,
                                     .open = open_search,
                                     .answer = answer_search,
                                     .close = close_search};

struct method methods_ours[METHODS_OURS_MAX];
struct method methods_ours_search[METHODS_OURS_MAX];

static struct method with_kernel(struct method method, enum match_kernel kernel)
{
    method.kernel = kernel;
    method.isa = match_kernel_name(kernel);
    return method;
}

void methods_ours_init(void)
{
    static const enum match_kernel kernels[] = {MATCH_KERNEL_AVX512, MATCH_KERNEL_NEON,
                                                MATCH_KERNEL_AVX2, MATCH_KERNEL_SSE4,
                                                MATCH_KERNEL_SCALAR};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
        if (match_kernel_available(kernels[i])) {
            methods_ours[count] = with_kernel(common, kernels[i]);
            methods_ours_search[count] = with_kernel(search, kernels[i]);
            count++;
        }
    }
}
