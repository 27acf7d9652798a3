// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_comment.h"

#include <string.h>

static const char digits[16] = "0123456789abcdef"; /* without its NUL */

/* The row's key as bytes: meeting, client, source. */
static enum status place_of(const struct pg_comment_row *row, struct arena *arena,
                            struct seal_place *ret)
{
    size_t source_size = strlen(row->source);
    uint8_t *key = arena_alloc(arena, 24 + source_size);
    if (key == NULL) {
        return STATUS_FAILED;
    }
    memcpy(key, row->meeting, 16);
    for (int i = 0; i < 8; i++) {
        key[16 + i] = (uint8_t)((uint64_t)row->client >> (56 - 8 * i));
    }
    memcpy(key + 24, row->source, source_size);
    *ret = (struct seal_place){.table = "result",
                               .column = "comment",
                               .row = key,
                               .row_size = 24 + source_size};
    return STATUS_OK;
}

enum status pg_comment_seal(struct store *store, const struct pg_comment_row *row,
                            const char *comment, struct arena *arena,
                            const char **ret_column)
{
    if (comment == NULL) {
        *ret_column = NULL;
        return STATUS_OK;
    }
    size_t size = strlen(comment);
    size_t sealed_size = size + SEAL_OVERHEAD;
    struct seal_place place;
    uint8_t *sealed = arena_alloc(arena, sealed_size);
    char *column = arena_alloc(arena, 2 * sealed_size + 1);
    enum status status = place_of(row, arena, &place);
    if (sealed == NULL || column == NULL || status != STATUS_OK) {
        return STATUS_FAILED;
    }
    status = seal_close_bytes(store->seal, &place, comment, size, sealed);
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < sealed_size; i++) {
        column[2 * i] = digits[sealed[i] >> 4];
        column[2 * i + 1] = digits[sealed[i] & 15];
    }
    *ret_column = column;
    return STATUS_OK;
}

static bool read_digits(const char *column, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < 2 * count; i++) {
        const char *digit = memchr(digits, column[i], sizeof(digits));
        if (digit == NULL) {
            return false;
        }
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | (digit - digits));
    }
    return true;
}

enum status pg_comment_open(struct store *store, const struct pg_comment_row *row,
                            const char *column, struct arena *arena,
                            const char **ret_comment)
{
    if (column == NULL) {
        *ret_comment = NULL;
        return STATUS_OK;
    }
    size_t sealed_size = strlen(column) / 2;
    if (sealed_size < SEAL_OVERHEAD) {
        return STATUS_DAMAGED;
    }
    struct seal_place place;
    uint8_t *sealed = arena_alloc(arena, sealed_size);
    /* One byte more than the comment, which is 0. */
    char *comment = arena_alloc(arena, sealed_size - SEAL_OVERHEAD + 1);
    if (sealed == NULL || comment == NULL ||
        place_of(row, arena, &place) != STATUS_OK) {
        return STATUS_FAILED;
    }
    if (!read_digits(column, sealed, sealed_size)) {
        return STATUS_DAMAGED;
    }
    enum status status =
        seal_open_bytes(store->seal, &place, sealed, sealed_size, comment);
    if (status == STATUS_OK) {
        *ret_comment = comment;
    }
    return status;
}
