// SPDX-License-Identifier: Apache-2.0

/*
 * matter_poll.c - several slots held together, what everybody says of each, which stays
 *
 * A yes without grades is a yes to every candidate; who grades some of them says no to the
 * others.  Whoever cannot come at a candidate is known to be absent there from the start.
 */
#include "broker/matter_internal.h"

#include <assert.h>

bool matter_poll_is_open(const struct entente_meeting *meeting)
{
    return meeting->kept->candidates_count > 0;
}

bool matter_poll_is_absent(const struct entente_slot *slot, size_t party)
{
    for (size_t i = 0; i < slot->absent_count; i++) {
        if (slot->absent[i].party == party) {
            return true;
        }
    }
    return false;
}

static bool is_asked(const struct entente_slot *slot, size_t party)
{
    for (size_t i = 0; i < slot->asked_count; i++) {
        if (slot->asked[i] == party) {
            return true;
        }
    }
    return false;
}

/* 0: nothing has been said of it. */
static uint32_t grade_of(const struct entente_meeting *meeting, size_t i, int32_t start)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    if (party->answer != ENTENTE_ACCEPT ||
        party->answer_proposal != meeting->proposal->number) {
        return 0;
    }
    for (size_t j = 0; j < party->grades_count; j++) {
        if (party->grades[j].start == start) {
            return party->grades[j].grade;
        }
    }
    return party->grades_count == 0 ? ENTENTE_GRADE_YES : ENTENTE_GRADE_NO;
}

bool matter_poll_suits(const struct entente_meeting *meeting, size_t party,
                       const struct entente_slot *slot)
{
    uint32_t grade = grade_of(meeting, party, slot->start);
    return grade == ENTENTE_GRADE_YES || grade == ENTENTE_GRADE_IF_NEED_BE;
}

bool matter_poll_open(struct batch *batch, struct entente_meeting *meeting,
                      const struct step *step)
{
    struct entente_proposal *proposal = meeting->proposal;
    struct entente_kept *kept = meeting->kept;
    matter_poll_close(meeting);
    if (step->slot_count <= 1) {
        return true;
    }
    struct entente_span *spans =
        arena_array(&batch->arena, step->slot_count, sizeof(*spans));
    if (spans == NULL) {
        return false;
    }
    for (size_t i = 0; i < step->slot_count; i++) {
        spans[i] = (struct entente_span){step->slot[i].start, step->slot[i].end};
        for (size_t j = 0; j < meeting->spec->parties_count; j++) {
            struct entente_party *party = &meeting->spec->parties[j];
            bool somebody = kept->people[j] != 0 || party->kind == ENTENTE_GUEST;
            if (somebody && !party->dropped && !matter_is_replaced(meeting->spec, j) &&
                !matter_poll_is_absent(&step->slot[i], j)) {
                party->attends = true;
                party->absence = 0;
                party->asked = party->asked || is_asked(&step->slot[i], j);
            }
        }
    }
    matter_hide_distance(step->slot, step->slot_count);
    kept->candidates = spans;
    kept->candidates_count = step->slot_count;
    proposal->candidates = (struct entente_slot *)step->slot;
    proposal->candidates_count = step->slot_count;
    return true;
}

void matter_poll_close(struct entente_meeting *meeting)
{
    meeting->kept->candidates = NULL;
    meeting->kept->candidates_count = 0;
    if (meeting->proposal != NULL) {
        meeting->proposal->candidates = NULL;
        meeting->proposal->candidates_count = 0;
    }
}

void matter_hide_distance(const struct entente_slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < slots[i].absent_count; j++) {
            if (slots[i].absent[j].absence == ENTENTE_TOO_FAR) {
                slots[i].absent[j].absence = ENTENTE_NOT_OFFERED;
            }
        }
    }
}

/* ---- which one ---------------------------------------------------------------------
 */

struct tally {
    bool suits; /* all who are needed, and heads enough */
    size_t heads;
    size_t gladly;
};

static struct tally count(const struct entente_meeting *meeting,
                          const struct entente_slot *slot)
{
    const struct entente_spec *spec = meeting->spec;
    struct tally tally = {.suits = true};
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        if (party->dropped || !party->attends) {
            continue;
        }
        uint32_t grade = grade_of(meeting, i, slot->start);
        if (matter_poll_is_absent(slot, i) || grade == ENTENTE_GRADE_NO) {
            tally.suits = tally.suits && !matter_is_indispensable(meeting, i);
            continue;
        }
        bool sure = grade != 0 || !matter_has_a_say(spec, party);
        bool counts =
            party->kind != ENTENTE_RESOURCE && (sure || spec->rule != ENTENTE_QUORUM);
        tally.heads += counts ? 1 : 0;
        tally.gladly += grade == ENTENTE_GRADE_YES ? 1 : 0;
    }
    tally.suits = tally.suits && tally.heads >= spec->quorum;
    return tally;
}

const struct entente_slot *matter_poll_best(const struct entente_meeting *meeting)
{
    const struct entente_slot *best = NULL;
    struct tally best_tally = {0};
    for (size_t i = 0; i < meeting->proposal->candidates_count; i++) {
        const struct entente_slot *slot = &meeting->proposal->candidates[i];
        struct tally tally = count(meeting, slot);
        /* More people first, then more who come gladly; then the order of the search. */
        bool better =
            tally.heads > best_tally.heads ||
            (tally.heads == best_tally.heads && tally.gladly > best_tally.gladly);
        if (tally.suits && (best == NULL || better)) {
            best = slot;
            best_tally = tally;
        }
    }
    return best;
}

enum negotiation_event matter_poll_follow_up(const struct entente_meeting *meeting)
{
    bool anybody = false;
    bool needed = false;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        bool open = matter_is_awaited(meeting, i);
        anybody = anybody || open;
        needed = needed || (open && matter_is_indispensable(meeting, i));
    }
    bool found = matter_poll_best(meeting) != NULL;
    bool quorum = meeting->spec->rule == ENTENTE_QUORUM && found && !needed;
    if (anybody && !quorum) {
        return 0;
    }
    if (meeting->spec->rule == ENTENTE_ORGANIZER_DECIDES) {
        return READY;
    }
    return found ? POLL_DECIDED : POLL_EMPTY;
}

const struct entente_slot *matter_poll_candidate(const struct entente_meeting *meeting,
                                                 int32_t start)
{
    for (size_t i = 0; i < meeting->proposal->candidates_count; i++) {
        if (meeting->proposal->candidates[i].start == start) {
            return &meeting->proposal->candidates[i];
        }
    }
    return NULL;
}

void matter_poll_pick(struct entente_meeting *meeting, int32_t start)
{
    if (!matter_poll_is_open(meeting)) {
        return;
    }
    const struct entente_slot *slot =
        start == 0 ? matter_poll_best(meeting) : matter_poll_candidate(meeting, start);
    slot = slot == NULL ? &meeting->proposal->candidates[0] : slot;
    assert(slot != NULL); /* it is open: there are candidates */
    meeting->proposal->start = slot->start;
    meeting->proposal->end = slot->end;
    meeting->proposal->option = slot->option;
    meeting->kept->held_start = slot->start;
    meeting->kept->held_end = slot->end;
    matter_set_attendance(meeting, slot);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        if (grade_of(meeting, i, slot->start) == ENTENTE_GRADE_NO) {
            party->attends = false;
            party->absence = ENTENTE_HAS_DECLINED;
            party->answer = ENTENTE_DECLINE;
        }
    }
    matter_poll_close(meeting);
}
