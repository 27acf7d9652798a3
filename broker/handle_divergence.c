// SPDX-License-Identifier: Apache-2.0

/*
 * handle_divergence.c - an agenda no longer says what was agreed: its owner is asked first
 *
 * What was agreed stays claimed while the owner is asked, and nobody else hears of it.
 * Only when the grace is over without a word, or the owner says so, is the meeting moved
 * or reopened.  When too many agendas of one client diverge at once it is rather an import
 * gone wrong: the client's breaker trips, and nobody is asked until the operator has
 * looked.
 *
 * What is busy is looked up in the index each time, so that a divergence is neither lost
 * in a crash nor believed when it is over.
 */
#include "broker/handle.h"

#include "broker/divergence.h"
#include "broker/due.h"

enum { MS_PER_MINUTE = 60000 };

/* ---- steps -------------------------------------------------------------------------
 */

static bool may(const struct entente_meeting *meeting, enum negotiation_event event)
{
    return negotiation_find((enum negotiation_state)meeting->state, event) != NULL;
}

static void take(struct batch *batch, struct matter *matter, size_t party,
                 enum negotiation_event event, const struct entente_actor *actor)
{
    const struct step step = {
        .row = negotiation_find((enum negotiation_state)matter->meeting->state, event),
        .party = (int)party,
        .actor = actor,
    };
    matter_step(batch, matter, &step);
}

/* What the meeting claims of this party at the time that is agreed, or that the party has
 * accepted; false: nothing that an agenda could contradict, or the meeting has begun. */
static bool claimed_span(const struct batch *batch,
                         const struct entente_meeting *meeting, size_t party,
                         struct entente_span *ret_span)
{
    const struct entente_kept *kept = meeting->kept;
    const struct entente_party *who = &meeting->spec->parties[party];
    struct index_hold holds[INDEX_CLAIMS_MAX];
    struct entente_span span = {kept->firm_start, kept->firm_end};
    if (meeting->state == ENTENTE_PROPOSED && who->answer == ENTENTE_ACCEPT &&
        kept->candidates_count == 0) {
        span = (struct entente_span){kept->held_start, kept->held_end};
    }
    size_t count = index_claims(batch->index, kept->people[party], meeting->id.data,
                                holds, INDEX_CLAIMS_MAX);
    bool claimed = false;
    for (size_t i = 0; i < count && i < INDEX_CLAIMS_MAX; i++) {
        claimed = claimed ||
                  (holds[i].span.start == span.start && holds[i].span.end == span.end);
    }
    *ret_span = span;
    return claimed && span.end != 0 && !who->dropped &&
           (int64_t)span.start * MS_PER_MINUTE > batch->now_ms;
}

/* The owner is asked, or it is only written down that the agenda diverges. */
static void diverge(struct batch *batch, struct matter *matter, size_t party,
                    uint32_t kind, int64_t client, int32_t start)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct store_divergence *row =
        divergence_row(batch, meeting, meeting->kept->people[party]);
    if (!may(meeting, DIVERGED)) {
        return;
    }
    if (!divergence_may_ask(batch, client)) {
        if (row == NULL || !row->held_back) {
            divergence_write(batch, meeting, party, client, kind, true);
        }
        return;
    }
    struct entente_owner_note *note = matter_make_note(batch, meeting, party);
    if (note == NULL) {
        return;
    }
    note->client = client;
    meeting->spec->parties[party].diverged = kind;
    meeting->spec->parties[party].diverged_until_ms =
        matter_grace_end(start, batch->now_ms);
    divergence_write(batch, meeting, party, client, kind, false);
    take(batch, matter, party, DIVERGED, NULL);
}

static void settle(struct batch *batch, struct matter *matter, size_t party,
                   const struct entente_actor *actor)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_owner_note *note = matter_note(meeting, party);
    divergence_write(batch, meeting, party, note == NULL ? 0 : note->client, 0, false);
    if (may(meeting, DIVERGENCE_SETTLED)) {
        matter_forget_divergence(meeting, (int)party);
        take(batch, matter, party, DIVERGENCE_SETTLED, actor);
    }
}

/* ---- looking again -----------------------------------------------------------------
 */

static bool is_refusal(uint32_t kind)
{
    return kind == ENTENTE_EVENT_REFUSED || kind == ENTENTE_EVENT_DELETED;
}

static void look_at_new(struct batch *batch, struct matter *matter, size_t party,
                        struct entente_span span, const struct index_source *busy)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct store_divergence *row =
        divergence_row(batch, meeting, meeting->kept->people[party]);
    bool known = matter_knows(meeting, party, span.start, batch->now_ms);
    if (busy != NULL && !known) {
        diverge(batch, matter, party, ENTENTE_FOREIGN_BUSY, busy->client, span.start);
    } else if (row != NULL && row->held_back && is_refusal(row->kind)) {
        diverge(batch, matter, party, row->kind, row->client, span.start);
    } else if (row != NULL) {
        divergence_write(batch, meeting, party, row->client, 0, false);
    }
}

static void look_at_known(struct batch *batch, struct matter *matter, size_t party,
                          struct entente_span span, const struct index_source *busy)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_party *who = &meeting->spec->parties[party];
    const struct store_divergence *row =
        divergence_row(batch, meeting, meeting->kept->people[party]);
    bool stands = is_refusal(who->diverged) ? row != NULL : busy != NULL;
    if (!stands) {
        settle(batch, matter, party, NULL);
    } else if (row != NULL && row->held_back) {
        /* The grace ended while the breaker was open: the owner has it once more. */
        diverge(batch, matter, party, who->diverged, row->client, span.start);
    }
}

/* Does every agenda still say what was agreed? */
static void look(struct batch *batch, struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    for (size_t i = 0; i < meeting->kept->people_count && !batch->exhausted; i++) {
        struct entente_span span;
        int64_t person = meeting->kept->people[i];
        if (person == 0 || !may(meeting, DIVERGED) ||
            !claimed_span(batch, meeting, i, &span)) {
            continue;
        }
        const struct index_source *busy = index_busy_source(
            batch->index, person, span.start, span.end, batch->now_ms);
        if (meeting->spec->parties[i].diverged == 0) {
            look_at_new(batch, matter, i, span, busy);
        } else {
            look_at_known(batch, matter, i, span, busy);
        }
    }
}

/* What is over diverges from nothing. */
static void forget_rows(struct batch *batch, const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        const struct store_divergence *row =
            divergence_row(batch, meeting, meeting->kept->people[i]);
        if (row != NULL) {
            divergence_write(batch, meeting, i, row->client, 0, false);
        }
    }
}

/* ---- the grace is over -------------------------------------------------------------
 */

/* True: the meeting has moved on. */
static bool end_grace(struct batch *batch, struct command *command,
                      struct matter *matter, size_t party)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_owner_note *note = matter_note(meeting, party);
    const struct entente_party *who = &meeting->spec->parties[party];
    struct entente_span span;
    int64_t client = note == NULL ? 0 : note->client;
    if (!claimed_span(batch, meeting, party, &span) ||
        (!is_refusal(who->diverged) &&
         index_busy_source(batch->index, meeting->kept->people[party], span.start,
                           span.end, batch->now_ms) == NULL)) {
        settle(batch, matter, party, NULL);
        return false;
    }
    if (divergence_has_tripped(batch, client)) {
        divergence_write(batch, meeting, party, client, who->diverged, true);
        return false;
    }
    divergence_write(batch, meeting, party, client, 0, false);
    return handle_withdraw(batch, command, matter, (int)party,
                           ENTENTE_CONFLICT_IN_AGENDA, false, NULL) == OUTCOME_DECIDED;
}

static void end_graces(struct batch *batch, struct command *command,
                       struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    /* While it is being moved nothing is reopened: it comes back to this afterwards. */
    if (state != CONFIRMED && state != PROPOSED) {
        return;
    }
    for (size_t i = 0; i < meeting->spec->parties_count && !batch->exhausted; i++) {
        const struct entente_party *who = &meeting->spec->parties[i];
        if (who->diverged != 0 && who->diverged_until_ms <= batch->now_ms &&
            end_grace(batch, command, matter, i)) {
            break;
        }
    }
}

enum outcome handle_divergence_due(struct batch *batch, struct command *command,
                                   struct matter *matter)
{
    if (negotiation_is_over((enum negotiation_state)matter->meeting->state)) {
        forget_rows(batch, matter->meeting);
    } else if (command->due.reason == DUE_GRACE_END) {
        end_graces(batch, command, matter);
    } else {
        look(batch, matter);
    }
    return handle_nothing_follows(batch, command);
}

/* ---- what agendas report -----------------------------------------------------------
 */

/* The party whose agenda @source is; -1 when that is not sure. */
static int reporting_party(const struct batch *batch, const struct command *command,
                           const struct entente_meeting *meeting, const char *name)
{
    const struct index_source *source =
        name == NULL ? NULL : index_source(batch->index, command->client->id, name);
    int found = -1;
    if (source != NULL) {
        return matter_party(meeting, source->person);
    }
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        int64_t person = meeting->kept->people[i];
        if (person != 0 && !meeting->spec->parties[i].dropped &&
            client_speaks_for(command->client, person)) {
            if (found >= 0) {
                return -1;
            }
            found = (int)i;
        }
    }
    return found;
}

void handle_diverging_result(struct batch *batch, struct command *command,
                             struct matter *matter)
{
    const struct entente_event_result *result = command->envelope->event_result;
    struct entente_meeting *meeting = matter->meeting;
    int party = reporting_party(batch, command, meeting, result->source);
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    struct entente_span span;
    if (party < 0 || (state != CONFIRMED && state != MOVING) ||
        result->version < meeting->kept->firm_version ||
        result->version > meeting->version) {
        return;
    }
    const struct entente_party *who = &meeting->spec->parties[party];
    if (result->kind == ENTENTE_APPLIED) {
        if (is_refusal(who->diverged)) {
            settle(batch, matter, (size_t)party, NULL);
        }
        return;
    }
    /* Whoever has said that they come is not asked again because the agenda insists. */
    if (who->diverged == 0 && claimed_span(batch, meeting, (size_t)party, &span) &&
        !matter_knows(meeting, (size_t)party, span.start, batch->now_ms)) {
        diverge(batch, matter, (size_t)party,
                result->kind == ENTENTE_REFUSED ? ENTENTE_EVENT_REFUSED
                                                : ENTENTE_EVENT_DELETED,
                command->client->id, span.start);
    }
}

void handle_own_diary(struct batch *batch, struct entente_meeting *meeting, int party,
                      int32_t start)
{
    int64_t person = meeting->kept->people[party];
    int32_t end = start + (int32_t)meeting->spec->duration_minutes;
    if (person == 0 || matter_knows(meeting, (size_t)party, start, batch->now_ms) ||
        index_busy_source(batch->index, person, start, end, batch->now_ms) == NULL) {
        return;
    }
    struct entente_owner_note *note = matter_make_note(batch, meeting, (size_t)party);
    if (note != NULL) {
        note->known_start = start;
        note->known_until_ms = 0;
    }
}

/* ---- what the owner says -----------------------------------------------------------
 */

/* The owner comes all the same, for good or until the agenda has been put right. */
static enum outcome keep(struct batch *batch, struct command *command,
                         struct matter *matter, size_t party)
{
    const struct entente_owner_answer *answer = command->envelope->owner_answer;
    struct entente_meeting *meeting = matter->meeting;
    struct entente_owner_note *note = matter_make_note(batch, meeting, party);
    struct entente_span span;
    if (note == NULL) {
        return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    if (claimed_span(batch, meeting, party, &span)) {
        note->known_start = span.start;
        note->known_until_ms = answer->decision == ENTENTE_OWNER_ERROR
                                   ? matter_grace_end(span.start, batch->now_ms)
                                   : 0;
    }
    settle(batch, matter, party, answer->actor);
    return reply_meeting(batch, command, matter);
}

/* The owner needs another time: what suits everybody is proposed, the old time standing;
 * where nothing does the owner will not come. */
static enum outcome move(struct batch *batch, struct command *command,
                         struct matter *matter, size_t party)
{
    const struct entente_owner_answer *answer = command->envelope->owner_answer;
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    if (state == MOVING) {
        return keep(batch, command, matter, party); /* it is being moved already */
    }
    struct propose_question question = {
        .wanted = 1, .must_attend = party + 1, .not_start = meeting->proposal->start};
    struct propose_answer found = {0};
    if (!handle_propose(batch, command, meeting, &question, &found)) {
        return OUTCOME_DECIDED;
    }
    const struct entente_owner_note *note = matter_note(meeting, party);
    int64_t client = note == NULL ? 0 : note->client;
    if (found.slot_count == 0) {
        enum outcome outcome =
            handle_withdraw(batch, command, matter, (int)party,
                            ENTENTE_CONFLICT_IN_AGENDA, false, answer->actor);
        if (outcome == OUTCOME_NEEDS) {
            return outcome;
        }
    } else {
        const struct step step = {.row = negotiation_find(state, SHIFT_FOUND),
                                  .party = (int)party,
                                  .actor = answer->actor,
                                  .slot = &found.slots[0],
                                  .slot_count = 1};
        matter_forget_divergence(meeting, (int)party);
        matter_step(batch, matter, &step);
    }
    divergence_write(batch, meeting, party, client, 0, false);
    return reply_meeting(batch, command, matter);
}

enum outcome handle_owner_answer(struct batch *batch, struct command *command)
{
    const struct entente_owner_answer *answer = command->envelope->owner_answer;
    struct matter *matter = handle_matter(batch, command, &answer->meeting);
    if (matter == NULL) {
        return OUTCOME_DECIDED;
    }
    struct entente_meeting *meeting = matter->meeting;
    int party = handle_party(batch, command, meeting, answer->party);
    if (party < 0) {
        return OUTCOME_DECIDED;
    }
    if (!batch_holds_people(batch, meeting)) {
        return OUTCOME_NEEDS;
    }
    if (meeting->spec->parties[party].diverged == 0) {
        return refuse(batch, command, ERROR_NO_DIVERGENCE, NULL, NULL);
    }
    if (!may(meeting, DIVERGENCE_SETTLED)) {
        return handle_not_now(batch, command, meeting, "OWNER_ANSWER");
    }
    switch ((enum entente_owner_decision)answer->decision) {
    case ENTENTE_OWNER_KEEPS:
    case ENTENTE_OWNER_ERROR:
        return keep(batch, command, matter, (size_t)party);
    case ENTENTE_OWNER_MOVES:
        return move(batch, command, matter, (size_t)party);
    }
    return refuse(batch, command, ERROR_UNKNOWN_VALUE, NULL, "owner_answer.decision",
                  "?", NULL);
}
