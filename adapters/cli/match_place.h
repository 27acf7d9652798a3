// SPDX-License-Identifier: Apache-2.0

/*
 * match_place.h - a value in the request's JSON, where it stands, and how it is read
 *
 * A place knows the places above it, up to the root, so that an error can name its
 * path. Nothing is built as long as nothing is wrong.
 *
 * Ownership   Places live on the stack and borrow the document.
 */
#ifndef ADAPTERS_CLI_MATCH_PLACE_H
#define ADAPTERS_CLI_MATCH_PLACE_H

#include "matcher/request.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define MATCH_ERROR(name) MATCH_ERROR_##name,
enum match_error_code {
#include "adapters/cli/match_error.def"
};
#undef MATCH_ERROR

struct match_error {
    enum match_error_code code;
    char path[256];
    char sentence[900]; /* what is wrong, and what would be right */
};

struct match_place {
    const struct match_place *up; /* NULL at the root */
    const char *key;              /* NULL: an element of an array */
    size_t index;
    json_t *value; /* NULL: absent, or null */
};

struct match_reader {
    const char *zone; /* of times without an offset */
    struct match_error *error;
};

/* One word that a field may hold. */
struct match_word {
    const char *word;
    unsigned value;
};

/* A text of the document, made fit for a sentence: short, without control characters.
 */
struct match_quote {
    char text[68];
};

struct match_quote match_quote(const char *text);

/* The name of @code, as it is printed. */
const char *match_error_name(enum match_error_code code);

/* Store the error.  Always false, so that a reader can return it. */
__attribute__((format(printf, 4, 5))) bool
match_place_refuse(const struct match_reader *reader, const struct match_place *place,
                   enum match_error_code code, const char *format, ...);

struct match_place match_place_child(const struct match_place *up, const char *key);
struct match_place match_place_item(const struct match_place *up, size_t index);

/*
 * The functions below store the error and return false if the value is not what they
 * want.  Those that take @up and @key leave *ret as it is where the field is absent.
 */

/* @place is an object and has only fields that are in @known, which ends in NULL. */
bool match_place_fields(const struct match_reader *reader,
                        const struct match_place *place, const char *const *known);

/* @place is an array of at most @most elements, or absent. */
bool match_place_array(const struct match_reader *reader,
                       const struct match_place *place, size_t most,
                       enum match_error_code too_many, size_t *ret_count);

bool match_place_number(const struct match_reader *reader, const struct match_place *up,
                        const char *key, int32_t low, int32_t high,
                        int32_t *ret_number);

/* How many, from 1 on: more than @most is @too_many, a limit with a code of its own. */
bool match_place_amount(const struct match_reader *reader, const struct match_place *up,
                        const char *key, int32_t most, enum match_error_code too_many,
                        int32_t *ret_number);

bool match_place_flag(const struct match_reader *reader, const struct match_place *up,
                      const char *key, bool *ret_flag);

/* A text of 1 to @longest bytes without control characters. */
bool match_place_text(const struct match_reader *reader,
                      const struct match_place *place, size_t longest,
                      const char **ret_text);

/* One of @words, which end in NULL. */
bool match_place_word(const struct match_reader *reader,
                      const struct match_place *place, const struct match_word *words,
                      unsigned *ret_value);

/* A time without an offset must be one that the clocks of the zone show once. */
bool match_place_time(const struct match_reader *reader,
                      const struct match_place *place, minute_t *ret_minute);

/* The "start" and "end" of @place: both present, in order, at most 400 days apart. */
bool match_place_span(const struct match_reader *reader,
                      const struct match_place *place, minute_t *ret_start,
                      minute_t *ret_end);

#endif
