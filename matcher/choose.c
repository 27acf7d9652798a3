// SPDX-License-Identifier: Apache-2.0

/*
 * choose.c - the part of search_internal.h that chooses among the starts that suit
 *
 * Starts between which nothing but unusable minutes can decide are a *level*; they lie on
 * one civil day.  The levels come out of a heap, the best one first, and each is emptied
 * before the next one is looked at.
 */
#include "matcher/quick.h"
#include "matcher/search_internal.h"

/* Whether start @a is better than start @b, but for unusable minutes.  Of equally good ones
 * the earlier is. */
static bool is_better(const struct search *search, uint32_t a, uint32_t b)
{
    const struct score_tally *x = &search->best[a];
    const struct score_tally *y = &search->best[b];

    if (search->request->urgent) {
        return score_band(x) != score_band(y) ? score_band(x) < score_band(y) : a < b;
    }
    if (x->high != y->high) {
        return x->high < y->high;
    }
    return x->low != y->low ? x->low < y->low : a < b;
}

/* Whether nothing but unusable minutes can decide between the starts @a and @b. */
static bool is_level(const struct search *search, uint32_t a, uint32_t b)
{
    return search->request->urgent ? a == b
                                   : search->best[a].high == search->best[b].high &&
                                         search->best[a].low == search->best[b].low;
}

/* Let the start at @at sink in the heap of the first @size, whose top is the best. */
static void sink(struct search *search, size_t at, size_t size)
{
    uint32_t *ranked = search->ranked;
    uint32_t sinking = ranked[at];

    for (size_t child = 2 * at + 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && is_better(search, ranked[child + 1], ranked[child])) {
            child++;
        }
        if (is_better(search, sinking, ranked[child])) {
            break;
        }
        ranked[at] = ranked[child];
        at = child;
    }
    ranked[at] = sinking;
}

/* Take the best level out of the heap of *@size starts: it lies right behind the rest of
 * the heap then, by start.  Returns how many it has. */
static size_t pop_level(struct search *search, size_t *size)
{
    uint32_t *ranked = search->ranked;
    size_t before = *size;
    uint32_t best = ranked[0];

    do {
        uint32_t popped = ranked[0];
        (*size)--;
        ranked[0] = ranked[*size];
        sink(search, 0, *size);
        ranked[*size] = popped;
    } while (*size > 0 && is_level(search, ranked[0], best));
    for (size_t low = *size, high = before - 1; low < high; low++, high--) {
        uint32_t popped = ranked[low];
        ranked[low] = ranked[high];
        ranked[high] = popped;
    }
    return before - *size;
}

/* Take the starts that begin too near to @start out of the choice. */
static void take(struct search *search, minute_t start)
{
    int64_t apart = search_apart(search->request);
    size_t low = 0;
    size_t high = search->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = search->starts[middle] + apart <= start;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    for (; low < search->count && search->starts[low] - (int64_t)start < apart; low++) {
        search->options[low] = 0;
    }
}

/* The unusable minutes of the starts in the chunk with @option, which is kept if it
 * leaves fewest. */
static void settle_chunk(struct search *search, size_t option, size_t count)
{
    if (search->is_quick) {
        quick_gaps(search, option, count);
    } else {
        search_batch(search, search->chunk_starts, count);
        search_gaps(search, option, true);
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = search->chunk_places[i];
        struct score_tally tally = search->best[place];

        tally.unusable = search->unusable[i];
        if (search->is_open[place] || score_compare(&tally, &search->best[place]) < 0) {
            search->best[place] = tally;
            search->chosen_option[place] = (uint8_t)option;
            search->is_open[place] = false;
        }
    }
}

/* Look at the unusable minutes of all starts of @level that can still be chosen, with each
 * of the options that are level there. */
static void settle(struct search *search, const uint32_t *level, size_t level_count)
{
    for (size_t option = 0; option < search_option_count(search->request); option++) {
        size_t count = 0;
        for (size_t i = 0; i < level_count; i++) {
            uint32_t place = level[i];
            if ((search->options[place] >> option & 1) != 0) {
                search->chunk_starts[count] = search->starts[place];
                search->chunk_places[count] = place;
                count++;
            }
            if (count == search->chunk_most || (i + 1 == level_count && count > 0)) {
                settle_chunk(search, option, count);
                count = 0;
            }
        }
    }
}

/* The best start of @level that can still be chosen; search->count if there is none. */
static size_t find_best(const struct search *search, const uint32_t *level,
                        size_t count)
{
    size_t best = search->count;

    for (size_t i = 0; i < count; i++) {
        uint32_t place = level[i];
        if (search->options[place] != 0 &&
            (best == search->count ||
             score_compare(&search->best[place], &search->best[best]) < 0)) {
            best = place;
        }
    }
    return best;
}

void search_pick(struct search *search, const uint32_t *level, size_t count,
                 struct match_result *result)
{
    if (search->is_open[level[0]] && result->count < search->request->wanted) {
        settle(search, level, count);
    }
    while (result->count < search->request->wanted) {
        size_t best = find_best(search, level, count);
        if (best == search->count) {
            return;
        }
        struct match_slot *slot = &result->slots[result->count];
        slot->start = search->starts[best];
        slot->option = search->chosen_option[best];
        score_merit(&search->days, &search->best[best], &slot->merit);
        result->count++;
        take(search, slot->start);
    }
}

int64_t search_apart(const struct match_request *request)
{
    return request->apart > 0 ? request->apart : request->duration;
}

void search_take_near(struct search *search, const struct match_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        take(search, result->slots[i].start);
    }
}

void search_choose(struct search *search, struct match_result *result)
{
    size_t size = 0;

    search_take_near(search, result);
    for (uint32_t i = 0; i < search->count; i++) {
        if (search->options[i] != 0) {
            search->ranked[size] = i;
            size++;
        }
    }
    for (size_t i = size / 2; i > 0; i--) {
        sink(search, i - 1, size);
    }
    while (size > 0 && result->count < search->request->wanted) {
        size_t count = pop_level(search, &size);
        search_pick(search, search->ranked + size, count, result);
    }
}
