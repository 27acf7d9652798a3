// SPDX-License-Identifier: Apache-2.0

/*
 * handle_cancel.c - the organizer calls it off, or a party no longer comes
 */
#include "broker/handle.h"

static enum outcome carry_out(struct batch *batch, struct command *command,
                              struct matter *matter, int party,
                              enum negotiation_event event)
{
    const struct entente_cancel *cancel = command->envelope->cancel;
    struct step step = {
        .row = negotiation_find((enum negotiation_state)matter->meeting->state, event),
        .party = party,
        .actor = cancel->actor,
        .reason = cancel->reason,
    };
    if (step.row == NULL) {
        return handle_not_now(batch, command, matter->meeting,
                              negotiation_event_name(event));
    }
    matter_step(batch, matter, &step);
    return reply_meeting(batch, command, matter);
}

/* Who is quoted as having left learns of it, and everybody that they have not said it to a
 * program of their own. */
static void note_recorded(const struct batch *batch, const struct command *command,
                          struct matter *matter, int party)
{
    struct entente_party *who = &matter->meeting->spec->parties[party];
    bool has_left = who->answer == ENTENTE_DECLINE && who->answer_ms == batch->now_ms;
    if (has_left) {
        who->tacit = false;
        who->recorded = handle_is_recorded(command, command->envelope->cancel->actor,
                                           matter->meeting, party);
        matter->tell_parties = matter->tell_parties || who->recorded;
    }
}

/* Before it is confirmed a party declines. */
static enum outcome cancel_by_party(struct batch *batch, struct command *command,
                                    struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_cancel *cancel = command->envelope->cancel;
    int party = handle_speaking(batch, command, meeting, cancel->party, cancel->actor);
    if (party < 0) {
        return OUTCOME_DECIDED;
    }
    if (meeting->state != ENTENTE_CONFIRMED && meeting->state != ENTENTE_MOVING) {
        return refuse(batch, command, ERROR_NOT_THE_ORGANIZER, NULL, NULL);
    }
    enum outcome outcome = handle_withdraw(batch, command, matter, party,
                                           cancel->reason, true, cancel->actor);
    if (outcome == OUTCOME_NEEDS) {
        return outcome;
    }
    note_recorded(batch, command, matter, party);
    return reply_meeting(batch, command, matter);
}

enum outcome handle_cancel(struct batch *batch, struct command *command)
{
    const struct entente_cancel *cancel = command->envelope->cancel;
    struct matter *matter = handle_matter(batch, command, &cancel->meeting);
    if (matter == NULL) {
        return OUTCOME_DECIDED;
    }
    if (!batch_holds_people(batch, matter->meeting)) {
        return OUTCOME_NEEDS;
    }
    if (cancel->party != NULL) {
        return cancel_by_party(batch, command, matter);
    }
    if (matter->meeting->kept->organizer != command->client->id) {
        return refuse(batch, command, ERROR_NOT_THE_ORGANIZER, NULL, NULL);
    }
    return carry_out(batch, command, matter, -1, CANCEL);
}
