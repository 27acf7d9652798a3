// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_input.h"

#include "adapters/cli/match_find.h"
#include "adapters/cli/match_keep.h"
#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NESTING_MAX = 16,
    PURPOSE_BYTES_MAX = 64,
};

struct match_input_block {
    struct match_input_block *next;
    max_align_t bytes[];
};

static const char *const root_fields[] = {
    "zone",
    "duration_minutes",
    "grid_minutes",
    "windows",
    "picked",
    "judge",
    "nearest",
    "now",
    "weekdays",
    "notice_minutes",
    "times_of_day",
    "target",
    "certainties",
    "tentative",
    "public_holidays",
    "purposes",
    "places",
    "modalities",
    "options",
    "travel",
    "parties",
    "pools",
    "quorum",
    "urgent",
    "series",
    "wanted",
    "apart_minutes",
    "leeway",
    "explain",
    "count",
    NULL,
};
static const char *const keep_fields[] = {"agendas", "zone", NULL};

static const struct match_word weekdays[] = {
    {"monday", 1},  {"tuesday", 2},   {"wednesday", 4}, {"thursday", 8},
    {"friday", 16}, {"saturday", 32}, {"sunday", 64},   {NULL, 0},
};

const struct match_word match_certainty_bits[] = {
    {"declared", 1u << MATCH_DECLARED},
    {"inferred", 1u << MATCH_INFERRED},
    {"typical", 1u << MATCH_TYPICAL},
    {NULL, 0},
};

void *match_input_allocate(struct match_input *input, const struct match_reader *reader,
                           const struct match_place *place, size_t count, size_t size)
{
    struct match_input_block *block = calloc(1, sizeof(*block) + count * size);
    if (block == NULL) {
        match_place_refuse(reader, place, MATCH_ERROR_OUT_OF_MEMORY,
                           "There is no memory left to read this.");
        return NULL;
    }
    block->next = input->first;
    input->first = block;
    return block->bytes;
}

bool match_input_purposes(struct match_input *input, const struct match_reader *reader,
                          const struct match_place *place, uint32_t *ret_purposes)
{
    size_t count = 0;
    uint32_t bits = 0;
    if (!match_place_array(reader, place, MATCH_INPUT_PURPOSES_MAX,
                           MATCH_ERROR_TOO_MANY_PURPOSES, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *purpose = "";
        struct match_place item = match_place_item(place, i);
        if (!match_place_text(reader, &item, PURPOSE_BYTES_MAX, &purpose)) {
            return false;
        }
        size_t bit = 0;
        while (bit < input->texts.purpose_count &&
               strcmp(input->texts.purposes[bit], purpose) != 0) {
            bit++;
        }
        if (bit == MATCH_INPUT_PURPOSES_MAX) {
            return match_place_refuse(
                reader, &item, MATCH_ERROR_TOO_MANY_PURPOSES,
                "At most %d different purposes are allowed in one "
                "request.",
                MATCH_INPUT_PURPOSES_MAX);
        }
        if (bit == input->texts.purpose_count) {
            input->texts.purposes[bit] = purpose;
            input->texts.purpose_count++;
        }
        bits |= (uint32_t)1 << bit;
    }
    *ret_purposes = bits;
    return true;
}

bool match_input_set(const struct match_reader *reader, const struct match_place *up,
                     const char *key, const struct match_word *words, unsigned *ret_set)
{
    size_t count = 0;
    struct match_place list = match_place_child(up, key);
    if (!match_place_array(reader, &list, 64, MATCH_ERROR_OUT_OF_BOUNDS, &count)) {
        return false;
    }
    if (list.value != NULL && count == 0) {
        return match_place_refuse(
            reader, &list, MATCH_ERROR_OUT_OF_BOUNDS,
            "An empty list would allow nothing; leave the field out "
            "to allow everything.");
    }
    *ret_set = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned value = 0;
        struct match_place item = match_place_item(&list, i);
        if (!match_place_word(reader, &item, words, &value)) {
            return false;
        }
        *ret_set |= value;
    }
    return true;
}

bool match_input_word(const struct match_reader *reader, const struct match_place *up,
                      const char *key, const struct match_word *words,
                      unsigned *ret_value)
{
    struct match_place place = match_place_child(up, key);
    return place.value == NULL || match_place_word(reader, &place, words, ret_value);
}

bool match_input_zone(struct match_input *input, struct match_reader *reader,
                      const struct match_place *root)
{
    struct match_place place = match_place_child(root, "zone");
    if (place.value != NULL) {
        if (!match_place_text(reader, &place, ZONE_NAME_MAX, &input->zone)) {
            return false;
        }
        if (!zone_known(input->zone)) {
            return match_place_refuse(
                reader, &place, MATCH_ERROR_BAD_ZONE,
                "The time zone \"%s\" is not known; write an IANA "
                "name such as Europe/Paris, or UTC.",
                match_quote(input->zone).text);
        }
        reader->zone = input->zone;
    }
    return true;
}

static bool read_length(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_request *request = &input->request;
    struct match_place duration = match_place_child(root, "duration_minutes");
    struct match_place grid = match_place_child(root, "grid_minutes");

    if (duration.value == NULL) {
        return match_place_refuse(reader, &duration, MATCH_ERROR_FIELD_MISSING,
                                  "The field \"duration_minutes\" is missing; it is a "
                                  "number from 1 to %d.",
                                  MATCH_DURATION_MAX);
    }
    request->grid = 15;
    if (!match_place_number(reader, root, "duration_minutes", 1, MATCH_DURATION_MAX,
                            &request->duration) ||
        !match_place_number(reader, root, "grid_minutes", 1, MINUTES_PER_DAY,
                            &request->grid)) {
        return false;
    }
    return MINUTES_PER_DAY % request->grid == 0 ||
           match_place_refuse(reader, &grid, MATCH_ERROR_GRID_UNEVEN,
                              "A day cannot be divided into starts every %d minutes; "
                              "give a number that divides 1440, such as 5, 10, 15, 20, "
                              "30 or 60.",
                              request->grid);
}

bool match_input_limits(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_request *request = &input->request;
    struct match_place purposes = match_place_child(root, "purposes");
    struct match_place wanted_place = match_place_child(root, "wanted");
    bool finds = input->question == MATCH_FIND;
    int32_t most = finds ? MATCH_INPUT_PEOPLE_MAX : MATCH_SLOTS_MAX;
    int32_t wanted = finds ? most : 3;
    unsigned days = 0;
    unsigned sure = 0;

    if (!read_length(input, reader, root) ||
        !match_place_amount(reader, root, "wanted", most,
                            most == MATCH_SLOTS_MAX ? MATCH_ERROR_TOO_MANY_SLOTS
                                                    : MATCH_ERROR_TOO_MANY_PEOPLE,
                            &wanted) ||
        !match_place_number(reader, root, "apart_minutes", 1,
                            MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY, &request->apart) ||
        !match_place_flag(reader, root, "explain", &input->explains) ||
        !match_place_flag(reader, root, "count", &input->counts) ||
        !match_input_set(reader, root, "weekdays", weekdays, &days) ||
        !match_input_set(reader, root, "certainties", match_certainty_bits, &sure) ||
        !match_input_purposes(input, reader, &purposes, &request->purposes)) {
        return false;
    }
    request->wanted = (size_t)wanted;
    input->has_wanted = wanted_place.value != NULL;
    request->weekdays = (uint8_t)days;
    request->certainties = (uint8_t)sure;
    return true;
}

/* How deep the brackets nest, without looking at what they hold. */
static bool is_too_deep(const char *bytes, size_t size)
{
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < size; i++) {
        if (in_text && bytes[i] == '\\') {
            i++;
        } else if (in_text) {
            in_text = bytes[i] != '"';
        } else if (bytes[i] == '"') {
            in_text = true;
        } else if (bytes[i] == '[' || bytes[i] == '{') {
            depth++;
            if (depth > NESTING_MAX) {
                return true;
            }
        } else if (depth > 0 && (bytes[i] == ']' || bytes[i] == '}')) {
            depth--;
        }
    }
    return false;
}

bool match_input_parse(struct match_input *input, const struct match_reader *reader,
                       const char *bytes, size_t size)
{
    struct match_place root = {0};
    json_error_t error;
    if (size > MATCH_INPUT_BYTES_MAX) {
        return match_place_refuse(reader, &root, MATCH_ERROR_TOO_LARGE,
                                  "The request is larger than %d bytes; ask for fewer "
                                  "people or days at once.",
                                  MATCH_INPUT_BYTES_MAX);
    }
    if (is_too_deep(bytes, size)) {
        return match_place_refuse(reader, &root, MATCH_ERROR_TOO_DEEP,
                                  "The brackets nest deeper than %d.", NESTING_MAX);
    }
    input->document = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (input->document == NULL) {
        bool twice = json_error_code(&error) == json_error_duplicate_key;
        return match_place_refuse(
            reader, &root, twice ? MATCH_ERROR_DUPLICATE_FIELD : MATCH_ERROR_MALFORMED,
            twice ? "A field is given twice, at line %d, column %d: %s."
                  : "This is not JSON, at line %d, column %d: %s.",
            error.line, error.column, match_quote(error.text).text);
    }
    return true;
}

/* Some agenda asks for notice, which runs from a moment that has to be told. */
static bool check_now(const struct match_input *input,
                      const struct match_reader *reader, const struct match_place *root)
{
    struct match_place now = match_place_child(root, "now");
    return !input->needs_now || now.value != NULL ||
           match_place_refuse(reader, &now, MATCH_ERROR_FIELD_MISSING,
                              "The notice of a source counts from \"now\", which is "
                              "missing: match looks at no clock.");
}

static bool read_request(struct match_input *input, struct match_reader *reader,
                         const struct match_place *root)
{
    return match_place_fields(reader, root, root_fields) &&
           match_input_zone(input, reader, root) &&
           match_input_limits(input, reader, root) &&
           match_input_how(input, reader, root) &&
           match_input_when(input, reader, root) &&
           match_input_parties(input, reader, root) && check_now(input, reader, root);
}

/* Agendas, and nothing asked. */
static bool read_agendas(struct match_input *input, struct match_reader *reader,
                         const struct match_place *root)
{
    input->question = MATCH_KEPT;
    return match_place_fields(reader, root, keep_fields) &&
           match_input_zone(input, reader, root) &&
           match_input_people(input, reader, root, "agendas");
}

bool match_input_read(struct match_input *input, const struct match_keep *keep,
                      const char *bytes, size_t size, struct match_error *ret_error)
{
    struct match_reader reader = {.zone = "UTC", .error = ret_error};

    memset(input, 0, offsetof(struct match_input, windows));
    input->texts.purpose_count = 0;
    input->texts.place_count = 0;
    input->texts.places_are_listed = false;
    input->zone = "UTC";
    input->counts = true;
    input->keep = keep;
    if (keep != NULL) {
        match_keep_texts(keep, &input->texts);
    }
    if (!match_input_parse(input, &reader, bytes, size)) {
        return false;
    }
    struct match_place root = {.value = input->document};
    if (json_object_get(root.value, "agendas") != NULL) {
        return read_agendas(input, &reader, &root);
    }
    return json_object_get(root.value, "find") != NULL
               ? match_find_read(input, &reader, &root)
               : read_request(input, &reader, &root);
}

void match_input_finish(struct match_input *input)
{
    while (input->first != NULL) {
        struct match_input_block *block = input->first;
        input->first = block->next;
        free(block);
    }
    json_decref(input->document);
    input->document = NULL;
}
