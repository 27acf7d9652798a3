// SPDX-License-Identifier: Apache-2.0

/*
 * handle_answer.c - a party says yes, says no, or needs another time
 */
#include "broker/handle.h"

#include "proto/limits.h"

enum { MS_PER_MINUTE = 60000 };

static void record(struct batch *batch, struct command *command,
                   struct entente_meeting *meeting, int party)
{
    const struct entente_answer *answer = command->envelope->answer;
    struct entente_party *who = &meeting->spec->parties[party];
    who->answer = answer->kind;
    who->answer_reason = answer->reason;
    who->answer_proposal = meeting->proposal->number;
    who->answer_ms = batch->now_ms;
    who->answer_actor = answer->actor;
}

static enum outcome take_step(struct batch *batch, struct command *command,
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
    return reply_meeting(batch, command, matter);
}

/* ---- accept ------------------------------------------------------------------------
 */

static enum outcome accept(struct batch *batch, struct command *command,
                           struct matter *matter, int party)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_party *who = &meeting->spec->parties[party];
    if (!who->attends ||
        negotiation_find((enum negotiation_state)meeting->state, ACCEPTED) == NULL) {
        /* Saying yes again to what has been agreed changes nothing. */
        bool said = who->answer == ENTENTE_ACCEPT && who->attends &&
                    meeting->state == ENTENTE_CONFIRMED;
        return said ? reply_meeting(batch, command, matter)
                    : handle_not_now(batch, command, meeting, "ACCEPT");
    }
    if (who->answer == ENTENTE_ACCEPT &&
        who->answer_proposal == meeting->proposal->number) {
        return reply_meeting(batch, command, matter);
    }
    /* Nobody agrees to a time that has come; the deadline is about to say so. */
    if ((int64_t)meeting->proposal->start * MS_PER_MINUTE <= batch->now_ms) {
        return handle_not_now(batch, command, meeting, "ACCEPT");
    }
    bool last = !matter_awaits_anybody(meeting, party);
    /* Giving the old time back changes claims. */
    if (last && meeting->state == ENTENTE_MOVING &&
        !batch_holds_people(batch, meeting)) {
        return OUTCOME_NEEDS;
    }
    record(batch, command, meeting, party);
    struct step step = {.party = party};
    return take_step(batch, command, matter, &step, last ? ALL_ACCEPTED : ACCEPTED);
}

/* ---- decline -----------------------------------------------------------------------
 */

static enum negotiation_event decline_event(const struct entente_meeting *meeting,
                                            int party)
{
    bool indispensable = matter_is_needed(meeting, (size_t)party);
    if (meeting->state == ENTENTE_CONFIRMED && !indispensable) {
        return OPTIONAL_WITHDREW;
    }
    if (meeting->state == ENTENTE_PROPOSED && !indispensable) {
        return matter_awaits_anybody(meeting, party) ? OPTIONAL_DECLINED
                                                     : OPTIONAL_DECLINED_LAST;
    }
    return DECLINED;
}

static enum outcome decline(struct batch *batch, struct command *command,
                            struct matter *matter, int party)
{
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_event event = decline_event(meeting, party);
    const struct transition *row =
        negotiation_find((enum negotiation_state)meeting->state, event);
    if (row == NULL) {
        return handle_not_now(batch, command, meeting, "DECLINE");
    }
    struct step step = {.party = party};
    struct entente_slot *slots = NULL;
    if (row->effects & ALTERNATIVES) {
        step.alternatives_count =
            handle_nearest(batch, command, meeting, meeting->proposal->start, &slots);
        step.alternatives = slots;
    }
    record(batch, command, meeting, party);
    return take_step(batch, command, matter, &step, event);
}

/* ---- shift -------------------------------------------------------------------------
 */

/* The time that is wanted, to measure nearness from. */
static int32_t wanted_start(const struct entente_answer *answer)
{
    return answer->counter_start != 0 ? answer->counter_start : answer->ranges[0].start;
}

static enum outcome give_up(struct batch *batch, struct command *command,
                            struct matter *matter, int party,
                            enum negotiation_event event)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_slot *slots = NULL;
    struct step step = {.party = party};
    step.alternatives_count = handle_nearest(
        batch, command, meeting, wanted_start(command->envelope->answer), &slots);
    step.alternatives = slots;
    record(batch, command, meeting, party);
    return take_step(batch, command, matter, &step, event);
}

/* The best slot that does not start at @start, or NULL. */
static const struct entente_slot *another(const struct propose_answer *found,
                                          int32_t start)
{
    for (size_t i = 0; i < found->slot_count; i++) {
        if (found->slots[i].start != start) {
            return &found->slots[i];
        }
    }
    return NULL;
}

/* A meeting that is being held is not moved any more. */
static bool has_begun(const struct batch *batch, const struct entente_meeting *meeting)
{
    return meeting->kept->firm_end != 0 &&
           (int64_t)meeting->kept->firm_start * MS_PER_MINUTE <= batch->now_ms;
}

static enum outcome shift(struct batch *batch, struct command *command,
                          struct matter *matter, int party)
{
    const struct entente_answer *answer = command->envelope->answer;
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    const struct transition *none = negotiation_find(state, SHIFT_NONE);
    if (none == NULL) {
        return handle_not_now(batch, command, meeting, "SHIFT");
    }
    if (has_begun(batch, meeting)) {
        return handle_not_now(batch, command, meeting, "SHIFT");
    }
    bool moving = state == MOVING;
    if (negotiation_find(state, ROUNDS_USED) != NULL &&
        meeting->rounds + 1 >= LIMIT_ROUNDS) {
        return give_up(batch, command, matter, party, ROUNDS_USED);
    }
    struct propose_question question = {
        .wanted = 2, /* the present proposal may be one of them */
        .must_attend = (size_t)party + 1,
        .within = answer->ranges,
        .within_count = answer->ranges_count,
        .exact = answer->counter_start,
        .not_start = moving ? meeting->kept->firm_start : meeting->proposal->start,
    };
    struct propose_answer found;
    if (!handle_propose(batch, command, meeting, &question, &found)) {
        return OUTCOME_DECIDED;
    }
    const struct entente_slot *slot = another(&found, meeting->proposal->start);
    if (slot == NULL && (none->effects & REFUSE)) {
        return handle_no_slot(batch, command, meeting, wanted_start(answer));
    }
    if (slot == NULL) {
        return give_up(batch, command, matter, party, SHIFT_NONE);
    }
    record(batch, command, meeting, party);
    struct step step = {.party = party, .slot = slot};
    return take_step(batch, command, matter, &step, SHIFT_FOUND);
}

enum outcome handle_answer(struct batch *batch, struct command *command)
{
    const struct entente_answer *answer = command->envelope->answer;
    struct matter *matter = handle_matter(batch, command, &answer->meeting);
    if (matter == NULL) {
        return OUTCOME_DECIDED;
    }
    struct entente_meeting *meeting = matter->meeting;
    int party = handle_party(batch, command, meeting, answer->party);
    if (party < 0) {
        return OUTCOME_DECIDED;
    }
    if (meeting->proposal == NULL) {
        return handle_not_now(batch, command, meeting, "ANSWER");
    }
    if (answer->proposal != meeting->proposal->number) {
        return refuse(batch, command, ERROR_STALE, meeting,
                      batch_number(batch, meeting->proposal->number),
                      batch_number(batch, meeting->version), NULL);
    }
    switch ((enum entente_answer_kind)answer->kind) {
    case ENTENTE_ACCEPT:
        return accept(batch, command, matter, party);
    case ENTENTE_DECLINE:
        return batch_holds_people(batch, meeting)
                   ? decline(batch, command, matter, party)
                   : OUTCOME_NEEDS;
    case ENTENTE_SHIFT:
        return batch_holds_people(batch, meeting) ? shift(batch, command, matter, party)
                                                  : OUTCOME_NEEDS;
    case ENTENTE_DELEGATE:
        return refuse(batch, command, ERROR_NOT_YET, NULL, "delegating", NULL);
    }
    return refuse(batch, command, ERROR_UNKNOWN_VALUE, NULL, "answer.kind", "?", NULL);
}
