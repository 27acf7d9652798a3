// SPDX-License-Identifier: Apache-2.0

/*
 * codec.h - frames to checked structs and back
 *
 * The only user of generated code.  What codec_decode() lets through has been
 * validated: required fields present, texts are UTF-8 without NUL and control
 * characters and within their length, enumerations known, numbers and counts within
 * limits.def, times between 2020 and 2100, ranges sorted, not empty, not reversed, not
 * overlapping.  Rules that need the state of the world (who may, does it exist) are the
 * broker's.
 *
 * Ownership   Decoded structs live in the arena given; nothing points into the frame.
 */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include "proto/arena.h"
#include "proto/errors.h"
#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum codec_side { CODEC_CLIENT = 1, CODEC_BROKER = 2 };

/* A refusal, ready to be sent: the code and its parameters (constant or in the arena).
 */
struct codec_error {
    unsigned code; /* enum error_code */
    const char *parameters[8];
    size_t parameter_count;
};

/* What decoding noticed besides. */
struct codec_notes {
    uint64_t
        request_epoch; /* also set when decoding fails after the envelope was read, */
    uint64_t request_counter; /* so that the refusal can be addressed */
    uint32_t body;            /* tag of the body, 0 when it is not known here */
    size_t unknown_fields;    /* ignored */
};

/*
 * Read one frame that @from sent.
 *
 * Returns true and *@ret_envelope (in @arena), or false and *@ret_error.  *@ret_notes
 * is set in both cases.  On failure the arena may have grown.
 */
bool codec_decode(const uint8_t *frame, size_t size, enum codec_side from,
                  struct arena *arena, struct entente_envelope **ret_envelope,
                  struct codec_error *ret_error, struct codec_notes *ret_notes);

/*
 * Write @envelope as a frame into @arena.  Returns false when it would be larger than
 * LIMIT_FRAME_BYTES or the arena is used up.  Absent fields are not written.
 */
bool codec_encode(const struct entente_envelope *envelope, struct arena *arena,
                  struct entente_bytes *ret_frame);

/*
 * The same for what the store keeps: a meeting with its `kept` part, what was said that led
 * to a decision, and the ranges of a source.  No frame limit applies (the arena's quota does); stored bytes are trusted
 * less than fully: false means that they are damaged.
 */
bool codec_encode_meeting(const struct entente_meeting *meeting, struct arena *arena,
                          struct entente_bytes *ret_bytes);
bool codec_decode_meeting(struct entente_bytes bytes, struct arena *arena,
                          struct entente_meeting **ret_meeting);
bool codec_encode_said(const struct entente_said *said, struct arena *arena,
                       struct entente_bytes *ret_bytes);
bool codec_decode_said(struct entente_bytes bytes, struct arena *arena,
                       struct entente_said **ret_said);
bool codec_encode_ranges(const struct entente_range *ranges, size_t count,
                         struct arena *arena, struct entente_bytes *ret_bytes);
bool codec_decode_ranges(struct entente_bytes bytes, struct arena *arena,
                         struct entente_range **ret_ranges, size_t *ret_count);

/* "publish" for ENTENTE_PUBLISH; "message" for a tag that is not known. */
const char *codec_body_name(uint32_t body);

/* The side that may send @body; 0 for a tag that is not known. */
enum codec_side codec_body_side(uint32_t body);

/* Check sorted, disjoint (same kind and attributes), non-empty, not longer than the
 * limit, inside @coverage (NULL: anywhere).  @field names the field in the refusal. */
bool codec_check_ranges(const struct entente_range *ranges, size_t count,
                        const struct entente_span *coverage, const char *field,
                        struct arena *arena, struct codec_error *ret_error);

/* A deep copy of @meeting into @arena; NULL when the arena is used up. */
struct entente_meeting *codec_copy_meeting(const struct entente_meeting *meeting,
                                           struct arena *arena);

/* "0192f4c1-...": 36 characters and a NUL.  @id has 16 bytes. */
void codec_format_id(struct entente_bytes id, char ret_text[37]);
bool codec_parse_id(const char *text, uint8_t ret_id[16]);

#endif
