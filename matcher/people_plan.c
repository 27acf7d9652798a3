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

static void evaluate(const struct people_plan *plan,
                     const struct people_plan_rows *rows, uint32_t number,
                     const uint64_t *within, uint64_t ret_line[static PEOPLE_WORDS])
{
    const struct people *people = plan->people;
    const uint64_t *base = &people->blocks[number]->rows[0][0][0];

    if (!rows->any) {
        struct people_lines lines = {
            .base = base,
            .offsets = rows->offsets,
            .count = rows->count,
            .next = number + 1 < people->block_count
                        ? &people->blocks[number + 1]->rows[0][0][0]
                        : NULL,
        };
        plan->kernel->all(&lines, within, ret_line);
        return;
    }
    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t word = 0;
        for (size_t i = 0; i < rows->count; i++) {
            word |= base[rows->offsets[i] + w];
        }
        ret_line[w] = within != NULL ? word & within[w] : word;
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

/* Take those into doubt whose sources ask for more than free time, if it matters. */
static bool doubt_terms(const struct people_plan *plan,
                        const struct people_block *block,
                        const uint64_t line[static PEOPLE_WORDS],
                        uint64_t doubt[static PEOPLE_WORDS])
{
    bool is_soon = (int64_t)plan->start - plan->question->now < block->notice;

    if (!is_soon && !block->is_capped) {
        return false;
    }
    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        doubt[w] |= line[w] & ((is_soon ? block->noticed[w] : 0) | block->capped[w]);
    }
    return true;
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
    if (plan->is_exact) {
        evaluate(plan, &plan->must, number, within, ret_line);
        if (block->notice == 0 && !block->is_capped) {
            return false;
        }
        memset(ret_doubt, 0, PEOPLE_WORDS * sizeof(*ret_doubt));
        return doubt_terms(plan, block, ret_line, ret_doubt);
    }

    uint64_t enough[PEOPLE_WORDS] = {0};
    uint64_t must[PEOPLE_WORDS];
    evaluate(plan, &plan->must, number, NULL, must);
    if (plan->enough.count > 0) {
        evaluate(plan, &plan->enough, number, NULL, enough);
    }
    for (size_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t word = must[w];
        if (plan->with_brief) {
            word |= block->brief[plan->brief][w];
        }
        ret_line[w] = within != NULL ? word & within[w] : word;
        ret_doubt[w] = ret_line[w] & ~enough[w];
    }
    doubt_terms(plan, block, ret_line, ret_doubt);
    return true;
}

void people_plan_settle(const struct people_plan *plan,
                        const struct people_agendas *agendas, uint32_t number,
                        uint64_t line[static PEOPLE_WORDS],
                        const uint64_t doubt[static PEOPLE_WORDS])
{
    struct match_person person;

    for (uint32_t w = 0; w < PEOPLE_WORDS; w++) {
        uint64_t gone = agendas == NULL ? doubt[w] : 0;
        for (uint64_t bits = doubt[w] & ~gone; bits != 0; bits &= bits - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(bits);
            uint32_t who = number * PEOPLE_BLOCK + w * 64 + bit;
            if (!agendas->person(agendas->context, who, &person) ||
                !people_can_come(plan->question, &person, plan->start)) {
                gone |= 1ULL << bit;
            }
        }
        line[w] &= ~gone;
    }
}
