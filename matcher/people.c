// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_plan.h"

#include <string.h>

/* Who of the people of block @number can come.  @within is their part of the set. */
static void answer(const struct people_plan *plan, const struct people_agendas *agendas,
                   uint32_t number, const uint64_t *within,
                   uint64_t ret_line[static PEOPLE_WORDS])
{
    uint64_t doubt[PEOPLE_WORDS];

    if (people_plan_block(plan, number, within, ret_line, doubt)) {
        people_plan_settle(plan, agendas, number, ret_line, doubt);
    }
}

static enum match_status check_slot(const struct people_question *question,
                                    minute_t start)
{
    const minute_t end = PEOPLE_LAST_DAY * MINUTES_PER_DAY;
    enum match_status status = people_check(question);

    if (status == MATCH_OK && (start < 0 || start >= end)) {
        status = MATCH_BAD_WINDOW;
    }
    return status;
}

static const uint64_t *part(const uint64_t *set, uint32_t number)
{
    return set != NULL ? set + (size_t)number * PEOPLE_WORDS : NULL;
}

enum match_status people_find(const struct people *people,
                              const struct people_agendas *agendas,
                              const struct people_question *question, minute_t start,
                              const uint64_t *within, uint64_t *ret_set,
                              size_t *ret_count)
{
    enum match_status status = check_slot(question, start);
    struct people_plan plan;
    uint64_t line[PEOPLE_WORDS];
    size_t count = 0;

    if (status != MATCH_OK) {
        return status;
    }
    people_plan_make(&plan, people, question, start);
    people_plan_begin(&plan, 0);
    for (uint32_t number = 0; number < people->block_count; number++) {
        uint64_t *to = ret_set != NULL ? ret_set + (size_t)number * PEOPLE_WORDS : line;
        answer(&plan, agendas, number, part(within, number), to);
        if (ret_count != NULL) {
            count += plan.kernel->count(to);
        }
    }
    if (ret_count != NULL) {
        *ret_count = count;
    }
    return MATCH_OK;
}

/* Forget those before @from. */
static void cut(uint64_t line[static PEOPLE_WORDS], uint32_t first, uint32_t from)
{
    if (from > first) {
        uint32_t gone = from - first;
        memset(line, 0, gone / 64 * sizeof(*line));
        line[gone / 64] &= UINT64_MAX << gone % 64;
    }
}

enum match_status people_list(const struct people *people,
                              const struct people_agendas *agendas,
                              const struct people_question *question, minute_t start,
                              const uint64_t *within, struct people_page *page)
{
    enum match_status status = check_slot(question, start);
    struct people_plan plan;
    uint64_t line[PEOPLE_WORDS];
    uint32_t some[PEOPLE_BLOCK + PEOPLE_SLACK];
    size_t count = 0;

    if (status != MATCH_OK) {
        return status;
    }
    if (page->capacity == 0) {
        return MATCH_NO_ROOM;
    }
    people_plan_make(&plan, people, question, start);
    people_plan_begin(&plan, page->from / PEOPLE_BLOCK);
    page->next = UINT32_MAX;
    for (uint32_t number = page->from / PEOPLE_BLOCK; number < people->block_count;
         number++) {
        size_t room = page->capacity - count;
        bool fits = room >= PEOPLE_BLOCK + PEOPLE_SLACK;
        uint32_t *to = fits ? page->ids + count : some;

        answer(&plan, agendas, number, part(within, number), line);
        cut(line, number * PEOPLE_BLOCK, page->from);
        size_t found = plan.kernel->ids(line, number * PEOPLE_BLOCK, to);
        if (!fits) {
            size_t taken = found < room ? found : room;
            memcpy(page->ids + count, some, taken * sizeof(*some));
            if (found > room) {
                page->next = some[room];
                count += room;
                break;
            }
        }
        count += found;
    }
    page->count = count;
    return MATCH_OK;
}

/* Who of @ids, which are all of block @number, can come. */
static size_t answer_some(const struct people_plan *plan,
                          const struct people_agendas *agendas, uint32_t number,
                          const uint32_t *ids, size_t count, uint32_t *ret_ids)
{
    uint64_t within[PEOPLE_WORDS] = {0};
    uint64_t line[PEOPLE_WORDS];
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        within[ids[i] % PEOPLE_BLOCK / 64] |= 1ULL << ids[i] % 64;
    }
    answer(plan, agendas, number, within, line);
    for (size_t i = 0; i < count; i++) {
        uint32_t who = ids[i];
        ret_ids[found] = who;
        found += line[who % PEOPLE_BLOCK / 64] >> who % 64 & 1;
    }
    return found;
}

static bool is_ascending(const uint32_t *ids, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (ids[i - 1] >= ids[i]) {
            return false;
        }
    }
    return true;
}

enum match_status people_among(const struct people *people,
                               const struct people_agendas *agendas,
                               const struct people_question *question, minute_t start,
                               const uint32_t *ids, uint32_t *ret_ids, size_t *count)
{
    enum match_status status = check_slot(question, start);
    struct people_plan plan;
    size_t found = 0;
    size_t next;

    if (status == MATCH_OK && !is_ascending(ids, *count)) {
        status = MATCH_BAD_POOL;
    }
    if (status != MATCH_OK) {
        return status;
    }
    people_plan_make(&plan, people, question, start);
    for (size_t i = 0; i < *count; i = next) {
        uint32_t number = ids[i] / PEOPLE_BLOCK;
        if (number >= people->block_count) {
            break;
        }
        for (next = i + 1; next < *count && ids[next] / PEOPLE_BLOCK == number;
             next++) {
        }
        found +=
            answer_some(&plan, agendas, number, ids + i, next - i, ret_ids + found);
    }
    *count = found;
    return MATCH_OK;
}

/* Starts that are looked for together: they share rows. */
enum { STARTS = 16 };

/* Block by block, so that the rows that neighbours share are read once. */
static void answer_starts(const struct people_plan *plans, size_t count,
                          const struct people_agendas *agendas, const uint64_t *within,
                          uint32_t *counts, uint64_t *ret_sets)
{
    const struct people *people = plans[0].people;
    uint64_t line[PEOPLE_WORDS];

    for (uint32_t number = 0; number < people->block_count; number++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t *to = line;
            if (ret_sets != NULL) {
                to =
                    ret_sets + i * people_words(people) + (size_t)number * PEOPLE_WORDS;
            }
            answer(&plans[i], agendas, number, part(within, number), to);
            counts[i] += (uint32_t)plans[i].kernel->count(to);
        }
    }
}

enum match_status people_starts(const struct people *people,
                                const struct people_agendas *agendas,
                                const struct people_question *question,
                                const struct people_grid *grid, const uint64_t *within,
                                uint32_t *ret_counts, uint64_t *ret_sets)
{
    enum match_status status = check_slot(question, grid->first);
    struct people_plan plans[STARTS];

    if (status == MATCH_OK && (grid->step < 1 || grid->step > MINUTES_PER_DAY ||
                               grid->count < 1 || grid->count > MINUTES_PER_DAY)) {
        status = MATCH_BAD_GRID;
    }
    if (status == MATCH_OK) {
        int64_t last = grid->first + (int64_t)(grid->count - 1) * grid->step;
        status =
            last > INT32_MAX ? MATCH_BAD_WINDOW : check_slot(question, (minute_t)last);
    }
    if (status != MATCH_OK) {
        return status;
    }
    for (size_t first = 0; first < grid->count; first += STARTS) {
        size_t count = grid->count - first < STARTS ? grid->count - first : STARTS;
        for (size_t i = 0; i < count; i++) {
            people_plan_make(&plans[i], people, question,
                             grid->first + (minute_t)(first + i) * grid->step);
            people_plan_begin(&plans[i], 0);
            ret_counts[first + i] = 0;
        }
        answer_starts(plans, count, agendas, within, ret_counts + first,
                      ret_sets != NULL ? ret_sets + first * people_words(people)
                                       : NULL);
    }
    return MATCH_OK;
}
