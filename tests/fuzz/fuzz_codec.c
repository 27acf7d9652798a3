// SPDX-License-Identifier: Apache-2.0

/*
 * fuzz_codec.c - any bytes as a frame, or as what the store has kept
 *
 * The first byte chooses the reader.  What is let through must be written and read
 * again with the same bytes.  With ENTENTE_FUZZ it is libFuzzer's target; otherwise
 * main() replays the files of the folders that are its arguments.
 */
#include "proto/codec.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool law)
{
    if (!law) {
        abort();
    }
}

static void try_frame(const uint8_t *bytes, size_t size, enum codec_side from)
{
    struct arena arena;
    struct arena second;
    struct entente_envelope *envelope = NULL;
    struct codec_error error = {0};
    struct codec_notes notes;

    arena_init(&arena, LIMIT_ARENA_BYTES);
    arena_init(&second, (size_t)4 * LIMIT_ARENA_BYTES);
    if (codec_decode(bytes, size, from, &arena, &envelope, &error, &notes)) {
        struct entente_bytes frame = {0};
        struct entente_bytes again = {0};
        struct entente_envelope *decoded = NULL;

        require(codec_body_side(envelope->body) == from);
        require(codec_encode(envelope, &second, &frame));
        require(codec_decode(frame.data, frame.size, from, &second, &decoded, &error,
                             &notes));
        require(notes.unknown_fields == 0);
        require(codec_encode(decoded, &second, &again));
        require(again.size == frame.size &&
                memcmp(again.data, frame.data, frame.size) == 0);
    } else {
        char sentence[256];
        require(error.code != ERROR_NONE);
        error_sentence(error.code, NULL, error.parameters, error.parameter_count,
                       sentence, sizeof(sentence));
    }
    require(arena.used <= LIMIT_ARENA_BYTES);
    arena_finish(&second);
    arena_finish(&arena);
}

static void try_stored(const uint8_t *bytes, size_t size, bool ranges)
{
    struct entente_bytes stored = {bytes, size};
    struct entente_meeting *meeting = NULL;
    struct entente_range *list = NULL;
    struct arena arena;
    size_t count = 0;

    arena_init(&arena, (size_t)8 * LIMIT_ARENA_BYTES);
    if (ranges) {
        if (codec_decode_ranges(stored, &arena, &list, &count)) {
            require(codec_encode_ranges(list, count, &arena, &stored));
        }
    } else if (codec_decode_meeting(stored, &arena, &meeting)) {
        struct entente_meeting *copy = codec_copy_meeting(meeting, &arena);
        require(copy != NULL);
        require(codec_encode_meeting(copy, &arena, &stored));
    }
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    switch (bytes[0] % 4) {
    case 0:
        try_frame(bytes + 1, size - 1, CODEC_CLIENT);
        break;
    case 1:
        try_frame(bytes + 1, size - 1, CODEC_BROKER);
        break;
    case 2:
        try_stored(bytes + 1, size - 1, false);
        break;
    default:
        try_stored(bytes + 1, size - 1, true);
        break;
    }
    return 0;
}
