// SPDX-License-Identifier: Apache-2.0
#include "matcher/quick_people.h"

#include <string.h>

void quick_begin(struct search *search)
{
    const struct match_request *request = search->request;
    size_t count = 0;

    search->indispensable = 0;
    search->heads = 0;
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        search->first_of[i] = count;
        if (party->importance == MATCH_INDISPENSABLE) {
            search->indispensable |= (uint64_t)1 << i;
            search->heads += party->member_count > 0 ? (uint32_t)party->needed : 1;
        }
        count += party->member_count > 0 ? party->member_count : 1;
    }
    for (size_t i = 0; i < count; i++) {
        search->glances[i].number = 0;
    }
    glance_begin(request, &search->glance);
}

/* Find @starts among those that are judged. */
static bool find_places(const struct axis *judged, const minute_t *starts, size_t count,
                        uint8_t *ret_places)
{
    size_t place = 0;

    for (size_t i = 0; i < count; i++) {
        while (place < judged->count && judged->starts[place] < starts[i]) {
            place++;
        }
        if (place == judged->count || judged->starts[place] != starts[i]) {
            return false;
        }
        ret_places[i] = (uint8_t)place;
    }
    return true;
}

uint64_t quick_enter(struct search *search, const minute_t *starts, size_t count,
                     uint8_t ret_places[static AXIS_WORD])
{
    struct glance_ask *ask = &search->glance;
    uint64_t places = 0;

    if (!find_places(&ask->starts, starts, count, ret_places)) {
        for (size_t i = 0; i < count; i++) {
            search->glance_starts[i] = starts[i];
            ret_places[i] = (uint8_t)i;
        }
        glance_ask_about(ask, search->glance_starts, count);
        search->depends = 0;
        for (size_t i = 0; i < search->request->party_count; i++) {
            search->drawn[i] = 0;
            search->drawn_option[i] = 0;
        }
    }
    for (size_t i = 0; i < count; i++) {
        places |= (uint64_t)1 << ret_places[i];
    }
    return places;
}

static struct way way_of(const struct search *search, size_t option, size_t party)
{
    const struct match_party *of = &search->request->parties[party];
    struct match_option as = search_option(search->request, option);

    return (struct way){of->modality != 0 ? of->modality : as.modality,
                        of->place != 0 ? of->place : as.place};
}

static const struct match_person *person_of(const struct search *search, size_t party,
                                            size_t member)
{
    const struct match_party *of = &search->request->parties[party];
    return of->member_count > 0 ? &of->members[member] : &of->person;
}

/* The glance of @member of @party, without anything that does not hold with @option. */
static struct glance *glance_of(struct search *search, size_t option, size_t party,
                                size_t member)
{
    struct glance *glance = &search->glances[search->first_of[party] + member];
    struct way way = way_of(search, option, party);

    if (glance->number != search->glance.number) {
        glance_forget(glance, UINT64_MAX);
        /* What is said of some starts is put beside what was said of others. */
        memset(glance->reasons, 0, sizeof(glance->reasons));
        memset(glance->merits, 0, sizeof(glance->merits));
        glance->number = search->glance.number;
    } else if (glance->way.modality != way.modality || glance->way.place != way.place) {
        glance_forget(glance, glance->depends);
    }
    glance->way = way;
    return glance;
}

struct glance *quick_look(struct search *search, size_t option, size_t party,
                          size_t member, uint64_t asked)
{
    struct glance *glance = glance_of(search, option, party, member);

    asked &= ~glance->known;
    if (asked != 0) {
        glance_look(&search->glance, &search->request->parties[party],
                    person_of(search, party, member), asked, glance);
        search->depends |= glance->depends;
    }
    return glance;
}

/* At which of @asked @member of @party can come. */
static uint64_t attend_of(struct search *search, size_t option, size_t party,
                          size_t member, uint64_t asked)
{
    struct glance *glance = glance_of(search, option, party, member);
    uint64_t open = asked & ~glance->met;

    if (open != 0) {
        glance_meet(&search->glance, &search->request->parties[party],
                    person_of(search, party, member), open, glance);
        search->depends |= glance->depends;
    }
    return glance->attend & asked;
}

uint64_t quick_attend(struct search *search, size_t option, size_t party,
                      uint64_t asked)
{
    const struct match_party *of = &search->request->parties[party];
    uint64_t counter[POOL_LEVELS] = {0};
    uint64_t reached = 0;
    size_t levels = 1;

    if (of->member_count == 0) {
        return attend_of(search, option, party, 0, asked);
    }
    while (of->member_count >> levels != 0) {
        levels++;
    }
    for (size_t i = 0; i < of->member_count; i++) {
        uint64_t attend = attend_of(search, option, party, i, asked);
        if (attend != 0) {
            pool_count_up(counter, levels, &attend, 1);
        }
    }
    pool_find_reached(counter, levels, of->needed, &reached, 1);
    return reached & asked;
}

const struct glance *quick_choose(struct search *search, size_t option, size_t party,
                                  uint64_t attend)
{
    const struct match_party *of = &search->request->parties[party];
    struct glance *glances = &search->glances[search->first_of[party]];

    if ((attend & ~search->drawn[party]) == 0 &&
        (search->drawn_option[party] == option || (attend & search->depends) == 0)) {
        return glances;
    }
    search->drawn[party] = attend;
    search->drawn_option[party] = (uint8_t)option;
    for (size_t i = 0; i < of->member_count; i++) {
        uint64_t of_member = attend_of(search, option, party, i, attend);
        if (of_member != 0) {
            quick_look(search, option, party, i, of_member);
        }
        glances[i].chosen = 0;
    }
    for (; attend != 0; attend &= attend - 1) {
        size_t place = (size_t)__builtin_ctzll(attend);
        uint64_t bit = attend & -attend;
        size_t count = 0;

        for (size_t i = 0; i < of->member_count; i++) {
            if ((glances[i].attend & bit) != 0) {
                size_t class_index = pool_class(glances[i].merits, 1, place);
                search->pools.who[count] = pool_who(i, class_index);
                count++;
            }
        }
        pool_draw(search->request, of, search->glance.starts.starts[place],
                  &search->pools, count);
        for (size_t i = 0; i < of->needed; i++) {
            glances[search->pools.who[i] & POOL_WHO].chosen |= bit;
        }
    }
    return glances;
}

void quick_add_gaps(struct search *search, size_t option, size_t party, size_t member,
                    uint64_t attend, uint64_t later, uint64_t *unusable)
{
    struct glance *glance = quick_look(search, option, party, member, attend);

    if ((attend & ~glance->gapped) != 0) {
        glance->gapped = glance->attend & (attend | later);
        glance_gaps(&search->glance, &search->request->parties[party],
                    person_of(search, party, member), glance);
    }
    for (; attend != 0; attend &= attend - 1) {
        size_t place = (size_t)__builtin_ctzll(attend);
        unusable[place] += glance->gaps[place];
    }
}
