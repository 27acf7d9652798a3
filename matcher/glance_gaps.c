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
    const struct glance_view *view;
    /* By start: the gap before the slot and the one behind it, up to the duration. */
    int32_t before[AXIS_WORD];
    int32_t behind[AXIS_WORD];
};

/* The person is not free during [from, until): the starts of @near. */
static void block(struct gaps *gaps, uint64_t near, int64_t from, int64_t until)
{
    const minute_t *starts = gaps->view->ask->starts.starts;
    int64_t duration = gaps->view->ask->request->duration;

    for (; near != 0; near &= near - 1) {
        size_t i = (size_t)__builtin_ctzll(near);
        int64_t before = starts[i] - until;
        int64_t behind = from - starts[i] - duration;

        if (before >= 0) {
            gaps->before[i] =
                before < gaps->before[i] ? (int32_t)before : gaps->before[i];
        } else {
            gaps->behind[i] =
                behind < gaps->behind[i] ? (int32_t)behind : gaps->behind[i];
        }
    }
}

/* Walk through the stretches of @island, around the starts of @near; those that touch each
 * other are one. */
static void block_island(struct gaps *gaps, uint64_t near,
                         const struct glance_island *island)
{
    const struct glance_view *view = gaps->view;
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
                block(gaps, near, from, until);
            }
            from = stretch.from;
        }
        from = stretch.from < from ? stretch.from : from;
        until = stretch.until > until ? stretch.until : until;
    }
    if (until != INT64_MIN) {
        block(gaps, near, from, until);
    }
}

/* Walk through the record around the starts in @asked. */
static void block_stretches(struct gaps *gaps, uint64_t asked)
{
    const struct glance_view *view = gaps->view;
    int32_t duration = view->ask->request->duration;
    int32_t back = view->is_engaged ? view->party->buffer_before : 0;
    int32_t ahead = view->is_engaged ? view->party->buffer_after : 0;

    for (uint64_t left = asked; left != 0; left &= left - 1) {
        size_t i = (size_t)__builtin_ctzll(left);
        gaps->before[i] = duration;
        gaps->behind[i] = duration;
    }
    for (uint64_t left = asked; left != 0;) {
        uint64_t before = left;
        struct glance_island island =
            glance_next(view->ask, duration + back, 2 * duration + ahead, &left);
        block_island(gaps, before & ~left, &island);
    }
    block(gaps, asked, INT64_MIN / 2, view->record->known_start);
    block(gaps, asked, view->record->known_end, INT64_MAX / 2);
}

static bool is_ragged(const struct match_record *record, uint32_t day)
{
    return (record_ragged(record)[day / 64] >> (day % 64) & 1) != 0;
}

/* The gaps of the starts of @run in @asked, around which the plane says it all. */
static void read_steps(struct gaps *gaps, const struct glance_run *run, uint64_t asked)
{
    const struct match_record *record = gaps->view->record;
    const unsigned char *cells = record_cells(record);
    uint32_t day = (uint32_t)(run->day - record->first_day);
    uint32_t length = run->length;
    uint64_t stop = (uint64_t)1 << length;

    for (; asked != 0; asked &= asked - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(asked);
        uint32_t step = run->step + (i - run->first) * run->stride;
        uint64_t before = glance_steps(cells, day, step - length);
        uint64_t behind = glance_steps(cells, day, step + length);

        gaps->before[i] =
            RECORD_PLANE_CELL * __builtin_clzll(~(before << (AXIS_WORD - length)));
        gaps->behind[i] = RECORD_PLANE_CELL * __builtin_ctzll(~behind | stop);
    }
}

/* The starts of @asked around which the plane says it all: so far as it does. */
static uint64_t block_steps(struct gaps *gaps, uint64_t asked)
{
    const struct glance_ask *ask = gaps->view->ask;
    uint64_t read = 0;

    if (!gaps->view->is_plain) {
        return 0;
    }
    for (size_t i = 0; i < ask->run_count; i++) {
        const struct glance_run *run = &ask->runs[i];
        uint64_t places = asked & glance_places(run);
        uint32_t last = run->step + (run->count - 1U) * run->stride;
        uint32_t day = (uint32_t)(run->day - gaps->view->record->first_day);

        /* The slots and the gaps beside them lie on one day. */
        if (places != 0 && run->step >= run->length &&
            last + 2U * run->length <= RECORD_PLANE_CELLS &&
            !is_ragged(gaps->view->record, day)) {
            read_steps(gaps, run, places);
            read |= places;
        }
    }
    return read;
}

static void block_claims(struct gaps *gaps, uint64_t asked)
{
    const struct glance_view *view = gaps->view;

    for (size_t i = 0; i < view->claim_count; i++) {
        block(gaps, asked, (int64_t)view->claims[i].start - view->party->buffer_after,
              (int64_t)view->claims[i].end + view->party->buffer_before);
    }
}

void glance_add_gaps(const struct glance *glance, uint64_t attend, uint32_t *unusable)
{
    int32_t duration = glance->view.ask->request->duration;
    struct gaps gaps;

    gaps.view = &glance->view;
    uint64_t rest = attend & ~block_steps(&gaps, attend);
    if (rest != 0) {
        block_stretches(&gaps, rest);
    }
    block_claims(&gaps, attend);
    for (; attend != 0; attend &= attend - 1) {
        size_t i = (size_t)__builtin_ctzll(attend);
        int32_t before = gaps.before[i];
        int32_t behind = gaps.behind[i];

        before = before < duration ? before : 0;
        behind = behind < duration ? behind : 0;
        unusable[i] += (uint32_t)(before + behind);
    }
}
