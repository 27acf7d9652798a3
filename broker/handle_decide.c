// SPDX-License-Identifier: Apache-2.0

/*
 * handle_decide.c - the organizer offers another slot, or goes on without a party
 */
#include "broker/handle.h"

#include "broker/view.h"

static enum outcome offer(struct batch *batch, struct command *command,
                          struct matter *matter, const struct entente_slot *slot)
{
    struct step step = {
        .row = negotiation_find(WAITING_ORGANIZER, ORGANIZER_PROPOSES),
        .slot = slot,
        .party = -1,
        .actor = command->envelope->decide->actor,
    };
    matter_step(batch, matter, &step);
    return reply_meeting(batch, command, matter);
}

static enum outcome propose_slot(struct batch *batch, struct command *command,
                                 struct matter *matter)
{
    int32_t start = command->envelope->decide->start;
    struct propose_question question = {.wanted = 1, .exact = start};
    struct propose_answer found;
    if (!handle_may_hold_anew(batch, command, matter->meeting) ||
        !handle_propose(batch, command, matter->meeting, &question, &found)) {
        return OUTCOME_DECIDED;
    }
    if (found.slot_count == 0) {
        return handle_no_slot(batch, command, matter->meeting, start);
    }
    return offer(batch, command, matter, &found.slots[0]);
}

static bool is_last(const struct entente_meeting *meeting, int party)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if ((int)i != party && !meeting->spec->parties[i].dropped &&
            matter_is_indispensable(meeting, i)) {
            return false;
        }
    }
    return true;
}

/* The slot that is held, if the others can still make it, so that nobody is asked
 * again; otherwise the best one. */
static bool find_without(struct batch *batch, struct command *command,
                         const struct entente_meeting *meeting,
                         struct propose_answer *ret_found)
{
    /* Of several candidates, the one that suits those who are left best. */
    const struct entente_slot *best =
        matter_poll_is_open(meeting) ? matter_poll_best(meeting) : NULL;
    struct propose_question held = {
        .wanted = 1, .exact = best != NULL ? best->start : meeting->kept->held_start};
    if (held.exact != 0) {
        if (!handle_propose(batch, command, meeting, &held, ret_found)) {
            return false;
        }
        if (ret_found->slot_count > 0) {
            return true;
        }
    }
    struct propose_question any = {.wanted = 1};
    return handle_propose(batch, command, meeting, &any, ret_found);
}

static enum outcome replace_party(struct batch *batch, struct command *command,
                                  struct matter *matter)
{
    const struct entente_decide *decide = command->envelope->decide;
    int party = handle_named(batch, command, matter->meeting, decide->party);
    return party < 0 ? OUTCOME_DECIDED
                     : handle_replace(batch, command, matter, party, decide->substitute,
                                      decide->actor);
}

static enum outcome without_party(struct batch *batch, struct command *command,
                                  struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    int party = handle_named(batch, command, meeting, command->envelope->decide->party);
    if (party < 0) {
        return OUTCOME_DECIDED;
    }
    if (is_last(meeting, party)) {
        return refuse(batch, command, ERROR_LAST_PARTY, meeting, NULL);
    }
    meeting->spec->parties[party].dropped = true;
    struct propose_answer found = {0};
    bool asked = handle_may_hold_anew(batch, command, meeting) &&
                 find_without(batch, command, meeting, &found);
    if (!asked || found.slot_count == 0) {
        meeting->spec->parties[party].dropped = false;
        return asked ? handle_no_slot(batch, command, meeting, meeting->proposal->start)
                     : OUTCOME_DECIDED;
    }
    matter->just_dropped |= UINT64_C(1) << party;
    return offer(batch, command, matter, &found.slots[0]);
}

static bool is_waiting(const struct entente_meeting *meeting)
{
    return meeting->state == ENTENTE_WAITING_ORGANIZER;
}

enum outcome handle_decide(struct batch *batch, struct command *command)
{
    const struct entente_decide *decide = command->envelope->decide;
    struct matter *matter = handle_matter(batch, command, &decide->meeting);
    if (matter == NULL) {
        return OUTCOME_DECIDED;
    }
    struct entente_meeting *meeting = matter->meeting;
    if (meeting->kept->organizer != command->client->id) {
        return refuse(batch, command, ERROR_NOT_THE_ORGANIZER, NULL, NULL);
    }
    if (decide->version != view_version(meeting, command->client)) {
        return refuse(
            batch, command, ERROR_STALE, meeting,
            batch_number(batch,
                         meeting->proposal == NULL ? 0 : meeting->proposal->number),
            batch_number(batch, view_version(meeting, command->client)), NULL);
    }
    if (!batch_holds_people(batch, meeting)) {
        return OUTCOME_NEEDS;
    }
    switch ((enum entente_decision)decide->decision) {
    case ENTENTE_CONFIRM:
        return handle_confirm(batch, command, matter);
    case ENTENTE_SEARCH_ON:
        return handle_search_on(batch, command, matter);
    case ENTENTE_PROPOSE_SLOT:
        return is_waiting(meeting) ? propose_slot(batch, command, matter)
                                   : handle_not_now(batch, command, meeting, "DECIDE");
    case ENTENTE_WITHOUT_PARTY:
        return is_waiting(meeting) ? without_party(batch, command, matter)
                                   : handle_not_now(batch, command, meeting, "DECIDE");
    case ENTENTE_MOVE:
        return handle_move(batch, command, matter);
    case ENTENTE_REPLACE_PARTY:
        return replace_party(batch, command, matter);
    }
    return refuse(batch, command, ERROR_UNKNOWN_VALUE, NULL, "decide.decision", "?",
                  NULL);
}
