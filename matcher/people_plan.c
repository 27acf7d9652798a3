// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_plan.h"

#include <string.h>

static int32_t cell_down(int32_t at)
{
    return at - at % PEOPLE_CELL;
}

static int32_t cell_up(int32_t at)
{
    return cell_down(at + PEOPLE_CELL - 1);
}

/* Where the row of @at stands, in words from the first one of a block on. */
static uint32_t row_at(int32_t at)
{
    return (people_place(at / MINUTES_PER_DAY) * PEOPLE_ROWS +
            (uint32_t)(at % MINUTES_PER_DAY / PEOPLE_CELL)) *
           PEOPLE_WORDS;
}

static void need_day(struct people_plan *plan, int32_t day)
{
    for (size_t i = 0; i < plan->day_count; i++) {
        if (plan->days[i] == day) {
            return;
        }
    }
    assert(plan->day_count < PEOPLE_PLAN_DAYS);
    plan->days[plan->day_count] = day;
    plan->day_count++;
}

static void add_row(struct people_plan *plan, struct people_plan_rows *rows, int32_t at)
{
    assert(rows->count < PEOPLE_PLAN_ROWS);
    rows->offsets[rows->count] = row_at(at);
    rows->count++;
    need_day(plan, at / MINUTES_PER_DAY);
}

/* Free in all of [start, end), which lies on cells and is no shorter than the window. */
static void want_all(struct people_plan *plan, struct people_plan_rows *rows,
                     int32_t start, int32_t end)
{
    int32_t last = end - PEOPLE_WINDOW;

    for (int32_t at = start; at < last; at += PEOPLE_WINDOW) {
        add_row(plan, rows, at);
    }
    add_row(plan, rows, last);
}

/* Free in some window that begins in [first, last]. */
static void want_any(struct people_plan *plan, struct people_plan_rows *rows,
                     int32_t first, int32_t last)
{
    rows->any = true;
    for (int32_t at = first; at <= last; at += PEOPLE_CELL) {
        add_row(plan, rows, at);
    }
}

static void set_up(struct people_plan *plan, const struct people *people,
                   const struct people_question *question, minute_t start)
{
    plan->people = people;
    plan->question = question;
    plan->kernel = people_kernel_current();
    plan->start = start;
    plan->must.count = 0;
    plan->must.any = false;
    plan->enough.count = 0;
    plan->enough.any = false;
    plan->is_exact = false;
    plan->in_order = false;
    plan->with_brief = false;
    plan->brief = 0;
    plan->day_count = 0;
}

void people_plan_make(struct people_plan *plan, const struct people *people,
                      const struct people_question *question, minute_t start)
{
    int32_t end = start + question->duration;
    int32_t inner_start = cell_up(start);
    int32_t inner_end = cell_down(end);
    int32_t outer_start = cell_down(start);
    int32_t outer_end = cell_up(end);

    set_up(plan, people, question, start);

    /* Soft time is not in the rows; neither is what lies before all of them. */
    if (question->tentative == MATCH_TENTATIVE_SOFT || outer_start < MINUTES_PER_DAY) {
        return;
    }
    if (inner_end - inner_start >= PEOPLE_WINDOW) {
        want_all(plan, &plan->must, inner_start, inner_end);
    } else {
        want_any(plan, &plan->must, outer_start - PEOPLE_WINDOW, outer_end);
        plan->with_brief = true;
        plan->brief = people_place(start / MINUTES_PER_DAY);
        need_day(plan, start / MINUTES_PER_DAY);
    }
    if (!people_is_plain(question)) {
        return;
    }
    plan->is_exact =
        inner_start == outer_start && inner_end == outer_end && !plan->with_brief;
    if (plan->is_exact) {
        return;
    }
    if (outer_end - outer_start >= PEOPLE_WINDOW) {
        want_all(plan, &plan->enough, outer_start, outer_end);
    } else {
        want_any(plan, &plan->enough, outer_end - PEOPLE_WINDOW, outer_start);
    }
}

/* Rows of a past day may still be there, but nobody keeps them up to date. */
static bool holds_all_days(const struct people_plan *plan,
                           const struct people_block *block)
{
    for (size_t i = 0; i < plan->day_count; i++) {
        if (plan->days[i] < plan->people->today ||
            block->day[people_place(plan->days[i])] != plan->days[i]) {
            return false;
        }
    }
    return plan->must.count > 0;
}

static const uint64_t *base_of(const struct people *people, uint32_t number)
{
    return number < people->block_count ? &people->blocks[number]->rows[0][0][0] : NULL;
}

void people_plan_begin(struct people_plan *plan, uint32_t number)
{
    struct people_lines lines = {
        .offsets = plan->must.offsets,
        .count = plan->must.count,
    };

    plan->in_order = plan->is_exact;
    for (uint32_t i = number; plan->in_order && i < number + PEOPLE_AHEAD; i++) {
        const uint64_t *base = base_of(plan->people, i);
        if (base != NULL) {
            people_lines_fetch(&lines, base);
        }
    }
}

/* Put right, in the answer @line of @rows, the bits of those whose calendar waits. */
static void correct(const struct people_block *block,
                    const struct people_plan_rows *rows, const uint64_t *within,
                    uint64_t *line)
{
    for (uint32_t i = 0; i < block->pending_count; i++) {
        const struct people_pending *pending = &block->pending[i];
        uint32_t w = pending->member / 64;
        uint64_t bit = 1ULL << pending->member % 64;
        bool is_in = !rows->any;
        for (size_t j = 0; j < rows->count; j++) {
            bool is_set =
                people_pending_bit(block, pending, rows->offsets[j] / PEOPLE_WORDS);
            is_in = rows->any ? is_in || is_set : is_in && is_set;
        }
        line[w] &= ~bit;
        line[w] |= is_in && (within == NULL || (within[w] & bit) != 0) ? bit : 0;
    }
}

/* Who is in all, or any, of @rows. */
static void evaluate(const struct people_plan *plan,
                     const struct people_plan_rows *rows, uint32_t number,
                     const uint64_t *within, uint64_t ret_line[static PEOPLE_WORDS])
{
    const struct people_block *block = plan->people->blocks[number];
    const uint64_t *base = base_of(plan->people, number);
    uint64_t asked[PEOPLE_WORDS];

    if (block->pending_count > 0 && within == ret_line) {
        within = memcpy(asked, within, sizeof(asked));
    }
    if (rows->any) {
        for (size_t w = 0; w < PEOPLE_WORDS; w++) {
            uint64_t word = 0;
            for (size_t i = 0; i < rows->count; i++) {
                word |= base[rows->offsets[i] + w];
            }
            ret_line[w] = word; /* these rows are a bound only: of everybody */
        }
    } else {
        struct people_lines lines = {
            .base = base,
            .offsets = rows->offsets,
            .count = rows->count,
            .next =
                plan->in_order ? base_of(plan->people, number + PEOPLE_AHEAD) : NULL,
        };
        plan->kernel->all(&lines, within, ret_line);
    }
    if (block->pending_count > 0) {
        correct(block, rows, within, ret_line);
    }
}

/* Everybody who is asked, in doubt. */
static void doubt_all(const uint64_t *within, uint64_t ret_line[static PEOPLE_WORDS],
                      uint64_t ret_doubt[static PEOPLE_WORDS])
{
    if (within == NULL) {
        memset(ret_line, 0xff, PEOPLE_WORDS * sizeof(*ret_line));
    } else if (within != ret_line) {
        memcpy(ret_line, within, PEOPLE_WORDS * sizeof(*ret_line));
    }
    memcpy(ret_doubt, ret_line, PEOPLE_WORDS * sizeof(*ret_line));
}

/* Whether people whose sources ask for more than free time are in doubt. */
static bool is_soon(const struct people_plan *plan, const struct people_block *block)
{
    return (int64_t)plan->start - plan->question->now < block->notice;
}

static uint64_t doubt_terms(const struct people_plan *plan,
                            const struct people_block *block, uint32_t word)
{
    return (is_soon(plan, block) ? block->noticed[word] : 0) |
           (block->is_capped ? block->capped[word] : 0);
}

/* Of a slot that the rows alone do not decide. */
static void evaluate_bounds(const struct people_plan *plan, uint32_t number,
                            const uint64_t *within,
                            uint64_t ret_line[static PEOPLE_WORDS],
                            uint64_t ret_doubt[static PEOPLE_WORDS])
{
    const struct people_block *block = plan->people->blocks[number];
    uint64_t enough[PEOPLE_WORDS] = {0};
    uint64_t must[PEOPLE_WORDS];

    evaluate(plan, &plan->must, number, NULL, must);
    if (plan->enough.count > 0) {
        evaluate(plan, &plan->enough, number, NULL, enough);
    }
    for (uint32_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t word = must[w];
        if (plan->with_brief) {
            word |= block->brief[plan->brief][w];
        }
        ret_line[w] = within != NULL ? word & within[w] : word;
        ret_doubt[w] = ret_line[w] & (~enough[w] | doubt_terms(plan, block, w));
    }
}

bool people_plan_block(const struct people_plan *plan, uint32_t number,
                       const uint64_t *within, uint64_t ret_line[static PEOPLE_WORDS],
                       uint64_t ret_doubt[static PEOPLE_WORDS])
{
    const struct people_block *block = plan->people->blocks[number];

    if (!holds_all_days(plan, block)) {
        doubt_all(within, ret_line, ret_doubt);
        return true;
    }
    if (!plan->is_exact) {
        evaluate_bounds(plan, number, within, ret_line, ret_doubt);
        return true;
    }
    evaluate(plan, &plan->must, number, within, ret_line);
    if (!block->is_capped && !is_soon(plan, block)) {
        return false;
    }
    for (uint32_t w = 0; w < PEOPLE_WORDS; w++) {
        ret_doubt[w] = ret_line[w] & doubt_terms(plan, block, w);
    }
    return true;
}

/* People whose agendas are looked at together, so that memory is waited for once. */
enum { TOGETHER = 16 };

static void settle_some(const struct people_plan *plan,
                        const struct people_agendas *agendas, uint32_t first,
                        const uint16_t *members, size_t count, uint64_t *line)
{
    const struct match_record *records[TOGETHER];
    struct match_person person;

    for (size_t i = 0; i < count; i++) {
        records[i] = NULL;
        if (agendas->person(agendas->context, first + members[i], &person)) {
            records[i] = person.record;
            people_fetch(records[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        people_fetch_days(records[i], plan->start, plan->start);
    }
    for (size_t i = 0; i < count; i++) {
        people_fetch_changes(records[i], plan->start, plan->start);
    }
    for (size_t i = 0; i < count; i++) {
        if (!agendas->person(agendas->context, first + members[i], &person) ||
            !people_can_come(plan->question, &person, plan->start)) {
            line[members[i] / 64] &= ~(1ULL << members[i] % 64);
        }
    }
}

void people_plan_settle(const struct people_plan *plan,
                        const struct people_agendas *agendas, uint32_t number,
                        uint64_t line[static PEOPLE_WORDS],
                        const uint64_t doubt[static PEOPLE_WORDS])
{
    uint16_t members[TOGETHER];
    size_t count = 0;

    for (uint32_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t bits = doubt[w];
        if (agendas == NULL) {
            line[w] &= ~bits;
            continue;
        }
        for (; bits != 0; bits &= bits - 1) {
            members[count] = (uint16_t)(w * 64 + (uint32_t)__builtin_ctzll(bits));
            count++;
            if (count == TOGETHER) {
                settle_some(plan, agendas, number * PEOPLE_BLOCK, members, count, line);
                count = 0;
            }
        }
    }
    settle_some(plan, agendas, number * PEOPLE_BLOCK, members, count, line);
}
