// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim.h - the store of broker/store/store.h in memory, for simulations
 *
 * One struct sim_db is a database; every store that is created while it is the current
 * one works on it.  Nothing happens by itself: whoever drives it is told which link has a
 * statement to do, and calls sim_db_work() for it, one statement at a time.  So two
 * connections interleave in every order that the driver likes.
 *
 * Semantics   READ COMMITTED as PostgreSQL does it: row locks in the order in which they
 *             are asked for, held until the transaction ends; a wait that closes a circle
 *             ends with STATUS_RETRY; each statement sees what is committed when it runs.
 *             What a transaction writes is applied as a whole when it commits.
 *
 * Contract    tests/store/contract*: PostgreSQL passes the same tests.
 *
 * Ownership   The database owns its rows.  Stores must be destroyed before it.
 */
#ifndef TESTS_SIMULATION_STORE_SIM_H
#define TESTS_SIMULATION_STORE_SIM_H

#include "broker/store/store_brokers.h"

enum { SIM_WRITER, SIM_WRITER_2, SIM_PUBLISHER, SIM_READER, SIM_FOLLOWER, SIM_LINKS };

/* What goes wrong with a statement. */
enum sim_fault {
    SIM_FINE,
    SIM_CONFLICT,    /* deadlock, serialization failure, lock timeout: STATUS_RETRY */
    SIM_LOST,        /* the connection is lost; the server rolls back */
    SIM_LOST_DONE,   /* COMMIT: done, but nobody hears of it */
    SIM_LOST_UNDONE, /* COMMIT: rolled back, and nobody hears of it */
    SIM_LOST_LATER,  /* COMMIT: the server goes on alone; sim_db_settle() ends it */
};

struct sim_db;
struct sim_txn;

/* A transaction that has committed, as it was written. */
struct sim_commit {
    uint64_t number;                   /* 1, 2, 3, ... */
    const struct store_changes *batch; /* or NULL */
    const struct store_claim *over;    /* removed because their meeting is called off */
    size_t over_count;
};

struct sim_driver {
    void *context;
    /* Link @link of @store has a statement to do: call sim_db_work() some time. */
    void (*runnable)(void *context, struct store *store, unsigned link);
    /* store_step() has something to call back. */
    void (*ready)(void *context, struct store *store);
    /* What goes wrong with the statement that is about to run.  May be NULL: nothing. */
    enum sim_fault (*fault)(void *context, struct store *store, unsigned link,
                            bool commit);
    /* May be NULL. */
    void (*committed)(void *context, const struct sim_commit *commit);
    /* A transaction goes on without its broker: call sim_db_settle() some time. */
    void (*orphan)(void *context, struct sim_txn *txn);
    /* A client's events have a new numbering, in which its live meetings stand, or all
     * that stood in the one before (@carried).  May be NULL. */
    void (*numbered)(void *context, int64_t client, bool carried);
    /* An event is forgotten, @age_ms after it was issued.  May be NULL. */
    void (*forgotten)(void *context, int64_t client, uint64_t sequence, int64_t age_ms);
    /* A generation raises the version of a meeting.  May be NULL. */
    void (*raised)(void *context, struct store_id meeting, uint32_t version);
};

struct sim_db *sim_db_create(const struct sim_driver *driver);
void sim_db_destroy(struct sim_db *db);

/* Which one stores are created on and started from. */
void sim_db_use(struct sim_db *db);

/* The database's clock, with the tests' offset and without. */
void sim_db_set_clock(struct sim_db *db, int64_t now_ms, int64_t steady_ms);

/* What the operator does. */
void sim_db_add_person(struct sim_db *db, int64_t person, uint32_t kind,
                       const char *system, const char *value, const uint8_t *blind);
void sim_db_add_client(struct sim_db *db, int64_t client, const char *name,
                       const char *key, bool sandbox, const int64_t *people,
                       size_t count);

/* Do the next statement of this link.  False: it waits, or has nothing to do. */
bool sim_db_work(struct store *store, unsigned link);

/* An orphaned transaction ends. */
void sim_db_settle(struct sim_txn *txn, bool commit);

/* This link is lost, or connected again. */
void sim_db_disconnect(struct store *store, unsigned link);
void sim_db_connect(struct store *store, unsigned link);

bool sim_db_is_connected(const struct store *store, unsigned link);

/* What stands before the next that the link is asked. */
size_t sim_db_waiting(const struct store *store, unsigned link);

/* The broker is about to go: a COMMIT that has been sent is carried out without it. */
void sim_db_leave_behind(struct store *store);

/* Everything that is not committed is lost, and every link. */
void sim_db_crash(struct sim_db *db);

/* A backup, which takes the place of an earlier one; and everything as it was then: false
 * if there is none.  Links are lost, and what was not committed. */
void sim_db_save(struct sim_db *db);
bool sim_db_restore(struct sim_db *db);

/* It has been restored, and no generation has begun since. */
bool sim_db_is_older(const struct sim_db *db);

/* Does this living broker know better than the database? */
bool sim_db_knows_more(const struct store *store);

/* As `entente restored --begin`. */
void sim_db_begin_generation(struct sim_db *db);

/* How long what is kept when the broker does not say; as it is created: the defaults. */
void sim_db_keep(struct sim_db *db, const struct store_retention *retention);

/* Planted mistakes, to see that they are found. */
enum sim_mistake {
    SIM_NO_MISTAKE,
    SIM_NO_EXCLUSION, /* overlapping claims are stored, and nobody is locked */
    SIM_NO_PEOPLE_LOCKS,
    SIM_FORGETS_COMMANDS, /* command rows are not stored */
    SIM_FORGETS_EVENTS,   /* an outbox row is left out, its number used */
    SIM_LIES,             /* COMMIT says yes and rolls back */
    SIM_NO_COMPARE,       /* meetings are written whatever their version, unlocked */
    SIM_PURGES_EARLY, /* acknowledged events are gone, whoever asks for them again */
    SIM_CRASHES,      /* the program itself, in the hundredth COMMIT */
    SIM_KEEPS_CLAIMS, /* those of a meeting that is called off stay */
    SIM_FORGETS_DUES, /* every eleventh deadline is not stored */
    SIM_TELLS_OTHERS, /* now and then another client's outbox has the event, too */
    SIM_ALL_AGREE,    /* everybody's agenda is said to agree to be silent */
    SIM_ALL_MAY,      /* every client is said to be one that may work with patients */
    SIM_FORGETS_POSITIONS, /* an agenda has the event, and not how far it has come */
    SIM_NO_GENERATION,     /* nobody notices that a backup has come back */
    SIM_KEEPS_VERSIONS,    /* a generation begins, and versions do not rise */
    SIM_KEEPS_EPOCHS,      /* nor those of requests */
    SIM_KEEPS_NUMBERING,   /* nor those of events */
    SIM_PURGES_UNREAD,     /* events that nobody has had are forgotten */
    SIM_PURGES_COMMANDS,   /* requests, before their replies have been received */
};
void sim_db_plant(struct sim_db *db, enum sim_mistake mistake);

/* ---- looking in, for checkers --------------------------------------------------------
 */

struct sim_meeting_view {
    struct store_id id;
    uint32_t version;
    uint32_t state;
    int64_t organizer;
};

/* Every meeting, in the order in which they came. */
size_t sim_db_meetings(const struct sim_db *db);
struct sim_meeting_view sim_db_meeting(const struct sim_db *db, size_t i);
size_t sim_db_claims(const struct sim_db *db);

/* The row of a client's outbox that stands at *place or behind it; *place is then behind
 * that row.  False: there is none. */
struct sim_event_row {
    uint64_t sequence;
    struct store_id meeting;
    uint32_t version;
    uint32_t shown; /* of which the client is to hear */
};
bool sim_db_event(const struct sim_db *db, int64_t client, size_t *place,
                  struct sim_event_row *ret_row);

/* What a client has been issued, and has acknowledged. */
struct sim_recipient {
    uint64_t epoch;
    uint64_t issued;
    uint64_t acked;
    uint64_t request_epoch; /* the last one that was granted */
};
struct sim_recipient sim_db_recipient(const struct sim_db *db, int64_t client);

/* The same in the backup.  There must be one. */
struct sim_recipient sim_db_backup_recipient(const struct sim_db *db, int64_t client);

#endif
