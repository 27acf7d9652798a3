// SPDX-License-Identifier: Apache-2.0

/*
 * summary_slots.c - slots in sentences: who comes, how, who does not and why, and what
 * could be asked for instead
 */
#include "adapters/cli/summary.h"

#include "adapters/cli/language.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/identifier.h"

#include <stdio.h>

enum { MINUTES_PER_DAY = 1440 };

/* "by video", "on site, Lyon" */
static void print_way(FILE *out, uint32_t modality, const char *place)
{
    fputs(modality == 0 ? _("in any way") : term_text(TERM_MODALITY, modality), out);
    if (place != NULL) {
        fputs(", ", out);
        text_print(out, place);
    }
}

void summary_print_option(FILE *out, const struct entente_spec *spec, uint32_t option)
{
    if (option >= spec->options_count) {
        return;
    }
    fputs(" (", out);
    print_way(out, spec->options[option].modality, spec->options[option].place);
    fputc(')', out);
}

struct entente_identifier summary_member(const struct entente_party *party,
                                         size_t index)
{
    if (index < party->members_count) {
        return party->members[index];
    }
    if (index < party->member_values_count) {
        return (struct entente_identifier){.system = party->member_system,
                                           .value = party->member_values[index]};
    }
    return (struct entente_identifier){.system = "?", .value = "?"};
}

/* "Nurses: idnps:1, idnps:7" */
static void print_chosen(FILE *out, const struct entente_chosen *chosen,
                         const struct entente_spec *spec)
{
    if (chosen->party >= spec->parties_count) {
        return;
    }
    const struct entente_party *party = &spec->parties[chosen->party];
    fputs("     ", out);
    text_print(out, summary_party(spec, chosen->party));
    for (size_t i = 0; i < chosen->members_count; i++) {
        char text[IDENTIFIER_TEXT];
        struct entente_identifier member = summary_member(party, chosen->members[i]);
        identifier_short(member.system, member.value, text, sizeof(text));
        fputs(i == 0 ? ": " : ", ", out);
        text_print(out, text);
    }
    fputc('\n', out);
}

static void print_absent(FILE *out, const struct entente_slot *slot,
                         const struct entente_spec *spec)
{
    for (size_t i = 0; i < slot->absent_count; i++) {
        fputs("     ", out);
        text_print(out, summary_party(spec, slot->absent[i].party));
        fprintf(out, " %s\n", term_text(TERM_ABSENCE, slot->absent[i].absence));
    }
}

static void print_asked(FILE *out, const struct entente_slot *slot,
                        const struct entente_spec *spec)
{
    for (size_t i = 0; i < slot->asked_count; i++) {
        fputs("     ", out);
        text_print(out, summary_party(spec, slot->asked[i]));
        fprintf(out, " %s\n", _("is asked; nobody knows whether they are free"));
    }
}

bool summary_attends(const struct entente_slot *slot, const struct entente_spec *spec,
                     size_t party)
{
    if (spec->parties[party].dropped) {
        return false;
    }
    for (size_t i = 0; i < slot->absent_count; i++) {
        if (slot->absent[i].party == party) {
            return false;
        }
    }
    return true;
}

static void print_attending(FILE *out, const struct entente_slot *slot,
                            const struct entente_spec *spec)
{
    bool any = false;
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (summary_attends(slot, spec, i) && spec->parties[i].kind != ENTENTE_POOL) {
            fputs(any ? ", " : _("     with "), out);
            text_print(out, summary_party(spec, i));
            any = true;
        }
    }
    fputs(any ? "\n" : "", out);
}

void summary_print_slots(FILE *out, const struct entente_slot *slots, size_t count,
                         const struct entente_spec *spec)
{
    char when[TIMES_TEXT];
    for (size_t i = 0; i < count; i++) {
        const struct entente_slot *slot = &slots[i];
        times_say_span(slot->start, slot->end, spec->zone, when, sizeof(when));
        fprintf(out, "  %zu. %s", i + 1, when);
        summary_print_option(out, spec, slot->option);
        fputc('\n', out);
        print_attending(out, slot, spec);
        for (size_t j = 0; j < slot->chosen_count; j++) {
            print_chosen(out, &slot->chosen[j], spec);
        }
        print_asked(out, slot, spec);
        print_absent(out, slot, spec);
        for (size_t j = 0; j < slot->again_count; j++) {
            times_say_span(slot->again[j], slot->again[j] + slot->end - slot->start,
                           spec->zone, when, sizeof(when));
            fprintf(out, _("     again %s"), when);
            fputc('\n', out);
        }
    }
}

static void print_blame(FILE *out, const struct entente_blame *blame,
                        const struct entente_spec *spec, uint32_t candidates)
{
    const char *const labels[] = {N_("busy at"), N_("not offered at"), N_("unknown at"),
                                  N_("too far away at")};
    const uint32_t counts[] = {blame->busy, blame->not_offered, blame->unknown,
                               blame->too_far};
    bool any = false;
    fputs("  ", out);
    text_print(out, summary_party(spec, blame->party));
    fputs(": ", out);
    if (blame->unknown == candidates) {
        fprintf(out, "%s\n", _("nothing is known of this agenda then"));
        return;
    }
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (counts[i] > 0) {
            fprintf(out, "%s%s %u", any ? ", " : "", gettext(labels[i]),
                    (unsigned)counts[i]);
            any = true;
        }
    }
    fprintf(out, _(" of %u starts\n"), (unsigned)candidates);
}

/* What would be asked for; a kind that is not known here says nothing. */
static bool print_change(FILE *out, const struct entente_relaxation *relaxation,
                         const struct entente_spec *spec)
{
    switch ((enum entente_relaxation_kind)relaxation->kind) {
    case ENTENTE_OTHER_OPTION:
        print_way(out, relaxation->modality, relaxation->place);
        return true;
    case ENTENTE_SHORTER:
        fprintf(out, _("shorter by %u min"), (unsigned)relaxation->minutes);
        return true;
    case ENTENTE_WIDER:
        fprintf(out, _("days added at the end: %u"),
                (unsigned)(relaxation->minutes / MINUTES_PER_DAY));
        return true;
    case ENTENTE_WITHOUT_ONE:
        fputs(_("without "), out);
        text_print(out, summary_party(spec, relaxation->party));
        return true;
    case ENTENTE_SMALLER_POOL:
        fprintf(out, _("with only %u of "), (unsigned)relaxation->needed);
        text_print(out, summary_party(spec, relaxation->party));
        return true;
    case ENTENTE_SMALLER_QUORUM:
        fprintf(out, _("with a quorum of %u"), (unsigned)relaxation->needed);
        return true;
    }
    return false;
}

static void print_relaxations(FILE *out, const struct entente_why_not *why_not,
                              const struct entente_spec *spec)
{
    char when[TIMES_TEXT];
    if (why_not->relaxations_count > 0) {
        fputs(_("What would help:\n"), out);
    }
    for (size_t i = 0; i < why_not->relaxations_count; i++) {
        const struct entente_relaxation *relaxation = &why_not->relaxations[i];
        times_say_span(relaxation->first, 0, spec->zone, when, sizeof(when));
        fputs("  ", out);
        if (print_change(out, relaxation, spec)) {
            if (relaxation->feasible == 1) {
                fprintf(out, _(": one start, %s"), when);
            } else {
                fprintf(out, _(": %u starts, the first %s"),
                        (unsigned)relaxation->feasible, when);
            }
        }
        fputc('\n', out);
    }
}

void summary_print_why_not(FILE *out, const struct entente_why_not *why_not,
                           const struct entente_spec *spec)
{
    if (why_not->too_large) {
        fputs(
            _("The request is too large to say why at once; entente search says it.\n"),
            out);
        return;
    }
    if (why_not->candidates == 0) {
        fputs(_("No start lies inside what was asked for.\n"), out);
        print_relaxations(out, why_not, spec);
        return;
    }
    fprintf(out, _("%u of %u possible starts suit everybody.\n"),
            (unsigned)why_not->feasible, (unsigned)why_not->candidates);
    if (why_not->quorum_blocks) {
        fputs(_("All who must come could, but then too few people are present.\n"),
              out);
    }
    if (why_not->blocking_count > 0) {
        fputs(why_not->blocking_is_exact ? _("The least that stands in the way: ")
                                         : _("It is blocked by, among others: "),
              out);
        for (size_t i = 0; i < why_not->blocking_count; i++) {
            fputs(i == 0 ? "" : ", ", out);
            text_print(out, summary_party(spec, why_not->blocking[i]));
        }
        fputc('\n', out);
    }
    for (size_t i = 0; i < why_not->blame_count; i++) {
        const struct entente_blame *blame = &why_not->blame[i];
        if (blame->busy + blame->unknown + blame->not_offered + blame->too_far > 0) {
            print_blame(out, blame, spec, why_not->candidates);
        }
    }
    print_relaxations(out, why_not, spec);
}
