// SPDX-License-Identifier: Apache-2.0

/*
 * kernel_table.h - the innermost loops, once per instruction set
 *
 * kernel_scalar.c is the definition of what every kernel means; kernel_body.h is compiled
 * once for each other instruction set and gives the same answer bit for bit.
 *
 * Units       A day is 144 cells of 10 minutes, folded into one word by (cell mod 64), or
 *             288 steps of 5 minutes, step s being bit s % 64 of word s / 64.
 *
 * Shape       A question is about up to 96 days that follow each other.  They have two
 *             numbers: their *place*, which is where their word lies in the rings, and
 *             their *turn*, which is how many days they come after the first one and where
 *             they lie in the planes:
 *
 *                 place = (origin + turn) mod (8 * blocks)
 */
#ifndef MATCHER_KERNEL_TABLE_H
#define MATCHER_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KERNEL_BLOCK = 8,   /* days whose words fill a line of memory */
    KERNEL_BLOCKS = 12, /* at most in one question */
    KERNEL_DAYS = KERNEL_BLOCK * KERNEL_BLOCKS,
    KERNEL_CELLS = 64,
    KERNEL_STEPS = 288,                 /* a day */
    KERNEL_STEP = 5,                    /* minutes */
    KERNEL_WORDS = 5,                   /* for these */
    KERNEL_CHANGES = KERNEL_STEPS + 16, /* room for those of a day */
    KERNEL_LINE = 64,                   /* bytes */
    KERNEL_LOOK = 8, /* words from a day's first byte on that can be read */
    KERNEL_STEPS_MAX = 64 * KERNEL_LOOK - KERNEL_STEPS + 1, /* in a row */
    KERNEL_PLANE_BYTES = 36, /* a day; the next one follows */
    KERNEL_PEOPLE = 64,      /* at most in one question */
};

/* A set of days: bit d % 64 of word d / 64. */
struct kernel_days {
    uint64_t bits[2];
};

struct kernel_ask {
    const uint64_t *const *rings;       /* by person; aligned to 64 bytes */
    const unsigned char *const *planes; /* by person: the day of turn 0 */
    size_t count;                       /* people, 1 .. KERNEL_PEOPLE */
    size_t first;                       /* word of each ring that is place 0; blocks */
    uint32_t blocks;                    /* 1 .. KERNEL_BLOCKS */
    uint32_t origin;
    uint32_t
        cells; /* 1 .. KERNEL_CELLS: how many in a row must be set in a ring word */
    uint32_t steps;          /* 1 .. KERNEL_STEPS_MAX: likewise in a plane */
    struct kernel_days days; /* by place: those that matter */
};

/* The starts of one day; a line of memory. */
struct kernel_day {
    _Alignas(KERNEL_LINE) uint64_t starts[KERNEL_WORDS];
    uint32_t turn;
    uint32_t reserved[5];
};

struct kernel_table {
    /*
     * What is set in the ring words of everybody, @ask->cells in a row (cyclically), at
     * the first of these: into ret_words[place] for each day that is returned, unless
     * @ret_words is NULL; it has room for KERNEL_DAYS.  Days without any are not returned;
     * the other elements of ret_words are undefined.
     */
    struct kernel_days (*prune)(const struct kernel_ask *ask, uint64_t *ret_words);

    /*
     * The steps of the days of @turns from which @ask->steps in a row are set in the
     * planes of everybody.  Days by ascending turn, those without any left out.  Returns
     * how many there are.
     */
    size_t (*starts)(const struct kernel_ask *ask, struct kernel_days turns,
                     struct kernel_day ret_days[static KERNEL_DAYS]);

    /*
     * The days on which at least @needed people (1 .. count) have, at the same place of
     * the ring word, @ask->cells in a row.
     */
    struct kernel_days (*quorum_prune)(const struct kernel_ask *ask, size_t needed);

    /* As starts: the steps from which at least @needed people have all of them set. */
    size_t (*quorum)(const struct kernel_ask *ask, struct kernel_days turns,
                     size_t needed, struct kernel_day ret_days[static KERNEL_DAYS]);

    /*
     * The first and the last of the starts that follow each other, in turns, of @count
     * days by ascending turn, in minutes; turn 0 begins at @at.  @open tells that the step
     * before the first of these days is a start, whose run goes on; if the number that is
     * returned is odd, or even where it was open, the run of the last one is still open,
     * and its last start is not said.  Room is needed for @count * KERNEL_CHANGES; what is
     * behind the changes in @ret_minutes is lost.
     */
    size_t (*changes)(const struct kernel_day *days, size_t count, bool open,
                      int32_t at, int32_t *ret_minutes);
};

/* Those that were compiled; which of them is in use is asked with kernel_current(). */
extern const struct kernel_table kernel_scalar;
extern const struct kernel_table kernel_x86_v2;
extern const struct kernel_table kernel_avx2;
extern const struct kernel_table kernel_avx512;
extern const struct kernel_table kernel_neon;

const struct kernel_table *kernel_current(void);

#endif
