// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_image.c - a meeting as it is stored: copied often, changed seldom
 *
 * What a broker loads it may change, so each gets a copy of its own.  The image lies
 * together and knows where in it pointers stand: to copy it is to move them.
 */
#include "tests/simulation/store_sim_rows.h"

#include "proto/codec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef uintptr_t word;

static word word_at(const void *bytes, size_t offset)
{
    word value;
    memcpy(&value, (const unsigned char *)bytes + offset, sizeof(value));
    return value;
}

/* Two copies that were made alike differ in their pointers alone. */
static void note_pointers(struct sim_image *image, const void *one, const void *other)
{
    unsigned char *bytes = (unsigned char *)image->meeting;
    image->pointer_count = 0;
    for (size_t at = 0; at + sizeof(word) <= image->size; at += sizeof(word)) {
        word here = word_at(one, at);
        word offset = here - (word)one;
        if (here == word_at(other, at)) {
            continue;
        }
        assert(offset < image->size && offset == word_at(other, at) - (word)other);
        SIM_GROW(image->pointers, image->pointer_count, image->pointer_capacity,
                 *image->pointers);
        image->pointers[image->pointer_count++] = (uint32_t)at;
        here = (word)bytes + offset;
        memcpy(bytes + at, &here, sizeof(here));
    }
}

void sim_image_take(struct sim_db *db, struct sim_image *image,
                    const struct entente_meeting *meeting)
{
    struct entente_meeting *copies[2];
    for (size_t i = 0; i < 2; i++) {
        arena_reset(&db->drafts[i]);
        copies[i] = sim_need(codec_copy_meeting(meeting, &db->drafts[i]));
    }
    image->size = db->drafts[0].used;
    if (image->size > ARENA_BLOCK_BYTES) {
        arena_reset(&image->large);
        free(image->lying);
        image->lying = NULL;
        image->meeting = sim_need(codec_copy_meeting(meeting, &image->large));
        return;
    }
    image->lying = sim_need(realloc(image->lying, image->size));
    image->meeting = image->lying;
    memcpy(image->lying, copies[0], image->size);
    note_pointers(image, copies[0], copies[1]);
}

struct entente_meeting *sim_image_copy(const struct sim_image *image,
                                       struct arena *arena)
{
    if (image->lying == NULL) {
        return codec_copy_meeting(image->meeting, arena);
    }
    unsigned char *copy = arena_copy(arena, image->lying, image->size);
    word apart = (word)copy - (word)image->lying;
    for (size_t i = 0; copy != NULL && i < image->pointer_count; i++) {
        word moved = word_at(copy, image->pointers[i]) + apart;
        memcpy(copy + image->pointers[i], &moved, sizeof(moved));
    }
    return (void *)copy;
}

void sim_image_finish(struct sim_image *image)
{
    free(image->lying);
    free(image->pointers);
    arena_finish(&image->large);
}
