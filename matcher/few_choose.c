// SPDX-License-Identifier: Apache-2.0

/*
 * few_choose.c - the part of few.h that chooses the slots and says who comes to them
 */
#include "matcher/few_internal.h"

#include <string.h>

/* Choose the best that are far enough from each other; the place of each slot. */
static void choose(const struct few *few, struct match_result *result,
                   uint8_t *ret_places)
{
    int64_t apart = search_apart(few->request);
    uint64_t left = few->suits;

    result->count = 0;
    while (left != 0 && result->count < few->request->wanted) {
        size_t best = (size_t)__builtin_ctzll(left);
        uint64_t away = 0;

        for (uint64_t rest = left & (left - 1); rest != 0; rest &= rest - 1) {
            size_t place = (size_t)__builtin_ctzll(rest);
            bool better = score_compare(&few->best[place], &few->best[best]) < 0;
            best = better ? place : best;
        }
        for (uint64_t rest = left; rest != 0; rest &= rest - 1) {
            int64_t between =
                (int64_t)few->ask.starts[__builtin_ctzll(rest)] - few->ask.starts[best];
            bool near = between < apart && -between < apart;
            away |= near ? 0 : rest & (0 - rest);
        }
        left = away;
        ret_places[result->count] = (uint8_t)best;
        result->count++;
    }
}

/* Why @person does not come to the start at @place, if they do not. */
static enum match_reason find_reason(const struct few *few,
                                     const struct few_person *person, size_t place)
{
    uint16_t here = few_place(few, person->party, few->option[place]);

    if ((few_attend(few, person, few->option[place]) >> place & 1) != 0) {
        return MATCH_ATTENDS;
    }
    if ((person->busy >> place & 1) != 0) {
        return MATCH_IS_BUSY;
    }
    if ((person->not_offered >> place & 1) != 0) {
        return MATCH_NOT_OFFERED;
    }
    return (few_far(&few->ask, person, here) >> place & 1) != 0 ? MATCH_TOO_FAR
                                                                : MATCH_SHORT_NOTICE;
}

/* All of the slot at @place but who is chosen. */
static void describe(const struct few *few, size_t place, struct match_slot *slot)
{
    struct match_merit merit;

    memset(slot, 0, sizeof(*slot)); /* what lies between its members, too */
    slot->start = few->ask.starts[place];
    slot->end = slot->start + few->request->duration;
    slot->option = few->option[place];
    score_merit(&few->days, &few->best[place], &merit);
    slot->merit = merit;
    for (size_t i = 0; i < few->request->party_count; i++) {
        enum match_reason reason = MATCH_ATTENDS;

        if (few->request->parties[i].importance == MATCH_OPTIONAL) {
            reason = find_reason(few, &few->people[few->first_of[i]], place);
            slot->reason[i] = (uint8_t)reason;
        }
        slot->heads += reason == MATCH_ATTENDS;
    }
}

/* Whether slot @a, at the start at place @x, is described before slot @b at place @y. */
static bool is_before(const struct few *few, size_t x, size_t y)
{
    return few->option[x] != few->option[y] ? few->option[x] < few->option[y] : x < y;
}

/* Say who is chosen: by option, pool and start. */
static void name_chosen(const struct few *few, const uint8_t *places,
                        struct match_result *result)
{
    uint8_t order[MATCH_SLOTS_MAX]; /* of the slots */
    size_t chosen = 0;

    for (size_t i = 0; i < result->count; i++) {
        size_t at = i;

        for (; at > 0 && is_before(few, places[i], places[order[at - 1]]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = (uint8_t)i;
    }
    for (size_t begin = 0, end = 0; begin < result->count; begin = end) {
        uint32_t option = result->slots[order[begin]].option;
        size_t pool = 0;

        while (end < result->count && result->slots[order[end]].option == option) {
            end++;
        }
        for (size_t i = 0; i < few->request->party_count; i++) {
            if (few->request->parties[i].member_count == 0) {
                continue;
            }
            for (size_t j = begin; j < end; j++) {
                result->slots[order[j]].chosen_at[i] = (uint32_t)chosen;
                result->chosen[chosen] = few->chosen[pool][places[order[j]]];
                chosen++;
            }
            pool++;
        }
    }
}

void few_choose(const struct few *few, struct match_result *result)
{
    uint8_t places[MATCH_SLOTS_MAX];

    choose(few, result, places);
    for (size_t i = 0; i < result->count; i++) {
        describe(few, places[i], &result->slots[i]);
    }
    name_chosen(few, places, result);
}
