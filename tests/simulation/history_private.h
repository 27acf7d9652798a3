// SPDX-License-Identifier: Apache-2.0

/*
 * history_private.h - what the checker remembers; for its own files only
 *
 *     history.c          commands, claims, meetings
 *     history_events.c   what agendas are told
 *     history_text.c     whole lists, and records as lines
 */
#ifndef TESTS_SIMULATION_HISTORY_PRIVATE_H
#define TESTS_SIMULATION_HISTORY_PRIVATE_H

#include "broker/map.h"
#include "tests/simulation/history.h"

enum { SAID = 320 };

struct span {
    uint64_t meeting;
    int32_t start;
    int32_t end;
};

/* A person's claims, by no order. */
struct person {
    struct span *spans;
    size_t count;
    size_t capacity;
};

struct command {
    bool invoked;
    bool committed;
    bool answered;
    uint64_t meeting;
    uint32_t version;
};

struct issued {
    uint64_t meeting;
    uint32_t version;
};

struct client {
    struct map commands;
    struct issued *issued;
    size_t count;
    size_t capacity;
    uint64_t applied;
    struct map seen;    /* meeting -> version shown, plus 1 */
    struct map members; /* meetings it has a part in */
};

struct meeting {
    uint32_t version;
    uint32_t state;
    size_t claims;
};

struct checker {
    struct map people;
    struct map clients;
    struct map meetings;
    struct meeting **touched; /* in the transaction whose records are coming */
    size_t touched_count;
    size_t touched_capacity;
    size_t open; /* meetings that are not over */
    bool healed;
    char said[SAID];
};

/* Memory, or the end. */
void *history_need(void *memory);
void *history_find_or_make(struct map *map, uint64_t key, size_t size);
void history_free_values(struct map *map);
const char *history_say(struct checker *checker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct client *history_client(struct checker *checker, const struct record *record);
struct meeting *history_meeting(struct checker *checker, uint64_t meeting);

const char *history_issue(struct checker *checker, const struct record *record);
const char *history_apply(struct checker *checker, const struct record *record);
const char *history_member(struct checker *checker, const struct record *record);
const char *history_restored(struct checker *checker, const struct record *record);

#endif
