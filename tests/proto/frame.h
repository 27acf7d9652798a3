// SPDX-License-Identifier: Apache-2.0

/*
 * frame.h - frames written byte by byte, for what no encoder would write
 */
#ifndef TESTS_PROTO_FRAME_H
#define TESTS_PROTO_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { FRAME_BYTES = 1 << 20 };

/* Starts as {0}. */
struct frame {
    size_t size;
    uint8_t bytes[FRAME_BYTES];
};

void frame_raw(struct frame *frame, const void *bytes, size_t size);
void frame_varint(struct frame *frame, uint64_t value);
void frame_key(struct frame *frame, uint32_t tag, uint32_t wire_type);
void frame_number(struct frame *frame, uint32_t tag, uint64_t value);
void frame_bytes(struct frame *frame, uint32_t tag, const void *bytes, size_t size);
void frame_text(struct frame *frame, uint32_t tag, const char *text);

/* Frame @inner as field @tag of @frame. */
void frame_message(struct frame *frame, uint32_t tag, const struct frame *inner);

/* The seed of this run: of the environment's RANDOM_SEED, else new; printed. */
uint64_t frame_seed(void);

/* The next pseudo-random number. */
uint64_t frame_random(uint64_t *seed);

#endif
