// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/agreement.h"

#include "tests/matcher/oracle.h"
#include "tests/matcher/oracle_clock.h"
#include "tests/matcher/recorded.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct agreement_seen agreement_seen;

static char complaint[256];
static const char *how = ""; /* it was asked */

/* Only the first complaint is kept: what follows from it says less. */
__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    va_list arguments;
    if (complaint[0] != 0) {
        return;
    }
    int length = snprintf(complaint, sizeof(complaint), "%s", how);
    va_start(arguments, format);
    vsnprintf(complaint + length, sizeof(complaint) - (size_t)length, format,
              arguments);
    va_end(arguments);
}

static void compare_number(const char *what, int64_t want, int64_t got)
{
    if (want != got) {
        complain("%s: the oracle says %lld, the matcher %lld", what, (long long)want,
                 (long long)got);
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
            compare_number("chosen_at of nobody", 0, got->chosen_at[p]);
            continue;
        }
        if (got->chosen_at[p] + party->needed > result->chosen_capacity) {
            complain("the members chosen of party %zu lie outside the room", p);
            return;
        }
        for (size_t i = 0; i < party->needed; i++) {
            compare_number("chosen member", oracle->chosen[want->chosen_at[p] + i],
                           result->chosen[got->chosen_at[p] + i]);
        }
    }
}

static void compare_slot(const struct oracle *oracle, const struct match_slot *want,
                         const struct match_result *result,
                         const struct match_slot *got)
{
    compare_number("start", want->start, got->start);
    compare_number("end", want->end, got->end);
    compare_number("option", want->option, got->option);
    for (size_t p = 0; p < MATCH_PARTIES_MAX; p++) {
        compare_number("reason", want->reason[p], got->reason[p]);
    }
    compare_number("heads", want->heads, got->heads);
    compare_number("date_band", want->merit.date_band, got->merit.date_band);
    compare_number("optional_present", want->merit.optional_present,
                   got->merit.optional_present);
    compare_number("typical", want->merit.typical, got->merit.typical);
    compare_number("inferred", want->merit.inferred, got->merit.inferred);
    compare_number("preferred", want->merit.preferred, got->merit.preferred);
    compare_number("avoid", want->merit.avoid, got->merit.avoid);
    compare_number("civil_day", want->merit.civil_day, got->merit.civil_day);
    compare_number("unusable", want->merit.unusable, got->merit.unusable);
    compare_chosen(oracle, want, result, got);
}

static void compare_slots(const struct oracle *oracle,
                          const struct oracle_slot *const *want, size_t count,
                          const struct match_result *got)
{
    compare_number("count", (int64_t)count, (int64_t)got->count);
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
        compare_number("match_compare", want, (got > 0) - (got < 0));
        compare_number("match_compare, turned round", -want,
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
    compare_number("status", MATCH_OK,
                   match_search(request, room->workspace, room->size, &got));
    if (complaint[0] != 0) {
        return;
    }
    compare_slots(oracle, best, count, &got);
    compare_order(request, &got);
    compare_number(
        "status of the count", MATCH_OK,
        match_count(request, room->workspace, room->size, &candidates, &feasible));
    compare_number("candidates", (int64_t)oracle->candidates, candidates);
    compare_number("feasible", (int64_t)oracle->feasible, feasible);
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
    compare_number("status of the judgement", MATCH_OK,
                   match_judge(asked, start, option, room->workspace, room->size, &got,
                               &feasible));
    if (complaint[0] == 0) {
        compare_number("count of the judgement", 1, (int64_t)got.count);
        compare_number("feasible, judged", oracle.slots[option].feasible, feasible);
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
        compare_number("occurrence", is_there,
                       match_occurrence(request, start, n, &got));
        compare_number("start of the occurrence", want, is_there ? got : want);
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
    compare_number("status of the nearest", MATCH_OK,
                   match_nearest(asked, r->wanted, room->workspace, room->size, &got));
    if (complaint[0] == 0) {
        compare_slots(oracle, near, count, &got);
    }
}

static void compare_blocking(const struct oracle *oracle, const struct match_why *want,
                             const struct match_why *got)
{
    bool must_block =
        want->feasible == 0 && want->candidates > 0 && !want->quorum_blocks;
    compare_number("quorum_blocks", want->quorum_blocks, got->quorum_blocks);
    agreement_seen.quorum += want->quorum_blocks;
    agreement_seen.blocked += must_block;
    if (!must_block || want->blocking_is_exact) {
        compare_number("blocking_count", (int64_t)want->blocking_count,
                       (int64_t)got->blocking_count);
        for (size_t i = 0; i < want->blocking_count; i++) {
            compare_number("blocking party", want->blocking[i], got->blocking[i]);
        }
        compare_number("blocking_is_exact", want->blocking_is_exact,
                       got->blocking_is_exact);
        return;
    }

    /* Beyond three: it blocks, nobody in it is superfluous, by ascending id. */
    agreement_seen.large++;
    if (got->blocking_count < 4 || got->blocking_count > MATCH_PARTIES_MAX ||
        !oracle_blocks(oracle, got->blocking, got->blocking_count)) {
        complain("the %zu blocking parties do not block", got->blocking_count);
        return;
    }
    compare_number("blocking_is_exact", false, got->blocking_is_exact);
    for (size_t i = 0; i < got->blocking_count; i++) {
        uint8_t others[MATCH_PARTIES_MAX];
        size_t count = 0;
        for (size_t j = 0; j < got->blocking_count; j++) {
            if (j != i) {
                others[count] = got->blocking[j];
                count++;
            }
        }
        if (oracle_blocks(oracle, others, count)) {
            complain("blocking party %u is superfluous", (unsigned)got->blocking[i]);
        }
        const struct match_party *parties = oracle->request->parties;
        if (i > 0 && parties[got->blocking[i - 1]].id > parties[got->blocking[i]].id) {
            complain("the blocking parties do not come by ascending id");
        }
    }
}

static void compare_relaxations(const struct match_why *want,
                                const struct match_why *got)
{
    compare_number("relaxation_count", (int64_t)want->relaxation_count,
                   (int64_t)got->relaxation_count);
    for (size_t i = 0; i < want->relaxation_count && complaint[0] == 0; i++) {
        const struct match_relaxation *a = &want->relaxations[i];
        const struct match_relaxation *b = &got->relaxations[i];
        compare_number("kind of a relaxation", a->kind, b->kind);
        compare_number("relaxed party", a->party, b->party);
        compare_number("relaxed number", a->needed, b->needed);
        compare_number("relaxed minutes", a->minutes, b->minutes);
        compare_number("relaxed modality", a->option.modality, b->option.modality);
        compare_number("relaxed place", a->option.place, b->option.place);
        compare_number("starts that suit a relaxation", a->feasible, b->feasible);
        compare_number("first start of a relaxation", a->first, b->first);
    }
    agreement_seen.relaxed += want->relaxation_count > 0;
}

static void check_explain(const struct random_request *r,
                          const struct match_request *asked,
                          const struct oracle *oracle, struct room *room)
{
    static struct match_why want;
    static struct match_why got;
    oracle_explain(oracle, &r->leeway, &want);
    memset(&got, 0xa5, sizeof(got));
    compare_number("status of the explanation", MATCH_OK,
                   match_explain(asked, &r->leeway, room->workspace, room->size, &got));
    if (complaint[0] != 0) {
        return;
    }
    compare_number("candidates, explained", want.candidates, got.candidates);
    compare_number("feasible, explained", want.feasible, got.feasible);
    for (size_t p = 0; p < MATCH_PARTIES_MAX; p++) {
        compare_number("blame.busy", want.blame[p].busy, got.blame[p].busy);
        compare_number("blame.unknown", want.blame[p].unknown, got.blame[p].unknown);
        compare_number("blame.not_offered", want.blame[p].not_offered,
                       got.blame[p].not_offered);
        compare_number("blame.too_far", want.blame[p].too_far, got.blame[p].too_far);
        compare_number("blame.short_notice", want.blame[p].short_notice,
                       got.blame[p].short_notice);
        compare_number("blame.day_full", want.blame[p].day_full, got.blame[p].day_full);
    }
    compare_blocking(oracle, &want, &got);
    compare_relaxations(&want, &got);
}

/* Search twice, in memory that held other things: all bytes of the answer must agree. */
static void compare_bytes(const char *what, const struct match_request *request,
                          const struct match_request *other, struct room *room)
{
    static struct match_result first;
    static struct match_result second;
    struct room again = make_room(other);
    memset(room->workspace, 0, room->size);
    memset(again.workspace, 0xff, again.size);
    begin_result(room, 0, &first);
    begin_result(&again, 0xff, &second);
    compare_number(what, match_search(request, room->workspace, room->size, &first),
                   match_search(other, again.workspace, again.size, &second));
    compare_number("chosen_capacity", (int64_t)first.chosen_capacity,
                   (int64_t)second.chosen_capacity);
    if (complaint[0] == 0) {
        const void *a = first.slots;
        const void *b = second.slots;
        compare_number(what, (int64_t)first.count, (int64_t)second.count);
        if (memcmp(a, b, first.count * sizeof(first.slots[0])) != 0) {
            complain("%s: other bytes", what);
        }
    }
    for (size_t i = 0; i < first.count && complaint[0] == 0; i++) {
        for (size_t p = 0; p < request->party_count; p++) {
            const struct match_party *party = &request->parties[p];
            if (party->member_count > 0 && first.slots[i].reason[p] == MATCH_ATTENDS &&
                memcmp(&first.chosen[first.slots[i].chosen_at[p]],
                       &second.chosen[second.slots[i].chosen_at[p]],
                       party->needed * sizeof(first.chosen[0])) != 0) {
                complain("%s: other members are chosen", what);
            }
        }
    }
    free_room(&again);
}

/* Ask the matcher of @asked, which says what @r says. */
static void check_answers(struct random_request *r, const struct match_request *asked,
                          const struct oracle *oracle, unsigned what)
{
    struct room room = make_room(asked);
    if ((what & AGREE_ON_SEARCH) != 0) {
        check_search(asked, oracle, &room);
    }
    if ((what & AGREE_ON_JUDGE) != 0 && complaint[0] == 0) {
        check_judge(r, asked, &room);
    }
    if ((what & AGREE_ON_NEAREST) != 0 && complaint[0] == 0) {
        check_nearest(r, asked, oracle, &room);
    }
    if ((what & AGREE_ON_EXPLAIN) != 0 && complaint[0] == 0) {
        check_explain(r, asked, oracle, &room);
    }
    if ((what & AGREE_ON_AGAIN) != 0 && complaint[0] == 0) {
        compare_bytes("the same again", asked, asked, &room);
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
    struct room room = make_room(&r->request);
    agreement_seen.recorded++;
    how = "by record: ";
    for (size_t i = 0; i < recorded_kernel_count() && complaint[0] == 0; i++) {
        const char *name = recorded_use_kernel(i);
        if (name != NULL) {
            compare_bytes(name, &r->request, recorded, &room);
        }
    }
    recorded_use_best_kernel();
    if (complaint[0] == 0) {
        check_answers(r, recorded, oracle, what);
    }
    how = "";
    free_room(&room);
}

/* The oracle is asked of the sources, and of what records of them say. */
static void check_ranges(const struct oracle *oracle)
{
    struct oracle again;
    if (recorded_request(oracle->request) == NULL) {
        return;
    }
    oracle_open(recorded_again(), &again);
    compare_number("candidates, by record", (int64_t)oracle->candidates,
                   (int64_t)again.candidates);
    for (size_t i = 0; i < oracle->candidates * oracle->options; i++) {
        const void *a = &oracle->slots[i];
        const void *b = &again.slots[i];
        if (memcmp(a, b, sizeof(oracle->slots[i])) != 0) {
            complain("a record says something else at minute %d, option %zu",
                     oracle->slots[i].slot.start, i % oracle->options);
            break;
        }
    }
    oracle_close(&again);
}

const char *agreement_check(struct random_request *r, unsigned what)
{
    struct oracle oracle;
    complaint[0] = 0;
    oracle_open(&r->request, &oracle);
    see(r, &oracle);
    check_answers(r, &r->request, &oracle, what);
    if ((what & AGREE_ON_RECORDS) != 0 && complaint[0] == 0) {
        check_records(r, &oracle, what);
    }
    if ((what & AGREE_ON_RANGES) != 0 && complaint[0] == 0) {
        check_ranges(&oracle);
    }
    oracle_close(&oracle);
    return complaint[0] == 0 ? NULL : complaint;
}
