// SPDX-License-Identifier: Apache-2.0
#include "matcher/record_sweep.h"

#include "matcher/record_outline.h"
#include "matcher/red_zone.h"

#include <string.h>

/* One source, as far as it has been read. */
struct reader {
    const struct match_range *next;
    const struct match_range *end;
};

/* What lies over the minute that has been reached; ranges that differ in their time only
 * are one. */
struct active {
    struct record_item item;
    minute_t end;
};

struct sweep {
    struct record_draft *draft;
    struct match_span within;
    struct match_span known;

    struct reader *readers; /* a heap, the earliest start on top */
    size_t reader_count;

    minute_t reached;
    struct active active[RECORD_DEPTH_MAX];
    uint32_t active_count;

    /* The class of the last range that lay alone, for the next one is mostly alike. */
    struct match_range last;
    uint32_t last_class;
};

size_t record_sweep_size(size_t source_count)
{
    return ((source_count * sizeof(struct reader) + 15) & ~(size_t)15) + RED_ZONE;
}

static void sift_down(struct sweep *sweep, size_t at)
{
    struct reader moved = sweep->readers[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sweep->reader_count) {
            break;
        }
        if (child + 1 < sweep->reader_count &&
            sweep->readers[child + 1].next->start < sweep->readers[child].next->start) {
            child++;
        }
        if (moved.next->start <= sweep->readers[child].next->start) {
            break;
        }
        sweep->readers[at] = sweep->readers[child];
        at = child;
    }
    sweep->readers[at] = moved;
}

static void open_readers(struct sweep *sweep, const struct match_source *sources,
                         size_t source_count)
{
    for (size_t i = 0; i < source_count; i++) {
        if (sources[i].range_count > 0) {
            sweep->readers[sweep->reader_count++] = (struct reader){
                sources[i].ranges, sources[i].ranges + sources[i].range_count};
        }
    }
    for (size_t i = sweep->reader_count / 2; i-- > 0;) {
        sift_down(sweep, i);
    }
}

/* There is one. */
static const struct match_range *take(struct sweep *sweep)
{
    const struct match_range *range = sweep->readers[0].next++;
    if (sweep->readers[0].next == sweep->readers[0].end) {
        sweep->readers[0] = sweep->readers[--sweep->reader_count];
    }
    if (sweep->reader_count > 1) {
        sift_down(sweep, 0);
    }
    return range;
}

/* Free ranges say more than where; of the others nothing else is kept. */
static struct record_item item_of(const struct match_range *range)
{
    struct record_item item = {.place = range->place, .kind = range->kind};
    if (range->kind == MATCH_FREE) {
        item.purposes = range->purposes;
        item.certainty = range->certainty;
        item.preference = range->preference;
        item.modalities = range->modalities;
    }
    return item;
}

static bool is_same(const struct record_item *a, const struct record_item *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Is @b, an offer, of no use to anybody beside @a? */
static bool outdoes(const struct record_item *a, const struct record_item *b)
{
    return a->certainty == b->certainty &&
           (b->preference == MATCH_NEUTRAL || a->preference == b->preference) &&
           (a->place == 0 || a->place == b->place) &&
           (a->modalities == 0 ||
            (b->modalities != 0 && (b->modalities & ~a->modalities) == 0)) &&
           (a->purposes == 0 ||
            (b->purposes != 0 && (b->purposes & ~a->purposes) == 0));
}

static bool is_outdone(const struct sweep *sweep, uint32_t at)
{
    const struct record_item *offer = &sweep->active[at].item;
    for (uint32_t i = 0; i < sweep->active_count; i++) {
        if (i != at && sweep->active[i].item.kind == MATCH_FREE &&
            outdoes(&sweep->active[i].item, offer)) {
            return true;
        }
    }
    return false;
}

static bool is_busy_at(const struct sweep *sweep, uint16_t place)
{
    for (uint32_t i = 0; i < sweep->active_count; i++) {
        if (sweep->active[i].item.kind == MATCH_BUSY &&
            sweep->active[i].item.place == place) {
            return true;
        }
    }
    return false;
}

static bool is_any(const struct sweep *sweep, enum match_kind kind)
{
    for (uint32_t i = 0; i < sweep->active_count; i++) {
        if (sweep->active[i].item.kind == kind) {
            return true;
        }
    }
    return false;
}

/* The class of the minute that has been reached. */
static uint32_t class_of(struct sweep *sweep, bool known)
{
    struct record_item items[RECORD_DEPTH_MAX];
    uint32_t count = 0;
    bool busy = is_any(sweep, MATCH_BUSY);
    bool tentative = !busy && is_any(sweep, MATCH_TENTATIVE);

    for (uint32_t i = 0; i < sweep->active_count; i++) {
        const struct record_item *item = &sweep->active[i].item;
        bool says_more = false;
        switch ((enum match_kind)item->kind) {
        case MATCH_FREE:
            says_more = known && !busy && !is_outdone(sweep, i);
            break;
        case MATCH_BUSY:
            says_more = item->place != 0;
            break;
        case MATCH_TENTATIVE:
            says_more = item->place != 0 && !(busy && is_busy_at(sweep, item->place));
            tentative |= says_more;
            break;
        }
        if (says_more) {
            items[count++] = *item;
        }
    }
    return record_draft_class(sweep->draft, busy, tentative, items, count);
}

/* The next minute after the one reached at which something may change. */
static minute_t next_edge(const struct sweep *sweep, minute_t until)
{
    minute_t edge = until;
    for (uint32_t i = 0; i < sweep->active_count; i++) {
        edge = sweep->active[i].end < edge ? sweep->active[i].end : edge;
    }
    if (sweep->known.start > sweep->reached && sweep->known.start < edge) {
        edge = sweep->known.start;
    }
    if (sweep->known.end > sweep->reached && sweep->known.end < edge) {
        edge = sweep->known.end;
    }
    return edge;
}

static void put(struct sweep *sweep, minute_t from, minute_t until, uint32_t class)
{
    if (class != RECORD_NOTHING && !sweep->draft->overflowed) {
        record_draft_put(sweep->draft, from, until, class);
    }
}

/* Put down what lies before @until. */
static void go_on(struct sweep *sweep, minute_t until)
{
    while (sweep->active_count > 0 && sweep->reached < until) {
        minute_t edge = next_edge(sweep, until);
        bool known =
            sweep->known.start <= sweep->reached && sweep->reached < sweep->known.end;
        put(sweep, sweep->reached, edge, class_of(sweep, known));
        sweep->reached = edge;

        uint32_t left = 0;
        for (uint32_t i = 0; i < sweep->active_count; i++) {
            if (sweep->active[i].end > edge) {
                sweep->active[left++] = sweep->active[i];
            }
        }
        sweep->active_count = left;
    }
}

static void add(struct sweep *sweep, const struct record_item *item, minute_t end)
{
    for (uint32_t i = 0; i < sweep->active_count; i++) {
        struct active *active = &sweep->active[i];
        if (is_same(&active->item, item)) {
            active->end = active->end < end ? end : active->end;
            return;
        }
    }
    if (sweep->active_count == RECORD_DEPTH_MAX) {
        sweep->draft->overflowed = true;
        return;
    }
    sweep->active[sweep->active_count++] = (struct active){*item, end};
}

/* @range is not like the last one that lay alone. */
static void look_at(struct sweep *sweep, const struct match_range *range)
{
    struct record_item item = item_of(range);
    sweep->last = *range;
    sweep->last_class = record_draft_single(sweep->draft, &item);
}

/* Nothing else lies over [start, end), which is @range or a part of it. */
static void put_alone(struct sweep *sweep, minute_t start, minute_t end,
                      const struct match_range *range)
{
    if (range->kind == MATCH_FREE) {
        start = start < sweep->known.start ? sweep->known.start : start;
        end = end > sweep->known.end ? sweep->known.end : end;
    }
    if (start >= end) {
        return;
    }
    if (!record_outline_is_alike(range, &sweep->last)) {
        look_at(sweep, range);
    }
    put(sweep, start, end, sweep->last_class);
}

/* The draft's state while plain ranges are put down. */
struct pen {
    int64_t midnight;
    int64_t reached;
    uint64_t word;
    uint32_t at;
    uint32_t day_count;
    uint32_t last; /* class */
    uint32_t common;
};

/* Go on with the day of @start; false if there is no room for it. */
static inline bool turn_over(struct record_draft *draft, struct pen *pen,
                             minute_t start)
{
    draft->words[pen->day_count - 1] |= pen->word;
    pen->word = 0;
    do {
        if (pen->day_count == draft->room.days) {
            return false;
        }
        draft->words[pen->day_count] = 0;
        draft->days[pen->day_count++] = (uint16_t)pen->at;
        pen->midnight += MINUTES_PER_DAY;
    } while (start >= pen->midnight + MINUTES_PER_DAY);
    return true;
}

/* The common class of a plain range. */
static inline uint32_t plain_class(const struct match_range *range)
{
    uint32_t offered =
        RECORD_OFFERED + 3U * (range->certainty - 1U) + range->preference;
    uint32_t other = range->kind == MATCH_BUSY ? RECORD_BUSY : RECORD_TENTATIVE;
    return range->kind == MATCH_FREE ? offered : other;
}

/* @range lies in the last day, and does not reach its end. */
static inline void put_plain(struct pen *pen, const struct match_range *range,
                             uint32_t *changes)
{
    uint32_t from = (uint32_t)(range->start - pen->midnight);
    uint32_t until = (uint32_t)(range->end - pen->midnight);
    uint32_t class = plain_class(range);
    /* What touches the last stretch of the day takes the place of its end, and if it is
     * in the same class needs no beginning. */
    uint32_t touches = (range->start == pen->reached) & (from > 0);
    uint32_t goes_on = touches & (class == pen->last);

    pen->at -= touches;
    changes[pen->at] = from << RECORD_WIDE_SHIFT | class;
    pen->at += 1 - goes_on;
    changes[pen->at++] = until << RECORD_WIDE_SHIFT;
    pen->word |= class >= RECORD_OFFERED ? record_draft_fold(from, until) : (uint64_t)0;
    pen->common |= 1U << class;
    pen->last = class;
    pen->reached = range->end;
}

/* What most calendars are made of: plain ranges, each on one day, and not up to its end.
 * Returns the first that is not so.  @plain: all are known to be plain, none overlaps. */
static inline const struct match_range *put_days(struct sweep *sweep,
                                                 const struct match_range *range,
                                                 const struct match_range *end,
                                                 bool plain)
{
    struct record_draft *draft = sweep->draft;
    struct pen pen = {draft->midnight,  draft->end,  0, draft->change_count,
                      draft->day_count, draft->last, 0};
    minute_t limit = sweep->within.end;
    minute_t least = sweep->within.start;
    limit = limit > sweep->known.end ? sweep->known.end : limit;
    least = least < sweep->known.start ? sweep->known.start : least;

    if (pen.day_count == 0 || range == end || range->start < least) {
        return range;
    }
    if ((size_t)(end - range) > (draft->room.changes - pen.at) / 2) {
        end = range + (draft->room.changes - pen.at) / 2;
        plain = false;
    }
    for (; range < end && range->end <= limit; range++) {
        if (!plain && (!record_outline_is_plain(range) ||
                       (range + 1 < end && range[1].start < range->end))) {
            break;
        }
        if ((range->start >= pen.midnight + MINUTES_PER_DAY &&
             !turn_over(draft, &pen, range->start)) ||
            range->end >= pen.midnight + MINUTES_PER_DAY) {
            break;
        }
        put_plain(&pen, range, draft->changes);
    }
    draft->words[pen.day_count - 1] |= pen.word;
    draft->midnight = pen.midnight;
    draft->end = pen.reached;
    draft->change_count = pen.at;
    draft->day_count = pen.day_count;
    draft->last = pen.last;
    draft->common |= pen.common;
    return range;
}

/* Ranges of one source that follow each other without overlapping need nothing else;
 * returns the first that does. */
static const struct match_range *put_in_a_row(struct sweep *sweep,
                                              const struct match_range *range,
                                              const struct match_range *end)
{
    while (range < end && !(range + 1 < end && range[1].start < range->end)) {
        minute_t from = range->start;
        minute_t until = range->end;
        from = from < sweep->within.start ? sweep->within.start : from;
        until = until > sweep->within.end ? sweep->within.end : until;
        put_alone(sweep, from, until, range);
        range = sweep->draft->room.plain ? put_days(sweep, range + 1, end, true)
                                         : put_days(sweep, range + 1, end, false);
    }
    return range;
}

void record_sweep(const struct match_source *sources, size_t source_count,
                  const struct match_span *within, const struct match_span *known,
                  void *workspace, struct record_draft *draft)
{
    struct sweep sweep;

    red_zone_clear(workspace, record_sweep_size(source_count));
    red_zone_behind(workspace, source_count * sizeof(struct reader));
    sweep.draft = draft;
    sweep.within = *within;
    sweep.known = *known;
    sweep.readers = workspace;
    sweep.reader_count = 0;
    sweep.reached = within->start;
    sweep.active_count = 0;
    sweep.last = (struct match_range){0};
    sweep.last_class = RECORD_NOTHING;

    open_readers(&sweep, sources, source_count);
    while (sweep.reader_count > 0 && !draft->overflowed) {
        struct reader *reader = sweep.readers;
        go_on(&sweep, reader->next->start);
        if (sweep.reader_count == 1 && sweep.active_count == 0) {
            reader->next = put_in_a_row(&sweep, reader->next, reader->end);
            if (reader->next == reader->end) {
                break;
            }
        }
        const struct match_range *range = take(&sweep);
        minute_t start = range->start < within->start ? within->start : range->start;
        minute_t end = range->end > within->end ? within->end : range->end;
        if (start >= end) {
            continue;
        }
        /* There is a next one: the last of all lay in a row, or overlaps. */
        if (sweep.active_count == 0 && reader->next->start >= end) {
            put_alone(&sweep, start, end, range);
            continue;
        }
        struct record_item item = item_of(range);
        sweep.reached = start;
        add(&sweep, &item, end);
    }
    go_on(&sweep, within->end);
}
