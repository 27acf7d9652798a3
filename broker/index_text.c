// SPDX-License-Identifier: Apache-2.0

/*
 * index_text.c - the part of index.h that keeps each shared text once
 *
 * Texts are never forgotten: there are few systems, and the caller bounds the places.
 */
#include "broker/index_internal.h"

#include <stdlib.h>
#include <string.h>

static const struct index_text *find(const struct index_texts *texts, uint64_t hash,
                                     const char *text)
{
    const struct index_text *found = map_get(&texts->by_hash, hash);
    while (found != NULL && strcmp(found->text, text) != 0) {
        found = found->next;
    }
    return found;
}

static uint64_t hash_of(const char *text)
{
    return map_hash(0, text, strlen(text));
}

uint32_t index_text_find(const struct index_texts *texts, const char *text)
{
    const struct index_text *found = find(texts, hash_of(text), text);
    return found == NULL ? 0 : found->number;
}

uint32_t index_text_number(struct index_texts *texts, const char *text, size_t most)
{
    uint64_t hash = hash_of(text);
    const struct index_text *found = find(texts, hash, text);
    if (found != NULL || texts->count >= most) {
        return found == NULL ? 0 : found->number;
    }
    size_t size = strlen(text) + 1;
    struct index_text *made = malloc(sizeof(*made) + size);
    void *array = texts->by_number;
    if (made == NULL ||
        !index_reserve(&array, &texts->capacity, texts->count, sizeof(const char *))) {
        free(made);
        return 0;
    }
    texts->by_number = array;
    made->next = map_get(&texts->by_hash, hash);
    made->number = (uint32_t)texts->count + 1;
    memcpy(made->text, text, size);
    if (!map_put(&texts->by_hash, hash, made)) {
        free(made);
        return 0;
    }
    texts->by_number[texts->count++] = made->text;
    texts->bytes += sizeof(*made) + size + sizeof(const char *);
    return made->number;
}

void index_texts_finish(struct index_texts *texts)
{
    size_t cursor = 0;
    struct index_text *text;
    while ((text = map_next(&texts->by_hash, &cursor)) != NULL) {
        while (text != NULL) {
            struct index_text *next = text->next;
            free(text);
            text = next;
        }
    }
    map_finish(&texts->by_hash);
    free(texts->by_number);
    *texts = (struct index_texts){0};
}
