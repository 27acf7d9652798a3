// SPDX-License-Identifier: Apache-2.0

/*
 * explore.c - visits every state of explore.h's world, nearest first
 *
 *     explore [--most N] [--rows] [SETTING...]   settings by number; without one: all
 *     explore --list                             the numbers of the settings
 *     explore --table                            the rows that may be walked
 *
 * The last line is `explore: N states, S steps, D decisions of the reducer, 0 violations`;
 * of a violation the way there is printed, and the status is 1.
 */
#include "tests/model/explore.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CARD_BITS = 24 };

#define LONE (UINT64_C(1) << 63) /* marks keys, so that none is 0 */
#define WHOLE (UINT64_C(1) << 62)

struct explorer {
    struct world world;
    struct cards *cards;
    struct reducer *reducer;
    struct wide_map seen;
    struct wide_map memo; /* what the commands make of a card: place and count */
    struct wide_map aged; /* the card that a card becomes when the clock moves on */
    uint64_t *results;    /* pairs of cards, by place */
    size_t result_count;
    size_t result_capacity;
    uint64_t *states; /* in the order found */
    uint32_t *parents;
    size_t state_count;
    size_t state_capacity;
    uint32_t lawful; /* cards up to this number have been looked at */
    uint64_t steps;
    uint64_t decisions;
    size_t most; /* states to go on from; then it is no search of everything */
    const char *wrong;
};

static void must(bool done)
{
    if (!done) {
        fprintf(stderr, "explore: out of memory\n");
        abort();
    }
}

/* ---- states as numbers -------------------------------------------------------------
 */

struct state {
    uint32_t cards[MEETINGS];
    struct moment moment;
};

static uint64_t pack(const struct state *state)
{
    return LONE | (uint64_t)state->cards[0] | (uint64_t)state->cards[1] << CARD_BITS |
           (uint64_t)state->moment.clock << (2 * CARD_BITS) |
           (uint64_t)state->moment.agenda << (2 * CARD_BITS + 4);
}

static struct state unpack(uint64_t key)
{
    const uint32_t mask = (1u << CARD_BITS) - 1;
    return (struct state){
        .cards = {(uint32_t)key & mask, (uint32_t)(key >> CARD_BITS) & mask},
        .moment = {.clock = (key >> (2 * CARD_BITS)) & 15,
                   .agenda = (key >> (2 * CARD_BITS + 4)) & 15}};
}

/* ---- telling -----------------------------------------------------------------------
 */

static void print_way(const struct explorer *explorer, size_t at)
{
    size_t way[512];
    size_t length = 0;
    while (at != 0 && length < sizeof(way) / sizeof(way[0])) {
        way[length++] = at;
        at = explorer->parents[at];
    }
    while (length-- > 0) {
        struct state state = unpack(explorer->states[way[length]]);
        printf("  clock %zu agenda %zu", state.moment.clock, state.moment.agenda);
        for (size_t i = 0; i < MEETINGS; i++) {
            tell_card(cards_get(explorer->cards, state.cards[i]));
        }
        printf("\n");
    }
}

/* ---- what commands make of a card --------------------------------------------------
 */

/* Is the meeting over?  Then a new one may be asked for. */
static uint32_t forget_over(const struct explorer *explorer, uint32_t number)
{
    const struct card *card = cards_get(explorer->cards, number);
    bool over = card->meeting != NULL &&
                negotiation_is_over((enum negotiation_state)card->meeting->state);
    return over ? NO_CARD : number;
}

/* An end is an end: whatever is said of it changes nothing. */
static bool check_end(struct explorer *explorer, const struct state *state,
                      size_t meeting, uint32_t number)
{
    size_t count;
    const struct act *acts = world_acts(&explorer->world, meeting, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t cards[MEETINGS] = {NO_CARD, NO_CARD};
        uint32_t after[MEETINGS];
        cards[meeting] = number;
        if (acts[i].kind == ACT_REQUEST) {
            continue;
        }
        explorer->decisions++;
        if (reduce(explorer->reducer, state->moment, meeting, &acts[i], cards, true,
                   after) != REDUCED ||
            after[meeting] != number) {
            explorer->wrong = "a meeting that is over changes";
            tell_act(&acts[i]);
            return false;
        }
    }
    return true;
}

/* The laws of a card are looked at when it is first seen. */
static bool check_cards(struct explorer *explorer, const struct state *state,
                        size_t meeting)
{
    while (explorer->lawful < cards_count(explorer->cards)) {
        uint32_t number = ++explorer->lawful;
        const struct card *card = cards_get(explorer->cards, number);
        explorer->wrong = laws_of_card(card);
        if (explorer->wrong != NULL) {
            tell_card(card);
            printf("\n");
            return false;
        }
        if (negotiation_is_over((enum negotiation_state)card->meeting->state) &&
            !check_end(explorer, state, meeting, number)) {
            return false;
        }
    }
    return true;
}

static void add_result(struct explorer *explorer, uint64_t result)
{
    if (explorer->result_count == explorer->result_capacity) {
        explorer->result_capacity =
            explorer->result_capacity == 0 ? 1 << 16 : explorer->result_capacity * 2;
        explorer->results = realloc(explorer->results, explorer->result_capacity *
                                                           sizeof(*explorer->results));
        must(explorer->results != NULL);
    }
    explorer->results[explorer->result_count++] = result;
}

static bool has_result(const struct explorer *explorer, size_t first, uint64_t result)
{
    for (size_t i = first; i < explorer->result_count; i++) {
        if (explorer->results[i] == result) {
            return true;
        }
    }
    return false;
}

/* Decide every act on @meeting, and note what it becomes; with @whole only those that
 * want to see the other meeting, too.  *ret_more says whether there are such. */
static bool decide_all(struct explorer *explorer, const struct state *state,
                       size_t meeting, bool whole, bool *ret_more)
{
    size_t count;
    const struct act *acts = world_acts(&explorer->world, meeting, &count);
    size_t first = explorer->result_count;
    *ret_more = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t after[MEETINGS];
        bool fresh = acts[i].kind == ACT_REQUEST;
        if (fresh != (state->cards[meeting] == NO_CARD) ||
            !world_may(&explorer->world, meeting, &acts[i],
                       cards_get(explorer->cards, state->cards[meeting])->meeting)) {
            continue;
        }
        enum reduced reduced = REDUCE_NEEDS_OTHER;
        if (whole) {
            reduced = reduce(explorer->reducer, state->moment, meeting, &acts[i],
                             state->cards, false, after);
        }
        if (reduced == REDUCE_NEEDS_OTHER) {
            reduced = reduce(explorer->reducer, state->moment, meeting, &acts[i],
                             state->cards, whole, after);
        } else if (reduced == REDUCED) {
            continue; /* has been noted for the card alone */
        }
        explorer->decisions++;
        if (reduced == REDUCE_NEEDS_OTHER) {
            *ret_more = true;
            continue;
        }
        if (reduced == REDUCE_WRONG) {
            explorer->wrong = reducer_complaint(explorer->reducer);
        }
        if (reduced == REDUCE_WRONG || !check_cards(explorer, state, meeting)) {
            tell_act(&acts[i]);
            return false;
        }
        uint64_t result = forget_over(explorer, after[meeting]) |
                          (uint64_t)forget_over(explorer, after[1 - meeting])
                              << CARD_BITS;
        if (!has_result(explorer, first, result)) {
            add_result(explorer, result);
        }
    }
    return true;
}

/* The place in results and their number (below bit 24: number; bit 24: the other meeting
 * matters for some) of what becomes of @meeting. */
static bool results_of(struct explorer *explorer, const struct state *state,
                       size_t meeting, bool whole, uint64_t *ret_found)
{
    uint64_t other =
        whole ? state->cards[1 - meeting]
              : cards_get(explorer->cards, state->cards[1 - meeting])->claims;
    struct state key = *state;
    key.cards[0] = state->cards[meeting];
    key.cards[1] = (uint32_t)other;
    uint64_t packed =
        pack(&key) | (uint64_t)meeting << (2 * CARD_BITS + 8) | (whole ? WHOLE : 0);
    size_t first = explorer->result_count;
    if (!wide_map_put(&explorer->memo, packed, UINT64_MAX, ret_found)) {
        return true;
    }
    bool more;
    if (!decide_all(explorer, state, meeting, whole, &more)) {
        return false;
    }
    uint64_t found = (uint64_t)first << 32 | (explorer->result_count - first) |
                     (more ? 1u << 24 : 0);
    *ret_found = found;
    wide_map_set(&explorer->memo, packed, found);
    return true;
}

/* ---- the search --------------------------------------------------------------------
 */

static bool visit(struct explorer *explorer, const struct state *state, size_t parent)
{
    explorer->steps++;
    uint64_t key = pack(state);
    if (!wide_map_put(&explorer->seen, key, 0, NULL)) {
        return true;
    }
    if (explorer->state_count == explorer->state_capacity) {
        explorer->state_capacity *= 2;
        explorer->states = realloc(explorer->states, explorer->state_capacity *
                                                         sizeof(*explorer->states));
        explorer->parents = realloc(explorer->parents, explorer->state_capacity *
                                                           sizeof(*explorer->parents));
        must(explorer->states != NULL && explorer->parents != NULL);
    }
    assert(explorer->states != NULL && explorer->parents != NULL);
    explorer->states[explorer->state_count] = key;
    explorer->parents[explorer->state_count++] = (uint32_t)parent;
    explorer->wrong = laws_of_pair(cards_get(explorer->cards, state->cards[0]),
                                   cards_get(explorer->cards, state->cards[1]));
    if (explorer->wrong != NULL) {
        print_way(explorer, explorer->state_count - 1);
    }
    return explorer->wrong == NULL;
}

static bool expand_meeting(struct explorer *explorer, const struct state *state,
                           size_t at, size_t meeting, bool whole)
{
    uint64_t found;
    if (!results_of(explorer, state, meeting, whole, &found)) {
        print_way(explorer, at);
        return false;
    }
    size_t first = (size_t)(found >> 32);
    size_t count = found & ((1u << 24) - 1);
    for (size_t i = first; i < first + count; i++) {
        uint64_t result = explorer->results[i];
        struct state next = *state;
        next.cards[meeting] = (uint32_t)result & ((1u << CARD_BITS) - 1);
        if (whole) {
            next.cards[1 - meeting] = (uint32_t)(result >> CARD_BITS);
        }
        if (!visit(explorer, &next, at)) {
            return false;
        }
    }
    bool more = (found & 1u << 24) != 0;
    return whole || !more || expand_meeting(explorer, state, at, meeting, true);
}

/* The clock moves on: what is past becomes alike. */
static uint32_t later(struct explorer *explorer, size_t meeting, uint32_t number,
                      size_t clock)
{
    uint64_t key = LONE | number | (uint64_t)clock << CARD_BITS;
    uint64_t found;
    if (wide_map_put(&explorer->aged, key, 0, &found)) {
        found = reducer_later(explorer->reducer, meeting, number, clock);
        wide_map_set(&explorer->aged, key, found);
    }
    return (uint32_t)found;
}

static bool expand(struct explorer *explorer, size_t at)
{
    struct state state = unpack(explorer->states[at]);
    for (size_t meeting = 0; meeting < explorer->world.setting->meetings; meeting++) {
        if (!expand_meeting(explorer, &state, at, meeting, false)) {
            return false;
        }
    }
    struct state next = state;
    next.moment.agenda = (state.moment.agenda + 1) % explorer->world.setting->agendas;
    if (!visit(explorer, &next, at)) {
        return false;
    }
    next = state;
    next.moment.clock++;
    if (next.moment.clock == explorer->world.setting->clocks) {
        return true;
    }
    for (size_t i = 0; i < MEETINGS; i++) {
        next.cards[i] = later(explorer, i, next.cards[i], next.moment.clock);
    }
    return visit(explorer, &next, at);
}

static bool search(struct explorer *explorer)
{
    struct state first = {.cards = {NO_CARD, NO_CARD}};
    bool lawful = visit(explorer, &first, 0);
    for (size_t at = 0; lawful && at < explorer->state_count && at < explorer->most;
         at++) {
        lawful = expand(explorer, at);
        if (at % 1000000 == 999999) {
            printf("  %zu states visited, %zu known, %u cards, %" PRIu64 " decisions\n",
                   at + 1, explorer->state_count, cards_count(explorer->cards),
                   explorer->decisions);
            fflush(stdout);
        }
    }
    return lawful;
}

struct totals {
    uint64_t states;
    uint64_t steps;
    uint64_t decisions;
    bool lawful;
    bool whole; /* nothing was left to go on from */
    bool rows;  /* are to be printed */
};

static void explore(const struct setting *setting, size_t most, struct totals *totals)
{
    struct explorer explorer = {.state_capacity = 1 << 20, .most = most};
    struct timespec began;
    struct timespec ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    world_open(&explorer.world, setting);
    explorer.cards = cards_create();
    explorer.reducer = reducer_create(&explorer.world, explorer.cards);
    wide_map_open(&explorer.seen, 1 << 22, false);
    wide_map_open(&explorer.memo, 1 << 18, true);
    wide_map_open(&explorer.aged, 1 << 18, true);
    explorer.states = malloc(explorer.state_capacity * sizeof(*explorer.states));
    explorer.parents = malloc(explorer.state_capacity * sizeof(*explorer.parents));
    must(explorer.states != NULL && explorer.parents != NULL);
    if (!search(&explorer)) {
        printf("violation: %s\n", explorer.wrong);
        totals->lawful = false;
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%s: %zu states, %" PRIu64 " steps, %u cards, %" PRIu64
           " decisions in %.1f s\n",
           setting->name, explorer.state_count, explorer.steps,
           cards_count(explorer.cards), explorer.decisions,
           (double)(ended.tv_sec - began.tv_sec) +
               (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
    bool all = explorer.state_count <= most;
    printf("  %s; %zu rows of the table walked\n",
           all ? "these are all" : "NOT ALL: the search was bounded",
           reducer_walked(explorer.reducer, totals->rows));
    totals->whole = totals->whole && all;
    totals->states += explorer.state_count;
    totals->steps += explorer.steps;
    totals->decisions += explorer.decisions;
    free(explorer.states);
    free(explorer.parents);
    free(explorer.results);
    wide_map_close(&explorer.seen);
    wide_map_close(&explorer.memo);
    wide_map_close(&explorer.aged);
    reducer_destroy(explorer.reducer);
    cards_destroy(explorer.cards);
    world_close(&explorer.world);
}

static bool is_wanted(int argc, char **argv, size_t setting)
{
    bool wanted = argc == 0;
    for (int i = 0; i < argc; i++) {
        wanted = wanted || strtoul(argv[i], NULL, 10) == setting;
    }
    return wanted;
}

int main(int argc, char **argv)
{
    struct totals totals = {.lawful = true, .whole = true};
    size_t most = SIZE_MAX;
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < settings_count; i++) {
            printf("%zu\n", i);
        }
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "--table") == 0) {
        tell_table();
        return 0;
    }
    argc--;
    argv++;
    for (; argc > 0 && argv[0][0] == '-'; argc--, argv++) {
        if (argc > 1 && strcmp(argv[0], "--most") == 0) {
            most = strtoul(argv[1], NULL, 10);
            argc--;
            argv++;
        } else if (strcmp(argv[0], "--rows") == 0) {
            totals.rows = true;
        } else {
            fprintf(stderr, "explore: unknown: %s\n", argv[0]);
            return 2;
        }
    }
    for (size_t i = 0; i < settings_count && totals.lawful; i++) {
        if (is_wanted(argc, argv, i)) {
            explore(&settings[i], most, &totals);
        }
    }
    printf("explore: %" PRIu64 " states%s, %" PRIu64 " steps, %" PRIu64
           " decisions of the reducer, %s violations\n",
           totals.states, totals.whole ? ", which are all" : " of more", totals.steps,
           totals.decisions, totals.lawful ? "0" : "1");
    return totals.lawful ? 0 : 1;
}
