// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "broker/handle.h"
#include "broker/matter_internal.h"

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

/* Do the row's effects change what is claimed? */
static bool touches_claims(unsigned effects)
{
    return (effects & (HOLD | RELEASE_HELD | RELEASE_FIRM | DROP_PARTY | PICK | SEAT |
                       FIRM_TO_HELD | NOT_COMING)) != 0;
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

/* Of what is between the broker and the owner of an agenda nobody else hears, not even by
 * the number: see view_version(). */
static void keep_apart(struct batch *batch, struct entente_meeting *meeting,
                       size_t party)
{
    struct entente_kept *kept = meeting->kept;
    if (kept->own_versions_count < kept->people_count) {
        uint32_t *own =
            arena_array(&batch->arena, kept->people_count, sizeof(*kept->own_versions));
        if (own == NULL) {
            batch->exhausted = true;
            return;
        }
        if (kept->own_versions_count > 0) {
            memcpy(own, kept->own_versions, kept->own_versions_count * sizeof(*own));
        }
        kept->own_versions = own;
        kept->own_versions_count = kept->people_count;
    }
    if (kept->open_version == 0) {
        kept->open_version = meeting->version;
        kept->open_updated_ms = meeting->updated_ms;
    }
    kept->own_versions[party] = meeting->version + 1;
}

static void raise_version(struct batch *batch, struct entente_meeting *meeting,
                          const struct step *step)
{
    if ((step->row->effects & ASK_OWNER) != 0) {
        keep_apart(batch, meeting, (size_t)step->party);
    } else {
        meeting->kept->open_version = 0;
        meeting->kept->open_updated_ms = 0;
        meeting->kept->own_versions_count = 0;
    }
    meeting->version++;
}

static void step_once(struct batch *batch, struct matter *matter,
                      const struct step *step, struct entente_said said)
{
    struct entente_meeting *meeting = matter->meeting;
    unsigned effects = step->row->effects;
    assert((int)meeting->state == (int)step->row->from);

    matter_take_effects(batch, matter, step);
    meeting->state = step->row->to;
    if (step->row->to == CANCELLED && step->party < 0) {
        /* Everybody is told; why a party does not come stands with that party. */
        meeting->reason = step->reason;
    }
    note_actor(batch, meeting, step);
    raise_version(batch, meeting, step);
    batch_pass(batch, matter, step->row, step->party);
    matter_note_said(batch, matter, step, &said);
    meeting->updated_ms = batch->now_ms;
    matter->changed = true;
    if (effects & ASK_OWNER) {
        assert(step->party >= 0);
        matter->tell_owners |= UINT64_C(1) << step->party;
    } else {
        matter->tell_organizer = true;
    }
    if (effects & (ASK | ANNOUNCE)) {
        matter->tell_parties = true;
    }
    if (effects & REMIND) {
        matter->remind |= step->remind;
    }
    if (touches_claims(effects)) {
        matter_claim(batch, matter);
    }
}

/* Who withdrew, and has waited in vain for somebody to come instead, does not come. */
static void leave(struct batch *batch, struct matter *matter,
                  const struct entente_actor *actor)
{
    const struct entente_meeting *meeting = matter->meeting;
    for (size_t i = 0; i < meeting->kept->notes_count; i++) {
        struct entente_owner_note *note = &meeting->kept->notes[i];
        if (meeting->state != ENTENTE_CONFIRMED || note->withdrew == 0 ||
            batch->exhausted) {
            continue;
        }
        const struct step step = {.row = negotiation_find(CONFIRMED, REOPENED),
                                  .party = (int)note->party,
                                  .actor = actor,
                                  .reason = note->withdrew - 1};
        note->withdrew = 0;
        if (!meeting->spec->parties[step.party].dropped) {
            /* They had said so when they withdrew. */
            step_once(batch, matter, &step, (struct entente_said){0});
        }
    }
}

void matter_step(struct batch *batch, struct matter *matter, const struct step *step)
{
    struct entente_meeting *meeting = matter->meeting;
    step_once(batch, matter, step, matter_said(batch, meeting, step));
    enum negotiation_event event = batch->exhausted ? 0 : matter_follow_up(meeting);
    if (event != 0) {
        struct step last = {
            .row = negotiation_find((enum negotiation_state)meeting->state, event),
            .party = -1,
            .actor = step->actor,
        };
        if (event == POLL_EMPTY) {
            struct entente_slot *slots = NULL;
            last.alternatives_count =
                handle_nearest(batch, meeting, meeting->proposal->start, &slots);
            last.alternatives = slots;
        }
        step_once(batch, matter, &last, (struct entente_said){0});
    }
    leave(batch, matter, step->actor);
}
