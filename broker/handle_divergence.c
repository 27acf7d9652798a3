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
#include "proto/limits.h"

/* ---- steps -------------------------------------------------------------------------
 */

static bool is_refusal(uint32_t kind)
{
    return kind == ENTENTE_EVENT_REFUSED || kind == ENTENTE_EVENT_DELETED;
}

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

/* What is written down is what the agenda did, not which time it is about. */
static void write_down(struct batch *batch, const struct entente_meeting *meeting,
                       size_t party, int64_t client, uint32_t kind, bool held_back)
{
    uint32_t written = kind == ENTENTE_NEW_TIME_BUSY ? ENTENTE_FOREIGN_BUSY : kind;
    divergence_write(batch, meeting, party, client, written, held_back);
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
            write_down(batch, meeting, party, client, kind, true);
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
    write_down(batch, meeting, party, client, kind, false);
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

static void look_at_new(struct batch *batch, struct matter *matter, size_t party)
{
    static const uint32_t kinds[] = {ENTENTE_FOREIGN_BUSY, ENTENTE_NEW_TIME_BUSY};
    const struct entente_meeting *meeting = matter->meeting;
    const struct store_divergence *row =
        divergence_row(batch, meeting, meeting->kept->people[party]);
    struct entente_span span;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct index_source *busy =
            divergence_busy(batch, meeting, party, kinds[i], &span);
        if (busy != NULL) {
            diverge(batch, matter, party, kinds[i], busy->client, span.start);
            return;
        }
    }
    if (row == NULL || !divergence_span(batch, meeting, party, row->kind, &span)) {
        return;
    }
    if (row->held_back && is_refusal(row->kind)) {
        diverge(batch, matter, party, row->kind, row->client, span.start);
    } else {
        divergence_write(batch, meeting, party, row->client, 0, false);
    }
}

static void look_at_known(struct batch *batch, struct matter *matter, size_t party)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_party *who = &meeting->spec->parties[party];
    const struct store_divergence *row =
        divergence_row(batch, meeting, meeting->kept->people[party]);
    struct entente_span span;
    if (!divergence_span(batch, meeting, party, who->diverged, &span)) {
        return;
    }
    bool stands = is_refusal(who->diverged)
                      ? row != NULL
                      : index_busy_source(batch->index, meeting->kept->people[party],
                                          span.start, span.end, batch->now_ms) != NULL;
    if (!stands) {
        settle(batch, matter, party, NULL);
        look_at_new(batch, matter, party);
    } else if (row != NULL && row->held_back) {
        /* The grace ended while the breaker was open: the owner has it once more. */
        diverge(batch, matter, party, who->diverged, row->client, span.start);
    }
}

/* Does every agenda still say what was agreed, or is being agreed? */
static void look(struct batch *batch, struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    for (size_t i = 0; i < meeting->kept->people_count && !batch->exhausted; i++) {
        if (meeting->kept->people[i] == 0 || !may(meeting, DIVERGED)) {
            continue;
        }
        if (meeting->spec->parties[i].diverged == 0) {
            look_at_new(batch, matter, i);
        } else {
            look_at_known(batch, matter, i);
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

/* The new time is given up: somebody else of the pool comes then, or everything stays as
 * it was agreed. */
static enum outcome give_up_new_time(struct batch *batch, struct command *command,
                                     struct matter *matter, size_t party,
                                     const struct entente_actor *actor)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_party *who = &meeting->spec->parties[party];
    struct substitute found;
    if (handle_find_substitute_now(batch, command, meeting, party, &found) ==
        OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    matter_forget_divergence(meeting, (int)party);
    if (handle_take_substitute(batch, command, matter, party, actor, &found)) {
        /* At the old time they still come: what they say is of the new one. */
        who->answer = ENTENTE_DECLINE;
        who->answer_reason = ENTENTE_CONFLICT_IN_AGENDA;
        who->answer_proposal = meeting->proposal->number;
        who->answer_ms = batch->now_ms;
    } else if (!command->failed && !batch->exhausted) {
        take(batch, matter, party, DECLINED, actor);
    }
    return OUTCOME_DECIDED;
}

/* True: the meeting has moved on. */
static bool end_grace(struct batch *batch, struct command *command,
                      struct matter *matter, size_t party, enum outcome *ret_outcome)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_owner_note *note = matter_note(meeting, party);
    const struct entente_party *who = &meeting->spec->parties[party];
    struct entente_span span;
    int64_t client = note == NULL ? 0 : note->client;
    if (!divergence_span(batch, meeting, party, who->diverged, &span) ||
        (!is_refusal(who->diverged) &&
         index_busy_source(batch->index, meeting->kept->people[party], span.start,
                           span.end, batch->now_ms) == NULL)) {
        settle(batch, matter, party, NULL);
        return false;
    }
    if (divergence_has_tripped(batch, client)) {
        write_down(batch, meeting, party, client, who->diverged, true);
        return false;
    }
    *ret_outcome = who->diverged == ENTENTE_NEW_TIME_BUSY
                       ? give_up_new_time(batch, command, matter, party, NULL)
                       : handle_withdraw(batch, command, matter, (int)party,
                                         ENTENTE_CONFLICT_IN_AGENDA, false, NULL);
    if (*ret_outcome == OUTCOME_DECIDED) {
        divergence_write(batch, meeting, party, client, 0, false);
    }
    return true;
}

static enum outcome end_graces(struct batch *batch, struct command *command,
                               struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    enum outcome outcome = OUTCOME_DECIDED;
    if (state != CONFIRMED && state != PROPOSED && state != MOVING) {
        return OUTCOME_DECIDED;
    }
    for (size_t i = 0; i < meeting->spec->parties_count && !batch->exhausted; i++) {
        const struct entente_party *who = &meeting->spec->parties[i];
        /* While it is being moved nothing is reopened: it comes back to this afterwards. */
        bool later = state == MOVING && who->diverged != ENTENTE_NEW_TIME_BUSY;
        if (who->diverged != 0 && !later && who->diverged_until_ms <= batch->now_ms &&
            end_grace(batch, command, matter, i, &outcome)) {
            break;
        }
    }
    return outcome;
}

enum outcome handle_divergence_due(struct batch *batch, struct command *command,
                                   struct matter *matter)
{
    if (negotiation_is_over((enum negotiation_state)matter->meeting->state)) {
        forget_rows(batch, matter->meeting);
    } else if (command->due.reason == DUE_GRACE_END) {
        if (end_graces(batch, command, matter) == OUTCOME_NEEDS) {
            return OUTCOME_NEEDS;
        }
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

/* Whoever has said that they come is not asked again because the agenda insists.  Who knew
 * that the agenda is busy has not yet said so of one that the meeting was taken out of. */
static bool has_said_so(const struct batch *batch,
                        const struct entente_meeting *meeting, size_t party,
                        uint32_t kind, int32_t start)
{
    const struct entente_owner_note *note = matter_note(meeting, party);
    return note != NULL && matter_knows(meeting, party, start, batch->now_ms) &&
           (kind != ENTENTE_EVENT_DELETED || note->known_until_ms != 0 ||
            note->gone_start == start);
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
    uint32_t kind =
        result->kind == ENTENTE_REFUSED ? ENTENTE_EVENT_REFUSED : ENTENTE_EVENT_DELETED;
    if (who->diverged == 0 &&
        divergence_span(batch, meeting, (size_t)party, kind, &span) &&
        !has_said_so(batch, meeting, (size_t)party, kind, span.start)) {
        diverge(batch, matter, (size_t)party, kind, command->client->id, span.start);
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
        matter_note_known(note, start, 0);
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
    uint32_t kind = meeting->spec->parties[party].diverged;
    if (divergence_span(batch, meeting, party, kind, &span)) {
        matter_note_known(note, span.start,
                          answer->decision == ENTENTE_OWNER_ERROR
                              ? matter_grace_end(span.start, batch->now_ms)
                              : 0);
        if (kind == ENTENTE_EVENT_DELETED && answer->decision != ENTENTE_OWNER_ERROR) {
            note->gone_start = span.start;
        }
    }
    settle(batch, matter, party, answer->actor);
    /* While it is being moved their agenda may contradict the other time, too. */
    look_at_new(batch, matter, party);
    return reply_meeting(batch, command, matter);
}

/* The owner needs another time: what suits everybody is proposed, the old time standing;
 * where nothing does the owner will not come. */
static enum outcome move(struct batch *batch, struct command *command,
                         struct matter *matter, size_t party)
{
    const struct entente_owner_answer *answer = command->envelope->owner_answer;
    struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    bool new_time = meeting->spec->parties[party].diverged == ENTENTE_NEW_TIME_BUSY;
    if (state == MOVING && !new_time) {
        return keep(batch, command, matter, party); /* it is being moved already */
    }
    struct propose_question question = {
        .wanted = 1,
        .must_attend = party + 1,
        .not_start = meeting->proposal->start,
        .refused =
            new_time ? &kept->firm_start : NULL, /* nobody moves to where it is */
        .refused_count = new_time ? 1 : 0};
    struct propose_answer found = {0};
    if (!handle_propose(batch, command, meeting, &question, &found)) {
        return OUTCOME_DECIDED;
    }
    const struct entente_owner_note *note = matter_note(meeting, party);
    int64_t client = note == NULL ? 0 : note->client;
    bool rounds_used = new_time && meeting->rounds + 1 >= LIMIT_ROUNDS;
    if (found.slot_count == 0 || rounds_used) {
        enum outcome outcome =
            new_time
                ? give_up_new_time(batch, command, matter, party, answer->actor)
                : handle_withdraw(batch, command, matter, (int)party,
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
