// SPDX-License-Identifier: Apache-2.0

#include "broker/matter_internal.h"

#include "broker/store/store_divergence.h"

#include <assert.h>
#include <string.h>

enum { DEFAULT_ANSWER_MINUTES = 2880, MS_PER_MINUTE = 60000 };

/* ---- what its owner knows of an agenda ---------------------------------------------
 */

const struct entente_owner_note *matter_note(const struct entente_meeting *meeting,
                                             size_t party)
{
    for (size_t i = 0; i < meeting->kept->notes_count; i++) {
        if (meeting->kept->notes[i].party == party) {
            return &meeting->kept->notes[i];
        }
    }
    return NULL;
}

struct entente_owner_note *
matter_make_note(struct batch *batch, struct entente_meeting *meeting, size_t party)
{
    struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->notes_count; i++) {
        if (kept->notes[i].party == party) {
            return &kept->notes[i];
        }
    }
    struct entente_owner_note *notes =
        arena_array(&batch->arena, kept->notes_count + 1, sizeof(*notes));
    if (notes == NULL) {
        batch->exhausted = true;
        return NULL;
    }
    if (kept->notes_count > 0) {
        memcpy(notes, kept->notes, kept->notes_count * sizeof(*notes));
    }
    notes[kept->notes_count] = (struct entente_owner_note){.party = (uint32_t)party};
    kept->notes = notes;
    return &notes[kept->notes_count++];
}

bool matter_knows(const struct entente_meeting *meeting, size_t party, int32_t start,
                  int64_t now_ms)
{
    const struct entente_owner_note *note = matter_note(meeting, party);
    if (note == NULL) {
        return false;
    }
    bool last = note->known_start == start &&
                (note->known_until_ms == 0 || note->known_until_ms > now_ms);
    bool before =
        note->also_known_start == start &&
        (note->also_known_until_ms == 0 || note->also_known_until_ms > now_ms);
    return last || before;
}

void matter_note_known(struct entente_owner_note *note, int32_t start, int64_t until_ms)
{
    if (note->known_start != start) {
        note->also_known_start = note->known_start;
        note->also_known_until_ms = note->known_until_ms;
    }
    note->known_start = start;
    note->known_until_ms = until_ms;
}

void matter_look_again(struct batch *batch, struct entente_meeting *meeting)
{
    const struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->people_count && !batch->exhausted; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (kept->people[i] == 0 || party->dropped || !party->attends ||
            party->diverged != 0 ||
            matter_knows(meeting, i, kept->firm_start, batch->now_ms) ||
            index_busy_source(batch->index, kept->people[i], kept->firm_start,
                              kept->firm_end, batch->now_ms) == NULL) {
            continue;
        }
        struct entente_owner_note *note = matter_make_note(batch, meeting, i);
        if (note != NULL) {
            /* "Known until" is when it is looked at: a moment from now. */
            matter_note_known(note, kept->firm_start, batch->now_ms + 1);
        }
    }
}

/* ---- divergence --------------------------------------------------------------------
 */

int64_t matter_grace_end(int32_t start, int64_t now_ms)
{
    int64_t left = (int64_t)start * MS_PER_MINUTE - now_ms;
    int64_t grace = (int64_t)DIVERGENCE_GRACE_MINUTES * MS_PER_MINUTE;
    return now_ms + (left / 2 < grace ? left / 2 : grace);
}

void matter_forget_divergence(struct entente_meeting *meeting, int party)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (party < 0 || (size_t)party == i) {
            meeting->spec->parties[i].diverged = 0;
            meeting->spec->parties[i].diverged_until_ms = 0;
        }
    }
}

void matter_forget_new_time(struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (meeting->spec->parties[i].diverged == ENTENTE_NEW_TIME_BUSY) {
            matter_forget_divergence(meeting, (int)i);
        }
    }
}

/* ---- who comes in whose place ------------------------------------------------------
 */

bool matter_is_replaced(const struct entente_spec *spec, size_t party)
{
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (spec->parties[i].replaces == party + 1 && !spec->parties[i].dropped) {
            return true;
        }
    }
    return false;
}

bool matter_is_substitute(const struct entente_spec *spec, size_t party)
{
    const struct entente_party *who = &spec->parties[party];
    return who->replaces != 0 && !who->dropped &&
           !spec->parties[who->replaces - 1].dropped;
}

bool matter_has_withdrawn(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->notes_count; i++) {
        if (kept->notes[i].party == party && kept->notes[i].withdrew != 0 &&
            meeting->state == ENTENTE_MOVING) {
            return true;
        }
    }
    return false;
}

void matter_drop(struct matter *matter, size_t party)
{
    struct entente_party *dropped = &matter->meeting->spec->parties[party];
    dropped->dropped = true;
    dropped->attends = false;
    dropped->absence = ENTENTE_HAS_DECLINED;
    dropped->diverged = 0;
    dropped->diverged_until_ms = 0;
    matter->just_dropped |= UINT64_C(1) << party;
}

/* ---- effects -----------------------------------------------------------------------
 */

void matter_agree(struct matter *matter)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_kept *kept = meeting->kept;
    bool moved = kept->firm_end != 0 && kept->firm_start != kept->held_start;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        struct entente_party *party = &meeting->spec->parties[i];
        if (party->diverged == ENTENTE_NEW_TIME_BUSY) {
            /* Their owner is still being asked: it is the time that is agreed now. */
            party->diverged = ENTENTE_FOREIGN_BUSY;
        } else if (moved) {
            matter_forget_divergence(meeting, (int)i);
        }
    }
    kept->firm_version = meeting->version + 1;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (!meeting->spec->parties[i].dropped &&
            matter_is_replaced(meeting->spec, i)) {
            matter_drop(matter, i);
        }
    }
}

void matter_unseat(struct matter *matter)
{
    const struct entente_spec *spec = matter->meeting->spec;
    /* Who came in the place of a substitute goes before that one. */
    for (size_t i = spec->parties_count; i-- > 0;) {
        if (matter_is_substitute(spec, i)) {
            matter_drop(matter, i);
        }
    }
}

void matter_hold_firm(const struct batch *batch, struct entente_meeting *meeting)
{
    struct entente_kept *kept = meeting->kept;
    struct entente_proposal *proposal = meeting->proposal;
    uint32_t minutes = meeting->spec->answer_minutes == 0
                           ? DEFAULT_ANSWER_MINUTES
                           : meeting->spec->answer_minutes;
    int64_t until = batch->now_ms + (int64_t)minutes * MS_PER_MINUTE;
    int64_t start_ms = (int64_t)kept->firm_start * MS_PER_MINUTE;
    proposal->start = kept->firm_start;
    proposal->end = kept->firm_end;
    proposal->option = meeting->confirmed_option;
    proposal->answer_by_ms = until < start_ms ? until : start_ms;
    meeting->hold_until_ms = proposal->answer_by_ms;
    meeting->rounds = 0;
    meeting->confirmed = NULL;
    kept->held_start = kept->firm_start;
    kept->held_end = kept->firm_end;
    kept->firm_start = 0;
    kept->firm_end = 0;
    matter_forget_divergence(meeting, -1);
}

void matter_stay_away(const struct batch *batch, struct entente_meeting *meeting,
                      const struct step *step)
{
    assert(step->party >= 0);
    struct entente_party *party = &meeting->spec->parties[step->party];
    party->attends = false;
    party->absence = ENTENTE_HAS_DECLINED;
    party->answer = ENTENTE_DECLINE;
    party->answer_reason = step->reason;
    party->answer_proposal = meeting->proposal->number;
    party->answer_ms = batch->now_ms;
}
