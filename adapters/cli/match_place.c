// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_place.h"

#include "proto/zone.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The document nests seven deep; the limit of the reader is not far above. */
enum { DEPTH_MAX = 16 };

#define MATCH_ERROR(name) #name,
static const char *const names[] = {
#include "adapters/cli/match_error.def"
};
#undef MATCH_ERROR

const char *match_error_name(enum match_error_code code)
{
    return names[code];
}

struct match_quote match_quote(const char *text)
{
    struct match_quote quote;
    size_t length = 0;
    while (text[length] != '\0' && length < sizeof(quote.text) - 4) {
        quote.text[length] = text[length];
        if ((unsigned char)text[length] < ' ' || text[length] == 127) {
            quote.text[length] = '?';
        }
        length++;
    }
    if (text[length] != '\0') {
        /* Cut in front of a character, not inside it. */
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
            length--;
        }
        memcpy(quote.text + length, "...", 3);
        length += 3;
    }
    quote.text[length] = '\0';
    return quote;
}

static bool is_plain_key(const char *key)
{
    return key[0] != '\0' &&
           key[strspn(key, "abcdefghijklmnopqrstuvwxyz"
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] == '\0';
}

static void write_path(const struct match_place *place, char *path, size_t size)
{
    const struct match_place *chain[DEPTH_MAX];
    size_t depth = 0;
    for (; place->up != NULL && depth < DEPTH_MAX; place = place->up) {
        chain[depth] = place;
        depth++;
    }

    size_t used = (size_t)snprintf(path, size, "$");
    while (depth > 0 && used < size - 1) {
        depth--;
        const struct match_place *step = chain[depth];
        size_t room = size - used;
        int wrote;
        if (step->key == NULL) {
            wrote = snprintf(path + used, room, "[%zu]", step->index);
        } else if (is_plain_key(step->key) && strlen(step->key) < room - 1) {
            wrote = snprintf(path + used, room, ".%s", step->key);
        } else {
            struct match_quote quote = match_quote(step->key);
            if (room < sizeof(quote.text) + 4) {
                return;
            }
            wrote = snprintf(path + used, room, "['%s']", quote.text);
        }
        used += (size_t)wrote;
    }
}

bool match_place_refuse(const struct match_reader *reader,
                        const struct match_place *place, enum match_error_code code,
                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reader->error->code = code;
    write_path(place, reader->error->path, sizeof(reader->error->path));
    vsnprintf(reader->error->sentence, sizeof(reader->error->sentence), format,
              arguments);
    va_end(arguments);
    return false;
}

struct match_place match_place_child(const struct match_place *up, const char *key)
{
    struct match_place place = {.up = up, .key = key};
    place.value = json_object_get(up->value, key);
    if (json_is_null(place.value)) {
        place.value = NULL;
    }
    return place;
}

struct match_place match_place_item(const struct match_place *up, size_t index)
{
    struct match_place place = {.up = up, .index = index};
    place.value = json_array_get(up->value, index);
    return place;
}

static bool is_listed(const char *const *list, const char *key)
{
    for (; list != NULL && *list != NULL; list++) {
        if (strcmp(*list, key) == 0) {
            return true;
        }
    }
    return false;
}

static bool refuse_unknown(const struct match_reader *reader,
                           const struct match_place *place, const char *const *known)
{
    char list[700];
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; known[i] != NULL && used < sizeof(list); i++) {
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i == 0 ? "" : ", ", known[i]);
    }
    return match_place_refuse(reader, place, MATCH_ERROR_UNKNOWN_FIELD,
                              "The field \"%s\" is not known here; known are: %s.",
                              match_quote(place->key).text, list);
}

bool match_place_fields(const struct match_reader *reader,
                        const struct match_place *place, const char *const *known)
{
    if (!json_is_object(place->value)) {
        return match_place_refuse(reader, place, MATCH_ERROR_WRONG_TYPE,
                                  "An object { ... } is expected here.");
    }
    const char *key;
    json_t *value;
    json_object_foreach(place->value, key, value)
    {
        struct match_place child = {.up = place, .key = key, .value = value};
        if (!is_listed(known, key)) {
            return refuse_unknown(reader, &child, known);
        }
    }
    return true;
}

bool match_place_array(const struct match_reader *reader,
                       const struct match_place *place, size_t most,
                       enum match_error_code too_many, size_t *ret_count)
{
    if (place->value == NULL) {
        *ret_count = 0;
        return true;
    }
    if (!json_is_array(place->value)) {
        return match_place_refuse(reader, place, MATCH_ERROR_WRONG_TYPE,
                                  "A list [ ... ] is expected here.");
    }
    size_t count = json_array_size(place->value);
    if (count > most) {
        return match_place_refuse(
            reader, place, too_many,
            "There are %zu of them here; at most %zu are allowed.", count, most);
    }
    *ret_count = count;
    return true;
}

bool match_place_number(const struct match_reader *reader, const struct match_place *up,
                        const char *key, int32_t low, int32_t high, int32_t *ret_number)
{
    struct match_place place = match_place_child(up, key);
    if (place.value == NULL) {
        return true;
    }
    if (!json_is_integer(place.value)) {
        return match_place_refuse(reader, &place, MATCH_ERROR_WRONG_TYPE,
                                  "A whole number from %d to %d is expected here.", low,
                                  high);
    }
    json_int_t number = json_integer_value(place.value);
    if (number < low || number > high) {
        return match_place_refuse(reader, &place, MATCH_ERROR_OUT_OF_BOUNDS,
                                  "The number is %lld; it must lie between %d and %d.",
                                  (long long)number, low, high);
    }
    *ret_number = (int32_t)number;
    return true;
}

bool match_place_amount(const struct match_reader *reader, const struct match_place *up,
                        const char *key, int32_t most, enum match_error_code too_many,
                        int32_t *ret_number)
{
    struct match_place place = match_place_child(up, key);
    if (json_is_integer(place.value) && json_integer_value(place.value) > most) {
        return match_place_refuse(reader, &place, too_many,
                                  "%lld are asked for here; at most %d are allowed.",
                                  (long long)json_integer_value(place.value), most);
    }
    return match_place_number(reader, up, key, 1, most, ret_number);
}

bool match_place_flag(const struct match_reader *reader, const struct match_place *up,
                      const char *key, bool *ret_flag)
{
    struct match_place place = match_place_child(up, key);
    if (place.value == NULL) {
        return true;
    }
    if (!json_is_boolean(place.value)) {
        return match_place_refuse(reader, &place, MATCH_ERROR_WRONG_TYPE,
                                  "true or false is expected here.");
    }
    *ret_flag = json_is_true(place.value);
    return true;
}

bool match_place_text(const struct match_reader *reader,
                      const struct match_place *place, size_t longest,
                      const char **ret_text)
{
    if (place->value == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_FIELD_MISSING,
                                  "The field \"%s\" is missing; it is a text.",
                                  place->key != NULL ? place->key : "");
    }
    const char *text = json_string_value(place->value);
    if (text == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_WRONG_TYPE,
                                  "A text in quotation marks is expected here.");
    }
    if (strlen(text) > longest) {
        return match_place_refuse(reader, place, MATCH_ERROR_TEXT_TOO_LONG,
                                  "The text has %zu bytes; at most %zu are allowed.",
                                  strlen(text), longest);
    }
    bool plain = text[0] != '\0';
    for (const char *c = text; *c != '\0'; c++) {
        plain = plain && (unsigned char)*c >= ' ' && *c != 127;
    }
    if (!plain) {
        return match_place_refuse(
            reader, place, MATCH_ERROR_BAD_TEXT,
            "The text is empty or has a control character; it must have neither.");
    }
    *ret_text = text;
    return true;
}

bool match_place_word(const struct match_reader *reader,
                      const struct match_place *place, const struct match_word *words,
                      unsigned *ret_value)
{
    char list[160];
    size_t used = 0;
    const char *text = json_string_value(place->value);
    list[0] = '\0';
    for (size_t i = 0; words[i].word != NULL && used < sizeof(list); i++) {
        if (text != NULL && strcmp(words[i].word, text) == 0) {
            *ret_value = words[i].value;
            return true;
        }
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i == 0 ? "" : ", ", words[i].word);
    }
    if (place->value == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_FIELD_MISSING,
                                  "The field \"%s\" is missing; it is one of: %s.",
                                  place->key != NULL ? place->key : "", list);
    }
    if (text == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_WRONG_TYPE,
                                  "A text is expected here, one of: %s.", list);
    }
    return match_place_refuse(reader, place, MATCH_ERROR_UNKNOWN_VALUE,
                              "\"%s\" is not known here; known are: %s.",
                              match_quote(text).text, list);
}

/* A local time that the clocks skip or show twice is no time: its writer has to say
 * which of two moments is meant. */
static bool is_shown_once(const struct match_reader *reader,
                          const struct match_place *place, const char *text,
                          minute_t minute)
{
    int offsets[2] = {0, 0};
    enum zone_fit fit = zone_fit(text, reader->zone, minute, offsets);
    if (fit == ZONE_ONCE) {
        return true;
    }
    char shown[2][16];
    for (size_t i = 0; i < 2; i++) {
        int distance = offsets[i] < 0 ? -offsets[i] : offsets[i];
        snprintf(shown[i], sizeof(shown[i]), "%c%02d:%02d", offsets[i] < 0 ? '-' : '+',
                 distance / 60 % 100, distance % 60);
    }
    return match_place_refuse(
        reader, place,
        fit == ZONE_TWICE ? MATCH_ERROR_TIME_TWICE : MATCH_ERROR_TIME_SKIPPED,
        fit == ZONE_TWICE
            ? "The clocks of %s show %s twice, because they are put back; write "
              "%.16s%s for the first, or %.16s%s for the second."
            : "The clocks of %s never show %s, because they are put forward over it; "
              "write %.16s%s, counted on from before, or %.16s%s, counted back from "
              "after.",
        reader->zone, text, text, shown[0], text, shown[1]);
}

bool match_place_time(const struct match_reader *reader,
                      const struct match_place *place, minute_t *ret_minute)
{
    const char *text = NULL;
    if (place->value == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_FIELD_MISSING,
                                  "The field \"%s\" is missing; it is a time such as "
                                  "2026-11-23T09:30+01:00.",
                                  place->key != NULL ? place->key : "");
    }
    text = json_string_value(place->value);
    if (text == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_WRONG_TYPE,
                                  "A time in quotation marks is expected here, such as "
                                  "\"2026-11-23T09:30\".");
    }
    if (!zone_parse_time(text, reader->zone, ret_minute)) {
        return match_place_refuse(
            reader, place, MATCH_ERROR_BAD_TIME,
            "\"%s\" is not a time to the minute of the years 2020 to 2100; write "
            "2026-11-23T08:30Z, 2026-11-23T09:30+01:00, or 2026-11-23T09:30 for the "
            "clock of %s.",
            match_quote(text).text, reader->zone);
    }
    return is_shown_once(reader, place, text, *ret_minute);
}

bool match_place_span(const struct match_reader *reader,
                      const struct match_place *place, minute_t *ret_start,
                      minute_t *ret_end)
{
    struct match_place first = match_place_child(place, "start");
    struct match_place last = match_place_child(place, "end");
    minute_t start = 0;
    minute_t end = 0;

    if (!match_place_time(reader, &first, &start) ||
        !match_place_time(reader, &last, &end)) {
        return false;
    }
    if (end == start) {
        return match_place_refuse(reader, place, MATCH_ERROR_RANGE_EMPTY,
                                  "It ends where it starts; it must hold at least one "
                                  "minute.");
    }
    if (end < start) {
        return match_place_refuse(reader, place, MATCH_ERROR_RANGE_REVERSED,
                                  "It ends before it starts; the end must come after.");
    }
    if (end - start > MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY) {
        return match_place_refuse(reader, place, MATCH_ERROR_RANGE_TOO_LONG,
                                  "It is longer than %d days; give a shorter one, or "
                                  "several.",
                                  MATCH_WINDOW_DAYS_MAX);
    }
    *ret_start = start;
    *ret_end = end;
    return true;
}
