// SPDX-License-Identifier: Apache-2.0

/*
 * ask_ways.c - how to meet, how often, and who has to be there: the words of `request`
 * and `search` beyond when and who
 */
#include "adapters/cli/ask_private.h"

#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

const char *ask_place_key(struct link *link, struct entente_spec *spec, const char *key)
{
    for (size_t i = 0; i < spec->places_count; i++) {
        if (strcmp(spec->places[i].key, key) == 0) {
            return spec->places[i].key;
        }
    }
    char *copy = arena_text(&link->arena, key);
    if (copy == NULL || spec->places_count == ASK_PLACES_MAX) {
        return copy;
    }
    spec->places[spec->places_count++] =
        (struct entente_place){.key = copy, .label = copy};
    return copy;
}

/* "on-site@Lyon", "video" */
static bool take_option(struct link *link, struct entente_spec *spec, const char *text,
                        struct entente_option *option)
{
    char *way = arena_text(&link->arena, text);
    char *at = way == NULL ? NULL : strchr(way, '@');
    if (at != NULL) {
        *at = '\0';
        option->place = ask_place_key(link, spec, at + 1);
    }
    if (way == NULL || !term_parse(TERM_MODALITY, way, &option->modality) ||
        (at != NULL && at[1] == '\0')) {
        words_complain(link->words, WORD_OPTION, text,
                       _("a way to meet is needed, as video or on-site@Lyon"));
        return false;
    }
    return true;
}

static bool ask_options(struct link *link, struct entente_spec *spec)
{
    size_t count = ask_count(link->words, WORD_OPTION);
    spec->options = arena_array(&link->arena, count, sizeof(*spec->options));
    for (size_t i = 0; spec->options != NULL && i < count; i++) {
        const char *text = words_each(link->words, WORD_OPTION, i);
        if (!take_option(link, spec, text, &spec->options[i])) {
            return false;
        }
    }
    spec->options_count = count;
    return spec->options != NULL;
}

/* "Lyon:Bron:25" */
static bool take_leg(struct link *link, const char *text, struct entente_leg *leg)
{
    char *from = arena_text(&link->arena, text);
    char *to = from == NULL ? NULL : strchr(from, ':');
    char *minutes = to == NULL ? NULL : strrchr(to + 1, ':');
    char *end = NULL;
    long number = minutes == NULL ? -1 : strtol(minutes + 1, &end, 10);
    if (number < 0 || number > LIMIT_TRAVEL_MINUTES || end == minutes + 1 ||
        *end != '\0' || to == from || minutes == to + 1) {
        words_complain(link->words, WORD_TRAVEL, text,
                       _("two places and minutes are needed, as Lyon:Bron:25"));
        return false;
    }
    *to = '\0';
    *minutes = '\0';
    *leg =
        (struct entente_leg){.from = from, .to = to + 1, .minutes = (uint32_t)number};
    return true;
}

static bool has_leg(const struct entente_spec *spec, const char *from, const char *to)
{
    for (size_t i = 0; i < spec->legs_count; i++) {
        if (strcmp(spec->legs[i].from, from) == 0 &&
            strcmp(spec->legs[i].to, to) == 0) {
            return true;
        }
    }
    return false;
}

/* The way back takes as long, unless it is given, too. */
static bool ask_travel(struct link *link, struct entente_spec *spec)
{
    size_t count = ask_count(link->words, WORD_TRAVEL);
    spec->legs = arena_array(&link->arena, 2 * count, sizeof(*spec->legs));
    for (size_t i = 0; spec->legs != NULL && i < count; i++) {
        if (!take_leg(link, words_each(link->words, WORD_TRAVEL, i), &spec->legs[i])) {
            return false;
        }
        spec->legs_count++;
    }
    for (size_t i = 0; spec->legs != NULL && i < count; i++) {
        const struct entente_leg leg = spec->legs[i];
        if (!has_leg(spec, leg.to, leg.from)) {
            spec->legs[spec->legs_count++] = (struct entente_leg){
                .from = leg.to, .to = leg.from, .minutes = leg.minutes};
        }
    }
    return spec->legs != NULL;
}

static bool ask_series(const struct words *words, struct entente_spec *spec)
{
    if (!ask_code(words, WORD_EVERY, TERM_STEP, &spec->step) ||
        !ask_number(words, WORD_TIMES, &spec->occurrences)) {
        return false;
    }
    if (words_has(words, WORD_EVERY) != words_has(words, WORD_TIMES)) {
        say_error(words->command, _("--every and --times belong together"));
        return false;
    }
    spec->recurrence = words_text(words, WORD_RECURRENCE);
    if (spec->recurrence != NULL && words_has(words, WORD_TIMES)) {
        say_error(words->command, _("a series is asked for with --recurrence, or with "
                                    "--every and --times"));
        return false;
    }
    if (spec->occurrences == 1) {
        spec->step = 0;
    }
    return true;
}

/* "declared,inferred" */
bool ask_certainty(struct link *link, uint32_t *ret_certainties)
{
    const char *text = words_text(link->words, WORD_CERTAINTY);
    char *rest = text == NULL ? NULL : arena_text(&link->arena, text);
    char *part;
    while (rest != NULL && (part = strsep(&rest, ",")) != NULL) {
        uint32_t certainty = 0;
        if (!term_parse(TERM_CERTAINTY, part, &certainty)) {
            words_complain(link->words, WORD_CERTAINTY, text,
                           _("this code is not known; see --help"));
            return false;
        }
        *ret_certainties |= 1U << certainty;
    }
    return true;
}

/* What everybody needs before and after. */
static bool ask_buffers(const struct words *words, struct entente_spec *spec)
{
    uint32_t before = 0;
    uint32_t after = 0;
    if (!ask_length(words, WORD_BUFFER_BEFORE, &before) ||
        !ask_length(words, WORD_BUFFER_AFTER, &after)) {
        return false;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        spec->parties[i].buffer_before_minutes = before;
        spec->parties[i].buffer_after_minutes = after;
    }
    return true;
}

bool ask_ways(struct link *link, struct entente_spec *spec)
{
    const struct words *words = link->words;
    const char *region = words_text(words, WORD_NO_HOLIDAYS);
    spec->without_public_holidays = region != NULL;
    spec->holiday_region = region != NULL && region[0] != '\0' ? region : NULL;
    spec->urgent = words_has(words, WORD_URGENT);
    return ask_options(link, spec) && ask_travel(link, spec) &&
           ask_series(words, spec) && ask_certainty(link, &spec->certainties) &&
           ask_buffers(words, spec) && ask_number(words, WORD_QUORUM, &spec->quorum) &&
           ask_length(words, WORD_APART, &spec->apart_minutes) &&
           ask_code(words, WORD_TENTATIVE, TERM_TENTATIVE, &spec->tentative);
}
