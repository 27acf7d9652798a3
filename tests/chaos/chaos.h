// SPDX-License-Identifier: Apache-2.0

/*
 * chaos.h - real brokers, adapters and a real PostgreSQL, each in a network namespace of
 * its own, and what befalls them
 *
 *     chaos.c      options, rounds, the last line
 *     net.c        namespaces and the links between them
 *     process.c    who runs, and who is to run again
 *     database.c   the cluster, its disk, and questions to it
 *     faults.c     what is drawn from the seed
 *     commits.c    what PostgreSQL has committed, in its order, out of its own log
 *     verdict.c    commits and trails become one history, which the checker reads
 *     sharp.c      whether it would have noticed
 *
 * Everything between the nodes goes through chaos_relay, which lives in the namespace of
 * this program (the hub): a node reaches the hub alone.
 *
 * Units       Milliseconds of CLOCK_MONOTONIC (_ms), microseconds of CLOCK_REALTIME (_us).
 *
 * Threads     One.
 */
#ifndef TESTS_CHAOS_CHAOS_H
#define TESTS_CHAOS_CHAOS_H

#include "tests/chaos/chance.h"
#include "tests/simulation/history.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum {
    BROKERS = 2,
    ADAPTERS = 4,
    PEOPLE = 12,
    NODES = 1 + BROKERS + ADAPTERS, /* the database is node 0 */
    PROCESSES = NODES + 1,          /* and the relay is the last */
    RELAY = NODES,
    ROUTES = BROKERS + BROKERS * ADAPTERS,
    FOUND_BYTES = 512,
    PATH_BYTES = 512,
    FROZEN_MAX = 16,
    SHIFTS_MAX = 4096,
};

/* What befalls: name, how many of it in one deck of cards, whether it is a kill or a
 * partition. */
#define FAULTS(X)                                                                      \
    X(KILL_BROKER, "kill broker", 4)                                                   \
    X(KILL_ADAPTER, "kill adapter", 4)                                                 \
    X(KILL_BACKEND, "kill backend", 2)                                                 \
    X(KILL_POSTMASTER, "kill postmaster", 1)                                           \
    X(STOP_BROKER, "stop broker", 2)                                                   \
    X(STOP_ADAPTER, "stop adapter", 2)                                                 \
    X(STOP_BACKEND, "stop backend", 2)                                                 \
    X(STOP_POSTMASTER, "stop postmaster", 1)                                           \
    X(PARTITION_NODE, "partition of a node", 3)                                        \
    X(PARTITION_ROUTE, "partition of a route", 3)                                      \
    X(FLAP, "packets lost", 2)                                                         \
    X(DELAY, "delay", 2)                                                               \
    X(LOSE, "bytes lost", 2)                                                           \
    X(RESET, "reset", 3)                                                               \
    X(REFUSE, "refused", 1)                                                            \
    X(DISK_FULL, "disk full", 1)                                                       \
    X(FSYNC, "fsync fails", 1)

#define FAULT_NAME(name, text, count) FAULT_##name,
enum fault { FAULTS(FAULT_NAME) FAULT_COUNT };
#undef FAULT_NAME

struct process {
    char name[24];
    pid_t pid;        /* 0: does not run */
    int64_t start_ms; /* when it is to run again; 0: not */
    int64_t wake_ms;  /* when it goes on after SIGSTOP; 0: it is not stopped */
    bool expected;    /* the next end is our doing */
    bool asked;       /* to end in an orderly way, for good */
    unsigned starts;
};

struct chaos {
    /* as asked */
    uint64_t seed;
    int64_t seconds;       /* of the whole campaign */
    int64_t round_seconds; /* of faults, before all is healed and checked */
    const char *bin;       /* our programs */
    const char *pg_bin;
    const char *pg_user; /* who runs PostgreSQL; NULL: who runs this */
    const char *place;  /* an empty directory: the disk of PostgreSQL is mounted here */
    const char *folder; /* keys, settings, trails, logs */
    const char *report_path; /* NULL: report, in folder */
    bool with_fiu;

    struct chance chance;
    uid_t pg_uid;
    gid_t pg_gid;
    int hub; /* namespaces */
    int nets[NODES];
    FILE *orders; /* to the relay */
    struct process processes[PROCESSES];
    FILE *report;
    int64_t began_ms;

    /* what lasts for a while */
    bool active; /* faults are drawn */
    int64_t fault_ms;
    int64_t ease; /* how much slower than a storm */
    enum fault deck[64];
    size_t deck_count;
    unsigned decks;           /* shuffled so far */
    int64_t link_ms[NODES];   /* when the link is up again; 0: it is */
    unsigned flaps[NODES];    /* how often it still goes down */
    int64_t route_ms[ROUTES]; /* when the route is healed; 0: it is */
    struct {
        pid_t pid;
        int64_t wake_ms;
    } frozen[FROZEN_MAX]; /* backends */
    int64_t disk_ms;
    int64_t fsync_ms;
    bool fsync_fails;

    /* what was done */
    unsigned done[FAULT_COUNT];
    unsigned kills;
    unsigned partitions;
    unsigned rounds;

    int64_t shift_minutes; /* of the database's clock */
    struct {
        int64_t at_us;
        int64_t minutes;
    } shifts[SHIFTS_MAX];
    size_t shift_count;

    struct verdict *verdict;
    char found[FOUND_BYTES]; /* what must not be; "" so far */
};

/* ---- chaos.c */
int64_t chaos_now_ms(void);
/* The first finding stays. */
void chaos_find(struct chaos *chaos, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void chaos_note(struct chaos *chaos, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* False when somebody wants this to end, or when something was found. */
bool chaos_wait(struct chaos *chaos, int64_t ms);

/* ---- net.c */
bool net_create(struct chaos *chaos);
void net_link(const struct chaos *chaos, size_t node, bool up);

/* ---- process.c */
void process_name_all(struct chaos *chaos);
void process_start(struct chaos *chaos, size_t number);
void process_kill(struct chaos *chaos, size_t number, int64_t start_after_ms);
void process_stop(struct chaos *chaos, size_t number, int64_t for_ms);
/* Reap, start again, wake. */
void process_tick(struct chaos *chaos, int64_t now);
/* Run a program to its end; its exit code.  @user: as who runs PostgreSQL. */
int process_run(struct chaos *chaos, const char *const *words, bool user);
/* Ask adapters, then brokers to end; who does not, or with a complaint, is a finding. */
void process_ask_to_end(struct chaos *chaos);
/* SIGKILL to all that are left. */
void process_end_all(struct chaos *chaos);

/* ---- database.c */
bool database_create(struct chaos *chaos);
void database_words(const struct chaos *chaos, const char **ret_words);
/* Children of the postmaster; how many. */
size_t database_backends(const struct chaos *chaos, pid_t *ret, size_t capacity);
int64_t database_disk_used(const struct chaos *chaos);
/* The disk grows with what is on it: as much is free as at first. */
bool database_make_room(const struct chaos *chaos);
void database_fill_disk(const struct chaos *chaos);
void database_free_disk(const struct chaos *chaos);
/* The number that @sql asks for; false when there is no answer now. */
bool database_number(struct chaos *chaos, const char *sql, int64_t *ret);
bool database_run(struct chaos *chaos, const char *sql);
bool database_wait(struct chaos *chaos, int64_t limit_ms);
/* Each row's columns, as text. */
bool database_rows(struct chaos *chaos, const char *sql,
                   void (*row)(void *context, char **columns), void *context);
void database_forget(void);

/* ---- faults.c */
void faults_begin(struct chaos *chaos);
void faults_tick(struct chaos *chaos, int64_t now);
void faults_heal(struct chaos *chaos);
const char *fault_name(enum fault fault);

/* ---- commits.c */
struct commit {
    int64_t at_us;
    size_t first; /* of its records */
    size_t count;
};

struct commits {
    struct commit *list;
    size_t count;
    size_t capacity;
    struct record *records;
    size_t record_count;
    size_t record_capacity;
};

/* All since the last time.  False when they cannot be read. */
bool commits_read(struct chaos *chaos, struct commits *ret);

/* ---- verdict.c */
struct verdict *verdict_create(void);
void verdict_destroy(struct verdict *verdict);
/* Read what was committed and what adapters have written down, and check it. */
bool verdict_round(struct chaos *chaos);
uint64_t verdict_bookings(const struct chaos *chaos);
uint64_t verdict_records(const struct chaos *chaos);
uint64_t verdict_acknowledged(const struct chaos *chaos);
/* A number that stands for the id, written as a UUID. */
uint64_t verdict_meeting(const char *uuid);
/* True if this version and state of the meeting were seen before. */
bool verdict_saw(struct chaos *chaos, uint64_t meeting, uint32_t version,
                 uint32_t state);
/* Which client speaks for the person; 0: none. */
int64_t verdict_client_of(const struct chaos *chaos, int64_t person);
int64_t chaos_shift_at(const struct chaos *chaos, int64_t at_us);

/* ---- sharp.c */
/* Mistakes in the history that was found lawful; one that is not noticed is a finding. */
void sharp_check(struct chaos *chaos);

#endif
