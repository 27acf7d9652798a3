// SPDX-License-Identifier: Apache-2.0

/*
 * command_answer.c - `entente accept`, `shift`, `decline`, `delegate`, `grade` and
 * `owner`
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/act.h"
#include "adapters/cli/ask.h"
#include "adapters/cli/language.h"
#include "adapters/cli/preview.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/times.h"

#include <stdlib.h>
#include <string.h>

enum { ANY_START = 26297280 }; /* 2020-01-01 */

/* Fill in the number of the proposal that is answered, unless it is said. */
static bool take_proposal(struct link *link, const struct entente_meeting *meeting,
                          struct entente_answer *answer)
{
    if (!ask_number(link->words, WORD_PROPOSAL, &answer->proposal)) {
        return false;
    }
    if (answer->proposal == 0) {
        /* Where nothing is proposed the broker says so: any number will do. */
        uint32_t rounds = meeting->rounds == 0 ? 1 : meeting->rounds;
        answer->proposal =
            meeting->proposal == NULL ? rounds : meeting->proposal->number;
    }
    return true;
}

static bool ask_shift(struct link *link, const char *zone,
                      struct entente_answer *answer)
{
    bool not_this_one = words_has(link->words, WORD_NOT_THIS_ONE);
    if (!ask_time(link->words, WORD_TO, zone, &answer->counter_start) ||
        !ask_spans(link, WORD_RANGE, zone, &answer->ranges, &answer->ranges_count)) {
        return false;
    }
    if ((answer->counter_start != 0) + (answer->ranges_count > 0) + not_this_one != 1) {
        say_error(link->words->command,
                  _("say which time suits: either --to TIME, or --range FROM/TO, or "
                    "--not-this-one"));
        return false;
    }
    return true;
}

/* "2" is the second of the slots that are held, anything else its start. */
static bool take_slot(struct link *link, enum word word, const char *text,
                      const struct entente_meeting *meeting, const char *zone,
                      int32_t *ret_start)
{
    const struct entente_proposal *proposal = meeting->proposal;
    size_t held = proposal == NULL ? 0 : proposal->candidates_count;
    char *end = NULL;
    unsigned long number = strtoul(text, &end, 10);
    if (end != text && *end == '\0' && held == 0) {
        /* Where no slots are held together the broker says so: any start will do. */
        *ret_start = proposal == NULL ? ANY_START : proposal->start;
        return true;
    }
    if (end != text && *end == '\0' && number >= 1 && number <= held) {
        *ret_start = proposal->candidates[number - 1].start;
        return true;
    }
    if (times_parse(text, zone, ret_start)) {
        return true;
    }
    words_complain(link->words, word, text,
                   _("the number of a held slot is needed, or its start"));
    return false;
}

static int compare_grades(const void *a, const void *b)
{
    const struct entente_graded *one = a;
    const struct entente_graded *other = b;
    return (one->start > other->start) - (one->start < other->start);
}

static bool ask_grades(struct link *link, const struct entente_meeting *meeting,
                       const char *zone, struct entente_answer *answer)
{
    static const struct {
        enum word word;
        enum entente_grade grade;
    } rows[] = {{WORD_YES, ENTENTE_GRADE_YES},
                {WORD_IF_NEED_BE, ENTENTE_GRADE_IF_NEED_BE},
                {WORD_NO, ENTENTE_GRADE_NO}};
    const char *text;
    answer->grades = arena_array(&link->arena, WORDS_MAX, sizeof(*answer->grades));
    if (answer->grades == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t j = 0; (text = words_each(link->words, rows[i].word, j)) != NULL;
             j++) {
            struct entente_graded *graded = &answer->grades[answer->grades_count++];
            graded->grade = rows[i].grade;
            if (!take_slot(link, rows[i].word, text, meeting, zone, &graded->start)) {
                return false;
            }
        }
    }
    if (answer->grades_count == 0) {
        say_error(link->words->command,
                  _("say which slots suit: --yes SLOT, --if-need-be SLOT, --no SLOT"));
    }
    qsort(answer->grades, answer->grades_count, sizeof(*answer->grades),
          compare_grades);
    return answer->grades_count > 0;
}

/* What this kind of answer has beside what all have. */
static bool ask_content(struct link *link, const struct entente_meeting *meeting,
                        struct entente_answer *answer)
{
    const char *zone = words_text(link->words, WORD_ZONE);
    zone = zone == NULL ? meeting->spec->zone : zone;
    if (answer->kind == ENTENTE_SHIFT) {
        return ask_shift(link, zone, answer);
    }
    if (link->words->verb == VERB_GRADE) {
        return ask_grades(link, meeting, zone, answer);
    }
    if (answer->kind != ENTENTE_DELEGATE) {
        return true;
    }
    if (!act_substitute(link, &answer->substitute)) {
        return false;
    }
    if (answer->substitute == NULL) {
        say_error(link->words->command,
                  _("say who comes instead with --substitute ID"));
    }
    return answer->substitute != NULL;
}

static int answer_with(struct link *link, enum entente_answer_kind kind)
{
    const struct entente_meeting *answered = NULL;
    int exit_code = EXIT_WORDS;
    struct entente_answer answer = {.kind = kind,
                                    .series = words_has(link->words, WORD_SERIES)};
    answer.actor = link_actor(link, NULL);
    if (answer.actor == NULL || !act_reason(link->words, &answer.reason)) {
        return EXIT_WORDS;
    }
    struct entente_meeting *meeting = link_get(link, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    answer.meeting = meeting->id;
    /* Who answers for somebody else names them; the party is the one who is meant. */
    answer.party = act_meant(answer.actor);
    if (!take_proposal(link, meeting, &answer) ||
        !ask_content(link, meeting, &answer)) {
        return EXIT_WORDS;
    }
    if (words_has(link->words, WORD_PREVIEW)) {
        return preview_change(link, &(struct entente_preview){.answer = &answer},
                              meeting);
    }
    enum entente_code code =
        entente_client_answer(link->client, &answer, link_patience_ms(link), &answered);
    return code == ENTENTE_OK ? run_answer(link, answered) : link_failed(link, code);
}

static int accept(struct link *link)
{
    return answer_with(link, ENTENTE_ACCEPT);
}

static int shift(struct link *link)
{
    return answer_with(link, ENTENTE_SHIFT);
}

static int decline(struct link *link)
{
    return answer_with(link, ENTENTE_DECLINE);
}

static int delegate(struct link *link)
{
    return answer_with(link, ENTENTE_DELEGATE);
}

/* ---- the owner of an agenda --------------------------------------------------------
 */

static bool ask_owner(const struct words *words, uint32_t *ret_decision)
{
    static const struct {
        enum word word;
        enum entente_owner_decision decision;
    } rows[] = {{WORD_KEEPS, ENTENTE_OWNER_KEEPS},
                {WORD_MOVES, ENTENTE_OWNER_MOVES},
                {WORD_MISTAKEN, ENTENTE_OWNER_ERROR}};
    size_t said = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (words_has(words, rows[i].word)) {
            *ret_decision = rows[i].decision;
            said++;
        }
    }
    if (said != 1) {
        say_error(words->command, _("say what holds: --keeps, --moves or --mistaken"));
    }
    return said == 1;
}

static int owner(struct link *link)
{
    const struct entente_meeting *answered = NULL;
    struct entente_owner_answer answer = {0};
    if (!ask_owner(link->words, &answer.decision)) {
        return EXIT_WORDS;
    }
    answer.actor = link_actor(link, NULL);
    if (answer.actor == NULL || !link_meeting_id(link, &answer.meeting)) {
        return EXIT_WORDS;
    }
    answer.party = act_meant(answer.actor);
    enum entente_code code = entente_client_owner_answer(
        link->client, &answer, link_patience_ms(link), &answered);
    return code == ENTENTE_OK ? run_answer(link, answered) : link_failed(link, code);
}

int command_accept(int argc, char **argv)
{
    return run_linked(VERB_ACCEPT, argc, argv, accept);
}

int command_shift(int argc, char **argv)
{
    return run_linked(VERB_SHIFT, argc, argv, shift);
}

int command_decline(int argc, char **argv)
{
    return run_linked(VERB_DECLINE, argc, argv, decline);
}

int command_delegate(int argc, char **argv)
{
    return run_linked(VERB_DELEGATE, argc, argv, delegate);
}

int command_grade(int argc, char **argv)
{
    return run_linked(VERB_GRADE, argc, argv, accept);
}

int command_owner(int argc, char **argv)
{
    return run_linked(VERB_OWNER, argc, argv, owner);
}
