// SPDX-License-Identifier: Apache-2.0

/*
 * person.h - when one person can come, why not, and how well it suits
 *
 * The Rules of request.h for one person and one way to meet, for all starts of a batch at
 * once.  This is the definition: everything that is quicker must give the same.
 *
 *     offered     ....####.####......    runs of admitted free ranges that are known
 *     fits        ....#....##........    places at which the slot lies in one run
 *     busy        .........#.........    places at which the slot touches something
 *     can come    ....#.....#........    fits, less busy (and too far, notice, cap)
 *
 * Ownership   Everything is borrowed.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_PERSON_H
#define MATCHER_PERSON_H

#include "matcher/axis.h"
#include "matcher/check.h"
#include "matcher/interval_set.h"
#include "matcher/record_layout.h"
#include "matcher/slot.h"

/* What the ranges of a person say; bits. */
enum {
    PERSON_SAYS_DECLARED = 1u << 0, /* free ranges: by certainty, then by preference */
    PERSON_SAYS_INFERRED = 1u << 1,
    PERSON_SAYS_TYPICAL = 1u << 2,
    PERSON_SAYS_PREFERENCE = 3, /* 1 << (this + preference) */
    PERSON_SAYS_PREFERRED = 1u << (PERSON_SAYS_PREFERENCE + MATCH_PREFERRED),
    PERSON_SAYS_AVOID = 1u << (PERSON_SAYS_PREFERENCE + MATCH_AVOID),
    PERSON_SAYS_TENTATIVE = 1u << 6,
    PERSON_SAYS_BUSY = 1u << 7,
};

/* Somebody of the request: a party, or a member of a pool. */
struct person {
    const struct match_source *sources;
    size_t source_count;
    const struct match_record *record; /* it is painted; there are no sources then */
    const struct match_span *claims;
    const uint16_t *claim_places;
    size_t claim_count;
    struct match_span known; /* start >= end: nothing is known */
    int32_t buffer_before;
    int32_t buffer_after;
    int64_t not_before;         /* the notice of all sources; INT64_MIN: none */
    int32_t daily_cap;          /* 0: none */
    int64_t longest;            /* minutes; no range is longer */
    uint8_t says;               /* by any range */
    bool asks;                  /* also where nothing is known */
    struct person_sheet *sheet; /* NULL: nothing is kept */
};

/* How somebody attends. */
struct way {
    uint8_t modality;
    uint16_t place;
};

/* Starts that are judged together, and the instants at which their occurrences begin:
 * without a series the starts themselves. */
struct batch {
    struct axis starts;
    struct axis instants;
    const uint32_t
        *at; /* the place of occurrence i of start j, at [j * each + i]; NULL:
                           no series */
    size_t each;
};

/* What is painted of people with very many ranges: starts of slots that lie in such
 * ranges throughout, or that touch them. */
enum person_lane {
    PERSON_OFFERED,
    PERSON_BUSY, /* with claims and buffers */
    PERSON_SURE, /* in what is offered and not typical */
    PERSON_DECLARED,
    PERSON_PREFERS,
    PERSON_AVOIDS,
    PERSON_TENTATIVE,
    PERSON_ATTENDS, /* everything considered; not painted, nor is the next */
    PERSON_FAR, /* from an engagement elsewhere, where somebody may have to travel */
    PERSON_LANES,
};

enum {
    PERSON_THROUGHOUT = 1 << PERSON_OFFERED | 1 << PERSON_SURE | 1 << PERSON_DECLARED |
                        1 << PERSON_PREFERS, /* lanes, as bits */
};

/* What is kept of somebody for all starts of a search. */
struct person_sheet {
    uint64_t *planes;     /* PERSON_LANES */
    uint64_t *minutes;    /* in which a slot can end that lies in free time; or NULL */
    uint32_t list_number; /* for which it is known; 0: for none */
    struct way way;       /* likewise */
};

/* Where the ranges of people who have very many are painted (minutes.h). */
struct person_minutes {
    uint64_t *sets; /* of MINUTES_LANES lanes */
    size_t words;   /* of each; 0: nobody has so many */
    uint64_t *marks;
    bool has_marks;            /* those of the batch's instants */
    bool has_list_marks;       /* those of the list */
    struct person_sheet sheet; /* of whoever has none; planes of the batch's instants */
    bool keeps;                /* all batches are of starts of the list */
    struct axis list;          /* without buckets */
    uint32_t list_number;      /* changes with the list */
    uint64_t *places; /* those of the batch in the list, in these words of it */
    size_t first;
    size_t last;
    bool has_places;
};

/* Sets and planes that an evaluation overwrites. */
struct person_scratch {
    struct interval_set offered; /* each with room for person_bound() of the largest */
    struct interval_set busy;
    struct interval_set free; /* twice as much room */
    struct interval_set order;
    uint64_t *instants; /* a plane of the batch's instants; used by a series only */
    uint64_t *other;    /* another one */
    uint64_t *gaps;     /* a number for each of them; used by a series only */
    struct person_minutes minutes;
};

struct question {
    const struct match_request *request;
    const struct batch *batch;
    struct way way;
    struct person_scratch *scratch;
};

/* Planes of starts, by the reason less one. */
enum {
    PERSON_REASONS = MATCH_DAY_FULL,
    PERSON_SCAN = 16, /* ranges that are looked at one by one */
};

/* Planes of starts at which somebody attends. */
enum person_merit {
    PERSON_TYPICAL,
    PERSON_INFERRED,
    PERSON_PREFERRED,
    PERSON_AVOID,
    PERSON_MERITS,
};

/* @match as one of a party with the buffers of @party; of each of its sources there is a
 * survey. */
void person_read(const struct match_request *request, const struct match_person *match,
                 const struct match_party *party, const struct check_survey *surveys,
                 struct person *ret_person);

/* Whether somebody with @record can be painted from it, and need not be told, where the
 * starts of a search are @list: kept by a sheet, with nowhere to travel. */
bool person_is_paintable(const struct match_request *request,
                         const struct match_record *record,
                         const struct person_minutes *minutes, const minute_t *list,
                         size_t count);

/* person_read() for somebody with @match->record who is. */
void person_read_record(const struct match_request *request,
                        const struct match_person *match,
                        const struct match_party *party, struct person *ret_person);

/* The next, of a record with classes of its own. */
size_t person_classed_bound(const struct match_record *record);

/* The most ranges that @record can say of any span; quicker and more generous than
 * record_range_count(). */
static inline size_t person_record_bound(const struct match_record *record)
{
    return record->classes_at == record->items_at ? (size_t)record->change_count * 2
                                                  : person_classed_bound(record);
}

/* The most ranges that a set of @match can have before it is made canonical. */
size_t person_bound(const struct match_person *match);

/* No leg of @request is longer; minutes.  Quick and generous where there are many. */
int32_t person_farthest(const struct match_request *request);

/* All batches until the next call, or person_keep_nothing(), are of starts in @list: what
 * the sheets of people say of these holds for them too.  @list stays as it is. */
void person_keep_list(struct person_scratch *scratch, const minute_t *list,
                      size_t count);
void person_keep_nothing(struct person_scratch *scratch);

/* The batch is another one. */
static inline void person_forget_batch(struct person_scratch *scratch)
{
    scratch->minutes.has_marks = false;
    scratch->minutes.has_places = false;
}

/* At which starts @person can come. */
void person_attend(const struct question *question, const struct person *person,
                   uint64_t *ret_plane);

/* At which starts which reason keeps @person away; they may overlap, and the first one
 * counts.  @ret_planes are PERSON_REASONS planes, one behind the other. */
void person_reasons(const struct question *question, const struct person *person,
                    uint64_t *ret_planes);

/* Those of the starts in @attend at which @person, who can come as far as anybody knows,
 * is not known to be free all the time. */
void person_asked(const struct question *question, const struct person *person,
                  const uint64_t *attend, uint64_t *ret_plane);

/* What can be said of the starts in @attend, at which @person can come: PERSON_MERITS
 * planes, one behind the other.  *@ret_any has the bits (1 << enum person_merit) of those
 * that are not empty; the others are not written. */
void person_merits(const struct question *question, const struct person *person,
                   const uint64_t *attend, uint64_t *planes, unsigned *ret_any);

/* Add the unusable minutes beside the slot to @unusable, at each start in @attend. */
void person_add_gaps(const struct question *question, const struct person *person,
                     const uint64_t *attend, uint64_t *unusable);

#endif
