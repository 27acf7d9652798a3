// SPDX-License-Identifier: Apache-2.0

/*
 * handle_move.c - the organizer moves a meeting: to one start, or to the best in windows
 *
 * What had been agreed stays claimed until the new time is.
 */
#include "broker/handle.h"

enum { MS_PER_MINUTE = 60000 };

/* The spec as it is asked for from now on: an exact start needs no window, and what was
 * asked for first stays for those who would shift again.  NULL when memory is used up. */
static struct entente_spec *spec_of_move(struct batch *batch,
                                         const struct entente_meeting *meeting,
                                         const struct entente_decide *decide)
{
    struct entente_spec *spec =
        arena_copy(&batch->arena, meeting->spec, sizeof(*meeting->spec));
    if (spec != NULL && decide->start == 0) {
        /* The command's arena lives as long as the batch. */
        spec->windows = decide->windows;
        spec->windows_count = decide->windows_count;
        spec->picked = decide->picked;
        spec->picked_count = decide->picked_count;
    } else if (spec != NULL) {
        spec->windows_count = 0;
    }
    return spec;
}

static enum outcome move_to(struct batch *batch, struct command *command,
                            struct matter *matter, const struct transition *row,
                            struct entente_meeting *trial,
                            const struct propose_answer *found)
{
    const struct entente_decide *decide = command->envelope->decide;
    struct entente_meeting *meeting = matter->meeting;
    struct entente_slot *slots = NULL;
    if (decide->start == 0) {
        meeting->spec = trial->spec;
    }
    struct step step = {.row = row,
                        .party = -1,
                        .actor = decide->actor,
                        .slot = &found->slots[0],
                        .slot_count = 1};
    step.alternatives_count =
        handle_nearest(batch, meeting, found->slots[0].start, &slots);
    step.alternatives = slots;
    matter_step(batch, matter, &step);
    return reply_meeting(batch, command, matter);
}

enum outcome handle_move(struct batch *batch, struct command *command,
                         struct matter *matter)
{
    const struct entente_decide *decide = command->envelope->decide;
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    const struct entente_kept *kept = meeting->kept;
    const struct transition *row = negotiation_find(
        state, state == WAITING_ORGANIZER ? ORGANIZER_PROPOSES : SHIFT_FOUND);
    bool has_begun = kept->firm_end != 0 &&
                     (int64_t)kept->firm_start * MS_PER_MINUTE <= batch->now_ms;
    if (row == NULL || has_begun) {
        return handle_not_now(batch, command, meeting, "MOVE");
    }
    struct entente_meeting trial = *meeting;
    trial.spec = spec_of_move(batch, meeting, decide);
    if (trial.spec == NULL) {
        return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    if (decide->start == 0 && !handle_may_search(batch, command, meeting, trial.spec)) {
        return OUTCOME_DECIDED;
    }
    if (decide->start != 0 && (int64_t)decide->start * MS_PER_MINUTE <= batch->now_ms) {
        return refuse(batch, command, ERROR_WINDOW_PAST, NULL, NULL);
    }
    struct propose_question question = {
        .wanted = 1,
        .exact = decide->start,
        .not_start = kept->firm_end != 0 ? kept->firm_start : meeting->proposal->start,
    };
    struct propose_answer found = {0};
    if (!handle_may_hold_anew(batch, command, meeting) ||
        !handle_propose(batch, command, &trial, &question, &found)) {
        return OUTCOME_DECIDED;
    }
    if (found.slot_count == 0) {
        int32_t near = decide->start != 0          ? decide->start
                       : decide->windows_count > 0 ? decide->windows[0].start
                       : decide->picked_count > 0  ? decide->picked[0]
                                                   : meeting->proposal->start;
        return handle_no_slot(batch, command, decide->start != 0 ? meeting : &trial,
                              near);
    }
    return move_to(batch, command, matter, row, &trial, &found);
}
