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

static bool has_extras(const struct entente_range *range)
{
    return range->place != NULL || range->meeting.size != 0 || range->modalities != 0 ||
           range->audience != 0 || range->interruptible;
}

/* Copy the ranges whole, with their texts behind them in the same block. */
static struct entente_range *copy_full(const struct entente_range *ranges, size_t count,
                                       size_t *ret_bytes)
{
    size_t bytes = count * sizeof(*ranges);
    for (size_t i = 0; i < count; i++) {
        bytes += ranges[i].place == NULL ? 0 : strlen(ranges[i].place) + 1;
        bytes += ranges[i].meeting.size;
    }
    struct entente_range *copy = malloc(bytes);
    if (copy == NULL) {
        return NULL;
    }
    char *text = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        copy[i] = ranges[i];
        if (ranges[i].place != NULL) {
            size_t size = strlen(ranges[i].place) + 1;
            memcpy(text, ranges[i].place, size);
            copy[i].place = text;
            text += size;
        }
        if (ranges[i].meeting.size != 0) {
            memcpy(text, ranges[i].meeting.data, ranges[i].meeting.size);
            copy[i].meeting.data = (uint8_t *)text;
            text += ranges[i].meeting.size;
        }
    }
    *ret_bytes = bytes;
    return copy;
}

static uint8_t preference_of(uint32_t preference)
{
    switch (preference) {
    case ENTENTE_PREFERRED:
        return MATCH_PREFERRED;
    case ENTENTE_AVOID:
        return MATCH_AVOID;
    default: /* absent, or neutral */
        return MATCH_NEUTRAL;
    }
}

static struct match_range to_match(const struct entente_range *range)
{
    return (struct match_range){
        .start = range->start,
        .end = range->end,
        .kind = (uint8_t)range->kind,
        .certainty =
            (uint8_t)(range->certainty == 0 ? ENTENTE_DECLARED : range->certainty),
        .preference = preference_of(range->preference),
        .purposes = range->purposes,
    };
}

static bool fill_ranges(struct index_source_entry *entry,
                        const struct entente_range *ranges, size_t count)
{
    struct index_source *source = &entry->source;
    bool extras = false;
    source->ranges = malloc((count == 0 ? 1 : count) * sizeof(*source->ranges));
    if (source->ranges == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        source->ranges[i] = to_match(&ranges[i]);
        extras = extras || has_extras(&ranges[i]);
    }
    source->range_count = count;
    entry->bytes = sizeof(*entry) + count * sizeof(*source->ranges);
    if (extras) {
        size_t bytes = 0;
        source->full = copy_full(ranges, count, &bytes);
        entry->bytes += bytes;
        return source->full != NULL;
    }
    return true;
}

static void free_source(struct index_source_entry *entry)
{
    if (entry != NULL) {
        free(entry->source.key);
        free(entry->source.name);
        free(entry->source.ranges);
        free(entry->source.full);
        free(entry);
    }
}

static struct index_source_entry *
new_source(const struct index_publication *publication)
{
    struct index_source_entry *entry = calloc(1, sizeof(*entry));
    if (entry == NULL) {
        return NULL;
    }
    entry->source = (struct index_source){
        .source = publication->source,
        .client = publication->client,
        .person = publication->person,
        .key = strdup(publication->key),
        .name = publication->name == NULL ? NULL : strdup(publication->name),
        .epoch = publication->epoch,
        .sequence = publication->sequence,
        .coverage = publication->coverage,
        .as_of_ms = publication->as_of_ms,
        .lease_seconds = publication->lease_seconds,
        .renewed_ms = publication->renewed_ms,
    };
    if (entry->source.key == NULL ||
        (publication->name != NULL && entry->source.name == NULL) ||
        !fill_ranges(entry, publication->ranges, publication->range_count)) {
        free_source(entry);
        return NULL;
    }
    return entry;
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

static bool attach(struct index_source ***sources, size_t *capacity, size_t *count,
                   struct index_source *source)
{
    void *array = *sources;
    if (!index_reserve(&array, capacity, *count, sizeof(struct index_source *))) {
        return false;
    }
    *sources = array;
    (*sources)[(*count)++] = source;
    return true;
}

static void detach(struct index_source **sources, size_t *count,
                   const struct index_source *source)
{
    for (size_t i = 0; i < *count; i++) {
        if (sources[i] == source) {
            sources[i] = sources[--*count];
            return;
        }
    }
}

static void remove_source(struct index *index, struct index_source_entry *entry)
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
    struct index_person *person = index_person(index, source->person);
    if (person != NULL) {
        detach(person->sources, &person->source_count, source);
    }
    struct index_client *client = map_get(&index->clients, (uint64_t)source->client);
    if (client != NULL) {
        detach(client->sources, &client->source_count, source);
    }
    index->source_count--;
    index->bytes -= entry->bytes;
    free_source(entry);
}

bool index_publish(struct index *index, const struct index_publication *publication)
{
    struct index_entry *person = map_get(&index->people, (uint64_t)publication->person);
    struct index_client *client = client_of(index, publication->client);
    struct index_source_entry *entry =
        person == NULL || client == NULL ? NULL : new_source(publication);
    if (entry == NULL) {
        return false;
    }
    struct index_source_entry *old =
        find_source(index, publication->client, publication->key);
    if (publication->renewed_ms == 0) {
        bool same = old != NULL && old->source.epoch == publication->epoch &&
                    old->source.sequence == publication->sequence;
        entry->source.renewed_ms = same ? old->source.renewed_ms : client->heard_ms;
        entry->source.lapse_noted = same && old->source.lapse_noted;
    }
    if (old != NULL) {
        remove_source(index, old);
    }
    uint64_t hash = hash_source(publication->client, publication->key);
    entry->next = map_get(&index->sources, hash);
    if (!map_put(&index->sources, hash, entry)) {
        free_source(entry);
        return false;
    }
    index->source_count++;
    index->bytes += entry->bytes;
    if (!attach(&person->person.sources, &person->source_capacity,
                &person->person.source_count, &entry->source) ||
        !attach(&client->sources, &client->source_capacity, &client->source_count,
                &entry->source)) {
        remove_source(index, entry);
        return false;
    }
    return true;
}

void index_withdraw(struct index *index, int64_t client, const char *key)
{
    struct index_source_entry *entry = find_source(index, client, key);
    if (entry != NULL) {
        remove_source(index, entry);
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

void index_source_ranges(const struct index_source *source, struct entente_range *ret)
{
    static const uint32_t preferences[] = {
        [MATCH_NEUTRAL] = ENTENTE_NEUTRAL,
        [MATCH_PREFERRED] = ENTENTE_PREFERRED,
        [MATCH_AVOID] = ENTENTE_AVOID,
    };
    for (size_t i = 0; i < source->range_count; i++) {
        if (source->full != NULL) {
            ret[i] = source->full[i];
            continue;
        }
        const struct match_range *range = &source->ranges[i];
        ret[i] = (struct entente_range){
            .start = range->start,
            .end = range->end,
            .kind = range->kind,
            .certainty = range->certainty,
            .preference = preferences[range->preference],
            .purposes = range->purposes,
        };
    }
}

bool index_heard(struct index *index, int64_t id, int64_t now_ms)
{
    struct index_client *client = client_of(index, id);
    if (client == NULL) {
        return false;
    }
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

int64_t index_lease_until_ms(const struct index_source *source)
{
    return source->renewed_ms == 0
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
            free_source(entry);
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
