// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/say.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/text.h"
#include "proto/errors.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

enum { SENTENCE_SIZE = 1024 };

void say_error(const char *command, const char *format, ...)
{
    char text[SENTENCE_SIZE];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    fprintf(stderr, "entente %s: ", command);
    text_print(stderr, text);
    fputc('\n', stderr);
}

void say_sentence(const struct entente_error *error, char *ret, size_t size)
{
    if (error_retry(error->code) == 0) {
        /* A newer broker's: its own words are better than none. */
        snprintf(ret, size, "%s", error->sentence == NULL ? "" : error->sentence);
        return;
    }
    error_sentence(error->code, gettext(error_template(error->code)), error->parameters,
                   error->parameters_count, ret, size);
}

static void print_json(unsigned code, const struct entente_error *refusal,
                       const char *sentence)
{
    json_t *parameters = json_array();
    for (size_t i = 0; refusal != NULL && i < refusal->parameters_count; i++) {
        json_array_append_new(parameters, json_string(refusal->parameters[i]));
    }
    json_t *error = json_pack("{s:i, s:s, s:o, s:s}", "code", (int)code, "name",
                              entente_code_name(code), "parameters", parameters,
                              "sentence", sentence);
    if (refusal != NULL && refusal->meeting != NULL) {
        json_object_set_new(error, "meeting", json_meeting(refusal->meeting));
    }
    json_print(json_pack("{s:o}", "error", error));
}

int say_failure(const char *command, struct entente_client *client,
                enum entente_code code, bool json)
{
    char sentence[SENTENCE_SIZE];
    const struct entente_error *refusal = entente_client_refusal(client);
    if (refusal != NULL) {
        say_sentence(refusal, sentence, sizeof(sentence));
    } else {
        snprintf(sentence, sizeof(sentence), "%s", entente_client_sentence(client));
    }
    if (json) {
        print_json(code, refusal, sentence);
    } else {
        say_error(command, "%s (%s, %u)", sentence, entente_code_name(code),
                  (unsigned)code);
    }
    return EXIT_FAILED;
}
