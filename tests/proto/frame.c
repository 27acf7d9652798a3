// SPDX-License-Identifier: Apache-2.0

#include "tests/proto/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void frame_raw(struct frame *frame, const void *bytes, size_t size)
{
    assert(size <= FRAME_BYTES - frame->size);
    if (size > 0) {
        memcpy(frame->bytes + frame->size, bytes, size);
        frame->size += size;
    }
}

void frame_varint(struct frame *frame, uint64_t value)
{
    uint8_t byte = 0;

    do {
        byte = (uint8_t)(value & 0x7FU);
        value >>= 7;
        byte = (uint8_t)(byte | (value != 0 ? 0x80U : 0U));
        frame_raw(frame, &byte, 1);
    } while (value != 0);
}

void frame_key(struct frame *frame, uint32_t tag, uint32_t wire_type)
{
    frame_varint(frame, (uint64_t)tag << 3 | wire_type);
}

void frame_number(struct frame *frame, uint32_t tag, uint64_t value)
{
    frame_key(frame, tag, 0);
    frame_varint(frame, value);
}

void frame_bytes(struct frame *frame, uint32_t tag, const void *bytes, size_t size)
{
    frame_key(frame, tag, 2);
    frame_varint(frame, size);
    frame_raw(frame, bytes, size);
}

void frame_text(struct frame *frame, uint32_t tag, const char *text)
{
    frame_bytes(frame, tag, text, strlen(text));
}

void frame_message(struct frame *frame, uint32_t tag, const struct frame *inner)
{
    frame_bytes(frame, tag, inner->bytes, inner->size);
}

uint64_t frame_seed(void)
{
    const char *given = getenv("RANDOM_SEED");
    uint64_t seed =
        given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U;

    printf("RANDOM_SEED=%" PRIu64 "\n", seed);
    return seed;
}

/* splitmix64: every seed is a good one. */
uint64_t frame_random(uint64_t *seed)
{
    *seed += 0x9E3779B97F4A7C15U;
    uint64_t value = *seed;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31);
}
