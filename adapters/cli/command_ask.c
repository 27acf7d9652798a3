// SPDX-License-Identifier: Apache-2.0

/*
 * command_ask.c - `entente request` and `entente search`
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/ask.h"
#include "adapters/cli/json_meeting.h"
#include "adapters/cli/preview.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"

enum { MS_PER_MINUTE = 60000 };

static int request(struct link *link)
{
    const struct entente_meeting *meeting = NULL;
    struct entente_spec *spec = ask_spec(link);
    struct entente_actor *actor = spec == NULL ? NULL : link_actor(link, NULL);
    if (actor == NULL) {
        return EXIT_WORDS;
    }
    spec->organizer = actor->who;
    if (link->search_minutes > 0) {
        int exit_code = EXIT_FAILED;
        if (!link_connect(link, &exit_code)) {
            return exit_code;
        }
        spec->search_until_ms =
            link->now_ms + (int64_t)link->search_minutes * MS_PER_MINUTE;
    }
    struct entente_request message = {.spec = spec, .actor = actor};
    if (!ask_sequence(link, &message)) {
        return EXIT_WORDS;
    }
    if (words_has(link->words, WORD_PREVIEW)) {
        return preview_request(link, &message);
    }
    enum entente_code code = entente_client_request(link->client, &message,
                                                    link_patience_ms(link), &meeting);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    int printed = run_answer(link, meeting);
    /* Nothing suits, and it was not to wait. */
    return printed == EXIT_DONE && meeting->state == ENTENTE_EXPIRED ? EXIT_NO_SLOT
                                                                     : printed;
}

static int print_result(struct link *link, const struct entente_spec *spec,
                        const struct entente_search_result *result)
{
    if (!link->json) {
        summary_print_slots(stdout, result->slots, result->slots_count, spec);
        if (result->why_not != NULL) {
            summary_print_why_not(stdout, result->why_not, spec);
        }
        return EXIT_DONE;
    }
    json_t *json = json_pack("{s:o}", "slots",
                             json_slots(result->slots, result->slots_count, spec));
    if (result->why_not != NULL) {
        json_object_set_new(json, "why_not", json_why_not(result->why_not, spec));
    }
    return json_print(json);
}

static int search(struct link *link)
{
    const struct entente_search_result *result = NULL;
    struct entente_search message = {.spec = ask_spec(link)};
    if (message.spec == NULL) {
        return EXIT_WORDS;
    }
    message.slots = link->asked_slots;
    message.near = link->asked_near;
    message.explain = link->asked_explain || words_has(link->words, WORD_EXPLAIN);
    if (!ask_number(link->words, WORD_SLOTS, &message.slots) ||
        !ask_time(link->words, WORD_NEAR, message.spec->zone, &message.near)) {
        return EXIT_WORDS;
    }
    enum entente_code code =
        entente_client_search(link->client, &message, link_patience_ms(link), &result);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    int printed = print_result(link, message.spec, result);
    return printed == EXIT_DONE && result->slots_count == 0 ? EXIT_NO_SLOT : printed;
}

int command_request(int argc, char **argv)
{
    return run_linked(VERB_REQUEST, argc, argv, request);
}

int command_search(int argc, char **argv)
{
    return run_linked(VERB_SEARCH, argc, argv, search);
}
