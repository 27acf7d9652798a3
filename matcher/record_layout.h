// SPDX-License-Identifier: Apache-2.0

/*
 * record_layout.h - a record as it lies in memory (for matcher/, its tests and benches)
 *
 * Shape       header    64 bytes
 *             ring      ring_days words, always at offset 64
 *             days      where the changes of each day begin, day_count + 1 numbers;
 *                       directly after the ring.  For 16 days one number of 16 bits, and
 *                       for each day what it is more, in 8 bits; where these are not
 *                       enough (RECORD_LONG_DAYS), 16 bits for each day
 *             changes   16 bits each: minute of the day << 5 | class; in a *wide* record
 *                       32 bits each: minute of the day << 21 | class
 *             classes   those beyond the common ones: class RECORD_COMMON + i is entry i
 *             items     what the classes consist of
 *             plane     only with RECORD_PLANE; see below
 *
 *             A record is a whole number of RECORD_ALIGN bytes, so that an aligned load of
 *             up to 64 bytes that contains some byte of it never leaves it.
 *
 * Classes     A class is the whole state of a minute: busy or not, tentative or not, and
 *             a list of items: the places of the busy ranges over it (places other than
 *             0), those of the tentative ranges, and the free ranges (offers) over it.
 *             Left out is what no request can tell from the rest: offers where the minute
 *             is busy or not known; tentative ranges over busy ones that add no place; an
 *             offer that another one outdoes (same certainty, admitted wherever it is, and
 *             the same preference or more than neutral).
 *
 *             Days outside [first_day, first_day + day_count) have no changes: all class
 *             0.  Whether a minute is known is told by [known_start, known_end) alone.
 *
 * Plane       A bit for every 5 minutes of the days, day i from byte 36 * i of the cells
 *             on, bit m / 5 in the order of little-endian words: set if all five minutes
 *             are offered in any way, not busy and not tentative.  A day is *ragged* if
 *             the cells alone do not say which minutes those are, or if it has tentative
 *             time.  A 64-byte load from the first byte of any day stays in the record,
 *             and what lies beyond the last day is zero.
 */
#ifndef MATCHER_RECORD_LAYOUT_H
#define MATCHER_RECORD_LAYOUT_H

#include "matcher/record.h"

#include <assert.h>

/* The classes that need no table. */
enum {
    RECORD_NOTHING = 0,   /* not busy, not offered */
    RECORD_BUSY = 1,      /* nobody knows where */
    RECORD_TENTATIVE = 2, /* nobody knows where, nothing offered */
    RECORD_OFFERED = 3,   /* 3 .. 11: one offer, for all purposes and modalities and
                                       anywhere: 3 + 3 * (certainty - 1) + preference */
    RECORD_DECLARED_TENTATIVE = 12, /* tentative, nobody knows where, over class 3 */
    RECORD_COMMON = 13,

    /* Bits of the common classes that may keep somebody from coming by being near. */
    RECORD_ENGAGED =
        1 << RECORD_BUSY | 1 << RECORD_TENTATIVE | 1 << RECORD_DECLARED_TENTATIVE,
};

enum {
    RECORD_NARROW_SHIFT = 5,
    RECORD_NARROW_CLASSES = 32,
    RECORD_WIDE_SHIFT = 21,
    RECORD_CHANGES_MAX = 65535, /* in one record */
    RECORD_DAYS_MAX = 16384,    /* from its first change to its last */
    RECORD_DAY_GROUP = 16,      /* days that begin from one number */
    RECORD_PLANE_CELL = 5,      /* minutes */
    RECORD_PLANE_CELLS = 288,   /* a day */
    RECORD_PLANE_BYTES = 36,    /* a day */
};

/* What occurs anywhere in a record. */
enum record_flag {
    RECORD_IS_WIDE = 1,
    RECORD_HAS_PLANE = 2,
    RECORD_PLANE_ASKED = 4,   /* whoever built it wanted a plane in any case */
    RECORD_HAS_TENTATIVE = 8, /* tentative time, wherever */
    RECORD_HAS_PLACES = 16,   /* a busy or tentative range at a place other than 0 */
    RECORD_HAS_OFFER_PLACES = 32, /* an offer at a place other than 0 */
    RECORD_RING_ASKED = 64, /* whoever built it wanted a ring that is wide enough */
    RECORD_LONG_DAYS = 128, /* days with 16 bits each */
};

struct match_record {
    uint32_t size;         /* bytes of the record */
    int32_t first_day;     /* UTC days since 1970-01-01 */
    uint32_t day_count;    /* 0: no changes at all */
    uint16_t change_count; /* of all days */
    uint16_t common; /* bits (1 << class) of the common classes that occur, but 0 */
    minute_t known_start; /* [start, end): what is known; both 0: nothing */
    minute_t known_end;
    uint32_t changes_at; /* offsets from the beginning of the record, in bytes */
    uint32_t classes_at;
    uint32_t items_at;
    uint32_t plane_at; /* 0 without a plane */
    int32_t notice;    /* the strictest of the sources */
    int32_t daily_cap; /* likewise; 0: no cap */

    /* Of all offers of all classes; without any offer _all is full and _any empty.
     * An offer for all purposes (0) or modalities counts as one that has every bit. */
    uint32_t
        purposes_all; /* every offer has these: a request that asks for none, or for
                              one of these, is admitted by all offers */
    uint32_t purposes_any; /* some offer has this */
    uint16_t ring_days;    /* RECORD_RING_DAYS times a power of two */
    uint8_t flags;         /* enum record_flag */
    uint8_t certainties;   /* bits (1 << enum match_certainty) that occur */
    uint8_t preferences;   /* bits (1 << enum match_preference) that occur */
    uint8_t modalities_all;
    uint8_t modalities_any;
    uint8_t reserved;
};

static_assert(sizeof(struct match_record) == 64,
              "the ring begins on a line of its own");

struct record_class {
    uint32_t first; /* item */
    uint16_t
        count; /* items, at least one: offers first, then busy ones, then tentative */
    uint8_t busy; /* 1 or 0 */
    uint8_t tentative;
};

/* An offer, or a place other than 0 at which somebody is busy, or perhaps busy (then
 * only place counts, and the rest is 0). */
struct record_item {
    uint32_t purposes;
    uint16_t place;
    uint8_t kind; /* enum match_kind */
    uint8_t certainty;
    uint8_t preference;
    uint8_t modalities;
    uint8_t reserved[2];
};

static inline const uint64_t *record_ring(const struct match_record *record)
{
    return (const uint64_t *)(const void *)(record + 1);
}

/* Which word of the ring is that of UTC day @day. */
static inline uint32_t record_ring_at(const struct match_record *record, int32_t day)
{
    int32_t at = day % record->ring_days;
    return (uint32_t)(at < 0 ? at + record->ring_days : at);
}

/* The days as they lie in memory: see record_day_begin(). */
static inline const uint16_t *record_day_groups(const struct match_record *record)
{
    return (const uint16_t *)(const void *)(record_ring(record) + record->ring_days);
}

static inline const uint8_t *record_day_steps(const struct match_record *record)
{
    return (const uint8_t *)(record_day_groups(record) +
                             record->day_count / RECORD_DAY_GROUP + 1);
}

/* The changes of day first_day + @day are those from record_day_begin(record, @day) to
 * record_day_begin(record, @day + 1), for @day from 0 to day_count - 1. */
static inline uint32_t record_day_begin(const struct match_record *record, uint32_t day)
{
    if (record->flags & RECORD_LONG_DAYS) {
        return record_day_groups(record)[day];
    }
    return (uint32_t)record_day_groups(record)[day / RECORD_DAY_GROUP] +
           record_day_steps(record)[day];
}

static inline const uint16_t *record_narrow(const struct match_record *record)
{
    return (const uint16_t *)(const void *)((const unsigned char *)record +
                                            record->changes_at);
}

static inline const uint32_t *record_wide(const struct match_record *record)
{
    return (const uint32_t *)(const void *)((const unsigned char *)record +
                                            record->changes_at);
}

static inline const struct record_class *
record_classes(const struct match_record *record)
{
    return (const struct record_class *)(const void *)((const unsigned char *)record +
                                                       record->classes_at);
}

static inline uint32_t record_class_count(const struct match_record *record)
{
    return (record->items_at - record->classes_at) /
           (uint32_t)sizeof(struct record_class);
}

static inline const struct record_item *record_items(const struct match_record *record)
{
    return (const struct record_item *)(const void *)((const unsigned char *)record +
                                                      record->items_at);
}

/* From this minute of its day on. */
static inline int32_t record_change_minute(const struct match_record *record,
                                           uint32_t i)
{
    return record->flags & RECORD_IS_WIDE
               ? (int32_t)(record_wide(record)[i] >> RECORD_WIDE_SHIFT)
               : record_narrow(record)[i] >> RECORD_NARROW_SHIFT;
}

static inline uint32_t record_change_class(const struct match_record *record,
                                           uint32_t i)
{
    return record->flags & RECORD_IS_WIDE
               ? record_wide(record)[i] & ((1U << RECORD_WIDE_SHIFT) - 1)
               : record_narrow(record)[i] & (RECORD_NARROW_CLASSES - 1U);
}

/* The plane: first a bit for each ragged day, in words, then the cells of each day. */
static inline const uint64_t *record_ragged(const struct match_record *record)
{
    return (const uint64_t *)(const void *)((const unsigned char *)record +
                                            record->plane_at);
}

static inline const unsigned char *record_cells(const struct match_record *record)
{
    return (const unsigned char *)(record_ragged(record) +
                                   (record->day_count + 63) / 64);
}

#endif
