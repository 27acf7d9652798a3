// SPDX-License-Identifier: Apache-2.0

/*
 * handle_pool.c - who is chosen from a pool takes part like everybody else
 *
 * A pool is chosen from once, when the request finds its slot: the negotiation then is
 * about people.  Nobody learns who else was asked for.
 */
#include "broker/handle.h"

#include "broker/propose.h"

static size_t number_of_pools(const struct entente_spec *spec)
{
    size_t count = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        count += spec->parties[i].kind == ENTENTE_POOL ? 1 : 0;
    }
    return count;
}

static const struct entente_chosen *chosen_of(const struct entente_slot *slot,
                                              size_t party)
{
    for (size_t i = 0; slot != NULL && i < slot->chosen_count; i++) {
        if (slot->chosen[i].party == party) {
            return &slot->chosen[i];
        }
    }
    return NULL;
}

/* The meeting's own list of parties, with room for everybody who is chosen. */
static bool make_room(struct batch *batch, struct entente_meeting *meeting,
                      const struct entente_slot *slot)
{
    const struct entente_spec *asked = meeting->spec;
    size_t count = asked->parties_count;
    for (size_t i = 0; slot != NULL && i < slot->chosen_count; i++) {
        count += slot->chosen[i].members_count;
    }
    struct entente_spec *spec = arena_copy(&batch->arena, asked, sizeof(*asked));
    struct entente_party *parties = arena_array(&batch->arena, count, sizeof(*parties));
    int64_t *people = arena_array(&batch->arena, count, sizeof(*people));
    if (spec == NULL || parties == NULL || people == NULL) {
        return false;
    }
    for (size_t i = 0; i < asked->parties_count; i++) {
        parties[i] = asked->parties[i];
        people[i] = meeting->kept->people[i];
    }
    spec->parties = parties;
    meeting->spec = spec;
    meeting->kept->people = people;
    return true;
}

/* @pool is by value: its place may be taken by the first who is chosen. */
static bool seat(struct batch *batch, struct entente_meeting *meeting, size_t at,
                 const struct entente_party pool, uint32_t member)
{
    const struct index_person *person =
        propose_member(batch->index, &pool.members[member]);
    struct entente_identifier *identifier =
        arena_copy(&batch->arena, &pool.members[member], sizeof(*identifier));
    if (person == NULL || identifier == NULL) {
        return false;
    }
    meeting->spec->parties[at] = (struct entente_party){
        .kind = ENTENTE_PROFESSIONAL,
        .importance = pool.importance,
        .identifier = identifier,
        .structure = pool.structure,
        .name = person->sources == NULL
                    ? NULL
                    : arena_text(&batch->arena, person->sources->name),
        .modality = pool.modality,
        .place = pool.place,
        .buffer_before_minutes = pool.buffer_before_minutes,
        .buffer_after_minutes = pool.buffer_after_minutes,
    };
    meeting->kept->people[at] = person->person;
    return true;
}

bool handle_seat_pools(struct batch *batch, struct entente_meeting *meeting,
                       const struct entente_slot *slot)
{
    size_t count = meeting->spec->parties_count;
    if (number_of_pools(meeting->spec) == 0) {
        return true;
    }
    if (!make_room(batch, meeting, slot)) {
        return false;
    }
    size_t next = count;
    for (size_t i = 0; i < count; i++) {
        const struct entente_party pool = meeting->spec->parties[i];
        const struct entente_chosen *chosen = chosen_of(slot, i);
        if (pool.kind == ENTENTE_POOL && chosen == NULL) {
            meeting->spec->parties[i].members = NULL;
            meeting->spec->parties[i].members_count = 0;
        }
        for (size_t j = 0; chosen != NULL && j < chosen->members_count; j++) {
            if (!seat(batch, meeting, j == 0 ? i : next++, pool, chosen->members[j])) {
                return false;
            }
        }
    }
    meeting->spec->parties_count = next;
    meeting->kept->people_count = next;
    if (slot == NULL) {
        meeting->search_until_ms = batch->now_ms;
    }
    return true;
}
