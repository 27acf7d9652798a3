// SPDX-License-Identifier: Apache-2.0

/*
 * handle_silence.c - what follows when somebody has not answered in time, and who is
 * reminded before that
 *
 * Nobody accepts by silence who has not agreed to that in every agenda of theirs that
 * speaks, nor who was asked although nobody knew whether they are free, nor whose agenda
 * has become busy with something else since they were asked.
 */
#include "broker/handle.h"

enum { MS_PER_MINUTE = 60000 };

static bool is_patients(const struct entente_party *party)
{
    return party->kind == ENTENTE_PATIENT || party->kind == ENTENTE_REPRESENTATIVE;
}

/* What the request says of this party's silence. */
static enum entente_silence wanted_of(const struct entente_spec *spec,
                                      const struct entente_party *party)
{
    uint32_t silence = party->silence != 0 ? party->silence : spec->silence;
    if (party->silence == 0 && is_patients(party)) {
        /* Theirs is never taken for a yes because that of the others is. */
        silence = spec->patient_silence != 0                 ? spec->patient_silence
                  : spec->silence == ENTENTE_SILENCE_ACCEPTS ? ENTENTE_SILENCE_ORGANIZER
                                                             : spec->silence;
    }
    if (silence == 0) {
        return spec->rule == ENTENTE_ORGANIZER_DECIDES ? ENTENTE_SILENCE_ORGANIZER
                                                       : ENTENTE_SILENCE_EXPIRES;
    }
    return (enum entente_silence)silence;
}

static bool has_agreed(const struct batch *batch, int64_t person)
{
    const struct index_person *known = index_person(batch->index, person);
    bool any = false;
    for (const struct index_source *s = known == NULL ? NULL : known->sources;
         s != NULL; s = s->beside) {
        if (index_lease_until_ms(s) > batch->now_ms) {
            if (!s->tacit) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

static bool is_busy_at(const struct batch *batch, int64_t person, int32_t start,
                       int32_t end)
{
    return index_busy_source(batch->index, person, start, end, batch->now_ms) != NULL;
}

/* Has the agenda something else at what is held? */
static bool has_become_busy(const struct batch *batch,
                            const struct entente_meeting *meeting, size_t i)
{
    const struct entente_proposal *proposal = meeting->proposal;
    int64_t person = meeting->kept->people[i];
    bool busy = is_busy_at(batch, person, proposal->start, proposal->end);
    for (size_t j = 0; j < proposal->candidates_count && !busy; j++) {
        const struct entente_slot *slot = &proposal->candidates[j];
        busy = is_busy_at(batch, person, slot->start, slot->end);
    }
    return busy;
}

static bool accepts_by_silence(const struct batch *batch,
                               const struct entente_meeting *meeting, size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    return !party->asked && party->kind != ENTENTE_GUEST && !is_patients(party) &&
           has_agreed(batch, meeting->kept->people[i]) &&
           !has_become_busy(batch, meeting, i);
}

/* What happens now. */
static enum entente_silence silence_of(const struct batch *batch,
                                       const struct entente_meeting *meeting, size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    enum entente_silence wanted = wanted_of(meeting->spec, party);
    if (wanted == ENTENTE_SILENCE_ACCEPTS &&
        (!accepts_by_silence(batch, meeting, i) ||
         batch_has_frozen(batch, meeting->id.data))) {
        return ENTENTE_SILENCE_ORGANIZER;
    }
    return wanted;
}

/* ---- one party ---------------------------------------------------------------------
 */

static void answer_for(const struct batch *batch, struct entente_meeting *meeting,
                       size_t i, enum entente_answer_kind kind)
{
    struct entente_party *party = &meeting->spec->parties[i];
    party->answer = kind;
    party->answer_reason = 0;
    party->answer_proposal = meeting->proposal->number;
    party->answer_ms = batch->now_ms;
    party->answer_actor = NULL;
    party->tacit = true;
}

static void follow(struct batch *batch, struct matter *matter, int party,
                   enum negotiation_event event)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_slot *slots = NULL;
    struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state, event),
        .party = party,
    };
    if (step.row->effects & ALTERNATIVES) {
        step.alternatives_count =
            handle_nearest(batch, meeting, meeting->proposal->start, &slots);
        step.alternatives = slots;
    }
    matter_step(batch, matter, &step);
}

/* The organizer decides; what was being moved stays as it was. */
static void ask_organizer(struct batch *batch, struct matter *matter, int party)
{
    follow(batch, matter, party,
           matter->meeting->state == ENTENTE_MOVING ? TIME_OVER : SILENT);
}

static void accept(struct batch *batch, struct matter *matter, int party)
{
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_event event = matter_accept_event(meeting, party);
    answer_for(batch, meeting, (size_t)party, ENTENTE_ACCEPT);
    follow(batch, matter, party, event);
}

static void decline(struct batch *batch, struct matter *matter, int party)
{
    struct entente_meeting *meeting = matter->meeting;
    enum negotiation_event event = matter_decline_event(meeting, party);
    answer_for(batch, meeting, (size_t)party, ENTENTE_DECLINE);
    follow(batch, matter, party, event);
}

/* Somebody else of the pool is asked, if there is anybody; otherwise it is a no, or with
 * @organizer it is for the organizer to say what a needed party's silence means. */
static enum outcome replace(struct batch *batch, struct command *command,
                            struct matter *matter, int party, bool organizer)
{
    struct entente_meeting *meeting = matter->meeting;
    struct substitute found;
    if (handle_find_substitute_now(batch, command, meeting, (size_t)party, &found) ==
        OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    /* Before the step, which tells what has led to it. */
    const struct entente_party before = meeting->spec->parties[party];
    answer_for(batch, meeting, (size_t)party, ENTENTE_DECLINE);
    if (handle_take_substitute(batch, command, matter, (size_t)party, NULL, &found)) {
        return OUTCOME_DECIDED;
    }
    meeting->spec->parties[party] = before;
    if (organizer && (meeting->state == ENTENTE_MOVING ||
                      matter_is_needed(meeting, (size_t)party))) {
        ask_organizer(batch, matter, party);
    } else {
        decline(batch, matter, party);
    }
    return OUTCOME_DECIDED;
}

static enum outcome take_silence(struct batch *batch, struct command *command,
                                 struct matter *matter, int party)
{
    switch (silence_of(batch, matter->meeting, (size_t)party)) {
    case ENTENTE_SILENCE_EXPIRES:
        follow(batch, matter, -1, TIME_OVER);
        break;
    case ENTENTE_SILENCE_DECLINES:
        return replace(batch, command, matter, party, false);
    case ENTENTE_SILENCE_ACCEPTS:
        accept(batch, matter, party);
        break;
    case ENTENTE_SILENCE_SUBSTITUTES:
        return replace(batch, command, matter, party, true);
    case ENTENTE_SILENCE_ORGANIZER:
        ask_organizer(batch, matter, party);
        break;
    }
    return OUTCOME_DECIDED;
}

/* ---- all of them -------------------------------------------------------------------
 */

static bool is_asking(const struct entente_meeting *meeting)
{
    return meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING;
}

static bool is_silent(const struct batch *batch, const struct entente_meeting *meeting,
                      size_t i)
{
    return matter_is_awaited(meeting, i) &&
           matter_answer_by(meeting, i) <= batch->now_ms;
}

/* Who is next; -1: nobody is late.  Whoever's silence ends the matter comes first: more
 * silence is not worth more. */
static int next_silent(const struct batch *batch, const struct entente_meeting *meeting)
{
    int first = -1;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (is_silent(batch, meeting, i)) {
            if (silence_of(batch, meeting, i) == ENTENTE_SILENCE_EXPIRES) {
                return (int)i;
            }
            first = first < 0 ? (int)i : first;
        }
    }
    return first;
}

enum outcome handle_silence(struct batch *batch, struct command *command,
                            struct matter *matter)
{
    const struct entente_meeting *meeting = matter->meeting;
    int party;
    while (is_asking(meeting) && !batch->exhausted &&
           (party = next_silent(batch, meeting)) >= 0) {
        if (take_silence(batch, command, matter, party) == OUTCOME_NEEDS) {
            return OUTCOME_NEEDS;
        }
    }
    bool over = (is_asking(meeting) || meeting->state == ENTENTE_WAITING_ORGANIZER) &&
                meeting->hold_until_ms <= batch->now_ms;
    if (over && !batch->exhausted) {
        follow(batch, matter, -1, TIME_OVER);
    }
    return OUTCOME_DECIDED;
}

/* ---- reminders ---------------------------------------------------------------------
 */

void handle_reminders(struct batch *batch, struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    int64_t first_ms = matter_reminder(meeting);
    struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state, REMINDED),
        .party = -1,
    };
    if (first_ms == 0 || first_ms > batch->now_ms) {
        return;
    }
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        int64_t at_ms = meeting->state == ENTENTE_WAITING_ORGANIZER
                            ? 0
                            : matter_reminder_of(meeting, i);
        if (at_ms != 0 && at_ms <= batch->now_ms) {
            meeting->spec->parties[i].reminded++;
            step.remind |= UINT64_C(1) << i;
        }
    }
    meeting->kept->reminded_ms = batch->now_ms;
    matter_step(batch, matter, &step);
}
