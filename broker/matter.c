// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "broker/due.h"

#include <assert.h>
#include <string.h>

static_assert((int)SEARCHING == (int)ENTENTE_SEARCHING &&
                  (int)PROPOSED == (int)ENTENTE_PROPOSED &&
                  (int)CONFIRMED == (int)ENTENTE_CONFIRMED &&
                  (int)MOVING == (int)ENTENTE_MOVING &&
                  (int)WAITING_ORGANIZER == (int)ENTENTE_WAITING_ORGANIZER &&
                  (int)CANCELLED == (int)ENTENTE_CANCELLED &&
                  (int)EXPIRED == (int)ENTENTE_EXPIRED &&
                  (int)DONE == (int)ENTENTE_DONE,
              "the table's states are those of the wire and of the database");

enum { DEFAULT_ANSWER_MINUTES = 2880, MS_PER_MINUTE = 60000 };

int matter_party(const struct entente_meeting *meeting, int64_t person)
{
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        if (person != 0 && meeting->kept->people[i] == person) {
            return (int)i;
        }
    }
    return -1;
}

bool matter_is_indispensable(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_spec *spec = meeting->spec;
    if (spec->parties[party].kind == ENTENTE_PATIENT) {
        return spec->patient_presence != ENTENTE_SOFT;
    }
    return spec->parties[party].importance != ENTENTE_OPTIONAL;
}

bool matter_is_needed(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_spec *spec = meeting->spec;
    size_t heads = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        bool comes = spec->parties[i].attends && !spec->parties[i].dropped;
        heads += comes && i != party ? 1 : 0;
    }
    return matter_is_indispensable(meeting, party) ||
           (spec->parties[party].attends && heads < spec->quorum);
}

/* The default rule: every professional who attends accepts; the patient's side only
 * where the request says so; a room or a vehicle never answers for itself.  But whoever is
 * asked although nobody knows whether they are free is waited for. */
static bool has_a_say(const struct entente_spec *spec,
                      const struct entente_party *party)
{
    if (party->asked) {
        return true;
    }
    switch ((enum entente_party_kind)party->kind) {
    case ENTENTE_PROFESSIONAL:
        return true;
    case ENTENTE_PATIENT:
    case ENTENTE_REPRESENTATIVE:
        return spec->patient_must_accept;
    case ENTENTE_POOL:
    case ENTENTE_GUEST:
    case ENTENTE_RESOURCE:
        return false;
    }
    return false;
}

bool matter_is_awaited(const struct entente_meeting *meeting, size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    bool accepted = party->answer == ENTENTE_ACCEPT && meeting->proposal != NULL &&
                    party->answer_proposal == meeting->proposal->number;
    return !party->dropped && party->attends && has_a_say(meeting->spec, party) &&
           !accepted;
}

bool matter_awaits_anybody(const struct entente_meeting *meeting, int except)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if ((int)i != except && matter_is_awaited(meeting, i)) {
            return true;
        }
    }
    return false;
}

bool matter_is_visible(const struct entente_meeting *meeting,
                       const struct client *client)
{
    if (meeting->kept->organizer == client->id) {
        return true;
    }
    if (meeting->spec->subject != NULL && !client->sandbox) {
        return false;
    }
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        if (client_speaks_for(client, meeting->kept->people[i])) {
            return true;
        }
    }
    return false;
}

/* ---- effects -----------------------------------------------------------------------
 */

/* The organizer who is a party has said yes by asking. */
static bool is_organizer(const struct entente_meeting *meeting, size_t i)
{
    const struct entente_identifier *organizer = meeting->spec->organizer;
    const struct entente_identifier *party = meeting->spec->parties[i].identifier;
    return organizer != NULL && party != NULL &&
           strcmp(organizer->system, party->system) == 0 &&
           strcmp(organizer->value, party->value) == 0;
}

static void set_attendance(struct entente_meeting *meeting,
                           const struct entente_slot *slot)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        party->attends = !party->dropped && meeting->kept->people[i] != 0;
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
    bool same_time = proposal->start == step->slot->start &&
                     proposal->option == step->slot->option && proposal->number != 0 &&
                     meeting->kept->held_end != 0;
    uint32_t before = proposal->number;
    uint32_t minutes = meeting->spec->answer_minutes == 0
                           ? DEFAULT_ANSWER_MINUTES
                           : meeting->spec->answer_minutes;
    int64_t until = batch->now_ms + (int64_t)minutes * MS_PER_MINUTE;
    int64_t start_ms = (int64_t)step->slot->start * MS_PER_MINUTE;
    proposal->number++;
    proposal->start = step->slot->start;
    proposal->end = step->slot->end;
    proposal->option = step->slot->option;
    if (meeting->kept->firm_end == 0) {
        take_option(meeting, proposal->option);
    }
    /* Nobody is asked about a time that has come. */
    proposal->answer_by_ms = until < start_ms ? until : start_ms;
    meeting->hold_until_ms = proposal->answer_by_ms;
    meeting->kept->held_start = proposal->start;
    meeting->kept->held_end = proposal->end;
    meeting->rounds++;
    set_attendance(meeting, step->slot);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        bool keeps = same_time && party->answer == ENTENTE_ACCEPT &&
                     party->answer_proposal == before;
        /* By asking or offering; not because somebody else needs another time. */
        bool offers = step->party < 0 && is_organizer(meeting, i);
        bool says_yes = (int)i == step->party || offers || keeps;
        party->answer = says_yes && party->attends ? ENTENTE_ACCEPT : 0;
        party->answer_proposal = party->answer == 0 ? 0 : proposal->number;
        party->answer_reason = 0;
        if (party->answer == 0) {
            party->answer_ms = 0;
            party->answer_actor = NULL;
        }
    }
}

static void release_held(struct entente_meeting *meeting)
{
    meeting->kept->held_start = 0;
    meeting->kept->held_end = 0;
    meeting->hold_until_ms = 0;
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
    release_held(meeting);
}

/* Does the firm time of the meeting stand in this person's claims? */
static bool has_firm_claim(const struct batch *batch,
                           const struct entente_meeting *meeting, int64_t person)
{
    struct index_hold holds[2];
    size_t count = index_claims(batch->index, person, meeting->id.data, holds, 2);
    for (size_t i = 0; i < count && i < 2; i++) {
        if (holds[i].span.start == meeting->kept->firm_start &&
            holds[i].span.end == meeting->kept->firm_end) {
            return true;
        }
    }
    return false;
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
        party->attends =
            !party->dropped && has_firm_claim(batch, meeting, meeting->kept->people[i]);
        party->absence = party->attends ? 0 : party->absence;
        party->asked = false; /* what stands has been agreed */
        if (party->attends && has_a_say(meeting->spec, party)) {
            party->answer = ENTENTE_ACCEPT;
            party->answer_reason = 0;
            party->answer_proposal = meeting->proposal->number;
        } else if (!party->dropped) {
            party->answer = 0;
            party->answer_reason = 0;
            party->answer_proposal = 0;
        }
    }
    meeting->proposal->start = meeting->kept->firm_start;
    meeting->proposal->end = meeting->kept->firm_end;
    meeting->proposal->option = meeting->confirmed_option;
    meeting->rounds = 0;
}

/* Where this party is when the meeting is held with @option. */
static uint16_t place_of(struct batch *batch, const struct entente_spec *spec,
                         const struct entente_party *party, uint32_t option)
{
    const char *place =
        option < spec->options_count ? spec->options[option].place : spec->place;
    return index_name_place(batch->index, party->place != NULL ? party->place : place);
}

/* The claims that the meeting now has on each of its people. */
static void claim(struct batch *batch, struct matter *matter)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->people_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        struct index_hold before[2];
        struct index_hold after[2];
        size_t count = 0;
        if (kept->people[i] == 0) {
            continue;
        }
        size_t had =
            index_claims(batch->index, kept->people[i], meeting->id.data, before, 2);
        bool keeps_firm = meeting->state == ENTENTE_CONFIRMED && party->attends;
        for (size_t j = 0; j < had && meeting->state == ENTENTE_MOVING; j++) {
            /* The new time may lie over the old one; the old one is told by both ends.
             */
            keeps_firm = keeps_firm || (before[j].span.start == kept->firm_start &&
                                        before[j].span.end == kept->firm_end);
        }
        if (kept->firm_end != 0 && keeps_firm && !party->dropped) {
            after[count++] = (struct index_hold){
                {kept->firm_start, kept->firm_end},
                place_of(batch, meeting->spec, party, meeting->confirmed_option)};
        }
        if (kept->held_end != 0 && party->attends && !party->dropped) {
            after[count++] = (struct index_hold){
                {kept->held_start, kept->held_end},
                place_of(batch, meeting->spec, party, meeting->proposal->option)};
        }
        batch_claim(batch, matter, kept->people[i], after, count);
    }
}

/* Do the row's effects change what is claimed? */
static bool touches_claims(unsigned effects)
{
    return (effects & (HOLD | RELEASE_HELD | RELEASE_FIRM | DROP_PARTY)) != 0;
}

static void note_actor(struct batch *batch, struct entente_meeting *meeting,
                       const struct step *step)
{
    meeting->last_event = step->row->code;
    meeting->last_actor = NULL;
    if (step->actor != NULL) {
        /* The command's arena lives as long as the batch. */
        meeting->last_actor =
            arena_copy(&batch->arena, step->actor, sizeof(*step->actor));
    }
}

static void take_effects(struct batch *batch, struct matter *matter,
                         const struct step *step)
{
    struct entente_meeting *meeting = matter->meeting;
    unsigned effects = step->row->effects;
    if (effects & DROP_PARTY) {
        assert(step->party >= 0);
        struct entente_party *party = &meeting->spec->parties[step->party];
        party->dropped = true;
        party->attends = false;
        party->absence = ENTENTE_HAS_DECLINED;
        matter->just_dropped |= UINT64_C(1) << step->party;
    }
    if (effects & HOLD) {
        if (meeting->state == ENTENTE_CONFIRMED ||
            meeting->state == ENTENTE_WAITING_ORGANIZER) {
            meeting->rounds = 0;
        }
        hold(batch, meeting, step);
    }
    if (effects & MAKE_FIRM) {
        make_firm(batch, meeting);
    } else if (effects & RELEASE_HELD) {
        release_held(meeting);
        if (step->row->to == CONFIRMED) {
            fall_back(batch, meeting);
        }
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

static void step_once(struct batch *batch, struct matter *matter,
                      const struct step *step)
{
    struct entente_meeting *meeting = matter->meeting;
    unsigned effects = step->row->effects;
    assert((int)meeting->state == (int)step->row->from);

    take_effects(batch, matter, step);
    meeting->state = step->row->to;
    if (step->row->to == CANCELLED) {
        meeting->reason = step->reason;
    }
    note_actor(batch, meeting, step);
    meeting->version++;
    meeting->updated_ms = batch->now_ms;
    matter->changed = true;
    matter->tell_organizer = true;
    if (effects & (ASK | ANNOUNCE)) {
        matter->tell_parties = true;
    }
    if (touches_claims(effects)) {
        claim(batch, matter);
    }
}

void matter_step(struct batch *batch, struct matter *matter, const struct step *step)
{
    step_once(batch, matter, step);
    struct entente_meeting *meeting = matter->meeting;
    bool asks = meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING;
    if (asks && !batch->exhausted && !matter_awaits_anybody(meeting, -1)) {
        struct step last = {
            .row =
                negotiation_find((enum negotiation_state)meeting->state, ALL_ACCEPTED),
            .party = -1,
            .actor = step->actor,
        };
        step_once(batch, matter, &last);
    }
}

/* ---- deadlines ---------------------------------------------------------------------
 */

static size_t due(const struct entente_meeting *meeting, enum due_reason reason,
                  int64_t at_ms, struct store_due *dues, size_t count)
{
    struct store_due *entry = &dues[count];
    memcpy(entry->meeting.bytes, meeting->id.data, sizeof(entry->meeting.bytes));
    entry->reason = reason;
    entry->at_ms = at_ms;
    return count + 1;
}

size_t matter_dues(const struct entente_meeting *meeting, struct store_due *dues,
                   size_t count)
{
    const struct entente_kept *kept = meeting->kept;
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
        return due(meeting, DUE_SEARCH_END, meeting->search_until_ms, dues, count);
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
        return due(meeting, DUE_ANSWERS_END, meeting->hold_until_ms, dues, count);
    case ENTENTE_MOVING:
        count = due(meeting, DUE_ANSWERS_END, meeting->hold_until_ms, dues, count);
        count = due(meeting, DUE_OLD_TIME, (int64_t)kept->firm_start * MS_PER_MINUTE,
                    dues, count);
        return count;
    case ENTENTE_CONFIRMED:
        return due(meeting, DUE_SLOT_END, (int64_t)kept->firm_end * MS_PER_MINUTE, dues,
                   count);
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        return count;
    }
    return count;
}
