// SPDX-License-Identifier: Apache-2.0

/*
 * handle_due.c - a moment has come: a deadline, or somebody has become freer
 */
#include "broker/handle.h"

#include "broker/due.h"
#include "broker/series.h"

enum { MS_PER_MINUTE = 60000 };

/* Looked at, and nothing follows: the row goes, or comes again at the moment that the
 * meeting now waits for. */
enum outcome handle_nothing_follows(struct batch *batch, const struct command *command)
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
                           enum negotiation_event event)
{
    struct step step = {
        .row = negotiation_find((enum negotiation_state)matter->meeting->state, event),
        .party = -1,
    };
    matter_step(batch, matter, &step);
    return OUTCOME_DECIDED;
}

static enum outcome propose_now(struct batch *batch, struct matter *matter,
                                const struct propose_answer *found)
{
    struct step step = {.row = negotiation_find(SEARCHING, SLOT_FOUND), .party = -1};
    handle_hold(matter->meeting, found, &step);
    matter_step(batch, matter, &step);
    return OUTCOME_DECIDED;
}

static enum outcome search_series(struct batch *batch, struct command *command,
                                  struct matter *matter, enum propose_why why)
{
    const struct entente_bytes id = matter->meeting->id;
    struct entente_why_not *why_not = NULL;
    bool opened = false;
    const struct series_asked asked = {.why = why};
    enum outcome outcome =
        series_open(batch, command, matter, &asked, &opened, &why_not);
    if (outcome == OUTCOME_NEEDS || opened) {
        return outcome;
    }
    matter = batch_matter(batch, id.data);
    if (matter->meeting->search_until_ms <= batch->now_ms) {
        matter->meeting->why_not = why_not;
        return follow(batch, matter, TIME_OVER);
    }
    return handle_nothing_follows(batch, command);
}

/* All that wait together find their times together, or end together. */
static enum outcome search_sequence(struct batch *batch, struct command *command,
                                    struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    struct sequence *sequence;
    enum outcome outcome = sequence_find(batch, command, meeting, &sequence);
    if (outcome == OUTCOME_NEEDS || batch->exhausted) {
        return outcome;
    }
    if (sequence_is_found(sequence)) {
        sequence_hold(sequence, NULL);
        return OUTCOME_DECIDED;
    }
    if (meeting->search_until_ms <= batch->now_ms) {
        sequence_end(sequence, NULL);
        return OUTCOME_DECIDED;
    }
    return handle_nothing_follows(batch, command);
}

/* Nothing suits, or no search could be made: at the deadline the meeting ends, before it
 * the deadline stays. */
static enum outcome search(struct batch *batch, struct command *command,
                           struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    bool ends = meeting->search_until_ms <= batch->now_ms;
    struct entente_spec *spec = meeting->spec;
    const struct entente_kept kept = *meeting->kept;
    /* Only the end of the search tells anybody why. */
    enum propose_why why = ends ? PROPOSE_WHY_IF_NONE : PROPOSE_WHY_NEVER;
    struct propose_answer found;
    if (series_is_asked(meeting->spec)) {
        return search_series(batch, command, matter, why);
    }
    if (sequence_is(meeting)) {
        return search_sequence(batch, command, matter);
    }
    if (handle_find_slots(batch, command, meeting, why, &found) == OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    struct handle_excess excess;
    /* More than is allowed is not held: the meeting waits on, as it was. */
    bool may_hold = command->failed || found.slot_count == 0 ||
                    handle_may_hold(batch, meeting, found.slot_count, &excess);
    if (may_hold && !command->failed && found.slot_count > 0) {
        return propose_now(batch, matter, &found);
    }
    meeting->spec = spec;
    *meeting->kept = kept;
    if (ends) {
        meeting->why_not = found.why_not;
        return follow(batch, matter, TIME_OVER);
    }
    return handle_nothing_follows(batch, command);
}

/* Whose time to answer is over, and who is still to be reminded. */
static enum outcome look_at_answers(struct batch *batch, struct command *command,
                                    struct matter *matter)
{
    uint32_t version = matter->meeting->version;
    if (handle_silence(batch, command, matter) == OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    if (!batch->exhausted) {
        handle_reminders(batch, matter);
    }
    return matter->meeting->version != version ? OUTCOME_DECIDED
                                               : handle_nothing_follows(batch, command);
}

static enum outcome look(struct batch *batch, struct command *command,
                         struct matter *matter)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
        return search(batch, command, matter);
    case ENTENTE_MOVING:
        if ((int64_t)kept->firm_start * MS_PER_MINUTE <= batch->now_ms) {
            return follow(batch, matter, OLD_TIME_ARRIVED);
        }
        return look_at_answers(batch, command, matter);
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
        return look_at_answers(batch, command, matter);
    case ENTENTE_CONFIRMED:
        if ((int64_t)kept->firm_end * MS_PER_MINUTE <= batch->now_ms) {
            return follow(batch, matter, SLOT_ENDED);
        }
        break;
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        break;
    }
    return handle_nothing_follows(batch, command);
}

enum outcome handle_due(struct batch *batch, struct command *command)
{
    struct matter *matter = batch_matter(batch, command->due.meeting.bytes);
    if (matter == NULL) {
        return handle_nothing_follows(batch, command);
    }
    if (!batch_holds_people(batch, matter->meeting)) {
        return OUTCOME_NEEDS;
    }
    if (command->due.reason == DUE_DIVERGENCE || command->due.reason == DUE_GRACE_END) {
        return handle_divergence_due(batch, command, matter);
    }
    return look(batch, command, matter);
}
