// SPDX-License-Identifier: Apache-2.0

#include "tests/matcher/oracle.h"

#include "tests/matcher/oracle_board.h"

#include <stdlib.h>
#include <string.h>

static bool is_free(uint8_t bits)
{
    return (bits & KNOWN) != 0 && (bits & BUSY) == 0 && (bits & OFFERED) != 0;
}

/* The minutes of the two gaps beside the slot that are too short for another such slot.
 */
static int32_t unusable_beside(const struct match_request *request,
                               const uint8_t *first)
{
    int32_t before = 0;
    int32_t after = 0;
    while (before < request->duration && is_free(first[-1 - before])) {
        before++;
    }
    while (after < request->duration && is_free(first[request->duration + after])) {
        after++;
    }
    return (before < request->duration ? before : 0) +
           (after < request->duration ? after : 0);
}

static enum match_reason judge_party(const struct match_request *request,
                                     const struct oracle_board *board, size_t index,
                                     minute_t start, struct match_merit *merit)
{
    const uint8_t *first = &board->minutes[index][start - board->from];
    uint8_t all = 0xff;
    uint8_t any = 0;
    for (int32_t i = 0; i < request->duration; i++) {
        all &= first[i];
        any |= first[i];
    }

    if ((any & BUSY) != 0) {
        return MATCH_IS_BUSY;
    }
    if ((all & KNOWN) == 0) {
        return MATCH_IS_UNKNOWN;
    }
    if ((all & OFFERED) == 0) {
        return MATCH_NOT_OFFERED;
    }

    if (request->parties[index].importance == MATCH_OPTIONAL) {
        merit->optional_present++;
    }
    if ((all & NOT_ONLY_TYPICAL) == 0) {
        merit->typical++;
    } else if ((all & DECLARED) == 0) {
        merit->inferred++;
    }
    if ((all & PREFERRED) != 0) {
        merit->preferred++;
    }
    if ((any & AVOIDED) != 0) {
        merit->avoid++;
    }
    merit->unusable += unusable_beside(request, first);
    return MATCH_ATTENDS;
}

static bool judge(const struct match_request *request, const struct oracle_board *board,
                  minute_t start, struct match_slot *ret_slot)
{
    bool feasible = true;
    memset(ret_slot, 0, sizeof(*ret_slot));
    ret_slot->start = start;
    ret_slot->end = start + request->duration;
    for (size_t p = 0; p < request->party_count; p++) {
        enum match_reason reason =
            judge_party(request, board, p, start, &ret_slot->merit);
        ret_slot->reason[p] = (uint8_t)reason;
        if (reason != MATCH_ATTENDS &&
            request->parties[p].importance == MATCH_INDISPENSABLE) {
            feasible = false;
        }
    }

    int32_t day = oracle_board_civil_day(request, start);
    int32_t late = day - board->target_day;
    ret_slot->merit.civil_day = day;
    ret_slot->merit.date_band = late <= 0 ? 0 : late <= 7 ? 1 : 2;
    return feasible;
}

static bool is_picked(const struct match_request *request, minute_t start)
{
    for (size_t i = 0; i < request->picked_count; i++) {
        if (request->picked[i] == start) {
            return true;
        }
    }
    return false;
}

static bool is_in_a_window(const struct match_request *request, minute_t start)
{
    for (size_t i = 0; i < request->window_count; i++) {
        if (start >= request->windows[i].start &&
            (int64_t)start + request->duration <= request->windows[i].end) {
            return true;
        }
    }
    return false;
}

static bool is_candidate(const struct match_request *request,
                         const struct oracle_board *board, minute_t start)
{
    const uint8_t *first = &board->clock[start - board->from];
    if (start < request->earliest) {
        return false;
    }
    if (request->picked_count > 0) {
        return is_picked(request, start);
    }
    if ((first[0] & ON_GRID) == 0 || !is_in_a_window(request, start)) {
        return false;
    }
    uint8_t all = 0xff;
    for (int32_t i = 0; i < request->duration; i++) {
        all &= first[i];
    }
    return (all & ALLOWED) != 0;
}

/* Every candidate start, judged; the caller frees *ret_slots. */
static size_t judge_all(const struct match_request *request,
                        struct match_slot **ret_slots, bool **ret_feasible)
{
    minute_t first = INT32_MAX;
    minute_t last = INT32_MIN;
    for (size_t i = 0; i < request->picked_count; i++) {
        first = request->picked[i] < first ? request->picked[i] : first;
        last = request->picked[i] > last ? request->picked[i] : last;
    }
    for (size_t i = 0; i < request->window_count && request->picked_count == 0; i++) {
        const struct match_span *window = &request->windows[i];
        first = window->start < first ? window->start : first;
        last = window->end > last ? window->end : last;
    }

    struct oracle_board board;
    oracle_board_make(request, first, last, &board);
    size_t room = 64;
    size_t count = 0;
    struct match_slot *slots = malloc(room * sizeof(*slots));
    bool *feasible = malloc(room * sizeof(*feasible));
    for (minute_t start = first; start <= last; start++) {
        if (!is_candidate(request, &board, start)) {
            continue;
        }
        if (count == room) {
            room *= 4;
            slots = realloc(slots, room * sizeof(*slots));
            feasible = realloc(feasible, room * sizeof(*feasible));
        }
        if (slots == NULL || feasible == NULL) {
            abort();
        }
        feasible[count] = judge(request, &board, start, &slots[count]);
        count++;
    }
    oracle_board_free(request, &board);
    *ret_slots = slots;
    *ret_feasible = feasible;
    return count;
}

/* The order of merit as one list of numbers, smaller is better. */
static bool is_better(const struct match_slot *a, const struct match_slot *b)
{
    const int64_t left[] = {
        a->merit.date_band, -a->merit.optional_present, a->merit.typical,
        a->merit.inferred,  -a->merit.preferred,        a->merit.avoid,
        a->merit.civil_day, a->merit.unusable / 15,     a->start,
    };
    const int64_t right[] = {
        b->merit.date_band, -b->merit.optional_present, b->merit.typical,
        b->merit.inferred,  -b->merit.preferred,        b->merit.avoid,
        b->merit.civil_day, b->merit.unusable / 15,     b->start,
    };
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i];
        }
    }
    return false;
}

static bool is_far_enough(const struct match_request *request,
                          const struct match_result *result, minute_t start)
{
    int32_t apart = request->apart == 0 ? request->duration : request->apart;
    for (size_t i = 0; i < result->count; i++) {
        if (abs(result->slots[i].start - start) < apart) {
            return false;
        }
    }
    return true;
}

static void choose(const struct match_request *request, const struct match_slot *slots,
                   const bool *feasible, size_t count, struct match_result *result)
{
    while (result->count < request->wanted) {
        const struct match_slot *best = NULL;
        for (size_t i = 0; i < count; i++) {
            if (feasible[i] && is_far_enough(request, result, slots[i].start) &&
                (best == NULL || is_better(&slots[i], best))) {
                best = &slots[i];
            }
        }
        if (best == NULL) {
            return;
        }
        result->slots[result->count] = *best;
        result->count++;
    }
}

static bool is_blocked_by(const struct match_request *request,
                          const struct match_slot *slots, size_t count,
                          const uint8_t *members, size_t member_count)
{
    for (size_t m = 0; m < member_count; m++) {
        if (members[m] >= request->party_count ||
            request->parties[members[m]].importance != MATCH_INDISPENSABLE ||
            memchr(members, members[m], m) != NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool somebody = false;
        for (size_t m = 0; m < member_count; m++) {
            somebody = somebody || slots[i].reason[members[m]] != MATCH_ATTENDS;
        }
        if (!somebody) {
            return false;
        }
    }
    return true;
}

static size_t smallest_blocking(const struct match_request *request,
                                const struct match_slot *slots, size_t count)
{
    size_t parties = request->party_count;
    size_t smallest = 4;
    for (size_t i = 0; i < parties * parties * parties; i++) {
        /* Ascending triples: a == b == c is a set of one, a < b == c a set of two. */
        size_t a = i / parties / parties;
        size_t b = i / parties % parties;
        size_t c = i % parties;
        if (a > b || b > c || (a == b && b != c)) {
            continue;
        }
        const uint8_t members[3] = {(uint8_t)a, (uint8_t)b, (uint8_t)c};
        size_t size = a == b ? 1 : b == c ? 2 : 3;
        if (size < smallest && is_blocked_by(request, slots, count, members, size)) {
            smallest = size;
        }
    }
    return smallest;
}

void oracle_search(const struct match_request *request,
                   struct oracle_answer *ret_answer)
{
    struct match_slot *slots;
    bool *feasible;
    size_t count = judge_all(request, &slots, &feasible);
    struct match_result *result = &ret_answer->result;

    memset(ret_answer, 0, sizeof(*ret_answer));
    result->candidates = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        if (feasible[i]) {
            result->feasible++;
        }
        for (size_t p = 0; p < request->party_count; p++) {
            if (request->parties[p].importance == MATCH_INDISPENSABLE) {
                result->blame[p].busy += slots[i].reason[p] == MATCH_IS_BUSY;
                result->blame[p].unknown += slots[i].reason[p] == MATCH_IS_UNKNOWN;
                result->blame[p].not_offered += slots[i].reason[p] == MATCH_NOT_OFFERED;
            }
        }
    }
    choose(request, slots, feasible, count, result);
    if (result->count == 0 && count > 0) {
        ret_answer->smallest_blocking = smallest_blocking(request, slots, count);
    }
    free(slots);
    free(feasible);
}

void oracle_judge(const struct match_request *request, minute_t start,
                  struct match_slot *ret_slot, bool *ret_feasible)
{
    struct oracle_board board;
    oracle_board_make(request, start, start, &board);
    *ret_feasible = judge(request, &board, start, ret_slot);
    oracle_board_free(request, &board);
}

bool oracle_blocks(const struct match_request *request, const uint8_t *members,
                   size_t count)
{
    struct match_slot *slots;
    bool *feasible;
    size_t slot_count = judge_all(request, &slots, &feasible);
    bool blocks = is_blocked_by(request, slots, slot_count, members, count);
    free(slots);
    free(feasible);
    return blocks;
}
