// SPDX-License-Identifier: Apache-2.0

/*
 * quick_describe.c - the part of quick_people.h that says who comes to a slot, and why not
 */
#include "matcher/quick_people.h"

#include <string.h>

/* Slots with the same option, by start. */
struct slots {
    struct match_slot *slot[MATCH_SLOTS_MAX];
    uint8_t places[AXIS_WORD];
    size_t count;
    uint64_t all;
};

static_assert((int)MATCH_SLOTS_MAX <= (int)AXIS_WORD, "all slots in one word");

/* Of a start of which everything is known. */
static enum match_reason first_reason(const struct glance *glance, size_t place)
{
    size_t first = 0;

    if (plane_has(&glance->attend, place)) {
        return MATCH_ATTENDS;
    }
    while (first + 1 < PERSON_REASONS && !plane_has(&glance->reasons[first], place)) {
        first++;
    }
    return (enum match_reason)(first + 1);
}

static void describe_person(struct search *search, size_t option, size_t party,
                            const struct slots *slots)
{
    const struct glance *glance = quick_look(search, option, party, 0, slots->all);

    for (size_t i = 0; i < slots->count; i++) {
        enum match_reason reason = first_reason(glance, slots->places[i]);
        slots->slot[i]->reason[party] = (uint8_t)reason;
        slots->slot[i]->heads += reason == MATCH_ATTENDS;
    }
}

static enum match_reason reason_of_pool(struct search *search, size_t option,
                                        size_t party, size_t place)
{
    uint32_t counts[PERSON_REASONS + 1] = {0};

    for (size_t i = 0; i < search->request->parties[party].member_count; i++) {
        const struct glance *glance =
            quick_look(search, option, party, i, (uint64_t)1 << place);
        counts[first_reason(glance, place)]++;
    }
    return pool_reason(counts);
}

static void describe_pool(struct search *search, size_t option, size_t party,
                          const struct slots *slots, struct match_result *result,
                          size_t *chosen)
{
    const struct match_party *of = &search->request->parties[party];
    uint64_t attend = of->importance == MATCH_INDISPENSABLE
                          ? slots->all
                          : quick_attend(search, option, party, slots->all);
    const struct glance *members = quick_choose(search, option, party, attend);

    for (size_t i = 0; i < slots->count; i++) {
        struct match_slot *slot = slots->slot[i];
        size_t place = slots->places[i];

        if (!plane_has(&attend, place)) {
            slot->reason[party] = (uint8_t)reason_of_pool(search, option, party, place);
            continue;
        }
        slot->heads += (uint32_t)of->needed;
        slot->chosen_at[party] = (uint32_t)*chosen;
        /* Whoever is not chosen is written over by the next one. */
        size_t end = *chosen + of->needed;
        for (size_t j = 0; *chosen < end; j++) {
            result->chosen[*chosen] = (uint16_t)j;
            *chosen += plane_has(&members[j].chosen, place);
        }
    }
}

static void describe(struct search *search, size_t option, struct slots *slots,
                     struct match_result *result, size_t *chosen)
{
    const struct match_request *request = search->request;
    minute_t starts[MATCH_SLOTS_MAX];
    uint32_t certain = 0; /* people who must come, and do */

    for (size_t i = 0; i < slots->count; i++) {
        struct match_slot *slot = slots->slot[i];
        struct match_merit merit = slot->merit;

        starts[i] = slot->start;
        memset(slot, 0, sizeof(*slot));
        slot->merit = merit;
        slot->start = starts[i];
        slot->end = starts[i] + request->duration;
        slot->option = (uint32_t)option;
    }
    slots->all = quick_enter(search, starts, slots->count, slots->places);
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        if (party->member_count > 0) {
            describe_pool(search, option, i, slots, result, chosen);
        } else if (party->importance == MATCH_OPTIONAL) {
            describe_person(search, option, i, slots);
        } else {
            certain++;
        }
    }
    for (size_t i = 0; i < slots->count; i++) {
        slots->slot[i]->heads += certain;
    }
}

void quick_describe_all(struct search *search, struct match_result *result)
{
    size_t chosen = 0;

    for (size_t option = 0; option < search_option_count(search->request); option++) {
        struct slots slots;

        slots.count = 0;

        for (size_t i = 0; i < result->count; i++) {
            struct match_slot *slot = &result->slots[i];
            size_t at = slots.count;

            if (slot->option != option) {
                continue;
            }
            for (; at > 0 && slots.slot[at - 1]->start > slot->start; at--) {
                slots.slot[at] = slots.slot[at - 1];
            }
            slots.slot[at] = slot;
            slots.count++;
        }
        if (slots.count > 0) {
            describe(search, option, &slots, result, &chosen);
        }
    }
}
