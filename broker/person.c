// SPDX-License-Identifier: Apache-2.0

#include "broker/person.h"

#include "proto/identifier.h"
#include "proto/limits.h"
#include "proto/zone.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- production identifiers --------------------------------------------------------
 */

static bool is_production(const struct entente_identifier *identifier)
{
    static const char root[] = "1.2.250.1.213.1.4.";
    const char *oid = identifier == NULL ? NULL : strstr(identifier->system, root);
    if (oid == NULL) {
        return false;
    }
    const char *last = oid + strlen(root);
    return (last[0] == '8' || last[0] == '9') && !(last[1] >= '0' && last[1] <= '9');
}

static bool in_actor(const struct entente_actor *actor)
{
    return actor != NULL &&
           (is_production(actor->who) || is_production(actor->on_behalf_of));
}

static bool in_spec(const struct entente_spec *spec)
{
    bool found = is_production(spec->subject) || is_production(spec->organizer);
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        found = found || is_production(party->identifier) ||
                is_production(party->represents);
        for (size_t j = 0; j < party->members_count; j++) {
            found = found || is_production(&party->members[j]);
        }
    }
    return found;
}

bool person_production_ins_in(const struct entente_envelope *envelope)
{
    if (envelope->body == ENTENTE_PUBLISH) {
        return is_production(envelope->publish->person);
    }
    if (envelope->body == ENTENTE_QUERY_FREE) {
        return is_production(envelope->query_free->person);
    }
    if (envelope->body == ENTENTE_SEARCH) {
        return in_spec(envelope->search->spec);
    }
    if (envelope->body == ENTENTE_REQUEST) {
        return in_spec(envelope->request->spec) || in_actor(envelope->request->actor);
    }
    if (envelope->body == ENTENTE_ANSWER) {
        return is_production(envelope->answer->party) ||
               in_actor(envelope->answer->actor);
    }
    if (envelope->body == ENTENTE_DECIDE) {
        return is_production(envelope->decide->party) ||
               in_actor(envelope->decide->actor);
    }
    if (envelope->body == ENTENTE_CANCEL) {
        return is_production(envelope->cancel->party) ||
               in_actor(envelope->cancel->actor);
    }
    return false;
}

/* ---- parties -----------------------------------------------------------------------
 */

const struct index_person *person_find(const struct people *people,
                                       const struct entente_identifier *identifier)
{
    if (identifier == NULL) {
        return NULL;
    }
    const struct index_person *person =
        index_find(people->index, identifier->system, identifier->value);
    if (person != NULL) {
        return person;
    }
    uint8_t blind[SEAL_BLIND_SIZE];
    if (seal_blind_index(people->seal, identifier->system, identifier->value, blind) !=
        STATUS_OK) {
        return NULL;
    }
    return index_find_blind(people->index, blind);
}

static bool fail(struct codec_error *error, unsigned code, ...)
{
    *error = (struct codec_error){.code = code};
    va_list arguments;
    va_start(arguments, code);
    const char *parameter;
    while ((parameter = va_arg(arguments, const char *)) != NULL) {
        error->parameters[error->parameter_count++] = parameter;
    }
    va_end(arguments);
    return false;
}

/* What is carried on the wire from the first version on, and not served yet. */
static const char *not_yet(const struct entente_spec *spec)
{
    const struct {
        bool asked;
        const char *what;
    } all[] = {
        {spec->rule > ENTENTE_EVERY_PROFESSIONAL, "spec.rule"},
        {spec->options_count > 0, "spec.options"},
        {spec->quorum > 0, "spec.quorum"},
        {spec->urgent, "spec.urgent"},
        {spec->without_public_holidays, "spec.without_public_holidays"},
        {spec->held_slots > 1, "spec.held_slots"},
        {spec->occurrences > 1, "spec.occurrences"},
        {spec->recurrence != NULL, "spec.recurrence"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].asked) {
            return all[i].what;
        }
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        if (party->kind == ENTENTE_POOL || party->members_count > 0 ||
            party->pool_size > 0) {
            return "a pool";
        }
        if (party->kind == ENTENTE_GUEST) {
            return "a guest without an agenda";
        }
        if (party->ask_if_unknown) {
            return "asking a party who is not known to be free";
        }
    }
    return NULL;
}

/* Whose meetings concern a patient. */
static bool is_near_patient(uint32_t kind)
{
    return kind == ENTENTE_PATIENT || kind == ENTENTE_REPRESENTATIVE;
}

static bool concerns_a_patient(const struct entente_spec *spec)
{
    bool found = spec->subject != NULL;
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        found = found || is_near_patient(party->kind) ||
                (party->identifier != NULL &&
                 identifier_is_patient(party->identifier->system));
    }
    return found;
}

static const char *number(struct arena *arena, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    const char *copy = arena_text(arena, text);
    return copy == NULL ? "?" : copy;
}

/* A search costs as much as it has possible starts for each party; the loop must not
 * stand still for one of them. */
static bool is_affordable(const struct entente_spec *spec, struct arena *arena,
                          struct codec_error *error)
{
    enum { DEFAULT_GRID = 15 };
    int64_t grid = spec->grid_minutes == 0 ? DEFAULT_GRID : (int64_t)spec->grid_minutes;
    int64_t minutes = 0;
    for (size_t i = 0; i < spec->windows_count; i++) {
        minutes += (int64_t)spec->windows[i].end - spec->windows[i].start;
    }
    int64_t weight = minutes * (int64_t)spec->parties_count;
    if (weight / grid <= LIMIT_SEARCH_STARTS) {
        return true;
    }
    return fail(error, ERROR_OUT_OF_BOUNDS, "spec.grid_minutes", number(arena, grid),
                number(arena, weight / LIMIT_SEARCH_STARTS + 1), "1440", NULL);
}

static bool is_admitted(const struct entente_spec *spec, const struct client *client,
                        struct codec_error *error)
{
    if (concerns_a_patient(spec) && !client->sandbox) {
        return fail(error, ERROR_SANDBOX_ONLY, NULL);
    }
    const char *later = not_yet(spec);
    if (later != NULL) {
        return fail(error, ERROR_NOT_YET, later, NULL);
    }
    if (spec->zone != NULL && !zone_known(spec->zone)) {
        return fail(error, ERROR_BAD_ZONE, spec->zone, NULL);
    }
    return true;
}

static const char *path(struct arena *arena, size_t party)
{
    char text[40];
    snprintf(text, sizeof(text), "spec.parties[%zu]", party);
    const char *copy = arena_text(arena, text);
    return copy == NULL ? "spec.parties" : copy;
}

static bool has_somebody(const struct entente_spec *spec)
{
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        bool optional = party->kind == ENTENTE_PATIENT
                            ? spec->patient_presence == ENTENTE_SOFT
                            : party->importance == ENTENTE_OPTIONAL;
        if (!optional) {
            return true;
        }
    }
    return false;
}

bool person_of_parties(const struct people *people, const struct entente_spec *spec,
                       const struct client *client, struct arena *arena,
                       int64_t **ret_people, struct codec_error *ret_error)
{
    if (!is_admitted(spec, client, ret_error) ||
        !is_affordable(spec, arena, ret_error)) {
        return false;
    }
    int64_t *found = arena_array(arena, spec->parties_count, sizeof(*found));
    if (found == NULL) {
        return fail(ret_error, ERROR_OVERLOADED, NULL);
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct index_person *person =
            person_find(people, spec->parties[i].identifier);
        if (person == NULL) {
            return fail(ret_error, ERROR_UNKNOWN_PERSON, path(arena, i), NULL);
        }
        if (person->kind != spec->parties[i].kind &&
            (is_near_patient(person->kind) || is_near_patient(spec->parties[i].kind))) {
            return fail(ret_error, ERROR_FIELD_CONFLICT, "spec.parties.kind",
                        path(arena, i), "this person is known as another kind", NULL);
        }
        found[i] = person->person;
        for (size_t j = 0; j < i; j++) {
            if (found[j] == found[i]) {
                return fail(ret_error, ERROR_PARTY_TWICE, path(arena, j),
                            path(arena, i), NULL);
            }
        }
    }
    if (!has_somebody(spec)) {
        return fail(ret_error, ERROR_NO_PARTY, NULL);
    }
    if (spec->organizer != NULL) {
        const struct index_person *organizer = person_find(people, spec->organizer);
        if (organizer == NULL || !client_speaks_for(client, organizer->person)) {
            return fail(ret_error, ERROR_NOT_SPEAKING_FOR, NULL);
        }
    }
    *ret_people = found;
    return true;
}
