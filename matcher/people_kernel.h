// SPDX-License-Identifier: Apache-2.0

/*
 * people_kernel.h - the innermost loops of people.h, once per instruction set
 *
 * people_kernel.c holds the definition of what every kernel means, and chooses the one
 * that kernel.h says is in use; people_kernel_body.h is compiled once for each other
 * instruction set and gives the same answer bit for bit.
 *
 * Units       A line is PEOPLE_WORDS words: one bit for each of the people of a block.
 */
#ifndef MATCHER_PEOPLE_KERNEL_H
#define MATCHER_PEOPLE_KERNEL_H

#include "matcher/people.h"

enum {
    PEOPLE_SLACK = 16, /* ids that may be overwritten behind the last one */
    PEOPLE_AHEAD = 2,  /* blocks that are fetched before they are asked for */
};

/* Lines of one block: line i begins offsets[i] words behind base, aligned to 64 bytes. */
struct people_lines {
    const uint64_t *base;
    const uint32_t *offsets;
    size_t count;         /* at least 1 */
    const uint64_t *next; /* the base that will be asked for soon; NULL: none */
};

struct people_kernel {
    /* The people who are in all lines, and in @within if that is not NULL.  @ret_line may
     * be @within. */
    void (*all)(const struct people_lines *lines, const uint64_t *within,
                uint64_t *ret_line);

    /* How many people are in a line. */
    size_t (*count)(const uint64_t *line);

    /* Their numbers, ascending, @first being the one of bit 0.  Returns how many.
     * @ret_ids has room for PEOPLE_BLOCK + PEOPLE_SLACK. */
    size_t (*ids)(const uint64_t *line, uint32_t first, uint32_t *ret_ids);
};

extern const struct people_kernel people_scalar;
extern const struct people_kernel people_x86_v2;
extern const struct people_kernel people_avx2;
extern const struct people_kernel people_avx512;
extern const struct people_kernel people_neon;

const struct people_kernel *people_kernel_current(void);

/* Fetch the lines of the block at @base.  The processor sees the end of a line of people
 * coming, but not the next block. */
static inline void people_lines_fetch(const struct people_lines *lines,
                                      const uint64_t *base)
{
    enum { LINE_WORDS = 8 }; /* of memory */
    for (size_t i = 0; i < lines->count; i++) {
        for (size_t w = 0; w < PEOPLE_WORDS; w += LINE_WORDS) {
            __builtin_prefetch(base + lines->offsets[i] + w);
        }
    }
}

#endif
