// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_plain.h"

#include "proto/codec_check.h"

#include <string.h>

enum { VARINT = 0, LENGTH_DELIMITED = 2 };

/* One message that is being read. */
struct level {
    const struct codec_shape *shape;
    const uint8_t *end;
    unsigned char *plain;
    uint64_t seen;        /* a bit per row */
    uint32_t tag;         /* of the last field */
    size_t left;          /* messages of that field that are still to come */
    unsigned char *child; /* where the next of them goes */
};

struct reader {
    const uint8_t *at;
    struct arena *arena;
    struct codec_seen seen;
    bool from_client;
    size_t depth;
    struct level levels[CODEC_DEPTH_MAX];
};

/* ---- bytes -------------------------------------------------------------------------
 */

static bool read_long_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift == 63 && byte > 1) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7FU) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static inline bool read_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
    if (*at < end && **at < 0x80) {
        *ret = *(*at)++;
        return true;
    }
    return read_long_varint(at, end, ret);
}

/* What a length stands before; *@at is behind it afterwards. */
static bool read_block(const uint8_t **at, const uint8_t *end, const uint8_t **ret,
                       size_t *ret_size)
{
    uint64_t size = 0;

    if (!read_varint(at, end, &size) || size > (uint64_t)(end - *at)) {
        return false;
    }
    *ret = *at;
    *ret_size = (size_t)size;
    *at += size;
    return true;
}

/* How many blocks with this key follow one another, the first of whose keys has been
 * read; 0: one of them is not whole. */
static size_t count_blocks(const uint8_t *at, const uint8_t *end, uint64_t key)
{
    const uint8_t *block = NULL;
    uint64_t next = key;
    size_t size = 0;
    size_t count = 0;

    do {
        if (!read_block(&at, end, &block, &size)) {
            return 0;
        }
        count++;
    } while (at < end && read_varint(&at, end, &next) && next == key);
    return count;
}

/* The same for numbers. */
static size_t count_numbers(const uint8_t *at, const uint8_t *end, uint64_t key)
{
    uint64_t next = key;
    uint64_t value = 0;
    size_t count = 0;

    do {
        if (!read_varint(&at, end, &value)) {
            return 0;
        }
        count++;
    } while (at < end && read_varint(&at, end, &next) && next == key);
    return count;
}

/* ---- values ------------------------------------------------------------------------
 */

static bool is_printable(const uint8_t *text, size_t size)
{
    unsigned others = 0;

    for (size_t i = 0; i < size; i++) {
        others |= (uint8_t)(text[i] - ' ') > '~' - ' ';
    }
    return others == 0;
}

static bool read_text(struct reader *reader, const struct codec_row *row,
                      const uint8_t *end, const char **to)
{
    const uint8_t *text = NULL;
    size_t size = 0;

    if (!read_block(&reader->at, end, &text, &size) || size == 0 ||
        size > (uint64_t)row->max) {
        return false;
    }
    if (!is_printable(text, size) &&
        codec_scan_text_problem(text, size, (row->flags & CODEC_PROSE) != 0) != NULL) {
        return false;
    }
    char *copy = arena_alloc(reader->arena, size + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, size);
    *to = copy;
    return true;
}

static bool read_bytes(struct reader *reader, const struct codec_row *row,
                       const uint8_t *end, struct entente_bytes *to)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;

    if (!read_block(&reader->at, end, &bytes, &size) || size == 0 ||
        size > (uint64_t)row->max ||
        (row->min == row->max && size != (size_t)row->max)) {
        return false;
    }
    to->data = arena_copy(reader->arena, bytes, size);
    to->size = size;
    return to->data != NULL;
}

/* A number of any kind, from @value to @to. */
static bool take_number(const struct codec_row *row, const struct codec_wire *wire,
                        uint64_t value, void *to)
{
    int64_t number = (int64_t)value;
    bool fits = number >= row->min && number <= row->max;

    switch (row->kind) {
    case KIND_ENUM:
        *(uint32_t *)to = (uint32_t)value;
        return value < 64 && (wire->known >> value & 1) != 0;
    case KIND_BITS:
        *(uint32_t *)to = (uint32_t)value;
        return (value & ~(uint64_t)row->max) == 0;
    case KIND_UINT32:
        *(uint32_t *)to = (uint32_t)value;
        return fits && value <= UINT32_MAX;
    case KIND_INT32:
        *(int32_t *)to = (int32_t)number;
        return fits && number >= INT32_MIN && number <= INT32_MAX;
    case KIND_UINT64:
        *(uint64_t *)to = value;
        return fits && value <= (uint64_t)INT64_MAX;
    case KIND_INT64:
        *(int64_t *)to = number;
        return fits;
    case KIND_BOOL:
        *(bool *)to = true;
        return value == 1;
    case KIND_TEXT:
    case KIND_BYTES:
    case KIND_MESSAGE:
        break;
    }
    return false;
}

/* ---- rows --------------------------------------------------------------------------
 */

/* Make the array of a repeated field. */
static unsigned char *make_array(struct reader *reader, const struct level *level,
                                 const struct codec_row *row, size_t count)
{
    if (count == 0 || count > row->count_max) {
        return NULL;
    }
    unsigned char *array =
        arena_array(reader->arena, count, codec_table_plain_size(row));
    memcpy(level->plain + row->offset, &array, sizeof(array));
    *(size_t *)(void *)(level->plain + row->count_offset) = count;
    return array;
}

static bool read_texts(struct reader *reader, const struct level *level,
                       const struct codec_row *row, uint64_t key)
{
    size_t count = count_blocks(reader->at, level->end, key);
    unsigned char *array = make_array(reader, level, row, count);

    for (size_t i = 0; i < count && array != NULL; i++) {
        if ((i > 0 && !read_varint(&reader->at, level->end, &key)) ||
            !read_text(reader, row, level->end, (const char **)(void *)array + i)) {
            return false;
        }
    }
    return array != NULL;
}

static size_t count_packed(const uint8_t *at, const uint8_t *end)
{
    size_t count = 0;

    for (; at < end; at++) {
        count += *at < 0x80;
    }
    return count;
}

/* The numbers of a packed field. */
static bool read_packed(struct reader *reader, const struct level *level,
                        const struct codec_row *row, const struct codec_wire *wire)
{
    const uint8_t *at = NULL;
    uint64_t value = 0;
    size_t size = 0;

    if (!read_block(&reader->at, level->end, &at, &size)) {
        return false;
    }
    const uint8_t *end = at + size;
    size_t element = codec_table_plain_size(row);
    unsigned char *array = make_array(reader, level, row, count_packed(at, end));
    for (; at < end && array != NULL; array += element) {
        if (!read_varint(&at, end, &value) || !take_number(row, wire, value, array)) {
            return false;
        }
    }
    return array != NULL;
}

/* The numbers of a field that is not packed. */
static bool read_numbers(struct reader *reader, const struct level *level,
                         const struct codec_row *row, const struct codec_wire *wire,
                         uint64_t key)
{
    size_t count = count_numbers(reader->at, level->end, key);
    size_t element = codec_table_plain_size(row);
    unsigned char *array = make_array(reader, level, row, count);
    uint64_t value = 0;

    for (size_t i = 0; i < count && array != NULL; i++) {
        if ((i > 0 && !read_varint(&reader->at, level->end, &key)) ||
            !read_varint(&reader->at, level->end, &value) ||
            !take_number(row, wire, value, array + i * element)) {
            return false;
        }
    }
    return array != NULL;
}

static void enter(struct reader *reader, const struct codec_shape *shape,
                  const uint8_t *end, unsigned char *plain)
{
    struct level *level = &reader->levels[reader->depth++];

    level->shape = shape;
    level->end = end;
    level->plain = plain;
    level->seen = 0;
    level->tag = 0;
    level->left = 0;
}

/* A message: the first of its field brings the memory for all of them. */
static bool read_message(struct reader *reader, struct level *level,
                         const struct codec_row *row, uint64_t key)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;

    if (level->left == 0 && row->count_offset != 0) {
        level->left = count_blocks(reader->at, level->end, key);
        level->child = make_array(reader, level, row, level->left);
    } else if (level->left == 0) {
        level->left = 1;
        level->child = arena_alloc(reader->arena, row->shape->size);
        memcpy(level->plain + row->offset, &level->child, sizeof(level->child));
    }
    if (level->child == NULL || !read_block(&reader->at, level->end, &bytes, &size)) {
        return false;
    }
    unsigned char *child = level->child;
    level->left--;
    level->child += row->shape->size;
    reader->at = bytes;
    enter(reader, row->shape, bytes + size, child);
    return true;
}

/* What the envelope says of itself. */
static bool note(struct reader *reader, const struct codec_row *row, uint32_t tag,
                 uint64_t value)
{
    if (row->kind == KIND_MESSAGE) {
        bool first = reader->seen.body == 0;
        reader->seen.body = tag;
        return first && codec_table_body(tag) != NULL;
    }
    switch (tag) {
    case 1:
        reader->seen.version = value;
        return true;
    case 2:
        reader->seen.request_epoch = value;
        return true;
    case 3:
        reader->seen.request_counter = value;
        return true;
    default:
        return false;
    }
}

/* A single number, which is 0 only where nobody writes it. */
static bool read_number(struct reader *reader, const struct level *level,
                        const struct codec_row *row, const struct codec_wire *wire,
                        uint64_t *ret)
{
    return read_varint(&reader->at, level->end, ret) && *ret != 0 &&
           take_number(row, wire, *ret, level->plain + row->offset);
}

static bool read_value(struct reader *reader, struct level *level,
                       const struct codec_row *row, uint64_t key)
{
    const struct codec_wire *wire = &level->shape->wires[row - level->shape->rows];
    bool repeated = row->count_offset != 0;
    bool is_block = (key & 7) == LENGTH_DELIMITED;
    uint64_t value = 0;

    switch (row->kind) {
    case KIND_TEXT:
        return is_block && (repeated ? read_texts(reader, level, row, key)
                                     : read_text(reader, row, level->end,
                                                 (void *)(level->plain + row->offset)));
    case KIND_BYTES:
        return is_block && !repeated &&
               read_bytes(reader, row, level->end,
                          (void *)(level->plain + row->offset));
    case KIND_MESSAGE:
        return is_block &&
               (level->shape != &codec_shape_envelope ||
                note(reader, row, wire->tag, 0)) &&
               read_message(reader, level, row, key);
    case KIND_ENUM:
    case KIND_BITS:
    case KIND_UINT32:
    case KIND_UINT64:
    case KIND_INT32:
    case KIND_INT64:
    case KIND_BOOL:
        break;
    }
    if (repeated) {
        return is_block
                   ? read_packed(reader, level, row, wire)
                   : (key & 7) == VARINT && read_numbers(reader, level, row, wire, key);
    }
    return (key & 7) == VARINT && read_number(reader, level, row, wire, &value) &&
           (level->shape != &codec_shape_envelope ||
            note(reader, row, wire->tag, value));
}

static bool read_field(struct reader *reader)
{
    struct level *level = &reader->levels[reader->depth - 1];
    uint64_t key = 0;

    if (!read_varint(&reader->at, level->end, &key) || key >> 3 >= CODEC_TAGS_MAX) {
        return false;
    }
    uint32_t tag = (uint32_t)(key >> 3);
    size_t place = level->shape->by_tag[tag];
    bool in_order = level->left > 0 ? tag == level->tag : tag > level->tag;
    if (place == 0 || !in_order) {
        return false;
    }
    level->tag = tag;
    level->seen |= UINT64_C(1) << (place - 1);
    return read_value(reader, level, &level->shape->rows[place - 1], key);
}

/* ---- messages ----------------------------------------------------------------------
 */

static bool leave(struct reader *reader)
{
    static const struct codec_path nowhere;
    struct codec_error error;
    const struct level *level = &reader->levels[--reader->depth];
    const struct codec_shape *shape = level->shape;
    uint64_t needed = reader->from_client ? shape->needed_from_client : shape->needed;

    return (level->seen & needed) == needed &&
           codec_check_struct(shape, level->plain, &nowhere, reader->arena, &error);
}

bool codec_plain(const struct codec_shape *shape, const uint8_t *bytes, size_t size,
                 bool from_client, struct arena *arena, void **ret_plain,
                 struct codec_seen *ret_seen)
{
    struct reader reader;
    unsigned char *plain = arena_alloc(arena, shape->size);

    if (plain == NULL) {
        return false;
    }
    reader.at = bytes;
    reader.arena = arena;
    reader.seen = (struct codec_seen){0};
    reader.from_client = from_client;
    reader.depth = 0;
    enter(&reader, shape, bytes + size, plain);
    while (reader.depth > 0) {
        bool ended = reader.at == reader.levels[reader.depth - 1].end;
        if (ended ? !leave(&reader) : !read_field(&reader)) {
            return false;
        }
    }
    *ret_plain = plain;
    *ret_seen = reader.seen;
    return true;
}
