// SPDX-License-Identifier: Apache-2.0

/*
 * handle_pool.c - who is chosen from a pool takes part like everybody else
 *
 * The pool stays with the meeting, known to nobody but the broker: while there is no slot
 * it is chosen from at every search, and later whoever does not come is replaced from it.
 * Nobody learns who else was asked for.
 */
#include "broker/handle.h"

#include "broker/propose.h"
#include "proto/limits.h"

/* ---- keeping -----------------------------------------------------------------------
 */

static size_t number_of_pools(const struct entente_spec *spec)
{
    size_t count = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        count += spec->parties[i].kind == ENTENTE_POOL ? 1 : 0;
    }
    return count;
}

/* The party as it was asked for, without its members. */
static struct entente_party template_of(const struct entente_party *pool)
{
    struct entente_party party = *pool;
    party.members = NULL;
    party.members_count = 0;
    return party;
}

static bool keep_pool(struct batch *batch, const struct entente_party *asked,
                      uint32_t number, struct entente_kept_pool *ret)
{
    struct entente_party party = template_of(asked);
    int64_t *people = arena_array(&batch->arena, asked->members_count, sizeof(*people));
    if (people == NULL) {
        return false;
    }
    for (size_t i = 0; i < asked->members_count; i++) {
        const struct index_person *member =
            propose_member(batch->index, &asked->members[i]);
        people[i] = member == NULL ? 0 : member->person;
    }
    party.from_pool = number;
    *ret = (struct entente_kept_pool){
        .number = number,
        .needed = asked->pool_size == 0 ? 1 : asked->pool_size,
        .party = arena_copy(&batch->arena, &party, sizeof(party)),
        .people = people,
        .people_count = asked->members_count,
    };
    return ret->party != NULL;
}

/* The spec and the list of parties become the meeting's own: a request that goes round
 * once more finds its own as they came. */
static bool own_parties(struct batch *batch, struct entente_meeting *meeting,
                        size_t more)
{
    const struct entente_spec *asked = meeting->spec;
    size_t count = asked->parties_count;
    struct entente_spec *spec = arena_copy(&batch->arena, asked, sizeof(*asked));
    struct entente_party *parties =
        arena_array(&batch->arena, count + more, sizeof(*parties));
    int64_t *people = arena_array(&batch->arena, count + more, sizeof(*people));
    if (spec == NULL || parties == NULL || people == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        parties[i] = asked->parties[i];
        people[i] = meeting->kept->people[i];
    }
    spec->parties = parties;
    meeting->spec = spec;
    meeting->kept->people = people;
    return true;
}

bool handle_keep_pools(struct batch *batch, struct entente_meeting *meeting)
{
    size_t count = number_of_pools(meeting->spec);
    if (count == 0) {
        return true;
    }
    struct entente_kept_pool *pools = arena_array(&batch->arena, count, sizeof(*pools));
    if (pools == NULL || !own_parties(batch, meeting, 0)) {
        return false;
    }
    uint32_t number = 0;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        if (party->kind == ENTENTE_POOL) {
            if (!keep_pool(batch, party, number + 1, &pools[number])) {
                return false;
            }
            *party = *pools[number++].party;
        }
    }
    meeting->kept->pools = pools;
    meeting->kept->pools_count = count;
    return true;
}

static const struct entente_kept_pool *pool_of(const struct entente_meeting *meeting,
                                               uint32_t number)
{
    for (size_t i = 0; i < meeting->kept->pools_count; i++) {
        if (number != 0 && meeting->kept->pools[i].number == number) {
            return &meeting->kept->pools[i];
        }
    }
    return NULL;
}

/* ---- seating -----------------------------------------------------------------------
 */

static const struct entente_chosen *chosen_of(const struct entente_slot *slot,
                                              size_t party)
{
    for (size_t i = 0; i < slot->chosen_count; i++) {
        if (slot->chosen[i].party == party) {
            return &slot->chosen[i];
        }
    }
    return NULL;
}

/* This member of @pool as a party. */
static bool make_party(struct batch *batch, const struct entente_kept_pool *pool,
                       int64_t member, struct entente_party *ret_party)
{
    const struct index_person *person = index_person(batch->index, member);
    struct entente_identifier *identifier =
        arena_alloc(&batch->arena, sizeof(*identifier));
    if (person == NULL || identifier == NULL || !index_identifier(person, identifier)) {
        return false;
    }
    const struct entente_party *asked = pool->party;
    *ret_party = (struct entente_party){
        .kind = ENTENTE_PROFESSIONAL,
        .importance = asked->importance,
        .identifier = identifier,
        .structure = asked->structure,
        .name = person->sources == NULL
                    ? NULL
                    : arena_text(&batch->arena, person->sources->name),
        .modality = asked->modality,
        .place = asked->place,
        .buffer_before_minutes = asked->buffer_before_minutes,
        .buffer_after_minutes = asked->buffer_after_minutes,
        .answer_minutes = asked->answer_minutes,
        .silence = asked->silence,
        .from_pool = pool->number,
    };
    return true;
}

/* Is everybody locked who is chosen at @slot?  If not, they are named to @command. */
static bool holds_chosen(struct batch *batch, struct command *command,
                         const struct entente_meeting *meeting,
                         const struct entente_slot *slot)
{
    bool held = true;
    for (size_t i = 0; i < slot->chosen_count; i++) {
        const struct entente_chosen *chosen = &slot->chosen[i];
        const struct entente_kept_pool *pool =
            pool_of(meeting, meeting->spec->parties[chosen->party].from_pool);
        for (size_t j = 0; pool != NULL && j < chosen->members_count; j++) {
            int64_t person = pool->people[chosen->members[j]];
            if (!batch_holds_person(batch, person)) {
                batch_need_person(batch, command, person);
                held = false;
            }
        }
    }
    return held;
}

/* Who is chosen from a pool at @slot becomes a party, the first in place of the pool, the
 * others behind all. */
static bool seat_pools(struct batch *batch, struct entente_meeting *meeting,
                       const struct entente_slot *slot)
{
    size_t count = meeting->spec->parties_count;
    size_t more = 0;
    for (size_t i = 0; i < slot->chosen_count; i++) {
        more += slot->chosen[i].members_count;
    }
    if (more == 0) {
        return true;
    }
    if (!own_parties(batch, meeting, more)) {
        return false;
    }
    size_t next = count;
    for (size_t i = 0; i < count; i++) {
        const struct entente_chosen *chosen = chosen_of(slot, i);
        const struct entente_kept_pool *pool =
            pool_of(meeting, meeting->spec->parties[i].from_pool);
        for (size_t j = 0; chosen != NULL && pool != NULL && j < chosen->members_count;
             j++) {
            size_t at = j == 0 ? i : next++;
            int64_t member = pool->people[chosen->members[j]];
            if (!make_party(batch, pool, member, &meeting->spec->parties[at])) {
                return false;
            }
            meeting->kept->people[at] = member;
        }
    }
    meeting->spec->parties_count = next;
    meeting->kept->people_count = next;
    return true;
}

enum outcome handle_seat_pools(struct batch *batch, struct command *command,
                               struct entente_meeting *meeting,
                               const struct entente_slot *slot)
{
    if (!holds_chosen(batch, command, meeting, slot)) {
        return OUTCOME_NEEDS;
    }
    return seat_pools(batch, meeting, slot)
               ? OUTCOME_DECIDED
               : refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
}

enum outcome handle_find_slots(struct batch *batch, struct command *command,
                               struct entente_meeting *meeting, enum propose_why why,
                               struct propose_answer *ret_found)
{
    size_t wanted = handle_held_slots(meeting);
    struct propose_question question = {
        .wanted = wanted,
        .why = why,
        .only_found = why == PROPOSE_WHY_NEVER, /* otherwise it waits on */
        .refused = meeting->kept->refused_starts,
        .refused_count = meeting->kept->refused_starts_count,
    };
    *ret_found = (struct propose_answer){0};
    if (!handle_propose(batch, command, meeting, &question, ret_found) ||
        ret_found->slot_count == 0 || ret_found->slots[0].chosen_count == 0) {
        return OUTCOME_DECIDED;
    }
    enum outcome seated =
        handle_seat_pools(batch, command, meeting, &ret_found->slots[0]);
    ret_found->slot_count = 1;
    if (seated == OUTCOME_NEEDS || command->failed || wanted == 1) {
        return seated;
    }
    struct propose_question again = {
        .wanted = wanted,
        .only_found = true, /* otherwise the first stands */
        .refused = meeting->kept->refused_starts,
        .refused_count = meeting->kept->refused_starts_count,
    };
    struct propose_answer more;
    if (handle_propose(batch, command, meeting, &again, &more) && more.slot_count > 0) {
        *ret_found = more;
    }
    return OUTCOME_DECIDED;
}

/* ---- replacing ---------------------------------------------------------------------
 */

/* Nobody is asked twice, and nobody who comes anyway. */
static bool has_been_asked(const struct entente_meeting *meeting, int64_t person)
{
    return matter_party(meeting, person) >= 0;
}

/* Who of the pool is left. */
static bool others_of(struct batch *batch, const struct entente_meeting *meeting,
                      const struct entente_kept_pool *pool,
                      struct entente_kept_pool *ret_left)
{
    *ret_left = *pool;
    ret_left->needed = 1;
    ret_left->people_count = 0;
    ret_left->people =
        arena_array(&batch->arena, pool->people_count, sizeof(*pool->people));
    for (size_t i = 0; ret_left->people != NULL && i < pool->people_count; i++) {
        if (pool->people[i] != 0 && !has_been_asked(meeting, pool->people[i])) {
            ret_left->people[ret_left->people_count++] = pool->people[i];
        }
    }
    return ret_left->people != NULL;
}

/* The same meeting, but only one of the pool is wanted, at exactly this time; that the time
 * itself suits has been decided. */
static struct entente_spec spec_for_one(const struct entente_meeting *meeting,
                                        struct entente_party *party,
                                        struct entente_span *at, uint32_t option)
{
    struct entente_spec spec = *meeting->spec;
    spec.parties = party;
    spec.parties_count = 1;
    spec.windows = at;
    spec.windows_count = 1;
    spec.duration_minutes = (uint32_t)(at->end - at->start);
    spec.quorum = 0;
    spec.notice_minutes = 0;
    spec.occurrences = 0;
    spec.recurrence = NULL;
    spec.step = 0;
    spec.without_public_holidays = false;
    if (option < spec.options_count) {
        spec.options += option;
        spec.options_count = 1;
    }
    return spec;
}

static bool choose(struct batch *batch, const struct entente_meeting *meeting,
                   const struct entente_kept_pool *left, struct entente_span at,
                   uint32_t option, int64_t *ret_person)
{
    const int64_t nobody = 0;
    struct entente_party party = *left->party;
    party.importance = ENTENTE_INDISPENSABLE;
    party.pool_size = 1;
    const struct entente_spec spec = spec_for_one(meeting, &party, &at, option);
    const struct propose_question question = {
        .spec = &spec,
        .people = &nobody,
        .pools = left,
        .pools_count = 1,
        .meeting = meeting->id.data,
        .now_ms = batch->now_ms,
        .wanted = 1,
        .exact = at.start,
    };
    struct propose_answer answer = {0};
    if (propose(batch->proposer, &question, &batch->arena, &answer) != STATUS_OK) {
        return false;
    }
    *ret_person =
        answer.slot_count == 0 ? 0 : left->people[answer.slots[0].chosen[0].members[0]];
    return true;
}

enum outcome handle_find_substitute(struct batch *batch, struct command *command,
                                    const struct entente_meeting *meeting, size_t party,
                                    struct entente_span at, uint32_t option,
                                    struct substitute *ret_substitute)
{
    const struct entente_kept_pool *pool =
        pool_of(meeting, meeting->spec->parties[party].from_pool);
    struct entente_kept_pool left;
    int64_t person = 0;
    *ret_substitute = (struct substitute){0};
    if (pool == NULL || meeting->spec->parties_count >= LIMIT_PARTIES) {
        return OUTCOME_DECIDED;
    }
    if (!others_of(batch, meeting, pool, &left) ||
        !choose(batch, meeting, &left, at, option, &person) || person == 0) {
        return OUTCOME_DECIDED;
    }
    /* Searched before locking, and again once they are locked. */
    if (!batch_holds_person(batch, person)) {
        batch_need_person(batch, command, person);
        return OUTCOME_NEEDS;
    }
    struct entente_party *found = arena_alloc(&batch->arena, sizeof(*found));
    if (found != NULL && make_party(batch, pool, person, found)) {
        *ret_substitute = (struct substitute){.party = found, .person = person};
    }
    return OUTCOME_DECIDED;
}

enum outcome handle_find_substitute_now(struct batch *batch, struct command *command,
                                        const struct entente_meeting *meeting,
                                        size_t party, struct substitute *ret_substitute)
{
    const struct entente_proposal *proposal = meeting->proposal;
    enum negotiation_event event =
        meeting->state == ENTENTE_MOVING ? REPLACED : SUBSTITUTED;
    *ret_substitute = (struct substitute){0};
    if (negotiation_find((enum negotiation_state)meeting->state, event) == NULL) {
        return OUTCOME_DECIDED;
    }
    if (!matter_poll_is_open(meeting)) {
        const struct entente_span at = {proposal->start, proposal->end};
        return handle_find_substitute(batch, command, meeting, party, at,
                                      proposal->option, ret_substitute);
    }
    for (size_t i = 0; i < proposal->candidates_count; i++) {
        const struct entente_slot *slot = &proposal->candidates[i];
        const struct entente_span at = {slot->start, slot->end};
        if (handle_find_substitute(batch, command, meeting, party, at, slot->option,
                                   ret_substitute) == OUTCOME_NEEDS) {
            return OUTCOME_NEEDS;
        }
        if (ret_substitute->party != NULL) {
            break;
        }
    }
    return OUTCOME_DECIDED;
}

bool handle_take_substitute(struct batch *batch, struct command *command,
                            struct matter *matter, size_t party,
                            const struct entente_actor *actor,
                            const struct substitute *substitute)
{
    const struct entente_meeting *meeting = matter->meeting;
    if (substitute->party == NULL) {
        return false;
    }
    if (meeting->state == ENTENTE_MOVING) {
        return handle_take_place(batch, command, matter, party, substitute, actor) ==
               REPLACED_DONE;
    }
    if (matter_poll_is_open(meeting)) {
        return handle_take_place_in_poll(batch, command, matter, party, substitute,
                                         actor) == REPLACED_DONE;
    }
    struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state, SUBSTITUTED),
        .party = (int)party,
        .actor = actor,
        .substitute = substitute->party,
        .substitute_person = substitute->person,
    };
    matter_step(batch, matter, &step);
    return true;
}
