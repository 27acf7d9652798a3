// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/act.h"

#include "adapters/cli/ask.h"
#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"

#include <stdio.h>
#include <string.h>

enum { SENTENCE_SIZE = 1024 };

bool act_reason(const struct words *words, uint32_t *ret)
{
    const char *text = words_text(words, WORD_BECAUSE);
    if (text != NULL && !term_parse(TERM_REASON, text, ret)) {
        words_complain(words, WORD_BECAUSE, text,
                       _("this code is not known; see --help"));
        return false;
    }
    return true;
}

bool act_substitute(struct link *link, struct entente_party **ret_substitute)
{
    const char *person = words_text(link->words, WORD_SUBSTITUTE);
    const char *guest = words_text(link->words, WORD_SUBSTITUTE_GUEST);
    struct entente_party *party = arena_alloc(&link->arena, sizeof(*party));
    if (party == NULL) {
        return false;
    }
    if (person != NULL && guest != NULL) {
        say_error(link->words->command,
                  _("one person comes instead: either --substitute ID or "
                    "--substitute-guest \"NAME, CONTACT\""));
        return false;
    }
    *ret_substitute = person != NULL || guest != NULL ? party : NULL;
    if (guest != NULL) {
        return ask_guest(link, WORD_SUBSTITUTE_GUEST, guest, party);
    }
    party->kind = ENTENTE_PROFESSIONAL;
    if (person != NULL) {
        party->identifier = link_identifier(link, WORD_SUBSTITUTE, person);
    }
    return person == NULL || party->identifier != NULL;
}

struct entente_identifier *act_meant(const struct entente_actor *actor)
{
    return actor->on_behalf_of != NULL ? actor->on_behalf_of : actor->who;
}

bool act_same(const struct entente_identifier *a, const struct entente_identifier *b)
{
    return a != NULL && b != NULL && strcmp(a->system, b->system) == 0 &&
           strcmp(a->value, b->value) == 0;
}

struct entente_identifier *act_standing(const struct entente_meeting *meeting)
{
    const struct entente_spec *spec = meeting->spec;
    if (spec->organizer != NULL || spec->parties_count == 0) {
        return spec->organizer;
    }
    return spec->parties[0].identifier;
}

/* ---- preview -----------------------------------------------------------------------
 */

static json_t *parties_json(const uint32_t *indices, size_t count,
                            const struct entente_spec *spec)
{
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(json, json_string(summary_party(spec, indices[i])));
    }
    return json;
}

/* How the one is called who would come as the @index-th new party. */
static const char *joined_name(const struct entente_preview_result *result,
                               size_t index)
{
    const struct entente_spec joined = {.parties = result->joined,
                                        .parties_count = result->joined_count};
    return summary_party(&joined, index);
}

static json_t *joined_json(const struct entente_preview_result *result)
{
    json_t *json = json_array();
    for (size_t i = 0; i < result->joined_count; i++) {
        json_array_append_new(json, json_string(joined_name(result, i)));
    }
    return json;
}

static json_t *preview_json(const struct entente_preview_result *result,
                            const struct entente_spec *spec, const char *sentence)
{
    const char *state = term_code(TERM_STATE, result->state);
    json_t *json = json_object();
    if (state != NULL) {
        json_object_set_new(json, "state", json_string(state));
    }
    json_object_set_new(json, "slots",
                        json_slots(result->slots, result->slots_count, spec));
    json_object_set_new(
        json, "asked_again",
        parties_json(result->asked_again, result->asked_again_count, spec));
    json_object_set_new(json, "lost",
                        parties_json(result->lost, result->lost_count, spec));
    json_object_set_new(json, "replaced",
                        parties_json(result->replaced, result->replaced_count, spec));
    json_object_set_new(json, "joined", joined_json(result));
    if (result->code != 0) {
        json_object_set_new(json, "refusal",
                            json_pack("{s:i, s:s, s:s}", "code", (int)result->code,
                                      "name", entente_code_name(result->code),
                                      "sentence", sentence));
    }
    return json_pack("{s:o}", "preview", json);
}

static void print_indices(const char *label, const uint32_t *indices, size_t count,
                          const struct entente_spec *spec)
{
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? label : ", ", stdout);
        text_print(stdout, summary_party(spec, indices[i]));
    }
    fputs(count > 0 ? "\n" : "", stdout);
}

static void print_joined(const struct entente_preview_result *result,
                         const struct entente_spec *spec)
{
    for (size_t i = 0; i < result->joined_count; i++) {
        fputs(i == 0 ? _("Would come: ") : ", ", stdout);
        text_print(stdout, joined_name(result, i));
        if (result->joined[i].replaces != 0) {
            fputs(_(" in the place of "), stdout);
            text_print(stdout, summary_party(spec, result->joined[i].replaces - 1));
        }
    }
    fputs(result->joined_count > 0 ? "\n" : "", stdout);
}

static void print_preview(const struct entente_preview_result *result,
                          const struct entente_spec *spec, const char *sentence)
{
    fputs(_("Nothing has been changed.\n"), stdout);
    if (result->code != 0) {
        fputs(_("It would be refused: "), stdout);
        text_print(stdout, sentence);
        printf(" (%s, %u)\n", entente_code_name(result->code), (unsigned)result->code);
    }
    if (result->state != 0) {
        printf(_("The meeting would be %s.\n"), term_text(TERM_STATE, result->state));
    }
    if (result->slots_count > 0) {
        /* Where the organizer decides, or it is refused, nothing is proposed yet. */
        bool proposed =
            result->state == ENTENTE_PROPOSED || result->state == ENTENTE_MOVING;
        fputs(proposed && result->code == 0 ? _("Times that would be proposed:\n")
                                            : _("Times that would suit everybody:\n"),
              stdout);
        summary_print_slots(stdout, result->slots, result->slots_count, spec);
    }
    print_joined(result, spec);
    print_indices(_("Asked again: "), result->asked_again, result->asked_again_count,
                  spec);
    print_indices(_("Would not come any more: "), result->lost, result->lost_count,
                  spec);
}

int act_preview(struct link *link, const struct entente_preview *preview,
                const struct entente_meeting *meeting)
{
    char sentence[SENTENCE_SIZE] = "";
    const struct entente_preview_result *result = NULL;
    enum entente_code code =
        entente_client_preview(link->client, preview, link_patience_ms(link), &result);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    if (result->code != 0) {
        const struct entente_error refusal = {.code = result->code,
                                              .parameters = result->parameters,
                                              .parameters_count =
                                                  result->parameters_count,
                                              .sentence = result->sentence};
        say_sentence(&refusal, sentence, sizeof(sentence));
    }
    int printed = EXIT_DONE;
    if (link->json) {
        printed = json_print(preview_json(result, meeting->spec, sentence));
    } else {
        print_preview(result, meeting->spec, sentence);
    }
    return result->code != 0 ? EXIT_FAILED : printed;
}
