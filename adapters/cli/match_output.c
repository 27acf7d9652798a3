// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/match_output.h"

#include "proto/zone.h"

#include <string.h>

static const char *reason_word(enum match_reason reason)
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

static json_t *time_to_json(const struct match_input *input, minute_t minute)
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
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:i}", "date_band",
                     merit->date_band, "optional_present", merit->optional_present,
                     "typical", merit->typical, "inferred", merit->inferred,
                     "preferred", merit->preferred, "avoid", merit->avoid, "civil_day",
                     day, "unusable_minutes", merit->unusable);
}

static json_t *slot_to_json(const struct match_input *input,
                            const struct match_slot *slot)
{
    json_t *attending = json_array();
    json_t *absent = json_array();
    for (size_t i = 0; i < input->request.party_count; i++) {
        enum match_reason reason = (enum match_reason)slot->reason[i];
        if (reason == MATCH_ATTENDS) {
            json_array_append_new(attending, json_string(input->names[i]));
        } else {
            json_array_append_new(absent,
                                  json_pack("{s:s, s:s}", "party", input->names[i],
                                            "reason", reason_word(reason)));
        }
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "start",
                     time_to_json(input, slot->start), "end",
                     time_to_json(input, slot->end), "attending", attending, "absent",
                     absent, "merit", merit_to_json(input, slot));
}

/* Per indispensable party: at how many of the possible starts it cannot come, and why.
 */
static json_t *blame_to_json(const struct match_input *input,
                             const struct match_why *why)
{
    json_t *list = json_array();
    for (size_t i = 0; i < input->request.party_count; i++) {
        const struct match_blame *blame = &why->blame[i];
        if (input->parties[i].importance == MATCH_INDISPENSABLE) {
            json_array_append_new(
                list, json_pack("{s:s, s:I, s:I, s:I}", "party", input->names[i],
                                "busy", (json_int_t)blame->busy, "unknown",
                                (json_int_t)blame->unknown, "not_offered",
                                (json_int_t)blame->not_offered));
        }
    }
    return list;
}

/* True if an agenda of this party is missing altogether, or has fallen silent. */
static bool is_silent(const struct match_party *party)
{
    bool silent = party->person.source_count == 0;
    for (size_t i = 0; i < party->person.source_count; i++) {
        const struct match_span *coverage = &party->person.sources[i].coverage;
        silent = silent || coverage->start >= coverage->end;
    }
    return silent;
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

static json_t *why_not_to_json(const struct match_input *input,
                               const struct match_why *why)
{
    json_t *blocking = json_array();
    for (size_t i = 0; i < why->blocking_count; i++) {
        json_array_append_new(blocking, json_string(input->names[why->blocking[i]]));
    }
    bool none = why->candidates == 0;
    const char *sentence =
        none ? "The windows, the grid, the days, the times of day and the notice leave "
               "no "
               "possible start."
             : "At every possible start at least one of those who block cannot come.";
    return json_pack("{s:s, s:s, s:o, s:b, s:o, s:o}", "code",
                     none ? "NO_CANDIDATE" : "BLOCKED", "sentence", sentence,
                     "blocking", blocking, "blocking_is_smallest",
                     none || why->blocking_is_exact, "unknown",
                     unknown_to_json(input, why), "parties", blame_to_json(input, why));
}

json_t *match_output_answer(const struct match_input *input,
                            const struct match_result *result,
                            const struct match_why *why)
{
    json_t *slots = json_array();
    for (size_t i = 0; i < result->count; i++) {
        json_array_append_new(slots, slot_to_json(input, &result->slots[i]));
    }
    json_t *answer =
        json_pack("{s:s, s:i, s:I, s:I, s:o}", "zone", input->zone, "duration_minutes",
                  input->request.duration, "candidates", (json_int_t)why->candidates,
                  "feasible", (json_int_t)why->feasible, "slots", slots);
    if (answer != NULL && result->count == 0) {
        json_object_set_new(answer, "why_not", why_not_to_json(input, why));
    }
    return answer;
}

json_t *match_output_error(const struct match_error *error)
{
    char ascii[sizeof(error->sentence)];
    const char *name = match_error_name(error->code);
    json_t *document = json_pack("{s:{s:s, s:s, s:s}}", "error", "code", name,
                                 "sentence", error->sentence, "path", error->path);
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
    return json_pack("{s:{s:s, s:s, s:s}}", "error", "code", name, "sentence", ascii,
                     "path", "$");
}
