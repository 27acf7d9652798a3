// SPDX-License-Identifier: Apache-2.0

/*
 * minutes.h - sets of minutes as bits, and very many ranges painted into them
 *
 * Where ranges lie close together, looking each of them up costs more than all minutes of
 * the time that they are about.  So they are painted, eight sets at once: a word of each
 * set is in a vector while the ranges that begin in it are put there, whatever they say,
 * and what reaches further goes on in the next words.  No branch depends on a range.
 *
 * Sets are of minutes at which a slot can end: what has to last throughout the slot
 * begins later than its ranges do, what only has to be touched by it ends later.
 *
 *     ranges       ...######...#####.....
 *     throughout   .....####.....###.....   slots of three minutes, by their last one
 *     touched      ...########.#######...
 *
 * Units       A word holds 64 minutes, the earliest in bit 0.
 *
 * Shape       Word i of lane j is words[i * MINUTES_LANES + j].
 *
 * Ownership   All memory is the caller's.
 *
 * Threads     No shared state but the kernel in use (kernel.h).
 */
#ifndef MATCHER_MINUTES_H
#define MATCHER_MINUTES_H

#include "matcher/record_layout.h"
#include "matcher/request.h"

enum {
    MINUTES_LANES = 8,
    MINUTES_KEYS = 128,
    MINUTES_GUARD = MATCH_BUFFER_MAX / 64 + 2, /* words behind a set */
};

struct minutes_brush {
    int64_t first;                  /* the minute that is bit 0 of word 0 */
    uint32_t purposes;              /* bits of free ranges that are admitted, or all */
    uint32_t modalities;            /* likewise */
    uint16_t place;                 /* of free ranges that are admitted; 0: any */
    uint8_t lanes_of[MINUTES_KEYS]; /* bits (1 << lane) by minutes_key() */
    int32_t inset[MINUTES_LANES];   /* how much later runs of ranges begin */
    int32_t longer[MINUTES_LANES];  /* and how much later ranges end */
};

/* Whether there are free ranges that are not admitted though their certainty is. */
static inline bool minutes_is_limited(const struct minutes_brush *brush)
{
    return (brush->purposes & brush->modalities) != UINT32_MAX || brush->place != 0;
}

/* What @range says, as far as it has a lane of its own.  Of what is not free only the
 * kind counts, but all that is in it is in the key. */
static inline unsigned minutes_key(const struct match_range *range)
{
    return (range->kind & 3u) | (range->certainty & 3u) << 2 |
           (range->preference & 3u) << 4;
}

enum { MINUTES_REFUSED = 64 }; /* added to the key of a range that is not admitted */

/* Days of a record, and what each class of it says. */
struct minutes_days {
    const struct match_record *record;
    uint32_t first; /* index of a day */
    uint32_t end;
    int64_t until; /* what begins there or later is left out: brush->first is 0 */
    const uint8_t *lanes; /* bits (1 << lane) by class */
};

struct minutes_kernel {
    /* Put @count ranges, sorted by start, all of which begin before the end of the sets,
     * into the sets, of @word_count words each: empty
     * ones, or such as others have been put into. */
    void (*paint)(const struct match_range *ranges, size_t count,
                  const struct minutes_brush *brush, uint64_t *words,
                  size_t word_count);
    void (*paint_more)(const struct match_range *ranges, size_t count,
                       const struct minutes_brush *brush, uint64_t *words,
                       size_t word_count);

    /* The same with what @days say, into empty sets: nothing has to be told for that.  Of
     * @brush lanes_of, purposes, modalities and place do not matter. */
    void (*paint_days)(const struct minutes_days *days,
                       const struct minutes_brush *brush, uint64_t *words,
                       size_t word_count);

    /* Leave of the lanes in @lanes the minutes that end @length of the set. */
    void (*shorten)(uint64_t *words, size_t word_count, unsigned lanes, int32_t length);

    /* The minutes of each lane that are in @marks, one bit for each of these; the planes
     * are @stride words apart. */
    void (*sample)(const uint64_t *words, const uint64_t *marks, size_t word_count,
                   uint64_t *ret_planes, size_t stride);

    /* The bits of @plane that are in @marks, pressed together. */
    void (*press)(const uint64_t *plane, const uint64_t *marks, size_t word_count,
                  uint64_t *ret_plane);
};

extern const struct minutes_kernel minutes_plain;
extern const struct minutes_kernel minutes_x86_v2;
extern const struct minutes_kernel minutes_avx2;
extern const struct minutes_kernel minutes_avx512;

const struct minutes_kernel *minutes_kernel_current(void);

/* Words of a set of @count minutes, without its guard. */
static inline size_t minutes_words(int64_t count)
{
    return (size_t)(count / 64) + 1;
}

#endif
