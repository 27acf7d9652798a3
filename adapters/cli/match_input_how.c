// SPDX-License-Identifier: Apache-2.0

/*
 * match_input_how.c - the ways to meet in a match request: places, options, travel,
 * quorum, series, and what may be relaxed
 */
#include "adapters/cli/match_input.h"

#include <stdlib.h>
#include <string.h>

enum { WIDER_DAYS = 7 }; /* unless the request says otherwise */

static const char *const option_fields[] = {"modality", "place", NULL};
static const char *const leg_fields[] = {"from", "to", "minutes", NULL};
static const char *const series_fields[] = {"every", "times", NULL};
static const char *const leeway_fields[] = {"shorter_by_minutes", "wider_days",
                                            "without_party", "other_options", NULL};

const struct match_word match_modalities[] = {
    {"on_site", 1}, {"video", 2}, {"phone", 3}, {"at_home", 4}, {NULL, 0},
};

const struct match_word match_modality_bits[] = {
    {"on_site", 1 << 1}, {"video", 1 << 2}, {"phone", 1 << 3},
    {"at_home", 1 << 4}, {NULL, 0},
};

static const struct match_word steps[] = {
    {"week", MATCH_WEEKLY},
    {"fortnight", MATCH_FORTNIGHTLY},
    {"month", MATCH_MONTHLY},
    {"month_last", MATCH_MONTHLY_LAST},
    {NULL, 0},
};

static const struct match_word tentatives[] = {
    {"excluded", MATCH_TENTATIVE_EXCLUDED},
    {"soft", MATCH_TENTATIVE_SOFT},
    {NULL, 0},
};

const char *match_input_modality(uint8_t modality)
{
    for (size_t i = 0; match_modalities[i].word != NULL; i++) {
        if (match_modalities[i].value == modality) {
            return match_modalities[i].word;
        }
    }
    return "any";
}

/* The number of the place that @place names. */
static bool place_at(struct match_input *input, const struct match_reader *reader,
                     const struct match_place *place, uint16_t *ret_place)
{
    struct match_texts *texts = &input->texts;
    const char *name = "";
    size_t i = 0;
    if (!match_place_text(reader, place, MATCH_INPUT_NAME_BYTES, &name)) {
        return false;
    }
    while (i < texts->place_count && strcmp(texts->places[i], name) != 0) {
        i++;
    }
    if (i == texts->place_count && texts->places_are_listed) {
        return match_place_refuse(reader, place, MATCH_ERROR_UNKNOWN_VALUE,
                                  "The place \"%s\" is not among \"places\".",
                                  match_quote(name).text);
    }
    if (i == MATCH_INPUT_PLACES_MAX) {
        return match_place_refuse(reader, place, MATCH_ERROR_TOO_MANY_PLACES,
                                  "At most %d different places are allowed.",
                                  MATCH_INPUT_PLACES_MAX);
    }
    if (i == texts->place_count) {
        texts->places[i] = name;
        texts->place_count++;
    }
    *ret_place = (uint16_t)(i + 1);
    return true;
}

bool match_input_place_if_any(struct match_input *input,
                              const struct match_reader *reader,
                              const struct match_place *up, const char *key,
                              uint16_t *ret_place)
{
    struct match_place place = match_place_child(up, key);
    return place.value == NULL || place_at(input, reader, &place, ret_place);
}

const char *match_input_place(const struct match_input *input, uint16_t place)
{
    return place == 0 ? NULL : input->texts.places[place - 1];
}

/* Whoever lists the places may name no other ones. */
static bool read_places(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, "places");
    if (!match_place_array(reader, &list, MATCH_INPUT_PLACES_MAX,
                           MATCH_ERROR_TOO_MANY_PLACES, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        uint16_t number = 0;
        struct match_place item = match_place_item(&list, i);
        if (!place_at(input, reader, &item, &number)) {
            return false;
        }
    }
    input->texts.places_are_listed = count > 0;
    return true;
}

/* Ways to meet in a list under @key; *ret_count stays where it is absent. */
static bool read_options(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *up, const char *key,
                         struct match_option *options, size_t *ret_count)
{
    size_t count = 0;
    struct match_place list = match_place_child(up, key);
    if (!match_place_array(reader, &list, MATCH_OPTIONS_MAX,
                           MATCH_ERROR_TOO_MANY_OPTIONS, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned modality = 0;
        struct match_place item = match_place_item(&list, i);
        options[i] = (struct match_option){0};
        if (!match_place_fields(reader, &item, option_fields) ||
            !match_input_word(reader, &item, "modality", match_modalities, &modality) ||
            !match_input_place_if_any(input, reader, &item, "place",
                                      &options[i].place)) {
            return false;
        }
        options[i].modality = (uint8_t)modality;
    }
    if (list.value != NULL) {
        *ret_count = count;
    }
    return true;
}

/* Options, or only how to meet, wherever that is. */
static bool read_ways(struct match_input *input, const struct match_reader *reader,
                      const struct match_place *root)
{
    size_t count = 0;
    struct match_request *request = &input->request;
    struct match_place list = match_place_child(root, "modalities");
    if (!read_options(input, reader, root, "options", input->options,
                      &request->option_count) ||
        !match_place_array(reader, &list, MATCH_OPTIONS_MAX,
                           MATCH_ERROR_TOO_MANY_OPTIONS, &count)) {
        return false;
    }
    if (count > 0 && request->option_count > 0) {
        return match_place_refuse(reader, &list, MATCH_ERROR_FIELD_CONFLICT,
                                  "Give \"options\" or \"modalities\", not both.");
    }
    for (size_t i = 0; i < count; i++) {
        unsigned modality = 0;
        struct match_place item = match_place_item(&list, i);
        if (!match_place_word(reader, &item, match_modalities, &modality)) {
            return false;
        }
        input->options[i] = (struct match_option){.modality = (uint8_t)modality};
        request->option_count = i + 1;
    }
    request->options = input->options;
    return true;
}

static int compare_legs(const void *left, const void *right)
{
    const struct match_leg *a = left;
    const struct match_leg *b = right;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return a->to < b->to ? -1 : a->to > b->to;
}

static bool read_leg(struct match_input *input, const struct match_reader *reader,
                     const struct match_place *place, struct match_leg *leg)
{
    int32_t minutes = -1;
    *leg = (struct match_leg){0};
    if (!match_place_fields(reader, place, leg_fields)) {
        return false;
    }
    struct match_place from = match_place_child(place, "from");
    struct match_place to = match_place_child(place, "to");
    if (!place_at(input, reader, &from, &leg->from) ||
        !place_at(input, reader, &to, &leg->to) ||
        !match_place_number(reader, place, "minutes", 0, MATCH_TRAVEL_MAX, &minutes)) {
        return false;
    }
    if (minutes < 0) {
        struct match_place field = match_place_child(place, "minutes");
        return match_place_refuse(reader, &field, MATCH_ERROR_FIELD_MISSING,
                                  "The field \"minutes\" is missing; it is a number "
                                  "from 0 to %d.",
                                  MATCH_TRAVEL_MAX);
    }
    leg->minutes = minutes;
    return leg->from != leg->to ||
           match_place_refuse(reader, place, MATCH_ERROR_FIELD_CONFLICT,
                              "A leg leads from one place to another.");
}

/* The way back takes as long, unless it is given, too.  @count legs are sorted. */
static void add_ways_back(struct match_input *input, size_t count)
{
    size_t all = count;
    for (size_t i = 0; i < count; i++) {
        struct match_leg back = {.from = input->legs[i].to,
                                 .to = input->legs[i].from,
                                 .minutes = input->legs[i].minutes};
        if (bsearch(&back, input->legs, count, sizeof(back), compare_legs) == NULL) {
            input->legs[all] = back;
            all++;
        }
    }
    qsort(input->legs, all, sizeof(input->legs[0]), compare_legs);
    input->request.legs = input->legs;
    input->request.leg_count = all;
}

static bool read_travel(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, "travel");
    if (!match_place_array(reader, &list, MATCH_LEGS_MAX / 2, MATCH_ERROR_TOO_MANY_LEGS,
                           &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_leg(input, reader, &item, &input->legs[i])) {
            return false;
        }
    }
    qsort(input->legs, count, sizeof(input->legs[0]), compare_legs);
    for (size_t i = 1; i < count; i++) {
        if (compare_legs(&input->legs[i - 1], &input->legs[i]) == 0) {
            return match_place_refuse(
                reader, &list, MATCH_ERROR_FIELD_CONFLICT,
                "The way from \"%s\" to \"%s\" is given twice.",
                match_quote(match_input_place(input, input->legs[i].from)).text,
                match_quote(match_input_place(input, input->legs[i].to)).text);
        }
    }
    add_ways_back(input, count);
    return true;
}

static bool read_series(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_place place = match_place_child(root, "series");
    unsigned step = MATCH_WEEKLY;
    int32_t times = 0;
    if (place.value == NULL) {
        return true;
    }
    if (!match_place_fields(reader, &place, series_fields) ||
        !match_input_word(reader, &place, "every", steps, &step) ||
        !match_place_amount(reader, &place, "times", MATCH_OCCURRENCES_MAX,
                            MATCH_ERROR_SERIES_TOO_LONG, &times)) {
        return false;
    }
    struct match_place field = match_place_child(&place, "times");
    if (times == 0) {
        return match_place_refuse(reader, &field, MATCH_ERROR_FIELD_MISSING,
                                  "The field \"times\" is missing; it is a number from "
                                  "1 to %d.",
                                  MATCH_OCCURRENCES_MAX);
    }
    input->request.occurrences = (uint32_t)times;
    input->request.step = (enum match_step)step;
    return true;
}

/* What could be asked for instead: everything, unless the request says what. */
static bool read_leeway(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_leeway *leeway = &input->leeway;
    struct match_place place = match_place_child(root, "leeway");
    *leeway = (struct match_leeway){
        .shorter_by = input->request.duration,
        .wider_days = WIDER_DAYS,
        .without_party = true,
        .others = input->others,
        .other_count = input->request.option_count > 0 ? 2 : 0,
    };
    input->others[0] = (struct match_option){.modality = 2};
    input->others[1] = (struct match_option){.modality = 3};
    input->with_leeway = !json_is_false(place.value);
    if (place.value == NULL || json_is_boolean(place.value)) {
        return true;
    }
    leeway->shorter_by = 0;
    leeway->wider_days = 0;
    leeway->without_party = false;
    leeway->other_count = 0;
    return match_place_fields(reader, &place, leeway_fields) &&
           match_place_number(reader, &place, "shorter_by_minutes", 0,
                              MATCH_DURATION_MAX, &leeway->shorter_by) &&
           match_place_number(reader, &place, "wider_days", 0, MATCH_WINDOW_DAYS_MAX,
                              &leeway->wider_days) &&
           match_place_flag(reader, &place, "without_party", &leeway->without_party) &&
           read_options(input, reader, &place, "other_options", input->others,
                        &leeway->other_count);
}

bool match_input_how(struct match_input *input, const struct match_reader *reader,
                     const struct match_place *root)
{
    struct match_request *request = &input->request;
    int32_t quorum = 0;
    unsigned tentative = MATCH_TENTATIVE_EXCLUDED;
    if (!read_places(input, reader, root) || !read_ways(input, reader, root) ||
        !read_travel(input, reader, root) || !read_series(input, reader, root) ||
        !match_place_number(reader, root, "quorum", 0, MATCH_INPUT_QUORUM_MAX,
                            &quorum) ||
        !match_place_flag(reader, root, "urgent", &request->urgent) ||
        !match_input_word(reader, root, "tentative", tentatives, &tentative)) {
        return false;
    }
    request->quorum = (uint32_t)quorum;
    request->tentative = (enum match_tentative)tentative;
    return read_leeway(input, reader, root);
}
