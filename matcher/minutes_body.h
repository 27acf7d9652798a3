// SPDX-License-Identifier: Apache-2.0

/*
 * minutes_body.h - the innermost loops of minutes.h
 *
 * Included once by minutes.c, minutes_x86_v2.c, minutes_avx2.c and minutes_avx512.c, each
 * compiled for its instruction set; they define MINUTES_KERNEL.
 */
#ifndef MATCHER_MINUTES_BODY_H
#define MATCHER_MINUTES_BODY_H

#include "matcher/minutes_pen.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* So that the header compiles alone. */
#ifndef MINUTES_KERNEL
#define MINUTES_KERNEL minutes_of_nobody
#endif

#if defined(__BMI2__)
#include <immintrin.h>

static_assert(offsetof(struct match_range, purposes) ==
                  offsetof(struct match_range, kind) + 4,
              "what a range says is one word");
#endif

/* The lanes of what @range says.  It decides no branch, for the next one may say anything
 * else. */
static inline unsigned lanes_of(const struct match_range *range,
                                const struct minutes_brush *brush, bool is_limited)
{
#if defined(__BMI2__)
    uint64_t says;
    memcpy(&says, &range->kind, sizeof(says));
    unsigned key = (unsigned)_pext_u64(says, 0x030303);
#else
    unsigned key = minutes_key(range);
#endif
    if (is_limited) {
        unsigned refused =
            ((range->purposes != 0) & ((range->purposes & brush->purposes) == 0)) |
            ((range->modalities != 0) &
             ((range->modalities & brush->modalities) == 0)) |
            ((range->place != 0) & (brush->place != 0) &
             (range->place != brush->place));
        key |= refused * MINUTES_REFUSED;
    }
    return brush->lanes_of[key];
}

static inline __attribute__((always_inline)) void
paint_into(const struct match_range *ranges, size_t count,
           const struct minutes_brush *brush, bool is_limited, bool is_first,
           uint64_t *words, size_t word_count)
{
    const struct match_range *end = ranges + count;
    const int64_t first = brush->first;
    struct pen pen;

    pen_begin(&pen, brush, words, word_count);
    for (const struct match_range *range = ranges; range < end; range++) {
        pen_add(&pen, is_first, lanes_of(range, brush, is_limited),
                range->start - first, range->end - first);
    }
    pen_end(&pen);
}

static void paint(const struct match_range *ranges, size_t count,
                  const struct minutes_brush *brush, uint64_t *words, size_t word_count)
{
    if (minutes_is_limited(brush)) {
        paint_into(ranges, count, brush, true, true, words, word_count);
    } else {
        paint_into(ranges, count, brush, false, true, words, word_count);
    }
}

static void paint_more(const struct match_range *ranges, size_t count,
                       const struct minutes_brush *brush, uint64_t *words,
                       size_t word_count)
{
    paint_into(ranges, count, brush, true, false, words, word_count);
}

/* From one change of a record to the next one. */
struct stroke {
    int64_t from;
    int64_t until;
    unsigned lanes;
};

enum { STROKES = 64 }; /* that are drawn together */

static inline __attribute__((always_inline)) void
paint_strokes(struct pen *pen, const struct stroke *strokes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pen_add(pen, true, strokes[i].lanes, strokes[i].from, strokes[i].until);
    }
}

static inline __attribute__((always_inline)) void
paint_changes(const struct minutes_days *days, bool is_wide,
              const struct minutes_brush *brush, uint64_t *words, size_t word_count)
{
    const struct match_record *record = days->record;
    const uint32_t *wide = record_wide(record);
    const uint16_t *narrow = record_narrow(record);
    const uint32_t shift = is_wide ? RECORD_WIDE_SHIFT : RECORD_NARROW_SHIFT;
    struct stroke strokes[STROKES];
    size_t count = 0;
    struct pen pen;

    pen_begin(&pen, brush, words, word_count);
    for (uint32_t day = days->first; day < days->end; day++) {
        int64_t midnight =
            ((int64_t)record->first_day + day) * MINUTES_PER_DAY - brush->first;
        uint32_t end = record_day_begin(record, day + 1);

        for (uint32_t i = record_day_begin(record, day); i < end;) {
            uint32_t change = is_wide ? wide[i] : narrow[i];
            struct stroke *stroke = &strokes[count];

            i++;
            uint32_t next =
                (is_wide ? wide[i < end ? i : i - 1] : narrow[i < end ? i : i - 1]) >>
                shift;
            stroke->from = midnight + (change >> shift);
            stroke->until = midnight + (i < end ? next : MINUTES_PER_DAY);
            stroke->lanes = days->lanes[change & (((uint32_t)1 << shift) - 1)];
            /* What says nothing is written over: as often as not it is there. */
            count += (unsigned)(stroke->lanes != 0) & (stroke->from < days->until);
            if (count == STROKES) {
                paint_strokes(&pen, strokes, count);
                count = 0;
            }
        }
    }
    paint_strokes(&pen, strokes, count);
    pen_end(&pen);
}

static void paint_days(const struct minutes_days *days,
                       const struct minutes_brush *brush, uint64_t *words,
                       size_t word_count)
{
    if ((days->record->flags & RECORD_IS_WIDE) != 0) {
        paint_changes(days, true, brush, words, word_count);
    } else {
        paint_changes(days, false, brush, words, word_count);
    }
}

/* A word of each lane. */
typedef uint64_t eight_words __attribute__((vector_size(64), may_alias, aligned(8)));

static void shorten(uint64_t *words, size_t word_count, unsigned lanes, int32_t length)
{
    eight_words kept; /* the lanes that are left as they are */

    for (size_t lane = 0; lane < MINUTES_LANES; lane++) {
        kept[lane] = (lanes >> lane & 1) != 0 ? 0 : UINT64_MAX;
    }
    for (int32_t reach = 1; reach < length;) {
        int32_t by = length - reach < reach ? length - reach : reach;
        size_t back = (size_t)by / 64;
        int shift = by % 64;

        for (size_t i = word_count; i-- > 0;) {
            eight_words *at = (eight_words *)(void *)(words + i * MINUTES_LANES);
            eight_words earlier = {0};
            if (i >= back) {
                earlier = at[-(ptrdiff_t)back] << shift;
            }
            if (i > back) {
                earlier |= at[-(ptrdiff_t)back - 1] >> 1 >> (63 - shift);
            }
            *at &= earlier | kept;
        }
        reach += by;
    }
}

/* The bits of @word that are in @mask, pressed together. */
static inline uint64_t press_word(uint64_t word, uint64_t mask)
{
#if defined(__BMI2__)
    return _pext_u64(word, mask);
#else
    uint64_t pressed = 0;

    for (word &= mask; word != 0; word &= word - 1) {
        uint64_t before = (word & (0 - word)) - 1;
        pressed |= (uint64_t)1 << __builtin_popcountll(mask & before);
    }
    return pressed;
#endif
}

static void sample(const uint64_t *words, const uint64_t *marks, size_t word_count,
                   uint64_t *ret_planes, size_t stride)
{
    uint64_t filled[MINUTES_LANES] = {0};
    uint64_t *plane = ret_planes;
    size_t at = 0; /* bits of the word that is being filled */

    for (size_t i = 0; i < word_count; i++) {
        const uint64_t *from = words + i * MINUTES_LANES;
        const uint64_t mask = marks[i];
        const size_t next = at + (size_t)__builtin_popcountll(mask);
        uint64_t found[MINUTES_LANES];

        if (mask == 0) {
            continue;
        }
        for (size_t lane = 0; lane < MINUTES_LANES; lane++) {
            found[lane] = press_word(from[lane], mask);
            filled[lane] |= found[lane] << at;
        }
        if (next >= 64) {
            for (size_t lane = 0; lane < MINUTES_LANES; lane++) {
                plane[lane * stride] = filled[lane];
                filled[lane] = found[lane] >> 1 >> (63 - at);
            }
            plane++;
        }
        at = next % 64;
    }
    for (size_t lane = 0; at != 0 && lane < MINUTES_LANES; lane++) {
        plane[lane * stride] = filled[lane];
    }
}

static void press(const uint64_t *plane, const uint64_t *marks, size_t word_count,
                  uint64_t *ret_plane)
{
    uint64_t filled = 0;
    size_t at = 0;

    for (size_t i = 0; i < word_count; i++) {
        uint64_t found = press_word(plane[i], marks[i]);
        size_t next = at + (size_t)__builtin_popcountll(marks[i]);

        filled |= found << at;
        if (next >= 64) {
            *ret_plane++ = filled;
            filled = at == 0 ? 0 : found >> (64 - at);
        }
        at = next % 64;
    }
    if (at != 0) {
        *ret_plane = filled;
    }
}

const struct minutes_kernel MINUTES_KERNEL = {
    .paint = paint,
    .paint_more = paint_more,
    .paint_days = paint_days,
    .shorten = shorten,
    .sample = sample,
    .press = press,
};

#endif
