// SPDX-License-Identifier: Apache-2.0

#include "broker/map.h"

#include <stdlib.h>
#include <string.h>

static char gone_place;
#define GONE ((void *)&gone_place)

enum { SMALLEST = 16 };

/* Keys may be small and regular: spread them over the table (finalizer of splitmix64).
 */
static size_t home(uint64_t key, size_t capacity)
{
    key ^= key >> 30;
    key *= UINT64_C(0xbf58476d1ce4e5b9);
    key ^= key >> 27;
    key *= UINT64_C(0x94d049bb133111eb);
    key ^= key >> 31;
    return (size_t)key & (capacity - 1);
}

void map_finish(struct map *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct map){0};
}

/* The place of @key, or the capacity. */
static size_t find(const struct map *map, uint64_t key)
{
    if (map->capacity == 0) {
        return 0;
    }
    size_t i = home(key, map->capacity);
    while (map->values[i] != NULL) {
        if (map->values[i] != GONE && map->keys[i] == key) {
            return i;
        }
        i = (i + 1) & (map->capacity - 1);
    }
    return map->capacity;
}

void *map_get(const struct map *map, uint64_t key)
{
    size_t i = find(map, key);
    return i == map->capacity ? NULL : map->values[i];
}

static void place(struct map *map, uint64_t key, void *value)
{
    size_t i = home(key, map->capacity);
    while (map->values[i] != NULL) {
        i = (i + 1) & (map->capacity - 1);
    }
    map->keys[i] = key;
    map->values[i] = value;
    map->used++;
    map->count++;
}

static bool grow(struct map *map)
{
    size_t capacity = SMALLEST;
    while (capacity < map->count * 2) {
        capacity *= 2;
    }
    struct map larger = {
        .keys = calloc(capacity, sizeof(*larger.keys)),
        .values = calloc(capacity, sizeof(*larger.values)),
        .capacity = capacity,
    };
    if (larger.keys == NULL || larger.values == NULL) {
        map_finish(&larger);
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->values[i] != NULL && map->values[i] != GONE) {
            place(&larger, map->keys[i], map->values[i]);
        }
    }
    free(map->keys);
    free(map->values);
    map->keys = larger.keys;
    map->values = larger.values;
    map->capacity = larger.capacity;
    map->count = larger.count;
    map->used = larger.used;
    return true;
}

bool map_put(struct map *map, uint64_t key, void *value)
{
    size_t i = find(map, key);
    if (i != map->capacity) {
        map->values[i] = value;
        return true;
    }
    if ((map->used + 1) * 4 > map->capacity * 3 && !grow(map)) {
        return false;
    }
    place(map, key, value);
    return true;
}

void map_remove(struct map *map, uint64_t key)
{
    size_t i = find(map, key);
    if (i != map->capacity) {
        map->values[i] = GONE;
        map->count--;
    }
}

void *map_next(const struct map *map, size_t *cursor)
{
    while (*cursor < map->capacity) {
        void *value = map->values[(*cursor)++];
        if (value != NULL && value != GONE) {
            return value;
        }
    }
    return NULL;
}

uint64_t map_hash(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    if (hash == 0) {
        hash = UINT64_C(0xcbf29ce484222325);
    }
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, byte, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
        byte += sizeof(word);
    }
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

size_t map_bytes(const struct map *map)
{
    return map->capacity * (sizeof(*map->keys) + sizeof(void *));
}
