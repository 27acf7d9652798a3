// SPDX-License-Identifier: Apache-2.0

/*
 * chance.h - numbers drawn from a seed, the same at every run
 */
#ifndef TESTS_CHAOS_CHANCE_H
#define TESTS_CHAOS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t z = (chance->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* In [0, limit); 0 when @limit is 0. */
static inline uint64_t chance_draw(struct chance *chance, uint64_t limit)
{
    return limit == 0 ? 0 : chance_next(chance) % limit;
}

/* In [from, until], both included. */
static inline int64_t chance_between(struct chance *chance, int64_t from, int64_t until)
{
    return from + (int64_t)chance_draw(chance, (uint64_t)(until - from + 1));
}

static inline bool chance_percent(struct chance *chance, unsigned percent)
{
    return chance_draw(chance, 100) < percent;
}

#endif
