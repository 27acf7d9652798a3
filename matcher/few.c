// SPDX-License-Identifier: Apache-2.0
#include "matcher/few.h"

#include "matcher/calendar.h"
#include "matcher/few_internal.h"

#include <string.h>

/* Whether nothing in the request has to be looked at that is not looked at here. */
static bool is_simple(const struct search *search)
{
    const struct match_request *request = search->request;
    uint32_t heads = 0;
    size_t people = 0;
    size_t pools = 0;

    if (search->list.count > FEW_STARTS || request->urgent) {
        return false;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        bool is_pool = party->member_count > 0;

        if (is_pool && (party->importance == MATCH_OPTIONAL || party->needed > 1)) {
            return false;
        }
        heads += party->importance == MATCH_INDISPENSABLE;
        people += is_pool ? party->member_count : 1;
        pools += is_pool;
    }
    return people <= FEW_PEOPLE && pools <= FEW_POOLS && search->quorum <= heads;
}

/* Begin to look at @match, one of @party; false if that is not done here. */
static bool meet(struct few *few, const struct match_party *party,
                 const struct match_person *match)
{
    struct few_person *person = &few->people[few->people_count];

    if (!few_meet(&few->ask, party, match, person)) {
        return false;
    }
    few->people_count++;
    for (size_t i = 0; person->claim_count > 0 && i < search_option_count(few->request);
         i++) {
        few->depends |= few_far(&few->ask, person, few_place(few, party, i));
    }
    return true;
}

static bool meet_all(struct few *few)
{
    few->people_count = 0;
    few->depends = 0;
    for (size_t i = 0; i < few->request->party_count; i++) {
        const struct match_party *party = &few->request->parties[i];

        few->first_of[i] = (uint8_t)few->people_count;
        if (party->member_count == 0 && !meet(few, party, &party->person)) {
            return false;
        }
        for (size_t j = 0; j < party->member_count; j++) {
            if (!meet(few, party, &party->members[j])) {
                return false;
            }
        }
    }
    return true;
}

/* Look at everybody of @party; returns where @asked somebody comes. */
static uint64_t look(struct few *few, size_t party, uint64_t asked)
{
    size_t members = few->request->parties[party].member_count;
    struct few_person *first = &few->people[few->first_of[party]];
    uint64_t any = 0;

    for (struct few_person *person = first;
         person < first + (members > 0 ? members : 1); person++) {
        few_look(&few->ask, asked, person);
        any |= person->attend;
    }
    return any;
}

/* Look at everybody where it can matter, the pools after those who are alone, and whoever
 * is not needed last; returns the starts that may suit. */
static uint64_t look_at_all(struct few *few)
{
    const struct match_request *request = few->request;
    uint64_t asked = few->ask.all;

    for (unsigned pools = 0; pools <= 1; pools++) {
        for (size_t i = 0; i < request->party_count && asked != 0; i++) {
            if (request->parties[i].importance == MATCH_INDISPENSABLE &&
                (request->parties[i].member_count > 0) == (pools == 1)) {
                asked = look(few, i, asked);
            }
        }
    }
    for (size_t i = 0; i < request->party_count && asked != 0; i++) {
        if (request->parties[i].importance == MATCH_OPTIONAL) {
            look(few, i, asked);
        }
    }
    return asked;
}

/* The starts of @asked that suit with @option. */
static uint64_t find_feasible(const struct few *few, size_t option, uint64_t asked)
{
    for (size_t i = 0; i < few->request->party_count; i++) {
        const struct match_party *party = &few->request->parties[i];
        const struct few_person *first = &few->people[few->first_of[i]];
        uint64_t any = few_attend(few, first, option);

        for (size_t j = 1; j < party->member_count; j++) {
            any |= few_attend(few, first + j, option);
        }
        asked &= party->importance == MATCH_INDISPENSABLE ? any : UINT64_MAX;
    }
    return asked;
}

/* Of the members that may still be chosen, keep at each start those of whom @merit is said,
 * or is not, where there are such. */
static void prefer(const struct few_person *members, size_t count,
                   enum person_merit merit, uint64_t flip, uint64_t *chosen)
{
    uint64_t any = 0;

    for (size_t i = 0; i < count; i++) {
        any |= chosen[i] & (members[i].merits[merit] ^ flip);
    }
    for (size_t i = 0; i < count; i++) {
        chosen[i] &= (members[i].merits[merit] ^ flip) | ~any;
    }
}

/* Of the members that are @chosen at each start keep those of least load: bit by bit of it,
 * the highest first, so that nothing depends on who they are. */
static void spare(const struct match_party *party, uint64_t *chosen)
{
    uint32_t differs = 0;

    for (size_t i = 1; i < party->member_count; i++) {
        differs |= party->members[i].load ^ party->members[0].load;
    }
    while (differs != 0) {
        uint32_t bit = (uint32_t)(31 - __builtin_clz(differs));
        uint64_t any = 0;

        for (size_t i = 0; i < party->member_count; i++) {
            any |= chosen[i] & ((uint64_t)(party->members[i].load >> bit & 1) - 1);
        }
        for (size_t i = 0; i < party->member_count; i++) {
            chosen[i] &= ((uint64_t)(party->members[i].load >> bit & 1) - 1) | ~any;
        }
        differs ^= (uint32_t)1 << bit;
    }
}

/* Who of @who, bits of members who suit equally, comes on @civil_day. */
static size_t draw(const struct match_party *party, uint64_t who, int32_t civil_day)
{
    size_t best = (size_t)__builtin_ctzll(who);

    for (who &= who - 1; who != 0; who &= who - 1) {
        size_t other = (size_t)__builtin_ctzll(who);
        bool is_drawn = match_draw(party->members[other].id, civil_day) <
                        match_draw(party->members[best].id, civil_day);
        best = is_drawn ? other : best;
    }
    return best;
}

/* Each of 8 bits as a byte of its own, the lowest first. */
static inline uint64_t spread(uint64_t bits)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t apart = bits * ones & 0x8040201008040201; /* bit i of byte i */
    return (apart + 0x7f * ones) >> 7 & ones;
}

/* Count one more of @which at each start in @plane. */
static inline void count_up(struct few *few, size_t which, uint64_t plane)
{
    for (size_t i = 0; i < few->ask.count; i += FEW_BYTES) {
        few->counts[which][i / FEW_BYTES] += spread(plane >> i & UINT8_MAX);
    }
}

/* Choose a member of @party, a pool, for each start in @suits, by the order of
 * pool_class(), and count what is said of those who come; false if that depends on other
 * days. */
static bool choose_members(struct few *few, const struct match_party *party,
                           const struct few_person *members, size_t option,
                           uint64_t suits, uint8_t *ret_drawn)
{
    size_t count = party->member_count;
    uint64_t merits[PERSON_MERITS] = {0};
    uint64_t chosen[FEW_PEOPLE];
    uint64_t drawn[FEW_PEOPLE];
    bool is_known = true;

    for (size_t i = 0; i < count; i++) {
        chosen[i] = suits & few_attend(few, &members[i], option);
        drawn[i] = 0;
    }
    prefer(members, count, PERSON_TYPICAL, UINT64_MAX, chosen);
    prefer(members, count, PERSON_INFERRED, UINT64_MAX, chosen);
    prefer(members, count, PERSON_PREFERRED, 0, chosen);
    prefer(members, count, PERSON_AVOID, UINT64_MAX, chosen);
    spare(party, chosen);
    for (; suits != 0; suits &= suits - 1) {
        size_t place = (size_t)__builtin_ctzll(suits);
        uint64_t who = 0;

        for (size_t i = 0; i < count; i++) {
            who |= (chosen[i] >> place & 1) << i;
        }
        ret_drawn[place] = (uint8_t)draw(party, who, few->civil_days[place]);
        drawn[ret_drawn[place]] |= suits & (0 - suits);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
            merits[merit] |= members[i].merits[merit] & drawn[i];
        }
        is_known &= few_add_gaps(&few->ask, drawn[i], &members[i], few->unusable);
    }
    for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
        count_up(few, merit, merits[merit]);
    }
    return is_known;
}

/* Count what everybody says of the starts in @suits with @option; false as above. */
static bool count(struct few *few, size_t option, uint64_t suits)
{
    const struct match_request *request = few->request;
    size_t pool = 0;
    bool is_known = true;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        const struct few_person *first = &few->people[few->first_of[i]];

        if (party->member_count > 0) {
            is_known &=
                choose_members(few, party, first, option, suits, few->drawn[pool]);
            pool++;
            continue;
        }
        uint64_t attend = suits & few_attend(few, first, option);
        for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
            count_up(few, merit, first->merits[merit] & attend);
        }
        count_up(few, FEW_OPTIONAL, party->importance == MATCH_OPTIONAL ? attend : 0);
        is_known &= few_add_gaps(&few->ask, attend, first, few->unusable);
    }
    return is_known;
}

/* How many of @which there are at @place. */
static inline uint32_t read_count(const struct few *few, size_t which, size_t place)
{
    return few->counts[which][place / FEW_BYTES] >> (8 * (place % FEW_BYTES)) &
           UINT8_MAX;
}

/* The tallies of the starts in @suits, which suit with @option; false as above. */
static bool score(struct few *few, size_t option, uint64_t suits)
{
    struct score_weight optional = score_weight_optional();

    memset(few->counts, 0, sizeof(few->counts));
    memset(few->unusable, 0, few->ask.count * sizeof(few->unusable[0]));
    bool is_known = count(few, option, suits);
    for (; suits != 0; suits &= suits - 1) {
        size_t place = (size_t)__builtin_ctzll(suits);
        struct score_tally *tally = &few->tallies[place];
        uint32_t people[PERSON_MERITS];

        for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
            people[merit] = read_count(few, merit, place);
        }
        score_begin_one(&few->days, few->civil_days[place], tally);
        tally->unusable = few->unusable[place];
        score_count(people, tally);
        tally->high += optional.high * read_count(few, FEW_OPTIONAL, place);
    }
    return is_known;
}

/* Keep @option for those in @suits that have no better one yet. */
static void keep(struct few *few, size_t option, uint64_t suits)
{
    for (; suits != 0; suits &= suits - 1) {
        size_t place = (size_t)__builtin_ctzll(suits);
        bool is_first = (few->suits >> place & 1) == 0;

        if (is_first || score_compare(&few->tallies[place], &few->best[place]) < 0) {
            few->suits |= (uint64_t)1 << place;
            few->best[place] = few->tallies[place];
            few->option[place] = (uint8_t)option;
            for (size_t i = 0; i < FEW_POOLS; i++) {
                few->chosen[i][place] = few->drawn[i][place];
            }
        }
    }
}

/* Evaluate the starts in @asked; false as above.  Where another option makes no
 * difference, it is as good as the first one and comes behind it. */
static bool evaluate(struct few *few, uint64_t asked)
{
    size_t options = search_option_count(few->request);

    few->suits = 0;
    for (size_t option = 0; option < options && asked != 0; option++) {
        uint64_t suits = find_feasible(few, option, asked);

        if (!score(few, option, suits)) {
            return false;
        }
        keep(few, option, suits);
        asked &= few->depends;
    }
    return true;
}

static void read_days(struct few *few)
{
    struct civil civil = {0};

    for (size_t i = 0; i < few->ask.count; i++) {
        minute_t start = few->ask.starts[i];

        if (civil.until == 0 || start >= civil.until) {
            civil = calendar_read(few->request, start);
        }
        few->civil_days[i] = civil.day;
    }
    few->days =
        score_find_days_from(few->request, few->ask.starts[0], few->civil_days[0]);
}

bool few_run(const struct search *search, struct match_result *result)
{
    struct few few;

    few.request = search->request;
    if (!is_simple(search) ||
        !few_begin(search->request, search->list.starts, search->list.count,
                   &few.ask) ||
        !meet_all(&few)) {
        return false;
    }
    read_days(&few);
    if (!evaluate(&few, look_at_all(&few))) {
        return false;
    }
    few_choose(&few, result);
    return true;
}
