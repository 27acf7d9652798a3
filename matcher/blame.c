// SPDX-License-Identifier: Apache-2.0
#include "matcher/blame.h"

#include <assert.h>

/* The indispensable parties, by ascending id, then index. */
struct ranking {
    size_t count;
    uint8_t party[MATCH_PARTIES_MAX];
    uint64_t later[MATCH_PARTIES_MAX]; /* bits of the parties ranked behind this one */
    uint64_t all;
};

static uint64_t bit(size_t party)
{
    return (uint64_t)1 << party;
}

static void rank(const struct match_request *request, struct ranking *ret_ranking)
{
    const struct match_party *parties = request->parties;

    ret_ranking->count = 0;
    ret_ranking->all = 0;
    for (size_t i = 0; i < request->party_count; i++) {
        if (parties[i].importance != MATCH_INDISPENSABLE) {
            continue;
        }
        size_t at = ret_ranking->count++;
        for (; at > 0 && parties[ret_ranking->party[at - 1]].id > parties[i].id; at--) {
            ret_ranking->party[at] = ret_ranking->party[at - 1];
        }
        ret_ranking->party[at] = (uint8_t)i;
        ret_ranking->all |= bit(i);
    }

    uint64_t later = 0;
    for (size_t i = ret_ranking->count; i > 0; i--) {
        ret_ranking->later[i - 1] = later;
        later |= bit(ret_ranking->party[i - 1]);
    }
}

static size_t count_parties(uint64_t parties)
{
    size_t count = 0;
    for (; parties != 0; parties &= parties - 1) {
        count++;
    }
    return count;
}

/*
 * Bring the runs with the most parties to the front, in place: an empty place is filled
 * by exchange with whatever belongs there, so each run moves once.  The answer does not
 * depend on the order, but how soon find_completing can stop does: a start that only
 * few can make says little.
 */
static void put_fullest_first(struct blame_sheet *sheet)
{
    struct blame_run *runs = sheet->runs;
    size_t next[MATCH_PARTIES_MAX + 1] = {0}; /* place to fill, by number of parties */
    size_t end[MATCH_PARTIES_MAX + 1];
    size_t place = 0;

    for (size_t i = 0; i < sheet->count; i++) {
        next[count_parties(runs[i].attends)]++;
    }
    for (size_t parties = MATCH_PARTIES_MAX + 1; parties-- > 0;) {
        size_t count = next[parties];
        next[parties] = place;
        place += count;
        end[parties] = place;
    }
    for (size_t parties = 0; parties <= MATCH_PARTIES_MAX; parties++) {
        while (next[parties] < end[parties]) {
            struct blame_run *here = &runs[next[parties]];
            size_t belongs = count_parties(here->attends);
            struct blame_run *there = &runs[next[belongs]++];
            struct blame_run kept = *there;
            *there = *here;
            *here = kept;
        }
    }
}

/* Which of @among are never there when all of @chosen are: each of these, together with
 * @chosen, shuts out every start.  Stops as soon as there can be none. */
static uint64_t find_completing(const struct blame_sheet *sheet, uint64_t chosen,
                                uint64_t among)
{
    for (size_t i = 0; i < sheet->count && among != 0; i++) {
        if ((sheet->runs[i].attends & chosen) == chosen) {
            among &= ~sheet->runs[i].attends;
        }
    }
    return among;
}

static void block(struct match_why *why, size_t party)
{
    why->blocking[why->blocking_count] = (uint8_t)party;
    why->blocking_count++;
}

/* Block with @chosen parties and the first, by rank, of @completing. */
static bool complete(const struct ranking *ranking, uint64_t completing,
                     struct match_why *why)
{
    for (size_t i = 0; i < ranking->count; i++) {
        if ((completing & bit(ranking->party[i])) != 0) {
            block(why, ranking->party[i]);
            why->blocking_is_exact = true;
            return true;
        }
    }
    return false;
}

static bool find_one(const struct blame_sheet *sheet, const struct ranking *ranking,
                     struct match_why *why)
{
    return complete(ranking, find_completing(sheet, 0, ranking->all), why);
}

static bool find_two(const struct blame_sheet *sheet, const struct ranking *ranking,
                     struct match_why *why)
{
    for (size_t i = 0; i < ranking->count; i++) {
        size_t a = ranking->party[i];
        uint64_t completing = find_completing(sheet, bit(a), ranking->later[i]);

        if (completing != 0) {
            block(why, a);
            return complete(ranking, completing, why);
        }
    }
    return false;
}

static bool find_three(const struct blame_sheet *sheet, const struct ranking *ranking,
                       struct match_why *why)
{
    for (size_t i = 0; i < ranking->count; i++) {
        for (size_t j = i + 1; j < ranking->count; j++) {
            size_t a = ranking->party[i];
            size_t b = ranking->party[j];
            uint64_t completing =
                find_completing(sheet, bit(a) | bit(b), ranking->later[j]);

            if (completing != 0) {
                block(why, a);
                block(why, b);
                return complete(ranking, completing, why);
            }
        }
    }
    return false;
}

/* True if there is a start at which all of @chosen attend. */
static bool can_meet(const struct blame_sheet *sheet, uint64_t chosen)
{
    for (size_t i = 0; i < sheet->count; i++) {
        if ((sheet->runs[i].attends & chosen) == chosen) {
            return true;
        }
    }
    return false;
}

/* The party that shuts out most of the starts at which all of @chosen attend; the first
 * by rank among equals.  There is such a start. */
static size_t find_greediest(const struct blame_sheet *sheet,
                             const struct ranking *ranking, uint64_t chosen)
{
    uint64_t shuts_out[MATCH_PARTIES_MAX] = {0};
    size_t best = 0;

    for (size_t i = 0; i < sheet->count; i++) {
        if ((sheet->runs[i].attends & chosen) != chosen) {
            continue;
        }
        for (size_t j = 0; j < ranking->count; j++) {
            uint64_t absent = ~(sheet->runs[i].attends >> ranking->party[j]) & 1;
            shuts_out[j] += absent * sheet->runs[i].count;
        }
    }
    for (size_t j = 1; j < ranking->count; j++) {
        best = shuts_out[j] > shuts_out[best] ? j : best;
    }
    return ranking->party[best];
}

static void find_greedily(const struct blame_sheet *sheet,
                          const struct ranking *ranking, struct match_why *why)
{
    uint64_t chosen = 0;

    while (can_meet(sheet, chosen)) {
        chosen |= bit(find_greediest(sheet, ranking, chosen));
    }
    /* A party taken early may have been made superfluous by those taken later. */
    for (size_t i = ranking->count; i > 0; i--) {
        uint64_t without = chosen & ~bit(ranking->party[i - 1]);
        if (without != chosen && !can_meet(sheet, without)) {
            chosen = without;
        }
    }
    for (size_t i = 0; i < ranking->count; i++) {
        if ((chosen & bit(ranking->party[i])) != 0) {
            block(why, ranking->party[i]);
        }
    }
}

void blame_add(struct blame_sheet *sheet, uint64_t attends)
{
    if (sheet->count > 0 && sheet->runs[sheet->count - 1].attends == attends) {
        sheet->runs[sheet->count - 1].count++;
        return;
    }
    sheet->runs[sheet->count].attends = attends;
    sheet->runs[sheet->count].count = 1;
    sheet->count++;
}

void blame_find_blocking(const struct match_request *request, struct blame_sheet *sheet,
                         struct match_why *ret_why)
{
    struct ranking ranking;

    assert(sheet->count > 0);
    rank(request, &ranking);
    assert(ranking.count > 0);
    put_fullest_first(sheet);

    ret_why->blocking_count = 0;
    ret_why->blocking_is_exact = false;
    if (find_one(sheet, &ranking, ret_why) || find_two(sheet, &ranking, ret_why) ||
        find_three(sheet, &ranking, ret_why)) {
        return;
    }
    find_greedily(sheet, &ranking, ret_why);
}
