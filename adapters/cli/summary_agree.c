// SPDX-License-Identifier: Apache-2.0

/*
 * summary_agree.c - how it is being agreed, in sentences: slots that are held together,
 * answers that others have recorded, deadlines, silence, contradictions, series
 */
#include "adapters/cli/summary.h"

#include "adapters/cli/language.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/codec.h"

#include <stdio.h>

enum { ID_TEXT = 37, MS_PER_MINUTE = 60000 };

static const struct entente_party *party_of(const struct entente_meeting *meeting,
                                            size_t index)
{
    return &meeting->spec->parties[index];
}

/* ---- slots that are held together --------------------------------------------------
 */

static uint32_t grade_of(const struct entente_party *party, int32_t start)
{
    for (size_t i = 0; i < party->grades_count; i++) {
        if (party->grades[i].start == start) {
            return party->grades[i].grade;
        }
    }
    return 0;
}

/* "     yes: Anna, Ben" */
static void print_grade(FILE *out, const struct entente_meeting *meeting, int32_t start,
                        enum entente_grade grade)
{
    bool any = false;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = party_of(meeting, i);
        if (!party->dropped && grade_of(party, start) == grade) {
            if (!any) {
                fprintf(out, "     %s: ", term_text(TERM_GRADE, grade));
            }
            fputs(any ? ", " : "", out);
            text_print(out, summary_party(meeting->spec, i));
            any = true;
        }
    }
    fputs(any ? "\n" : "", out);
}

void summary_print_candidates(FILE *out, const struct entente_meeting *meeting)
{
    const struct entente_proposal *proposal = meeting->proposal;
    if (proposal == NULL || proposal->candidates_count == 0) {
        return;
    }
    fputs(_("Held together, until one is chosen:\n"), out);
    for (size_t i = 0; i < proposal->candidates_count; i++) {
        const struct entente_slot *slot = &proposal->candidates[i];
        char when[TIMES_TEXT];
        times_say_span(slot->start, slot->end, meeting->spec->zone, when, sizeof(when));
        fprintf(out, "  %zu. %s", i + 1, when);
        summary_print_option(out, meeting->spec, slot->option);
        fputc('\n', out);
        print_grade(out, meeting, slot->start, ENTENTE_GRADE_YES);
        print_grade(out, meeting, slot->start, ENTENTE_GRADE_IF_NEED_BE);
        print_grade(out, meeting, slot->start, ENTENTE_GRADE_NO);
    }
}

/* ---- what stands out of a party ----------------------------------------------------
 */

static bool is_guest(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = party_of(meeting, index);
    return party->kind == ENTENTE_GUEST && !party->dropped;
}

static bool is_asked(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = party_of(meeting, index);
    return party->asked && party->kind != ENTENTE_GUEST && !party->dropped;
}

static bool is_recorded(const struct entente_meeting *meeting, size_t index)
{
    return party_of(meeting, index)->recorded;
}

static bool accepts_by_silence(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = party_of(meeting, index);
    return party->tacit && party->answer == ENTENTE_ACCEPT;
}

static bool declines_by_silence(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = party_of(meeting, index);
    return party->tacit && party->answer == ENTENTE_DECLINE;
}

static bool is_reminded(const struct entente_meeting *meeting, size_t index)
{
    return party_of(meeting, index)->reminded > 0 && summary_awaits(meeting, index);
}

static bool has_delegated(const struct entente_meeting *meeting, size_t index)
{
    return party_of(meeting, index)->answer == ENTENTE_DELEGATE;
}

static void print_replaced(FILE *out, const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = party_of(meeting, i);
        if (party->replaces != 0) {
            text_print(out, summary_party(meeting->spec, i));
            fputs(_(" in the place of "), out);
            text_print(out, summary_party(meeting->spec, party->replaces - 1));
            fputc('\n', out);
        }
    }
}

/* Those whose own deadline is another one than the proposal's. */
static void print_deadlines(FILE *out, const struct entente_meeting *meeting)
{
    char limit[TIMES_TEXT];
    int64_t usual = meeting->proposal == NULL ? 0 : meeting->proposal->answer_by_ms;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        int64_t own = party_of(meeting, i)->answer_by_ms;
        if (own != 0 && own != usual && summary_awaits(meeting, i)) {
            times_say_span((int32_t)(own / MS_PER_MINUTE), 0, meeting->spec->zone,
                           limit, sizeof(limit));
            text_print(out, summary_party(meeting->spec, i));
            fprintf(out, _(" has until %s.\n"), limit);
        }
    }
}

static void print_contradictions(FILE *out, const struct entente_meeting *meeting)
{
    char limit[TIMES_TEXT];
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = party_of(meeting, i);
        if (party->diverged == 0) {
            continue;
        }
        text_print(out, summary_party(meeting->spec, i));
        fprintf(out, ": %s", term_text(TERM_DIVERGENCE, party->diverged));
        if (party->diverged_until_ms != 0) {
            times_say_span((int32_t)(party->diverged_until_ms / MS_PER_MINUTE), 0,
                           meeting->spec->zone, limit, sizeof(limit));
            fprintf(out, _("; theirs to say what holds until %s"), limit);
        }
        fputc('\n', out);
    }
}

void summary_print_marks(FILE *out, const struct entente_meeting *meeting)
{
    summary_print_parties(out, _("Guests, without an agenda here: "), meeting,
                          is_guest);
    summary_print_parties(out, _("Asked although not known to be free: "), meeting,
                          is_asked);
    summary_print_parties(out, _("Answer recorded by the organizer: "), meeting,
                          is_recorded);
    summary_print_parties(out, _("Accepted by silence: "), meeting, accepts_by_silence);
    summary_print_parties(out, _("Has said no by silence: "), meeting,
                          declines_by_silence);
    summary_print_parties(out, _("Sends somebody else: "), meeting, has_delegated);
    summary_print_parties(out, _("Reminded: "), meeting, is_reminded);
    print_replaced(out, meeting);
    print_deadlines(out, meeting);
    print_contradictions(out, meeting);
}

void summary_print_series(FILE *out, const struct entente_meeting *meeting)
{
    char id[ID_TEXT] = "?";
    const struct entente_series *series = meeting->series;
    if (series == NULL) {
        return;
    }
    if (series->id.size == 16) {
        codec_format_id(series->id, id);
    }
    fprintf(out, _("Meeting %u of %u of the series %s.\n"), (unsigned)series->index + 1,
            (unsigned)series->count, id);
    for (size_t i = 0; i < series->conflicts_count; i++) {
        fprintf(out, "%s%u", i == 0 ? _("Not at the common time: meeting ") : ", ",
                (unsigned)series->conflicts[i] + 1);
    }
    fputs(series->conflicts_count > 0 ? "\n" : "", out);
}
