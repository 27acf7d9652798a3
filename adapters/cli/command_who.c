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
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <string.h>

enum {
    DEFAULT_DURATION_MINUTES = 60,
    DEFAULT_STEP_MINUTES = 15,
    NAMES_SHOWN = 8,
    MIXED_AT_ONCE = 512, /* people whose identifiers have several systems, in a frame */
    BITS = 8,            /* of a byte; parts begin at whole ones */
};

/* The question, and the answers to its parts. */
struct enquiry {
    struct entente_identifier *people;
    size_t count;
    struct entente_party asked; /* some of them, and how */
    struct entente_who_is_free who;
    const char *zone;
    uint8_t *bits; /* a row for each start, as in struct entente_free_at */
    size_t row;
    uint32_t *counts; /* by start */
    uint32_t *unknown;
    size_t unknown_count;
};

static bool can_come(const struct enquiry *enquiry, size_t start, size_t index)
{
    const uint8_t *row = enquiry->bits + start * enquiry->row;
    return (row[index / BITS] >> index % BITS & 1) != 0;
}

static int32_t start_at(const struct enquiry *enquiry, size_t start)
{
    return enquiry->who.start + (int32_t)start * (int32_t)enquiry->who.step_minutes;
}

/* ---- what is asked -----------------------------------------------------------------
 */

static bool ask_people(struct link *link, struct enquiry *enquiry)
{
    struct entente_party all = {0};
    const char *text = link->words->subject;
    enquiry->asked.kind = ENTENTE_POOL;
    enquiry->who.people = &enquiry->asked;
    enquiry->who.mine = strcmp(text, "mine") == 0;
    if (!enquiry->who.mine &&
        !ask_members(link, WORDS_NONE, text, ASK_PEOPLE_MOST, &all)) {
        return false;
    }
    enquiry->people = all.members;
    enquiry->count = all.members_count;
    return true;
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
                      &enquiry->asked.buffer_before_minutes) &&
           ask_length(words, WORD_BUFFER_AFTER, &enquiry->asked.buffer_after_minutes) &&
           ask_code(words, WORD_MODALITY, TERM_MODALITY, &enquiry->asked.modality) &&
           ask_code(words, WORD_TENTATIVE, TERM_TENTATIVE, &who->tentative) &&
           ask_certainty(link, &who->certainties) &&
           ask_time(words, WORD_FROM, enquiry->zone, &who->start) &&
           ask_time(words, WORD_TO, enquiry->zone, &to) && ask_starts(link, who, to);
}

/* ---- part by part ------------------------------------------------------------------
 */

static bool has_room(struct link *link, struct enquiry *enquiry)
{
    size_t starts = enquiry->who.starts;
    enquiry->row = (enquiry->count + BITS - 1) / BITS;
    enquiry->bits = arena_array(&link->arena, starts, enquiry->row);
    enquiry->counts = arena_array(&link->arena, starts, sizeof(*enquiry->counts));
    enquiry->unknown =
        arena_array(&link->arena, enquiry->count, sizeof(*enquiry->unknown));
    return enquiry->bits != NULL && enquiry->counts != NULL && enquiry->unknown != NULL;
}

/* How many people from @first on can be asked about at once. */
static size_t part_from(const struct enquiry *enquiry, size_t first)
{
    size_t left = enquiry->count - first;
    size_t count = left < LIMIT_POOL_MEMBERS ? left : LIMIT_POOL_MEMBERS;
    const struct entente_identifier *part = enquiry->people + first;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(part[i].system, part[0].system) != 0) {
            return count < MIXED_AT_ONCE ? count : MIXED_AT_ONCE;
        }
    }
    return count;
}

/* The answer about people from @first on. */
static void take(struct enquiry *enquiry, size_t first,
                 const struct entente_free_people *told)
{
    for (size_t i = 0; i < told->at_count && i < enquiry->who.starts; i++) {
        const struct entente_free_at *at = &told->at[i];
        size_t room = enquiry->row - first / BITS;
        size_t size = at->members.size < room ? at->members.size : room;
        if (size > 0) {
            memcpy(enquiry->bits + i * enquiry->row + first / BITS, at->members.data,
                   size);
        }
        enquiry->counts[i] += at->count;
    }
    for (size_t i = 0;
         i < told->unknown_count && enquiry->unknown_count < enquiry->count; i++) {
        enquiry->unknown[enquiry->unknown_count++] = (uint32_t)first + told->unknown[i];
    }
}

static enum entente_code ask(struct link *link, struct enquiry *enquiry,
                             const struct entente_free_people **ret_told)
{
    return entente_client_who_is_free(link->client, &enquiry->who,
                                      link_patience_ms(link), ret_told);
}

static enum entente_code ask_mine(struct link *link, struct enquiry *enquiry)
{
    const struct entente_free_people *told = NULL;
    enum entente_code code = ask(link, enquiry, &told);
    if (code == ENTENTE_OK) {
        enquiry->people = told->people;
        enquiry->count = told->people_count;
        if (!has_room(link, enquiry)) {
            return ENTENTE_ERROR_MEMORY;
        }
        take(enquiry, 0, told);
    }
    return code;
}

static enum entente_code ask_named(struct link *link, struct enquiry *enquiry)
{
    enum entente_code code =
        has_room(link, enquiry) ? ENTENTE_OK : ENTENTE_ERROR_MEMORY;
    size_t count;
    for (size_t i = 0; code == ENTENTE_OK && i < enquiry->count; i += count) {
        const struct entente_free_people *told = NULL;
        struct entente_party *asked = &enquiry->asked;
        count = part_from(enquiry, i);
        asked->members = enquiry->people + i;
        asked->members_count = count;
        asked->member_system = NULL;
        asked->member_values = NULL;
        asked->member_values_count = 0;
        code = ask_fold(link, asked) ? ask(link, enquiry, &told) : ENTENTE_ERROR_MEMORY;
        if (code == ENTENTE_OK) {
            take(enquiry, i, told);
        }
    }
    return code;
}

/* ---- what is told ------------------------------------------------------------------
 */

static json_t *told_json(const struct enquiry *enquiry)
{
    json_t *starts = json_array();
    json_t *unknown = json_array();
    for (size_t i = 0; i < enquiry->who.starts; i++) {
        int32_t start = start_at(enquiry, i);
        json_t *one = json_span(start, start + (int32_t)enquiry->who.duration_minutes,
                                enquiry->zone);
        json_t *people = json_array();
        for (size_t j = 0; j < enquiry->count; j++) {
            if (can_come(enquiry, i, j)) {
                json_array_append_new(people, json_identifier(&enquiry->people[j]));
            }
        }
        json_object_set_new(one, "free", people);
        json_array_append_new(starts, one);
    }
    for (size_t i = 0; i < enquiry->unknown_count; i++) {
        json_array_append_new(unknown,
                              json_identifier(&enquiry->people[enquiry->unknown[i]]));
    }
    return json_pack("{s:I, s:o, s:o}", "asked_about", (json_int_t)enquiry->count,
                     "starts", starts, "unknown", unknown);
}

static void print_person(const struct enquiry *enquiry, size_t index)
{
    char text[IDENTIFIER_TEXT];
    const struct entente_identifier *person = &enquiry->people[index];
    identifier_short(person->system, person->value, text, sizeof(text));
    text_print(stdout, text);
}

/* All names of one start, the first few of several. */
static void print_at(const struct enquiry *enquiry, size_t number)
{
    char when[TIMES_TEXT];
    size_t most = enquiry->who.starts == 1 ? ASK_PEOPLE_MOST : NAMES_SHOWN;
    size_t shown = 0;
    int32_t start = start_at(enquiry, number);
    times_say_span(start, start + (int32_t)enquiry->who.duration_minutes, enquiry->zone,
                   when, sizeof(when));
    printf(_("%s: %u of %zu"), when, (unsigned)enquiry->counts[number], enquiry->count);
    for (size_t i = 0; i < enquiry->count && shown < most; i++) {
        if (can_come(enquiry, number, i)) {
            fputs(shown == 0 ? "  " : ", ", stdout);
            print_person(enquiry, i);
            shown++;
        }
    }
    fputs(shown < enquiry->counts[number] ? ", ...\n" : "\n", stdout);
}

static int print_told(const struct enquiry *enquiry)
{
    for (size_t i = 0; i < enquiry->who.starts; i++) {
        print_at(enquiry, i);
    }
    for (size_t i = 0; i < enquiry->unknown_count && i < NAMES_SHOWN; i++) {
        fputs(i == 0 ? _("Nobody knows here: ") : ", ", stdout);
        print_person(enquiry, enquiry->unknown[i]);
    }
    if (enquiry->unknown_count > 0) {
        fputs(enquiry->unknown_count > NAMES_SHOWN ? ", ...\n" : "\n", stdout);
    }
    return EXIT_DONE;
}

static int tell_who(struct link *link)
{
    struct enquiry enquiry = {0};
    if (!ask_who(link, &enquiry)) {
        return EXIT_WORDS;
    }
    enum entente_code code =
        enquiry.who.mine ? ask_mine(link, &enquiry) : ask_named(link, &enquiry);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    return link->json ? json_print(told_json(&enquiry)) : print_told(&enquiry);
}

int command_who(int argc, char **argv)
{
    return run_linked(VERB_WHO, argc, argv, tell_who);
}
