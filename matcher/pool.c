// SPDX-License-Identifier: Apache-2.0
#include "matcher/pool.h"

#include "matcher/calendar.h"

#include <assert.h>
#include <string.h>

static_assert(MATCH_POOL_MAX < 1 << POOL_LEVELS, "a whole pool can be counted");

void pool_count_up(uint64_t *counter, const uint64_t *plane, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        uint64_t carry = plane[i];
        for (size_t level = 0; carry != 0; level++) {
            uint64_t *digit = &counter[level * words + i];
            uint64_t both = *digit & carry;
            *digit ^= carry;
            carry = both;
        }
    }
}

void pool_find_reached(const uint64_t *counter, size_t levels, size_t least,
                       uint64_t *ret_plane, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        uint64_t more = 0;
        uint64_t same = UINT64_MAX;
        for (size_t level = levels; level > 0; level--) {
            uint64_t digit = counter[(level - 1) * words + i];
            if ((least >> (level - 1) & 1) != 0) {
                same &= digit;
            } else {
                more |= same & digit;
                same &= ~digit;
            }
        }
        ret_plane[i] = more | same;
    }
}

void pool_attend(const struct question *question, const struct pool *pool,
                 struct pool_scratch *scratch, uint64_t *ret_plane)
{
    size_t words = question->batch->starts.words;
    uint64_t *one = scratch->counter + POOL_LEVELS * words;
    size_t levels = 1;

    while (pool->party->member_count >> levels != 0) {
        levels++;
    }
    plane_zero(scratch->counter, levels * words);
    for (size_t i = 0; i < pool->party->member_count; i++) {
        person_attend(question, &pool->members[i], one);
        pool_count_up(scratch->counter, one, words);
    }
    pool_find_reached(scratch->counter, levels, pool->party->needed, ret_plane, words);
}

uint64_t *pool_plane(const struct question *question,
                     const struct pool_scratch *scratch, size_t member, size_t which)
{
    return scratch->planes +
           (member * POOL_PLANES + which) * question->batch->starts.words;
}

/* Among whom is chosen, and for which day. */
struct draw {
    const struct match_party *party;
    int32_t civil_day;
    uint32_t *who;
};

/* Whether candidate @a comes after candidate @b: the class of those who suit less, more
 * load, or the larger lot. */
static bool is_behind(const struct draw *draw, uint32_t a, uint32_t b)
{
    const struct match_person *person_a = &draw->party->members[a & POOL_WHO];
    const struct match_person *person_b = &draw->party->members[b & POOL_WHO];

    if (a >> POOL_CLASS_SHIFT != b >> POOL_CLASS_SHIFT) {
        return a > b;
    }
    if (person_a->load != person_b->load) {
        return person_a->load > person_b->load;
    }
    return match_draw(person_a->id, draw->civil_day) >
           match_draw(person_b->id, draw->civil_day);
}

/* Let the candidate at @at sink in the heap of the first @size, whose top comes last. */
static void sink(const struct draw *draw, size_t at, size_t size)
{
    uint32_t *who = draw->who;
    uint32_t sinking = who[at];

    for (size_t child = 2 * at + 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && is_behind(draw, who[child + 1], who[child])) {
            child++;
        }
        if (!is_behind(draw, who[child], sinking)) {
            break;
        }
        who[at] = who[child];
        at = child;
    }
    who[at] = sinking;
}

void pool_draw(const struct match_party *party, int32_t civil_day, uint32_t *who,
               size_t count)
{
    const struct draw draw = {party, civil_day, who};
    size_t wanted = party->needed;

    for (size_t i = wanted / 2; i > 0; i--) {
        sink(&draw, i - 1, wanted);
    }
    for (size_t i = wanted; i < count; i++) {
        if (is_behind(&draw, who[0], who[i])) {
            uint32_t last = who[0];
            who[0] = who[i];
            who[i] = last;
            sink(&draw, 0, wanted);
        }
    }
}

static size_t find_class(const struct question *question,
                         const struct pool_scratch *scratch, size_t member,
                         size_t place)
{
    return pool_class(pool_plane(question, scratch, member, POOL_MERITS),
                      question->batch->starts.words, place);
}

static void add_weight(struct score_tally *tally, enum person_merit merit, size_t count)
{
    struct score_weight weight = score_weight(merit);

    tally->high += weight.high * count;
    tally->low += weight.low * count;
}

/* Add @count people of a class. */
static void add_merits(struct score_tally *tally, size_t class_index, size_t count)
{
    if ((class_index >> 3 & 1) != 0) {
        add_weight(tally, PERSON_TYPICAL, count);
    }
    if ((class_index >> 2 & 1) != 0) {
        add_weight(tally, PERSON_INFERRED, count);
    }
    if ((class_index >> 1 & 1) == 0) {
        add_weight(tally, PERSON_PREFERRED, count);
    }
    if ((class_index & 1) != 0) {
        add_weight(tally, PERSON_AVOID, count);
    }
}

/* Of the members who can come to the start at @place: how many are of each class into
 * @ret_counts; the class of which not all are needed, and how many of it. */
static size_t find_last_class(const struct question *question, const struct pool *pool,
                              const struct pool_scratch *scratch, size_t place,
                              size_t *ret_counts, size_t *ret_missing)
{
    const struct match_party *party = pool->party;
    size_t missing = party->needed;
    size_t last = 0;

    memset(ret_counts, 0, POOL_CLASSES * sizeof(ret_counts[0]));
    for (size_t i = 0; i < party->member_count; i++) {
        if (plane_has(pool_plane(question, scratch, i, POOL_ATTEND), place)) {
            ret_counts[find_class(question, scratch, i, place)]++;
        }
    }
    for (; ret_counts[last] < missing; last++) {
        missing -= ret_counts[last];
    }
    *ret_missing = missing;
    return last;
}

static void choose_at(const struct question *question, const struct pool *pool,
                      struct pool_scratch *scratch, size_t place)
{
    const struct match_party *party = pool->party;
    uint64_t bit = (uint64_t)1 << (place % AXIS_WORD);
    size_t count = 0;

    for (size_t i = 0; i < party->member_count; i++) {
        if (plane_has(pool_plane(question, scratch, i, POOL_ATTEND), place)) {
            size_t class_index = find_class(question, scratch, i, place);
            scratch->who[count] = pool_who(i, class_index);
            count++;
        }
    }
    if (count > party->needed) {
        minute_t start = question->batch->starts.starts[place];
        int32_t civil_day = calendar_read(question->request, start).day;
        pool_draw(party, civil_day, scratch->who, count);
    }
    for (size_t i = 0; i < party->needed; i++) {
        size_t member = scratch->who[i] & POOL_WHO;
        pool_plane(question, scratch, member, POOL_CHOSEN)[place / AXIS_WORD] |= bit;
    }
}

/* What can be said of each member at the starts of @attend. */
static void look_at_members(const struct question *question, const struct pool *pool,
                            const uint64_t *attend, struct pool_scratch *scratch)
{
    size_t words = question->batch->starts.words;

    if (scratch->looked_at == pool->party) {
        return; /* what suits is chosen right after it is scored */
    }
    scratch->looked_at = pool->party;
    for (size_t i = 0; i < pool->party->member_count; i++) {
        uint64_t *plane = pool_plane(question, scratch, i, POOL_ATTEND);
        uint64_t *merits = pool_plane(question, scratch, i, POOL_MERITS);
        unsigned any = 0;

        person_attend(question, &pool->members[i], plane);
        for (size_t word = 0; word < words; word++) {
            plane[word] &= attend[word];
        }
        person_merits(question, &pool->members[i], plane, merits, &any);
        for (size_t merit = 0; merit < PERSON_MERITS; merit++) {
            if ((any & 1u << merit) == 0) {
                plane_zero(merits + merit * words, words);
            }
        }
        plane_zero(pool_plane(question, scratch, i, POOL_CHOSEN), words);
    }
}

void pool_score(const struct question *question, const struct pool *pool,
                const uint64_t *attend, struct pool_scratch *scratch,
                struct score_tally *tallies)
{
    size_t words = question->batch->starts.words;

    look_at_members(question, pool, attend, scratch);
    for (size_t place = plane_next(attend, words, 0); place < words * AXIS_WORD;
         place = plane_next(attend, words, place + 1)) {
        size_t counts[POOL_CLASSES];
        size_t missing = 0;
        size_t last = find_last_class(question, pool, scratch, place, counts, &missing);

        counts[last] = missing;
        for (size_t i = 0; i <= last; i++) {
            add_merits(&tallies[place], i, counts[i]);
        }
    }
}

void pool_choose(const struct question *question, const struct pool *pool,
                 const uint64_t *attend, struct pool_scratch *scratch)
{
    size_t words = question->batch->starts.words;

    look_at_members(question, pool, attend, scratch);
    for (size_t place = plane_next(attend, words, 0); place < words * AXIS_WORD;
         place = plane_next(attend, words, place + 1)) {
        choose_at(question, pool, scratch, place);
    }
}

enum match_reason pool_reason(const uint32_t *counts)
{
    size_t most = MATCH_IS_BUSY;
    for (size_t i = MATCH_IS_BUSY + 1; i <= MATCH_DAY_FULL; i++) {
        most = counts[i] > counts[most] ? i : most;
    }
    return (enum match_reason)most;
}
