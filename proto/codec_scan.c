// SPDX-License-Identifier: Apache-2.0

#include "proto/codec_scan.h"

#include <string.h>

enum {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_FIXED32 = 5,
    BODY_TAG_FIRST = 10,
    BODY_TAG_LAST = 199,
};

struct level {
    const struct codec_shape *shape;
    const uint8_t *end;
    uint32_t counts[CODEC_FIELDS_MAX]; /* by row */
};

struct scanner {
    const uint8_t *at;
    struct arena *arena;
    struct codec_seen *seen;
    struct codec_error *error;
    struct codec_path path; /* one part fewer than levels */
    size_t depth;
    struct level levels[CODEC_DEPTH_MAX];
};

/* One field as it stands in the frame. */
struct piece {
    uint32_t tag;
    uint32_t wire_type;
    uint64_t value;       /* WIRE_VARINT */
    const uint8_t *bytes; /* WIRE_BYTES */
    size_t size;
};

static bool refuse_malformed(struct scanner *scanner, const char *what)
{
    return codec_refuse(scanner->error, ERROR_MALFORMED, what, NULL);
}

static bool read_varint(struct scanner *scanner, const uint8_t *end,
                        uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (scanner->at == end) {
            return refuse_malformed(scanner, "it ends inside a number");
        }
        uint8_t byte = *scanner->at++;
        if (shift == 63 && byte > 1) {
            break;
        }
        value |= (uint64_t)(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0) {
            *ret_value = value;
            return true;
        }
    }
    return refuse_malformed(scanner, "a number has more than 64 bits");
}

static bool skip(struct scanner *scanner, const uint8_t *end, size_t size)
{
    if ((size_t)(end - scanner->at) < size) {
        return refuse_malformed(scanner, "it ends inside a field");
    }
    scanner->at += size;
    return true;
}

static bool read_piece(struct scanner *scanner, const uint8_t *end,
                       struct piece *ret_piece)
{
    uint64_t key = 0;
    uint64_t size = 0;

    if (!read_varint(scanner, end, &key)) {
        return false;
    }
    if (key >> 3 == 0 || key >> 3 > 536870911) {
        return refuse_malformed(scanner, "a field has an impossible number");
    }
    *ret_piece =
        (struct piece){.tag = (uint32_t)(key >> 3), .wire_type = (uint32_t)(key & 7)};
    switch (ret_piece->wire_type) {
    case WIRE_VARINT:
        return read_varint(scanner, end, &ret_piece->value);
    case WIRE_FIXED64:
        return skip(scanner, end, 8);
    case WIRE_FIXED32:
        return skip(scanner, end, 4);
    case WIRE_BYTES:
        if (!read_varint(scanner, end, &size)) {
            return false;
        }
        if (size > (uint64_t)(end - scanner->at)) {
            return refuse_malformed(scanner, "it ends inside a field");
        }
        ret_piece->bytes = scanner->at;
        ret_piece->size = (size_t)size;
        scanner->at += size;
        return true;
    default:
        return refuse_malformed(scanner, "a field has a wire type that is not used");
    }
}

static const char *row_path(struct scanner *scanner, const struct codec_row *row,
                            size_t index)
{
    return codec_path_text(&scanner->path, row, index, scanner->arena);
}

static bool check_text(struct scanner *scanner, const struct codec_row *row,
                       size_t index, const struct piece *piece)
{
    if (piece->size > (uint64_t)row->max) {
        return codec_refuse(scanner->error, ERROR_TEXT_TOO_LONG,
                            row_path(scanner, row, index),
                            codec_number_text(row->max, scanner->arena), NULL);
    }
    bool prose = (row->flags & CODEC_PROSE) != 0;
    const char *problem = codec_scan_text_problem(piece->bytes, piece->size, prose);
    if (problem == NULL && piece->size == 0 && row->count_offset != 0 && !prose) {
        problem = "it is empty";
    }
    if (problem != NULL) {
        return codec_refuse(scanner->error, ERROR_BAD_TEXT,
                            row_path(scanner, row, index), problem, NULL);
    }
    return true;
}

/* The numbers in a packed field; false when one of them is not whole. */
static bool count_packed(struct scanner *scanner, const struct piece *piece,
                         size_t *ret_count)
{
    const uint8_t *after = scanner->at;
    const uint8_t *end = piece->bytes + piece->size;
    size_t count = 0;
    uint64_t value = 0;

    scanner->at = piece->bytes;
    while (scanner->at < end) {
        if (!read_varint(scanner, end, &value)) {
            return false;
        }
        count++;
    }
    scanner->at = after;
    *ret_count = count;
    return true;
}

static void note_envelope_field(struct codec_seen *seen, const struct piece *piece)
{
    switch (piece->tag) {
    case 1:
        seen->version = piece->value;
        break;
    case 2:
        seen->request_epoch = piece->value;
        break;
    case 3:
        seen->request_counter = piece->value;
        break;
    default:
        if (codec_table_body(piece->tag) != NULL) {
            seen->body = piece->tag;
        }
        break;
    }
}

static void note_unknown(struct scanner *scanner, const struct piece *piece)
{
    scanner->seen->unknown_fields++;
    if (scanner->depth == 1 && scanner->levels[0].shape == &codec_shape_envelope &&
        piece->tag >= BODY_TAG_FIRST && piece->tag <= BODY_TAG_LAST) {
        scanner->seen->unknown_body = true;
    }
}

static void begin(struct level *level, const struct codec_shape *shape,
                  const uint8_t *end)
{
    level->shape = shape;
    level->end = end;
    memset(level->counts, 0, shape->row_count * sizeof(level->counts[0]));
}

static void enter(struct scanner *scanner, const struct codec_row *row, size_t index,
                  const struct piece *piece)
{
    struct level *level = &scanner->levels[scanner->depth++];

    codec_path_push(&scanner->path, row, index);
    begin(level, row->shape, piece->bytes + piece->size);
    scanner->at = piece->bytes;
}

/* A field that the tables know. */
static bool scan_known(struct scanner *scanner, const struct codec_row *row,
                       const struct piece *piece)
{
    struct level *level = &scanner->levels[scanner->depth - 1];
    uint32_t *count = &level->counts[row - level->shape->rows];
    bool repeated = row->count_offset != 0;
    bool is_bytes =
        row->kind == KIND_TEXT || row->kind == KIND_BYTES || row->kind == KIND_MESSAGE;
    size_t index = *count;

    if (repeated && !is_bytes && piece->wire_type == WIRE_BYTES) {
        size_t packed = 0;
        if (!count_packed(scanner, piece, &packed)) {
            return false;
        }
        *count += (uint32_t)packed;
        return true;
    }
    if (piece->wire_type != (is_bytes ? WIRE_BYTES : WIRE_VARINT)) {
        return codec_refuse(scanner->error, ERROR_MALFORMED,
                            "a field has another wire type than its own",
                            row_path(scanner, row, index), NULL);
    }
    *count += 1;
    if (!repeated && *count > 1) {
        return codec_refuse(scanner->error, ERROR_MALFORMED, "a field stands twice",
                            row_path(scanner, row, index), NULL);
    }
    if (row->kind == KIND_TEXT) {
        return check_text(scanner, row, index, piece);
    }
    if (row->kind == KIND_MESSAGE) {
        enter(scanner, row, index, piece);
    }
    return true;
}

/* At the end of a message: were its repeated fields within their limits? */
static bool check_counts(struct scanner *scanner, const struct level *level)
{
    for (size_t i = 0; i < level->shape->row_count; i++) {
        const struct codec_row *row = &level->shape->rows[i];
        if (row->count_offset != 0 && level->counts[i] > row->count_max) {
            return codec_refuse(
                scanner->error, ERROR_TOO_MANY, row_path(scanner, row, SIZE_MAX),
                codec_unsigned_text(level->counts[i], scanner->arena),
                codec_unsigned_text(row->count_max, scanner->arena), NULL);
        }
    }
    return true;
}

static bool scan_field(struct scanner *scanner)
{
    const struct level *level = &scanner->levels[scanner->depth - 1];
    bool outermost = scanner->depth == 1 && level->shape == &codec_shape_envelope;
    struct piece piece = {0};

    if (!read_piece(scanner, level->end, &piece)) {
        return false;
    }
    const struct codec_row *row = codec_table_row(level->shape, piece.tag);
    if (row == NULL) {
        note_unknown(scanner, &piece);
        return true;
    }
    if (outermost) {
        if (row->kind == KIND_MESSAGE && scanner->seen->body != 0) {
            return refuse_malformed(scanner, "it has two bodies");
        }
        note_envelope_field(scanner->seen, &piece);
    }
    return scan_known(scanner, row, &piece);
}

bool codec_scan(const struct codec_shape *shape, const uint8_t *bytes, size_t size,
                struct arena *arena, struct codec_seen *ret_seen,
                struct codec_error *ret_error)
{
    struct scanner scanner;

    *ret_seen = (struct codec_seen){0};
    scanner.at = bytes;
    scanner.arena = arena;
    scanner.seen = ret_seen;
    scanner.error = ret_error;
    scanner.path.depth = 0;
    scanner.depth = 1;
    begin(&scanner.levels[0], shape, bytes + size);

    while (scanner.depth > 0) {
        const struct level *level = &scanner.levels[scanner.depth - 1];
        if (scanner.at < level->end) {
            if (!scan_field(&scanner)) {
                return false;
            }
            continue;
        }
        if (!check_counts(&scanner, level)) {
            return false;
        }
        scanner.depth--;
        if (scanner.depth > 0) {
            codec_path_pop(&scanner.path);
        }
    }
    return true;
}

/* Bytes of the UTF-8 character at @text, 0 when there is none (RFC 3629: shortest form,
 * no surrogates, nothing above U+10FFFF). */
static size_t character_size(const uint8_t *text, size_t size)
{
    uint8_t first = text[0];
    size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4 || size < bytes) {
        return 0;
    }
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    bool too_long =
        (first == 0xE0 && text[1] < 0xA0) || (first == 0xF0 && text[1] < 0x90);
    bool surrogate = first == 0xED && text[1] > 0x9F;
    bool too_high = first == 0xF4 && text[1] > 0x8F;
    return too_long || surrogate || too_high ? 0 : bytes;
}

const char *codec_scan_text_problem(const uint8_t *text, size_t size, bool prose)
{
    size_t at = 0;

    while (at < size) {
        uint8_t first = text[at];
        size_t bytes = character_size(text + at, size - at);

        if (bytes == 0) {
            return "it is not UTF-8";
        }
        if (first == 0) {
            return "it holds a NUL";
        }
        bool control =
            first < 0x20 || first == 0x7F || (first == 0xC2 && text[at + 1] < 0xA0);
        if (control && !(prose && (first == '\n' || first == '\t'))) {
            return "it holds a control character";
        }
        at += bytes;
    }
    return NULL;
}
