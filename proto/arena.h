// SPDX-License-Identifier: Apache-2.0

/*
 * arena.h - memory that is handed out in order and given back all at once
 *
 * Invariant   An arena never hands out more than its quota; when that is used up it
 *             answers NULL from then on until it is reset.
 *
 * Ownership   The arena owns its blocks.  What it hands out lives until reset or
 * finish.
 */
#ifndef PROTO_ARENA_H
#define PROTO_ARENA_H

#include <stddef.h>

/* What a new or reset arena hands out, up to so many bytes with the rounding, lies
 * together in that order. */
enum { ARENA_BLOCK_BYTES = 65536 };

struct arena {
    struct arena_block *first;
    struct arena_block *current;
    size_t used;  /* bytes handed out, rounding included */
    size_t quota; /* bytes */
};

void arena_init(struct arena *arena, size_t quota);
void arena_finish(struct arena *arena);

/* Forget everything handed out; the memory is kept for the next use. */
void arena_reset(struct arena *arena);

/* @size zeroed bytes, aligned for every type, or NULL when the quota or memory is used
 * up. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* Zeroed array; NULL also when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of @text (NULL gives NULL), or of @size bytes. */
char *arena_text(struct arena *arena, const char *text);
void *arena_copy(struct arena *arena, const void *bytes, size_t size);

#endif
