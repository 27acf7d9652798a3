// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_keep.h"

#include "adapters/cli/match_record.h"

#include <stdlib.h>
#include <string.h>

/* A document of agendas, and their records. */
struct document {
    struct document *next;
    struct match_input *input;
    struct match_records *records;
};

struct match_keep {
    bool with_records;
    struct document *documents;
    struct match_texts texts;
    size_t version;

    /* In the order in which the names came; the table holds indices plus one, by hash. */
    struct match_somebody *people;
    size_t count;
    size_t room; /* a power of two; of the table twice as much */
    uint32_t *table;
};

struct match_keep *match_keep_new(bool with_records)
{
    struct match_keep *keep = calloc(1, sizeof(*keep));
    if (keep != NULL) {
        keep->with_records = with_records;
    }
    return keep;
}

void match_keep_free(struct match_keep *keep)
{
    if (keep == NULL) {
        return;
    }
    while (keep->documents != NULL) {
        struct document *document = keep->documents;
        keep->documents = document->next;
        match_records_free(document->records);
        match_input_finish(document->input);
        free(document->input);
        free(document);
    }
    free(keep->people);
    free(keep->table);
    free(keep);
}

static size_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    }
    return (size_t)(hash ^ hash >> 29);
}

/* Where @name is in the table, or where it would be. */
static uint32_t *find(const struct match_keep *keep, const char *name)
{
    size_t mask = 2 * keep->room - 1;
    size_t at = hash_of(name) & mask;
    while (keep->table[at] != 0 &&
           strcmp(keep->people[keep->table[at] - 1].name, name) != 0) {
        at = (at + 1) & mask;
    }
    return &keep->table[at];
}

/* Room for @more people. */
static bool grow(struct match_keep *keep, size_t more)
{
    size_t room = keep->room == 0 ? 64 : keep->room;
    while (room < keep->count + more) {
        room *= 2;
    }
    if (room == keep->room) {
        return true;
    }
    struct match_somebody *people = realloc(keep->people, room * sizeof(*people));
    if (people == NULL) {
        return false;
    }
    keep->people = people;
    uint32_t *table = calloc(2 * room, sizeof(*table));
    if (table == NULL) {
        return false;
    }
    free(keep->table);
    keep->table = table;
    keep->room = room;
    for (size_t i = 0; i < keep->count; i++) {
        *find(keep, people[i].name) = (uint32_t)i + 1;
    }
    return true;
}

bool match_keep_take(struct match_keep *keep, struct match_input *input)
{
    struct document *document = calloc(1, sizeof(*document));
    if (document == NULL || !grow(keep, input->people_count)) {
        free(document);
        return false;
    }
    if (keep->with_records) {
        document->records = match_records_new();
        for (size_t i = 0; i < input->people_count; i++) {
            match_records_compile(document->records, &input->people[i].person);
        }
    }
    for (size_t i = 0; i < input->people_count; i++) {
        uint32_t *place = find(keep, input->people[i].name);
        if (*place == 0) {
            keep->count++;
            *place = (uint32_t)keep->count;
        }
        keep->people[*place - 1] = input->people[i];
    }
    keep->texts = input->texts;
    keep->texts.places_are_listed = false;
    document->input = input;
    document->next = keep->documents;
    keep->documents = document;
    keep->version++;
    return true;
}

const struct match_somebody *match_keep_find(const struct match_keep *keep,
                                             const char *name)
{
    if (keep == NULL || keep->room == 0) {
        return NULL;
    }
    uint32_t index = *find(keep, name);
    return index == 0 ? NULL : &keep->people[index - 1];
}

size_t match_keep_version(const struct match_keep *keep)
{
    return keep == NULL ? 0 : keep->version;
}

size_t match_keep_count(const struct match_keep *keep)
{
    return keep == NULL ? 0 : keep->count;
}

const struct match_somebody *match_keep_at(const struct match_keep *keep, size_t index)
{
    return &keep->people[index];
}

void match_keep_texts(const struct match_keep *keep, struct match_texts *ret_texts)
{
    for (size_t i = 0; i < keep->texts.purpose_count; i++) {
        ret_texts->purposes[i] = keep->texts.purposes[i];
    }
    for (size_t i = 0; i < keep->texts.place_count; i++) {
        ret_texts->places[i] = keep->texts.places[i];
    }
    ret_texts->purpose_count = keep->texts.purpose_count;
    ret_texts->place_count = keep->texts.place_count;
}
