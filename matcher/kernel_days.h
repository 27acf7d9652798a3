// SPDX-License-Identifier: Apache-2.0

/*
 * kernel_days.h - sets of up to 96 days, and where a day of a question lies
 *
 * Units       places and turns, see kernel_table.h.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_KERNEL_DAYS_H
#define MATCHER_KERNEL_DAYS_H

#include "matcher/kernel_table.h"

#include <assert.h>
#include <stdbool.h>

static inline void kernel_days_add(struct kernel_days *days, uint32_t day)
{
    days->bits[day / 64] |= (uint64_t)1 << (day % 64);
}

static inline bool kernel_days_has(struct kernel_days days, uint32_t day)
{
    return days.bits[day / 64] >> (day % 64) & 1;
}

static inline struct kernel_days kernel_days_both(struct kernel_days a,
                                                  struct kernel_days b)
{
    return (struct kernel_days){{a.bits[0] & b.bits[0], a.bits[1] & b.bits[1]}};
}

static inline struct kernel_days kernel_days_either(struct kernel_days a,
                                                    struct kernel_days b)
{
    return (struct kernel_days){{a.bits[0] | b.bits[0], a.bits[1] | b.bits[1]}};
}

static inline size_t kernel_days_count(struct kernel_days days)
{
    int count = __builtin_popcountll(days.bits[0]);
    count += __builtin_popcountll(days.bits[1]);
    return (size_t)count;
}

static inline uint32_t kernel_place(const struct kernel_ask *ask, uint32_t turn)
{
    uint32_t place = ask->origin + turn;
    uint32_t days = ask->blocks * KERNEL_BLOCK;

    return place < days ? place : place - days;
}

static inline struct kernel_days kernel_days_down(struct kernel_days days, uint32_t by)
{
    assert(by < 128);
    if (by >= 64) {
        return (struct kernel_days){{days.bits[1] >> (by - 64), 0}};
    }
    return (struct kernel_days){
        {days.bits[0] >> by | days.bits[1] << 1 << (63 - by), days.bits[1] >> by}};
}

static inline struct kernel_days kernel_days_up(struct kernel_days days, uint32_t by)
{
    assert(by < 128);
    if (by >= 64) {
        return (struct kernel_days){{0, days.bits[0] << (by - 64)}};
    }
    return (struct kernel_days){
        {days.bits[0] << by, days.bits[1] << by | days.bits[0] >> 1 >> (63 - by)}};
}

/* All days before @end, which is 1 .. 128. */
static inline struct kernel_days kernel_days_below(uint32_t end)
{
    struct kernel_days all = {{UINT64_MAX, UINT64_MAX}};
    return kernel_days_down(all, 128 - end);
}

/* Days @from and later, before @until; from <= until < 128. */
static inline struct kernel_days kernel_days_between(uint32_t from, uint32_t until)
{
    const uint64_t one = 1;
    uint64_t low = (until < 64 ? one << until : 0) - (from < 64 ? one << from : 0);
    uint64_t high =
        (until < 64 ? 1 : one << (until - 64)) - (from < 64 ? 1 : one << (from - 64));

    return (struct kernel_days){{low, high}};
}

/* @days round by @by places in a circle of @around (less than 128). */
static inline struct kernel_days kernel_days_turn(struct kernel_days days, uint32_t by,
                                                  uint32_t around)
{
    struct kernel_days up = kernel_days_up(days, by);
    struct kernel_days down = kernel_days_down(days, around - by);

    /* What went up beyond the last place has come in again below. */
    return kernel_days_both(kernel_days_either(up, down), kernel_days_below(around));
}

/* @days by turn in place of by place. */
static inline struct kernel_days kernel_turns(const struct kernel_ask *ask,
                                              struct kernel_days days)
{
    uint32_t around = ask->blocks * KERNEL_BLOCK;
    return kernel_days_turn(days, around - ask->origin, around);
}

/* @days by place in place of by turn. */
static inline struct kernel_days kernel_places(const struct kernel_ask *ask,
                                               struct kernel_days days)
{
    return kernel_days_turn(days, ask->origin, ask->blocks * KERNEL_BLOCK);
}

#endif
