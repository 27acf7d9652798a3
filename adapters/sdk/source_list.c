// SPDX-License-Identifier: Apache-2.0

/*
 * source_list.c - a client's sources, sorted by name
 */
#include "adapters/sdk/client_private.h"
#include "adapters/sdk/source.h"

#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

/* The place of @name, or where it would have to stand. */
static size_t locate(const struct entente_client *client, const char *name,
                     bool *ret_found)
{
    size_t low = 0;
    size_t high = client->sources_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(client->sources[middle]->name, name);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_found = false;
    return low;
}

struct source *source_find(const struct entente_client *client, const char *name)
{
    bool found;
    size_t at = locate(client, name, &found);

    return found ? client->sources[at] : NULL;
}

struct source *source_find_or_add(struct entente_client *client, const char *name)
{
    bool found;
    size_t at = locate(client, name, &found);

    if (found) {
        return client->sources[at];
    }
    if (client->sources_count >= LIMIT_SOURCES) {
        return NULL;
    }
    struct source **sources =
        realloc(client->sources, (client->sources_count + 1) * sizeof(struct source *));
    if (!sources) {
        return NULL;
    }
    client->sources = sources;
    struct source *source = source_create(name);
    if (!source) {
        return NULL;
    }
    memmove(&sources[at + 1], &sources[at],
            (client->sources_count - at) * sizeof(struct source *));
    sources[at] = source;
    client->sources_count++;
    return source;
}

void source_finish_all(struct entente_client *client)
{
    for (size_t i = 0; i < client->sources_count; i++) {
        source_destroy(client->sources[i]);
    }
    free(client->sources);
    client->sources = NULL;
    client->sources_count = 0;
}
