// SPDX-License-Identifier: Apache-2.0

/*
 * glance.h - what the record of one person says of up to 64 starts, in one pass
 *
 * The same as person.h says, read from the changes of the record around the starts and
 * from nothing else: no ranges are told, and nothing is looked at twice.
 *
 *     changes     |  free  |busy|   free    |      each stretch between two changes is of
 *     starts      1 1 1 1 1 0 0 0 0 1 1 1          one class; the starts whose slot
 *                                                  touches it are a range of bits
 *
 * What a person says of a slot follows from the classes that it touches: whoever is not
 * offered for one minute of it cannot come, whoever is not preferred for one is not
 * inside preferred time.  So one word of starts for each class is all that is kept.
 *
 * Ownership   Everything is borrowed.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_GLANCE_H
#define MATCHER_GLANCE_H

#include "matcher/person.h"
#include "matcher/record_layout.h"

/* Where a slot lies in rings and planes. */
struct glance_spot {
    int32_t day;     /* UTC, */
    uint32_t minute; /* and where it begins there */
    uint32_t step;   /* of the plane: the first one that begins in the slot */
    uint64_t
        within; /* steps that lie wholly in it, from there on: a bit for each, as many
                        as GLANCE_STEPS */
    uint64_t cells; /* of the day's ring word that it touches */
};

enum { GLANCE_STEPS = 57 }; /* that can be read at once, wherever they begin */

/* The question, which is the same for everybody. */
struct glance_ask {
    const struct match_request *request;
    struct axis starts; /* at most AXIS_WORD of them */
    uint32_t number;    /* the caller's, of these starts */
    uint32_t certainties;
    uint32_t purposes;
    int32_t farthest; /* minutes; nobody travels longer */
    bool is_soft;
    bool is_odd;    /* some way has a modality that nobody can name */
    bool is_even;   /* then: slots are whole steps of planes, and not too many */
    bool is_placed; /* spots are those of the starts */
    uint8_t common[RECORD_COMMON]; /* what the common classes say */
    struct glance_spot spots[AXIS_WORD];
};

/* One word of starts for each saying. */
struct glance {
    uint32_t number;  /* the caller's, of the starts */
    struct way way;   /* the caller's, too */
    uint64_t met;     /* for these it is known whether the person can come, */
    uint64_t known;   /* and for these everything */
    uint64_t depends; /* of those that are met: they may be different in another way */
    uint64_t attend;  /* of those that are met, too */
    uint64_t reasons[PERSON_REASONS]; /* they may overlap; the first one counts */
    uint64_t merits[PERSON_MERITS];   /* of those at which the person attends */
    uint64_t chosen;                  /* of a pool's member: the caller's */
    uint64_t gapped;                  /* for these the gaps are known */
    uint16_t gaps[AXIS_WORD];         /* unusable minutes beside the slot, by start */
};

/* Begin to ask @request; the starts are the caller's to set, with glance_ask_about(). */
void glance_begin(const struct match_request *request, struct glance_ask *ret_ask);

/* Ask about @count starts from here on, at most AXIS_WORD, which are borrowed. */
void glance_ask_about(struct glance_ask *ask, const minute_t *starts, size_t count);

/* Forget what is known of the starts in @of. */
static inline void glance_forget(struct glance *glance, uint64_t of)
{
    glance->met &= ~of;
    glance->known &= ~of;
    glance->gapped &= ~of;
    glance->depends &= ~of;
    glance->attend &= ~of;
}

/* At which of @asked @person, one of @party, can come, in the way of @glance, into it.  As
 * a rule a look at one word for each. */
void glance_meet(struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, uint64_t asked,
                 struct glance *glance);

/* All that the record of @person, one of @party, says of the starts in @asked, in the way of
 * @glance, into it; what it says of others is kept. */
void glance_look(const struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, uint64_t asked,
                 struct glance *glance);

/* The gaps beside the slot at each start in glance->gapped, at which the person can
 * come. */
void glance_gaps(struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, struct glance *glance);

#endif
