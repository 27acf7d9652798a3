// SPDX-License-Identifier: Apache-2.0

/*
 * history.h - what happened, record by record, and whether it may have happened
 *
 * The simulation and the campaigns against real processes write the same records, and the
 * same checker reads them.  Each record is checked against what came before; the first
 * contradiction is a sentence.
 *
 * Checked     C1 nobody is claimed twice for the same minute, at any prefix; a meeting's
 *                claims are what its state says
 *             C2 every acknowledged command is there, with its promised effect
 *             C3 what was acknowledged before something else was asked comes before it
 *             C4 versions of a meeting rise by what was written, nothing after the end
 *             C5 numbers of events are gapless; each is applied exactly once, in order,
 *                none without its commit, none at somebody whom it does not concern
 *             C6 after healing every meeting reaches its end and holds nothing
 *
 * Restores    The database may go back to a backup (SAVED, REWOUND).  What it holds is then
 *             what it held; but no version, no number of an event and no numbering that
 *             was ever given is given again, and what was acknowledged to somebody is not
 *             carried out again.  What is forgotten has been applied, or nobody came for it.
 *
 * Order       Records come in the order of one clock; claims of one person in the order
 *             of their commits.
 */
#ifndef TESTS_SIMULATION_HISTORY_H
#define TESTS_SIMULATION_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RECORD_KINDS(X)                                                                \
    X(INVOKE, "invoke")   /* client asks: epoch, counter */                            \
    X(OK, "ok")           /* client was answered: epoch, counter, meeting, version */  \
    X(REFUSED, "refused") /* client was refused: epoch, counter */                     \
    X(COMMAND, "command") /* committed: client, epoch, counter, meeting, version */    \
    X(CLAIM, "claim")     /* committed: person, meeting, start, end; counter: now */   \
    X(UNCLAIM, "unclaim") /* the same */                                               \
    X(MEETING, "meeting") /* committed: meeting, version, state, start: now */         \
    X(COMMIT, "commit")   /* the end of the transaction whose records came before */   \
    X(ISSUE, "issue")     /* committed: client, epoch, sequence, meeting, version */   \
    X(APPLY, "apply") /* client's agenda: epoch, sequence, meeting, version, state */  \
    X(MEMBER, "member")     /* client has a part in meeting */                         \
    X(RESTORED, "restored") /* client's agenda goes back to epoch, sequence */         \
    X(NUMBERED,                                                                        \
      "numbered") /* client: events in epoch; state 1: those of before, too */         \
    X(FORGET,                                                                          \
      "forget")       /* client's event epoch, sequence is gone; state 1: very old */  \
    X(SAVED, "saved") /* the database: a backup */                                     \
    X(REWOUND, "rewound") /* the database is as it was then; state 1: nobody knows */  \
    X(RAISED, "raised")   /* a generation: meeting has version */                      \
    X(HEALED, "healed")   /* from now on all must end */                               \
    X(END, "end")         /* the end of the history; start: now */

#define RECORD_KIND(name, text) RECORD_##name,
enum record_kind { RECORD_KINDS(RECORD_KIND) RECORD_KIND_COUNT };
#undef RECORD_KIND

struct record {
    enum record_kind kind;
    int64_t client;
    uint64_t epoch;
    uint64_t counter; /* or sequence */
    uint64_t meeting; /* a number that stands for its id; never 0 */
    uint32_t version;
    uint32_t state; /* enum entente_state */
    int64_t person;
    int32_t start;
    int32_t end;
};

struct checker;

struct checker *checker_create(void);
void checker_destroy(struct checker *checker);

/* NULL, or what cannot have happened: lives until the checker is destroyed. */
const char *checker_take(struct checker *checker, const struct record *record);

/* A backup has come back, nobody was told, and events have been issued since until one
 * client's numbers fit again: from here on nothing can be promised (docs/restore.md). */
bool checker_is_overtaken(const struct checker *checker);

/* What is said of a whole list; *ret_at is where. */
const char *history_check(const struct record *records, size_t count, size_t *ret_at);

/* One record as a line, and back. */
void record_print(FILE *file, const struct record *record);
bool record_parse(const char *line, struct record *ret_record);

#endif
