// SPDX-License-Identifier: Apache-2.0
#include "matcher/quick_people.h"

#include "matcher/calendar.h"

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
        for (size_t i = 0; i < search_option_count(search->request); i++) {
            search->suits[i] = 0;
            search->gapped[i] = 0;
        }
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

/* A party, and in which way it attends. */
struct seat {
    const struct match_party *party;
    struct way way;
    struct glance *glances; /* of its members, or of itself */
};

static inline struct seat seat_of(const struct search *search, size_t option,
                                  size_t party)
{
    const struct match_party *of = &search->request->parties[party];
    struct match_option as = search_option(search->request, option);

    return (struct seat){
        .party = of,
        .way = {of->modality != 0 ? of->modality : as.modality,
                of->place != 0 ? of->place : as.place},
        .glances = &search->glances[search->first_of[party]],
    };
}

/* The glance of @member, without anything that does not hold for the way of @seat. */
static inline struct glance *glance_of(const struct search *search,
                                       const struct seat *seat, size_t member)
{
    const struct match_party *party = seat->party;
    struct glance *glance = &seat->glances[member];

    if (glance->number != search->glance.number) {
        glance_open(&search->glance, party,
                    party->member_count > 0 ? &party->members[member] : &party->person,
                    seat->way, glance);
    } else if (glance->view.way.modality != seat->way.modality ||
               glance->view.way.place != seat->way.place) {
        glance_turn(glance, seat->way);
    }
    return glance;
}

static struct glance *look(struct search *search, const struct seat *seat,
                           size_t member, uint64_t asked)
{
    struct glance *glance = glance_of(search, seat, member);

    if ((asked & ~glance->known) != 0) {
        glance_look(glance, asked & ~glance->known);
        search->depends |= glance->depends;
    }
    return glance;
}

struct glance *quick_look(struct search *search, size_t option, size_t party,
                          size_t member, uint64_t asked)
{
    struct seat seat = seat_of(search, option, party);
    return look(search, &seat, member, asked);
}

/* At which of @asked @member can come. */
static inline uint64_t attend_of(struct search *search, const struct seat *seat,
                                 size_t member, uint64_t asked)
{
    struct glance *glance = glance_of(search, seat, member);

    if ((asked & ~glance->met) != 0) {
        glance_meet(glance, asked & ~glance->met);
        search->depends |= glance->depends;
    }
    return glance->attend & asked;
}

/* At which of @asked enough members can come. */
static uint64_t attend_of_pool(struct search *search, const struct seat *seat,
                               uint64_t asked)
{
    size_t members = seat->party->member_count;
    uint64_t counter[POOL_LEVELS];
    uint64_t reached = 0;
    size_t levels = 1;

    while (members >> levels != 0) {
        levels++;
    }
    plane_zero(counter, levels);
    for (size_t i = 0; i < members; i++) {
        uint64_t attend = attend_of(search, seat, i, asked);
        if (attend != 0) {
            pool_count_up(counter, &attend, 1);
        }
    }
    pool_find_reached(counter, levels, seat->party->needed, &reached, 1);
    return reached & asked;
}

uint64_t quick_attend(struct search *search, size_t option, size_t party,
                      uint64_t asked)
{
    struct seat seat = seat_of(search, option, party);

    return seat.party->member_count > 0 ? attend_of_pool(search, &seat, asked)
                                        : attend_of(search, &seat, 0, asked);
}

/* Choose the members for the start at @place, at which enough can come. */
static void choose_at(struct search *search, const struct seat *seat, size_t place,
                      struct civil *civil)
{
    uint32_t *who = search->pools.who;
    uint64_t bit = (uint64_t)1 << place;
    minute_t start = search->glance.starts.starts[place];
    size_t count = 0;

    /* Whoever cannot come is written over by the next one, or left out at the end. */
    for (size_t i = 0; i < seat->party->member_count; i++) {
        who[count] = pool_who(i, pool_class(seat->glances[i].merits, 1, place));
        count += plane_has(&seat->glances[i].attend, place);
    }
    if (count > seat->party->needed) {
        if (civil->until == 0 || start >= civil->until) {
            *civil = calendar_read(search->request, start);
        }
        pool_draw(seat->party, civil->day, who, count);
    }
    for (size_t i = 0; i < seat->party->needed; i++) {
        seat->glances[who[i] & POOL_WHO].chosen |= bit;
    }
}

/* Of the members that may still be chosen, keep at each start those of whom @merit is said,
 * or is not, where there are such. */
static void prefer(const struct seat *seat, enum person_merit merit, bool is_said)
{
    uint64_t flip = is_said ? 0 : UINT64_MAX;
    uint64_t any = 0;

    for (size_t i = 0; i < seat->party->member_count; i++) {
        any |= seat->glances[i].chosen & (seat->glances[i].merits[merit] ^ flip);
    }
    for (size_t i = 0; i < seat->party->member_count; i++) {
        seat->glances[i].chosen &= (seat->glances[i].merits[merit] ^ flip) | ~any;
    }
}

/* Choose one member for each start, of those whom glance->chosen has: of all starts at once
 * those who suit best (pool_class()), and only where these are several is a lot drawn. */
static void choose_one(struct search *search, const struct seat *seat)
{
    uint32_t *who = search->pools.who;
    struct civil civil = {0};
    uint64_t any = 0;
    uint64_t several = 0;

    prefer(seat, PERSON_TYPICAL, false);
    prefer(seat, PERSON_INFERRED, false);
    prefer(seat, PERSON_PREFERRED, true);
    prefer(seat, PERSON_AVOID, false);
    for (size_t i = 0; i < seat->party->member_count; i++) {
        several |= any & seat->glances[i].chosen;
        any |= seat->glances[i].chosen;
    }
    for (; several != 0; several &= several - 1) {
        minute_t start = search->glance.starts.starts[__builtin_ctzll(several)];
        uint64_t bit = several & -several;
        size_t count = 0;

        if (civil.until == 0 || start >= civil.until) {
            civil = calendar_read(search->request, start);
        }
        for (size_t i = 0; i < seat->party->member_count; i++) {
            who[count] = pool_who(i, 0);
            count += (seat->glances[i].chosen & bit) != 0;
            seat->glances[i].chosen &= ~bit;
        }
        pool_draw(seat->party, civil.day, who, count);
        seat->glances[who[0] & POOL_WHO].chosen |= bit;
    }
}

const struct glance *quick_choose(struct search *search, size_t option, size_t party,
                                  uint64_t attend)
{
    struct seat seat = seat_of(search, option, party);
    struct civil civil = {0};

    if ((attend & ~search->drawn[party]) == 0 &&
        (search->drawn_option[party] == option || (attend & search->depends) == 0)) {
        return seat.glances;
    }
    search->drawn[party] = attend;
    search->drawn_option[party] = (uint8_t)option;
    for (size_t i = 0; i < seat.party->member_count; i++) {
        uint64_t of_member = attend_of(search, &seat, i, attend);
        if (of_member != 0) {
            look(search, &seat, i, of_member);
        }
        seat.glances[i].chosen = seat.party->needed == 1 ? of_member : 0;
    }
    if (seat.party->needed == 1) {
        choose_one(search, &seat);
        return seat.glances;
    }
    for (; attend != 0; attend &= attend - 1) {
        choose_at(search, &seat, (size_t)__builtin_ctzll(attend), &civil);
    }
    return seat.glances;
}

void quick_add_gaps(const struct search *search, size_t option, size_t party,
                    size_t member, uint64_t attend, uint32_t *unusable)
{
    struct seat seat = seat_of(search, option, party);

    glance_add_gaps(glance_of(search, &seat, member), attend, unusable);
}
