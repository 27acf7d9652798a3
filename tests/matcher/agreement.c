// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/agreement.h"

#include "tests/matcher/agreement_internal.h"
#include "tests/matcher/oracle.h"
#include "tests/matcher/oracle_clock.h"
#include "tests/matcher/recorded.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct agreement_seen agreement_seen;

char agreement_complaint[256];
static const char *how = ""; /* it was asked */

/* Only the first complaint is kept: what follows from it says less. */
void agreement_complain(const char *format, ...)
{
    va_list arguments;
    if (agreement_complaint[0] != 0) {
        return;
    }
    int length = snprintf(agreement_complaint, sizeof(agreement_complaint), "%s", how);
    va_start(arguments, format);
    vsnprintf(agreement_complaint + length,
              sizeof(agreement_complaint) - (size_t)length, format, arguments);
    va_end(arguments);
}

void agreement_compare(const char *what, int64_t want, int64_t got)
{
    if (want != got) {
        agreement_complain("%s: the oracle says %lld, the matcher %lld", what,
                           (long long)want, (long long)got);
    }
}

/* Memory of a call, exactly as much as it asks for. */
struct room {
    void *workspace;
    size_t size;
    uint16_t *chosen;
    size_t chosen_capacity;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static struct room make_room(const struct match_request *request)
{
    struct room room;
    room.size = match_workspace_size(request);
    room.workspace = must(malloc(room.size + 1));
    room.chosen_capacity = match_chosen_bound(request);
    room.chosen = must(malloc((room.chosen_capacity + 1) * sizeof(room.chosen[0])));
    return room;
}

static void free_room(struct room *room)
{
    free(room->workspace);
    free(room->chosen);
}

static void begin_result(const struct room *room, int filler,
                         struct match_result *ret_result)
{
    memset(ret_result, filler, sizeof(*ret_result));
    ret_result->chosen = room->chosen_capacity > 0 ? room->chosen : NULL;
    ret_result->chosen_capacity = room->chosen_capacity;
}

static void compare_chosen(const struct oracle *oracle, const struct match_slot *want,
                           const struct match_result *result,
                           const struct match_slot *got)
{
    const struct match_request *request = oracle->request;
    for (size_t p = 0; p < request->party_count; p++) {
        const struct match_party *party = &request->parties[p];
        if (party->member_count == 0 || want->reason[p] != MATCH_ATTENDS) {
            agreement_compare("chosen_at of nobody", 0, got->chosen_at[p]);
            continue;
        }
        if (got->chosen_at[p] + party->needed > result->chosen_capacity) {
            agreement_complain("the members chosen of party %zu lie outside the room",
                               p);
            return;
        }
        for (size_t i = 0; i < party->needed; i++) {
            agreement_compare("chosen member", oracle->chosen[want->chosen_at[p] + i],
                              result->chosen[got->chosen_at[p] + i]);
        }
    }
}

static void compare_slot(const struct oracle *oracle, const struct match_slot *want,
                         const struct match_result *result,
                         const struct match_slot *got)
{
    agreement_compare("start", want->start, got->start);
    agreement_compare("end", want->end, got->end);
    agreement_compare("option", want->option, got->option);
    for (size_t p = 0; p < MATCH_PARTIES_MAX; p++) {
        agreement_compare("reason", want->reason[p], got->reason[p]);
    }
    agreement_compare("heads", want->heads, got->heads);
    agreement_compare("date_band", want->merit.date_band, got->merit.date_band);
    agreement_compare("optional_present", want->merit.optional_present,
                      got->merit.optional_present);
    agreement_compare("asked", (int64_t)want->asked, (int64_t)got->asked);
    agreement_compare("merit asked", want->merit.asked, got->merit.asked);
    agreement_compare("typical", want->merit.typical, got->merit.typical);
    agreement_compare("inferred", want->merit.inferred, got->merit.inferred);
    agreement_compare("preferred", want->merit.preferred, got->merit.preferred);
    agreement_compare("avoid", want->merit.avoid, got->merit.avoid);
    agreement_compare("civil_day", want->merit.civil_day, got->merit.civil_day);
    agreement_compare("unusable", want->merit.unusable, got->merit.unusable);
    compare_chosen(oracle, want, result, got);
}

static void compare_slots(const struct oracle *oracle,
                          const struct oracle_slot *const *want, size_t count,
                          const struct match_result *got)
{
    agreement_compare("count", (int64_t)count, (int64_t)got->count);
    for (size_t i = 0; i < count && i < got->count; i++) {
        compare_slot(oracle, &want[i]->slot, got, &got->slots[i]);
    }
}

static void compare_order(const struct match_request *request,
                          const struct match_result *result)
{
    for (size_t i = 0; i + 1 < result->count; i++) {
        const struct match_slot *a = &result->slots[i];
        const struct match_slot *b = &result->slots[result->count - 1];
        int want = oracle_compare(request, a, b);
        int got = match_compare(request, a, b);
        int turned = match_compare(request, b, a);
        agreement_compare("match_compare", want, (got > 0) - (got < 0));
        agreement_compare("match_compare, turned round", -want,
                          (turned > 0) - (turned < 0));
    }
}

static void see_reasons(const struct oracle *oracle)
{
    bool seen[MATCH_DAY_FULL + 1] = {false};
    for (size_t i = 0; i < oracle->candidates * oracle->options; i++) {
        for (size_t p = 0; p < oracle->request->party_count; p++) {
            seen[oracle->slots[i].slot.reason[p]] = true;
        }
    }
    agreement_seen.far += seen[MATCH_TOO_FAR];
    agreement_seen.late += seen[MATCH_SHORT_NOTICE];
    agreement_seen.full += seen[MATCH_DAY_FULL];
}

static void see(const struct random_request *r, const struct oracle *oracle)
{
    const struct match_request *request = &r->request;
    const struct oracle_slot *best[MATCH_SLOTS_MAX];
    size_t count = oracle_search(oracle, best);
    agreement_seen.rounds++;
    see_reasons(oracle);
    if (count == 0) {
        return;
    }
    agreement_seen.answered++;
    agreement_seen.changed += r->crosses_clock_change;
    agreement_seen.series += request->occurrences > 1;
    agreement_seen.others += best[0]->slot.option > 0;
    bool pool = false;
    for (size_t p = 0; p < request->party_count; p++) {
        pool = pool || (request->parties[p].member_count > 0 &&
                        best[0]->slot.reason[p] == MATCH_ATTENDS);
    }
    agreement_seen.pools += pool;
    if (count > 1) {
        struct match_merit first = best[0]->slot.merit;
        struct match_merit second = best[1]->slot.merit;
        first.unusable /= 15;
        second.unusable /= 15;
        agreement_seen.tied += memcmp(&first, &second, sizeof(first)) == 0;
    }
}

static void check_search(const struct match_request *request,
                         const struct oracle *oracle, struct room *room)
{
    static struct match_result got;
    const struct oracle_slot *best[MATCH_SLOTS_MAX];
    size_t count = oracle_search(oracle, best);
    uint32_t candidates = 0;
    uint32_t feasible = 0;

    begin_result(room, 0xa5, &got);
    agreement_compare("status", MATCH_OK,
                      match_search(request, room->workspace, room->size, &got));
    if (agreement_complaint[0] != 0) {
        return;
    }
    compare_slots(oracle, best, count, &got);
    compare_order(request, &got);
    agreement_compare(
        "status of the count", MATCH_OK,
        match_count(request, room->workspace, room->size, &candidates, &feasible));
    agreement_compare("candidates", (int64_t)oracle->candidates, candidates);
    agreement_compare("feasible", (int64_t)oracle->feasible, feasible);
}

static void judge_one(const struct match_request *request,
                      const struct match_request *asked, struct room *room,
                      minute_t start, uint32_t option)
{
    static struct match_result got;
    struct oracle oracle;
    bool feasible = false;

    oracle_open_at(request, start, &oracle);
    begin_result(room, 0x5a, &got);
    agreement_compare("status of the judgement", MATCH_OK,
                      match_judge(asked, start, option, room->workspace, room->size,
                                  &got, &feasible));
    if (agreement_complaint[0] == 0) {
        agreement_compare("count of the judgement", 1, (int64_t)got.count);
        agreement_compare("feasible, judged", oracle.slots[option].feasible, feasible);
        compare_slot(&oracle, &oracle.slots[option].slot, &got, &got.slots[0]);
    }
    oracle_close(&oracle);
}

static void check_occurrences(const struct match_request *request, minute_t start)
{
    for (uint32_t n = 0; n < oracle_clock_occurrences(request); n++) {
        minute_t want = 0;
        minute_t got = 0;
        bool is_there = oracle_clock_occurrence(request, start, n, &want);
        agreement_compare("occurrence", is_there,
                          match_occurrence(request, start, n, &got));
        agreement_compare("start of the occurrence", want, is_there ? got : want);
    }
}

static void check_judge(struct random_request *r, const struct match_request *asked,
                        struct room *room)
{
    const struct match_request *request = &r->request;
    struct dice dice = {r->next_id};
    int32_t options = request->option_count > 0 ? (int32_t)request->option_count : 1;
    for (int i = 0; i < 3; i++) {
        minute_t start = random_request_minute(&dice, r);
        if (i == 2) {
            start += dice_between(&dice, -20000, 20000);
        }
        judge_one(request, asked, room, start,
                  (uint32_t)dice_between(&dice, 0, options - 1));
        check_occurrences(request, start);
    }
}

static void check_nearest(const struct random_request *r,
                          const struct match_request *asked,
                          const struct oracle *oracle, struct room *room)
{
    static struct match_result got;
    const struct oracle_slot *near[MATCH_SLOTS_MAX];
    size_t count = oracle_nearest(oracle, r->wanted, near);

    begin_result(room, 0xa5, &got);
    agreement_compare(
        "status of the nearest", MATCH_OK,
        match_nearest(asked, r->wanted, room->workspace, room->size, &got));
    if (agreement_complaint[0] == 0) {
        compare_slots(oracle, near, count, &got);
    }
}

/* An answer and the memory that it lies in, which held @filler before. */
struct answer {
    const struct match_request *request;
    struct room room;
    struct match_result result;
    enum match_status status;
};

static void answer(const struct match_request *request, int filler, struct answer *ret)
{
    ret->request = request;
    ret->room = make_room(request);
    memset(ret->room.workspace, filler, ret->room.size);
    begin_result(&ret->room, filler, &ret->result);
    ret->status =
        match_search(request, ret->room.workspace, ret->room.size, &ret->result);
}

/* All bytes of two answers must agree. */
static void compare_bytes(const char *what, const struct answer *a,
                          const struct answer *b)
{
    const struct match_request *request = a->request;
    const struct match_result *first = &a->result;
    const struct match_result *second = &b->result;
    agreement_compare(what, a->status, b->status);
    agreement_compare("chosen_capacity", (int64_t)first->chosen_capacity,
                      (int64_t)second->chosen_capacity);
    if (agreement_complaint[0] == 0) {
        const void *slots = first->slots;
        const void *others = second->slots;
        agreement_compare(what, (int64_t)first->count, (int64_t)second->count);
        if (memcmp(slots, others, first->count * sizeof(first->slots[0])) != 0) {
            agreement_complain("%s: other bytes", what);
        }
    }
    for (size_t i = 0; i < first->count && agreement_complaint[0] == 0; i++) {
        for (size_t p = 0; p < request->party_count; p++) {
            const struct match_party *party = &request->parties[p];
            if (party->member_count > 0 && first->slots[i].reason[p] == MATCH_ATTENDS &&
                memcmp(&first->chosen[first->slots[i].chosen_at[p]],
                       &second->chosen[second->slots[i].chosen_at[p]],
                       party->needed * sizeof(first->chosen[0])) != 0) {
                agreement_complain("%s: other members are chosen", what);
            }
        }
    }
}

static void check_again(const struct match_request *request)
{
    static struct answer first;
    static struct answer second;
    answer(request, 0, &first);
    answer(request, 0xff, &second);
    compare_bytes("the same again", &first, &second);
    free_room(&first.room);
    free_room(&second.room);
}

/* Ask the matcher of @asked, which says what @r says. */
static void check_answers(struct random_request *r, const struct match_request *asked,
                          const struct oracle *oracle, unsigned what)
{
    struct room room = make_room(asked);
    if ((what & AGREE_ON_SEARCH) != 0) {
        check_search(asked, oracle, &room);
    }
    if ((what & AGREE_ON_JUDGE) != 0 && agreement_complaint[0] == 0) {
        check_judge(r, asked, &room);
    }
    if ((what & AGREE_ON_NEAREST) != 0 && agreement_complaint[0] == 0) {
        check_nearest(r, asked, oracle, &room);
    }
    if ((what & AGREE_ON_EXPLAIN) != 0 && agreement_complaint[0] == 0) {
        agreement_explain(r, asked, oracle, room.workspace, room.size);
    }
    if ((what & AGREE_ON_AGAIN) != 0 && agreement_complaint[0] == 0) {
        check_again(asked);
    }
    free_room(&room);
}

/* Everything is asked again by record, and the search of every kernel. */
static void check_records(struct random_request *r, const struct oracle *oracle,
                          unsigned what)
{
    const struct match_request *recorded = recorded_request(&r->request);
    if (recorded == NULL) {
        return;
    }
    static struct answer by_sources;
    static struct answer by_record;
    agreement_seen.recorded++;
    how = "by record: ";
    answer(&r->request, 0, &by_sources);
    for (size_t i = 0; i < recorded_kernel_count() && agreement_complaint[0] == 0;
         i++) {
        const char *name = recorded_use_kernel(i);
        if (name != NULL) {
            answer(recorded, 0xff, &by_record);
            compare_bytes(name, &by_sources, &by_record);
            free_room(&by_record.room);
        }
    }
    free_room(&by_sources.room);
    if (agreement_complaint[0] == 0) {
        /* The other questions with one of the kernels. */
        recorded_use_kernel(r->next_id % recorded_kernel_count());
        check_answers(r, recorded, oracle, what);
    }
    recorded_use_best_kernel();
    how = "";
}

/* The oracle is asked of the sources, and of what records of them say. */
static void check_ranges(const struct oracle *oracle)
{
    struct oracle again;
    if (recorded_request(oracle->request) == NULL) {
        return;
    }
    oracle_open(recorded_again(), &again);
    agreement_compare("candidates, by record", (int64_t)oracle->candidates,
                      (int64_t)again.candidates);
    for (size_t i = 0; i < oracle->candidates * oracle->options; i++) {
        const void *a = &oracle->slots[i];
        const void *b = &again.slots[i];
        if (memcmp(a, b, sizeof(oracle->slots[i])) != 0) {
            agreement_complain("a record says something else at minute %d, option %zu",
                               oracle->slots[i].slot.start, i % oracle->options);
            break;
        }
    }
    oracle_close(&again);
}

const char *agreement_check(struct random_request *r, unsigned what)
{
    struct oracle oracle;
    agreement_complaint[0] = 0;
    agreement_explain_begin();
    oracle_open(&r->request, &oracle);
    see(r, &oracle);
    check_answers(r, &r->request, &oracle, what);
    if ((what & AGREE_ON_RECORDS) != 0 && agreement_complaint[0] == 0) {
        check_records(r, &oracle, what);
    }
    if ((what & AGREE_ON_RANGES) != 0 && agreement_complaint[0] == 0) {
        check_ranges(&oracle);
    }
    oracle_close(&oracle);
    return agreement_complaint[0] == 0 ? NULL : agreement_complaint;
}
