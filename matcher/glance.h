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

enum {
    GLANCE_STEPS = 57
}; /* of a plane that can be read at once, wherever they begin */

/* Starts that follow each other evenly on one day, so near to each other that one look at
 * a plane decides them all. */
struct glance_run {
    int32_t day;     /* UTC, */
    uint16_t minute; /* and where the first one lies in it */
    uint16_t step;   /* of the plane: the first one that begins in its slot */
    uint8_t length;  /* steps that lie wholly in each slot, GLANCE_STEPS at most */
    uint8_t stride;  /* steps from one start to the next */
    uint8_t first;   /* its place */
    uint8_t count;
};

/* The question, which is the same for everybody. */
struct glance_ask {
    const struct match_request *request;
    struct axis starts; /* at most AXIS_WORD of them */
    uint32_t number;    /* the caller's, of these starts */
    uint32_t certainties;
    uint32_t purposes;
    int32_t farthest; /* minutes; nobody travels longer */
    bool is_soft;
    bool is_odd;  /* some way has a modality that nobody can name */
    bool is_even; /* slots are whole steps of planes, and not too many */
    uint8_t common[RECORD_COMMON];     /* what the common classes say */
    struct glance_run runs[AXIS_WORD]; /* of the starts */
    size_t run_count;
};

/* One person, and the way in which they would attend. */
struct glance_view {
    const struct glance_ask *ask;
    const struct match_party *party;
    const struct match_person *person;
    const struct match_record *record;
    const struct match_span *claims; /* those that are near to any of the starts, */
    const uint16_t *claim_places;    /* and where they take place; NULL: nobody knows */
    size_t claim_count;
    struct way way;
    uint32_t modalities; /* that are admitted; bits */
    bool is_engaged;     /* the record may say so */
    bool is_plain;       /* the plane says where the person is free, but for claims */
};

/* One word of starts for each saying. */
struct glance {
    struct glance_view view;
    uint32_t number;  /* of the starts that were asked about */
    uint64_t met;     /* for these it is known whether the person can come, */
    uint64_t known;   /* and for these everything */
    uint64_t depends; /* of those that are met: they may be different in another way */
    uint64_t attend;  /* of those that are met, too */
    uint64_t reasons[PERSON_REASONS]; /* they may overlap; the first one counts */
    uint64_t merits[PERSON_MERITS];   /* of those at which the person attends */
    uint64_t chosen;                  /* of a pool's member: the caller's */
};

/* What the common classes of a record say of a minute, to @request (glance_walk.h). */
void glance_say_common(const struct match_request *request,
                       uint8_t ret_says[static RECORD_COMMON]);

/* Begin to ask @request; the starts are the caller's to set, with glance_ask_about(). */
void glance_begin(const struct match_request *request, struct glance_ask *ret_ask);

/* Ask about @count starts from here on, at most AXIS_WORD, which are borrowed. */
void glance_ask_about(struct glance_ask *ask, const minute_t *starts, size_t count);

/* Begin to look at @person, one of @party, who would attend in that way. */
void glance_open(const struct glance_ask *ask, const struct match_party *party,
                 const struct match_person *person, struct way way,
                 struct glance *ret_glance);

/* What if they attended in that way?  What may be different then is forgotten. */
void glance_turn(struct glance *glance, struct way way);

/* At which of @asked, of which nothing is known, the person can come.  As a rule a look at
 * one word for each run of starts. */
void glance_meet(struct glance *glance, uint64_t asked);

/* All that the record says of the starts in @asked, of which not all is known; what it says
 * of others is kept. */
void glance_look(struct glance *glance, uint64_t asked);

/* Add the gaps beside the slot at each start of @attend, to which the person comes, to
 * @unusable, by start. */
void glance_add_gaps(const struct glance *glance, uint64_t attend, uint32_t *unusable);

#endif
