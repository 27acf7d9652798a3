// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_input.h"

#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NESTING_MAX = 16,
    PURPOSE_BYTES_MAX = 64,
    NOTICE_MINUTES_MAX = 525600,
    MARGIN = 3 * MINUTES_PER_DAY, /* of the clock, around everything that is asked */
};

struct match_input_block {
    struct match_input_block *next;
    max_align_t bytes[];
};

static const char *const root_fields[] = {
    "zone",        "duration_minutes", "grid_minutes", "windows",      "picked",
    "now",         "notice_minutes",   "weekdays",     "times_of_day", "target",
    "certainties", "purposes",         "parties",      "wanted",       "apart_minutes",
    NULL,
};
static const char *const root_later[] = {
    "modalities", "places", "options",         "pools",  "quorum",
    "urgent",     "travel", "public_holidays", "series", NULL,
};
static const char *const span_fields[] = {"start", "end", NULL};

static const struct match_word weekdays[] = {
    {"monday", 1},  {"tuesday", 2},   {"wednesday", 4}, {"thursday", 8},
    {"friday", 16}, {"saturday", 32}, {"sunday", 64},   {NULL, 0},
};

static const struct match_word certainties[] = {
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
        while (bit < input->purpose_count &&
               strcmp(input->purposes[bit], purpose) != 0) {
            bit++;
        }
        if (bit == MATCH_INPUT_PURPOSES_MAX) {
            return match_place_refuse(
                reader, &item, MATCH_ERROR_TOO_MANY_PURPOSES,
                "At most %d different purposes are allowed in one "
                "request.",
                MATCH_INPUT_PURPOSES_MAX);
        }
        if (bit == input->purpose_count) {
            input->purposes[bit] = purpose;
            input->purpose_count++;
        }
        bits |= (uint32_t)1 << bit;
    }
    *ret_purposes = bits;
    return true;
}

/* A list of words as a set; absent is 0, and an empty list would allow nothing. */
static bool read_set(const struct match_reader *reader, const struct match_place *root,
                     const char *key, const struct match_word *words, unsigned *ret_set)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, key);
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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "08:00" to "24:00" in minutes. */
static bool read_clock_time(const struct match_reader *reader,
                            const struct match_place *place, minute_t *ret_minute)
{
    const char *text = json_string_value(place->value);
    if (text != NULL && strlen(text) == 5 && text[2] == ':' && is_digit(text[0]) &&
        is_digit(text[1]) && is_digit(text[3]) && is_digit(text[4])) {
        int hour = (text[0] - '0') * 10 + text[1] - '0';
        int minute = (text[3] - '0') * 10 + text[4] - '0';
        if (minute < 60 && hour * 60 + minute <= MINUTES_PER_DAY) {
            *ret_minute = hour * 60 + minute;
            return true;
        }
    }
    return match_place_refuse(
        reader, place,
        place->value == NULL ? MATCH_ERROR_FIELD_MISSING : MATCH_ERROR_BAD_TIME,
        "A time of day from \"00:00\" to \"24:00\" is expected here.");
}

/* One entry may become two: a night has an evening and a morning. */
static bool read_time_of_day(struct match_input *input,
                             const struct match_reader *reader,
                             const struct match_place *place)
{
    struct match_request *request = &input->request;
    struct match_span span = {0, 0};
    if (!match_place_fields(reader, place, span_fields, NULL)) {
        return false;
    }
    struct match_place start = match_place_child(place, "start");
    struct match_place end = match_place_child(place, "end");
    if (!read_clock_time(reader, &start, &span.start) ||
        !read_clock_time(reader, &end, &span.end)) {
        return false;
    }
    if (span.start == span.end || span.start == MINUTES_PER_DAY) {
        return match_place_refuse(reader, place, MATCH_ERROR_RANGE_EMPTY,
                                  "It ends where it starts; the whole day is 00:00 to "
                                  "24:00.");
    }
    bool over_midnight = span.end < span.start && span.end > 0;
    if (request->times_of_day_count + (over_midnight ? 2 : 1) >
        MATCH_TIMES_OF_DAY_MAX) {
        return match_place_refuse(reader, place, MATCH_ERROR_TOO_MANY_TIMES,
                                  "At most %d times of day are allowed; one across "
                                  "midnight counts as two.",
                                  MATCH_TIMES_OF_DAY_MAX);
    }
    if (over_midnight) {
        struct match_span morning = {0, span.end};
        request->times_of_day[request->times_of_day_count] = morning;
        request->times_of_day_count++;
    }
    if (span.end < span.start) {
        span.end = MINUTES_PER_DAY;
    }
    request->times_of_day[request->times_of_day_count] = span;
    request->times_of_day_count++;
    return true;
}

static bool read_times_of_day(struct match_input *input,
                              const struct match_reader *reader,
                              const struct match_place *root)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, "times_of_day");
    if (!match_place_array(reader, &list, MATCH_TIMES_OF_DAY_MAX,
                           MATCH_ERROR_TOO_MANY_TIMES, &count)) {
        return false;
    }
    if (list.value != NULL && count == 0) {
        return match_place_refuse(
            reader, &list, MATCH_ERROR_OUT_OF_BOUNDS,
            "An empty list would allow nothing; leave the field out "
            "to allow the whole day.");
    }
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_time_of_day(input, reader, &item)) {
            return false;
        }
    }
    return true;
}

/* Windows or picked starts; *ret_first and *ret_last are the ends of it all. */
static bool read_when(struct match_input *input, const struct match_reader *reader,
                      const struct match_place *root, struct match_span *ret_all)
{
    struct match_request *request = &input->request;
    struct match_place windows = match_place_child(root, "windows");
    struct match_place picked = match_place_child(root, "picked");
    struct match_span all = {INT32_MAX, INT32_MIN};

    if (!match_place_array(reader, &windows, MATCH_WINDOWS_MAX,
                           MATCH_ERROR_TOO_MANY_WINDOWS, &request->window_count) ||
        !match_place_array(reader, &picked, MATCH_WINDOWS_MAX,
                           MATCH_ERROR_TOO_MANY_WINDOWS, &request->picked_count)) {
        return false;
    }
    if (request->window_count > 0 && request->picked_count > 0) {
        return match_place_refuse(
            reader, &picked, MATCH_ERROR_FIELD_CONFLICT,
            "Slots picked by hand take the place of windows; give "
            "\"picked\" or \"windows\", not both.");
    }
    if (request->window_count + request->picked_count == 0) {
        return match_place_refuse(
            reader, &windows, MATCH_ERROR_FIELD_MISSING,
            "Give at least one window, with start and end, or one "
            "start in \"picked\".");
    }
    for (size_t i = 0; i < request->window_count; i++) {
        struct match_span *window = &input->windows[i];
        struct match_place item = match_place_item(&windows, i);
        if (!match_place_fields(reader, &item, span_fields, NULL) ||
            !match_place_span(reader, &item, &window->start, &window->end)) {
            return false;
        }
        all.start = window->start < all.start ? window->start : all.start;
        all.end = window->end > all.end ? window->end : all.end;
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        minute_t *start = &input->picked[i];
        struct match_place item = match_place_item(&picked, i);
        if (!match_place_time(reader, &item, start)) {
            return false;
        }
        all.start = *start < all.start ? *start : all.start;
        all.end =
            *start + request->duration > all.end ? *start + request->duration : all.end;
    }
    if (all.end - all.start > MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY) {
        return match_place_refuse(
            reader, request->picked_count > 0 ? &picked : &windows,
            MATCH_ERROR_WINDOW_TOO_LONG,
            "From the first start to the last end are more than %d days; ask for less.",
            MATCH_WINDOW_DAYS_MAX);
    }
    request->windows = input->windows;
    request->picked = input->picked;
    *ret_all = all;
    return true;
}

static bool read_notice(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    int32_t notice = 0;
    struct match_place now = match_place_child(root, "now");
    struct match_place notice_place = match_place_child(root, "notice_minutes");

    input->request.earliest = INT32_MIN;
    if (!match_place_number(reader, root, "notice_minutes", 0, NOTICE_MINUTES_MAX,
                            &notice)) {
        return false;
    }
    if (now.value == NULL) {
        return notice_place.value == NULL ||
               match_place_refuse(reader, &now, MATCH_ERROR_FIELD_MISSING,
                                  "\"notice_minutes\" counts from \"now\", which is "
                                  "missing: match looks at no clock.");
    }
    if (!match_place_time(reader, &now, &input->request.earliest)) {
        return false;
    }
    input->request.earliest += notice;
    return true;
}

/* A day, or any time of it. */
static bool read_target(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_place place = match_place_child(root, "target");
    if (place.value == NULL) {
        return true;
    }
    input->request.has_target = true;
    const char *text = json_string_value(place.value);
    char midnight[32];
    if (text != NULL && strlen(text) == 10) {
        snprintf(midnight, sizeof(midnight), "%sT00:00", text);
        if (zone_parse_time(midnight, reader->zone, &input->request.target)) {
            return true;
        }
    }
    return match_place_time(reader, &place, &input->request.target);
}

/* The clock of the zone, as far as this request can look at it. */
static bool read_clock(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *root, struct match_span all)
{
    static struct zone_span spans[MATCH_INPUT_OFFSETS_MAX];
    struct match_request *request = &input->request;
    if (request->has_target) {
        all.start = request->target < all.start ? request->target : all.start;
        all.end = request->target > all.end ? request->target : all.end;
    }
    size_t count = zone_spans(input->zone, all.start - MARGIN, all.end + MARGIN, spans,
                              MATCH_INPUT_OFFSETS_MAX);
    if (count == 0) {
        struct match_place place = match_place_child(root, "zone");
        return match_place_refuse(reader, &place, MATCH_ERROR_BAD_ZONE,
                                  "The clock of the zone \"%s\" could not be read.",
                                  match_quote(input->zone).text);
    }
    for (size_t i = 0; i < count; i++) {
        input->offsets[i].from = spans[i].from;
        input->offsets[i].offset_minutes = spans[i].offset_minutes;
    }
    request->offsets = input->offsets;
    request->offset_count = count;
    return true;
}

static bool read_zone(struct match_input *input, struct match_reader *reader,
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

static bool read_limits(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_request *request = &input->request;
    struct match_place duration = match_place_child(root, "duration_minutes");
    struct match_place purposes = match_place_child(root, "purposes");
    int32_t wanted = 3;
    unsigned days = 0;
    unsigned sure = 0;

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
                            &request->grid) ||
        !match_place_number(reader, root, "wanted", 1, MATCH_SLOTS_MAX, &wanted) ||
        !match_place_number(reader, root, "apart_minutes", 1,
                            MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY, &request->apart) ||
        !read_set(reader, root, "weekdays", weekdays, &days) ||
        !read_set(reader, root, "certainties", certainties, &sure) ||
        !match_input_purposes(input, reader, &purposes, &request->purposes)) {
        return false;
    }
    request->wanted = (size_t)wanted;
    request->weekdays = (uint8_t)days;
    request->certainties = (uint8_t)sure;
    return read_times_of_day(input, reader, root);
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

static bool parse(struct match_input *input, const struct match_reader *reader,
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

bool match_input_read(struct match_input *input, const char *bytes, size_t size,
                      struct match_error *ret_error)
{
    struct match_reader reader = {.zone = "UTC", .error = ret_error};
    struct match_span all = {0, 0};

    memset(input, 0, sizeof(*input));
    input->zone = "UTC";
    if (!parse(input, &reader, bytes, size)) {
        return false;
    }
    struct match_place root = {.value = input->document};
    return match_place_fields(&reader, &root, root_fields, root_later) &&
           read_zone(input, &reader, &root) && read_limits(input, &reader, &root) &&
           read_when(input, &reader, &root, &all) &&
           read_notice(input, &reader, &root) && read_target(input, &reader, &root) &&
           read_clock(input, &reader, &root, all) &&
           match_input_parties(input, &reader, &root);
}

void match_input_finish(struct match_input *input)
{
    while (input->first != NULL) {
        struct match_input_block *block = input->first;
        input->first = block->next;
        free(block);
    }
    json_decref(input->document);
    memset(input, 0, sizeof(*input));
}
