// SPDX-License-Identifier: Apache-2.0

/*
 * handle_confirm.c - the organizer takes the time that is held, or looks elsewhere
 */
#include "broker/handle.h"

#include "broker/series.h"

#include <stdio.h>

enum { MS_PER_MINUTE = 60000 };

static const char *path_of(struct batch *batch, size_t party)
{
    char text[40];
    snprintf(text, sizeof(text), "spec.parties[%zu]", party);
    const char *copy = arena_text(&batch->arena, text);
    return copy == NULL ? "spec.parties" : copy;
}

/* ---- as it is ----------------------------------------------------------------------
 */

/* Has this party said that it cannot come at the time that would be confirmed? */
static bool stands_against(const struct entente_meeting *meeting, size_t i,
                           const struct entente_slot *picked)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    bool said = party->answer_proposal == meeting->proposal->number &&
                (party->answer == ENTENTE_DECLINE || party->answer == ENTENTE_SHIFT);
    bool graded = picked != NULL && party->answer == ENTENTE_ACCEPT &&
                  party->answer_proposal == meeting->proposal->number &&
                  !matter_poll_suits(meeting, i, picked);
    /* Who withdrew from what had been confirmed is not coming, and is not left out yet. */
    bool stays_away = !party->attends && party->absence == ENTENTE_HAS_DECLINED;
    return !party->dropped && (party->attends || stays_away) &&
           matter_is_indispensable(meeting, i) && (said || graded);
}

/* The candidate that the organizer means; NULL when one slot is held, or none is like that. */
static const struct entente_slot *meant(const struct entente_meeting *meeting,
                                        int32_t start)
{
    if (!matter_poll_is_open(meeting)) {
        return NULL;
    }
    return start == 0 ? matter_poll_best(meeting)
                      : matter_poll_candidate(meeting, start);
}

enum outcome handle_confirm(struct batch *batch, struct command *command,
                            struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_decide *decide = command->envelope->decide;
    struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state,
                                ORGANIZER_CONFIRMS),
        .party = -1,
        .actor = decide->actor,
    };
    if (step.row == NULL || meeting->kept->held_end == 0) {
        return handle_not_now(batch, command, meeting, "CONFIRM");
    }
    bool has_last_word = meeting->spec->rule == ENTENTE_ORGANIZER_DECIDES ||
                         meeting->state == ENTENTE_WAITING_ORGANIZER;
    if (!has_last_word) {
        return refuse(batch, command, ERROR_RULE_NOT_MET, meeting, "spec.rule", NULL);
    }
    const struct entente_slot *picked = meant(meeting, decide->start);
    bool poll = matter_poll_is_open(meeting);
    if (poll && picked == NULL && decide->start == 0) {
        return refuse(batch, command, ERROR_RULE_NOT_MET, meeting,
                      "proposal.candidates", NULL);
    }
    if ((poll && picked == NULL) ||
        (!poll && decide->start != 0 && decide->start != meeting->kept->held_start)) {
        return handle_not_a_candidate(batch, command, meeting, decide->start);
    }
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (stands_against(meeting, i, picked)) {
            return refuse(batch, command, ERROR_RULE_NOT_MET, meeting,
                          path_of(batch, i), NULL);
        }
    }
    int32_t start = poll ? picked->start : meeting->kept->held_start;
    if ((int64_t)start * MS_PER_MINUTE <= batch->now_ms) {
        return handle_not_now(batch, command, meeting, "CONFIRM");
    }
    step.picked = poll ? start : 0;
    matter_step(batch, matter, &step);
    return reply_meeting(batch, command, matter);
}

/* ---- elsewhere ---------------------------------------------------------------------
 */

/* The spec as it is asked for from now on; NULL when memory is used up. */
static struct entente_spec *other_spec(struct batch *batch,
                                       const struct entente_meeting *meeting,
                                       const struct entente_decide *decide)
{
    struct entente_spec *spec =
        arena_copy(&batch->arena, meeting->spec, sizeof(*meeting->spec));
    if (spec != NULL && decide->windows_count + decide->picked_count > 0) {
        /* The command's arena lives as long as the batch. */
        spec->windows = decide->windows;
        spec->windows_count = decide->windows_count;
        spec->picked = decide->picked;
        spec->picked_count = decide->picked_count;
    }
    return spec;
}

/* Until when: as the organizer says now, else as before while that lies ahead. */
static int64_t other_end(const struct batch *batch,
                         const struct entente_meeting *meeting,
                         const struct entente_decide *decide)
{
    int64_t wanted = decide->search_until_ms;
    if (wanted == 0 && decide->windows_count + decide->picked_count == 0 &&
        meeting->search_until_ms > batch->now_ms) {
        wanted = meeting->search_until_ms;
    }
    return handle_search_end(meeting->spec, wanted);
}

/* What has been found is held at once; else the meeting waits, or ends here when it was to
 * be searched only now. */
static enum outcome go_on(struct batch *batch, struct command *command,
                          struct matter *matter, const struct propose_answer *found)
{
    struct entente_meeting *meeting = matter->meeting;
    struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state, SEARCH_ON),
        .party = -1,
        .actor = command->envelope->decide->actor,
    };
    const struct propose_kept evidence = matter->kept;
    matter->kept = (struct propose_kept){0}; /* it stands behind what is found */
    matter_step(batch, matter, &step);
    matter->kept = evidence;
    if (found->slot_count > 0) {
        step.row = negotiation_find(SEARCHING, SLOT_FOUND);
        handle_hold(meeting, found, &step);
        matter_step(batch, matter, &step);
        return reply_meeting(batch, command, matter);
    }
    meeting->why_not = found->why_not;
    if (meeting->search_until_ms <= batch->now_ms) {
        step.row = negotiation_find(SEARCHING, TIME_OVER);
        matter_step(batch, matter, &step);
    }
    return reply_meeting(batch, command, matter);
}

/* What is held already becomes free; the rest must be allowed, so that who waits finds no
 * way round the limits. */
static bool may_search(const struct batch *batch, const struct entente_meeting *meeting,
                       struct handle_excess *ret_excess)
{
    size_t wanted = handle_held_slots(meeting);
    size_t held = batch_slots_held(meeting);
    return wanted <= held || handle_may_hold(batch, meeting, wanted - held, ret_excess);
}

/* The same for a series that waits: all of it is held, or it waits on. */
static enum outcome search_on_series(struct batch *batch, struct command *command,
                                     struct matter *matter)
{
    const struct entente_bytes id = matter->meeting->id;
    const struct series_asked asked = {.actor = command->envelope->decide->actor,
                                       .looks_on = true,
                                       .why = PROPOSE_WHY_IF_NONE};
    struct propose_answer nothing = {0};
    bool opened = false;
    enum outcome outcome =
        series_open(batch, command, matter, &asked, &opened, &nothing.why_not);
    if (outcome == OUTCOME_NEEDS || command->failed || batch->exhausted) {
        return outcome;
    }
    matter = batch_matter(batch, id.data); /* there are more of them now */
    return opened ? reply_meeting(batch, command, matter)
                  : go_on(batch, command, matter, &nothing);
}

/* The same for one of a sequence: with those beside it that wait.  What it holds is given
 * back, and bounds nobody. */
static enum outcome search_on_together(struct batch *batch, struct command *command,
                                       struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_decide *decide = command->envelope->decide;
    const struct entente_kept kept = *meeting->kept;
    struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state, SEARCH_ON),
        .party = -1,
        .actor = decide->actor,
    };
    struct sequence *sequence;
    meeting->kept->held_start = 0;
    meeting->kept->held_end = 0;
    enum outcome outcome = sequence_find(batch, command, meeting, &sequence);
    if (outcome == OUTCOME_NEEDS || command->failed || batch->exhausted) {
        return outcome;
    }
    meeting->kept->held_start = kept.held_start;
    meeting->kept->held_end = kept.held_end;
    matter->kept = (struct propose_kept){0};
    matter_step(batch, matter, &step);
    if (sequence_is_found(sequence)) {
        sequence_hold(sequence, decide->actor);
    } else if (meeting->search_until_ms <= batch->now_ms) {
        sequence_end(sequence, decide->actor);
    } else {
        sequence_explain(sequence);
    }
    return reply_meeting(batch, command, matter);
}

static enum outcome look_elsewhere(struct batch *batch, struct command *command,
                                   struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    struct propose_answer found;
    if (sequence_is(meeting)) {
        return search_on_together(batch, command, matter);
    }
    if (series_is_asked(meeting->spec)) {
        return search_on_series(batch, command, matter);
    }
    enum outcome outcome =
        handle_find_slots(batch, command, meeting, PROPOSE_WHY_IF_NONE, &found);
    return outcome == OUTCOME_NEEDS || command->failed
               ? outcome
               : go_on(batch, command, matter, &found);
}

enum outcome handle_search_on(struct batch *batch, struct command *command,
                              struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_decide *decide = command->envelope->decide;
    struct entente_spec *before = meeting->spec;
    const struct entente_kept kept = *meeting->kept;
    int64_t until_ms = meeting->search_until_ms;
    struct handle_excess excess;
    if (negotiation_find((enum negotiation_state)meeting->state, SEARCH_ON) == NULL) {
        return handle_not_now(batch, command, meeting, "SEARCH_ON");
    }
    if (!may_search(batch, meeting, &excess)) {
        return handle_too_many_holds(batch, command, &excess);
    }
    if (!handle_may_wait(batch, command, meeting, 1)) {
        return OUTCOME_DECIDED;
    }
    struct entente_spec *spec = other_spec(batch, meeting, decide);
    if (spec != NULL && !handle_may_search(batch, command, meeting, spec)) {
        return OUTCOME_DECIDED;
    }
    if (spec == NULL || !handle_refuse_starts(batch, meeting)) {
        return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    meeting->spec = spec;
    meeting->search_until_ms = other_end(batch, meeting, decide);
    enum outcome outcome = look_elsewhere(batch, command, matter);
    if (outcome == OUTCOME_NEEDS || command->failed) {
        meeting->spec = before;
        *meeting->kept = kept;
        meeting->search_until_ms = until_ms;
    }
    return outcome;
}
