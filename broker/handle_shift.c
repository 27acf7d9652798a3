// SPDX-License-Identifier: Apache-2.0

/*
 * handle_shift.c - a party needs another time: one exact start, some ranges, or not this one
 *
 * It is evaluated at once against everybody, and answered with the slots nearest to what
 * was wanted; the best that suits is the next proposal.
 */
#include "broker/handle.h"

#include "proto/limits.h"

#include <string.h>

enum { MS_PER_MINUTE = 60000 };

/* The time that is wanted, to measure nearness from. */
static int32_t wanted_start(const struct entente_answer *answer,
                            const struct entente_meeting *meeting)
{
    if (answer->counter_start != 0) {
        return answer->counter_start;
    }
    return answer->ranges_count > 0 ? answer->ranges[0].start
                                    : meeting->proposal->start;
}

/* What somebody has asked to be moved away from is not proposed again, unless exactly
 * that is asked for.  The oldest are forgotten. */
static bool refuse_start(struct batch *batch, struct entente_meeting *meeting,
                         int32_t start)
{
    struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->refused_starts_count; i++) {
        if (kept->refused_starts[i] == start) {
            return true;
        }
    }
    size_t keep = kept->refused_starts_count < LIMIT_REFUSED_STARTS
                      ? kept->refused_starts_count
                      : LIMIT_REFUSED_STARTS - 1;
    int32_t *starts = arena_array(&batch->arena, keep + 1, sizeof(*starts));
    if (starts == NULL) {
        batch->exhausted = true;
        return false;
    }
    for (size_t i = 0; i < keep; i++) {
        starts[i] = kept->refused_starts[kept->refused_starts_count - keep + i];
    }
    starts[keep] = start;
    kept->refused_starts = starts;
    kept->refused_starts_count = keep + 1;
    return true;
}

bool handle_refuse_starts(struct batch *batch, struct entente_meeting *meeting)
{
    const struct entente_proposal *proposal = meeting->proposal;
    bool done = proposal == NULL || refuse_start(batch, meeting, proposal->start);
    for (size_t i = 0; done && i < meeting->kept->candidates_count; i++) {
        done = refuse_start(batch, meeting, meeting->kept->candidates[i].start);
    }
    return done;
}

static enum outcome give_up(struct batch *batch, struct command *command,
                            struct matter *matter, int party,
                            enum negotiation_event event)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_slot *slots = NULL;
    struct step step = {.party = party};
    step.alternatives_count = handle_nearest(
        batch, meeting, wanted_start(command->envelope->answer, meeting), &slots);
    step.alternatives = slots;
    handle_record(batch, command, meeting, party);
    return handle_answer_step(batch, command, matter, &step, event);
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

/* The next proposal, and beside it the slots nearest to what was wanted. */
static enum outcome shift_to(struct batch *batch, struct command *command,
                             struct matter *matter, int party,
                             const struct entente_slot *slot)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_slot *slots = NULL;
    struct step step = {.party = party, .slot = slot, .slot_count = 1};
    step.alternatives_count = handle_nearest(
        batch, meeting, wanted_start(command->envelope->answer, meeting), &slots);
    step.alternatives = slots;
    handle_record(batch, command, meeting, party);
    handle_own_diary(batch, meeting, party, slot->start);
    matter_forget_divergence(meeting, party);
    return handle_answer_step(batch, command, matter, &step, SHIFT_FOUND);
}

enum outcome handle_shift(struct batch *batch, struct command *command,
                          struct matter *matter, int party)
{
    const struct entente_answer *answer = command->envelope->answer;
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    const struct transition *none = negotiation_find(state, SHIFT_NONE);
    if (none == NULL || has_begun(batch, meeting)) {
        return handle_not_now(batch, command, meeting, "SHIFT");
    }
    if (negotiation_find(state, ROUNDS_USED) != NULL &&
        meeting->rounds + 1 >= LIMIT_ROUNDS) {
        return give_up(batch, command, matter, party, ROUNDS_USED);
    }
    struct entente_kept before = *meeting->kept;
    if (!handle_refuse_starts(batch, meeting)) {
        return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    struct propose_question question = {
        .wanted = 2, /* the present proposal may be one of them */
        .must_attend = (size_t)party + 1,
        .within = answer->ranges,
        .within_count = answer->ranges_count,
        .exact = answer->counter_start,
        .willing = UINT64_C(1) << party, /* one's own diary is negotiable */
        .not_start =
            state == MOVING ? meeting->kept->firm_start : meeting->proposal->start,
        .refused = meeting->kept->refused_starts,
        .refused_count = meeting->kept->refused_starts_count,
        .near = answer->counter_start == 0 && answer->ranges_count == 0
                    ? meeting->proposal->start
                    : 0,
    };
    struct propose_answer found;
    bool asked = handle_propose(batch, command, meeting, &question, &found);
    const struct entente_slot *slot =
        asked ? another(&found, meeting->proposal->start) : NULL;
    if (slot != NULL) {
        return shift_to(batch, command, matter, party, slot);
    }
    if (asked && (none->effects & REFUSE) == 0) {
        return give_up(batch, command, matter, party, SHIFT_NONE);
    }
    /* Nothing changes, and nothing is remembered. */
    *meeting->kept = before;
    return asked
               ? handle_no_slot(batch, command, meeting, wanted_start(answer, meeting))
               : OUTCOME_DECIDED;
}
