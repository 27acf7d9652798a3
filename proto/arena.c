// SPDX-License-Identifier: Apache-2.0

#include "proto/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t size;   /* bytes in memory[] */
    size_t filled; /* of them, handed out */
    alignas(max_align_t) unsigned char memory[];
};

/* 0 when @size cannot be rounded up. */
static size_t round_up(size_t size)
{
    size_t unit = alignof(max_align_t);
    if (size == 0) {
        return unit;
    }
    if (size > SIZE_MAX - unit) {
        return 0;
    }
    return (size + unit - 1) / unit * unit;
}

/* A block with room for @size bytes, made current; NULL without memory. */
static struct arena_block *block_with_room(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->current;

    while (block != NULL && block->size - block->filled < size) {
        /* Later blocks are empty: they were filled before the last reset. */
        block = block->next;
    }

    if (block == NULL) {
        size_t bytes = size > ARENA_BLOCK_BYTES ? size : ARENA_BLOCK_BYTES;
        if (bytes > SIZE_MAX - sizeof(struct arena_block)) {
            return NULL;
        }
        block = malloc(sizeof(struct arena_block) + bytes);
        if (block == NULL) {
            return NULL;
        }
        block->size = bytes;
        block->filled = 0;
        if (arena->current == NULL) {
            block->next = arena->first;
            arena->first = block;
        } else {
            block->next = arena->current->next;
            arena->current->next = block;
        }
    }

    arena->current = block;
    return block;
}

void arena_init(struct arena *arena, size_t quota)
{
    *arena = (struct arena){.quota = quota};
}

void arena_finish(struct arena *arena)
{
    struct arena_block *block = arena->first;
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct arena){.quota = arena->quota};
}

void arena_reset(struct arena *arena)
{
    for (struct arena_block *block = arena->first; block != NULL; block = block->next) {
        block->filled = 0;
    }
    arena->current = arena->first;
    arena->used = 0;
}

/* Memory that the caller fills. */
static void *take(struct arena *arena, size_t size)
{
    size_t bytes = round_up(size);
    bool fits = bytes != 0 && arena->used <= arena->quota &&
                bytes <= arena->quota - arena->used;
    struct arena_block *block = fits ? block_with_room(arena, bytes) : NULL;

    if (block == NULL) {
        /* From now on nothing fits, however small: what has been read in part must not
         * go on as if it were whole. */
        arena->used = arena->quota;
        return NULL;
    }

    void *memory = block->memory + block->filled;
    block->filled += bytes;
    arena->used += bytes;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *memory = take(arena, size);
    return memory == NULL ? NULL : memset(memory, 0, round_up(size));
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return arena_alloc(arena, SIZE_MAX);
    }
    return arena_alloc(arena, count * size);
}

char *arena_text(struct arena *arena, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    return arena_copy(arena, text, strlen(text) + 1);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = take(arena, size);
    if (copy != NULL) {
        /* What it was rounded up by. */
        size_t unit = alignof(max_align_t);
        memset((unsigned char *)copy + round_up(size) - unit, 0, unit);
    }
    if (copy != NULL && size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}
