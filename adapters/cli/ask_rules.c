// SPDX-License-Identifier: Apache-2.0

/*
 * ask_rules.c - how it is agreed: the decision rule, silence, reminders, who comes before
 * others, and meetings that follow each other
 */
#include "adapters/cli/ask_private.h"

#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/times.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <string.h>

/* "Dr Morel, 01 23 45 67 89": somebody who is known by that alone. */
bool ask_guest(struct link *link, enum word word, const char *text,
               struct entente_party *ret_party)
{
    char *name = arena_text(&link->arena, text);
    char *comma = name == NULL ? NULL : strchr(name, ',');
    const char *contact = comma == NULL ? "" : comma + 1 + strspn(comma + 1, " ");
    if (comma == NULL || comma == name || *contact == '\0') {
        words_complain(link->words, word, text,
                       _("a name and a contact are needed, as \"Dr Morel, 01 23 45 67 "
                         "89\""));
        return false;
    }
    *comma = '\0';
    *ret_party = (struct entente_party){.kind = ENTENTE_GUEST,
                                        .importance = ENTENTE_INDISPENSABLE,
                                        .name = name,
                                        .contact = contact,
                                        .ask_if_unknown = true};
    return true;
}

/* A guest is named by what the meeting knows of them. */
static bool is_meant(const struct entente_party *party,
                     const struct entente_identifier *who)
{
    if (party->kind == ENTENTE_GUEST && strcmp(who->system, IDENTIFIER_GUEST) == 0) {
        return strcmp(party->name, who->value) == 0 ||
               strcmp(party->contact, who->value) == 0;
    }
    return party->identifier != NULL &&
           strcmp(party->identifier->system, who->system) == 0 &&
           strcmp(party->identifier->value, who->value) == 0;
}

/* "ID=VALUE" is about one party, "VALUE" about the whole meeting (*@ret_party NULL). */
static const char *take_party(struct link *link, struct entente_spec *spec,
                              enum word word, const char *text,
                              struct entente_party **ret_party)
{
    char *copy = arena_text(&link->arena, text);
    char *equals = copy == NULL ? NULL : strrchr(copy, '=');
    *ret_party = NULL;
    if (equals == NULL) {
        return copy;
    }
    *equals = '\0';
    const struct entente_identifier *who = link_identifier(link, word, copy);
    if (who == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        if (is_meant(&spec->parties[i], who)) {
            *ret_party = &spec->parties[i];
            return equals + 1;
        }
    }
    words_complain(link->words, word, text,
                   _("that person is no party of the request"));
    return NULL;
}

static bool ask_silence(struct link *link, struct entente_spec *spec)
{
    const char *text;
    for (size_t i = 0; (text = words_each(link->words, WORD_SILENCE, i)) != NULL; i++) {
        struct entente_party *party = NULL;
        const char *code = take_party(link, spec, WORD_SILENCE, text, &party);
        if (code == NULL) {
            return false;
        }
        if (!term_parse(TERM_SILENCE, code,
                        party == NULL ? &spec->silence : &party->silence)) {
            words_complain(link->words, WORD_SILENCE, text,
                           _("this code is not known; see --help"));
            return false;
        }
    }
    return ask_code(link->words, WORD_PATIENT_SILENCE, TERM_SILENCE,
                    &spec->patient_silence);
}

static bool ask_answer_times(struct link *link, struct entente_spec *spec)
{
    const enum word word = WORD_ANSWER_WITHIN;
    const char *text;
    for (size_t i = 0; (text = words_each(link->words, word, i)) != NULL; i++) {
        struct entente_party *party = NULL;
        const char *length = take_party(link, spec, word, text, &party);
        uint32_t *minutes =
            party == NULL ? &spec->answer_minutes : &party->answer_minutes;
        if (length == NULL) {
            return false;
        }
        if (!times_parse_length(length, minutes) || *minutes == 0) {
            words_complain(link->words, word, text,
                           _("a length is needed, as 60, 90min, 48h, 1h30 or 2d"));
            return false;
        }
    }
    return true;
}

static bool ask_reminders(struct link *link, struct entente_spec *spec)
{
    size_t count = ask_count(link->words, WORD_REMIND);
    if (count == 0) {
        return true;
    }
    spec->reminders = arena_array(&link->arena, count, sizeof(*spec->reminders));
    for (size_t i = 0; spec->reminders != NULL && i < count; i++) {
        const char *text = words_each(link->words, WORD_REMIND, i);
        if (!times_parse_length(text, &spec->reminders[i])) {
            words_complain(link->words, WORD_REMIND, text,
                           _("a length is needed, as 60, 90min, 48h, 1h30 or 2d"));
            return false;
        }
    }
    spec->reminders_count = count;
    return spec->reminders != NULL;
}

bool ask_rules(struct link *link, struct entente_spec *spec)
{
    const struct words *words = link->words;
    return ask_silence(link, spec) && ask_answer_times(link, spec) &&
           ask_reminders(link, spec) &&
           ask_code(words, WORD_RULE, TERM_RULE, &spec->rule) &&
           ask_code(words, WORD_PRIORITY, TERM_PRIORITY, &spec->priority) &&
           ask_code(words, WORD_ON_WITHDRAWAL, TERM_WITHDRAWAL, &spec->on_withdrawal) &&
           ask_number(words, WORD_HOLD, &spec->held_slots);
}

/* ---- meetings that follow each other -----------------------------------------------
 */

/* "1d", "1d..7d", "..7d" */
static bool take_gap(struct link *link, const char *text, struct entente_linked *linked)
{
    char *from = arena_text(&link->arena, text);
    char *dots = from == NULL ? NULL : strstr(from, "..");
    if (dots != NULL) {
        *dots = '\0';
    }
    bool taken = from != NULL && strcmp(text, "..") != 0 &&
                 (from == dots || times_parse_length(from, &linked->min_gap_minutes)) &&
                 (dots == NULL || dots[2] == '\0' ||
                  (times_parse_length(dots + 2, &linked->max_gap_minutes) &&
                   linked->max_gap_minutes != 0));
    if (!taken) {
        words_complain(link->words, WORD_GAP, text,
                       _("the shortest and the longest gap are needed, as 1d..7d"));
    }
    return taken;
}

static bool ask_linked(struct link *link, size_t index, struct entente_linked *linked)
{
    struct entente_spec *spec = arena_alloc(&link->arena, sizeof(*spec));
    struct entente_place *places =
        arena_array(&link->arena, ASK_PLACES_MAX, sizeof(*places));
    const char *gap = words_each(link->words, WORD_GAP, index);
    if (spec == NULL || places == NULL) {
        return false;
    }
    spec->places = places;
    linked->spec = spec;
    return ask_json(link, WORD_THEN, words_each(link->words, WORD_THEN, index), spec) &&
           (gap == NULL || take_gap(link, gap, linked));
}

/* What the first meeting's words say of all, where the file says nothing. */
static void follow(struct entente_spec *spec, const struct entente_spec *first)
{
    spec->organizer = first->organizer;
    spec->rule = spec->rule != 0 ? spec->rule : first->rule;
    spec->silence = spec->silence != 0 ? spec->silence : first->silence;
    spec->priority = spec->priority != 0 ? spec->priority : first->priority;
    spec->patient_silence =
        spec->patient_silence != 0 ? spec->patient_silence : first->patient_silence;
    spec->on_withdrawal =
        spec->on_withdrawal != 0 ? spec->on_withdrawal : first->on_withdrawal;
    spec->answer_minutes =
        spec->answer_minutes != 0 ? spec->answer_minutes : first->answer_minutes;
    if (spec->reminders_count == 0) {
        spec->reminders = first->reminders;
        spec->reminders_count = first->reminders_count;
    }
}

bool ask_sequence(struct link *link, struct entente_request *request)
{
    size_t count = ask_count(link->words, WORD_THEN);
    if (ask_count(link->words, WORD_GAP) > count) {
        say_error(link->words->command, _("--gap stands once for each --then"));
        return false;
    }
    request->sequence = arena_array(&link->arena, count, sizeof(*request->sequence));
    for (size_t i = 0; request->sequence != NULL && i < count; i++) {
        if (!ask_linked(link, i, &request->sequence[i])) {
            return false;
        }
        follow(request->sequence[i].spec, request->spec);
    }
    request->sequence_count = count;
    return request->sequence != NULL;
}
