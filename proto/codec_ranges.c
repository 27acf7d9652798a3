// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_ranges.h"

#include "proto/codec_table.h"
#include "proto/limits.h"

#include <string.h>

/* Wire types, and the tag of StoredRanges.ranges (Protocol Buffers, "Encoding"). */
enum { VARINT = 0, LENGTH_DELIMITED = 2, RANGES_TAG = 0x0A };

/* Fields of Range, as availability.proto numbers them. */
enum field {
    START = 1,
    END = 2,
    KIND = 3,
    CERTAINTY = 4,
    PREFERENCE = 5,
    PURPOSES = 6,
    AUDIENCE = 7,
    MODALITIES = 8,
    PLACE = 9,
    MEETING = 10,
    INTERRUPTIBLE = 11,
    FIELDS = 12,
};

/* What a number may be at most; 0 stands for a field that is no number. */
static const uint32_t most[FIELDS] = {
    [START] = CODEC_TIME_MAX,
    [END] = CODEC_TIME_MAX,
    [KIND] = ENTENTE_TENTATIVE,
    [CERTAINTY] = ENTENTE_TYPICAL,
    [PREFERENCE] = ENTENTE_AVOID,
    [PURPOSES] = 0x7,
    [AUDIENCE] = 0x7,
    [MODALITIES] = 0x1E,
    [INTERRUPTIBLE] = 1,
};

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

/* A number of at most 28 bits, which is all that a plain range has. */
static bool read_number(struct cursor *cursor, uint32_t *ret)
{
    uint32_t number = 0;
    for (unsigned shift = 0; shift < 28 && cursor->at < cursor->end; shift += 7) {
        uint8_t byte = *cursor->at++;
        number |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *ret = number;
            return true;
        }
    }
    return false;
}

static bool read_block(struct cursor *cursor, struct cursor *ret)
{
    uint32_t size;
    if (!read_number(cursor, &size) || size > (size_t)(cursor->end - cursor->at)) {
        return false;
    }
    *ret = (struct cursor){cursor->at, cursor->at + size};
    cursor->at += size;
    return true;
}

/* A text that needs no look at its UTF-8: printable ASCII. */
static bool copy_place(struct cursor block, struct arena *arena, const char **ret)
{
    size_t size = (size_t)(block.end - block.at);
    char *text =
        size == 0 || size > LIMIT_NAME_BYTES ? NULL : arena_alloc(arena, size + 1);
    if (text == NULL) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (block.at[i] < 0x20 || block.at[i] > 0x7E) {
            return false;
        }
        text[i] = (char)block.at[i];
    }
    *ret = text;
    return true;
}

static bool read_place_or_meeting(struct cursor *cursor, uint32_t field,
                                  struct arena *arena, struct entente_range *range)
{
    struct cursor block;
    if (!read_block(cursor, &block)) {
        return false;
    }
    if (field == PLACE) {
        return copy_place(block, arena, &range->place);
    }
    void *id = block.end - block.at == 16 ? arena_copy(arena, block.at, 16) : NULL;
    range->meeting = (struct entente_bytes){id, 16};
    return field == MEETING && id != NULL;
}

static bool has_bounds(const struct entente_range *range)
{
    return range->start >= CODEC_TIME_MIN && range->start < range->end &&
           range->end - range->start <= LIMIT_RANGE_DAYS * 1440 && range->kind != 0;
}

static bool read_range(struct cursor cursor, struct arena *arena,
                       struct entente_range *ret)
{
    uint32_t numbers[FIELDS] = {0};
    uint32_t seen = 0;
    while (cursor.at < cursor.end) {
        uint32_t tag = *cursor.at++;
        uint32_t field = tag >> 3;
        if (field == 0 || field >= FIELDS || (seen & (1U << field)) != 0) {
            return false;
        }
        seen |= 1U << field;
        if ((tag & 7) == LENGTH_DELIMITED && most[field] == 0) {
            if (!read_place_or_meeting(&cursor, field, arena, ret)) {
                return false;
            }
        } else if ((tag & 7) != VARINT || !read_number(&cursor, &numbers[field]) ||
                   numbers[field] > most[field] || numbers[field] == 0) {
            return false;
        }
    }
    ret->start = (int32_t)numbers[START];
    ret->end = (int32_t)numbers[END];
    ret->kind = numbers[KIND];
    ret->certainty = numbers[CERTAINTY];
    ret->preference = numbers[PREFERENCE];
    ret->purposes = numbers[PURPOSES];
    ret->audience = numbers[AUDIENCE];
    ret->modalities = numbers[MODALITIES];
    ret->interruptible = numbers[INTERRUPTIBLE] != 0;
    return has_bounds(ret) && (ret->modalities & 1) == 0;
}

static bool next_range(struct cursor *cursor, struct cursor *ret)
{
    return *cursor->at++ == RANGES_TAG && read_block(cursor, ret);
}

bool codec_ranges_plain(struct entente_bytes bytes, struct arena *arena,
                        struct entente_range **ret_ranges, size_t *ret_count)
{
    struct cursor all = {bytes.data, bytes.data + bytes.size};
    struct cursor one;
    size_t count = 0;
    for (struct cursor cursor = all; cursor.at < cursor.end; count++) {
        if (!next_range(&cursor, &one)) {
            return false;
        }
    }
    struct entente_range *ranges =
        count > LIMIT_SOURCE_RANGES ? NULL : arena_array(arena, count, sizeof(*ranges));
    if (ranges == NULL || bytes.data == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!next_range(&all, &one) || !read_range(one, arena, &ranges[i])) {
            return false;
        }
    }
    *ret_ranges = ranges;
    *ret_count = count;
    return true;
}
