// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/json_meeting.h"

#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "proto/codec.h"
#include "proto/identifier.h"
#include "proto/zone.h"

#include <stdio.h>

enum { ID_TEXT = 37, MS_PER_MINUTE = 60000 };

/* ---- small things ------------------------------------------------------------------
 */

json_t *json_identifier(const struct entente_identifier *identifier)
{
    char text[IDENTIFIER_TEXT];
    if (identifier == NULL) {
        return json_null();
    }
    identifier_short(identifier->system, identifier->value, text, sizeof(text));
    return json_string(text);
}

json_t *json_time(int32_t minute, const char *zone)
{
    char text[ZONE_TIME_SIZE];
    zone_format_time(minute, zone, text, sizeof(text));
    return json_string(text);
}

json_t *json_time_ms(int64_t ms, const char *zone)
{
    return json_time((int32_t)(ms / MS_PER_MINUTE), zone);
}

json_t *json_span(int32_t start, int32_t end, const char *zone)
{
    return json_pack("{s:o, s:o}", "start", json_time(start, zone), "end",
                     json_time(end, zone));
}

/* Members that are absent are left out. */
static void put_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL) {
        json_object_set_new(object, key, json_string(text));
    }
}

static void put_number(json_t *object, const char *key, uint32_t number)
{
    if (number != 0) {
        json_object_set_new(object, key, json_integer(number));
    }
}

static void put_term(json_t *object, const char *key, enum term_kind kind,
                     uint32_t value)
{
    const char *code = term_code(kind, value);
    if (code != NULL) {
        put_text(object, key, code);
    } else {
        put_number(object, key, value); /* of a newer broker */
    }
}

static void put_identifier(json_t *object, const char *key,
                           const struct entente_identifier *identifier)
{
    if (identifier != NULL) {
        json_object_set_new(object, key, json_identifier(identifier));
    }
}

static void put_time_ms(json_t *object, const char *key, int64_t ms, const char *zone)
{
    if (ms != 0) {
        json_object_set_new(object, key, json_time_ms(ms, zone));
    }
}

/* ---- the meeting -------------------------------------------------------------------
 */

json_t *json_grades(const struct entente_graded *grades, size_t count, const char *zone)
{
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "start", json_time(grades[i].start, zone));
        put_term(one, "grade", TERM_GRADE, grades[i].grade);
        json_array_append_new(json, one);
    }
    return json;
}

static void put_true(json_t *object, const char *key, bool value)
{
    if (value) {
        json_object_set_new(object, key, json_true());
    }
}

/* What the broker says of a party beside the answer. */
static void put_marks(json_t *json, const struct entente_party *party, const char *zone)
{
    put_true(json, "ask_if_unknown", party->ask_if_unknown);
    put_true(json, "asked", party->asked);
    put_true(json, "recorded", party->recorded);
    put_true(json, "tacit", party->tacit);
    put_number(json, "answer_minutes", party->answer_minutes);
    put_term(json, "silence", TERM_SILENCE, party->silence);
    put_number(json, "reminded", party->reminded);
    put_time_ms(json, "answer_by", party->answer_by_ms, zone);
    put_term(json, "diverged", TERM_DIVERGENCE, party->diverged);
    put_time_ms(json, "diverged_until", party->diverged_until_ms, zone);
    put_number(json, "from_pool", party->from_pool);
    put_true(json, "despite_busy", party->despite_busy);
    if (party->replaces != 0) {
        json_object_set_new(json, "replaces", json_integer(party->replaces - 1));
    }
    if (party->grades_count > 0) {
        json_object_set_new(json, "grades",
                            json_grades(party->grades, party->grades_count, zone));
    }
}

static json_t *party_json(const struct entente_party *party, const char *zone)
{
    json_t *json = json_object();
    put_identifier(json, "identifier", party->identifier);
    put_text(json, "name", party->name);
    put_term(json, "kind", TERM_KIND, party->kind);
    put_text(json, "importance",
             party->importance == ENTENTE_OPTIONAL ? "optional" : "indispensable");
    put_text(json, "structure", party->structure);
    put_term(json, "modality", TERM_MODALITY, party->modality);
    put_text(json, "place", party->place);
    put_text(json, "contact", party->contact);
    put_identifier(json, "represents", party->represents);
    if (party->kind == ENTENTE_POOL) {
        json_t *members = json_array();
        json_t *chosen = json_array();
        for (size_t i = 0; i < party->members_count; i++) {
            json_array_append_new(members, json_identifier(&party->members[i]));
        }
        for (size_t i = 0; i < party->chosen_count; i++) {
            struct entente_identifier one = summary_member(party, party->chosen[i]);
            json_array_append_new(chosen, json_identifier(&one));
        }
        put_number(json, "needed", party->pool_size);
        json_object_set_new(json, "members", members);
        json_object_set_new(json, "chosen", chosen);
    }
    put_term(json, "answer", TERM_ANSWER, party->answer);
    put_number(json, "answer_proposal", party->answer_proposal);
    put_term(json, "answer_reason", TERM_REASON, party->answer_reason);
    put_time_ms(json, "answered", party->answer_ms, zone);
    if (party->answer_actor != NULL) {
        put_identifier(json, "answered_by", party->answer_actor->who);
        put_term(json, "channel", TERM_CHANNEL, party->answer_actor->channel);
    }
    json_object_set_new(json, "attends", json_boolean(party->attends));
    json_object_set_new(json, "dropped", json_boolean(party->dropped));
    put_term(json, "absence", TERM_ABSENCE, party->absence);
    put_marks(json, party, zone);
    return json;
}

/* How it is agreed. */
static void put_rules(json_t *json, const struct entente_spec *spec)
{
    put_term(json, "rule", TERM_RULE, spec->rule);
    put_term(json, "silence", TERM_SILENCE, spec->silence);
    put_term(json, "patient_silence", TERM_SILENCE, spec->patient_silence);
    put_term(json, "priority", TERM_PRIORITY, spec->priority);
    put_term(json, "on_withdrawal", TERM_WITHDRAWAL, spec->on_withdrawal);
    put_number(json, "held_slots", spec->held_slots);
    put_number(json, "answer_minutes", spec->answer_minutes);
    if (spec->reminders_count > 0) {
        json_t *reminders = json_array();
        for (size_t i = 0; i < spec->reminders_count; i++) {
            json_array_append_new(reminders, json_integer(spec->reminders[i]));
        }
        json_object_set_new(json, "reminders", reminders);
    }
}

static void put_spec(json_t *json, const struct entente_spec *spec)
{
    json_t *parties = json_array();
    json_t *windows = json_array();
    json_t *picked = json_array();
    for (size_t i = 0; i < spec->parties_count; i++) {
        json_array_append_new(parties, party_json(&spec->parties[i], spec->zone));
    }
    for (size_t i = 0; i < spec->windows_count; i++) {
        json_array_append_new(windows, json_span(spec->windows[i].start,
                                                 spec->windows[i].end, spec->zone));
    }
    for (size_t i = 0; i < spec->picked_count; i++) {
        json_array_append_new(picked, json_time(spec->picked[i], spec->zone));
    }
    put_text(json, "title", spec->title);
    put_text(json, "reason", spec->reason);
    put_term(json, "nature", TERM_NATURE, spec->nature);
    put_term(json, "modality", TERM_MODALITY, spec->modality);
    put_text(json, "place", spec->place);
    put_text(json, "link", spec->link);
    put_text(json, "zone", spec->zone);
    put_number(json, "duration_minutes", spec->duration_minutes);
    put_identifier(json, "organizer", spec->organizer);
    put_identifier(json, "subject", spec->subject);
    put_term(json, "patient_presence", TERM_PRESENCE, spec->patient_presence);
    json_put_ways(json, spec);
    put_rules(json, spec);
    json_object_set_new(json, "windows", windows);
    json_object_set_new(json, "picked", picked);
    json_object_set_new(json, "parties", parties);
}

static json_t *results_json(const struct entente_meeting *meeting)
{
    json_t *json = json_array();
    for (size_t i = 0; i < meeting->results_count; i++) {
        const struct entente_result *result = &meeting->results[i];
        json_t *one = json_object();
        put_text(one, "client", result->client);
        put_text(one, "source", result->source);
        put_number(one, "version", result->version);
        put_term(one, "result", TERM_RESULT, result->kind);
        put_term(one, "reason", TERM_REASON, result->reason);
        put_text(one, "comment", result->comment);
        json_array_append_new(json, one);
    }
    return json;
}

static void put_times(json_t *json, const struct entente_meeting *meeting)
{
    const char *zone = meeting->spec->zone;
    const struct entente_proposal *proposal = meeting->proposal;
    if (proposal != NULL) {
        json_t *one = json_span(proposal->start, proposal->end, zone);
        put_number(one, "number", proposal->number);
        put_time_ms(one, "answer_by", proposal->answer_by_ms, zone);
        json_put_option(one, meeting->spec, proposal->option);
        if (proposal->candidates_count > 0) {
            json_object_set_new(one, "candidates",
                                json_slots(proposal->candidates,
                                           proposal->candidates_count, meeting->spec));
        }
        json_object_set_new(json, "proposal", one);
    }
    if (meeting->confirmed != NULL) {
        json_t *one =
            json_span(meeting->confirmed->start, meeting->confirmed->end, zone);
        json_put_option(one, meeting->spec, meeting->confirmed_option);
        json_object_set_new(json, "confirmed", one);
    }
    put_time_ms(json, "created", meeting->created_ms, zone);
    put_time_ms(json, "updated", meeting->updated_ms, zone);
    put_time_ms(json, "search_until", meeting->search_until_ms, zone);
    put_time_ms(json, "hold_until", meeting->hold_until_ms, zone);
}

static void put_series(json_t *json, const struct entente_series *series)
{
    char id[ID_TEXT] = "";
    if (series == NULL) {
        return;
    }
    if (series->id.size == 16) {
        codec_format_id(series->id, id);
    }
    json_t *conflicts = json_array();
    for (size_t i = 0; i < series->conflicts_count; i++) {
        json_array_append_new(conflicts, json_integer(series->conflicts[i] + 1));
    }
    json_object_set_new(json, "in_series",
                        json_pack("{s:s, s:i, s:i, s:o}", "id", id, "number",
                                  (int)series->index + 1, "count", (int)series->count,
                                  "conflicts", conflicts));
}

json_t *json_meeting(const struct entente_meeting *meeting)
{
    char id[ID_TEXT] = "";
    json_t *json = json_object();
    if (meeting->id.size == 16) {
        codec_format_id(meeting->id, id);
    }
    put_text(json, "id", id);
    put_number(json, "version", meeting->version);
    put_term(json, "state", TERM_STATE, meeting->state);
    put_number(json, "rounds", meeting->rounds);
    put_text(json, "last_event", meeting->last_event);
    put_term(json, "cancel_reason", TERM_REASON, meeting->reason);
    put_text(json, "organizer_client", meeting->organizer_client);
    put_series(json, meeting->series);
    put_times(json, meeting);
    put_spec(json, meeting->spec);
    json_object_set_new(
        json, "alternatives",
        json_slots(meeting->alternatives, meeting->alternatives_count, meeting->spec));
    if (meeting->why_not != NULL) {
        json_object_set_new(json, "why_not",
                            json_why_not(meeting->why_not, meeting->spec));
    }
    json_object_set_new(json, "results", results_json(meeting));
    return json;
}

int json_print(json_t *value)
{
    bool printed = value != NULL && json_dumpf(value, stdout, JSON_INDENT(2)) == 0 &&
                   fputc('\n', stdout) != EOF && fflush(stdout) == 0;
    json_decref(value);
    return printed ? EXIT_DONE : EXIT_FAILED;
}
