// SPDX-License-Identifier: Apache-2.0
#include "matcher/quick.h"

#include "matcher/calendar.h"
#include "matcher/quick_people.h"
#include "matcher/sieve_prefix.h"

#include <string.h>

static uint64_t bit_of(size_t place)
{
    return (uint64_t)1 << place;
}

/* The starts of @asked at which enough people attend. */
static uint64_t keep_quorate(struct search *search, size_t option, uint64_t asked)
{
    const struct match_request *request = search->request;
    uint32_t present[AXIS_WORD] = {0};
    uint64_t kept = 0;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        uint32_t heads = party->member_count > 0 ? (uint32_t)party->needed : 1;
        uint64_t attend = quick_attend(search, option, i, asked);

        for (; attend != 0; attend &= attend - 1) {
            present[__builtin_ctzll(attend)] += heads;
        }
    }
    for (size_t place = 0; place < search->glance.starts.count; place++) {
        kept |= present[place] >= search->quorum ? bit_of(place) : 0;
    }
    return kept & asked;
}

/* The starts that suit with @option. */
static uint64_t find_feasible(struct search *search, size_t option, uint64_t asked)
{
    const struct match_request *request = search->request;

    /* Pools last: they are many to ask. */
    for (unsigned pools = 0; pools <= 1; pools++) {
        for (size_t i = 0; i < request->party_count && asked != 0; i++) {
            const struct match_party *party = &request->parties[i];

            if (party->importance == MATCH_INDISPENSABLE &&
                (party->member_count > 0) == (pools == 1)) {
                asked = quick_attend(search, option, i, asked);
            }
        }
    }
    /* Where all the indispensable ones are, their heads are. */
    if (asked != 0 && search->quorum > search->heads) {
        asked = keep_quorate(search, option, asked);
    }
    return asked;
}

/* Add @weight at each start in @plane. */
static void add(struct score_tally *tallies, uint64_t plane, struct score_weight weight)
{
    for (; plane != 0; plane &= plane - 1) {
        struct score_tally *tally = &tallies[__builtin_ctzll(plane)];
        tally->high += weight.high;
        tally->low += weight.low;
    }
}

/* Count what @glance says of the starts in @attend. */
static void add_merits(struct score_tally *tallies, const struct glance *glance,
                       uint64_t attend)
{
    for (size_t merit = 0; attend != 0 && merit < PERSON_MERITS; merit++) {
        add(tallies, glance->merits[merit] & attend,
            score_weight((enum person_merit)merit));
    }
}

/* The tallies of the starts in @suits, with @option. */
static void score(struct search *search, size_t option, uint64_t suits)
{
    const struct match_request *request = search->request;
    struct score_tally *tallies = search->tallies;

    score_begin_some(request, &search->days, &search->glance.starts, suits, tallies);
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        uint64_t attend = suits;

        if (party->importance == MATCH_OPTIONAL) {
            attend = quick_attend(search, option, i, suits);
            add(tallies, attend, score_weight_optional());
        }
        if (attend == 0) {
            continue;
        }
        if (party->member_count == 0) {
            add_merits(tallies, quick_look(search, option, i, 0, attend), attend);
            continue;
        }
        const struct glance *members = quick_choose(search, option, i, attend);
        for (size_t j = 0; j < party->member_count; j++) {
            add_merits(tallies, &members[j], members[j].chosen & attend);
        }
    }
}

/* Keep @option for those in @suits that have no better one yet.  Options that are equally
 * good, but for unusable minutes, share the place.  @any begins at @first. */
static void keep(struct search *search, size_t option, uint64_t suits, uint64_t any,
                 size_t first)
{
    for (; suits != 0; suits &= suits - 1) {
        size_t place = (size_t)__builtin_ctzll(suits);
        size_t at = first + (size_t)__builtin_popcountll(any & (bit_of(place) - 1));
        struct score_tally *best = &search->best[at];
        int order = search->options[at] != 0
                        ? score_compare(&search->tallies[place], best)
                        : -1;

        if (order < 0) {
            *best = search->tallies[place];
            search->options[at] = 0;
            search->chosen_option[at] = (uint8_t)option;
        }
        if (order <= 0) {
            search->options[at] |= (uint16_t)(1U << option);
        }
    }
}

/* Ask those who may come, so that it is known where it depends on the option. */
static void ask_optional(struct search *search, size_t option, uint64_t asked)
{
    for (size_t i = 0; i < search->request->party_count && asked != 0; i++) {
        if (search->request->parties[i].importance == MATCH_OPTIONAL) {
            quick_attend(search, option, i, asked);
        }
    }
}

/* Evaluate @count starts; those that suit become the next of search->starts.  Where
 * another option makes no difference, it is as good as the first one at best, and comes
 * behind it: it is not looked at. */
static void evaluate(struct search *search, const minute_t *starts, size_t count)
{
    size_t options = search_option_count(search->request);
    uint64_t feasible[MATCH_OPTIONS_MAX] = {0};
    uint8_t places[AXIS_WORD];
    size_t first = search->count;
    uint64_t asked = quick_enter(search, starts, count, places);
    uint64_t any = 0;

    for (size_t option = 0; option < options && asked != 0; option++) {
        feasible[option] = find_feasible(search, option, asked);
        ask_optional(search, option, feasible[option]);
        any |= feasible[option];
        asked &= search->depends;
    }
    for (uint64_t left = any; left != 0; left &= left - 1) {
        search->starts[search->count] =
            search->glance.starts.starts[__builtin_ctzll(left)];
        search->options[search->count] = 0;
        search->is_open[search->count] = true;
        search->count++;
    }
    search->suits = any;
    for (size_t option = 0; option < options; option++) {
        if (feasible[option] != 0) {
            score(search, option, feasible[option]);
            keep(search, option, feasible[option], any, first);
        }
    }
}

/* Of the starts that suit, those that no later day can outdo, one behind the other. */
struct ideals {
    struct sieve_ideal ideal;
    size_t seen;  /* starts that have been looked at */
    size_t count; /* at least `apart` from each other */
    int64_t next; /* no start before it is far enough from the last one */
};

/* Whether those that are chosen are certain to begin before civil day @day, on which the
 * next start lies. */
static bool is_settled(const struct search *search, int32_t day, struct ideals *ideals)
{
    const struct match_request *request = search->request;
    size_t missing = request->wanted;

    day -= request->offset_count > 1 ? SIEVE_CLOCK_BACK : 0;
    for (; ideals->seen < search->count; ideals->seen++) {
        minute_t start = search->starts[ideals->seen];
        struct match_merit merit =
            score_merit(&search->days, &search->best[ideals->seen]);

        if (merit.civil_day >= day) {
            break;
        }
        if (start >= ideals->next &&
            (request->urgent || sieve_is_ideal(&ideals->ideal, &merit))) {
            ideals->count++;
            ideals->next = start + search_apart(request);
        }
    }
    /* Each that is taken takes away two of the others at most, one to either side; the
     * first of all, which urgent ones are, none. */
    return ideals->count >= (request->urgent ? missing : 2 * missing - 1);
}

/* Evaluate the starts of @band, as many as matter. */
static void evaluate_band(struct search *search, uint64_t band)
{
    const struct candidates *list = &search->list;
    const struct match_request *request = search->request;
    struct ideals ideals = {.next = INT64_MIN};
    struct civil civil = {0};
    minute_t starts[AXIS_WORD];
    size_t count = 0;

    search->count = 0;
    ideals.ideal = sieve_find_ideal(request);
    for (size_t i = 0; i < list->count; i++) {
        minute_t start = list->starts[i];

        if (civil.until == 0 || start >= civil.until) {
            civil = calendar_read(request, start);
        }
        if (score_find_band(&search->days, civil.day) != band) {
            continue;
        }
        if (count == AXIS_WORD) {
            evaluate(search, starts, count);
            count = 0;
            if (is_settled(search, civil.day, &ideals)) {
                return;
            }
        }
        starts[count] = start;
        count++;
    }
    if (count > 0) {
        evaluate(search, starts, count);
    }
}

void quick_gaps(struct search *search, size_t option, size_t count)
{
    const struct match_request *request = search->request;
    uint64_t unusable[AXIS_WORD] = {0};
    uint8_t places[AXIS_WORD];
    uint64_t suits = quick_enter(search, search->chunk_starts, count, places);
    uint64_t later = search->suits;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        uint64_t attend = party->importance == MATCH_OPTIONAL
                              ? quick_attend(search, option, i, suits)
                              : suits;

        if (attend == 0) {
            continue;
        }
        if (party->member_count == 0) {
            quick_add_gaps(search, option, i, 0, attend, later, unusable);
            continue;
        }
        const struct glance *members = quick_choose(search, option, i, attend);
        for (size_t j = 0; j < party->member_count; j++) {
            uint64_t chosen = members[j].chosen;
            if ((chosen & attend) != 0) {
                quick_add_gaps(search, option, i, j, chosen & attend, chosen & later,
                               unusable);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        search->unusable[i] = unusable[places[i]];
    }
}

void quick_run(struct search *search, struct match_result *result)
{
    result->count = 0;
    if (search->list.count == 0) {
        return;
    }
    search->chunk_most = AXIS_WORD;
    search->days = score_find_days(search->request, search->list.starts[0]);
    quick_begin(search);
    if (search->list.count <= AXIS_WORD) {
        /* All bands at once: the band comes first in the order of merit. */
        search->count = 0;
        evaluate(search, search->list.starts, search->list.count);
        search_choose(search, result);
    }
    for (uint64_t band = 0; band <= 2 && search->list.count > AXIS_WORD &&
                            result->count < search->request->wanted;
         band++) {
        evaluate_band(search, band);
        if (search->count > 0) {
            search_choose(search, result);
        }
    }
    quick_describe_all(search, result);
}
