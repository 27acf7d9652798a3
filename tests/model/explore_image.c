// SPDX-License-Identifier: Apache-2.0

/*
 * explore_image.c - the part of explore.h that copies a meeting in one piece
 *
 * The codec's copy of a meeting lies in one block of its arena.  Two such copies differ in
 * the pointers into the block, and in nothing else: so the places of these are known, and
 * the meeting can be copied as bytes.
 */
#include "tests/model/explore.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = sizeof(uintptr_t), IMAGE_MAX = 60000 };

struct copied {
    struct arena arena;
    unsigned char *first;
    size_t size;
};

static void copy(struct copied *copied, const struct entente_meeting *meeting)
{
    arena_init(&copied->arena, IMAGE_MAX);
    struct entente_meeting *root = codec_copy_meeting(meeting, &copied->arena);
    unsigned char *end = arena_alloc(&copied->arena, WORD);
    if (root == NULL || end == NULL) {
        abort();
    }
    copied->first = (unsigned char *)root;
    copied->size = (size_t)(end - copied->first);
}

static uintptr_t word_at(const unsigned char *bytes, size_t word)
{
    uintptr_t value;
    memcpy(&value, bytes + word * WORD, WORD);
    return value;
}

static void move_pointers(const struct image *image, unsigned char *to)
{
    uintptr_t by = (uintptr_t)to - (uintptr_t)image->bytes;
    for (size_t i = 0; i < image->pointer_count; i++) {
        unsigned char *place = to + (size_t)image->pointers[i] * WORD;
        uintptr_t value;
        memcpy(&value, place, WORD);
        value += by;
        memcpy(place, &value, WORD);
    }
}

void image_make(const struct entente_meeting *meeting, struct arena *arena,
                struct image *ret_image)
{
    struct copied one;
    struct copied two;
    copy(&one, meeting);
    copy(&two, meeting);
    uint16_t places[IMAGE_MAX / WORD];
    struct image image = {.size = one.size, .bytes = one.first};
    for (size_t i = 0; i < one.size / WORD; i++) {
        if (word_at(one.first, i) != word_at(two.first, i)) {
            places[image.pointer_count++] = (uint16_t)i;
        }
    }
    image.pointers = arena_copy(arena, places, image.pointer_count * sizeof(places[0]));
    unsigned char *bytes = arena_copy(arena, one.first, one.size);
    if (one.size != two.size || image.pointers == NULL || bytes == NULL) {
        abort();
    }
    move_pointers(&image, bytes);
    image.bytes = bytes;
    *ret_image = image;
    arena_finish(&one.arena);
    arena_finish(&two.arena);
}

struct entente_meeting *image_copy(const struct image *image, struct arena *arena)
{
    unsigned char *copied = arena_copy(arena, image->bytes, image->size);
    if (copied == NULL) {
        abort();
    }
    move_pointers(image, copied);
    return (struct entente_meeting *)(void *)copied;
}

bool image_is(const struct image *image, const struct entente_meeting *meeting)
{
    const unsigned char *bytes = (const unsigned char *)meeting;
    uintptr_t by = (uintptr_t)bytes - (uintptr_t)image->bytes;
    size_t at = 0;
    for (size_t i = 0; i < image->pointer_count; i++) {
        size_t pointer = image->pointers[i];
        if (memcmp(bytes + at * WORD, image->bytes + at * WORD,
                   (pointer - at) * WORD) != 0 ||
            word_at(bytes, pointer) != word_at(image->bytes, pointer) + by) {
            return false;
        }
        at = pointer + 1;
    }
    return memcmp(bytes + at * WORD, image->bytes + at * WORD,
                  image->size - at * WORD) == 0;
}
