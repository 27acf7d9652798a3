// SPDX-License-Identifier: Apache-2.0

/*
 * evaluate.c - the part of search_internal.h that says how good the starts are that suit
 */
#include "matcher/search_internal.h"

#include "matcher/calendar.h"
#include "matcher/series.h"

#include <string.h>

/* Those of the starts in @attend at which @person is only asked: the first plane of
 * search->reasons, which nobody needs meanwhile. */
static const uint64_t *find_asked(struct search *search,
                                  const struct question *question,
                                  const struct person *person, const uint64_t *attend)
{
    person_asked(question, person, attend, search->reasons);
    return search->reasons;
}

/* The others of @attend, in the same place. */
static const uint64_t *find_sure(struct search *search, const uint64_t *attend)
{
    for (size_t word = 0; word < search->batch.starts.words; word++) {
        search->reasons[word] = attend[word] & ~search->reasons[word];
    }
    return search->reasons;
}

/* Count a party that is no pool. */
static void score_person(struct search *search, const struct question *question,
                         const struct person *person, const uint64_t *attend)
{
    const struct axis *starts = &search->batch.starts;
    unsigned any = 0;

    if (person->asks) {
        score_add(&search->counts, SCORE_ASKED,
                  find_asked(search, question, person, attend));
        attend = find_sure(search, attend);
    }
    person_merits(question, person, attend, search->merits, &any);
    for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
        if ((any & 1u << merit) != 0) {
            score_add(&search->counts, merit, search->merits + merit * starts->words);
        }
    }
}

/* At which starts of the batch @party attends; @suits: all of them suit. */
static const uint64_t *find_attending(struct search *search, size_t option,
                                      size_t party, bool suits)
{
    const struct axis *starts = &search->batch.starts;

    if (suits && search->request->parties[party].importance == MATCH_INDISPENSABLE) {
        plane_fill(starts, search->attend + party * starts->words);
        search->attend_known[party] = true;
        search->attend_way[party] = search_question(search, option, party).way;
    }
    return search_attend(search, option, party);
}

void search_score(struct search *search, size_t option, bool suits)
{
    const struct match_request *request = search->request;
    const struct axis *starts = &search->batch.starts;

    score_begin(&search->counts, starts->words);
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        struct question question = search_question(search, option, i);
        const uint64_t *attend = find_attending(search, option, i, suits);

        if (party->importance == MATCH_OPTIONAL) {
            score_add(&search->counts, SCORE_OPTIONAL, attend);
        }
        if (party->member_count == 0) {
            score_person(search, &question, &search->people[search->first_of[i]],
                         attend);
        }
    }
    score_finish(request, &search->days, starts, &search->counts, search->tallies);
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        struct question question = search_question(search, option, i);
        struct pool pool = {party, &search->people[search->first_of[i]]};

        if (party->member_count > 0) {
            pool_score(&question, &pool, search_attend(search, option, i),
                       &search->pools, search->tallies);
        }
    }
}

void search_gaps(struct search *search, size_t option, bool suits)
{
    const struct match_request *request = search->request;
    const struct axis *starts = &search->batch.starts;

    memset(search->unusable, 0, starts->count * sizeof(search->unusable[0]));
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        const struct person *first = &search->people[search->first_of[i]];
        struct question question = search_question(search, option, i);
        const uint64_t *attend = find_attending(search, option, i, suits);

        if (party->member_count == 0) {
            if (first->asks) {
                find_asked(search, &question, first, attend);
                attend = find_sure(search, attend);
            }
            person_add_gaps(&question, first, attend, search->unusable);
            continue;
        }
        struct pool pool = {party, first};
        pool_choose(&question, &pool, attend, &search->pools);
        for (size_t j = 0; j < party->member_count; j++) {
            const uint64_t *chosen =
                pool_plane(&question, &search->pools, j, POOL_CHOSEN);
            if (!plane_is_empty(chosen, starts->words)) {
                person_add_gaps(&question, &first[j], chosen, search->unusable);
            }
        }
    }
}

enum match_reason search_first_reason(const struct search *search, size_t place)
{
    const uint64_t *plane = search->reasons;

    for (int reason = MATCH_IS_BUSY; reason <= MATCH_DAY_FULL; reason++) {
        if (plane_has(plane, place)) {
            return (enum match_reason)reason;
        }
        plane += search->batch.starts.words;
    }
    return MATCH_ATTENDS;
}

static void describe_person(struct search *search, const struct question *question,
                            size_t party, struct match_slot *const *slots)
{
    const struct person *person = &search->people[search->first_of[party]];

    person_reasons(question, person, search->reasons);
    for (size_t place = 0; place < search->batch.starts.count; place++) {
        enum match_reason reason = search_first_reason(search, place);
        slots[place]->reason[party] = (uint8_t)reason;
        slots[place]->heads += reason == MATCH_ATTENDS;
    }
    if (!person->asks) {
        return;
    }
    uint64_t attend[1] = {0};
    uint64_t asked[1]; /* one word, as for a pool */
    for (size_t place = 0; place < search->batch.starts.count; place++) {
        bool attends = slots[place]->reason[party] == MATCH_ATTENDS;
        attend[0] |= (uint64_t)attends << place;
    }
    person_asked(question, person, attend, asked);
    for (size_t place = 0; place < search->batch.starts.count; place++) {
        slots[place]->asked |= (asked[0] >> place & 1) << party;
    }
}

void search_count_reasons(struct search *search, const struct question *question,
                          const struct pool *pool)
{
    uint32_t *counts = search->reason_counts;
    size_t count = search->batch.starts.count;

    memset(counts, 0, count * (PERSON_REASONS + 1) * sizeof(counts[0]));
    for (size_t i = 0; i < pool->party->member_count; i++) {
        person_reasons(question, &pool->members[i], search->reasons);
        for (size_t place = 0; place < count; place++) {
            counts[place * (PERSON_REASONS + 1) + search_first_reason(search, place)]++;
        }
    }
}

static void describe_pool(struct search *search, const struct question *question,
                          size_t party, struct match_slot *const *slots,
                          struct match_result *result, size_t *chosen)
{
    const struct axis *starts = &search->batch.starts;
    const struct match_party *of = &search->request->parties[party];
    struct pool pool = {of, &search->people[search->first_of[party]]};
    uint64_t attend[1];

    /* One word: a batch that is described has at most as many starts as a result. */
    pool_attend(question, &pool, &search->pools, attend);
    pool_choose(question, &pool, attend, &search->pools);
    uint64_t all = UINT64_MAX >> (AXIS_WORD - starts->count);
    if (attend[0] != all) {
        search_count_reasons(search, question, &pool);
    }
    for (size_t place = 0; place < starts->count; place++) {
        if (!plane_has(attend, place)) {
            slots[place]->reason[party] = (uint8_t)pool_reason(
                search->reason_counts + place * (PERSON_REASONS + 1));
            continue;
        }
        slots[place]->heads += (uint32_t)of->needed;
        slots[place]->chosen_at[party] = (uint32_t)*chosen;
        for (size_t i = 0; i < of->member_count; i++) {
            if (plane_has(pool_plane(question, &search->pools, i, POOL_CHOSEN),
                          place)) {
                result->chosen[*chosen] = (uint16_t)i;
                (*chosen)++;
            }
        }
    }
}

void search_describe(struct search *search, size_t option, bool suits,
                     struct match_slot *const *slots, struct match_result *result,
                     size_t *chosen)
{
    const struct match_request *request = search->request;
    const struct axis *starts = &search->batch.starts;

    for (size_t place = 0; place < starts->count; place++) {
        struct match_merit merit = slots[place]->merit;
        memset(slots[place], 0, sizeof(*slots[place]));
        slots[place]->merit = merit;
        slots[place]->start = starts->starts[place];
        slots[place]->end = starts->starts[place] + request->duration;
        slots[place]->option = (uint32_t)option;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        struct question question = search_question(search, option, i);
        const struct match_party *party = &request->parties[i];
        if (party->member_count > 0) {
            describe_pool(search, &question, i, slots, result, chosen);
        } else if (suits && party->importance == MATCH_INDISPENSABLE &&
                   !party->ask_if_unknown) {
            for (size_t place = 0; place < starts->count; place++) {
                slots[place]->heads++;
            }
        } else {
            describe_person(search, &question, i, slots);
        }
    }
}

/* Score the starts of the chunk with @option, which suits them all, and keep it for those
 * that have no better one yet.  Unusable minutes are looked at later, and only where they
 * decide: until then options that are equally good otherwise share the place.  Of few
 * starts they are looked at with the rest. */
static void score_chunk(struct search *search, size_t option, size_t count)
{
    bool are_few = search->count <= AXIS_WORD;

    search_batch(search, search->chunk_starts, count);
    search_score(search, option, true);
    if (are_few) {
        search_gaps(search, option, true);
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = search->chunk_places[i];
        struct score_tally *best = &search->best[place];
        int order = -1;

        search->tallies[i].unusable = are_few ? search->unusable[i] : 0;
        if (search->options[place] != 0) {
            order = score_compare(&search->tallies[i], best);
        }
        if (order < 0) {
            *best = search->tallies[i];
            search->options[place] = 0;
            search->chosen_option[place] = (uint8_t)option;
        }
        if (order <= 0) {
            search->options[place] |= (uint16_t)(1u << option);
        }
        search->is_open[place] = !are_few;
    }
}

/* The starts of @band that suit, with their best options: search->starts, best,
 * option. */
static void score_band_of(struct search *search, uint64_t band)
{
    const struct candidates *list = &search->list;
    const struct match_request *request = search->request;
    size_t words = search->words;

    search->count = 0;
    struct civil civil = {0};
    for (size_t place = plane_next(search->feasible_any, words, 0); place < list->count;
         place = plane_next(search->feasible_any, words, place + 1)) {
        minute_t start = list->starts[place];
        if (civil.until == 0 || start >= civil.until) {
            civil = calendar_read(request, start);
        }
        if (score_find_band(&search->days, civil.day) == band) {
            search->starts[search->count] = start;
            search->options[search->count] = 0;
            search->is_open[search->count] = true;
            search->list_places[search->count] = (uint32_t)place;
            search->count++;
        }
    }
    for (size_t option = 0; option < search_option_count(request); option++) {
        const uint64_t *plane = search->feasible + option * words;
        size_t count = 0;
        for (size_t i = 0; i < search->count; i++) {
            if (plane_has(plane, search->list_places[i])) {
                search->chunk_starts[count] = search->starts[i];
                search->chunk_places[count] = (uint32_t)i;
                count++;
            }
            if (count == search->chunk_most || (i + 1 == search->count && count > 0)) {
                score_chunk(search, option, count);
                count = 0;
            }
        }
    }
}

void search_describe_all(struct search *search, struct match_result *result)
{
    const struct match_request *request = search->request;
    struct match_slot *slots[MATCH_SLOTS_MAX];
    size_t chosen = 0;

    for (size_t option = 0; option < search_option_count(request); option++) {
        size_t count = 0;
        for (size_t i = 0; i < result->count; i++) {
            struct match_slot *slot = &result->slots[i];
            if (slot->option != option) {
                continue;
            }
            size_t at = count;
            for (; at > 0 && slots[at - 1]->start > slot->start; at--) {
                slots[at] = slots[at - 1];
            }
            slots[at] = slot;
            count++;
        }
        for (size_t i = 0; i < count; i++) {
            search->chunk_starts[i] = slots[i]->start;
        }
        if (count > 0) {
            search_batch(search, search->chunk_starts, count);
            search_describe(search, option, true, slots, result, &chosen);
        }
    }
}

void search_run(struct search *search, struct match_result *result)
{
    result->count = 0;
    person_keep_list(&search->scratch, search->list.starts, search->list.count);
    search_feasible(search);
    search->days = score_find_days(search->request, search->list.starts[0]);
    for (uint64_t band = 0; band <= 2 && result->count < search->request->wanted;
         band++) {
        score_band_of(search, band);
        if (search->count > 0) {
            search_choose(search, result);
        }
    }
    search_describe_all(search, result);
    person_keep_nothing(&search->scratch);
}
