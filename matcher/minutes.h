// SPDX-License-Identifier: Apache-2.0

/*
 * minutes.h - sets of minutes as bits, and very many ranges painted into them
 *
 * Where ranges lie close together, looking each of them up costs more than all minutes of
 * the time that they are about: a range then flips the bit at which it begins and the one
 * at which it ends, whatever it says, and afterwards whole words are worked on.
 *
 * Units       A word holds 64 minutes, the earliest in bit 0.
 *
 * Ownership   All memory is the caller's.
 *
 * Threads     No shared state but the kernel in use (kernel.h).
 */
#ifndef MATCHER_MINUTES_H
#define MATCHER_MINUTES_H

#include "matcher/request.h"

enum {
    MINUTES_LAYERS = 11, /* that are painted at once */
    MINUTES_KEYS = 128,
    MINUTES_GUARD = MATCH_DURATION_MAX / 2 / 64 + 2, /* words behind a set, all 0 */
};

/* What one kind of ranges is painted into, a set of minutes. */
struct minutes_layer {
    uint64_t *words;
    int64_t before; /* minute 0 of the set; a range is longer by so much at its start */
    int64_t after;  /* and this is added to its end */
    int64_t reached;
};

struct minutes_brush {
    int64_t count;                  /* minutes of a layer */
    uint32_t purposes;              /* bits of free ranges that are admitted, or all */
    uint32_t modalities;            /* likewise */
    uint16_t place;                 /* of free ranges that are admitted; 0: any */
    uint8_t layer_of[MINUTES_KEYS]; /* by minutes_key() */
    struct minutes_layer layers[MINUTES_LAYERS];
};

/* What @range says, as far as it has a layer of its own.  Of what is not free only the
 * kind counts, but all that is in it is in the key. */
static inline unsigned minutes_key(const struct match_range *range)
{
    return (range->kind & 3u) | (range->certainty & 3u) << 2 |
           (range->preference & 3u) << 4;
}

enum { MINUTES_REFUSED = 64 }; /* added to the key of a range that is not admitted */

struct minutes_kernel {
    /* Flip the bits of @count ranges, sorted by start, in their layers, which have a bit
     * more than minutes; none of them reaches back before what was painted already. */
    void (*paint)(const struct match_range *ranges, size_t count,
                  struct minutes_brush *brush);

    /* What was painted, as a set. */
    void (*fill)(uint64_t *words, size_t count);

    /* Put @other into @set. */
    void (*join)(uint64_t *set, const uint64_t *other, size_t count);

    /* Minutes at which this and the next @length - 1 are in the set, or any of them;
     * @other has as much room as @set, and both have MINUTES_GUARD words more.  Returns
     * the one of them that holds the answer. */
    uint64_t *(*throughout)(uint64_t *set, uint64_t *other, size_t count,
                            int32_t length);
    uint64_t *(*anywhere)(uint64_t *set, uint64_t *other, size_t count, int32_t length);

    /* The minutes of @set that are in @marks, one bit for each of these. */
    void (*sample)(const uint64_t *set, const uint64_t *marks, size_t count,
                   uint64_t *ret_plane);
};

extern const struct minutes_kernel minutes_plain;
extern const struct minutes_kernel minutes_x86_v2;
extern const struct minutes_kernel minutes_avx2;
extern const struct minutes_kernel minutes_avx512;

const struct minutes_kernel *minutes_kernel_current(void);

/* Words of a layer of @count minutes, without its guard. */
static inline size_t minutes_words(int64_t count)
{
    return (size_t)(count / 64) + 1;
}

#endif
