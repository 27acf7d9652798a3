// SPDX-License-Identifier: Apache-2.0

/*
 * sim.h - a world in one thread: brokers, adapters, network, database and clock, with
 * everything that chance decides drawn from one seed
 *
 * Time        Microseconds of simulated time; nothing here ever waits.  Events happen in
 *             the order of their time, and of their making where that is equal.
 *
 * Trace       Every event goes into a digest; two runs of one seed have the same one.
 *
 * Ownership   One world at a time in a process (the edges of broker and SDK have no
 *             context to find another one by).
 */
#ifndef TESTS_SIMULATION_SIM_H
#define TESTS_SIMULATION_SIM_H

#include "broker/wire.h"
#include "tests/simulation/history.h"
#include "tests/simulation/store_sim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_BROKERS = 3,
    SIM_ADAPTERS = 8,
    SIM_PEOPLE = 24,
    SIM_PATIENTS = 4,
    SIM_REPRESENTATIVES = 3,
    SIM_CONNECTIONS = 4096,
    SIM_ACTS = 13, /* kinds of what adapters do (sim_work.c) */
};

/* What happens; shown by --count. */
#define SIM_KINDS(X)                                                                   \
    X(FRAME, "frame arrives")                                                          \
    X(OPEN, "connection opens")                                                        \
    X(CLOSE, "connection closes")                                                      \
    X(TURN, "turn of a broker's loop")                                                 \
    X(STEP, "step of an adapter")                                                      \
    X(STATEMENT, "statement in the database")                                          \
    X(SETTLE, "orphaned transaction ends")                                             \
    X(RECONNECT, "link to the database returns")                                       \
    X(ACT, "somebody does something")                                                  \
    X(FAULT, "something goes wrong")                                                   \
    X(REPAIR, "something is mended")                                                   \
    X(PHASE, "phase of the run")

#define SIM_KIND(name, text) EVENT_##name,
enum event_kind { SIM_KINDS(SIM_KIND) EVENT_KINDS };
#undef SIM_KIND

/* Kinds of trouble; a run has some of them (swarm), a shrunk one fewer. */
enum trouble {
    TROUBLE_LOSS = 1 << 0,
    TROUBLE_DELAY = 1 << 1,
    TROUBLE_REPEAT = 1 << 2,
    TROUBLE_REORDER = 1 << 3,
    TROUBLE_RESET = 1 << 4,
    TROUBLE_PARTITION = 1 << 5,
    TROUBLE_CONFLICT = 1 << 6, /* deadlock, serialization failure */
    TROUBLE_LINK = 1 << 7,     /* the database's connection is lost */
    TROUBLE_COMMIT = 1 << 8,   /* unknown commits */
    TROUBLE_DATABASE = 1 << 9, /* crash and fail-over */
    TROUBLE_BROKER = 1 << 10,  /* crash */
    TROUBLE_ADAPTER = 1 << 11, /* crash */
    TROUBLE_CLOCK = 1 << 12,   /* the database's clock jumps forward */
    TROUBLE_FREEZE = 1 << 13,  /* a broker stands still for a while */
    TROUBLE_RESTORE = 1 << 14, /* an agenda comes back from a backup */
    TROUBLE_OLDER = 1 << 15,   /* the database comes back from a backup */
    TROUBLE_ALL = (1 << 16) - 1,
};

enum { TROUBLE_KINDS = 16 };

struct sim_plan {
    uint64_t seed;
    uint64_t events;          /* at most; 0: until all is over */
    unsigned brokers;         /* 0: drawn */
    unsigned adapters;        /* 0: drawn */
    unsigned troubles;        /* of these; TROUBLE_ALL */
    unsigned acts;            /* bits of acts[] (sim_work.c); ~0u: all */
    enum sim_mistake mistake; /* planted */
    FILE *trace;              /* NULL: none */
    uint64_t *progress; /* not NULL: the events so far, for who comes after a crash */
    void (*record)(void *context, const struct record *record); /* may be NULL */
    void *context;
};

struct event {
    int64_t at_us;
    uint64_t order;
    uint32_t kind; /* enum event_kind */
    uint32_t who;
    void *what;
    uint64_t tag;
};

struct sim_result {
    uint64_t events;
    uint64_t crashes;
    uint64_t restores;  /* of the database; among the crashes */
    uint64_t overtaken; /* worlds that ended because nobody can notice one any more */
    uint64_t digest;
    uint64_t by_kind[EVENT_KINDS];
    uint64_t commands; /* acknowledged */
    uint64_t meetings;
    uint64_t confirmed;
    uint64_t explained;    /* decisions told to somebody who asked */
    uint64_t replayed;     /* of them, searches that came out alike once more */
    const char *violation; /* NULL: none */
    uint64_t violated_at;  /* event */
};

struct node;
struct adapter;

struct sim {
    struct sim_plan plan;
    uint64_t chance;
    int64_t now_us;
    int64_t clock_offset_ms; /* of the database's clock */
    uint64_t order;
    struct event *heap;
    size_t heap_count;
    size_t heap_capacity;
    struct sim_result result;
    char violation[512];
    bool over;
    bool healing; /* nothing goes wrong any more */

    unsigned troubles;
    struct sim_db *db;
    struct node *nodes[SIM_BROKERS];
    unsigned node_count;
    struct adapter *adapters[SIM_ADAPTERS];
    unsigned adapter_count;
    int64_t people_count;
    int64_t patient_count;          /* they are numbered behind the people */
    int64_t representative_count;   /* and who speaks for them behind them */
    size_t rows_seen[SIM_ADAPTERS]; /* of each client's outbox */
    bool sandbox[SIM_ADAPTERS];     /* may know of patients */
    int64_t down_until_us;          /* the database */
    struct store_retention retention;
    int64_t saved_us;      /* the last backup; 0: there is none */
    bool forgetful;        /* nobody says that a backup has come back */
    int64_t rush_until_us; /* everybody wants the same person */
    int64_t rush_person;
    struct checker *checker;
    struct network *network;
};

extern struct sim *world;

/* ---- sim.c: chance, time, events ---------------------------------------------------
 */

uint64_t sim_draw(uint64_t limit); /* [0, limit) */
bool sim_chance(uint32_t in_a_million);
bool sim_has(enum trouble trouble); /* in this run, and not healed yet */
int64_t sim_between(int64_t least, int64_t most);

void sim_after(int64_t delay_us, enum event_kind kind, uint32_t who, void *what,
               uint64_t tag);
/* Into the trace. */
void sim_note(const char *what, const void *bytes, size_t size);

/* The run ends here, with a violation. */
void sim_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One record for the checker. */
void sim_record(const struct record *record);

/* Run one world from @plan. */
void sim_run(const struct sim_plan *plan, struct sim_result *ret_result);

int64_t sim_db_now_ms(void);
uint64_t sim_meeting_number(const uint8_t *id);
int64_t sim_mono_ms(void); /* everybody's monotonic clock */

/* ---- sim_trouble.c -----------------------------------------------------------------
 */

void trouble_one(void);  /* something goes wrong, if this run has that kind of it */
void trouble_rush(void); /* everybody wants the same person */
void trouble_repair(const struct event *event);

/* ---- sim_people.c ------------------------------------------------------------------
 */

void people_begin(void); /* who there is, and who speaks for whom */
int64_t people_last(void);
const char *people_system(int64_t person);
void people_value(char *value, size_t size, int64_t person);
bool people_is_professional(int64_t person);
bool people_is_representative(int64_t person); /* of patients, whoever they are */
bool people_may_be_silent(int64_t person);     /* may ever agree to accept so */

/* ---- sim_net.c ---------------------------------------------------------------------
 */

struct network *network_create(void);
void network_destroy(struct network *network);
struct wire *network_wire(unsigned node);
void network_frame(struct event *event);
void network_opened(struct event *event);
void network_closed(struct event *event);
/* The node is gone: its connections break, noticed or not. */
void network_node_died(unsigned node);
void network_partition(void); /* somebody cannot reach somebody */
void network_heal(void);
void network_reset_one(void);

/* ---- sim_node.c: brokers -----------------------------------------------------------
 */

void node_create(unsigned number);
void node_destroy(unsigned number);
bool node_is_up(unsigned number);
void node_start(unsigned number);
void node_crash(unsigned number);
void node_freeze(unsigned number, int64_t for_us);
void node_wake(unsigned number); /* turn soon */
void node_turn(struct event *event);
void node_store_works(struct event *event);
void node_reconnect(struct event *event);
bool node_is_stale(const struct event *event); /* a turn that has been had earlier */
enum wire_verdict node_judge(unsigned number, const char *key);
bool node_knows_more(unsigned number); /* than the database, which is an older one */
bool node_is_dying(unsigned number);   /* what it does now is not done any more */
const struct sim_driver *node_driver(void);

/* ---- sim_record.c: what the database tells -----------------------------------------
 */

void record_committed(void *context, const struct sim_commit *commit);
void record_numbered(void *context, int64_t client, bool carried);
void record_forgotten(void *context, int64_t client, uint64_t sequence, int64_t age_ms);
void record_raised(void *context, struct store_id meeting, uint32_t version);

/* ---- sim_adapter.c: what uses the SDK ----------------------------------------------
 */

void adapter_create(unsigned number);
void adapter_destroy(unsigned number);
bool adapter_is_up(unsigned number);
void adapter_start(unsigned number);
void adapter_crash(unsigned number);
void adapter_wake(unsigned number, int64_t delay_us);
void adapter_step(struct event *event);
bool adapter_is_stale(const struct event *event);
void adapter_act(struct event *event);
void adapter_rush(unsigned number, int64_t delay_us); /* one act more */
const char *adapter_key(unsigned number);
/* Everything issued to it has been applied and nothing is unanswered. */
bool adapter_is_settled(unsigned number);
/* Its agenda has had much more than the backup holds. */
bool adapter_is_ahead(unsigned number);
/* The database has been restored. */
void adapter_backup_is_back(unsigned number);
/* What had been issued three calls ago has been applied. */
bool adapter_keeps_up(unsigned number);

#endif
