// SPDX-License-Identifier: Apache-2.0

/*
 * person_dense.c - the part of person.h for whoever has more ranges than the starts have
 * words of minutes
 *
 * All ranges are painted minute by minute (minutes.h), and the sets that come out are
 * looked at at the starts only.  Whoever travels is looked at range by range, for how far
 * an engagement reaches depends on where it is.
 */
#include "matcher/person_internal.h"

#include "matcher/minutes.h"

#include <string.h>

/* Layers, by what is asked. */
enum { OFFERED = 0, BUSY = 1 };
enum { SAYINGS = 9, SOFT = SAYINGS }; /* 3 * (certainty - 1) + preference */
enum { NOTHING = MINUTES_LAYERS - 1 };

/* What is in the memory of the scratch beside the layers: those of one source more. */
enum { SETS_MORE = MINUTES_LAYERS, SETS_WORK = SETS_MORE + NOTHING, SETS_OTHER };

static_assert((int)SETS_OTHER < (int)PERSON_MINUTES_SETS, "there is room for all");

struct dense {
    const struct minutes_kernel *kernel;
    struct person_minutes *room;
    struct minutes_brush brush;
    size_t words;
    unsigned used; /* bits (1 << layer) */
};

static uint64_t *set_of(const struct dense *dense, size_t set)
{
    return dense->room->sets + set * dense->room->words;
}

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

static int64_t minutes_of(const struct person_view *view)
{
    const struct axis *axis = view->axis;
    return (int64_t)axis->starts[axis->count - 1] - axis->starts[0] + view->duration;
}

bool person_is_dense(const struct question *question, const struct person_view *view,
                     const struct person *person)
{
    size_t words = minutes_words(minutes_of(view));
    size_t ranges = 0;

    if (view->axis->count <= AXIS_SHORT) {
        return false;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        ranges += person->sources[i].range_count;
    }
    if (ranges <= words || view->may_travel ||
        words + MINUTES_GUARD > question->scratch->minutes.words) {
        return false;
    }
    ranges = 0;
    for (size_t i = 0; i < person->source_count; i++) {
        size_t count = 0;
        find_near(view, person, &person->sources[i], &count);
        ranges += count;
    }
    return ranges > words;
}

static void mark_starts(const struct axis *axis, size_t words,
                        struct person_minutes *minutes)
{
    const minute_t *starts = axis->starts;

    if (minutes->has_marks) {
        return;
    }
    memset(minutes->marks, 0, words * sizeof(minutes->marks[0]));
    for (size_t i = 0; i < axis->count; i++) {
        uint64_t at = (uint64_t)((int64_t)starts[i] - starts[0]);
        minutes->marks[at / 64] |= (uint64_t)1 << (at % 64);
    }
    minutes->has_marks = true;
}

static struct dense begin(const struct question *question,
                          const struct person_view *view)
{
    int64_t count = minutes_of(view);
    int64_t origin = view->axis->starts[0];
    struct dense dense = {
        .kernel = minutes_kernel_current(),
        .room = &question->scratch->minutes,
        .brush = {.count = count,
                  .purposes = view->purposes,
                  .modalities = view->modalities,
                  .place = view->way.place},
        .words = minutes_words(count),
    };

    for (size_t i = 0; i < MINUTES_LAYERS; i++) {
        dense.brush.layers[i].before = origin;
        dense.brush.layers[i].after = -origin;
    }
    memset(dense.brush.layer_of, NOTHING, sizeof(dense.brush.layer_of));
    mark_starts(view->axis, dense.words, dense.room);
    return dense;
}

/* A free range that says so goes into @layer. */
static void choose(struct dense *dense, unsigned certainty, unsigned preference,
                   unsigned layer)
{
    const struct match_range range = {.kind = MATCH_FREE,
                                      .certainty = (uint8_t)certainty,
                                      .preference = (uint8_t)preference};
    dense->brush.layer_of[minutes_key(&range)] = (uint8_t)layer;
    dense->used |= 1u << layer;
}

/* A range that is not free, whatever else is in it. */
static void choose_kind(struct dense *dense, enum match_kind kind, unsigned layer)
{
    for (unsigned key = (unsigned)kind; key < MINUTES_KEYS; key += 4) {
        dense->brush.layer_of[key] = (uint8_t)layer;
    }
    dense->used |= 1u << layer;
}

/* What one source says, into the sets from @first on. */
static void paint_source(struct dense *dense, const struct match_range *ranges,
                         size_t count, size_t first)
{
    struct minutes_layer *layers = dense->brush.layers;

    for (size_t i = 0; i < MINUTES_LAYERS; i++) {
        bool is_used = (dense->used >> i & 1) != 0;
        layers[i].words = set_of(dense, is_used ? first + i : NOTHING);
        layers[i].reached = 0;
        if (is_used) {
            plane_zero(layers[i].words, dense->words);
        }
    }
    dense->kernel->paint(ranges, count, &dense->brush);
    for (size_t i = 0; i < NOTHING; i++) {
        if ((dense->used >> i & 1) != 0) {
            dense->kernel->fill(layers[i].words, dense->words);
        }
    }
}

/* The layers in use: what any source says. */
static void paint_all(struct dense *dense, const struct person_view *view,
                      const struct person *person)
{
    for (size_t i = 0; i < person->source_count; i++) {
        size_t count = 0;
        const struct match_range *ranges =
            find_near(view, person, &person->sources[i], &count);

        paint_source(dense, ranges, count, i == 0 ? 0 : SETS_MORE);
        for (size_t j = 0; i > 0 && j < NOTHING; j++) {
            if ((dense->used >> j & 1) != 0) {
                dense->kernel->join(set_of(dense, j), set_of(dense, SETS_MORE + j),
                                    dense->words);
            }
        }
    }
}

/* Leave of @set the minutes in @within. */
static void keep(const struct dense *dense, const struct match_span *within,
                 uint64_t *set)
{
    int64_t origin = dense->brush.layers[OFFERED].before;
    int64_t count = (int64_t)dense->words * 64;
    int64_t from = within->start - origin;
    int64_t until = within->end - origin;

    from = from < 0 ? 0 : from > count ? count : from;
    until = until < from ? from : until > count ? count : until;
    plane_clear(set, 0, (size_t)from);
    plane_clear(set, (size_t)until, (size_t)count);
}

static void sample(const struct dense *dense, const uint64_t *set, uint64_t *ret_plane)
{
    dense->kernel->sample(set, dense->room->marks, dense->words, ret_plane);
}

void person_dense_attend(const struct question *question,
                         const struct person_view *view, const struct person *person,
                         uint64_t *ret_plane)
{
    struct dense dense = begin(question, view);
    struct minutes_layer *busy = &dense.brush.layers[BUSY];

    for (unsigned i = 0; i < SAYINGS; i++) {
        unsigned certainty = MATCH_DECLARED + i / 3;
        if ((view->certainties >> certainty & 1) != 0) {
            choose(&dense, certainty, i % 3, OFFERED);
        }
    }
    choose_kind(&dense, MATCH_BUSY, BUSY);
    if (!view->is_soft) {
        choose_kind(&dense, MATCH_TENTATIVE, BUSY);
    }
    dense.used |= 1u << OFFERED;
    busy->before += person->buffer_after + view->duration - 1;
    busy->after += person->buffer_before;
    paint_all(&dense, view, person);
    keep(&dense, &person->known, set_of(&dense, OFFERED));

    uint64_t *fits =
        dense.kernel->throughout(set_of(&dense, OFFERED), set_of(&dense, SETS_OTHER),
                                 dense.words, view->duration);
    const uint64_t *away = set_of(&dense, BUSY);
    for (size_t i = 0; i < dense.words; i++) {
        fits[i] &= ~away[i];
    }
    sample(&dense, fits, ret_plane);
}

/* What is in the layers of @wanted, together. */
static uint64_t *join(const struct dense *dense, unsigned wanted)
{
    uint64_t *work = set_of(dense, SETS_WORK);

    plane_zero(work, dense->words);
    for (size_t i = 0; i < SAYINGS; i++) {
        if ((dense->used & wanted & 1u << i) != 0) {
            dense->kernel->join(work, set_of(dense, i), dense->words);
        }
    }
    return work;
}

/* The starts all of whose occurrences lie in @wanted throughout, or one of whose
 * occurrences touches it. */
static void find(const struct question *question, const struct dense *dense,
                 unsigned wanted, bool throughout, uint64_t *ret_plane)
{
    int32_t duration = question->request->duration;
    uint64_t *other = set_of(dense, SETS_OTHER);
    uint64_t *plane = person_instants(question, ret_plane);
    uint64_t *set = join(dense, wanted);

    set = throughout ? dense->kernel->throughout(set, other, dense->words, duration)
                     : dense->kernel->anywhere(set, other, dense->words, duration);
    sample(dense, set, plane);
    person_fold(question->batch, throughout, plane, ret_plane);
}

void person_dense_sayings(const struct question *question,
                          const struct person_view *view, const struct person *person,
                          const struct person_sayings *sayings)
{
    enum { DECLARED = 7, INFERRED = 7 << 3, PREFERRED = 0111 << 1, AVOID = 0111 << 2 };
    static_assert(MATCH_PREFERRED == 1 && MATCH_AVOID == 2, "as the layers are");
    const struct axis *starts = &question->batch->starts;
    struct dense dense = begin(question, view);
    unsigned says = person->says;

    for (unsigned i = 0; i < SAYINGS; i++) {
        unsigned certainty = MATCH_DECLARED + i / 3;
        if ((view->certainties >> certainty & 1) != 0 && (says >> (i / 3) & 1) != 0 &&
            (says >> (PERSON_SAYS_PREFERENCE + i % 3) & 1) != 0) {
            choose(&dense, certainty, i % 3, i);
        }
    }
    if (view->is_soft) {
        choose_kind(&dense, MATCH_TENTATIVE, SOFT);
        dense.brush.layers[SOFT].before += view->duration - 1;
    }
    paint_all(&dense, view, person);

    /* Whoever only says it surely is sure wherever they can come. */
    if ((says & PERSON_SAYS_TYPICAL) != 0) {
        find(question, &dense, DECLARED | INFERRED, true, sayings->sure);
    } else {
        plane_fill(starts, sayings->sure);
    }
    if ((says & (PERSON_SAYS_INFERRED | PERSON_SAYS_TYPICAL)) != 0) {
        find(question, &dense, DECLARED, true, sayings->declared);
    } else {
        plane_fill(starts, sayings->declared);
    }
    if ((says & PERSON_SAYS_PREFERRED) != 0) {
        find(question, &dense, PREFERRED, true, sayings->preferred);
    }
    if ((says & PERSON_SAYS_AVOID) != 0) {
        find(question, &dense, AVOID, false, sayings->avoid);
    }
    if (view->is_soft) {
        uint64_t *plane = person_instants(question, sayings->tentative);
        sample(&dense, set_of(&dense, SOFT), plane);
        person_fold(question->batch, false, plane, sayings->tentative);
    }
}
