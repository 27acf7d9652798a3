// SPDX-License-Identifier: Apache-2.0

/*
 * handle_answer.c - a party says yes, says no, or says which candidates suit
 */
#include "broker/handle.h"

#include "broker/view.h"

#include <string.h>

enum { MS_PER_MINUTE = 60000 };

/* ---- for whom ----------------------------------------------------------------------
 */

bool handle_is_recorded(const struct command *command,
                        const struct entente_actor *actor,
                        const struct entente_meeting *meeting, int party)
{
    const struct entente_party *of = &meeting->spec->parties[party];
    const struct entente_identifier *who = actor == NULL ? NULL : actor->who;
    bool own = meeting->kept->people[party] != 0 && who != NULL &&
               client_speaks_for(command->client, meeting->kept->people[party]) &&
               strcmp(who->system, of->identifier->system) == 0 &&
               strcmp(who->value, of->identifier->value) == 0;
    bool telephone = actor != NULL && actor->channel == ENTENTE_TELEPHONE;
    return meeting->kept->organizer == command->client->id &&
           (of->kind == ENTENTE_GUEST || (telephone && !own));
}

/* ---- what they say -----------------------------------------------------------------
 */

void handle_record(struct batch *batch, struct command *command,
                   struct entente_meeting *meeting, int party)
{
    const struct entente_answer *answer = command->envelope->answer;
    struct entente_party *who = &meeting->spec->parties[party];
    who->answer = answer->kind;
    who->answer_reason = answer->reason;
    who->answer_proposal = meeting->proposal->number;
    who->answer_ms = batch->now_ms;
    who->answer_actor = answer->actor;
    who->grades = answer->grades;
    who->grades_count = answer->grades_count;
    who->recorded = handle_is_recorded(command, answer->actor, meeting, party);
    who->tacit = false;
}

enum outcome handle_answer_step(struct batch *batch, struct command *command,
                                struct matter *matter, struct step *step,
                                enum negotiation_event event)
{
    const struct entente_answer *answer = command->envelope->answer;
    step->row = negotiation_find((enum negotiation_state)matter->meeting->state, event);
    step->actor = answer->actor;
    if (step->row == NULL) {
        return handle_not_now(batch, command, matter->meeting,
                              negotiation_event_name(event));
    }
    matter_step(batch, matter, step);
    if (step->party >= 0 && matter->meeting->spec->parties[step->party].recorded) {
        /* Who was quoted learns of it. */
        matter->tell_parties = true;
    }
    return reply_meeting(batch, command, matter);
}

/* Grades are for what is held, and only where several slots are.  False: refused. */
static bool check_grades(struct batch *batch, struct command *command,
                         const struct entente_meeting *meeting)
{
    const struct entente_answer *answer = command->envelope->answer;
    if (answer->grades_count > 0 && !matter_poll_is_open(meeting)) {
        refuse(batch, command, ERROR_FIELD_CONFLICT, meeting, "answer.grades",
               "spec.held_slots", "one slot is held, and needs no grade", NULL);
        return false;
    }
    for (size_t i = 0; i < answer->grades_count; i++) {
        if (matter_poll_candidate(meeting, answer->grades[i].start) == NULL) {
            handle_not_a_candidate(batch, command, meeting, answer->grades[i].start);
            return false;
        }
    }
    return true;
}

static enum outcome accept(struct batch *batch, struct command *command,
                           struct matter *matter, int party)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_party *who = &meeting->spec->parties[party];
    bool poll = matter_poll_is_open(meeting);
    enum negotiation_event event = matter_accept_event(meeting, party);
    if (!check_grades(batch, command, meeting)) {
        return OUTCOME_DECIDED;
    }
    if (!who->attends ||
        negotiation_find((enum negotiation_state)meeting->state, event) == NULL) {
        return handle_not_now(batch, command, meeting, "ACCEPT");
    }
    /* Saying yes again to the same changes nothing. */
    if (!poll && who->answer == ENTENTE_ACCEPT &&
        (meeting->state == ENTENTE_CONFIRMED ||
         who->answer_proposal == meeting->proposal->number)) {
        return reply_meeting(batch, command, matter);
    }
    /* Nobody agrees to a time that has come; the deadline is about to say so. */
    if ((int64_t)meeting->proposal->start * MS_PER_MINUTE <= batch->now_ms) {
        return handle_not_now(batch, command, meeting, "ACCEPT");
    }
    /* Giving back the old time, or the other candidates, changes claims. */
    bool gives_back = meeting->state == ENTENTE_MOVING && event == ALL_ACCEPTED;
    if ((poll || gives_back) && !batch_holds_people(batch, meeting)) {
        return OUTCOME_NEEDS;
    }
    handle_record(batch, command, meeting, party);
    handle_own_diary(batch, meeting, party, meeting->proposal->start);
    struct step step = {.party = party};
    return handle_answer_step(batch, command, matter, &step, event);
}

static enum outcome decline(struct batch *batch, struct command *command,
                            struct matter *matter, int party)
{
    struct entente_meeting *meeting = matter->meeting;
    struct substitute found;
    if (matter_has_withdrawn(meeting, (size_t)party)) {
        return reply_meeting(batch, command, matter); /* they have said so already */
    }
    if (handle_find_substitute_now(batch, command, meeting, (size_t)party, &found) ==
        OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    bool moving = meeting->state == ENTENTE_MOVING;
    if (found.party != NULL && !moving) {
        handle_record(batch, command, meeting, party);
    }
    if (handle_take_substitute(batch, command, matter, (size_t)party,
                               command->envelope->answer->actor, &found)) {
        if (moving) {
            /* At the old time they still come: what they say is of the new one. */
            handle_record(batch, command, meeting, party);
        }
        return reply_meeting(batch, command, matter);
    }
    if (command->failed) {
        return OUTCOME_DECIDED;
    }
    enum negotiation_event event = matter_decline_event(meeting, party);
    const struct transition *row =
        negotiation_find((enum negotiation_state)meeting->state, event);
    if (row == NULL) {
        return handle_not_now(batch, command, meeting, "DECLINE");
    }
    struct step step = {.party = party};
    struct entente_slot *slots = NULL;
    if (row->effects & ALTERNATIVES) {
        step.alternatives_count =
            handle_nearest(batch, meeting, meeting->proposal->start, &slots);
        step.alternatives = slots;
    }
    handle_record(batch, command, meeting, party);
    return handle_answer_step(batch, command, matter, &step, event);
}

enum outcome handle_answer(struct batch *batch, struct command *command)
{
    const struct entente_answer *answer = command->envelope->answer;
    struct matter *matter = handle_matter(batch, command, &answer->meeting);
    if (matter == NULL) {
        return OUTCOME_DECIDED;
    }
    struct entente_meeting *meeting = matter->meeting;
    int party = handle_speaking(batch, command, meeting, answer->party, answer->actor);
    if (party < 0) {
        return OUTCOME_DECIDED;
    }
    if (meeting->proposal == NULL) {
        return handle_not_now(batch, command, meeting, "ANSWER");
    }
    if (answer->proposal != meeting->proposal->number) {
        return refuse(batch, command, ERROR_STALE, meeting,
                      batch_number(batch, meeting->proposal->number),
                      batch_number(batch, view_version(meeting, command->client)),
                      NULL);
    }
    switch ((enum entente_answer_kind)answer->kind) {
    case ENTENTE_ACCEPT:
        return accept(batch, command, matter, party);
    case ENTENTE_DECLINE:
        return batch_holds_people(batch, meeting)
                   ? decline(batch, command, matter, party)
                   : OUTCOME_NEEDS;
    case ENTENTE_SHIFT:
        return batch_holds_people(batch, meeting)
                   ? handle_shift(batch, command, matter, party)
                   : OUTCOME_NEEDS;
    case ENTENTE_DELEGATE:
        return batch_holds_people(batch, meeting)
                   ? handle_delegate(batch, command, matter, party)
                   : OUTCOME_NEEDS;
    }
    return refuse(batch, command, ERROR_UNKNOWN_VALUE, NULL, "answer.kind", "?", NULL);
}
