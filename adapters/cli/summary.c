// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/summary.h"

#include "adapters/cli/language.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/codec.h"
#include "proto/identifier.h"

#include <stdio.h>

enum { ID_TEXT = 37, MS_PER_MINUTE = 60000, BUFFERS = 8 };

/* ---- parties -----------------------------------------------------------------------
 */

const char *summary_party(const struct entente_spec *spec, size_t index)
{
    static char texts[BUFFERS][IDENTIFIER_TEXT];
    static size_t next;
    char *text = texts[next++ % BUFFERS];
    const struct entente_party *party =
        index < spec->parties_count ? &spec->parties[index] : NULL;
    if (party != NULL && party->name != NULL) {
        snprintf(text, sizeof(texts[0]), "%s", party->name);
    } else if (party != NULL && party->identifier != NULL) {
        identifier_short(party->identifier->system, party->identifier->value, text,
                         sizeof(texts[0]));
    } else {
        snprintf(text, sizeof(texts[0]), _("party %zu"), index + 1);
    }
    return text;
}

static bool has_a_say(const struct entente_spec *spec,
                      const struct entente_party *party)
{
    bool patients_side =
        party->kind == ENTENTE_PATIENT || party->kind == ENTENTE_REPRESENTATIVE;
    return party->asked || party->kind == ENTENTE_PROFESSIONAL ||
           (patients_side && spec->patient_must_accept);
}

bool summary_awaits(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = &meeting->spec->parties[index];
    const struct entente_proposal *proposal = meeting->proposal;
    bool open = meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING;
    bool accepted = proposal != NULL && party->answer == ENTENTE_ACCEPT &&
                    party->answer_proposal == proposal->number;
    return open && !party->dropped && party->attends && !accepted &&
           has_a_say(meeting->spec, party);
}

void summary_print_parties(FILE *out, const char *label,
                           const struct entente_meeting *meeting,
                           bool (*is_one)(const struct entente_meeting *, size_t))
{
    bool any = false;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (is_one(meeting, i)) {
            fprintf(out, "%s", any ? ", " : label);
            text_print(out, summary_party(meeting->spec, i));
            any = true;
        }
    }
    if (any) {
        fputc('\n', out);
    }
}

static bool has_accepted(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = &meeting->spec->parties[index];
    return !party->dropped && party->answer == ENTENTE_ACCEPT &&
           !summary_awaits(meeting, index);
}

static bool has_asked_for_another(const struct entente_meeting *meeting, size_t index)
{
    return meeting->spec->parties[index].answer == ENTENTE_SHIFT;
}

static bool is_out(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = &meeting->spec->parties[index];
    return party->dropped || party->answer == ENTENTE_DECLINE;
}

/* Nobody waits for them any more, and they have said nothing. */
static bool has_been_silent(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = &meeting->spec->parties[index];
    bool late = meeting->state == ENTENTE_WAITING_ORGANIZER ||
                meeting->state == ENTENTE_EXPIRED;
    return late && meeting->proposal != NULL && !party->dropped && party->attends &&
           party->answer == 0 && has_a_say(meeting->spec, party);
}

/* Who stays away, and why, where that is known to the reader. */
static void print_absent(FILE *out, const struct entente_meeting *meeting)
{
    bool any = false;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (!is_out(meeting, i)) {
            continue;
        }
        fputs(any ? ", " : _("Does not come: "), out);
        text_print(out, summary_party(meeting->spec, i));
        if (party->answer_reason != 0) {
            fprintf(out, " (%s)", term_text(TERM_REASON, party->answer_reason));
        }
        any = true;
    }
    if (any) {
        fputc('\n', out);
    }
}

/* ---- the meeting -------------------------------------------------------------------
 */

static void print_when(FILE *out, const struct entente_meeting *meeting)
{
    char when[TIMES_TEXT];
    char limit[TIMES_TEXT];
    const char *zone = meeting->spec->zone;
    const struct entente_proposal *proposal = meeting->proposal;
    bool open = meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING;
    if (meeting->confirmed != NULL) {
        times_say_span(meeting->confirmed->start, meeting->confirmed->end, zone, when,
                       sizeof(when));
        fprintf(out, _("Agreed: %s"), when);
        summary_print_option(out, meeting->spec, meeting->confirmed_option);
        fputc('\n', out);
    }
    if (proposal != NULL && (open || meeting->state == ENTENTE_WAITING_ORGANIZER)) {
        times_say_span(proposal->start, proposal->end, zone, when, sizeof(when));
        fprintf(out, _("Proposal %u: %s"), (unsigned)proposal->number, when);
        summary_print_option(out, meeting->spec, proposal->option);
        fputc('\n', out);
    }
    if (proposal != NULL && open && proposal->answer_by_ms != 0) {
        times_say_span((int32_t)(proposal->answer_by_ms / MS_PER_MINUTE), 0, zone,
                       limit, sizeof(limit));
        fprintf(out, _("Answers are awaited until %s.\n"), limit);
    }
    if (meeting->state == ENTENTE_SEARCHING && meeting->search_until_ms != 0) {
        times_say_span((int32_t)(meeting->search_until_ms / MS_PER_MINUTE), 0, zone,
                       limit, sizeof(limit));
        fprintf(out, _("The search goes on until %s.\n"), limit);
    }
    if (meeting->state == ENTENTE_WAITING_ORGANIZER && meeting->hold_until_ms != 0) {
        times_say_span((int32_t)(meeting->hold_until_ms / MS_PER_MINUTE), 0, zone,
                       limit, sizeof(limit));
        fprintf(out, _("The time is held until %s.\n"), limit);
    }
}

static void print_results(FILE *out, const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->results_count; i++) {
        const struct entente_result *result = &meeting->results[i];
        fputs("  ", out);
        text_print(out, result->client);
        if (result->source != NULL) {
            fputs(" / ", out);
            text_print(out, result->source);
        }
        fprintf(out, ": %s", term_text(TERM_RESULT, result->kind));
        if (result->version != meeting->version) {
            fprintf(out, _(" (version %u)"), (unsigned)result->version);
        }
        if (result->reason != 0) {
            fprintf(out, ", %s", term_text(TERM_REASON, result->reason));
        }
        if (result->comment != NULL) {
            fputs(": ", out);
            text_print(out, result->comment);
        }
        fputc('\n', out);
    }
}

static void print_about(FILE *out, const struct entente_meeting *meeting)
{
    const struct entente_spec *spec = meeting->spec;
    const char *labels[] = {_("Title: "), _("Reason: "), _("Place: "), _("Link: ")};
    const char *texts[] = {spec->title, spec->reason, spec->place, spec->link};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i] != NULL) {
            fputs(labels[i], out);
            text_print(out, texts[i]);
            fputc('\n', out);
        }
    }
}

void summary_print(FILE *out, const struct entente_meeting *meeting)
{
    char id[ID_TEXT] = "?";
    if (meeting->id.size == 16) {
        codec_format_id(meeting->id, id);
    }
    fprintf(out, _("Meeting %s is %s (version %u"), id,
            term_text(TERM_STATE, meeting->state), (unsigned)meeting->version);
    if (meeting->reason != 0) {
        fprintf(out, ", %s", term_text(TERM_REASON, meeting->reason));
    }
    fputs(").\n", out);
    print_about(out, meeting);
    summary_print_series(out, meeting);
    print_when(out, meeting);
    summary_print_candidates(out, meeting);
    summary_print_parties(out, _("Accepted: "), meeting, has_accepted);
    summary_print_parties(out, _("Asked for another time: "), meeting,
                          has_asked_for_another);
    summary_print_parties(out, _("Still awaited: "), meeting, summary_awaits);
    summary_print_parties(out, _("Has not answered: "), meeting, has_been_silent);
    print_absent(out, meeting);
    summary_print_marks(out, meeting);
    if (meeting->alternatives_count > 0) {
        fputs(_("Times that would suit everybody:\n"), out);
        summary_print_slots(out, meeting->alternatives, meeting->alternatives_count,
                            meeting->spec);
    }
    if (meeting->why_not != NULL) {
        summary_print_why_not(out, meeting->why_not, meeting->spec);
    }
    print_results(out, meeting);
}

struct entente_span summary_time(const struct entente_meeting *meeting)
{
    if (meeting->proposal != NULL && meeting->state != ENTENTE_CONFIRMED) {
        return (struct entente_span){meeting->proposal->start, meeting->proposal->end};
    }
    return meeting->confirmed != NULL ? *meeting->confirmed : (struct entente_span){0};
}

void summary_print_line(FILE *out, const struct entente_meeting *meeting)
{
    char id[ID_TEXT] = "?";
    char when[TIMES_TEXT] = "";
    const char *zone =
        meeting->spec->zone == NULL ? "Europe/Paris" : meeting->spec->zone;
    if (meeting->id.size == 16) {
        codec_format_id(meeting->id, id);
    }
    const struct entente_span time = summary_time(meeting);
    if (time.end != 0) {
        times_say_span(time.start, time.end, zone, when, sizeof(when));
    }
    fprintf(out, "%s  ", id);
    text_print_column(out, term_text(TERM_STATE, meeting->state), 26);
    text_print_column(out, when, 44);
    text_print(out, meeting->spec->title);
    fputc('\n', out);
}
