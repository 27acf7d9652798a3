// SPDX-License-Identifier: Apache-2.0

/*
 * history_private.h - what the checker remembers; for its own files only
 *
 *     history.c          commands, claims, meetings
 *     history_events.c   what agendas are told
 *     history_rewind.c   a database that goes back to a backup
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
    bool lost; /* it was committed, behind a backup that came back */
    bool answered;
    bool acknowledged;
    uint64_t meeting;
    uint32_t version;
};

struct issued {
    uint64_t meeting;
    uint32_t version;
    /* What has the number now: something else where a backup came back unnoticed. */
    uint64_t meeting_there;
    uint32_t version_there;
};

/* Events of one numbering.  Behind a restore fewer of them are there than were given. */
struct numbering {
    uint64_t epoch;
    struct issued *issued;
    size_t count; /* that are there */
    size_t given; /* ever */
    size_t capacity;
    uint64_t applied; /* at most, ever */
};

struct client {
    struct map commands;
    struct numbering *numberings; /* by rising epoch */
    size_t numbering_count;
    size_t numbering_capacity;
    size_t current; /* its place + 1, as the database has it; 0: none yet */
    uint64_t epoch; /* of what its agenda has applied; 0: nothing */
    uint64_t applied;
    struct map seen;    /* meeting -> version shown, plus 1 */
    struct map members; /* meetings it has a part in */
};

struct meeting {
    uint32_t version;
    uint32_t state;
    uint32_t given; /* the highest version ever */
    size_t claims;
};

/* What a record changed, so that it can be undone. */
struct undo {
    struct record record;
    uint32_t version; /* before */
    uint32_t state;
    size_t current;
};

struct checker {
    struct map people;
    struct map clients;
    struct map meetings;
    struct meeting **touched; /* in the transaction whose records are coming */
    size_t touched_count;
    size_t touched_capacity;
    size_t open; /* meetings that are not over */
    bool saved;
    bool unnoticed;     /* a backup has come back, and nobody knows yet */
    bool overtaken;     /* nor can everybody any more */
    struct undo *undos; /* since the backup */
    size_t undo_count;
    size_t undo_capacity;
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

bool history_is_over(uint32_t state);
void history_claim(struct checker *checker, const struct record *record);
bool history_unclaim(struct checker *checker, const struct record *record);
struct command *history_command(struct checker *checker, const struct record *record);

/* Remember how it was before @record. */
void history_note(struct checker *checker, const struct record *record,
                  const struct meeting *meeting, const struct client *client);
void history_save(struct checker *checker);
const char *history_rewind(struct checker *checker, const struct record *record);
const char *history_raise(struct checker *checker, const struct record *record);

const char *history_number(struct checker *checker, const struct record *record);
const char *history_forget(struct checker *checker, const struct record *record);
const char *history_issue(struct checker *checker, const struct record *record);
const char *history_apply(struct checker *checker, const struct record *record);
const char *history_member(struct checker *checker, const struct record *record);
const char *history_restored(struct checker *checker, const struct record *record);

#endif
