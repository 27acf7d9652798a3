// SPDX-License-Identifier: Apache-2.0

/*
 * sieve.h - the days and starts that are left when the records of several people are laid
 *           over each other
 *
 * Everything before the definition (slot.c) only leaves work out: what the sieve drops is
 * a start at which somebody of these people is not free, and it never drops another one.
 *
 *     rings    one word a day and person, AND     drops most days, a few bytes a day; of
 *                                                 many people first of some
 *     planes   288 bits a day and person, AND     exact where people have planes
 *     changes  the day as it was published        exact for everybody else
 *
 * Units       Starts every SIEVE_STEP minutes from midnight UTC; days are UTC days since
 *             1970-01-01.
 *
 * Ownership   The caller gives the struct; it is some 10 KiB and needs no initialisation.
 *
 * Threads     No shared state but which kernel is in use.
 */
#ifndef MATCHER_SIEVE_H
#define MATCHER_SIEVE_H

#include "matcher/kernel_table.h"
#include "matcher/record_layout.h"

#include <stdbool.h>

enum { SIEVE_STEP = RECORD_PLANE_CELL };

static_assert(SIEVE_STEP * KERNEL_STEPS == MINUTES_PER_DAY, "a day in steps");
static_assert((int)KERNEL_PLANE_BYTES == (int)RECORD_PLANE_BYTES, "planes as they are");
static_assert((int)KERNEL_DAYS == (int)RECORD_RING_DAYS, "the smallest ring at once");
static_assert((int)KERNEL_PEOPLE == (int)MATCH_PARTIES_MAX, "everybody at once");

/* What is looked for. */
struct sieve_ask {
    const struct match_record *const *records;
    const struct match_party *parties; /* not NULL: those of these, and records is not
                                          looked at */
    size_t count;                      /* 1 .. KERNEL_PEOPLE */
    size_t needed;                     /* at least so many of them; 1 .. count */
    int32_t duration;                  /* minutes for which they have to be free */
    size_t most_days; /* that are looked at closely.  KERNEL_DAYS: every day, exact; 0:
                         none, so that the answer is all steps of the cells that the rings
                         leave, too many rather than too few; between these: exact where a
                         question leaves no more days than that, or there are planes.  Not
                         for a quorum. */
    int64_t first; /* start on whose day it may begin, in minutes, and the last one */
    int64_t last;
};

struct sieve {
    const struct sieve_ask *asked;
    const struct kernel_table *kernel;
    int32_t first_day; /* that was asked about, and the last one */
    int32_t end_day;
    int32_t next_day;  /* the first day that has not been looked at yet */
    int32_t last_day;  /* that everybody has whose days are known */
    size_t known;      /* people */
    uint32_t any_ring; /* bits of the number of days of the rings */
    uint32_t all_rings;
    bool planes; /* all have planes, and can be asked about the duration */

    /* What was found on the days looked at last: day of turn 0, and the days. */
    int32_t day;
    size_t found;
    struct kernel_day days[KERNEL_DAYS];

    /* How it was asked; the people are those whose records have these days. */
    struct kernel_ask ask;
    const struct match_record *people[KERNEL_PEOPLE];
    const uint64_t *rings[KERNEL_PEOPLE];
    const unsigned char *cells[KERNEL_PEOPLE];
    uint64_t words[KERNEL_DAYS];
};

/* How many of @count people who all have to be free are asked first: mostly no day is left
 * then, and nothing has to be read of the others. */
static inline size_t sieve_first_of(size_t count)
{
    enum { SOME = 8, MANY = 15 };
    return count > MANY ? SOME : count;
}

/* Ask for starts from which enough people are free, as common.h says; @ask has to live as
 * long as @sieve. */
void sieve_begin(struct sieve *sieve, const struct sieve_ask *ask);

/* Whether there are days that have not been looked at yet. */
static inline bool sieve_has_more(const struct sieve *sieve)
{
    return sieve->next_day <= sieve->last_day;
}

/* Look at the next of them, into sieve->days.  Ascending. */
void sieve_next(struct sieve *sieve);

#endif
