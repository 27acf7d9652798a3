// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/span.h"

#include <stdlib.h>

#define SPANS_MAX 65536 /* appended spans, before they are merged */

static int compare_span(const void *a, const void *b)
{
    const struct span *first = a;
    const struct span *second = b;

    if (first->start != second->start) {
        return first->start < second->start ? -1 : 1;
    }
    return first->end < second->end ? -1 : first->end > second->end ? 1 : 0;
}

static bool make_room(struct span_list *list)
{
    if (list->count < list->capacity) {
        return true;
    }
    if (list->capacity == SPANS_MAX) {
        span_list_normalise(list);
        return list->count < SPANS_MAX - SPANS_MAX / 16;
    }
    size_t wanted = list->capacity == 0 ? 64 : list->capacity * 2;
    struct span *grown = realloc(list->items, wanted * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    list->items = grown;
    list->capacity = wanted;
    return true;
}

bool span_list_add(struct span_list *list, int32_t start, int32_t end)
{
    if (start >= end) {
        return true;
    }
    if (!make_room(list)) {
        return false;
    }
    list->items[list->count++] = (struct span){.start = start, .end = end};
    return true;
}

void span_list_normalise(struct span_list *list)
{
    size_t kept = 0;

    if (list->count == 0) {
        return;
    }
    qsort(list->items, list->count, sizeof *list->items, compare_span);
    for (size_t i = 1; i < list->count; i++) {
        struct span *last = &list->items[kept];
        if (list->items[i].start > last->end) {
            list->items[++kept] = list->items[i];
        } else if (list->items[i].end > last->end) {
            last->end = list->items[i].end;
        }
    }
    list->count = kept + 1;
}

bool span_list_subtract(struct span_list *list, const struct span_list *taken)
{
    struct span_list left = {0};
    size_t j = 0;

    for (size_t i = 0; i < list->count; i++) {
        int32_t at = list->items[i].start;
        int32_t end = list->items[i].end;
        while (j < taken->count && taken->items[j].end <= at) {
            j++;
        }
        for (size_t k = j; k < taken->count && taken->items[k].start < end; k++) {
            if (!span_list_add(&left, at, taken->items[k].start)) {
                span_list_finish(&left);
                return false;
            }
            at = taken->items[k].end;
        }
        if (!span_list_add(&left, at, end)) {
            span_list_finish(&left);
            return false;
        }
    }
    span_list_finish(list);
    *list = left;
    return true;
}

void span_list_clip(struct span_list *list, int32_t from, int32_t until)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        struct span span = list->items[i];
        span.start = span.start < from ? from : span.start;
        span.end = span.end > until ? until : span.end;
        if (span.start < span.end) {
            list->items[kept++] = span;
        }
    }
    list->count = kept;
}

bool span_list_unite(struct span_list *list, const struct span_list *other)
{
    for (size_t i = 0; i < other->count; i++) {
        if (!span_list_add(list, other->items[i].start, other->items[i].end)) {
            return false;
        }
    }
    span_list_normalise(list);
    return true;
}

void span_list_finish(struct span_list *list)
{
    free(list->items);
    *list = (struct span_list){0};
}
