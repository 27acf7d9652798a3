// SPDX-License-Identifier: Apache-2.0

/*
 * handle_due.c - a moment has come: a deadline, or somebody has become freer
 */
#include "broker/handle.h"

#include "broker/due.h"

enum { MS_PER_MINUTE = 60000 };

/* Looked at, and nothing follows: the row goes. */
static enum outcome nothing_follows(struct batch *batch, const struct command *command)
{
    void *list = batch->dues_done;
    struct store_due *done = batch_grow(batch, &list, &batch->due_done_count,
                                        &batch->due_done_capacity, sizeof(*done));
    if (done != NULL) {
        batch->dues_done = list;
        *done = command->due;
    }
    return OUTCOME_DECIDED;
}

static enum outcome follow(struct batch *batch, struct matter *matter,
                           enum negotiation_event event,
                           const struct entente_slot *slot)
{
    struct step step = {
        .row = negotiation_find((enum negotiation_state)matter->meeting->state, event),
        .party = -1,
        .slot = slot,
    };
    matter_step(batch, matter, &step);
    return OUTCOME_DECIDED;
}

/* Nothing suits, or no search could be made: at the deadline the meeting ends, before
 * it the deadline stays. */
static enum outcome no_slot(struct batch *batch, struct command *command,
                            struct matter *matter, struct entente_why_not *why_not)
{
    if (command->due.reason == DUE_SEARCH_END) {
        matter->meeting->why_not = why_not;
        return follow(batch, matter, TIME_OVER, NULL);
    }
    return nothing_follows(batch, command);
}

static enum outcome search(struct batch *batch, struct command *command,
                           struct matter *matter)
{
    /* Only the end of the search tells anybody why. */
    struct propose_question question = {
        .wanted = 1,
        .why = command->due.reason == DUE_SEARCH_END ? PROPOSE_WHY_IF_NONE
                                                     : PROPOSE_WHY_NEVER,
    };
    struct propose_answer answer = {0};
    if (handle_propose(batch, command, matter->meeting, &question, &answer) &&
        answer.slot_count > 0) {
        return follow(batch, matter, SLOT_FOUND, &answer.slots[0]);
    }
    return no_slot(batch, command, matter, answer.why_not);
}

static enum outcome look(struct batch *batch, struct command *command,
                         struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
        return search(batch, command, matter);
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
        if (meeting->hold_until_ms <= batch->now_ms) {
            return follow(batch, matter, TIME_OVER, NULL);
        }
        break;
    case ENTENTE_MOVING:
        if ((int64_t)kept->firm_start * MS_PER_MINUTE <= batch->now_ms) {
            return follow(batch, matter, OLD_TIME_ARRIVED, NULL);
        }
        if (meeting->hold_until_ms <= batch->now_ms) {
            return follow(batch, matter, TIME_OVER, NULL);
        }
        break;
    case ENTENTE_CONFIRMED:
        if ((int64_t)kept->firm_end * MS_PER_MINUTE <= batch->now_ms) {
            return follow(batch, matter, SLOT_ENDED, NULL);
        }
        break;
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        break;
    }
    return nothing_follows(batch, command);
}

enum outcome handle_due(struct batch *batch, struct command *command)
{
    struct matter *matter = batch_matter(batch, command->due.meeting.bytes);
    if (matter == NULL) {
        return nothing_follows(batch, command);
    }
    if (!batch_holds_people(batch, matter->meeting)) {
        return OUTCOME_NEEDS;
    }
    return look(batch, command, matter);
}
