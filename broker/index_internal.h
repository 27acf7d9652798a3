// SPDX-License-Identifier: Apache-2.0

/*
 * index_internal.h - shared by index*.c, and nobody else
 */
#ifndef BROKER_INDEX_INTERNAL_H
#define BROKER_INDEX_INTERNAL_H

#include "broker/index.h"
#include "broker/map.h"

/* A person and what only the index needs of it. */
struct index_entry {
    struct index_person person; /* first: an entry is a person */
    struct index_entry *next;   /* with the same hash of the identifier */
    const char *system;         /* shared by all who have it; NULL: blind */
    uint32_t claim_capacity;
    uint32_t record_units; /* of a record of its own; 0: it is the only agenda's */
    uint32_t row;          /* 1 + its number in the rows; 0: it has none */
    char identifier[];     /* the value with its NUL, or INDEX_BLIND_SIZE bytes */
};

struct index_source_entry {
    struct index_source source; /* first */
    struct index_source_entry *next;
    uint32_t record_units;
    uint32_t bytes; /* of everything but the record */
    char texts[];   /* key and name */
};

struct index_client {
    int64_t client;
    int64_t heard_ms;
    struct index_source **sources;
    size_t source_count;
    size_t source_capacity;
};

/* A text that many share: an identifier's system, or the key of a place. */
struct index_text {
    struct index_text *next; /* with the same hash */
    uint32_t number;         /* from 1 on */
    char text[];
};

struct index_texts {
    struct map by_hash;
    const char **by_number; /* [number - 1] */
    size_t count;
    size_t capacity;
    size_t bytes;
};

/* Memory in which records are built, grown as needed. */
struct index_bench {
    struct match_range *ranges;
    struct match_source *sources;
    void *workspace;
    void *record; /* aligned to RECORD_ALIGN */
    size_t range_capacity;
    size_t source_capacity;
    size_t workspace_size;
    size_t record_size;
};

struct index {
    struct map people;      /* by id: struct index_entry */
    struct map identifiers; /* by hash of the identifier: a chain of entries */
    struct map clients;     /* by id: struct index_client */
    struct map sources;     /* by hash of client and key: struct index_source_entry */
    struct index_texts systems;
    struct index_texts places;
    struct shelf shelf; /* of records */
    struct index_bench bench;
    struct index_rows *rows; /* NULL: nobody was asked about in a crowd */
    int64_t now_ms;          /* as last heard */
    size_t source_count;
    size_t bytes; /* of entries */
};

/* ---- index_text.c ------------------------------------------------------------------
 */

/* The number of @text, given to it now if it has none; 0 when there are @most already, or
 * no memory. */
uint32_t index_text_number(struct index_texts *texts, const char *text, size_t most);

/* 0 when it has none. */
uint32_t index_text_find(const struct index_texts *texts, const char *text);
void index_texts_finish(struct index_texts *texts);

/* ---- index_record.c ----------------------------------------------------------------
 */

/* Put what @publication says into @entry, whose texts are there. */
MUST_CHECK bool index_record_fill(struct index *index, struct index_source_entry *entry,
                                  const struct index_publication *publication);

/* Give back what index_record_fill() took. */
void index_record_empty(struct index *index, struct index_source_entry *entry);

/* The agendas of @entry have changed: find the record of all of them. */
void index_record_join(struct index *index, struct index_entry *entry);
void index_record_forget(struct index *index, struct index_entry *entry);
void index_bench_finish(struct index_bench *bench);

/* ---- index_rows.c ------------------------------------------------------------------
 */

/* The time of @entry has changed in @span, or all of it. */
void index_rows_note(struct index *index, const struct index_entry *entry,
                     struct match_span span);
void index_rows_note_all(struct index *index, const struct index_entry *entry);
size_t index_rows_bytes(const struct index *index);
void index_rows_finish(struct index *index);

/* ---- index_source.c ----------------------------------------------------------------
 */

/* Room for one more in an array; false when memory is used up. */
bool index_reserve(void **array, size_t *capacity, size_t count, size_t size);

void index_free_sources(struct index *index);

#endif
