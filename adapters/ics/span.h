// SPDX-License-Identifier: Apache-2.0

/*
 * span.h - lists of stretches of time, with the few operations on them that an agenda
 * needs
 *
 * Units       Minutes since 1970-01-01T00:00Z.  A span is half-open: [start, end).
 *
 * Invariant   A list is canonical when its spans are not empty, rising, and do not
 * touch. span_list_add() breaks that, span_list_normalise() makes it true again; the
 * other functions expect and produce canonical lists.
 *
 * Ownership   A zeroed list is empty.  span_list_finish() frees it.
 */
#ifndef ADAPTERS_ICS_SPAN_H
#define ADAPTERS_ICS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    int32_t start;
    int32_t end;
};

struct span_list {
    struct span *items;
    size_t count;
    size_t capacity;
};

/* Append a span; an empty one is left out.  False if there is no memory or the list
 * would have more than about 60,000 spans that do not touch: far more than any limit of
 * the wire. */
bool span_list_add(struct span_list *list, int32_t start, int32_t end);

/* Sort, and merge what touches.  Cannot fail. */
void span_list_normalise(struct span_list *list);

/* Take from @list what @taken covers.  False if there is no memory. */
bool span_list_subtract(struct span_list *list, const struct span_list *taken);

/* Keep what lies in [from, until).  Cannot fail. */
void span_list_clip(struct span_list *list, int32_t from, int32_t until);

/* Add all of @other and normalise.  False if there is no memory. */
bool span_list_unite(struct span_list *list, const struct span_list *other);

void span_list_finish(struct span_list *list);

#endif
