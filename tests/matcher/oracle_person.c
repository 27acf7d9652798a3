// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/oracle_person.h"

#include "tests/matcher/oracle_clock.h"

#include <stdlib.h>
#include <string.h>

/* What is true of one person at one minute.  A whole slot is judged by the bits that all
 * of its minutes have, and by those that any of them has. */
enum {
    KNOWN = 1 << 0,            /* covered by every source, and there is one */
    BUSY = 1 << 1,             /* under something busy, once widened */
    OFFERED = 1 << 2,          /* under an admitted free range */
    DECLARED = 1 << 3,         /* ... that is declared */
    NOT_ONLY_TYPICAL = 1 << 4, /* ... that is declared or inferred */
    PREFERRED = 1 << 5,        /* ... that is preferred */
    AVOIDED = 1 << 6,          /* ... that is marked avoid */
    DOUBTFUL = 1 << 7,         /* tentative, where that is no more than a doubt */
};

void oracle_times_of(const struct match_request *request, minute_t start,
                     struct oracle_times *ret_times)
{
    ret_times->count = 0;
    ret_times->complete = true;
    for (uint32_t n = 0; n < oracle_clock_occurrences(request); n++) {
        if (oracle_clock_occurrence(request, start, n,
                                    &ret_times->start[ret_times->count])) {
            ret_times->number[ret_times->count] = n;
            ret_times->count++;
        } else {
            ret_times->complete = false;
        }
    }
}

void oracle_board_make(const struct match_request *request, const minute_t *starts,
                       size_t count, struct oracle_board *ret_board)
{
    struct oracle_board *board = ret_board;
    board->stretches = oracle_clock_occurrences(request);
    for (uint32_t n = 0; n < board->stretches; n++) {
        board->from[n] = INT32_MAX;
        board->until[n] = INT32_MIN;
    }
    for (size_t i = 0; i < count; i++) {
        struct oracle_times times;
        oracle_times_of(request, starts[i], &times);
        for (uint32_t t = 0; t < times.count; t++) {
            /* The length of a gap matters up to one duration, and one more minute shows
             * that it is longer. */
            minute_t from = times.start[t] - request->duration - 1;
            minute_t until = times.start[t] + 2 * request->duration + 1;
            uint32_t n = times.number[t];
            board->from[n] = from < board->from[n] ? from : board->from[n];
            board->until[n] = until > board->until[n] ? until : board->until[n];
        }
    }
    board->size = 0;
    for (uint32_t n = 0; n < board->stretches; n++) {
        board->at[n] = board->size;
        if (board->from[n] < board->until[n]) {
            board->size += (size_t)((int64_t)board->until[n] - board->from[n]);
        }
    }
}

static bool is_admitted(const struct oracle_guest *guest,
                        const struct match_range *range)
{
    const struct match_request *request = guest->request;
    bool sure = request->certainties == 0 ||
                ((request->certainties >> range->certainty) & 1) != 0;
    bool meant = request->purposes == 0 || range->purposes == 0 ||
                 (request->purposes & range->purposes) != 0;
    unsigned way = guest->way.modality; /* above 7 there are no bits */
    bool this_way = way == 0 || range->modalities == 0 ||
                    (way < 8 && ((range->modalities >> way) & 1) != 0);
    bool here =
        guest->way.place == 0 || range->place == 0 || range->place == guest->way.place;
    return sure && meant && this_way && here;
}

static uint8_t bits_of_free(const struct match_range *range)
{
    unsigned bits = OFFERED;
    if (range->certainty == MATCH_DECLARED) {
        bits |= DECLARED | NOT_ONLY_TYPICAL;
    }
    if (range->certainty == MATCH_INFERRED) {
        bits |= NOT_ONLY_TYPICAL;
    }
    if (range->preference == MATCH_PREFERRED) {
        bits |= PREFERRED;
    }
    if (range->preference == MATCH_AVOID) {
        bits |= AVOIDED;
    }
    return (uint8_t)bits;
}

/* Add @bits to every minute of [start, end) that is on the board. */
static void paint(const struct oracle_board *board, uint8_t *row, int64_t start,
                  int64_t end, uint8_t bits)
{
    for (uint32_t n = 0; n < board->stretches; n++) {
        int64_t first = start > board->from[n] ? start : board->from[n];
        int64_t stop = end < board->until[n] ? end : board->until[n];
        uint8_t *minutes = &row[board->at[n]];
        for (int64_t m = first; m < stop; m++) {
            minutes[m - board->from[n]] |= bits;
        }
    }
}

/* Known is what every source covers: paint what some source does not cover, and turn it
 * round. */
static void paint_known(const struct oracle_board *board,
                        const struct match_person *person, uint8_t *row)
{
    memset(row, 0, board->size);
    for (size_t s = 0; s < person->source_count; s++) {
        const struct match_span *coverage = &person->sources[s].coverage;
        if (coverage->start >= coverage->end) {
            paint(board, row, INT32_MIN, INT64_MAX, KNOWN);
        } else {
            paint(board, row, INT32_MIN, coverage->start, KNOWN);
            paint(board, row, coverage->end, INT64_MAX, KNOWN);
        }
    }
    for (size_t i = 0; i < board->size; i++) {
        row[i] = person->source_count > 0 ? row[i] ^ KNOWN : 0;
    }
}

static bool is_engagement(const struct match_request *request,
                          const struct match_range *range)
{
    return range->kind == MATCH_BUSY || (range->kind == MATCH_TENTATIVE &&
                                         request->tentative != MATCH_TENTATIVE_SOFT);
}

void oracle_person_paint(const struct oracle_board *board, struct oracle_guest *guest)
{
    const struct match_person *person = guest->person;
    int64_t before = guest->party->buffer_before;
    int64_t after = guest->party->buffer_after;
    uint8_t *row = malloc(board->size + 1);
    if (row == NULL) {
        abort();
    }
    paint_known(board, person, row);
    for (size_t s = 0; s < person->source_count; s++) {
        for (size_t r = 0; r < person->sources[s].range_count; r++) {
            const struct match_range *range = &person->sources[s].ranges[r];
            if (is_engagement(guest->request, range)) {
                paint(board, row, range->start - after, range->end + before, BUSY);
            } else if (range->kind == MATCH_TENTATIVE) {
                paint(board, row, range->start, range->end, DOUBTFUL);
            } else if (is_admitted(guest, range)) {
                paint(board, row, range->start, range->end, bits_of_free(range));
            }
        }
    }
    for (size_t c = 0; c < person->claim_count; c++) {
        paint(board, row, person->claims[c].start - after,
              person->claims[c].end + before, BUSY);
    }
    guest->row = row;
}

static bool is_free(uint8_t bits)
{
    return (bits & KNOWN) != 0 && (bits & BUSY) == 0 && (bits & OFFERED) != 0;
}

/* The minutes of the two gaps beside the slot that are too short for another such slot.
 */
static int32_t unusable_beside(int32_t duration, const uint8_t *first)
{
    int32_t before = 0;
    int32_t after = 0;
    while (before < duration && is_free(first[-1 - before])) {
        before++;
    }
    while (after < duration && is_free(first[duration + after])) {
        after++;
    }
    return (before < duration ? before : 0) + (after < duration ? after : 0);
}

static int32_t way_from(const struct match_request *request, uint16_t from, uint16_t to)
{
    for (size_t i = 0; i < request->leg_count && from != to; i++) {
        if (request->legs[i].from == from && request->legs[i].to == to) {
            return request->legs[i].minutes;
        }
    }
    return 0;
}

/* Somebody who is at @where during @engagement cannot be in time at [start, end), or
 * not in time there afterwards. */
static bool is_too_far(const struct oracle_guest *guest, uint16_t where,
                       struct match_span engagement, minute_t start)
{
    const struct match_request *request = guest->request;
    int64_t end = (int64_t)start + request->duration;
    uint16_t here = guest->way.place;
    if (here == 0 || where == 0) {
        return false;
    }
    if (engagement.end <= start) {
        return start < (int64_t)engagement.end + way_from(request, where, here);
    }
    if (engagement.start >= end) {
        return end > (int64_t)engagement.start - way_from(request, here, where);
    }
    return false;
}

static bool is_too_far_from_any(const struct oracle_guest *guest, minute_t start)
{
    const struct match_person *person = guest->person;
    for (size_t s = 0; s < person->source_count; s++) {
        for (size_t r = 0; r < person->sources[s].range_count; r++) {
            const struct match_range *range = &person->sources[s].ranges[r];
            struct match_span engagement = {range->start, range->end};
            if (is_engagement(guest->request, range) &&
                is_too_far(guest, range->place, engagement, start)) {
                return true;
            }
        }
    }
    for (size_t c = 0; c < person->claim_count && person->claim_places != NULL; c++) {
        if (is_too_far(guest, person->claim_places[c], person->claims[c], start)) {
            return true;
        }
    }
    return false;
}

static bool is_short_notice(const struct oracle_guest *guest, minute_t start)
{
    for (size_t s = 0; s < guest->person->source_count; s++) {
        int32_t notice = guest->person->sources[s].notice;
        if (notice > 0 && start < (int64_t)guest->request->now + notice) {
            return true;
        }
    }
    return false;
}

static bool is_day_full(const struct oracle_guest *guest, minute_t start)
{
    const struct match_request *request = guest->request;
    int32_t day = oracle_clock_read(request, start).day;
    int32_t begun = 1; /* the slot itself */
    for (size_t c = 0; c < guest->person->claim_count; c++) {
        if (oracle_clock_read(request, guest->person->claims[c].start).day == day) {
            begun++;
        }
    }
    for (size_t s = 0; s < guest->person->source_count; s++) {
        int32_t cap = guest->person->sources[s].daily_cap;
        if (cap > 0 && begun > cap) {
            return true;
        }
    }
    return false;
}

struct oracle_visit oracle_person_visit(const struct oracle_board *board,
                                        const struct oracle_guest *guest,
                                        const struct oracle_times *times)
{
    int32_t duration = guest->request->duration;
    struct oracle_visit visit = {.reason = MATCH_ATTENDS};
    bool asks = guest->party->ask_if_unknown;
    uint8_t all = 0xff; /* bytes, so that the compiler looks at many at once */
    uint8_t any = 0;
    bool any_missing = false; /* a minute that is neither offered nor asked for */
    bool far = false;
    bool notice = false;
    bool full = false;

    for (uint32_t t = 0; t < times->count; t++) {
        uint32_t n = times->number[t];
        const uint8_t *first =
            &guest->row[board->at[n] + (size_t)(times->start[t] - board->from[n])];
        for (int32_t i = 0; i < duration; i++) {
            all &= first[i];
            any |= first[i];
        }
        for (int32_t i = 0; i < duration && asks; i++) {
            any_missing =
                any_missing || ((first[i] & KNOWN) != 0 && (first[i] & OFFERED) == 0);
        }
    }
    bool is_unknown = (all & KNOWN) == 0;
    any_missing = asks ? any_missing : (all & OFFERED) == 0;
    if ((any & BUSY) != 0 || (is_unknown && !asks) || any_missing) {
        visit.reason = (any & BUSY) != 0     ? MATCH_IS_BUSY
                       : is_unknown && !asks ? MATCH_IS_UNKNOWN
                                             : MATCH_NOT_OFFERED;
        return visit;
    }

    for (uint32_t t = 0; t < times->count; t++) {
        uint32_t n = times->number[t];
        const uint8_t *first =
            &guest->row[board->at[n] + (size_t)(times->start[t] - board->from[n])];
        far = far || is_too_far_from_any(guest, times->start[t]);
        notice = notice || is_short_notice(guest, times->start[t]);
        full = full || is_day_full(guest, times->start[t]);
        visit.unusable += unusable_beside(duration, first);
    }
    visit.reason = far      ? MATCH_TOO_FAR
                   : notice ? MATCH_SHORT_NOTICE
                   : full   ? MATCH_DAY_FULL
                            : MATCH_ATTENDS;
    if (is_unknown) {
        visit.asked = true;
        visit.unusable = 0;
        return visit;
    }
    visit.typical = (all & NOT_ONLY_TYPICAL) == 0 || (any & DOUBTFUL) != 0;
    visit.inferred = !visit.typical && (all & DECLARED) == 0;
    visit.preferred = (all & PREFERRED) != 0;
    visit.avoid = (any & AVOIDED) != 0;
    return visit;
}
