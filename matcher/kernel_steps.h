// SPDX-License-Identifier: Apache-2.0

/*
 * kernel_steps.h - what is set in a row: in words, and in days of steps
 *
 * Units       steps and cells, see kernel_table.h.
 */
#ifndef MATCHER_KERNEL_STEPS_H
#define MATCHER_KERNEL_STEPS_H

#include "matcher/kernel_table.h"
#include "matcher/kernel_vec.h"

#include <string.h>

/* What is set @cells in a row, in @width vectors. */
INLINE void cells_in_a_row(vec *x, const size_t width, uint32_t cells)
{
    for (uint32_t have = 1; have < cells;) {
        uint32_t by = 2 * have <= cells ? have : cells - have;
        if (by == 1) { /* Written out: a shift by a constant is cheaper. */
            for (size_t i = 0; i < width; i++) {
                x[i] = and_turned(x[i], 1);
            }
        } else {
            for (size_t i = 0; i < width; i++) {
                x[i] = and_turned(x[i], by);
            }
        }
        have += by;
    }
}

/* A day's steps, and those that follow up to 512. */
struct steps {
    vec part[PARTS];
};

INLINE struct steps load_steps(const unsigned char *day)
{
    struct steps x;

    for (size_t i = 0; i < PARTS; i++) {
        x.part[i] = load_any(day + i * KERNEL_BYTES);
    }
    return x;
}

INLINE struct steps next_word(struct steps x)
{
    const vec zero = {0};
    struct steps next;

    for (size_t i = 0; i < PARTS; i++) {
        next.part[i] = next_words(x.part[i], i + 1 < PARTS ? x.part[i + 1] : zero);
    }
    return next;
}

/* The steps of @x that are set @by steps further on, too. */
INLINE struct steps and_further(struct steps x, uint32_t by)
{
    struct steps low = x;
    if (by >= 64) {
        low = next_word(low);
        by -= 64;
    }
    struct steps high = next_word(low);
    for (size_t i = 0; i < PARTS; i++) {
        vec down = shift_down(low.part[i], by);
        vec up = shift_up(high.part[i], 64 - by);
#if KERNEL_BYTES == 64
        x.part[i] = (vec)_mm512_ternarylogic_epi64((__m512i)x.part[i], (__m512i)down,
                                                   (__m512i)up, 0xe0);
#else
        x.part[i] &= down | up;
#endif
    }
    return x;
}

/* For each of @count days the steps from which @steps in a row are set. */
INLINE void steps_in_a_row(struct steps *x, const size_t count, uint32_t steps)
{
    for (uint32_t have = 1; have < steps;) {
        uint32_t by = 2 * have <= steps ? have : steps - have;
        if (by < 64) {
            for (size_t i = 0; i < count; i++) {
                x[i] = and_further(x[i], by);
            }
        } else {
            for (size_t i = 0; i < count; i++) {
                x[i] = and_further(x[i], by);
            }
        }
        have += by;
    }
}

/* Store the day's own steps of @x.  Returns one bit for each word that has any. */
INLINE unsigned keep_day(struct steps x, uint32_t turn, struct kernel_day *day)
{
    static const uint64_t own[KERNEL_LOOK] = {UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                              UINT64_MAX, UINT32_MAX};
    uint64_t *words = (uint64_t *)(void *)day; /* what is more is overwritten */
    uint64_t none = 0;

    for (size_t i = 0; i < PARTS; i++) {
        vec steps = x.part[i] & load_any(own + i * LANES);
        store_any(words + i * LANES, steps);
        none |= lanes_zero(steps) << (i * LANES);
    }
    day->turn = turn;
    return (unsigned)none ^ ((1U << KERNEL_LOOK) - 1);
}

#endif
