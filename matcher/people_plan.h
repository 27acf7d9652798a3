// SPDX-License-Identifier: Apache-2.0

/*
 * people_plan.h - how one slot is looked for in the rows
 *
 *     slot              ..|.#####|#####|##...        cells of 5 minutes
 *     must be free          |#####|#####|            nobody who is not free here can come
 *     is enough         |#####|#####|#####|          everybody who is free here can come
 *
 * Between the two lies doubt.  On cells both are the slot itself.
 */
#ifndef MATCHER_PEOPLE_PLAN_H
#define MATCHER_PEOPLE_PLAN_H

#include "matcher/people_internal.h"
#include "matcher/people_kernel.h"

enum {
    PEOPLE_PLAN_ROWS = MATCH_DURATION_MAX / PEOPLE_WINDOW + 2,
    PEOPLE_PLAN_DAYS = 4,
};

/* Rows whose people are all, or any of them, wanted. */
struct people_plan_rows {
    uint32_t offsets[PEOPLE_PLAN_ROWS]; /* in words, from the first row of a block on */
    size_t count;                       /* 0: nothing is known */
    bool any;                           /* any of them, not all */
};

struct people_plan {
    const struct people *people;
    const struct people_question *question;
    const struct people_kernel *kernel;
    minute_t start;

    struct people_plan_rows must;
    struct people_plan_rows enough;
    bool is_exact; /* must is enough */
    bool in_order; /* block after block is asked for: people_plan_begin() */
    bool
        with_brief; /* people with brief stretches may come though must does not know */
    uint32_t brief; /* where those of the day stand */

    /* The days that the rows are of: a block that does not hold them is not asked. */
    int32_t days[PEOPLE_PLAN_DAYS];
    size_t day_count;
};

void people_plan_make(struct people_plan *plan, const struct people *people,
                      const struct people_question *question, minute_t start);

/* Block after block will be asked for, from @number on. */
void people_plan_begin(struct people_plan *plan, uint32_t number);

/*
 * Store who of block @number can come in @ret_line, and who of them is in doubt in
 * @ret_doubt; false if nobody is, with @ret_doubt undefined.  @within and @ret_line may
 * be the same.
 */
bool people_plan_block(const struct people_plan *plan, uint32_t number,
                       const uint64_t *within, uint64_t ret_line[static PEOPLE_WORDS],
                       uint64_t ret_doubt[static PEOPLE_WORDS]);

/* Look at the agendas of those in @doubt, and take out of @line who cannot come. */
void people_plan_settle(const struct people_plan *plan,
                        const struct people_agendas *agendas, uint32_t number,
                        uint64_t line[static PEOPLE_WORDS],
                        const uint64_t doubt[static PEOPLE_WORDS]);

#endif
