// SPDX-License-Identifier: Apache-2.0
#include "matcher/interval_set.h"

#include "matcher/assert_slow.h"

static minute_t earlier(minute_t a, minute_t b)
{
    return a < b ? a : b;
}

static minute_t later(minute_t a, minute_t b)
{
    return a > b ? a : b;
}

bool interval_set_is_canonical(const struct interval_set *set)
{
    if (set->count > set->capacity) {
        return false;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->start[i] >= set->end[i]) {
            return false;
        }
        if (i > 0 && set->start[i] <= set->end[i - 1]) {
            return false;
        }
    }
    return true;
}

void interval_set_append(struct interval_set *set, minute_t start, minute_t end)
{
    if (start >= end) {
        return;
    }
    if (set->count > 0) {
        size_t last = set->count - 1;
        if (start >= set->start[last] && start <= set->end[last]) {
            set->end[last] = later(set->end[last], end);
            return;
        }
    }
    assert(set->count < set->capacity);
    set->start[set->count] = start;
    set->end[set->count] = end;
    set->count++;
}

/* One past the last range of the ascending run that begins at @from. */
static size_t end_of_run(const struct interval_set *set, size_t from)
{
    size_t i = from;
    while (i < set->count && (i == from || set->start[i - 1] <= set->start[i])) {
        i++;
    }
    return i;
}

/* Merge every two neighbouring runs of @from into one run of @to; how many there are
 * then. */
static size_t merge_runs(const struct interval_set *from, struct interval_set *to)
{
    size_t runs = 0;
    size_t begin = 0;

    to->count = 0;
    while (begin < from->count) {
        size_t middle = end_of_run(from, begin);
        size_t end = end_of_run(from, middle);
        size_t i = begin;
        size_t j = middle;

        while (i < middle || j < end) {
            bool left = j == end || (i < middle && from->start[i] <= from->start[j]);
            size_t next = left ? i++ : j++;
            to->start[to->count] = from->start[next];
            to->end[to->count] = from->end[next];
            to->count++;
        }
        begin = end;
        runs++;
    }
    return runs;
}

void interval_set_normalise(struct interval_set *set, struct interval_set *scratch)
{
    if (end_of_run(set, 0) < set->count) {
        assert(scratch->capacity >= set->count);
        size_t runs = 0;
        do {
            (void)merge_runs(set, scratch);
            runs = merge_runs(scratch, set);
        } while (runs > 1);
    }

    size_t count = set->count;
    set->count = 0;
    for (size_t i = 0; i < count; i++) {
        interval_set_append(set, set->start[i], set->end[i]);
    }
    assert_slow(interval_set_is_canonical(set));
}

void interval_set_intersect(const struct interval_set *a, const struct interval_set *b,
                            struct interval_set *ret_both)
{
    assert_slow(interval_set_is_canonical(a));
    assert_slow(interval_set_is_canonical(b));

    size_t i = 0;
    size_t j = 0;

    ret_both->count = 0;
    while (i < a->count && j < b->count) {
        minute_t start = later(a->start[i], b->start[j]);
        minute_t end = earlier(a->end[i], b->end[j]);

        /* What is cut out of canonical sets never touches: no need to append. */
        if (start < end) {
            assert(ret_both->count < ret_both->capacity);
            ret_both->start[ret_both->count] = start;
            ret_both->end[ret_both->count] = end;
            ret_both->count++;
        }

        /* Whichever range ends first cannot meet anything further on. */
        if (a->end[i] < b->end[j]) {
            i++;
        } else {
            j++;
        }
    }
    assert_slow(interval_set_is_canonical(ret_both));
}

void interval_set_subtract(const struct interval_set *a, const struct interval_set *b,
                           struct interval_set *ret_rest)
{
    assert_slow(interval_set_is_canonical(a));
    assert_slow(interval_set_is_canonical(b));

    size_t j = 0;

    ret_rest->count = 0;
    for (size_t i = 0; i < a->count; i++) {
        minute_t start = a->start[i];

        while (j < b->count && b->end[j] <= start) {
            j++;
        }
        /* A range of b that reaches beyond this range of a may cut the next one too,
         * so j stays on it. */
        for (; j < b->count && b->start[j] < a->end[i]; j++) {
            interval_set_append(ret_rest, start, b->start[j]);
            start = b->end[j];
            if (start >= a->end[i]) {
                break;
            }
        }
        interval_set_append(ret_rest, start, a->end[i]);
    }
    assert_slow(interval_set_is_canonical(ret_rest));
}

void interval_set_widen(const struct interval_set *set, int32_t before, int32_t after,
                        struct interval_set *ret_wide)
{
    size_t count = set->count;

    ret_wide->count = 0;
    for (size_t i = 0; i < count; i++) {
        interval_set_append(ret_wide, minute_add(set->start[i], -(int64_t)before),
                            minute_add(set->end[i], after));
    }
    assert_slow(interval_set_is_canonical(ret_wide));
}

void interval_set_fit(const struct interval_set *set, int32_t length,
                      struct interval_set *ret_starts)
{
    size_t count = set->count;

    ret_starts->count = 0;
    for (size_t i = 0; i < count; i++) {
        interval_set_append(ret_starts, set->start[i],
                            minute_add(set->end[i], 1 - (int64_t)length));
    }
    assert_slow(interval_set_is_canonical(ret_starts));
}
