// SPDX-License-Identifier: Apache-2.0

#include "broker/handle.h"

#include "broker/person.h"
#include "broker/series.h"
#include "broker/view.h"
#include "proto/identifier.h"
#include "proto/limits.h"
#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>

enum { NEAREST = 3 };

struct matter *handle_matter(struct batch *batch, struct command *command,
                             const struct entente_bytes *meeting)
{
    struct matter *matter = batch_matter(batch, meeting->data);
    if (matter == NULL || !matter_is_visible(matter->meeting, command->client)) {
        refuse(batch, command, ERROR_UNKNOWN_MEETING, NULL, NULL);
        return NULL;
    }
    enum negotiation_state state = (enum negotiation_state)matter->meeting->state;
    if (negotiation_is_over(state)) {
        refuse(batch, command, ERROR_CLOSED, matter->meeting,
               negotiation_state_name(state),
               batch_number(batch, view_version(matter->meeting, command->client)),
               NULL);
        return NULL;
    }
    return matter;
}

int handle_party(struct batch *batch, struct command *command,
                 const struct entente_meeting *meeting,
                 const struct entente_identifier *identifier)
{
    const struct people people = {.index = batch->index, .seal = batch->seal};
    const struct index_person *person = person_find(&people, identifier);
    /* Whether a stranger is a party is nobody's business who does not speak for them.
     */
    if (person == NULL || !client_speaks_for(command->client, person->person)) {
        refuse(batch, command, ERROR_NOT_SPEAKING_FOR, NULL, NULL);
        return -1;
    }
    int party = matter_party(meeting, person->person);
    if (party < 0 || meeting->spec->parties[party].dropped) {
        refuse(batch, command, ERROR_NOT_A_PARTY, meeting, NULL);
        return -1;
    }
    return party;
}

/* Those who have said that they come then, though their own diary is busy. */
static uint64_t willing_then(const struct entente_meeting *meeting, int32_t start,
                             int64_t now_ms)
{
    uint64_t willing = 0;
    for (size_t i = 0; i < meeting->spec->parties_count && start != 0; i++) {
        willing |= matter_knows(meeting, i, start, now_ms) ? UINT64_C(1) << i : 0;
    }
    return willing;
}

/* Nobody speaks for a guest but who invited them. */
static int find_guest(const struct entente_meeting *meeting, const char *name)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        bool is_called = (party->name != NULL && strcmp(party->name, name) == 0) ||
                         (party->contact != NULL && strcmp(party->contact, name) == 0);
        if (party->kind == ENTENTE_GUEST && !party->dropped && is_called) {
            return (int)i;
        }
    }
    return -1;
}

static bool is_guest(const struct entente_identifier *identifier)
{
    return identifier != NULL && strcmp(identifier->system, IDENTIFIER_GUEST) == 0;
}

int handle_named(struct batch *batch, struct command *command,
                 const struct entente_meeting *meeting,
                 const struct entente_identifier *identifier)
{
    const struct people people = {.index = batch->index, .seal = batch->seal};
    const struct index_person *person =
        is_guest(identifier) ? NULL : person_find(&people, identifier);
    int party = is_guest(identifier)
                    ? find_guest(meeting, identifier->value)
                    : matter_party(meeting, person == NULL ? 0 : person->person);
    if (party < 0 || meeting->spec->parties[party].dropped) {
        refuse(batch, command, ERROR_NOT_A_PARTY, meeting, NULL);
        return -1;
    }
    return party;
}

int handle_speaking(struct batch *batch, struct command *command,
                    const struct entente_meeting *meeting,
                    const struct entente_identifier *identifier,
                    const struct entente_actor *actor)
{
    bool organizer = meeting->kept->organizer == command->client->id;
    bool telephone = actor != NULL && actor->channel == ENTENTE_TELEPHONE;
    return organizer && (is_guest(identifier) || telephone)
               ? handle_named(batch, command, meeting, identifier)
               : handle_party(batch, command, meeting, identifier);
}

bool handle_propose(struct batch *batch, struct command *command,
                    const struct entente_meeting *meeting,
                    struct propose_question *question,
                    struct propose_answer *ret_answer)
{
    question->spec = meeting->spec;
    question->people = meeting->kept->people;
    question->meeting = meeting->id.data;
    if (meeting->state <= ENTENTE_SEARCHING) {
        question->pools = meeting->kept->pools;
        question->pools_count = meeting->kept->pools_count;
    }
    *ret_answer = (struct propose_answer){0};
    if (!series_bound(batch, meeting, question)) {
        return true; /* nothing of what is asked for lies between its neighbours */
    }
    question->now_ms = batch->now_ms;
    question->willing |= willing_then(meeting, question->exact, batch->now_ms);
    question->keeps = true;
    enum status status = propose(batch->proposer, question, &batch->arena, ret_answer);
    if (status == STATUS_OK) {
        struct matter *matter = batch_matter(batch, meeting->id.data);
        if (matter != NULL && (ret_answer->slot_count > 0 || !question->only_found)) {
            matter->kept = ret_answer->kept;
        }
        return true;
    }
    if (status == STATUS_REFUSED) {
        refuse(batch, command, ERROR_FIELD_CONFLICT, NULL, "spec.windows",
               "spec.duration_minutes", "no search can be made of them", NULL);
    } else {
        refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    return false;
}

/* What somebody has been moved away from, and what is held already, is nothing else. */
static size_t list_known_starts(struct batch *batch,
                                const struct entente_meeting *meeting,
                                int32_t **ret_starts)
{
    const struct entente_kept *kept = meeting->kept;
    size_t count = kept->refused_starts_count;
    int32_t *starts =
        arena_array(&batch->arena, count + kept->candidates_count, sizeof(*starts));
    *ret_starts = starts;
    if (starts == NULL) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        starts[i] = kept->refused_starts[i];
    }
    for (size_t i = 0; i < kept->candidates_count; i++) {
        starts[count++] = kept->candidates[i].start;
    }
    return count;
}

size_t handle_nearest(struct batch *batch, const struct entente_meeting *meeting,
                      int32_t start, struct entente_slot **ret_slots)
{
    int32_t *known = NULL;
    struct propose_question question = {
        .spec = meeting->spec,
        .people = meeting->kept->people,
        .meeting = meeting->id.data,
        .now_ms = batch->now_ms,
        .wanted = NEAREST,
        .near = start,
        .not_start = meeting->proposal == NULL ? 0 : meeting->proposal->start,
        .refused_count = list_known_starts(batch, meeting, &known),
    };
    struct propose_answer answer = {0};
    question.refused = known;
    *ret_slots = NULL;
    if (!series_bound(batch, meeting, &question)) {
        return 0;
    }
    if (propose(batch->proposer, &question, &batch->arena, &answer) != STATUS_OK) {
        return 0;
    }
    matter_hide_distance(answer.slots, answer.slot_count);
    *ret_slots = answer.slots;
    return answer.slot_count;
}

enum outcome handle_no_slot(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting, int32_t start)
{
    struct entente_meeting shown = *meeting;
    shown.alternatives_count =
        handle_nearest(batch, meeting, start, &shown.alternatives);
    return refuse(batch, command, ERROR_NO_SLOT, &shown, NULL);
}

enum outcome handle_not_a_candidate(struct batch *batch, struct command *command,
                                    const struct entente_meeting *meeting,
                                    int32_t start)
{
    char text[ZONE_TIME_SIZE];
    zone_format_time(start, "UTC", text, sizeof(text));
    const char *copy = arena_text(&batch->arena, text);
    return refuse(batch, command, ERROR_NOT_A_CANDIDATE, meeting,
                  copy == NULL ? "?" : copy, NULL);
}

enum outcome handle_not_now(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting, const char *what)
{
    return refuse(batch, command, ERROR_NOT_IN_THIS_STATE, meeting,
                  negotiation_state_name((enum negotiation_state)meeting->state), what,
                  batch_number(batch, view_version(meeting, command->client)), NULL);
}
