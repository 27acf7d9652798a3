// SPDX-License-Identifier: Apache-2.0

/*
 * choose.c - the part of search_internal.h that chooses among the starts that suit
 */
#include "matcher/quick.h"
#include "matcher/search_internal.h"

/* Whether start @a is better than start @b, as far as is known.  Of equally good ones the
 * earlier is. */
static bool is_better(const struct search *search, size_t a, size_t b)
{
    if (search->request->urgent) {
        uint64_t band_a = score_band(&search->best[a]);
        uint64_t band_b = score_band(&search->best[b]);
        return band_a != band_b ? band_a < band_b : a < b;
    }
    int order = score_compare(&search->best[a], &search->best[b]);
    return order != 0 ? order < 0 : a < b;
}

/* The best start of the block that begins at @from and is not taken; search->count if
 * all are. */
static size_t find_best_of(const struct search *search, size_t from)
{
    size_t until = from + AXIS_WORD < search->count ? from + AXIS_WORD : search->count;
    size_t best = search->count;

    for (size_t i = from; i < until; i++) {
        if (search->options[i] != 0 &&
            (best == search->count || is_better(search, i, best))) {
            best = i;
        }
    }
    return best;
}

static size_t find_best(const struct search *search)
{
    size_t best = search->count;

    for (size_t i = 0; i < axis_words(search->count); i++) {
        size_t other = search->block_best[i];
        if (other < search->count &&
            (best == search->count || is_better(search, other, best))) {
            best = other;
        }
    }
    return best;
}

/* Take the starts that begin less than @apart from @start out of the choice. */
static void take(struct search *search, minute_t start, int64_t apart)
{
    size_t low = 0;
    size_t high = search->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = search->starts[middle] + apart <= start;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    size_t first = low;
    for (; low < search->count && search->starts[low] - (int64_t)start < apart; low++) {
        search->options[low] = 0;
    }
    for (size_t block = first / AXIS_WORD;
         first < low && block <= (low - 1) / AXIS_WORD; block++) {
        search->block_best[block] = (uint32_t)find_best_of(search, block * AXIS_WORD);
    }
}

/* Whether nothing but unusable minutes can decide between the starts @a and @b. */
static bool is_level(const struct search *search, size_t a, size_t b)
{
    return search->request->urgent ? a == b
                                   : search->best[a].high == search->best[b].high &&
                                         search->best[a].low == search->best[b].low;
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

/* Look at the unusable minutes of all starts that are level with @best, and at which
 * options are level there. */
static void settle(struct search *search, size_t best)
{
    size_t blocks = axis_words(search->count);
    size_t first = search->count;
    size_t last = 0;

    for (size_t block = 0; block < blocks; block++) {
        size_t of_block = search->block_best[block];
        if (of_block == search->count || !is_level(search, of_block, best)) {
            continue;
        }
        first = first == search->count ? block * AXIS_WORD : first;
        last = block * AXIS_WORD + AXIS_WORD;
    }
    last = last < search->count ? last : search->count;
    for (size_t option = 0; option < search_option_count(search->request); option++) {
        size_t count = 0;
        for (size_t i = first; i < last; i++) {
            if ((search->options[i] >> option & 1) != 0 && is_level(search, i, best)) {
                search->chunk_starts[count] = search->starts[i];
                search->chunk_places[count] = (uint32_t)i;
                count++;
            }
            if (count == search->chunk_most || (i + 1 == last && count > 0)) {
                settle_chunk(search, option, count);
                count = 0;
            }
        }
    }
    for (size_t block = first / AXIS_WORD; block * AXIS_WORD < last; block++) {
        search->block_best[block] = (uint32_t)find_best_of(search, block * AXIS_WORD);
    }
}

int64_t search_apart(const struct match_request *request)
{
    return request->apart > 0 ? request->apart : request->duration;
}

void search_choose(struct search *search, struct match_result *result)
{
    const struct match_request *request = search->request;
    int64_t apart = search_apart(request);

    for (size_t i = 0; i < axis_words(search->count); i++) {
        search->block_best[i] = (uint32_t)find_best_of(search, i * AXIS_WORD);
    }
    for (size_t i = 0; i < result->count; i++) {
        take(search, result->slots[i].start, apart);
    }
    while (result->count < request->wanted) {
        size_t best = find_best(search);
        if (best == search->count) {
            return;
        }
        if (search->is_open[best]) {
            settle(search, best);
            best = find_best(search);
        }
        struct match_slot *slot = &result->slots[result->count];
        slot->start = search->starts[best];
        slot->option = search->chosen_option[best];
        slot->merit = score_merit(&search->days, &search->best[best]);
        result->count++;
        take(search, slot->start, apart);
    }
}
