// SPDX-License-Identifier: Apache-2.0

/*
 * glance_gaps.c - the part of glance.h that finds unusable minutes
 *
 * Whatever is not free lies before a slot that is attended, or behind it: the nearest on
 * each side ends the gap there.
 */
#include "matcher/glance_plane.h"
#include "matcher/glance_walk.h"

struct gaps {
    struct glance_view view;
    size_t low; /* no start before it is near to what comes */
    /* By start: where what is not free ends before the slot, and begins behind it; no
     * further away than the duration of a slot. */
    int64_t before[AXIS_WORD];
    int64_t behind[AXIS_WORD];
};

/* The person is not free during [from, until). */
static void block(struct gaps *gaps, int64_t from, int64_t until)
{
    const struct axis *axis = &gaps->view.ask->starts;
    int64_t duration = gaps->view.ask->request->duration;

    for (size_t i = gaps->low; i < axis->count; i++) {
        int64_t start = axis->starts[i];

        if (start >= until) {
            if (start >= until + duration) {
                return;
            }
            gaps->before[i] = until > gaps->before[i] ? until : gaps->before[i];
        } else if (start + duration <= from) {
            gaps->behind[i] = from < gaps->behind[i] ? from : gaps->behind[i];
        }
    }
}

/* Walk through the stretches of @island; those that touch each other are one. */
static void block_island(struct gaps *gaps, const struct glance_island *island)
{
    const struct glance_view *view = &gaps->view;
    const struct glance_ask *ask = view->ask;
    struct glance_walk walk = glance_walk_begin(view->record, island);
    struct glance_stretch stretch;
    int64_t from = INT64_MIN;
    int64_t until = INT64_MIN;

    while (glance_walk_next(&walk, &stretch)) {
        unsigned says = stretch.class < RECORD_COMMON
                            ? ask->common[stretch.class]
                            : glance_says(view, stretch.class);

        if ((says & (GLANCE_BUSY | GLANCE_NOT_OFFERED)) == 0) {
            continue;
        }
        if ((says & GLANCE_BUSY) != 0) {
            stretch.from -= view->party->buffer_after;
            stretch.until += view->party->buffer_before;
        }
        if (stretch.from > until) {
            if (until != INT64_MIN) {
                block(gaps, from, until);
            }
            from = stretch.from;
        }
        from = stretch.from < from ? stretch.from : from;
        until = stretch.until > until ? stretch.until : until;
    }
    if (until != INT64_MIN) {
        block(gaps, from, until);
    }
}

/* Walk through the record around the starts in @asked. */
static void block_stretches(struct gaps *gaps, uint64_t asked)
{
    const struct glance_view *view = &gaps->view;
    int64_t duration = view->ask->request->duration;
    int32_t back = view->is_engaged ? view->party->buffer_before : 0;
    int32_t ahead = view->is_engaged ? view->party->buffer_after : 0;

    for (uint64_t left = asked; left != 0;) {
        gaps->low = (size_t)__builtin_ctzll(left);
        struct glance_island island =
            glance_next(view->ask, duration + back, 2 * duration + ahead, &left);
        block_island(gaps, &island);
    }
    gaps->low = 0;
}

static bool is_ragged(const struct match_record *record, int64_t day)
{
    return day >= 0 && day < (int64_t)record->day_count &&
           (record_ragged(record)[day / 64] >> (day % 64) & 1) != 0;
}

/* The starts of @asked around which the plane says it all: their gaps. */
static uint64_t read_steps(const struct glance_view *view, uint64_t asked,
                           struct glance *glance)
{
    const struct glance_ask *ask = view->ask;
    const struct match_record *record = view->record;
    uint32_t length = (uint32_t)ask->request->duration / RECORD_PLANE_CELL;
    uint64_t stop = 0;
    int32_t day = INT32_MIN;
    bool is_whole = false; /* the day is */
    uint64_t read = 0;

    if (!ask->is_even || !glance_is_plain(view)) {
        return 0;
    }
    stop = (uint64_t)1 << length;
    for (; asked != 0; asked &= asked - 1) {
        size_t i = (size_t)__builtin_ctzll(asked);
        const struct glance_spot *spot = &ask->spots[i];
        uint32_t index = (uint32_t)(spot->day - record->first_day);

        if (spot->day != day) {
            day = spot->day;
            is_whole = !is_ragged(record, index);
        }
        /* The slot and the gaps beside it lie on one day. */
        if (!is_whole || spot->step < length ||
            spot->step + 2 * length > RECORD_PLANE_CELLS) {
            continue;
        }
        uint64_t before = glance_steps(record, index, spot->step - length);
        uint64_t behind = glance_steps(record, index, spot->step + length);
        uint32_t far = (uint32_t)__builtin_clzll(~(before << (AXIS_WORD - length)));
        uint32_t near = (uint32_t)__builtin_ctzll(~behind | stop);

        far = far < length ? far : 0;
        near = near < length ? near : 0;
        glance->gaps[i] = (uint16_t)((far + near) * RECORD_PLANE_CELL);
        read |= (uint64_t)1 << i;
    }
    return read;
}

static void block_claims(struct gaps *gaps)
{
    const struct glance_view *view = &gaps->view;
    const struct axis *axis = &view->ask->starts;
    int64_t duration = view->ask->request->duration;

    for (size_t i = 0; i < view->person->claim_count; i++) {
        const struct match_span *claim = &view->person->claims[i];
        int64_t from = (int64_t)claim->start - view->party->buffer_after;
        int64_t until = (int64_t)claim->end + view->party->buffer_before;

        if (from >= axis->starts[axis->count - 1] + 2 * duration) {
            return;
        }
        if (until > axis->starts[0] - duration) {
            block(gaps, from, until);
        }
    }
}

/* The starts that have a claim beside them, near enough to end a gap. */
static uint64_t find_claimed(const struct glance_view *view)
{
    const struct axis *axis = &view->ask->starts;
    const struct match_person *person = view->person;
    int64_t duration = view->ask->request->duration;
    uint64_t claimed = 0;
    size_t low = 0;

    for (size_t i = 0; i < person->claim_count && low < axis->count; i++) {
        int64_t from = (int64_t)person->claims[i].start - view->party->buffer_after;
        int64_t until = (int64_t)person->claims[i].end + view->party->buffer_before;

        while (low < axis->count && axis->starts[low] <= from - 2 * duration) {
            low++;
        }
        for (size_t j = low; j < axis->count && axis->starts[j] < until + duration;
             j++) {
            claimed |= (uint64_t)1 << j;
        }
    }
    return claimed;
}

/* Walk through everything around the starts in @asked. */
static void measure(const struct glance_view *view, uint64_t asked,
                    struct glance *glance)
{
    const struct match_record *record = view->record;
    const minute_t *starts = view->ask->starts.starts;
    size_t last = view->ask->starts.count - 1;
    int64_t duration = view->ask->request->duration;
    struct gaps gaps;

    gaps.view = *view;
    for (size_t i = 0; i <= last; i++) {
        gaps.before[i] = starts[i] - duration;
        gaps.behind[i] = starts[i] + 2 * duration;
    }
    block_stretches(&gaps, asked);
    block_claims(&gaps);
    if (record->known_start > starts[0] - duration) {
        block(&gaps, INT64_MIN / 2, record->known_start);
    }
    if (record->known_end < starts[last] + 2 * duration) {
        block(&gaps, record->known_end, INT64_MAX / 2);
    }
    for (; asked != 0; asked &= asked - 1) {
        size_t i = (size_t)__builtin_ctzll(asked);
        int64_t before = starts[i] - gaps.before[i];
        int64_t behind = gaps.behind[i] - starts[i] - duration;

        before = before < duration ? before : 0;
        behind = behind < duration ? behind : 0;
        glance->gaps[i] = (uint16_t)(before + behind);
    }
}

void glance_gaps(struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, struct glance *glance)
{
    struct glance_view view = glance_view(ask, party, person, glance->way);
    uint64_t asked = glance->gapped;

    glance_place(ask);
    if (person->claim_count > 0) {
        uint64_t claimed = find_claimed(&view);
        asked = (asked & claimed) |
                (asked & ~claimed & ~read_steps(&view, asked & ~claimed, glance));
    } else {
        asked &= ~read_steps(&view, asked, glance);
    }
    if (asked != 0) {
        measure(&view, asked, glance);
    }
}
