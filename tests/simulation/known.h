// SPDX-License-Identifier: Apache-2.0

/*
 * known.h - what an adapter of the simulation, or of the campaign of real faults,
 * remembers of meetings in order to act on them
 */
#ifndef TESTS_SIMULATION_KNOWN_H
#define TESTS_SIMULATION_KNOWN_H

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KNOWN_PARTIES = 8, KNOWN_CANDIDATES = 8 };

/* A meeting as it was told last. */
struct known {
    uint8_t id[16];
    uint32_t version;
    uint32_t state;
    uint32_t proposal;
    int32_t start;
    int32_t end;
    int32_t alternative;    /* the start of one; 0: none */
    bool mine;              /* this client has asked for it */
    size_t candidate_count; /* of a poll */
    int32_t candidates[KNOWN_CANDIDATES];
    size_t party_count;
    struct {
        int64_t person; /* 0: nobody whom the world knows */
        bool awaited;
        bool attends;
        bool diverged;
        bool guest;
    } parties[KNOWN_PARTIES];
};

/* The person of an identifier, or 0. */
typedef int64_t (*known_person_fn)(const struct entente_identifier *identifier);

/* Remember @meeting among the *@count of at most @capacity; when they are all taken, in the
 * place of one that is agreed or over.  @self is the client's name.  An older version than
 * the one that is known changes nothing. */
void known_learn(struct known *known, size_t capacity, size_t *count,
                 const struct entente_meeting *meeting, const char *self,
                 known_person_fn person_of);

#endif
