// SPDX-License-Identifier: Apache-2.0

#include "broker/matter_internal.h"

#include <assert.h>
#include <string.h>

/* The organizer who is a party has said yes by asking. */
static bool is_organizer(const struct entente_meeting *meeting, size_t i)
{
    const struct entente_identifier *organizer = meeting->spec->organizer;
    const struct entente_identifier *party = meeting->spec->parties[i].identifier;
    return organizer != NULL && party != NULL &&
           strcmp(organizer->system, party->system) == 0 &&
           strcmp(organizer->value, party->value) == 0;
}

void matter_set_attendance(struct entente_meeting *meeting,
                           const struct entente_slot *slot)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        bool somebody = meeting->kept->people[i] != 0 || party->kind == ENTENTE_GUEST;
        party->attends =
            !party->dropped && somebody && !matter_is_replaced(meeting->spec, i);
        party->absence = party->dropped ? ENTENTE_HAS_DECLINED : 0;
        party->asked = false;
    }
    for (size_t i = 0; i < slot->asked_count; i++) {
        meeting->spec->parties[slot->asked[i]].asked = true;
    }
    for (size_t i = 0; i < slot->absent_count; i++) {
        struct entente_party *party = &meeting->spec->parties[slot->absent[i].party];
        party->attends = false;
        /* Who travels from where is for whoever searched, not for all who are invited. */
        party->absence = slot->absent[i].absence == ENTENTE_TOO_FAR
                             ? ENTENTE_NOT_OFFERED
                             : slot->absent[i].absence;
    }
}

/* How the meeting is held follows from the option: what agendas show. */
static void take_option(struct entente_meeting *meeting, uint32_t option)
{
    struct entente_spec *spec = meeting->spec;
    if (option < spec->options_count) {
        spec->modality = spec->options[option].modality;
        spec->place = spec->options[option].place;
    }
}

/* Is everybody claimed for a time already that the slot may be? */
static bool is_claimed_then(const struct entente_meeting *meeting,
                            const struct entente_slot *slot)
{
    const struct entente_kept *kept = meeting->kept;
    return meeting->state == ENTENTE_CONFIRMED ? kept->firm_start == slot->start
                                               : kept->held_end != 0;
}

/* Was the yes of this party given to the time that is held from now on?  By asking or
 * offering, the organizer says yes too; not because somebody else needs another time. */
static bool says_yes(const struct entente_meeting *meeting, const struct step *step,
                     size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    const struct entente_proposal *before = meeting->proposal;
    if ((int)i == step->party || (step->party < 0 && is_organizer(meeting, i))) {
        return true;
    }
    if (party->answer != ENTENTE_ACCEPT || party->answer_proposal != before->number ||
        before->number == 0 || !is_claimed_then(meeting, step->slot) ||
        step->slot_count > 1) {
        return false;
    }
    if (matter_poll_is_open(meeting)) {
        return matter_poll_suits(meeting, i, step->slot);
    }
    return before->start == step->slot->start && before->option == step->slot->option;
}

/* Whoever has agreed to this very time is not asked again. */
static void keep_answers(struct entente_meeting *meeting, const struct step *step)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        if (says_yes(meeting, step, i)) {
            party->answer = ENTENTE_ACCEPT;
        } else {
            party->answer = 0;
        }
    }
}

static void number_answers(struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        party->answer = party->attends ? party->answer : 0;
        party->answer_reason = 0;
        party->answer_proposal = party->answer == 0 ? 0 : meeting->proposal->number;
        party->grades = NULL;
        party->grades_count = 0;
        if (party->answer == 0) {
            party->answer_ms = 0;
            party->answer_actor = NULL;
            party->recorded = false;
            party->tacit = false;
        }
    }
}

static void hold(struct batch *batch, struct entente_meeting *meeting,
                 const struct step *step)
{
    assert(step->slot != NULL);
    if (meeting->proposal == NULL) {
        meeting->proposal = arena_alloc(&batch->arena, sizeof(*meeting->proposal));
        if (meeting->proposal == NULL) {
            batch->exhausted = true;
            return;
        }
    }
    struct entente_proposal *proposal = meeting->proposal;
    if (meeting->kept->firm_end == 0 && proposal->start != step->slot->start) {
        matter_forget_divergence(meeting, -1);
    } else if (proposal->start != step->slot->start) {
        matter_forget_new_time(meeting);
    }
    keep_answers(meeting, step);
    proposal->number++;
    proposal->start = step->slot->start;
    proposal->end = step->slot->end;
    proposal->option = step->slot->option;
    if (meeting->kept->firm_end == 0) {
        take_option(meeting, proposal->option);
    }
    meeting->kept->held_start = proposal->start;
    meeting->kept->held_end = proposal->end;
    meeting->rounds++;
    matter_set_attendance(meeting, step->slot);
    if (!matter_poll_open(batch, meeting, step)) {
        batch->exhausted = true;
    }
    number_answers(meeting);
    matter_ask_all(batch, meeting);
}

static void release_held(struct entente_meeting *meeting)
{
    meeting->kept->held_start = 0;
    meeting->kept->held_end = 0;
    meeting->hold_until_ms = 0;
    matter_forget_new_time(meeting);
    matter_poll_close(meeting);
}

/* Nothing is held, nobody is asked: the search goes on. */
static void search_on(struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        meeting->spec->parties[i].attends = false;
        meeting->spec->parties[i].asked = false;
        meeting->spec->parties[i].answer = 0;
    }
    if (meeting->proposal != NULL) {
        number_answers(meeting);
    }
    meeting->rounds = 0;
}

static void make_firm(struct batch *batch, struct entente_meeting *meeting)
{
    if (meeting->confirmed == NULL) {
        meeting->confirmed = arena_alloc(&batch->arena, sizeof(*meeting->confirmed));
        if (meeting->confirmed == NULL) {
            batch->exhausted = true;
            return;
        }
    }
    meeting->confirmed->start = meeting->kept->held_start;
    meeting->confirmed->end = meeting->kept->held_end;
    meeting->confirmed_option = meeting->proposal->option;
    take_option(meeting, meeting->confirmed_option);
    meeting->kept->firm_start = meeting->kept->held_start;
    meeting->kept->firm_end = meeting->kept->held_end;
    meeting->rounds = 0;
    meeting->kept->refused_starts_count = 0;
    release_held(meeting);
}

/* Does the firm time of the meeting stand in this person's claims? */
static bool has_firm_claim(const struct batch *batch,
                           const struct entente_meeting *meeting, int64_t person)
{
    struct index_hold holds[INDEX_CLAIMS_MAX];
    size_t count =
        index_claims(batch->index, person, meeting->id.data, holds, INDEX_CLAIMS_MAX);
    for (size_t i = 0; i < count && i < INDEX_CLAIMS_MAX; i++) {
        if (holds[i].span.start == meeting->kept->firm_start &&
            holds[i].span.end == meeting->kept->firm_end) {
            return true;
        }
    }
    return false;
}

/* Who comes to what is firm from now on, and what they have said: known again when a move comes to
 * nothing. */
static void note_agreed(struct batch *batch, struct entente_meeting *meeting)
{
    struct entente_kept *kept = meeting->kept;
    size_t count = meeting->spec->parties_count;
    kept->agreed_count = 0;
    kept->agreed = arena_array(&batch->arena, count, sizeof(*kept->agreed));
    if (kept->agreed == NULL) {
        batch->exhausted = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (!party->dropped && party->attends) {
            kept->agreed[kept->agreed_count++] =
                (struct entente_kept_yes){.party = (uint32_t)i,
                                          .recorded = party->recorded,
                                          .tacit = party->tacit,
                                          .asked = party->asked,
                                          .unheard = party->answer != ENTENTE_ACCEPT};
        }
    }
}

static const struct entente_kept_yes *yes_of(const struct entente_meeting *meeting,
                                             size_t party)
{
    for (size_t i = 0; i < meeting->kept->agreed_count; i++) {
        if (meeting->kept->agreed[i].party == party) {
            return &meeting->kept->agreed[i];
        }
    }
    return NULL;
}

/* What this party had said to the time that stands again.  Nobody has agreed to it because
 * a move came to nothing. */
static void restore_answer(struct entente_meeting *meeting, size_t i)
{
    struct entente_party *party = &meeting->spec->parties[i];
    const struct entente_kept_yes *yes = party->attends ? yes_of(meeting, i) : NULL;
    party->answer_reason = 0;
    bool said = yes != NULL && !yes->unheard;
    party->answer = said ? ENTENTE_ACCEPT : 0;
    party->answer_proposal = said ? meeting->proposal->number : 0;
    party->recorded = yes != NULL && yes->recorded;
    party->tacit = yes != NULL && yes->tacit;
    party->asked = yes != NULL && yes->asked;
}

/* A move that came to nothing: everybody attends as before, whose firm time stands. The
 * claims of a slot that is over may have been forgotten; then nothing is known better.
 */
static void fall_back(const struct batch *batch, struct entente_meeting *meeting)
{
    bool any = false;
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        any = any || has_firm_claim(batch, meeting, meeting->kept->people[i]);
    }
    for (size_t i = 0; any && i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        party->attends = !party->dropped &&
                         (party->kind == ENTENTE_GUEST ||
                          has_firm_claim(batch, meeting, meeting->kept->people[i]));
        party->absence = party->attends ? 0 : party->absence;
        if (!party->dropped) {
            restore_answer(meeting, i);
        }
    }
    meeting->proposal->start = meeting->kept->firm_start;
    meeting->proposal->end = meeting->kept->firm_end;
    meeting->proposal->option = meeting->confirmed_option;
    meeting->rounds = 0;
}

void matter_take_effects(struct batch *batch, struct matter *matter,
                         const struct step *step)
{
    struct entente_meeting *meeting = matter->meeting;
    unsigned effects = step->row->effects;
    if (effects & DROP_PARTY) {
        assert(step->party >= 0);
        matter_drop(matter, (size_t)step->party);
    }
    if (effects & HOLD) {
        if (meeting->state == ENTENTE_CONFIRMED ||
            meeting->state == ENTENTE_WAITING_ORGANIZER) {
            meeting->rounds = 0;
        }
        hold(batch, meeting, step);
    }
    if (step->row->event == LATE_ACCEPTED) {
        note_agreed(batch, meeting);
    }
    if (effects & PICK) {
        matter_poll_pick(meeting, step->picked);
    }
    if (effects & SEAT) {
        int at = matter_seat(batch, meeting, step->substitute, step->substitute_person,
                             (size_t)step->party);
        if (at >= 0) {
            matter_ask_also(batch, meeting, (size_t)at);
        }
    }
    if (negotiation_find(step->row->to, DIVERGED) == NULL) {
        /* Whose agenda diverges is asked about a time that stands, and about no other. */
        matter_forget_divergence(meeting, -1);
    }
    if (step->row->to == WAITING_ORGANIZER && step->row->from != WAITING_ORGANIZER) {
        matter_ask_organizer(batch, meeting, (effects & EXTEND_HOLD) != 0);
    }
    if (effects & MAKE_FIRM) {
        matter_agree(matter);
        make_firm(batch, meeting);
        note_agreed(batch, meeting);
        matter_look_again(batch, meeting);
    } else if (effects & RELEASE_HELD) {
        release_held(meeting);
        if (step->row->to == CONFIRMED || (effects & FIRM_TO_HELD)) {
            fall_back(batch, meeting);
            matter_unseat(matter);
        }
    }
    if (step->row->to == SEARCHING) {
        search_on(meeting);
    }
    if (effects & NOT_COMING) {
        matter_stay_away(batch, meeting, step);
    }
    if (effects & FIRM_TO_HELD) {
        matter_hold_firm(batch, meeting);
    }
    if ((effects & RELEASE_FIRM) && step->row->to != CONFIRMED) {
        meeting->kept->firm_start = 0;
        meeting->kept->firm_end = 0;
    }
    meeting->alternatives = (effects & ALTERNATIVES) != 0
                                ? (struct entente_slot *)step->alternatives
                                : NULL;
    meeting->alternatives_count =
        (effects & ALTERNATIVES) != 0 ? step->alternatives_count : 0;
    if (step->row->to != SEARCHING && step->row->to != EXPIRED) {
        meeting->why_not = NULL;
    }
}
