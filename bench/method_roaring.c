// SPDX-License-Identifier: Apache-2.0

/*
 * method_roaring.c - CRoaring: a person is a set of free cells of five minutes
 *
 * Sets are kept as runs where that is smaller.  They are intersected one after the other,
 * and runs as long as the slot are read from the result.  CRoaring has no operation for
 * "at least so many of them".
 */
#include "bench/method.h"

#include "bench/report.h"

#include <roaring/roaring.h>
#include <stdlib.h>

struct peer {
    const struct bench_cell *cell;
    roaring_bitmap_t **set;
};

static void *open_roaring(const struct bench_cell *cell)
{
    if (cell->needed != cell->parties) {
        return NULL;
    }
    struct peer *peer = bench_memory(sizeof(*peer));
    peer->cell = cell;
    peer->set = bench_memory(cell->people->count * sizeof(roaring_bitmap_t *));
    for (size_t i = 0; i < cell->people->count; i++) {
        const struct bench_person *person = &cell->people->person[i];
        peer->set[i] = roaring_bitmap_create();
        for (size_t j = 0; j < person->count; j++) {
            roaring_bitmap_add_range(
                peer->set[i],
                (uint64_t)(person->spans[j].start - KIND_MONDAY) / KIND_CELL,
                (uint64_t)(person->spans[j].end - KIND_MONDAY) / KIND_CELL);
        }
        roaring_bitmap_run_optimize(peer->set[i]);
        roaring_bitmap_shrink_to_fit(peer->set[i]);
    }
    return peer;
}

static void close_roaring(void *state)
{
    struct peer *peer = state;
    for (size_t i = 0; i < peer->cell->people->count; i++) {
        roaring_bitmap_free(peer->set[i]);
    }
    free(peer->set);
    free(peer);
}

struct runs {
    struct match_run *windows;
    size_t count;
    uint32_t needed; /* cells */
    uint32_t first;
    uint32_t next;
};

static void end_run(struct runs *runs)
{
    if (runs->next - runs->first >= runs->needed) {
        runs->windows[runs->count++] = (struct match_run){
            KIND_MONDAY + (minute_t)runs->first * KIND_CELL,
            KIND_MONDAY + (minute_t)(runs->next - runs->needed) * KIND_CELL};
    }
}

static bool on_cell(uint32_t cell, void *context)
{
    struct runs *runs = context;
    if (cell != runs->next) {
        end_run(runs);
        runs->first = cell;
    }
    runs->next = cell + 1;
    return true;
}

static size_t answer_roaring(void *state, size_t request, struct match_run *ret_windows)
{
    struct peer *peer = state;
    const struct bench_cell *cell = peer->cell;
    const uint16_t *people = cell->request[request];
    roaring_bitmap_t *common =
        roaring_bitmap_and(peer->set[people[0]], peer->set[people[1]]);
    if (common == NULL) {
        report_die("no memory left");
    }
    for (uint32_t i = 2; i < cell->parties && !roaring_bitmap_is_empty(common); i++) {
        roaring_bitmap_and_inplace(common, peer->set[people[i]]);
    }
    struct runs runs = {.windows = ret_windows,
                        .needed = (uint32_t)(cell->duration / KIND_CELL)};
    roaring_iterate(common, on_cell, &runs);
    end_run(&runs);
    roaring_bitmap_free(common);
    return runs.count;
}

const struct method method_roaring = {
    .name = "roaring",
    .isa = "-",
    .open = open_roaring,
    .answer = answer_roaring,
    .close = close_roaring,
};
