// SPDX-License-Identifier: Apache-2.0

/*
 * command_show.c - `entente show`: one meeting, drawn, and waiting for what becomes of
 * it
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/ask.h"
#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/picture.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"

enum { LOOK_AGAIN_MS = 100 };

/* What the words want to wait for; zero: nothing. */
struct awaited {
    uint32_t state;
    uint32_t results;
    uint32_t answers;
};

static bool ask_awaited(const struct words *words, struct awaited *awaited)
{
    const char *state = words_text(words, WORD_WAIT_FOR);
    if (state != NULL && !term_parse(TERM_STATE, state, &awaited->state)) {
        words_complain(words, WORD_WAIT_FOR, state,
                       _("this code is not known; see --help"));
        return false;
    }
    return ask_number(words, WORD_WAIT_FOR_RESULTS, &awaited->results) &&
           ask_number(words, WORD_WAIT_FOR_ANSWERS, &awaited->answers);
}

static uint32_t applied_results(const struct entente_meeting *meeting)
{
    uint32_t count = 0;
    for (size_t i = 0; i < meeting->results_count; i++) {
        const struct entente_result *result = &meeting->results[i];
        count += result->kind == ENTENTE_APPLIED && result->version == meeting->version;
    }
    return count;
}

static uint32_t acceptances(const struct entente_meeting *meeting)
{
    uint32_t count = 0;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        count += party->answer == ENTENTE_ACCEPT && !party->dropped &&
                 !summary_awaits(meeting, i);
    }
    return count;
}

static bool has_come(const struct entente_meeting *meeting,
                     const struct awaited *awaited)
{
    return (awaited->state == 0 || meeting->state == awaited->state) &&
           applied_results(meeting) >= awaited->results &&
           acceptances(meeting) >= awaited->answers;
}

/* Let the link live for a moment, so that the broker is not asked without a pause. */
static void pause_a_moment(struct link *link)
{
    int before_ms = link_patience_ms(link);
    while (before_ms - link_patience_ms(link) < LOOK_AGAIN_MS) {
        entente_client_step(link->client, LOOK_AGAIN_MS);
    }
}

/* Look until it has come.  NULL, and said, when patience ends first. */
static struct entente_meeting *wait_for(struct link *link,
                                        const struct awaited *awaited, int *ret_exit)
{
    for (;;) {
        struct entente_meeting *meeting = link_get(link, ret_exit);
        if (meeting == NULL || has_come(meeting, awaited)) {
            return meeting;
        }
        if (link_patience_ms(link) <= 2 * LOOK_AGAIN_MS) {
            say_error(link->words->command,
                      _("it has not come; the meeting is %s, %u have accepted, %u "
                        "agendas have written it"),
                      term_text(TERM_STATE, meeting->state),
                      (unsigned)acceptances(meeting),
                      (unsigned)applied_results(meeting));
            *ret_exit = EXIT_FAILED;
            return NULL;
        }
        arena_reset(&link->arena);
        pause_a_moment(link);
    }
}

static int show(struct link *link)
{
    struct awaited awaited = {0};
    int exit_code = EXIT_WORDS;
    if (!ask_awaited(link->words, &awaited)) {
        return EXIT_WORDS;
    }
    struct entente_meeting *meeting = wait_for(link, &awaited, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    if (link->json) {
        return json_print(json_meeting(meeting));
    }
    if (!words_has(link->words, WORD_BRIEF)) {
        summary_print(stdout, meeting);
        fputc('\n', stdout);
    }
    enum entente_code code = picture_print(link, meeting, stdout);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

int command_show(int argc, char **argv)
{
    return run_linked(VERB_SHOW, argc, argv, show);
}
