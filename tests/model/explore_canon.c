// SPDX-License-Identifier: Apache-2.0

/*
 * explore_canon.c - the part of explore.h that makes meetings equal that behave alike
 *
 * Whatever is left out here no decision depends on: numbers of versions and proposals,
 * names of actors, moments of the past.  A moment that is still to come is only ever
 * compared with the clock and with other such moments; so of the moments between two hands
 * of the clock one stands for all.
 */
#include "tests/model/explore.h"

#include "proto/limits.h"

#include <stdlib.h>

enum { MS_PER_MINUTE = 60000, FIRM_VERSION = CARD_VERSION / 2 };

static int compare_starts(const void *a, const void *b)
{
    const int32_t one = *(const int32_t *)a;
    const int32_t two = *(const int32_t *)b;
    return (one > two) - (one < two);
}

/* What stands for a moment to come, seen from @clock. */
static int64_t canonical_ms(const struct setting *setting, int64_t at_ms, size_t clock)
{
    if (at_ms == 0 || at_ms <= world_now_ms(setting, clock)) {
        return at_ms == 0 ? 0 : world_now_ms(setting, 0);
    }
    for (size_t hand = clock + 1; hand < setting->clocks; hand++) {
        int64_t hand_ms = world_now_ms(setting, hand);
        if (at_ms <= hand_ms) {
            return at_ms == hand_ms ? hand_ms : hand_ms - MS_PER_MINUTE;
        }
    }
    return world_now_ms(setting, setting->clocks - 1u) + MS_PER_MINUTE;
}

static void canon_party(const struct setting *setting, struct entente_party *party,
                        uint32_t proposal, size_t clock)
{
    party->answer_ms = 0;
    party->answer_actor = NULL;
    party->diverged_until_ms = canonical_ms(setting, party->diverged_until_ms, clock);
    if (!setting->reminders) {
        party->answer_by_ms = canonical_ms(setting, party->answer_by_ms, clock);
    }
    if (party->answer_proposal != 0) {
        party->answer_proposal =
            CARD_PROPOSAL - (party->answer_proposal == proposal ? 0 : 1);
    }
}

static void canon_times(const struct setting *setting, struct entente_meeting *meeting,
                        size_t clock)
{
    struct entente_kept *kept = meeting->kept;
    meeting->hold_until_ms = canonical_ms(setting, meeting->hold_until_ms, clock);
    meeting->search_until_ms = canonical_ms(setting, meeting->search_until_ms, clock);
    if (meeting->proposal != NULL) {
        meeting->proposal->answer_by_ms =
            canonical_ms(setting, meeting->proposal->answer_by_ms, clock);
    }
    /* Only reminders depend on them. */
    kept->reminded_ms = 0;
    kept->organizer_asked_ms = 0;
    kept->asked_ms_count = 0;
}

static int compare_notes(const void *a, const void *b)
{
    const struct entente_owner_note *one = a;
    const struct entente_owner_note *two = b;
    return (one->party > two->party) - (one->party < two->party);
}

/* Found by their party, whichever comes first.  What its owner no longer knows, and whose
 * agenda it was that no longer diverges, is as if it had never been written. */
static void canon_notes(const struct setting *setting, struct entente_meeting *meeting,
                        size_t clock)
{
    struct entente_kept *kept = meeting->kept;
    size_t left = 0;
    for (size_t i = 0; i < kept->notes_count; i++) {
        struct entente_owner_note note = kept->notes[i];
        if (meeting->spec->parties[note.party].diverged == 0) {
            note.client = 0;
        }
        if (note.known_until_ms != 0 &&
            note.known_until_ms <= world_now_ms(setting, clock)) {
            note.known_start = 0;
            note.known_until_ms = 0;
        }
        note.known_until_ms = canonical_ms(setting, note.known_until_ms, clock);
        if (note.also_known_until_ms != 0 &&
            note.also_known_until_ms <= world_now_ms(setting, clock)) {
            note.also_known_start = 0;
            note.also_known_until_ms = 0;
        }
        note.also_known_until_ms =
            canonical_ms(setting, note.also_known_until_ms, clock);
        /* It is asked for only beside what is known. */
        if (note.gone_start != note.known_start &&
            note.gone_start != note.also_known_start) {
            note.gone_start = 0;
        }
        if (note.client != 0 || note.known_start != 0 || note.also_known_start != 0 ||
            note.gone_start != 0 || note.withdrew != 0) {
            kept->notes[left++] = note;
        }
    }
    kept->notes_count = left;
    if (left > 1) {
        qsort(kept->notes, left, sizeof(kept->notes[0]), compare_notes);
    }
}

static void canon_kept(struct entente_kept *kept)
{
    /* A set: which of them came first is of no matter. */
    if (kept->refused_starts_count > 1) {
        qsort(kept->refused_starts, kept->refused_starts_count,
              sizeof(*kept->refused_starts), compare_starts);
    }
    kept->firm_version = kept->firm_version == 0 ? 0 : FIRM_VERSION;
    /* Who sees which number decides of nothing but of what is stale. */
    kept->open_version = 0;
    kept->open_updated_ms = 0;
    kept->own_versions_count = 0;
}

void canon(const struct setting *setting, struct entente_meeting *meeting,
           size_t number, size_t clock)
{
    uint32_t proposal = meeting->proposal == NULL ? 0 : meeting->proposal->number;
    uint32_t spent = LIMIT_ROUNDS - setting->rounds;
    meeting->id = (struct entente_bytes){.data = world_id(number), .size = 16};
    meeting->version = CARD_VERSION;
    meeting->created_ms = 0;
    meeting->updated_ms = 0;
    meeting->last_event = NULL;
    meeting->last_actor = NULL;
    meeting->alternatives_count = 0;
    meeting->why_not = NULL;
    meeting->results_count = 0;
    /* Beyond the bound, where only the organizer may still propose, it counts no more. */
    meeting->rounds = meeting->rounds < spent ? spent : meeting->rounds;
    meeting->rounds = meeting->rounds > LIMIT_ROUNDS ? LIMIT_ROUNDS : meeting->rounds;
    if (!setting->reminders) {
        canon_times(setting, meeting, clock);
    }
    canon_kept(meeting->kept);
    canon_notes(setting, meeting, clock);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        canon_party(setting, &meeting->spec->parties[i], proposal, clock);
    }
    if (meeting->proposal != NULL) {
        meeting->proposal->number = CARD_PROPOSAL;
    }
}
