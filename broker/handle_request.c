// SPDX-License-Identifier: Apache-2.0

/*
 * handle_request.c - somebody wants a meeting
 */
#include "broker/handle.h"

#include "broker/person.h"
#include "broker/series.h"

#include <string.h>

enum { MS_PER_MINUTE = 60000 };

bool handle_new_id(struct batch *batch, struct entente_bytes *ret_id)
{
    /* UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then chance. */
    uint8_t *id = arena_alloc(&batch->arena, 16);
    if (id == NULL || seal_random(id, 16) != STATUS_OK) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        id[i] = (uint8_t)((uint64_t)batch->now_ms >> (8 * (5 - i)));
    }
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x70);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    *ret_id = (struct entente_bytes){.data = id, .size = 16};
    return true;
}

/* A party as it was asked for: what only the broker may say is not taken from anybody. */
static struct entente_party asked_party(const struct entente_party *party)
{
    return (struct entente_party){
        .kind = party->kind,
        .importance = party->importance,
        .identifier = party->identifier,
        .structure = party->structure,
        .name = party->name,
        .modality = party->modality,
        .place = party->place,
        .contact = party->contact,
        .buffer_before_minutes = party->buffer_before_minutes,
        .buffer_after_minutes = party->buffer_after_minutes,
        .ask_if_unknown = party->ask_if_unknown,
        .pool_size = party->pool_size,
        .members = party->members,
        .members_count = party->members_count,
        .represents = party->represents,
        .answer_minutes = party->answer_minutes,
        .silence = party->silence,
    };
}

static void clear_party(struct batch *batch, struct command *command,
                        struct entente_party *party, int64_t person)
{
    *party = asked_party(party);
    const struct index_person *known = index_person(batch->index, person);
    if (party->name == NULL && known != NULL && known->sources != NULL) {
        /* The index may forget it before this command has been decided for good. */
        party->name = arena_text(&command->arena, known->sources->name);
    }
}

struct matter *handle_new_matter(struct batch *batch, struct command *command,
                                 struct entente_spec *spec, const int64_t *people)
{
    struct entente_meeting *meeting = arena_alloc(&batch->arena, sizeof(*meeting));
    struct entente_kept *kept = arena_alloc(&batch->arena, sizeof(*kept));
    if (meeting == NULL || kept == NULL || !handle_new_id(batch, &meeting->id)) {
        return NULL;
    }
    meeting->spec = spec;
    meeting->kept = kept;
    meeting->created_ms = batch->now_ms;
    meeting->organizer_client = command->client->name;
    kept->organizer = command->client->id;
    kept->people = (int64_t *)people;
    kept->people_count = spec->parties_count;
    for (size_t i = 0; i < spec->parties_count; i++) {
        clear_party(batch, command, &spec->parties[i], people[i]);
    }
    meeting->search_until_ms = handle_search_end(spec, spec->search_until_ms);
    if (!handle_keep_pools(batch, meeting)) {
        return NULL;
    }
    return batch_new_matter(batch, meeting);
}

/* Nothing suits: the organizer is told why, and the meeting waits for better times, or
 * ends here when the search was only for now. */
static enum outcome begin_search(struct batch *batch, struct command *command,
                                 struct matter *matter, struct entente_why_not *why_not)
{
    const struct entente_actor *actor = command->envelope->request->actor;
    if (matter->meeting->search_until_ms > batch->now_ms &&
        !handle_may_wait(batch, command, matter->meeting, 1)) {
        return OUTCOME_DECIDED;
    }
    struct step step = {
        .row = negotiation_find(NOTHING_YET, NO_SLOT), .party = -1, .actor = actor};
    matter->meeting->why_not = why_not;
    matter_step(batch, matter, &step);
    if (matter->meeting->search_until_ms <= batch->now_ms) {
        step.row = negotiation_find(SEARCHING, TIME_OVER);
        matter_step(batch, matter, &step);
    }
    return reply_meeting(batch, command, matter);
}

/* The whole series, or the search for its time. */
static enum outcome request_series(struct batch *batch, struct command *command,
                                   struct matter *matter)
{
    const struct entente_actor *actor = command->envelope->request->actor;
    const struct entente_bytes id = matter->meeting->id;
    struct entente_why_not *why_not = NULL;
    bool opened = false;
    const struct series_asked asked = {.actor = actor, .why = PROPOSE_WHY_IF_NONE};
    enum outcome outcome =
        series_open(batch, command, matter, &asked, &opened, &why_not);
    if (outcome == OUTCOME_NEEDS || command->failed) {
        return outcome;
    }
    matter = batch_matter(batch, id.data);
    return opened ? reply_meeting(batch, command, matter)
                  : begin_search(batch, command, matter, why_not);
}

enum outcome handle_request(struct batch *batch, struct command *command)
{
    const struct entente_request *request = command->envelope->request;
    unsigned bad = handle_bad_windows(request->spec, batch->now_ms);
    if (bad != 0) {
        return refuse(batch, command, bad, NULL, "spec.windows", NULL);
    }
    if (request->sequence_count > 0) {
        return sequence_request(batch, command);
    }
    struct matter *matter =
        handle_new_matter(batch, command, request->spec, command->people);
    if (matter == NULL) {
        return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    if (series_is_asked(request->spec)) {
        return request_series(batch, command, matter);
    }
    struct propose_answer answer;
    enum outcome outcome = handle_find_slots(batch, command, matter->meeting,
                                             PROPOSE_WHY_IF_NONE, &answer);
    if (outcome == OUTCOME_NEEDS || command->failed) {
        return outcome;
    }
    if (answer.slot_count == 0) {
        return begin_search(batch, command, matter, answer.why_not);
    }
    struct step step = {
        .row = negotiation_find(NOTHING_YET, SLOT_FOUND),
        .party = -1,
        .actor = request->actor,
    };
    handle_hold(matter->meeting, &answer, &step);
    struct handle_excess excess;
    if (!handle_may_hold(batch, matter->meeting, step.slot_count, &excess)) {
        return handle_too_many_holds(batch, command, &excess);
    }
    matter_step(batch, matter, &step);
    return reply_meeting(batch, command, matter);
}
