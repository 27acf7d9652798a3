// SPDX-License-Identifier: Apache-2.0
#include "matcher/glance.h"

#include "matcher/glance_plane.h"
#include "matcher/glance_walk.h"
#include "matcher/person_internal.h"

#include <string.h>

/* What is gathered on the way. */
struct gathering {
    struct glance_view view;
    uint64_t common[RECORD_COMMON]; /* the starts that touch each common class */
    uint64_t says[GLANCE_SAYINGS];  /* and by saying, those that touch others */
    uint64_t busy;                  /* widened */
    uint64_t far;
    uint64_t depends;
    unsigned seen; /* common classes; bits */
    size_t low;    /* no start before it touches what comes, */
    size_t high;   /* and none from it on what came */
};

/* The places [low, high). */
static uint64_t span_of(size_t low, size_t high)
{
    return low < high
               ? (UINT64_MAX << low) & (UINT64_MAX >> (AXIS_WORD - (uint32_t)high))
               : 0;
}

/* The starts whose slot touches [from, until), of which @near is one or is near. */
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
    while (low < count && starts[low] <= from) {
        low++;
    }
    size_t high = low;
    while (high < count && starts[high] < until) {
        high++;
    }
    return span_of(low, high);
}

/* Whoever is busy at @place during [from, until) cannot be elsewhere right before or
 * after. */
static uint64_t keep_away(const struct glance_view *view, int64_t from, int64_t until,
                          uint16_t place, size_t near)
{
    const struct match_request *request = view->ask->request;
    uint16_t here = view->way.place;

    if (here == 0 || place == 0 || place == here) {
        return 0;
    }
    return touch_near(view->ask, from - person_leg(request, here, place),
                      until + person_leg(request, place, here), near);
}

/* An engagement, which some start may touch once it is widened. */
static void engage(struct gathering *gathering, const struct glance_stretch *stretch)
{
    const struct glance_view *view = &gathering->view;
    const struct match_record *record = view->record;

    gathering->busy |=
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
            gathering->far |= keep_away(view, stretch->from, stretch->until,
                                        items[i].place, gathering->low);
        }
    }
}

static inline void gather(struct gathering *gathering,
                          const struct glance_stretch *stretch)
{
    const struct glance_ask *ask = gathering->view.ask;
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
    uint64_t touched = span_of(low, high);
    unsigned says = 0;
    if (stretch->class < RECORD_COMMON) {
        gathering->common[stretch->class] |= touched;
        gathering->seen |= 1U << stretch->class;
        says = ask->common[stretch->class];
    } else {
        says = glance_says(&gathering->view, stretch->class);
        for (size_t i = 0; i < GLANCE_SAYINGS; i++) {
            gathering->says[i] |= (says >> i & 1) != 0 ? touched : 0;
        }
    }
    if ((says & GLANCE_BUSY) != 0) {
        engage(gathering, stretch);
    }
}

/* Walk through the record around the starts in @asked. */
static void gather_all(struct gathering *gathering, uint64_t asked)
{
    const struct glance_view *view = &gathering->view;
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
    for (unsigned seen = gathering->seen; seen != 0; seen &= seen - 1) {
        unsigned class = (unsigned)__builtin_ctz(seen);

        for (unsigned says = ask->common[class]; says != 0; says &= says - 1) {
            gathering->says[__builtin_ctz(says)] |= gathering->common[class];
        }
    }
}

static void engage_claims(struct gathering *gathering)
{
    const struct glance_view *view = &gathering->view;
    const struct glance_ask *ask = view->ask;
    const struct match_person *person = view->person;
    size_t last = ask->starts.count - 1;
    int32_t farthest = ask->farthest;
    size_t near = 0;
    int64_t end = (int64_t)ask->starts.starts[last] + ask->request->duration;
    int32_t back = view->party->buffer_before;
    int32_t ahead = view->party->buffer_after;

    back = back > farthest ? back : farthest;
    ahead = ahead > farthest ? ahead : farthest;
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        uint16_t place = person->claim_places ? person->claim_places[i] : 0;

        if ((int64_t)claim->end + back <= ask->starts.starts[near]) {
            continue;
        }
        if ((int64_t)claim->start - ahead >= end) {
            return;
        }
        int64_t until = (int64_t)claim->end + back;
        int64_t from = (int64_t)claim->start - ahead - ask->request->duration;
        while (near < last && ask->starts.starts[near] <= from) {
            near++;
        }
        if (ask->starts.starts[near] >= until || ask->starts.starts[near] <= from) {
            continue;
        }
        gathering->busy |=
            touch_near(ask, (int64_t)claim->start - view->party->buffer_after,
                       (int64_t)claim->end + view->party->buffer_before, near);
        if (place != 0 && farthest > 0) {
            gathering->depends |= touch_near(ask, (int64_t)claim->start - farthest,
                                             (int64_t)claim->end + farthest, near);
            gathering->far |= keep_away(view, claim->start, claim->end, place, near);
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

/* What keeps the person away at which start. */
static void find_reasons(const struct gathering *gathering, uint64_t *ret_reasons)
{
    const struct glance_view *view = &gathering->view;
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
    ret_reasons[MATCH_IS_BUSY - 1] =
        gathering->busy | gathering->says[__builtin_ctz(GLANCE_BUSY)];
    ret_reasons[MATCH_IS_UNKNOWN - 1] = find_unknown(ask, record);
    ret_reasons[MATCH_NOT_OFFERED - 1] =
        gathering->says[__builtin_ctz(GLANCE_NOT_OFFERED)];
    ret_reasons[MATCH_TOO_FAR - 1] = gathering->far;
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

/* @value in the place of @word for the starts in @asked. */
static void put(uint64_t *word, uint64_t asked, uint64_t value)
{
    *word = (*word & ~asked) | (value & asked);
}

/* What can be said of those who come at @attend: the planes of enum person_merit. */
static void praise(const uint64_t *says, uint64_t attend, uint64_t asked,
                   struct glance *glance)
{
    uint64_t typical =
        says[__builtin_ctz(GLANCE_NOT_SURE)] | says[__builtin_ctz(GLANCE_TENTATIVE)];
    uint64_t inferred = ~typical & says[__builtin_ctz(GLANCE_NOT_DECLARED)];
    uint64_t preferred = ~says[__builtin_ctz(GLANCE_NOT_PREFERRED)];
    uint64_t avoid = says[__builtin_ctz(GLANCE_AVOID)];

    put(&glance->merits[PERSON_TYPICAL], asked, attend & typical);
    put(&glance->merits[PERSON_INFERRED], asked, attend & inferred);
    put(&glance->merits[PERSON_PREFERRED], asked, attend & preferred);
    put(&glance->merits[PERSON_AVOID], asked, attend & avoid);
}

/* The starts of @asked, at which the person is known to come and whose slots end on the
 * day on which they begin: what can be said of them, start by start. */
static uint64_t look_on(const struct glance_ask *ask, const struct match_person *person,
                        uint64_t asked, struct glance *glance)
{
    struct glance_view view = glance_view(ask, NULL, person, glance->way);
    const struct match_record *record = person->record;
    const uint16_t *changes = record_narrow(record);
    uint32_t duration = (uint32_t)ask->request->duration;
    uint64_t says[GLANCE_SAYINGS] = {0};
    int32_t day = INT32_MIN;
    uint32_t begin = 0;
    uint32_t end = 0;
    uint32_t at = 0;
    uint64_t seen = 0;

    for (; asked != 0 && (record->flags & RECORD_IS_WIDE) == 0; asked &= asked - 1) {
        size_t i = (size_t)__builtin_ctzll(asked);
        const struct glance_spot *spot = &ask->spots[i];
        uint32_t after = spot->minute << RECORD_NARROW_SHIFT | RECORD_NARROW_LAST;
        uint32_t until = (spot->minute + duration) << RECORD_NARROW_SHIFT;
        unsigned said = 0;

        if (spot->minute + duration > MINUTES_PER_DAY) {
            continue;
        }
        if (spot->day != day) {
            day = spot->day;
            begin = record_day_begin(record, (uint32_t)(day - record->first_day));
            end = record_day_begin(record, (uint32_t)(day - record->first_day) + 1);
            at = begin;
        }
        while (at < end && changes[at] <= after) {
            at++;
        }
        /* The change before it is there: whoever comes is offered something. */
        for (uint32_t next = at;
             next == at || (next <= end && changes[next - 1] < until); next++) {
            uint32_t class = changes[next - 1] & RECORD_NARROW_LAST;
            said |=
                class < RECORD_COMMON ? ask->common[class] : glance_says(&view, class);
        }
        for (; said != 0; said &= said - 1) {
            says[__builtin_ctz(said)] |= (uint64_t)1 << i;
        }
        seen |= (uint64_t)1 << i;
    }
    praise(says, seen, seen, glance);
    return seen;
}

void glance_look(const struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, uint64_t asked,
                 struct glance *glance)
{
    uint64_t sure = asked & glance->met & glance->attend;

    if (sure != 0) {
        sure = look_on(ask, person, sure, glance);
        for (size_t i = 0; i < PERSON_REASONS; i++) {
            put(&glance->reasons[i], sure, 0);
        }
        glance->known |= sure;
        asked &= ~sure;
    }
    if (asked == 0) {
        return;
    }
    struct gathering gathering = {.view = glance_view(ask, party, person, glance->way)};
    uint64_t reasons[PERSON_REASONS];
    uint64_t attend = asked;

    gather_all(&gathering, asked);
    if (person->claim_count > 0) {
        engage_claims(&gathering);
    }
    find_reasons(&gathering, reasons);
    for (size_t i = 0; i < PERSON_REASONS; i++) {
        attend &= ~reasons[i];
        put(&glance->reasons[i], asked, reasons[i]);
    }
    praise(gathering.says, attend, asked, glance);
    put(&glance->attend, asked, attend);
    put(&glance->depends, asked,
        may_depend(ask, person->record) ? UINT64_MAX : gathering.depends);
    glance->met |= asked;
    glance->known |= asked;
    glance->gapped &= ~asked;
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

void glance_meet(struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, uint64_t asked,
                 struct glance *glance)
{
    const struct match_record *record = person->record;
    uint64_t attend = glance_may(ask, record, asked);
    uint64_t reasons[PERSON_REASONS];

    glance->met |= asked;
    put(&glance->attend, asked, 0);
    put(&glance->depends, asked, 0);
    if (attend == 0) {
        return;
    }
    struct gathering gathering = {.view = glance_view(ask, party, person, glance->way)};
    if (!ask->is_even || !glance_is_plain(&gathering.view)) {
        glance_look(ask, party, person, attend, glance);
        return;
    }
    if (person->claim_count > 0) {
        engage_claims(&gathering);
    }
    put(&glance->depends, attend, gathering.depends);
    find_reasons(&gathering, reasons);
    for (size_t i = 0; i < PERSON_REASONS; i++) {
        attend &= ~reasons[i];
    }
    glance->attend |= attend;
    glance->gapped &= ~attend;
    if (is_dull(record)) {
        for (size_t i = 0; i < PERSON_REASONS; i++) {
            put(&glance->reasons[i], attend, 0);
        }
        for (size_t i = 0; i < PERSON_MERITS; i++) {
            put(&glance->merits[i], attend, 0);
        }
        glance->known |= attend;
    }
}
