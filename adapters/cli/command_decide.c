// SPDX-License-Identifier: Apache-2.0

/*
 * command_decide.c - `entente decide` and `cancel`
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/act.h"
#include "adapters/cli/ask.h"
#include "adapters/cli/language.h"
#include "adapters/cli/preview.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"

enum { MS_PER_MINUTE = 60000 };

/* The decision that the words name, and the word; 0 and said when it is not one. */
static enum entente_decision ask_decision(const struct words *words)
{
    static const struct {
        enum word word;
        enum entente_decision decision;
    } rows[] = {
        {WORD_WITHOUT, ENTENTE_WITHOUT_PARTY},
        {WORD_CONFIRM, ENTENTE_CONFIRM},
        {WORD_MOVE, ENTENTE_MOVE},
        {WORD_REPLACE, ENTENTE_REPLACE_PARTY},
        {WORD_SEARCH_ON, ENTENTE_SEARCH_ON},
    };
    enum entente_decision decision = ENTENTE_PROPOSE_SLOT;
    size_t said = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (words_has(words, rows[i].word)) {
            decision = rows[i].decision;
            said++;
        }
    }
    bool takes_slot = decision == ENTENTE_PROPOSE_SLOT || decision == ENTENTE_CONFIRM ||
                      decision == ENTENTE_MOVE;
    bool has_slot = words_has(words, WORD_SLOT);
    if (said > 1 || (said == 0 && !has_slot) || (has_slot && !takes_slot)) {
        say_error(words->command,
                  _("say one thing: --slot TIME, --without ID, --confirm, --move, "
                    "--replace ID or --search-on"));
        return 0;
    }
    return decision;
}

static bool ask_party(struct link *link, enum word word,
                      struct entente_identifier **ret_party)
{
    const char *text = words_text(link->words, word);
    if (text != NULL) {
        *ret_party = link_identifier(link, word, text);
    }
    return text == NULL || *ret_party != NULL;
}

/* From now on, by the broker's clock. */
static bool ask_deadline(struct link *link, int64_t *ret_until_ms)
{
    uint32_t minutes = 0;
    if (!ask_length(link->words, WORD_SEARCH_FOR, &minutes)) {
        return false;
    }
    if (words_has(link->words, WORD_SEARCH_FOR)) {
        *ret_until_ms = link->now_ms + (int64_t)minutes * MS_PER_MINUTE;
    }
    return true;
}

static bool ask_content(struct link *link, const struct entente_meeting *meeting,
                        struct entente_decide *decide)
{
    const char *zone = words_text(link->words, WORD_ZONE);
    zone = zone == NULL ? meeting->spec->zone : zone;
    return ask_time(link->words, WORD_SLOT, zone, &decide->start) &&
           ask_party(link, WORD_WITHOUT, &decide->party) &&
           ask_party(link, WORD_REPLACE, &decide->party) &&
           ask_spans(link, WORD_WINDOW, zone, &decide->windows,
                     &decide->windows_count) &&
           ask_picked(link, zone, &decide->picked, &decide->picked_count) &&
           ask_deadline(link, &decide->search_until_ms) &&
           act_substitute(link, &decide->substitute);
}

static int decide(struct link *link)
{
    const struct entente_meeting *answered = NULL;
    int exit_code = EXIT_WORDS;
    enum entente_decision decision = ask_decision(link->words);
    if (decision == 0) {
        return EXIT_WORDS;
    }
    struct entente_meeting *meeting = link_get(link, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    struct entente_decide message = {.meeting = meeting->id,
                                     .version = meeting->version,
                                     .decision = decision,
                                     .series = words_has(link->words, WORD_SERIES),
                                     .actor = link_actor(link, act_standing(meeting))};
    if (message.actor == NULL || !ask_content(link, meeting, &message)) {
        return EXIT_WORDS;
    }
    if (words_has(link->words, WORD_PREVIEW)) {
        return preview_change(link, &(struct entente_preview){.decide = &message},
                              meeting);
    }
    enum entente_code code = entente_client_decide(link->client, &message,
                                                   link_patience_ms(link), &answered);
    return code == ENTENTE_OK ? run_answer(link, answered) : link_failed(link, code);
}

static int cancel(struct link *link)
{
    const struct entente_meeting *answered = NULL;
    int exit_code = EXIT_WORDS;
    struct entente_cancel message = {.series = words_has(link->words, WORD_SERIES)};
    if (!act_reason(link->words, &message.reason)) {
        return EXIT_WORDS;
    }
    struct entente_meeting *meeting = link_get(link, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    message.meeting = meeting->id;
    message.actor = link_actor(link, act_standing(meeting));
    if (message.actor == NULL) {
        return EXIT_WORDS;
    }
    /* Anybody but the organizer withdraws as a party. */
    if (!act_same(act_meant(message.actor), act_standing(meeting))) {
        message.party = act_meant(message.actor);
    }
    if (words_has(link->words, WORD_PREVIEW)) {
        return preview_change(link, &(struct entente_preview){.cancel = &message},
                              meeting);
    }
    enum entente_code code = entente_client_cancel(link->client, &message,
                                                   link_patience_ms(link), &answered);
    return code == ENTENTE_OK ? run_answer(link, answered) : link_failed(link, code);
}

int command_decide(int argc, char **argv)
{
    return run_linked(VERB_DECIDE, argc, argv, decide);
}

int command_cancel(int argc, char **argv)
{
    return run_linked(VERB_CANCEL, argc, argv, cancel);
}
