// SPDX-License-Identifier: Apache-2.0

/*
 * map.h - from a 64-bit key to a pointer; open addressing
 *
 * Ownership   The map owns its table, never what the pointers point at.
 */
#ifndef BROKER_MAP_H
#define BROKER_MAP_H

#include "broker/must_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
    uint64_t *keys;
    void **values;   /* NULL: free place; map_gone: one that was freed */
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    size_t used; /* count and freed places */
};

void map_finish(struct map *map);
void *map_get(const struct map *map, uint64_t key); /* NULL when absent */

/* False when memory is used up.  @value is not NULL. */
MUST_CHECK bool map_put(struct map *map, uint64_t key, void *value);
void map_remove(struct map *map, uint64_t key);

/* One after the other: begin with *cursor = 0; NULL at the end. */
void *map_next(const struct map *map, size_t *cursor);

/* Memory that the map has taken. */
size_t map_bytes(const struct map *map);

/* Not kept anywhere: it may change from one build to the next.  To be chained: begin with
 * 0. */
uint64_t map_hash(uint64_t hash, const void *bytes, size_t size);

#endif
