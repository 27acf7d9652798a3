// SPDX-License-Identifier: Apache-2.0

/*
 * explore.h - every state that the real reducer can bring a small world into
 *
 * The world has three people, two meetings, one window of two or three slots, a clock with four
 * hands and one agenda that changes.  Whatever anybody may say at any moment, and whatever
 * may come due, in time or not, is decided by batch_decide() and the handlers behind it on
 * an index in memory.  Nothing is sampled: the search ends when no new state is found.
 *
 * State       What one meeting is (its struct and its claims, without what no decision
 *             depends on: numbers of versions, names of actors, moments of the past) is a
 *             card; equal cards have one number.  A state of the world is two cards, the
 *             hand of the clock and the agenda: exact, no hash stands for it.
 *
 * Speed       The reducer sees one meeting and what the index says.  So what a command
 *             makes of a card depends on the card, the claims of the other meeting, the
 *             clock and the agenda, and is decided once for each of those.  A command that
 *             asks for the other meeting, too, is decided for each pair of cards.
 *
 * Ownership   Cards live until the end.
 */
#ifndef TESTS_MODEL_EXPLORE_H
#define TESTS_MODEL_EXPLORE_H

#include "broker/batch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PEOPLE = 3, /* persons 1 .. 3 */
    MEETINGS = 2,
    CLOCKS = 4,
    AGENDAS = 2,
    HOLDS = 10,          /* of one person by one meeting */
    CARD_VERSION = 1000, /* of every card's meeting */
    CARD_PROPOSAL = 100, /* the number of its proposal */
    NO_CARD = 0,         /* there is no such meeting, or it is over */
};

/* ---- the world (explore_world.c) ---------------------------------------------------
 */

/* What is asked for. */
struct setting {
    const char *name;
    uint32_t rule;
    uint32_t quorum;
    bool optional_third; /* of meeting 0; otherwise indispensable */
    uint8_t slots;       /* of the window */
    unsigned acts;       /* bits of enum act_kind that nobody does here */
};

extern const struct setting settings[];
extern const size_t settings_count;

struct world {
    const struct setting *setting;
    struct index *index[AGENDAS];
    struct proposer *proposer[AGENDAS];
    struct clients clients;
};

void world_open(struct world *world, const struct setting *setting);
void world_close(struct world *world);

const uint8_t *world_id(size_t meeting); /* 16 bytes */
int64_t world_now_ms(size_t clock);

enum act_kind {
    ACT_REQUEST,
    ACT_ACCEPT,
    ACT_DECLINE,
    ACT_SHIFT,
    ACT_COUNTER,
    ACT_CANCEL,
    ACT_DECIDE_SLOT,
    ACT_DECIDE_WITHOUT,
    ACT_DUE,
    ACT_RESULT,
    ACT_KINDS,
};

/* Something that somebody may say, or that may come due. */
struct act {
    enum act_kind kind;
    uint8_t person; /* who says it; of ACT_CANCEL 0: the organizer */
    uint8_t about;  /* a slot, a person, or a reason */
    bool stale;     /* about an old proposal or version */
};

/* All of them. */
const struct act *world_acts(const struct world *world, size_t *ret_count);

/* Say it about @card's meeting, into @command, whose arena is empty. */
void world_say(const struct world *world, size_t meeting, const struct act *act,
               const struct entente_meeting *now, struct command *command);

/* ---- cards (explore_cards.c) -------------------------------------------------------
 */

struct card {
    struct entente_meeting *meeting; /* NULL: NO_CARD */
    struct index_hold holds[PEOPLE][HOLDS];
    size_t hold_count[PEOPLE];
    uint32_t claims; /* equal for equal claims */
};

/* @meeting as bytes, by which it is told from all others (explore_flat.c). */
size_t flat_write(const struct entente_meeting *meeting, uint8_t *bytes,
                  size_t capacity);

struct cards;
struct cards *cards_create(void);
void cards_destroy(struct cards *cards);

/* The number of the card that says this; @meeting is made canonical first.  Numbers rise
 * from 1. */
uint32_t cards_number(struct cards *cards, struct entente_meeting *meeting,
                      struct index_hold holds[PEOPLE][HOLDS],
                      const size_t hold_count[PEOPLE]);
const struct card *cards_get(const struct cards *cards, uint32_t number);
uint32_t cards_count(const struct cards *cards);

/* A map from 64 bits to 64 bits; keys are not 0. */
struct wide_map {
    uint64_t *keys;
    uint64_t *values; /* NULL: a set */
    size_t capacity;  /* a power of two */
    size_t count;
};
void wide_map_open(struct wide_map *map, size_t capacity, bool values);
void wide_map_close(struct wide_map *map);
/* True when @key is new; then *ret_value is set to @value, otherwise to what it has. */
bool wide_map_put(struct wide_map *map, uint64_t key, uint64_t value,
                  uint64_t *ret_value);
/* What @key, which is there, has from now on. */
void wide_map_set(struct wide_map *map, uint64_t key, uint64_t value);

/* ---- one command on the real reducer (explore_reduce.c) ----------------------------
 */

struct moment {
    size_t clock;
    size_t agenda;
};

struct reducer;
struct reducer *reducer_create(struct world *world, struct cards *cards);
void reducer_destroy(struct reducer *reducer);

enum reduced {
    REDUCED = 1,
    REDUCE_NEEDS_OTHER = 2, /* the other meeting has to be looked at as a whole */
    REDUCE_WRONG = 3,       /* a law is broken: reducer_complaint() says which */
};

/*
 * Carry @act out on @meeting, which is @cards[meeting]; of the other one only the claims
 * are there, unless @whole.  @ret_cards are the cards afterwards.
 */
enum reduced reduce(struct reducer *reducer, struct moment moment, size_t meeting,
                    const struct act *act, const uint32_t cards[MEETINGS], bool whole,
                    uint32_t ret_cards[MEETINGS]);
const char *reducer_complaint(const struct reducer *reducer);

/* What must hold in every state; NULL when it does. */
const char *laws_of_pair(const struct card *a, const struct card *b);
const char *laws_of_card(const struct card *card);

#endif
