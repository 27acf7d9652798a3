// SPDX-License-Identifier: Apache-2.0

/*
 * clients.h - the vendors' installations: who holds which key and speaks for whom
 *
 * Ownership   The registry owns its clients.  A pointer to one stays valid until the
 *             registry is destroyed: a client that disappears is only marked revoked.
 */
#ifndef BROKER_CLIENTS_H
#define BROKER_CLIENTS_H

#include "broker/map.h"
#include "broker/store/store.h"

struct client {
    int64_t id;
    char *name;
    char key[41];
    bool sandbox;
    bool is_operator;
    bool revoked;
    size_t in_flight;    /* requests that wait, of all its conversations together */
    size_t hellos;       /* likewise */
    size_t number;       /* among those that are known */
    int64_t *speaks_for; /* rising */
    size_t speaks_for_count;
};

struct clients {
    struct map by_id;
    struct map by_key;    /* by hash of the key */
    struct map by_person; /* struct client_list: who speaks for a person */
    struct store_known_client *known;
    size_t known_count;
    size_t known_capacity;
};

/* Take in one row, new or changed.  False when memory is used up. */
MUST_CHECK bool clients_put(struct clients *clients, const struct store_client *row);
void clients_finish(struct clients *clients);

/* NULL when there is none. */
const struct client *clients_by_key(const struct clients *clients, const char *key);
const struct client *clients_by_id(const struct clients *clients, int64_t id);

/* One more request of this client waits, or one of them no longer does. */
void clients_request(struct clients *clients, int64_t id);
void clients_answered(struct clients *clients, int64_t id);

/* The same of hellos. */
void clients_hello(struct clients *clients, int64_t id);
void clients_greeted(struct clients *clients, int64_t id);

bool client_speaks_for(const struct client *client, int64_t person);

/* Those who speak for @person, revoked ones included; *ret_count of them. */
const int64_t *clients_of_person(const struct clients *clients, int64_t person,
                                 size_t *ret_count);

#endif
