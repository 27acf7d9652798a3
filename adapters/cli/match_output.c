// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_output.h"

#include "proto/zone.h"

#include <stdio.h>
#include <string.h>

const char *match_output_reason(enum match_reason reason)
{
    switch (reason) {
    case MATCH_ATTENDS:
        return "attends";
    case MATCH_IS_BUSY:
        return "busy";
    case MATCH_IS_UNKNOWN:
        return "unknown";
    case MATCH_NOT_OFFERED:
        return "not_offered";
    case MATCH_TOO_FAR:
        return "too_far";
    case MATCH_SHORT_NOTICE:
        return "short_notice";
    case MATCH_DAY_FULL:
        return "day_full";
    }
    return "attends";
}

json_t *match_output_time(const struct match_input *input, minute_t minute)
{
    char utc[ZONE_TIME_SIZE];
    char local[ZONE_TIME_SIZE];
    zone_format_time(minute, "UTC", utc, sizeof(utc));
    zone_format_time(minute, input->zone, local, sizeof(local));
    return json_pack("{s:s, s:s}", "utc", utc, "local", local);
}

static json_t *merit_to_json(const struct match_input *input,
                             const struct match_slot *slot)
{
    /* The first ten characters of the local start are the civil day. */
    char day[ZONE_TIME_SIZE];
    zone_format_time(slot->start, input->zone, day, sizeof(day));
    day[10] = '\0';
    const struct match_merit *merit = &slot->merit;
    json_t *value = json_pack(
        "{s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:i}", "date_band", merit->date_band,
        "optional_present", merit->optional_present, "typical", merit->typical,
        "inferred", merit->inferred, "preferred", merit->preferred, "avoid",
        merit->avoid, "civil_day", day, "unusable_minutes", merit->unusable);
    if (slot->asked != 0) {
        json_object_set_new(value, "asked", json_integer(merit->asked));
    }
    return value;
}

static json_t *option_to_json(const struct match_input *input,
                              const struct match_slot *slot)
{
    const struct match_option *option = &input->options[slot->option];
    json_t *value =
        json_pack("{s:s}", "modality", match_input_modality(option->modality));
    const char *place = match_input_place(input, option->place);
    if (place != NULL) {
        json_object_set_new(value, "place", json_string(place));
    }
    return value;
}

/* Who of each pool is chosen. */
static json_t *pools_to_json(const struct match_input *input,
                             const struct match_result *result,
                             const struct match_slot *slot)
{
    json_t *pools = json_array();
    for (size_t i = 0; i < input->request.party_count; i++) {
        const struct match_party *party = &input->parties[i];
        if (party->member_count == 0 || slot->reason[i] != MATCH_ATTENDS) {
            continue;
        }
        const uint16_t *chosen = &result->chosen[slot->chosen_at[i]];
        json_t *members = json_array();
        for (size_t j = 0; j < party->needed; j++) {
            json_array_append_new(members, json_string(input->members[i][chosen[j]]));
        }
        json_array_append_new(pools, json_pack("{s:s, s:o}", "party", input->names[i],
                                               "chosen", members));
    }
    return pools;
}

static json_t *occurrences_to_json(const struct match_input *input,
                                   const struct match_slot *slot)
{
    json_t *starts = json_array();
    for (uint32_t i = 0; i < input->request.occurrences; i++) {
        minute_t start = 0;
        if (match_occurrence(&input->request, slot->start, i, &start)) {
            json_array_append_new(starts, match_output_time(input, start));
        }
    }
    return starts;
}

static bool has_pool(const struct match_input *input)
{
    for (size_t i = 0; i < input->request.party_count; i++) {
        if (input->parties[i].member_count > 0) {
            return true;
        }
    }
    return false;
}

/* Who attends as far as anybody knows. */
static json_t *asked_to_json(const struct match_input *input,
                             const struct match_slot *slot)
{
    json_t *asked = json_array();
    for (size_t i = 0; i < input->request.party_count; i++) {
        if ((slot->asked >> i & 1) != 0) {
            json_array_append_new(asked, json_string(input->names[i]));
        }
    }
    return asked;
}

static json_t *slot_to_json(const struct match_input *input,
                            const struct match_result *result,
                            const struct match_slot *slot)
{
    const struct match_request *request = &input->request;
    json_t *attending = json_array();
    json_t *absent = json_array();
    for (size_t i = 0; i < request->party_count; i++) {
        enum match_reason reason = (enum match_reason)slot->reason[i];
        if (reason == MATCH_ATTENDS) {
            json_array_append_new(attending, json_string(input->names[i]));
        } else {
            json_array_append_new(absent,
                                  json_pack("{s:s, s:s}", "party", input->names[i],
                                            "reason", match_output_reason(reason)));
        }
    }
    json_t *value = json_pack(
        "{s:o, s:o, s:o, s:o}", "start", match_output_time(input, slot->start), "end",
        match_output_time(input, slot->end), "attending", attending, "absent", absent);
    if (slot->asked != 0) {
        json_object_set_new(value, "asked", asked_to_json(input, slot));
    }
    if (request->option_count > 0) {
        json_object_set_new(value, "option", option_to_json(input, slot));
    }
    if (has_pool(input)) {
        json_object_set_new(value, "pools", pools_to_json(input, result, slot));
    }
    if (has_pool(input) || request->quorum > 0) {
        json_object_set_new(value, "heads", json_integer((json_int_t)slot->heads));
    }
    if (request->occurrences > 1) {
        json_object_set_new(value, "occurrences", occurrences_to_json(input, slot));
    }
    json_object_set_new(value, "merit", merit_to_json(input, slot));
    return value;
}

json_t *match_output_answer(const struct match_input *input,
                            const struct match_work *work)
{
    const struct match_result *result = &work->result;
    json_t *slots = json_array();
    for (size_t i = 0; i < result->count; i++) {
        json_array_append_new(slots, slot_to_json(input, result, &result->slots[i]));
    }
    if (input->question == MATCH_JUDGED) {
        return json_pack("{s:s, s:i, s:b, s:o}", "zone", input->zone,
                         "duration_minutes", input->request.duration, "suits",
                         work->suits, "slots", slots);
    }
    json_t *answer = json_pack("{s:s, s:i}", "zone", input->zone, "duration_minutes",
                               input->request.duration);
    if (input->counts || work->is_explained) {
        json_object_set_new(answer, "candidates", json_integer(work->candidates));
        json_object_set_new(answer, "feasible", json_integer(work->feasible));
    }
    json_object_set_new(answer, "slots", slots);
    if (answer != NULL && work->is_explained) {
        json_object_set_new(answer, "why_not", match_output_why(input, work));
    }
    return answer;
}

/* The document of an error, or NULL where @sentence is not UTF-8. */
static json_t *pack_error(const struct match_error *error, const char *path,
                          const char *sentence, size_t line)
{
    const char *name = match_error_name(error->code);
    json_t *body =
        json_pack("{s:s, s:s, s:s}", "code", name, "sentence", sentence, "path", path);
    if (body != NULL && line > 0) {
        json_object_set_new(body, "line", json_integer((json_int_t)line));
    }
    return body == NULL ? NULL : json_pack("{s:o}", "error", body);
}

json_t *match_output_error(const struct match_error *error, size_t line)
{
    char ascii[sizeof(error->sentence)];
    json_t *document = pack_error(error, error->path, error->sentence, line);
    if (document != NULL) {
        return document;
    }
    /* The name of a file, or a text cut in two, need not be UTF-8. */
    snprintf(ascii, sizeof(ascii), "%s", error->sentence);
    for (char *c = ascii; *c != '\0'; c++) {
        if ((unsigned char)*c > 127) {
            *c = '?';
        }
    }
    return pack_error(error, "$", ascii, line);
}
