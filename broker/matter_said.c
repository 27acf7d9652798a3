// SPDX-License-Identifier: Apache-2.0

/*
 * matter_said.c - what was said that led to a step, for whoever asks later why
 */
#include "broker/matter_internal.h"

#include "broker/handle.h"

/* What the party of @step has answered in @command, or somebody for them. */
static void take_answer(const struct command *command,
                        const struct entente_meeting *meeting, const struct step *step,
                        struct entente_said *said)
{
    const struct entente_answer *answer = command->envelope->answer;
    said->answer = answer->kind;
    said->reason = answer->reason;
    said->ranges = answer->ranges;
    said->ranges_count = answer->ranges_count;
    said->counter_start = answer->counter_start;
    said->grades = answer->grades;
    said->grades_count = answer->grades_count;
    said->recorded = handle_is_recorded(command, answer->actor, meeting, step->party);
}

struct entente_said matter_said(const struct batch *batch,
                                const struct entente_meeting *meeting,
                                const struct step *step)
{
    struct entente_said said = {.reason = step->reason};
    const struct command *command = batch->deciding;
    if (step->party < 0) {
        return said;
    }
    const struct entente_party *party = &meeting->spec->parties[step->party];
    if (command == NULL || command->client == NULL) {
        said.tacit = party->tacit && party->answer_ms == batch->now_ms;
        said.answer = said.tacit ? party->answer : 0;
    } else if (command->envelope->body == ENTENTE_ANSWER) {
        take_answer(command, meeting, step, &said);
    } else if (command->envelope->body == ENTENTE_CANCEL) {
        said.answer = ENTENTE_DECLINE;
        said.recorded = handle_is_recorded(command, command->envelope->cancel->actor,
                                           meeting, step->party);
    }
    return said;
}

/* What the event alone does not say. */
static bool is_more(const struct entente_said *said)
{
    return (said->answer != 0 && said->answer != ENTENTE_ACCEPT) || said->reason != 0 ||
           said->substitute != 0 || said->tacit || said->recorded ||
           said->grades_count > 0;
}

void matter_note_said(struct batch *batch, struct matter *matter,
                      const struct step *step, struct entente_said *said)
{
    enum negotiation_event event = step->row->event;
    if (event == SUBSTITUTED || event == REPLACED || event == DELEGATED) {
        said->substitute = (uint32_t)matter->meeting->spec->parties_count;
    }
    if (batch->exhausted || !is_more(said)) {
        return;
    }
    const struct entente_said *kept = arena_copy(&batch->arena, said, sizeof(*said));
    batch->exhausted = kept == NULL;
    matter->path[matter->path_count - 1].said = kept;
}
