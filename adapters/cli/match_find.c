// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_find.h"

#include "adapters/cli/match_keep.h"
#include "adapters/cli/match_output.h"
#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const root_fields[] = {
    "find",
    "zone",
    "now",
    "duration_minutes",
    "grid_minutes",
    "certainties",
    "tentative",
    "purposes",
    "places",
    "modality",
    "place",
    "travel",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "wanted",
    "people",
    NULL,
};
static const char *const find_fields[] = {"start", "day", NULL};

void match_finder_finish(struct match_finder *finder)
{
    free(finder->people);
    free(finder->blocks);
    *finder = (struct match_finder){0};
}

/* ---- reading ------------------------------------------------------------------- */

static bool read_moment(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_place find = match_place_child(root, "find");
    if (!match_place_fields(reader, &find, find_fields)) {
        return false;
    }
    struct match_place start = match_place_child(&find, "start");
    struct match_place day = match_place_child(&find, "day");
    if ((start.value == NULL) == (day.value == NULL)) {
        return match_place_refuse(reader, &find, MATCH_ERROR_FIELD_CONFLICT,
                                  "Give one \"start\", or one \"day\" such as "
                                  "2026-11-24.");
    }
    if (start.value != NULL) {
        return match_place_time(reader, &start, &input->asked);
    }
    char midnight[32] = "";
    const char *text = json_string_value(day.value);
    if (text != NULL && strlen(text) == 10) {
        snprintf(midnight, sizeof(midnight), "%sT00:00", text);
    }
    input->whole_day = true;
    return zone_parse_time(midnight, reader->zone, &input->asked) ||
           match_place_refuse(reader, &day, MATCH_ERROR_BAD_TIME,
                              "A day such as \"2026-11-24\" is expected here.");
}

bool match_find_read(struct match_input *input, struct match_reader *reader,
                     const struct match_place *root)
{
    struct match_party *party = &input->parties[0];
    unsigned modality = 0;
    struct match_place now = match_place_child(root, "now");

    input->question = MATCH_FIND;
    input->request.now = INT32_MIN;
    *party = (struct match_party){0};
    if (!match_place_fields(reader, root, root_fields) ||
        !match_input_zone(input, reader, root) ||
        !match_input_limits(input, reader, root) ||
        !match_input_how(input, reader, root) || !read_moment(input, reader, root) ||
        (now.value != NULL && !match_place_time(reader, &now, &input->request.now)) ||
        !match_input_word(reader, root, "modality", match_modalities, &modality) ||
        !match_input_place_if_any(input, reader, root, "place",
                                  &input->options[0].place) ||
        !match_place_number(reader, root, "buffer_before_minutes", 0, MATCH_BUFFER_MAX,
                            &party->buffer_before) ||
        !match_place_number(reader, root, "buffer_after_minutes", 0, MATCH_BUFFER_MAX,
                            &party->buffer_after) ||
        !match_input_people(input, reader, root, "people")) {
        return false;
    }
    input->options[0].modality = (uint8_t)modality;
    return match_input_clock(input, reader, root,
                             (struct match_span){input->asked, input->asked});
}

/* ---- answering ----------------------------------------------------------------- */

static bool refuse(struct match_error *error, enum match_error_code code,
                   const char *sentence)
{
    error->code = code;
    snprintf(error->path, sizeof(error->path), "$");
    snprintf(error->sentence, sizeof(error->sentence), "%s", sentence);
    return false;
}

static size_t people_of(const struct match_input *input)
{
    return input->people_count > 0 ? input->people_count
                                   : match_keep_count(input->keep);
}

static const struct match_somebody *somebody_at(const struct match_input *input,
                                                size_t index)
{
    return input->people_count > 0 ? &input->people[index]
                                   : match_keep_at(input->keep, index);
}

static bool give_person(void *context, uint32_t who, struct match_person *ret_person)
{
    const struct match_input *input = context;
    if (who >= people_of(input)) {
        return false;
    }
    *ret_person = somebody_at(input, who)->person;
    return true;
}

/* The rows of everybody who is asked for, from the day of the question on. */
static bool build(struct match_finder *finder, const struct match_input *input)
{
    size_t count = people_of(input);
    size_t blocks = (count + PEOPLE_BLOCK - 1) / PEOPLE_BLOCK;
    bool is_kept = input->people_count == 0;
    int32_t today = input->asked / MINUTES_PER_DAY - 1;

    match_finder_finish(finder);
    finder->people = malloc(sizeof(*finder->people));
    finder->blocks = aligned_alloc(PEOPLE_BLOCK_SIZE, (blocks + 1) * PEOPLE_BLOCK_SIZE);
    if (finder->people == NULL || finder->blocks == NULL) {
        match_finder_finish(finder);
        return false;
    }
    people_init(finder->people, today);
    for (size_t i = 0; i < blocks; i++) {
        people_grow(finder->people, (char *)finder->blocks + i * PEOPLE_BLOCK_SIZE);
    }
    for (size_t i = 0; i < count; i++) {
        people_replace(finder->people, (uint32_t)i, NULL,
                       &somebody_at(input, i)->person);
    }
    finder->keep = is_kept ? input->keep : NULL;
    finder->version = is_kept ? match_keep_version(input->keep) : 0;
    return true;
}

/* The rows of a former question serve as long as people and days are the same. */
static bool make_ready(struct match_finder *finder, const struct match_input *input)
{
    int32_t day = input->asked / MINUTES_PER_DAY;
    bool same = finder->people != NULL && input->people_count == 0 &&
                finder->keep == input->keep &&
                finder->version == match_keep_version(input->keep) &&
                day > finder->people->today &&
                day < finder->people->today + PEOPLE_DAYS - 2;
    return same || build(finder, input);
}

static json_t *names_of(const struct match_input *input, const uint64_t *set,
                        size_t count)
{
    json_t *names = json_array();
    size_t wanted = input->request.wanted;
    for (size_t i = 0; i < count && json_array_size(names) < wanted; i++) {
        if ((set[i / 64] >> i % 64 & 1) != 0) {
            json_array_append_new(names, json_string(somebody_at(input, i)->name));
        }
    }
    return names;
}

static enum match_status find_one(const struct match_finder *finder,
                                  const struct match_input *input,
                                  const struct people_question *question,
                                  json_t **ret_answer)
{
    struct match_input *lent = (struct match_input *)input; /* only read */
    const struct people_agendas agendas = {give_person, lent};
    size_t count = 0;
    uint64_t *set = calloc(people_words(finder->people) + 1, sizeof(*set));
    if (set == NULL) {
        return MATCH_NO_ROOM;
    }
    enum match_status status = people_find(finder->people, &agendas, question,
                                           input->asked, NULL, set, &count);
    if (status == MATCH_OK) {
        *ret_answer = json_pack("{s:o, s:i, s:I, s:I, s:o}", "start",
                                match_output_time(input, input->asked),
                                "duration_minutes", input->request.duration, "asked",
                                (json_int_t)people_of(input), "free", (json_int_t)count,
                                "people", names_of(input, set, people_of(input)));
    }
    free(set);
    return status;
}

static enum match_status find_day(const struct match_finder *finder,
                                  const struct match_input *input,
                                  const struct people_question *question,
                                  json_t **ret_answer)
{
    struct match_input *lent = (struct match_input *)input; /* only read */
    const struct people_agendas agendas = {give_person, lent};
    uint32_t counts[MINUTES_PER_DAY];
    size_t starts = (size_t)(MINUTES_PER_DAY / input->request.grid);
    const struct people_grid grid = {
        .first = input->asked, .step = input->request.grid, .count = starts};
    enum match_status status =
        people_starts(finder->people, &agendas, question, &grid, NULL, counts, NULL);
    if (status != MATCH_OK) {
        return status;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < starts; i++) {
        minute_t start = input->asked + (minute_t)i * input->request.grid;
        if (counts[i] > 0) {
            json_array_append_new(list, json_pack("{s:o, s:I}", "start",
                                                  match_output_time(input, start),
                                                  "free", (json_int_t)counts[i]));
        }
    }
    *ret_answer =
        json_pack("{s:i, s:I, s:o}", "duration_minutes", input->request.duration,
                  "asked", (json_int_t)people_of(input), "starts", list);
    return MATCH_OK;
}

bool match_find_answer(struct match_finder *finder, const struct match_input *input,
                       json_t **ret_answer, struct match_error *ret_error)
{
    const struct match_request *request = &input->request;
    const struct people_question question = {
        .duration = request->duration,
        .option = input->options[0],
        .certainties = request->certainties,
        .purposes = request->purposes,
        .tentative = request->tentative,
        .buffer_before = input->parties[0].buffer_before,
        .buffer_after = input->parties[0].buffer_after,
        .legs = request->legs,
        .leg_count = request->leg_count,
        .now = request->now,
        .offsets = request->offsets,
        .offset_count = request->offset_count,
    };
    if (!make_ready(finder, input)) {
        return refuse(ret_error, MATCH_ERROR_OUT_OF_MEMORY,
                      "There is no memory left for so many people.");
    }
    enum match_status status = input->whole_day
                                   ? find_day(finder, input, &question, ret_answer)
                                   : find_one(finder, input, &question, ret_answer);
    return status == MATCH_OK ||
           refuse(ret_error, MATCH_ERROR_REFUSED, match_status_text(status));
}
