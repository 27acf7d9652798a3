// SPDX-License-Identifier: Apache-2.0

/*
 * method_plain.c - what one writes by hand: two loops in plain C
 *
 * naive       every start, every person, through the ranges from the first one on
 * merge       person after person, both lists walked at once: the best of the simple
 *             methods, and what all others are checked against.  For a quorum it counts
 *             who can begin in each cell
 */
#include "bench/method.h"

#include <stdlib.h>
#include <string.h>

struct plain {
    const struct bench_cell *cell;
    struct match_span *spans[2];
    int16_t *change; /* by cell of the horizon: who can begin from here on */
};

static void *open_plain(const struct bench_cell *cell)
{
    struct plain *plain = bench_memory(sizeof(*plain));
    size_t cells = (size_t)cell->people->days * MINUTES_PER_DAY / KIND_CELL;
    plain->cell = cell;
    for (size_t i = 0; i < 2; i++) {
        plain->spans[i] = bench_memory(BENCH_WINDOWS_MAX * sizeof(struct match_span));
    }
    plain->change = bench_memory((cells + 1) * sizeof(*plain->change));
    return plain;
}

static void close_plain(void *state)
{
    struct plain *plain = state;
    free(plain->spans[0]);
    free(plain->spans[1]);
    free(plain->change);
    free(plain);
}

static const struct bench_person *person(const struct bench_cell *cell, size_t request,
                                         uint32_t party)
{
    return &cell->people->person[cell->request[request][party]];
}

/* ---- naive --------------------------------------------------------------------------
 */

static bool is_free(const struct bench_person *person, minute_t start, minute_t end)
{
    for (size_t i = 0; i < person->count; i++) {
        if (person->spans[i].start <= start && person->spans[i].end >= end) {
            return true;
        }
        if (person->spans[i].start > start) {
            return false;
        }
    }
    return false;
}

static bool is_possible(const struct bench_cell *cell, size_t request, minute_t start)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < cell->parties; i++) {
        missing += !is_free(person(cell, request, i), start, start + cell->duration);
        if (missing > cell->parties - cell->needed) {
            return false;
        }
    }
    return true;
}

static size_t answer_naive(void *state, size_t request, struct match_run *ret_windows)
{
    const struct bench_cell *cell = ((struct plain *)state)->cell;
    minute_t end = KIND_MONDAY + (minute_t)cell->people->days * MINUTES_PER_DAY;
    size_t count = 0;
    bool open = false;
    for (minute_t start = KIND_MONDAY; start + cell->duration <= end;
         start += KIND_CELL) {
        bool possible = is_possible(cell, request, start);
        if (possible && !open) {
            ret_windows[count++].first = start;
        }
        if (possible) {
            ret_windows[count - 1].last = start;
        }
        open = possible;
    }
    return count;
}

/* ---- merge --------------------------------------------------------------------------
 */

/* What @left and @right have in common, as far as the slot fits into it. */
static size_t intersect(const struct match_span *left, size_t left_count,
                        const struct bench_person *right, int32_t duration,
                        struct match_span *ret_spans)
{
    size_t count = 0;
    for (size_t i = 0, j = 0; i < left_count && j < right->count;) {
        struct match_span a = left[i];
        struct match_span b = right->spans[j];
        minute_t start = a.start > b.start ? a.start : b.start;
        minute_t end = a.end < b.end ? a.end : b.end;
        if (end - start >= duration) {
            ret_spans[count++] = (struct match_span){start, end};
        }
        i += a.end <= b.end;
        j += b.end <= a.end;
    }
    return count;
}

static size_t merge_all(struct plain *plain, size_t request,
                        struct match_run *ret_windows)
{
    const struct bench_cell *cell = plain->cell;
    const struct match_span *left = person(cell, request, 0)->spans;
    size_t count = person(cell, request, 0)->count;
    for (uint32_t i = 1; i < cell->parties && count > 0; i++) {
        count = intersect(left, count, person(cell, request, i), cell->duration,
                          plain->spans[i % 2]);
        left = plain->spans[i % 2];
    }
    for (size_t i = 0; i < count; i++) {
        ret_windows[i].first = (left[i].start + KIND_CELL - 1) / KIND_CELL * KIND_CELL;
        ret_windows[i].last = (left[i].end - cell->duration) / KIND_CELL * KIND_CELL;
    }
    return count;
}

static size_t merge_quorum(struct plain *plain, size_t request,
                           struct match_run *ret_windows)
{
    const struct bench_cell *cell = plain->cell;
    minute_t cells = (minute_t)cell->people->days * MINUTES_PER_DAY / KIND_CELL;
    size_t count = 0;
    memset(plain->change, 0, ((size_t)cells + 1) * sizeof(*plain->change));
    for (uint32_t i = 0; i < cell->parties; i++) {
        const struct bench_person *one = person(cell, request, i);
        for (size_t j = 0; j < one->count; j++) {
            minute_t start = one->spans[j].start - KIND_MONDAY;
            minute_t end = one->spans[j].end - KIND_MONDAY - cell->duration;
            if (end >= start) {
                plain->change[start / KIND_CELL]++;
                plain->change[end / KIND_CELL + 1]--;
            }
        }
    }
    int32_t free_now = 0;
    bool open = false;
    for (minute_t i = 0; i < cells; i++) {
        free_now += plain->change[i];
        bool possible = free_now >= (int32_t)cell->needed;
        if (possible && !open) {
            ret_windows[count++].first = KIND_MONDAY + i * KIND_CELL;
        }
        if (possible) {
            ret_windows[count - 1].last = KIND_MONDAY + i * KIND_CELL;
        }
        open = possible;
    }
    return count;
}

static size_t answer_merge(void *state, size_t request, struct match_run *ret_windows)
{
    struct plain *plain = state;
    return plain->cell->needed == plain->cell->parties
               ? merge_all(plain, request, ret_windows)
               : merge_quorum(plain, request, ret_windows);
}

const struct method method_naive = {
    .name = "naive",
    .isa = "-",
    .open = open_plain,
    .answer = answer_naive,
    .close = close_plain,
};
const struct method method_merge = {
    .name = "merge",
    .isa = "-",
    .open = open_plain,
    .answer = answer_merge,
    .close = close_plain,
};
