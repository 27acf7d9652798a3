// SPDX-License-Identifier: Apache-2.0

/*
 * match_output_why.c - why a match request has no slot, and what could be asked for
 * instead
 */
#include "adapters/cli/match_output.h"

#include "proto/zone.h"

#include <stdio.h>
#include <string.h>

/* Per indispensable party: at how many of the possible starts it cannot come, and why.
 */
static json_t *blame_to_json(const struct match_input *input,
                             const struct match_why *why)
{
    json_t *list = json_array();
    for (size_t i = 0; i < input->request.party_count; i++) {
        const struct match_blame *blame = &why->blame[i];
        if (input->parties[i].importance != MATCH_INDISPENSABLE) {
            continue;
        }
        json_t *value =
            json_pack("{s:s, s:I, s:I, s:I}", "party", input->names[i], "busy",
                      (json_int_t)blame->busy, "unknown", (json_int_t)blame->unknown,
                      "not_offered", (json_int_t)blame->not_offered);
        if (input->request.leg_count > 0) {
            json_object_set_new(value, "too_far",
                                json_integer((json_int_t)blame->too_far));
        }
        if (blame->short_notice > 0) {
            json_object_set_new(value, "short_notice",
                                json_integer((json_int_t)blame->short_notice));
        }
        if (blame->day_full > 0) {
            json_object_set_new(value, "day_full",
                                json_integer((json_int_t)blame->day_full));
        }
        json_array_append_new(list, value);
    }
    return list;
}

/* True if nothing at all is known of a party. */
static bool is_silent(const struct match_party *party)
{
    size_t silent = 0;
    for (size_t i = 0; i < party->member_count; i++) {
        silent += match_records_silent(&party->members[i]);
    }
    return party->member_count > 0 ? silent > party->member_count - party->needed
                                   : match_records_silent(&party->person);
}

/* Those whose time is not known at some possible start.  Optional ones are named only
 * if nothing is known of them: they block nothing, and the search counts nothing for
 * them. */
static json_t *unknown_to_json(const struct match_input *input,
                               const struct match_why *why)
{
    json_t *list = json_array();
    for (size_t i = 0; i < input->request.party_count; i++) {
        if (why->blame[i].unknown > 0 || is_silent(&input->parties[i])) {
            json_array_append_new(list, json_string(input->names[i]));
        }
    }
    return list;
}

static const char *relaxation_word(enum match_relaxation_kind kind)
{
    switch (kind) {
    case MATCH_OTHER_OPTION:
        return "other_option";
    case MATCH_SHORTER:
        return "shorter";
    case MATCH_WIDER:
        return "wider";
    case MATCH_WITHOUT_PARTY:
        return "without_party";
    case MATCH_SMALLER_POOL:
        return "smaller_pool";
    case MATCH_SMALLER_QUORUM:
        return "smaller_quorum";
    }
    return "";
}

void match_output_option(const struct match_input *input, struct match_option option,
                         char *buffer, size_t size)
{
    const char *place = match_input_place(input, option.place);
    snprintf(buffer, size, "%s%s%s", match_input_modality(option.modality),
             place != NULL ? " at " : "", place != NULL ? place : "");
}

/* What would be asked for, without what would come of it. */
static void say_change(const struct match_input *input,
                       const struct match_relaxation *relaxation, char *buffer,
                       size_t size)
{
    char option[2 * MATCH_INPUT_NAME_BYTES];
    switch (relaxation->kind) {
    case MATCH_OTHER_OPTION:
        match_output_option(input, relaxation->option, option, sizeof(option));
        snprintf(buffer, size, "another way to meet: %s", option);
        return;
    case MATCH_SHORTER:
        snprintf(buffer, size, "shorter by %d min", relaxation->minutes);
        return;
    case MATCH_WIDER:
        snprintf(buffer, size, "days added to the last window: %d",
                 relaxation->minutes / MINUTES_PER_DAY);
        return;
    case MATCH_WITHOUT_PARTY:
        snprintf(buffer, size, "without %s", input->names[relaxation->party]);
        return;
    case MATCH_SMALLER_POOL:
        snprintf(buffer, size, "with %u of %s", relaxation->needed,
                 input->names[relaxation->party]);
        return;
    case MATCH_SMALLER_QUORUM:
        snprintf(buffer, size, "with a quorum of %u", relaxation->needed);
        return;
    }
}

void match_output_relaxation(const struct match_input *input,
                             const struct match_relaxation *relaxation, char *buffer,
                             size_t size)
{
    char change[3 * MATCH_INPUT_NAME_BYTES];
    char first[ZONE_TIME_SIZE];
    say_change(input, relaxation, change, sizeof(change));
    zone_format_time(relaxation->first, input->zone, first, sizeof(first));
    snprintf(buffer, size, "%s: %u %s, first %s", change, relaxation->feasible,
             relaxation->feasible == 1 ? "start" : "starts", first);
}

static json_t *relaxation_to_json(const struct match_input *input,
                                  const struct match_relaxation *relaxation)
{
    char sentence[4 * MATCH_INPUT_NAME_BYTES];
    json_t *value = json_pack("{s:s}", "kind", relaxation_word(relaxation->kind));
    switch (relaxation->kind) {
    case MATCH_OTHER_OPTION:
        json_object_set_new(
            value, "modality",
            json_string(match_input_modality(relaxation->option.modality)));
        if (relaxation->option.place != 0) {
            json_object_set_new(
                value, "place",
                json_string(match_input_place(input, relaxation->option.place)));
        }
        break;
    case MATCH_SHORTER:
    case MATCH_WIDER:
        json_object_set_new(value, "minutes", json_integer(relaxation->minutes));
        break;
    case MATCH_WITHOUT_PARTY:
        json_object_set_new(value, "party",
                            json_string(input->names[relaxation->party]));
        break;
    case MATCH_SMALLER_POOL:
        json_object_set_new(value, "party",
                            json_string(input->names[relaxation->party]));
        json_object_set_new(value, "needed", json_integer(relaxation->needed));
        break;
    case MATCH_SMALLER_QUORUM:
        json_object_set_new(value, "needed", json_integer(relaxation->needed));
        break;
    }
    match_output_relaxation(input, relaxation, sentence, sizeof(sentence));
    json_object_set_new(value, "feasible",
                        json_integer((json_int_t)relaxation->feasible));
    json_object_set_new(value, "first", match_output_time(input, relaxation->first));
    json_object_set_new(value, "sentence", json_string(sentence));
    return value;
}

/* Why there is no slot; nothing where there is one. */
static void set_verdict(const struct match_input *input, const struct match_why *why,
                        json_t *value)
{
    const char *code = "BLOCKED";
    const char *sentence =
        "At every possible start at least one of those who block cannot come.";
    if (why->feasible > 0) {
        return;
    }
    if (why->candidates == 0) {
        code = "NO_CANDIDATE";
        sentence =
            "The windows, the grid, the days and holidays, the times of day, the "
            "notice and the dates of the series leave no possible start.";
    } else if (why->quorum_blocks) {
        code = "QUORUM";
        sentence = "All who must come could at some start, but too few people would "
                   "be there.";
    }
    json_t *blocking = json_array();
    for (size_t i = 0; i < why->blocking_count; i++) {
        json_array_append_new(blocking, json_string(input->names[why->blocking[i]]));
    }
    json_object_set_new(value, "code", json_string(code));
    json_object_set_new(value, "sentence", json_string(sentence));
    json_object_set_new(value, "blocking", blocking);
    json_object_set_new(
        value, "blocking_is_smallest",
        json_boolean(why->blocking_count == 0 || why->blocking_is_exact));
}

json_t *match_output_why(const struct match_input *input, const struct match_work *work)
{
    const struct match_why *why = &work->why;
    json_t *value = json_object();
    set_verdict(input, why, value);
    json_object_set_new(value, "unknown", unknown_to_json(input, why));
    json_object_set_new(value, "parties", blame_to_json(input, why));
    if (input->with_leeway) {
        json_t *relaxations = json_array();
        for (size_t i = 0; i < why->relaxation_count; i++) {
            json_array_append_new(relaxations,
                                  relaxation_to_json(input, &why->relaxations[i]));
        }
        json_object_set_new(value, "relaxations", relaxations);
    }
    return value;
}
