// SPDX-License-Identifier: Apache-2.0

/*
 * client_private.h - what a client is made of; for the files of the SDK only
 *
 *     client.c         life and the turn of the loop
 *     conversation.c   connect, greet, heartbeat; what each arriving frame means
 *     calls.c          requests and their answers; calls_each.c, one function for each
 *     publish.c        sources, parts, and their repair
 *     events.c         delivery, position, acknowledgement
 */
#ifndef ADAPTERS_SDK_CLIENT_PRIVATE_H
#define ADAPTERS_SDK_CLIENT_PRIVATE_H

#include "adapters/sdk/client.h"
#include "adapters/sdk/requests.h"
#include "adapters/sdk/session.h"

#include "proto/arena.h"
#include "proto/codec.h"

enum client_state {
    CLIENT_WAITING = 1,  /* until connect_at */
    CLIENT_GREETING = 2, /* hello is sent, welcome is awaited */
    CLIENT_OPEN = 3,
    CLIENT_STOPPED = 4,
};

enum { CLIENT_SENTENCE_SIZE = 512, CLIENT_NAME_SIZE = 256 };

/* Stands for the epochs that only the first welcome tells.  It is as long as an epoch
 * can get, so that a frame never grows when the true one takes its place. */
#define CLIENT_EPOCH_UNKNOWN ((uint64_t)INT64_MAX)

struct source;

struct entente_client {
    struct entente_settings settings; /* texts in memory, keys not kept */
    struct arena memory;              /* lives as long as the client */
    struct arena received;            /* the frame in hand */
    struct arena sending;             /* the frame being written */
    struct arena answered;            /* the reply of the last call */
    struct session *session;
    struct entente_bytes frame; /* the one in hand */

    enum client_state state;
    enum entente_code stopped; /* why, once CLIENT_STOPPED */
    unsigned callbacks;        /* how deep inside the program's functions */
    size_t endpoint;           /* the one in use, or to be tried next */
    unsigned failures;         /* in a row */

    /* Milliseconds of the monotonic clock. */
    int64_t connect_at;
    int64_t greet_until;
    int64_t astray_until; /* until then a hello that was given up may still be heard */
    int64_t opened_at;
    int64_t received_at;
    int64_t heartbeat_at;
    int64_t later_at; /* when what is to be said later is said */

    struct requests requests;
    uint64_t request_epoch;     /* the first one granted; 0: none yet */
    uint64_t publication_epoch; /* the last one granted; 0: none yet */

    struct source **sources; /* sorted by name */
    size_t sources_count;

    struct entente_position applied;
    struct entente_position delivered;
    uint64_t event_begins; /* the other place where a new numbering may begin */
    bool takes_deletions;  /* the broker knows DELETED_RESULT */
    bool ack_due;

    const struct entente_error *refusal;
    char sentence[CLIENT_SENTENCE_SIZE];
    char name[CLIENT_NAME_SIZE];
};

/* client.c */
enum entente_code client_fail(struct entente_client *client, enum entente_code code,
                              const char *sentence);
enum entente_code client_refuse(struct entente_client *client,
                                const struct codec_error *error);
void client_wake(struct entente_client *client);

/* conversation.c */
bool conversation_receive(struct entente_client *client);
/* True if anything was opened, sent or closed. */
bool conversation_keep_time(struct entente_client *client);
bool conversation_send(struct entente_client *client, int64_t *ret_wake_at);
void conversation_lose(struct entente_client *client, const char *sentence);

/* calls.c */

/* Write @envelope as it will be sent and check it as the broker will.  The frame lives
 * in client->sending until the next. */
enum entente_code calls_write(struct entente_client *client,
                              const struct entente_envelope *envelope,
                              struct entente_bytes *ret_frame);
enum entente_code calls_submit(struct entente_client *client,
                               const struct entente_envelope *envelope,
                               entente_reply_function function, void *context,
                               uint64_t *ret_counter);
/* When to send again what the broker could not take now.  All that is put off meanwhile
 * gets the same time, so that it keeps its order. */
int64_t calls_later(struct entente_client *client);
void calls_answer(struct entente_client *client,
                  const struct entente_envelope *envelope);
/* The reply to @counter could not be read. */
void calls_answer_unread(struct entente_client *client, uint64_t counter);
void calls_end_all(struct entente_client *client);
/* Write the epochs of the first welcome into what was queued before it. */
bool calls_number(struct entente_client *client);

/* source_list.c */
struct source *source_find(const struct entente_client *client, const char *name);
/* NULL without memory, or when there are LIMIT_SOURCES already. */
struct source *source_find_or_add(struct entente_client *client, const char *name);
void source_finish_all(struct entente_client *client);

/* publish.c */
void publish_resync(struct entente_client *client, const char *name);
void publish_granted(struct entente_client *client);

/* events.c */
void events_begin(struct entente_client *client, const struct entente_welcome *welcome);
void events_take(struct entente_client *client, const struct entente_event *event);

#endif
