// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_find.h"

#include "adapters/cli/match_keep.h"
#include "adapters/cli/match_output.h"
#include "matcher/calendar.h"
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

/* The starts of @grid at which somebody is free, into @list. */
static enum match_status list_starts(const struct match_finder *finder,
                                     const struct match_input *input,
                                     const struct people_question *question,
                                     const struct people_grid *grid, json_t *list)
{
    struct match_input *lent = (struct match_input *)input; /* only read */
    const struct people_agendas agendas = {give_person, lent};
    uint32_t counts[MINUTES_PER_DAY];
    enum match_status status =
        people_starts(finder->people, &agendas, question, grid, NULL, counts, NULL);
    for (size_t i = 0; status == MATCH_OK && i < grid->count; i++) {
        minute_t start = grid->first + (minute_t)i * grid->step;
        if (counts[i] > 0) {
            json_array_append_new(list, json_pack("{s:o, s:I}", "start",
                                                  match_output_time(input, start),
                                                  "free", (json_int_t)counts[i]));
        }
    }
    return status;
}

/* A day has 23 or 25 hours where the clocks change in it: each stretch of its clock has a
 * grid of its own. */
static enum match_status find_day(const struct match_finder *finder,
                                  const struct match_input *input,
                                  const struct people_question *question,
                                  json_t **ret_answer)
{
    int32_t step = input->request.grid;
    minute_t at = input->asked;
    struct civil clock = calendar_read(&input->request, at);
    int32_t day = clock.day;
    enum match_status status = MATCH_OK;
    json_t *list = json_array();
    while (status == MATCH_OK && clock.day == day) {
        minute_t first = at + (step - clock.minute % step) % step;
        if (first < clock.until) {
            const struct people_grid grid = {
                .first = first,
                .step = step,
                .count = (size_t)((clock.until - first + step - 1) / step)};
            status = list_starts(finder, input, question, &grid, list);
        }
        at = clock.until;
        clock = calendar_read(&input->request, at);
    }
    if (status != MATCH_OK) {
        json_decref(list);
        return status;
    }
    *ret_answer =
        json_pack("{s:i, s:I, s:o}", "duration_minutes", input->request.duration,
                  "asked", (json_int_t)people_of(input), "starts", list);
    return MATCH_OK;
}

static const char *local_of(const json_t *object)
{
    return json_string_value(
        json_object_get(json_object_get(object, "start"), "local"));
}

bool match_find_draw(FILE *file, const json_t *answer)
{
    json_t *starts = json_object_get(answer, "starts");
    json_t *people = json_object_get(answer, "people");
    json_t *each = NULL;
    size_t i = 0;
    int asked = (int)json_integer_value(json_object_get(answer, "asked"));
    int minutes = (int)json_integer_value(json_object_get(answer, "duration_minutes"));
    if (starts == NULL) {
        fprintf(file, "%s, %d minutes: %d of %d free\n", local_of(answer), minutes,
                (int)json_integer_value(json_object_get(answer, "free")), asked);
    } else {
        fprintf(file, "%d minutes, free of %d:\n", minutes, asked);
    }
    json_array_foreach(starts, i, each)
    {
        fprintf(file, "  %s  %d\n", local_of(each),
                (int)json_integer_value(json_object_get(each, "free")));
    }
    json_array_foreach(people, i, each)
    {
        fprintf(file, "  %s\n", json_string_value(each));
    }
    return ferror(file) == 0;
}

bool match_find_answer(struct match_finder *finder, const struct match_input *input,
                       json_t **ret_answer, struct match_error *ret_error)
{
    const struct match_request *request = &input->request;
    const struct people_question question = {
        .duration = request->duration,
        .option = request->option_count > 0 ? request->options[0]
                                            : (struct match_option){0, 0},
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
