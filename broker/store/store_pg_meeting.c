// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_meeting.h"

#include "broker/log.h"
#include "broker/store/store_pg_secret.h"
#include "proto/codec.h"

#include <string.h>

static struct seal_place place_of(const uint8_t *id)
{
    return (struct seal_place){
        .table = "meeting", .column = "sealed", .row = id, .row_size = 16};
}

enum status pg_meeting_encode(struct store *store,
                              const struct entente_meeting *meeting,
                              struct arena *arena, struct entente_bytes *ret_body,
                              struct entente_bytes *ret_sealed)
{
    struct entente_meeting *open;
    struct entente_meeting *secret;
    struct entente_bytes body;
    struct entente_bytes plain;
    if (!pg_secret_split(meeting, arena, &open, &secret) ||
        !codec_encode_meeting(open, arena, &body) ||
        !codec_encode_meeting(secret, arena, &plain)) {
        return STATUS_FAILED;
    }
    uint8_t *sealed = arena_alloc(arena, plain.size + SEAL_OVERHEAD);
    if (sealed == NULL) {
        return STATUS_FAILED;
    }
    struct seal_place place = place_of(meeting->id.data);
    enum status status =
        seal_close_bytes(store->seal, &place, plain.data, plain.size, sealed);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_body = body;
    *ret_sealed =
        (struct entente_bytes){.data = sealed, .size = plain.size + SEAL_OVERHEAD};
    return STATUS_OK;
}

static enum status unseal(struct store *store, const uint8_t id[16],
                          struct entente_bytes sealed, struct arena *arena,
                          struct entente_meeting **ret_secret)
{
    if (sealed.size < SEAL_OVERHEAD) {
        return STATUS_DAMAGED;
    }
    size_t size = sealed.size - SEAL_OVERHEAD;
    uint8_t *plain = arena_alloc(arena, size);
    if (plain == NULL) {
        return STATUS_FAILED;
    }
    struct seal_place place = place_of(id);
    enum status status =
        seal_open_bytes(store->seal, &place, sealed.data, sealed.size, plain);
    if (status != STATUS_OK) {
        return status;
    }
    struct entente_bytes bytes = {.data = plain, .size = size};
    return codec_decode_meeting(bytes, arena, ret_secret) ? STATUS_OK : STATUS_DAMAGED;
}

enum status pg_meeting_read(struct store *store, const PGresult *result, int row,
                            int column, struct arena *arena,
                            struct entente_meeting **ret_meeting)
{
    uint8_t id[16];
    pg_uuid(result, row, column, id);
    struct entente_meeting *meeting;
    struct entente_meeting *secret = NULL;
    enum status status = STATUS_DAMAGED;
    if (codec_decode_meeting(pg_bytes(result, row, column + 1), arena, &meeting) &&
        meeting->id.size == 16 && memcmp(meeting->id.data, id, 16) == 0) {
        status = unseal(store, id, pg_bytes(result, row, column + 2), arena, &secret);
    }
    if (status == STATUS_OK && !pg_secret_merge(meeting, secret)) {
        status = STATUS_DAMAGED;
    }
    if (status != STATUS_OK) {
        char text[37];
        codec_format_id((struct entente_bytes){.data = id, .size = 16}, text);
        log_line(LOG_ERROR, "store", "meeting %s cannot be read: %s", text,
                 status_text(status));
        return status;
    }
    *ret_meeting = meeting;
    return STATUS_OK;
}

int64_t pg_meeting_hold_until(const struct entente_meeting *meeting)
{
    if (meeting->kept == NULL || meeting->kept->held_start == meeting->kept->held_end) {
        return 0;
    }
    if (meeting->hold_until_ms != 0) {
        return meeting->hold_until_ms;
    }
    return meeting->proposal == NULL ? 0 : meeting->proposal->answer_by_ms;
}
