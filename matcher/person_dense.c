// SPDX-License-Identifier: Apache-2.0

/*
 * person_dense.c - the part of person.h for whoever has very many ranges between the starts
 *
 * All ranges are painted minute by minute (minutes.h), and the sets that come out are
 * looked at at the starts only.  Engagements from which somebody has to travel are looked
 * at one by one, for how far they reach depends on where they are.
 */
#include "matcher/person_internal.h"

#include "matcher/minutes.h"

#include <string.h>

enum { FEW = 4 }; /* words of minutes for each range at least */

static_assert((int)PERSON_FAR == (int)MINUTES_LANES, "a plane for each lane");
static_assert(MINUTES_GUARD * 64 > MATCH_TRAVEL_MAX,
              "whatever can matter begins there");

struct dense {
    const struct person_view *view;
    const struct person *person;
    struct person_minutes *room;
    const struct minutes_kernel *kernel;
    size_t words; /* of the sets */
};

/* The ranges of @source that can matter. */
static const struct match_range *find_near(const struct person_view *view,
                                           const struct person *person,
                                           const struct match_source *source,
                                           size_t *ret_count)
{
    const struct match_range *first = person_first(view, person, source);
    size_t count = (size_t)(source->ranges + source->range_count - first);
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;
        bool before = (int64_t)first[middle].start - view->reach < view->until;
        low = before ? middle + 1 : low;
        count = before ? count : middle;
    }
    *ret_count = low;
    return first;
}

/* A slot's last minute is in the sets.  They begin as much before the first start as a
 * slot is long, so that gaps beside it can be seen, and are right from the minute before
 * that start on. */
static int64_t first_minute(const struct person_view *view)
{
    return (int64_t)view->axis->starts[0] - view->duration;
}

static int64_t last_minute(const struct person_view *view)
{
    return (int64_t)view->axis->starts[view->axis->count - 1] +
           2 * (int64_t)view->duration;
}

static size_t words_of(const struct person_view *view)
{
    return minutes_words(last_minute(view) - first_minute(view));
}

bool person_is_dense(const struct question *question, const struct person_view *view,
                     const struct person *person)
{
    size_t words = words_of(view);
    size_t ranges = 0;

    if (view->axis->count <= AXIS_SHORT || person->asks ||
        words + MINUTES_GUARD > question->scratch->minutes.words) {
        return false;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        ranges += person->sources[i].range_count;
    }
    if (ranges * FEW <= words) {
        return false;
    }
    ranges = 0;
    for (size_t i = 0; i < person->source_count; i++) {
        size_t count = 0;
        find_near(view, person, &person->sources[i], &count);
        ranges += count;
    }
    return ranges * FEW > words;
}

/* The minutes at which slots from the starts end. */
static void mark_starts(const struct dense *dense)
{
    const struct axis *axis = dense->view->axis;
    int64_t first = first_minute(dense->view) - dense->view->duration + 1;
    struct person_minutes *room = dense->room;
    bool is_list = person_is_list(room, axis);
    uint64_t *marks = room->marks;

    if (is_list ? room->has_list_marks : room->has_marks) {
        return;
    }
    memset(marks, 0, dense->words * sizeof(marks[0]));
    for (size_t i = 0; i < axis->count; i++) {
        uint64_t at = (uint64_t)(axis->starts[i] - first);
        marks[at / 64] |= (uint64_t)1 << (at % 64);
    }
    room->has_list_marks = is_list;
    room->has_marks = !is_list;
}

/* What a free range says goes into these lanes, if it is admitted at all. */
static uint8_t lanes_of_free(const struct person_view *view, unsigned certainty,
                             unsigned preference)
{
    unsigned lanes = 1u << PERSON_OFFERED;

    if ((view->certainties >> certainty & 1) == 0) {
        return 0;
    }
    lanes |= (unsigned)(certainty != MATCH_TYPICAL) << PERSON_SURE;
    lanes |= (unsigned)(certainty == MATCH_DECLARED) << PERSON_DECLARED;
    lanes |= (unsigned)(preference == MATCH_PREFERRED) << PERSON_PREFERS;
    lanes |= (unsigned)(preference == MATCH_AVOID) << PERSON_AVOIDS;
    return (uint8_t)lanes;
}

static void choose_lanes(const struct person_view *view, struct minutes_brush *brush)
{
    memset(brush->lanes_of, 0, sizeof(brush->lanes_of));
    for (unsigned certainty = MATCH_DECLARED; certainty <= MATCH_TYPICAL; certainty++) {
        for (unsigned preference = 0; preference <= MATCH_AVOID; preference++) {
            const struct match_range range = {.kind = MATCH_FREE,
                                              .certainty = (uint8_t)certainty,
                                              .preference = (uint8_t)preference};
            brush->lanes_of[minutes_key(&range)] =
                lanes_of_free(view, certainty, preference);
        }
    }
    /* What is not free may have anything in it. */
    for (unsigned key = 0; key < MINUTES_KEYS; key += 4) {
        brush->lanes_of[key + MATCH_BUSY] = 1u << PERSON_BUSY;
        brush->lanes_of[key + MATCH_TENTATIVE] =
            view->is_soft ? 1u << PERSON_TENTATIVE : 1u << PERSON_BUSY;
    }
}

/* What lasts throughout the slot, of one source or of several, and what touches it. */
static void choose_lengths(const struct dense *dense, struct minutes_brush *brush)
{
    int32_t more = dense->view->duration - 1;
    int32_t inset = dense->person->source_count == 1 ? more : 0;

    for (size_t lane = 0; lane < MINUTES_LANES; lane++) {
        bool is_throughout = (PERSON_THROUGHOUT >> lane & 1) != 0;
        brush->inset[lane] = is_throughout ? inset : 0;
        brush->longer[lane] = is_throughout ? 0 : more;
    }
    brush->longer[PERSON_BUSY] +=
        dense->person->buffer_before + dense->person->buffer_after;
}

static void paint_all(const struct dense *dense)
{
    const struct person_view *view = dense->view;
    const struct person *person = dense->person;
    uint64_t *sets = dense->room->sets;
    struct minutes_brush brush = {.first = first_minute(view),
                                  .purposes = view->purposes,
                                  .modalities = view->modalities,
                                  .place = view->way.place};

    choose_lanes(view, &brush);
    choose_lengths(dense, &brush);
    memset(sets, 0, dense->words * MINUTES_LANES * sizeof(sets[0]));
    if (person->record) {
        person_record_paint(view, person, dense->kernel, &brush, sets, dense->words);
        return;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        size_t count = 0;
        const struct match_range *ranges =
            find_near(view, person, &person->sources[i], &count);
        if (i == 0) {
            dense->kernel->paint(ranges, count, &brush, sets, dense->words);
        } else {
            dense->kernel->paint_more(ranges, count, &brush, sets, dense->words);
        }
    }
    if (person->source_count != 1) {
        dense->kernel->shorten(sets, dense->words, PERSON_THROUGHOUT, view->duration);
    }
}

/* A slot that begins so many minutes before an engagement is in its way. */
static void bring_forward(const struct dense *dense, int32_t by)
{
    uint64_t *busy = dense->room->sets + PERSON_BUSY;
    size_t ahead = (size_t)by / 64;
    int shift = by % 64;

    for (size_t i = 0; by > 0 && i < dense->words; i++) {
        size_t from = i + ahead;
        uint64_t low = from < dense->words ? busy[from * MINUTES_LANES] : 0;
        uint64_t high = from + 1 < dense->words ? busy[(from + 1) * MINUTES_LANES] : 0;
        busy[i * MINUTES_LANES] = low >> shift | high << 1 << (63 - shift);
    }
}

/* Take the minutes [@from, @until), as slots end, out of @minutes. */
static void take_out(const struct dense *dense, int64_t from, int64_t until,
                     uint64_t *minutes)
{
    int64_t first = first_minute(dense->view);
    int64_t count = (int64_t)dense->words * 64;

    from = from < first ? 0 : from - first;
    until = until - first > count ? count : until - first;
    if (from < until) {
        plane_clear(minutes, (size_t)from, (size_t)until);
    }
}

/* The minutes at which a slot can end, whatever notice and caps say. */
static void find_free(const struct dense *dense, uint64_t *ret_minutes)
{
    const struct person *person = dense->person;
    const uint64_t *sets = dense->room->sets;
    int32_t more = dense->view->duration - 1;

    for (size_t i = 0; i < dense->words; i++) {
        const uint64_t *word = sets + i * MINUTES_LANES;
        ret_minutes[i] = word[PERSON_OFFERED] & ~word[PERSON_BUSY];
    }
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        take_out(dense, (int64_t)claim->start - person->buffer_after,
                 (int64_t)claim->end + person->buffer_before + more, ret_minutes);
    }
    take_out(dense, INT32_MIN, (int64_t)person->known.start + more, ret_minutes);
    take_out(dense, person->known.end, INT32_MAX, ret_minutes);
}

/* How long it takes to get to places that were looked up lately, and back. */
enum { PLACES = 64 };

struct trips {
    struct {
        uint16_t place; /* 0: none */
        int32_t there;
        int32_t back;
    } trip[PLACES];
};

/* Put the places at which an engagement elsewhere is too far away into @plane. */
static void find_far(const struct person_view *view, const struct match_range *ranges,
                     size_t count, struct trips *trips, uint64_t *plane)
{
    const uint16_t here = view->way.place;

    for (const struct match_range *range = ranges; range < ranges + count; range++) {
        uint16_t place = range->place;
        size_t at = place % PLACES;
        if (place == 0 || place == here || !person_is_busy(view, range)) {
            continue;
        }
        if (trips->trip[at].place != place) {
            trips->trip[at].place = place;
            trips->trip[at].there = person_leg(view->request, here, place);
            trips->trip[at].back = person_leg(view->request, place, here);
        }
        if ((trips->trip[at].there | trips->trip[at].back) != 0) {
            person_touch(view, (int64_t)range->start - trips->trip[at].there,
                         (int64_t)range->end + trips->trip[at].back, plane);
        }
    }
}

void person_dense_far(const struct person_view *view, const struct person *person,
                      uint64_t *ret_plane)
{
    struct trips trips = {{{0}}};

    plane_zero(ret_plane, view->axis->words);
    for (size_t i = 0; view->may_travel && i < person->source_count; i++) {
        size_t count = 0;
        const struct match_range *ranges =
            find_near(view, person, &person->sources[i], &count);
        find_far(view, ranges, count, &trips, ret_plane);
    }
}

void person_dense_paint(const struct question *question, const struct person_view *view,
                        const struct person *person, uint64_t *ret_planes,
                        uint64_t *ret_minutes)
{
    struct dense dense = {.view = view,
                          .person = person,
                          .room = &question->scratch->minutes,
                          .kernel = minutes_kernel_current(),
                          .words = words_of(view) + MINUTES_GUARD};

    mark_starts(&dense);
    paint_all(&dense);
    bring_forward(&dense, person->buffer_after);
    dense.kernel->sample(dense.room->sets, dense.room->marks, dense.words, ret_planes,
                         view->axis->words);
    if (ret_minutes) {
        find_free(&dense, ret_minutes);
    }
}
