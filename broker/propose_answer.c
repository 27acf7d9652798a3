// SPDX-License-Identifier: Apache-2.0

/*
 * propose_answer.c - the part of propose.h that says in words of the wire what the
 * matcher found
 *
 * Privacy     Of another party nothing is said but that it is busy, unknown, not offered
 *             or too far away.  That it wants more notice, or takes no more meetings that
 *             day, is nobody else's: it is not offered.  Members of a pool who were not
 *             chosen are not named.
 */
#include "broker/propose_internal.h"

#include "proto/recurrence.h"

static uint32_t absence_of(enum match_reason reason)
{
    switch (reason) {
    case MATCH_ATTENDS:
        return 0;
    case MATCH_IS_BUSY:
        return ENTENTE_IS_BUSY;
    case MATCH_IS_UNKNOWN:
        return ENTENTE_IS_UNKNOWN;
    case MATCH_NOT_OFFERED:
    case MATCH_SHORT_NOTICE:
    case MATCH_DAY_FULL:
        return ENTENTE_NOT_OFFERED;
    case MATCH_TOO_FAR:
        return ENTENTE_TOO_FAR;
    }
    return ENTENTE_IS_UNKNOWN;
}

static bool name_chosen(const struct inquiry *inquiry,
                        const struct match_result *result,
                        const struct match_slot *slot, struct entente_slot *ret)
{
    const struct match_request *request = &inquiry->request;
    ret->chosen =
        arena_array(inquiry->arena, request->party_count, sizeof(*ret->chosen));
    if (ret->chosen == NULL) {
        return false;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        if (party->member_count == 0 || slot->reason[i] != MATCH_ATTENDS) {
            continue;
        }
        const uint16_t *chosen = &result->chosen[slot->chosen_at[i]];
        uint32_t *members =
            arena_array(inquiry->arena, party->needed, sizeof(*members));
        if (members == NULL) {
            return false;
        }
        for (size_t j = 0; j < party->needed; j++) {
            members[j] = inquiry->member_of[i][chosen[j]];
        }
        ret->chosen[ret->chosen_count++] =
            (struct entente_chosen){.party = (uint32_t)inquiry->party_of[i],
                                    .members = members,
                                    .members_count = party->needed};
    }
    return true;
}

static bool name_again(const struct inquiry *inquiry, const struct match_slot *slot,
                       struct entente_slot *ret)
{
    struct match_request request = inquiry->request;
    request.occurrences = recurrence_of(inquiry->question->spec).occurrences;
    if (request.occurrences <= 1) {
        return true;
    }
    ret->again =
        arena_array(inquiry->arena, request.occurrences - 1, sizeof(*ret->again));
    for (uint32_t i = 1; ret->again != NULL && i < request.occurrences; i++) {
        ret->again_count +=
            match_occurrence(&request, slot->start, i, &ret->again[ret->again_count])
                ? 1
                : 0;
    }
    return ret->again != NULL;
}

static bool name_slot(const struct inquiry *inquiry, const struct match_result *result,
                      const struct match_slot *slot, struct entente_slot *ret)
{
    size_t count = inquiry->request.party_count;
    *ret = (struct entente_slot){
        .start = slot->start,
        .end = slot->end,
        .option = slot->option,
        .heads = slot->heads,
        .date_band = slot->merit.date_band,
        .optional_present = (uint32_t)slot->merit.optional_present,
        .typical = (uint32_t)slot->merit.typical,
        .inferred = (uint32_t)slot->merit.inferred,
        .preferred = (uint32_t)slot->merit.preferred,
        .avoid = (uint32_t)slot->merit.avoid,
        .unusable_minutes = (uint32_t)slot->merit.unusable,
    };
    ret->absent = arena_array(inquiry->arena, count, sizeof(*ret->absent));
    ret->asked = arena_array(inquiry->arena, count, sizeof(*ret->asked));
    if (ret->absent == NULL || ret->asked == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if ((slot->asked >> i & 1) != 0) {
            ret->asked[ret->asked_count++] = (uint32_t)inquiry->party_of[i];
        }
        if (slot->reason[i] != MATCH_ATTENDS) {
            ret->absent[ret->absent_count++] = (struct entente_attendance){
                .party = (uint32_t)inquiry->party_of[i],
                .absence = absence_of((enum match_reason)slot->reason[i]),
            };
        }
    }
    return name_chosen(inquiry, result, slot, ret) && name_again(inquiry, slot, ret);
}

struct entente_slot *inquiry_name_slots(const struct inquiry *inquiry,
                                        const struct match_result *result)
{
    struct entente_slot *slots =
        arena_array(inquiry->arena, result->count, sizeof(*slots));
    for (size_t i = 0; slots != NULL && i < result->count; i++) {
        if (!name_slot(inquiry, result, &result->slots[i], &slots[i])) {
            return NULL;
        }
    }
    return slots;
}

/* ---- why not -----------------------------------------------------------------------
 */

static bool name_blame(const struct inquiry *inquiry, const struct match_why *matched,
                       struct entente_why_not *why)
{
    size_t count = inquiry->request.party_count;
    why->blame = arena_array(inquiry->arena, count, sizeof(*why->blame));
    why->blocking = arena_array(inquiry->arena, count, sizeof(*why->blocking));
    if (why->blame == NULL || why->blocking == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct match_blame *of = &matched->blame[i];
        const struct entente_blame blame = {
            .party = (uint32_t)inquiry->party_of[i],
            .busy = of->busy,
            .unknown = of->unknown,
            .not_offered = of->not_offered + of->short_notice + of->day_full,
            .too_far = of->too_far,
        };
        if (blame.busy + blame.unknown + blame.not_offered + blame.too_far > 0) {
            why->blame[why->blame_count++] = blame;
        }
    }
    for (size_t i = 0; i < matched->blocking_count; i++) {
        why->blocking[why->blocking_count++] =
            (uint32_t)inquiry->party_of[matched->blocking[i]];
    }
    return true;
}

/* The numbers of the kinds are the same. */
static struct entente_relaxation name_relaxation(const struct inquiry *inquiry,
                                                 const struct match_relaxation *matched)
{
    struct entente_relaxation ret = {
        .kind = matched->kind,
        .minutes = (uint32_t)matched->minutes,
        .needed = matched->needed,
        .modality = matched->option.modality,
        .feasible = matched->feasible,
        .first = matched->first,
    };
    if (matched->kind == MATCH_WITHOUT_PARTY || matched->kind == MATCH_SMALLER_POOL) {
        ret.party = (uint32_t)inquiry->party_of[matched->party];
    }
    return ret;
}

struct entente_why_not *inquiry_name_why(const struct inquiry *inquiry,
                                         const struct match_why *matched)
{
    struct entente_why_not *why = arena_alloc(inquiry->arena, sizeof(*why));
    if (why == NULL || !name_blame(inquiry, matched, why)) {
        return NULL;
    }
    why->relaxations = arena_array(inquiry->arena, matched->relaxation_count,
                                   sizeof(*why->relaxations));
    if (why->relaxations == NULL) {
        return NULL;
    }
    why->candidates = matched->candidates;
    why->feasible = matched->feasible;
    why->blocking_is_exact = matched->blocking_is_exact;
    why->quorum_blocks = matched->quorum_blocks;
    for (size_t i = 0; i < matched->relaxation_count; i++) {
        why->relaxations[why->relaxations_count++] =
            name_relaxation(inquiry, &matched->relaxations[i]);
    }
    return why;
}
