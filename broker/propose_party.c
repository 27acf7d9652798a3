// SPDX-License-Identifier: Apache-2.0

/*
 * propose_party.c - the part of propose.h that says to the matcher who is wanted
 */
#include "broker/propose_internal.h"

#include "broker/gather.h"
#include "broker/index_rows.h"

#include <string.h>

static enum match_importance importance_of(const struct entente_spec *spec,
                                           const struct entente_party *party)
{
    if (party->kind == ENTENTE_PATIENT) {
        return spec->patient_presence == ENTENTE_SOFT ? MATCH_OPTIONAL
                                                      : MATCH_INDISPENSABLE;
    }
    return party->importance == ENTENTE_OPTIONAL ? MATCH_OPTIONAL : MATCH_INDISPENSABLE;
}

const struct index_person *propose_member(const struct index *index,
                                          const struct entente_identifier *member)
{
    /* Only patients are known by their blind index, and they belong to no pool. */
    const struct index_person *person =
        index_find(index, member->system, member->value);
    bool may = person != NULL && person->kind != ENTENTE_PATIENT &&
               person->kind != ENTENTE_REPRESENTATIVE;
    return may ? person : NULL;
}

/* The pool that @party stands for, if its members are not in the spec; or NULL. */
static const struct entente_kept_pool *
kept_pool(const struct propose_question *question, const struct entente_party *party)
{
    for (size_t i = 0; i < question->pools_count && party->members_count == 0; i++) {
        if (question->pools[i].number == party->from_pool) {
            return &question->pools[i];
        }
    }
    return NULL;
}

static size_t count_members(const struct propose_question *question,
                            const struct entente_party *party)
{
    const struct entente_kept_pool *kept = kept_pool(question, party);
    return kept != NULL ? kept->people_count : party->members_count;
}

/* The members of a pool, as the index knows them. */
struct membership {
    const struct index_person **people; /* NULL: nobody knows them here */
    bool *is_out;                       /* they cannot come: so say the rows */
    size_t count;
};

static bool find_members(const struct inquiry *inquiry,
                         const struct entente_party *pool, struct membership *ret)
{
    const struct entente_kept_pool *kept = kept_pool(inquiry->question, pool);
    size_t count = count_members(inquiry->question, pool);
    ret->people = arena_array(inquiry->arena, count, sizeof(void *));
    ret->is_out = arena_array(inquiry->arena, count, sizeof(*ret->is_out));
    ret->count = count;
    if (ret->people == NULL || ret->is_out == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret->people[i] = kept != NULL
                             ? index_person(inquiry->index, kept->people[i])
                             : propose_member(inquiry->index, &pool->members[i]);
    }
    return true;
}

/* What the meeting has of this person does not stand in its own way: rows cannot know. */
static bool takes_part(const struct index_person *person, const uint8_t *meeting)
{
    bool takes = false;
    for (size_t i = 0; meeting != NULL && i < person->claim_count; i++) {
        takes = takes || memcmp(person->claims[i].meeting, meeting, 16) == 0;
    }
    for (const struct index_source *s = person->sources; meeting != NULL && s != NULL;
         s = s->beside) {
        takes = takes || index_source_echoes(s, meeting);
    }
    return takes;
}

/* One start, of which nobody wants to know more than who is chosen. */
static bool asks_rows(const struct propose_question *question, size_t members)
{
    return question->exact != 0 && question->why == PROPOSE_WHY_NEVER &&
           !question->keeps && members >= PROPOSE_CROWD &&
           question->spec->tentative != ENTENTE_TENTATIVE_SOFT;
}

/* Leave out those of a large pool who cannot come, as long as enough others are left for
 * the matcher to take the request. */
static bool leave_out(const struct inquiry *inquiry, struct membership *members,
                      size_t needed)
{
    const struct propose_question *question = inquiry->question;
    const struct index_crowd crowd = {
        .people = members->people,
        .count = members->count,
        .now_ms = question->now_ms,
        .first = question->exact,
        .step = 1,
        .starts = 1,
        .duration = (int32_t)question->spec->duration_minutes,
    };
    size_t row = members->count / 8 + 1;
    uint8_t *bits = arena_array(inquiry->arena, 1, row);
    if (bits == NULL || !index_rows_ask(inquiry->index, &crowd, inquiry->arena, bits,
                                        row, members->is_out)) {
        return false;
    }
    size_t left = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct index_person *person = members->people[i];
        bool comes = person != NULL && (bits[i / 8] >> i % 8 & 1) != 0;
        members->is_out[i] = members->is_out[i] && !comes && person != NULL &&
                             !takes_part(person, question->meeting);
        left += person != NULL && !members->is_out[i] ? 1 : 0;
    }
    for (size_t i = 0; i < members->count && left < needed; i++) {
        left += members->is_out[i] ? 1 : 0;
        members->is_out[i] = false;
    }
    return true;
}

/* Members whom nobody knows here cannot be available: they are left out. */
static bool gather_pool(struct inquiry *inquiry, const struct entente_party *pool,
                        size_t at, struct match_party *ret)
{
    const struct propose_question *question = inquiry->question;
    struct membership all;
    ret->needed = pool->pool_size == 0 ? 1 : pool->pool_size;
    if (!find_members(inquiry, pool, &all) ||
        (asks_rows(question, all.count) && !leave_out(inquiry, &all, ret->needed))) {
        return false;
    }
    struct match_person *members =
        arena_array(inquiry->arena, all.count, sizeof(*members));
    uint32_t *member_of = arena_array(inquiry->arena, all.count, sizeof(*member_of));
    if (members == NULL || member_of == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (all.people[i] == NULL || all.is_out[i]) {
            continue;
        }
        if (!gather_person(all.people[i], question->meeting, question->now_ms,
                           inquiry->arena, &members[count])) {
            return false;
        }
        member_of[count++] = (uint32_t)i;
    }
    ret->id = UINT64_MAX - at; /* no person has it */
    ret->members = members;
    ret->member_count = count;
    inquiry->member_of[inquiry->request.party_count] = member_of;
    return true;
}

/* Somebody who comes whatever their own diary says: free but for other meetings. */
static bool gather_willing(const struct inquiry *inquiry,
                           const struct index_person *person, struct match_person *ret)
{
    enum { ROOM = MINUTES_PER_DAY };
    const struct propose_question *question = inquiry->question;
    struct match_source *source = arena_alloc(inquiry->arena, sizeof(*source));
    struct match_range *range = arena_alloc(inquiry->arena, sizeof(*range));
    if (source == NULL || range == NULL ||
        !gather_person_sources(person, question->meeting, question->now_ms,
                               inquiry->arena, ret)) {
        return false;
    }
    *range = (struct match_range){
        .start = question->exact,
        .end = question->exact + (int32_t)question->spec->duration_minutes,
        .kind = MATCH_FREE,
        .certainty = ENTENTE_DECLARED,
        .preference = MATCH_NEUTRAL,
    };
    *source = (struct match_source){
        .coverage = {range->start - ROOM, range->end + ROOM},
        .ranges = range,
        .range_count = 1,
    };
    ret->sources = source;
    ret->source_count = 1;
    return true;
}

static bool is_willing(const struct propose_question *question, size_t at)
{
    return question->exact != 0 && (question->willing & (UINT64_C(1) << at)) != 0;
}

/* Somebody else comes in this party's place. */
static bool is_replaced(const struct entente_spec *spec, size_t at)
{
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (spec->parties[i].replaces == at + 1 && !spec->parties[i].dropped) {
            return true;
        }
    }
    return false;
}

/* False when the arena is used up; a party who is nobody here is left out. */
static bool gather_party(struct inquiry *inquiry, size_t at)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_party *party = &question->spec->parties[at];
    bool is_pool = party->kind == ENTENTE_POOL;
    const struct index_person *person =
        is_pool ? NULL : index_person(inquiry->index, question->people[at]);
    bool is_guest = party->kind == ENTENTE_GUEST && party->ask_if_unknown;
    /* Neither a pool that was not seated takes part, nor a guest who is not asked. */
    if (party->dropped || is_replaced(question->spec, at) ||
        (is_pool ? count_members(question, party) == 0 : person == NULL && !is_guest)) {
        return true;
    }
    struct match_party *ret = &inquiry->parties[inquiry->request.party_count];
    *ret = (struct match_party){
        .importance = question->must_attend == at + 1
                          ? MATCH_INDISPENSABLE
                          : importance_of(question->spec, party),
        .buffer_before = (int32_t)party->buffer_before_minutes,
        .buffer_after = (int32_t)party->buffer_after_minutes,
        .modality = (uint8_t)party->modality,
        .place = inquiry_place(inquiry, party->place, true),
        .ask_if_unknown = party->ask_if_unknown,
    };
    bool gathered = is_pool || is_guest ||
                    (is_willing(question, at)
                         ? gather_willing(inquiry, person, &ret->person)
                         : gather_person(person, question->meeting, question->now_ms,
                                         inquiry->arena, &ret->person));
    if (!gathered || (is_pool && !gather_pool(inquiry, party, at, ret))) {
        return false;
    }
    if (!is_pool) {
        /* Nobody has the id of a guest, who has no agenda here. */
        ret->id = is_guest ? UINT64_MAX - at : ret->person.id;
    }
    inquiry->party_of[inquiry->request.party_count++] = at;
    return true;
}

bool inquiry_gather_parties(struct inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->question->spec->parties_count; i++) {
        if (!gather_party(inquiry, i)) {
            return false;
        }
    }
    inquiry->request.parties = inquiry->parties;
    return true;
}
