// SPDX-License-Identifier: Apache-2.0

/*
 * handle_replace.c - somebody else comes in a party's place, at the same time
 *
 * Nobody else is asked again.  What has been confirmed stays as it was until the new one
 * accepts; what is only proposed, or waits for the organizer, goes on with the new one.
 */
#include "broker/handle.h"

#include "broker/person.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <string.h>

enum { MS_PER_MINUTE = 60000 };

static bool is_near_patient(uint32_t kind)
{
    return kind == ENTENTE_PATIENT || kind == ENTENTE_REPRESENTATIVE;
}

/* Why this one cannot come in the place of @replaced; NULL: they can. */
static const char *why_not(const struct entente_meeting *meeting, size_t replaced,
                           const struct entente_party *substitute, int64_t person)
{
    const struct entente_party *old = &meeting->spec->parties[replaced];
    int present = matter_party(meeting, person);
    if (is_near_patient(old->kind) || is_near_patient(substitute->kind)) {
        return "nobody comes for the patient, and the patient for nobody";
    }
    if ((old->kind == ENTENTE_RESOURCE) != (substitute->kind == ENTENTE_RESOURCE)) {
        return "a person and a resource do not replace each other";
    }
    if (substitute->identifier != NULL &&
        identifier_is_patient(substitute->identifier->system)) {
        return "a patient does not come for somebody else";
    }
    if (substitute->kind != ENTENTE_GUEST && person == 0) {
        return "nobody is known by this identifier";
    }
    if (present >= 0 && !meeting->spec->parties[present].dropped) {
        return "this person is a party already";
    }
    if (meeting->spec->parties_count >= LIMIT_PARTIES) {
        return "the meeting has no room for another party";
    }
    return NULL;
}

/* The new one takes over how and where the old one was to attend. */
static struct entente_party
seat_of(struct batch *batch, const struct entente_meeting *meeting, size_t replaced,
        const struct entente_party *substitute, int64_t person)
{
    const struct entente_party *old = &meeting->spec->parties[replaced];
    const struct index_person *known = index_person(batch->index, person);
    struct entente_party seat = *substitute;
    seat.kind = substitute->kind == 0 ? old->kind : substitute->kind;
    seat.importance = old->importance;
    seat.replaces = (uint32_t)replaced + 1;
    seat.modality = seat.modality == 0 ? old->modality : seat.modality;
    seat.place = seat.place == NULL ? old->place : seat.place;
    if (seat.name == NULL && known != NULL && known->sources != NULL) {
        seat.name = arena_text(&batch->arena, known->sources->name);
    }
    return seat;
}

/* The meeting as it would be, on lists of its own.  False when memory is used up. */
static bool seat(struct batch *batch, struct entente_meeting *trial, size_t replaced,
                 const struct entente_party *party, int64_t person)
{
    trial->spec = arena_copy(&batch->arena, trial->spec, sizeof(*trial->spec));
    trial->kept = arena_copy(&batch->arena, trial->kept, sizeof(*trial->kept));
    return trial->spec != NULL && trial->kept != NULL &&
           matter_seat(batch, trial, party, person, replaced) >= 0;
}

/* Can the new one come at @start?  What the others have agreed to is not in doubt. */
static bool can_come(struct batch *batch, struct command *command,
                     const struct entente_meeting *trial, int32_t start,
                     struct propose_answer *ret_found)
{
    struct entente_meeting asked = *trial;
    struct entente_spec spec = *trial->spec;
    size_t last = spec.parties_count - 1;
    spec.windows_count = 0;
    spec.notice_minutes = 0;
    asked.spec = &spec;
    struct propose_question question = {
        .wanted = 1,
        .exact = start,
        .must_attend = last + 1,
    };
    for (size_t i = 0; i < last; i++) {
        const struct entente_party *party = &spec.parties[i];
        question.willing |=
            party->attends && party->answer == ENTENTE_ACCEPT ? UINT64_C(1) << i : 0;
    }
    return handle_propose(batch, command, &asked, &question, ret_found);
}

enum replaced handle_take_place(struct batch *batch, struct command *command,
                                struct matter *matter, size_t replaced,
                                const struct substitute *substitute,
                                const struct entente_actor *actor)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_meeting trial = *meeting;
    int32_t start = meeting->state == ENTENTE_CONFIRMED ? meeting->kept->firm_start
                                                        : meeting->kept->held_start;
    struct propose_answer found = {0};
    const struct entente_party party =
        seat_of(batch, meeting, replaced, substitute->party, substitute->person);
    if (!seat(batch, &trial, replaced, &party, substitute->person)) {
        batch->exhausted = true;
        return REPLACED_REFUSED;
    }
    if (!can_come(batch, command, &trial, start, &found)) {
        return REPLACED_REFUSED;
    }
    if (found.slot_count == 0) {
        return REPLACED_BUSY;
    }
    meeting->spec = trial.spec;
    *meeting->kept = *trial.kept;
    const struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state,
                                substitute->delegated ? DELEGATED : REPLACED),
        .party = (int)replaced,
        .actor = actor,
        .slot = &found.slots[0],
        .slot_count = 1,
    };
    matter_step(batch, matter, &step);
    return REPLACED_DONE;
}

/* The candidates of a poll at which somebody new can come. */
struct left {
    struct entente_slot *slots;
    struct entente_span *spans;
    size_t count;
    bool asked; /* at one of them without being known to be free */
};

/* False: refused. */
static bool find_left(struct batch *batch, struct command *command,
                      const struct entente_meeting *trial, struct left *ret_left)
{
    const struct entente_proposal *proposal = trial->proposal;
    size_t most = proposal->candidates_count;
    size_t last = trial->spec->parties_count - 1;
    struct left left = {
        .slots = arena_array(&batch->arena, most, sizeof(*left.slots)),
        .spans = arena_array(&batch->arena, most, sizeof(*left.spans)),
    };
    if (left.slots == NULL || left.spans == NULL) {
        batch->exhausted = true;
        return false;
    }
    for (size_t i = 0; i < most; i++) {
        const struct entente_slot *slot = &proposal->candidates[i];
        struct propose_answer found = {0};
        if (!can_come(batch, command, trial, slot->start, &found)) {
            return false;
        }
        if (found.slot_count == 0) {
            continue;
        }
        for (size_t j = 0; j < found.slots[0].asked_count; j++) {
            left.asked = left.asked || found.slots[0].asked[j] == last;
        }
        left.slots[left.count] = *slot;
        left.spans[left.count++] = (struct entente_span){slot->start, slot->end};
    }
    *ret_left = left;
    return true;
}

/* Only these are held from now on. */
static void keep_left(struct entente_meeting *meeting, const struct left *left)
{
    struct entente_proposal *proposal = meeting->proposal;
    proposal->candidates = left->slots;
    proposal->candidates_count = left->count;
    proposal->start = left->slots[0].start;
    proposal->end = left->slots[0].end;
    proposal->option = left->slots[0].option;
    meeting->kept->candidates = left->spans;
    meeting->kept->candidates_count = left->count;
    meeting->kept->held_start = proposal->start;
    meeting->kept->held_end = proposal->end;
}

enum replaced handle_take_place_in_poll(struct batch *batch, struct command *command,
                                        struct matter *matter, size_t replaced,
                                        const struct substitute *substitute,
                                        const struct entente_actor *actor)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_meeting trial = *meeting;
    struct left left;
    struct entente_party party =
        seat_of(batch, meeting, replaced, substitute->party, substitute->person);
    if (!seat(batch, &trial, replaced, &party, substitute->person)) {
        batch->exhausted = true;
        return REPLACED_REFUSED;
    }
    if (!find_left(batch, command, &trial, &left)) {
        return REPLACED_REFUSED;
    }
    if (left.count == 0) {
        return REPLACED_BUSY;
    }
    party.asked = party.asked || left.asked;
    keep_left(meeting, &left);
    const struct step step = {
        .row = negotiation_find((enum negotiation_state)meeting->state, SUBSTITUTED),
        .party = (int)replaced,
        .actor = actor,
        .substitute = &party,
        .substitute_person = substitute->person,
    };
    matter_step(batch, matter, &step);
    return REPLACED_DONE;
}

/* Where the replaced party comes from, and whether it may be left now. */
static bool may_be_left(const struct batch *batch,
                        const struct entente_meeting *meeting, bool delegated,
                        int64_t start)
{
    enum negotiation_event event = matter_poll_is_open(meeting) ? SUBSTITUTED
                                   : delegated                  ? DELEGATED
                                                                : REPLACED;
    return negotiation_find((enum negotiation_state)meeting->state, event) != NULL &&
           start * MS_PER_MINUTE > batch->now_ms;
}

static enum outcome replace(struct batch *batch, struct command *command,
                            struct matter *matter, int party,
                            const struct substitute *asked,
                            const struct entente_actor *actor)
{
    struct entente_meeting *meeting = matter->meeting;
    const struct people people = {.index = batch->index, .seal = batch->seal};
    const struct index_person *known =
        asked->party->kind == ENTENTE_GUEST
            ? NULL
            : person_find(&people, asked->party->identifier);
    const struct substitute substitute = {.party = asked->party,
                                          .person = known == NULL ? 0 : known->person,
                                          .delegated = asked->delegated};
    int64_t start = meeting->state == ENTENTE_CONFIRMED ? meeting->kept->firm_start
                                                        : meeting->kept->held_start;
    if (!may_be_left(batch, meeting, asked->delegated, start)) {
        return handle_not_now(batch, command, meeting,
                              asked->delegated ? "DELEGATE" : "REPLACE_PARTY");
    }
    const char *why =
        why_not(meeting, (size_t)party, substitute.party, substitute.person);
    if (why != NULL) {
        return refuse(batch, command, ERROR_BAD_SUBSTITUTE, meeting, why, NULL);
    }
    if (substitute.person != 0 && !batch_holds_person(batch, substitute.person)) {
        batch_need_person(batch, command, substitute.person);
        return OUTCOME_NEEDS;
    }
    bool poll = matter_poll_is_open(meeting);
    switch (poll ? handle_take_place_in_poll(batch, command, matter, (size_t)party,
                                             &substitute, actor)
                 : handle_take_place(batch, command, matter, (size_t)party, &substitute,
                                     actor)) {
    case REPLACED_DONE:
        if (asked->delegated) {
            handle_record(batch, command, meeting, party);
        }
        return reply_meeting(batch, command, matter);
    case REPLACED_BUSY:
        return handle_no_slot(batch, command, meeting, (int32_t)start);
    case REPLACED_REFUSED:
        break;
    }
    return OUTCOME_DECIDED;
}

enum outcome handle_replace(struct batch *batch, struct command *command,
                            struct matter *matter, int party,
                            const struct entente_party *substitute,
                            const struct entente_actor *actor)
{
    const struct substitute asked = {.party = (struct entente_party *)substitute};
    return replace(batch, command, matter, party, &asked, actor);
}

enum outcome handle_delegate(struct batch *batch, struct command *command,
                             struct matter *matter, int party)
{
    const struct entente_answer *answer = command->envelope->answer;
    const struct substitute asked = {.party = answer->substitute, .delegated = true};
    return replace(batch, command, matter, party, &asked, answer->actor);
}
