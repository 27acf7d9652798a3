// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_secret.h"

#include "proto/identifier.h"

#include <string.h>

static bool is_secret_kind(uint32_t kind)
{
    return kind == ENTENTE_PATIENT || kind == ENTENTE_REPRESENTATIVE ||
           kind == ENTENTE_GUEST;
}

static bool same_identifier(const struct entente_identifier *a,
                            const struct entente_identifier *b)
{
    return a != NULL && b != NULL && a->system != NULL && b->system != NULL &&
           a->value != NULL && b->value != NULL && strcmp(a->value, b->value) == 0 &&
           strcmp(a->system, b->system) == 0;
}

/* Whether @identifier is a patient's, or that of somebody whom this meeting keeps
 * secret. */
static bool is_secret(const struct entente_spec *spec,
                      const struct entente_identifier *identifier)
{
    if (identifier == NULL) {
        return false;
    }
    if (same_identifier(spec->subject, identifier) ||
        (identifier->system != NULL && identifier_is_patient(identifier->system))) {
        return true;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        if (same_identifier(party->represents, identifier) ||
            (is_secret_kind(party->kind) &&
             same_identifier(party->identifier, identifier))) {
            return true;
        }
    }
    return false;
}

/* Move what is secret of *@actor into *@ret_secret.  False when the arena is used up.
 */
static bool split_actor(const struct entente_spec *spec, struct arena *arena,
                        struct entente_actor **actor, struct entente_actor **ret_secret)
{
    if (*actor == NULL) {
        return true;
    }
    bool who = is_secret(spec, (*actor)->who);
    bool on_behalf_of = is_secret(spec, (*actor)->on_behalf_of);
    if (!who && !on_behalf_of) {
        return true;
    }
    struct entente_actor *open = arena_copy(arena, *actor, sizeof(*open));
    struct entente_actor *secret = arena_alloc(arena, sizeof(*secret));
    if (open == NULL || secret == NULL) {
        return false;
    }
    if (who) {
        secret->who = open->who;
        open->who = NULL;
    }
    if (on_behalf_of) {
        secret->on_behalf_of = open->on_behalf_of;
        open->on_behalf_of = NULL;
    }
    *actor = open;
    *ret_secret = secret;
    return true;
}

static bool split_party(const struct entente_spec *spec, struct arena *arena,
                        struct entente_party *open, struct entente_party *secret)
{
    secret->kind = open->kind;
    secret->represents = open->represents;
    open->represents = NULL;
    if (is_secret_kind(open->kind) || is_secret(spec, open->identifier)) {
        secret->identifier = open->identifier;
        secret->name = open->name;
        secret->contact = open->contact;
        open->identifier = NULL;
        open->name = NULL;
        open->contact = NULL;
    }
    return split_actor(spec, arena, &open->answer_actor, &secret->answer_actor);
}

static bool split_spec(const struct entente_spec *spec, struct arena *arena,
                       struct entente_spec *open, struct entente_spec *secret)
{
    secret->reason = open->reason;
    secret->subject = open->subject;
    secret->subject_name = open->subject_name;
    open->reason = NULL;
    open->subject = NULL;
    open->subject_name = NULL;
    if (is_secret(spec, open->organizer)) {
        secret->organizer = open->organizer;
        open->organizer = NULL;
    }

    open->parties =
        arena_copy(arena, spec->parties, spec->parties_count * sizeof(*open->parties));
    secret->parties = arena_array(arena, spec->parties_count, sizeof(*secret->parties));
    secret->parties_count = spec->parties_count;
    open->places =
        arena_copy(arena, spec->places, spec->places_count * sizeof(*open->places));
    secret->places = arena_array(arena, spec->places_count, sizeof(*secret->places));
    secret->places_count = spec->places_count;
    if (open->parties == NULL || secret->parties == NULL || open->places == NULL ||
        secret->places == NULL) {
        return false;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (!split_party(spec, arena, &open->parties[i], &secret->parties[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < spec->places_count; i++) {
        secret->places[i].key = open->places[i].key;
        secret->places[i].address = open->places[i].address;
        open->places[i].address = NULL;
    }
    return true;
}

bool pg_secret_split(const struct entente_meeting *meeting, struct arena *arena,
                     struct entente_meeting **ret_open,
                     struct entente_meeting **ret_secret)
{
    struct entente_meeting *open = arena_copy(arena, meeting, sizeof(*open));
    struct entente_meeting *secret = arena_alloc(arena, sizeof(*secret));
    if (open == NULL || secret == NULL) {
        return false;
    }
    secret->id = meeting->id;
    secret->version = meeting->version;
    secret->state = meeting->state;
    /* They have a table of their own. */
    open->results = NULL;
    open->results_count = 0;

    if (meeting->spec != NULL) {
        open->spec = arena_copy(arena, meeting->spec, sizeof(*open->spec));
        secret->spec = arena_alloc(arena, sizeof(*secret->spec));
        if (open->spec == NULL || secret->spec == NULL ||
            !split_spec(meeting->spec, arena, open->spec, secret->spec) ||
            !split_actor(meeting->spec, arena, &open->last_actor,
                         &secret->last_actor)) {
            return false;
        }
    }
    *ret_open = open;
    *ret_secret = secret;
    return true;
}

/* ---- and back ----------------------------------------------------------------------
 */

static bool merge_actor(struct entente_actor *actor, const struct entente_actor *secret)
{
    if (secret == NULL) {
        return true;
    }
    if (actor == NULL) {
        return false;
    }
    if (secret->who != NULL) {
        actor->who = secret->who;
    }
    if (secret->on_behalf_of != NULL) {
        actor->on_behalf_of = secret->on_behalf_of;
    }
    return true;
}

static bool merge_party(struct entente_party *party, const struct entente_party *secret)
{
    if (party->kind != secret->kind) {
        return false;
    }
    party->represents = secret->represents;
    if (secret->identifier != NULL) {
        party->identifier = secret->identifier;
    }
    if (secret->name != NULL) {
        party->name = secret->name;
    }
    if (secret->contact != NULL) {
        party->contact = secret->contact;
    }
    return merge_actor(party->answer_actor, secret->answer_actor);
}

bool pg_secret_merge(struct entente_meeting *meeting,
                     const struct entente_meeting *secret)
{
    if (meeting->version != secret->version ||
        (meeting->spec == NULL) != (secret->spec == NULL)) {
        return false;
    }
    if (meeting->spec == NULL) {
        return true;
    }
    struct entente_spec *spec = meeting->spec;
    const struct entente_spec *hidden = secret->spec;
    if (spec->parties_count != hidden->parties_count ||
        spec->places_count != hidden->places_count) {
        return false;
    }
    spec->reason = hidden->reason;
    spec->subject = hidden->subject;
    spec->subject_name = hidden->subject_name;
    if (hidden->organizer != NULL) {
        spec->organizer = hidden->organizer;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (!merge_party(&spec->parties[i], &hidden->parties[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < spec->places_count; i++) {
        spec->places[i].address = hidden->places[i].address;
    }
    return merge_actor(meeting->last_actor, secret->last_actor);
}
