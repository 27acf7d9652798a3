// SPDX-License-Identifier: Apache-2.0

/*
 * propose_party.c - the part of propose.h that says to the matcher who is wanted
 */
#include "broker/propose_internal.h"

#include "broker/gather.h"

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

/* Members whom nobody knows here cannot be available: they are left out. */
static bool gather_pool(struct inquiry *inquiry, const struct entente_party *pool,
                        size_t at, struct match_party *ret)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_kept_pool *kept = kept_pool(question, pool);
    size_t members_count = count_members(question, pool);
    struct match_person *members =
        arena_array(inquiry->arena, members_count, sizeof(*members));
    uint32_t *member_of =
        arena_array(inquiry->arena, members_count, sizeof(*member_of));
    if (members == NULL || member_of == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < members_count; i++) {
        const struct index_person *person =
            kept != NULL ? index_person(inquiry->index, kept->people[i])
                         : propose_member(inquiry->index, &pool->members[i]);
        if (person == NULL) {
            continue;
        }
        if (!gather_person(person, question->meeting, question->now_ms, inquiry->arena,
                           &members[count])) {
            return false;
        }
        member_of[count++] = (uint32_t)i;
    }
    ret->id = UINT64_MAX - at; /* no person has it */
    ret->members = members;
    ret->member_count = count;
    ret->needed = pool->pool_size == 0 ? 1 : pool->pool_size;
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
