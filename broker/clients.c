// SPDX-License-Identifier: Apache-2.0

#include "broker/clients.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct client_list {
    int64_t *ids;
    size_t count;
    size_t capacity;
};

static uint64_t hash_key(const char *key)
{
    return map_hash(0, key, strlen(key));
}

static bool list_add(struct client_list *list, int64_t id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->ids[i] == id) {
            return true;
        }
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 2 : list->capacity * 2;
        int64_t *ids = realloc(list->ids, capacity * sizeof(*ids));
        if (ids == NULL) {
            return false;
        }
        list->ids = ids;
        list->capacity = capacity;
    }
    list->ids[list->count++] = id;
    return true;
}

static bool note_speaker(struct clients *clients, int64_t person, int64_t client)
{
    struct client_list *list = map_get(&clients->by_person, (uint64_t)person);
    if (list == NULL) {
        list = calloc(1, sizeof(*list));
        if (list == NULL) {
            return false;
        }
        if (!map_put(&clients->by_person, (uint64_t)person, list)) {
            free(list);
            return false;
        }
    }
    return list_add(list, client);
}

/* Nothing is known of whom @id speaks for: no revision is below 0. */
static bool list_known(struct clients *clients, int64_t id, size_t *ret_number)
{
    if (clients->known_count == clients->known_capacity) {
        size_t capacity =
            clients->known_capacity == 0 ? 16 : clients->known_capacity * 2;
        struct store_known_client *known =
            realloc(clients->known, capacity * sizeof(*known));
        if (known == NULL) {
            return false;
        }
        clients->known = known;
        clients->known_capacity = capacity;
    }
    *ret_number = clients->known_count;
    clients->known[clients->known_count++] = (struct store_known_client){id, -1};
    return true;
}

static struct client *new_client(struct clients *clients,
                                 const struct store_client *row)
{
    struct client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    client->id = row->id;
    client->name = strdup(row->name);
    memcpy(client->key, row->public_key, sizeof(client->key));
    if (client->name == NULL || !map_put(&clients->by_id, (uint64_t)row->id, client)) {
        free(client->name);
        free(client);
        return NULL;
    }
    if (!map_put(&clients->by_key, hash_key(client->key), client) ||
        !list_known(clients, row->id, &client->number)) {
        map_remove(&clients->by_key, hash_key(client->key));
        map_remove(&clients->by_id, (uint64_t)row->id);
        free(client->name);
        free(client);
        return NULL;
    }
    return client;
}

/* Take in whom @client speaks for. */
static bool put_people(struct clients *clients, struct client *client,
                       const struct store_client *row)
{
    int64_t *people = malloc((row->speaks_for_count + 1) * sizeof(*people));
    if (people == NULL) {
        return false;
    }
    if (row->speaks_for_count > 0) {
        memcpy(people, row->speaks_for, row->speaks_for_count * sizeof(*people));
    }
    free(client->speaks_for);
    client->speaks_for = people;
    client->speaks_for_count = row->speaks_for_count;
    for (size_t i = 0; i < row->speaks_for_count; i++) {
        if (!note_speaker(clients, people[i], row->id)) {
            return false;
        }
    }
    clients->known[client->number].people_revision = row->people_revision;
    return true;
}

bool clients_put(struct clients *clients, const struct store_client *row)
{
    struct client *client = map_get(&clients->by_id, (uint64_t)row->id);
    if (client == NULL) {
        client = new_client(clients, row);
        if (client == NULL) {
            return false;
        }
    }
    client->sandbox = row->sandbox;
    client->is_operator = row->is_operator;
    client->revoked = row->revoked;
    return row->same_people || put_people(clients, client, row);
}

void clients_finish(struct clients *clients)
{
    size_t cursor = 0;
    struct client *client;
    while ((client = map_next(&clients->by_id, &cursor)) != NULL) {
        free(client->name);
        free(client->speaks_for);
        free(client);
    }
    cursor = 0;
    struct client_list *list;
    while ((list = map_next(&clients->by_person, &cursor)) != NULL) {
        free(list->ids);
        free(list);
    }
    map_finish(&clients->by_id);
    map_finish(&clients->by_key);
    map_finish(&clients->by_person);
    free(clients->known);
}

const struct client *clients_by_key(const struct clients *clients, const char *key)
{
    const struct client *client = map_get(&clients->by_key, hash_key(key));
    return client != NULL && strcmp(client->key, key) == 0 ? client : NULL;
}

const struct client *clients_by_id(const struct clients *clients, int64_t id)
{
    return map_get(&clients->by_id, (uint64_t)id);
}

void clients_request(struct clients *clients, int64_t id)
{
    struct client *client = map_get(&clients->by_id, (uint64_t)id);
    client->in_flight++;
}

void clients_answered(struct clients *clients, int64_t id)
{
    struct client *client = map_get(&clients->by_id, (uint64_t)id);
    assert(client->in_flight > 0);
    client->in_flight--;
}

void clients_hello(struct clients *clients, int64_t id)
{
    struct client *client = map_get(&clients->by_id, (uint64_t)id);
    client->hellos++;
}

void clients_greeted(struct clients *clients, int64_t id)
{
    struct client *client = map_get(&clients->by_id, (uint64_t)id);
    assert(client->hellos > 0);
    client->hellos--;
}

bool client_speaks_for(const struct client *client, int64_t person)
{
    size_t low = 0;
    size_t high = client->speaks_for_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (client->speaks_for[middle] < person) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < client->speaks_for_count && client->speaks_for[low] == person;
}

const int64_t *clients_of_person(const struct clients *clients, int64_t person,
                                 size_t *ret_count)
{
    const struct client_list *list = map_get(&clients->by_person, (uint64_t)person);
    *ret_count = list == NULL ? 0 : list->count;
    return list == NULL ? NULL : list->ids;
}
