// SPDX-License-Identifier: Apache-2.0

/*
 * store_batch.h - what a batch reads beside meetings: people, and what keeps it fair;
 * what it issues to clients
 *
 * Holds are counted for the clients that are named as holders, and for the organizers of
 * those of the wanted meetings that are being searched: altogether, and for each of the
 * wanted people and of the people of those meetings.  What waits is counted for those who
 * are named.
 */
#ifndef BROKER_STORE_STORE_BATCH_H
#define BROKER_STORE_STORE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_id {
    uint8_t bytes[16];
};

struct store_command_key {
    int64_t client;
    uint64_t epoch;
    uint64_t counter;
};

struct store_command {
    struct store_command_key key;
    uint8_t digest[32];
    struct store_id meeting;
    uint32_t version;
};

struct store_person {
    int64_t person;
    int64_t version;
    bool frozen; /* loaded: nothing of their claims may change (store_audit.h) */
};

/* Something due that concerns one of the people locked. */
struct store_sooner {
    struct store_id meeting;
    uint32_t reason; /* DUE_SEARCH, or a deadline that may release time */
    int64_t person;
    uint32_t priority; /* DUE_SEARCH: where it stands among those who wait */
    int64_t since_ms;
};

/* Slots that a client holds that are not agreed: one for each meeting with something
 * held, or as many as are held together.  Or how many of its meetings wait for a time. */
enum { STORE_WAITING = -1 };
struct store_hold {
    int64_t client;
    int64_t person; /* 0: altogether; STORE_WAITING: meetings that are searched again */
    int64_t slots;
};

struct store_outbox {
    int64_t client;
    struct store_id meeting;
    uint32_t version;
};

struct store_ack {
    int64_t client;
    uint64_t sequence;
};

/* Where a client's events stand after a batch has issued some. */
struct store_issued {
    int64_t client;
    uint64_t epoch;
    uint64_t last;
};

struct store_written {
    const struct store_person *people; /* new versions of those whose claims changed */
    size_t people_count;
    const struct store_issued *issued; /* the recipients of the batch's outbox */
    size_t issued_count;
};

/* Two writers, 0 and 1, each with a transaction of its own: while one is being written the
 * other one may load.  They must not be written at the same time: chain and feed follow the
 * order in which store_batch_write() is called, each once the one before has called back.
 * A transaction that was loaded before another one failed must be abandoned. */
enum { STORE_WRITERS = 2 };

#endif
