// SPDX-License-Identifier: Apache-2.0

/*
 * json_slots.c - slots, why there are no others, and ways to meet, as JSON
 */
#include "adapters/cli/json_meeting.h"

#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"

static json_t *party_name(const struct entente_spec *spec, uint32_t index)
{
    const struct entente_party *party =
        index < spec->parties_count ? &spec->parties[index] : NULL;
    if (party != NULL && party->identifier == NULL && party->name != NULL) {
        return json_string(party->name);
    }
    return json_identifier(party == NULL ? NULL : party->identifier);
}

/* A code, or the number of one that a newer broker knows; nothing for 0. */
static void put_term(json_t *object, const char *key, enum term_kind kind,
                     uint32_t value)
{
    const char *code = term_code(kind, value);
    if (code != NULL) {
        json_object_set_new(object, key, json_string(code));
    } else if (value != 0) {
        json_object_set_new(object, key, json_integer(value));
    }
}

/* ---- ways to meet -------------------------------------------------------------- */

static json_t *way_json(uint32_t modality, const char *place)
{
    json_t *json = json_object();
    put_term(json, "modality", TERM_MODALITY, modality);
    if (place != NULL) {
        json_object_set_new(json, "place", json_string(place));
    }
    return json;
}

void json_put_option(json_t *object, const struct entente_spec *spec, uint32_t option)
{
    if (option < spec->options_count) {
        json_object_set_new(
            object, "option",
            way_json(spec->options[option].modality, spec->options[option].place));
    }
}

void json_put_ways(json_t *object, const struct entente_spec *spec)
{
    json_t *options = json_array();
    for (size_t i = 0; i < spec->options_count; i++) {
        json_array_append_new(
            options, way_json(spec->options[i].modality, spec->options[i].place));
    }
    if (spec->options_count > 0) {
        json_object_set(object, "options", options);
    }
    json_decref(options);
    if (spec->quorum > 0) {
        json_object_set_new(object, "quorum", json_integer(spec->quorum));
    }
    if (spec->urgent) {
        json_object_set_new(object, "urgent", json_true());
    }
    if (spec->without_public_holidays) {
        json_object_set_new(object, "public_holidays",
                            spec->holiday_region != NULL
                                ? json_string(spec->holiday_region)
                                : json_false());
    }
    if (spec->recurrence != NULL) {
        json_object_set_new(object, "series",
                            json_pack("{s:s}", "recurrence", spec->recurrence));
    } else if (spec->occurrences > 1) {
        const char *every =
            term_code(TERM_STEP, spec->step == 0 ? ENTENTE_WEEKLY : spec->step);
        json_object_set_new(object, "series",
                            json_pack("{s:s, s:I}", "every", every != NULL ? every : "",
                                      "times", (json_int_t)spec->occurrences));
    }
}

/* ---- slots ----------------------------------------------------------------------- */

static json_t *chosen_json(const struct entente_chosen *chosen,
                           const struct entente_spec *spec)
{
    json_t *members = json_array();
    for (size_t i = 0; chosen->party < spec->parties_count && i < chosen->members_count;
         i++) {
        struct entente_identifier member =
            summary_member(&spec->parties[chosen->party], chosen->members[i]);
        json_array_append_new(members, json_identifier(&member));
    }
    return json_pack("{s:o, s:I, s:o}", "party", party_name(spec, chosen->party),
                     "index", (json_int_t)chosen->party, "members", members);
}

static json_t *slot_json(const struct entente_slot *slot,
                         const struct entente_spec *spec)
{
    json_t *json = json_span(slot->start, slot->end, spec->zone);
    json_t *attending = json_array();
    json_t *absent = json_array();
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (summary_attends(slot, spec, i)) {
            json_array_append_new(attending, party_name(spec, (uint32_t)i));
        }
    }
    for (size_t i = 0; i < slot->absent_count; i++) {
        json_t *one =
            json_pack("{s:o}", "party", party_name(spec, slot->absent[i].party));
        put_term(one, "absence", TERM_ABSENCE, slot->absent[i].absence);
        json_array_append_new(absent, one);
    }
    json_object_set_new(json, "attending", attending);
    json_object_set_new(json, "absent", absent);
    if (slot->asked_count > 0) {
        json_t *asked = json_array();
        for (size_t i = 0; i < slot->asked_count; i++) {
            json_array_append_new(asked, party_name(spec, slot->asked[i]));
        }
        json_object_set_new(json, "asked", asked);
    }
    json_put_option(json, spec, slot->option);
    if (slot->again_count > 0) {
        json_t *again = json_array();
        for (size_t i = 0; i < slot->again_count; i++) {
            json_array_append_new(again, json_time(slot->again[i], spec->zone));
        }
        json_object_set_new(json, "again", again);
    }
    if (slot->heads > 0) {
        json_object_set_new(json, "heads", json_integer(slot->heads));
    }
    if (slot->chosen_count > 0) {
        json_t *pools = json_array();
        for (size_t i = 0; i < slot->chosen_count; i++) {
            json_array_append_new(pools, chosen_json(&slot->chosen[i], spec));
        }
        json_object_set_new(json, "chosen", pools);
    }
    json_object_set_new(json, "date_band", json_integer(slot->date_band));
    json_object_set_new(json, "optional_present", json_integer(slot->optional_present));
    json_object_set_new(json, "typical", json_integer(slot->typical));
    json_object_set_new(json, "inferred", json_integer(slot->inferred));
    json_object_set_new(json, "preferred", json_integer(slot->preferred));
    json_object_set_new(json, "avoid", json_integer(slot->avoid));
    json_object_set_new(json, "unusable_minutes", json_integer(slot->unusable_minutes));
    return json;
}

json_t *json_slots(const struct entente_slot *slots, size_t count,
                   const struct entente_spec *spec)
{
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(json, slot_json(&slots[i], spec));
    }
    return json;
}

/* ---- why not --------------------------------------------------------------------- */

static json_t *relaxation_json(const struct entente_relaxation *relaxation,
                               const struct entente_spec *spec)
{
    json_t *json = json_object();
    put_term(json, "kind", TERM_RELAXATION, relaxation->kind);
    bool names_party = relaxation->kind == ENTENTE_WITHOUT_ONE ||
                       relaxation->kind == ENTENTE_SMALLER_POOL;
    if (names_party) {
        json_object_set_new(json, "party", party_name(spec, relaxation->party));
    }
    if (relaxation->needed > 0) {
        json_object_set_new(json, "needed", json_integer(relaxation->needed));
    }
    if (relaxation->minutes > 0) {
        json_object_set_new(json, "minutes", json_integer(relaxation->minutes));
    }
    put_term(json, "modality", TERM_MODALITY, relaxation->modality);
    if (relaxation->place != NULL) {
        json_object_set_new(json, "place", json_string(relaxation->place));
    }
    json_object_set_new(json, "feasible", json_integer(relaxation->feasible));
    json_object_set_new(json, "first", json_time(relaxation->first, spec->zone));
    return json;
}

static json_t *blame_json(const struct entente_blame *blame,
                          const struct entente_spec *spec)
{
    json_t *json = json_pack(
        "{s:o, s:I, s:I, s:I}", "party", party_name(spec, blame->party), "busy",
        (json_int_t)blame->busy, "unknown", (json_int_t)blame->unknown, "not_offered",
        (json_int_t)blame->not_offered);
    if (blame->too_far > 0) {
        json_object_set_new(json, "too_far", json_integer(blame->too_far));
    }
    return json;
}

json_t *json_why_not(const struct entente_why_not *why_not,
                     const struct entente_spec *spec)
{
    json_t *blame = json_array();
    json_t *blocking = json_array();
    json_t *relaxations = json_array();
    for (size_t i = 0; i < why_not->blame_count; i++) {
        json_array_append_new(blame, blame_json(&why_not->blame[i], spec));
    }
    for (size_t i = 0; i < why_not->blocking_count; i++) {
        json_array_append_new(blocking, party_name(spec, why_not->blocking[i]));
    }
    for (size_t i = 0; i < why_not->relaxations_count; i++) {
        json_array_append_new(relaxations,
                              relaxation_json(&why_not->relaxations[i], spec));
    }
    if (why_not->too_large) {
        json_decref(blame);
        json_decref(blocking);
        json_decref(relaxations);
        return json_pack("{s:b}", "too_large", 1);
    }
    return json_pack("{s:I, s:I, s:o, s:o, s:b, s:b, s:o}", "candidates",
                     (json_int_t)why_not->candidates, "feasible",
                     (json_int_t)why_not->feasible, "blocking", blocking, "blame",
                     blame, "blocking_is_exact", why_not->blocking_is_exact,
                     "quorum_blocks", why_not->quorum_blocks, "relaxations",
                     relaxations);
}
