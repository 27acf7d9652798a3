// SPDX-License-Identifier: Apache-2.0

/*
 * command_who.c - `entente who`: which of many people can come
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/ask_private.h"
#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <string.h>

enum { DEFAULT_DURATION_MINUTES = 60, DEFAULT_STEP_MINUTES = 15, NAMES_SHOWN = 8 };

/* The question, and the names to answer it with. */
struct enquiry {
    struct entente_party people;
    struct entente_who_is_free who;
    const char *zone;
    const struct entente_free_people *told;
};

static struct entente_identifier person_at(const struct enquiry *enquiry, size_t index)
{
    if (enquiry->who.mine) {
        return enquiry->told->people[index];
    }
    return summary_member(&enquiry->people, (uint32_t)index);
}

static size_t people_count(const struct enquiry *enquiry)
{
    const struct entente_party *people = &enquiry->people;
    if (enquiry->who.mine) {
        return enquiry->told->people_count;
    }
    return people->members_count > 0 ? people->members_count
                                     : people->member_values_count;
}

static bool can_come(const struct entente_free_at *at, size_t index)
{
    return index / 8 < at->members.size &&
           (at->members.data[index / 8] >> index % 8 & 1) != 0;
}

/* ---- what is asked -----------------------------------------------------------------
 */

static bool ask_people(struct link *link, struct enquiry *enquiry)
{
    const char *text = link->words->subject;
    enquiry->people.kind = ENTENTE_POOL;
    enquiry->who.people = &enquiry->people;
    enquiry->who.mine = strcmp(text, "mine") == 0;
    return enquiry->who.mine || ask_members(link, WORDS_NONE, text, &enquiry->people);
}

/* From the first start on as many as end by --to. */
static bool ask_starts(const struct link *link, struct entente_who_is_free *who,
                       int32_t to)
{
    const struct words *words = link->words;
    if (who->start == 0 ||
        (to != 0 && to < who->start + (int32_t)who->duration_minutes)) {
        say_error(words->command,
                  _("--from is needed, and --to no earlier than a meeting from then on "
                    "ends"));
        return false;
    }
    who->starts = 1;
    if (to != 0) {
        uint32_t room = (uint32_t)(to - who->start) - who->duration_minutes;
        who->starts = room / who->step_minutes + 1;
    }
    if (who->starts > LIMIT_WHO_STARTS) {
        say_error(
            words->command,
            _("these are %u starts; at most %d can be asked about at once, with a "
              "larger --grid or an earlier --to"),
            (unsigned)who->starts, LIMIT_WHO_STARTS);
        return false;
    }
    return true;
}

static bool ask_who(struct link *link, struct enquiry *enquiry)
{
    const struct words *words = link->words;
    struct entente_who_is_free *who = &enquiry->who;
    const char *zone = words_text(words, WORD_ZONE);
    int32_t to = 0;
    enquiry->zone = zone == NULL ? "Europe/Paris" : zone;
    who->duration_minutes = DEFAULT_DURATION_MINUTES;
    who->step_minutes = DEFAULT_STEP_MINUTES;
    return ask_people(link, enquiry) &&
           ask_length(words, WORD_FOR, &who->duration_minutes) &&
           ask_length(words, WORD_GRID, &who->step_minutes) &&
           ask_length(words, WORD_BUFFER_BEFORE,
                      &enquiry->people.buffer_before_minutes) &&
           ask_length(words, WORD_BUFFER_AFTER,
                      &enquiry->people.buffer_after_minutes) &&
           ask_code(words, WORD_MODALITY, TERM_MODALITY, &enquiry->people.modality) &&
           ask_code(words, WORD_TENTATIVE, TERM_TENTATIVE, &who->tentative) &&
           ask_certainty(link, &who->certainties) &&
           ask_time(words, WORD_FROM, enquiry->zone, &who->start) &&
           ask_time(words, WORD_TO, enquiry->zone, &to) && ask_starts(link, who, to);
}

/* ---- what is told ------------------------------------------------------------------
 */

static json_t *told_json(const struct enquiry *enquiry)
{
    const struct entente_free_people *told = enquiry->told;
    json_t *starts = json_array();
    json_t *unknown = json_array();
    for (size_t i = 0; i < told->at_count; i++) {
        const struct entente_free_at *at = &told->at[i];
        json_t *one =
            json_span(at->start, at->start + (int32_t)enquiry->who.duration_minutes,
                      enquiry->zone);
        json_t *people = json_array();
        for (size_t j = 0; j < people_count(enquiry); j++) {
            struct entente_identifier person = person_at(enquiry, j);
            if (can_come(at, j)) {
                json_array_append_new(people, json_identifier(&person));
            }
        }
        json_object_set_new(one, "free", people);
        json_array_append_new(starts, one);
    }
    for (size_t i = 0; i < told->unknown_count; i++) {
        struct entente_identifier person = person_at(enquiry, told->unknown[i]);
        json_array_append_new(unknown, json_identifier(&person));
    }
    return json_pack("{s:I, s:o, s:o}", "asked_about",
                     (json_int_t)people_count(enquiry), "starts", starts, "unknown",
                     unknown);
}

static void print_person(const struct enquiry *enquiry, size_t index)
{
    char text[IDENTIFIER_TEXT];
    struct entente_identifier person = person_at(enquiry, index);
    identifier_short(person.system, person.value, text, sizeof(text));
    text_print(stdout, text);
}

/* All names of one start, the first few of several. */
static void print_at(const struct enquiry *enquiry, const struct entente_free_at *at)
{
    char when[TIMES_TEXT];
    size_t most = enquiry->told->at_count == 1 ? LIMIT_POOL_MEMBERS : NAMES_SHOWN;
    size_t shown = 0;
    times_say_span(at->start, at->start + (int32_t)enquiry->who.duration_minutes,
                   enquiry->zone, when, sizeof(when));
    printf(_("%s: %u of %zu"), when, (unsigned)at->count, people_count(enquiry));
    for (size_t i = 0; i < people_count(enquiry) && shown < most; i++) {
        if (can_come(at, i)) {
            fputs(shown == 0 ? "  " : ", ", stdout);
            print_person(enquiry, i);
            shown++;
        }
    }
    fputs(shown < at->count ? ", ...\n" : "\n", stdout);
}

static int print_told(const struct enquiry *enquiry)
{
    const struct entente_free_people *told = enquiry->told;
    for (size_t i = 0; i < told->at_count; i++) {
        print_at(enquiry, &told->at[i]);
    }
    for (size_t i = 0; i < told->unknown_count && i < NAMES_SHOWN; i++) {
        fputs(i == 0 ? _("Nobody knows here: ") : ", ", stdout);
        print_person(enquiry, told->unknown[i]);
    }
    if (told->unknown_count > 0) {
        fputs(told->unknown_count > NAMES_SHOWN ? ", ...\n" : "\n", stdout);
    }
    return EXIT_DONE;
}

static int tell_who(struct link *link)
{
    struct enquiry enquiry = {0};
    if (!ask_who(link, &enquiry)) {
        return EXIT_WORDS;
    }
    enum entente_code code = entente_client_who_is_free(
        link->client, &enquiry.who, link_patience_ms(link), &enquiry.told);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    return link->json ? json_print(told_json(&enquiry)) : print_told(&enquiry);
}

int command_who(int argc, char **argv)
{
    return run_linked(VERB_WHO, argc, argv, tell_who);
}
