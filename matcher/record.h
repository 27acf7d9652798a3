// SPDX-License-Identifier: Apache-2.0

/*
 * record.h - the whole time of one person, compiled for searching
 *
 * A record says minute by minute what the sources of a person say (request.h), without
 * them: what is known, busy, tentative, and what is offered and how.  Claims are not in
 * it.  It does not depend on any request, so that an index can keep one for everybody.
 *
 * Shape       One block of memory, position-independent, aligned to RECORD_ALIGN:
 *
 *             header    size, days, what is known, what all offers have in common
 *             ring      one 64-bit word a day at [utc day mod ring_days]; see below
 *             days      where each day's changes begin
 *             changes   per day, ascending: from this minute of the day on the person is
 *                       in this class, until the next change or midnight; a day begins
 *                       in class 0 (known, not offered, not busy)
 *             classes   what the classes beyond the common ones mean
 *
 *             The word of a day: bit (m / RECORD_CELL) mod 64 is set if some minute of the
 *             cell that begins m minutes after the day's UTC midnight lies in a free
 *             stretch: offered in any way and not busy (tentative time counts as free
 *             here).  A stretch that runs on past midnight goes on in the word of the day
 *             in which it begins for RECORD_AHEAD cells more.  So the words are never too
 *             empty: AND-ing them can only leave too many days, never lose one.  Days that
 *             are ring_days apart share a word, which is never too empty either: nothing
 *             has to be done at midnight.
 *
 * Units       minute_t; days are UTC days since 1970-01-01.
 *
 * Ownership   The memory is the caller's.
 *
 * Threads     A record does not change once it is built; any number may read it.
 */
#ifndef MATCHER_RECORD_H
#define MATCHER_RECORD_H

#include "matcher/slot.h"

enum {
    RECORD_ALIGN = 64,
    RECORD_CELL = 10, /* minutes; 64 cells are 10 h 40, and then the bits come again */
    RECORD_RING_DAYS = 96, /* the least; otherwise this times a power of two */
    RECORD_AHEAD = 24, /* cells: so the words may be eroded to RECORD_AHEAD + 1 cells */
};

/* How a record is made; bits. */
enum record_shape {
    RECORD_FOR_INDEX = 0,  /* a ring of RECORD_RING_DAYS, no plane */
    RECORD_WIDE_RING = 1,  /* a ring so large that no two of its days share a word */
    RECORD_WITH_PLANE = 2, /* a bit for every five minutes, for people who are often
                                 asked; dense calendars have it in any case */
};

struct match_record;

/*
 * Bytes of a record for @sources at most.  Linear, and generous: what is used
 * afterwards tells record_size().  0 if the ranges reach over more days than a record
 * holds (16,384).
 */
size_t record_bound(const struct match_source *sources, size_t source_count,
                    unsigned shape);

/* Bytes of working memory, aligned as malloc aligns, to build it. */
size_t record_workspace_size(const struct match_source *sources, size_t source_count);

/*
 * Compile @sources into @memory, which has record_bound() bytes and RECORD_ALIGN.  The
 * sources are checked as match_search checks them; notice and daily caps go into the
 * header.  MATCH_NO_ROOM if @memory or the workspace is too small, or if the sources say
 * more than a record holds: 65,535 changes, 16,384 days, 32 different ranges over one
 * minute; then the sources have to be given to the search themselves.  On any status but
 * MATCH_OK the memory's contents are undefined.
 */
enum match_status record_build(const struct match_source *sources, size_t source_count,
                               unsigned shape, void *workspace, size_t workspace_size,
                               void *memory, size_t memory_size);

/*
 * A record that says what @old says, but within @span what @source says, in other
 * memory: whoever reads @old goes on reading it.  Coverage, notice and daily cap are
 * those of @source; the shape is that of @old.  Ranges of @source are cut to @span, and
 * what @old offers outside the new coverage is forgotten.  The result is the same, but for
 * the order of its classes, as that of building from what both say.
 *
 * One appointment made: its span, and a busy range (or none: no longer offered).  One
 * called off: its span, and what is offered there again.  Only the days of @span are
 * rewritten; days that nobody mentions need nothing, at midnight neither.
 *
 * Of a person with several sources a record does not tell what each of them says: build
 * it anew when one of them changes.  Checks and statuses are those of record_build(); an
 * empty span changes the coverage only.
 */
enum match_status record_patch(const struct match_record *old,
                               const struct match_span *span,
                               const struct match_source *source, void *workspace,
                               size_t workspace_size, void *memory, size_t memory_size);

/* Bytes of the patched record at most, and of working memory to make it. */
size_t record_patch_bound(const struct match_record *old,
                          const struct match_source *source);
size_t record_patch_workspace_size(const struct match_record *old,
                                   const struct match_source *source);

size_t record_size(const struct match_record *record);

/*
 * What the record says of [from, until): ranges as one source would publish them that
 * says the same, sorted, at most @capacity, into @ret_ranges, and the source: what is
 * known of [from, until), notice, daily cap.  Returns how many ranges there are; more
 * than @capacity means that not all were stored.
 */
size_t record_ranges(const struct match_record *record, minute_t from, minute_t until,
                     struct match_range *ret_ranges, size_t capacity,
                     struct match_source *ret_source);

/* At most so many ranges in any span. */
size_t record_range_count(const struct match_record *record);

#endif
