// SPDX-License-Identifier: Apache-2.0
#include "matcher/glance.h"

#include "matcher/glance_plane.h"
#include "matcher/glance_walk.h"
#include "matcher/person_internal.h"

#include <string.h>

/* The starts that are near engagements. */
struct engaged {
    uint64_t busy; /* widened */
    uint64_t far;
    uint64_t depends;
};

/* The starts that touch time of which something is said. */
struct touched {
    uint64_t common[RECORD_COMMON]; /* by common class, */
    unsigned seen;                  /* if its bit is set */
    uint64_t says[GLANCE_SAYINGS];  /* by saying, of the other classes; then of all */
};

/* What is gathered on the way. */
struct gathering {
    const struct glance_view *view;
    struct touched touched;
    struct engaged engaged;
    size_t low;  /* no start before it touches what comes, */
    size_t high; /* and none from it on what came */
};

/* The places [low, high). */
static uint64_t span_of(size_t low, size_t high)
{
    return low < high
               ? (UINT64_MAX << low) & (UINT64_MAX >> (AXIS_WORD - (uint32_t)high))
               : 0;
}

/* The starts whose slot touches [from, until): @near is near, and not before them. */
static uint64_t touch_near(const struct glance_ask *ask, int64_t from, int64_t until,
                           size_t near)
{
    const minute_t *starts = ask->starts.starts;
    size_t count = ask->starts.count;
    size_t low = near;

    from -= ask->request->duration;
    while (low > 0 && starts[low - 1] > from) {
        low--;
    }
    size_t high = low;
    while (high < count && starts[high] < until) {
        high++;
    }
    return span_of(low, high);
}

/* Whoever is busy at @place, which is known, during [from, until) cannot be elsewhere
 * right before or after. */
static uint64_t keep_away(const struct glance_view *view, int64_t from, int64_t until,
                          uint16_t place, size_t near)
{
    const struct match_request *request = view->ask->request;
    uint16_t here = view->way.place;

    if (here == 0 || place == here) {
        return 0;
    }
    return touch_near(view->ask, from - person_leg(request, here, place),
                      until + person_leg(request, place, here), near);
}

/* An engagement, which some start may touch once it is widened. */
static void engage(struct gathering *gathering, const struct glance_stretch *stretch)
{
    const struct glance_view *view = gathering->view;
    const struct match_record *record = view->record;

    gathering->engaged.busy |=
        touch_near(view->ask, stretch->from - view->party->buffer_after,
                   stretch->until + view->party->buffer_before, gathering->low);
    if (stretch->class < RECORD_COMMON || view->ask->farthest == 0) {
        return;
    }
    const struct record_class *entry =
        &record_classes(record)[stretch->class - RECORD_COMMON];
    const struct record_item *items = record_items(record) + entry->first;
    for (size_t i = 0; i < entry->count; i++) {
        if (items[i].kind == MATCH_BUSY ||
            (items[i].kind == MATCH_TENTATIVE && !view->ask->is_soft)) {
            gathering->engaged.far |= keep_away(view, stretch->from, stretch->until,
                                                items[i].place, gathering->low);
        }
    }
}

/* Nothing is touched. */
static inline void touch_nothing(struct touched *touched)
{
    plane_zero(touched->common, RECORD_COMMON);
    plane_zero(touched->says, GLANCE_SAYINGS);
    touched->seen = 0;
}

/* The slots of @starts touch time of @class.  Returns what is said of it. */
static inline unsigned touch(struct touched *touched, const struct glance_view *view,
                             uint32_t class, uint64_t starts)
{
    if (class < RECORD_COMMON) {
        touched->common[class] |= starts;
        touched->seen |= 1U << class;
        return view->ask->common[class];
    }
    unsigned says = glance_says(view, class);
    for (size_t i = 0; i < GLANCE_SAYINGS; i++) {
        touched->says[i] |= (says >> i & 1) != 0 ? starts : 0;
    }
    return says;
}

/* Put what is said of the common classes to the rest. */
static inline void say_all(struct touched *touched, const struct glance_ask *ask)
{
    for (unsigned seen = touched->seen; seen != 0; seen &= seen - 1) {
        unsigned class = (unsigned)__builtin_ctz(seen);

        for (unsigned says = ask->common[class]; says != 0; says &= says - 1) {
            touched->says[__builtin_ctz(says)] |= touched->common[class];
        }
    }
}

static inline void gather(struct gathering *gathering,
                          const struct glance_stretch *stretch)
{
    const struct glance_ask *ask = gathering->view->ask;
    const minute_t *starts = ask->starts.starts;
    size_t count = ask->starts.count;
    int64_t from = stretch->from - ask->request->duration;
    size_t low = gathering->low;
    size_t high = gathering->high;

    while (low < count && starts[low] <= from) {
        low++;
    }
    while (high < count && starts[high] < stretch->until) {
        high++;
    }
    gathering->low = low;
    gathering->high = high;
    unsigned says =
        touch(&gathering->touched, gathering->view, stretch->class, span_of(low, high));
    if ((says & GLANCE_BUSY) != 0) {
        engage(gathering, stretch);
    }
}

/* Walk through the record around the starts in @asked. */
static void gather_all(struct gathering *gathering, uint64_t asked)
{
    const struct glance_view *view = gathering->view;
    const struct glance_ask *ask = view->ask;
    int64_t before = 0;
    int64_t after = ask->request->duration;

    if (view->is_engaged) {
        int32_t farthest =
            (view->record->flags & RECORD_HAS_PLACES) != 0 ? ask->farthest : 0;
        int32_t back = view->party->buffer_before;
        int32_t ahead = view->party->buffer_after;
        before += back > farthest ? back : farthest;
        after += ahead > farthest ? ahead : farthest;
    }
    for (uint64_t left = asked; left != 0;) {
        struct glance_island island = glance_next(ask, before, after, &left);
        struct glance_walk walk = glance_walk_begin(view->record, &island);
        struct glance_stretch stretch;

        while (glance_walk_next(&walk, &stretch)) {
            gather(gathering, &stretch);
        }
    }
    say_all(&gathering->touched, ask);
}

/* The claims that are near. */
static void engage_claims(const struct glance_view *view, struct engaged *engaged)
{
    const struct glance_ask *ask = view->ask;
    int32_t farthest = ask->farthest;

    for (size_t i = 0; i < view->claim_count; i++) {
        const struct match_span *claim = &view->claims[i];
        uint16_t place = view->claim_places ? view->claim_places[i] : 0;
        size_t near = axis_find(&ask->starts, claim->start);

        engaged->busy |=
            touch_near(ask, (int64_t)claim->start - view->party->buffer_after,
                       (int64_t)claim->end + view->party->buffer_before, near);
        if (place != 0 && farthest > 0) {
            engaged->depends |= touch_near(ask, (int64_t)claim->start - farthest,
                                           (int64_t)claim->end + farthest, near);
            engaged->far |= keep_away(view, claim->start, claim->end, place, near);
        }
    }
}

/* The starts whose slot is not known throughout. */
static uint64_t find_unknown(const struct glance_ask *ask,
                             const struct match_record *record)
{
    const minute_t *starts = ask->starts.starts;
    size_t count = ask->starts.count;
    int64_t last = (int64_t)record->known_end - ask->request->duration;
    size_t low = 0;
    size_t high = count;

    while (low < count && starts[low] < record->known_start) {
        low++;
    }
    while (high > low && starts[high - 1] > last) {
        high--;
    }
    return ~span_of(low, high);
}

/* What else keeps the person away at which start. */
static void find_limits(const struct glance_view *view, uint64_t *ret_reasons)
{
    const struct glance_ask *ask = view->ask;
    const struct match_record *record = view->record;
    uint64_t late = 0;
    uint64_t full = 0;

    if (record->notice > 0) {
        int64_t from = (int64_t)ask->request->now + record->notice;
        late = span_of(0, axis_find(&ask->starts, from));
    }
    if (record->daily_cap > 0) {
        struct person person = {.claims = view->person->claims,
                                .claim_count = view->person->claim_count,
                                .daily_cap = record->daily_cap};
        person_full_days(ask->request, &ask->starts, &person, &full);
    }
    ret_reasons[MATCH_IS_UNKNOWN - 1] = find_unknown(ask, record);
    ret_reasons[MATCH_SHORT_NOTICE - 1] = late;
    ret_reasons[MATCH_DAY_FULL - 1] = full;
}

/* Whether another way may find another time offered, or other places too far away, for
 * all that the header says. */
static bool may_depend(const struct glance_ask *ask, const struct match_record *record)
{
    return record->modalities_all != UINT8_MAX ||
           (record->flags & RECORD_HAS_OFFER_PLACES) != 0 ||
           (ask->farthest > 0 && (record->flags & RECORD_HAS_PLACES) != 0) ||
           (ask->is_odd && record->classes_at != record->items_at);
}

/* The changes of one day of a record, which are numbers of 16 bits. */
struct changes {
    uint32_t at; /* no change before it begins after the starts that come */
    uint32_t end;
};

static struct changes changes_of(const struct match_record *record, int32_t day)
{
    uint32_t index = (uint32_t)(day - record->first_day);

    return (struct changes){.at = record_day_begin(record, index),
                            .end = record_day_begin(record, index + 1)};
}

/* What is said of the starts of @run from the first to the last one in @asked: at both the
 * person is known to come, and the slot of the last one ends on the same day. */
static void look_on_run(const struct glance_view *view, const struct glance_run *run,
                        uint64_t asked, struct changes *changes,
                        struct touched *touched)
{
    const uint16_t *change = record_narrow(view->record);
    uint32_t duration = (uint32_t)view->ask->request->duration;
    uint32_t stride = run->stride * (uint32_t)RECORD_PLANE_CELL;
    size_t low = (size_t)__builtin_ctzll(asked);
    size_t last = AXIS_WORD - 1 - (size_t)__builtin_clzll(asked);
    size_t high = low;
    uint32_t low_at = run->minute + (uint32_t)(low - run->first) * stride;
    uint32_t high_at = low_at;
    uint32_t end = run->minute + (uint32_t)(last - run->first) * stride + duration;
    uint32_t key = low_at << RECORD_NARROW_SHIFT | RECORD_NARROW_LAST;
    uint32_t at = changes->at;
    uint32_t until = 0;

    while (at < changes->end && change[at] <= key) {
        at++;
    }
    changes->at = at;
    /* The change before it is there: whoever comes is offered something. */
    for (; until < end; at++) {
        uint32_t class = change[at - 1] & RECORD_NARROW_LAST;

        for (; low_at + duration <= until; low_at += stride) {
            low++;
        }
        until = at < changes->end ? change[at] >> RECORD_NARROW_SHIFT : MINUTES_PER_DAY;
        for (; until < end && high <= last && high_at < until; high_at += stride) {
            high++;
        }
        high = until < end ? high : last + 1;
        (void)touch(touched, view, class, span_of(low, high));
    }
}

/* The starts of @asked, at which the person is known to come and whose slots end on the
 * day on which they begin: what can be said of them, run by run. */
static uint64_t look_on(struct glance *glance, uint64_t asked)
{
    const struct glance_view *view = &glance->view;
    const struct glance_ask *ask = view->ask;
    uint32_t duration = (uint32_t)ask->request->duration;
    struct touched touched;
    struct changes changes = {0};
    int32_t day = INT32_MIN;
    uint64_t seen = 0;

    if ((view->record->flags & RECORD_IS_WIDE) != 0) {
        return 0;
    }
    touch_nothing(&touched);
    for (size_t i = 0; i < ask->run_count; i++) {
        const struct glance_run *run = &ask->runs[i];
        uint64_t places = asked & glance_places(run);
        uint32_t last = (run->count - 1U) * run->stride * RECORD_PLANE_CELL;

        if (places == 0 || run->minute + last + duration > MINUTES_PER_DAY) {
            continue;
        }
        if (run->day != day) {
            day = run->day;
            changes = changes_of(view->record, day);
        }
        look_on_run(view, run, places, &changes, &touched);
        seen |= places;
    }
    say_all(&touched, ask);
    glance_praise(touched.says, seen, glance->merits);
    return seen;
}

/* Read all that is around the starts of @asked. */
static void look_around(struct glance *glance, uint64_t asked)
{
    const struct glance_view *view = &glance->view;
    struct gathering gathering;
    uint64_t reasons[PERSON_REASONS];
    uint64_t attend = asked;

    gathering.view = view;
    gathering.engaged = (struct engaged){0};
    gathering.low = 0;
    gathering.high = 0;
    touch_nothing(&gathering.touched);
    gather_all(&gathering, asked);
    engage_claims(view, &gathering.engaged);
    find_limits(view, reasons);
    reasons[MATCH_IS_BUSY - 1] =
        gathering.engaged.busy | gathering.touched.says[__builtin_ctz(GLANCE_BUSY)];
    reasons[MATCH_NOT_OFFERED - 1] =
        gathering.touched.says[__builtin_ctz(GLANCE_NOT_OFFERED)];
    reasons[MATCH_TOO_FAR - 1] = gathering.engaged.far;
    for (size_t i = 0; i < PERSON_REASONS; i++) {
        attend &= ~reasons[i];
        glance->reasons[i] |= asked & reasons[i];
    }
    glance_praise(gathering.touched.says, attend, glance->merits);
    glance->attend |= attend;
    glance->depends |=
        may_depend(view->ask, view->record) ? asked : asked & gathering.engaged.depends;
    glance->met |= asked;
}

void glance_look(struct glance *glance, uint64_t asked)
{
    uint64_t sure = asked & glance->attend;

    sure = sure != 0 ? look_on(glance, sure) : 0;
    if ((asked & ~sure) != 0) {
        look_around(glance, asked & ~sure);
    }
    glance->known |= asked;
}

/* Whether nothing can be said of anybody's coming to a slot but that they do. */
static bool is_dull(const struct match_record *record)
{
    const unsigned declared = 1U << MATCH_DECLARED;
    const unsigned neutral = 1U << MATCH_NEUTRAL;

    return (record->certainties & ~declared) == 0 &&
           (record->preferences & ~neutral) == 0 &&
           (record->flags & RECORD_HAS_TENTATIVE) == 0;
}

void glance_meet(struct glance *glance, uint64_t asked)
{
    const struct glance_view *view = &glance->view;
    uint64_t attend = glance_may(view->ask, view->record, asked);
    struct engaged engaged = {0};
    uint64_t limits[PERSON_REASONS];

    glance->met |= asked;
    if (attend == 0) {
        return;
    }
    if (!view->is_plain) {
        glance_look(glance, attend);
        return;
    }
    engage_claims(view, &engaged);
    find_limits(view, limits);
    glance->depends |= attend & engaged.depends;
    attend &= ~(engaged.busy | engaged.far | limits[MATCH_IS_UNKNOWN - 1] |
                limits[MATCH_SHORT_NOTICE - 1] | limits[MATCH_DAY_FULL - 1]);
    glance->attend |= attend;
    if (is_dull(view->record)) {
        glance->known |= attend;
    }
}
