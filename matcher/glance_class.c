// SPDX-License-Identifier: Apache-2.0

/*
 * glance_class.c - what the classes of a record say of a minute, to a question
 */
#include "matcher/glance_plane.h"
#include "matcher/glance_walk.h"

#include <string.h>

enum { GLANCE_MODALITIES = 8 }; /* that a range can name */

enum {
    NEUTRAL = GLANCE_NOT_PREFERRED, /* as declared time */
    PREFERRED = 0,
    AVOID = GLANCE_NOT_PREFERRED | GLANCE_AVOID,
    INFERRED = GLANCE_NOT_DECLARED,
    TYPICAL = GLANCE_NOT_DECLARED | GLANCE_NOT_SURE,
    PREFERENCES = 3,
};

static_assert(RECORD_OFFERED + 3 * PREFERENCES == RECORD_DECLARED_TENTATIVE,
              "a class for each certainty and preference");

/* What the common classes say if all certainties are admitted and tentative time is
 * busy. */
static const uint8_t sayings[RECORD_COMMON] = {
    [RECORD_NOTHING] = GLANCE_NOWHERE,
    [RECORD_BUSY] = GLANCE_NOWHERE | GLANCE_BUSY,
    [RECORD_TENTATIVE] = GLANCE_NOWHERE | GLANCE_BUSY,
    [RECORD_OFFERED] = NEUTRAL,
    [RECORD_OFFERED + 1] = PREFERRED,
    [RECORD_OFFERED + 2] = AVOID,
    [RECORD_OFFERED + 3] = INFERRED | NEUTRAL,
    [RECORD_OFFERED + 4] = INFERRED | PREFERRED,
    [RECORD_OFFERED + 5] = INFERRED | AVOID,
    [RECORD_OFFERED + 6] = TYPICAL | NEUTRAL,
    [RECORD_OFFERED + 7] = TYPICAL | PREFERRED,
    [RECORD_OFFERED + 8] = TYPICAL | AVOID,
    [RECORD_DECLARED_TENTATIVE] = NEUTRAL | GLANCE_BUSY,
};

/* What an offer says that is admitted. */
static unsigned says_of_offer(unsigned certainty, unsigned preference)
{
    return sayings[RECORD_OFFERED + PREFERENCES * (certainty - MATCH_DECLARED) +
                   preference];
}

void glance_say_common(const struct match_request *request,
                       uint8_t ret_says[static RECORD_COMMON])
{
    memcpy(ret_says, sayings, sizeof(sayings));
    for (unsigned i = 0; request->certainties != 0 && i < 3 * PREFERENCES; i++) {
        if ((request->certainties >> (MATCH_DECLARED + i / PREFERENCES) & 1) == 0) {
            ret_says[RECORD_OFFERED + i] = GLANCE_NOWHERE;
        }
    }
    if (request->tentative == MATCH_TENTATIVE_SOFT) {
        ret_says[RECORD_TENTATIVE] = GLANCE_NOWHERE | GLANCE_TENTATIVE;
        ret_says[RECORD_DECLARED_TENTATIVE] =
            (uint8_t)(ret_says[RECORD_OFFERED] | GLANCE_TENTATIVE);
    } else {
        ret_says[RECORD_DECLARED_TENTATIVE] =
            (uint8_t)(ret_says[RECORD_OFFERED] | GLANCE_BUSY);
    }
}

void glance_begin(const struct match_request *request, struct glance_ask *ret_ask)
{
    struct glance_ask *ask = ret_ask;

    ask->request = request;
    ask->number = 0;
    ask->starts.count = 0;
    ask->is_odd = false;
    for (size_t i = 0; i < request->option_count; i++) {
        ask->is_odd |= request->options[i].modality >= GLANCE_MODALITIES;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        ask->is_odd |= request->parties[i].modality >= GLANCE_MODALITIES;
    }
    ask->certainties = request->certainties == 0 ? UINT32_MAX : request->certainties;
    ask->purposes = request->purposes == 0 ? UINT32_MAX : request->purposes;
    ask->farthest = person_farthest(request);
    ask->is_soft = request->tentative == MATCH_TENTATIVE_SOFT;
    glance_say_common(request, ask->common);
}

void glance_ask_about(struct glance_ask *ask, const minute_t *starts, size_t count)
{
    axis_make(starts, count, NULL, &ask->starts);
    ask->number++;
    glance_find_runs(ask);
}

/* Whether anything in @record may keep somebody from coming by being near. */
static bool is_engaged(const struct match_record *record)
{
    return (record->common & RECORD_ENGAGED) != 0 ||
           record->classes_at != record->items_at;
}

/* The claims that are near enough to any of the starts to matter. */
static void find_claims(struct glance_view *view)
{
    const struct axis *starts = &view->ask->starts;
    const struct match_person *person = view->person;
    int32_t back = view->party->buffer_before;
    int32_t ahead = view->party->buffer_after;
    int64_t reach = back > ahead ? back : ahead;
    size_t first = 0;
    size_t end = 0;
    size_t near = 0;

    reach = reach > view->ask->farthest ? reach : view->ask->farthest;
    reach += 2 * (int64_t)view->ask->request->duration;
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];

        while (near < starts->count && starts->starts[near] + reach <= claim->start) {
            near++;
        }
        if (near == starts->count) {
            break;
        }
        if (starts->starts[near] - reach < claim->end) {
            first = end > 0 ? first : i;
            end = i + 1;
        }
    }
    view->claims = person->claims + first;
    view->claim_places = person->claim_places ? person->claim_places + first : NULL;
    view->claim_count = end - first;
}

/* Whether the plane of the record says where the person is free in that way: nothing that
 * is offered is ruled out, and no engagement reaches beyond itself but claims. */
static bool is_plain(const struct glance_view *view)
{
    const struct glance_ask *ask = view->ask;
    const struct match_record *record = view->record;
    bool reaches = view->party->buffer_before > 0 || view->party->buffer_after > 0 ||
                   (ask->farthest > 0 && (record->flags & RECORD_HAS_PLACES) != 0);

    return ask->is_even && glance_has_plane(ask, record) &&
           !(view->is_engaged && reaches) &&
           (record->certainties & ~ask->certainties) == 0 &&
           (ask->purposes == UINT32_MAX ||
            (ask->purposes & record->purposes_all) != 0) &&
           record->modalities_all == UINT8_MAX && view->modalities != 0 &&
           (record->flags & RECORD_HAS_OFFER_PLACES) == 0;
}

static void set_way(struct glance_view *view, struct way way)
{
    view->way = way;
    view->modalities = way.modality == 0                  ? UINT32_MAX
                       : way.modality < GLANCE_MODALITIES ? 1U << way.modality
                                                          : 0;
    view->is_plain = is_plain(view);
}

void glance_open(const struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, struct way way,
                 struct glance *ret_glance)
{
    struct glance_view *view = &ret_glance->view;

    view->ask = ask;
    view->party = party;
    view->person = person;
    view->record = person->record;
    view->is_engaged = is_engaged(person->record);
    view->claim_count = 0;
    if (person->claim_count > 0) {
        find_claims(view);
    }
    set_way(view, way);
    ret_glance->number = ask->number;
    ret_glance->met = 0;
    ret_glance->known = 0;
    ret_glance->depends = 0;
    ret_glance->attend = 0;
    plane_zero(ret_glance->reasons, PERSON_REASONS);
    plane_zero(ret_glance->merits, PERSON_MERITS);
}

void glance_turn(struct glance *glance, struct way way)
{
    uint64_t kept = ~glance->depends;

    glance->met &= kept;
    glance->known &= kept;
    glance->attend &= kept;
    glance->depends = 0;
    for (size_t i = 0; i < PERSON_REASONS; i++) {
        glance->reasons[i] &= kept;
    }
    for (size_t i = 0; i < PERSON_MERITS; i++) {
        glance->merits[i] &= kept;
    }
    set_way(&glance->view, way);
}

unsigned glance_says(const struct glance_view *view, uint32_t class)
{
    const struct record_class *entry =
        &record_classes(view->record)[class - RECORD_COMMON];
    const struct record_item *items = record_items(view->record) + entry->first;
    unsigned says = GLANCE_NOWHERE;

    for (size_t i = 0; i < entry->count; i++) {
        const struct record_item *item = &items[i];

        if (item->kind == MATCH_FREE && glance_admits(view, item)) {
            unsigned offer = says_of_offer(item->certainty, item->preference);
            says = (says & ~(unsigned)GLANCE_NOWHERE) |
                   (says & offer & GLANCE_NOWHERE) | (offer & GLANCE_AVOID);
        }
    }
    says |= entry->busy != 0 ? GLANCE_BUSY : 0;
    if (entry->tentative != 0) {
        says |= view->ask->is_soft ? GLANCE_TENTATIVE : GLANCE_BUSY;
    }
    return says;
}
