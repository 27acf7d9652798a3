// SPDX-License-Identifier: Apache-2.0

/*
 * index_source.c - the part of index.h that keeps what agendas have said
 */
#include "broker/index.h"

#include "broker/index_internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_source(int64_t client, const char *key)
{
    return map_hash(map_hash(0, &client, sizeof(client)), key, strlen(key));
}

static struct index_source_entry *find_source(const struct index *index, int64_t client,
                                              const char *key)
{
    struct index_source_entry *entry =
        map_get(&index->sources, hash_source(client, key));
    while (entry != NULL &&
           (entry->source.client != client || strcmp(entry->source.key, key) != 0)) {
        entry = entry->next;
    }
    return entry;
}

static void free_source(struct index *index, struct index_source_entry *entry)
{
    if (entry != NULL) {
        index_record_empty(index, entry);
        free(entry);
    }
}

static struct index_source_entry *
new_source(struct index *index, const struct index_publication *publication)
{
    size_t key_size = strlen(publication->key) + 1;
    size_t name_size = publication->name == NULL ? 0 : strlen(publication->name) + 1;
    size_t bytes = sizeof(struct index_source_entry) + key_size + name_size;
    struct index_source_entry *entry = calloc(1, bytes);
    if (entry == NULL) {
        return NULL;
    }
    char *name = entry->texts + key_size;
    memcpy(entry->texts, publication->key, key_size);
    if (publication->name != NULL) {
        memcpy(name, publication->name, name_size);
    }
    entry->bytes = (uint32_t)bytes;
    entry->source = (struct index_source){
        .source = publication->source,
        .client = publication->client,
        .person = publication->person,
        .key = entry->texts,
        .name = publication->name == NULL ? NULL : name,
        .epoch = publication->epoch,
        .sequence = publication->sequence,
        .coverage = publication->coverage,
        .as_of_ms = publication->as_of_ms,
        .lease_seconds = publication->lease_seconds,
        .notice = publication->notice,
        .daily_cap = publication->daily_cap,
        .tacit = publication->tacit,
        .renewed_ms = publication->renewed_ms,
    };
    if (!index_record_fill(index, entry, publication)) {
        free(entry);
        return NULL;
    }
    return entry;
}

static void hear(struct index *index, int64_t now_ms)
{
    index->now_ms = now_ms > index->now_ms ? now_ms : index->now_ms;
}

static struct index_client *client_of(struct index *index, int64_t client)
{
    struct index_client *found = map_get(&index->clients, (uint64_t)client);
    if (found != NULL) {
        return found;
    }
    found = calloc(1, sizeof(*found));
    if (found == NULL) {
        return NULL;
    }
    found->client = client;
    if (!map_put(&index->clients, (uint64_t)client, found)) {
        free(found);
        return NULL;
    }
    return found;
}

bool index_reserve(void **array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 2 : *capacity * 2;
    void *grown = realloc(*array, wanted * size);
    if (grown == NULL) {
        return false;
    }
    *array = grown;
    *capacity = wanted;
    return true;
}

static bool attach_to_client(struct index_client *client, struct index_source *source)
{
    void *array = client->sources;
    if (!index_reserve(&array, &client->source_capacity, client->source_count,
                       sizeof(struct index_source *))) {
        return false;
    }
    client->sources = array;
    client->sources[client->source_count++] = source;
    return true;
}

static void detach_from_client(struct index_client *client,
                               const struct index_source *source)
{
    for (size_t i = 0; i < client->source_count; i++) {
        if (client->sources[i] == source) {
            client->sources[i] = client->sources[--client->source_count];
            return;
        }
    }
}

/* Behind the others, so that the oldest agenda stays the first. */
static void attach_to_person(struct index_person *person, struct index_source *source)
{
    struct index_source **place = &person->sources;
    while (*place != NULL) {
        place = &(*place)->beside;
    }
    *place = source;
    person->source_count++;
}

static void detach_from_person(struct index_person *person,
                               const struct index_source *source)
{
    struct index_source **place = &person->sources;
    while (*place != NULL && *place != source) {
        place = &(*place)->beside;
    }
    if (*place == source) {
        *place = source->beside;
        person->source_count--;
    }
}

/* Returns whose it was; the record of all agendas is still to be found. */
static struct index_entry *remove_source(struct index *index,
                                         struct index_source_entry *entry)
{
    struct index_source *source = &entry->source;
    uint64_t hash = hash_source(source->client, source->key);
    struct index_source_entry *first = map_get(&index->sources, hash);
    if (first == entry && entry->next == NULL) {
        map_remove(&index->sources, hash);
    } else if (first == entry) {
        /* The place exists: putting into it cannot fail. */
        bool replaced = map_put(&index->sources, hash, entry->next);
        (void)replaced;
    } else {
        while (first->next != entry) {
            first = first->next;
        }
        first->next = entry->next;
    }
    struct index_entry *person = map_get(&index->people, (uint64_t)source->person);
    if (person != NULL) {
        detach_from_person(&person->person, source);
    }
    struct index_client *client = map_get(&index->clients, (uint64_t)source->client);
    if (client != NULL) {
        detach_from_client(client, source);
    }
    index->source_count--;
    index->bytes -= entry->bytes;
    free_source(index, entry);
    return person;
}

/* The lease of a source that has been read again runs on as before. */
static void carry_lease_on(struct index_source *source, const struct index_source *old,
                           const struct index_client *client)
{
    bool same =
        old != NULL && old->epoch == source->epoch && old->sequence == source->sequence;
    source->renewed_ms = same ? old->renewed_ms : client->heard_ms;
    source->lapse_noted = same && old->lapse_noted;
}

bool index_publish(struct index *index, const struct index_publication *publication)
{
    struct index_entry *person = map_get(&index->people, (uint64_t)publication->person);
    struct index_client *client = client_of(index, publication->client);
    hear(index, publication->renewed_ms);
    struct index_source_entry *entry =
        person == NULL || client == NULL ? NULL : new_source(index, publication);
    if (entry == NULL || !attach_to_client(client, &entry->source)) {
        free_source(index, entry);
        return false;
    }
    uint64_t hash = hash_source(publication->client, publication->key);
    struct index_source_entry *old =
        find_source(index, publication->client, publication->key);
    entry->next = map_get(&index->sources, hash);
    if (!map_put(&index->sources, hash, entry)) {
        detach_from_client(client, &entry->source);
        free_source(index, entry);
        return false;
    }
    if (publication->renewed_ms == 0) {
        carry_lease_on(&entry->source, old == NULL ? NULL : &old->source, client);
    }
    if (old != NULL) {
        struct index_entry *other = remove_source(index, old);
        if (other != NULL && other != person) {
            index_record_join(index, other);
        }
    }
    attach_to_person(&person->person, &entry->source);
    index->source_count++;
    index->bytes += entry->bytes;
    index_record_join(index, person);
    return true;
}

void index_withdraw(struct index *index, int64_t client, const char *key)
{
    struct index_source_entry *entry = find_source(index, client, key);
    struct index_entry *person = entry == NULL ? NULL : remove_source(index, entry);
    if (person != NULL) {
        index_record_join(index, person);
    }
}

const struct index_source *index_source(const struct index *index, int64_t client,
                                        const char *key)
{
    struct index_source_entry *entry = find_source(index, client, key);
    return entry == NULL ? NULL : &entry->source;
}

const struct index_source *index_next_source(const struct index *index, int64_t client,
                                             size_t *cursor)
{
    const struct index_client *found = map_get(&index->clients, (uint64_t)client);
    if (found == NULL || *cursor >= found->source_count) {
        return NULL;
    }
    return found->sources[(*cursor)++];
}

int index_compare_ranges(const void *a, const void *b)
{
    const struct entente_range *one = a;
    const struct entente_range *two = b;
    if (one->start != two->start) {
        return one->start < two->start ? -1 : 1;
    }
    return (one->end > two->end) - (one->end < two->end);
}

bool index_heard(struct index *index, int64_t id, int64_t now_ms)
{
    struct index_client *client = client_of(index, id);
    if (client == NULL) {
        return false;
    }
    hear(index, now_ms);
    if (now_ms > client->heard_ms) {
        client->heard_ms = now_ms;
    }
    for (size_t i = 0; i < client->source_count; i++) {
        struct index_source *source = client->sources[i];
        if (now_ms > source->renewed_ms && now_ms < index_lease_until_ms(source)) {
            source->renewed_ms = now_ms;
        }
    }
    return true;
}

bool index_heard_elsewhere(struct index *index, int64_t id, int64_t at_ms)
{
    struct index_client *client = client_of(index, id);
    if (client == NULL) {
        return false;
    }
    client->heard_ms = at_ms > client->heard_ms ? at_ms : client->heard_ms;
    for (size_t i = 0; i < client->source_count; i++) {
        struct index_source *source = client->sources[i];
        if (at_ms > source->renewed_ms && !source->lapse_noted) {
            source->renewed_ms = at_ms;
        }
    }
    return true;
}

int64_t index_lease_until_ms(const struct index_source *source)
{
    /* A lease of no length has run out whenever its client was heard of. */
    return source->renewed_ms == 0 || source->lease_seconds == 0
               ? 0
               : source->renewed_ms + (int64_t)source->lease_seconds * 1000;
}

bool index_note_lapse(struct index *index, const struct index_source *source)
{
    struct index_source_entry *entry = find_source(index, source->client, source->key);
    if (entry == NULL || entry->source.lapse_noted) {
        return false;
    }
    entry->source.lapse_noted = true;
    return true;
}

void index_free_sources(struct index *index)
{
    size_t cursor = 0;
    struct index_source_entry *entry;
    while ((entry = map_next(&index->sources, &cursor)) != NULL) {
        while (entry != NULL) {
            struct index_source_entry *next = entry->next;
            free_source(index, entry);
            entry = next;
        }
    }
    map_finish(&index->sources);
    cursor = 0;
    struct index_client *client;
    while ((client = map_next(&index->clients, &cursor)) != NULL) {
        free(client->sources);
        free(client);
    }
    map_finish(&index->clients);
}
