// SPDX-License-Identifier: Apache-2.0

/*
 * broker.h - the struct everything hangs on, and what its parts do for each other
 *
 * Lanes       A frame becomes a command; each kind goes one way:
 *               session   hello, heartbeat: answered by session.c
 *               publish   availability: publisher.c, a transaction of its own
 *               read      questions: reader.c, committed state only
 *               batch     everything that decides: writer.c
 *
 * Time        now_ms is the database's clock as last heard, carried on by the monotonic
 *             clock of this machine; decisions use the exact one of their batch.
 *
 * Threads     One, and another one that only answers large questions which the first has
 *             gathered for it (thinker.h).
 */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include "broker/batch.h"
#include "broker/store/store_brokers.h"
#include "broker/thinker.h"
#include "broker/wire.h"

#include <signal.h>

/* The codes with which the program ends, beside 0, 1 and 2: what to do differs. */
enum broker_exit {
    BROKER_EXIT_OLDER = 5,    /* the database was restored: start it again */
    BROKER_EXIT_REPLACED = 6, /* another one has its number: do not */
};

enum {
    BROKER_BATCH_COMMANDS = 256,   /* decided together at most */
    BROKER_BATCH_AHEAD = 32,       /* commands of a batch beside another one at least */
    BROKER_QUEUE_COMMANDS = 65536, /* waiting at most, all clients together */
    BROKER_PAUSE_MS = 100,    /* after the database could not: before the next try */
    BROKER_WAIT_MS = 10000,   /* a command waits this long for the database */
    BROKER_ACKS_WAIT_MS = 20, /* acknowledgements wait so long for a command, */
    BROKER_ACKS = 64, /* and no more of them, since each COMMIT costs the same */
    BROKER_BATCH_BYTES = 64 << 20, /* memory of one batch */
    BROKER_PUBLICATIONS = 64,      /* committed together at most */
    BROKER_STAGED_RANGES = 200000, /* of unfinished snapshots, all clients together */
    BROKER_DUE_PAGE = 128,
    BROKER_DUE_EVERY_MS = 200,
    BROKER_CLIENTS_EVERY_MS = 2000,
    BROKER_HEARD_EVERY_MS = 2000,
    BROKER_HEARD_LAG_MS = 15000, /* what is heard by other brokers comes here by then */
    BROKER_PURGE_EVERY_MS = 10000,
    BROKER_PURGE_ROWS = 5000, /* of each kind at a time */
    BROKER_GREET_MS = 1000,   /* a hello waits so long for what others have changed */
    BROKER_BELIEVE_EVERY_MS = 3600000, /* a client that the database is older than it */
    BROKER_LAPSES_EVERY_MS = 500,
    BROKER_SESSION_SILENT_MS = 60000, /* a session that says nothing is forgotten */
    BROKER_GREETINGS = 4096,          /* hellos being recorded, all clients together */
    BROKER_TURN_MS = 20,              /* questions answered at a stretch */
    BROKER_READING = 16,              /* questions before the database at a time */
    BROKER_THOUGHTS = 256,            /* large searches under way */
    BROKER_THOUGHTS_EACH = 64,        /* of them, that one client has waiting */
    BROKER_PUT_OFF = 128,             /* meetings that could not be decided */
    BROKER_PUT_OFF_MS = 60000,
    BROKER_FORGET_EVERY_MS = 3600000, /* claims that are over leave the index */
    BROKER_ASKERS = 64, /* unknown keys that wait for the clients to be read again */
};

/* One client's conversation. */
struct session {
    uint32_t peer;
    const struct client *client;
    bool wants_events;
    bool reports_deletion; /* it has declared that it may say DELETED_RESULT */
    bool dirty;            /* there may be events to send */
    bool reading;          /* its events are being read */
    uint64_t event_epoch;
    uint64_t publication_epoch;
    uint64_t request_epoch;
    uint64_t sent;              /* the last event sent */
    uint64_t acked;             /* the last event acknowledged */
    uint64_t issued;            /* the last event known to be issued */
    int64_t seen_ms;            /* monotonic */
    const struct command *acks; /* waits, and will say all that has been acknowledged */
    bool heard;                 /* since leases were last written down */
    int64_t held_back_ms; /* monotonic: since then the next event waits (deliver.c) */
    int64_t again_ms;     /* monotonic: no reading of events before */
    int64_t crowded_ms; /* monotonic: since then there is credit for less than a page */
    size_t page;        /* events to be read at a time; 0: as many as usual */
    uint64_t unknown_fields; /* in its messages, ignored */
};

struct queue {
    struct command *first;
    struct command *last;
    size_t count;
};

/* What commands touch, a bit for each thing, by its hash: two that have none in common
 * have nothing to do with each other. */
enum { FOOTPRINT_WORDS = 512 };
struct footprint {
    uint64_t words[FOOTPRINT_WORDS];
};

enum writer_state {
    WRITER_IDLE,
    WRITER_LOADING,
    WRITER_REFRESHING,
    WRITER_LOADED,  /* not decided: something has to come before */
    WRITER_DECIDED, /* waits for the one before it to be committed */
    WRITER_WRITING,
    WRITER_COMMITTED, /* nobody has been told yet */
};

/* One batch on its way (writer.c). */
struct writing {
    struct broker *broker;
    unsigned number; /* of the store's writer */
    enum writer_state state;
    bool given_up; /* while it was being loaded: its commands are in the queue again */
    size_t count;  /* of commands */
    bool yielded;  /* questions have had their turn */
    struct batch batch;
    struct store_wants wants;
    const struct store_changes *changes;
    struct store_written written;
    struct footprint touched;
};

struct asker {
    char key[WIRE_KEY_TEXT];
    uint64_t asked_at; /* clients_read then */
};

struct put_off {
    struct store_id meeting;
    int64_t until_ms; /* monotonic */
};

/* Beside other brokers; times are monotonic. */
struct follower {
    bool following;
    bool refreshing;
    size_t others;         /* brokers that live, beside this one */
    uint64_t rounds_begun; /* of following */
    uint64_t rounds_done;
    int64_t next_ms;
    int64_t *wanted; /* people to be read again, in the order of their changes */
    size_t wanted_count;
    size_t wanted_capacity;
    uint64_t wanted_ever;
    uint64_t wanted_then; /* when the last round was done */
    uint64_t refreshed_ever;
    const int64_t *asked; /* being read */
    size_t asked_count;
    size_t asked_ever;
    int64_t next_refresh_ms;
    bool walking; /* everybody is being compared, */
    bool walk_asked;
    int64_t walked; /* up to this one */
    bool wake;      /* the others are to be woken */
    int64_t next_wake_ms;
    struct arena arena;
    struct arena refresh_arena;
    struct arena walk_arena;
};

struct broker {
    struct wire *wire;
    struct store *store;
    struct seal *seal;
    struct index *index;
    struct proposer *proposer;
    struct proposer *thinking; /* the other thread's */
    struct thinker *thinker;
    struct clients clients;

    struct map sessions; /* by peer */
    struct map by_client;
    size_t greetings;          /* hellos under way */
    struct greeting *welcomes; /* recorded; they wait for what others have changed */
    struct follower follower;
    int32_t generation;  /* of the database */
    int64_t believed_ms; /* monotonic: when a client's word began one */
    int failed; /* it stops because it must not go on: enum broker_exit; 0: no */

    /* writer.c */
    struct queue commands;
    struct writing writings[STORE_WRITERS];
    int64_t writer_pause_ms; /* monotonic: no batch before */
    size_t batch_ahead; /* a batch beside another one has so many commands at least */
    size_t passed_over; /* at the queue's head: they wait for what is under way */
    size_t alone;       /* this many commands are still decided one by one */
    unsigned retries;
    int64_t *suspects; /* people whose claims may not be what the index says */
    size_t suspect_count;
    size_t dues_outstanding;

    /* publisher.c */
    struct queue publications;
    struct queue publishing; /* in the transaction that is under way */
    struct staging *stagings;
    size_t staged_ranges;
    bool publisher_busy;
    int64_t publisher_pause_ms; /* monotonic */
    bool publish_alone;
    struct arena publish_arena;

    /* reader.c */
    struct queue questions; /* the index answers them */
    struct queue to_read;   /* the database does */
    size_t reading;         /* of these, asked of it */
    size_t previews;        /* under way */
    struct arena answer_arena;

    /* keeper.c */
    bool due_reading;
    bool clients_reading;
    bool clients_wanted;
    uint64_t clients_read;   /* how often */
    int64_t people_since_ms; /* everybody made known before is known here */
    int64_t people_asked_ms; /* when the reading under way began */
    int64_t next_due_ms;     /* monotonic, like the next two */
    int64_t next_clients_ms;
    int64_t next_heard_ms;
    int64_t next_forget_ms;
    struct put_off put_off[BROKER_PUT_OFF];
    size_t put_off_next;
    int64_t next_lapses_ms;
    int64_t next_purge_ms;
    bool purging;
    bool untidy; /* keeper_tidy() has more to do */
    struct asker askers[BROKER_ASKERS];
    size_t asker_next;

    int64_t now_at_ms;   /* the database's clock ... */
    int64_t now_mono_ms; /* ... as heard at this monotonic moment */
    int64_t started_ms;
    uint64_t unknown_fields;
    volatile sig_atomic_t stop; /* set by a signal */
};

/* ---- clock.c -----------------------------------------------------------------------
 */

int64_t broker_mono_ms(void);
int64_t broker_now_ms(const struct broker *broker);
void broker_heard_clock(struct broker *broker, int64_t now_ms);

/* ---- queue.c -----------------------------------------------------------------------
 */

void queue_push(struct queue *queue, struct command *command);

/* Put all of @others ahead, in their order; @others is empty then. */
void queue_prepend(struct queue *queue, struct queue *others);
struct command *queue_pop(struct queue *queue); /* NULL when empty */
struct command *command_create(void);           /* NULL when memory is used up */
void command_destroy(struct command *command);

/* ---- speak.c: what leaves ----------------------------------------------------------
 *
 * Who cannot be spoken to has its session ended: after a word to a peer no pointer to its
 * session is good any more.
 */

void speak_frame(struct broker *broker, uint32_t peer, struct entente_bytes frame);

/* Encode and send; @arena is only worked in. */
void speak(struct broker *broker, uint32_t peer,
           const struct entente_envelope *envelope, struct arena *arena);

/* The same for what can be said later: false when the peer's queue is full, and then
 * nothing has been said and the conversation goes on. */
bool speak_if_room(struct broker *broker, uint32_t peer,
                   const struct entente_envelope *envelope, struct arena *arena);

/* Refuse a command that never reached a batch. */
void speak_refusal(struct broker *broker, struct command *command,
                   const struct codec_error *error);
void speak_error(struct broker *broker, struct command *command, unsigned code);

/* ---- session.c ---------------------------------------------------------------------
 */

struct session *session_of_peer(const struct broker *broker, uint32_t peer);
struct session *session_of_client(const struct broker *broker, int64_t client);
void session_end(struct broker *broker, struct session *session);
void session_hello(struct broker *broker, struct command *command);
void session_heartbeat(struct broker *broker, struct command *command);

/* Ask a client for a snapshot of a source, of which @epoch and @sequence are held (0:
 * nothing).  False: it is not there, or its queue is full. */
bool session_resync(struct broker *broker, const struct client *client,
                    const char *source, uint64_t epoch, uint64_t sequence);

/* End the conversations of those whose key has been withdrawn. */
void session_end_revoked(struct broker *broker);

/* The client has said hello elsewhere, and was granted this epoch. */
void session_overtaken(struct broker *broker, int64_t client, uint64_t request_epoch);

/* Everybody has to say hello again. */
void session_end_all(struct broker *broker);

/* Welcome those whose hello has been recorded, once the changes of the other brokers
 * that came before it are known here. */
void session_greet(struct broker *broker);
void session_finish(struct broker *broker);

/* The command has been answered. */
void session_answered(struct broker *broker, const struct command *command);
void session_housekeeping(struct broker *broker);

/* ---- dispatch.c --------------------------------------------------------------------
 */

/* A frame has come. */
void dispatch_frame(struct broker *broker, const struct wire_frame *frame);

/* Find what the command needs under lock.  False: it has been answered already. */
bool dispatch_prepare(struct broker *broker, struct command *command);

/* ---- the lanes ---------------------------------------------------------------------
 */

void writer_add(struct broker *broker, struct command *command);
int writer_timeout_ms(const struct broker *broker);
void writer_turn(struct broker *broker);
void writer_begin(struct broker *broker);
void writer_end(struct broker *broker); /* what is under way is forgotten */

/* Is the index ahead of the database, with what has been decided and is not committed? */
bool writer_is_ahead(const struct broker *broker);

void publisher_add(struct broker *broker, struct command *command);
void publisher_turn(struct broker *broker);
void publisher_forget(struct broker *broker, int64_t client); /* unfinished snapshots */
void publisher_finish(struct broker *broker);

/* A question, or a command that is repeated: the meeting it names answers it, read afresh.
 * Takes the command over. */
void reader_add(struct broker *broker, struct command *command);
bool reader_has_work(const struct broker *broker);
void reader_turn(struct broker *broker);

/* Send what a session has not had yet, within its credit. */
void deliver_turn(struct broker *broker);

/* Send what the batch that has been committed has issued: at once where that is what the
 * session has to be told next, otherwise it is read. */
void deliver_to(struct broker *broker, struct writing *writing);
void deliver_to_all(struct broker *broker); /* what they have not had is not known */

/* What other brokers on the same database do (follower.c). */
void follower_begin(struct broker *broker, int32_t generation);
void follower_turn(struct broker *broker);
int follower_timeout_ms(const struct broker *broker);
void follower_end(struct broker *broker);
void follower_want(struct broker *broker, int64_t person); /* to be read again */
void follower_wake_others(struct broker *broker); /* something has been committed */
void follower_generation(struct broker *broker, int32_t generation);

/* Follow at once; once follower_has() the round that is answered, all that had been
 * committed before is known here. */
uint64_t follower_now(struct broker *broker);
bool follower_has(const struct broker *broker, uint64_t round);

/* What happens by the clock: due meetings, clients, leases. */
void keeper_turn(struct broker *broker);

/* Some of what nobody waits for, when nothing has come in. */
void keeper_tidy(struct broker *broker);
int keeper_timeout_ms(const struct broker *broker);
void keeper_due_now(struct broker *broker);

/* The command that decides what is due; NULL when memory is used up. */
struct command *keeper_command(struct broker *broker, const struct store_due *due);
void keeper_put_off(struct broker *broker, const struct store_due *due);
enum wire_verdict keeper_judge(void *context, const char key[WIRE_KEY_TEXT]);

/* ---- life.c ------------------------------------------------------------------------
 */

/* Load what the database knows and begin all parts but the wire; broker->seal is there
 * already.  False: life_end() is still needed. */
MUST_CHECK bool life_begin(struct broker *broker, const struct store_settings *store);

/* End all parts, the wire too if there is one; the seal stays. */
void life_end(struct broker *broker);

/* ---- loop.c ------------------------------------------------------------------------
 */

/* Take in what has arrived and let each lane do what it can, once; never waits.  False
 * when nothing had arrived. */
bool loop_turn(struct broker *broker);

/* Run until broker->stop. */
void loop_run(struct broker *broker);

#endif
