// SPDX-License-Identifier: Apache-2.0

/*
 * command_act.c - `entente accept`, `shift`, `decline`, `decide` and `cancel`
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/ask.h"
#include "adapters/cli/language.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/terms.h"

#include <string.h>

static bool ask_reason(const struct words *words, uint32_t *ret)
{
    const char *text = words_text(words, WORD_BECAUSE);
    if (text != NULL && !term_parse(TERM_REASON, text, ret)) {
        words_complain(words, WORD_BECAUSE, text,
                       _("this code is not known; see --help"));
        return false;
    }
    return true;
}

/* ---- answers -----------------------------------------------------------------------
 */

/* The number of the proposal that is answered, and the zone of the times. */
static bool look_up(struct link *link, struct entente_answer *answer, const char **zone,
                    int *ret_exit)
{
    *zone = words_text(link->words, WORD_ZONE);
    if (!ask_number(link->words, WORD_PROPOSAL, &answer->proposal)) {
        *ret_exit = EXIT_WORDS;
        return false;
    }
    if (answer->proposal != 0 && *zone != NULL) {
        return true;
    }
    struct entente_meeting *meeting = link_get(link, ret_exit);
    if (meeting == NULL) {
        return false;
    }
    if (*zone == NULL) {
        *zone = meeting->spec->zone;
    }
    if (answer->proposal == 0) {
        /* Where nothing is proposed the broker says so: any number will do. */
        uint32_t rounds = meeting->rounds == 0 ? 1 : meeting->rounds;
        answer->proposal =
            meeting->proposal == NULL ? rounds : meeting->proposal->number;
    }
    return true;
}

static bool ask_shift(struct link *link, struct entente_answer *answer,
                      const char *zone)
{
    if (!ask_time(link->words, WORD_TO, zone, &answer->counter_start) ||
        !ask_spans(link, WORD_RANGE, zone, &answer->ranges, &answer->ranges_count)) {
        return false;
    }
    if ((answer->counter_start != 0) == (answer->ranges_count > 0)) {
        say_error(link->words->command,
                  _("say which time suits: either --to TIME or --range FROM/TO"));
        return false;
    }
    return true;
}

static int answer_with(struct link *link, enum entente_answer_kind kind)
{
    const struct entente_meeting *meeting = NULL;
    const char *zone = NULL;
    int exit_code = EXIT_WORDS;
    struct entente_answer answer = {.kind = kind,
                                    .comment = words_text(link->words, WORD_COMMENT)};
    answer.actor = link_actor(link, NULL);
    if (answer.actor == NULL || !link_meeting_id(link, &answer.meeting) ||
        !ask_reason(link->words, &answer.reason)) {
        return EXIT_WORDS;
    }
    if (!look_up(link, &answer, &zone, &exit_code)) {
        return exit_code;
    }
    if (kind == ENTENTE_SHIFT && !ask_shift(link, &answer, zone)) {
        return EXIT_WORDS;
    }
    /* Who answers for somebody else names them; the party is the one who is meant. */
    answer.party = answer.actor->on_behalf_of != NULL ? answer.actor->on_behalf_of
                                                      : answer.actor->who;
    enum entente_code code =
        entente_client_answer(link->client, &answer, link_patience_ms(link), &meeting);
    return code == ENTENTE_OK ? run_answer(link, meeting) : link_failed(link, code);
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

/* ---- the organizer -----------------------------------------------------------------
 */

/* Who acts when nobody is named: the organizer, or else the first party. */
static struct entente_identifier *standing(const struct entente_meeting *meeting)
{
    const struct entente_spec *spec = meeting->spec;
    if (spec->organizer != NULL || spec->parties_count == 0) {
        return spec->organizer;
    }
    return spec->parties[0].identifier;
}

static bool ask_decision(struct link *link, const char *zone,
                         struct entente_decide *decide)
{
    const struct words *words = link->words;
    const char *without = words_text(words, WORD_WITHOUT);
    if (without == NULL) {
        decide->decision = ENTENTE_PROPOSE_SLOT;
        return ask_time(words, WORD_SLOT, zone, &decide->start);
    }
    decide->decision = ENTENTE_WITHOUT_PARTY;
    decide->party = link_identifier(link, WORD_WITHOUT, without);
    return decide->party != NULL;
}

static int decide(struct link *link)
{
    const struct entente_meeting *answered = NULL;
    int exit_code = EXIT_WORDS;
    if (words_has(link->words, WORD_SLOT) == words_has(link->words, WORD_WITHOUT)) {
        say_error(link->words->command,
                  _("decide with either --slot TIME or --without ID"));
        return EXIT_WORDS;
    }
    struct entente_meeting *meeting = link_get(link, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    const char *zone = words_text(link->words, WORD_ZONE);
    struct entente_decide message = {.meeting = meeting->id,
                                     .version = meeting->version,
                                     .actor = link_actor(link, standing(meeting))};
    if (message.actor == NULL ||
        !ask_decision(link, zone == NULL ? meeting->spec->zone : zone, &message)) {
        return EXIT_WORDS;
    }
    enum entente_code code = entente_client_decide(link->client, &message,
                                                   link_patience_ms(link), &answered);
    return code == ENTENTE_OK ? run_answer(link, answered) : link_failed(link, code);
}

static bool is_same(const struct entente_identifier *a,
                    const struct entente_identifier *b)
{
    return a != NULL && b != NULL && strcmp(a->system, b->system) == 0 &&
           strcmp(a->value, b->value) == 0;
}

static int cancel(struct link *link)
{
    const struct entente_meeting *answered = NULL;
    int exit_code = EXIT_WORDS;
    struct entente_cancel message = {.comment = words_text(link->words, WORD_COMMENT)};
    if (!ask_reason(link->words, &message.reason)) {
        return EXIT_WORDS;
    }
    struct entente_meeting *meeting = link_get(link, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    message.meeting = meeting->id;
    message.actor = link_actor(link, standing(meeting));
    if (message.actor == NULL) {
        return EXIT_WORDS;
    }
    /* Anybody but the organizer withdraws as a party. */
    if (!is_same(message.actor->who, standing(meeting))) {
        message.party = message.actor->on_behalf_of != NULL
                            ? message.actor->on_behalf_of
                            : message.actor->who;
    }
    enum entente_code code = entente_client_cancel(link->client, &message,
                                                   link_patience_ms(link), &answered);
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

int command_decide(int argc, char **argv)
{
    return run_linked(VERB_DECIDE, argc, argv, decide);
}

int command_cancel(int argc, char **argv)
{
    return run_linked(VERB_CANCEL, argc, argv, cancel);
}
