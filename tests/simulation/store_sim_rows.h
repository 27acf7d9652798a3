// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_rows.h - what the simulated database holds; for its own files only
 *
 *     store_sim.c          life, links, jobs, faults
 *     store_sim_rows.c     tables, locks, transactions
 *     store_sim_image.c    a meeting, to be copied
 *     store_sim_batch.c    load, refresh, write
 *     store_sim_commit.c   what a batch changes, when it commits
 *     store_sim_publish.c  availability
 *     store_sim_read.c     questions
 *     store_sim_hello.c    a conversation begins
 *     store_sim_forget.c   the purge
 *     store_sim_backup.c   a backup, and back to it; generations
 */
#ifndef TESTS_SIMULATION_STORE_SIM_ROWS_H
#define TESTS_SIMULATION_STORE_SIM_ROWS_H

#include "broker/map.h"
#include "tests/simulation/store_sim.h"

/* ---- rows --------------------------------------------------------------------------
 */

struct sim_lock {
    struct sim_txn *owner;
};

struct sim_source {
    struct sim_source *next; /* of the same person */
    struct store_source row; /* texts and ranges in @arena */
    struct arena arena;
};

struct sim_person {
    struct store_person_row row;
    int64_t created_ms;
    struct sim_lock lock;
    struct sim_source *sources; /* by rising id */
    struct store_claim *claims; /* by rising start; places live in the database */
    size_t claim_count;
    size_t claim_capacity;
    struct sim_meeting **waiting; /* searched again when this person becomes freer */
    size_t waiting_count;
    size_t waiting_capacity;
    uint64_t asked_at; /* the question that asked about this person last */
};

enum { SIM_DUES = 12 };

struct sim_reported {
    struct sim_reported *next;
    struct store_result row;
    int64_t at_ms;
};

/* A meeting in one piece; its own pointers point into it. */
struct sim_image {
    struct entente_meeting *meeting; /* may be changed in place, but for its pointers */
    void *lying; /* the piece; NULL: too large for one, and in @large */
    size_t size;
    uint32_t *pointers; /* where they stand */
    size_t pointer_count;
    size_t pointer_capacity;
    struct arena large;
};

struct sim_meeting {
    struct store_id id;
    uint32_t version;
    uint32_t state;
    int64_t organizer;
    int64_t *people;
    size_t people_count;
    int64_t hold_until_ms; /* 0: nothing is held */
    int64_t slots;         /* that are held and not agreed */
    int64_t updated_ms;
    uint32_t priority; /* while it waits */
    int64_t since_ms;
    struct sim_person **waits_for; /* who have it in their lists */
    size_t waits_for_count;
    size_t waits_for_capacity;
    struct sim_image image; /* as it was written */
    struct store_due dues[SIM_DUES];
    size_t due_count;
    size_t due_place; /* in the list of those that have dues; SIZE_MAX: not there */
    struct sim_reported *results;
    struct store_decision *decisions; /* with evidence of their own */
    size_t decision_count;
    size_t decision_capacity;
    size_t evidence_gone; /* of the first ones */
    struct sim_lock lock;
    struct sim_lock due_lock;
};

struct sim_outbox {
    uint64_t sequence;
    struct sim_meeting *meeting; /* NULL: left out on purpose */
    uint32_t version;
    int64_t at_ms;
};

struct sim_command {
    struct store_command row;
    int64_t at_ms;
};

struct sim_client {
    struct store_client row;
    char *name;
    int64_t *people;
    uint64_t request_epoch;
    uint64_t publication_epoch;
    uint64_t replies_epoch; /* as it has said */
    uint64_t replies_received;
    bool is_recipient;
    uint64_t event_epoch;
    uint64_t last_seq;
    uint64_t acked_seq;
    uint64_t forgotten_seq; /* up to here nothing is left */
    struct sim_outbox *outbox;
    size_t outbox_capacity;
    struct map commands; /* struct sim_command by a hash of epoch and counter */
    struct sim_lock lock;
    uint64_t asked_at; /* as that of a person */
};

struct sim_divergence {
    struct store_divergence row;
    int64_t at_ms;
};

struct sim_breaker {
    int64_t client;
    bool tripped;
};

/* What one connection of one broker has changed, in its order. */
struct sim_feed {
    struct sim_feed *next;
    int64_t origin;
    struct store_change *rows;
    int64_t *at_ms;
    size_t count;
    size_t capacity;
    size_t times;     /* room in at_ms */
    size_t forgotten; /* of the first ones nothing is left */
};

struct sim_broker {
    struct sim_broker *next;
    int64_t id;
    int64_t alive_ms;
    uint64_t batches; /* that it has written */
};

struct sim_db {
    struct sim_driver driver;
    int64_t now_ms;
    int64_t steady_ms;
    int64_t lease_broker; /* who does what is due */
    int64_t lease_until_ms;
    enum sim_mistake mistake;
    struct store_retention retention;
    int32_t generation;
    struct sim_backup *backup; /* NULL: none was taken */
    bool older; /* than what is known of it, and no generation has begun */
    uint64_t commits;
    uint64_t dues; /* put down so far */
    struct map people_by_id;
    struct sim_person **people; /* by rising id */
    size_t people_count;
    struct map clients_by_id;
    struct sim_client **clients; /* by rising id */
    size_t client_count;
    struct map meetings_by_id;
    struct sim_meeting **meetings; /* in the order of their making */
    size_t meeting_count;
    size_t meeting_capacity;
    struct sim_meeting **living; /* those that are not over, and some that are */
    size_t living_count;
    size_t living_capacity;
    uint64_t questions;
    struct arena drafts[2];   /* of images */
    struct sim_meeting **due; /* those that have dues */
    size_t due_count;
    size_t due_capacity;
    struct sim_divergence *divergences;
    size_t divergence_count;
    size_t divergence_capacity;
    struct sim_breaker *breakers;
    size_t breaker_count;
    size_t breaker_capacity;
    struct sim_feed *feeds;
    struct sim_broker *brokers;
    struct store *stores;
    struct sim_txn *open;
    struct arena texts; /* keys of places, what was reported and decided: it stays */
    struct sim_meeting **lost; /* with a backup; somebody may still read of them */
    size_t lost_count;
    size_t lost_capacity;
};

/* ---- transactions ------------------------------------------------------------------
 */

struct sim_txn {
    struct sim_txn *next;
    struct sim_db *db;
    struct store *store; /* NULL: an orphan */
    unsigned link;
    int64_t broker;
    struct sim_txn *waits_for;
    struct sim_lock **locks;
    size_t lock_count;
    size_t lock_capacity;

    /* What a batch writes, in the transaction's own memory. */
    struct arena arena;
    bool writes;
    struct store_changes changes;
    struct sim_meeting **rows; /* by changes.meetings; NULL: new */
    struct store_claim *over;  /* of meetings that did not take place */
    size_t over_count;
    struct store_person *raised;
    size_t raised_count;
};

struct sim_txn *sim_begin(struct store *store, unsigned link);

/* STATUS_OK: the lock is ours.  STATUS_RETRY: that would be a deadlock.  STATUS_FULL: it
 * has to wait. */
enum status sim_lock_take(struct sim_txn *txn, struct sim_lock *lock);
static inline bool sim_skips_locks(const struct sim_db *db)
{
    return db->mistake == SIM_NO_PEOPLE_LOCKS || db->mistake == SIM_NO_EXCLUSION;
}

/* Wait for @other to end. */
enum status sim_wait_for(struct sim_txn *txn, struct sim_txn *other);

/* Release what it holds, wake who waits; frees it. */
void sim_end(struct sim_txn *txn);
void sim_commit_batch(struct sim_txn *txn);

/* ---- jobs --------------------------------------------------------------------------
 */

struct sim_job {
    struct sim_job *next;
    struct store *store;
    unsigned link;
    struct arena *arena; /* the caller's; NULL: our own */
    struct arena own;
    void *context;
    /* One statement: STATUS_OK goes on, STATUS_FULL waits; *ret_last ends the job. */
    enum status (*work)(struct sim_job *job, struct sim_txn **txn, bool *ret_last);
    void (*finish)(struct sim_job *job, enum status status);
    int stage;
    enum status status;
    bool commits;        /* the next statement is a COMMIT */
    bool in_transaction; /* goes on in the one that an earlier job left open */
};

struct sim_link {
    struct sim_job *first;
    struct sim_job **last;
    struct sim_job *running;
    struct sim_txn *txn;
    size_t waiting; /* jobs from first on */
    bool up;
    bool told;     /* the driver knows that there is something to do */
    bool finished; /* the running job waits for store_step() */
};

struct store {
    struct store *next;
    struct sim_db *db;
    int64_t broker;
    struct sim_link links[SIM_LINKS];
    bool doubt; /* the outcome of a batch is not known */
    bool woken;
    bool place_lost;  /* the database is older than what it knows */
    int64_t alive_ms; /* its own last word, as it was acknowledged */
    uint64_t batches; /* of its own that were acknowledged */
    struct store_cursor cursors[STORE_ORIGINS];
    size_t cursor_count;
};

static inline bool sim_is_writer(unsigned link)
{
    return link == SIM_WRITER || link == SIM_WRITER_2;
}

/* A zeroed job of @size bytes that begins with a struct sim_job, put into the queue. */
void *sim_ask(size_t size, struct store *store, unsigned link, struct arena *arena,
              void *context);

/* ---- rows --------------------------------------------------------------------------
 */

struct sim_person *sim_person(const struct sim_db *db, int64_t person);
struct sim_client *sim_client(const struct sim_db *db, int64_t client);
bool sim_speaks_for(const struct sim_client *client, int64_t person);
struct sim_meeting *sim_meeting(const struct sim_db *db, const uint8_t id[16]);
uint64_t sim_command_hash(const struct store_command_key *key);
const char *sim_text(struct sim_db *db, const char *text); /* kept; NULL for NULL */
struct sim_meeting *sim_new_meeting(struct sim_db *db, const struct store_id *id);
void sim_clear_person(struct sim_person *person); /* of what it owns */
void sim_free_person(struct sim_person *person);
void sim_lose_meeting(struct sim_db *db, struct sim_meeting *row);
void sim_free_client(struct sim_client *client);
void sim_free_meeting(struct sim_meeting *meeting);
void sim_image_take(struct sim_db *db, struct sim_image *image,
                    const struct entente_meeting *meeting);
struct entente_meeting *sim_image_copy(const struct sim_image *image,
                                       struct arena *arena); /* NULL: no room */
void sim_image_finish(struct sim_image *image);
void sim_due_put(struct sim_db *db, struct sim_meeting *row, uint32_t reason,
                 int64_t at_ms); /* the earlier one stays */
void sim_due_remove(struct sim_db *db, struct sim_meeting *row, size_t i);
void sim_wake(struct sim_db *db, const struct sim_person *person,
              const struct sim_meeting *except, int64_t now_ms);
struct sim_broker *sim_alive(struct sim_db *db, int64_t broker);
struct sim_broker *sim_broker(const struct sim_db *db, int64_t broker); /* or NULL */
void sim_feed(struct sim_db *db, int64_t origin, const struct store_change *row);
size_t sim_feed_origins(const struct sim_db *db, struct store_cursor *ret);
/* What is known of a person, into @arena. */
bool sim_copy_person(const struct sim_db *db, const struct sim_person *person,
                     struct arena *arena, struct store_availability *ret);
/* Divergences that a load wants, and deadlines that concern its people. */
bool sim_load_divergences(const struct sim_db *db, const struct store_wants *wants,
                          struct arena *arena, struct store_loaded *loaded);
bool sim_load_holds(struct sim_db *db, const struct store_wants *wants,
                    struct arena *arena, struct store_loaded *loaded);
bool sim_load_sooner(struct sim_db *db, const int64_t *people, size_t count,
                     struct arena *arena, struct store_loaded *loaded);
void sim_commit_divergences(struct sim_db *db, const struct store_changes *changes);
/* Agendas that now contradict a claim, or did. */
void sim_publish_divergences(struct sim_db *db,
                             const struct store_publication *publications,
                             size_t count);
/* A source of its own, with what @row points to. */
struct sim_source *sim_new_source(const struct store_source *row);
/* Among those of its person, by rising id. */
void sim_put_source(struct sim_person *person, struct sim_source *source);
/* One broker at a time has the lease on what is due. */
bool sim_has_lease(struct sim_db *db, int64_t broker);
/* What is not committed is undone, whoever it belongs to. */
void sim_break_off(struct sim_db *db);
/* The database lacks what @store knows to be written. */
bool sim_is_older(const struct store *store);
void sim_forget_backup(struct sim_db *db);
void sim_issue(struct sim_client *client, struct sim_meeting *meeting, uint32_t version,
               int64_t now_ms);
/* It has asked for it, or speaks for somebody in it. */
bool sim_concerns(const struct sim_client *client, const struct sim_meeting *row);
/* The one that sim_db_use() named. */
struct sim_db *sim_db_current(void);

/* Memory, or the end. */
void *sim_need(void *memory);

/* Room for one more element of @size bytes behind @count. */
void *sim_grow(void *list, size_t count, size_t *capacity, size_t size);
#define SIM_GROW(list, count, capacity, type)                                          \
    ((list) = sim_grow((list), (count), &(capacity), sizeof(type)))

#endif
