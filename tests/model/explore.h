// SPDX-License-Identifier: Apache-2.0

/*
 * explore.h - every state that the real reducer can bring a small world into
 *
 * A world (explore_settings.c) has two to four people, one or two meetings of two or three
 * slots, a clock with a few hands and, in most, an agenda that changes.  Whatever anybody
 * may say at any moment, and whatever may come due, in time or not, is decided by
 * batch_decide() and the handlers behind it on an index in memory.  Nothing is sampled: the
 * search ends when no new state is found.
 *
 * Bounds      A negotiation begins with most of its LIMIT_ROUNDS used; one party of a
 *             meeting is replaced once; and only what a world is about is said in it.
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
    PEOPLE = 4, /* persons 1 .. 4, at most */
    MEETINGS = 2,
    AGENDAS = 2,
    SEATS = 4,           /* of a request */
    HOLDS = 10,          /* of one person by one meeting */
    CARD_VERSION = 1000, /* of every card's meeting */
    CARD_PROPOSAL = 100, /* the number of its proposal */
    FIRST = 31558200,    /* 2030-01-01T10:00Z, a Tuesday: the first slot, in minutes */
    LENGTH = 60,         /* of each slot, one after the other */
    ANSWER_MINUTES = 120,
    NO_CARD = 0, /* there is no such meeting, or it is over */
};

/* ---- the world (explore_world.c) ---------------------------------------------------
 */

/* Somebody who is asked for: a person, or of a pool from person to last so many. */
struct seat {
    uint8_t person; /* 0: nobody */
    uint8_t last;
    uint8_t needed;
    uint8_t answer_minutes;
    uint8_t silence;
    bool optional;
    bool patient; /* whose yes is needed */
    bool guest;   /* who is asked, and for whom the organizer answers */
};

/* What a meeting is, and what may be said of it. */
struct plan {
    struct seat seats[SEATS]; /* the organizer first */
    unsigned acts;            /* bits of enum act_kind */
    uint8_t rule;
    uint8_t held_slots;
    uint8_t silence;
    uint8_t patient_silence;
    uint8_t quorum;
};

struct setting {
    const char *name;
    const int16_t *hands; /* of the clock, in minutes from the first slot */
    struct plan plans[MEETINGS];
    uint8_t clocks;
    uint8_t people;
    uint8_t meetings;
    uint8_t agendas;
    uint8_t slots;  /* of the window */
    uint8_t rounds; /* so many are left of LIMIT_ROUNDS */
    bool reminders; /* are sent: then every moment counts */
};

extern const struct setting settings[];
extern const size_t settings_count;

struct world {
    const struct setting *setting;
    struct index *index[AGENDAS];
    struct proposer *proposer[AGENDAS];
    struct clients clients;
};

int64_t world_now_ms(const struct setting *setting, size_t clock);
const char *world_value(size_t person);
struct entente_identifier *world_identifier(struct arena *arena, size_t person);
/* As whom answers name the person: a guest by the name that the request gave. */
struct entente_identifier *world_named(const struct setting *setting,
                                       struct arena *arena, size_t person);
/* Is it what the person is in any meeting? */
bool world_is_guest(const struct setting *setting, size_t person);
bool world_is_patient(const struct setting *setting, size_t person);
struct entente_spec *world_spec(const struct setting *setting, struct arena *arena,
                                size_t meeting);

static inline int32_t world_slot(size_t slot)
{
    return FIRST + (int32_t)slot * LENGTH;
}

/* ---- who there is, and what they may say (explore_world.c, explore_say.c) ----------
 */

void world_open(struct world *world, const struct setting *setting);
void world_close(struct world *world);

const uint8_t *world_id(size_t meeting); /* 16 bytes */

enum act_kind {
    ACT_REQUEST,
    ACT_ACCEPT,
    ACT_DECLINE,
    ACT_SHIFT,
    ACT_COUNTER,
    ACT_GRADE,
    ACT_DELEGATE,
    ACT_CANCEL,
    ACT_WITHDRAW,
    ACT_DECIDE_SLOT,
    ACT_DECIDE_WITHOUT,
    ACT_CONFIRM,
    ACT_MOVE,
    ACT_REPLACE,
    ACT_OWNER,
    ACT_DUE,
    ACT_RESULT,
    ACT_STALE, /* not an act of its own: some of the others, about what is over */
    ACT_KINDS,
};

/* Something that somebody may say, or that may come due. */
struct act {
    enum act_kind kind;
    uint8_t person; /* who says it; 0: the organizer */
    uint8_t about;  /* a slot, a person, a reason, ... */
    bool stale;     /* about an old proposal or version */
};

/* All that may be said of this meeting. */
const struct act *world_acts(const struct world *world, size_t meeting,
                             size_t *ret_count);

/* Is it said here?  Without a bound one would come for another for ever. */
bool world_may(const struct world *world, size_t meeting, const struct act *act,
               const struct entente_meeting *now);

/* Say it about @card's meeting, into @command, whose arena is empty. */
void world_say(const struct world *world, size_t meeting, const struct act *act,
               const struct entente_meeting *now, struct command *command);

/* ---- what is alike (explore_canon.c) -----------------------------------------------
 */

/* @meeting, of which this is @clock's time, as one of those that behave like it. */
void canon(const struct setting *setting, struct entente_meeting *meeting,
           size_t number, size_t clock);

/* ---- a meeting in one piece (explore_image.c) --------------------------------------
 */

struct image {
    const unsigned char *bytes; /* a struct entente_meeting and all that hangs on it */
    size_t size;
    const uint16_t *pointers; /* which words are pointers into it */
    size_t pointer_count;
};

void image_make(const struct entente_meeting *meeting, struct arena *arena,
                struct image *ret_image);
struct entente_meeting *image_copy(const struct image *image, struct arena *arena);

/* Is @meeting, which image_copy() made, what it was then? */
bool image_is(const struct image *image, const struct entente_meeting *meeting);

/* ---- cards (explore_cards.c) -------------------------------------------------------
 */

struct card {
    struct image image;
    const struct entente_meeting *meeting; /* the image; NULL: NO_CARD */
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
/* The card that says the same when the clock is at @clock. */
uint32_t reducer_later(struct reducer *reducer, size_t meeting, uint32_t number,
                       size_t clock);
/* How many rows of the table have been walked; and printed. */
size_t reducer_walked(const struct reducer *reducer, bool print);
const char *reducer_complaint(const struct reducer *reducer);

/* ---- what is printed (explore_tell.c) ----------------------------------------------
 */

void tell_card(const struct card *card);
void tell_act(const struct act *act);
void tell_table(void); /* as reducer_walked() prints rows */

/* What must hold in every state; NULL when it does. */
const char *laws_of_pair(const struct card *a, const struct card *b);
const char *laws_of_card(const struct card *card);

#endif
