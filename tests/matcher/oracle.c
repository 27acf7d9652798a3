// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/oracle.h"

#include "tests/matcher/oracle_clock.h"
#include "tests/matcher/oracle_person.h"

#include <stdlib.h>
#include <string.h>

enum { REASONS = MATCH_DAY_FULL + 1 };

static void *must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static const struct match_option *option_of(const struct match_request *request,
                                            size_t option)
{
    static const struct match_option any = {0, 0};
    return request->option_count > 0 ? &request->options[option] : &any;
}

/* Everybody of one party, painted for one option. */
static struct oracle_guest *paint_party(const struct match_request *request,
                                        const struct oracle_board *board, size_t index,
                                        size_t option)
{
    const struct match_party *party = &request->parties[index];
    bool is_pool = party->member_count > 0;
    size_t count = is_pool ? party->member_count : 1;
    struct oracle_guest *guests = must(malloc(count * sizeof(*guests)));
    for (size_t i = 0; i < count; i++) {
        struct match_option way = *option_of(request, option);
        way.modality = party->modality != 0 ? party->modality : way.modality;
        way.place = party->place != 0 ? party->place : way.place;
        guests[i] = (struct oracle_guest){
            request, party, is_pool ? &party->members[i] : &party->person, way, NULL};
        oracle_person_paint(board, &guests[i]);
    }
    return guests;
}

static void free_guests(struct oracle_guest *guests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(guests[i].row);
    }
    free(guests);
}

static void add_visit(const struct oracle_visit *visit, struct match_merit *merit)
{
    merit->asked += visit->asked ? 1 : 0;
    merit->typical += visit->typical ? 1 : 0;
    merit->inferred += visit->inferred ? 1 : 0;
    merit->preferred += visit->preferred ? 1 : 0;
    merit->avoid += visit->avoid ? 1 : 0;
    merit->unusable += visit->unusable;
}

/* "SplitMix64's finaliser over the id plus the day." */
static uint64_t draw(uint64_t id, int32_t civil_day)
{
    uint64_t z = id + (uint64_t)(int64_t)civil_day;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* A member and what is known of it; what is said first in `better` counts most. */
struct hopeful {
    struct oracle_visit visit;
    uint32_t load;
    uint64_t lot;
    bool chosen;
};

static bool is_better_hopeful(const struct hopeful *a, const struct hopeful *b)
{
    if (a->visit.typical != b->visit.typical) {
        return b->visit.typical;
    }
    if (a->visit.inferred != b->visit.inferred) {
        return b->visit.inferred;
    }
    if (a->visit.preferred != b->visit.preferred) {
        return a->visit.preferred;
    }
    if (a->visit.avoid != b->visit.avoid) {
        return b->visit.avoid;
    }
    if (a->load != b->load) {
        return a->load < b->load;
    }
    return a->lot < b->lot;
}

static enum match_reason choose_members(const struct match_party *party,
                                        struct hopeful *hopefuls)
{
    size_t come = 0;
    size_t reasons[REASONS] = {0};
    for (size_t i = 0; i < party->member_count; i++) {
        come += hopefuls[i].visit.reason == MATCH_ATTENDS ? 1 : 0;
        reasons[hopefuls[i].visit.reason]++;
    }
    if (come < party->needed) {
        enum match_reason most = MATCH_IS_BUSY;
        for (size_t reason = MATCH_IS_BUSY; reason < REASONS; reason++) {
            if (reasons[reason] > reasons[most]) {
                most = (enum match_reason)reason;
            }
        }
        return most;
    }
    for (size_t n = 0; n < party->needed; n++) {
        struct hopeful *best = NULL;
        for (size_t i = 0; i < party->member_count; i++) {
            if (!hopefuls[i].chosen && hopefuls[i].visit.reason == MATCH_ATTENDS &&
                (best == NULL || is_better_hopeful(&hopefuls[i], best))) {
                best = &hopefuls[i];
            }
        }
        if (best == NULL) {
            return MATCH_IS_BUSY; /* cannot be: as many as are needed come */
        }
        best->chosen = true;
    }
    return MATCH_ATTENDS;
}

static void keep_chosen(struct oracle *oracle, size_t member)
{
    if (oracle->chosen_count == oracle->chosen_room) {
        oracle->chosen_room = 4 * oracle->chosen_room + 64;
        oracle->chosen = must(
            realloc(oracle->chosen, oracle->chosen_room * sizeof(oracle->chosen[0])));
    }
    oracle->chosen[oracle->chosen_count] = (uint16_t)member;
    oracle->chosen_count++;
}

static enum match_reason judge_pool(struct oracle *oracle,
                                    const struct oracle_board *board,
                                    const struct oracle_guest *guests,
                                    const struct oracle_times *times,
                                    struct match_slot *slot, size_t index)
{
    const struct match_party *party = guests->party;
    struct hopeful *hopefuls = must(calloc(party->member_count, sizeof(*hopefuls)));
    for (size_t i = 0; i < party->member_count; i++) {
        hopefuls[i].visit = oracle_person_visit(board, &guests[i], times);
        hopefuls[i].load = party->members[i].load;
        hopefuls[i].lot = draw(party->members[i].id, slot->merit.civil_day);
    }
    enum match_reason reason = choose_members(party, hopefuls);
    if (reason == MATCH_ATTENDS) {
        slot->chosen_at[index] = (uint32_t)oracle->chosen_count;
        for (size_t i = 0; i < party->member_count; i++) {
            if (hopefuls[i].chosen) {
                add_visit(&hopefuls[i].visit, &slot->merit);
                keep_chosen(oracle, i);
            }
        }
    }
    free(hopefuls);
    return reason;
}

static void judge_party(struct oracle *oracle, const struct oracle_board *board,
                        size_t index, const struct oracle_guest *guests,
                        const struct oracle_times *times, struct oracle_slot *slot)
{
    const struct match_party *party = guests->party;
    enum match_reason reason = MATCH_ATTENDS;
    if (party->member_count > 0) {
        reason = judge_pool(oracle, board, guests, times, &slot->slot, index);
    } else {
        struct oracle_visit visit = oracle_person_visit(board, guests, times);
        reason = visit.reason;
        if (reason == MATCH_ATTENDS) {
            add_visit(&visit, &slot->slot.merit);
            slot->slot.asked |= visit.asked ? (uint64_t)1 << index : 0;
        }
    }
    slot->slot.reason[index] = (uint8_t)reason;
    if (reason == MATCH_ATTENDS) {
        slot->slot.heads += party->member_count > 0 ? (uint32_t)party->needed : 1;
        slot->slot.merit.optional_present += party->importance == MATCH_OPTIONAL;
    }
}

static void begin_slot(const struct match_request *request, minute_t start,
                       size_t option, struct oracle_slot *slot)
{
    int32_t day = oracle_clock_read(request, start).day;
    int32_t late = day - oracle_clock_target_day(request, start);
    memset(slot, 0, sizeof(*slot));
    slot->slot.start = start;
    slot->slot.end = start + request->duration;
    slot->slot.option = (uint32_t)option;
    slot->slot.merit.civil_day = day;
    slot->slot.merit.date_band = late <= 0 ? 0 : late <= 7 ? 1 : 2;
}

static bool do_all_come(const struct match_request *request,
                        const struct oracle_slot *slot)
{
    for (size_t p = 0; p < request->party_count; p++) {
        if (request->parties[p].importance == MATCH_INDISPENSABLE &&
            slot->slot.reason[p] != MATCH_ATTENDS) {
            return false;
        }
    }
    return true;
}

bool oracle_suits(const struct match_request *request, const struct oracle_slot *slot)
{
    return slot->complete && slot->slot.heads >= request->quorum &&
           slot->slot.heads > 0 && do_all_come(request, slot);
}

/* Judge every candidate with every option. */
static void judge_all(struct oracle *oracle)
{
    const struct match_request *request = oracle->request;
    struct oracle_board board;
    oracle_board_make(request, oracle->starts, oracle->candidates, &board);
    oracle->slots = must(
        malloc((oracle->candidates * oracle->options + 1) * sizeof(*oracle->slots)));
    struct oracle_times *times =
        must(malloc((oracle->candidates + 1) * sizeof(*times)));
    for (size_t c = 0; c < oracle->candidates; c++) {
        oracle_times_of(request, oracle->starts[c], &times[c]);
        for (size_t o = 0; o < oracle->options; o++) {
            begin_slot(request, oracle->starts[c], o,
                       &oracle->slots[c * oracle->options + o]);
        }
    }
    for (size_t o = 0; o < oracle->options; o++) {
        for (size_t p = 0; p < request->party_count; p++) {
            struct oracle_guest *guests = paint_party(request, &board, p, o);
            for (size_t c = 0; c < oracle->candidates; c++) {
                judge_party(oracle, &board, p, guests, &times[c],
                            &oracle->slots[c * oracle->options + o]);
            }
            size_t members = request->parties[p].member_count;
            free_guests(guests, members > 0 ? members : 1);
        }
    }
    for (size_t c = 0; c < oracle->candidates; c++) {
        bool suits = false;
        for (size_t o = 0; o < oracle->options; o++) {
            struct oracle_slot *slot = &oracle->slots[c * oracle->options + o];
            slot->complete = times[c].complete;
            slot->all_come = do_all_come(request, slot);
            slot->feasible = oracle_suits(request, slot);
            suits = suits || slot->feasible;
        }
        oracle->feasible += suits ? 1 : 0;
    }
    free(times);
}

static void begin_oracle(const struct match_request *request, struct oracle *ret_oracle)
{
    memset(ret_oracle, 0, sizeof(*ret_oracle));
    ret_oracle->request = request;
    ret_oracle->options = request->option_count > 0 ? request->option_count : 1;
}

void oracle_open(const struct match_request *request, struct oracle *ret_oracle)
{
    begin_oracle(request, ret_oracle);
    ret_oracle->candidates = oracle_clock_candidates(request, &ret_oracle->starts);
    judge_all(ret_oracle);
}

void oracle_open_at(const struct match_request *request, minute_t start,
                    struct oracle *ret_oracle)
{
    begin_oracle(request, ret_oracle);
    ret_oracle->starts = must(malloc(sizeof(*ret_oracle->starts)));
    ret_oracle->starts[0] = start;
    ret_oracle->candidates = 1;
    judge_all(ret_oracle);
}

void oracle_open_like(const struct oracle *other, const struct match_request *request,
                      struct oracle *ret_oracle)
{
    size_t bytes = other->candidates * sizeof(*other->starts);
    begin_oracle(request, ret_oracle);
    ret_oracle->starts = must(malloc(bytes + 1));
    memcpy(ret_oracle->starts, other->starts, bytes);
    ret_oracle->candidates = other->candidates;
    judge_all(ret_oracle);
}

void oracle_close(struct oracle *oracle)
{
    free(oracle->starts);
    free(oracle->slots);
    free(oracle->chosen);
}

/* The order of merit as one list of numbers, smaller is better. */
int oracle_compare(const struct match_request *request, const struct match_slot *a,
                   const struct match_slot *b)
{
    const struct match_merit *x = &a->merit;
    const struct match_merit *y = &b->merit;
    const int64_t differences[] = {
        (int64_t)x->date_band - y->date_band,
        request->urgent ? (int64_t)a->start - b->start : 0,
        (int64_t)y->optional_present - x->optional_present,
        (int64_t)x->asked - y->asked,
        (int64_t)x->typical - y->typical,
        (int64_t)x->inferred - y->inferred,
        (int64_t)y->preferred - x->preferred,
        (int64_t)x->avoid - y->avoid,
        (int64_t)x->civil_day - y->civil_day,
        (int64_t)(x->unusable / 15) - y->unusable / 15,
        (int64_t)a->start - b->start,
        (int64_t)a->option - b->option,
    };
    for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        if (differences[i] != 0) {
            return differences[i] < 0 ? -1 : 1;
        }
    }
    return 0;
}

static bool is_far_enough(const struct match_request *request,
                          const struct oracle_slot *const *taken, size_t count,
                          minute_t start)
{
    int32_t apart = request->apart == 0 ? request->duration : request->apart;
    for (size_t i = 0; i < count; i++) {
        if (llabs((int64_t)taken[i]->slot.start - start) < apart) {
            return false;
        }
    }
    return true;
}

static bool is_nearer(const struct match_request *request, minute_t wanted,
                      const struct match_slot *a, const struct match_slot *b)
{
    int64_t far_a = llabs((int64_t)a->start - wanted);
    int64_t far_b = llabs((int64_t)b->start - wanted);
    if (far_a != far_b) {
        return far_a < far_b;
    }
    if (a->start != b->start) {
        return a->start < b->start;
    }
    return oracle_compare(request, a, b) < 0;
}

/* The best slots, or with @wanted the nearest to it, each far enough from those before. */
static size_t pick(const struct oracle *oracle, const minute_t *wanted,
                   const struct oracle_slot *ret_slots[MATCH_SLOTS_MAX])
{
    const struct match_request *request = oracle->request;
    size_t found = 0;
    while (found < request->wanted) {
        const struct oracle_slot *best = NULL;
        for (size_t i = 0; i < oracle->candidates * oracle->options; i++) {
            const struct oracle_slot *slot = &oracle->slots[i];
            if (!slot->feasible ||
                !is_far_enough(request, ret_slots, found, slot->slot.start)) {
                continue;
            }
            if (best == NULL ||
                (wanted != NULL
                     ? is_nearer(request, *wanted, &slot->slot, &best->slot)
                     : oracle_compare(request, &slot->slot, &best->slot) < 0)) {
                best = slot;
            }
        }
        if (best == NULL) {
            return found;
        }
        ret_slots[found] = best;
        found++;
    }
    return found;
}

size_t oracle_search(const struct oracle *oracle,
                     const struct oracle_slot *ret_slots[MATCH_SLOTS_MAX])
{
    return pick(oracle, NULL, ret_slots);
}

size_t oracle_nearest(const struct oracle *oracle, minute_t wanted,
                      const struct oracle_slot *ret_slots[MATCH_SLOTS_MAX])
{
    return pick(oracle, &wanted, ret_slots);
}
