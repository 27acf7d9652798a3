// SPDX-License-Identifier: Apache-2.0

#include "proto/codec.h"

#include "proto/codec_check.h"
#include "proto/codec_error.h"
#include "proto/codec_ranges.h"
#include "proto/codec_read.h"
#include "proto/codec_scan.h"
#include "proto/codec_table.h"
#include "proto/codec_write.h"
#include "proto/limits.h"

#include <assert.h>
#include <string.h>

enum { ID_BYTES = 16, ID_TEXT = 36 };

static void *allocate(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void release(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

/* Scan, unpack and read @bytes as a message of @shape. */
static bool decode(const struct codec_shape *shape, const uint8_t *bytes, size_t size,
                   bool from_client, struct arena *arena, void **ret_plain,
                   struct codec_error *ret_error)
{
    ProtobufCAllocator allocator = {
        .alloc = allocate, .free = release, .allocator_data = arena};
    const char *quota = codec_unsigned_text(arena->quota, arena);
    ProtobufCMessage *message =
        protobuf_c_message_unpack(shape->descriptor, &allocator, size, bytes);

    if (message == NULL) {
        return arena->used == arena->quota
                   ? codec_refuse(ret_error, ERROR_TOO_COMPLEX, quota, NULL)
                   : codec_refuse(ret_error, ERROR_MALFORMED, "it cannot be unpacked",
                                  NULL);
    }
    return codec_read(shape, message, from_client, arena, ret_plain, ret_error);
}

/* What the envelope says, before its body is looked at. */
static bool check_envelope(const struct codec_seen *seen, enum codec_side from,
                           struct arena *arena, struct codec_error *ret_error)
{
    const char *version = codec_number_text(ENTENTE_PROTOCOL_VERSION, arena);

    if (seen->version > ENTENTE_PROTOCOL_VERSION) {
        return codec_refuse(ret_error, ERROR_VERSION,
                            codec_unsigned_text(seen->version, arena), version, version,
                            NULL);
    }
    if (seen->body == 0) {
        return seen->unknown_body
                   ? codec_refuse(ret_error, ERROR_UNKNOWN_MESSAGE, version, NULL)
                   : codec_refuse(ret_error, ERROR_MALFORMED, "it has no body", NULL);
    }
    const struct codec_body *body = codec_table_body(seen->body);
    if (body->side != from) {
        return codec_refuse(ret_error, ERROR_NOT_ALLOWED_HERE, body->name, NULL);
    }
    if (body->numbered && seen->request_epoch == 0) {
        return codec_refuse(ret_error, ERROR_FIELD_MISSING, "request_epoch", NULL);
    }
    if (body->numbered && seen->request_counter == 0) {
        return codec_refuse(ret_error, ERROR_FIELD_MISSING, "request_counter", NULL);
    }
    if (!body->numbered && body->tag != ENTENTE_ERROR &&
        (seen->request_epoch != 0 || seen->request_counter != 0)) {
        return codec_refuse(ret_error, ERROR_FIELD_CONFLICT, "request_counter",
                            body->name, "only requests and their replies are numbered",
                            NULL);
    }
    return true;
}

bool codec_decode(const uint8_t *frame, size_t size, enum codec_side from,
                  struct arena *arena, struct entente_envelope **ret_envelope,
                  struct codec_error *ret_error, struct codec_notes *ret_notes)
{
    struct codec_seen seen = {0};
    void *plain = NULL;

    codec_table_bind();
    *ret_notes = (struct codec_notes){0};
    if (size > LIMIT_FRAME_BYTES) {
        return codec_refuse(ret_error, ERROR_TOO_LARGE,
                            codec_number_text(LIMIT_FRAME_BYTES, arena), NULL);
    }

    bool scanned =
        codec_scan(&codec_shape_envelope, frame, size, arena, &seen, ret_error);
    ret_notes->request_epoch = seen.request_epoch;
    ret_notes->request_counter = seen.request_counter;
    ret_notes->body = seen.body;
    ret_notes->unknown_fields = seen.unknown_fields;
    if (!scanned || !check_envelope(&seen, from, arena, ret_error) ||
        !decode(&codec_shape_envelope, frame, size, from == CODEC_CLIENT, arena, &plain,
                ret_error)) {
        return false;
    }

    struct entente_envelope *envelope = plain;
    assert(envelope != NULL);
    envelope->body = (enum entente_body)seen.body;
    if (!codec_check_body(envelope, arena, ret_error)) {
        return false;
    }
    *ret_envelope = envelope;
    return true;
}

bool codec_encode(const struct entente_envelope *envelope, struct arena *arena,
                  struct entente_bytes *ret_frame)
{
    codec_table_bind();
    /* All members of the union are pointers: one tells whether there is a body. */
    if (codec_table_body(envelope->body) == NULL || envelope->hello == NULL) {
        return false;
    }
    return codec_write(&codec_shape_envelope, envelope, envelope->body,
                       LIMIT_FRAME_BYTES, arena, ret_frame);
}

/* Writing only reads, but the tables know one kind of pointer. */
static void *without_const(const void *pointer)
{
    void *same = NULL;
    memcpy(&same, &pointer, sizeof(same));
    return same;
}

bool codec_encode_meeting(const struct entente_meeting *meeting, struct arena *arena,
                          struct entente_bytes *ret_bytes)
{
    struct codec_stored_meeting stored = {.kept = meeting->kept};

    codec_table_bind();
    stored.meeting = without_const(meeting);
    return codec_write(&codec_shape_stored_meeting, &stored, 0, SIZE_MAX, arena,
                       ret_bytes);
}

/* Scan and decode what the store has kept. */
static bool decode_stored(const struct codec_shape *shape, struct entente_bytes bytes,
                          struct arena *arena, void **ret_plain)
{
    struct codec_seen seen = {0};
    struct codec_error error = {0};

    codec_table_bind();
    return codec_scan(shape, bytes.data, bytes.size, arena, &seen, &error) &&
           decode(shape, bytes.data, bytes.size, false, arena, ret_plain, &error);
}

bool codec_decode_meeting(struct entente_bytes bytes, struct arena *arena,
                          struct entente_meeting **ret_meeting)
{
    void *plain = NULL;

    if (!decode_stored(&codec_shape_stored_meeting, bytes, arena, &plain)) {
        return false;
    }
    const struct codec_stored_meeting *stored = plain;
    assert(stored != NULL && stored->meeting != NULL);
    stored->meeting->kept = stored->kept;
    *ret_meeting = stored->meeting;
    return true;
}

bool codec_encode_said(const struct entente_said *said, struct arena *arena,
                       struct entente_bytes *ret_bytes)
{
    codec_table_bind();
    return codec_write(&codec_shape_said, said, 0, SIZE_MAX, arena, ret_bytes);
}

bool codec_decode_said(struct entente_bytes bytes, struct arena *arena,
                       struct entente_said **ret_said)
{
    void *plain = NULL;

    if (!decode_stored(&codec_shape_said, bytes, arena, &plain)) {
        return false;
    }
    *ret_said = plain;
    return true;
}

bool codec_encode_ranges(const struct entente_range *ranges, size_t count,
                         struct arena *arena, struct entente_bytes *ret_bytes)
{
    struct codec_stored_ranges stored = {.ranges_count = count};

    codec_table_bind();
    stored.ranges = without_const(ranges);
    return codec_write(&codec_shape_stored_ranges, &stored, 0, SIZE_MAX, arena,
                       ret_bytes);
}

bool codec_decode_ranges(struct entente_bytes bytes, struct arena *arena,
                         struct entente_range **ret_ranges, size_t *ret_count)
{
    void *plain = NULL;

    if (codec_ranges_plain(bytes, arena, ret_ranges, ret_count)) {
        return true;
    }
    if (!decode_stored(&codec_shape_stored_ranges, bytes, arena, &plain)) {
        return false;
    }
    const struct codec_stored_ranges *stored = plain;
    assert(stored != NULL);
    *ret_ranges = stored->ranges;
    *ret_count = stored->ranges_count;
    return true;
}

const char *codec_body_name(uint32_t body)
{
    const struct codec_body *row = codec_table_body(body);
    return row != NULL ? row->name : "message";
}

enum codec_side codec_body_side(uint32_t body)
{
    const struct codec_body *row = codec_table_body(body);
    return row != NULL ? row->side : (enum codec_side)0;
}

struct entente_meeting *codec_copy_meeting(const struct entente_meeting *meeting,
                                           struct arena *arena)
{
    codec_table_bind();
    struct entente_meeting *copy =
        codec_write_copy(&codec_shape_meeting, meeting, arena);

    if (copy != NULL && meeting->kept != NULL) {
        copy->kept = codec_write_copy(&codec_shape_kept, meeting->kept, arena);
        if (copy->kept == NULL) {
            return NULL;
        }
    }
    return copy;
}

void codec_format_id(struct entente_bytes id, char ret_text[37])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < ID_BYTES; i++) {
        uint8_t byte = id.data != NULL && i < id.size ? id.data[i] : 0;
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            ret_text[at++] = '-';
        }
        ret_text[at++] = digits[byte >> 4];
        ret_text[at++] = digits[byte & 15];
    }
    ret_text[at] = '\0';
}

/* 16 for what is not a hexadecimal digit. */
static unsigned digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (unsigned)(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return (unsigned)(digit - 'a') + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return (unsigned)(digit - 'A') + 10;
    }
    return 16;
}

bool codec_parse_id(const char *text, uint8_t ret_id[16])
{
    uint8_t id[ID_BYTES] = {0};
    size_t digits = 0;

    if (text == NULL || strlen(text) != ID_TEXT) {
        return false;
    }
    for (size_t i = 0; i < ID_TEXT; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') {
                return false;
            }
            continue;
        }
        unsigned value = digit_value(text[i]);
        if (value > 15) {
            return false;
        }
        id[digits / 2] = (uint8_t)((unsigned)id[digits / 2] << 4 | value);
        digits++;
    }
    memcpy(ret_id, id, sizeof(id));
    return true;
}
