// SPDX-License-Identifier: Apache-2.0
#include "matcher/check.h"

#include "matcher/person.h"

static bool are_times_of_day_valid(const struct match_request *request)
{
    if (request->times_of_day_count > MATCH_TIMES_OF_DAY_MAX) {
        return false;
    }
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        const struct match_span *times = &request->times_of_day[i];
        if (times->start < 0 || times->start >= times->end ||
            times->end > MINUTES_PER_DAY) {
            return false;
        }
    }
    return true;
}

static bool are_offsets_valid(const struct match_request *request)
{
    const struct match_offset *offsets = request->offsets;

    if (request->offset_count > 0 && !offsets) {
        return false;
    }
    for (size_t i = 0; i < request->offset_count; i++) {
        if (offsets[i].offset_minutes < -MINUTES_PER_DAY ||
            offsets[i].offset_minutes > MINUTES_PER_DAY) {
            return false;
        }
        if (i > 0 && offsets[i].from <= offsets[i - 1].from) {
            return false;
        }
    }
    return true;
}

static bool are_days_valid(const struct match_request *request)
{
    if (request->closed_day_count > MATCH_CLOSED_DAYS_MAX ||
        (request->closed_day_count > 0 && !request->closed_days)) {
        return false;
    }
    for (size_t i = 1; i < request->closed_day_count; i++) {
        if (request->closed_days[i] <= request->closed_days[i - 1]) {
            return false;
        }
    }
    return request->weekdays < (1u << 7);
}

static bool has_arrays(const struct match_person *person)
{
    return (person->source_count == 0 || person->sources) &&
           (person->claim_count == 0 || person->claims);
}

static bool is_importance(enum match_importance importance)
{
    return importance == MATCH_INDISPENSABLE || importance == MATCH_OPTIONAL;
}

static bool are_buffers_valid(const struct match_party *party)
{
    return party->buffer_before >= 0 && party->buffer_before <= MATCH_BUFFER_MAX &&
           party->buffer_after >= 0 && party->buffer_after <= MATCH_BUFFER_MAX;
}

/* The people of @party: itself, or the members of a pool. */
static const struct match_person *people_of(const struct match_party *party,
                                            size_t *ret_count)
{
    *ret_count = party->member_count > 0 ? party->member_count : 1;
    return party->member_count > 0 ? party->members : &party->person;
}

/* Count @person; whether notice and caps are right. */
static inline bool meet(const struct match_person *person, struct check_crowd *crowd)
{
    size_t ranges = person->claim_count;
    bool is_limited = true;

    if (person->record) {
        size_t decoded = person_record_bound(person->record);

        crowd->records++;
        crowd->decoded += decoded;
        ranges += decoded;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        const struct match_source *source = &person->sources[i];

        is_limited &= source->notice >= 0 && source->notice <= MATCH_NOTICE_MAX &&
                      source->daily_cap >= 0;
        ranges += source->range_count;
    }
    crowd->people++;
    crowd->sources += person->source_count;
    crowd->claims += person->claim_count;
    crowd->ranges = ranges > crowd->ranges ? ranges : crowd->ranges;
    return is_limited;
}

static enum match_status check_pool(const struct match_party *party,
                                    struct check_crowd *crowd)
{
    bool is_limited = are_buffers_valid(party);

    if (party->member_count > MATCH_POOL_MAX || !party->members || party->needed < 1 ||
        party->needed > party->member_count) {
        return MATCH_BAD_POOL;
    }
    for (size_t i = 0; i < party->member_count; i++) {
        if (!has_arrays(&party->members[i])) {
            return MATCH_BAD_POOL;
        }
        is_limited &= meet(&party->members[i], crowd);
    }
    crowd->members =
        party->member_count > crowd->members ? party->member_count : crowd->members;
    return is_limited ? MATCH_OK : MATCH_BAD_LIMITS;
}

/* Count the people of @party; what is wrong with it. */
static inline enum match_status check_party(const struct match_party *party,
                                            struct check_crowd *crowd)
{
    if (!is_importance(party->importance)) {
        return MATCH_BAD_PARTIES;
    }
    if (party->member_count > 0) {
        return party->ask_if_unknown ? MATCH_BAD_PARTIES : check_pool(party, crowd);
    }
    if (!has_arrays(&party->person)) {
        return MATCH_BAD_PARTIES;
    }
    crowd->asks |= party->ask_if_unknown;
    return meet(&party->person, crowd) && are_buffers_valid(party) ? MATCH_OK
                                                                   : MATCH_BAD_LIMITS;
}

/* Count those who come first and have a record, no more: mostly these are all, and every
 * search goes through them.  Returns how many there are; nothing is wrong with them. */
static size_t meet_plain(const struct match_request *request,
                         struct check_crowd *ret_crowd)
{
    struct check_crowd crowd = {0};
    bool may = false; /* stay away */
    size_t count = 0;

    for (; count < request->party_count; count++) {
        const struct match_party *party = &request->parties[count];
        const struct match_person *person = &party->person;

        if (party->member_count > 0 || !person->record || person->source_count > 0 ||
            person->claim_count > 0 || !is_importance(party->importance) ||
            !are_buffers_valid(party)) {
            break;
        }
        crowd.asks |= party->ask_if_unknown;
        may |= party->importance != MATCH_INDISPENSABLE;
    }
    crowd.people = count;
    crowd.records = count;
    crowd.plain = count;
    crowd.all_must = count == request->party_count && !may && !crowd.asks;
    *ret_crowd = crowd;
    return count;
}

void check_weigh(const struct match_request *request, struct check_crowd *crowd)
{
    for (size_t i = 0; i < crowd->plain; i++) {
        size_t decoded = person_record_bound(request->parties[i].person.record);

        crowd->decoded += decoded;
        crowd->ranges = decoded > crowd->ranges ? decoded : crowd->ranges;
    }
}

/* Any party that is none comes before any pool that is none, and this before limits. */
static enum match_status check_parties(const struct match_request *request,
                                       struct check_crowd *ret_crowd)
{
    enum match_status status = MATCH_OK;
    struct check_crowd crowd;

    if (request->party_count < 1 || request->party_count > MATCH_PARTIES_MAX ||
        !request->parties) {
        return MATCH_BAD_PARTIES;
    }
    for (size_t i = meet_plain(request, &crowd); i < request->party_count; i++) {
        enum match_status found = check_party(&request->parties[i], &crowd);

        if (found == MATCH_BAD_PARTIES) {
            return found;
        }
        if (found != MATCH_OK && status != MATCH_BAD_POOL) {
            status = found;
        }
    }
    *ret_crowd = crowd;
    return status;
}

static bool are_numbers_valid(const struct match_request *request)
{
    return request->wanted >= 1 && request->wanted <= MATCH_SLOTS_MAX &&
           request->apart >= 0 &&
           request->quorum <= (uint32_t)MATCH_PARTIES_MAX * MATCH_POOL_MAX &&
           (request->tentative == MATCH_TENTATIVE_EXCLUDED ||
            request->tentative == MATCH_TENTATIVE_SOFT);
}

static bool are_options_valid(const struct match_request *request)
{
    const struct match_leg *legs = request->legs;

    if (request->option_count > MATCH_OPTIONS_MAX ||
        request->leg_count > MATCH_LEGS_MAX ||
        (request->option_count > 0 && !request->options) ||
        (request->leg_count > 0 && !legs)) {
        return false;
    }
    for (size_t i = 0; i < request->leg_count; i++) {
        if (legs[i].minutes < 0 || legs[i].minutes > MATCH_TRAVEL_MAX) {
            return false;
        }
        if (i > 0 &&
            (legs[i].from < legs[i - 1].from ||
             (legs[i].from == legs[i - 1].from && legs[i].to <= legs[i - 1].to))) {
            return false;
        }
    }
    return true;
}

static bool is_series_valid(const struct match_request *request)
{
    return request->occurrences <= 1 ||
           (request->occurrences <= MATCH_OCCURRENCES_MAX &&
            (request->step == MATCH_WEEKLY || request->step == MATCH_FORTNIGHTLY ||
             request->step == MATCH_MONTHLY || request->step == MATCH_MONTHLY_LAST));
}

enum match_status check_limits(const struct match_request *request,
                               struct check_crowd *ret_crowd)
{
    struct check_crowd crowd;

    if (request->duration < 1 || request->duration > MATCH_DURATION_MAX) {
        return MATCH_BAD_DURATION;
    }
    if (request->grid < 0 || request->grid > MINUTES_PER_DAY) {
        return MATCH_BAD_GRID;
    }
    enum match_status status = check_parties(request, &crowd);
    if (status != MATCH_OK) {
        return status;
    }
    if (!are_numbers_valid(request) || !are_days_valid(request) ||
        !are_times_of_day_valid(request) || !are_offsets_valid(request)) {
        return MATCH_BAD_LIMITS;
    }
    if (!are_options_valid(request)) {
        return MATCH_BAD_OPTIONS;
    }
    if (!is_series_valid(request)) {
        return MATCH_BAD_SERIES;
    }
    *ret_crowd = crowd;
    return MATCH_OK;
}

/* Slots that reach from @first to @last fit into what one search may look at. */
static enum match_status check_reach(int64_t first, int64_t last)
{
    bool fits = last - first <= (int64_t)MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY &&
                last <= INT32_MAX;
    return fits ? MATCH_OK : MATCH_BAD_WINDOW;
}

static enum match_status check_picked(const struct match_request *request)
{
    if (request->picked_count > MATCH_WINDOWS_MAX || !request->picked) {
        return MATCH_BAD_WINDOW;
    }

    int64_t first = request->picked[0];
    int64_t last = request->picked[0];
    for (size_t i = 1; i < request->picked_count; i++) {
        first = request->picked[i] < first ? request->picked[i] : first;
        last = request->picked[i] > last ? request->picked[i] : last;
    }
    return check_reach(first, last + request->duration);
}

enum match_status check_windows(const struct match_request *request)
{
    if (request->picked_count > 0) {
        return check_picked(request);
    }
    if (request->window_count < 1 || request->window_count > MATCH_WINDOWS_MAX ||
        !request->windows) {
        return MATCH_BAD_WINDOW;
    }

    int64_t first = request->windows[0].start;
    int64_t last = request->windows[0].end;
    for (size_t i = 0; i < request->window_count; i++) {
        const struct match_span *window = &request->windows[i];
        if (window->start >= window->end) {
            return MATCH_BAD_WINDOW;
        }
        first = window->start < first ? window->start : first;
        last = window->end > last ? window->end : last;
    }
    return check_reach(first, last);
}

enum { SAYS_CERTAINTY = 1 << 8, SAYS_PREFERENCE = 1 << 9, SAYS_BOTH = 3 << 8 };

/* What @range says, with SAYS_BOTH if that is something.  There is nothing to guess: kinds
 * come in any order.  What is not free may have any numbers in it. */
static inline unsigned read_range(const struct match_range *range)
{
    static const uint16_t certainties[UINT8_MAX + 1] = {
        [MATCH_DECLARED] = SAYS_CERTAINTY | PERSON_SAYS_DECLARED,
        [MATCH_INFERRED] = SAYS_CERTAINTY | PERSON_SAYS_INFERRED,
        [MATCH_TYPICAL] = SAYS_CERTAINTY | PERSON_SAYS_TYPICAL,
    };
    static const uint16_t preferences[UINT8_MAX + 1] = {
        [MATCH_NEUTRAL] = SAYS_PREFERENCE | 1 << PERSON_SAYS_PREFERENCE,
        [MATCH_PREFERRED] = SAYS_PREFERENCE | PERSON_SAYS_PREFERRED,
        [MATCH_AVOID] = SAYS_PREFERENCE | PERSON_SAYS_AVOID,
    };
    static const uint16_t others[UINT8_MAX + 1] = {
        [MATCH_BUSY] = SAYS_BOTH | PERSON_SAYS_BUSY,
        [MATCH_TENTATIVE] = SAYS_BOTH | PERSON_SAYS_TENTATIVE,
    };
    unsigned is_free = range->kind == MATCH_FREE;

    return ((certainties[range->certainty] | preferences[range->preference]) &
            (0 - is_free)) |
           others[range->kind];
}

/* Ascends as (start, end) does. */
static inline uint64_t order_of(const struct match_range *range)
{
    return (uint64_t)((uint32_t)range->start ^ 1u << 31) << 32 |
           ((uint32_t)range->end ^ 1u << 31);
}

bool check_source(const struct match_source *source, struct check_survey *ret_survey)
{
    const struct match_range *end = source->ranges + source->range_count;
    int64_t longest = 0;
    int64_t shortest = INT64_MAX;
    unsigned any = 0;
    unsigned all = SAYS_BOTH;
    uint64_t last = 0;
    bool is_sorted = true;

    if (source->range_count > 0 && !source->ranges) {
        return false;
    }
    for (const struct match_range *range = source->ranges; range < end; range++) {
        int64_t length = (int64_t)range->end - range->start;
        unsigned says = read_range(range);
        uint64_t order = order_of(range);

        longest = length > longest ? length : longest;
        shortest = length < shortest ? length : shortest;
        any |= says;
        all &= says;
        is_sorted &= last <= order;
        last = order;
    }
    ret_survey->longest = longest;
    ret_survey->says = (uint8_t)any;
    return is_sorted && shortest > 0 && all == SAYS_BOTH;
}

static bool are_claims_valid(const struct match_person *person)
{
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct match_span *claim = &person->claims[i];
        if (claim->start >= claim->end || (i > 0 && claim->start < claim[-1].end)) {
            return false;
        }
    }
    return true;
}

static bool is_person_valid(const struct match_person *person,
                            struct check_survey *surveys)
{
    struct check_survey unused;

    if (!are_claims_valid(person) || (person->record && person->source_count > 0)) {
        return false;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        if (!check_source(&person->sources[i], surveys ? &surveys[i] : &unused)) {
            return false;
        }
    }
    return true;
}

enum match_status check_ranges(const struct match_request *request,
                               const struct check_crowd *crowd,
                               struct check_survey *ret_surveys)
{
    bool has_any = crowd->sources > 0 || crowd->claims > 0;

    for (size_t i = 0; has_any && i < request->party_count; i++) {
        size_t count = 0;
        const struct match_person *people = people_of(&request->parties[i], &count);

        for (size_t j = 0; j < count; j++) {
            if (!is_person_valid(&people[j], ret_surveys)) {
                return MATCH_BAD_RANGES;
            }
            ret_surveys += ret_surveys ? people[j].source_count : 0;
        }
    }
    return MATCH_OK;
}

size_t check_names_bound(const struct check_crowd *crowd)
{
    size_t room = 1;

    while (room < 2 * crowd->people) {
        room *= 2;
    }
    return room;
}

/* Where @id stands in the table, or would stand.  A free place holds UINT64_MAX. */
static size_t find_name(const uint64_t *table, size_t room, uint64_t id)
{
    size_t place = (size_t)match_draw(id, 0) & (room - 1);
    while (table[place] != UINT64_MAX && table[place] != id) {
        place = (place + 1) & (room - 1);
    }
    return place;
}

enum match_status check_names(const struct match_request *request,
                              const struct check_crowd *crowd, uint64_t *table)
{
    size_t room = check_names_bound(crowd);
    bool has_last = false; /* somebody is called UINT64_MAX */

    for (size_t i = 0; i < room; i++) {
        table[i] = UINT64_MAX;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        for (size_t j = 0; j < party->member_count; j++) {
            uint64_t id = party->members[j].id;
            size_t place = find_name(table, room, id);
            if (id == UINT64_MAX ? has_last : table[place] == id) {
                return MATCH_BAD_POOL;
            }
            table[place] = id;
            has_last = has_last || id == UINT64_MAX;
        }
    }
    /* Parties may have the same id among themselves, so none of them is added. */
    for (size_t i = 0; i < request->party_count; i++) {
        uint64_t id = request->parties[i].id;
        if (request->parties[i].member_count == 0 &&
            (id == UINT64_MAX ? has_last : table[find_name(table, room, id)] == id)) {
            return MATCH_BAD_POOL;
        }
    }
    return MATCH_OK;
}
