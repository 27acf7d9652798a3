// SPDX-License-Identifier: Apache-2.0
#include "matcher/quick.h"

#include "matcher/calendar.h"
#include "matcher/few.h"
#include "matcher/quick_people.h"
#include "matcher/sieve_prefix.h"

#include <string.h>

enum {
    FEW =
        32, /* starts that are looked at all together, as soon as one of them matters */
};

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

/* How many there are at each start: a plane for each bit of the numbers, as many as there
 * are bits. */
struct count {
    uint64_t planes[SCORE_BITS];
    size_t bits;
};

/* One more at each start in @plane. */
static void count_up(struct count *count, uint64_t plane)
{
    for (size_t i = 0; i < count->bits; i++) {
        uint64_t both = count->planes[i] & plane;
        count->planes[i] ^= plane;
        plane = both;
    }
    if (plane != 0) {
        count->planes[count->bits] = plane;
        count->bits++;
    }
}

/* Add @weight as many times as @count has it. */
static void add_count(struct score_tally *tallies, const struct count *count,
                      struct score_weight weight)
{
    for (size_t i = 0; i < count->bits; i++) {
        add(tallies, count->planes[i], weight);
        weight.high *= 2;
        weight.low *= 2;
    }
}

/* Count what @glance says of the starts in @attend. */
static void count_merits(struct count *counts, const struct glance *glance,
                         uint64_t attend)
{
    for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
        count_up(&counts[merit], glance->merits[merit] & attend);
    }
}

/* The tallies of the starts in @suits, with @option. */
static void score(struct search *search, size_t option, uint64_t suits)
{
    const struct match_request *request = search->request;
    struct score_tally *tallies = search->tallies;
    struct count merits[PERSON_MERITS];
    struct count optional;

    optional.bits = 0;
    for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
        merits[merit].bits = 0;
    }
    score_begin_some(request, &search->days, &search->glance.starts, suits, tallies);
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        uint64_t attend = suits;

        if (party->importance == MATCH_OPTIONAL) {
            attend = quick_attend(search, option, i, suits);
            count_up(&optional, attend);
        }
        if (attend == 0) {
            continue;
        }
        if (party->member_count == 0) {
            count_merits(merits, quick_look(search, option, i, 0, attend), attend);
            continue;
        }
        const struct glance *members = quick_choose(search, option, i, attend);
        for (size_t j = 0; j < party->member_count; j++) {
            count_merits(merits, &members[j], members[j].chosen & attend);
        }
    }
    add_count(tallies, &optional, score_weight_optional());
    for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
        add_count(tallies, &merits[merit], score_weight((enum person_merit)merit));
    }
}

/* Keep @option for those in @suits that have no better one yet.  Options that are equally
 * good, but for unusable minutes, share the place.  Those in @any are at @at and behind
 * it. */
static void keep(struct search *search, size_t option, uint64_t suits, uint64_t any,
                 size_t at)
{
    for (; any != 0; any &= any - 1, at++) {
        size_t place = (size_t)__builtin_ctzll(any);
        struct score_tally *best = &search->best[at];

        if ((suits >> place & 1) == 0) {
            continue;
        }
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
    uint8_t places[AXIS_WORD];
    size_t first = search->count;
    uint64_t asked = quick_enter(search, starts, count, places);
    uint64_t any = 0;

    for (size_t option = 0; option < options && asked != 0; option++) {
        uint64_t suits = find_feasible(search, option, asked);
        ask_optional(search, option, suits);
        search->suits[option] = suits;
        any |= suits;
        asked &= search->depends;
    }
    for (uint64_t left = any; left != 0; left &= left - 1) {
        search->starts[search->count] =
            search->glance.starts.starts[__builtin_ctzll(left)];
        search->options[search->count] = 0;
        search->is_open[search->count] = true;
        search->count++;
    }
    for (size_t option = 0; option < options; option++) {
        if (search->suits[option] != 0) {
            score(search, option, search->suits[option]);
            keep(search, option, search->suits[option], any, first);
        }
    }
}

/* How far the list has been evaluated, band by band. */
struct walk {
    bool ascends; /* no later start lies on an earlier day */
    size_t from;  /* no start before it is in the band, or a later one */

    /* Starts of the band that suit: what no later day can outdo is as good as this one, but
     * for the day, and so many have been looked at. */
    struct score_tally ideal;
    size_t seen;
};

/* Whether no clock is put back over midnight between the starts of the list. */
static bool days_ascend(const struct search *search)
{
    const struct match_request *request = search->request;
    const struct candidates *list = &search->list;

    for (size_t i = 1; i < request->offset_count; i++) {
        minute_t from = request->offsets[i].from;

        if (from > list->starts[0] && from <= list->starts[list->count - 1] &&
            calendar_read(request, from - 1).day > calendar_read(request, from).day) {
            return false;
        }
    }
    return true;
}

/* Choose among the ideal starts before civil day @day, on which the next start lies.  Of
 * urgent ones every start is: no later one comes before it. */
static void pick_ideals(struct search *search, int32_t day, struct walk *walk,
                        struct match_result *result)
{
    bool urgent = search->request->urgent;
    uint32_t *level = search->ranked;
    int32_t level_day = 0;
    size_t count = 0;

    search_take_near(search, result);
    for (; walk->seen < search->count; walk->seen++) {
        const struct score_tally *tally = &search->best[walk->seen];
        int32_t its_day = score_day(&search->days, tally);

        if (its_day >= day) {
            break;
        }
        if (count > 0 && (its_day != level_day || urgent)) {
            search_pick(search, level, count, result);
            count = 0;
        }
        if (search->options[walk->seen] != 0 &&
            (urgent || score_is_alike(tally, &walk->ideal))) {
            level[count] = (uint32_t)walk->seen;
            level_day = its_day;
            count++;
        }
    }
    if (count > 0) {
        search_pick(search, level, count, result);
    }
}

/* Starts that are evaluated next. */
struct chunk {
    minute_t starts[AXIS_WORD];
    size_t count;
    size_t day_at; /* those from here on are of one civil day */
    int32_t day;
};

/* Evaluate the chunk, but for its last day if that is not the only one: it goes on. */
static void evaluate_days(struct search *search, struct chunk *chunk)
{
    size_t count = chunk->day_at > 0 ? chunk->day_at : chunk->count;

    evaluate(search, chunk->starts, count);
    chunk->count -= count;
    chunk->day_at = 0;
    memmove(chunk->starts, chunk->starts + count,
            chunk->count * sizeof(chunk->starts[0]));
}

/* Evaluate the starts of @band, as many as matter, and choose. */
static void choose_in_band(struct search *search, uint64_t band, struct walk *walk,
                           struct match_result *result)
{
    const struct candidates *list = &search->list;
    const struct match_request *request = search->request;
    struct civil civil = {0};
    struct chunk chunk;
    uint64_t its_band = band;

    chunk.count = 0;
    chunk.day_at = 0;

    for (size_t i = walk->from; i < list->count; i++) {
        minute_t start = list->starts[i];

        if (civil.until == 0 || start >= civil.until) {
            civil = calendar_read(request, start);
            its_band = score_find_band(&search->days, civil.day);
        }
        if (its_band > band && walk->ascends) {
            walk->from = i;
            break;
        }
        if (its_band != band) {
            continue;
        }
        if (chunk.count == AXIS_WORD) {
            evaluate_days(search, &chunk);
            if (walk->ascends) {
                pick_ideals(search, chunk.count > 0 ? chunk.day : civil.day, walk,
                            result);
            }
            if (result->count == request->wanted) {
                return;
            }
        }
        if (chunk.count == 0 || chunk.day != civil.day) {
            chunk.day = civil.day;
            chunk.day_at = chunk.count;
        }
        chunk.starts[chunk.count] = start;
        chunk.count++;
    }
    if (chunk.count > 0) {
        evaluate(search, chunk.starts, chunk.count);
    }
    if (search->count > 0) {
        search_choose(search, result);
    }
}

/* Evaluate the list band by band, as far as it matters, and choose. */
static void choose_by_band(struct search *search, struct match_result *result)
{
    struct sieve_ideal ideal = sieve_find_ideal(search->request);
    struct walk walk = {.ascends = days_ascend(search)};

    for (uint64_t band = 0; band <= 2 && result->count < search->request->wanted;
         band++) {
        walk.ideal =
            score_ideal(band, (uint32_t)ideal.optional, (uint32_t)ideal.preferred);
        walk.seen = 0;
        search->count = 0;
        choose_in_band(search, band, &walk, result);
    }
}

/* The unusable minutes of the starts in @suits, which suit with @option. */
static void find_gaps(struct search *search, size_t option, uint64_t suits)
{
    const struct match_request *request = search->request;
    uint32_t *gaps = search->gaps[option];

    for (uint64_t left = suits; left != 0; left &= left - 1) {
        gaps[__builtin_ctzll(left)] = 0;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        uint64_t attend = party->importance == MATCH_OPTIONAL
                              ? quick_attend(search, option, i, suits)
                              : suits;

        if (attend == 0) {
            continue;
        }
        if (party->member_count == 0) {
            quick_add_gaps(search, option, i, 0, attend, gaps);
            continue;
        }
        const struct glance *members = quick_choose(search, option, i, attend);
        for (size_t j = 0; j < party->member_count; j++) {
            uint64_t chosen = members[j].chosen & attend;
            if (chosen != 0) {
                quick_add_gaps(search, option, i, j, chosen, gaps);
            }
        }
    }
    search->gapped[option] |= suits;
}

void quick_gaps(struct search *search, size_t option, size_t count)
{
    uint8_t places[AXIS_WORD];
    uint64_t asked = quick_enter(search, search->chunk_starts, count, places);
    uint64_t all = search->suits[option];

    if ((asked & ~search->gapped[option]) != 0) {
        bool are_few = __builtin_popcountll(all) <= FEW;
        find_gaps(search, option, are_few ? asked | all : asked);
    }
    for (size_t i = 0; i < count; i++) {
        search->unusable[i] = search->gaps[option][places[i]];
    }
}

void quick_run(struct search *search, struct match_result *result)
{
    if (few_run(search, result)) {
        return;
    }
    result->count = 0;
    search->chunk_most = AXIS_WORD;
    search->days = score_find_days(search->request, search->list.starts[0]);
    quick_begin(search);
    if (search->list.count <= AXIS_WORD) {
        /* All bands at once: the band comes first in the order of merit. */
        search->count = 0;
        evaluate(search, search->list.starts, search->list.count);
        search_choose(search, result);
    } else {
        choose_by_band(search, result);
    }
    quick_describe_all(search, result);
}
