// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/ask.h"

#include "adapters/cli/ask_private.h"
#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/times.h"
#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_DURATION_MINUTES = 60 };

/* ---- single words ------------------------------------------------------------------
 */

bool ask_number(const struct words *words, enum word word, uint32_t *ret)
{
    const char *text = words_text(words, word);
    char *end;
    if (text == NULL) {
        return true;
    }
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > INT32_MAX) {
        words_complain(words, word, text, _("a number from 1 on is needed"));
        return false;
    }
    *ret = (uint32_t)number;
    return true;
}

bool ask_length(const struct words *words, enum word word, uint32_t *ret_minutes)
{
    const char *text = words_text(words, word);
    bool may_be_none = word == WORD_SEARCH_FOR || word == WORD_NOTICE;
    if (text != NULL && (!times_parse_length(text, ret_minutes) ||
                         (*ret_minutes == 0 && !may_be_none))) {
        words_complain(words, word, text,
                       _("a length is needed, as 60, 90min, 48h, 1h30 or 2d"));
        return false;
    }
    return true;
}

static bool take_time(const struct words *words, enum word word, const char *text,
                      const char *zone, int32_t *ret)
{
    if (!times_parse(text, zone, ret)) {
        const char *trouble = times_trouble(text, zone);
        words_complain(words, word, text,
                       trouble != NULL ? trouble
                                       : _("a time is needed, as 2026-11-24T14:00, "
                                           "from 2020 to 2100"));
        return false;
    }
    return true;
}

bool ask_time(const struct words *words, enum word word, const char *zone, int32_t *ret)
{
    const char *text = words_text(words, word);
    return text == NULL || take_time(words, word, text, zone, ret);
}

bool ask_code(const struct words *words, enum word word, enum term_kind kind,
              uint32_t *ret)
{
    const char *text = words_text(words, word);
    if (text != NULL && !term_parse(kind, text, ret)) {
        words_complain(words, word, text, _("this code is not known; see --help"));
        return false;
    }
    return true;
}

size_t ask_count(const struct words *words, enum word word)
{
    size_t count = 0;
    while (words_each(words, word, count) != NULL) {
        count++;
    }
    return count;
}

/* times_trouble() of the start of a span, or of its end. */
static const char *trouble_of_span(const char *text, const char *zone)
{
    char from[64];
    const char *slash = strchr(text, '/');
    if (slash == NULL) {
        return NULL;
    }
    snprintf(from, sizeof(from), "%.*s", (int)(slash - text), text);
    const char *trouble = times_trouble(from, zone);
    return trouble != NULL ? trouble : times_trouble(slash + 1, zone);
}

bool ask_spans(struct link *link, enum word word, const char *zone,
               struct entente_span **ret_spans, size_t *ret_count)
{
    size_t count = ask_count(link->words, word);
    struct entente_span *spans =
        arena_array(&link->arena, count + 1, sizeof(*spans)); /* and --from/--to */
    for (size_t i = 0; spans != NULL && i < count; i++) {
        const char *text = words_each(link->words, word, i);
        if (!times_parse_span(text, zone, &spans[i])) {
            const char *trouble = trouble_of_span(text, zone);
            words_complain(link->words, word, text,
                           trouble != NULL
                               ? trouble
                               : _("two times are needed, as "
                                   "2026-11-24T14:00/2026-11-24T18:00, the first one "
                                   "earlier"));
            return false;
        }
    }
    *ret_spans = spans;
    *ret_count = count;
    return spans != NULL;
}

/* ---- when --------------------------------------------------------------------------
 */

static bool ask_windows(struct link *link, struct entente_spec *spec)
{
    const struct words *words = link->words;
    struct entente_span window = {0, 0};
    if (!ask_spans(link, WORD_WINDOW, spec->zone, &spec->windows,
                   &spec->windows_count) ||
        !ask_time(words, WORD_FROM, spec->zone, &window.start) ||
        !ask_time(words, WORD_TO, spec->zone, &window.end)) {
        return false;
    }
    if (words_has(words, WORD_FROM) != words_has(words, WORD_TO) ||
        (words_has(words, WORD_FROM) && window.start >= window.end)) {
        say_error(words->command, _("--from and --to belong together, --from earlier"));
        return false;
    }
    if (words_has(words, WORD_FROM)) {
        spec->windows[spec->windows_count++] = window;
    }
    return true;
}

bool ask_picked(struct link *link, const char *zone, int32_t **ret_picked,
                size_t *ret_count)
{
    size_t count = ask_count(link->words, WORD_PICK);
    int32_t *picked = arena_array(&link->arena, count, sizeof(*picked));
    for (size_t i = 0; picked != NULL && i < count; i++) {
        if (!take_time(link->words, WORD_PICK, words_each(link->words, WORD_PICK, i),
                       zone, &picked[i])) {
            return false;
        }
    }
    *ret_picked = picked;
    *ret_count = count;
    return picked != NULL;
}

static bool ask_rhythm(struct link *link, struct entente_spec *spec)
{
    const struct words *words = link->words;
    const char *days = words_text(words, WORD_WEEKDAYS);
    size_t count = ask_count(words, WORD_HOURS);
    if (days != NULL && !times_parse_weekdays(days, &spec->weekdays)) {
        words_complain(words, WORD_WEEKDAYS, days,
                       _("days are needed, as mon-fri or mon,wed,fri"));
        return false;
    }
    spec->times_of_day = arena_array(&link->arena, count, sizeof(*spec->times_of_day));
    for (size_t i = 0; spec->times_of_day != NULL && i < count; i++) {
        const char *hours = words_each(words, WORD_HOURS, i);
        if (!times_parse_hours(hours, &spec->times_of_day[i])) {
            words_complain(words, WORD_HOURS, hours,
                           _("times of day are needed, as 08:00-19:00"));
            return false;
        }
    }
    spec->times_of_day_count = count;
    return spec->times_of_day != NULL &&
           ask_length(words, WORD_NOTICE, &spec->notice_minutes) &&
           ask_length(words, WORD_GRID, &spec->grid_minutes) &&
           ask_time(words, WORD_TARGET, spec->zone, &spec->target);
}

/* 0 means at once: a deadline that has passed already. */
static bool ask_deadlines(struct link *link, struct entente_spec *spec)
{
    if (!ask_length(link->words, WORD_SEARCH_FOR, &link->search_minutes)) {
        return false;
    }
    if (words_has(link->words, WORD_SEARCH_FOR) && link->search_minutes == 0) {
        spec->search_until_ms = 1;
    }
    return true;
}

static bool ask_when(struct link *link, struct entente_spec *spec)
{
    const char *zone = words_text(link->words, WORD_ZONE);
    spec->zone = zone == NULL ? "Europe/Paris" : zone;
    if (!zone_known(spec->zone)) {
        words_complain(link->words, WORD_ZONE, zone, _("this zone is not known"));
        return false;
    }
    spec->duration_minutes = DEFAULT_DURATION_MINUTES;
    return ask_length(link->words, WORD_FOR, &spec->duration_minutes) &&
           ask_windows(link, spec) &&
           ask_picked(link, spec->zone, &spec->picked, &spec->picked_count) &&
           ask_rhythm(link, spec) && ask_deadlines(link, spec);
}

/* ---- who ---------------------------------------------------------------------------
 */

static bool add_parties(struct link *link, struct entente_spec *spec, enum word word,
                        const struct entente_party *like)
{
    const char *text;
    for (size_t i = 0; (text = words_each(link->words, word, i)) != NULL; i++) {
        struct entente_party *party = &spec->parties[spec->parties_count];
        *party = *like;
        party->identifier = link_identifier(link, word, text);
        if (party->identifier == NULL) {
            return false;
        }
        spec->parties_count++;
    }
    return true;
}

static bool add_pools(struct link *link, struct entente_spec *spec, enum word word)
{
    const char *text;
    for (size_t i = 0; (text = words_each(link->words, word, i)) != NULL; i++) {
        if (!ask_pool(link, word, text, &spec->parties[spec->parties_count])) {
            return false;
        }
        spec->parties_count++;
    }
    return true;
}

static bool add_guests(struct link *link, struct entente_spec *spec, enum word word,
                       enum entente_importance importance)
{
    const char *text;
    for (size_t i = 0; (text = words_each(link->words, word, i)) != NULL; i++) {
        struct entente_party *party = &spec->parties[spec->parties_count];
        if (!ask_guest(link, word, text, party)) {
            return false;
        }
        party->importance = importance;
        spec->parties_count++;
    }
    return true;
}

static bool ask_patient(struct link *link, struct entente_spec *spec)
{
    const struct words *words = link->words;
    const char *patient = words_text(words, WORD_PATIENT);
    const char *subject = words_text(words, WORD_SUBJECT);
    bool patient_comes = patient != NULL;
    if (subject == NULL) {
        subject = patient;
    }
    if (subject != NULL) {
        spec->subject =
            link_identifier(link, patient_comes ? WORD_PATIENT : WORD_SUBJECT, subject);
        if (spec->subject == NULL) {
            return false;
        }
    }
    if (patient_comes) {
        spec->patient_presence = ENTENTE_HARD;
    }
    spec->patient_must_accept = words_has(words, WORD_PATIENT_MUST_ACCEPT);
    return ask_code(words, WORD_PATIENT_PRESENCE, TERM_PRESENCE,
                    &spec->patient_presence);
}

static bool ask_who(struct link *link, struct entente_spec *spec)
{
    struct entente_party like = {.kind = ENTENTE_PROFESSIONAL,
                                 .importance = ENTENTE_INDISPENSABLE};
    spec->parties = arena_array(&link->arena, WORDS_MAX, sizeof(*spec->parties));
    if (spec->parties == NULL || !ask_patient(link, spec) ||
        !add_parties(link, spec, WORD_PARTY, &like)) {
        return false;
    }
    like.ask_if_unknown = true;
    if (!add_parties(link, spec, WORD_ASK, &like)) {
        return false;
    }
    like.ask_if_unknown = false;
    like.importance = ENTENTE_OPTIONAL;
    if (!add_parties(link, spec, WORD_OPTIONAL, &like)) {
        return false;
    }
    like = (struct entente_party){.kind = ENTENTE_PATIENT};
    if (!add_parties(link, spec, WORD_PATIENT, &like)) {
        return false;
    }
    like = (struct entente_party){.kind = ENTENTE_REPRESENTATIVE,
                                  .importance = ENTENTE_INDISPENSABLE,
                                  .represents = spec->subject};
    if (!add_parties(link, spec, WORD_REPRESENTATIVE, &like)) {
        return false;
    }
    like = (struct entente_party){.kind = ENTENTE_RESOURCE,
                                  .importance = ENTENTE_INDISPENSABLE};
    return add_parties(link, spec, WORD_RESOURCE, &like) &&
           add_pools(link, spec, WORD_POOL) &&
           add_pools(link, spec, WORD_OPTIONAL_POOL) &&
           add_guests(link, spec, WORD_GUEST, ENTENTE_INDISPENSABLE) &&
           add_guests(link, spec, WORD_OPTIONAL_GUEST, ENTENTE_OPTIONAL);
}

/* ---- what and where ----------------------------------------------------------------
 */

/* "Room 3, 12 rue de la Paix": the name is the key, the rest the address. */
static bool ask_place(struct link *link, struct entente_spec *spec)
{
    const char *text = words_text(link->words, WORD_PLACE);
    if (text == NULL) {
        return true;
    }
    struct entente_place *place = spec->places;
    char *name = arena_text(&link->arena, text);
    if (name == NULL) {
        return false;
    }
    char *comma = strchr(name, ',');
    if (comma != NULL) {
        *comma = '\0';
        place->address = comma + 1 + strspn(comma + 1, " ");
    }
    place->key = name;
    place->label = name;
    spec->places_count = 1;
    spec->place = name;
    return true;
}

static bool ask_what(struct link *link, struct entente_spec *spec)
{
    const struct words *words = link->words;
    spec->title = words_text(words, WORD_TITLE);
    spec->reason = words_text(words, WORD_REASON);
    spec->link = words_text(words, WORD_LINK);
    return ask_code(words, WORD_NATURE, TERM_NATURE, &spec->nature) &&
           ask_code(words, WORD_MODALITY, TERM_MODALITY, &spec->modality) &&
           ask_place(link, spec);
}

/* A whole specification; beside it only what it cannot say. */
static bool ask_file(struct link *link, const char *file, struct entente_spec *spec)
{
    static const enum word allowed[] = {
        WORD_SPEC,
        WORD_AS,
        WORD_ON_BEHALF_OF,
        WORD_STRUCTURE,
        WORD_CLIENT,
        WORD_TITLE,
        WORD_REASON,
        WORD_NATURE,
        WORD_LINK,
        WORD_TIMEOUT,
        WORD_SLOTS,
        WORD_SEARCH_FOR,
        WORD_JSON,
        WORD_NEAR,
        WORD_EXPLAIN,
        WORD_SUBJECT,
        WORD_ANSWER_WITHIN,
        WORD_PATIENT_MUST_ACCEPT,
        WORD_BY,
        WORD_RULE,
        WORD_HOLD,
        WORD_SILENCE,
        WORD_PATIENT_SILENCE,
        WORD_REMIND,
        WORD_PRIORITY,
        WORD_ON_WITHDRAWAL,
        WORD_THEN,
        WORD_GAP,
    };
    for (size_t i = 0; i < link->words->count; i++) {
        bool is_allowed = false;
        for (size_t j = 0; j < sizeof(allowed) / sizeof(allowed[0]); j++) {
            is_allowed = is_allowed || link->words->said[i].word == allowed[j];
        }
        if (!is_allowed) {
            words_complain(link->words, link->words->said[i].word,
                           link->words->said[i].value,
                           _("with --spec this stands in the file"));
            return false;
        }
    }
    return ask_json(link, WORD_SPEC, file, spec) && ask_deadlines(link, spec) &&
           ask_what(link, spec);
}

struct entente_spec *ask_spec(struct link *link)
{
    struct entente_spec *spec = arena_alloc(&link->arena, sizeof(*spec));
    struct entente_place *places =
        arena_array(&link->arena, ASK_PLACES_MAX, sizeof(*places));
    link->asked = spec;
    if (spec == NULL || places == NULL) {
        return NULL;
    }
    spec->places = places;
    const char *file = words_text(link->words, WORD_SPEC);
    bool asked = file != NULL ? ask_file(link, file, spec)
                              : ask_when(link, spec) && ask_who(link, spec) &&
                                    ask_what(link, spec) && ask_ways(link, spec);
    return asked && ask_rules(link, spec) ? spec : NULL;
}
