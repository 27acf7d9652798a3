// SPDX-License-Identifier: Apache-2.0

#include "broker/person.h"

#include "broker/propose.h"
#include "broker/until.h"
#include "proto/holiday.h"
#include "proto/identifier.h"
#include "proto/limits.h"
#include "proto/recurrence.h"
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

static bool in_party(const struct entente_party *party)
{
    bool found = is_production(party->identifier) || is_production(party->represents);
    for (size_t i = 0; i < party->members_count; i++) {
        found = found || is_production(&party->members[i]);
    }
    return found;
}

static bool in_spec(const struct entente_spec *spec)
{
    bool found = is_production(spec->subject) || is_production(spec->organizer);
    for (size_t i = 0; i < spec->parties_count; i++) {
        found = found || in_party(&spec->parties[i]);
    }
    return found;
}

static bool in_request(const struct entente_request *request)
{
    bool found = in_spec(request->spec) || in_actor(request->actor);
    for (size_t i = 0; i < request->sequence_count && !found; i++) {
        found = in_spec(request->sequence[i].spec);
    }
    return found;
}

static bool in_answer(const struct entente_answer *answer)
{
    return is_production(answer->party) || in_actor(answer->actor) ||
           (answer->substitute != NULL && in_party(answer->substitute));
}

static bool in_decide(const struct entente_decide *decide)
{
    return is_production(decide->party) || in_actor(decide->actor) ||
           (decide->substitute != NULL && in_party(decide->substitute));
}

static bool in_cancel(const struct entente_cancel *cancel)
{
    return is_production(cancel->party) || in_actor(cancel->actor);
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
    if (envelope->body == ENTENTE_WHO_IS_FREE) {
        return in_party(envelope->who_is_free->people);
    }
    if (envelope->body == ENTENTE_REQUEST) {
        return in_request(envelope->request);
    }
    if (envelope->body == ENTENTE_ANSWER) {
        return in_answer(envelope->answer);
    }
    if (envelope->body == ENTENTE_DECIDE) {
        return in_decide(envelope->decide);
    }
    if (envelope->body == ENTENTE_CANCEL) {
        return in_cancel(envelope->cancel);
    }
    if (envelope->body == ENTENTE_OWNER_ANSWER) {
        return is_production(envelope->owner_answer->party) ||
               in_actor(envelope->owner_answer->actor);
    }
    if (envelope->body == ENTENTE_PREVIEW) {
        const struct entente_preview *preview = envelope->preview;
        return (preview->answer != NULL && in_answer(preview->answer)) ||
               (preview->decide != NULL && in_decide(preview->decide)) ||
               (preview->cancel != NULL && in_cancel(preview->cancel)) ||
               (preview->request != NULL && in_request(preview->request));
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
        for (size_t j = 0; j < party->members_count; j++) {
            found = found || identifier_is_patient(party->members[j].system);
        }
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

static int64_t number_of_people(const struct entente_spec *spec)
{
    int64_t count = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        size_t members = spec->parties[i].members_count;
        count += members == 0 ? 1 : (int64_t)members;
    }
    return count;
}

static int64_t at_least_one(size_t count)
{
    return count == 0 ? 1 : (int64_t)count;
}

/* How many meetings a series has at most; 0: it would be over before it begins. */
static uint32_t longest_series(const struct entente_spec *spec)
{
    struct recurrence_run run = {0};
    if (!until_is_asked(spec)) {
        return recurrence_of(spec).occurrences;
    }
    return recurrence_run(spec, 0, &run) ? run.occurrences : 0;
}

/* A search costs as much as it has possible starts, for each person, way to meet and
 * occurrence; the loop must not stand still for one of them. */
bool person_is_affordable(const struct entente_spec *spec, size_t more,
                          struct arena *arena, struct codec_error *ret_error)
{
    enum { DEFAULT_GRID = 15 };
    int64_t grid = spec->grid_minutes == 0 ? DEFAULT_GRID : (int64_t)spec->grid_minutes;
    int64_t minutes = 0;
    for (size_t i = 0; i < spec->windows_count; i++) {
        minutes += (int64_t)spec->windows[i].end - spec->windows[i].start;
    }
    int64_t weight = minutes * (number_of_people(spec) + (int64_t)more) *
                     at_least_one(spec->options_count) *
                     at_least_one(longest_series(spec));
    if (weight / grid <= LIMIT_SEARCH_STARTS) {
        return true;
    }
    return fail(ret_error, ERROR_OUT_OF_BOUNDS, "spec.grid_minutes",
                number(arena, grid), number(arena, weight / LIMIT_SEARCH_STARTS + 1),
                "1440", NULL);
}

/* A series is asked for in one way, and by text only as far as a series can be said. */
static bool is_series_right(const struct entente_spec *spec, struct arena *arena,
                            struct codec_error *error)
{
    struct recurrence series;
    const char *why;
    if (spec->recurrence != NULL && spec->occurrences + spec->step > 0) {
        return fail(error, ERROR_FIELD_CONFLICT, "spec.recurrence",
                    spec->step > 0 ? "spec.step" : "spec.occurrences",
                    "a series is asked for in one way", NULL);
    }
    if (spec->recurrence != NULL && !recurrence_read(spec->recurrence, &series, &why)) {
        return fail(error, ERROR_BAD_RECURRENCE, spec->recurrence, why, NULL);
    }
    series = recurrence_of(spec);
    if (spec->weekdays != 0 && series.weekdays != 0 &&
        (spec->weekdays & series.weekdays) == 0) {
        return fail(error, ERROR_FIELD_CONFLICT, "spec.recurrence", "spec.weekdays",
                    "the series is on a weekday that is left out", NULL);
    }
    uint32_t most = longest_series(spec);
    if (most == 0) {
        return fail(error, ERROR_FIELD_CONFLICT, "spec.recurrence", "spec.windows",
                    "the series ends before it can begin", NULL);
    }
    return most <= LIMIT_OCCURRENCES ||
           fail(error, ERROR_SERIES_TOO_LONG, number(arena, most),
                number(arena, LIMIT_OCCURRENCES), NULL);
}

/* A request with a quorum that all whom it asks for do not reach would wait in vain; to a
 * search it is said which quorum would help.  A room is nobody. */
static bool are_enough_asked(const struct entente_spec *spec, struct arena *arena,
                             struct codec_error *error)
{
    size_t heads = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        heads += party->kind == ENTENTE_POOL       ? party->pool_size
                 : party->kind == ENTENTE_RESOURCE ? 0
                                                   : 1;
    }
    return spec->quorum <= heads ||
           fail(error, ERROR_OUT_OF_BOUNDS, "spec.quorum", number(arena, spec->quorum),
                "1", number(arena, (int64_t)heads), NULL);
}

/* What the rules need to be told, and how much may be held at once. */
static bool are_rules_right(const struct entente_spec *spec, struct arena *arena,
                            struct codec_error *error)
{
    if (spec->rule == ENTENTE_QUORUM && spec->quorum == 0) {
        return fail(error, ERROR_FIELD_MISSING, "spec.quorum", NULL);
    }
    if (!are_enough_asked(spec, arena, error)) {
        return false;
    }
    return spec->held_slots <= LIMIT_HELD_SLOTS ||
           fail(error, ERROR_OUT_OF_BOUNDS, "spec.held_slots",
                number(arena, spec->held_slots), "1", number(arena, LIMIT_HELD_SLOTS),
                NULL);
}

static bool is_admitted(const struct entente_spec *spec, enum person_use use,
                        const struct client *client, struct arena *arena,
                        struct codec_error *error)
{
    if (concerns_a_patient(spec) && !client->sandbox) {
        return fail(error, ERROR_SANDBOX_ONLY, NULL);
    }
    if (!is_series_right(spec, arena, error) ||
        (use == PERSON_REQUEST && !are_rules_right(spec, arena, error))) {
        return false;
    }
    if (spec->zone != NULL && !zone_known(spec->zone)) {
        return fail(error, ERROR_BAD_ZONE, spec->zone, NULL);
    }
    if (spec->without_public_holidays && !holiday_known(spec->holiday_region)) {
        return fail(error, ERROR_BAD_HOLIDAY_REGION, spec->holiday_region,
                    HOLIDAY_REGIONS, NULL);
    }
    return person_is_affordable(spec, 0, arena, error);
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
        /* Nobody waits for a guest whose time nobody knows. */
        if (!optional && party->kind != ENTENTE_GUEST) {
            return true;
        }
    }
    return false;
}

static bool has_enough_members(const struct people *people,
                               const struct entente_party *pool, size_t at,
                               struct arena *arena, struct codec_error *error)
{
    size_t known = 0;
    for (size_t i = 0; i < pool->members_count; i++) {
        known += propose_member(people->index, &pool->members[i]) != NULL ? 1 : 0;
    }
    return known >= pool->pool_size ||
           fail(error, ERROR_UNKNOWN_PERSON, path(arena, at), NULL);
}

/* The person of party @at: 0 for a pool and for a guest, who are nobody here. */
static bool find_party(const struct people *people, const struct entente_spec *spec,
                       size_t at, struct arena *arena, int64_t *ret_person,
                       struct codec_error *error)
{
    const struct entente_party *party = &spec->parties[at];
    *ret_person = 0;
    if (party->kind == ENTENTE_POOL) {
        return has_enough_members(people, party, at, arena, error);
    }
    if (party->kind == ENTENTE_GUEST) {
        return true;
    }
    const struct index_person *person = person_find(people, party->identifier);
    if (person == NULL) {
        return fail(error, ERROR_UNKNOWN_PERSON, path(arena, at), NULL);
    }
    if (person->kind != party->kind &&
        (is_near_patient(person->kind) || is_near_patient(party->kind))) {
        return fail(error, ERROR_FIELD_CONFLICT, "spec.parties.kind", path(arena, at),
                    "this person is known as another kind", NULL);
    }
    *ret_person = person->person;
    return true;
}

/* A request locks whom it may choose, and whom it chooses become parties. */
static bool is_small_enough(const struct entente_spec *spec, size_t *ret_members,
                            struct arena *arena, struct codec_error *error)
{
    size_t members = 0;
    size_t parties = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        bool is_pool = party->kind == ENTENTE_POOL;
        parties += is_pool ? party->pool_size : 1;
        members += party->members_count;
    }
    *ret_members = members;
    if (members > LIMIT_REQUEST_MEMBERS) {
        return fail(error, ERROR_TOO_MANY, "spec.parties.members",
                    number(arena, (int64_t)members),
                    number(arena, LIMIT_REQUEST_MEMBERS), NULL);
    }
    return parties <= LIMIT_PARTIES ||
           fail(error, ERROR_TOO_MANY, "spec.parties", number(arena, (int64_t)parties),
                number(arena, LIMIT_PARTIES), NULL);
}

static void add_members(const struct people *people, const struct entente_spec *spec,
                        struct person_found *found)
{
    for (size_t i = 0; i < spec->parties_count; i++) {
        for (size_t j = 0; j < spec->parties[i].members_count; j++) {
            const struct index_person *member =
                propose_member(people->index, &spec->parties[i].members[j]);
            if (member != NULL) {
                found->people[found->count++] = member->person;
            }
        }
    }
}

static bool may_organize(const struct people *people, const struct entente_spec *spec,
                         const struct client *client)
{
    if (spec->organizer == NULL) {
        return true;
    }
    const struct index_person *organizer = person_find(people, spec->organizer);
    return organizer != NULL && client_speaks_for(client, organizer->person);
}

static bool find_parties(const struct people *people, const struct entente_spec *spec,
                         struct arena *arena, int64_t *ret_people,
                         struct codec_error *ret_error)
{
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (!find_party(people, spec, i, arena, &ret_people[i], ret_error)) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (ret_people[i] != 0 && ret_people[j] == ret_people[i]) {
                return fail(ret_error, ERROR_PARTY_TWICE, path(arena, j),
                            path(arena, i), NULL);
            }
        }
    }
    return true;
}

bool person_of_parties(const struct people *people, const struct entente_spec *spec,
                       enum person_use use, const struct client *client,
                       struct arena *arena, struct person_found *ret_found,
                       struct codec_error *ret_error)
{
    size_t members = 0;
    if (!is_admitted(spec, use, client, arena, ret_error) ||
        (use == PERSON_REQUEST && !is_small_enough(spec, &members, arena, ret_error))) {
        return false;
    }
    struct person_found found = {
        .people = arena_array(arena, spec->parties_count + members, sizeof(int64_t)),
        .count = spec->parties_count,
    };
    if (found.people == NULL) {
        return fail(ret_error, ERROR_OVERLOADED, NULL);
    }
    if (!find_parties(people, spec, arena, found.people, ret_error)) {
        return false;
    }
    if (!has_somebody(spec)) {
        return fail(ret_error, ERROR_NO_PARTY, NULL);
    }
    if (!may_organize(people, spec, client)) {
        return fail(ret_error, ERROR_NOT_SPEAKING_FOR, NULL);
    }
    if (use == PERSON_REQUEST) {
        add_members(people, spec, &found);
    }
    *ret_found = found;
    return true;
}
