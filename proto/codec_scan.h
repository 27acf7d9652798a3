// SPDX-License-Identifier: Apache-2.0

/*
 * codec_scan.h - one pass over the bytes of a frame before anything is built from them
 *
 * Checks what generated code does not or cannot see: whole and well-formed fields, wire
 * types, no single field twice, counts within their limits, and texts (length, UTF-8,
 * NUL, control characters: generated code would lose what follows a NUL).  It takes no
 * memory that grows with the frame, so that the limits hold before memory is taken.
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_SCAN_H
#define PROTO_CODEC_SCAN_H

#include "proto/codec_error.h"

/* What the outermost level said, as far as it was read; for an envelope. */
struct codec_seen {
    uint64_t version;
    uint64_t request_epoch;
    uint64_t request_counter;
    uint32_t body;         /* tag, 0: none that is known */
    bool unknown_body;     /* an unknown field with the tag of a body */
    size_t unknown_fields; /* on all levels */
};

/* Scan @size bytes at @bytes as a message of @shape.  *@ret_seen is set in any case;
 * *@ret_error when the answer is false. */
bool codec_scan(const struct codec_shape *shape, const uint8_t *bytes, size_t size,
                struct arena *arena, struct codec_seen *ret_seen,
                struct codec_error *ret_error);

/* Why @size bytes at @text are not a text, or NULL when they are.  Newline and tab are
 * allowed in @prose; other control characters never. */
const char *codec_scan_text_problem(const uint8_t *text, size_t size, bool prose);

#endif
