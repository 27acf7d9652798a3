// SPDX-License-Identifier: Apache-2.0

/*
 * handle_withdraw.c - somebody will not come after all to what has been agreed
 *
 * Who is not needed gives the time back, and nothing else changes.  For who is needed
 * somebody else of the pool comes; where there is nobody, the organizer decides, and the
 * time is held for the others meanwhile.
 */
#include "broker/handle.h"

enum { MS_PER_MINUTE = 60000 };

static void step_of(struct batch *batch, struct matter *matter, struct step *step,
                    enum negotiation_event event)
{
    step->row = negotiation_find((enum negotiation_state)matter->meeting->state, event);
    matter_forget_divergence(matter->meeting, step->party);
    matter_step(batch, matter, step);
}

/* An optional party, or one beyond the quorum. */
static void leave(struct batch *batch, struct matter *matter, struct step *step)
{
    struct entente_party *party = &matter->meeting->spec->parties[step->party];
    party->answer = ENTENTE_DECLINE;
    party->answer_reason = step->reason;
    party->answer_ms = batch->now_ms;
    step_of(batch, matter, step, OPTIONAL_WITHDREW);
}

static bool has_begun(const struct batch *batch, const struct entente_meeting *meeting)
{
    return meeting->kept->firm_end != 0 &&
           (int64_t)meeting->kept->firm_start * MS_PER_MINUTE <= batch->now_ms;
}

/* Somebody else of the pool is asked; until they accept everything stays as it was. */
static enum outcome send_another(struct batch *batch, struct command *command,
                                 struct matter *matter, const struct step *step,
                                 bool *ret_sent)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    const struct entente_span at = {kept->firm_start, kept->firm_end};
    struct substitute substitute;
    *ret_sent = false;
    if (meeting->state != ENTENTE_CONFIRMED ||
        meeting->spec->parties[step->party].from_pool == 0) {
        return OUTCOME_DECIDED;
    }
    if (handle_find_substitute(batch, command, meeting, (size_t)step->party, at,
                               meeting->confirmed_option,
                               &substitute) == OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    if (substitute.party == NULL) {
        return OUTCOME_DECIDED;
    }
    struct entente_owner_note *note =
        matter_make_note(batch, meeting, (size_t)step->party);
    if (note != NULL) {
        *ret_sent = handle_take_place(batch, command, matter, (size_t)step->party,
                                      &substitute, step->actor) == REPLACED_DONE;
        matter_make_note(batch, meeting, (size_t)step->party)->withdrew =
            *ret_sent ? 1 + step->reason : 0;
    }
    return OUTCOME_DECIDED;
}

/* Who is asked in somebody's place has nothing to withdraw from yet: it is a no. */
static enum outcome say_no(struct batch *batch, struct command *command,
                           struct matter *matter, struct step *step)
{
    struct entente_meeting *meeting = matter->meeting;
    struct substitute found;
    size_t party = (size_t)step->party;
    if (handle_find_substitute_now(batch, command, meeting, party, &found) ==
        OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    bool taken =
        handle_take_substitute(batch, command, matter, party, step->actor, &found);
    struct entente_party *who = &meeting->spec->parties[party];
    who->answer = ENTENTE_DECLINE;
    who->answer_reason = step->reason;
    who->answer_proposal = meeting->proposal->number;
    who->answer_ms = batch->now_ms;
    if (!taken) {
        step_of(batch, matter, step, matter_decline_event(meeting, step->party));
    }
    return OUTCOME_DECIDED;
}

enum outcome handle_withdraw(struct batch *batch, struct command *command,
                             struct matter *matter, int party, uint32_t reason,
                             bool may_cancel, const struct entente_actor *actor)
{
    struct entente_meeting *meeting = matter->meeting;
    struct step step = {.party = party, .actor = actor, .reason = reason};
    struct entente_slot *slots = NULL;
    if (meeting->state == ENTENTE_PROPOSED) {
        struct entente_party *who = &meeting->spec->parties[party];
        enum negotiation_event event = matter_decline_event(meeting, party);
        who->answer = ENTENTE_DECLINE;
        who->answer_reason = reason;
        who->answer_ms = batch->now_ms;
        step.alternatives_count =
            handle_nearest(batch, meeting, meeting->proposal->start, &slots);
        step.alternatives = slots;
        step_of(batch, matter, &step, event);
        return OUTCOME_DECIDED;
    }
    if (matter_has_withdrawn(meeting, (size_t)party)) {
        return OUTCOME_DECIDED; /* somebody is being asked in their place */
    }
    if (matter_is_substitute(meeting->spec, (size_t)party)) {
        return say_no(batch, command, matter, &step);
    }
    if (!matter_is_needed(meeting, (size_t)party)) {
        leave(batch, matter, &step);
        return OUTCOME_DECIDED;
    }
    bool begun = has_begun(batch, meeting);
    bool sent = false;
    if (!begun && send_another(batch, command, matter, &step, &sent) == OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    if (sent || batch->exhausted) {
        return OUTCOME_DECIDED;
    }
    /* Nobody can be found for a meeting that has begun. */
    if (begun || (may_cancel && meeting->spec->on_withdrawal == ENTENTE_CANCELS)) {
        struct entente_party *who = &meeting->spec->parties[party];
        who->answer = ENTENTE_DECLINE;
        who->answer_reason = reason;
        who->answer_ms = batch->now_ms;
        step_of(batch, matter, &step, CANCEL);
        return OUTCOME_DECIDED;
    }
    step.alternatives_count =
        handle_nearest(batch, meeting, meeting->kept->firm_start, &slots);
    step.alternatives = slots;
    step_of(batch, matter, &step, REOPENED);
    return OUTCOME_DECIDED;
}
