// SPDX-License-Identifier: Apache-2.0
#include "matcher/record_draft.h"

#include "matcher/red_zone.h"

#include <string.h>

enum { DRAFT_ARRAYS = 8 };

/* Enough for any of the arrays. */
static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static uint32_t place_count(const struct record_needs *needs)
{
    uint32_t count = 4;
    while (count < 2 * needs->classes) {
        count *= 2;
    }
    return count;
}

static size_t days_size(const struct record_needs *needs)
{
    return (needs->days + 1) * sizeof(uint16_t);
}

size_t record_draft_size(const struct record_needs *needs)
{
    return aligned(needs->changes * sizeof(uint32_t)) + 2 * aligned(days_size(needs)) +
           aligned(needs->days * sizeof(uint64_t)) +
           aligned(needs->classes * sizeof(struct record_class)) +
           aligned(needs->items * sizeof(struct record_item)) +
           aligned(place_count(needs) * sizeof(uint32_t)) +
           aligned(needs->classes * sizeof(uint32_t)) + (size_t)DRAFT_ARRAYS * RED_ZONE;
}

static void *carve(unsigned char **at, size_t size)
{
    void *memory = *at;

    red_zone_behind(memory, size);
    *at += aligned(size) + RED_ZONE;
    return memory;
}

void record_draft_init(struct record_draft *draft, const struct record_needs *needs,
                       void *workspace)
{
    unsigned char *at = workspace;
    uint32_t places = place_count(needs);

    red_zone_clear(workspace, record_draft_size(needs));
    *draft = (struct record_draft){.room = *needs, .place_mask = places - 1};
    draft->changes = carve(&at, needs->changes * sizeof(uint32_t));
    draft->days = carve(&at, days_size(needs));
    draft->all_days = carve(&at, days_size(needs));
    draft->words = carve(&at, needs->days * sizeof(uint64_t));
    draft->classes = carve(&at, needs->classes * sizeof(struct record_class));
    draft->items = carve(&at, needs->items * sizeof(struct record_item));
    draft->places = carve(&at, places * sizeof(uint32_t));
    draft->numbers = carve(&at, needs->classes * sizeof(uint32_t));
    memset(draft->places, 0, places * sizeof(uint32_t));
    memset(draft->numbers, 0, needs->classes * sizeof(uint32_t));
    draft->midnight = INT64_MIN / 2;
    draft->end = INT64_MIN / 2;
}

/* Go on with the day that contains minute @at, which is after the last one. */
static void open_day(struct record_draft *draft, int64_t at)
{
    int64_t midnight = draft->midnight + MINUTES_PER_DAY;
    uint32_t count = draft->day_count;
    if (count == 0) {
        draft->first_day = minute_day(at);
        midnight = (int64_t)draft->first_day * MINUTES_PER_DAY;
    }
    for (;; midnight += MINUTES_PER_DAY) {
        if (count == draft->room.days) {
            draft->overflowed = true;
            return;
        }
        draft->words[count] = 0;
        draft->days[count++] = (uint16_t)draft->change_count;
        if (at < midnight + MINUTES_PER_DAY) {
            break;
        }
    }
    draft->day_count = count;
    draft->midnight = midnight;
}

/* The part of a stretch that lies in the last day. */
static void put_part(struct record_draft *draft, int64_t from, int64_t until,
                     uint32_t class, bool offered)
{
    uint32_t start = (uint32_t)(from - draft->midnight);
    uint32_t end = (uint32_t)(until - draft->midnight);
    uint32_t at = draft->change_count;
    bool touches = from == draft->end && start > 0;

    if (at + 2 > draft->room.changes) {
        draft->overflowed = true;
        return;
    }
    /* What touches the last stretch takes the place of its end. */
    at -= touches;
    if (!touches || class != draft->last) {
        draft->changes[at++] = start << RECORD_WIDE_SHIFT | class;
    }
    if (end < MINUTES_PER_DAY) {
        draft->changes[at++] = end << RECORD_WIDE_SHIFT;
    }
    draft->change_count = at;
    draft->words[draft->day_count - 1] |= offered ? record_draft_fold(start, end) : 0;
    draft->end = until;
    draft->last = class;
}

void record_draft_put(struct record_draft *draft, int64_t from, int64_t until,
                      uint32_t class)
{
    bool offered = class >= RECORD_OFFERED;
    if (class < RECORD_COMMON) {
        draft->common |= 1U << class;
    } else {
        const struct record_class *entry = &draft->classes[class - RECORD_COMMON];
        offered = draft->items[entry->first].kind == MATCH_FREE;
        draft->numbers[class - RECORD_COMMON] = 1;
    }
    for (;;) {
        if (from >= draft->midnight + MINUTES_PER_DAY) {
            open_day(draft, from);
        }
        int64_t next = draft->midnight + MINUTES_PER_DAY;
        if (draft->overflowed) {
            return;
        }
        if (until < next) {
            put_part(draft, from, until, class, offered);
            return;
        }
        put_part(draft, from, next, class, offered);
        draft->runs_on |= offered;
        if (until == next) {
            return;
        }
        from = next;
    }
}

void record_draft_finish(struct record_draft *draft)
{
    draft->days[draft->day_count] = (uint16_t)draft->change_count;
}

/* Offers first, then busy places, then tentative ones; each in one order. */
static int compare(const struct record_item *a, const struct record_item *b)
{
    return a->kind != b->kind ? a->kind - b->kind : memcmp(a, b, sizeof(*a));
}

static void sort(struct record_item *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct record_item item = items[i];
        uint32_t j = i;
        for (; j > 0 && compare(&items[j - 1], &item) > 0; j--) {
            items[j] = items[j - 1];
        }
        items[j] = item;
    }
}

static bool is_for_everything(const struct record_item *offer)
{
    return offer->purposes == 0 && offer->modalities == 0 && offer->place == 0;
}

static uint32_t offered(const struct record_item *offer)
{
    return RECORD_OFFERED + 3U * (offer->certainty - 1U) + offer->preference;
}

/* The class that has a number of its own, or RECORD_COMMON. */
static uint32_t common(bool busy, bool tentative, const struct record_item *items,
                       uint32_t count)
{
    if (count == 0) {
        return busy        ? (uint32_t)RECORD_BUSY
               : tentative ? (uint32_t)RECORD_TENTATIVE
                           : (uint32_t)RECORD_NOTHING;
    }
    if (count > 1 || busy || items->kind != MATCH_FREE || !is_for_everything(items)) {
        return RECORD_COMMON;
    }
    if (!tentative) {
        return offered(items);
    }
    return offered(items) == RECORD_OFFERED ? (uint32_t)RECORD_DECLARED_TENTATIVE
                                            : (uint32_t)RECORD_COMMON;
}

static uint32_t hash(bool busy, bool tentative, const struct record_item *items,
                     uint32_t count)
{
    uint64_t mixed = (busy ? 2U : 0U) + (tentative ? 1U : 0U);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t head;
        uint32_t tail;
        memcpy(&head, &items[i], sizeof(head));
        memcpy(&tail, (const unsigned char *)&items[i] + sizeof(head), sizeof(tail));
        mixed = (mixed ^ head) * 0x9e3779b97f4a7c15U;
        mixed = (mixed ^ (mixed >> 29) ^ tail) * 0xbf58476d1ce4e5b9U;
    }
    return (uint32_t)(mixed >> 32);
}

static bool is_same(const struct record_draft *draft, const struct record_class *class,
                    bool busy, bool tentative, const struct record_item *items,
                    uint32_t count)
{
    return class->count == count && class->busy == busy &&
           class->tentative == tentative &&
           memcmp(&draft->items[class->first], items, count * sizeof(*items)) == 0;
}

uint32_t record_draft_class(struct record_draft *draft, bool busy, bool tentative,
                            struct record_item *items, uint32_t count)
{
    sort(items, count);
    uint32_t class = common(busy, tentative, items, count);
    if (class != RECORD_COMMON) {
        return class;
    }
    uint32_t at = hash(busy, tentative, items, count) & draft->place_mask;
    for (; draft->places[at] != 0; at = (at + 1) & draft->place_mask) {
        uint32_t known = draft->places[at] - 1;
        if (is_same(draft, &draft->classes[known], busy, tentative, items, count)) {
            return RECORD_COMMON + known;
        }
    }
    if (draft->class_count == draft->room.classes ||
        draft->room.items - draft->item_count < count) {
        draft->overflowed = true;
        return RECORD_NOTHING;
    }
    draft->classes[draft->class_count] =
        (struct record_class){draft->item_count, (uint16_t)count, busy, tentative};
    memcpy(&draft->items[draft->item_count], items, count * sizeof(*items));
    draft->item_count += count;
    draft->places[at] = ++draft->class_count;
    return RECORD_COMMON + draft->class_count - 1;
}

uint32_t record_draft_single(struct record_draft *draft, const struct record_item *item)
{
    struct record_item copy = *item;
    if (item->kind == MATCH_FREE) {
        return is_for_everything(item)
                   ? offered(item)
                   : record_draft_class(draft, false, false, &copy, 1);
    }
    return record_draft_class(draft, item->kind == MATCH_BUSY,
                              item->kind == MATCH_TENTATIVE, &copy, item->place != 0);
}

uint32_t record_draft_unknown(struct record_draft *draft, uint32_t class)
{
    if (class < RECORD_COMMON) {
        return class == RECORD_DECLARED_TENTATIVE ? (uint32_t)RECORD_TENTATIVE
                                                  : (uint32_t)RECORD_NOTHING;
    }
    const struct record_class *whole = &draft->classes[class - RECORD_COMMON];
    struct record_item left[RECORD_DEPTH_MAX];
    uint32_t offers = 0;
    while (offers < whole->count &&
           draft->items[whole->first + offers].kind == MATCH_FREE) {
        offers++;
    }
    uint32_t count = whole->count - offers;
    memcpy(left, &draft->items[whole->first + offers], count * sizeof(*left));
    return record_draft_class(draft, whole->busy != 0, whole->tentative != 0, left,
                              count);
}
