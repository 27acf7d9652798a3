// SPDX-License-Identifier: Apache-2.0

/*
 * index_internal.h - shared by index.c and index_source.c, and nobody else
 */
#ifndef BROKER_INDEX_INTERNAL_H
#define BROKER_INDEX_INTERNAL_H

#include "broker/index.h"
#include "broker/map.h"

/* A person and what only the index needs of it. */
struct index_entry {
    struct index_person person; /* first: an entry is a person */
    struct index_entry *next;   /* with the same hash of the identifier */
    char *system;
    char *value;
    uint8_t blind[INDEX_BLIND_SIZE];
    bool is_blind;
    size_t source_capacity;
    size_t claim_capacity;
};

struct index_client {
    int64_t client;
    int64_t heard_ms;
    struct index_source **sources;
    size_t source_count;
    size_t source_capacity;
};

struct index {
    struct map people;      /* by id: struct index_entry */
    struct map identifiers; /* by hash of the identifier: a chain of entries */
    struct map clients;     /* by id: struct index_client */
    struct map sources;     /* by hash of client and key: struct index_source_entry */
    size_t source_count;
    size_t bytes;
};

struct index_source_entry {
    struct index_source source; /* first */
    struct index_source_entry *next;
    size_t bytes;
};

/* Room for one more in an array; false when memory is used up. */
bool index_reserve(void **array, size_t *capacity, size_t count, size_t size);

void index_free_sources(struct index *index);

#endif
